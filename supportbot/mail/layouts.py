"""Single lines that mark somebody else's words: separators, header labels, attribution lines. The words are in `idioms`.

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
_FIELD_OF: dict[str, Field] = {}
for _idiom in reversed(IDIOMS):  # the first language of a shared label wins
    for _field, _labels in (
        ("other", _idiom.other), ("cc", _idiom.cc), ("subject", _idiom.subject), ("to", _idiom.to),
        ("date", _idiom.date), ("from", _idiom.sender),
    ):  # fmt: skip
        _FIELD_OF.update(dict.fromkeys(filter(None, _labels.split("|")), _field))  # type: ignore[arg-type]

_HEADER_LINE = re.compile(
    r"[ \t]{0,8}[*_]{0,2}([^\W\d_][^:：*\n]{0,24}?)[ \t\u3000]{0,4}[*_]{0,2}[ \t]{0,2}[:：][*_]{0,2}[ \t\u3000]*+(.*)",
    re.DOTALL,
)
_RAW_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]+(.*)|\Z)", re.DOTALL)


def _one_line_labels() -> re.Pattern[str]:
    """Labels inside one line; short ones only where a word ends: "Sent: …UTCSubject: …" but not "Videos: …"."""
    written = {label.capitalize() for label, field in _FIELD_OF.items() if field not in ("other", "cc") and " " not in label}
    long, short = (sorted(x for x in written if (len(x) > 3) is keep) for keep in (True, False))
    return re.compile(rf"({'|'.join(map(re.escape, long))}|(?<=[>\])\"' ])(?:Cc|{'|'.join(map(re.escape, short))}))\s?:(?!//)")


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
    if not stripped or not (stripped[0] in "-_=*—–~+[#" or stripped[-1] in "-:：_=*—–" or not stripped.isascii()):
        return _dated(stripped) if stripped[:1] in "mMnN" else None
    folded = fold_separator(stripped)
    kind = _SEPARATORS.get(folded)
    if kind is not None:
        return Separator(kind)
    if stripped[:2] in ("--", "__", "=="):  # Lotus Notes: "----- Forwarded by Jane Doe/Acme on 11/02/2026 10:03 AM -----"
        if folded.startswith(_WITH_NAMES):
            return Separator("forward")
        if dated := _dated(folded):
            return dated
        pieces = [_SEPARATORS.get(fold_separator(piece)) for piece in re.split(r"\s-{1,8}\s|\s/\s", folded)[:3]]
        return next((Separator(piece) for piece in pieces if piece), None)
    return None


def _dated(text: str) -> Separator | None:
    found = _DATED_SEPARATOR.fullmatch(text)
    return Separator("original", found["when"].strip()) if found else None


def is_rule_line(line: str) -> bool:
    """A line of dashes or underscores only, as Outlook draws above a header block."""
    stripped = line.strip()
    return len(stripped) >= 10 and len(set(stripped)) == 1 and stripped[0] in "_-=*—"


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


# -- attribution lines: "On Monday, Jane wrote:" -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote the words below, and when, as far as the line says."""

    who: str
    when: str


_PATTERNS = tuple(
    (tuple(filter(None, idiom.wrote.split("|"))), tuple(re.compile(pattern, re.IGNORECASE) for pattern in idiom.attributions))
    for idiom in IDIOMS
)
_VERBS = tuple(sorted({verb for verbs, _ in _PATTERNS for verb in verbs}))
_OPENING_WORDS = "|".join(sorted({re.escape(word) for idiom in IDIOMS for word in idiom.opens.split("|") if word}))
_OPENS = re.compile(
    rf"[\"'«]?(?:(?:{_OPENING_WORDS})\b.{{0,60}}\d|\d{{1,4}}[ 年./-]|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so)\w{0,8}\.?,? ?\d)",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"(?:^|[\s.!?,;)\]\-–—]|(?<=[a-zà-ÿ]))(?P<lead>(?:-{2,} ?)?(?:On|Am|Le|El|Il(?: giorno)?|Op|Em|Dnia|W dniu|Den)"
    r" (?:[^\W\d_]{2,12}[.,]{0,2} ?(?:the )?)?\d{1,4}[ ./-]|"
    r"(?:On|Le|El|Il(?: giorno)?|Op|Em|Den|Am) [^\W\d_]{2,12}[.,]{0,2} [^\W\d_]{3,10}[.,]? \d)"
)
_ENDS_WITH_VERB = re.compile(rf"(?:{'|'.join(map(re.escape, _VERBS))})\)?\Z", re.IGNORECASE)
_HAS_NUMBER_OR_ADDRESS = re.compile(r"\d|@")
_CLOCK = re.compile(
    r"\d{1,2}(?:[:.h]|時| h )\d{2}(?:分)?(?::\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?(?:\s(?:uhr|[+-]\d{2}:?\d{2}|\(?(?:gmt|"
    r"utc)[+-]?\d{0,4}(?::\d{2})?\)?|(?:m?es?t|[cemp][sd]t|ces?t|bst|jst|mes?z|wes?t|ees?t)\b))?(?:\s?\([a-z]{2,5}\))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:\d{4}\b|\d{1,2}[./]\d{1,2}[./]\d{2}\b)|\d{1,2}日(?:\([^)]{1,3}\))?")
