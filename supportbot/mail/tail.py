"""The ends of what a sender wrote: signatures, client footers, disclaimers, relay footers."""

import re
from collections.abc import Sequence

from supportbot.mail.boundary import Line
from supportbot.mail.footers import is_mobile_footer, opens_disclaimer, opens_relay_footer
from supportbot.mail.layouts import is_rule_line
from supportbot.mail.message import Label

_MAX_SIGNATURE_LINES = 15
_MAX_CONTACT_LINES = 12
_LONG_LINE = 100  # characters: prose, not a line of a signature

_CLOSINGS = re.compile(
    r"(?:(?:best|kind|warm|many thanks and|with (?:best|kind))?\s?(?:regards|wishes)|(?:yours )?(?:sincerely|faithfully|"
    r"truly)(?: yours)?|cheers|thanks|"
    r"thank you|many thanks|best|rgds|(?:mit )?(?:freundlichen|besten|vielen|herzlichen|lieben|viele|beste|liebe|"
    r"schöne) (?:gr(?:ü|ue)(?:ß|ss)en?|dank)|"
    r"mfg|lg|vg|cordialement|bien cordialement|bien à vous|salutations|meilleures salutations|cdlt|merci|saludos|"
    r"un saludo|atentamente|saludos cordiales|"
    r"cordiali saluti|distinti saluti|saluti|grazie|met vriendelijke groet(?:en)?|groeten?|mvg|hartelijke groet|"
    r"atenciosamente|cumprimentos|"
    r"com os melhores cumprimentos|obrigad[oa]|abraços|pozdrawiam|z poważaniem|pozdrowienia|serdecznie pozdrawiam|敬具|"
    r"よろしくお願い(?:いた)?します。?|"
    r"よろしくお願い申し上げます。?|以上)[\s,.!;]*",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@[\w.-]{1,100}\.\w{2,}|https?://|www\.|(?:\btel|\bphone|\bfon|\bfax|\bmobile?|\bmob|\bcell|\btél|\bt|\bm|"
    r"\bp)\b\.?\s?:?\s?[+(]?\d[\d ()/.-]{5,30}|"
    r"\+\d[\d ()/.-]{6,30}|\b(?:gmbh|ltd|llc|inc|corp|s\.a\.|s\.r\.l\.|b\.v\.|sp\. z o\.o\.)(?:\b|\s|$)|\s\|\s",
    re.IGNORECASE,
)


def label_tail(lines: Sequence[Line], labels: list[Label], rules: list[str], doubts: list[str]) -> None:
    """Refines NEW into SIGNATURE and FOOTER, run by run; a doubt is noted where a signature is too long to be one."""
    start = 0
    while start < len(lines):
        if labels[start] is not Label.NEW:
            start += 1
            continue
        end = start
        while end < len(lines) and labels[end] is Label.NEW:
            end += 1
        _label_run(lines, start, end, labels, rules, doubts)
        start = end


def _label_run(lines: Sequence[Line], start: int, end: int, labels: list[Label], rules: list[str], doubts: list[str]) -> None:
    def mark(first: int, last: int, label: Label, rule: str) -> None:
        for index in range(first, last):
            labels[index], rules[index] = label, rule

    for index in range(start, end):
        if lines[index].text == "--" and index > start - 1:
            below = [line for line in lines[index + 1 : end] if not line.blank]
            if not below:
                continue
            if len(below) > _MAX_SIGNATURE_LINES or any(line.end - line.start > 4 * _LONG_LINE for line in below):
                doubts.append("long-signature")
            mark(index, end, Label.SIGNATURE, "delimiter")
            end = index
            break
    for first, last in _paragraphs(lines, start, end):
        text = "\n".join(line.text for line in lines[first:last])
        if opens_disclaimer(text):
            mark(first, last, Label.FOOTER, "disclaimer")
            continue
        for index in range(first, last):
            if is_mobile_footer(lines[index].text):
                mark(index, index + 1, Label.FOOTER, "mobile")
            elif opens_relay_footer(lines[index].text):
                mark(index, last, Label.FOOTER, "relay")
                break
    while end > start and (lines[end - 1].blank or labels[end - 1] is not Label.NEW):
        end -= 1
    _label_contact_block(lines, start, end, mark_to=(labels, rules))
    for index in range(start, end):
        if is_rule_line(lines[index].text) and (index == end - 1 or labels[index + 1] is not Label.NEW):
            mark(index, index + 1, Label.FOOTER, "rule")


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


def _label_contact_block(lines: Sequence[Line], start: int, end: int, *, mark_to: tuple[list[Label], list[str]]) -> None:
    """Name, firm and telephone below "Kind regards", where no `-- ` announces them."""
    labels, rules = mark_to
    closing = None
    for index in range(end - 1, max(start - 1, end - 1 - 2 * _MAX_CONTACT_LINES), -1):
        if _CLOSINGS.fullmatch(lines[index].text[:80]):
            closing = index
            break
    if closing is None:
        return
    below = [line.text for line in lines[closing + 1 : end] if not line.blank]
    if not below or len(below) > _MAX_CONTACT_LINES or any(len(text) > _LONG_LINE for text in below):
        return
    if not any(_CONTACT.search(text) for text in below) or any(text.endswith(("?", "!")) for text in below):
        return
    for index in range(closing + 1, end):
        if labels[index] is Label.NEW:
            labels[index], rules[index] = Label.SIGNATURE, "contact-block"
