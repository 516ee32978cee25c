"""The language of a text, told from its neighbours."""

import pytest

from supportbot.triage.language import language_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I would like to keep the kettle and you may charge me again for it."),
        ("de", "Ich behalte den Kessel gern und Sie können den Betrag noch einmal abbuchen."),
        ("fr", "Je garde volontiers la bouilloire et vous pouvez débiter ma carte à nouveau."),
        ("es", "Me quedo con la tetera y pueden cobrarme otra vez el importe."),
        ("it", "Tengo volentieri il bollitore e potete addebitarmi di nuovo l'importo."),
        ("nl", "Ik houd de ketel graag en u mag het bedrag nog een keer afschrijven."),
        ("pt", "Fico com a chaleira e podem cobrar o valor outra vez no meu cartão."),
        ("pl", "Chętnie zatrzymam czajnik i mogą państwo ponownie obciążyć moją kartę."),
        ("ja", "ケトルはこのまま受け取りますので、もう一度請求してください。"),
        ("cs", "Konvici si rád nechám a částku mi můžete strhnout ještě jednou."),
        ("sv", "Jag behåller gärna vattenkokaren och ni får dra beloppet en gång till."),
        ("da", "Jeg beholder gerne kedlen, og I må gerne trække beløbet igen."),
        ("hu", "Szívesen megtartom a vízforralót, és újra levonhatják az összeget."),
        ("tr", "Su ısıtıcısını memnuniyetle tutuyorum, tutarı tekrar çekebilirsiniz."),
        ("ru", "Я с радостью оставлю чайник, можете снова списать сумму."),
        ("ko", "주전자를 그대로 받겠습니다. 다시 청구해 주세요."),
    ],
)
def test_a_sentence_is_told_from_its_neighbours(language: str, text: str) -> None:
    assert language_of(text) == language


def test_a_text_too_short_to_tell_has_the_language_of_its_thread() -> None:
    assert language_of("ok", "de") == "de"
    assert language_of("👍") is None
