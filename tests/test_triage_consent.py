"""The closed grammar of consent: it may abstain, it may not be wrong."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.casework.facts import Answer, Kind, ThreadContext
from supportbot.triage.consent import Grammar, read_consent
from supportbot.triage.rules import AnswerExample, ConsentGrammar, Production
from tests.triage_support import ANSWERED, answer, consent_grammars, message, triage

GRAMMARS = {rules.language: Grammar(rules) for rules in consent_grammars()}
PRODUCTIONS = [(rules, production) for rules in consent_grammars() for production in rules.productions]
NOTHING = ThreadContext()

# Plain answers as buyers write them; every one accepts both.
ACCEPTANCES = (
    "Hello, I accept the item and the re-billing. Kind regards, Peter Novak",
    "Hi there,\n\nyes, I accept both the item and the re-billing.\n\nBest,\nAnna",
    "I accept the item and the rebilling of my credit card.",
    "Yes I would like to keep the order and be re-billed.",
    "I'd like to keep it, please charge my card again.",
    "I agree to keep the item and to be charged again.",
    "We will keep the products and accept the new charge.",
    "Please re-bill my account, I will keep the item.",
    "Yes, I want to keep it and you can bill me again.",
    "Sure, I'll keep it. You can charge my card.",
    "No problem, please charge me again, I am keeping it.",
    "That's fine with me. I will keep the package and you may re-bill my account.",
    "I confirm that I will keep the item and that I agree to be re-billed.",
    "I hereby confirm acceptance of the item and the re-billing.",
    "I acknowledge that the order shipped and I agree to accept the item and the re-billing.",
    "OK, keep the item, rebill me.",
    "I received the item and would like to keep it. Please go ahead and re-bill me.",
    "Yes please charge me again for the item. I want to keep it.",
    "I accept delivery and I accept the charge.",
    "I am happy to accept the item and the rebilling.",
    "Yes I accept the item and yes you can rebill my card.",
    "You can re-bill my account and I will keep the item.",
    "I will accept the shipment and pay for it again.",
    "I'll take it and pay.",
    "I'll keep the item and you have my permission to charge my card again.",
    "Both accepted, thanks!",
    "Thanks for the heads up! I'll keep it, go ahead and charge my card.",
    "I agree to the re-billing and would like to keep the item.",
    "I'm okay with being charged again and I will keep the item.",
    "I am fine with keeping the item and being billed again.",
    "Of course, I will pay for the item. I am keeping it.",
    "Yes, I agree to be charged again, and yes, I will keep the item.",
    "My apologies, I cancelled by mistake. I accept the item and the charge.",
    "Since it has already shipped, I will keep it. Please rebill me.",
    "I do accept the item. I do accept the re-billing.",
    "Item accepted. Re-billing accepted.",
    "I will keep the item. I agree to the re-billing of $129.00.",
    "Yes, go ahead and rebill me for $129.00, I'll keep the lamp.",
    "please bill my card again. i am keeping the package. thank you",
    "I accept the item & rebilling",
    "i accept both",
    "Yes. I accept the item. Yes. I accept the re-billing.",
    "I consent to the re-billing and accept the item.",
    "I have decided to keep the item and authorize you to charge my account again.",
    "I'm keeping it, so please charge me.",
    "Hi, thank you for your message. I accept the item and agree to be re-billed for order 4471. Regards, Tom",
    "I will gladly keep the item and pay for it.",
    "Yes you may charge me again, I'll be keeping the item.",
    "We accept the goods and the invoice.",
    "Good morning, we confirm that we accept the items and the re-billing of our account. Kind regards, Jo",
    "Ich akzeptiere den Artikel und die erneute Abbuchung.",
    "J'accepte l'article et la nouvelle facturation.",
    "Acepto el artículo y el nuevo cobro.",
    "Accetto l'articolo e il nuovo addebito.",
)

# Answers that must never be taken for an acceptance of both: conditions, sarcasm, quotations, third parties, other amounts,
# other orders, half of it, time, negation outside the clause, garden paths, a word taken back.
TRAPS = (
    "I accept the item and the re-billing unless you can cancel it",
    "I accept the item and the re-billing, but not for the full price",
    "I accept the item and the re-billing, if only to get this over with and then I sue",
    "I accept the item and half of the re-billing",
    "I accept the item, and the re-billing is a mistake",
    "I accept the item and reject the re-billing",
    "I accept the item but the re-billing I can't accept",
    "I don't want to return it and pay again",
    "I won't send it back or pay again",
    "I will not return it and be charged again",
    "I never said I accept the item and the re-billing",
    "Who said I accept the item and the re-billing?",
    '"I accept the item and the re-billing" - are you serious',
    "You expect me to say: I accept the item and the re-billing",
    "I accept the item and the re-billing. Just kidding.",
    "I accept the item and the re-billing. NOT!",
    "I accept the item and the re-billing... not",
    "I accept the item and the re-billing ;)",
    "I accept the item and the re-billing. Please cancel my order.",
    "I accept the item and the re-billing. I changed my mind.",
    "I accept the item and the re-billing. Never mind.",
    "I accept the item and the re-billing. On second thought please do not charge me.",
    "I accept the item and the re-billing tomorrow",
    "I accept the item and the re-billing once I am back",
    "I accept the item and the re-billing for one of them",
    "I accept the item and the re-billing at a lower price",
    "I accept the item and the re-billing on my new card",
    "I accept the item and the re-billing in instalments",
    "I accept the item and the re-billing of $15",
    "I accept one item and the re-billing of one item",
    "I would accept the item and the re-billing",
    "I could accept the item and the re-billing",
    "I might accept the item and the re-billing",
    "I used to accept the item and the re-billing",
    "I cannot accept the item and the re-billing",
    "I can hardly accept the item and the re-billing",
    "I only accept the item, not the re-billing",
    "I accept neither the item nor the re-billing",
    "My mother accepts the item and the re-billing",
    "He said I accept the item and the re-billing",
    "If I accept the item and the re-billing what happens",
    "Should I accept the item and the re-billing",
    "Do I accept the item and the re-billing",
    "Must I accept the item and the re-billing",
    "Why should I accept the item and the re-billing",
    "I keep the item and you keep the bill",
    "I'll keep it and pay for the shipping",
    "I'll keep it and pay for the delivery",
    "I'll keep it. Pay for it yourself.",
    "I'll keep it. Pay for it.",
    "Keep it. Charge me nothing.",
    "I keep it, charge my neighbour",
    "Charge me again and I keep it for free",
    "Charge me again? I'll keep it, thanks.",
    "Charge my card. I will call my bank.",
    "You can charge me when I keep it",
    "Yes I accept. No I don't.",
    "Yes, no",
    "Yes to the item and no to the charge",
    "Yes I will keep it and no I will not pay",
    "No, I accept the item and the re-billing is wrong",
    "Not a chance I accept the item and the re-billing",
    "Nobody can say I accept the item and the re-billing",
    "I accept the item and the re-billing, said nobody ever",
    "I agree you can charge me again if you refund the first payment",
    "I agree with both of my lawyers",
    "I accept both apologies",
    "I confirm the order was shipped and that you want to charge me",
    "I confirm that I will be charged again",
    "I understand I will be charged again. I will keep the item.",
    "I will be charged again and keep the item",
    "You will keep the item and charge me",
    "I want to keep it and I want to be refunded",
    "I will keep the item and be refunded",
    "I will keep the item and be charged for the first one only",
    "I'll keep the item for now and pay later",
    "I will keep the item and pay what I owe",
    "I will keep the item and pay you back in kind",
    "I accept the parcel. Bill my company.",
    "I accept the goods, invoice to follow?",
    "I accept the item and I accept the re-billing of the other order",
    "I accept the item and the re-billing for order 999999",
    "Please confirm I accept the item and the re-billing",
    "Thanks, I accept the item and the re-billing?",
    "I accept the item and the re-billing as a gift",
    "I accept the item and the re-billing under protest",
    "I accept the item and the re-billing reluctantly",
    "I accept the item and the re-billing with the discount you promised",
    "I accept the item and the re-billing less shipping",
    "I accept the item and re-billing minus 10%",
    "I do not refuse the item but I refuse the re-billing",
    "I am happy to keep the item and unhappy to be charged",
    "I am not happy to keep the item and be charged",
    "I'm happy to keep it and not be charged",
    "Happy to keep it and be charged less",
    "We accept the item and the re-billing pending approval",
    "We have accepted the item and the re-billing is under review",
    "We accept the item and the re-billing shall be discussed",
    "I agree to the re-billing. The item I send back.",
    "I agree to be re-billed and to return the item",
    "Please charge me and take the item back",
    "Please bill me. I am returning it.",
    "I authorize the charge but refuse the item",
    "Item accepted, charge pending",
    "Item: yes. Charge: no.",
    "accept item: yes, accept rebill: maybe",
    "Both are fine but one is broken",
    "Both are not fine",
    "Both? No.",
    "Yes to both? No way",
    "Yes to both my questions then?",
    "I have no objection to the item and an objection to the charge",
    "I have no problem with the item, the charge is a problem",
    "I have a problem with the charge",
    "I don't mind keeping it but I do mind being charged",
    "I have no intention to keep the item and be charged",
    "Under protest: I accept the item and the re-billing",
    "For the last time: I accept the item and the re-billing only after a refund",
    "In theory I accept the item and the re-billing",
    "Sure, I accept the item and the re-billing, when pigs fly",
    "Oh sure, charge me again, I love paying twice",
    "Great, charge me again, I keep it, fantastic service, see you in court",
    "I accept the item and the re-billing by mistake",
    "I accept that you re-bill someone else and I keep the item",
    "I accept it and will think about the re-billing",
    "I accept the item and look forward to the re-billing being cancelled",
    "I accept the item and the rebilling dispute",
    "I accept the item and the charge back",
    "I accept the item and the chargeback",
    "Forget it. I accept the item and the re-billing. As if.",
    "Do not read this as: I accept the item and the re-billing",
    "Unfortunately I accept the item and the re-billing were not optional",
    "The notice says I accept the item and the re-billing",
    "I want the item and the payment back",
    "I want it and the money",
    "I will take the item and the payment back",
    "I will take it back. Charge me.",
    "Keep the parcel. Charge me the fee.",
    "Charge me the shipping only. I keep the item.",
    "Charge me the difference. I'll keep the item.",
    "Charge me half. I will keep the item.",
    "I will keep the item. Charge me for the return.",
    "I will keep the item, charge me for the shipment",
    "I'll keep it and bill me never",
    "Please don't hesitate to charge me, I am not keeping it",
    "Please do not cancel. Charge me. I will send it back.",
    "I accept the item and the re-billing of $20",
    "I will take the parcel and pay for the box",
    "Yes!!! Charge me again and again and again, you thieves",
    "I accept, the item is broken",
    "Keep the item, charge me nothing",
    "Thanks, Never",
    "Ich akzeptiere den Artikel und die erneute Abbuchung nicht",
    "Ich akzeptiere den Artikel und die erneute Abbuchung, wenn ich Rabatt bekomme",
    "Je n'accepte pas l'article et la nouvelle facturation",
    "No acepto el artículo y el nuevo cobro",
    "Non accetto l'articolo e il nuovo addebito",
    "Acepto el artículo y el nuevo cobro si hay descuento",
)


def accepts_both(text: str, context: ThreadContext = ANSWERED) -> bool:
    reading = answer(text, context)
    return reading.tier == 1 and reading.facts.accepts_item == reading.facts.accepts_rebill == Answer.YES


@pytest.mark.parametrize("text", ACCEPTANCES)
def test_a_plain_acceptance_is_proved(text: str) -> None:
    reading = answer(text)
    assert (reading.kind, reading.tier, reading.facts.accepts_item, reading.facts.accepts_rebill) == (
        Kind.REBILL_REPLY,
        1,
        Answer.YES,
        Answer.YES,
    )
    assert reading.needs_person is False


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_is_never_an_acceptance(text: str) -> None:
    for context in (ANSWERED, replace(ANSWERED, notice_asks=None), replace(ANSWERED, notice_asks="two_questions")):
        assert accepts_both(text, context) is False


MUTATIONS = (
    "Don't think that {}",
    "{}, if you give me 10% off",
    "{}?",
    "{} ... not",
    "If {} what happens",
    "My wife says {}",
    "You say that {}",
    '"{}"',
    "{}. However I want a discount",
    "{}, maybe",
    "{} next month",
    "Nobody said {}",
    "{}. Actually no.",
    "{}. No.",
    "{} lol",
    "{} for $20",
    "{}\n\nOn Monday you wrote: please confirm that you accept",
    "I never said that {}",
    "{} once I get my refund",
    "{} for order 999999",
)


@pytest.mark.parametrize(
    "text", ["I accept the item and the re-billing", "I will keep it and you can charge me again", "Yes to both"]
)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_an_acceptance_bent_by_a_few_words_is_none(text: str, mutation: str) -> None:
    assert accepts_both(mutation.format(text)) is False


@pytest.mark.parametrize(("rules", "production"), PRODUCTIONS, ids=[f"{r.language}:{p.id}" for r, p in PRODUCTIONS])
def test_every_production_explains_its_examples_and_none_of_its_counter_examples(
    rules: ConsentGrammar, production: Production
) -> None:
    grammar = GRAMMARS[rules.language]
    for text in () if production.follows else production.examples:
        assert read_consent(text, NOTHING, grammar).tier == 1, text
    for text in production.counter_examples:
        assert production.id not in [step.name for step in read_consent(text, NOTHING, grammar).derivation], text


@pytest.mark.parametrize(
    ("rules", "example"),
    [(rules, example) for rules in consent_grammars() for example in rules.examples],
    ids=lambda value: value.language if isinstance(value, ConsentGrammar) else value.text,
)
def test_every_whole_answer_of_a_grammar_reads_as_its_file_says(rules: ConsentGrammar, example: AnswerExample) -> None:
    consent = read_consent(example.text, NOTHING, GRAMMARS[rules.language])
    assert (consent.accepts_item, consent.accepts_rebill) == (example.item, example.rebill)
    assert example.tier in (None, consent.tier)


@pytest.mark.parametrize(
    ("text", "item", "rebill"),
    [
        ("Yes, I'll keep it", Answer.YES, Answer.UNCLEAR),
        ("I agree to the re-billing.", Answer.UNCLEAR, Answer.YES),
        ("I'll keep the item but I am not paying again.", Answer.YES, Answer.NO),
        ("I do not accept the item and I do not accept the re-billing.", Answer.NO, Answer.NO),
        ("I don't want it. Please send a return label.", Answer.NO, Answer.NO),
        ("I'll accept the item and the re-billing if you give me 20% off.", Answer.CONDITIONAL, Answer.CONDITIONAL),
        ("Only if I get 10% off, then I keep it and you can charge me.", Answer.CONDITIONAL, Answer.CONDITIONAL),
        ("Yes go ahead. Actually no, please send a label", Answer.NO, Answer.NO),
        ("I accept the item and the re-billing. No, I do not accept the re-billing.", Answer.UNCLEAR, Answer.NO),
        ("Why would I be billed again?", Answer.UNCLEAR, Answer.UNCLEAR),
        ("\N{THUMBS UP SIGN}", Answer.UNCLEAR, Answer.UNCLEAR),
        ("You must have misread me: I refused the parcel at the door.", Answer.NO, Answer.NO),
    ],
)
def test_the_two_facts_are_read_each_by_itself(text: str, item: Answer, rebill: Answer) -> None:
    facts = answer(text).facts
    assert (facts.accepts_item, facts.accepts_rebill) == (item, rebill)


@pytest.mark.parametrize("text", ["Yes.", "ok", "I confirm", "That's fine, thanks", "Yes please go ahead"])
def test_a_bare_yes_accepts_both_under_one_question_only(text: str) -> None:
    one = answer(text).facts
    two = answer(text, replace(ANSWERED, notice_asks="two_questions")).facts
    unknown = answer(text, replace(ANSWERED, notice_asks=None)).facts
    assert (one.accepts_item, one.accepts_rebill, one.bare_assent) == (Answer.YES, Answer.YES, True)
    assert (two.accepts_item, two.accepts_rebill) == (Answer.UNCLEAR, Answer.UNCLEAR)
    assert (unknown.accepts_item, unknown.accepts_rebill) == (Answer.UNCLEAR, Answer.UNCLEAR)


@pytest.mark.parametrize("text", ["Thanks.", "Perfect, have a nice day", "Yes, it arrived today", "Received, thank you."])
def test_thanks_and_news_are_no_assent(text: str) -> None:
    assert accepts_both(text) is False


def test_an_amount_must_be_the_amount_of_the_case() -> None:
    said = "I agree to keep the item and to be charged again for {}"
    assert [accepts_both(said.format(amount)) for amount in ("$129.00", "$129", "129.00 USD", "$12.90", "$20")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_words_of_the_only_title_stand_for_the_item() -> None:
    text = "I will keep the desk lamp and you can re-bill my card."
    two_titles = replace(ANSWERED, item_titles=("Brass desk lamp", "Wool rug"))
    assert [accepts_both(text), accepts_both(text, two_titles)] == [True, False]


def test_a_sender_may_sign_with_the_name_of_the_mailbox() -> None:
    text = "I accept the item and the re-billing.\n\nQuillfeather"
    known = triage().read(message(text, name="Ada Quillfeather"), ANSWERED)
    assert [known.tier, answer(text).tier] == [1, 2]


def test_a_line_that_begins_with_a_first_name_signs() -> None:
    assert accepts_both("I accept the item and the re-billing.\n\nMaria Lopez x")
    assert not accepts_both("I accept the item and the re-billing.\n\nMaria says no")
    assert not accepts_both("I will keep the item, you may charge me again and sue")


def test_an_uncertain_boundary_between_new_and_quoted_text_is_for_a_person() -> None:
    reading = triage().read(message("I accept the item and the re-billing.", certain=False), ANSWERED)
    assert (reading.tier, reading.needs_person) == (2, True)


def test_words_that_decide_nothing_are_evidence_of_no_fact() -> None:
    reading = answer("I will keep it, it is lovely. You may charge me again.")
    assert reading.tier == 1
    assert {one.text for one in reading.evidence if one.fact.startswith("accepts")} == {
        "I will keep it",
        "You may charge me again",
    }


def test_what_no_production_explains_is_marked() -> None:
    text = "I accept the item and the re-billing. My lawyer disagrees."
    reading = answer(text)
    assert [text[start:end] for start, end in reading.unexplained] == ["My lawyer disagrees."]


def test_evidence_points_at_the_words() -> None:
    text = "Hello, I accept the item. You can charge my card again."
    found = {(e.fact, text[e.start : e.end]) for e in answer(text).evidence if e.fact.startswith("accepts")}
    assert found == {("accepts_item", "I accept the item"), ("accepts_rebill", "You can charge my card again")}


def test_a_long_repetitive_answer_takes_no_time() -> None:
    text = "yes please then also " * 2000
    started = time.process_time()
    answer(text)
    answer("i will keep it and " * 28 + "you can charge me again please then now too " * 2)
    assert time.process_time() - started < 10  # a blow-up takes hours; the bench says what it takes


WORDS = sorted({word for text in (*ACCEPTANCES, *TRAPS) for word in re.findall(r"[\w'-]+|[.,?!]", text)})
NEGATIONS = {
    "not",
    "no",
    "never",
    "nobody",
    "nothing",
    "neither",
    "refuse",
    "unless",
    "if",
    "Nobody",
    "Not",
    "No",
    "If",
    "Never",
}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_words_are_read_and_every_span_lies_inside_them(words: list[str]) -> None:
    text = " ".join(words)
    reading = answer(text)
    spans = [(e.start, e.end) for e in reading.evidence if e.rule != "subject"] + list(reading.unexplained)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ACCEPTANCES), st.sampled_from(sorted(NEGATIONS)), st.integers(0, 12))
def test_a_negation_or_condition_dropped_into_an_acceptance_never_leaves_a_proof_with_both_and_that_word_unread(
    text: str, word: str, place: int
) -> None:
    parts = text.split(" ")
    bent = " ".join([*parts[:place], word, *parts[place:]])
    reading = answer(bent)
    read = " ".join(bent[e.start : e.end] for e in reading.evidence if e.fact.startswith("accepts")).split()
    assert not accepts_both(bent) or word not in read
