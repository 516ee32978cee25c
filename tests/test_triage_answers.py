"""Answers from a second hand, written with the grammar known: ordinary acceptances, and traps beside them.

The kinds below them are told by who is known to write, and by what a message does not speak of.
"""

from dataclasses import replace
from typing import Literal

import pytest

from supportbot.casework.facts import Answer, Kind, Role, ThreadContext
from tests.triage_support import ANSWERED, answer, message, triage

PLAIN = (
    "Yes please, I'd like to keep it and I'm happy to be charged again.",
    "Sounds good, I'll keep the parcel and you can bill my account.",
    "I'm happy to accept the package. Please go ahead and charge me for it.",
    "OK to charge me again. Keeping the item.",
    "I will keep the goods and I agree to pay for them again.",
    "Hello team, please rebill my card, I want to keep the product. Thanks",
    "Yes, charge my account again please. I'm keeping the package.",
    "Fine with me, I'll accept the delivery and the charge.",
    "I accept. Please bill me again and I will keep the item.",
    "Dear Support, I agree to be charged again and I accept the parcel. Yours sincerely, Ruth Adler",
    "we are keeping the items, please invoice us again",
    "Absolutely, I want it. Please process the payment again.",
    "Yes I'd still like the order. Charge my card on file.",
    "Good evening, I confirm I will keep the shipment and authorize the re-billing.",
    "Thanks for letting me know! I'll accept the parcel and pay for it.",
    "No problem at all, I will keep it and you can charge my credit card again.",
    "I consent to being re-billed and I will keep the merchandise.",
    "Yes to both, thank you very much.",
    "both are fine with me",
    "Yes, I'll take the package. Feel free to bill me.",
    "I understand. I will keep the item and agree to be billed for it.",
    "I have received the parcel and will keep it. Please re-charge my account.",
    "I give my consent to the re-billing and I am keeping the item.",
    "Hi, I want to keep the item and I authorise you to charge my card. Best, Leo",
    "that's ok, keep the order and charge my card again please",
    "I'm glad to keep it. You may charge my PayPal account.",
    "Yes, we accept the goods and agree to be invoiced again. Kind regards, Ines Moreau",
    "I do want the item. Go ahead with the charge.",
    "Certainly, I will accept the item and the new charge.",
    "I'm willing to keep the item and to be re-billed.",
    "please go ahead with the re-billing, i will keep the package",
    "You are welcome to charge my account again, I will keep it.",
    "I approve the re-billing and accept the item.",
    "I agree to accept the shipment and I agree to the charge.",
    "Yes, keep the item and re-bill me.",
    "I'll keep it, no need for a return label. Please charge my account.",
    "I would love to keep it, please bill my card.",
    "Sorry for the mix up! I'll keep the package and pay for it.",
    "I will pay for it again and I will keep it.",
    "Happy to accept the item and the re-billing, thanks.",
)

TRAPS = (
    "I accept the item and the re-billing, over my dead body",
    "I'll keep it and you can charge the person who cancelled it",
    "I agree to be charged again, minus the coupon I used",
    "Charge me again, I'll keep it, and my bank will reverse it",
    "I will keep the item and pay the customs only",
    "Keep the item? Sure. Charge me? No.",
    "My answer to accepting the item and the re-billing will follow",
    "I'd accept the item and the re-billing if I were you",
    "I'm keeping the item until you refund me",
    "I'll keep it and pay whatever I think is fair",
    "You may charge me again after I have inspected it. I will keep it.",
    "I'll keep it as long as you charge me the old price",
    "I will keep it, charge my card when the new one arrives",
    "Assuming it is undamaged I accept the item and the re-billing",
    "I accept the item and the re-billing, provided nobody charges me",
    "I am told I must accept the item and the re-billing",
    "Please explain: I accept the item and the re-billing means what?",
    "The item is accepted and the charge is disputed",
    "I accept the item and the re-billing was never mentioned",
    "I want to keep it but can't pay",
    "I keep it. My insurance pays.",
    "Charge me again and you will hear from my solicitor. I keep it.",
    "I'll keep the item and be charged? How much?",
    "Yes to the parcel, as for the charge, we shall see",
    "Both fine, only not for me",
    "I accept both items and the re-billing of the first",
    "I agree to keep it and pay on delivery",
    "I agree to keep it and pay in two parts",
    "Yes, I will keep it and pay once you explain why",
    "I'll keep it; charging me again is theft",
    "We accept the shipment. Re-billing goes to our Berlin office.",
    "I accept the package for my neighbour and he pays",
    "Charge me again, just not now. I keep it.",
    "I accept the item and the re-billing, said my toddler",
    "I accept the item and the re-billing. April fools!",
    "I accept the item and the re-billing. Delete this mail, wrong case.",
    "I am not saying I accept the item and the re-billing",
    "It is false that I accept the item and the re-billing",
    "Had you asked before, I will keep it and you can charge me",
    "I will keep it and you can charge me, in your imagination",
)


