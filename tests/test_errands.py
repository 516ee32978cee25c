"""Errands at the desk: followed from the decision to the outcome, by mail, clock and people, in whatever order they come."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportbot.app import App, build_app
from supportbot.judgement import House
from supportbot.orders import load_orders
from supportbot.settings import Settings
from supportbot.testing import FixedClock
from tests.mail_files import SUPPORT, mail
from tests.stories.office import shipped_house

MONDAY = datetime(2026, 5, 4, 10, tzinfo=UTC)
SELLER, DOCK = "ops@fernfable.example", "dock@warehouse.example"


def fulfilment(order_id: str) -> dict[str, Any]:
    return {
        "marketplace": "fulfilment",
        "order_id": order_id,
        "status": "processing",
        "sent_to_warehouse": True,
        "picked_packed": False,
        "despatched": False,
        "seller": {"id": "s-9", "name": "Fern", "addresses": [SELLER]},
        "lines": [{"line": "1", "sku": "CANDLE-3", "quantity": 3}],
    }


@dataclass
class Yard:
    """A desk with three orders of a fulfilment warehouse and one of a retailer."""

    app: App
    clock: FixedClock
    refused: int = field(default=0)

    def writes(self, sender: str, subject: str, text: str) -> str | None:
        raw = mail(f"Somebody <{sender}>", text, to=SUPPORT, subject=subject, at=self.clock.now())
        with self.app.store.transaction() as tx:
            tx.keep_file("test", raw, self.clock.now())
        (worked,) = self.app.desk.work_pending()
        return worked.rule

    def states(self) -> dict[str, str]:
        with self.app.store.snapshot() as tx:
            return {f"{case.order_id} {case.type}": case.state for case in tx.cases()}

    def later(self, **time: float) -> None:
        self.clock.advance(**time)
        self.app.desk.ring_timers()

    def tickets(self) -> list[str]:
        with self.app.store.snapshot() as tx:
            return [ticket.title for ticket in tx.tickets() if ticket.close_reason is None]


def house_of(settings: Settings) -> House:
    """The shipped rules under other settings."""
    house = shipped_house()
    return House(settings, house.rulebook, house.triage, house.templates)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    clock = FixedClock(MONDAY)
    settings = Settings.model_validate({"database": f"sqlite:///{tmp_path}/yard.db", "correspondents": {"warehouses": [DOCK]}})
    app = build_app(settings, house=house_of(settings), sources=[], clock=clock)
    retail = {
        "marketplace": "retail_platform",
        "order_id": "PO-6620418",
        "status": "open",
        "seller": {"id": "s-3", "name": "Oakline", "addresses": ["orders@oakline.example"]},
        "lines": [{"line": "1", "sku": "STOOL-2", "quantity": 4}],
    }
    (tmp_path / "orders.json").write_text(json.dumps([fulfilment("W-88214"), fulfilment("W-88215"), retail]))
    with app.store.transaction() as tx:
        tx.import_orders(load_orders(tmp_path / "orders.json"))
    yield Yard(app, clock)
    app.close()


def test_a_warehouse_request_is_chased_in_business_time_and_ends_with_the_answer(yard: Yard) -> None:
    assert yard.writes(SELLER, "W-88214", "Please cancel order W-88214.") in ("W-05", "W-03")
    assert yard.states() == {"W-88214 warehouse_request": "REQUESTED"}

    yard.later(hours=2, minutes=1)
    assert yard.states() == {"W-88214 warehouse_request": "CHASED"}
    assert "order W-88214: warehouse chase is due" in yard.tickets()

    yard.writes(DOCK, "Re: W-88214", "W-88214 has been stopped in time and is cancelled.")
    assert yard.states() == {"W-88214 warehouse_request": "CANCELLED"}
    yard.later(days=30)
    assert yard.states() == {"W-88214 warehouse_request": "CANCELLED"}


def test_a_marketplace_has_hours_of_its_own_where_they_are_configured() -> None:
    own = {"id": "fulfilment", "business": {"zone": "America/Chicago", "days": ["sat"], "opens": "10:00", "closes": "12:00"}}
    town = house_of(Settings.model_validate({"marketplaces": [own]}))
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday

    assert town.calendar_of("fulfilment").after(noon, timedelta(hours=1)) == datetime(2026, 5, 9, 16, tzinfo=UTC)
    assert town.calendar_of("amazon").after(noon, timedelta(hours=1)) == datetime(2026, 5, 4, 13, tzinfo=UTC)


def test_two_orders_are_chased_each_by_its_own_timer(yard: Yard) -> None:
    for order_id in ("W-88214", "W-88215"):
        yard.writes(SELLER, order_id, f"Please cancel order {order_id}.")

    yard.later(hours=3)

    assert set(yard.states().values()) == {"CHASED"}
    assert len([title for title in yard.tickets() if "warehouse chase" in title]) == 2


def test_an_answer_that_comes_twice_or_contradicts_the_first_changes_nothing_and_is_recorded(yard: Yard) -> None:
    yard.writes(SELLER, "W-88214", "Please cancel order W-88214.")
    yard.writes(DOCK, "Re: W-88214", "W-88214 has been stopped in time and is cancelled.")
    yard.writes(DOCK, "Re: W-88214", "Sorry, the courier had already collected W-88214, it was too late to stop it.")

    assert yard.states() == {"W-88214 warehouse_request": "CANCELLED"}
    with yard.app.store.snapshot() as tx:
        (refused,) = [row for row in tx.audit_rows() if row.action == "refused arrow"]
    assert "in CANCELLED has no step for “too_late”" in str(refused.data)


def test_an_outcome_before_any_request_opens_nothing(yard: Yard) -> None:
    yard.writes(DOCK, "W-88214", "W-88214 has been stopped in time and is cancelled.")

    assert yard.states() == {}


def test_what_is_never_answered_ends_with_a_ticket_for_a_person(yard: Yard) -> None:
    yard.writes(SELLER, "W-88214", "Please cancel order W-88214.")
    yard.later(days=1)
    yard.later(days=14)

    assert yard.states() == {"W-88214 warehouse_request": "UNANSWERED"}
    assert "order W-88214: give up waiting is due" in yard.tickets()


def test_a_retailers_cancel_is_alerted_escalated_and_acknowledged_by_a_person(yard: Yard) -> None:
    yard.writes(
        "desk@bigretail.example",
        "PO-6620418",
        "We, the retailer, have cancelled PO-6620418 in the platform.",
    )
    assert yard.states() == {"PO-6620418 acknowledge": "TO_ACKNOWLEDGE"}
    yard.later(hours=4, minutes=1)
    assert yard.states() == {"PO-6620418 acknowledge": "ALERTED"}
    yard.later(days=1)
    assert yard.states() == {"PO-6620418 acknowledge": "ESCALATED"}

    with yard.app.store.snapshot() as tx:
        (ticket,) = [ticket for ticket in tx.tickets() if ticket.type == "acknowledge_cancel"]
    yard.app.desk.close_ticket(ticket.id, by="alice", reason="the supplier has acknowledged it")
    assert yard.states() == {"PO-6620418 acknowledge": "ACKNOWLEDGED"}


def test_what_is_only_watched_has_a_timer_for_each_order(tmp_path: Path) -> None:
    clock = FixedClock(MONDAY)
    settings = Settings(database=f"sqlite:///{tmp_path}/watch.db")
    app = build_app(settings, house=house_of(settings), sources=[], clock=clock)
    ids = ["114-3941689-8772232", "114-3941689-8772233"]
    late = {
        "channel": "seller",
        "status": "Unshipped",
        "expected_ship_at": "2026-05-06T20:00:00Z",
        "placed_at": "2026-05-01T08:00:00Z",
    }
    buyers = {order_id: f"b{number}@marketplace.amazon.com" for number, order_id in enumerate(ids)}
    orders = [
        {
            "marketplace": "amazon",
            "order_id": order_id,
            "buyer": {"relay_address": buyers[order_id]},
            "seller": {"id": "s", "addresses": [SELLER]},
            "lines": [{"line": "1", "sku": "K", "quantity": 1, "shipped_quantity": 0}],
            **late,
        }
        for order_id in ids
    ]
    (tmp_path / "orders.json").write_text(json.dumps(orders))
    with app.store.transaction() as tx:
        tx.import_orders(load_orders(tmp_path / "orders.json"))
    yard = Yard(app, clock)
    for order_id in ids:
        yard.writes(buyers[order_id], order_id, f"Where is my order {order_id}? When will it arrive?")
    yard.later(days=20)
    rung = [title for title in yard.tickets() if "auto_cancel" in title]
    app.close()

    assert sorted(rung) == [f"due: auto_cancel (order {order_id})" for order_id in ids]
