"""What the words of a mail are about, whichever language says it: "void", "storniert" and "annulée" are one concept.

    words -> concepts in their order -> each concept, each asked about, and each pair that stands close together in a sentence

The trained model counts these beside the words themselves: it learns from a few thousand mails, and many words of the next mail
stand in none of them. `concepts.toml` holds the words. A concept decides nothing.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).with_name("concepts.toml")
_ENTRY = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[^\s\w]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")  # kana and ideographs: nothing parts these words
_ENDS = frozenset(".!;:")
_SHORTEST, _LONGEST = 3, 16  # letters of a word's beginning
_REMEMBERED = 1 << 14  # words whose concepts are kept at hand
_FAR = 4  # concepts further apart than this make no pair
_ASKED, _WIDTH = 1 << 8, 1 << 8


class _Table:
    """The words of concepts, by how they are found."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.words: dict[str, int] = {}
        self.beginnings: dict[str, int] = {}
        self.phrases: dict[str, list[tuple[tuple[str, ...], bool, int]]] = {}
        unspaced: dict[str, int] = {}
        for number, (_, listed) in enumerate(sorted(entries.items()), start=1):
            for entry in listed.split():
                if _UNSPACED.search(entry):
                    unspaced.setdefault(entry, number)
                else:
                    self._enter(entry, number)
        for phrases in self.phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))
        self.unspaced = unspaced
        listed_first = sorted(unspaced, key=len, reverse=True)
        self.within = re.compile("|".join(map(re.escape, listed_first)) or r"(?!)")

    def _enter(self, entry: str, number: int) -> None:
        begins = entry.endswith("*")
        words = tuple(_ENTRY.findall(entry.removesuffix("*").replace("_", " ")))
        if len(words) > 1:
            self.phrases.setdefault(words[0], []).append((words, begins, number))
        elif begins:
            self.beginnings.setdefault(words[0], number)
        else:
            self.words.setdefault(words[0], number)

    def of_word(self, word: str) -> int:
        """The concept of a word by itself; 0 for none."""
        found = self.words.get(word)
        if found is None:
            beginnings = (word[:length] for length in range(min(len(word), _LONGEST), _SHORTEST - 1, -1))
            found = next((self.beginnings[one] for one in beginnings if one in self.beginnings), None)
        if found is None and "'" in word:  # "l'annulation"
            return self.of_word(word.partition("'")[2])
        return found or 0

    def of_phrase(self, words: Sequence[str], first: int) -> tuple[int, int]:
        """The concept of the longest phrase that begins here, and its length; two noughts where none does."""
        for phrase, begins, number in self.phrases.get(words[first], ()):
            *whole, last = words[first : first + len(phrase)]
            fits = last == phrase[-1] or (begins and last.startswith(phrase[-1]))
            if fits and tuple(whole) == phrase[:-1]:
                return number, len(phrase)
        return 0, 0


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table(tomllib.loads(_TABLE.read_text(encoding="utf-8"))["concepts"])


@lru_cache(maxsize=_REMEMBERED)
def _of_word(word: str) -> tuple[int, ...]:
    """The concepts of one word; of Japanese, which parts no words, all within it."""
    table = _table()
    if _UNSPACED.search(word):
        return tuple(table.unspaced[hit] for hit in table.within.findall(word))
    number = table.of_word(word)
    return (number,) if number else ()


def concepts_of(words: Sequence[str]) -> tuple[list[int], list[int]]:
    """A number for each concept and each that is asked about; and for each pair close together. As often as they stand there.

    `words` are folded, signs among them.
    """
    single: list[int] = []
    pairs: list[int] = []
    for sentence, asked in _sentences(words):
        single += sentence
        if asked:
            single += [_ASKED + one for one in sentence]
        for place, one in enumerate(sentence):
            pairs += [one * _WIDTH + other for other in sentence[place + 1 : place + 1 + _FAR]]
    return single, pairs


def _sentences(words: Sequence[str]) -> Iterator[tuple[list[int], bool]]:
    """The concepts of each sentence, and whether it is a question."""
    table = _table()
    found: list[int] = []
    place = 0
    while place < len(words):
        word = words[place]
        if word in _ENDS or word in "?？。":
            yield found, word in "?？"
            found = []
            place += 1
            continue
        number, length = table.of_phrase(words, place)
        if number:
            found.append(number)
            place += length
            continue
        found += _of_word(word)
        place += 1
    yield found, False
