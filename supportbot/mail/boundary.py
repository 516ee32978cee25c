"""Where somebody else's words begin: the lines of a body, and the marks that introduce an earlier message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from supportbot.mail.layouts import (
    Attribution,
    Field,
    attribution,
    header_field,
    is_rule_line,
    may_open_attribution,
    separator,
    split_one_line_block,
)

_MAX_BLOCK_LINES = 25
_MAX_ATTRIBUTION_LINES = 4
_MARKS = re.compile(r"(?:[ \t]{0,3}+>)++ ?")


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
    lines: list[Line] = []
    start = 0
    for whole in body.split("\n"):
        end = min(start + len(whole) + 1, len(body))
        depth, text = 0, whole
        if ">" in whole[:4] and (marks := _MARKS.match(whole)):
            depth, text = marks.group().count(">"), whole[marks.end() :]
        if end > start:
            lines.append(Line(start, end, depth, text.strip()))
        start = end
    return lines


@dataclass(frozen=True, slots=True)
class Boundary:
    """The mark that introduces an earlier message: lines `start` to `content` name it, its words begin at `content`."""

    kind: Literal["forward", "original", "header-block", "attribution"]
    start: int
    content: int
    depth: int  # of the `>` marks before the naming lines
    fields: dict[Field, str]
    named: Attribution | None = None

    @property
    def rule(self) -> str:
        return self.kind


def boundary_at(lines: Sequence[Line], index: int) -> Boundary | None:
    """The mark that starts at line `index`, or None. Looks at a bounded number of lines."""
    line = lines[index]
    if line.blank:
        return None
    if kind := separator(line.text):
        return _after_separator(lines, index, kind)
    if is_rule_line(line.text):
        following = _skip_blank(lines, index + 1, 2)
        if following < len(lines) and (block := _header_block(lines, following, least=2)):
            fields, content, depth = block
            return Boundary("header-block", index, content, depth, fields)
        return None
    if (block := _header_block(lines, index, least=3)) is not None:
        fields, content, depth = block
        return Boundary("header-block", index, content, depth, fields)
    return _attribution_at(lines, index)


def _after_separator(lines: Sequence[Line], index: int, kind: Literal["forward", "original"]) -> Boundary:
    following = _skip_blank(lines, index + 1, 3)
    if following < len(lines) and (block := _header_block(lines, following, least=1)):
        fields, content, depth = block
        return Boundary(kind, index, content, depth, fields)
    if following < len(lines) and (named := _attribution_at(lines, following)):
        return Boundary(kind, index, named.content, named.depth, {}, named.named)
    return Boundary(kind, index, index + 1, lines[index].depth, {})


def _skip_blank(lines: Sequence[Line], index: int, most: int) -> int:
    stop = min(len(lines), index + most)
    while index < stop and (lines[index].blank or is_rule_line(lines[index].text)):
        index += 1
    return index


def _header_block(lines: Sequence[Line], index: int, *, least: int) -> tuple[dict[Field, str], int, int] | None:
    """(fields, first line after the block, `>` depth), where at least `least` labels stand, one of them the sender's."""
    fields: dict[Field, str] = {}
    depth = lines[index].depth
    last: Field | None = None
    position = index
    while position < min(len(lines), index + _MAX_BLOCK_LINES):
        line = lines[position]
        if line.blank:
            if not _block_goes_on(lines, position, depth, fields):
                break
            position += 1
            continue
        if line.depth != depth:
            break
        found = [pair for piece in split_one_line_block(line.text) if (pair := header_field(piece))]
        if found and all(field in fields for field, _ in found) and found[0][0] != "other":
            break  # a second sender begins another block
        if found:
            for field, value in found:
                fields.setdefault(field, value)
                last = field
        elif last is not None and _continues(last, fields[last], line.text):
            fields[last] = f"{fields[last]} {line.text}".strip()
        else:
            break
        position += 1
    real = [field for field in fields if field != "other"]
    if "from" not in fields or len(real) < least or (least > 1 and not {"date", "subject"} & fields.keys()):
        return None
    return fields, position, depth


def _block_goes_on(lines: Sequence[Line], position: int, depth: int, fields: dict[Field, str]) -> bool:
    """Whether a blank line stands inside a block (HTML made one) and not at its end: a label that was not seen yet follows."""
    following = position + 1
    if following >= len(lines) or lines[following].depth != depth:
        return False
    found = header_field(lines[following].text)
    return found is not None and found[0] not in fields and "subject" not in fields and bool(fields)


def _continues(field: Field, value: str, text: str) -> bool:
    if field in ("to", "cc", "from"):
        return (
            not value
            or ("@" in text and (value.endswith((",", ";", ">", "<")) or text.startswith("<")))
            or value.endswith((",", ";"))
        )
    return not value


def _attribution_at(lines: Sequence[Line], index: int) -> Boundary | None:
    line = lines[index]
    if named := attribution(line.text):
        return Boundary("attribution", index, index + 1, line.depth, {}, named)
    if not may_open_attribution(line.text):
        return None
    joined = line.text
    for following in range(index + 1, min(len(lines), index + _MAX_ATTRIBUTION_LINES)):
        other = lines[following]
        # Wrapping at the client's line length may leave the tail of an attribution without its marks, so depth may fall.
        if other.blank or other.depth > line.depth:
            return None
        joined = f"{joined} {other.text}"
        if other.text[-1] in ":：" and (named := attribution(joined)):
            return Boundary("attribution", index, following + 1, line.depth, {}, named)
    return None
