"""Attribution lines: "On Monday, Jane wrote:", in the words of each language (`idioms`), and who and when they name."""

import re
from dataclasses import dataclass

from supportbot.mail.idioms import IDIOMS
from supportbot.mail.layouts import MAX_LINE


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote the words below, and when, as far as the line says."""

    who: str
    when: str


_NOTES_SUMMARY = re.compile(
    r"(?P<who>[^\d].{1,80}?) ?-{3}(?P<when>\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}[:.]\d{2}.{0,12}?)-{3}"
)
_PATTERNS = tuple(
    (
        idiom.code,
        tuple(filter(None, idiom.wrote.split("|"))),
        tuple(re.compile(pattern, re.IGNORECASE) for pattern in idiom.attributions),
    )
    for idiom in IDIOMS
)
_CAPITALISED = frozenset({"en", "de", "fr", "es", "it", "nl", "pt"})  # there programs begin the line with a capital
_TOLD = re.compile(
    r"(?:mir|uns|ich|er|sie|ihr|dir|ihnen|i|he|she|you|they|we|me|je|tu|il|elle|nous|vous|yo|él|ella|ellos|io|lui|lei|noi|ik|hij|zij|mij|ons|"
    r"eu|ele|ela)\b(?!@)",
    re.IGNORECASE,
)
VERBS = tuple(sorted({verb for _, verbs, _ in _PATTERNS for verb in verbs}))
_OPENING_WORDS = "|".join(sorted({re.escape(word) for idiom in IDIOMS for word in idiom.opens.split("|") if word}))
_OPENS = re.compile(
    rf"[\"'«]?(?:(?:{_OPENING_WORDS})\b.{{0,60}}\d|\d{{1,4}}[ 年./-]|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|mié|jue|vie|sáb|dom|gio|ma|wo|za|zo|seg|ter|qua|qui|"
    r"sex|pon|wt|śr|czw|pt|sob|nie)\w{0,10}(?:-feira)?\.?,? ?\d)",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"(?:^|[\s.!?,;)\]\-–—]|(?<=[a-zà-ÿ]))(?P<lead>(?:-{2,10} ?)?(?:On|Am|Le|El|Il(?: giorno)?|Op|Em|Dnia|W dniu|Den)"
    r" (?:[^\W\d_]{2,12}[.,]{0,2} ?(?:the )?)?\d{1,4}[ ./-]|"
    r"(?:On|Le|El|Il(?: giorno)?|Op|Em|Den|Am) [^\W\d_]{2,12}[.,]{0,2} [^\W\d_]{3,10}[.,]? \d)"
)
# As the verbs end in ASCII: ignoring case, these letters stand for them. Seen first, since nearly no line ends so.
_ASCII_VERBS = tuple(
    verb for verb in (verb.translate({0x131: "i", 0x130: "i", 0x17F: "s"}).lower() for verb in VERBS) if verb.isascii()
)
_ENDS_WITH_VERB = re.compile(rf"(?:{'|'.join(map(re.escape, VERBS))})\)?\Z", re.IGNORECASE)
_VERB_WITHIN = re.compile(rf"(?:{'|'.join(map(re.escape, VERBS))})\)?\s?[:：](?=\s+\S)", re.IGNORECASE)
_SENTENCES = re.compile(
    r"[a-zà-ÿ]{3}[.!?] [A-ZÀ-Þ]|\b(?:wrote|said) that\b|\bgeschrieben, dass\b|\bschrieb, dass\b|\bécrit que\b"
)
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
    if not 6 <= len(text) <= MAX_LINE or (text[-1] not in ":：" and not _ends_with_verb(text[-24:])):
        return None
    folded = text.casefold()
    with_verb = any(verb in folded for verb in VERBS)
    if not (with_verb or "@" in text or "年" in text or _HAS_NUMBER_OR_ADDRESS.search(text)):
        return None
    if not _HAS_NUMBER_OR_ADDRESS.search(text) and _SENTENCES.search(text):
        return None  # "On Monday Anna wrote that … On Wednesday Piotr wrote:" is told by the sender
    for code, verbs, patterns in _PATTERNS:
        if verbs and not any(verb in folded for verb in verbs) and not ("年" in text and "のメール" in verbs):
            continue
        for pattern in patterns:
            if match := pattern.fullmatch(text):
                groups = match.groupdict()
                found = _who_and_when(text[: match.end("rest")][match.start("rest") :] if groups.get("rest") else "", groups)
                if not verbs and not (found.when and _HAS_NUMBER_OR_ADDRESS.search(found.when)):
                    continue  # "Write to us at <shop@example.org>:" names an address and no time
                if _TOLD.match(found.who) or (
                    text[0].islower() and code in _CAPITALISED and not _begins_with_writer(text, found)
                ):
                    continue  # "am Montag schrieb mir UPS:" is told by the sender
                if "@" not in found.when and (found.when or "@" in found.who or _plausible_name(found.who)):
                    return found  # with an address in its time, another pattern has it the other way round
    return _worded_otherwise(text) if with_verb else None


def _ends_with_verb(text: str) -> bool:
    low = text.lower()  # a bracket may close behind the verb, or belong to it: "napsal(a)"
    if text.isascii() and not (low.endswith(_ASCII_VERBS) or low.removesuffix(")").endswith(_ASCII_VERBS)):
        return False
    return _ENDS_WITH_VERB.search(text) is not None


def _worded_otherwise(text: str) -> Attribution | None:
    """Who and when of a line that ends with a verb of writing and names a date and a person in an order of its own."""
    rest = _ENDS_WITH_VERB.sub("", text.rstrip(":： "))
    found = _who_and_when(rest, {}) if len(rest) > 6 else Attribution("", "")
    named = "@" in found.who or _plausible_name(found.who)
    return found if named and _CLOCK.search(found.when) else None


def arrow_attribution(line: str) -> Attribution | None:
    """GroupWise's line above a quote, less its leading marks: "Jane <j@example.org> 02.11.2026 10:03 >>>"."""
    text = line.rstrip("> ").strip()
    if not line.endswith(">>>") or not 6 <= len(text) <= MAX_LINE or not _HAS_NUMBER_OR_ADDRESS.search(text):
        return None
    found = _who_and_when(text, {})
    return found if found.when else None


