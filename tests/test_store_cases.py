"""Orders, cases and timers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.order import Alert, Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.errors import StoreError
from supportbot.store import Store
from supportbot.store.columns import storable
from tests.databases import MovableClock, RawSql
from tests.store_world import accept, add_people, an_order, open_case, open_memo

WHOLE = Order(
    marketplace=Marketplace.AMAZON,
    order_id="111-2222222-3333333",
    lines=(
        OrderLine("1", "sku", "B00", "Lämp", 3, Decimal("12.3456"), 1, 2, 0),
        OrderLine("a", None, None, None, None, Decimal("100"), None, None, None),
    ),
    channel="fba",
    placed_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    status="Unshipped",
    previous_status="Pending",
    payment_verified=True,
    expected_ship_at=datetime(2026, 1, 9, tzinfo=UTC),
    label_generated=False,
    sent_to_warehouse=None,
    picked_packed=True,
    despatched=False,
    buyer_requested_cancel=True,
    supports_backorder=False,
    currency="EUR",
    buyer=Buyer("Bea", "Bea@Example.test", "x1@marketplace.example.test"),
    seller=Seller("s-9", "Sam", ("a@seller.test", "b@seller.test"), "terminated"),
    shipments=(Shipment("UPS", "1Z", datetime(2026, 1, 5, tzinfo=UTC), True), Shipment()),
    alerts=(Alert("NPB", "seller", datetime(2026, 1, 3, tzinfo=UTC), False), Alert("OCR")),
    cancelled_by="buyer",
    cancelled_at=datetime(2026, 1, 6, tzinfo=UTC),
)
BARE = Order(Marketplace.BRICK_MARKET, "77")


def test_an_order_comes_back_as_it_was_imported(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.import_orders([WHOLE, BARE]) == (2, 0)
    with store.snapshot() as tx:
        (whole,) = tx.find_orders(["111-2222222-3333333"])
        (bare,) = tx.find_orders([" 77 "])
        assert (whole.order, bare.order) == (WHOLE, BARE)
        assert tx.order(whole.key) == whole
        with pytest.raises(StoreError, match="there is no order with the key 99"):
            tx.order(99)


def test_a_second_import_changes_only_what_is_different(store: Store) -> None:
    changed = an_order("PO-2", lines=(OrderLine("1", quantity=1),), shipments=(), buyer=Buyer(address="new@example.test"))
    with store.transaction() as tx:
        assert tx.import_orders([an_order("PO-1"), an_order("PO-2"), an_order("po-1")]) == (2, 1)
        assert tx.import_orders([an_order("po-1"), changed, an_order("PO-3")]) == (1, 1)
        assert tx.find_orders(["PO-2"])[0].order == changed
        assert [stored.order.order_id for stored in tx.orders_of("bea@example.test")] == ["PO-3", "po-1"]
        assert tx.orders_of("NEW@example.test")[0].order == changed


def test_orders_are_found_in_every_marketplace_and_by_every_address(store: Store) -> None:
    twin = an_order("PO-1", marketplace=Marketplace.FULFILMENT)
    with store.transaction() as tx:
        tx.import_orders([an_order("PO-1"), twin])
        assert [stored.order.marketplace for stored in tx.find_orders(["po-1"])] == ["member_club", "fulfilment"]
        assert tx.find_orders([]) == tx.find_orders(["PO"]) == []
        for address in ("bea@example.test", "RELAY-1@relay.example.test", "sam@seller.test"):
            assert len(tx.orders_of(address)) == 2
        assert len(tx.orders_of("sam@seller.test", limit=1)) == 1
        assert tx.orders_of("other@example.test") == []


def test_a_line_that_was_billed_stays_when_the_order_changes(store: Store) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        open_memo(tx, opened, accept(tx, opened))
        tx.import_orders([an_order("PO-1", lines=())])
        assert [item.line for item in tx.order(opened.order_key).order.lines] == ["1", "2"]


def test_a_case_opens_once_and_its_arrows_are_kept(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        assert open_case(tx).case_id == opened.case_id
        case = tx.case(opened.case_id)
        assert case is not None
        assert (case.order_id, case.marketplace, case.state, case.version) == ("PO-1", "member_club", "NOTICE_DUE", 1)
        clock.move(timedelta(hours=1))
        held = tx.move_case(
            case, to_state="HOLD", event="hold", actor="rita", message_id=opened.message_id, held_from="NOTICE_DUE"
        )
        assert (held.state, held.version, held.held_from) == ("HOLD", 2, "NOTICE_DUE")
        closed = tx.move_case(
            held, to_state="CLOSED", event="close", actor="rita", reason="gone", closed=True, close_reason="no_ack"
        )
        assert (closed.closed_at, closed.close_reason, closed.held_from) == (clock.now(), "no_ack", None)
        events = tx.case_events(case.id)
        assert [(event.number, event.event, event.from_state, event.to_state) for event in events] == [
            (1, "open", "", "NOTICE_DUE"),
            (2, "hold", "NOTICE_DUE", "HOLD"),
            (3, "close", "HOLD", "CLOSED"),
        ]
        assert tx.case_of_order(opened.order_key, "rebill") == closed
        again = open_case(tx)
        assert again.case_id != opened.case_id
        newest = tx.case_of_order(opened.order_key, "rebill")
        assert newest is not None
        assert newest.id == again.case_id
        assert [row.id for row in tx.cases(open_only=True)] == [again.case_id]
        assert [row.id for row in tx.cases(state="CLOSED")] == [opened.case_id]
        assert tx.case("none") is None
        assert tx.case_of_order(opened.order_key, "other") is None
        assert [row.action for row in tx.audit_rows(subject=f"case {case.id}")] == ["case close", "case hold", "case open"]


def test_a_stale_writer_is_refused(store: Store) -> None:
    with store.transaction() as tx:
        stale = tx.case(open_case(tx).case_id)
        assert stale is not None
        tx.move_case(stale, to_state="NOTICE_DRAFTED", event="draft", actor="supportbot")
    with pytest.raises(StoreError, match="has changed meanwhile"), store.transaction() as tx:
        tx.move_case(stale, to_state="HOLD", event="hold", actor="rita")


def test_case_events_are_never_changed(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        case_id = open_case(tx).case_id
    assert "I13: a case event is never changed" in raw_sql.refusal("UPDATE case_events SET reason = 'x'")
    assert "I13: a case event is never deleted" in raw_sql.refusal("DELETE FROM case_events")
    again = {
        "case_id": case_id,
        "number": 1,
        "at": "2026-01-01 00:00:00",
        "actor": "x",
        "event": "x",
        "from_state": "",
        "to_state": "",
    }
    assert "I13: a case event is never written over" in raw_sql.insert_refusal("case_events", **again, reason="")


def test_a_timer_is_set_once_and_falls_due(store: Store, clock: MovableClock) -> None:
    soon, late = clock.now() + timedelta(days=3), clock.now() + timedelta(days=7)
    with store.transaction() as tx:
        case_id = open_case(tx).case_id
        tx.set_timer(case_id=case_id, name="remind", due_at=late, source="product default")
        tx.set_timer(case_id=case_id, name="remind", due_at=soon, source="product default")
        tx.set_timer(case_id=case_id, name="close", due_at=soon, source="M-e")
        tx.set_timer(case_id=None, name="sweep", due_at=soon, source="product default")
        tx.set_timer(case_id=None, name="sweep", due_at=late, source="product default")
        assert [(timer.name, timer.due_at) for timer in tx.timers(case_id)] == [("close", soon), ("remind", late)]
        assert tx.due_timers(clock.now()) == []
        assert [timer.name for timer in tx.due_timers(late)] in (["close", "sweep", "remind"], ["sweep", "close", "remind"])
        assert len(tx.due_timers(late, limit=1)) == 1
        tx.finish_timer(next(timer.id for timer in tx.timers(case_id) if timer.name == "close"))
        tx.cancel_timers(case_id)
        assert {timer.name: timer.state for timer in tx.timers(case_id)} == {"close": "done", "remind": "cancelled"}
        tx.set_timer(case_id=case_id, name="remind", due_at=soon, source="product default")
        assert [timer.name for timer in tx.due_timers(late)] in (["remind", "sweep"], ["sweep", "remind"])


@given(st.text(st.characters(codec=None)))
def test_storable_text_can_be_encoded_and_keeps_every_good_character(text: str) -> None:
    kept = storable(text)
    assert kept.encode().decode() == kept
    assert "\0" not in kept
    good = "".join(character for character in text if character != "\0" and not "\ud800" <= character <= "\udfff")
    assert [character for character in good if character not in kept] == []
