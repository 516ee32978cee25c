"""The life of what is followed without money: cancellations, warehouse requests, acknowledgements, backorders, alerts.

An errand is what support waits for after a decision. Its steps are one table per kind, as those of the re-bill case are in
case.py; a step that is not in the table is refused with a reason, as a value. docs/lifecycle.md is generated from both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from supportbot.casework.case import Actor
from supportbot.casework.facts import Kind
from supportbot.casework.order import Marketplace
from supportbot.casework.policy import Decision


class Errand(StrEnum):
    """What is followed."""

    CANCEL = "cancel"
    WAREHOUSE = "warehouse_request"
    ACKNOWLEDGE = "acknowledge"
    BACKORDER = "backorder"
    PROBLEM = "order_problem"


@dataclass(frozen=True, slots=True)
class Step:
    """One permitted step of an errand. `source` None: the step opens it."""

    errand: Errand
    source: str | None
    event: str
    target: str
    by: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """A permitted step, taken."""

    source: str | None
    target: str
    by: Actor
    reason: str
    closed: bool


@dataclass(frozen=True, slots=True)
class NoStep:
    """A step that the table does not have; shown to people."""

    state: str | None
    event: str
    reason: str


ENDS = frozenset({"CANCELLED", "TOO_LATE", "ACKNOWLEDGED", "MARKED", "SETTLED", "UNANSWERED"})
"""States in which nothing more is expected of an errand."""

A = Actor


def _ends(errand: Errand, waiting: tuple[str, ...]) -> Iterator[Step]:
    """What ends every errand: a person has seen to it, or nobody did in time."""
    for state in waiting:
        yield Step(errand, state, "settled", "SETTLED", A.REVIEWER, "a person has seen to it")
        yield Step(
            errand, state, "timed_out", "UNANSWERED", A.CLOCK, "nothing was heard in time; a person looks (product default)"
        )


def _outcomes(errand: Errand, waiting: tuple[str, ...], by: Actor) -> Iterator[Step]:
    for state in waiting:
        yield Step(errand, state, "cancelled", "CANCELLED", by, "the order is cancelled")
        yield Step(
            errand, state, "too_late", "TOO_LATE", by, "the cancellation came too late: the shipped path of the marketplace"
        )


def _steps() -> Iterator[Step]:
    cancel = ("ADVISED", "OFFICIAL_ASKED", "MARKETPLACE_ASKED", "WAITING")
    for event, target, reason in (
        ("advised", "ADVISED", "the seller is told to cancel"),
        ("official_asked", "OFFICIAL_ASKED", "the buyer is asked for the official request (A-09)"),
        ("marketplace_asked", "MARKETPLACE_ASKED", "the marketplace is to be asked (A-19)"),
        ("told_to_wait", "WAITING", "it cannot be cancelled yet (A-15, A-20)"),
    ):
        yield Step(Errand.CANCEL, None, event, target, A.PROGRAM, reason)
        for state in cancel:
            if state != target:
                yield Step(Errand.CANCEL, state, event, target, A.PROGRAM, reason)
    yield from _outcomes(Errand.CANCEL, cancel, A.PROGRAM)
    yield from _ends(Errand.CANCEL, cancel)

    asked = ("REQUESTED", "CHASED")
    yield Step(
        Errand.WAREHOUSE, None, "requested", "REQUESTED", A.PROGRAM, "the warehouse is asked; nothing is promised (W-03)"
    )
    yield Step(Errand.WAREHOUSE, "REQUESTED", "chased", "CHASED", A.CLOCK, "no outcome in business time (W-c, product default)")
    yield from _outcomes(Errand.WAREHOUSE, asked, A.PROGRAM)
    yield from _ends(Errand.WAREHOUSE, asked)

    due = ("TO_ACKNOWLEDGE", "ALERTED", "ESCALATED")
    yield Step(
        Errand.ACKNOWLEDGE, None, "arrived", "TO_ACKNOWLEDGE", A.PROGRAM, "the retailer cancelled in the platform (R-05)"
    )
    yield Step(Errand.ACKNOWLEDGE, "TO_ACKNOWLEDGE", "alerted", "ALERTED", A.CLOCK, "not acknowledged (product default)")
    for state in ("TO_ACKNOWLEDGE", "ALERTED"):
        yield Step(Errand.ACKNOWLEDGE, state, "escalated", "ESCALATED", A.CLOCK, "still not acknowledged (product default)")
    for state in due:
        yield Step(Errand.ACKNOWLEDGE, state, "done", "ACKNOWLEDGED", A.REVIEWER, "the supplier has acknowledged it")
    yield from _ends(Errand.ACKNOWLEDGE, due)

    late = ("RETAILER_ASKED", "TO_MARK")
    yield Step(Errand.BACKORDER, None, "retailer_asked", "RETAILER_ASKED", A.PROGRAM, "backorders supported? ask first (R-07)")
    yield Step(Errand.BACKORDER, None, "supported", "TO_MARK", A.PROGRAM, "the line is to be marked (R-06)")
    yield Step(Errand.BACKORDER, "RETAILER_ASKED", "supported", "TO_MARK", A.PROGRAM, "the retailer supports it (R-06)")
    for state in late:
        yield Step(Errand.BACKORDER, state, "done", "MARKED", A.REVIEWER, "the line is marked with its new ship date (R-08)")
    yield from _ends(Errand.BACKORDER, late)

    filed = ("SELLER_DECIDES", "CLOCK_RUNS", "OPTION_OPEN")
    for event, target, reason in (
        ("seller_asked", "SELLER_DECIDES", "the buyer filed an OCR: the seller alone decides (B-04)"),
        ("clock_started", "CLOCK_RUNS", "an NPB runs for one week, or two when the buyer responds (B-06, B-07)"),
        ("option_opened", "OPTION_OPEN", "the seller can cancel (B-03, B-05 to B-09)"),
    ):
        yield Step(Errand.PROBLEM, None, event, target, A.PROGRAM, reason)
        for state in filed:
            if state != target:
                by = A.CLOCK if (state, event) == ("CLOCK_RUNS", "option_opened") else A.PROGRAM
                yield Step(Errand.PROBLEM, state, event, target, by, reason)
    yield Step(
        Errand.PROBLEM, "SELLER_DECIDES", "declined", "SETTLED", A.SELLER, "not agreed: the previous status returns (B-05)"
    )
    yield from _outcomes(Errand.PROBLEM, filed, A.PROGRAM)
    yield from _ends(Errand.PROBLEM, filed)


STEPS: tuple[Step, ...] = tuple(_steps())
_TABLE = {(step.errand, step.source, step.event): step for step in STEPS}
if len(_TABLE) != len(STEPS):
    raise AssertionError("two steps leave one state of an errand by one event")


def step(errand: Errand, state: str | None, event: str) -> Stepped | NoStep:
    """Look the step up; `state` None opens the errand."""
    found = _TABLE.get((errand, state, event))
    if found is None:
        where = f"in {state}" if state else "not yet open"
        return NoStep(state, event, f"an errand “{errand}” {where} has no step for “{event}”")
    return Stepped(state, found.target, found.by, found.reason, found.target in ENDS)


_CALLS_FOR: Mapping[str, tuple[Errand, str]] = {
    "advise_cancel": (Errand.CANCEL, "advised"),
    "ask_official_request": (Errand.CANCEL, "official_asked"),
    "contact_marketplace": (Errand.CANCEL, "marketplace_asked"),
    "wait": (Errand.CANCEL, "told_to_wait"),
    "request_warehouse_cancel": (Errand.WAREHOUSE, "requested"),
    "acknowledge_cancel": (Errand.ACKNOWLEDGE, "arrived"),
    "ask_retailer": (Errand.BACKORDER, "retailer_asked"),
    "mark_backordered": (Errand.BACKORDER, "supported"),
}
_ALERT_CALLS_FOR: Mapping[str, tuple[Errand, str]] = {
    "advise_cancel": (Errand.PROBLEM, "option_opened"),
    "wait": (Errand.PROBLEM, "clock_started"),
}

ON_RING: Mapping[str, str] = {
    "warehouse_chase": "chased",
    "retailer_ack_alert": "alerted",
    "retailer_ack_escalate": "escalated",
    "npb_option": "option_opened",
    "give up waiting": "timed_out",
}
"""What a timer that rings means for its errand."""


def called_for(decision: Decision, marketplace: Marketplace) -> tuple[Errand, str] | None:
    """The errand that a decision opens or moves, and its event; None where nothing is to be followed."""
    if marketplace is Marketplace.MEMBER_CLUB and decision.action == "wait":
        return None
    if marketplace is Marketplace.FULFILMENT and decision.action == "wait":
        return None  # the request is followed already, or the status lags
    if marketplace is Marketplace.BRICK_MARKET:
        if decision.rule == "B-04":
            return Errand.PROBLEM, "seller_asked"
        if decision.rule == "B-05" and decision.action == "answer":
            return Errand.PROBLEM, "declined"
        return _ALERT_CALLS_FOR.get(decision.action)
    return _CALLS_FOR.get(decision.action)


def reported(kind: Kind, outcome: str | None) -> str | None:
    """The event that a report on how a cancellation ended is for every errand about it; None where it says nothing clear."""
    return outcome if kind is Kind.CANCEL_OUTCOME and outcome in ("cancelled", "too_late") else None


def errands_page() -> str:
    """The part of docs/lifecycle.md about errands, generated."""
    lines = [
        "",
        "# Life cycles of errands",
        "",
        "Generated from `supportbot/casework/errand.py`. A step that is not here is refused,",
        "with a reason, in the audit log.",
    ]
    for errand in Errand:
        steps = [one for one in STEPS if one.errand is errand]
        lines += ["", f"## {errand}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f"    {one.source or '[*]'} --> {one.target}: {one.event}" for one in steps]
        lines += [f"    {end} --> [*]" for end in dict.fromkeys(one.target for one in steps if one.target in ENDS)]
        lines += ["```", "", "| from | event | to | by | why |", "|---|---|---|---|---|"]
        lines += [
            f"| {f'`{o.source}`' if o.source else 'opens'} | {o.event} | `{o.target}` | {o.by} | {o.reason} |" for o in steps
        ]
    return "\n".join(lines) + "\n"
