"""The tokens of a text, as a blank spaCy pipeline finds them, and what was found before is not looked for again.

spaCy takes a text apart at its blanks, and each stretch between them by itself: it is split alike wherever it stands. So the
stretches of other mails are remembered, and most of a mail is looked up. There is one exception. What spaCy has exceptions for
(":)", "a.m.") is searched for once more among the tokens of the whole text, so where two tokens beside a blank could be part
of one, the whole text goes to spaCy.
"""

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import spacy
from spacy.attrs import IS_CURRENCY, IS_SPACE, LOWER, NORM  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokenizer import Tokenizer as Splitter  # type: ignore[import-not-found]
from spacy.tokens import Doc
from spacy.tokens import Token as Found

_ASKED = (LOWER, NORM, IS_SPACE, IS_CURRENCY)  # attributes of words
_MOST_STRETCHES = 8_000  # remembered of a language
_MOST_CHARACTERS = 40  # of a stretch that is remembered
_STRETCH = re.compile(r"\S+|\s+")
_UNFOLDED = frozenset(("did", "was", "were", "had"))


class Token(NamedTuple):
    """A token at its place, and what is asked of it."""

    start: int
    end: int
    text: str
    lower: str  # as spaCy has it
    even: str  # the same with compatible characters made one
    norm: str  # without tense and currency folded away
    spacy_norm: str
    space: bool


class _Stretch(NamedTuple):
    tokens: tuple[Token, ...]
    plain: bool  # no exception of spaCy's may stand in it


class Tokenizer:
    """One pipeline a language; safe to share between threads."""

    def __init__(self, language: str) -> None:
        pipeline = spacy.blank(language)
        getters = pipeline.vocab.lex_attr_getters  # type: ignore[attr-defined]  # spaCy's stubs do not name it
        # All else that spaCy would find out about every word is never asked.
        pipeline.vocab.lex_attr_getters = {attribute: getters[attribute] for attribute in _ASKED}  # type: ignore[attr-defined]
        self._pipeline = pipeline
        self._lock = threading.Lock()  # the memory zone of a pipeline belongs to one thread at a time
        self._known: dict[str, _Stretch] = {}
        exceptions = _exceptions(pipeline)
        self._splits_alike = exceptions is not None
        self._exception = re.compile("|".join(map(re.escape, exceptions or ())) or r"(?!)")
        self._pairs = frozenset(pair for tokens in (exceptions or {}).values() for pair in pairwise(tokens))
        self._edges = frozenset((one[-1], other[0]) for one, other in self._pairs)

    def tokens(self, text: str) -> Sequence[Token]:
        """All tokens of a text."""
        if not self._splits_alike:
            return self.whole(text)
        places = _stretches(text)
        found: list[Token] = []
        before: _Stretch | None = None
        for stretch, (_, start) in zip(self._looked_up([written for written, _ in places]), places, strict=True):
            if before is not None and self._may_join(before, stretch):
                return self.whole(text)
            before = stretch
            found += [Token(token[0] + start, token[1] + start, *token[2:]) for token in stretch.tokens]
        return found

    def whole(self, text: str) -> Sequence[Token]:
        """The same, with nothing remembered."""
        with self._lock, self._pipeline.memory_zone():
            return _read(self._pipeline.make_doc(text))

    def _looked_up(self, written: Sequence[str]) -> list[_Stretch]:
        known = self._known
        new = dict.fromkeys(one for one in written if one not in known)
        if not new:
            return [known[one] for one in written]
        with self._lock, self._pipeline.memory_zone():
            read = {one: self._stretch(one) for one in new}
        found = [read.get(one) or known[one] for one in written]
        if len(known) > _MOST_STRETCHES:  # another thread may still read the old one
            known = self._known = {}
        known.update((one, stretch) for one, stretch in read.items() if len(one) <= _MOST_CHARACTERS)
        return found

    def _stretch(self, written: str) -> _Stretch:
        return _Stretch(_read(self._pipeline.make_doc(written)), self._exception.search(written) is None)

    def _may_join(self, one: _Stretch, other: _Stretch) -> bool:
        """Whether an exception may begin in one stretch and end in the next."""
        last, first = one.tokens[-1].text, other.tokens[0].text
        if (last[-1], first[0]) not in self._edges:
            return False
        return (last, first) in self._pairs or not (one.plain and other.plain)


@lru_cache(maxsize=16)
def tokenizer_of(language: str) -> Tokenizer:
    """The tokenizer of a language, shared by all who read it."""
    return Tokenizer(language)


def _stretches(text: str) -> list[tuple[str, int]]:
    """What spaCy looks at by itself, and where: runs of blanks or of none, but for the one space that ends a word."""
    found: list[tuple[str, int]] = []
    for run in _STRETCH.finditer(text):
        written, start = run.group(), run.start()
        if start and written[0] == " ":
            written, start = written[1:], start + 1
        if written:
            found.append((written, start))
    return found


def _exceptions(pipeline: Language) -> dict[str, list[str]] | None:
    """What the pipeline searches for among all tokens, and how it is split where it stands. None: it splits in another way."""
    splitter: Any = pipeline.tokenizer
    if type(splitter) is not Splitter:
        return None
    bare = Splitter(
        pipeline.vocab,
        prefix_search=splitter.prefix_search,
        suffix_search=splitter.suffix_search,
        infix_finditer=splitter.infix_finditer,
        token_match=splitter.token_match,
        url_match=splitter.url_match,
        faster_heuristics=splitter.faster_heuristics,
    )
    return {
        written: [token.text for token in bare(written)]
        for written in splitter.rules or ()
        if " " in written or splitter.find_prefix(written) or splitter.find_infix(written) or splitter.find_suffix(written)
    }


def _read(doc: Doc) -> tuple[Token, ...]:
    return tuple(_token(found) for found in doc)


def _token(found: Found) -> Token:
    text, lower, spacy_norm, start = found.text, found.lower_, found.norm_, found.idx
    even = unicodedata.normalize("NFKC", lower).replace("’", "'")
    if even in _UNFOLDED or found.is_currency:
        norm = even
    else:
        norm = unicodedata.normalize("NFKC", spacy_norm).casefold().replace("’", "'")
    return Token(start, start + len(text), text, lower, even, norm, spacy_norm, found.is_space)
