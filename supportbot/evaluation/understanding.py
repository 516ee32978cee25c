"""How well triage understands mail: its kind, its facts, the buyer's consent. Measured on training/corpus, one mail a line.

    training/corpus/**/*.jsonl --read_corpus--> LabelledMail --outcomes--> Outcome a mail --tally--> Score a group of mails

A file below a folder `sealed` is never read by whoever writes rules and never trained on; rules were written from those below
`seen`, so nothing is weighed by them. Every mail is read twice: as from a stranger, and as from the sender whose role its label
gives, in the thread its label gives. docs/howto/label-mail.md has the fields.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supportbot.casework.facts import Answer, Kind, Reading, Role, ThreadContext
from supportbot.errors import UsageError
from supportbot.evaluation.share import Share
from supportbot.mail.card import is_name
from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import read_message
from supportbot.triage.classify import Triage

SEALED = "sealed"
SEEN = "seen"
_NOT_KNOWN_BY_ADDRESS = frozenset((Role.UNKNOWN, Role.MACHINE))
_REPLIES = ("re:", "aw:", "antw:", "rv:", "r:", "odp:", "sv:")

Sender = Literal["stranger", "known"]
SENDERS: tuple[Sender, ...] = ("stranger", "known")


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelledFacts(_Data):
    """The facts of docs/spec/messages.md that hold; what is not said is left out."""

    sender_role: Role = Role.UNKNOWN
    scope: Literal["whole", "partial"] | None = None
    accepts_item: Answer | None = None
    accepts_rebill: Answer | None = None
    outcome: Literal["cancelled", "too_late", "unclear"] | None = None
    order_ids: tuple[str, ...] | None = None
    tracking: tuple[str, ...] | None = None
    language: str | None = None
    automated: bool | None = None


class LabelledMail(_Data):
    """One mail of a corpus and what it is."""

    text: str
    below: str = ""  # what its mail program quotes or forwards under it
    subject: str = ""
    kind: Kind
    facts: LabelledFacts = Field(default_factory=LabelledFacts)
    asks: Literal["one_sentence", "two_questions"] | None = None  # how the notice that it answers asks
    amount: str | None = None
    title: str | None = None
    plain: bool | None = None  # of an acceptance of both: any fair reader sees it at once
    trap: str | None = None  # accepting words that accept nothing, or refusing words that accept
    voice: str = ""
    family: str = ""
    source: str = ""

    @property
    def accepts_both(self) -> bool:
        """The buyer accepts the item and the re-billing."""
        return self.facts.accepts_item == self.facts.accepts_rebill == Answer.YES

    def context(self, sender: Sender) -> ThreadContext:
        """What is known before its words are read."""
        if sender == "stranger":
            return ThreadContext()
        role = None if self.facts.sender_role in _NOT_KNOWN_BY_ADDRESS else self.facts.sender_role
        return ThreadContext(
            role,
            answers_notice=True if self.asks else None,
            notice_asks=self.asks,
            amount=self.amount,
            item_titles=(self.title,) if self.title else (),
        )

    def message(self) -> InboundMessage:
        """As it would have come in."""
        written = EmailMessage()
        signed = self.text.rstrip().rpartition("\n")[2].strip(" ,.-")
        written["From"] = formataddr((signed if is_name(signed) else "", "sender@example.com"))
        written["To"] = "support@shop.example"
        written["Subject"] = " ".join(self.subject.split())
        if self.below or self.subject.casefold().lstrip().startswith(_REPLIES):
            written["In-Reply-To"] = "<asked@shop.example>"
        written.set_content(f"{self.text}\n\n{self.below}" if self.below else self.text)
        return read_message(written.as_bytes())


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """The mails of one hand."""

    path: Path
    mails: tuple[LabelledMail, ...]

    @property
    def sealed(self) -> bool:
        """Never read by whoever writes rules, never trained on."""
        return SEALED in self.path.parts

    @property
    def seen(self) -> bool:
        """Rules were written from these mails."""
        return SEEN in self.path.parts


def read_corpus(file: Path) -> CorpusFile:
    """The mails of one corpus file. Raises `UsageError` with the first line that is none."""
    mails = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            mails.append(LabelledMail.model_validate_json(line))
        except ValidationError as fault:
            first = fault.errors()[0]
            raise UsageError(f"{file}, line {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from fault
    return CorpusFile(file, tuple(mails))


def corpus_files(folder: Path) -> list[CorpusFile]:
    """Every corpus file below `folder`, in the order of names."""
    return [read_corpus(file) for file in sorted(folder.rglob("*.jsonl"))]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read of one mail, beside the truth."""

    mail: LabelledMail
    file: CorpusFile
    sender: Sender
    reading: Reading

    @property
    def kind_right(self) -> bool:
        return self.reading.kind is self.mail.kind

    @property
    def proved(self) -> bool:
        """Both accepted, and proved by the closed grammar."""
        facts = self.reading.facts
        return self.reading.tier == 1 and not self.reading.needs_person and facts.accepts_item == facts.accepts_rebill == "yes"

    @property
    def consent_right(self) -> bool | None:
        """Both facts as the label says; None where there is no answer to read."""
        told = self.mail.facts
        if told.accepts_item is None or told.accepts_rebill is None:
            return None
        found = self.reading.facts
        return (found.accepts_item, found.accepts_rebill) == (told.accepts_item, told.accepts_rebill)


