"""What is remembered of other texts changes no token of this one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.triage.tokens import Tokenizer, tokenizer_of

LANGUAGES = ("en", "de", "fr", "es", "it")
PIECES = st.sampled_from(
    (
        *(
            ":",
            ")",
            "(",
            ":)",
            "a.m",
            "a.m.",
            ".",
            "'",
            "s",
            "don't",
            "i.e",
            "e.g.",
            "Mr",
            "EE.",
            "UU.",
            "z.B",
            "8-",
            "O.",
            "_",
            ";",
        ),
        *(
            "D",
            "^",
            "x",
            "-",
            "--",
            "/",
            "…",
            "1Z",
            "10",
            "km",
            "12€",
            "$5",
            "c'est",
            "l'",
            "qu'",
            "can't.",
            "-)",
            "=(",
            "o_O",
            "</3",
        ),
        *("10a.m", "°C.", "°", "C", "re-bill", "112-4000001-8000007", "order", "Can", "x" * 50, "été", "\u00df"),
    )
)
BLANKS = st.sampled_from(("", "", " ", " ", "  ", "\n", "\t", "\xa0", "\u2003", "\x1c"))
TEXTS = st.lists(st.tuples(BLANKS, PIECES), max_size=9).map(lambda parts: "".join(blank + piece for blank, piece in parts))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)  # the first text of a language builds its pipeline
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_a_text_has_the_tokens_that_it_has_where_nothing_was_read_before(language: str, texts: list[str]) -> None:
    tokenizer = tokenizer_of(language)
    for text in texts:
        assert list(tokenizer.tokens(text)) == list(tokenizer.whole(text))


def test_each_token_stands_where_it_says() -> None:
    text = " Hi  Bob,\n\nplease keep it :) \u00a3 12. "
    tokens = Tokenizer("en").tokens(text)

    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert "".join("".join(token.text for token in tokens).split()) == "".join(text.split())
