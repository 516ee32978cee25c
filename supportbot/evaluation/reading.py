"""How well mail is read, measured on labelled mails: a folder of .eml files a hand, with expected.yaml beside them.

    training/reading/<hand>/NNN-name.eml, expected.yaml, sent/*.txt --measure--> Outcome a mail --tally--> Score a hand

What an entry of expected.yaml may say is `Expected`; the conventions are in docs/howto/label-mail.md.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supportbot.errors import UsageError
from supportbot.evaluation.share import Share
from supportbot.mail.message import Forwarded, InboundMessage, same_address
from supportbot.triage.language import language_of
from supportbot.yamltext import YamlFault, read_values

LABELS = "expected.yaml"
_FEWEST_WORDS = 5  # of a text whose language is asked for

Read = Callable[[bytes, Sequence[str]], InboundMessage]
"""A mail's octets and the texts of mails we sent, to what it says."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(_Part):
    """A message inside another one, as its layer states it; a date without a zone is compared without one."""

    sender: str = Field(alias="from")
    date: str | datetime | None = None
    to: tuple[str, ...] | None = None
    subject: str | None = None
    body: str


class ExpectedBounce(_Part):
    """What a bounce says."""

    recipient: str | None
    status: str | None
    permanent: bool
    original_message_id: str | None = None


class Pair(_Part):
    """An answer between quoted lines, and the quoted question above it."""

    question: str
    answer: str


class Expected(_Part):
    """The truth about one mail."""

    file: str
    client: str = ""
    language: str | None = None
    layout: str = ""
    new_text: str = ""
    signature: str = ""
    chain: tuple[Layer, ...] = ()
    automated: bool = False
    bounce: ExpectedBounce | None = None
    sent: tuple[str, ...] = ()
    answers: tuple[Pair, ...] = ()
    uncertain: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelledMail:
    """One mail, its truth, and the texts of ours that it answers."""

    path: Path
    expected: Expected
    raw: bytes
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read of one mail, beside the truth. Questions that do not arise are None."""

    mail: LabelledMail
    new_exact: bool | None
    leaked: tuple[str, ...]  # words of others taken as new, the texts we sent being known
    leaked_alone: tuple[str, ...]  # the same, without them
    lost: tuple[str, ...]  # new words labelled as something else
    certain: bool
    chain: bool | None  # every level's sender, date and body
    machine: bool  # called a machine's
    bounce: bool | None
    language: bool | None
    answers: bool | None
    differences: tuple[str, ...]  # for people, a sentence each


def folded(text: str) -> str:
    """A text with its white space folded, as two texts are compared."""
    return " ".join(text.split())


def read_labels(folder: Path) -> Iterator[LabelledMail]:
    """The labelled mails of one hand. Raises `UsageError` naming the file and the entry that is wrong."""
    file = folder / LABELS
    try:
        entries = read_values(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YamlFault) as error:
        raise UsageError(f"{file}: {error}") from None
    if not isinstance(entries, list):
        raise UsageError(f"{file}: expected a list of mails")
    for number, entry in enumerate(entries, start=1):
        try:
            expected = Expected.model_validate(_plain(entry))
        except ValidationError as error:
            fault = error.errors()[0]
            name = entry.get("file", "no file") if isinstance(entry, dict) else "no mapping"
            raise UsageError(f"{file}, entry {number} ({name}): {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
        try:
            raw = (folder / expected.file).read_bytes()
            ours = tuple((folder / "sent" / name).read_text(encoding="utf-8") for name in expected.sent)
        except OSError as error:
            raise UsageError(f"{file}, entry {number}: {error.filename}: {error.strerror}") from None
        yield LabelledMail(folder / expected.file, expected, raw, ours)


def _plain(value: Any) -> Any:
    """Dates as their ISO form: YAML reads them by itself and drops whether a zone was written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def measure(mail: LabelledMail, read: Read) -> Outcome:
    """Reads one mail, with and without our sent texts, and compares."""
    truth = mail.expected
    message = read(mail.raw, mail.ours)
    alone = read(mail.raw, ()) if mail.ours else message
    differences: list[str] = []
    leaked, lost = _strange_words(message, truth), _missing_words(message, truth)
    leaked_alone = _strange_words(alone, truth)
    if truth.uncertain and not message.boundary_certain:  # nobody can tell here, and that is what is said
        leaked, leaked_alone, lost, exact = (), () if not alone.boundary_certain else leaked_alone, (), None
    else:
        exact = folded(message.new_text) == folded(truth.new_text)
    for words, what in ((leaked, "not new"), (leaked_alone, "not new, sent text unknown"), (lost, "lost")):
        if words:
            differences.append(f"{what}: {' '.join(words)[:200]}")
    if exact is False and not leaked and not lost:
        differences.append(f"new text is {folded(message.new_text)[:200]!r}")
    if truth.uncertain and message.boundary_certain:
        differences.append("the boundary is called certain")
    asked = (truth.chain or message.forwarded) and not truth.bounce  # a mail that came back is nobody's forward
    chain = _chain_right(message.forwarded, truth.chain, differences) if asked else None
    machine = message.automated_reason is not None or message.bounce is not None
    if machine != truth.automated:
        differences.append(f"called a machine's: {message.automated_reason}" if machine else "called a person's")
    bounce = _bounce_right(message, truth, differences) if truth.bounce or message.bounce else None
    language = None
    if truth.language and (len(truth.new_text.split()) >= _FEWEST_WORDS or truth.language == "ja"):
        found = language_of(message.new_text)
        language = found == truth.language
        if not language:
            differences.append(f"language {found}, not {truth.language}")
    answers = _answers_right(message, truth, differences) if truth.answers else None
    return Outcome(
        mail, exact, leaked, leaked_alone, lost, message.boundary_certain, chain, machine, bounce, language, answers,
        tuple(differences),
    )  # fmt: skip


