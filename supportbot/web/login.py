"""Signing in and out."""

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.web.doors import after_password, begin, openid_label
from supportbot.web.language import say
from supportbot.web.pages import cookie_name
from supportbot.web.passwords import password_fits
from supportbot.web.room import Console, Form, Posted, WholeConsole, safe_path

router = APIRouter()


@router.get("/login")
def page(request: Request, console: WholeConsole, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """The sign-in page; in the demo it offers its sample people."""
    return _page(request, console, safe_path(next))


@router.post("/login")
def sign_in(request: Request, console: WholeConsole, form: Form) -> Response:
    """Sign in with name and password."""
    name, target = form.get("name", "").strip(), safe_path(form.get("next", "/"))
    address = request.client.host if request.client else ""
    if wait := console.brake.take(name, address):
        minutes = (wait + 59) // 60
        answer = _page(
            request,
            console,
            target,
            status=429,
            problem=say("Too many tries. Wait %(minutes)s min, then try again.", minutes=minutes),
        )
        answer.headers["retry-after"] = str(wait)
        return answer
    with console.store.snapshot() as tx:
        user, stored = tx.user(name), tx.password_hash(name)
    fits = password_fits(stored, form.get("password", ""))
    if not fits or user is None or user.disabled:
        return _page(request, console, target, status=401, problem=say("Name and password do not belong together."))
    console.brake.succeeded(name, address)
    return after_password(request, console, user, target)


@router.post("/login/demo")
def sign_in_as_sample_person(request: Request, console: WholeConsole, form: Form) -> Response:
    """Continue as one of the demo's people, without a password; there is no such door outside the demo."""
    name = form.get("name", "")
    if name not in console.demo_users:
        raise HTTPException(404)
    return begin(request, console, name, safe_path(form.get("next", "/")), by="demo")


@router.post("/logout")
def sign_out(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """Sign out: the session ends here, not only in this browser."""
    console.sessions.end(posted.person.session)
    answer = console.pages.redirect(request, "/login")
    answer.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


def _page(request: Request, console: Console, target: str, *, status: int = 200, problem: str = "") -> Response:
    return console.pages.render(
        request,
        "login.html",
        status=status,
        problem=problem,
        target=target,
        demo_users=console.demo_users,
        provider=openid_label(request),
    )
