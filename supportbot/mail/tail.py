"""The ends of what a sender wrote: signatures, client footers, disclaimers, relay footers."""

import re
from collections.abc import Callable, Sequence

from supportbot.mail.boundary import Line
from supportbot.mail.footers import (
    is_mobile_footer,
    is_reply_marker,
    opens_banner,
    opens_disclaimer,
    opens_relay_footer,
    says_automatic,
)
from supportbot.mail.layouts import is_rule_line
from supportbot.mail.message import Label

_MAX_SIGNATURE_LINES = 15
_MAX_CONTACT_LINES = 14
_MAX_CLOSING = 60  # characters
_LONG_LINE = 100  # characters: prose, not a line of a signature

# Words that a closing line holds, and lines that are one as they stand.
_CLOSING_WORDS = re.compile(
    r"\b(?:regards|wishes|sincerely|faithfully|yours truly|gr(?:ü|ue)(?:ß|ss)(?:e|en)?|gru(?:ß|ss)|salutations|cordialement|"
    r"bien à vous|cdlt|saludos?|atentamente|cordiali saluti|saluti|groet(?:en|jes)?|cumprimentos|atenciosamente|abraços?|"
    r"pozdraw\w+|z poważaniem|med vänliga hälsningar|hälsningar|hilsen|mvh|mfg|rgds|brgds)\b|敬具|よろしくお願い|以上",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"(?:many |kind )?thanks(?: (?:again|in advance|a lot|so much|and (?:best|kind).{0,20}))?|thank you(?: (?:again|very much|"
    r"in advance))?|thx|cheers|best|warmly|ta|(?:vielen |besten |herzlichen |lieben )?dank(?: (?:im voraus|vorab))?|danke"
    r"(?: im voraus)?|lg|vg|merci(?: (?:d'avance|beaucoup|par avance))?|(?:muchas )?gracias(?: de antemano)?|(?:mille )?grazie"
    r"(?: (?:mille|in anticipo))?|(?:alvast )?bedankt|dank u(?: wel)?|obrigad[oa]|dziękuję|z góry dziękuję|bien à vous|bàv",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@[\w.-]{1,100}\.\w{2,}|https?://|www\.|(?:\btel|\bphone|\bfon|\btelefono?|\bfax|\bmobile?|\bmob|\bcell?|\btél|\btfn?o?|\bt|\bm|"
    r"\bp|\bmóvil|\btelefoon|\bhandy|\bdirect)\b\.?\s?:?\s?[+(]?\d[\d ()/.-]{4,30}|\+\d[\d ()/.-]{6,30}|[☎📞✆]|"
    r"\b(?:gmbh|ltd|llc|inc|corp|s\.a\.|s\.l\.|s\.c\.|s\.?n\.?c\.?|s\.?a\.?s\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|sarl|b\.?v\.?|"
    r"sp\. z o\.o\.|e\.\s?k\.|ohg|kg|ug|plc|limited|"
    r"ust-idnr|vat|hrb|siret|siren|nif|cif|p\.\s?iva|kvk|btw)(?:\b|\s|$)|(?:^|\s)\|\s|株式会社|有限会社|〒|"
    r"^(?:\+?\d[\d ()/.-]{6,25}\d)$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\s.]{2,}[?!]$|(?:\S+ ){7,}\S*[.。]$|:$")
_DELIMITER = re.compile(r"--|-{3,5}|—|__")
_LIST_FOOTER = re.compile(
    r"\bmailing list\b|/listinfo/|unsubscribe|abmelden|désabonn|desuscri|annulla l.iscrizione", re.IGNORECASE
)
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")


_Mark = Callable[[int, int, Label, str], None]


def label_tail(lines: Sequence[Line], labels: list[Label], rules: list[str], doubts: list[str], author: str = "") -> None:
    """Refines NEW into SIGNATURE and FOOTER, run by run; a doubt is noted where a signature is too long to be one.

    `author` is the sender's display name: a block of contact data that begins with it needs no closing above it.
    """
    start = 0
    while start < len(lines):
        if labels[start] is not Label.NEW:
            start += 1
            continue
        end = start
        while end < len(lines) and labels[end] is Label.NEW:
            end += 1
        _label_run(lines, start, end, labels, rules, doubts, author)
        start = end


def _label_run(
    lines: Sequence[Line], start: int, end: int, labels: list[Label], rules: list[str], doubts: list[str], author: str
) -> None:
    def mark(first: int, last: int, label: Label, rule: str) -> None:
        for index in range(first, last):
            labels[index], rules[index] = label, rule

    for index in range(start, end):
        if _DELIMITER.fullmatch(lines[index].text):
            below = [line for line in lines[index + 1 : end] if not line.blank]
            if not below or (lines[index].text != "--" and (len(below) > 4 or any(_SENTENCE.search(x.text) for x in below))):
                continue
            if len(below) > _MAX_SIGNATURE_LINES or any(line.end - line.start > 4 * _LONG_LINE for line in below):
                doubts.append("long-signature")
            mark(index, end, Label.SIGNATURE, "delimiter")
            end = index
            break
    paragraphs = _paragraphs(lines, start, end)
    for first, last in paragraphs[:2]:
        if opens_banner("\n".join(line.text for line in lines[first:last])):
            mark(first, last, Label.FOOTER, "banner")
        else:
            break
    for first, last in paragraphs:
        if labels[first] is not Label.NEW:
            continue
        for index in range(first, last):
            if is_mobile_footer(lines[index].text):
                mark(index, index + 1, Label.FOOTER, "mobile")
            elif is_reply_marker(lines[index].text):
                mark(index, index + 1, Label.FOOTER, "reply-marker")
            elif opens_relay_footer(lines[index].text) or (last == paragraphs[-1][1] and says_automatic(lines[index].text)):
                mark(index, last, Label.FOOTER, "relay")
                break
    for index in range(start, end - 1):
        if is_rule_line(lines[index].text) and any(_LIST_FOOTER.search(line.text) for line in lines[index + 1 : index + 3]):
            mark(index, end, Label.FOOTER, "list")
            break
    _label_disclaimers(lines, paragraphs, mark, labels)
    while end > start and (lines[end - 1].blank or labels[end - 1] is not Label.NEW):
        end -= 1
    if block := _contact_block(lines, start, end, labels, author):
        mark(*block, Label.SIGNATURE, "contact-block")
    for index in range(start, end):
        if is_rule_line(lines[index].text) and (index == end - 1 or labels[index + 1] is not Label.NEW):
            mark(index, index + 1, Label.FOOTER, "rule")


