"""Answers between the lines: which words of the sender stand under which quoted question."""

import re
from collections.abc import Iterator, Sequence

from supportbot.mail.attribution import attribution
from supportbot.mail.lines import Line
from supportbot.mail.message import Answer, Label

_OTHERS = frozenset({Label.QUOTED, Label.OURS})
_NUMBERED = re.compile(r"[(\[]?(?P<number>\d{1,2}|[a-zA-Z])[.):\]]+\s+(?P<words>\S.{0,400})")
_QUESTION_MARKS = ("?", "？", "¿")


def pair_answers(body: str, lines: Sequence[Line], labels: Sequence[Label]) -> tuple[Answer, ...]:
    """Each answer with the quoted paragraph directly above it, in order.

    Words below a quote are answers where words of the sender also stand between quoted lines, or where the paragraph above
    them asks something; else they are an ordinary reply below a quote, and none are paired. What follows the first
    paragraph below the last quoted line (thanks, a name) is no part of the answer.
    """
    runs = list(_runs(lines, labels))
    quoted = [index for index, label in enumerate(labels) if label in _OTHERS and not lines[index].blank]
    if not quoted:
        return ()
    between = any(first > quoted[0] and last < quoted[-1] for first, last in runs)
    found: list[Answer] = []
    for first, last in runs:
        question = _paragraph_above(lines, labels, first)
        if question is None:
            continue
        if last > quoted[-1]:
            last = _first_paragraph(lines, first, last)
        asked = " ".join(line.text for line in lines[question[0] : question[1]])
        if between or any(mark in asked for mark in _QUESTION_MARKS):
            start, end = lines[first].start, lines[last - 1].end
            found.append(Answer(asked, body[start:end].strip(), start, end))
    return tuple(found) if between or found else _by_number(body, lines, labels)


def _by_number(body: str, lines: Sequence[Line], labels: Sequence[Label]) -> tuple[Answer, ...]:
    """Answers that carry the numbers of the quoted questions: "1. yes 2. no", wherever they stand."""
    asked: dict[str, str] = {}
    said: dict[str, Line] = {}
    for line, label in zip(lines, labels, strict=True):
        if (match := _NUMBERED.match(line.text)) is None:
            continue
        if label in _OTHERS:
            asked.setdefault(match["number"].lower(), match["words"])
        elif label is Label.NEW:
            said.setdefault(match["number"].lower(), line)
    return tuple(
        Answer(asked[number], body[line.start : line.end].strip(), line.start, line.end)
        for number, line in said.items()
        if number in asked
    )


def _runs(lines: Sequence[Line], labels: Sequence[Label]) -> Iterator[tuple[int, int]]:
    """Runs of new lines that begin and end with a word, blank lines inside them included."""
    start: int | None = None
    last = 0
    for index, label in enumerate(labels):
        if lines[index].blank:
            continue
        if label is Label.NEW:
            start = index if start is None else start
            last = index
        elif start is not None:
            yield start, last + 1
            start = None
    if start is not None:
        yield start, last + 1


def _paragraph_above(lines: Sequence[Line], labels: Sequence[Label], index: int) -> tuple[int, int] | None:
    """The quoted lines above an answer up to the next blank one, as a range."""
    end = index
    while end > 0 and lines[end - 1].blank:
        end -= 1
    if end == 0 or labels[end - 1] not in _OTHERS:
        return None
    start = end
    while start > 0 and not lines[start - 1].blank and labels[start - 1] in _OTHERS:
        if lines[start - 1].depth != lines[end - 1].depth or attribution(lines[start - 1].text):
            break  # the line that names who asks
        start -= 1
    return start, end


def _first_paragraph(lines: Sequence[Line], first: int, last: int) -> int:
    for index in range(first, last):
        if lines[index].blank:
            return index
    return last
