"""Tickets, and the credit memo: what we asked, what the buyer wrote, the amounts, and the two people it takes."""

import re
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import SupportbotError, UsageError
from supportbot.money import REQUEST
from supportbot.store import TicketRow, Transaction
from supportbot.web.mailview import has_consent_words, view_message
from supportbot.web.orderview import view_order
from supportbot.web.queue import LONGEST_TAB, counts_of
from supportbot.web.room import Console, Person, Posted, Posting, SignedIn, TheConsole, require, status_of

router = APIRouter()

_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?")


@router.get("/tickets")
def tickets(request: Request, console: TheConsole, person: SignedIn, show: str = "open") -> Response:
    """The tickets: the open ones, or all."""
    with console.store.snapshot() as tx:
        rows = tx.tickets(limit=LONGEST_TAB)
        counts = counts_of(tx, person)
    finished = {"issued", "done", "closed"}
    shown = [row for row in rows if show == "all" or (row.status not in finished and row.close_reason is None)]
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, "tickets.html", person=person, csrf=csrf, counts=counts, tickets=shown, show=show)


@router.get("/tickets/{ticket_id}")
def ticket(request: Request, console: TheConsole, person: SignedIn, ticket_id: str) -> Response:
    """One ticket; for a credit memo the evidence and the amounts."""
    return _page(request, console, person, ticket_id)


@router.post("/tickets/{ticket_id}/confirm")
def confirm(request: Request, console: TheConsole, posted: Posted, ticket_id: str) -> Response:
    """Record that billing has re-billed the buyer."""
    require(posted.person, "enter")
    reference = posted.text("reference").strip()
    try:
        if not reference:
            raise UsageError("billing's reference is missing: it is the proof of the re-bill")
        console.desk.confirm_rebill(ticket_id, by=posted.person.name, reference=reference)
    except SupportbotError as error:
        return _refused(request, console, posted, ticket_id, error)
    return console.pages.redirect(request, f"/tickets/{ticket_id}")


@router.post("/tickets/{ticket_id}/fail")
def fail(request: Request, console: TheConsole, posted: Posted, ticket_id: str) -> Response:
    """Record that billing could not re-bill the buyer."""
    require(posted.person, "enter")
    reason = posted.text("reason").strip()
    try:
        if not reason:
            raise UsageError("billing's reason is missing: whoever decides the case needs it")
        console.desk.fail_rebill(ticket_id, by=posted.person.name, reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, ticket_id, error)
    return console.pages.redirect(request, f"/tickets/{ticket_id}")


@router.post("/tickets/{ticket_id}/clear")
def clear(request: Request, console: TheConsole, posted: Posted, ticket_id: str) -> Response:
    """Clear one flag of a credit memo, with a reason."""
    require(posted.person, "enter")
    try:
        reason = posted.text("reason").strip()
        if not reason:
            raise UsageError("a flag is cleared with a reason; it is kept with it")
        console.desk.clear_flag(ticket_id, posted.text("flag"), by=posted.person.name, reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, ticket_id, error)
    return console.pages.redirect(request, f"/tickets/{ticket_id}")


@router.post("/tickets/{ticket_id}/close")
def close(request: Request, console: TheConsole, posted: Posted, ticket_id: str) -> Response:
    """Close a ticket that people work, with a reason, then go on with the others."""
    require(posted.person, "review")
    try:
        console.desk.close_ticket(ticket_id, by=posted.person.name, reason=posted.text("reason").strip())
    except SupportbotError as error:
        return _refused(request, console, posted, ticket_id, error)
    return console.pages.redirect(request, "/tickets")


@router.post("/tickets/{ticket_id}/enter")
def enter(request: Request, console: TheConsole, posted: Posted, ticket_id: str) -> Response:
    """Enter the amount: the first person."""
    require(posted.person, "enter")
    try:
        console.desk.enter_memo(ticket_id, amount=read_amount(posted.text("amount")), by=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, ticket_id, error)
    return console.pages.redirect(request, f"/tickets/{ticket_id}")


@router.post("/tickets/{ticket_id}/issue")
def issue(request: Request, console: TheConsole, posted: Posted, ticket_id: str) -> Response:
    """Issue the amount that was shown: the second person."""
    require(posted.person, "issue")
    with console.store.snapshot() as tx:
        memo = tx.memo(ticket_id=ticket_id)
    try:
        if memo is not None and posted.text("shown_amount") != str(memo.amount):
            raise UsageError("the amount was changed after this page was shown, so nothing was issued; look again")
        if memo is not None and memo.entered_by == posted.person.name:
            raise UsageError("you entered this amount, so a second person has to issue it")
        console.desk.issue_memo(ticket_id, by=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, ticket_id, error)
    return console.pages.redirect(request, f"/tickets/{ticket_id}")


def read_amount(text: str) -> Decimal:
    """An amount as people type it: digits, a point, at most two decimals. Raises `UsageError` for what could be misread."""
    plain = text.strip()
    if not _AMOUNT.fullmatch(plain) or Decimal(plain) == 0:
        raise UsageError(
            f"“{plain[:30]}” is not an amount; write it like 129.00: a point before the cents, nothing between thousands"
        )
    return Decimal(plain)


def _where_billing_answers(tx: Transaction, ticket: TicketRow) -> str | None:
    """The credit memo's ticket, where billing's answer ends a re-bill request; None where a person closes the ticket."""
    case = tx.case(ticket.case_id) if ticket.case_id and ticket.type == "rebill_request" else None
    memo = tx.memo(case_id=case.id) if case and case.closed_at is None else None
    return memo.ticket_id if memo else None


def _refused(request: Request, console: Console, posted: Posting, ticket_id: str, error: SupportbotError) -> Response:
    status = status_of(error)
    return _page(request, console, posted.person, ticket_id, status=status, problem=str(error))


def _page(
    request: Request, console: Console, person: Person, ticket_id: str, *, status: int = 200, problem: str = ""
) -> Response:
    with console.store.snapshot() as tx:
        row = tx.ticket(ticket_id)
        if row is None:
            raise HTTPException(404)
        memo = tx.memo(ticket_id=ticket_id) if row.type == "credit_memo" else None
        context: dict[str, Any] = {
            "ticket": row,
            "memo": memo,
            "answered_at": _where_billing_answers(tx, row),
            "counts": counts_of(tx, person),
        }
        if memo is not None:
            mails = [view_message(message) for message in tx.messages(case_id=memo.case_id, limit=LONGEST_TAB)]
            sent = tx.sent_mail(case_id=memo.case_id)
            context |= {
                "case": tx.case(memo.case_id),
                "order": view_order(tx.order(memo.order_key).order),
                "flags": tx.flags_of(memo.id) if person.may("review") else [],
                "notices": [mail for mail in sent if mail.token is not None and mail.template != REQUEST] or sent,
                "answers": [mail for mail in mails if has_consent_words(mail)],
            }
    csrf = console.sessions.csrf_token(person.session)
    page = "memo.html" if memo is not None else "ticket.html"
    return console.pages.render(request, page, status=status, person=person, csrf=csrf, problem=problem, **context)
