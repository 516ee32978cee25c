"""What the trained model is given of a mail, and its features: n-grams of words and of letters, and what the words are about.

    Sounding: clues, subject, new text -> words -> families of hashed features -> each feature once, with its weight

Each family counts as much as any other, however long the mail is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from spacy.strings import get_string_id

from supportbot.triage.concepts import concepts_of

PLACES = 2**20
"""In which features are told apart that occur often enough to be learned from."""
_MOST_CHARACTERS = 4_000  # of the new text; what a mail is, it says early
_WORDS = (1, 2)
_CHARACTERS = (3, 4, 5)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_PRIME = np.uint64(0x100000001B3)
_SHIFT = np.uint64(29)

_ADDRESS = re.compile(r"\S{1,200}@\S{1,200}")
_LINK = re.compile(r"(?:https?://|www\.)\S{1,500}")
_NUMBER = re.compile(r"\b(?:\d{3}-\d{7}-\d{7}|[a-z]{0,4}-?\d{5,}\w*)\b")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"<\w+>|[^\W_]+(?:'[^\W_]+)?|[^\s\w]")


_FEWEST = 8  # soundings that an n-gram must occur in; each mail is two. Rarer ones teach a voice by heart, not a kind

Hashes = npt.NDArray[np.uint64]
Features = tuple[Hashes, npt.NDArray[np.float32]]
Kept = npt.NDArray[np.bool_]
_FIRST, _LAST = np.array([1], dtype=np.uint64), np.array([2], dtype=np.uint64)  # the edges of a zone


@dataclass(frozen=True, slots=True)
class Sounding:
    """What the model is given of a mail. `clues` are short words for what is known beside the text."""

    subject: str
    text: str
    clues: tuple[str, ...] = ()


def _words(text: str) -> list[str]:
    """Words and signs with numbers, addresses and links made alike."""
    even = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    for pattern, name in ((_ADDRESS, " <address> "), (_LINK, " <link> "), (_NUMBER, " <number> "), (_DIGITS, "0")):
        even = pattern.sub(name, even)
    return _WORD.findall(even)


def _zones(given: Sounding) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """The clues, and the words of the subject and of the text."""
    return given.clues, _words(given.subject[:500]), _words(given.text[:_MOST_CHARACTERS])


def _rolled(mixed: Hashes, size: int, salt: int) -> Hashes:
    """One hash a run of `size` values, each multiplied by `_MIX` already."""
    runs = len(mixed) - size + 1
    if runs < 1:
        return np.empty(0, dtype=np.uint64)
    hashed = np.full(runs, salt, dtype=np.uint64)
    shifted = np.empty(runs, dtype=np.uint64)
    for step in range(size):
        np.right_shift(hashed, _SHIFT, out=shifted)
        shifted += mixed[step : step + runs]
        hashed *= _PRIME
        hashed ^= shifted
    return hashed


def _families(zones: Sequence[Sequence[str]]) -> Iterator[Hashes]:
    """The n-grams of a mail and what its words are about, a family of them at a time: each counts as much as any other."""
    clues, *written = zones
    yield _ids(clues) * _MIX
    for zone, words in enumerate(written, start=1):
        if not words:
            continue
        edged = np.concatenate((_FIRST, _ids(words), _LAST)) * _MIX
        for size in _WORDS:
            yield _rolled(edged, size, zone * 100 + size)
        spelled = f" {' '.join(words)} "
        letters = np.frombuffer(spelled.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64) * _MIX
        for size in _CHARACTERS:
            yield _rolled(letters, size, zone * 100 + 50 + size)
        single, pairs = concepts_of(words)
        for salt, found in enumerate((single, pairs), start=zone * 100 + 90):
            yield np.array(found, dtype=np.uint64) * _MIX ^ np.uint64(salt)


def _ids(words: Sequence[str]) -> Hashes:
    """spaCy's number of each word."""
    return np.array([get_string_id(word) for word in words], dtype=np.uint64)


def features_of(given: Sounding) -> Features:
    """Each feature of a mail once, and its weight."""
    keys, values = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.float32)]
    for family in _families(_zones(given)):
        if len(family):
            found, counts = _counted(family)
            weights = np.log(counts)
            weights += 1.0
            weights /= np.sqrt(np.square(weights).sum())
            keys.append(found)
            values.append(weights.astype(np.float32))
    return np.concatenate(keys), np.concatenate(values)


def often_enough(mails: Iterable[Features]) -> Kept:
    """Which features occur in enough mails, by their places."""
    often = np.zeros(PLACES, dtype=np.int64)
    for keys, _ in mails:
        often[np.unique(keys % np.uint64(PLACES)).astype(np.int64)] += 1
    return often >= _FEWEST


def only(kept: Kept, features: Features) -> Features:
    """Those of the features that are kept."""
    keys, values = features
    chosen = kept[(keys % np.uint64(PLACES)).astype(np.int64)]
    return keys[chosen], values[chosen]


def _counted(family: Hashes) -> tuple[Hashes, npt.NDArray[np.intp]]:
    """Each value once, in order, and how often it stands: what `numpy.unique` answers, without what it asks first."""
    family.sort()
    begins = np.empty(len(family) + 1, dtype=np.bool_)
    begins[0] = begins[-1] = True
    np.not_equal(family[1:], family[:-1], out=begins[1:-1])
    (places,) = begins.nonzero()
    return family[places[:-1]], places[1:] - places[:-1]


def gathered(pairs: Sequence[Features]) -> tuple[Hashes, npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """The features of some mails as thinc's sparse linear layer takes them."""
    lengths = np.array([len(keys) for keys, _ in pairs], dtype=np.int32)
    keys = np.concatenate([keys for keys, _ in pairs]) if pairs else np.empty(0, dtype=np.uint64)
    values = np.concatenate([values for _, values in pairs]) if pairs else np.empty(0, dtype=np.float32)
    return keys, values, lengths
