"""What a message is: certain cases first, then signals, speakers and context; a doubt is an abstention."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.casework.facts import Answer, Kind, Reading, Role, ThreadContext
from supportbot.mail.message import Bounce
from supportbot.triage.rules import Example, MessageRule
from tests.triage_support import ANSWERED, inner, message, message_rules, triage

EXAMPLES = [(rule, example) for rule in message_rules() for example in (*rule.examples, *rule.near_misses)]
NOTICE = (
    "\n\nOn Monday Seller Support wrote:\n> Your order 4471 was cancelled, but these items had already shipped.\n"
    "> Your account will be re-billed for what has shipped.\n"
    "> Please reply to this message and confirm that you accept the item and the re-billing of your account.\n"
)
TWO_QUESTIONS = (
    "\n\nOn Monday we wrote:\n> Your order 4471 was cancelled after it shipped; it would be re-billed, please confirm.\n"
    "> Will you keep the item?\n> Do you agree to be re-billed?\n"
)
STANDARD = "Order cancellation request from Amazon customer J. Smith (Order: 112-5839201-8827364)"


def read(text: str, subject: str = "", role: Role | None = None) -> Reading:
    return triage().read(message(text, subject), ThreadContext(role))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{r.kind}:{e.subject}:{e.text[:40]}" for r, e in EXAMPLES])
def test_every_example_of_a_rule_file_is_read_as_the_file_says(rule: MessageRule, example: Example) -> None:
    assert triage().example_holds(rule, example) is True


def test_there_is_one_rule_file_for_each_kind() -> None:
    assert sorted(rule.kind for rule in message_rules()) == sorted(Kind)


@pytest.mark.parametrize(
    ("kind", "subject", "text"),
    [
        (Kind.CANCEL_NONSTANDARD, "Order #20931", "I made a duplicate order by accident. Could you remove order #20931?"),
        (Kind.CANCEL_NONSTANDARD, "request", "I'd appreciate it if this purchase could be called off before it goes out."),
        (Kind.CANCEL_NONSTANDARD, "Bitte", "Ich möchte von meiner Bestellung 4711 zurücktreten, bitte nicht versenden."),
        (Kind.CANCEL_RETRACTED, "cancel", "It was a misclick. Leave the order as it is."),
        (Kind.CANCEL_RETRACTED, "please read", "I asked you to cancel. I was wrong, I need the chair. Can you still ship it?"),
        (
            Kind.SHIPPED_CANCELLED_REPORT,
            "Help",
            "We dispatched it on Tuesday, then it flipped to Canceled. How do we recover it?",
        ),
        (Kind.CONFIRMATION_CHAIN, "PO 4471902", "Attached please find the member's written acceptance of the rebilling."),
        (Kind.CANCEL_OUTCOME, "Cancel request 7781", "Hi, we managed to stop this one before it was picked."),
        (Kind.CANCEL_OUTCOME, "Re: cancel SO-991", "Sorry, this left with the courier last night. We can't recall it."),
        (Kind.RETAILER_CANCEL, "PO 5512 cancelled", "The retailer cancelled PO 5512 on 3 May. Log in to acknowledge."),
        (Kind.BACKORDER, "delay", "The chairs are stuck in customs and won't make the ship date. New ETA is the 12th."),
        (Kind.ORDER_PROBLEM, "NRS alert", "Buyer has filed a No Response alert (NRS) for order 20129381."),
        (Kind.ORDER_STATUS, "late", "My parcel was supposed to be here yesterday."),
        (Kind.RETURN_REFUND, "Item 55", "The mug I received has a crack. I want a replacement."),
        (Kind.SELLER_INQUIRY, "case 1182", "Any news on our case 1182? We are still waiting for the credit memo."),
        (Kind.AUTO_REPLY, "Abwesenheitsnotiz", "Ich bin bis zum 3. Mai nicht im Büro."),
        (Kind.BOUNCE, "Undeliverable: Your order", "Delivery has failed to these recipients: buyer@example.com."),
        (Kind.UNRELATED, "survey", "How did we do? Take our 2 minute survey and win a prize."),
    ],
)
def test_a_kind_is_known_by_its_words(kind: Kind, subject: str, text: str) -> None:
    assert read(text, subject).kind == kind


def test_the_official_subject_decides_whatever_was_put_before_it() -> None:
    for subject in (
        STANDARD,
        f"RE: {STANDARD}",
        f"[EXTERNAL] Fwd: AW: {STANDARD}",
        "ORDER CANCELATION REQUESTS FROM AMAZON CUSTOMERS",
    ):
        assert read("found it cheaper elsewhere", subject).kind == Kind.CANCEL_STANDARD


def test_the_official_subject_of_the_thread_outlasts_a_changed_one() -> None:
    context = ThreadContext(root_subject=STANDARD)
    assert triage().read(message("Did you see this?", "hello again"), context).kind == Kind.CANCEL_STANDARD
    retracted = triage().read(message("Please do not cancel it, I still want the order.", "hello again"), context)
    assert retracted.kind == Kind.CANCEL_RETRACTED


def test_an_official_request_passed_on_by_a_seller_stays_one() -> None:
    passed_on = message("Please handle this.", "FW: urgent", forwarded=(inner("Reason: mistake", None, subject=STANDARD),))
    assert triage().read(passed_on, ThreadContext(Role.SELLER)).kind == Kind.CANCEL_STANDARD


def test_words_inside_a_quotation_decide_nothing() -> None:
    reading = triage().read(message("Where is my parcel?", "Re: hi", quoted="\n> please cancel my order at once, refund me\n"))
    assert reading.kind == Kind.ORDER_STATUS


def test_a_quoted_notice_tells_that_this_answers_it_and_how_it_asked() -> None:
    one = triage().read(message("Yes.", "Re: hello", quoted=NOTICE))
    two = triage().read(message("Yes.", "Re: hello", quoted=TWO_QUESTIONS))
    assert (one.kind, one.facts.accepts_item, one.facts.accepts_rebill, one.facts.bare_assent) == (
        Kind.REBILL_REPLY,
        Answer.YES,
        Answer.YES,
        True,
    )
    assert (two.kind, two.facts.accepts_item, two.facts.accepts_rebill) == (Kind.REBILL_REPLY, Answer.UNCLEAR, Answer.UNCLEAR)


def test_our_own_words_quoted_never_accept_for_the_buyer() -> None:
    reading = triage().read(message("Thanks.", "Re: hello", quoted=NOTICE + "> I accept the item and the re-billing.\n"))
    assert (reading.facts.accepts_item, reading.facts.accepts_rebill) == (Answer.UNCLEAR, Answer.UNCLEAR)


def test_another_question_under_the_notice_keeps_its_kind() -> None:
    reading = triage().read(message("Where is my parcel? It has still not arrived, tracking does not work."), ANSWERED)
    assert (reading.kind, reading.abstained) in ((Kind.ORDER_STATUS, False), (Kind.REBILL_REPLY, True))


def test_machines_are_told_from_people() -> None:
    bounce = replace(message("mailbox full", "hm"), bounce=Bounce("a@example.org", "5.2.2", True, None))
    away = message("I accept the item and the re-billing.", "Automatic reply: Your order", automated="auto-submitted")
    notice = message("The retailer has cancelled PO 5512. Acknowledgement required.", "PO 5512", automated="no-reply-sender")
    kinds = [triage().read(one, ANSWERED if one is away else ThreadContext()) for one in (bounce, away, notice)]
    assert [(one.kind, one.facts.automated) for one in kinds] == [
        (Kind.BOUNCE, True),
        (Kind.AUTO_REPLY, True),
        (Kind.RETAILER_CANCEL, True),
    ]
    assert [one.facts.sender_role for one in kinds] == [Role.MACHINE, Role.MACHINE, Role.RETAILER]


def test_a_chain_is_read_by_the_buyers_own_message_inside_it() -> None:
    buyer = inner("I accept the item and the re-billing for PO 4471902.", "nora@example.org", depth=1)
    ours = inner(NOTICE.replace("> ", ""), "support@example.net", depth=2)
    chain = message(
        "Please see below, the buyer refused.", "Fwd: Re: order", sender="shop@example.com", forwarded=(buyer, ours)
    )
    reading = triage().read(chain, ThreadContext(Role.SELLER))
    assert (reading.kind, reading.tier, reading.facts.accepts_item, reading.facts.accepts_rebill) == (
        Kind.CONFIRMATION_CHAIN,
        1,
        Answer.YES,
        Answer.YES,
    )
    assert reading.facts.order_ids == ("4471902", "4471")


def test_the_sellers_word_alone_is_no_answer_of_the_buyer() -> None:
    reading = triage().read(message("Email chain: the buyer agreed to the re-billing. Please issue the credit memo.", "chain"))
    assert (reading.kind, reading.facts.accepts_item, reading.facts.accepts_rebill) == (
        Kind.CONFIRMATION_CHAIN,
        Answer.UNCLEAR,
        Answer.UNCLEAR,
    )
    own = inner("The buyer accepts: I accept the item and the re-billing.", "shop@example.com")
    forged = message("See the chain of the buyer's consent.", "Fwd: ok", sender="shop@example.com", forwarded=(own,))
    assert triage().read(forged, ThreadContext(Role.SELLER)).facts.accepts_rebill == Answer.UNCLEAR


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Please cancel my order.", "whole"),
        ("Cancel line 2 of PO 77, keep lines 1 and 3.", "partial"),
        ("Please remove the printer from the order, the ink is still needed.", "partial"),
        ("I clicked 3 but one is enough. Please cancel the other two.", "partial"),
        ("I put in the wrong address so just cancel it.", "whole"),
    ],
)
def test_the_scope_of_a_cancellation(text: str, scope: str) -> None:
    assert read(text, role=Role.BUYER).facts.scope == scope


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("The warehouse was able to cancel order 5512.", "cancelled"),
        ("Order 5513 was already packed, so it could not be cancelled.", "too_late"),
        ("Pulled from the pick line, stock put back on shelf.", "cancelled"),
        ("Too late for this one, the carrier collected it at 9am.", "too_late"),
    ],
)
def test_the_outcome_of_a_cancellation(text: str, outcome: str) -> None:
    assert read(text, "Cancellation request outcome", Role.WAREHOUSE).facts.outcome == outcome


@pytest.mark.parametrize(
    ("text", "topic", "cause"),
    [
        ("We have no stock left and need to cancel the order. Which reason do I choose?", "cancel_request", "no_inventory"),
        ("We cancelled PO 4471 by mistake. Can you reopen it?", "reinstate", "mistake"),
        ("How can I cancel an order in the seller portal?", "how_to_cancel", None),
        ("Is the fee credited when an order is cancelled?", "fees", None),
        ("When will we receive the credit memo for PO 11820?", "credit_memo", None),
    ],
)
def test_what_a_seller_asks_about(text: str, topic: str, cause: str | None) -> None:
    reading = read(text, role=Role.SELLER)
    assert reading.kind == Kind.SELLER_INQUIRY
    assert (reading.facts.topic, reading.facts.cause) == (topic, cause)


def test_a_speaker_who_does_not_say_such_things_makes_it_abstain() -> None:
    reading = read("I want to return the shoes and get a refund.", role=Role.WAREHOUSE)
    assert reading.abstained is True


def test_words_that_say_nothing_make_it_abstain() -> None:
    assert [read(text).abstained for text in ("", "Hello?", "asdf qwer", "See attachment.")] == [True] * 4


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bitte stornieren Sie meine Bestellung, ich brauche sie nicht mehr.", "de"),
        ("Bonjour, je voudrais annuler ma commande, merci beaucoup.", "fr"),
        ("Please cancel my order, I do not need it any more.", "en"),
        ("ok", None),
    ],
)
def test_the_language_of_the_new_text(text: str, language: str | None) -> None:
    assert read(text).facts.language == language


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80), st.sampled_from([None, *Role]), st.sampled_from([None, True, False]))
def test_every_text_has_a_reading_and_its_evidence_stands_in_it(
    text: str, subject: str, role: Role | None, answers: bool | None
) -> None:
    written = message(text, subject)
    reading = triage().read(written, ThreadContext(role, answers))
    assert 0.0 <= reading.confidence <= 1.0
    for one in reading.evidence:
        assert one.rule == "subject" or written.new_text[one.start : one.end] == one.text
