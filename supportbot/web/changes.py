"""What became different between the draft a person saw and the draft as it is now. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Words:
    """A draft's words, as shown or as they are."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One line: only "before", only "now", or the "same" in both."""

    side: Literal["before", "now", "same"]
    text: str


def what_changed(before: Words, now: Words) -> tuple[ChangedLine, ...]:
    """The lines that differ, each with a line of its surroundings; empty where nothing does."""
    old, new = _lines(before), _lines(now)
    changed: list[ChangedLine] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(1):
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                changed += [ChangedLine("same", line) for line in old[old_start:old_end]]
            else:
                changed += [ChangedLine("before", line) for line in old[old_start:old_end]]
                changed += [ChangedLine("now", line) for line in new[new_start:new_end]]
    return tuple(changed)


def _lines(words: Words) -> list[str]:
    return [f"To: {words.to}", f"Subject: {words.subject}", *words.body.split("\n")[:_MOST_LINES]]
