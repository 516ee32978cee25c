"""A case from its first mail to its last, and one mail with its evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.casework.case import CaseEvent
from supportbot.errors import SupportbotError, UsageError
from supportbot.store import Transaction
from supportbot.web.actions import HoldOutcome
from supportbot.web.drafts import orders_of_draft
from supportbot.web.handling import handling_of
from supportbot.web.mailview import ChainView, view_message
from supportbot.web.orderview import view_order
from supportbot.web.queue import LONGEST_TAB, TABS, counts_of
from supportbot.web.room import Console, Number, Person, Posted, Posting, SignedIn, TheConsole, require, sentence_of, status_of

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


def _chain_to_judge(tx: Transaction, case_id: str) -> ChainView | None:
    """What the newest chain of a case was found to be."""
    arrived = [event.message_id for event in tx.case_events(case_id) if event.event == CaseEvent.CHAIN_ARRIVED]
    row = tx.message(arrived[-1]) if arrived and arrived[-1] is not None else None
    return view_message(row).chain if row else None


def _refused(request: Request, console: Console, posted: Posting, case_id: str, error: SupportbotError) -> Response:
    status = status_of(error)
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
            "judged": _chain_to_judge(tx, case_id),
            "proposal": tx.standing_proposal(case_id),
            "counts": counts_of(tx, person),
            "handling": handling_of(tx, f"case {case_id}", request.app.state.presence, person),
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
    return _on_to_memo(request, console, case_id)


def _on_to_memo(request: Request, console: Console, case_id: str) -> Response:
    with console.store.snapshot() as tx:
        memo = tx.memo(case_id=case_id)
    return console.pages.redirect(request, f"/tickets/{memo.ticket_id}" if memo else f"/cases/{case_id}")


def _reason(posted: Posting, why: str) -> str:
    reason = posted.text("reason").strip()
    if not reason:
        raise UsageError(why)
    return reason


@router.post("/cases/{case_id}/judge-chain")
def judge_chain(request: Request, console: TheConsole, posted: Posted, case_id: str) -> Response:
    """Believe a chain that people judge, as the first of two, or refuse it; with a reason."""
    require(posted.person, "enter")
    judge = {"believed": console.desk.propose_chain, "refused": console.desk.reject_chain}.get(posted.text("outcome"))
    try:
        if judge is None:
            raise UsageError("say whether you believe the chain")
        judge(case_id, by=posted.person.name, reason=_reason(posted, "a chain is judged with a reason; it is kept in the case"))
    except SupportbotError as error:
        return _refused(request, console, posted, case_id, error)
    return console.pages.redirect(request, f"/cases/{case_id}")


@router.post("/cases/{case_id}/confirm-chain")
def confirm_chain(request: Request, console: TheConsole, posted: Posted, case_id: str) -> Response:
    """Confirm, as the second person, the proposal that was shown."""
    require(posted.person, "enter")
    shown = posted.text("shown_proposal")
    try:
        if not (shown.isascii() and shown.isdecimal()):
            raise UsageError("this page is incomplete; look at the case again")
        console.desk.confirm_proposed_chain(case_id, by=posted.person.name, shown=int(shown))
    except SupportbotError as error:
        return _refused(request, console, posted, case_id, error)
    return _on_to_memo(request, console, case_id)


@router.post("/cases/{case_id}/close")
def close(request: Request, console: TheConsole, posted: Posted, case_id: str) -> Response:
    """Close a case whose chain was refused, with a reason."""
    require(posted.person, "review")
    try:
        reason = _reason(posted, "a case is closed with a reason; it is kept in the case")
        console.desk.close_case(case_id, by=posted.person.name, reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, case_id, error)
    return console.pages.redirect(request, f"/cases/{case_id}")


@router.post("/cases/{case_id}/resolve")
def resolve(request: Request, console: TheConsole, posted: Posted, case_id: str) -> Response:
    """End a hold, with a reason."""
    require(posted.person, "review")
    outcome = posted.text("outcome")
    try:
        if outcome not in get_args(HoldOutcome):
            raise UsageError("say how the case goes on")
        reason = _reason(posted, "a hold ends with a reason; it is kept in the case")
        console.desk.resolve_hold(case_id, outcome=cast(HoldOutcome, outcome), by=posted.person.name, reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, case_id, error)
    return console.pages.redirect(request, f"/cases/{case_id}")


@router.get("/messages/{message_id}")
def message(request: Request, console: TheConsole, person: SignedIn, message_id: Number) -> Response:
    """One mail with its evidence and what became of it."""
    return _message_page(request, console, person, message_id)


@router.get("/messages/{message_id}/original")
def original(console: TheConsole, person: SignedIn, message_id: Number) -> Response:
    """The mail as it came, attachments and all, to be saved and opened elsewhere: no browser shows it here."""
    with console.store.snapshot() as tx:
        row = tx.message(message_id)
        if row is None:
            raise HTTPException(404)
        try:
            octets = tx.raw(row.sha256)
        except SupportbotError as error:
            raise HTTPException(404, sentence_of(error)) from error
    named = f'attachment; filename="mail-{message_id}.eml"'
    return Response(octets, media_type="application/octet-stream", headers={"content-disposition": named})


@router.post("/messages/{message_id}/handled")
def handled(request: Request, console: TheConsole, posted: Posted, message_id: Number) -> Response:
    """Take a mail off the list of those to be read, then go on with the list."""
    require(posted.person, "review")
    with console.store.snapshot() as tx:
        if tx.message(message_id) is None:
            raise HTTPException(404)
    try:
        console.desk.mark_handled(message_id, by=posted.person.name)
    except SupportbotError as error:
        status = status_of(error)
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
            "corrections": tx.corrections_of(message_id),
            "moved": next((move for move in tx.moves_of(row.thread_id) if message_id in tx.moved_by(move.id)), None)
            if row.thread_id
            else None,
            "handled_by": row.handled_by,
            "handled_at": row.handled_at,
            "to_read": row.state == "done" and row.needs_person and row.handled_at is None and not drafts,
            "drafts": drafts,
            "orders": [view_order(stored.order) for stored in orders_of_draft(tx, row.order_id, row.case_id)],
            "counts": counts_of(tx, person),
            "handling": handling_of(tx, f"message {message_id}", request.app.state.presence, person),
        }
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, "message.html", status=status, person=person, csrf=csrf, problem=problem, **context)
