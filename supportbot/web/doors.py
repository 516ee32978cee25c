"""How people come in: what is asked of them, the session that begins, and who is asking (a cookie here, a token at the API)."""

from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import Request, Response

from supportbot.ports import IdentityProvider
from supportbot.settings import OpenIdSettings
from supportbot.store import UserRow
from supportbot.web.pages import cookie_name, write_cookie
from supportbot.web.room import Console, safe_path

SECOND_STEP_LASTS = timedelta(minutes=5)
_SECOND = "second step"


@dataclass(frozen=True, slots=True)
class Doors:
    """What is configured about coming in. `address`: how browsers reach the console, where a proxy stands before it."""

    second_factor_roles: frozenset[str] = frozenset()
    address: str = ""
    openid: OpenIdSettings = field(default_factory=OpenIdSettings)
    provider: IdentityProvider | None = None


def openid_label(request: Request) -> str:
    """What the button for the identity provider says it signs in with; "" where there is none."""
    doors: Doors = request.app.state.doors
    return doors.openid.label if doors.provider is not None else ""


def begin(request: Request, console: Console, name: str, target: str, *, by: str = "password") -> Response:
    """The session of a person who has proved who they are. Whatever session the browser had before is over (ASVS 7.2.4)."""
    secret = console.sessions.begin(
        name, by=by, browser=request.headers.get("user-agent", ""), earlier=request.cookies.get(cookie_name(request))
    )
    answer = console.pages.redirect(request, safe_path(target))
    write_cookie(request, answer, secret)
    forget(request, answer, "second")
    return answer


def after_password(request: Request, console: Console, user: UserRow, target: str) -> Response:
    """In, or on to the second step where the person has a second factor."""
    with console.store.snapshot() as tx:
        factor = tx.second_factor(user.name)
    if factor is None or factor.confirmed_at is None:
        return begin(request, console, user.name, target)
    answer = console.pages.redirect(request, "/login/second")
    sealed = console.vault.seal_words(_SECOND, {"name": user.name, "target": safe_path(target)}, SECOND_STEP_LASTS)
    keep(request, answer, "second", sealed, SECOND_STEP_LASTS)
    return answer


def second_step(request: Request, console: Console) -> tuple[str, str] | None:
    """Who has given the right password in this browser within the last minutes, and where they wanted to go."""
    said = console.vault.open_words(_SECOND, request.cookies.get(kept_name(request, "second")))
    return None if said is None else (said["name"], said["target"])


def kept_name(request: Request, what: str) -> str:
    """The name of a short-lived cookie."""
    return f"{cookie_name(request)}-{what}"


def keep(request: Request, answer: Response, what: str, sealed: str, lasts: timedelta) -> None:
    """Let the browser keep sealed words for a while."""
    answer.set_cookie(
        kept_name(request, what),
        sealed,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def forget(request: Request, answer: Response, what: str) -> None:
    """Let the browser forget them, where it has any."""
    if kept_name(request, what) in request.cookies:
        answer.delete_cookie(
            kept_name(request, what), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
        )