@pytest.mark.parametrize("text", PLAIN)
def test_an_ordinary_acceptance_is_proved(text: str) -> None:
    reading = answer(text)
    assert (reading.kind, reading.tier) == (Kind.REBILL_REPLY, 1)
    assert (reading.facts.accepts_item, reading.facts.accepts_rebill) == (Answer.YES, Answer.YES)


@pytest.mark.parametrize("text", TRAPS)
@pytest.mark.parametrize("asks", ["one_sentence", "two_questions", None])
def test_a_second_trap_is_never_an_acceptance(text: str, asks: Literal["one_sentence", "two_questions"] | None) -> None:
    reading = answer(text, replace(ANSWERED, notice_asks=asks))
    assert (reading.tier, reading.facts.accepts_item, reading.facts.accepts_rebill) != (1, Answer.YES, Answer.YES)


@pytest.mark.parametrize(
    ("role", "text"),
    [
        (Role.SELLER, "Where is my parcel? It has not arrived and I want a refund."),
        (Role.SELLER, "Please cancel order 4471, the buyer asked for it."),
        (Role.WAREHOUSE, "Please cancel my order, I do not need it any more."),
        (Role.RETAILER, "We cannot stop this one, it is too late to cancel, the carrier collected it."),
        (Role.BUYER, "How do we cancel multiple orders at once? Is the credit memo issued?"),
    ],
)
def test_nobody_known_says_what_only_others_say(role: Role, text: str) -> None:
    reading = triage().read(message(text), ThreadContext(role))
    said_by = {
        Role.SELLER: {Kind.SELLER_INQUIRY},
        Role.WAREHOUSE: {Kind.CANCEL_OUTCOME, Kind.UNRELATED},
        Role.RETAILER: {Kind.RETAILER_CANCEL, Kind.UNRELATED, Kind.BACKORDER},
        Role.BUYER: {Kind.CANCEL_NONSTANDARD, Kind.UNRELATED},
    }
    assert reading.kind in said_by[role]


def test_a_machine_may_write_from_any_known_address() -> None:
    away = message("I am out of the office until Monday.", "Out of office")
    assert triage().read(away, ThreadContext(Role.SELLER)).kind == Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "The choir meets on Thursday evening in the small hall, and Ruth will bring the music.",
        "Wir treffen uns am Donnerstag um acht Uhr vor dem Kino, Ruth bringt die anderen mit.",
    ],
)
def test_a_strangers_first_mail_without_a_word_of_orders_is_unrelated(text: str) -> None:
    reading = triage().read(message(text, "Thursday"))
    assert (reading.kind, reading.abstained) == (Kind.UNRELATED, False)


@pytest.mark.parametrize(
    ("text", "subject", "context"),
    [
        (
            "The choir meets on Thursday evening in the small hall, and Ruth will bring the music.",
            "hi",
            ThreadContext(Role.BUYER),
        ),
        (
            "The choir meets on Thursday evening in the small hall, and Ruth will bring the music.",
            "PO 4471902",
            ThreadContext(),
        ),
        ("The choir meets on Thursday evening, Ruth will bring the parcel to the small hall.", "hi", ThreadContext()),
        ("Spotkanie chóru odbędzie się w czwartek wieczorem w małej sali, Ruta przyniesie nuty.", "hej", ThreadContext()),
        ("See you on the day after tomorrow.", "hi", ThreadContext()),
    ],
)
def test_one_word_of_orders_or_a_known_sender_leaves_it_to_a_person(text: str, subject: str, context: ThreadContext) -> None:
    assert triage().read(message(text, subject), context).abstained is True


def test_thanks_and_nothing_else_is_unrelated_unless_it_answers_the_notice() -> None:
    text = "Great, thanks a lot for your quick help. Have a nice weekend!"
    alone = triage().read(message(text, "thanks"), ThreadContext(Role.BUYER))
    answered = triage().read(message(text), ANSWERED)
    assert [(alone.kind, alone.abstained), answered.kind] == [(Kind.UNRELATED, False), Kind.REBILL_REPLY]


def test_the_subject_of_our_notice_is_not_the_writers_word() -> None:
    subject = "Re: Your order was cancelled but has shipped"
    reading = triage().read(message("Why do I have to pay again for this?", subject), ThreadContext(Role.BUYER))
    assert (reading.kind, reading.abstained) == (Kind.REBILL_REPLY, False)
    seller = message("PO 4471902 was cancelled but we had already shipped it.", "Order was cancelled but has shipped")
    assert triage().read(seller).kind == Kind.SHIPPED_CANCELLED_REPORT
