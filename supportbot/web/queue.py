"""The queue: what waits, in tabs, oldest first; and the counts that every page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.store import Transaction
from supportbot.store.rows import CaseRow, DraftRow, MemoRow, MessageRow, OutboxRow, QuarantineRow, TicketRow
from supportbot.web.mailview import view_message
from supportbot.web.room import Person, SignedIn, TheConsole
from supportbot.web.words import kind_name, money, reason, status_name, ticket_name

router = APIRouter()

LONGEST_TAB = 200  # rows; a count that reaches it is shown as "200+"

Tone = Literal["act", "wait", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its key in the address, its name, what belongs there, and what an empty one says."""

    key: str
    name: str
    about: str
    empty: str
    tone: Tone


TABS: tuple[Tab, ...] = (
    Tab(
        "needs",
        "Needs me",
        "What you can settle now, whoever waits longest first. Open one to read the mail and the answer beside it.",
        "Nothing waits for you. New mail shows up here by itself.",
        "act",
    ),
    Tab(
        "drafts",
        "Drafts",
        "Answers the bot has written. None is sent before a person approves it.",
        "No draft waits for review.",
        "act",
    ),
    Tab("money", "Money", "Credit memos on their way. Each takes two people.", "No credit memo is open.", "act"),
    Tab(
        "read",
        "To read",
        "Mail that no rule may decide. Read it, see to it by hand, then take it off the list.",
        "No mail waits to be read by a person.",
        "act",
    ),
    Tab(
        "parked",
        "Parked",
        "Mail that may or may not have gone out, or that was refused. It is never sent a second time by itself.",
        "No mail is parked: everything approved went out, or is on its way.",
        "warn",
    ),
    Tab(
        "quarantine",
        "Quarantine",
        "Mail that could not be worked. The original is kept; nothing is lost.",
        "No mail is in quarantine.",
        "warn",
    ),
    Tab("done", "Done", "Mail that has been worked, the newest first.", "No mail has been worked yet.", "quiet"),
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. `note`: what the person would do, or why it waits; `handle`: the mail that a click marks as
    handled."""

    href: str
    subject: str
    address: str | None
    kind: str
    action: str | None
    rule: str | None
    note: str
    at: datetime
    tone: Tone
    mine: bool = True
    handle: int | None = None


Counts = Mapping[str, int]


def gather(tx: Transaction, person: Person) -> Mapping[str, Sequence[QueueRow]]:
    """The rows of every tab but "done", as this person sees them."""
    drafts = [_draft_row(draft, message, person) for draft, message in waiting_drafts(tx)]
    money_rows = [_memo_row(ticket, tx.memo(ticket_id=ticket.id), person) for ticket in open_memos(tx)]
    quarantine = [_quarantine_row(entry, person) for entry in tx.quarantined(limit=LONGEST_TAB)]
    parked = [
        _parked_row(tx, entry, person)
        for state in ("uncertain", "failed")
        for entry in tx.outbox(state=state, limit=LONGEST_TAB)
    ]
    read = [_unread_row(row, person) for row in tx.to_read(limit=LONGEST_TAB)]
    held = [_held_row(tx, case, person) for case in tx.cases(state="HOLD", limit=LONGEST_TAB)]
    judged = [_judged_row(tx, case, person) for case in tx.cases(state="CHAIN_MANUAL", limit=LONGEST_TAB)]
    mine = [row for row in (*drafts, *money_rows, *held, *judged, *read, *parked, *quarantine) if row.mine]
    return {
        "needs": sorted(mine, key=lambda row: row.at),
        "drafts": drafts,
        "money": money_rows,
        "read": sorted(read, key=lambda row: row.at),
        "parked": parked,
        "quarantine": quarantine,
    }


def waiting_drafts(tx: Transaction) -> list[tuple[DraftRow, MessageRow | None]]:
    """The drafts that wait for review, with the mails they answer; whose sender has waited longest comes first."""
    drafts = [
        (draft, tx.message(draft.message_id) if draft.message_id is not None else None)
        for draft in tx.drafts(state="draft", limit=LONGEST_TAB)
    ]
    return sorted(drafts, key=lambda pair: (_waiting_since(*pair), pair[0].created_at))


def _waiting_since(draft: DraftRow, message: MessageRow | None) -> datetime:
    return message.received if message else draft.created_at


def counts_of(tx: Transaction, person: Person) -> Counts:
    """How much waits in each tab."""
    return {key: len(rows) for key, rows in gather(tx, person).items()}


def open_memos(tx: Transaction) -> list[TicketRow]:
    """Credit-memo tickets that are neither issued nor closed."""
    return [
        ticket
        for status in ("ready_for_approval", "awaiting_rebill")
        for ticket in tx.tickets(status=status, limit=LONGEST_TAB)
        if ticket.type == "credit_memo" and ticket.close_reason is None
    ]


@router.get("/")
def queue(request: Request, console: TheConsole, person: SignedIn, tab: str = "needs", approved: str = "") -> Response:
    """The queue, one tab of it."""
    chosen = next((known for known in TABS if known.key == tab), None)
    if chosen is None:
        raise HTTPException(404)
    with console.store.snapshot() as tx:
        tabs = gather(tx, person)
        rows = _done(tx) if tab == "done" else tabs[tab]
        just_approved = tx.draft(approved) if approved else None
        undo = can_undo(tx, just_approved, console.clock.now())
    return console.pages.render(
        request,
        "queue.html",
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts={key: len(known) for key, known in tabs.items()},
        tabs=TABS,
        chosen=chosen,
        rows=rows,
        longest=LONGEST_TAB,
        just_approved=just_approved,
        undo=undo,
    )


def can_undo(tx: Transaction, draft: DraftRow | None, now: datetime) -> OutboxRow | None:
    """The outbox row of an approved draft while its hold window is open."""
    if draft is None or draft.state != "approved":
        return None
    held = (entry for entry in tx.outbox(state="approved", limit=LONGEST_TAB) if entry.draft_id == draft.id)
    return next((entry for entry in held if entry.not_before > now), None)


def _draft_row(draft: DraftRow, message: MessageRow | None, person: Person) -> QueueRow:
    return QueueRow(
        href=f"/drafts/{draft.id}",
        subject=message.subject if message else draft.subject,
        address=message.sender if message else ", ".join(draft.to),
        kind=kind_name(message.kind) if message else "Due in its case",
        action=message.action if message else draft.template,
        rule=draft.rule or (message.rule if message else None),
        note="Cannot be approved yet" if draft.findings else f"Answer to {', '.join(draft.to)}: {draft.subject}",
        at=_waiting_since(draft, message),
        tone="warn" if draft.findings else "act",
        mine=person.may("review"),
    )


def _memo_row(ticket: TicketRow, memo: MemoRow | None, person: Person) -> QueueRow:
    note, mine = _memo_step(ticket, memo, person)
    return QueueRow(
        href=f"/tickets/{ticket.id}",
        subject=ticket.title,
        address=None,
        kind=f"{ticket_name(ticket.type)}, {money(memo.amount if memo.amount is not None else memo.cap, memo.currency)}"
        if memo
        else "Credit memo",
        action=None,
        rule=None,
        note=note,
        at=ticket.opened_at,
        tone="act" if mine else "wait",
        mine=mine,
    )


def _memo_step(ticket: TicketRow, memo: MemoRow | None, person: Person) -> tuple[str, bool]:
    """What a memo waits for, and whether this person can do it."""
    if memo is None:
        return "Its memo is missing: tell an administrator", False
    if ticket.status == "awaiting_rebill":
        return "Confirm that billing has re-billed the buyer", person.may("enter")
    if memo.entered_by is None:
        return "Enter the amount", person.may("enter")
    if memo.entered_by == person.name:
        return "Waits for a second person", False
    return f"Issue: {memo.entered_by} has entered the amount", person.may("issue")


def _held_row(tx: Transaction, case: CaseRow, person: Person) -> QueueRow:
    last = tx.case_events(case.id)[-1:]
    return QueueRow(
        href=f"/cases/{case.id}",
        subject=f"Case of order {case.order_id}",
        address=None,
        kind=status_name(case.state),
        action=None,
        rule=None,
        note=reason(last[0].reason) if last else "",
        at=last[0].at if last else case.opened_at,
        tone="warn",
        mine=person.may("review"),
    )


def _judged_row(tx: Transaction, case: CaseRow, person: Person) -> QueueRow:
    """A case whose chain people judge: each of two has a part in it."""
    proposal = tx.standing_proposal(case.id)
    said = (
        f"{proposal.actor} believes the chain: confirm or refuse it" if proposal else "Believe the seller's chain, or refuse it"
    )
    mine = person.may("enter") and (proposal is None or proposal.actor != person.name)
    return replace(_held_row(tx, case, person), note=said, tone="act", mine=mine)


def _message_row(row: MessageRow) -> QueueRow:
    view = view_message(row)
    return QueueRow(
        href=f"/messages/{row.id}",
        subject=row.subject,
        address=view.address,
        kind=kind_name(row.kind),
        action=row.action,
        rule=row.rule,
        note=f"Handled by {row.handled_by}. {reason(row.why)}" if row.handled_by else reason(row.why),
        at=row.received,
        tone="quiet",
    )


def _unread_row(row: MessageRow, person: Person) -> QueueRow:
    mine = person.may("review")
    return replace(_message_row(row), tone="act", mine=mine, handle=row.id if mine else None)


def _parked_row(tx: Transaction, entry: OutboxRow, person: Person) -> QueueRow:
    draft = tx.draft(entry.draft_id)
    return QueueRow(
        href=f"/drafts/{entry.draft_id}",
        subject=draft.subject if draft else "",
        address=", ".join(entry.recipients),
        kind="May have gone out" if entry.state == "uncertain" else "Was refused",
        action=None,
        rule=draft.rule if draft else None,
        note=entry.detail,
        at=entry.changed_at,
        tone="warn",
        mine=entry.state == "uncertain" and person.may("review"),
    )


def _quarantine_row(entry: QuarantineRow, person: Person) -> QueueRow:
    return QueueRow(
        href=f"/quarantine#entry-{entry.id}",
        subject=entry.subject,
        address=entry.sender,
        kind=f"Failed at: {entry.step}",
        action=None,
        rule=None,
        note=entry.reason,
        at=entry.at,
        tone="warn",
        mine=person.may("review"),
    )


def _done(tx: Transaction) -> list[QueueRow]:
    waiting = {draft.message_id for draft in tx.drafts(state="draft", limit=LONGEST_TAB)}
    waiting |= {row.id for row in tx.to_read(limit=LONGEST_TAB)}
    return [_message_row(row) for row in tx.messages(limit=LONGEST_TAB) if row.state == "done" and row.id not in waiting]
