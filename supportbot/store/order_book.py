"""Orders as they were imported last: found by order id, or by the addresses of their buyer and seller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.engine import Row

from supportbot.casework.order import Alert, Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.clock import Clock
from supportbot.errors import StoreError
from supportbot.store.columns import fold
from supportbot.store.rows import StoredOrder
from supportbot.store.tables import (
    credit_memo_lines,
    order_addresses,
    order_lines,
    orders,
    rebill_lines,
    shipments,
)
from supportbot.store.vault import Vault
from supportbot.store.work import Work, upsert

_PLAIN = (
    "order_id", "channel", "placed_at", "status", "previous_status", "payment_verified", "expected_ship_at", "label_generated",
    "sent_to_warehouse", "picked_packed", "despatched", "buyer_requested_cancel", "supports_backorder", "currency",
    "cancelled_by", "cancelled_at",
)  # fmt: skip
_LINE = tuple(field.name for field in fields(OrderLine))
_SHIPMENT = tuple(field.name for field in fields(Shipment))

_ORDERS_BY_ID = select(orders).where(orders.c.order_id_folded.in_(bindparam("ids", expanding=True))).order_by(orders.c.key)
_ORDERS_BY_KEY = select(orders).where(orders.c.key.in_(bindparam("keys", expanding=True)))
_ORDERS_BY_ADDRESS = (
    select(orders)
    .join(order_addresses, order_addresses.c.order_key == orders.c.key)
    .where(order_addresses.c.address == bindparam("address"))
    .order_by(orders.c.key.desc())
    .limit(bindparam("at_most"))
)
_LINES = (
    select(order_lines)
    .where(order_lines.c.order_key.in_(bindparam("keys", expanding=True)))
    .order_by(order_lines.c.order_key, order_lines.c.number)
)
_SHIPMENTS = (
    select(shipments)
    .where(shipments.c.order_key.in_(bindparam("keys", expanding=True)))
    .order_by(shipments.c.order_key, shipments.c.number)
)
_CHUNK = 500  # orders compared with what is stored in one query


class OrderBook(Work):
    """The orders; each is put together once in a transaction."""

    def __init__(self, connection: Connection, clock: Clock, vault: Vault | None = None) -> None:
        super().__init__(connection, clock, vault)
        self._whole: dict[int, StoredOrder] = {}
        self._keys_of: dict[str, list[int]] = {}  # by folded order id, those looked for

    def import_orders(self, orders: Sequence[Order]) -> tuple[int, int]:
        """Store orders, each replacing the one with its marketplace and order id; how many were new, how many changed."""
        new = changed = 0
        for start in range(0, len(orders), _CHUNK):
            chunk = orders[start : start + _CHUNK]
            stored = {_name(known.order): known for known in self.find_orders([order.order_id for order in chunk])}
            for order in chunk:
                known = stored.get(_name(order))
                if known is None:
                    stored[_name(order)] = StoredOrder(self._add_order(order), order)
                    new += 1
                elif known.order != order:
                    self._change_order(known.key, order)
                    stored[_name(order)] = StoredOrder(known.key, order)
                    changed += 1
            self._whole.clear()
            self._keys_of.clear()
        return new, changed

    def _add_order(self, order: Order) -> int:
        key = self._connection.execute(insert(_ORDERS).returning(_ORDERS.c.key), _columns(order)).scalar_one()
        self._write_parts(key, order)
        return int(key)

    def _change_order(self, key: int, order: Order) -> None:
        self._write(update(_ORDERS).where(_ORDERS.c.key == key).values(_columns(order)))
        self._write(delete(shipments).where(shipments.c.order_key == key))
        self._write(delete(order_addresses).where(order_addresses.c.order_key == key))
        kept = [item.line for item in order.lines]
        paid = (
            exists().where(table.c.order_key == order_lines.c.order_key, table.c.line == order_lines.c.line)
            for table in (rebill_lines, credit_memo_lines)
        )
        gone = delete(order_lines).where(order_lines.c.order_key == key, order_lines.c.line.not_in(kept))
        self._write(gone.where(*(~stands for stands in paid)))  # a line that money stands on is kept for the record
        self._write_parts(key, order)

    def _write_parts(self, key: int, order: Order) -> None:
        if order.lines:
            lines = [
                {"order_key": key, "number": number, **{name: getattr(item, name) for name in _LINE}}
                for number, item in enumerate(order.lines)
            ]
            self._write(upsert(self._dialect, order_lines), lines)
        if order.shipments:
            parcels = [
                {"order_key": key, "number": number, **{name: getattr(parcel, name) for name in _SHIPMENT}}
                for number, parcel in enumerate(order.shipments)
            ]
            self._write(insert(shipments), parcels)
        addresses = {fold(address) for address in (*order.buyer.addresses, *order.seller.addresses)}
        if addresses:
            self._write(insert(order_addresses), [{"order_key": key, "address": address} for address in sorted(addresses)])

    def find_orders(self, order_ids: Sequence[str]) -> list[StoredOrder]:
        """The orders with these ids, in whatever marketplace; compared without case, exactly otherwise."""
        wanted = dict.fromkeys(map(fold, order_ids))
        new = [order_id for order_id in wanted if order_id not in self._keys_of]
        self._keys_of |= {order_id: [] for order_id in new}
        for stored in self._with_parts(self._all(_ORDERS_BY_ID, {"ids": new})) if new else ():
            self._keys_of[fold(stored.order.order_id)].append(stored.key)
        return [self._whole[key] for key in sorted(key for order_id in wanted for key in self._keys_of[order_id])]

    def orders_of(self, address: str, limit: int = 20) -> list[StoredOrder]:
        """The orders where the address is the buyer's, the buyer's relay or one of the seller's; newest first."""
        return self._with_parts(self._all(_ORDERS_BY_ADDRESS, {"address": fold(address), "at_most": limit}))

    def all_orders(self) -> list[StoredOrder]:
        """Every order, in order of arrival."""
        return self._with_parts(self._all(select(_ORDERS).order_by(_ORDERS.c.key)))

    def order(self, key: int) -> StoredOrder:
        """One order by the store's key. Raises `StoreError` for an unknown one."""
        found = self._with_parts(self._all(_ORDERS_BY_KEY, {"keys": [key]}))
        if not found:
            raise StoreError(f"there is no order with the key {key}")
        return found[0]

    def _with_parts(self, rows: Iterable[Row[Any]]) -> list[StoredOrder]:
        found = list(rows)
        new = [row for row in found if row.key not in self._whole]
        keys = {"keys": [row.key for row in new]}
        lines: dict[int, list[OrderLine]] = {}
        for row in self._all(_LINES, keys) if new else ():
            lines.setdefault(row.order_key, []).append(OrderLine(**_named(row, _LINE)))
        parcels: dict[int, list[Shipment]] = {}
        for row in self._all(_SHIPMENTS, keys) if new else ():
            parcels.setdefault(row.order_key, []).append(Shipment(**_named(row, _SHIPMENT)))
        for row in new:
            order = _order(row, tuple(lines.get(row.key, ())), tuple(parcels.get(row.key, ())))
            self._whole[row.key] = StoredOrder(row.key, order)
        return [self._whole[row.key] for row in found]


