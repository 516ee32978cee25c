"""Where somebody else's words begin: the lines of a body, and the marks that introduce an earlier message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from supportbot.mail.layouts import (
    Attribution,
    Field,
    Separator,
    arrow_attribution,
    attribution,
    bare_label,
    header_field,
    is_rule_line,
    may_open_attribution,
    raw_field,
    separator,
    split_glued_attribution,
    split_one_line_block,
)

_MAX_BLOCK_LINES = 25
_MAX_ATTRIBUTION_LINES = 4
_MAX_RAW_LINES = 200
_SHOWN: tuple[Field, ...] = ("from", "date", "to", "cc", "subject")
_DATE_LINE = re.compile(r"(?:[^\W\d_]{2,12}[.,]{0,2} ){0,2}\d{1,4}[ ./-]")
_ANNOUNCED = re.compile(r"[-=*_]{2,}\s?[^-=*_\s].{4,100}[-=*_:]{1,20}")
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_UNCLOSED = re.compile(r"<(?:\s*|[^<>\s]*(?:@|://|mailto:)[^<>]{0,200})\Z")
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
    unclosed = False  # the line above ends within an address or a link: the `>` below closes it, and marks nothing
    for whole in body.split("\n"):
        end = min(start + len(whole) + 1, len(body))
        depth, text = 0, whole
        if ">" in whole[:4] and not (unclosed and whole[:1] == ">") and (marks := _MARKS.match(whole)):
            depth, text = marks.group().count(">"), whole[marks.end() :]
        elif unclosed and lines:
            depth = lines[-1].depth
        unclosed = "<" in whole and bool(_UNCLOSED.search(whole))
        text = text.strip()
        if text[-1:] in (":", "：") and (cut := split_glued_attribution(text)):
            at = start + len(whole) - len(whole.lstrip("> \t")) + cut
            lines.append(Line(start, at, depth, text[:cut].strip()))
            start, text = at, text[cut:]
        if end > start:
            lines.append(Line(start, end, depth, text))
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
    raw: bool = False  # the block is a whole RFC 5322 header, as mail servers return it

    @property
    def rule(self) -> str:
        return self.kind


def boundary_at(lines: Sequence[Line], index: int) -> Boundary | None:
    """The mark that starts at line `index`, or None. Looks at a bounded number of lines."""
    line = lines[index]
    if line.blank:
        return None
    if line.depth >= 3 and (named := arrow_attribution(line.text)):
        return Boundary("attribution", index, index + 1, 0, {}, named)
    if announced := separator(line.text):
        return _after_separator(lines, index, announced)
    if (raw := _returned_at(lines, index)) is not None:
        return raw
    if is_rule_line(line.text):
        following = _skip_blank(lines, index + 1, 2)
        if following < len(lines) and (block := _header_block(lines, following, least=2)):
            fields, content, depth = block
            return Boundary("header-block", index, content, depth, fields)
        return None
    if (block := _header_block(lines, index, least=3)) is not None:
        fields, content, depth = block
        return Boundary("header-block", index, content, depth, fields)
    if attributed := _attribution_at(lines, index):
        return attributed
    if (block := _bare_block(lines, index)) is not None:
        fields, content, depth = block
        return Boundary("header-block", index, content, depth, fields)
    return None


def _after_separator(lines: Sequence[Line], index: int, found: Separator) -> Boundary:
    following = _skip_blank(lines, index + 1, 3)
    while following < len(lines) and following < index + 6 and lines[following].text.startswith("------"):
        following = _skip_blank(lines, following + 1, 3)  # Exim goes on about the size of the copy
    if following < len(lines) and (raw := _raw_block(lines, following)):
        fields, content, depth = raw
        return Boundary(found.kind, index, content, depth, fields, raw=True)
    named: dict[Field, str] = {"date": found.when} if found.when else {}
    if following < len(lines) and (block := _header_block(lines, following, least=1) or _bare_block(lines, following)):
        fields, content, depth = block
        return Boundary(found.kind, index, content, depth, named | fields)
    if following < len(lines) and (attributed := _attribution_at(lines, following)):
        return Boundary(found.kind, index, attributed.content, attributed.depth, {}, attributed.named)
    return Boundary(found.kind, index, index + 1, lines[index].depth, named)


def _returned_at(lines: Sequence[Line], index: int) -> Boundary | None:
    """A message copied into a report with all its headers, under whatever line announces it."""
    at = index
    if _ANNOUNCED.fullmatch(lines[index].text):
        at = _skip_blank(lines, index + 1, 3)
    elif not lines[index].text.startswith(("Received:", "Return-Path:", "Return-path:")):
        return None
    if at >= len(lines) or (block := _raw_block(lines, at)) is None:
        return None
    fields, content, depth = block
    return Boundary("original", index, content, depth, fields, raw=True)


def _skip_blank(lines: Sequence[Line], index: int, most: int) -> int:
    stop = min(len(lines), index + most)
    while index < stop and (lines[index].blank or is_rule_line(lines[index].text)):
        index += 1
    return index


_Block = tuple[dict[Field, str], int, int]
"""The fields of a header block, the first line after it, and its `>` depth."""


def _header_block(lines: Sequence[Line], index: int, *, least: int) -> _Block | None:
    """The block at a line, where at least `least` labels stand, one of them the sender's."""
    fields: dict[Field, str] = {}
    depth = lines[index].depth
    last: Field | None = None
    spaced = False  # HTML may have put a blank line between all labels
    position = index
    while position < min(len(lines), index + _MAX_BLOCK_LINES):
        line = lines[position]
        if line.blank:
            label = _label_below(lines, position, depth)
            if label is None or label in fields or not fields or ("subject" in fields and not spaced):
                break
            spaced = True
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
        elif last is not None and (_continues(last, fields[last], line.text) or _stands_between(lines, position, fields)):
            fields[last] = f"{fields[last]} {line.text}".strip()
        else:
            break
        position += 1
    real = [field for field in fields if field != "other"]
    if position < len(lines) and is_rule_line(lines[position].text):
        position += 1  # Notes draws a rule below its block
    if "from" not in fields or len(real) < least or (least > 1 and not {"date", "subject"} & fields.keys()):
        return None
    return fields, position, depth


