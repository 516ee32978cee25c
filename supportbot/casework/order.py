"""An order as the marketplace tells it (docs/spec/cli.md). A missing field is None: it means unknown, never false."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, cast

_MARKETPLACE_ID = re.compile(r"[a-z][a-z0-9_]{0,60}")
_LEADING = re.compile(r"\A(?:PO\s*#|PO[-\s]|PO(?=\d)|#)\s*", re.IGNORECASE)


class Marketplace(StrEnum):
    """The five systems of docs/spec/policies.md, and any other that the rules speak of: `Marketplace("garden_shop")`."""

    MEMBER_CLUB = "member_club"
    BRICK_MARKET = "brick_market"
    RETAIL_PLATFORM = "retail_platform"
    FULFILMENT = "fulfilment"
    AMAZON = "amazon"

    @classmethod
    def _missing_(cls, value: object) -> "Marketplace | None":
        """A marketplace that a rule file brings has no name in the code; it is the same member each time."""
        if not isinstance(value, str) or not _MARKETPLACE_ID.fullmatch(value):
            return None
        found = str.__new__(cls, value)
        found._name_, found._value_ = value.upper(), value
        return cast(Marketplace, cls._value2member_map_.setdefault(value, found))


def bare_order_id(order_id: str) -> str:
    """An order id as it is compared: without case and without the `PO`, `PO#` or `#` that people write before it or leave out.

    >>> bare_order_id("PO-771200") == bare_order_id("#771200")
    True
    """
    return _LEADING.sub("", order_id.strip()).casefold()


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who ordered. Compared by address, never by name."""

    name: str | None = None
    address: str | None = None
    relay_address: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(a for a in (self.address, self.relay_address) if a)


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells; a seller user sees only its own cases (docs/spec/safety.md I12)."""

    id: str | None = None
    name: str | None = None
    addresses: tuple[str, ...] = ()
    account: Literal["active", "terminated"] | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line item; quantities are units."""

    line: str
    sku: str | None = None
    asin: str | None = None
    title: str | None = None
    quantity: int | None = None
    unit_price: Decimal | None = None
    shipped_quantity: int | None = None
    cancelled_quantity: int | None = None
    left_warehouse_quantity: int | None = None

    @property
    def cancelled_and_shipped(self) -> int | None:
        """Units both cancelled and gone: cancelled + left the warehouse - ordered, within 0..cancelled (policy 1.2)."""
        left = self.left_warehouse_quantity if self.left_warehouse_quantity is not None else self.shipped_quantity
        if self.quantity is None or self.cancelled_quantity is None or left is None:
            return None
        return max(0, min(self.cancelled_quantity, self.cancelled_quantity + left - self.quantity))


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel; `confirmed` is the advance ship notice (ASN) for the member club."""

    carrier: str | None = None
    tracking_number: str | None = None
    shipped_at: datetime | None = None
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem-order filing of the brick marketplace (seed 001)."""

    type: Literal["OCR", "NPB", "NPX", "NSS", "NRS"]
    filed_by: Literal["buyer", "seller"] | None = None
    filed_at: datetime | None = None
    buyer_responded: bool | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order; the order id is the purchase-order number where the marketplace calls it so."""

    marketplace: Marketplace
    order_id: str
    lines: tuple[OrderLine, ...] = ()
    channel: Literal["seller", "fba", "mcf"] | None = None
    placed_at: datetime | None = None
    status: str | None = None
    previous_status: str | None = None
    payment_verified: bool | None = None
    expected_ship_at: datetime | None = None
    label_generated: bool | None = None
    sent_to_warehouse: bool | None = None
    picked_packed: bool | None = None
    despatched: bool | None = None
    buyer_requested_cancel: bool | None = None
    supports_backorder: bool | None = None
    currency: str | None = None
    buyer: Buyer = field(default_factory=Buyer)
    seller: Seller = field(default_factory=Seller)
    shipments: tuple[Shipment, ...] = ()
    alerts: tuple[Alert, ...] = ()
    cancelled_by: Literal["buyer", "seller", "retailer", "marketplace"] | None = None
    cancelled_at: datetime | None = None

    @property
    def shipped(self) -> bool | None:
        """Whether anything has left, by any field that tells: despatched, a shipment, shipped units, the status."""
        if self.despatched is not None:
            return self.despatched
        if self.shipments and any(s.shipped_at or s.tracking_number or s.confirmed for s in self.shipments):
            return True
        left = [q for item in self.lines for q in (item.left_warehouse_quantity, item.shipped_quantity) if q is not None]
        if any(left):
            return True
        status = (self.status or "").casefold()
        if status in {"shipped", "delivered", "despatched", "dispatched", "in_transit"}:
            return True
        if left or status in {"unshipped", "pending", "planning", "unfulfillable", "new", "open", "processing", "backordered"}:
            return False
        return None

    @property
    def ship_confirmed(self) -> bool | None:
        """Whether a shipment is confirmed; for the member club the ASN."""
        if any(s.confirmed for s in self.shipments):
            return True
        known = [s.confirmed for s in self.shipments if s.confirmed is not None]
        if known or self.shipped is False:
            return False
        return None

    @property
    def cancelled(self) -> bool | None:
        """Whether the order as a whole is cancelled; None where neither status, date nor lines tell."""
        if self.cancelled_at or self.cancelled_by or (self.status or "").casefold() in {"cancelled", "canceled"}:
            return True
        if self.status or any(item.cancelled_quantity is not None for item in self.lines):
            return False
        return None

    def cancelled_and_shipped_units(self, item: OrderLine) -> int | None:
        """Units of a line that were cancelled and have gone.

        A short advance ship notice of the member club cancels the rest of its line (M-07, fill or kill). Where the lines carry
        no figures at all, a cancelled order with a parcel under way is cancelled and shipped as a whole.
        """
        if item.cancelled_quantity is None and self._fills_or_kills(item):
            item = replace(item, cancelled_quantity=(item.quantity or 0) - (item.shipped_quantity or 0))
        if (units := item.cancelled_and_shipped) is not None:
            return units
        figures = any(
            q is not None for i in self.lines for q in (i.cancelled_quantity, i.shipped_quantity, i.left_warehouse_quantity)
        )
        if not figures and self.cancelled and self.shipped:
            return item.quantity
        return None

    def _fills_or_kills(self, item: OrderLine) -> bool:
        short = item.quantity is not None and item.shipped_quantity is not None and 0 < item.shipped_quantity < item.quantity
        return self.marketplace is Marketplace.MEMBER_CLUB and self.ship_confirmed is True and short

    @property
    def cancelled_and_shipped(self) -> int | None:
        """Units of the whole order that were cancelled and have gone; None where nothing tells."""
        known = [units for item in self.lines if (units := self.cancelled_and_shipped_units(item)) is not None]
        return sum(known) if known else None
