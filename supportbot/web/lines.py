"""A line of work as the queue shows it: where it leads, what a person would do, or why it waits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from supportbot.store import Transaction, WorkLine
from supportbot.web.language import say
from supportbot.web.room import Person
from supportbot.web.words import kind_name, money, reason, status_name, ticket_name, waits_for

Tone = Literal["act", "wait", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. `note`: what the person would do, or why it waits; `handle`: the mail that a click marks as
    handled; `in_hand`: who has it in hand; `rests_until`: it is put aside until then."""

    href: str
    subject: str
    address: str | None
    kind: str
    action: str | None
    rule: str | None
    note: str
    at: datetime
    tone: Tone
    handle: int | None = None
    in_hand: str | None = None
    rests_until: datetime | None = None


def row_of(tx: Transaction, line: WorkLine, person: Person, query: str) -> QueueRow:
    """A line for a person; `query` is the filter that the page it leads to keeps."""
    kind, note, tone = {
        "draft": _draft,
        "message": _message,
        "memo": _memo,
        "case": _case,
        "outbox": _outbox,
        "quarantine": _quarantine,
    }[line.what](tx, line, person)
    to_read = line.what == "message" and line.state == "done" and tone == "act"
    return QueueRow(
        href=_href(line, query),
        subject=say("Case of order %(order_id)s", order_id=line.subject) if line.what == "case" else line.subject,
        address=", ".join(_addresses(line.sender)) if line.what == "outbox" else line.sender,
        kind=kind,
        action=line.action,
        rule=line.rule,
        note=note,
        at=line.at,
        tone=tone,
        handle=line.message_id if to_read and person.may("review") else None,
        in_hand=line.assigned_to,
        rests_until=line.snoozed_until,
    )


def _href(line: WorkLine, query: str) -> str:
    if line.what == "draft":
        return f"/drafts/{line.id}?{query}" if query else f"/drafts/{line.id}"
    if line.what == "quarantine":
        return f"/quarantine#entry-{line.id}"
    places = {"message": "messages", "memo": "tickets", "case": "cases", "outbox": "drafts"}
    return f"/{places[line.what]}/{line.id}"


def _addresses(said: str | None) -> Sequence[str]:
    return [str(address) for address in json.loads(said or "[]")]


Told = tuple[str, str, Tone]


def _draft(_tx: Transaction, line: WorkLine, _person: Person) -> Told:
    kind = kind_name(line.kind) if line.message_id is not None else say("Due in its case")
    faulty: Told = (kind, say("Cannot be approved yet"), "warn")
    return faulty if line.state == "faulty" else (kind, say("Answer: %(subject)s", subject=line.note), "act")


def _message(tx: Transaction, line: WorkLine, _person: Person) -> Told:
    waits = line.message_id is not None and tx.waits_to_be_read(line.message_id)
    return kind_name(line.kind), reason(line.note), "act" if waits else "quiet"


def _memo(tx: Transaction, line: WorkLine, person: Person) -> Told:
    memo = tx.memo(ticket_id=line.id)
    if memo is None:
        return ticket_name("credit_memo"), say("Its memo is missing: tell an administrator"), "wait"
    kind = f"{ticket_name('credit_memo')}, {money(memo.amount if memo.amount is not None else memo.cap, memo.currency)}"
    if line.state == "awaiting_rebill":
        return kind, say("Confirm that billing has re-billed the buyer"), "act" if person.may("enter") else "wait"
    if memo.entered_by is None:
        return kind, say("Enter the amount"), "act" if person.may("enter") else "wait"
    if memo.entered_by == person.name:
        return kind, say("Waits for a second person"), "wait"
    return kind, say("Issue: %(name)s has entered the amount", name=memo.entered_by), "act" if person.may("issue") else "wait"


def _case(tx: Transaction, line: WorkLine, _person: Person) -> Told:
    kind = status_name(line.state)
    if line.state == "CHAIN_MANUAL":
        proposal = tx.standing_proposal(line.id)
        said = say("%(name)s believes the chain: confirm or refuse it", name=proposal.actor) if proposal else ""
        return kind, said or say("Believe the seller's chain, or refuse it"), "act"
    if line.state == "HOLD":
        last = tx.case_events(line.id)[-1:]
        return kind, reason(last[0].reason) if last else "", "warn"
    return kind, waits_for(line.state), "wait"


def _outbox(_tx: Transaction, line: WorkLine, _person: Person) -> Told:
    return say("May have gone out") if line.state == "uncertain" else say("Was refused"), line.note, "warn"


def _quarantine(_tx: Transaction, line: WorkLine, _person: Person) -> Told:
    return say("Failed at: %(step)s", step=line.state), line.note, "warn"
