"""Puts the console together: views, static files, the headers on every answer, and a page for everything that goes wrong."""

import threading
from collections.abc import Sequence
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as AnyHttpError
from starlette.types import ASGIApp, Receive, Scope, Send

from supportbot.clock import Clock, SystemClock
from supportbot.errors import StoreError, StoreRefusal
from supportbot.store import Store
from supportbot.web import (
    account,
    bulk,
    cases,
    corrections,
    drafts,
    first,
    handling,
    live,
    login,
    money,
    openid,
    overview,
    preferences,
    quarantine,
    queue,
    rules,
    second,
    threads,
    vitals,
    watch,
)
from supportbot.web.actions import DeskActions
from supportbot.web.api import create_api
from supportbot.web.doors import Doors
from supportbot.web.factor import seal_factors
from supportbot.web.language import Languages, marked, say, translated
from supportbot.web.live import Pulse
from supportbot.web.pages import HERE, Pages, SecurityHeaders, headers_for
from supportbot.web.presence import Presence
from supportbot.web.room import ASKED_BY_SCRIPTS, LOOPBACK_NAMES, Console, MustEnrol, NotSignedIn, by_cookie
from supportbot.web.routes import ROUTES, RecordViews, guard
from supportbot.web.sessions import Sessions, SignInBrake
from supportbot.web.vault import Vault
from supportbot.web.workshop import Workshop

VIEWS = (
    queue,
    bulk,
    drafts,
    handling,
    corrections,
    threads,
    cases,
    money,
    overview,
    rules,
    quarantine,
    login,
    live,
    vitals,
    first,
    second,
    openid,
    account,
    watch,
    preferences,
)
_SENTENCES = {
    404: marked("There is nothing at this address. It may have been replaced by something newer."),
    405: marked("This address takes forms of the console only."),
    500: marked("Something went wrong that should not have. It is in the log, and nothing was half done."),
}


def create_console(
    store: Store,
    desk: DeskActions,
    *,
    team_name: str,
    secret: bytes,
    demo_users: Sequence[str] = (),
    clock: Clock | None = None,
    doors: Doors | None = None,
    workshop: Workshop | None = None,
    pulse: vitals.Pulse = lambda: vitals.Vitals({}, {}, {}),
) -> FastAPI:
    """The console as an ASGI application.

    `secret` (at least 32 octets, the same for all consoles of a database, and kept outside it) seals second factors.
    With `demo_users` those people sign in without a password, the missing ones are made approvers, and the console answers on
    loopback names only, so that no page of another site can reach it (DNS rebinding). Without a `workshop` nothing is corrected
    or tried.
    """
    clock = clock or SystemClock()
    vault = Vault(secret, clock)
    seal_factors(store, vault)
    _make_demo_users(store, demo_users)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = Console(
        store=store,
        desk=desk,
        pages=Pages(team_name, clock),
        sessions=Sessions(store, clock),
        brake=SignInBrake(store, clock),
        vault=vault,
        clock=clock,
        demo_users=tuple(demo_users),
        closing=threading.Event(),
    )
    app.state.doors = doors or Doors()
    app.state.recognise = by_cookie
    app.state.routes = ROUTES
    app.state.pulse = Pulse()
    app.state.presence = Presence(clock)
    app.state.vitals = pulse
    app.state.workshop = workshop
    for view in VIEWS:
        app.include_router(view.router, dependencies=[Depends(guard)])
    app.mount("/api", create_api(app))
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    if demo_users:
        app.add_middleware(LoopbackOnly, console=app)
    app.add_middleware(RecordViews)
    app.add_middleware(Languages)
    app.add_middleware(SecurityHeaders)
    _answer_errors(app)
    return app


def _make_demo_users(store: Store, names: Sequence[str]) -> None:
    if not names:
        return
    with store.transaction() as tx:
        for name in names:
            if tx.user(name) is None:
                tx.add_user(name, "approver")


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(NotSignedIn)
    def ask_to_sign_in(request: Request, _error: NotSignedIn) -> Response:
        console: Console = request.app.state.console
        if request.url.path in ASKED_BY_SCRIPTS:
            return JSONResponse({"status": "nobody is signed in"}, status_code=401)
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = asked if request.method == "GET" else "/"
        return console.pages.redirect(request, f"/login?next={quote(target, safe='/')}" if target != "/" else "/login")

    @app.exception_handler(MustEnrol)
    def ask_to_enrol(request: Request, _error: MustEnrol) -> Response:
        console: Console = request.app.state.console
        if request.url.path in ASKED_BY_SCRIPTS:
            return JSONResponse({"status": "a second factor is missing"}, status_code=403)
        return console.pages.redirect(request, "/account")

    @app.exception_handler(AnyHttpError)
    def refuse(request: Request, error: HTTPException) -> Response:
        generic = error.detail in {"Not Found", "Method Not Allowed"}
        return _error_page(request, error.status_code, "" if generic else str(error.detail))

    @app.exception_handler(RequestValidationError)
    def not_found(request: Request, _error: RequestValidationError) -> Response:
        return _error_page(request, 404)

    @app.exception_handler(StoreError)
    def store_failed(request: Request, error: StoreError) -> Response:
        return _error_page(
            request,
            503,
            say("The database could not be used: %(error)s. Nothing was changed; try again in a moment.", error=error),
        )

    @app.exception_handler(StoreRefusal)
    def forbidden_by_a_guard(request: Request, error: StoreRefusal) -> Response:
        return _error_page(
            request, 409, say("%(error)s. Nothing was changed.", error=f"{str(error)[:1].upper()}{str(error)[1:]}")
        )

    @app.exception_handler(Exception)
    def surprise(request: Request, _error: Exception) -> Response:
        answer = _error_page(request, 500)  # made outside all middleware, so it brings its headers itself
        answer.headers.update(headers_for(request.scope))
        return answer


def _error_page(request: Request, status: int, sentence: str = "") -> Response:
    console: Console = request.app.state.console
    return console.pages.render(
        request,
        "error.html",
        status=status,
        code=status,
        sentence=sentence or translated(_SENTENCES.get(status, marked("This was refused."))),
    )


class LoopbackOnly:
    """Answers requests that name this machine by a loopback name, and refuses all others."""

    def __init__(self, app: ASGIApp, console: FastAPI) -> None:
        self._app = app
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and Request(scope).url.hostname not in LOOPBACK_NAMES:
            scope["app"] = self._console
            refusal = _error_page(
                Request(scope), 421, say("The demo answers on this machine only. Open it as http://localhost.")
            )
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)
