"""Which conversation a message belongs to: Message-IDs (RFC 5322 section 3.6.4), base subjects, our own marks."""

import re
import unicodedata
from collections.abc import Iterable

from supportbot.mail.headers import decode_words, remove_invisible
from supportbot.mail.message import Mailbox

MAX_MESSAGE_IDS = 200

_ID_PIECES = re.compile(r"[<>()]|[^<>()]++")
_WORD = re.compile(r"[^\s<>,;\"()]{1,200}")
_BARE = re.compile(r"(?<![^\s<>,;\"()])[^\s<>,;\"()]{1,500}@[^\s<>,;\"()]{1,500}")

# "Re", "Fwd" and what they are called elsewhere; casefolded.
REPLY_PREFIXES = frozenset(
    "re aw antw antwort sv vs res rif r resp réf rép rcpt odp ynt vá 返信 答复 回复 回覆 σχετ ответ отв atb bls".split()  # noqa: SIM905
)
FORWARD_PREFIXES = frozenset(
    "fw fwd wg tr rv enc i doorst pd vb vl vs fs trs ilt továbbítás 転送 转发 轉寄 пересл inoltro weiterleitung".split()  # noqa: SIM905
)
_PREFIX = re.compile(r"\s*+([^\W\d_]{1,12})\.?\s*+(?:[\[(^]\s*+\d{1,4}[\])]?)?\s*+[:：]\s*+")
_TAG = re.compile(r"\s*+[\[【][^\[\]【】]{1,60}[\]】]\s*+")
_TRAILING_FORWARD = re.compile(r" ?\((?:fwd|wg)\)$")

_PLUS_TOKEN = re.compile(r"[^+@\s]+\+(?:[^+@\s]*\+)?([A-Za-z0-9_-]{16,128})@[^@\s]+")
_CASE_TAG = re.compile(r"\[\s?(?:case|sb)[\s:#-]{1,3}([A-Za-z0-9][A-Za-z0-9_-]{2,63})\s?\]", re.IGNORECASE)


def message_ids(text: str) -> tuple[str, ...]:
    """Every msg-id in a References, In-Reply-To or Message-ID value, in order, once each, with angle brackets.

    Tolerates folding inside, doubled and missing brackets, comments, words around it, and the encoded words in which some
    libraries wrongly fold long ids. Keeps the first and the newest where there are too many.
    """
    found, outside = _bracketed(decode_words(text) if "=?" in text else text)
    if not found:
        found = _BARE.findall(outside) or _BARE.findall(text) or ([outside.strip()] if _WORD.fullmatch(outside.strip()) else [])
    ids = tuple(dict.fromkeys(f"<{identifier}>" for identifier in found if identifier))
    return ids if len(ids) <= MAX_MESSAGE_IDS else (ids[0], *ids[1 - MAX_MESSAGE_IDS :])


def _bracketed(text: str) -> tuple[list[str], str]:
    """The contents of the innermost angle brackets, without blanks, and the words outside of brackets and comments.

    Where brackets and bare ids are mixed, a bare id counts if nothing but ids stands beside it: people's addresses in an old
    In-Reply-To stand among other words.
    """
    found: list[str] = []
    outside: list[str] = []
    inside: list[str] | None = None
    depth = 0
    for piece in _ID_PIECES.findall(text):
        if inside is not None:
            if piece == ">":
                found.append("".join("".join(inside).split())[:998])
                inside = None
            elif piece == "<":
                inside = []
            else:
                inside.append(piece)
        elif piece == "<":
            if depth == 0:
                found += _only_ids(outside)
                inside, outside = [], []
        elif piece in ("(", ")"):
            depth = max(0, depth + (1 if piece == "(" else -1))
        elif depth == 0 and piece != ">":
            outside.append(piece)
    if inside is not None:
        outside += inside
    if found:
        found += _only_ids(outside)
    return found, "".join(outside)


def _only_ids(outside: list[str]) -> list[str]:
    words = "".join(outside).replace(",", " ").split()
    return words if all(_BARE.fullmatch(word) for word in words) else []


def base_subject(subject: str) -> str:
    """The subject as a thread keeps it: NFKC, case-folded, blanks collapsed, without "Re:", "Fwd:", "[tag]" and the like."""
    text = " ".join(remove_invisible(unicodedata.normalize("NFKC", subject)).casefold().split())
    while True:
        shorter = _without_mark(text)
        if not shorter or shorter == text:
            return _TRAILING_FORWARD.sub("", text)
        text = shorter


def _without_mark(text: str) -> str:
    if tag := _TAG.match(text):
        return text[tag.end() :]
    prefix = _PREFIX.match(text)
    if prefix and prefix.group(1) in REPLY_PREFIXES | FORWARD_PREFIXES:
        return text[prefix.end() :]
    return text


def subject_direction(subject: str, *, answers: bool = True) -> str | None:
    """ "reply", "forward" or None: what the outermost prefix of the subject says the sender did.

    `answers`: whether the header names a message that this one answers; some prefixes mean both.
    """
    text = unicodedata.normalize("NFKC", subject).casefold()
    while tag := _TAG.match(text):
        text = text[tag.end() :]
    prefix = _PREFIX.match(text)
    if not prefix:
        return None
    word = prefix.group(1)
    if word == "vs" and not answers:
        return "forward"  # Danish and Norwegian; the Finnish answer "VS:" names what it answers
    return "reply" if word in REPLY_PREFIXES else "forward" if word in FORWARD_PREFIXES else None


def reply_tokens(addresses: Iterable[Mailbox | str]) -> tuple[str, ...]:
    """The tokens of plus-addresses `local+TOKEN@domain`, once each; people's own plus tags are shorter than any token."""
    texts = (address.address if isinstance(address, Mailbox) else address.strip() for address in addresses)
    return tuple(dict.fromkeys(match.group(1) for match in map(_PLUS_TOKEN.fullmatch, texts) if match))


def reply_token(addresses: Iterable[Mailbox | str]) -> str | None:
    """The first of them; None where there is none."""
    return next(iter(reply_tokens(addresses)), None)


def with_case_tag(subject: str, case_id: str) -> str:
    """The subject with our tag of a case at its end, once."""
    return subject if case_tag(subject) == case_id else f"{subject} [case {case_id}]"


def case_tag(subject: str) -> str | None:
    """The case named by our tag in a subject, `[case ID]`, the last of several; anybody can write one: it proves nothing."""
    found = _CASE_TAG.findall(subject)
    return found[-1] if found else None
