"""Every acceptance that the English grammar proves has mirrors that it must not prove: a "not" in it, a condition, a question
mark, another speaker, another amount, an ironic end, our own notice below it.

The acceptances are made of the rule file's own examples, so that a new production is tried the moment it is written.
"""

import re
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.casework.facts import Answer, ThreadContext
from supportbot.triage.consent import Grammar, read_consent
from supportbot.triage.rules import Production
from tests.triage_support import consent_grammars

RULES = next(rules for rules in consent_grammars() if rules.language == "en")
GRAMMAR = Grammar(RULES)
CONTEXTS = (
    ThreadContext(),
    ThreadContext(answers_notice=True, notice_asks="one_sentence", amount="129.00", item_titles=("Brass desk lamp",)),
    ThreadContext(answers_notice=True, notice_asks="two_questions", amount="129.00", known_order_ids=("4471",)),
)
NOTICE = (
    "Your order was cancelled, but it had already been shipped. "
    "Please confirm that you will accept the item and the re-billing of your account."
)
TAILS = (
    " if you pay the postage",
    ", if you pay the postage",
    ". But only if you pay the postage.",
    ". In your dreams.",
    ". As if.",
    ", said nobody ever",
    ". When pigs fly.",
    ". Yeah right.",
    ". Just kidding.",
    ". I changed my mind.",
    ". I had a change of heart.",
    ". He wrote that, not me.",
    " and sue",
    ", and laugh",
    ". Lawyers arrived.",
    ". Put the money back on my card.",
    " for $12",
    " for one of the two",
    " on my neighbour's card",
    " once I have my refund",
    " maybe",
    ". No.",
    " 🙄",
)
OTHER_ORDER = " for order 999999"
HEADS = ("If ", "My neighbour says ", "You claim that ", "Never have I said: ", "Suppose ", "Should I say: ", "Not true: ")


def proved(text: str) -> bool:
    return any(read_consent(text, context, GRAMMAR).proved for context in CONTEXTS)


def examples(*, item: Answer | None, rebill: Answer | None) -> list[str]:
    """The examples of the productions that say exactly this, without the sign that ends them."""

    def says(production: Production) -> bool:
        return (production.says.item, production.says.rebill) == (item, rebill) and not production.follows

    return [text.rstrip(".!") for production in RULES.productions if says(production) for text in production.examples]


ITEM = examples(item=Answer.YES, rebill=None)
REBILL = examples(item=None, rebill=Answer.YES)
DECIDES_NOTHING = [
    text.rstrip(".!")
    for production in RULES.productions
    if production.id.startswith("harmless.") and not production.last and not production.early
    for text in production.examples
    if not text.endswith("?")
]


@lru_cache(maxsize=1)
def acceptances() -> tuple[str, ...]:
    pairs = [f"{one}. {two}" for one in ITEM for two in REBILL]
    return tuple(text for text in (*examples(item=Answer.YES, rebill=Answer.YES), *pairs) if proved(text))


accepted = st.deferred(lambda: st.sampled_from(acceptances()))


def test_the_examples_make_hundreds_of_proved_acceptances() -> None:
    assert len(acceptances()) > 0.9 * len(ITEM) * len(REBILL) > 300


@settings(max_examples=300, deadline=None)
@given(text=accepted, where=st.integers(min_value=0, max_value=40))
def test_a_not_anywhere_in_an_acceptance_ends_it(text: str, where: int) -> None:
    words = text.split()
    at = where % (len(words) + 1)
    assert not proved(" ".join((*words[:at], "not", *words[at:])))


@settings(max_examples=300, deadline=None)
@given(text=accepted, tail=st.sampled_from(TAILS))
def test_an_acceptance_with_another_end_is_none(text: str, tail: str) -> None:
    assert not proved(text + tail)


@settings(max_examples=100, deadline=None)
@given(text=accepted)
def test_an_acceptance_for_another_order_is_none_where_ours_is_known(text: str) -> None:
    assert not read_consent(text + OTHER_ORDER, ThreadContext(known_order_ids=("4471",)), GRAMMAR).proved


@settings(max_examples=200, deadline=None)
@given(text=accepted, head=st.sampled_from(HEADS))
def test_an_acceptance_in_the_mouth_of_another_is_none(text: str, head: str) -> None:
    assert not proved(head + text[:1].lower() + text[1:])


@settings(max_examples=200, deadline=None)
@given(text=accepted)
def test_an_acceptance_turned_into_a_question_is_none(text: str) -> None:
    assert not proved(text + "?")
    assert not proved(re.sub(r"\. ", "? ", text, count=1) + "?")


@settings(max_examples=200, deadline=None)
@given(text=accepted, between=st.sampled_from(("\n\n", "\n", " ", "\n\n> ", "\n\nYou wrote:\n")))
def test_our_own_notice_below_an_acceptance_leaves_it_unproved(text: str, between: str) -> None:
    assert not proved(f"{text}.{between}{NOTICE}")


@settings(max_examples=200, deadline=None)
@given(text=accepted, aside=st.sampled_from(DECIDES_NOTHING), first=st.booleans())
def test_words_that_decide_nothing_leave_an_acceptance_what_it_is(text: str, aside: str, first: bool) -> None:
    assert proved(f"{aside}. {text}." if first else f"{text}. {aside}.")


@pytest.mark.parametrize("aside", DECIDES_NOTHING)
def test_words_that_decide_nothing_accept_nothing(aside: str) -> None:
    assert not proved(aside)
    assert not proved(f"{aside}. I will keep the item.")
    assert not proved(f"{aside}. Please charge my card again.")