def _words(text: str) -> Counter[str]:
    return Counter(text.replace(">", " ").split())


def _strange_words(message: InboundMessage, truth: Expected) -> tuple[str, ...]:
    """Words called new that the sender did not write; their signature is their own."""
    return tuple((_words(message.new_text) - _words(truth.new_text) - _words(truth.signature)).elements())


def _missing_words(message: InboundMessage, truth: Expected) -> tuple[str, ...]:
    return tuple((_words(truth.new_text) - _words(message.new_text)).elements())


def _chain_right(found: Sequence[Forwarded], expected: Sequence[Layer], differences: list[str]) -> bool:
    before = len(differences)
    if len(found) != len(expected):
        senders = [item.sender.address or item.sender.name if item.sender else None for item in found]
        differences.append(f"{len(found)} levels {senders}, not {len(expected)}")
    for level, (item, layer) in enumerate(zip(found, expected, strict=False), start=1):
        sender = item.sender
        if sender is None or not (same_address(sender.address, layer.sender) or folded(sender.name) == folded(layer.sender)):
            differences.append(f"level {level}: sender {sender}, not {layer.sender}")
        if not _same_date(item.date, layer.date):
            differences.append(f"level {level}: date {item.date} ({item.date_raw}), not {layer.date}")
        if folded(item.body) != folded(layer.body):
            differences.append(f"level {level}: body {folded(item.body)[:300]!r}, not {folded(layer.body)[:300]!r}")
    return len(differences) == before


def _same_date(found: datetime | None, expected: str | datetime | None) -> bool:
    if expected is None or found is None:
        return expected is None and found is None
    wanted = expected if isinstance(expected, datetime) else datetime.fromisoformat(expected)
    if wanted.tzinfo is None:
        return found.replace(tzinfo=None, second=0) == wanted.replace(second=0)
    return found.replace(second=0) == wanted.replace(second=0)


def _bounce_right(message: InboundMessage, truth: Expected, differences: list[str]) -> bool:
    found, wanted = message.bounce, truth.bounce
    if found is None or wanted is None:
        differences.append("no bounce found" if found is None else f"a bounce found: {found}")
        return False
    right = (
        (found.recipient or "").lower() == (wanted.recipient or "").lower()
        and found.status == wanted.status
        and found.permanent == wanted.permanent
        and (wanted.original_message_id is None or found.original_message_id == wanted.original_message_id)
    )
    if not right:
        differences.append(f"{found}, not {wanted}")
    return right


def _answers_right(message: InboundMessage, truth: Expected, differences: list[str]) -> bool:
    found = [(folded(pair.question), folded(pair.answer)) for pair in message.answers]
    right = all(
        any(folded(wanted.answer) == answer and _about(folded(wanted.question), question) for question, answer in found)
        for wanted in truth.answers
    )
    if not right:
        differences.append(f"answers {found}")
    return right


def _about(wanted: str, found: str) -> bool:
    """Whether the paragraph found is, or ends with, the question meant."""
    return wanted in found or (bool(found) and found in wanted)


@dataclass(frozen=True, slots=True)
class Score:
    """The outcomes of one hand's mails."""

    hand: str
    mails: int
    new_exact: Share
    leaks: int  # mails with a word of others taken as new, as the service reads: what we sent is known
    leaks_certain: int  # of those, mails whose boundary is called certain
    leaks_alone: int  # the same where what we sent is not known, as `parse` reads
    lost: int  # mails with a new word labelled otherwise
    uncertain: Share  # borders called uncertain, of all mails with new text
    uncertain_people: Share  # the same, of people's mail: only there would a machine have read consent
    chains: Share
    machines: Share  # recognised
    people: Share  # not called machines
    bounces: Share
    languages: Share
    answers: Share


def tally(hand: str, outcomes: Iterable[Outcome]) -> Score:
    """Counts the outcomes of one hand."""
    rows = list(outcomes)

    def share(values: Iterable[bool | None]) -> Share:
        asked = [value for value in values if value is not None]
        return Share(sum(asked), len(asked))

    leaks = [row for row in rows if row.leaked]
    told = [row for row in rows if row.mail.expected.new_text and not row.mail.expected.uncertain]
    return Score(
        hand=hand,
        mails=len(rows),
        new_exact=share(row.new_exact for row in rows),
        leaks=len(leaks),
        leaks_certain=sum(row.certain for row in leaks),
        leaks_alone=sum(bool(row.leaked_alone) for row in rows),
        lost=sum(bool(row.lost) for row in rows),
        uncertain=share(not row.certain for row in told),
        uncertain_people=share(not row.certain for row in told if not row.mail.expected.automated),
        chains=share(row.chain for row in rows),
        machines=share(row.machine for row in rows if row.mail.expected.automated),
        people=share(not row.machine for row in rows if not row.mail.expected.automated),
        bounces=share(row.bounce for row in rows),
        languages=share(row.language for row in rows),
        answers=share(row.answers for row in rows),
    )


def hands(folder: Path) -> list[Path]:
    """The folders of a reading corpus that hold labelled mail."""
    return sorted(path.parent for path in folder.glob(f"*/{LABELS}"))
