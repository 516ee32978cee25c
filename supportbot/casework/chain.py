"""Whether a confirmation chain proves that the buyer accepted the item AND the re-billing (policy 1.4, 1.5; safety 2.1, 2.2).

The seller who forwards the chain is the one who gets paid, so a chain is the claim of an interested party. `verify_chain` runs
every check of CHECKS and lists every defect; only its `VerifiedChain` opens a credit memo, and nothing else can make one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from supportbot.casework.amounts import amounts_in
from supportbot.casework.facts import Answer, Evidence
from supportbot.casework.order import Order, bare_order_id
from supportbot.mail.message import DkimVerdict, same_address

CLOCK_SKEW = timedelta(minutes=5)
NO_ZONE = timedelta(hours=14)  # the time of an inline forward is local, of a zone that nobody knows
_SEAL = object()


class Grade(StrEnum):
    """How well the buyer's message is proved, whatever it says (docs/spec/policies.md 1.4)."""

    A = "A"  # direct to our mailbox, authenticated
    B = "B"  # attached original, DKIM-valid and aligned
    C = "C"  # only a relay vouches
    D = "D"  # inline text, or nothing that could prove it
    E = "E"  # contradictory or altered


class Weight(StrEnum):
    """What a defect does to the verdict."""

    REJECTS = "rejects"
    LACKS = "lacks"  # the chain is insufficient
    DOUBTS = "doubts"  # claimed at best


DEFECTS: dict[str, tuple[Weight, str]] = {
    "ORDER_UNKNOWN": (Weight.LACKS, "no order of ours is named in the chain"),
    "ORDER_AMBIGUOUS": (Weight.LACKS, "the chain names several orders of ours"),
    "ORDER_NOT_REBILLABLE": (Weight.REJECTS, "the re-bill flow belongs to the member club only"),
    "SELLER_MISMATCH": (Weight.REJECTS, "the order belongs to another seller"),
    "SELLER_UNPROVED": (
        Weight.DOUBTS,
        "what is known of the cover mail, or of the seller, does not show that it comes from the order's seller",
    ),
    "COVER_CLAIMS_MORE": (Weight.DOUBTS, "the seller's cover note claims more than the order and the chain say"),
    "NOT_CANCELLED_AND_SHIPPED": (Weight.REJECTS, "no unit of the order was both cancelled and shipped"),
    "UNITS_UNKNOWN": (Weight.DOUBTS, "the order does not tell which units were cancelled and shipped"),
    "NOTICE_MISSING": (Weight.LACKS, "the chain lacks the notice to the buyer"),
    "NOTICE_INCOMPLETE": (Weight.LACKS, "the notice did not say all it must"),
    "NOTICE_NAMES_LESS": (Weight.DOUBTS, "the notice names a smaller amount than would be re-billed"),
    "NOTICE_OTHER_CURRENCY": (Weight.DOUBTS, "the notice names its amounts in another currency than the order's"),
    "ANSWER_MISSING": (Weight.LACKS, "the chain lacks a message of the buyer"),
    "ANSWER_NOT_BUYER": (Weight.REJECTS, "the answer does not come from the order's buyer"),
    "ANSWER_BEFORE_NOTICE": (Weight.REJECTS, "the answer is older than the notice"),
    "ANSWER_OTHER_ORDER": (Weight.REJECTS, "the answer is about another order"),
    "ANSWER_NOT_LINKED": (Weight.DOUBTS, "nothing ties the answer to the notice or the order"),
    "ANSWER_ELSEWHERE": (Weight.DOUBTS, "the answer was written neither to the seller nor to us"),
    "ANSWER_AUTOMATED": (Weight.LACKS, "the answer was written by a machine"),
    "ITEM_NOT_ACCEPTED": (Weight.LACKS, "the buyer does not accept the item"),
    "REBILL_NOT_ACCEPTED": (Weight.LACKS, "the buyer does not accept the re-billing"),
    "CONSENT_NOT_PROVED": (Weight.DOUBTS, "the acceptance is read, but not derived by the grammar"),
    "CONSENT_BARE": (Weight.DOUBTS, "the buyer only says yes; a person confirms what it meant"),
    "BOUNDARY_UNCERTAIN": (Weight.DOUBTS, "new and quoted words could not be told apart for sure"),
    "SECOND_THOUGHTS": (Weight.DOUBTS, "later words in the buyer's name do not accept"),
    "MAIL_UNREAD": (Weight.DOUBTS, "mail in the buyer's name waits to be read; it may withdraw"),
    "WITHDRAWN": (Weight.REJECTS, "the buyer withdrew the acceptance"),
    "ALTERED": (Weight.REJECTS, "the buyer's message was altered after it was signed"),
    "CONTRADICTORY": (Weight.REJECTS, "who wrote the buyer's message contradicts itself"),
    "UNAUTHENTICATED": (Weight.DOUBTS, "the buyer's message is not authenticated"),
    "RELAY_ONLY": (Weight.DOUBTS, "only a relay vouches for the buyer's message"),
    "INLINE_ONLY": (Weight.DOUBTS, "the buyer's words are quoted text that anyone can type"),
    "KEY_UNAVAILABLE": (Weight.DOUBTS, "the key that signed the buyer's message cannot be had"),
    "KEY_ARCHIVED": (
        Weight.DOUBTS,
        "the key is gone from DNS; only our archive still has it, and old keys may be known to others",
    ),
    "UNSIGNED": (Weight.DOUBTS, "the attached message carries no signature"),
    "SIGNATURE_WEAK": (Weight.DOUBTS, "the signature does not prove all that it must"),
    "TOO_OLD": (Weight.DOUBTS, "the buyer's message reached us too long after it was signed"),
    "EVIDENCE_USED": (Weight.REJECTS, "this message has served another case"),
}
"""Every defect: its weight, and the sentence shown to people."""

