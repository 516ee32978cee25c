"""What a mail of ours must say and must not say, checked on its final text: as rendered, and again after a person edits it.

A lint is one question about a text and answers with findings, sentences a reviewer can act on; none means the text is good.
Names: a template `requires` what must be there and `forbids` what must not; `no_<forbidden>` is the lint of a forbidden thing.
Sources: spec rules M-21 to M-23 and A-10, safety rows 5, 8 and 29, invariant I10.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from publicsuffixlist import PublicSuffixList

from supportbot.drafting.vocabulary import ANSWERS, KNOWN_CARRIERS, WORDS

MAX_BODY, MAX_SUBJECT = 20_000, 200
"""Characters a mail's text and its subject may have."""


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's final text and what is known about it. `values` are those it was rendered from."""

    subject: str
    body: str
    audience: str
    language: str
    values: Mapping[str, object]
    carriers: tuple[str, ...] = ()  # beside KNOWN_CARRIERS
    private: tuple[str, ...] = ()  # what belongs to another party than the one written to

    @property
    def whole(self) -> str:
        return f"{self.subject}\n{self.body}"


# --- links -----------------------------------------------------------------------------------------------------------

# Dots that a mail client, an input method or a hurried reader takes for a full stop; NFKC folds some of them, not all.
_DOTS = "\u3002\uff0e\uff61\u2024\u06d4\u0701\u0702\u2027\u00b7\u2219\u22c5\ufe52\ua4f8\ua60e"
_LOOKALIKE_DOTS = str.maketrans(dict.fromkeys(_DOTS, "."))
_LOOKALIKE_LETTERS = str.maketrans("асеорхуікмтոаοεικντυ", "aceopxyikmtnaoeikvtu")  # Cyrillic, Armenian, Greek
_SPELLED_DOT = re.compile(r"\s?[\[({<]\s?(?:\.|dot|punkt|point|punto)\s?[\])}>]\s?", re.IGNORECASE)
_SPELLED_AT = re.compile(r"\s?[\[({<]\s?(?:@|at)\s?[\])}>]\s?", re.IGNORECASE)
_LINK_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"\b[a-z][a-z0-9+.-]{1,20}:(?://|\\\\|/(?=\w))\S*",  # https://, http:\\, https:/
        r"\b(?:mailto|tel|sms|callto|skype|whatsapp|javascript|data|vbscript|file|news|magnet|geo|intent):(?=[^\s:])\S*",
        r"(?<![\w:/])//(?=\w)\S*",
        r"\bwww\d{0,3}\s?\.\s?\w\S*",
        r"\]\([^)\n]{1,300}\)|^\s{0,3}\[[^\]\n]{1,100}\]:\s*\S+",  # markdown
        r"<\s?/?\s?(?:a|img|link|iframe|form|area|base|object|embed|script|video|audio|source|svg|meta|body|table|div|span|p|br)\b",
        r"<[!/]|\b(?:href|src)\s?=",
        r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++@(?:\[[^\]\s]{0,80}\]|[\w-]*[^\W\d_][\w.-]*)",  # e-mail
        r"(?<![\w-])[\w-]++(?: dot |\s\.\s)(?:com|net|org|info|biz|co|io|shop)\b",
    )
)
_DOTTED = re.compile(r"[\w.-]+")
_IPV6 = re.compile(r"(?<![\w:.])\[?(?=[0-9A-Fa-f:.]*\d)[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){3,8}\]?(?![\w:])")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)")
_RESERVED_TOP_DOMAINS = frozenset({"test", "example", "local", "localhost", "invalid", "onion", "internal", "lan", "alt"})


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=2048)
def _is_top_domain(label: str) -> bool:
    own = label.casefold()
    if len(own) < 2:
        return False
    latin = own.translate(_LOOKALIKE_LETTERS)
    folded = latin if latin.isascii() else own  # a top-level domain may be in its own script
    return folded in _RESERVED_TOP_DOMAINS or folded.startswith("xn--") or bool(_public_suffixes().is_public(folded))


def _visible(text: str) -> str:
    """The text as a reader's mail client may take it: compatibility forms folded, invisible characters gone."""
    plain = text
    if not text.isascii():
        folded = unicodedata.normalize("NFKC", text.translate(_LOOKALIKE_DOTS)).translate(_LOOKALIKE_DOTS)
        plain = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return _SPELLED_AT.sub("@", _SPELLED_DOT.sub(".", plain))


def _is_domain(word: str) -> bool:
    """Whether a top-level domain stands behind a dot in it; not only at its end, since a sentence may run on behind it."""
    labels = word.strip(".").split(".")
    return any(before and _is_top_domain(label) for before, label in pairwise(labels))


