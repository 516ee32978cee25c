"""The lines of a body: how deep each is quoted, and its words without the marks."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from supportbot.mail.attribution import end_of_glued_attribution, split_glued_attribution
from supportbot.mail.message import Label

_SIGNED_MARK = re.compile(r"(?m)^[ \t]{0,3}([A-Z][A-Za-z]{0,2})>{1,9} ")
# Right below a line with a colon one such line is enough: "Monday, 2 November, you wrote:" and "JD> text".
_SIGNED_BELOW = re.compile(r"[:：]\n(?:[ \t]{0,8}\n)?[ \t]{0,3}([A-Z]{2,3})>{1,9} ")
_MARKS = re.compile(r"(?:[ \t]{0,3}+>)++ ?")


_FEWEST_MARKED = 3  # lines that follow each other
_QUOTING_SIGNS = ("&gt;", "＞", "»", "›", "│", "┃", "|", ":", "}")
_ALSO_LISTS = frozenset((":", "}", "|"))
_MARKED = {mark: re.compile(rf"[ \t]{{0,3}}(?:{re.escape(mark)})+(?: |\Z|(?<=[＞»›│┃;]))") for mark in _QUOTING_SIGNS}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body: its place, how deep it is quoted with `>`, and its words without those marks."""

    start: int
    end: int  # after its new-line character
    depth: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text


def read_lines(body: str) -> list[Line]:
    """The lines of `body`; their places tile it."""
    initials = _initials(body) or _other_marks(body)
    lines: list[Line] = []
    start = 0
    for whole in body.split("\n"):
        end = min(start + len(whole) + 1, len(body))
        depth, text = 0, whole
        if ">" in whole[:4] and (marks := _MARKS.match(whole)) and not whole.rstrip().endswith("<<<"):  # ">>> link <<<"
            depth, text = marks.group().count(">"), whole[marks.end() :]
        elif initials and (signed := initials.match(whole)):
            depth, text = max(signed.group().count(">"), 1), whole[signed.end() :]
        text = text.strip()
        if text[-1:] in (":", "：") and (cut := split_glued_attribution(text)):
            at = start + len(whole) - len(whole.lstrip("> \t")) + cut
            lines.append(Line(start, at, depth, text[:cut].strip()))
            start, text = at, text[cut:]
        elif ": " in text and (cut := end_of_glued_attribution(text)):
            at = start + whole.index(text) + cut
            lines.append(Line(start, at, depth, text[:cut]))
            start, text = at, text[cut:].strip()
        if end > start:
            lines.append(Line(start, end, depth, text))
        start = end
    return lines


def _initials(body: str) -> re.Pattern[str] | None:
    """The marks of programs that quote with the writer's initials, "JD> text": one prefix, on several lines of the body."""
    if "> " not in body:
        return None
    counts = Counter(_SIGNED_MARK.findall(body))
    prefix, count = max(counts.items(), key=lambda item: item[1]) if counts else ("", 0)  # most_common would load a module
    if count < _FEWEST_MARKED:
        introduced = _SIGNED_BELOW.search(body)
        prefix = introduced.group(1) if introduced else ""
    return re.compile(rf"[ \t]{{0,3}}{re.escape(prefix)}>{{1,9}} ?") if prefix else None


def _other_marks(body: str) -> re.Pattern[str] | None:
    """The marks of programs that quote with another sign than `>`; signs of lists only where empty lines bear them too."""
    present = [mark for mark in _QUOTING_SIGNS if body.count(mark) >= _FEWEST_MARKED]
    lines = body.split("\n") if present else []
    return next((_MARKED[mark] for mark in present if _quotes_with(mark, lines)), None)


def _quotes_with(mark: str, lines: Sequence[str]) -> bool:
    """Whether some lines that follow each other all begin with the mark; a table drawn with bars has bars inside them too."""
    run = bare = 0
    for line in lines:
        found = _MARKED[mark].match(line)
        if found is None or (mark == "|" and "|" in line[found.end() :]):
            run = bare = 0
            continue
        run += 1
        bare += run > 1 and not line[found.end() :].strip()
        if run >= _FEWEST_MARKED and (bare or mark not in _ALSO_LISTS):
            return True
    return False


@dataclass(slots=True)
class Labelling:
    """The label of each line while the rules run; later rules refine earlier ones."""

    lines: list[Line]
    labels: list[Label] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def set(self, start: int, end: int, label: Label, rule: str) -> None:
        """Gives lines `start` to `end` a label and the rule that sets it."""
        for index in range(start, end):
            self.labels[index] = label
            self.rules[index] = rule
