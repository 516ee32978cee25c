"""What the API says and takes, as JSON, documented in its description. Amounts are texts: JSON knows binary fractions."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Number = Annotated[int, Field(ge=1, le=2**53)]
Subject = Annotated[
    str,
    Field(description="a piece of work: `message-12`, `case-ID` or `draft-ID`"),
    StringConstraints(pattern=r"^(message-[0-9]{1,15}|case-[A-Za-z0-9_-]{1,60}|draft-[A-Za-z0-9_-]{1,60})$"),
]
Sha256 = Annotated[
    str,
    Field(description="`content_sha256` of the draft as it was shown: another one is refused"),
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Shape(BaseModel):
    """Made from the store's rows by name."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Shape):
    """What went wrong (RFC 9457)."""

    type: str = Field("about:blank", description="a URI for the sort of problem; `about:blank`: the status says it all")
    title: str = Field(description="the status in words")
    status: int
    detail: str = Field(description="what a person should know or do")
    fields: Sequence[str] = Field((), description="which parts of the request are meant")


class Me(Shape):
    """Who the token speaks for."""

    name: str
    role: str
    seller_id: str | None = Field(description="sees the cases of this seller only; null for the team")
    permissions: Sequence[str] = Field(description="what role and token allow together, besides looking")


class Line(Shape):
    """One line of a list of work; `what` and `id` say what it leads to."""

    what: str
    id: str
    at: datetime
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


class Lines(Shape):
    """A page of a list."""

    lines: Sequence[Line]
    next: str | None = Field(description="`after` of the next page; null at the end")


class Event(Shape):
    """One step that a case took."""

    number: int
    at: datetime
    actor: str
    event: str
    from_state: str
    to_state: str
    message_id: int | None
    reason: str


class Message(Shape):
    """One mail that came in, and what was made of it."""

    id: int
    received: datetime
    state: str
    sender: str | None
    subject: str
    kind: str | None
    confidence: float | None
    abstained: bool | None
    case_id: str | None
    order_id: str | None
    action: str | None
    rule: str | None
    why: str
    new_text: str
    facts: dict[str, Any]
    evidence: list[Any]
    authentication: dict[str, Any]
    needs_person: bool | None
    handled_by: str | None
    handled_at: datetime | None


class Case(Shape):
    """One case with its steps, and the ids of what hangs on it."""

    id: str
    order_id: str
    marketplace: str
    type: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    events: Sequence[Event]
    messages: Sequence[int]
    drafts: Sequence[str]
    tickets: Sequence[str]


class Draft(Shape):
    """A mail that waits for a person, or that a person has decided."""

    id: str
    message_id: int | None
    case_id: str | None
    order_id: str | None
    template: str
    rule: str | None
    language: str
    version: int
    to: Sequence[str]
    subject: str
    body: str
    content_sha256: str
    findings: Sequence[str]
    state: str
    outbox_state: str | None
    created_at: datetime
    why: str
    reviewer: str | None


class Memo(Shape):
    """A credit memo on its ticket."""

    status: str
    currency: str | None
    cap: Decimal
    amount: Decimal | None
    entered_by: str | None
    approved_by: str | None
    rebill_state: str


class Ticket(Shape):
    """A ticket; `memo` for a credit memo."""

    id: str
    type: str
    status: str
    case_id: str | None
    order_id: str | None
    title: str
    opened_at: datetime
    close_reason: str | None
    memo: Memo | None


class Held(Shape):
    """A mail in quarantine."""

    id: int
    message_id: int | None
    mailbox: str
    step: str
    cause: str
    reason: str
    at: datetime
    state: str
    subject: str
    sender: str | None


class Mark(Shape):
    """Who has a piece of work in hand, and until when it rests."""

    subject: str
    assigned_to: str | None
    snoozed_until: datetime | None


class Taken(BaseModel):
    """A request: no unknown fields."""

    model_config = ConfigDict(extra="forbid")


class Approve(Taken):
    """Approves what was shown."""

    sha256: Sha256


class Edit(Taken):
    """New words in place of those shown."""

    sha256: Sha256
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


class Reject(Taken):
    """Refuses what was shown."""

    sha256: Sha256
    reason: Reason


class Note(Taken):
    """A note for colleagues."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Assign(Taken):
    """To whom; null: to nobody."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None


class Snooze(Taken):
    """Until when; null wakes it."""

    until: Annotated[datetime, Field(description="with its zone")] | None


class Reference(Taken):
    """Billing's reference of the re-bill."""

    reference: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Amount(Taken):
    """An amount, such as "129.00"."""

    amount: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")]
