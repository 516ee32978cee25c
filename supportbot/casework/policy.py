"""A marketplace's policy as a decision table, and the small engine that walks it.

Facts are yes, no or unknown: a fact absent from the mapping is unknown, and a condition over it is neither true nor false
(Kleene logic). Rules are walked from the most specific down. A rule that holds decides; a rule that might hold, for want of a
fact, stops the walk and asks for that fact: a guess is never made (spec/policies.md 0.1, 0.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

FactValue = str | bool | int | Decimal | datetime | tuple[str, ...]
Facts = Mapping[str, FactValue]  # by dotted name, e.g. "order.shipped"; absent means unknown


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a source document, found there after folding white space and quotation marks."""

    file: str
    text: str
    mark: str = ""  # "", "X" (public original, not the seed) or "P" (product default)


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """A timer that a decision starts."""

    name: str
    due: datetime
    source: str  # rule id, or "product default"


@dataclass(frozen=True, slots=True)
class TicketSpec:
    """A ticket that a decision opens; types are those of spec/cli.md."""

    type: str
    status: str
    order_id: str | None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says of one message about one order (spec/cli.md `decide`)."""

    action: str
    rule: str | None
    fired: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    template: str | None = None
    tickets: tuple[TicketSpec, ...] = ()
    timers: tuple[TimerSpec, ...] = ()
    metric_effect: str = "none"
    needs_person: bool = False
    why: str = ""
    quotes: tuple[Quote, ...] = ()
    policy: str | None = None  # policy id and version, e.g. "amazon/2020"
    effective_from: date | None = None
