"""Which thread a message belongs to: one table of marks, by strength, and the rules that no mark stands above.

    candidates (a thread, and the mark that named it) --link--> Linking: joined, or not, and why not each of the others

A mark only proposes. Nobody is joined to a thread that he takes no part in; a message whose own words name another order than
the thread's parts from it; where marks contradict each other nothing is linked. What is not linked begins a thread of its own,
and the candidates are shown to a person. A Message-ID is the sender's to choose, so it never makes a message disappear
(docs/spec/safety.md finding 7, 2.3 rows 2, 27, 28; docs/decisions/0010-marks-propose-participants-join.md).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from supportbot.casework.order import bare_order_id
from supportbot.mail.message import same_address


class Mark(StrEnum):
    """How a message names a thread."""

    OUR_MESSAGE_ID = "our_message_id"
    TOKEN = "token"  # noqa: S105  the name of a mark
    THEIR_MESSAGE_ID = "their_message_id"
    CASE_TAG = "case_tag"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class MarkRule:
    """What a mark is worth. `certain`: only who got our mail can know it. `binding`: it is ours, so that a message which bears
    it from a stranger, or beside another such mark, is for a person; other marks give way."""

    mark: Mark
    says: str  # of the message: "it ..."
    certain: bool
    binding: bool


MARKS: tuple[MarkRule, ...] = (
    MarkRule(Mark.OUR_MESSAGE_ID, "answers a mail of ours, by its Message-ID", certain=True, binding=True),
    MarkRule(Mark.TOKEN, "is addressed to the reply address of a mail of ours, by its token", certain=True, binding=True),
    MarkRule(Mark.THEIR_MESSAGE_ID, "answers a mail that we hold, by its Message-ID", certain=False, binding=False),
    MarkRule(Mark.CASE_TAG, "bears the tag of a case in its subject", certain=False, binding=True),
    MarkRule(Mark.ORDER, "names the order", certain=False, binding=False),
)
"""The marks, the strongest first."""

_RULES = {rule.mark: rule for rule in MARKS}
_STRENGTH = {rule.mark: strength for strength, rule in enumerate(MARKS)}
_BY_MESSAGE_ID = frozenset({Mark.OUR_MESSAGE_ID, Mark.THEIR_MESSAGE_ID})


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as it is on record."""

    thread_id: str
    title: str  # the subject it began with
    latest: datetime  # when it was last written in
    order_ids: tuple[str, ...] = ()
    case_id: str | None = None  # the open one, else the newest
    open: bool = True  # False: it has cases, and all are closed
    opener: str | None = None  # who wrote the first mail received in it: began it, or was a participant then
    writers: tuple[str, ...] = ()  # addresses that mail in it came from
    written_to: tuple[str, ...] = ()  # addresses that we wrote to in it


@dataclass(frozen=True, slots=True)
class MarkedThread:
    """A thread that a message names, and how. `distance`: of a Message-ID, 0 for the mail that is answered directly."""

    mark: Mark
    thread: Thread
    distance: int = 0


class ThreadRecords(Protocol):
    """The threads on record."""

    def marked_threads(
        self,
        *,
        message_ids: Sequence[str],
        tokens: Sequence[str],
        case_id: str | None,
        orders: Sequence[tuple[str, Sequence[str]]],
    ) -> list[MarkedThread]:
        """The threads that a message names: by the Message-IDs it answers, the nearest first; by tokens; by the tag of a case;
        by orders, each with the addresses whose threads about it are meant (none: anybody's)."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thread that a message names by one mark, with those who may be joined to it."""

    thread_id: str
    title: str
    mark: Mark
    latest: datetime
    case_id: str | None = None
    order_ids: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()  # the parties of its orders, who began it, and whom we wrote to in it
    voices: tuple[str, ...] = ()  # those of them who have written in it or were written to, with their other addresses
    distance: int = 0
    open: bool = True


