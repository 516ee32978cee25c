"""What looks like an acceptance and is none: answers near the border, and clauses behind which no acceptance stands."""

from pathlib import Path

import pytest

from supportbot.casework.facts import ThreadContext
from supportbot.triage.consent import Grammar, read_consent
from tests.triage_support import consent_grammars

TRAPS = Path(__file__).parent.parent / "training" / "traps"
GRAMMAR = Grammar(next(rules for rules in consent_grammars() if rules.language == "en"))
ONE_SENTENCE = ThreadContext(answers_notice=True, notice_asks="one_sentence", item_titles=("Reading lamp",), amount="49.90")
TWO_QUESTIONS = ThreadContext(answers_notice=True, notice_asks="two_questions", item_titles=("Reading lamp",), amount="49.90")
PLAIN = (
    "The lamp turned up yesterday in perfect condition even though I had cancelled it. I'd like to keep it. Charge me again.",
    "I was refunded on Monday, so it's only right that you charge me again. We'll hang on to the lamp!",
    "yes keep it yes charge it",
    "keepin the lamp, chrg my card again thx",
    "Item: keep. Card: charge.",
    "I've been using it since Tuesday. Bill me again.",
    "I understand that I will be charged again and that is fine with me. I will keep the lamp.",
    "I'd rather keep it than go through the hassle of sending it back. Please charge the card ending in 4711.",
    "I accept the item and the re-billing. Could you send me a receipt for my records please?",
    "I accept the item and the re-billing. You can reach me on 0161 496 0000 if there are any questions.",
    "I will keep the lamp and please debit my card for 49.90. Thanking you.",
)


def lines(name: str) -> list[str]:
    found = (TRAPS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in found if line and not line.startswith("#")]


def proved(text: str) -> bool:
    return any(read_consent(text, context, GRAMMAR).proved for context in (ONE_SENTENCE, TWO_QUESTIONS))


def test_no_trap_near_the_border_is_an_acceptance() -> None:
    traps = lines("en.txt")
    assert len(traps) > 150
    assert [text for text in traps if proved(text)] == []


def test_no_acceptance_stands_before_words_that_undo_it() -> None:
    tails = lines("en.tails.txt")
    assert len(tails) > 400
    assert [
        tail for tail in tails if read_consent(f"I accept the item and the re-billing, {tail}.", ONE_SENTENCE, GRAMMAR).proved
    ] == []


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_acceptance_with_what_people_say_around_it_is_proved(text: str) -> None:
    assert proved(text)
