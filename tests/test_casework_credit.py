"""What a credit memo may pay: units cancelled and gone, by line, at their price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.chain import VerifiedChain, verify_chain
from supportbot.casework.credit import CreditLine, CreditMemo, credit_lines, credit_memo
from supportbot.casework.order import Marketplace, Order, OrderLine, Shipment
from tests.test_casework_chain import HONEST, ordered

PARCEL = (Shipment("UPS", "1Z999", confirmed=True),)
Quantity = int | None


def line(
    quantity: Quantity = None,
    shipped: Quantity = None,
    cancelled: Quantity = None,
    left: Quantity = None,
    price: str | None = "5.00",
) -> OrderLine:
    return OrderLine(
        "1",
        title="Lamp",
        quantity=quantity,
        shipped_quantity=shipped,
        cancelled_quantity=cancelled,
        left_warehouse_quantity=left,
        unit_price=None if price is None else Decimal(price),
    )


def order(*lines: OrderLine, shipments: tuple[Shipment, ...] = PARCEL, **more: str) -> Order:
    return Order(Marketplace.MEMBER_CLUB, "PO-1", lines, shipments=shipments, currency="USD", **more)  # type: ignore[arg-type]


def proof(*lines: OrderLine) -> VerifiedChain:
    found = verify_chain(ordered(lines=lines)).proof
    assert found is not None
    return found


UNITS: list[tuple[str, OrderLine, int | None]] = [
    ("all cancelled, all gone", line(10, 10, 10, 10), 10),
    ("all cancelled, none gone", line(10, 0, 10, 0), 0),
    ("none cancelled, all gone", line(10, 10, 0, 10), 0),
    ("fill or kill: 3 on the notice, 7 killed, and 3 gone", line(10, 3, 7, 3), 0),
    ("fill or kill: 3 on the notice, 7 killed, but 10 gone", line(10, 3, 7, 10), 7),
    ("fill or kill without the platform's figure", line(10, 3, None, 10), 7),
    ("2 of 7 killed went out too", line(10, 3, 7, 5), 2),
    ("more gone than ordered counts no further than cancelled", line(10, 3, 7, 99), 7),
    ("what left the warehouse is unknown: what shipped stands for it", line(10, 10, 4, None), 4),
    ("nothing known of what left", line(10, None, 10, None), None),
    ("nothing known of what was ordered", line(None, 3, 3, 3), None),
]


@pytest.mark.parametrize(("item", "units"), [row[1:] for row in UNITS], ids=[row[0] for row in UNITS])
def test_units_are_cancelled_plus_gone_minus_ordered(item: OrderLine, units: int | None) -> None:
    found = order(item)

    assert found.cancelled_and_shipped_units(item) == units
    assert [(each.units, each.value) for each in credit_lines(found)] == ([(units, units * Decimal("5.00"))] if units else [])


def test_an_order_cancelled_as_a_whole_without_any_figure_counts_as_a_whole() -> None:
    found = order(line(3), status="cancelled")

    assert [each.units for each in credit_lines(found)] == [3]
    assert credit_lines(order(line(3), shipments=(), status="cancelled")) == ()


@given(*(st.integers(0, 50) for _ in range(4)))
def test_units_never_leave_their_bounds(quantity: int, shipped: int, cancelled: int, left: int) -> None:
    units = line(quantity, shipped, cancelled, left).cancelled_and_shipped

    assert units is not None
    assert 0 <= units <= cancelled
    if cancelled <= quantity:
        assert units <= max(0, left)


def test_a_memo_adds_its_lines_exactly_and_shows_how() -> None:
    two = (line(2, 2, 2, 2, "49.90"), OrderLine("2", "SKU-2", None, None, 1, Decimal("0.10"), 1, 1, 1))
    memo = credit_memo(proof(*two))

    assert memo.lines == (CreditLine("1", "Lamp", 2, Decimal("49.90")), CreditLine("2", "SKU-2", 1, Decimal("0.10")))
    assert memo.cap == Decimal("99.90")
    assert memo.arithmetic == "2 x 49.90 + 1 x 0.10 = 99.90 USD"


def test_a_line_without_a_price_is_not_paid() -> None:
    memo = credit_memo(proof(line(2, 2, 2, 2, "1.10"), OrderLine("2", None, None, None, 1, None, 1, 1, 1)))

    assert [each.line for each in memo.lines] == ["1"]
    assert memo.cap == Decimal("1.10") * 2


def test_fill_or_kill_where_all_ten_went_out_pays_seven() -> None:
    assert credit_memo(proof(line(10, 3, 7, 10))).arithmetic == "7 x 5.00 = 35.00 USD"


@pytest.mark.parametrize("nothing", [None, HONEST, verify_chain(HONEST), "verified"])
def test_a_memo_needs_a_proof(nothing: object) -> None:
    with pytest.raises(TypeError, match="needs a VerifiedChain"):
        credit_memo(nothing)  # type: ignore[arg-type]


def test_an_empty_memo_is_worth_nothing() -> None:
    assert CreditMemo(proof(line(1, 1, 1, 1)), (), None).cap == Decimal(0)