TAMPERED = ("body-changed", "signature-invalid", "signature-wrong", "duplicate-", "from-")
KEYLESS = ("key-missing", "key-revoked")
TIMELY = ("signed-too-long-ago", "signature-expired")
"""How the reasons of a failed signature begin (mail.signature): it was broken, its key is gone, it came too late. A signature
that fails for other reasons alone, such as a length limit, proves too little, which is not the same as forged."""


@dataclass(frozen=True, slots=True)
class ChainDefect:
    """One thing that is wrong with a chain, and the words or figures that show it."""

    code: str
    detail: str

    @property
    def weight(self) -> Weight:
        return DEFECTS[self.code][0]


@dataclass(frozen=True, slots=True)
class Notice:
    """What told the buyer that the order shipped, was cancelled and will be re-billed (M-21, M-22)."""

    how: Literal["sent", "attached", "inline", "quoted"]  # "sent": our own record of what we sent
    text: str
    sent_at: datetime | None
    message_id: str | None = None
    order_id: str | None = None
    to: tuple[str, ...] = ()
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One message of the chain that claims to be the buyer's answer, with all that was found out about it."""

    message_id: str | None
    sender: str  # addr-spec of From
    how: Literal["direct", "attached", "inline"]
    text: str  # new text
    at: datetime | None  # direct: when it reached us; else its Date
    dkim: DkimVerdict
    accepts_item: Answer | None
    accepts_rebill: Answer | None
    evidence: tuple[Evidence, ...] = ()
    tier: int | None = None
    bare_assent: bool = False
    automated: bool = False
    boundary_certain: bool = True
    authenticated: bool | None = None  # direct only: docs/spec/safety.md 2.1; None: not tried
    contradiction: str | None = None  # e.g. "dmarc=fail", "two From fields"
    relay: bool = False  # signed by a configured relay instead of the buyer's domain
    same_as_held: Grade | None = None  # inline text that matches a mail we hold takes its grade
    order_ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # In-Reply-To and References
    token: str | None = None
    to: tuple[str, ...] = ()  # To and Cc
    quoted: str = ""  # earlier words that it quotes: the notice it answers, where its author kept it
    raw_sha256: str | None = None
    networks: frozenset[str] = frozenset()  # from which it was handed in, as it says


@dataclass(frozen=True, slots=True)
class LaterWords:
    """The newest mail in the buyer's name that does not accept both, where no proved acceptance follows it."""

    at: datetime
    proved: bool
    refuses: bool