def _begins_with_writer(text: str, found: Attribution) -> bool:
    """Whether a line in small letters begins with an address, or with a name in one word that wrote at a full date and time."""
    if not text.startswith(found.who):
        return False
    full = bool(_CLOCK.search(found.when) and _YEAR.search(found.when))
    return "@" in found.who or (full and len(found.who.split()) == 1)


def _plausible_name(who: str) -> bool:
    """ "Jane Doe wrote:" introduces a quote; "As I already wrote:" does not."""
    words = who.strip("\"'«»„”“ ").split()
    return 1 <= len(words) <= 5 and not any(word[0].islower() for word in words) and words[0].lower() != "i"


def split_glued_attribution(line: str) -> int | None:
    """Where an attribution begins that stands on one line with words before it; None where there is none.

    HTML without line breaks, and some clients, write "Yes please.On Wed, 4 Nov 2026 at 15:59, Jane wrote:".
    """
    if not (line.endswith((":", "：")) and len(line) <= MAX_LINE and _ENDS_WITH_VERB.search(line.rstrip(":： "))):
        return None
    starts = [match.start("lead") for match in _GLUED.finditer(line) if match.start("lead") > 0]
    at = len(line[: starts[-1]].rstrip("-=_~ ")) if starts else None
    return at if at and any(char.isalnum() for char in line[:at]) and attribution(line[starts[-1] :]) else None


def end_of_glued_attribution(line: str) -> int | None:
    """Where an attribution ends that has the first quoted words behind it on its line; None where there is none.

    Yahoo's program for telephones writes "On Wed, 4 Nov 2026 at 15:59, Jane <j@example.org> wrote:   Hello,".
    """
    found = _VERB_WITHIN.search(line[:MAX_LINE]) if "@" in line[:MAX_LINE] or ":  " in line[:MAX_LINE] else None
    if found is None:
        return None
    named = attribution(line[: found.end()])
    return found.end() if named and named.when and ("@" in named.who or line[found.end() :].startswith("  ")) else None


def may_open_attribution(line: str) -> bool:
    """Whether a line may be the first of an attribution that goes on below it; cheap, says yes too often."""
    return len(line) <= 200 and bool(_OPENS.match(line.lstrip("*_-=~ ")))


def _who_and_when(rest: str, groups: dict[str, str | None]) -> Attribution:
    if not rest:
        who, when = groups.get("who") or "", groups.get("when") or ""
        if late := _CLOCK.match(who.lstrip(" ,")):  # the clock belongs to the date, however short a match the line allows
            cut = who.index(late.group()) + len(late.group())
            return Attribution(_clean_who(who[cut:]), f"{when} {who[:cut].strip(' ,')}".strip(" ,"))
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
    who = f"{who})" if "(" in who and ")" not in who else who
    for lead in ("użytkownik ", "użytkownikiem ", "пользователь ", "používateľ ", "odesílatel "):
        who = who.removeprefix(lead)
    return who.removesuffix(" folgendes").strip()


def notes_summary(line: str) -> Attribution | None:
    """Lotus Notes' one line for the mail that its block names next: "Jane Doe ---02.11.2026 10:03:11---Dear customer, …"."""
    found = _NOTES_SUMMARY.match(line[:MAX_LINE]) if "---" in line else None
    return Attribution(found["who"].strip(), found["when"].strip()) if found else None
