"""Chat around an acceptance leaves it proved; words that take it back, in any of the languages, do not."""

import pytest

from supportbot.casework.facts import Answer, ThreadContext
from supportbot.errors import RulebookError
from supportbot.triage.consent import Grammar, read_consent
from supportbot.triage.rules import ConsentGrammar
from tests.triage_support import consent_grammars

GRAMMARS = {rules.language: Grammar(rules) for rules in consent_grammars()}
ASKED = ThreadContext(answers_notice=True, notice_asks="two_questions", amount="129.00")
ACCEPTANCES = {
    "en": "Sorry for the late answer, I was away at my sister's wedding. The lamp is lovely and my kids love it. "
    "I'll hang on to it. I'm fine with you charging me again",
    "de": "Entschuldigen Sie die späte Antwort, ich war im Urlaub. Die Lampe gefällt mir sehr. Ich behalte sie. "
    "Buchen Sie das Geld bitte wieder von unserem Konto ab",
    "fr": "Désolée de répondre si tard, j'étais en vacances. La lampe est très jolie. "
    "Je la garde. Vous pouvez débiter ma carte à nouveau",
    "es": "Perdón por la tardanza, estaba de viaje. La lámpara llegó bien y es preciosa. "
    "Me la quedo y podéis volver a cobrarme",
    "it": "Scusate il ritardo, ero in vacanza. La lampada è arrivata ed è bellissima. "
    "La tengo e potete addebitarmi di nuovo l'importo",
}
TAILS = {
    "en": (
        ", as if",
        ". Over my dead body",
        ". Let me sleep on it",
        ". We sleep on it",
        ". I laughed",
        ". Good luck with that",
        ". On the blue card",
        ". For my neighbour",
        ". At christmas",
        ". In two weeks",
        ". It is fine in summer",
        ". My lawyer loves it",
        ". I used to love it",
        ". It is lovely until friday",
        ". I am sick of it",
        ". My husband decides",
        ". I changed my mind",
        ", my foot",
        " when it works",
        "?",
    ),
    "de": (
        " wenn Sie das Porto zahlen",
        ". Nur Spaß",
        ". Ich lache",
        ". Am Freitag",
        ". Mein Anwalt liebt es",
        ". Leider",
        ". Mein Mann entscheidet",
        "?",
    ),
    "fr": (
        " si vous payez le port",
        ". C'est ça, oui",
        ". Mon mari décide",
        ". Je plaisante",
        ". Mon avocat adore",
        ". Vendredi",
        "?",
    ),
    "es": (
        " si pagan el envío",
        ". Es broma",
        ". Mi marido decide",
        ". Mi abogado la adora",
        ". El viernes",
        ". En sueños",
        "?",
    ),
    "it": (
        " se pagate il porto",
        ". Come no",
        ". Mio marito decide",
        ". Scherzo",
        ". Il mio avvocato la adora",
        ". Venerdì",
        "?",
    ),
}


def proved(language: str, text: str) -> bool:
    return read_consent(text, ASKED, GRAMMARS[language]).proved


@pytest.mark.parametrize("language", ACCEPTANCES)
def test_chat_around_an_acceptance_leaves_it_proved(language: str) -> None:
    assert proved(language, ACCEPTANCES[language] + ".")


@pytest.mark.parametrize(("language", "tail"), [(language, tail) for language, tails in TAILS.items() for tail in tails])
def test_words_that_take_an_acceptance_back_are_no_chat(language: str, tail: str) -> None:
    assert not proved(language, ACCEPTANCES[language] + tail + ("" if tail == "?" else "."))


def test_a_list_of_chat_with_a_word_that_may_refuse_is_not_loaded() -> None:
    rules = next(rules for rules in consent_grammars() if rules.language == "en").model_dump(mode="json")
    rules["aside"]["words"] = [*rules["aside"]["words"], "refund"]
    with pytest.raises(RulebookError, match="may never be in one: refund"):
        ConsentGrammar.from_mapping("en.yaml", rules)


def test_a_number_without_a_currency_is_the_amount_only_where_it_equals_it() -> None:
    said = "I will keep the item. Charge my card the {} again."
    assert proved("en", said.format("129"))
    assert not proved("en", said.format("12.90"))


def test_an_echoed_question_is_paired_with_its_answer() -> None:
    assert proved("en", "Keep it? Yes, I will. Charge my card again? Yes, please do.")
    assert not proved("en", "Keep it? Yes, I will. Charge my card again? No.")


def test_a_request_to_debit_is_not_read_as_a_request_to_collect() -> None:
    text = "Kein Problem, ich behalte die Lampe am Quoxel, bitte buchen Sie den Betrag ab."
    read = read_consent(text, ASKED, GRAMMARS["de"])
    assert (read.tier, read.accepts_item, read.accepts_rebill) == (2, Answer.YES, Answer.YES)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Si le mixeur fonctionne très bien, je le garde. Vous pouvez débiter ma carte à nouveau."),
        ("es", "Si la batidora funciona bien, me la quedo. Pueden volver a cobrarme."),
        ("it", "Se la lampada funziona bene, la tengo e potete addebitarmi di nuovo l'importo."),
        ("de", "Wenn die Lampe gut funktioniert, behalte ich sie. Sie können meine Karte gern noch einmal belasten."),
        ("en", "I am happy as long as it works well, I will keep it. Please charge my card again."),
    ],
)
def test_a_condition_that_reads_like_chat_proves_nothing(language: str, text: str) -> None:
    assert not proved(language, text)
