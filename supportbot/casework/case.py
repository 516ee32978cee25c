"""The life cycle of a re-bill case, as one table (docs/spec/policies.md 1.3). docs/lifecycle.md is generated from it.

`advance` looks an arrow up. An arrow that is not in the table is refused with a reason, as a value: mail arrives late, early,
twice and out of order, and none of that is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

NO_MEMO = "closed_no_memo"


class CaseState(StrEnum):
    """Where a case stands."""

    NOTICE_DUE = "NOTICE_DUE"
    NOTICE_DRAFTED = "NOTICE_DRAFTED"
    NOTICE_APPROVED = "NOTICE_APPROVED"
    NOTICE_SENT = "NOTICE_SENT"
    NOTICE_BOUNCED = "NOTICE_BOUNCED"
    AWAITING_ACK = "AWAITING_ACK"
    ACK_PARTIAL = "ACK_PARTIAL"
    ACK_CONDITIONAL = "ACK_CONDITIONAL"
    CLARIFY_SENT = "CLARIFY_SENT"
    ACK_REFUSED = "ACK_REFUSED"
    ACK_TIMEOUT = "ACK_TIMEOUT"
    ACK_RECEIVED = "ACK_RECEIVED"
    AWAITING_CHAIN = "AWAITING_CHAIN"
    CHAIN_RECEIVED = "CHAIN_RECEIVED"
    CHAIN_MANUAL = "CHAIN_MANUAL"
    CHAIN_REJECTED = "CHAIN_REJECTED"
    CHAIN_VERIFIED = "CHAIN_VERIFIED"
    REBILL_REQUESTED = "REBILL_REQUESTED"
    REBILL_CONFIRMED = "REBILL_CONFIRMED"
    REBILL_FAILED = "REBILL_FAILED"
    MEMO_ISSUED = "MEMO_ISSUED"
    HOLD = "HOLD"
    RETURN_PATH = "RETURN_PATH"
    CLOSED_NO_MEMO = "CLOSED_NO_MEMO"
    REVERSAL_REVIEW = "REVERSAL_REVIEW"


CLOSED = frozenset({CaseState.RETURN_PATH, CaseState.CLOSED_NO_MEMO, CaseState.MEMO_ISSUED})
"""States in which nothing more is expected. A closed case may still be reopened by an arrow of the table."""


class CaseEvent(StrEnum):
    """What happens to a case."""

    NOTICE_DRAFTED = "notice_drafted"
    NOTICE_REJECTED = "notice_rejected"
    NOTICE_APPROVED = "notice_approved"
    APPROVAL_UNDONE = "approval_undone"
    NOTICE_SENT = "notice_sent"
    NOTICE_FAILED = "notice_failed"
    NOTICE_BOUNCED = "notice_bounced"
    WAIT_FOR_BUYER = "wait_for_buyer"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED_PARTLY = "answered_partly"
    ANSWERED_CONDITIONALLY = "answered_conditionally"
    REFUSED = "refused"
    ASSENTED_BARELY = "assented_barely"
    CLARIFIED = "clarification_sent"
    TIMED_OUT = "timed_out"
    CHAIN_ASKED = "chain_asked"
    CHAIN_ARRIVED = "chain_arrived"
    CHAIN_PROVED = "chain_proved"
    CHAIN_DOUBTED = "chain_doubted"
    CHAIN_PROPOSED = "chain_proposed"
    CHAIN_REFUSED = "chain_refused"
    DIRECT_PROOF_CONFIRMED = "direct_proof_confirmed"
    REBILL_ASKED = "rebill_asked"
    REBILL_DONE = "rebill_done"
    REBILL_FAILED = "rebill_failed"
    MEMO_APPROVED = "memo_approved"
    REVOKED = "revoked"
    HELD = "held"
    PUT_ON_HOLD = "put_on_hold"
    RELEASED = "released"
    CLOSED = "closed"


class Actor(StrEnum):
    """Who may cause an arrow."""

    PROGRAM = "program"
    BUYER = "buyer"
    SELLER = "seller"
    BILLING = "billing"
    REVIEWER = "reviewer"
    SECOND_PERSON = "second person"
    CLOCK = "clock"


PEOPLE = frozenset({Actor.BILLING, Actor.REVIEWER, Actor.SECOND_PERSON})
"""Actors who stand in the record with a name of their own: the program never takes their arrows."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One permitted step. `target` None means the state a HOLD was entered from."""

    source: CaseState
    event: CaseEvent
    target: CaseState | None
    by: Actor
    reason: str