def _addresses(text: str) -> list[str]:
    found = [word.group() for word in _DOTTED.finditer(text) if "." in word.group() and _is_domain(word.group())]
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            try:
                ipaddress.ip_address(match.group().strip("[]"))
            except ValueError:
                continue
            found.append(match.group())
    return found


def links_in(text: str) -> tuple[str, ...]:
    """Everything in a text that is a link, that a mail client makes one of, or that a reader would type as one.

    Schemes, www., bare domains (also with look-alike or spelled-out dots), e-mail addresses, markdown, HTML, IP addresses.
    A dotted word is a domain only when it ends in a real top-level domain: "v1.2" and "Inc." are none.
    """
    visible = _visible(text)
    shapes = [match.group().strip() for pattern in _LINK_SHAPES for match in pattern.finditer(visible)]
    return tuple(dict.fromkeys((*shapes, *_addresses(visible))))


def _no_links(text: Text) -> tuple[str, ...]:
    return tuple(f"'{_short(link)}' is a link; take it out" for link in links_in(text.whole))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


# --- carrier and tracking --------------------------------------------------------------------------------------------

_TRACKING = re.compile(r"[A-Z0-9](?:[ -]?[A-Z0-9]){5,34}")
_LONG_NUMBER = re.compile(r"\d{4}")  # a telephone number is no service
_WORD = re.compile(r"[^\W_]+(?:[&+'-][^\W_]+)*")


def tracking_is_well_formed(number: str) -> bool:
    """Whether it can be a tracking number: 6 to 35 letters and digits, four digits or more, not one digit over and over."""
    compact = re.sub(r"[ -]", "", number.upper())
    digits = [c for c in compact if c.isascii() and c.isdigit()]
    return _TRACKING.fullmatch(number.upper()) is not None and len(digits) >= 4 and len(set(compact)) > 1


def carrier_is_known(carrier: str, configured: tuple[str, ...] = ()) -> bool:
    """Whether the name is, or begins with, a known carrier; up to four words of service may follow ("UPS 2nd Day Air")."""
    words = [w.casefold() for w in _WORD.findall(carrier)]
    if len(carrier) > 40:
        return False
    for known in (*KNOWN_CARRIERS, *configured):
        known_words = [w.casefold() for w in _WORD.findall(known)]
        service = words[len(known_words) :]
        if words[: len(known_words)] == known_words and len(service) <= 4 and not any(map(_LONG_NUMBER.search, service)):
            return True
    return False


def _carrier_and_tracking(text: Text) -> tuple[str, ...]:
    findings = []
    carrier, tracking = (str(text.values.get(name) or "").strip() for name in ("carrier", "tracking_number"))
    if not carrier_is_known(carrier, text.carriers):
        findings.append(f"'{_short(carrier)}' is not a known carrier")
    elif carrier not in text.body:
        findings.append(f"the carrier {carrier} is not named")
    if not tracking_is_well_formed(tracking):
        findings.append(f"'{_short(tracking)}' is not a tracking number")
    elif not re.search(rf"(?<!\w){re.escape(tracking)}(?!\w)", text.body):
        findings.append(f"the tracking number {tracking} is not given")
    return tuple(findings)


# --- what the notice says and asks -----------------------------------------------------------------------------------


_SENTENCE_END = re.compile(r"(?<=[.!?…:])[\"'”»)]*\s+|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)")


def _sentences(text: str) -> list[str]:
    """Rough sentences, case-folded; a list entry is one. Enough for text whose wording is ours."""
    return [s.strip() for s in _SENTENCE_END.split(unicodedata.normalize("NFC", text).casefold()) if s.strip()]


def _says(pattern: str, sentences: list[str], negation: str) -> bool:
    return any(re.search(pattern, s, re.DOTALL) and not re.search(negation, s) for s in sentences)


