"""What is odd about a memo: each flag is raised by one change to an ordinary one, and by nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from supportbot.casework.anomalies import FLAGS, Limits, Signals, look, own_words, skeleton
from supportbot.mail.origin import networks_of_origin

LIMITS = Limits(Decimal(1000), Decimal(500), 5, timedelta(minutes=10), 8)
ORDINARY = Signals(
    amount=Decimal("99.80"),
    seller_memos=0,
    seller_memos_lately=4,
    buyers_other_sellers=(),
    answered_after=timedelta(minutes=3),
    buyer_domain="mail.example",
    seller_domains=("shop.example",),
    same_words=("c1",),
    own_words=7,
    domains=("mail.example", "club.example"),
    known_domains=("mail.example", "shop.example", "club.example"),
)
ODD = {
    "AMOUNT_LARGE": replace(ORDINARY, seller_memos=1, amount=Decimal("1000.01")),
    "SELLER_NEW": replace(ORDINARY, amount=Decimal("500.01")),
    "SELLER_OFTEN": replace(ORDINARY, seller_memos_lately=5),
    "BUYER_ELSEWHERE": replace(ORDINARY, buyers_other_sellers=("s-2",)),
    "ANSWER_QUICK": replace(ORDINARY, buyer_domain="shop.example"),
    "WORDS_TWICE": replace(ORDINARY, own_words=8),
    "DOMAIN_LOOKALIKE": replace(ORDINARY, domains=("rnail.example",)),
}


def test_an_ordinary_memo_raises_nothing() -> None:
    assert look(ORDINARY, LIMITS) == ()


@pytest.mark.parametrize("code", ODD)
def test_each_flag_comes_from_one_change_and_says_what_it_saw(code: str) -> None:
    (flag,) = look(ODD[code], LIMITS)

    assert flag.code == code
    assert flag.evidence


def test_an_answer_from_the_sellers_network_is_quick_too_but_not_a_late_one_or_one_from_elsewhere() -> None:
    near = replace(ORDINARY, networks=frozenset({"203.0.113.0/24"}), seller_networks=frozenset({"203.0.113.0/24"}))

    assert [flag.code for flag in look(near, LIMITS)] == ["ANSWER_QUICK"]
    assert look(replace(near, answered_after=timedelta(minutes=11)), LIMITS) == ()
    assert look(replace(near, seller_networks=frozenset({"198.51.100.0/24"})), LIMITS) == ()


def test_the_network_of_a_mail_is_that_of_the_client_which_handed_it_in() -> None:
    client = "from [10.0.0.2] (pc [93.184.216.34]) by mail.shop.example with ESMTPSA id 1; Mon, 4 May 2026"
    between = "from mail.shop.example (mail.shop.example [1.1.1.1]) by mx.club.example with ESMTPS id 2"

    assert networks_of_origin([("X-Originating-IP", "[8.8.8.8]")]) == {"8.8.8.0/24"}
    assert networks_of_origin([("Received", between), ("Received", client.replace("[10.0.0.2] ", ""))]) == {"93.184.216.0/24"}
    assert networks_of_origin([("Received", between)]) == frozenset()
    assert networks_of_origin([("X-Originating-IP", "[192.168.1.7]"), ("X-Originating-IP", "nonsense")]) == frozenset()


def test_no_flag_is_left_untried() -> None:
    assert ODD.keys() == FLAGS.keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("buyer.example", "buуer.example"),  # Cyrillic у
        ("paypal.example", "pаypаl.example"),
        ("shop.example", "sh0p.example"),
        ("mail.example", "rnail.example"),
        ("club.example", "c1ub.example"),
        ("wave.example", "vvave.example"),
        ("xn--80ak6aa92e.com", "apple.com"),  # аррӏе, all Cyrillic
        ("my-shop.example", "myshop.example"),
        ("café.example", "cafe.example"),
    ],
)
def test_domains_that_a_reader_takes_for_one_another_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("shop.example", "shap.example"), ("buyer.example", "buyer.example.net")])
def test_other_domains_have_another(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_the_sentence_we_ask_for_is_nobodys_own_words() -> None:
    asked = ("I accept the item and the re-billing.",)

    assert own_words("I accept the item\nand the re-billing.", asked) == 0
    assert own_words("Hi! I accept the item and the re-billing. My dog likes the lamp.", asked) == 6