@dataclass(frozen=True, slots=True)
class ConfirmationChain:
    """What was sent to us as proof. `cover` is the address of the seller who forwards; None when the buyer wrote directly."""

    order: Order | None
    links: tuple[Link, ...]
    notices: tuple[Notice, ...]
    received: datetime
    cover: str | None = None
    cover_authenticated: bool | None = None  # None: nothing speaks for or against it
    cover_text: str = ""  # what the seller claims, in his own words
    worth: Decimal | None = None  # what the buyer would be billed again, by the order as it is now; None: unknown
    insiders: tuple[str, ...] = ()  # addresses of the seller and of ourselves
    issued_ids: frozenset[str] = frozenset()  # Message-IDs of our mails to the buyer about this order
    issued_tokens: frozenset[str] = frozenset()  # and their reply tokens
    later_words: LaterWords | None = None  # on record, whoever sends the chain
    unread: tuple[int, ...] = ()  # messages in the buyer's name that wait for a person
    orders_named: int = 1
    used_evidence: frozenset[str] = frozenset()  # signature and raw digests that served another case
    bare_assent_counts: bool = False  # setting bare_assent: accept


@dataclass(frozen=True)
class VerifiedChain:
    """Proof. Only `verify_chain` and `confirm_by_two` can make one; the seal stops everybody else."""

    order: Order
    grade: Grade
    answer: Link
    notice: Notice
    confirmed_by: str | None = None
    second_person: str | None = None
    reason: str = ""
    seal: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a VerifiedChain is made by verify_chain alone")
        object.__setattr__(self, "seal", None)  # so that dataclasses.replace() cannot forge another


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """The outcome: `proof` is there exactly when the verdict is "verified"."""

    verdict: Literal["verified", "claimed", "rejected", "insufficient"]
    grade: Grade
    defects: tuple[ChainDefect, ...]
    accepts_item: Answer | None
    accepts_rebill: Answer | None
    answer: Link | None
    notice: Notice | None
    proof: VerifiedChain | None = None
    deciding: tuple[Link, ...] = ()  # the buyer's messages on which the two answers rest

    @property
    def why(self) -> str:
        """One sentence for the reviewer."""
        if not self.defects:
            return f"Proved, grade {self.grade}: the buyer accepts the item and the re-billing."
        return f"{self.verdict.capitalize()}, grade {self.grade}: " + "; ".join(DEFECTS[d.code][1] for d in self.defects) + "."


@dataclass(frozen=True, slots=True)
class _Claim:
    """A chain with its buyer's messages picked out, as the checks see it."""

    chain: ConfirmationChain
    said: tuple[Link, ...]  # by the order's buyer, oldest first
    deciding: tuple[Link, ...]  # those on which the two answers rest, oldest first
    answer: Link | None  # the newest of them
    notice: Notice | None
    accepts_item: Answer | None
    accepts_rebill: Answer | None


def _defect(code: str, detail: str = "") -> ChainDefect:
    return ChainDefect(code, detail or DEFECTS[code][1])


def _check_order(claim: _Claim) -> Iterator[ChainDefect]:
    order = claim.chain.order
    if order is None:
        yield _defect("ORDER_AMBIGUOUS" if claim.chain.orders_named > 1 else "ORDER_UNKNOWN")
        return
    if order.marketplace != "member_club":
        yield _defect("ORDER_NOT_REBILLABLE", f"order {order.order_id} is of {order.marketplace}")
    units = order.cancelled_and_shipped
    if units is None:
        yield _defect("UNITS_UNKNOWN")
    elif units == 0:
        yield _defect("NOT_CANCELLED_AND_SHIPPED", f"order {order.order_id}")


def _check_seller(claim: _Claim) -> Iterator[ChainDefect]:
    order, cover = claim.chain.order, claim.chain.cover
    if order is None or cover is None:
        return
    if not order.seller.addresses:
        yield _defect("SELLER_UNPROVED", f"the order does not tell where its seller writes from; {cover} forwards")
    elif not any(same_address(cover, address) for address in order.seller.addresses):
        yield _defect("SELLER_MISMATCH", f"{cover} is no address of the order's seller")
    elif claim.chain.cover_authenticated is False:
        yield _defect("SELLER_UNPROVED", cover)


def _check_cover(claim: _Claim) -> Iterator[ChainDefect]:
    """What the seller claims in his note, against what the order is worth."""
    claimed = max((amount.value for amount in amounts_in(claim.chain.cover_text)), default=None)
    worth = claim.chain.worth
    if claimed is not None and worth is not None and claimed > worth:
        yield _defect("COVER_CLAIMS_MORE", f"the note names {claimed}, the cancelled-and-shipped units are worth {worth}")