class Refusal(StrEnum):
    """Why a message was not joined to a thread that it names."""

    STRANGER = "stranger"
    OTHER_ORDER = "other_order"
    CONTRADICTION = "contradiction"
    FARTHER = "farther"
    OTHERS = "others"
    CLOSED = "closed"
    OLDER = "older"
    WEAKER = "weaker"


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate, and why the message was not joined to it; `refusal` None: it was."""

    candidate: Candidate
    refusal: Refusal | None
    why: str


class LinkOutcome(StrEnum):
    """Where a message went. All but JOINED begin a thread of their own."""

    JOINED = "joined"
    NEW = "new"
    SPLIT = "split"
    STRANGER = "stranger"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Linking:
    """The thread a message belongs to, by which mark and how surely; or why to none. Every candidate is in `considered`."""

    outcome: LinkOutcome
    why: str  # one sentence for the reviewer
    considered: tuple[Considered, ...] = ()
    certainty: Literal["certain", "likely"] | None = None  # None: not linked

    @property
    def joined(self) -> Candidate | None:
        return next((one.candidate for one in self.considered if one.refusal is None), None)

    @property
    def doubtful(self) -> bool:
        """Whether a person has to say where it belongs: a stranger bears a mark of the thread, or its marks contradict. That it
        names an order is no such mark: who may speak of an order is the policies' business."""
        unsure = self.outcome in (LinkOutcome.STRANGER, LinkOutcome.CONTRADICTION)
        return unsure and any(
            one.refusal in (Refusal.STRANGER, Refusal.CONTRADICTION) and one.candidate.mark is not Mark.ORDER
            for one in self.considered
        )


def link(sender: str | None, candidates: Iterable[Candidate], *, proved: bool, named: Sequence[str]) -> Linking:
    """Decide where a message belongs; the order of the candidates does not matter.

    `proved`: the sender's address is authenticated. `named`: orders on record that its new words name, else its subject.
    """
    ordered = sorted(dict.fromkeys(candidates), key=_rank)
    refused = _Refused(ordered)
    refused.where(lambda c: c.mark is Mark.THEIR_MESSAGE_ID and not _among(sender, c.participants), Refusal.STRANGER)
    nearest = min((c.distance for c in refused.standing if c.mark in _BY_MESSAGE_ID), default=0)
    refused.where(lambda c: c.mark in _BY_MESSAGE_ID and c.distance > nearest, Refusal.FARTHER)
    refused.where(lambda c: not _among(sender, c.participants), Refusal.STRANGER)
    blocked = any(refusal is Refusal.STRANGER and _RULES[c.mark].binding for c, refusal in refused.refusals.items())
    refused.where(lambda c: _other_order(c, named), Refusal.OTHER_ORDER)
    refused.where(lambda c: c.mark is Mark.ORDER and not _among(sender, c.voices), Refusal.OTHERS)
    refused.where(lambda c: c.mark is Mark.ORDER and not c.open, Refusal.CLOSED)
    newest = [c for c in refused.standing if c.mark is Mark.ORDER]
    refused.where(lambda c: c.mark is Mark.ORDER and any(_newer(other, c) for other in newest), Refusal.OLDER)
    best = next(iter(refused.standing), None)
    if best is None or blocked:
        refused.where(lambda c: True, Refusal.CONTRADICTION)
        return _not_linked(refused, sender, named)
    if any(_contradicts(other, best) for other in refused.standing):
        refused.where(lambda c: True, Refusal.CONTRADICTION)
        return Linking(
            LinkOutcome.CONTRADICTION,
            "Its marks name different threads, so it begins one of its own; a person says where it belongs.",
            refused.considered(sender),
        )
    refused.where(lambda c: c != best, Refusal.WEAKER)
    return _joined(refused, best, sender, proved=proved)


def _rank(candidate: Candidate) -> tuple[object, ...]:
    """By strength of the mark, then the nearest reference, then the latest thread; the rest settles equal ones for good."""
    c = candidate
    return (_STRENGTH[c.mark], c.distance, -c.latest.timestamp(), c.thread_id, repr(c))