def _raw_block(lines: Sequence[Line], index: int) -> _Block | None:
    """The whole header block of a message that a mail server returned, up to its blank line."""
    first = raw_field(lines[index].text)
    if first is None or first[0] not in (
        "return-path",
        "received",
        "from",
        "date",
        "message-id",
        "to",
        "subject",
        "x-originating-ip",
    ):
        return None
    found: dict[str, str] = {}
    position = index
    last = ""
    while position < min(len(lines), index + _MAX_RAW_LINES) and not lines[position].blank:
        field = raw_field(lines[position].text)
        if field is not None:
            last = field[0] if field[0] not in found else ""
            if last:
                found[last] = field[1]
        elif last:
            found[last] += f" {lines[position].text}"
        position += 1
    if len(found.keys() & {"received", "return-path", "message-id", "mime-version", "content-type", "x-mailer"}) < 2:
        return None  # a client's block: it may have blank lines, and labels in any language
    fields: dict[Field, str] = {}
    for name in _SHOWN:
        if name in found:
            fields[name] = found[name]
    return fields, position, lines[index].depth


def _label_below(lines: Sequence[Line], position: int, depth: int) -> Field | None:
    """The label on the first line with words below a blank one, at most two blank lines away."""
    for line in lines[position + 1 : position + 3]:
        if not line.blank:
            found = header_field(line.text) if line.depth == depth else None
            return found[0] if found else None
    return None


def _continues(field: Field, value: str, text: str) -> bool:
    if field in ("to", "cc", "from"):
        return (
            not value
            or ("@" in text and (value.endswith((",", ";", ">", "<")) or text.startswith("<")))
            or value.endswith((",", ";"))
        )
    return not value


def _stands_between(lines: Sequence[Line], position: int, fields: dict[Field, str]) -> bool:
    """Whether the very next line carries a label not yet seen: then this one is the folded end of the value above it."""
    if position + 1 >= len(lines) or lines[position + 1].blank:
        return False
    found = header_field(lines[position + 1].text)
    return found is not None and found[0] not in fields and found[0] != "other"


def _bare_block(lines: Sequence[Line], index: int) -> _Block | None:
    """The block of Lotus Notes: a name, a date, then labels without colons, each above or before its value."""
    head = [at for at in range(index, min(len(lines), index + 4)) if not lines[at].blank][:2]
    if (
        len(head) < 2
        or lines[head[1]].depth != lines[index].depth
        or lines[head[0]].text[-1] in ".?!:,"
        or len(lines[head[0]].text) > 120
    ):
        return None
    when = _date_of(lines[head[1]].text)
    if not when:
        return None
    fields: dict[Field, str] = {"from": lines[head[0]].text, "date": when}
    label: Field | None = None
    content = head[1] + 1
    for at in range(head[1] + 1, min(len(lines), head[1] + _MAX_BLOCK_LINES)):
        text = lines[at].text
        word, _, value = text.partition(" ")
        if named := bare_label(text) or (bare_label(word) if value else None):
            label = named
            fields.setdefault(label, "" if bare_label(text) else value.strip())
            content = at + 1
        elif label is not None and text and not fields[label]:
            fields[label] = text
            content = at + 1
        elif text:
            break
    return (fields, content, lines[index].depth) if {"to", "subject"} <= fields.keys() else None


def _date_of(text: str) -> str:
    """The text where it is a date with a time of day and nothing else."""
    return text if len(text) <= 60 and _DATE_LINE.match(text) and _CLOCK.search(text) and not separator(text) else ""


def _attribution_at(lines: Sequence[Line], index: int) -> Boundary | None:
    line = lines[index]
    if named := attribution(line.text):
        return Boundary("attribution", index, index + 1, line.depth, {}, named)
    if not (may_open_attribution(line.text) or line.text.endswith("<")):
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
