"""Pages: Jinja2, always escaping and with no undefined name; the security headers; the session cookie."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportbot.clock import Clock
from supportbot.web import language, words
from supportbot.web.evidence import visible, visible_line
from supportbot.web.sessions import ABSOLUTE_TIMEOUT

HERE = Path(__file__).parent

# `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with our own forms, which would
# take the Origin check away (Fetch standard, "append a request Origin header"). Nothing is told to other sites either way.
SECURITY_HEADERS: tuple[tuple[str, str], ...] = (
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)


def headers_for(scope: Scope) -> dict[str, str]:
    """The headers of an answer: pages are never stored; static files are checked each time, as a release may change them."""
    caching = "no-cache" if scope["path"].startswith("/static/") else "no-store"
    transport = {"strict-transport-security": "max-age=31536000"} if scope.get("scheme") == "https" else {}
    return {**dict(SECURITY_HEADERS), "cache-control": caching, **transport}


class SecurityHeaders:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add headers to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = ((name.encode(), value.encode()) for name, value in headers_for(scope).items())
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Pages:
    """Renders pages for a team."""

    def __init__(self, team_name: str, clock: Clock) -> None:
        self.team_name = team_name
        self._clock = clock
        self._jinja = Environment(
            loader=FileSystemLoader(HERE / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._jinja.install_gettext_callables(language.shown, language.counted, newstyle=True)  # type: ignore[attr-defined]
        self._jinja.filters |= {
            "visible": visible,
            "visible_line": visible_line,
            "age": lambda at: words.age(at, clock.now()),
            "is_now": lambda at: abs(clock.now() - at) < timedelta(minutes=1),
            "stamp": _stamp,
            "browser": words.browser_name,
            "kind": words.kind_name,
            "action": words.action_name,
            "ticket": words.ticket_name,
            "reason": words.reason,
            "waits_for": words.waits_for,
            "status": words.status_name,
            "close_reason": words.close_reason,
            "verdict": words.verdict_name,
            "marketplace": words.marketplace_name,
            "fact": words.fact_name,
            "money": words.money,
        }
        self._jinja.globals |= {
            "spoken": language.NAMES,
            "snoozes": words.SNOOZES,
            "ticket_title": words.ticket_title,
            "step_name": words.step_name,
            "team_name": team_name,
            "person": None,
            "csrf": "",
            "counts": None,
            "problem": "",
            "handling": None,
        }

    def render(self, request: Request, page: str, *, status: int = 200, **context: Any) -> Response:
        """A page."""
        html = self._jinja.get_template(page).render(
            now=self._clock.now(), path=request.url.path, back=_back(request, status), language=language.language(), **context
        )
        return HTMLResponse(html, status_code=status)

    def redirect(self, request: Request, path: str) -> Response:
        """The answer to a form that did something: look at `path` (a path of ours, never one that was sent to us)."""
        return RedirectResponse(path, status_code=303)


def _back(request: Request, status: int) -> str:
    """The address of the page that is shown, for a form that comes back to it; the queue after a form or a refusal."""
    if request.method != "GET" or status >= 400:
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def cookie_name(request: Request) -> str:
    """The session cookie's name: bound to this host where the connection is encrypted (RFC 6265bis `__Host-`)."""
    return "__Host-supportbot" if request.url.scheme == "https" else "supportbot"


def write_cookie(request: Request, response: Response, token: str) -> None:
    """Hand the session token to the browser, for no script to read and no other site to use (ASVS 3.3)."""
    encrypted = request.url.scheme == "https"
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(ABSOLUTE_TIMEOUT.total_seconds()),
        path="/",
        secure=encrypted,
        httponly=True,
        samesite="lax",
    )


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
