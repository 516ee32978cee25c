"""How well triage understands mail: its kind, its facts, the buyer's consent. Measured on training/corpus, one mail a line.

    training/corpus/**/*.jsonl --read_corpus--> LabelledMail --outcomes--> Outcome a mail --tally--> Score a group of mails

A file below a folder `sealed` is never read by whoever writes rules and never trained on; rules were written from those below
`seen`, so nothing is weighed by them. Every mail is read twice: as from a stranger, and as from the sender whose role its label
gives, in the thread its label gives. docs/howto/label-mail.md has the fields.
"""

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
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
from supportbot.triage.classify import Triage, answers
from supportbot.triage.model import LEAST, LEAST_KNOWN, WEIGHTS, KindModel, Sounding, label, weighed

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


# -- training ----------------------------------------------------------------------------------------------------------

_FOLDS = 4
_SURE = 0.985  # of the mails not abstained on, in the folds, that must be right
_SCALES = tuple(round(0.1 * step, 1) for step in range(1, 16))

# The rules' scores, the model's shares, the truth, and whether the sender was known.
_Weighable = tuple[dict[Kind, float], dict[Kind, float], Kind, bool]


def train_on(
    files: Sequence[CorpusFile], triage: Triage, seed: int = 0, progress: Callable[[], None] = lambda: None
) -> KindModel:
    """A model trained on these files, with the weights of rules and model, and the share below which it abstains.

    `triage` is one of rules alone. The weights are found on folds of whole hands that neither the rules nor the model of
    their fold have seen. `progress` is called `EPOCHS` times a fold and `EPOCHS` times for the whole.
    """
    if not any(file.mails for file in files):
        raise UsageError("no labelled mail to learn from: name a folder with --corpus")
    told = {file.path: _soundings(file, triage) for file in files}
    examples = [
        (triage.sounding(message, context), label(kind)) for message, context, kind in triage.examples()
    ]  # what the rule files say of themselves is labelled mail, too
    weighable: list[_Weighable] = []
    for fold in _folds([file for file in files if not file.seen]):
        others = [pair for file in files if file not in fold for pair in told[file.path]] + examples
        if len(others) > len(examples):
            model = KindModel.train(others, seed, progress)
            spoken = {mail.facts.language for file in files if file not in fold for mail in file.mails}
            weighable += [row for file in fold for row in _weighables(file, triage, model, spoken)]
    model = KindModel.train([pair for file in files for pair in told[file.path]] + examples, seed, progress)
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.path.read_bytes())
    return model.described(
        {"corpus": digest.hexdigest(), "files": {file.path.name: len(file.mails) for file in files}} | _weights(weighable)
    )


def _folds(files: Sequence[CorpusFile]) -> list[list[CorpusFile]]:
    """The files dealt out by size, so that the folds are about as large."""
    folds: list[list[CorpusFile]] = [[] for _ in range(min(_FOLDS, len(files)))]
    for file in sorted(files, key=lambda file: (-len(file.mails), file.path.name)):
        min(folds, key=lambda fold: sum(len(one.mails) for one in fold)).append(file)
    return folds


def _soundings(file: CorpusFile, triage: Triage) -> list[tuple[Sounding, str]]:
    """Each mail twice: as from a stranger, and as from a known sender."""
    return [
        (triage.sounding(message, mail.context(sender)), label(mail.kind, _detail(mail)))
        for mail in file.mails
        for message in (mail.message(),)
        for sender in SENDERS
    ]


def _detail(mail: LabelledMail) -> str | None:
    facts = mail.facts
    if mail.kind is Kind.REBILL_REPLY and facts.accepts_item and facts.accepts_rebill:
        return answers(facts.accepts_item, facts.accepts_rebill)
    return facts.outcome or ("partial" if facts.scope == "partial" else None)


def _weighables(file: CorpusFile, triage: Triage, model: KindModel, spoken: Container[str | None]) -> Iterator[_Weighable]:
    """The mails in languages that the model has met; of others it could only guess, as the shipped one need not."""
    for mail in file.mails:
        if mail.facts.language not in spoken:
            continue
        message = mail.message()
        for sender in SENDERS:
            context = mail.context(sender)
            scores = triage.scores(message, context)
            if scores is not None:  # else the rules are certain without words
                sounds = triage.sayable(model.hear(triage.sounding(message, context)).kinds, context)
                yield scores, sounds, mail.kind, sender == "known"


def _weights(rows: Sequence[_Weighable]) -> dict[str, float]:
    """The weights with the least surprise over the rows, and the least share that keeps the sure ones right."""
    if not rows:
        return {}

    def surprise(of_rules: float, of_model: float) -> float:
        return -sum(math.log(max(weighed(*row[:2], of_rules, of_model).get(row[2], 0.0), 1e-6)) for row in rows)

    of_rules, of_model = min(itertools.product(_SCALES, _SCALES), key=lambda pair: surprise(*pair))
    best: dict[bool, list[tuple[float, bool]]] = {False: [], True: []}
    for scores, sounds, truth, known in rows:
        shares = weighed(scores, sounds, of_rules, of_model)
        kind = max(shares, key=lambda one: shares[one])
        best[known].append((shares[kind], kind is truth))
    return dict(zip(WEIGHTS, (of_rules, of_model), strict=True)) | {LEAST: _least(best[False]), LEAST_KNOWN: _least(best[True])}


def _least(read: list[tuple[float, bool]]) -> float:
    """The least share from which on so many are right as must be; 1 where there is none."""
    read.sort()
    right = sum(good for _, good in read)
    for number, (share, good) in enumerate(read):
        if right >= _SURE * (len(read) - number):
            return round(share, 4)
        right -= good
    return 1.0