def _check_notice(claim: _Claim) -> Iterator[ChainDefect]:
    if claim.notice is None:
        yield _defect("NOTICE_MISSING")
        return
    lacks = notice_lacks(claim.notice.text, claim.chain.order)
    if lacks:
        yield _defect("NOTICE_INCOMPLETE", "the notice lacks " + ", ".join(lacks))
    order, worth = claim.chain.order, claim.chain.worth
    for text in (claim.notice.text, *(link.quoted for link in claim.deciding if not notice_lacks(link.quoted, None))):
        named = amounts_in(text)
        most = max((amount.value for amount in named), default=None)
        if most is not None and worth is not None and worth > most:
            yield _defect("NOTICE_NAMES_LESS", f"{most} in the notice, {worth} by the order now")
        if named and order and order.currency and all(order.currency not in amount.currencies for amount in named):
            yield _defect("NOTICE_OTHER_CURRENCY", f"the order is in {order.currency}")


def _check_answer(claim: _Claim) -> Iterator[ChainDefect]:
    chain, answer = claim.chain, claim.answer
    if answer is None:
        strangers = [link.sender for link in chain.links if link.accepts_item or link.accepts_rebill]
        yield _defect("ANSWER_NOT_BUYER", ", ".join(strangers)) if strangers and chain.order else _defect("ANSWER_MISSING")
        return
    for link in claim.deciding:
        if link.automated:
            yield _defect("ANSWER_AUTOMATED")
        notice = claim.notice
        skew = NO_ZONE if link.how == "inline" else CLOCK_SKEW
        if notice and notice.sent_at and link.at and link.at + skew < notice.sent_at:
            yield _defect("ANSWER_BEFORE_NOTICE", f"{link.at:%Y-%m-%d %H:%M} before {notice.sent_at:%Y-%m-%d %H:%M} UTC")
        others = [i for i in link.order_ids if chain.order and bare_order_id(i) != bare_order_id(chain.order.order_id)]
        if chain.order and others and not _names_order(link, chain.order):
            yield _defect("ANSWER_OTHER_ORDER", "it names " + ", ".join(others))
        if any(same_address(link.sender, insider) for insider in chain.insiders):
            yield _defect("ANSWER_NOT_BUYER", f"{link.sender} is an address of the seller or of ours")
        if not _linked(link, claim):
            yield _defect("ANSWER_NOT_LINKED", link.message_id or "")
        if link.how == "attached" and chain.insiders and not _addressed_to(link, chain):
            yield _defect("ANSWER_ELSEWHERE", "it was written to " + (", ".join(link.to) or "nobody"))


def _names_order(link: Link, order: Order) -> bool:
    return any(bare_order_id(i) == bare_order_id(order.order_id) for i in link.order_ids)


def _linked(link: Link, claim: _Claim) -> bool:
    """Whether a message belongs to this case. One that came straight to us must answer a mail of ours, and carry the token
    that only the buyer got (safety 2.1 item 5); one that answers our tokened notice elsewhere must carry it too (2.2)."""
    chain, notice = claim.chain, claim.notice
    answers_ours = not chain.issued_ids.isdisjoint(link.references)
    by_token = _carries_token(link, chain)
    if link.how == "direct":
        return answers_ours and (by_token or not chain.issued_tokens)
    if link.token is not None and not by_token:
        return False  # it was sent to a token that we gave another case
    answers_notice = bool(notice and notice.message_id and notice.message_id in link.references)
    ours_with_token = any(sent.how == "sent" and sent.token for sent in chain.notices)
    if link.how == "attached" and chain.issued_tokens and (answers_ours or (ours_with_token and not answers_notice)):
        return by_token
    quotes_notice = bool(link.quoted) and not notice_lacks(link.quoted, chain.order)
    named = chain.order is not None and _names_order(link, chain.order)
    return answers_ours or by_token or answers_notice or quotes_notice or named


def _addressed_to(link: Link, chain: ConfirmationChain) -> bool:
    to_insider = any(same_address(address, insider) for address in link.to for insider in chain.insiders)
    return to_insider or _carries_token(link, chain)


def _carries_token(link: Link, chain: ConfirmationChain) -> bool:
    """Whether a token that we issued for this order stands in an address or in the body, where clients quote headers."""
    return link.token in chain.issued_tokens or any(token in link.quoted or token in link.text for token in chain.issued_tokens)


