"""What a rule forbids for good stays forbidden for the order, whoever writes about it next."""

from typing import Any

from tests.stories.office import BUYER, SELLER, Office

ORDER = "112-4410987-5520913"


def waiting_order() -> dict[str, Any]:
    return {
        "marketplace": "amazon",
        "order_id": ORDER,
        "channel": "seller",
        "status": "unshipped",
        "placed_at": "2026-05-01T09:00:00Z",
        "buyer": {"name": "Ann Buyer", "address": BUYER},
        "seller": {"id": "lamps", "name": "Lamps", "addresses": [SELLER]},
        "lines": [{"line": "1", "title": "Reading lamp", "quantity": 1, "unit_price": "20.00"}],
    }


def decided(office: Office, subject: str) -> tuple[Any, ...]:
    return office.sql("select rule, action, why from messages where subject = ? order by id desc", subject)[0]


def test_after_no_inventory_the_buyer_is_never_asked_to_cancel(office: Office) -> None:
    office.import_orders(waiting_order())
    office.write(BUYER, "my lamp", f"Please cancel my order {ORDER}, I do not need it any more.")
    office.work()
    assert decided(office, "my lamp")[:2] == ("A-09", "ask_official_request")

    office.write(
        SELLER, "out of stock", f"Order {ORDER}: we are out of stock and cannot ship it. Can we ask the buyer to cancel?"
    )
    office.work()
    assert decided(office, "out of stock")[:2] == ("A-10", "advise_cancel")

    office.write(BUYER, "my lamp again", f"Please cancel my order {ORDER}, I do not need it any more.")
    office.work()
    rule, action, why = decided(office, "my lamp again")
    assert (rule, action) == (None, "review")
    assert "A-10 has decided about this order before and forbids it" in why
    assert len(office.drafts("a_request_official_cancel")) == 1
