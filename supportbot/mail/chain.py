"""The messages inside an inline forward, outermost first: claims, never proof (docs/spec/safety.md finding 3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from supportbot.mail.boundary import Boundary, boundary_at
from supportbot.mail.claims import claimed_date, claimed_recipients, claimed_sender
from supportbot.mail.layouts import is_end_mark
from supportbot.mail.lines import Line, read_lines
from supportbot.mail.message import Forwarded, Label
from supportbot.mail.tail import label_tail

MAX_LEVELS = 20


@dataclass(slots=True)
class _Level:
    """One message of the chain while it is read: its mark, its own `>` depth, and its lines without those marks."""

    depth: int
    base: int
    mark: Boundary | None
    lines: list[str] = field(default_factory=list)


def read_chain(lines: Sequence[Line], date: datetime | None = None) -> tuple[Forwarded, ...]:
    """Every message introduced in `lines`, found in a message of that date.

    A line belongs to the innermost message quoted no deeper than the line is.
    """
    levels: list[_Level] = []
    stack: list[_Level] = []
    index = 0
    while index < len(lines):
        mark = boundary_at(lines, index) if len(levels) < MAX_LEVELS else None
        if mark is not None:
            while stack and stack[-1].base > lines[mark.start].depth:
                stack.pop()
            level = _Level(len(stack) + 1, _base(lines, mark), mark)
            stack.append(level)
            levels.append(level)
            index = mark.content
            continue
        if not is_end_mark(lines[index].text):
            _place(lines[index], stack, levels)
        index += 1
    said = (
        level for level in levels if any(level.lines) or not (level.mark and level.mark.raw)
    )  # headers alone are no message
    return tuple(_forwarded(level, date) for level in said)


def _base(lines: Sequence[Line], mark: Boundary) -> int:
    """How deep the words of a message are quoted: as its naming lines, or deeper where a client marks the words alone."""
    for line in lines[mark.content :]:
        if line.blank:
            continue
        if line.depth <= mark.depth or mark.kind == "attribution" or not mark.fields:
            return max(line.depth, mark.depth)
        return line.depth if _all_deeper(lines, mark) else mark.depth
    return mark.depth


def _all_deeper(lines: Sequence[Line], mark: Boundary) -> bool:
    """Whether nothing below a header block is quoted as it is, up to the next mark at its depth."""
    for index in range(mark.content, len(lines)):
        if not lines[index].blank and lines[index].depth <= mark.depth:
            return is_end_mark(lines[index].text) or boundary_at(lines, index) is not None
    return True


def _place(line: Line, stack: list[_Level], levels: list[_Level]) -> None:
    if not stack:
        if line.blank:
            return
        level = _Level(1, line.depth, None)  # quoted words that nobody is named for
        stack.append(level)
        levels.append(level)
    if line.blank:
        stack[-1].lines.append("")
        return
    owner = next((level for level in reversed(stack) if level.base <= line.depth), stack[0])
    if line.depth <= owner.base:
        owner.lines.append(line.text)


def _forwarded(level: _Level, near: datetime | None) -> Forwarded:
    fields = level.mark.fields if level.mark else {}
    named = level.mark.named if level.mark else None
    date_raw = fields.get("date", named.when if named else "")
    sender = claimed_sender(fields.get("from", named.who if named else ""))
    return Forwarded(
        depth=level.depth,
        how="inline",
        sender=sender,
        date=claimed_date(date_raw, near=near),
        date_raw=date_raw,
        to=claimed_recipients(fields.get("to", "")),
        subject=fields.get("subject", ""),
        body=_own_words("\n".join(level.lines), sender.name if sender else ""),
    )


def _own_words(text: str, author: str) -> str:
    lines = read_lines(text)
    labels, rules = [Label.NEW] * len(lines), [""] * len(lines)
    label_tail(lines, labels, rules, [], author)
    return "".join(text[line.start : line.end] for line, label in zip(lines, labels, strict=True) if label is Label.NEW).strip()


def deeper(messages: Sequence[Forwarded], by: int) -> tuple[Forwarded, ...]:
    """The messages of a message that is itself found `by` levels down."""
    return tuple(replace(message, depth=message.depth + by) for message in messages)
