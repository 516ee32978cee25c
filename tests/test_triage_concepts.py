"""What words are about is one thing in every language, and a confidence says how far the likeliest kind is to be believed."""

import time

import pytest

from supportbot.casework.facts import Kind, Role, ThreadContext
from supportbot.mail.message import InboundMessage
from supportbot.triage.concepts import concepts_of
from supportbot.triage.weighing import believed, ranking, signs, weighed
from tests.triage_support import message
from tests.triage_support import triage as alone


def about(text: str) -> set[int]:
    return set(concepts_of(text.split())[0])


@pytest.mark.parametrize(
    "word",
    ["cancel", "stornieren", "annuler", "cancelación", "annullamento", "annuleren", "cancelar", "anulować", "キャンセルを"],
)
def test_the_same_wish_is_the_same_concept_in_every_language(word: str) -> None:
    assert about(word) == about("void")


def test_a_phrase_counts_as_one_and_its_longest_form_is_taken() -> None:
    assert about("call off") == about("cancel")
    assert about("call") != about("cancel")
    assert concepts_of(["hold", "on", "to"])[0] == concepts_of(["keep"])[0]


def test_an_article_that_clings_to_its_word_hides_it_not() -> None:
    assert about("l'annulation") == about("annulation")


def test_a_question_asks_about_its_words_and_no_pair_reaches_across_a_sentence() -> None:
    said, asked = concepts_of(["it", "arrives", "."]), concepts_of(["it", "arrives", "?"])
    assert set(said[0]) < set(asked[0])
    assert concepts_of(["ignore", ".", "cancel"])[1] == []
    assert len(concepts_of(["ignore", "the", "cancel"])[1]) == 1


def test_the_time_grows_with_the_words_and_no_faster() -> None:
    words = ["hold", "on", "to", "the", "cancel", "取消取消", "ignore", "my"]
    concepts_of(words)
    started = time.process_time()
    concepts_of(words * 4_000)
    assert time.process_time() - started < 1.0


def test_confidence_rises_where_rules_and_model_agree_and_falls_where_they_part() -> None:
    sounds = {Kind.ORDER_STATUS: 0.8, Kind.RETURN_REFUND: 0.2}

    def confidence(scores: dict[Kind, float]) -> float:
        shares = weighed(scores, sounds, 0.4, 1.0)
        return believed((0, 1, 0, -1, 1, -1, 0.1, 1, 1, 0), signs(scores, sounds, ranking(shares), 12))

    agreed, silent = confidence({Kind.ORDER_STATUS: 4.0}), confidence({})
    assert agreed > silent > confidence({Kind.RETURN_REFUND: 3.0})


def test_a_newsletter_of_nobody_known_is_unrelated_for_sure_and_one_that_names_an_order_is_not() -> None:
    def letter(text: str) -> InboundMessage:
        return message(text, "This week in logistics", automated="list")

    read = alone().read(letter("Five trends, and why pallets are getting smaller."))
    assert (read.kind, read.abstained, read.facts.automated) == (Kind.UNRELATED, False, True)

    named = alone().read(letter("Order 114-2209417-5563081 is waiting for you."))
    assert named.abstained or named.kind is not Kind.UNRELATED
    known = alone().read(letter("Five trends, and why pallets are getting smaller."), ThreadContext(Role.RETAILER))
    assert known.why != read.why