def _label_disclaimers(
    lines: Sequence[Line], paragraphs: Sequence[tuple[int, int]], mark: "_Mark", labels: Sequence[Label]
) -> None:
    """Legal text from the end upwards: whole paragraphs, and the last lines of the paragraph above them."""
    for first, last in reversed(paragraphs):
        if labels[last - 1] is not Label.NEW:
            continue
        if opens_disclaimer("\n".join(line.text for line in lines[first:last])):
            top = next(
                (at for at in range(first, last) if opens_disclaimer("\n".join(x.text for x in lines[at : at + 1]))), first
            )
            card = top > first and not any(_SENTENCE.search(line.text) for line in lines[first:top])
            mark(top if card else first, last, Label.FOOTER, "disclaimer")
        elif not _contact_data([line.text for line in lines[_below_closing(lines, first, last) : last]]):
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


def _contact_block(lines: Sequence[Line], start: int, end: int, labels: Sequence[Label], author: str) -> tuple[int, int] | None:
    """Name, firm and telephone at the end of what was written, where no `-- ` announces them.

    The block begins below the closing ("Kind regards"), or, where words stand between them, with the paragraph of the contact
    data; a name typed below the closing in a paragraph of its own stays the sender's words.
    """
    paragraphs = [(first, last) for first, last in _paragraphs(lines, start, end) if labels[first] is Label.NEW]
    block: tuple[int, int] | None = None
    for first, last in reversed(paragraphs):
        top = _below_closing(lines, first, last)
        texts = [line.text for line in lines[top:last]]
        if not texts or not (_contact_data(texts) or (block is None and _repeats_name(lines, start, first, texts))):
            break
        block = (top, end)
        if top > first:
            return block
    if block is None or block[1] - block[0] > 2 * _MAX_CONTACT_LINES:
        return None
    block = (_card_above(lines, paragraphs, block[0]), end)
    above = [line.text for line in lines[start : block[0]] if not line.blank][-3:]
    names = _NAME_WORD.findall(author.casefold())
    first_line = lines[block[0]].text.casefold()
    own_name = bool(names) and len(first_line) <= _MAX_CLOSING and all(name in first_line for name in names[:2])
    typed_twice = bool(above) and len(above[-1].split()) <= 4 and above[-1].strip(" ,.").casefold() in first_line
    return block if own_name or typed_twice or any(map(_is_closing, above)) else None


def _repeats_name(lines: Sequence[Line], start: int, first: int, texts: Sequence[str]) -> bool:
    """Whether a paragraph of short lines begins with the name typed right above it, as an inserted card does."""
    typed = next((line.text for line in reversed(lines[start:first]) if not line.blank), "").strip(" ,.")
    return (
        1 < len(texts) <= _MAX_CONTACT_LINES
        and 2 <= len(typed) <= _MAX_CLOSING
        and len(typed.split()) <= 4
        and texts[0].casefold().startswith(typed.casefold())
        and not any(len(text) > _LONG_LINE or _SENTENCE.search(text) for text in texts)
    )


def _card_above(lines: Sequence[Line], paragraphs: Sequence[tuple[int, int]], top: int) -> int:
    """Where a business card that HTML put into several paragraphs begins: below the closing and the typed name under it."""
    above = [(first, last) for first, last in paragraphs if last <= top]
    cards: list[int] = []
    for first, last in reversed(above[-4:]):
        if _below_closing(lines, first, last) > first:
            return cards[-2] if len(cards) > 1 else top
        if last - first > 2 or any(_SENTENCE.search(line.text) or len(line.text) > _MAX_CLOSING for line in lines[first:last]):
            break
        cards.append(first)
    return top


def _below_closing(lines: Sequence[Line], first: int, last: int) -> int:
    """The line after the last closing line of a paragraph; its first line where it holds none."""
    for index in range(last - 1, first - 1, -1):
        if _is_closing(lines[index].text):
            return index + 1
    return first


def _is_closing(text: str) -> bool:
    text = text.strip(" ,.!;-–—*_")
    if len(text) > _MAX_CLOSING or len(text.split()) > 9 or text.endswith("?"):
        return False
    return bool(_CLOSINGS.fullmatch(text) or _CLOSING_WORDS.search(text))


def _contact_data(texts: Sequence[str]) -> bool:
    """Whether the lines are those of a business card: all short, none a sentence, at least one a telephone, address or firm."""
    return (
        len(texts) <= _MAX_CONTACT_LINES
        and all(len(text) <= _LONG_LINE and not _SENTENCE.search(text) for text in texts)
        and any(_CONTACT.search(text) for text in texts)
    )
