"""A case from its first mail to its last, and one mail with its evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.store import Transaction
from supportbot.web.drafts import orders_of_draft
from supportbot.web.mailview import view_message
from supportbot.web.orderview import view_order
from supportbot.web.queue import LONGEST_TAB, counts_of
from supportbot.web.room import SignedIn, TheConsole

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened in a case; `row` is the mail, draft, event or ticket itself."""

    at: datetime
    what: Literal["mail", "draft", "event", "ticket"]
    row: Any


def steps_of(tx: Transaction, case_id: str) -> list[Step]:
    """Everything that happened in a case, oldest first."""
    steps = [Step(row.received, "mail", view_message(row)) for row in tx.messages(case_id=case_id, limit=LONGEST_TAB)]
    steps += [Step(draft.created_at, "draft", draft) for draft in tx.drafts(state=None, case_id=case_id, limit=LONGEST_TAB)]
    steps += [Step(event.at, "event", event) for event in tx.case_events(case_id)]
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
    """One case: its order, its timers, its memo, and its steps."""
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
    return console.pages.render(request, "case.html", person=person, csrf=csrf, **context)


@router.get("/messages/{message_id}")
def message(request: Request, console: TheConsole, person: SignedIn, message_id: int) -> Response:
    """One mail with its evidence and what became of it."""
    with console.store.snapshot() as tx:
        row = tx.message(message_id)
        if row is None:
            raise HTTPException(404)
        drafts = tx.drafts(state=None, case_id=row.case_id, limit=LONGEST_TAB)
        context: dict[str, Any] = {
            "mail": view_message(row),
            "drafts": [draft for draft in drafts if draft.message_id == message_id],
            "orders": [view_order(stored.order) for stored in orders_of_draft(tx, row.order_id, row.case_id)],
            "counts": counts_of(tx, person),
        }
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, "message.html", person=person, csrf=csrf, **context)