S, E, A = CaseState, CaseEvent, Actor

BEFORE_PROOF = (
    S.NOTICE_DUE, S.NOTICE_DRAFTED, S.NOTICE_APPROVED, S.NOTICE_SENT, S.AWAITING_ACK, S.ACK_PARTIAL, S.ACK_CONDITIONAL,
    S.CLARIFY_SENT, S.ACK_RECEIVED, S.AWAITING_CHAIN, S.CHAIN_MANUAL, S.CHAIN_REJECTED,
)  # fmt: skip
AWAITING_WORDS = (S.AWAITING_ACK, S.ACK_PARTIAL, S.ACK_CONDITIONAL)
AFTER_CONSENT = (
    S.ACK_RECEIVED, S.AWAITING_CHAIN, S.CHAIN_RECEIVED, S.CHAIN_MANUAL, S.CHAIN_REJECTED, S.CHAIN_VERIFIED,
    S.REBILL_REQUESTED, S.REBILL_CONFIRMED, S.REBILL_FAILED,
)  # fmt: skip


def _arrows() -> Iterator[Arrow]:
    yield Arrow(S.NOTICE_DUE, E.NOTICE_DRAFTED, S.NOTICE_DRAFTED, A.PROGRAM, "the notice is drafted (M-20 to M-23)")
    yield Arrow(S.NOTICE_DRAFTED, E.NOTICE_REJECTED, S.NOTICE_DUE, A.REVIEWER, "the reviewer rejects the draft")
    yield Arrow(S.NOTICE_DRAFTED, E.NOTICE_APPROVED, S.NOTICE_APPROVED, A.REVIEWER, "the reviewer approves what was shown")
    yield Arrow(S.NOTICE_APPROVED, E.APPROVAL_UNDONE, S.NOTICE_DRAFTED, A.REVIEWER, "undone before it was sent")
    yield Arrow(S.NOTICE_APPROVED, E.NOTICE_SENT, S.NOTICE_SENT, A.PROGRAM, "the server took the notice")
    yield Arrow(S.NOTICE_APPROVED, E.NOTICE_FAILED, S.HOLD, A.PROGRAM, "the server refused the notice")
    yield Arrow(S.NOTICE_SENT, E.WAIT_FOR_BUYER, S.AWAITING_ACK, A.PROGRAM, "silence is not consent: the buyer must answer")
    for state in AWAITING_WORDS:
        yield Arrow(state, E.ACKNOWLEDGED, S.ACK_RECEIVED, A.BUYER, "accepts the item and the re-billing (M-24)")
        yield Arrow(state, E.REFUSED, S.ACK_REFUSED, A.BUYER, "does not accept (M-28)")
        yield Arrow(state, E.ASSENTED_BARELY, S.HOLD, A.BUYER, "a bare yes: a person confirms what it meant")
        yield Arrow(state, E.TIMED_OUT, S.ACK_TIMEOUT, A.CLOCK, "no answer in time (product default)")
        yield Arrow(state, E.NOTICE_BOUNCED, S.NOTICE_BOUNCED, A.PROGRAM, "the notice came back undelivered")
        if state is not S.ACK_PARTIAL:
            yield Arrow(state, E.ANSWERED_PARTLY, S.ACK_PARTIAL, A.BUYER, "accepts one of the two, or is unclear (M-h)")
        if state is not S.ACK_CONDITIONAL:
            yield Arrow(state, E.ANSWERED_CONDITIONALLY, S.ACK_CONDITIONAL, A.BUYER, "accepts under a condition (M-h)")
    for state in (S.ACK_PARTIAL, S.ACK_CONDITIONAL):
        yield Arrow(state, E.CLARIFIED, S.CLARIFY_SENT, A.PROGRAM, "asked again, with one sentence to answer with")
    yield Arrow(S.CLARIFY_SENT, E.WAIT_FOR_BUYER, S.AWAITING_ACK, A.PROGRAM, "waits for the clear answer")
    yield Arrow(S.NOTICE_BOUNCED, E.HELD, S.HOLD, A.PROGRAM, "a person finds another way to reach the buyer")
    yield Arrow(S.ACK_REFUSED, E.CLOSED, S.RETURN_PATH, A.PROGRAM, "no acknowledgement, no memo (M-28); recall or return")
    yield Arrow(S.ACK_TIMEOUT, E.CLOSED, S.CLOSED_NO_MEMO, A.PROGRAM, "no acknowledgement, no memo (M-28)")
    yield Arrow(S.ACK_RECEIVED, E.CHAIN_ASKED, S.AWAITING_CHAIN, A.PROGRAM, "the seller sends the chain (M-25)")
    for state in (S.ACK_RECEIVED, S.AWAITING_CHAIN):
        yield Arrow(
            state, E.DIRECT_PROOF_CONFIRMED, S.CHAIN_VERIFIED, A.REVIEWER, "our own mailbox holds the answer: no chain needed"
        )
    for state in BEFORE_PROOF:
        yield Arrow(state, E.CHAIN_ARRIVED, S.CHAIN_RECEIVED, A.SELLER, "the seller sends a chain")
    yield Arrow(S.CHAIN_RECEIVED, E.CHAIN_PROVED, S.CHAIN_VERIFIED, A.PROGRAM, "grade A or B, every check passed (1.4)")
    yield Arrow(
        S.CHAIN_RECEIVED, E.CHAIN_DOUBTED, S.CHAIN_MANUAL, A.PROGRAM, "claimed or incomplete: a person, or better proof"
    )
    yield Arrow(S.CHAIN_RECEIVED, E.CHAIN_REFUSED, S.CHAIN_REJECTED, A.PROGRAM, "contradicted, altered, used before or refused")
    yield Arrow(S.CHAIN_MANUAL, E.CHAIN_PROPOSED, S.CHAIN_MANUAL, A.REVIEWER, "one person believes it; a second must confirm")
    yield Arrow(S.CHAIN_MANUAL, E.CHAIN_PROVED, S.CHAIN_VERIFIED, A.SECOND_PERSON, "two people, with a recorded reason")
    yield Arrow(S.CHAIN_MANUAL, E.CHAIN_REFUSED, S.CHAIN_REJECTED, A.REVIEWER, "a person rejects it, with a reason")
    yield Arrow(S.CHAIN_MANUAL, E.ACKNOWLEDGED, S.ACK_RECEIVED, A.BUYER, "the buyer confirms to us directly")
    yield Arrow(S.CHAIN_REJECTED, E.ACKNOWLEDGED, S.ACK_RECEIVED, A.BUYER, "the buyer confirms to us, whatever the seller sent")
    yield Arrow(S.CHAIN_REJECTED, E.CLOSED, S.CLOSED_NO_MEMO, A.REVIEWER, "no proof, no memo")
    yield Arrow(S.CHAIN_VERIFIED, E.REBILL_ASKED, S.REBILL_REQUESTED, A.PROGRAM, "ticket opened, billing asked (M-26)")
    yield Arrow(S.REBILL_REQUESTED, E.REBILL_DONE, S.REBILL_CONFIRMED, A.BILLING, "the buyer is re-billed")
    yield Arrow(S.REBILL_REQUESTED, E.REBILL_FAILED, S.REBILL_FAILED, A.BILLING, "the re-bill failed")
    yield Arrow(S.REBILL_FAILED, E.HELD, S.HOLD, A.PROGRAM, "a person decides")
    yield Arrow(S.REBILL_CONFIRMED, E.MEMO_APPROVED, S.MEMO_ISSUED, A.SECOND_PERSON, "the credit memo is issued (M-27)")
    yield Arrow(
        S.REBILL_REQUESTED, E.MEMO_APPROVED, S.MEMO_ISSUED, A.SECOND_PERSON, "issued on request (memo_gate: rebill_requested)"
    )
    for state in AFTER_CONSENT:
        yield Arrow(state, E.REVOKED, S.HOLD, A.BUYER, "consent is withdrawn before the memo: nothing moves")
    yield Arrow(S.MEMO_ISSUED, E.REVOKED, S.REVERSAL_REVIEW, A.BUYER, "withdrawn or returned after the memo: a person")
    for state in S:
        if state not in CLOSED and state is not S.HOLD:
            yield Arrow(state, E.PUT_ON_HOLD, S.HOLD, A.REVIEWER, "a person stops the case: nothing moves until it is released")
    yield Arrow(S.HOLD, E.RELEASED, None, A.REVIEWER, "a person releases it to where it came from")
    yield Arrow(S.HOLD, E.ACKNOWLEDGED, S.ACK_RECEIVED, A.REVIEWER, "a person confirms what the buyer meant")
    yield Arrow(S.HOLD, E.CLOSED, S.CLOSED_NO_MEMO, A.REVIEWER, "a person closes it without a memo")


