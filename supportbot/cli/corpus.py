"""How well triage reads labelled mail: every training/corpus/*.jsonl beside the rules, one mail a line.

A line is a JSON object: text (with what is quoted or forwarded below it), subject, kind and facts as docs/spec/messages.md
names them, voice and source. A corpus is read twice, as from a stranger and as from the sender whose role its facts give.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supportbot.casework.facts import Answer, Kind, Reading, Role, ThreadContext
from supportbot.errors import UsageError
from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import read_message
from supportbot.triage.classify import Triage

_NOT_KNOWN_BY_ADDRESS = frozenset((Role.UNKNOWN, Role.MACHINE))


class LabelledMail(BaseModel):
    """One mail of a corpus and what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    subject: str = ""
    kind: Kind
    facts: dict[str, Any] = Field(default_factory=dict)  # those of docs/spec/messages.md that hold
    voice: str = ""
    source: str = ""

    @property
    def accepts_both(self) -> bool:
        """The buyer accepts the item and the re-billing."""
        return self.facts.get("accepts_item") == self.facts.get("accepts_rebill") == Answer.YES

    def context(self) -> ThreadContext:
        """Its sender as one whose address is known."""
        role = Role(self.facts.get("sender_role", Role.UNKNOWN))
        return ThreadContext(None if role in _NOT_KNOWN_BY_ADDRESS else role)

    def message(self) -> InboundMessage:
        """As it would have come in."""
        written = EmailMessage()
        written["From"], written["To"], written["Subject"] = "sender@example.com", "support@shop.example", self.subject
        written.set_content(self.text)
        return read_message(written.as_bytes())


@dataclass(frozen=True, slots=True)
class Score:
    """How the mails of one kind in one corpus were read. Wrong: sure of another kind."""

    corpus: str
    sender: str  # stranger | known
    kind: str
    right: int
    abstained: int
    wrong: int
    false_acceptances: int  # both read as accepted and proved, and not so

    @property
    def total(self) -> int:
        """All mails of the kind."""
        return self.right + self.abstained + self.wrong


def read_corpus(file: Path) -> tuple[LabelledMail, ...]:
    """The mails of one corpus file. Raises `UsageError` with the first line that is none."""
    mails = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            mails.append(LabelledMail.model_validate_json(line))
        except ValidationError as fault:
            raise UsageError(f"{file}, line {number}: {fault.errors()[0]['msg']}") from fault
    return tuple(mails)


def scores(folder: Path, triage: Triage) -> Iterator[Score]:
    """The scores of every corpus in `folder`, kind by kind."""
    for file in sorted(folder.glob("*.jsonl")):
        mails = read_corpus(file)
        messages = [mail.message() for mail in mails]
        for sender in ("stranger", "known"):
            read = [
                triage.read(message, mail.context() if sender == "known" else ThreadContext())
                for mail, message in zip(mails, messages, strict=True)
            ]
            yield from _by_kind(file.stem, sender, mails, read)


def all_kinds(rows: Sequence[Score]) -> Iterator[Score]:
    """One row for each corpus and sender over all its kinds."""
    for corpus, sender in dict.fromkeys((row.corpus, row.sender) for row in rows):
        these = [row for row in rows if (row.corpus, row.sender) == (corpus, sender)]
        yield Score(
            corpus,
            sender,
            "all",
            sum(row.right for row in these),
            sum(row.abstained for row in these),
            sum(row.wrong for row in these),
            sum(row.false_acceptances for row in these),
        )


def _by_kind(corpus: str, sender: str, mails: Sequence[LabelledMail], read: Sequence[Reading]) -> Iterator[Score]:
    found: Counter[tuple[Kind, str]] = Counter()
    for mail, reading in zip(mails, read, strict=True):
        outcome = "abstained" if reading.abstained else "right" if reading.kind is mail.kind else "wrong"
        found[mail.kind, outcome] += 1
        found[mail.kind, "false"] += _proved(reading) and not mail.accepts_both
    for kind in sorted({mail.kind for mail in mails}):
        yield Score(
            corpus,
            sender,
            kind,
            found[kind, "right"],
            found[kind, "abstained"],
            found[kind, "wrong"],
            found[kind, "false"],
        )


def _proved(reading: Reading) -> bool:
    return reading.tier == 1 and reading.facts.accepts_item == reading.facts.accepts_rebill == Answer.YES