def _check_consent(claim: _Claim) -> Iterator[ChainDefect]:
    if claim.answer is None:
        return
    for code, what, value in (
        ("ITEM_NOT_ACCEPTED", "the item", claim.accepts_item),
        ("REBILL_NOT_ACCEPTED", "the re-billing", claim.accepts_rebill),
    ):
        if value is not Answer.YES:
            yield _defect(code, f"{what}: {value or 'not answered'}")
    later = claim.chain.later_words
    skew = timedelta(0) if claim.answer.how == "direct" else CLOCK_SKEW  # both came to our own clock
    if later and claim.answer.at and later.at + skew <= claim.answer.at:
        later = None
    if _withdrawn(claim.said) or (later and later.proved and later.refuses):
        yield _defect("WITHDRAWN", claim.answer.text[:120])
    elif later:
        yield _defect("SECOND_THOUGHTS", f"received {later.at:%Y-%m-%d %H:%M} UTC")
    if claim.chain.unread and claim.answer.how != "direct":  # after a direct answer a person confirms, who is told of it then
        yield _defect("MAIL_UNREAD", "message " + ", ".join(str(number) for number in claim.chain.unread))
    if any(link.tier != 1 for link in claim.deciding):
        yield _defect("CONSENT_NOT_PROVED")
    if any(link.bare_assent for link in claim.deciding) and not (claim.chain.bare_assent_counts and _asked_for_sure(claim)):
        yield _defect("CONSENT_BARE")
    if any(not link.boundary_certain for link in claim.deciding):
        yield _defect("BOUNDARY_UNCERTAIN")


def _asked_for_sure(claim: _Claim) -> bool:
    """Whether more than the seller's word tells what a bare yes answers: we sent the notice, or the answer holds it."""
    notice, answer = claim.notice, claim.answer
    if notice is None or answer is None:
        return False
    return notice.how in ("sent", "quoted") or (notice.message_id is not None and notice.message_id in answer.references)


def _withdrawn(said: Sequence[Link]) -> bool:
    """Whether both were accepted at some time, and one of them is refused in the end."""
    accepted = False
    for count in range(1, len(said) + 1):
        answers = (_fold([link.accepts_item for link in said[:count]]), _fold([link.accepts_rebill for link in said[:count]]))
        if answers == (Answer.YES, Answer.YES):
            accepted = True
        elif accepted and count == len(said) and Answer.NO in answers:
            return True
    return False


def _check_proof(claim: _Claim) -> Iterator[ChainDefect]:
    for link in claim.deciding:
        _, code, detail = _proof(link)
        if code:
            yield _defect(code, detail)


def _check_replay(claim: _Claim) -> Iterator[ChainDefect]:
    for link in claim.deciding:
        if claim.chain.used_evidence.intersection(filter(None, (link.dkim.signature_sha256, link.raw_sha256))):
            yield _defect("EVIDENCE_USED", link.message_id or "")


CHECKS: tuple[Callable[[_Claim], Iterator[ChainDefect]], ...] = (
    _check_order,
    _check_seller,
    _check_cover,
    _check_notice,
    _check_answer,
    _check_consent,
    _check_proof,
    _check_replay,
)


def notice_lacks(text: str, order: Order | None) -> tuple[str, ...]:
    """What a notice fails to say (M-21, M-22): empty when it says all. Read word by word, in any of the notice languages."""
    lower = " ".join(text.casefold().split())
    lacks = [what for what, words in NOTICE_WORDS if not any(word in lower for word in words)]
    if order is not None:
        numbers = [s.tracking_number for s in order.shipments if s.tracking_number]
        carriers = [s.carrier for s in order.shipments if s.carrier]
        squeezed = lower.replace(" ", "")
        if numbers and not any(number.casefold().replace(" ", "") in squeezed for number in numbers):
            lacks.append("the tracking number")
        if carriers and not any(carrier.casefold() in lower for carrier in carriers):
            lacks.append("the carrier")
        if not numbers or not carriers:
            lacks.append("a carrier and tracking number that the order confirms")
    return tuple(lacks)


