"""What a mail tells beside its kind: scope, outcome, particulars and near misses, each with the words that tell it."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from supportbot.casework.facts import Evidence, Kind, NearMiss
from supportbot.casework.nearmiss import near_misses
from supportbot.mail.message import InboundMessage, Label
from supportbot.triage.facts import Found, numbers
from supportbot.triage.particulars import Particular, particulars, parts

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
        Kind.SELLER_INQUIRY,
    )
)
_SCOPED = frozenset((Kind.CANCEL_STANDARD, Kind.CANCEL_NONSTANDARD, Kind.SHIPPED_CANCELLED_REPORT))
_OUTCOMES = ("too_late", "cancelled", "unclear")  # "could not be cancelled" holds the words of a cancellation too
_OF_MODEL, _LEAST = (
    2.0,
    0.01,
)  # what a share that is e times as large weighs, beside the weights of words; a lesser share counts as this
_NOT_KNOWN = ".not_known"  # the signal of who does not know yet
_BY_MODEL = "model.kinds"
_BESIDE_CANCEL = re.compile(r"cancel|stornier|annul", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A value that a rule's words say, and where."""

    value: str
    weight: float
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
    kind: Kind, said: Sequence[Said], heard: str, message: InboundMessage
) -> tuple[Literal["whole", "partial"] | None, tuple[Evidence, ...]]:
    """Whether all of an order is meant, and what tells that it is not. `heard`: what the model makes of it."""
    if kind not in _SCOPED:
        return None, ()
    text = message.new_text
    words = [one.evidence for one in said if one.value == "partial"]
    words += [Evidence("scope", message.subject[one.start : one.end], 0, 0, "subject") for one in parts(message.subject)]
    words += [Evidence("scope", text[one.start : one.end], one.start, one.end, one.rule) for one in parts(text)]
    if kind is Kind.CANCEL_STANDARD:  # its form lists every line; only what stands beside the cancelling counts
        words = [
            one
            for one in words
            if not one.rule.startswith(("lines.", "cancel_nonstandard."))
            or _BESIDE_CANCEL.search(text[max(0, one.start - 30) : one.end + 40])
        ]
    if not words and heard == "partial":
        words = [Evidence("scope", text, 0, len(text), _BY_MODEL)]
    return "partial" if words else "whole", tuple(words)


def outcome_of(
    kind: Kind, said: Sequence[Said], heard: Mapping[str, float], text: str
) -> tuple[Outcome | None, tuple[Evidence, ...]]:
    """How a cancellation ended, and what tells it. Who says that it is not known yet knows it neither way.

    `heard`: the model's share of each outcome; words of the rules and what the model hears are weighed together.
    """
    if kind is not Kind.CANCEL_OUTCOME:
        return None, ()
    doubt = [one for one in said if one.evidence.rule.endswith(_NOT_KNOWN)]
    weights = {outcome: _OF_MODEL * math.log(max(heard.get(outcome, 0.0), _LEAST)) for outcome in _OUTCOMES}
    for one in said:
        weights[one.value] += one.weight
    spoken = said or any(one in heard for one in _OUTCOMES)
    outcome = "unclear" if doubt or not spoken else max(_OUTCOMES, key=lambda one: weights[one])
    words = tuple(one.evidence for one in doubt or said if one.value == outcome)
    told: Outcome = outcome  # type: ignore[assignment]  # the rules and the corpus name outcomes only
    return told, words or ((Evidence("outcome", text, 0, len(text), _BY_MODEL),) if text else ())
