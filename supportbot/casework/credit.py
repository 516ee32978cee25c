"""Money: what a credit memo pays, by line. Reached by one door (an import contract), opened only with a `VerifiedChain`."""

from dataclasses import dataclass
from decimal import Decimal

from supportbot.casework.chain import VerifiedChain
from supportbot.casework.order import Order


@dataclass(frozen=True, slots=True)
class CreditLine:
    """Units of one order line that were cancelled and shipped, and their price."""

    line: str
    title: str
    units: int
    unit_price: Decimal

    @property
    def value(self) -> Decimal:
        return self.unit_price * self.units


@dataclass(frozen=True, slots=True)
class CreditMemo:
    """What a memo may pay at most (docs/spec/policies.md CI6); a person enters the amount (M-i)."""

    proof: VerifiedChain
    lines: tuple[CreditLine, ...]
    currency: str | None

    @property
    def cap(self) -> Decimal:
        return sum((line.value for line in self.lines), Decimal(0))

    @property
    def arithmetic(self) -> str:
        """The sum as a person would write it: "2 x 49.90 + 1 x 5.00 = 104.80 EUR"."""
        terms = " + ".join(f"{line.units} x {line.unit_price}" for line in self.lines)
        return f"{terms} = {self.cap} {self.currency or ''}".strip()


def credit_lines(order: Order) -> tuple[CreditLine, ...]:
    """The cancelled-and-shipped units of an order whose price is known."""
    return tuple(
        CreditLine(item.line, item.title or item.sku or item.line, units, item.unit_price)
        for item in order.lines
        if (units := order.cancelled_and_shipped_units(item)) and item.unit_price is not None
    )


def credit_memo(proof: VerifiedChain) -> CreditMemo:
    """The memo a proof allows. Raises TypeError for anything that is no proof."""
    if type(proof) is not VerifiedChain:
        raise TypeError("a credit memo needs a VerifiedChain")
    return CreditMemo(proof, credit_lines(proof.order), proof.order.currency)
