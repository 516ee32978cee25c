"""What mail servers say in prose about a mail they could not deliver, in nine languages and many habits of writing.

No format is recognised by name. Every address that stands in the report is weighed: where it stands, what stands around
it, whether it is one that we wrote to. So a server nobody here knows is read as well as qmail, Exim, Exchange or Domino.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from supportbot.mail.returned import clean_address, copy_start
from supportbot.mail.undelivered_words import (
    ABOUT_ADDRESSES,
    DAEMON_LOCAL,
    DELAY,
    DELAY_SUBJECT,
    FAILURE,
    FAULT,
    FINAL,
    HELP,
    NAMED_RECIPIENT,
    NOT_RECIPIENT,
    SERVER_WORDS,
    SUBJECT_STEMS,
    SUBJECTS,
    TO_LINE,
)

MAX_TEXT = 12_000  # characters of a report that are read
_MAX_LINES = 500
_MAX_CANDIDATES = 200
_MAX_IN_LINE = 20

# RFC 3463 section 2: class, subject 0 to 7, detail. Not a version of a program ("Exim 4.94.2"), not an IP address.
_STATUS = re.compile(r"(?<![\w.])([45]\.[0-7]\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\w.:/-])([45][0-5]\d)(?=[ \t:;#\-]{1,3}\S|$|\))", re.MULTILINE)

_BEFORE = re.compile(r"[^\s<>()\[\]{},;:\"@|\uFF1A\u3000-\u30FF\uFF08\uFF09]{1,64}\Z")
_QUOTED_BEFORE = re.compile(r'"[^"\n@]{1,62}"\Z')
_AFTER = re.compile(r"(?:[\w-]{1,63}\.){0,10}[\w-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says in prose. `recipients`: the likeliest failed address first."""

    recipients: tuple[str, ...]
    status: str | None  # RFC 3463
    permanent: bool
    says_failure: bool
    by_server: bool  # in the words of a mail server


def read_report(subject: str, text: str, *, expected: Collection[str], not_recipients: Collection[str]) -> Report:
    """Weighs the words of a report. `expected`: addresses we are known to have written to; `not_recipients`: those of the
    report's own header."""
    text = text[:MAX_TEXT]
    told = text[: copy_start(text)]
    found = _weigh(told, expected, not_recipients)
    if not found and len(told) < len(text):
        found = _weigh(text, expected, not_recipients)
        told = told if told.strip() else text
    found = found or _weigh(subject[:500], expected, not_recipients)
    recipients = tuple(address for address, _ in found)
    place = told.find(recipients[0].partition("@")[0]) if recipients else -1
    status = _status(told, place)
    return Report(
        recipients,
        status,
        _permanent(subject, told, status, place),
        FAILURE.found_in(" ".join(told.split()).lower()),
        bool(SERVER_WORDS.search(told) or SERVER_WORDS.search(subject[:500])),
    )


def is_returned_subject(subject: str) -> bool:
    """Whether a subject is one that mail servers give their reports."""
    subject = subject[:500]
    lower = subject.lower()
    return any(stem in lower for stem in SUBJECT_STEMS) and any(form.search(subject) for form in SUBJECTS)


def find_status(text: str) -> str | None:
    """The first RFC 3463 code of a failure in a text."""
    match = _STATUS.search(text)
    return match.group(1) if match else None


def find_reply(text: str) -> str | None:
    """The first SMTP reply code of a failure in a text."""
    match = _REPLY.search(text)
    return match.group(1) if match else None


def _status(told: str, place: int) -> str | None:
    """The code that stands after the failed address, else the first one."""
    near = find_status(told[place : place + 1500]) if place >= 0 else None
    return near or find_status(told)


def _permanent(subject: str, told: str, status: str | None, place: int) -> bool:
    if DELAY.search(told) or (DELAY_SUBJECT.search(subject) and not FINAL.search(told)):
        return False
    if FINAL.search(told):
        return True
    code = status or (find_reply(told[place : place + 1500]) if place >= 0 else None) or find_reply(told)
    return not (code and code.startswith("4"))


def _weigh(text: str, expected: Collection[str], not_recipients: Collection[str]) -> list[tuple[str, int]]:
    """The addresses of a text that look like failed ones, best first, with their weight above 0."""
    wanted = {address.lower() for address in expected}
    unwanted = {address.lower() for address in not_recipients} - wanted
    weights: dict[str, int] = {}
    lines = text.split("\n")[:_MAX_LINES]
    before: list[str] = []  # the non-empty lines above
    for number, line in enumerate(lines):
        line = line[:1000]
        if not line.strip():
            continue
        if "@" in line:
            following = next((other for other in lines[number + 1 : number + 4] if other.strip()), "")
            around = _around(line, before, following)
            for address, form in islice(_candidates(line), _MAX_IN_LINE):
                weight = form + around
                weight += 4 * (address.lower() in wanted) - 6 * (address.lower() in unwanted)
                weight -= 5 * bool(DAEMON_LOCAL.fullmatch(address.rpartition("@")[0]) and address.lower() not in wanted)
                weights[address] = max(weight, weights.get(address, weight))
            if len(weights) > _MAX_CANDIDATES:
                break
        before = [*before[-2:], line]
    likely = sorted(((address, weight) for address, weight in weights.items() if weight > 0), key=lambda pair: -pair[1])
    if likely:
        return likely
    left = [address for address, weight in weights.items() if weight == 0 and address.lower() not in unwanted]
    return [(left[0], 0)] if len(left) == 1 else []  # words nobody here knows, and one address that they can be about


def _candidates(line: str) -> Iterator[tuple[str, int]]:
    """Every address of a line, with the weight of how it stands there."""
    position = 0
    while (at := line.find("@", position)) >= 0:
        position = at + 1
        head = line[max(0, at - 64) : at]
        start = _QUOTED_BEFORE.search(head) or _BEFORE.search(head)
        end = _AFTER.match(line, at + 1)
        if not start or not end:
            continue
        position = end.end()
        address = clean_address(f"{start.group()}@{end.group()}")
        if address is None:
            continue
        left = line[: at - len(start.group())].strip(" \t<>\"'*-•·[(|=")
        right = line[end.end() :].strip(" \t>\"'])|")
        yield address, 3 if not left and (not right or right[0] in ":;,(.-.[<…") else 2 if not left else 0


def _around(line: str, before: list[str], following: str) -> int:
    weight = 0
    if NAMED_RECIPIENT.search(line):
        weight += 4
    elif NOT_RECIPIENT.match(line):
        return -6
    elif TO_LINE.match(line):
        weight += 2
    if before and before[-1].rstrip().endswith((":", "：")) and ABOUT_ADDRESSES.search(before[-1]):
        weight += 2  # "did not reach the following recipient(s):"
    weight += 2 if FAULT.search(line) else int(bool(FAULT.search(following)))
    weight += 2 if ABOUT_ADDRESSES.search(line) or any(ABOUT_ADDRESSES.search(other) for other in before) else 0
    return weight - 4 * bool(HELP.search(line))