_ORDERS = orders  # `import_orders` has an argument of the same name


def _name(order: Order) -> tuple[Marketplace, str]:
    return order.marketplace, fold(order.order_id)


def _named(row: Row[Any], names: Sequence[str]) -> dict[str, Any]:
    columns = row._mapping
    return {name: columns[name] for name in names}


def _columns(order: Order) -> dict[str, Any]:
    return {
        **{name: getattr(order, name) for name in _PLAIN},
        "marketplace": order.marketplace.value,
        "order_id_folded": fold(order.order_id),
        "buyer_name": order.buyer.name,
        "buyer_address": order.buyer.address,
        "buyer_relay_address": order.buyer.relay_address,
        "seller_id": order.seller.id,
        "seller_name": order.seller.name,
        "seller_account": order.seller.account,
        "seller_addresses": list(order.seller.addresses),
        "alerts": [
            {
                "type": alert.type,
                "filed_by": alert.filed_by,
                "filed_at": None if alert.filed_at is None else alert.filed_at.isoformat(),
                "buyer_responded": alert.buyer_responded,
            }
            for alert in order.alerts
        ],
    }


def _order(row: Row[Any], lines: tuple[OrderLine, ...], parcels: tuple[Shipment, ...]) -> Order:
    return Order(
        marketplace=Marketplace(row.marketplace),
        lines=lines,
        shipments=parcels,
        buyer=Buyer(row.buyer_name, row.buyer_address, row.buyer_relay_address),
        seller=Seller(row.seller_id, row.seller_name, tuple(row.seller_addresses), row.seller_account),
        alerts=tuple(_alert(alert) for alert in row.alerts),
        **_named(row, _PLAIN),
    )


def _alert(stored: Mapping[str, Any]) -> Alert:
    filed_at = stored["filed_at"]
    return Alert(
        stored["type"],
        stored["filed_by"],
        None if filed_at is None else datetime.fromisoformat(filed_at),
        stored["buyer_responded"],
    )
