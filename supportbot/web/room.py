"""What every view works with: the `Console`, the person signed in, the form posted; and the checks before any view."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, HTTPException, Path, Request

from supportbot.clock import Clock
from supportbot.errors import StoreError, StoreRefusal, SupportbotError
from supportbot.store import ScopedStore, Store, Transaction, UserRow
from supportbot.web.actions import DeskActions
from supportbot.web.language import say
from supportbot.web.pages import Pages, cookie_name
from supportbot.web.sessions import Session, Sessions, SignInBrake
from supportbot.web.vault import Vault

LARGEST_FORM = 512_000  # octets; the longest mail a reviewer writes is far below
MOST_FIELDS = 80
ASKED_BY_SCRIPTS = frozenset({"/counts", "/events"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

# What each role may do. Issuing money also needs a second person, which the store enforces, not the role.
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset(),
    "reviewer": frozenset({"review", "enter"}),
    "approver": frozenset({"review", "enter", "issue"}),
    "admin": frozenset({"review", "enter", "issue", "admin"}),
}


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more."""


class MustEnrol(Exception):
    """The person's role needs a second factor, and they have none yet."""


@dataclass(frozen=True, slots=True)
class Console:
    """The console's parts, handed to every view."""

    store: Store
    desk: DeskActions
    pages: Pages
    sessions: Sessions
    brake: SignInBrake
    vault: Vault
    clock: Clock
    demo_users: Sequence[str]
    closing: threading.Event


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    role: str
    session: Session
    seller_id: str | None = None
    """Whose cases alone the person sees; None for the team."""
    allowed: frozenset[str] | None = None
    """What the token in use allows; None where no token limits it."""
    must_enrol: bool = False

    def may(self, permission: str) -> bool:
        """Whether the person's role allows "review", "enter", "issue" or "admin"; a seller's user may look and no more."""
        if self.seller_id is not None or (self.allowed is not None and permission not in self.allowed):
            return False
        return permission in ROLES.get(self.role, frozenset())


@dataclass(frozen=True, slots=True)
class Posting:
    """A form that passed the checks: a person signed in, this site's own page, this session's token."""

    person: Person
    form: Mapping[str, str]

    def text(self, name: str) -> str:
        """A field's text with the line ends that mail bodies use; "" where it is missing."""
        return self.form.get(name, "").replace("\r\n", "\n")


def whole_console(request: Request) -> Console:
    """The console that serves this request, over everybody's cases: for the doors, and for what every person may."""
    console: Console = request.app.state.console
    return console


def by_cookie(request: Request, console: Console) -> Person | None:
    """The person of the session cookie; an account that was disabled meanwhile counts as nobody."""
    secret = request.cookies.get(cookie_name(request))
    if not secret:
        return None
    with console.store.snapshot() as tx:
        session = console.sessions.read(tx, secret)
        user = tx.user(session.name) if session is not None else None
        if session is None or user is None or user.disabled:
            return None
        must_enrol = lacks_factor(tx, user, console, request.app.state.doors)
    if request.url.path not in ASKED_BY_SCRIPTS:  # a page left open is nobody at work
        console.sessions.touch(session)
    return Person(user.name, user.role, session, user.seller_id, must_enrol=must_enrol)


def lacks_factor(tx: Transaction, user: UserRow, console: Console, doors: Any) -> bool:
    """Whether the person's role needs a second factor, and they have none yet; whom a provider vouches for needs none here."""
    if user.role not in doors.second_factor_roles or user.name in console.demo_users or tx.password_hash(user.name) is None:
        return False
    factor = tx.second_factor(user.name)
    return factor is None or factor.confirmed_at is None


def person_of(request: Request) -> Person | None:
    """Who asks; found out once for each request. How depends on the door: `recognise` of the application."""
    if not hasattr(request.state, "person"):
        request.state.person = request.app.state.recognise(request, whole_console(request))
    found: Person | None = request.state.person
    return found


def signed_in(request: Request) -> Person:
    """The person signed in. Raises `NotSignedIn`."""
    person = person_of(request)
    if person is None:
        raise NotSignedIn
    return person


def console_of(request: Request) -> Console:
    """The console as the asking person may see it: for a seller's user, over that seller's cases alone and without effects."""
    console, person = whole_console(request), person_of(request)
    if person is None or person.seller_id is None:
        return console
    own = ScopedStore(console.store, person.seller_id, person.name)
    return replace(console, store=own, desk=cast(DeskActions, _NoEffects()))


class _NoEffects:
    """The desk of who may only look."""

    def __getattr__(self, _name: str) -> Any:
        raise HTTPException(403, say("A seller's user may look, but not do this."))


async def form_of(request: Request) -> Mapping[str, str]:
    """The form posted from one of this console's own pages. Refuses other origins (ASVS 3.5), other types and large bodies."""
    if not from_here(request):
        raise HTTPException(
            403, say("This form was not sent from a page of this console, so nothing was done. Open the page again and retry.")
        )
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415, say("The console takes plain forms only."))
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, say("The form is too large."))
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise HTTPException(400, say("The form could not be read.")) from error


async def posting(
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Mapping[str, str], Depends(form_of)],
    console: Annotated[Console, Depends(whole_console)],
) -> Posting:
    """A form of the person signed in. Refuses one without this session's token."""
    if not console.sessions.csrf_fits(person.session, form.get("csrf", "")):
        raise HTTPException(
            403, say("This page belongs to an earlier sign-in, so nothing was done. Open the page again and retry.")
        )
    return Posting(person, form)


def require(person: Person, permission: str) -> None:
    """Refuse what a person's role does not allow."""
    if not person.may(permission):
        raise HTTPException(403, say("Your role (%(role)s) may look, but not do this.", role=person.role))


def sentence_of(error: SupportbotError) -> str:
    """A refusal as a sentence."""
    return f"{str(error)[:1].upper()}{str(error)[1:]}."


def status_of(error: SupportbotError) -> int:
    """What a page answers with a refusal: 503 where trying again may help, as the database failed; else 409."""
    return 503 if isinstance(error, StoreError) and not isinstance(error, StoreRefusal) else 409


def from_here(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of this very host and port (RFC 6454 Origin)."""
    origin = urlsplit(request.headers.get("origin", ""))
    site = request.headers.get("sec-fetch-site", "same-origin")
    return bool(origin.netloc) and origin.netloc == request.headers.get("host") and site == "same-origin"


def safe_path(target: str) -> str:
    """Where to go after signing in: a path of this console, else the queue (ASVS 3.7.2)."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if plain else "/"


Number = Annotated[int, Path(ge=1, le=2**53)]
"""A number in an address, as the database could have given it; any other is not there."""
TheConsole = Annotated[Console, Depends(console_of)]
WholeConsole = Annotated[Console, Depends(whole_console)]
SignedIn = Annotated[Person, Depends(signed_in)]
Form = Annotated[Mapping[str, str], Depends(form_of)]
Posted = Annotated[Posting, Depends(posting)]