class _Refused:
    """The candidates, and which of them are out."""

    def __init__(self, ordered: Sequence[Candidate]) -> None:
        self._ordered = ordered
        self.refusals: dict[Candidate, Refusal] = {}

    @property
    def standing(self) -> list[Candidate]:
        return [candidate for candidate in self._ordered if candidate not in self.refusals]

    def where(self, unfit: Callable[[Candidate], bool], refusal: Refusal) -> None:
        self.refusals |= {candidate: refusal for candidate in self.standing if unfit(candidate)}

    def considered(self, sender: str | None) -> tuple[Considered, ...]:
        found = ((candidate, self.refusals.get(candidate)) for candidate in self._ordered)
        return tuple(Considered(candidate, refusal, _sentence(candidate, refusal, sender)) for candidate, refusal in found)


def _among(sender: str | None, addresses: Iterable[str]) -> bool:
    return sender is not None and any(same_address(sender, address) for address in addresses)


def _bare(order_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(bare_order_id(order_id) for order_id in order_ids)


def _other_order(candidate: Candidate, named: Sequence[str]) -> bool:
    return bool(named and candidate.order_ids) and _bare(named).isdisjoint(_bare(candidate.order_ids))


def _same_matter(one: Candidate, other: Candidate) -> bool:
    """Whether two threads are about the same thing: a case and an order have a thread with each party."""
    if one.thread_id == other.thread_id or (one.case_id is not None and one.case_id == other.case_id):
        return True
    return not _bare(one.order_ids).isdisjoint(_bare(other.order_ids))


def _newer(one: Candidate, other: Candidate) -> bool:
    return _same_matter(one, other) and _rank(one) < _rank(other)


def _contradicts(other: Candidate, best: Candidate) -> bool:
    """Whether another mark denies the best one: a binding one always, any other only where it is just as strong."""
    equal = other.mark is best.mark and other.distance == best.distance
    return (equal or _RULES[other.mark].binding) and not _same_matter(other, best)


def _joined(refused: _Refused, best: Candidate, sender: str | None, *, proved: bool) -> Linking:
    rule = _RULES[best.mark]
    why = f"It {rule.says}, and {sender} takes part in that thread."
    if Refusal.OTHER_ORDER in refused.refusals.values():
        why += " It names another order than the mail it answers, so it parts from that thread."
    if not proved:
        why += " Nothing proves that the sender's address is his own."
    sure = rule.certain and proved
    return Linking(LinkOutcome.JOINED, why, refused.considered(sender), "certain" if sure else "likely")


def _not_linked(refused: _Refused, sender: str | None, named: Sequence[str]) -> Linking:
    found = set(refused.refusals.values())
    if Refusal.STRANGER in found:
        outcome, why = LinkOutcome.STRANGER, f"{sender or 'Its sender'} takes no part in the thread that it names."
        why += " It begins a thread of its own; a person decides."
    elif Refusal.OTHER_ORDER in found:
        outcome = LinkOutcome.SPLIT
        why = f"It names {', '.join(named)}, another order than the thread that it answers: it begins a thread of its own."
    else:
        outcome, why = LinkOutcome.NEW, "Nothing in it names a thread that it would go on with."
    return Linking(outcome, why, refused.considered(sender))


def _sentence(candidate: Candidate, refusal: Refusal | None, sender: str | None) -> str:
    says = f"It {_RULES[candidate.mark].says}"
    match refusal:
        case None:
            return f"{says}."
        case Refusal.STRANGER:
            return f"{says}, but {sender or 'its sender'} takes no part in this thread."
        case Refusal.OTHER_ORDER:
            return f"{says}, but its words name another order than {', '.join(candidate.order_ids)}."
        case Refusal.CONTRADICTION:
            return f"{says}, but another mark speaks against it."
        case Refusal.FARTHER:
            return f"{says}, but a mail that it answers more directly is of another thread."
        case Refusal.OTHERS:
            return f"{says}, but this thread is with others."
        case Refusal.CLOSED:
            return f"{says}, but the case of this thread is closed."
        case Refusal.OLDER:
            return f"{says}, but a later thread about it goes on."
        case Refusal.WEAKER:
            return f"{says}, but a stronger mark decides."
