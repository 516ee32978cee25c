"""A case from its first mail to its last, and one mail with its evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import StoreError, SupportbotError, UsageError
from supportbot.store import Transaction
from supportbot.web.actions import HoldOutcome
from supportbot.web.drafts import orders_of_draft
from supportbot.web.mailview import view_message
from supportbot.web.orderview import view_order
from supportbot.web.queue import LONGEST_TAB, TABS, counts_of
from supportbot.web.room import Console, Person, Posted, Posting, SignedIn, TheConsole, require

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened in a case; `row` is the mail, draft, event or ticket itself."""

    at: datetime
    what: Literal["mail", "draft", "event", "ticket"]
    row: Any


def steps_of(tx: Transaction, case_id: str) -> list[Step]:
    """Everything that happened in a case, oldest first; a mail stands where it first moved the case.

    The time a mailbox gives is exact to the second only, so it cannot tell what came before what in a lively case.
    """
    events = tx.case_events(case_id)
    moved = {event.message_id: event.at for event in reversed(events) if event.message_id is not None}
    mails = tx.messages(case_id=case_id, limit=LONGEST_TAB)
    steps = [Step(moved.get(row.id, row.received), "mail", view_message(row)) for row in mails]
    steps += [Step(draft.created_at, "draft", draft) for draft in tx.drafts(state=None, case_id=case_id, limit=LONGEST_TAB)]
    steps += [Step(event.at, "event", event) for event in events]
    steps += [Step(ticket.opened_at, "ticket", ticket) for ticket in tx.tickets(case_id=case_id, limit=LONGEST_TAB)]
    return sorted(steps, key=lambda step: step.at)


@router.get("/cases")
def cases(request: Request, console: TheConsole, person: SignedIn) -> Response:
    """The open cases."""
    with console.store.snapshot() as tx:
        rows = tx.cases(open_only=True, limit=LONGEST_TAB)
        counts = counts_of(tx, person)
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, "cases.html", person=person, csrf=csrf, counts=counts, cases=rows)


@router.get("/cases/{case_id}")
def case(request: Request, console: TheConsole, person: SignedIn, case_id: str) -> Response:
    """One case: its order, its timers, its memo, its next step, and what happened so far."""
    return _page(request, console, person, case_id)


def _refused(request: Request, console: Console, posted: Posting, case_id: str, error: SupportbotError) -> Response:
    status = 503 if isinstance(error, StoreError) else 409
    typed = posted.text("reason")
    return _page(request, console, posted.person, case_id, status=status, problem=str(error), typed_reason=typed)


def _page(
    request: Request,
    console: Console,
    person: Person,
    case_id: str,
    *,
    status: int = 200,
    problem: str = "",
    typed_reason: str = "",
) -> Response:
    with console.store.snapshot() as tx:
        row = tx.case(case_id)
        if row is None:
            raise HTTPException(404)
        context: dict[str, Any] = {
            "case": row,
            "steps": steps_of(tx, case_id),
            "orders": [view_order(tx.order(row.order_key).order)],
            "timers": [timer for timer in tx.timers(case_id) if timer.state == "set"],
            "memo": tx.memo(case_id=case_id),
            "counts": counts_of(tx, person),
        }
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(
        request,
        "case.html",
        status=status,
        person=person,
        csrf=csrf,
        problem=problem,
        typed_reason=typed_reason,
        **context,
    )


@router.post("/cases/{case_id}/confirm-proof")
def confirm_proof(request: Request, console: TheConsole, posted: Posted, case_id: str) -> Response:
    """Confirm the buyer's answer in our own mailbox, so that the seller need not send the chain."""
    require(posted.person, "enter")
    try:
        console.desk.confirm_direct_proof(case_id, by=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, case_id, error)
    with console.store.snapshot() as tx:
        memo = tx.memo(case_id=case_id)
    return console.pages.redirect(request, f"/tickets/{memo.ticket_id}" if memo else f"/cases/{case_id}")


@router.post("/cases/{case_id}/resolve")
def resolve(request: Request, console: TheConsole, posted: Posted, case_id: str) -> Response:
    """End a hold, with a reason."""
    require(posted.person, "review")
    outcome = posted.text("outcome")
    reason = posted.text("reason").strip()
    try:
        if outcome not in get_args(HoldOutcome):
            raise UsageError("say how the case goes on")
        if not reason:
            raise UsageError("a hold ends with a reason; it is kept in the case")
        console.desk.resolve_hold(case_id, outcome=cast(HoldOutcome, outcome), by=posted.person.name, reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, case_id, error)
    return console.pages.redirect(request, f"/cases/{case_id}")


@router.get("/messages/{message_id}")
def message(request: Request, console: TheConsole, person: SignedIn, message_id: int) -> Response:
    """One mail with its evidence and what became of it."""
    return _message_page(request, console, person, message_id)


@router.post("/messages/{message_id}/handled")
def handled(request: Request, console: TheConsole, posted: Posted, message_id: int) -> Response:
    """Take a mail off the list of those to be read, then go on with the list."""
    require(posted.person, "review")
    with console.store.snapshot() as tx:
        if tx.message(message_id) is None:
            raise HTTPException(404)
    try:
        console.desk.mark_handled(message_id, by=posted.person.name)
    except SupportbotError as error:
        status = 503 if isinstance(error, StoreError) else 409
        return _message_page(request, console, posted.person, message_id, status=status, problem=str(error))
    tab = next((known.key for known in TABS if known.key == posted.text("tab")), "read")
    return console.pages.redirect(request, "/" if tab == "needs" else f"/?tab={tab}")


def _message_page(
    request: Request, console: Console, person: Person, message_id: int, *, status: int = 200, problem: str = ""
) -> Response:
    with console.store.snapshot() as tx:
        row = tx.message(message_id)
        if row is None:
            raise HTTPException(404)
        drafts = tx.drafts(state=None, message_id=message_id)
        context: dict[str, Any] = {
            "mail": view_message(row),
            "handled_by": row.handled_by,
            "handled_at": row.handled_at,
            "to_read": row.state == "done" and row.needs_person and row.handled_at is None and not drafts,
            "drafts": drafts,
            "orders": [view_order(stored.order) for stored in orders_of_draft(tx, row.order_id, row.case_id)],
            "counts": counts_of(tx, person),
        }
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, "message.html", status=status, person=person, csrf=csrf, problem=problem, **context)
