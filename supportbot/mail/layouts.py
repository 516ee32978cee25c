"""Single lines that mark somebody else's words: separators and header labels. The words are in `idioms`.

Every pattern is matched against a line of at most `MAX_LINE` characters.
"""

import re
from dataclasses import dataclass
from typing import Literal

from supportbot.mail.idioms import IDIOMS

MAX_LINE = 400

Field = Literal["from", "date", "to", "cc", "subject", "other"]
Kind = Literal["forward", "original"]

_SEPARATORS: dict[str, Kind] = {
    **{phrase: "original" for idiom in IDIOMS for phrase in idiom.original},
    **{phrase: "forward" for idiom in IDIOMS for phrase in idiom.forwarded},
}
_BY = (" by", " von", " par", " por", " da", " door", " przez")
_WITH_NAMES = tuple(phrase for phrase, kind in _SEPARATORS.items() if kind == "forward" and phrase.endswith(_BY))
_STARTS = {
    kind: tuple(f"{phrase} " for phrase, other in _SEPARATORS.items() if other == kind) for kind in ("forward", "original")
}
_FIELD_OF: dict[str, Field] = {}
for _idiom in reversed(IDIOMS):  # the first language of a shared label wins
    for _field, _labels in (
        ("other", _idiom.other), ("cc", _idiom.cc), ("subject", _idiom.subject), ("to", _idiom.to),
        ("date", _idiom.date), ("from", _idiom.sender),
    ):  # fmt: skip
        _FIELD_OF.update(dict.fromkeys(filter(None, _labels.split("|")), _field))  # type: ignore[arg-type]

_END_MARK = re.compile(
    r"[-=_*~<>8 ]{3,40}\s?(?:end(?: of| forwarded| original)|ende der|fin du|fin del|fine del|einde|fim da|koniec|konec|slut på|конец)\b[^-=_*]{0,60}"
    r"[-=_*~<>8: ]{2,40}|[-=_*~]{3,40}\s?(?:original message|forwarded message) ends?\s?[-=_*~]{3,40}|[-=_*~]{3,40}.{0,20}(?:ここまで|終わり).{0,10}",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(
    r"[ \t]{0,8}[*_]{0,2}([^\W\d_][^:：*\n]{0,24}?)[ \t\u3000]{0,4}[*_]{0,2}[ \t]{0,2}[:：][*_]{0,2}[ \t\u3000]*+(.*)",
    re.DOTALL,
)
_DRAWING = frozenset("-_=*~.#—–+<>|/\\·• ")
_RAW_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]+(.*)|\Z)", re.DOTALL)


def _one_line_labels() -> re.Pattern[str]:
    """Labels inside one line; short ones only where a word ends: "Sent: …UTCSubject: …" but not "Videos: …"."""
    sole = {label: field for label, field in _FIELD_OF.items() if " " not in label or field == "from"}
    written = {label.capitalize() for label, field in sole.items() if field not in ("other", "cc")}
    copies = {"CC", *(label.capitalize() for label, field in sole.items() if field == "cc")}  # Yahoo's Polish "Dw" has no colon
    long, short, copied = (
        "|".join(map(re.escape, sorted(labels)))
        for labels in ([x for x in written if len(x) > 3], [x for x in written if len(x) <= 3], copies)
    )
    return re.compile(rf"({long}|(?<=[>\])\"' ])(?:Cc|{short})|(?<=[>\])\"'])(?:{copied}))(?:\s?:(?!//)|(?<=>Dw) )")


_ONE_LINE_LABELS = _one_line_labels()
_DATED_SEPARATOR = re.compile(  # Orange and Free write the date into the separator
    r"(?:message du|message envoyé le|message reçu le|mensaje del|messaggio del|nachricht vom)\s?:?\s(?P<when>\d.{5,60})",
    re.IGNORECASE,
)


def fold_separator(line: str) -> str:
    """A line less its dashes, colon and case: the form the separator tables are written in."""
    return line.strip(" \t-_=*>—–:：~+|‐[]#.").casefold()


@dataclass(frozen=True, slots=True)
class Separator:
    """A line that announces a forwarded or an original message, and the date where it names one."""

    kind: Kind
    when: str = ""


