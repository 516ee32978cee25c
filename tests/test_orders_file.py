"""The orders file: JSON and CSV mean the same, missing means unknown, and every mistake is told."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.order import Alert, Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.orders import OrdersError, load_orders

FULL: dict[str, Any] = {
    "marketplace": "member_club",
    "order_id": "PO-1",
    "channel": "seller",
    "placed_at": "2024-03-01T09:00:00",
    "status": "cancelled",
    "payment_verified": True,
    "expected_ship_at": "2024-03-02T09:00:00+01:00",
    "currency": "USD",
    "buyer": {"name": "Nora Hale", "address": "nora@example.org", "relay_address": None},
    "seller": {"id": "S1", "addresses": ["a@shop.example", "b@shop.example"], "account": "active"},
    "lines": [
        {"line": "1", "sku": "LMP", "quantity": 10, "unit_price": "12.90", "shipped_quantity": 3, "cancelled_quantity": 7},
        {"line": 2, "sku": "CAP", "quantity": 1, "unit_price": 0.1},
    ],
    "shipments": [{"carrier": "UPS", "tracking_number": "1Z999", "confirmed": True}],
    "alerts": [{"type": "OCR", "filed_by": "buyer", "filed_at": "2024-03-03T00:00:00Z"}],
    "cancelled_by": "seller",
}


def load(tmp_path: Path, data: object) -> list[Order]:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return load_orders(path)


def load_csv(tmp_path: Path, text: str) -> list[Order]:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    return load_orders(path)


def mistakes(tmp_path: Path, data: object) -> list[str]:
    with pytest.raises(OrdersError) as caught:
        load(tmp_path, data)
    return [f"{f.key}: {f.found}; {f.expected}" for f in caught.value.findings]


def test_an_order_is_read_whole(tmp_path: Path) -> None:
    assert load(tmp_path, [FULL]) == [
        Order(
            Marketplace.MEMBER_CLUB,
            "PO-1",
            (
                OrderLine("1", "LMP", quantity=10, unit_price=Decimal("12.90"), shipped_quantity=3, cancelled_quantity=7),
                OrderLine("2", "CAP", quantity=1, unit_price=Decimal("0.1")),
            ),
            channel="seller",
            placed_at=datetime(2024, 3, 1, 9, tzinfo=UTC),
            status="cancelled",
            payment_verified=True,
            expected_ship_at=datetime(2024, 3, 2, 8, tzinfo=UTC),
            currency="USD",
            buyer=Buyer("Nora Hale", "nora@example.org"),
            seller=Seller("S1", None, ("a@shop.example", "b@shop.example"), "active"),
            shipments=(Shipment("UPS", "1Z999", None, True),),
            alerts=(Alert("OCR", "buyer", datetime(2024, 3, 3, tzinfo=UTC)),),
            cancelled_by="seller",
        )
    ]


def test_what_is_missing_is_unknown(tmp_path: Path) -> None:
    [order] = load(tmp_path, [{"marketplace": "amazon", "order_id": 112, "lines": []}])

    assert order == Order(Marketplace.AMAZON, "112")
    assert order.shipped is None


def test_csv_has_one_line_item_a_row(tmp_path: Path) -> None:
    [order] = load_csv(
        tmp_path,
        "marketplace,order_id,placed_at,payment_verified,seller.addresses,lines[].line,lines[].sku,lines[].quantity,"
        "lines[].unit_price,shipments[].carrier,shipments[].tracking_number\n"
        "member_club,PO-1,2024-03-01T09:00:00,true,a@shop.example; b@shop.example,1,LMP,10,12.90,UPS,1Z999\n"
        "member_club,PO-1,2024-03-01T09:00:00,true,a@shop.example; b@shop.example,2,CAP,1,,UPS,1Z999\n",
    )

    assert [(item.sku, item.quantity, item.unit_price) for item in order.lines] == [
        ("LMP", 10, Decimal("12.90")),
        ("CAP", 1, None),
    ]
    assert order.shipments == (Shipment("UPS", "1Z999"),)
    assert order.seller.addresses == ("a@shop.example", "b@shop.example")
    assert (order.payment_verified, order.placed_at) == (True, datetime(2024, 3, 1, 9, tzinfo=UTC))


def test_rows_of_one_order_that_disagree_are_told_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(OrdersError) as caught:
        load_csv(tmp_path, "marketplace,order_id,status,lines[].line\namazon,1,open,1\namazon,1,closed,2\n")

    assert [(f.line, f.key) for f in caught.value.findings] == [(3, "status")]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    bad = FULL | {"marketplace": "ebay", "statuss": "x", "placed_at": 12, "lines": [{"line": "1", "quantity": -1}]}
    found = mistakes(tmp_path, [FULL, bad])

    assert [finding.partition(":")[0] for finding in found] == [
        "[1].marketplace",
        "[1].lines[0].quantity",
        "[1].placed_at",
        "[1].statuss",
    ]
    assert found[3].endswith("(did you mean status?)")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"currency": "usd"}, "[0].currency"),
        ({"seller": {"account": "closed"}}, "[0].seller.account"),
        ({"alerts": [{"filed_by": "buyer"}]}, "[0].alerts[0].type"),
        ({"lines": [{"line": "1"}, {"line": "1"}]}, "[0].lines"),
        ({"lines": [{"line": "1", "unit_price": "NaN"}]}, "[0].lines[0].unit_price"),
        ({"lines": [{"line": "1", "quantity": 1.5}]}, "[0].lines[0].quantity"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(tmp_path: Path, change: dict[str, Any], key: str) -> None:
    assert [finding.partition(":")[0] for finding in mistakes(tmp_path, [FULL | change])] == [key]


def test_an_order_twice_is_a_mistake(tmp_path: Path) -> None:
    assert mistakes(tmp_path, [FULL, FULL]) == ["[1].order_id: PO-1; each order once"]


@pytest.mark.parametrize("text", ["", "{", "7", '"x"', "[7]", "\x00"])
def test_a_file_that_is_no_list_of_orders_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orders.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(OrdersError):
        load_orders(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OrdersError):
        load_orders(tmp_path / "none.json")


@given(st.text(max_size=80))
def test_no_text_makes_the_csv_reader_fail_in_any_other_way(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "orders.csv"
    path.write_text("marketplace,order_id,lines[].line\n" + text, encoding="utf-8", errors="replace")
    with suppress(OrdersError):
        assert isinstance(load_orders(path), list)
