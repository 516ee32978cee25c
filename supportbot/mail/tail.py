"""The ends of what a sender wrote: signatures, client footers, disclaimers, relay footers."""

import re
from collections.abc import Callable, Sequence

from supportbot.mail.card import find_card, is_card, is_closing
from supportbot.mail.footers import (
    closes_frame,
    end_of_banner,
    is_mobile_footer,
    is_reference,
    is_reply_marker,
    opens_disclaimer,
    opens_frame,
    opens_relay_footer,
    says_automatic,
)
from supportbot.mail.layouts import is_drawn, is_rule_line
from supportbot.mail.lines import Line
from supportbot.mail.message import Label

_MAX_SIGNATURE_LINES = 15
_LONG_LINE = 100  # characters: prose, not a line of a signature
_DELIMITER = re.compile(r"--|-{3,5}|—|__")
_LIST_FOOTER = re.compile(
    r"\bmailing list\b|/listinfo/|unsubscribe|abmelden|désabonn|desuscri|annulla l.iscrizione", re.IGNORECASE
)

_Mark = Callable[[int, int, Label, str], None]


def label_tail(
    lines: Sequence[Line], labels: list[Label], rules: list[str], doubts: list[str], author: str = "", address: str = ""
) -> None:
    """Refines NEW into SIGNATURE and FOOTER, run by run; a doubt is noted where a signature is too long to be one.

    `author` is the sender's display name: a block of contact data that begins with it needs no closing above it. `address` is
    theirs too: its domain names their firm.
    """
    start = 0
    while start < len(lines):
        if labels[start] is not Label.NEW:
            start += 1
            continue
        end = start
        while end < len(lines) and labels[end] is Label.NEW:
            end += 1
        _label_run(lines, start, end, labels, rules, doubts, author, address)
        start = end


def _label_run(
    lines: Sequence[Line],
    start: int,
    end: int,
    labels: list[Label],
    rules: list[str],
    doubts: list[str],
    author: str,
    address: str,
) -> None:
    def mark(first: int, last: int, label: Label, rule: str) -> None:
        for index in range(first, last):
            labels[index], rules[index] = label, rule

    framed = next((index for index in range(start, end) if opens_frame(lines[index].text)), None)
    closed = (
        next((index for index in range(end - 1, framed, -1) if closes_frame(lines[index].text)), None)
        if framed is not None
        else None
    )
    if framed is not None and closed is not None:
        mark(framed, framed + 1, Label.FOOTER, "relay")
        mark(closed, end, Label.FOOTER, "relay")
        start, end = framed + 1, closed
    for index in range(start, end):
        below = [line for line in lines[index + 1 : end] if not line.blank] if _DELIMITER.fullmatch(lines[index].text) else []
        if not below or not _opens_signature(lines[index], below):
            continue
        if lines[index].text != "--" and any(lines[at].text == lines[index].text for at in range(start, index)):
            continue  # rules between paragraphs
        if len(below) > _MAX_SIGNATURE_LINES or any(line.end - line.start > 4 * _LONG_LINE for line in below):
            doubts.append("long-signature")
        mark(index, end, Label.SIGNATURE, "delimiter")
        end = index
        break
    paragraphs = _paragraphs(lines, start, end)
    for first, last in paragraphs[:2]:
        warned = end_of_banner([line.text for line in lines[first:last]])
        mark(first, first + warned, Label.FOOTER, "banner")
        if not warned or first + warned < last:
            break
    for first, last in paragraphs:
        if labels[last - 1] is not Label.NEW:
            continue
        for index in range(first, last):
            if labels[index] is not Label.NEW:
                continue
            if is_mobile_footer(lines[index].text):
                mark(index, index + 1, Label.FOOTER, "mobile")
            elif is_reference(lines[index].text) and _ends_mail(lines, index, end):
                mark(index, index + 1, Label.FOOTER, "reference")
            elif is_reply_marker(lines[index].text):
                mark(index, index + 1, Label.FOOTER, "reply-marker")
            elif opens_relay_footer(lines[index].text) or (last == paragraphs[-1][1] and says_automatic(lines[index].text)):
                mark(index, last, Label.FOOTER, "relay")
                break
    for index in range(start, end - 1):
        under = [line.text for line in lines[index + 1 : end] if not line.blank] if is_rule_line(lines[index].text) else []
        advert = 0 < len(under) <= 4 and any("://" in text or "www." in text for text in under)
        if advert or any(map(_LIST_FOOTER.search, under[:2])):
            mark(index, end, Label.FOOTER, "list")
            break
    _label_disclaimers(lines, paragraphs, mark, labels)
    whole = end
    while end > start and (lines[end - 1].blank or labels[end - 1] is not Label.NEW):
        end -= 1
    if card := find_card(lines, start, end, author, address):
        mark(*card, Label.SIGNATURE, "card")
    for index in range(start, end):
        label_below = labels[index + 1] if index + 1 < whole else None
        above_tail = label_below in (Label.SIGNATURE, Label.FOOTER) and is_drawn(lines[index].text)
        if above_tail or (label_below is not Label.NEW and is_rule_line(lines[index].text)):
            mark(index, index + 1, Label.FOOTER, "rule")


def _ends_mail(lines: Sequence[Line], index: int, end: int) -> bool:
    """Whether a line stands in a paragraph of its own, with hardly anything below it."""
    below = sum(not line.blank for line in lines[index + 1 : end])
    return below <= 1 and (index == 0 or lines[index - 1].blank)


def _opens_signature(delimiter: Line, below: Sequence[Line]) -> bool:
    """Whether a line of dashes opens a signature: `--` does; others only above few short lines, or a list's own words."""
    few = len(below) <= 4 and all(len(line.text) <= _LONG_LINE // 2 for line in below)
    return delimiter.text == "--" or few or any(_LIST_FOOTER.search(line.text) for line in below[:3])


def _label_disclaimers(
    lines: Sequence[Line], paragraphs: Sequence[tuple[int, int]], mark: "_Mark", labels: Sequence[Label]
) -> None:
    """Legal text from the end upwards: whole paragraphs, and the last lines of the paragraph above them."""
    for first, last in reversed(paragraphs):
        if labels[last - 1] is not Label.NEW:
            continue
        legal = next((at for at in range(first, last) if opens_disclaimer(lines[at].text)), None)
        if legal is not None and is_card([line.text for line in lines[first:legal]]):
            mark(legal, last, Label.FOOTER, "disclaimer")
        elif opens_disclaimer("\n".join(line.text for line in lines[first:last])):
            mark(first, last, Label.FOOTER, "disclaimer")
        elif not is_card([line.text for line in lines[first:last] if not is_closing(line.text)]):
            return


def _paragraphs(lines: Sequence[Line], start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    first: int | None = None
    for index in range(start, end):
        if lines[index].blank or is_rule_line(lines[index].text):
            if first is not None:
                found.append((first, index))
            first = None
        elif first is None:
            first = index
    if first is not None:
        found.append((first, end))
    return found