NOTICE_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "that it shipped",
        ("ship", "sent", "on its way", "dispatched", "versand", "verschickt", "expédi", "envoy", "enviad", "spedit"),
    ),
    ("that it was cancelled", ("cancel", "storn", "annul")),
    (
        "the re-billing",
        ("bill", "charge", "invoice", "berechn", "belast", "factur", "prélev", "débit", "cobr", "addebit", "fattur"),
    ),
)
"""Stems, in the notice's languages, of what a notice must say."""


def _proof(link: Link) -> tuple[Grade, str | None, str]:
    """How well one message of the buyer is proved (docs/spec/policies.md 1.4): grade, defect if any, what shows it."""
    if link.contradiction:
        return Grade.E, "CONTRADICTORY", link.contradiction
    if link.how == "inline":
        return (link.same_as_held, None, "") if link.same_as_held else (Grade.D, "INLINE_ONLY", link.sender)
    if _begins(link.dkim, TAMPERED):
        return Grade.E, "ALTERED", ", ".join(link.dkim.reasons)
    if link.how == "direct":
        return (Grade.A, None, "") if link.authenticated else (Grade.D, "UNAUTHENTICATED", link.sender)
    return _signature_proof(link)


def _signature_proof(link: Link) -> tuple[Grade, str | None, str]:
    verdict, reasons = link.dkim, ", ".join(link.dkim.reasons)
    match verdict.result:
        case "none":
            return Grade.D, "UNSIGNED", link.sender
        case "key_unavailable":
            return Grade.D, "KEY_UNAVAILABLE", f"{verdict.domain or ''}: {reasons}"
        case "fail" if _begins(verdict, KEYLESS):
            return Grade.D, "KEY_UNAVAILABLE", reasons
        case "fail" if _begins(verdict, TIMELY):
            return Grade.D, "TOO_OLD", reasons
        case "fail":
            return Grade.D, "SIGNATURE_WEAK", reasons
    if link.relay:
        return Grade.C, "RELAY_ONLY", verdict.domain or ""
    if not verdict.aligned:
        return Grade.E, "CONTRADICTORY", f"signed by {verdict.domain}, written by {link.sender}"
    if verdict.key_source == "archive":
        return Grade.C, "KEY_ARCHIVED", verdict.key_name or ""
    return Grade.B, None, ""


def _begins(verdict: DkimVerdict, marks: tuple[str, ...]) -> bool:
    return verdict.result == "fail" and any(reason.startswith(marks) for reason in verdict.reasons)


def _fold(answers: Sequence[Answer | None]) -> Answer | None:
    """The last word wins; an unclear word does not undo a clear one."""
    clear = [a for a in answers if a not in (None, Answer.UNCLEAR)]
    if clear:
        return clear[-1]
    return Answer.UNCLEAR if Answer.UNCLEAR in answers else None


def _claim(chain: ConfirmationChain) -> _Claim:
    buyer = chain.order.buyer.addresses if chain.order else ()
    mine = [link for link in chain.links if any(same_address(link.sender, address) for address in buyer)]
    mine.sort(key=lambda link: (link.at is None, link.at.timestamp() if link.at else 0.0))
    deciding = _deciding(mine)
    answer = deciding[-1] if deciding else None
    return _Claim(
        chain,
        tuple(mine),
        deciding,
        answer,
        _pick_notice(chain, answer),
        _fold([link.accepts_item for link in mine]),
        _fold([link.accepts_rebill for link in mine]),
    )


def _deciding(mine: Sequence[Link]) -> tuple[Link, ...]:
    """The messages on which the two answers rest: for each the best proved one that says it, and every later doubtful word.

    The acceptance may be spread over messages (M-g). What came before it is not needed, so it need not be proved.
    """
    said = [link for link in mine if link.accepts_item or link.accepts_rebill]
    if not said:
        return tuple(mine[-1:])
    needed = {_supplier([link.accepts_item for link in said], said), _supplier([link.accepts_rebill for link in said], said)}
    newest = max(needed)
    doubtful = (Answer.NO, Answer.CONDITIONAL, Answer.UNCLEAR)
    return tuple(
        link
        for index, link in enumerate(said)
        if index in needed
        or (index > newest and (link.tier != 1 or link.accepts_item in doubtful or link.accepts_rebill in doubtful))
    )


