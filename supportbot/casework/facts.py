"""What a message says (docs/spec/messages.md): its kind, the facts read from it, and where they stand in its text."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """Every inbound message has exactly one kind (docs/spec/messages.md)."""

    CANCEL_STANDARD = "cancel_standard"
    CANCEL_NONSTANDARD = "cancel_nonstandard"
    CANCEL_RETRACTED = "cancel_retracted"
    REBILL_REPLY = "rebill_reply"
    SHIPPED_CANCELLED_REPORT = "shipped_cancelled_report"
    CONFIRMATION_CHAIN = "confirmation_chain"
    CANCEL_OUTCOME = "cancel_outcome"
    RETAILER_CANCEL = "retailer_cancel"
    BACKORDER = "backorder"
    ORDER_PROBLEM = "order_problem"
    ORDER_STATUS = "order_status"
    RETURN_REFUND = "return_refund"
    SELLER_INQUIRY = "seller_inquiry"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    UNRELATED = "unrelated"


class Role(StrEnum):
    """Who speaks."""

    BUYER = "buyer"
    SELLER = "seller"
    WAREHOUSE = "warehouse"
    RETAILER = "retailer"
    MARKETPLACE = "marketplace"
    MACHINE = "machine"
    UNKNOWN = "unknown"


class Answer(StrEnum):
    """A buyer's answer to one question. Only YES is an acceptance."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that carry a fact: characters `start` to `end` of the message's new text, and the rule that read them.

    `rule` is a rule or production id, "header:<name>" or "subject" where the words stand there (then start == end == 0).
    """

    fact: str
    text: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An order id as written, a known one that it misses by little, and by what."""

    written: str
    known: str
    how: str

    def __str__(self) -> str:
        return f"{self.written} is not {self.known}: {self.how}"


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """The facts of docs/spec/messages.md. None and empty mean not said."""

    sender_role: Role = Role.UNKNOWN
    scope: Literal["whole", "partial"] | None = None
    accepts_item: Answer | None = None
    accepts_rebill: Answer | None = None
    outcome: Literal["cancelled", "too_late", "unclear"] | None = None
    order_ids: tuple[str, ...] = ()
    tracking: tuple[str, ...] = ()
    language: str | None = None  # ISO 639-1
    automated: bool = False
    cause: Literal["no_inventory", "mistake"] | None = None  # why a seller cancels, where said
    topic: str | None = None  # what a seller_inquiry or order_problem is about, e.g. "how_to_cancel"; see rules/messages
    bare_assent: bool = False  # "Yes", "ok" under one question for both
    near_misses: tuple[NearMiss, ...] = ()  # ids that are nearly one that the quoted mail or the records hold
    order_lines: tuple[str, ...] = ()  # the order lines meant, as numbered: "2"
    quantities: tuple[str, ...] = ()  # "2 of 3", "16 to 6", "4"
    dates: tuple[str, ...] = ()  # ISO 8601; days told from the mail's own date where they are relative
    reasons: tuple[str, ...] = ()  # why, by the names of triage/particulars.toml
    on_behalf_of: str | None = None  # for whom the sender says to write, as written
    attachment_missing: bool = False  # speaks of an attachment that the mail does not have


@dataclass(frozen=True, slots=True)
class ThreadContext:
    """What is known of a message before its words are read. Every field may be unknown."""

    sender_role: Role | None = None  # by known addresses, not by words
    answers_notice: bool | None = None  # in answer to our shipped-but-cancelled notice
    notice_asks: Literal["one_sentence", "two_questions"] | None = None
    root_subject: str | None = None  # the subject the thread began with
    amount: str | None = None  # the case's amount, e.g. "129.00"; another amount in an acceptance is unexplained
    item_titles: tuple[str, ...] = ()
    known_order_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A clause, phrase or slot of a derivation: its name in the grammar and the characters of the new text it explains."""

    name: str
    start: int
    end: int
    text: str
    inside: "tuple[Derived, ...]" = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Kind and facts of one message. `tier` 1: derived by the closed grammar; 2: likely; 3: a person reads."""

    kind: Kind
    confidence: float  # 0..1
    abstained: bool  # too unsure of the kind to route it without a person
    needs_person: bool  # an acceptance that is read but not proved
    facts: MessageFacts
    evidence: tuple[Evidence, ...] = ()
    tier: Literal[1, 2, 3] | None = None
    why: str = ""  # one sentence for the reviewer
    unexplained: tuple[tuple[int, int], ...] = ()  # spans of the new text that no production explained
    derivation: tuple[Derived, ...] = ()  # how the closed grammar explained an answer, clause by clause; tier 1 only
    sounds_like: tuple[tuple[Kind, float], ...] = ()  # what the trained model says of the kind, the likeliest first
    otherwise: "tuple[Reading, ...] | None" = None  # where it abstained between few kinds: the message as each other one
