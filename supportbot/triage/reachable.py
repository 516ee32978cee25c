"""Where somebody can be reached, among the words of a text: telephone numbers and mail addresses. Neither answers anything."""

import re
from collections.abc import Sequence

_FEWEST_DIGITS = 7  # of a telephone number; fewer may be an amount
_MOST_DIGITS = 15  # E.164
_MOST_PARTS = 12
_PART = re.compile(r"[+(]?\d[\d()/.-]*\Z")
_SIGNS = frozenset(("(", ")", "+", "-", "/", "."))
_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+\Z")


def telephone_ends(words: Sequence[str], at: int) -> frozenset[int]:
    """Every place where a telephone number that begins at word `at` can end: "0161 496 0000", "+44 (0)7700-900123"."""
    ends: set[int] = set()
    digits = 0
    place = at
    while place < len(words) and place - at < _MOST_PARTS:
        word = words[place]
        if _PART.match(word):
            digits += sum(map(str.isdecimal, word))
        elif word not in _SIGNS or (place == at and word not in ("(", "+")):
            break
        place += 1
        if _FEWEST_DIGITS <= digits <= _MOST_DIGITS and words[place - 1] not in _SIGNS - {")"}:
            ends.add(place)
    return frozenset(ends)


def address_ends(words: Sequence[str], at: int) -> frozenset[int]:
    """Where a mail address that is word `at` ends."""
    return frozenset((at + 1,)) if at < len(words) and _ADDRESS.match(words[at]) else frozenset()
