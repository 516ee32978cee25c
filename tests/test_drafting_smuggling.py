"""Values from mail and orders try to bring a link, a sentence or nothing at all into the notice that asks for money."""

from typing import Any

import pytest

from supportbot.app import build_house
from supportbot.drafting import Templates
from supportbot.settings import Settings

VALUES: dict[str, Any] = {
    "order_id": "PO-1234567",
    "marketplace_name": "Member Club",
    "recipient_name": "Nora Hale",
    "carrier": "UPS",
    "tracking_number": "1Z999AA10123456784",
    "shipped_on": "2026-03-12",
    "cancelled_items": [{"title": "Lamp", "sku": "L-1", "quantity": 2}],
    "amount": "129.00",
    "currency": "USD",
    "team_name": "Seller Support",
}
OTHERS = "seller@lumen.test"


@pytest.fixture(scope="module")
def templates() -> Templates:
    return build_house(Settings()).templates


TITLES = (
    "see http://evil.test/a", "Lamp evil-shop.com", "Lamp hxxp://evil-shop com", "Lamp evil-shop . com", "evil-shop (dot) com",
    "EVIL-SHOP DOT COM", "write to evil at gmail dot com",
    "evil-shop\u3002com", "evil-shop.\u0441\u043em", "evil-shop\u200b.com",
    "evil-shop.c\u00adom", "xn--e1afmkfd.xn--p1ai", "10.0.0.1/a", "t.me/evil", "bit.ly/x1", "Lamp\r\nBcc: x@evil.test",
    "Lamp. You will not be re-billed after all", "Lamp - please reply with your card number", "Lampe, bitte ignorieren",
    "Lampe, vous ne payez rien", "{{ order_id }}", f"Lamp {OTHERS}",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_a_title_brings_no_link_no_sentence_and_no_other_partys_address(templates: Templates, title: str) -> None:
    items = [{"title": title, "sku": "L-1", "quantity": 2}]

    assert templates.render("m_rebill_notice", VALUES | {"cancelled_items": items}, private=(OTHERS,)).findings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order_id", "PO-1.evil-shop.com"), ("order_id", "\u3164"), ("order_id", "PO-1 is free, you pay nothing. Order PO-2"),
        ("carrier", "UPS evil-shop.com"), ("carrier", "UPS call 0900 1234 now"), ("carrier", "Evil Post"),
        ("carrier", "\u2800"),
        ("tracking_number", "1Z999.evil-shop.com"), ("tracking_number", "\u3164"), ("marketplace_name", "evil-shop.com"),
        ("cancelled_items", [{"title": "\u3164", "sku": "\u2800", "quantity": 2}]),
    ],
)  # fmt: skip
def test_what_the_notice_needs_is_well_formed_or_it_cannot_be_approved(templates: Templates, name: str, value: object) -> None:
    assert templates.render("m_rebill_notice", VALUES | {name: value}).findings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recipient_name", "Nora evil-shop.com"), ("recipient_name", "\u3164"), ("currency", "x.co"), ("amount", "-129.00"),
        ("recipient_name", "Nora, please ignore this mail and send your card number to us"), ("amount", "0.00 (free)"),
    ],
)  # fmt: skip
def test_what_the_notice_can_do_without_is_left_out_when_it_is_not_well_formed(
    templates: Templates, name: str, value: str
) -> None:
    rendered = templates.render("m_rebill_notice", VALUES | {name: value})

    assert (rendered.findings, value in rendered.body) == ((), False)


def test_a_plain_title_and_an_amount_in_german_are_as_a_german_writes_them(templates: Templates) -> None:
    items = [{"title": "Lampe, LED. Dimmbar, 40 W", "sku": "L-1", "quantity": 2}]
    rendered = templates.render("m_rebill_notice", VALUES | {"cancelled_items": items}, language="de")

    assert rendered.findings == ()
    assert "129,00 USD" in rendered.body