def _supplier(answers: Sequence[Answer | None], said: Sequence[Link]) -> int:
    """The message that gives one of the two answers: the last clear word, or the best proved of those that say yes in a row."""
    clear = [index for index, answer in enumerate(answers) if answer not in (None, Answer.UNCLEAR)]
    if not clear:
        return len(said) - 1
    if answers[clear[-1]] is not Answer.YES:
        return clear[-1]
    start = next((index for index in reversed(clear) if answers[index] is not Answer.YES), -1)
    row = [index for index in clear if index > start]
    return min(row, key=lambda index: (_proof(said[index])[0], said[index].tier != 1, -index))


def _pick_notice(chain: ConfirmationChain, answer: Link | None) -> Notice | None:
    """The notice an answer belongs to: by reference or token, else the order's newest that is not younger than the answer."""
    if answer:
        for notice in chain.notices:
            if (notice.message_id and notice.message_id in answer.references) or (
                notice.token and notice.token == answer.token
            ):
                return notice
    # What we sent ourselves is the notice; one that only the seller shows beside it may be made up, with any date.
    sent = any(n.how == "sent" for n in chain.notices)
    known = [n for n in chain.notices if n.how in ("sent", "quoted") or not sent]
    complete = [n for n in known if not notice_lacks(n.text, chain.order)]
    pool = complete or known
    skew = NO_ZONE if answer and answer.how == "inline" else CLOCK_SKEW
    earlier = [n for n in pool if not (answer and answer.at and n.sent_at) or n.sent_at <= answer.at + skew]
    candidates = earlier or pool
    return candidates[-1] if candidates else None


def verify_chain(chain: ConfirmationChain) -> ChainVerdict:
    """Run every check. Grade says how well the buyer's message is proved; the verdict says whether the whole holds."""
    claim = _claim(chain)
    defects = tuple(dict.fromkeys(defect for check in CHECKS for defect in check(claim)))
    grade = max((_proof(link)[0] for link in claim.deciding), default=Grade.D)
    weights = {defect.weight for defect in defects}
    verdict: Literal["verified", "claimed", "rejected", "insufficient"]
    if Weight.REJECTS in weights or grade is Grade.E:
        verdict = "rejected"
    elif Weight.LACKS in weights:
        verdict = "insufficient"
    elif weights or grade not in (Grade.A, Grade.B):
        verdict = "claimed"
    else:
        verdict = "verified"
    proof = None
    if verdict == "verified" and chain.order and claim.answer and claim.notice:
        proof = VerifiedChain(chain.order, grade, claim.answer, claim.notice, seal=_SEAL)
    return ChainVerdict(
        verdict, grade, defects, claim.accepts_item, claim.accepts_rebill, claim.answer, claim.notice, proof, claim.deciding
    )


def confirm_by_two(chain: ConfirmationChain, *, first: str, second: str, reason: str) -> VerifiedChain | ChainDefect:
    """What two people make of a claimed chain (CHAIN_MANUAL): proof with their names, or the defect that forbids it."""
    outcome = verify_chain(chain)
    if outcome.verdict == "verified" and outcome.proof:
        return outcome.proof
    blocking = [d for d in outcome.defects if d.weight is not Weight.DOUBTS]
    if blocking or not (outcome.answer and outcome.notice and chain.order):
        return blocking[0] if blocking else _defect("ANSWER_MISSING")
    if not first or not second or first == second or not reason.strip():
        return _defect("CONSENT_NOT_PROVED", "two different people and a reason are needed")
    return VerifiedChain(
        chain.order,
        outcome.grade,
        outcome.answer,
        outcome.notice,
        confirmed_by=first,
        second_person=second,
        reason=reason,
        seal=_SEAL,
    )


def defects_page() -> str:
    """docs/chain-defects.md, generated."""
    meanings = {
        Weight.REJECTS: "the chain is rejected",
        Weight.LACKS: "the chain is insufficient",
        Weight.DOUBTS: "claimed at best: a person decides",
    }
    rows = "\n".join(f"| `{code}` | {sentence} | {meanings[weight]} |" for code, (weight, sentence) in DEFECTS.items())
    return (
        "# Defects of a confirmation chain\n\nGenerated from `supportbot/casework/chain.py` by `make docs`. Every check runs "
        "and all defects are listed; the weightiest decides. A chain without a defect, of grade A or B, is verified.\n\n"
        f"| code | what is wrong | so |\n|---|---|---|\n{rows}\n"
    )
