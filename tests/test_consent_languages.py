"""Answers that sound like an acceptance of both and are none, in German, French, Spanish and Italian: none may be proved."""

from pathlib import Path
from typing import Literal

import pytest

from supportbot.casework.facts import ThreadContext
from supportbot.triage.consent import Grammar, read_consent
from tests.triage_support import consent_grammars

TRAPS = Path(__file__).parents[1] / "training" / "traps"
TITLES = {"de": "Leselampe Berlin", "fr": "Lampe de lecture", "es": "Lámpara de lectura", "it": "Lampada da lettura"}
GRAMMARS = {rules.language: Grammar(rules) for rules in consent_grammars() if rules.language in TITLES}
PLAIN = {
    "de": "Das Paket ist heil angekommen. Ich behalte die Lampe und Sie können gern wieder abbuchen. Das ist nur fair.",
    "fr": "Je garde la lampe avec plaisir. Vous pouvez prélever à nouveau le montant sur ma carte. C'est normal.",
    "es": "Si, me quedo la lampara. Pueden volver a cobrarme el importe en la misma tarjeta. Es lo justo.",
    "it": "La tengo e potete riaddebitare l'importo sulla stessa carta. E' giusto.",
}


def proved(text: str, language: str, asks: Literal["one_sentence", "two_questions"]) -> bool:
    context = ThreadContext(answers_notice=True, notice_asks=asks, amount="49.90", item_titles=(TITLES[language],))
    return read_consent(text, context, GRAMMARS[language]).proved


@pytest.mark.parametrize("language", TITLES)
def test_no_trap_is_an_acceptance(language: str) -> None:
    texts = (TRAPS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    assert len(texts) > 50
    assert [text for text in texts if proved(text, language, "one_sentence") or proved(text, language, "two_questions")] == []


@pytest.mark.parametrize("language", TITLES)
def test_a_plain_answer_with_its_chat_is_one(language: str) -> None:
    assert proved(PLAIN[language], language, "two_questions")


@pytest.mark.parametrize(
    "text", ["Si gracias por avisar", "Si acepto", "si me la quedo y si pueden cobrarme", "Si gracias a ustedes"]
)
def test_a_spanish_si_without_its_accent_and_without_a_mark_behind_it_may_be_an_if(text: str) -> None:
    assert not proved(text, "es", "one_sentence")


@pytest.mark.parametrize("text", ["Si", "Si.", "Si, gracias por avisar", "Sí gracias por avisar"])
def test_a_spanish_yes_alone_or_with_a_mark_behind_it_is_one(text: str) -> None:
    assert proved(text, "es", "one_sentence")
