"""The first administrator: made by whoever holds the link that the first start prints. There is no default password."""

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import UsageError
from supportbot.web.doors import begin
from supportbot.web.language import marked, say, translated
from supportbot.web.passwords import hash_password
from supportbot.web.room import Console, Form, WholeConsole, sentence_of

router = APIRouter()

_GONE = marked(
    "This link was used, or is too old. Restart supportbot where it runs: it prints a new one while nobody can sign in."
)
_BRAKE = "first link"


@router.get("/first/{token}")
def page(request: Request, console: WholeConsole, token: str) -> Response:
    """Asks for a name and a password."""
    return _page(request, console, token, "", "")


@router.post("/first/{token}")
def make(request: Request, console: WholeConsole, form: Form, token: str) -> Response:
    """Make the administrator, and sign them in."""
    name, password = form.get("name", "").strip(), form.get("password", "")
    _check(request, console, token)
    try:
        hashed = _hashed(password, form.get("again", ""))
        with console.store.transaction() as tx:
            tx.use_first_link(token, name, hashed)
    except UsageError as error:
        return _page(request, console, token, name, sentence_of(error))
    return begin(request, console, name, "/account", by="first link")


def _hashed(password: str, again: str) -> str:
    if password != again:
        raise UsageError("the two passwords differ")
    return hash_password(password)


def _check(request: Request, console: Console, token: str) -> None:
    """Refuse a link that opens nothing; whoever tries many has to wait."""
    address = request.client.host if request.client else ""
    with console.store.snapshot() as tx:
        opens = tx.first_link_opens(token)
    if not opens:
        if wait := console.brake.take(_BRAKE, address):
            raise HTTPException(
                429,
                say("Too many tries. Wait %(minutes)s min, then try again.", minutes=(wait + 59) // 60),
                {"retry-after": str(wait)},
            )
        raise HTTPException(404, translated(_GONE))


def _page(request: Request, console: Console, token: str, name: str, problem: str) -> Response:
    _check(request, console, token)
    return console.pages.render(request, "first.html", status=400 if problem else 200, name=name, problem=problem)