def separator(line: str) -> Separator | None:
    """What a line announces. A bare phrase without dashes or colon is prose."""
    if len(line) > 160:
        return None
    stripped = line.strip()
    if not stripped or not (stripped[0] in "-_=*—–~+[#" or stripped[-1] in "-:：_=*—–." or not stripped.isascii()):
        return _dated(stripped) if stripped[:1] in "mMnN" else None
    folded = fold_separator(stripped)
    kind = _SEPARATORS.get(folded)
    if folded == "original" and stripped.startswith("---"):  # QQ
        kind = "original"
    if kind is not None:
        return Separator(kind)
    if stripped[:2] in ("--", "__", "=="):  # Lotus Notes: "----- Forwarded by Jane Doe/Acme on 11/02/2026 10:03 AM -----"
        if folded.startswith(_WITH_NAMES):
            return Separator("forward")
        if dated := _dated(folded):
            return dated
        if stripped[-2:] in ("--", "__", "=="):  # OTRS: "---- Forwarded message from "Jane Doe" <j@example.org> ----"
            named = "@" in folded or any(map(str.isdigit, folded))
            if named and folded.startswith((*_STARTS["forward"], *_STARTS["original"])):
                return Separator("forward" if folded.startswith(_STARTS["forward"]) else "original")
        pieces = [_SEPARATORS.get(fold_separator(piece)) for piece in re.split(r"\s-{1,8}\s|\s/\s", folded)[:3]]
        return next((Separator(piece) for piece in pieces if piece), None)
    return None


def plain_field(line: str) -> tuple[Field, str] | None:
    """(field, value) of a line that names its field without a colon: eM Client's "From "Jane" <j@example.org>"."""
    words = line.split(None, 2)
    for count in (2, 1):
        field = _FIELD_OF.get(" ".join(words[:count]).casefold()) if len(words) > count - 1 else None
        if field and words[0][:1].isupper():
            return field, line.split(None, count)[count].strip() if len(line.split(None, count)) > count else ""
    return None


def _dated(text: str) -> Separator | None:
    found = _DATED_SEPARATOR.fullmatch(text)
    return Separator("original", found["when"].strip()) if found else None


def announces_forward(line: str) -> bool:
    """Whether a line in words, without dashes, says that a message is passed on; it counts only right above the message."""
    folded = fold_separator(line)
    return len(line) <= 160 and (_SEPARATORS.get(folded) == "forward" or folded.startswith(_WITH_NAMES))


def is_end_mark(line: str) -> bool:
    """Whether a line ends a message passed on: "----- End forwarded message -----"."""
    return len(line) <= 120 and bool(_END_MARK.fullmatch(line))


def is_rule_line(line: str) -> bool:
    """A line of dashes or underscores only, as Outlook draws above a header block."""
    stripped = line.strip()
    return len(stripped) >= 10 and stripped[0] in "_-=*—" and stripped.count(stripped[0]) == len(stripped)


def is_drawn(line: str) -> bool:
    """A line of signs only, as people part what they write from what they paste: "* * *", "<<<", "~~~~"."""
    return 3 <= len(line) <= 200 and set(line) <= _DRAWING


def header_field(line: str) -> tuple[Field, str] | None:
    """(field, value) of one line of an inline header block, e.g. `*Von:* Jane <jane@example.org>`."""
    start = line[:45]
    if ":" not in start and "：" not in start:
        return None
    match = _HEADER_LINE.match(line[:2000])
    if not match:
        return None
    field = _FIELD_OF.get(" ".join(match.group(1).split()).casefold())
    return (field, match.group(2).strip().strip("*").strip()) if field else None


def bare_label(line: str) -> Field | None:
    """The field that a line names without any colon, as Lotus Notes writes labels above their values."""
    return _FIELD_OF.get(line.casefold()) if len(line) <= 20 else None


def raw_field(line: str) -> tuple[str, str] | None:
    """(name in lower case, value) of a line of an RFC 5322 header block, as a mail server copies it into a report."""
    match = _RAW_FIELD.match(line[:2000])
    return (match.group(1).lower(), (match.group(2) or "").strip()) if match else None


def split_one_line_block(line: str) -> list[str]:
    """Yahoo's header block on one line, `From: A <a@b>To: C <c@d>Sent: …`, as separate lines."""
    if line.count(":") < 2 or len(line) > 2000 or len(_ONE_LINE_LABELS.findall(line)) < 2:
        return [line]
    return _ONE_LINE_LABELS.sub(r"\n\1:", line).strip("\n").split("\n")
