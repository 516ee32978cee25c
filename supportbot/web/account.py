"""A person's own account: the second factor with its recovery codes, and the tokens for the API."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from supportbot.errors import UsageError
from supportbot.store import SCOPES
from supportbot.web.factor import address_of, new_recovery_codes, new_secret, opened, picture, sealed, step_of
from supportbot.web.language import say
from supportbot.web.queue import counts_of
from supportbot.web.room import Console, Person, Posted, SignedIn, WholeConsole, console_of
from supportbot.web.second import check_code

router = APIRouter()

DAYS = (7, 30, 90, 365)


@router.get("/account")
def show(request: Request, console: WholeConsole, person: SignedIn) -> Response:
    """The account."""
    return _page(request, console, person)


@router.post("/account/second-factor")
def propose(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """Show a new secret; it is in force once a code of it was typed."""
    name, secret = posted.person.name, new_secret()
    try:
        with console.store.transaction() as tx:
            tx.propose_second_factor(name, sealed(console, name, secret))
    except UsageError as error:
        return _page(request, console, posted.person, problem=str(error))
    return _page(request, console, posted.person, secret=secret)


@router.post("/account/second-factor/confirm")
def confirm(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """Put the secret in force, and show the recovery codes once."""
    name = posted.person.name
    place = f"second factor of {name}"
    if console.brake.take(name, place):
        return _page(request, console, posted.person, problem=say("Too many tries; wait a quarter of an hour."))
    codes = new_recovery_codes()
    try:
        with console.store.transaction() as tx:
            factor = tx.proposed_second_factor(name)
            secret = opened(console, factor)
            step = step_of(secret, posted.text("code"), console.clock.now())
            if step is not None:
                tx.confirm_second_factor(name, step, codes)
                tx.end_sessions(name, by=name, but=posted.person.session.id)  # those were begun with the password alone
    except UsageError as error:
        return _page(request, console, posted.person, problem=str(error))
    if step is None:
        problem = say("This code does not fit. Does the clock of your phone run right?")
        return _page(request, console, posted.person, secret=secret, problem=problem)
    console.brake.succeeded(name, place)
    return _page(request, console, posted.person, recovery=codes)


@router.post("/account/second-factor/remove")
def remove(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """Take the second factor away, with a code of it."""
    name = posted.person.name
    if problem := check_code(console, name, posted.text("code")):
        return _page(request, console, posted.person, problem=problem.words)
    with console.store.transaction() as tx:
        tx.remove_second_factor(name, by=name)
    return console.pages.redirect(request, "/account")


@router.post("/account/recovery-codes")
def renew_codes(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """New recovery codes in place of the old ones, with a code of the app."""
    name, codes = posted.person.name, new_recovery_codes()
    if problem := check_code(console, name, posted.text("code")):
        return _page(request, console, posted.person, problem=problem.words)
    with console.store.transaction() as tx:
        tx.set_recovery_codes(name, codes)
    return _page(request, console, posted.person, recovery=codes)


@router.post("/account/tokens")
def add_token(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """A new token for the API, shown once."""
    scopes = [scope for scope in SCOPES if posted.text(f"scope:{scope}")]
    days = int(posted.text("days")) if posted.text("days") in {str(days) for days in DAYS} else DAYS[0]
    name = posted.person.name
    try:
        with console.store.transaction() as tx:
            _row, secret = tx.add_token(name, posted.text("label"), scopes, days, by=name)
    except UsageError as error:
        return _page(request, console, posted.person, problem=str(error))
    return _page(request, console, posted.person, token=secret)


@router.post("/account/tokens/revoke")
def revoke_token(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """Revoke one of the person's own tokens."""
    name = posted.person.name
    try:
        with console.store.transaction() as tx:
            tx.revoke_token(posted.text("token"), by=name, owner=name)
    except UsageError as error:
        return _page(request, console, posted.person, problem=str(error))
    return console.pages.redirect(request, "/account")


@router.post("/account/sessions/end")
def end_session(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """End one of the person's own sessions."""
    with console.store.transaction() as tx:
        tx.end_session(posted.text("session"), name=posted.person.name)
    return console.pages.redirect(request, "/account")


@router.post("/account/sessions/end-all")
def sign_out_everywhere(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """End every session of the person, this one as well."""
    with console.store.transaction() as tx:
        tx.end_sessions(posted.person.name, by=posted.person.name)
    return console.pages.redirect(request, "/login")


def _page(
    request: Request,
    console: Console,
    person: Person,
    *,
    problem: str = "",
    secret: str = "",
    recovery: Sequence[str] = (),
    token: str = "",
) -> Response:
    with console.store.snapshot() as tx:
        factor = tx.second_factor(person.name)
        context: dict[str, Any] = {
            "factor": factor if factor is not None and factor.confirmed_at is not None else None,
            "codes_left": tx.recovery_codes_left(person.name),
            "tokens": tx.tokens(person.name),
            "by_password": tx.password_hash(person.name) is not None,
            "sessions": [row for row in tx.sessions_of(person.name) if console.sessions.is_fresh(row)],
        }
    with console_of(request).store.snapshot() as tx:
        counts = counts_of(tx, person)
    address = address_of(secret, person.name, console.pages.team_name) if secret else ""
    return console.pages.render(
        request,
        "account.html",
        status=409 if problem else 200,
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts=counts,
        problem=problem,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        address=address,
        picture=picture(address) if address else "",
        recovery=recovery,
        new_token=token,
        scopes=SCOPES,
        days=DAYS,
        **context,
    )
