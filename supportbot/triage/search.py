"""Searching patterns among words: every place where a named row of steps begins, and where it ends.

All rows stand in one tree, those that begin alike on one branch: a text costs what it has in common with the rows, however many
there are.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from supportbot.triage.pattern import Step


@dataclass(frozen=True, slots=True)
class Hit:
    """A named phrase found: words `first` up to, not with, `last`."""

    name: str
    first: int
    last: int


@dataclass(slots=True)
class _Branch:
    """What may come after the same steps."""

    names: list[str] = field(default_factory=list)  # of the rows that end here
    by_step: dict[Step, "_Branch"] = field(default_factory=dict)
    by_word: dict[str, list["_Branch"]] = field(default_factory=dict)
    gaps: list[tuple[int, "_Branch"]] = field(default_factory=list)

    def after(self, step: Step) -> "_Branch":
        """The branch behind one more step."""
        if step not in self.by_step:
            branch = self.by_step[step] = _Branch()
            if isinstance(step, int):
                self.gaps.append((step, branch))
            else:
                for word in step:
                    self.by_word.setdefault(word, []).append(branch)
        return self.by_step[step]


class Phrases:
    """Named rows of steps, made ready to be searched for."""

    def __init__(self, phrases: Mapping[str, Iterable[Sequence[Step]]]) -> None:
        self._root = _Branch()
        for name, rows in phrases.items():
            for row in rows:
                branch = self._root
                for step in row:
                    branch = branch.after(step)
                branch.names.append(name)

    def find(self, words: Sequence[str]) -> tuple[Hit, ...]:
        """Every phrase among the words, in order; a longer finding of a name hides a shorter one inside it."""
        found: set[tuple[str, int, int]] = set()
        beginnings, ends = self._root.by_word, _ends_of_gaps(words)
        for first, word in enumerate(words):
            if word in beginnings:
                _follow(beginnings[word], words, first, ends, found)
        return _longest(found)


def _follow(
    branches: Sequence[_Branch], words: Sequence[str], first: int, ends: Sequence[int], found: set[tuple[str, int, int]]
) -> None:
    """Adds what begins with word `first`, and where it ends. Two ways over gaps to one branch and place are one."""
    waiting = [(branch, first + 1) for branch in branches]
    over_gaps: set[tuple[int, int]] = set()
    while waiting:
        branch, at = waiting.pop()
        for name in branch.names:
            found.add((name, first, at))
        if at < len(words) and (after := branch.by_word.get(words[at])) is not None:
            waiting += [(behind, at + 1) for behind in after]
        for most, behind in branch.gaps:
            for place in range(at, min(at + most, ends[at]) + 1):
                if (id(behind), place) not in over_gaps:
                    over_gaps.add((id(behind), place))
                    waiting.append((behind, place))


def _ends_of_gaps(words: Sequence[str]) -> list[int]:
    """For each place, where a gap that begins there ends at the latest: it goes over no punctuation and no end of a line."""
    ends = [len(words)] * (len(words) + 1)
    for at in range(len(words) - 1, -1, -1):
        ends[at] = ends[at + 1] if _is_word(words[at]) else at
    return ends


@lru_cache(maxsize=4096)
def _is_word(norm: str) -> bool:
    return not norm.isspace() and not all(unicodedata.category(char).startswith("P") for char in norm)


def _longest(found: set[tuple[str, int, int]]) -> tuple[Hit, ...]:
    kept: list[Hit] = []
    reach: dict[str, int] = {}
    for name, first, last in sorted(found, key=lambda hit: (hit[1], -hit[2], hit[0])):
        if last > reach.get(name, -1):
            kept.append(Hit(name, first, last))
            reach[name] = last
    return tuple(kept)
