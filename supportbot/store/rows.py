"""What the store hands out: frozen rows, one class a noun. Ids are opaque, random and url-safe unless said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from supportbot.casework.order import Order
from supportbot.mail.message import UidPosition


@dataclass(frozen=True, slots=True)
class FolderPosition:
    """How far a folder has been read."""

    mailbox: str
    folder: str
    position: UidPosition  # uid = the highest kept


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one fetched message: the message's id, and whether its bytes were known already."""

    message_id: int
    known: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One inbound message. `state`: new | done | quarantined. Ids count up in order of arrival."""

    id: int
    sha256: str
    mailbox: str
    received: datetime
    state: str
    attempts: int
    header_message_id: str | None = None  # RFC 5322 Message-ID, with angle brackets
    sender: str | None = None
    subject: str = ""
    kind: str | None = None
    confidence: float | None = None
    abstained: bool | None = None
    thread_id: str | None = None
    case_id: str | None = None
    order_id: str | None = None  # as the marketplace writes it
    action: str | None = None
    rule: str | None = None
    why: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)  # facts, evidence, authentication, screening, decision
    needs_person: bool | None = None  # whether a person has to see to it; None until it is worked
    handled_by: str | None = None  # who has, where no draft answers it
    handled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptMail:
    """The octets of a message, in which mailbox they came and when."""

    mailbox: str
    received: datetime
    raw: bytes


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order and the store's key for it."""

    key: int
    order: Order


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case. `version` counts up with every change and guards against a stale writer."""

    id: str
    order_key: int
    order_id: str
    marketplace: str
    type: str  # "rebill" (cancelled but shipped), else what casework.errand.Errand names
    state: str  # casework.case.CaseState, or a state of casework.errand.STEPS
    version: int
    thread_id: str | None
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None = None
    held_from: str | None = None  # the state a HOLD goes back to


@dataclass(frozen=True, slots=True)
class CaseEventRow:
    """One arrow taken, append-only."""

    case_id: str
    number: int
    at: datetime
    actor: str
    event: str
    from_state: str
    to_state: str
    message_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A mail waiting for a person. `state`: draft | approved | rejected | superseded.

    `content_sha256` covers recipients, subject and body of the newest version; an approval names it.
    """

    id: str
    message_id: int | None  # the message it answers
    case_id: str | None
    order_id: str | None
    template: str
    rule: str | None
    language: str
    version: int
    to: tuple[str, ...]
    subject: str
    body: str
    content_sha256: str
    findings: tuple[str, ...]  # why it cannot be approved; empty when it can
    state: str
    created_at: datetime
    why: str = ""
    token: str | None = None  # the single-use reply token, notices only
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    outbox_state: str | None = None  # of its outbox row, where there is one
    reviewer: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An approved mail on its way. `state`: approved | sending | sent | uncertain | failed."""

    id: str
    draft_id: str
    header_message_id: str  # fixed before anything is sent
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    state: str
    attempts: int
    detail: str  # the server's words, or why it is parked
    not_before: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours that went out, or may have."""

    header_message_id: str
    token: str | None
    template: str
    order_id: str | None
    case_id: str | None
    to: tuple[str, ...]
    subject: str
    body: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket: `type` as in docs/spec/cli.md; `status` of a credit memo as in policy 1.3, of others open | closed."""

    id: str
    type: str
    status: str
    case_id: str | None
    order_id: str | None
    title: str
    fields: Mapping[str, str]
    opened_at: datetime
    reference: str | None = None  # at the ticket desk, once pushed
    close_reason: str | None = None


@dataclass(frozen=True, slots=True)
class MemoLine:
    """Units of one order line that a memo pays for."""

    line: str
    units: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class MemoRow:
    """A credit memo. `status`: awaiting_rebill | ready_for_approval | issued."""

    id: str
    ticket_id: str
    case_id: str
    order_key: int
    order_id: str
    acceptance_id: str
    rebill_id: str
    status: str
    lines: tuple[MemoLine, ...]
    currency: str | None
    cap: Decimal  # the value of the cancelled-and-shipped units
    amount: Decimal | None
    entered_by: str | None
    approved_by: str | None
    rebill_state: str  # requested | confirmed | failed


@dataclass(frozen=True, slots=True)
class FlagRow:
    """Something odd about a credit memo, which a person looks at before it is issued."""

    code: str
    sentence: str
    evidence: str
    raised_at: datetime
    cleared_by: str | None
    cleared_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The verdict on one signature at receipt. `place`: 0 for the mail itself, 1, 2, ... for messages attached to it."""

    place: int
    signature_sha256: str | None
    result: str
    domain: str | None
    aligned: bool
    reasons: list[str]
    key_name: str | None
    key_source: str | None  # dns | archive
    arc: str
    checked_at: datetime
    key: str | None  # the TXT record


@dataclass(frozen=True, slots=True)
class TimerRow:
    """Something due. `state`: set | done | cancelled."""

    id: str
    case_id: str | None
    name: str
    due_at: datetime
    source: str
    state: str


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A message that could not be worked, and why. `state`: held | retried | released; `cause`: a name of `mail_in.CAUSES`."""

    id: int
    message_id: int | None
    mailbox: str
    step: str
    reason: str
    traceback: str
    attempts: int
    at: datetime
    state: str
    cause: str
    settled_by: str | None
    settlement: str | None
    subject: str = ""
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person at the console. A user with a seller id sees only that seller's cases and approves no money."""

    name: str
    role: str  # viewer | reviewer | approver | admin
    seller_id: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class MarkRow:
    """Who has a piece of work in hand, and until when it rests."""

    subject: str
    assigned_to: str | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note for colleagues; it is never sent."""

    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """What a person said that a mail is, against the program. `facts`: only those that were said."""

    id: int
    message_id: int
    kind: str
    facts: Mapping[str, Any]
    was_kind: str | None
    made_by: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Mail that a person put from one thread into another."""

    id: int
    from_thread: str
    to_thread: str
    header_message_ids: tuple[str, ...]
    made_by: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line of a list of work. `what`: draft | message | memo | case | outbox | quarantine, and `id` names that one."""

    what: str
    id: str
    at: datetime  # since when somebody waits
    subject: str
    sender: str | None
    kind: str | None
    action: str | None
    rule: str | None
    state: str
    note: str
    order_id: str | None
    message_id: int | None
    case_id: str | None
    confidence: float | None
    abstained: bool | None
    assigned_to: str | None
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One link of the hash chain."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    data: Mapping[str, Any]
    previous: str
    hash: str
