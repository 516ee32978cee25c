"""An order's facts as the pages show them: yes, no, a value, or unknown, each said as such."""

from dataclasses import dataclass
from typing import Any

from supportbot.casework.order import Order
from supportbot.web.language import say, translated
from supportbot.web.words import marketplace_name, money, said


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One row; `value` None: unknown."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class LineView:
    """One order line; a quantity of None is unknown."""

    line: str
    title: str
    price: str
    ordered: int | None
    cancelled: int | None
    left: int | None
    both: int | None  # cancelled and shipped


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order for a page."""

    order_id: str
    marketplace: str
    facts: tuple[OrderFact, ...]
    lines: tuple[LineView, ...]


def view_order(order: Order) -> OrderView:
    """An order as the pages show it."""
    return OrderView(
        order_id=order.order_id,
        marketplace=marketplace_name(order.marketplace.value),
        facts=tuple(OrderFact(name, _in_words(value)) for name, value in _facts(order)),
        lines=tuple(
            LineView(
                line=item.line,
                title=item.title or item.sku or item.asin or "",
                price=money(item.unit_price, order.currency),
                ordered=item.quantity,
                cancelled=item.cancelled_quantity,
                left=item.left_warehouse_quantity if item.left_warehouse_quantity is not None else item.shipped_quantity,
                both=item.cancelled_and_shipped,
            )
            for item in order.lines
        ),
    )


def _in_words(value: Any) -> str | None:
    told = said(value)
    return told and translated(told)


def _facts(order: Order) -> tuple[tuple[str, Any], ...]:
    parcels = [" ".join(filter(None, (parcel.carrier, parcel.tracking_number))) for parcel in order.shipments]
    return (
        (say("Shipped"), order.shipped),
        (say("Shipment confirmed"), order.ship_confirmed),
        (say("Units cancelled and shipped"), order.cancelled_and_shipped),
        (say("Parcel"), [parcel for parcel in parcels if parcel]),
        (say("Status"), order.status),
        (say("Cancelled by"), order.cancelled_by),
        (say("Cancelled at"), order.cancelled_at),
        (say("Buyer asked to cancel"), order.buyer_requested_cancel),
        (say("Channel"), order.channel),
        (say("Placed"), order.placed_at),
        (say("Due to ship"), order.expected_ship_at),
        (say("Buyer"), list(order.buyer.addresses) or order.buyer.name),
        (say("Seller"), order.seller.name or order.seller.id or list(order.seller.addresses)),
    )