LIFECYCLE: tuple[Arrow, ...] = tuple(_arrows())
_TABLE = {(arrow.source, arrow.event): arrow for arrow in LIFECYCLE}
if len(_TABLE) != len(LIFECYCLE):
    raise AssertionError("two arrows leave one state by one event")


@dataclass(frozen=True, slots=True)
class Moved:
    """A permitted step."""

    source: CaseState
    target: CaseState
    event: CaseEvent
    reason: str
    by: Actor  # who causes it

    @property
    def closed(self) -> bool:
        return self.target in CLOSED

    @property
    def held_from(self) -> CaseState | None:
        """Where a HOLD goes back to, when this step enters one."""
        return self.source if self.target is CaseState.HOLD else None


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that the life cycle does not have; shown to the reviewer."""

    state: CaseState
    event: CaseEvent
    reason: str


def advance(state: CaseState, event: CaseEvent, *, held_from: CaseState | None = None) -> Moved | Refused:
    """Look the arrow up. `held_from` is the state that a HOLD was entered from."""
    arrow = _TABLE.get((state, event))
    if arrow is None:
        return Refused(state, event, f"a case in {state} has no step for “{event}”")
    target = arrow.target or held_from
    if target is None:
        return Refused(state, event, "nobody knows where this hold came from; close it instead")
    return Moved(state, target, event, arrow.reason, arrow.by)


def lifecycle_page() -> str:
    """docs/lifecycle.md: the diagram and the table, generated."""
    lines = [
        "# Life cycle of a re-bill case",
        "",
        "Generated from `supportbot/casework/case.py` by `make docs`. An arrow that is not here is refused, with a reason.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {S.NOTICE_DUE}",
        *(
            f"    {a.source} --> {a.target}: {a.event}"
            for a in LIFECYCLE
            if a.target and a.event not in (E.REVOKED, E.CHAIN_ARRIVED, E.PUT_ON_HOLD)
        ),
        f"    state any_after_consent <<choice>>\n    any_after_consent --> {S.HOLD}: {E.REVOKED}",
        f"    state any_before_proof <<choice>>\n    any_before_proof --> {S.CHAIN_RECEIVED}: {E.CHAIN_ARRIVED}",
        f"    state any_open <<choice>>\n    any_open --> {S.HOLD}: {E.PUT_ON_HOLD}",
        *(f"    {state} --> [*]" for state in S if state in CLOSED),
        "```",
        "",
        "| from | event | to | by | why |",
        "|---|---|---|---|---|",
        *(f"| `{a.source}` | {a.event} | `{a.target or 'where it came from'}` | {a.by} | {a.reason} |" for a in LIFECYCLE),
    ]
    return "\n".join(lines) + "\n"
