"""Blocks of labels that name an earlier message, in the layouts of all clients: "From: … Sent: … To: … Subject: …"."""

import re
from collections.abc import Sequence

from supportbot.mail.layouts import (
    Field,
    bare_label,
    header_field,
    is_rule_line,
    plain_field,
    raw_field,
    separator,
    split_one_line_block,
)
from supportbot.mail.lines import Line

_MAX_BLOCK_LINES = 25
_MAX_RAW_LINES = 200
_SHOWN: tuple[Field, ...] = ("from", "date", "to", "cc", "subject")
_BEGINNINGS = frozenset(
    (
        "return-path",
        "received",
        "from",
        "date",
        "message-id",
        "to",
        "subject",
        "dkim-signature",
        "mime-version",
        "delivered-to",
        "envelope-to",
        "authentication-results",
    )
)
_LABELLED = re.compile(r"[^\W\d_][^:@]{0,24}: \S.{0,200}")
_DATE_LINE = re.compile(r"(?:[^\W\d_]{2,12}[.,]{0,2} ){0,2}\d{1,4}[ ,./-]")
_DRAWN = re.compile(r"[-_=*~]{3,}|[-=8<>]{3,}+[^-=<>]{4,60}[-=8<>]{3,}")
_DAY_AND_TIME = re.compile(
    r"\d\s?[:h時点]\s?\d\d|\b(?:kl\.?|klo|alle|um|at|à|às|godz\.?|v)\s\d{1,2}\.\d\d|\d{4} \d{1,2}\.\d\d|\d\s?[ap]\.?m\b|"
    r"\b[^\W\d_]{3,20}+[ .,]{1,3}+\d{4}",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")

Block = tuple[dict[Field, str], int, int]
"""The fields of a header block, the first line after it, and its `>` depth."""


def block_below(lines: Sequence[Line], index: int) -> Block | None:
    return header_block(lines, index, least=1) or bare_block(lines, index) or _plain_block(lines, index)


def _plain_block(lines: Sequence[Line], index: int) -> Block | None:
    """The block of eM Client: labels without colons, on lines that follow each other."""
    fields: dict[Field, str] = {}
    position = index
    while position < len(lines) and not lines[position].blank and (found := plain_field(lines[position].text)):
        fields.setdefault(*found)
        position += 1
    named = "@" in fields.get("from", "") and len(fields) >= 3
    return (fields, position, lines[index].depth) if named else None


def header_block(lines: Sequence[Line], index: int, *, least: int) -> Block | None:
    """The block at a line, where at least `least` labels stand, one of them the sender's."""
    if ":" not in lines[index].text and "：" not in lines[index].text:
        return None  # no label, as on nearly every line
    fields: dict[Field, str] = {}
    depth = lines[index].depth
    last: Field | None = None
    spaced = False  # HTML may have put a blank line between all labels
    position = index
    while position < min(len(lines), index + _MAX_BLOCK_LINES):
        line = lines[position]
        if line.blank:
            label = _label_below(lines, position, depth)
            if label is None or label in fields or not fields or ("subject" in fields and len(fields) > 1 and not spaced):
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
    drawn = position + 1 if position + 1 < len(lines) and lines[position].blank else position
    if drawn < len(lines) and _DRAWN.fullmatch(lines[drawn].text):
        position = drawn + 1  # Notes, Becky and The Bat draw a rule below their blocks
    if "from" not in fields or len(real) < least or (least > 1 and not {"date", "subject"} & fields.keys()):
        return None
    if least > 1 and not ("@" in " ".join(fields.values()) or _DAY_AND_TIME.search(fields.get("date", "")[:200])):
        return None  # "From: me, To: you" is how some people write
    if (
        least > 1
        and position < len(lines)
        and _LABELLED.fullmatch(lines[position].text)
        and "@" not in " ".join(fields.values())
    ):
        return None  # so do carriers: "From: York, To: Hull, Date: …, Status: delivered"
    return fields, position, depth


def raw_block(lines: Sequence[Line], index: int) -> Block | None:
    """The whole header block of a message that a mail server returned, up to its blank line."""
    first = raw_field(lines[index].text)
    if first is None or not (first[0] in _BEGINNINGS or first[0].startswith(("x-", "arc-"))):
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


def bare_block(lines: Sequence[Line], index: int) -> Block | None:
    """The block of Lotus Notes: a name, a date, then labels without colons, each above or before its value."""
    head = [at for at in range(index, min(len(lines), index + 4)) if not lines[at].blank][:2]
    if (
        len(head) < 2
        or lines[head[1]].depth != lines[index].depth
        or lines[head[0]].text[-1] in ".?!:,"
        or len(lines[head[0]].text) > 120
    ):
        return None
    when = date_alone(lines[head[1]].text)
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


def date_alone(text: str) -> str:
    """The text where it is a date with a time of day and nothing else."""
    return text if len(text) <= 60 and _DATE_LINE.match(text) and _CLOCK.search(text) and not separator(text) else ""


def skip_blank(lines: Sequence[Line], index: int, most: int) -> int:
    stop = min(len(lines), index + most)
    while index < stop and (lines[index].blank or is_rule_line(lines[index].text)):
        index += 1
    return index
