"""What a mail tells beside its kind: scope, outcome, particulars and near misses, each with the words that tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from supportbot.casework.facts import Evidence, Kind, NearMiss
from supportbot.casework.nearmiss import near_misses
from supportbot.mail.message import InboundMessage, Label
from supportbot.triage.facts import Found, numbers
from supportbot.triage.particulars import Particular, particulars

Outcome = Literal["cancelled", "too_late", "unclear"]

_WISHES = frozenset(
    (
        Kind.CANCEL_STANDARD,
        Kind.CANCEL_NONSTANDARD,
        Kind.CANCEL_RETRACTED,
        Kind.RETURN_REFUND,
        Kind.REBILL_REPLY,
        Kind.RETAILER_CANCEL,
        Kind.ORDER_PROBLEM,
        Kind.BACKORDER,
        Kind.SHIPPED_CANCELLED_REPORT,
    )
)
_SCOPED = frozenset((Kind.CANCEL_STANDARD, Kind.CANCEL_NONSTANDARD, Kind.SHIPPED_CANCELLED_REPORT))
_BY_MODEL = "model.kinds"


@dataclass(frozen=True, slots=True)
class Said:
    """A value that a rule's words say, and where."""

    value: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Told:
    """The particulars of a mail and its near misses, with their evidence."""

    particulars: tuple[Particular, ...]
    near_misses: tuple[NearMiss, ...]
    evidence: tuple[Evidence, ...]


def told(message: InboundMessage, kind: Kind, orders: Sequence[tuple[Found, bool]], known: Sequence[str]) -> Told:
    """The particulars of the new text, and the ids of it that are nearly one of `known` or of the quoted mail.

    `orders`: the order ids found; True: not in the new text.
    """
    text, day = message.new_text, message.date.date() if message.date else None
    there = bool(message.attachments or message.forwarded)
    found = particulars(text, day, wishes=kind in _WISHES, attachments=there) if kind is not Kind.UNRELATED else ()
    near: tuple[NearMiss, ...] = ()
    if orders:
        quoted = message.text(Label.QUOTED, Label.OURS)
        near = near_misses([one.value for one, _ in orders], (*known, *(one.value for one in numbers(quoted)[0])))
    evidence = [one.evidence(text) for one in found]
    missed = {miss.written for miss in near}
    evidence += [one.evidence("near_misses", subject=elsewhere) for one, elsewhere in orders if one.value in missed]
    return Told(found, near, tuple(dict.fromkeys(evidence)))


def scope_of(
    kind: Kind, said: Sequence[Said], heard: str, particulars: Sequence[Particular], text: str
) -> tuple[Literal["whole", "partial"] | None, tuple[Evidence, ...]]:
    """Whether all of an order is meant, and what tells that it is not. `heard`: what the model makes of it."""
    if kind not in _SCOPED:
        return None, ()
    words = [one.evidence for one in said if one.value == "partial"]
    words += [Evidence("scope", text[one.start : one.end], one.start, one.end, one.rule) for one in particulars if one.partial]
    if not words and heard == "partial":
        words = [Evidence("scope", text, 0, len(text), _BY_MODEL)]
    return "partial" if words else "whole", tuple(words)


def outcome_of(kind: Kind, said: Sequence[Said], heard: str, text: str) -> tuple[Outcome | None, tuple[Evidence, ...]]:
    """How a cancellation ended, and what tells it. Who says that it is not known yet knows it neither way."""
    if kind is not Kind.CANCEL_OUTCOME:
        return None, ()
    values = {one.value for one in said}
    doubt = [one for one in said if one.evidence.rule.endswith(".not_known")]
    if doubt:
        outcome: Outcome = "unclear"
    elif len(values) == 1:
        outcome = values.pop()  # type: ignore[assignment]  # the rules name outcomes
    elif heard in ("cancelled", "too_late", "unclear"):  # the words tell nothing, or both
        outcome = heard  # type: ignore[assignment]
    elif "unclear" in values:
        outcome = "unclear"
    else:  # "could not be cancelled" holds the words of a cancellation too
        outcome = "too_late" if "too_late" in values else "unclear"
    words = tuple(one.evidence for one in doubt or said if one.value == outcome)
    return outcome, words or ((Evidence("outcome", text, 0, len(text), _BY_MODEL),) if text else ())
