"""Order numbers and tracking numbers, as people and systems write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.triage.facts import numbers, order_ids, tracking_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Order cancellation request (Order: 112-5839201-8827364)", ["112-5839201-8827364"]),
        ("D01-1234567-7654321 and S02-7654321-1234567", ["D01-1234567-7654321", "S02-7654321-1234567"]),
        ("PO 662190 was cancelled", ["662190"]),
        ("PO#55120, PO-88120", ["55120", "88120"]),
        ("purchase order number: 8812", ["8812"]),
        ("the order no. is 4471", ["4471"]),
        ("order 112-7712 shows cancelled", ["112-7712"]),
        ("NPB filed for order #1029384", ["1029384"]),
        ("request to cancel SO-1182", ["SO-1182"]),
        ("orders 5512, 5513 and 5514", ["5512", "5513", "5514"]),
        ("order nr 4", ["4"]),
        ("204917332 left on Friday", ["204917332"]),
        ("Stopped FB-20417 and S0012346 in time", ["FB-20417", "S0012346"]),
        ("CS-40291167 and WX7Q20670103 are void", ["CS-40291167", "WX7Q20670103"]),
        ("Order 204 931 873, the tall tree", ["204 931 873"]),
        ("invoice 204917332, call us on 5551234567", []),
        ("RMA-20417 for model TX-20418", []),
        ("Bestellung Nr. 4711 und Commande n° 8812", ["4711", "8812"]),
        ("order 5512. Again: order 5512", ["5512"]),
        ("I need order 12 pieces more", []),
        ("ordered 10 days ago, qty from 10 to 6", []),
        ("Cancel line 2 and item #3321, ticket #4410", []),
        ("PO Box 1234, call 555 123 4567", []),
    ],
)
def test_order_ids_are_read_as_written_without_their_label(text: str, expected: list[str]) -> None:
    assert [found.value for found in order_ids(text)] == expected


def test_an_id_known_from_the_thread_is_found_wherever_it_stands() -> None:
    assert [found.value for found in order_ids("what about PO-4471902 then", ("PO-4471902",))] == ["PO-4471902"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UPS 1Z999AA10123456784", ["1Z999AA10123456784"]),
        ("Tracking is FedEx 7712 8891 2231.", ["7712 8891 2231"]),
        ("USPS 9400 1000 0000 0000 0000 00", ["9400 1000 0000 0000 0000 00"]),
        ("DHL tracking 1234567890", ["1234567890"]),
        ("JJD000390007911234567", ["JJD000390007911234567"]),
        ("sent as RR123456785GB", ["RR123456785GB"]),
        (
            "it says AB123456789ZZ",
            [],
        ),  # no country, its check digit is wrong, and nothing near says that it is a tracking number
        ("TBA123456789012", ["TBA123456789012"]),
        ("my phone is 1234567890", []),
        ("order 112-5839201-8827364, tracking to follow", []),
    ],
)
def test_tracking_numbers_need_an_unmistakable_form_or_a_carrier_near(text: str, expected: list[str]) -> None:
    assert [found.value for found in tracking_numbers(text)] == expected


def test_the_characters_of_a_tracking_number_are_no_order() -> None:
    orders, tracking = numbers("PO 662190 shipped, tracking #771288912231")
    assert ([o.value for o in orders], [t.value for t in tracking]) == (["662190"], ["771288912231"])


@given(st.text(alphabet="0123456789-# POorderZ1upsfedex,.\n", max_size=200))
def test_every_number_found_stands_where_it_says(text: str) -> None:
    for found in (*order_ids(text), *tracking_numbers(text)):
        assert text[found.start : found.end] == found.value
