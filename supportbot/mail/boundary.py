"""Where somebody else's words begin: the marks that introduce an earlier message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from supportbot.mail.attribution import (
    Attribution,
    arrow_attribution,
    attribution,
    may_open_attribution,
    notes_summary,
)
from supportbot.mail.blocks import bare_block, block_below, header_block, raw_block, skip_blank
from supportbot.mail.card import is_name
from supportbot.mail.heads import card_block, names_time
from supportbot.mail.layouts import Field, Separator, is_rule_line, raw_field, separator
from supportbot.mail.lines import Line

_MAX_ATTRIBUTION_LINES, _MAX_ATTRIBUTION_SPAN = 4, 9  # lines with words; with the empty ones between
_LONGEST_PARTED, _LONGEST_NAMING = 200, 120  # characters
_ASKS = "!?:。！？：;"  # no piece of an attribution ends so, unless it is the last
_ADDRESSED = re.compile(r"[<(\[][^\s<>@()]{1,100}@|\A[^\s<>@]{1,100}@")
_RAW_BEGINNINGS = (
    "Received:", "Return-Path:", "Return-path:", "Message-ID:", "Message-Id:", "X-", "DKIM-Signature:", "MIME-Version:",
    "From:", "Delivered-To:", "Envelope-to:", "Authentication-Results:", "ARC-", "To:", "Date:", "Subject:",
)  # fmt: skip
_ANNOUNCED = re.compile(r"[-=*_]{2,}\s?[^-=*_\s].{4,100}[-=*_:]{1,20}")


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
        if line.text.count(":") > 1 and (block := header_block(lines, index, least=2)):  # Yahoo writes all on one line
            fields, content, depth = block
            return Boundary(announced.kind, index, content, depth, fields)
        return _after_separator(lines, index, announced)
    if summary := notes_summary(line.text):
        following = skip_blank(lines, index + 1, 3)
        block = header_block(lines, following, least=2) if following < len(lines) else None
        if block is not None:
            fields, content, depth = block
            return Boundary("header-block", index, content, depth, fields)
        return Boundary("attribution", index, index + 1, line.depth, {}, summary)
    if (raw := _returned_at(lines, index)) is not None:
        return raw
    if is_rule_line(line.text):
        following = skip_blank(lines, index + 1, 2)
        if following < len(lines) and (block := header_block(lines, following, least=2) or card_block(lines, following)):
            fields, content, depth = block
            return Boundary("header-block", index, content, depth, fields)
        return None
    if (block := header_block(lines, index, least=3)) is not None:
        fields, content, depth = block
        return Boundary("header-block", index, content, depth, fields)
    if attributed := _attribution_at(lines, index):
        if attributed.depth >= 3 and not _depth_below(lines, attributed.content):
            return replace(attributed, depth=0)  # GroupWise marks its own line alone: ">>> On …, Jane wrote:"
        return attributed
    if (block := bare_block(lines, index)) is not None:
        fields, content, depth = block
        return Boundary("header-block", index, content, depth, fields)
    return None


def _depth_below(lines: Sequence[Line], index: int) -> int:
    return next((line.depth for line in lines[index:] if not line.blank), 0)


def _after_separator(lines: Sequence[Line], index: int, found: Separator) -> Boundary:
    following = skip_blank(lines, index + 1, 3)
    while following < len(lines) and following < index + 6 and lines[following].text.startswith("------"):
        following = skip_blank(lines, following + 1, 3)  # Exim goes on about the size of the copy
    if following < len(lines) and (raw := raw_block(lines, following)):
        fields, content, depth = raw
        return Boundary(found.kind, index, content, depth, fields, raw=True)
    named: dict[Field, str] = {"date": found.when} if found.when else {}
    if following < len(lines) and (block := block_below(lines, following)):
        fields, content, depth = block
        return Boundary(found.kind, index, content, depth, named | fields)
    if following < len(lines) and (attributed := _attribution_at(lines, following)):
        return Boundary(found.kind, index, attributed.content, attributed.depth, {}, attributed.named)
    return Boundary(found.kind, index, index + 1, lines[index].depth, named)


def _returned_at(lines: Sequence[Line], index: int) -> Boundary | None:
    """A message copied into a report with all its headers, under whatever line announces it."""
    at = index
    if _ANNOUNCED.fullmatch(lines[index].text):
        at = skip_blank(lines, index + 1, 3)
    elif not lines[index].text.startswith(_RAW_BEGINNINGS) or (index and raw_field(lines[index - 1].text)):
        return None  # a header begins with its first field
    if at >= len(lines) or (block := raw_block(lines, at)) is None:
        return None
    fields, content, depth = block
    return Boundary("original", index, content, depth, fields, raw=True)


def _attribution_at(lines: Sequence[Line], index: int) -> Boundary | None:
    line = lines[index]
    if named := attribution(line.text):
        return Boundary("attribution", index, index + 1, line.depth, {}, named)
    if not (may_open_attribution(line.text) or line.text.endswith("<") or _goes_on_below(lines, index)):
        return None
    joined, pieces, gap, last = line.text, 1, False, index
    for following in range(index + 1, min(len(lines), index + _MAX_ATTRIBUTION_SPAN)):
        other = lines[following]
        if other.blank:
            if following - last > 1 or joined[-1] in _ASKS or (joined[-1] == "." and not names_time(joined)):
                return None
            gap = True  # HTML that was made text may have an empty line between the pieces of one
            continue
        # Wrapping at the client's line length may leave the tail of an attribution without its marks, so depth may fall; and a
        # `>` at the start of a line may close the address that was begun on the line above.
        closes = other.depth == line.depth + 1 and joined.count("<") > joined.count(">")
        if (other.depth > line.depth and not closes) or pieces == _MAX_ATTRIBUTION_LINES + 2 * gap:
            return None
        joined = f"{joined}> {other.text}" if closes else f"{joined} {other.text}"
        pieces, last = pieces + 1, following
        named = attribution(joined) if other.text[-1] in ":：" else None
        if named and gap and "@" not in line.text and not names_time(line.text) and attribution(joined[len(line.text) :]):
            return None  # complete without the name above it, which may be how the sender signed
        if named and (not gap or (named.when and len(joined) <= _LONGEST_PARTED)):
            return Boundary("attribution", index, following + 1, line.depth, {}, named)
    return None


def _goes_on_below(lines: Sequence[Line], index: int) -> bool:
    """Whether a line with an address, or a name above one, may begin an attribution whose verb or time stands below."""
    text = lines[index].text
    following = index + 1
    if following < len(lines) and lines[following].blank:
        following += 1
    if following >= len(lines) or lines[following].blank:
        return False
    below = lines[following].text
    if "@" not in text and not (below[0] in "<(" and "@" in below):
        return False  # as nearly every line
    if text[-1] in _ASKS or len(text) > _LONGEST_NAMING:
        return False
    if not any(line.text.endswith((":", "：")) for line in lines[index + 1 : index + _MAX_ATTRIBUTION_SPAN]):
        return False
    if "@" in text:
        return bool(_ADDRESSED.search(text))
    return text[0] in "\"'“" or is_name(text) or not any(word[0].islower() for word in text.split())