def outcomes(files: Iterable[CorpusFile], triage: Triage, advance: Callable[[], None] = lambda: None) -> Iterator[Outcome]:
    """Every mail read as from a stranger and as from whom it is; `advance` is called once a mail."""
    for file in files:
        for mail in file.mails:
            message = mail.message()
            for sender in SENDERS:
                yield Outcome(mail, file, sender, triage.read(message, mail.context(sender)))
            advance()


@dataclass(frozen=True, slots=True)
class Score:
    """How a group of mails was understood."""

    group: str
    mails: int
    kinds: Share  # the best reading is right, abstained or not
    sure: Share  # right, of those not abstained
    abstained: Share
    macro_f1: float
    false_acceptances: Share  # proved although not both are accepted, of all mails that do not accept both
    proved: Share  # of the mails that plainly accept both
    consent: Share  # both facts right, proved or likely
    orders: "Agreement"
    tracking: "Agreement"
    scope: Share
    outcome: Share
    roles: Share
    automated: Share
    languages: Share


@dataclass(frozen=True, slots=True)
class Agreement:
    """Things found beside things that are there."""

    found: int
    there: int
    both: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 where nothing is there and nothing found."""
        return 2 * self.both / (self.found + self.there) if self.found + self.there else 1.0

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f} ({self.both} of {self.there}, {self.found - self.both} too many)"


@dataclass(frozen=True, slots=True)
class KindScore:
    """How one kind was told from the others, abstained or not."""

    kind: Kind
    recall: Share
    precision: Share

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.recall.of + self.precision.of
        return 2 * self.recall.right / total if total else 1.0


def by_kind(rows: Sequence[Outcome]) -> list[KindScore]:
    """The kinds that there are, the weakest first."""
    right = Counter(row.mail.kind for row in rows if row.kind_right)
    there = Counter(row.mail.kind for row in rows)
    called = Counter(row.reading.kind for row in rows)
    found = [KindScore(kind, Share(right[kind], there[kind]), Share(right[kind], called[kind])) for kind in Kind if there[kind]]
    return sorted(found, key=lambda one: one.recall.value)


def tally(group: str, rows: Sequence[Outcome]) -> Score:
    """The measures over a group of outcomes."""

    def share(values: Iterable[bool | None]) -> Share:
        asked = [value for value in values if value is not None]
        return Share(sum(asked), len(asked))

    def fact(name: str, only: Callable[[Outcome], bool] = lambda row: True) -> Share:
        told = [(getattr(row.mail.facts, name), getattr(row.reading.facts, name)) for row in rows if only(row)]
        return share(truth == found for truth, found in told if truth is not None)

    kinds = by_kind(rows)
    refusing = [row for row in rows if not row.mail.accepts_both]
    return Score(
        group=group,
        mails=len(rows),
        kinds=share(row.kind_right for row in rows),
        sure=share(row.kind_right for row in rows if not row.reading.abstained),
        abstained=share(row.reading.abstained for row in rows),
        macro_f1=sum(one.f1 for one in kinds) / len(kinds) if kinds else 1.0,
        false_acceptances=share(row.proved for row in refusing),
        proved=share(row.proved for row in rows if row.mail.accepts_both and row.mail.plain),
        consent=share(row.consent_right for row in rows),
        orders=_agreement((row.mail.facts.order_ids, row.reading.facts.order_ids) for row in rows),
        tracking=_agreement((row.mail.facts.tracking, row.reading.facts.tracking) for row in rows),
        scope=fact("scope", lambda row: row.kind_right),
        outcome=fact("outcome"),
        roles=fact("sender_role"),
        automated=share(
            row.reading.facts.automated == (row.mail.facts.sender_role is Role.MACHINE)
            for row in rows
            if row.mail.kind in (Kind.AUTO_REPLY, Kind.BOUNCE) or row.mail.facts.sender_role in (Role.BUYER, Role.SELLER)
        ),
        languages=fact("language", lambda row: len(row.mail.text.split()) >= 5),
    )


def _agreement(pairs: Iterable[tuple[Sequence[str] | None, Sequence[str]]]) -> Agreement:
    found = there = both = 0
    for told, read in pairs:
        wanted, got = {_bare(one) for one in told or ()}, {_bare(one) for one in read}
        found, there, both = found + len(got), there + len(wanted), both + len(wanted & got)
    return Agreement(found, there, both)


def _bare(number: str) -> str:
    return "".join(number.split()).casefold()