def _says_shipped_cancelled_rebilled(text: Text) -> tuple[str, ...]:
    words, sentences = WORDS[text.language], _sentences(text.body)
    parts = (("shipped", words.shipped), ("was cancelled", words.cancelled), ("will be re-billed", words.rebilled))
    return tuple(
        f"it does not say that the order {what}" for what, pattern in parts if not _says(pattern, sentences, words.negation)
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _asks_both_at_once(text: Text) -> tuple[str, ...]:
    words, answer = WORDS[text.language], ANSWERS[text.language]
    findings = []
    # The sentence to answer with also names both; it is not the question.
    asking = [s for s in _sentences(text.body) if _plain(answer) not in _plain(s)]
    both = [s for s in asking if _says(words.item, [s], words.negation) and _says(words.rebilled, [s], words.negation)]
    if not any(re.search(words.confirm, s) for s in both):
        findings.append("it does not ask for the item and the re-billing in one sentence")
    if any(s.endswith("?") and s not in both and not s.startswith(("-", "*", "•")) for s in asking):
        findings.append("it asks a second question; ask only the one")
    if _plain(answer) not in _plain(text.body):
        findings.append(f"the sentence to answer with is not given: {answer}")
    findings += [f"'{_short(item)}' speaks to the reader; shorten the item" for item in _items(text.body) if _speaks(item)]
    return tuple(findings)


def _items(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.startswith("- ")]


def _speaks(item: str) -> bool:
    """Whether the title of an item says something of the order, or asks for an answer, which is the notice's own to say."""
    folded = unicodedata.normalize("NFC", item).casefold()
    return any(re.search(one, folded) for words in WORDS.values() for one in (words.cancelled, words.rebilled, words.addressed))


def _no_cancel_request(text: Text) -> tuple[str, ...]:
    words = WORDS[text.language]
    pattern = words.cancel_request if text.audience == "buyer" else words.ask_buyer
    asking = [s for s in _sentences(text.whole) if _says(pattern, [s], words.negation)]
    return tuple(f"'{_short(s)}' asks the buyer to cancel, which is forbidden here" for s in asking)


# --- always ----------------------------------------------------------------------------------------------------------

_DIRECTION_CONTROLS = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def _no_unfilled_braces(text: Text) -> tuple[str, ...]:
    found = dict.fromkeys(_BRACES.findall(text.whole))
    return tuple(f"'{brace}' stands in the text, as if a blank had not been filled" for brace in found)


def _no_control_characters(text: Text) -> tuple[str, ...]:
    bad = dict.fromkeys(c for c in text.body if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"})
    hidden = dict.fromkeys(c for c in text.whole if c in _DIRECTION_CONTROLS)
    return tuple(f"U+{ord(c):04X} is a control character" for c in (*bad, *hidden))


def _single_line_subject(text: Text) -> tuple[str, ...]:
    if not text.subject.strip():
        return ("the subject is empty",)
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text.subject):
        return ("the subject holds a line break or a control character",)
    if len(text.subject) > MAX_SUBJECT:
        return (f"the subject is longer than {MAX_SUBJECT} characters",)
    return ()


def _no_other_partys_data(text: Text) -> tuple[str, ...]:
    visible = _visible(text.whole).casefold()
    shown = [one for one in text.private if len(one) > 3 and one.casefold() in visible]
    return tuple(f"'{_short(one)}' belongs to somebody else; take it out" for one in dict.fromkeys(shown))


def _not_empty(text: Text) -> tuple[str, ...]:
    if not text.body.strip():
        return ("the text is empty",)
    return ()


_Lint = Callable[[Text], tuple[str, ...]]

ALWAYS: tuple[tuple[str, _Lint], ...] = (
    ("body", _not_empty),
    ("single_line_subject", _single_line_subject),
    ("no_control_characters", _no_control_characters),
    ("no_unfilled_braces", _no_unfilled_braces),
    ("no_other_partys_data", _no_other_partys_data),
)
"""Lints that hold for every mail."""

REQUIRABLE: Mapping[str, _Lint] = {
    "carrier_and_tracking": _carrier_and_tracking,
    "says_shipped_cancelled_rebilled": _says_shipped_cancelled_rebilled,
    "asks_both_at_once": _asks_both_at_once,
}
"""What a template may list under `requires`."""

FORBIDDABLE: Mapping[str, _Lint] = {
    "links": _no_links,
    "cancel_request": _no_cancel_request,
}
"""What a template may list under `forbids`; in findings and rules the lint is called `no_<name>`."""

NEEDS_LANGUAGE = frozenset({"says_shipped_cancelled_rebilled", "asks_both_at_once", "cancel_request"})
"""Lints that read words, and so must know the language."""


def lint_text(text: Text, *, requires: tuple[str, ...], forbids: tuple[str, ...]) -> tuple[str, ...]:
    """Every finding on a text, as "<lint>: <sentence>"; empty when it may be approved."""
    if len(text.whole) > MAX_BODY + MAX_SUBJECT:
        return (f"body: the mail is longer than {MAX_BODY} characters",)  # nothing else is worth reading then
    chosen = [
        *ALWAYS,
        *((name, REQUIRABLE[name]) for name in requires),
        *((f"no_{name}", FORBIDDABLE[name]) for name in forbids),
    ]
    return tuple(f"{name}: {finding}" for name, check in chosen for finding in check(text))