_ADDRESS = re.compile(r"[^\s<>\[\]()]{1,120}@[^\s<>\[\](),;:]{1,120}")


def attribution(line: str) -> Attribution | None:
    """Who and when, where the whole line (or two or three, joined by blanks) introduces quoted words."""
    text = " ".join(line.split()).strip("*_ ").replace("< ", "<").replace(" >", ">")
    bare = text.strip("-=~_ ")
    text = bare if bare == text or bare[-1:] in ":：" else f"{bare}:"  # "---- Jane Doe wrote ----"
    if not 6 <= len(text) <= MAX_LINE or (text[-1] not in ":：" and not _ENDS_WITH_VERB.search(text[-24:])):
        return None
    folded = text.casefold()
    with_verb = any(verb in folded for verb in _VERBS)
    if not (with_verb or "@" in text or "年" in text or _HAS_NUMBER_OR_ADDRESS.search(text)):
        return None
    for verbs, patterns in _PATTERNS:
        if verbs and not any(verb in folded for verb in verbs) and not ("年" in text and "のメール" in verbs):
            continue
        for pattern in patterns:
            if match := pattern.fullmatch(text):
                groups = match.groupdict()
                found = _who_and_when(text[: match.end("rest")][match.start("rest") :] if groups.get("rest") else "", groups)
                if not verbs and not (found.when and _HAS_NUMBER_OR_ADDRESS.search(found.when)):
                    continue  # "Write to us at <shop@example.org>:" names an address and no time
                if found.when or "@" in found.who or _plausible_name(found.who):
                    return found
    return None


def arrow_attribution(line: str) -> Attribution | None:
    """GroupWise's line above a quote, less its leading marks: "Jane <j@example.org> 02.11.2026 10:03 >>>"."""
    text = line.rstrip("> ").strip()
    if not line.endswith(">>>") or not 6 <= len(text) <= MAX_LINE or not _HAS_NUMBER_OR_ADDRESS.search(text):
        return None
    found = _who_and_when(text, {})
    return found if found.when else None


def _plausible_name(who: str) -> bool:
    """ "Jane Doe wrote:" introduces a quote; "As I already wrote:" does not."""
    words = who.strip("\"'«»„”“ ").split()
    return (
        1 <= len(words) <= 5 and all(word[0].isupper() or not word[0].isalpha() for word in words) and words[0].lower() != "i"
    )


def split_glued_attribution(line: str) -> int | None:
    """Where an attribution begins that stands on one line with words before it; None where there is none.

    HTML without line breaks, and some clients, write "Yes please.On Wed, 4 Nov 2026 at 15:59, Jane wrote:".
    """
    if not (line.endswith((":", "：")) and len(line) <= MAX_LINE and _ENDS_WITH_VERB.search(line.rstrip(":： "))):
        return None
    starts = [match.start("lead") for match in _GLUED.finditer(line) if match.start("lead") > 0]
    at = starts[-1] if starts else None
    return at if at and any(char.isalnum() for char in line[:at]) and attribution(line[at:]) else None


def may_open_attribution(line: str) -> bool:
    """Whether a line may be the first of an attribution that goes on below it; cheap, says yes too often."""
    return len(line) <= 200 and bool(_OPENS.match(line.lstrip("*_-=~ ")))


def _who_and_when(rest: str, groups: dict[str, str | None]) -> Attribution:
    if not rest:
        return Attribution(_clean_who(groups.get("who") or ""), (groups.get("when") or "").strip(" ,"))
    # Name and address may stand before the date or after it; digits inside an address are no clock.
    address = _ADDRESS.search(rest)
    before = rest[: address.start()] if address else rest
    if cut := _end_of_date(before):
        return Attribution(_clean_who(rest[cut:]), rest[:cut].strip(" ,"))
    if address and (_end_of_date(rest[address.end() :])):
        at = address.end() + len(rest[address.end() :]) - len(rest[address.end() :].lstrip(">]) ,"))
        return Attribution(_clean_who(rest[:at]), rest[at:].strip(" ,"))
    return Attribution(_clean_who(rest), "")


def _end_of_date(text: str) -> int:
    """Where the date in `text` ends; 0 where there is none."""
    clocks = list(_CLOCK.finditer(text))
    years = list(_YEAR.finditer(text))
    return max((match.end() for match in (*clocks[-1:], *years[-1:])), default=0)


def _clean_who(who: str) -> str:
    who = who.strip(" ,:;-、)(–")
    for lead in ("użytkownik ", "użytkownikiem ", "пользователь ", "používateľ ", "odesílatel "):
        who = who.removeprefix(lead)
    return who.removesuffix(" folgendes").strip()
