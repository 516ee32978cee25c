"""From a received mail to the chain it claims: who signed what, what the buyer wrote in it, which notice it answers.

    raw --examine--> Letter --gather_chain--> ConfirmationChain --casework.chain.verify_chain--> ChainVerdict

`examine` needs keys (DNS or an archive) and so runs before any transaction; `gather_chain` needs only records.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from supportbot.casework.chain import ConfirmationChain, Grade, LaterWords, Link, Notice, notice_lacks
from supportbot.casework.facts import Answer, Reading, Role, ThreadContext
from supportbot.casework.linking import ThreadRecords
from supportbot.casework.order import Order
from supportbot.errors import UnreadableMail
from supportbot.mail.arc import arc_advice
from supportbot.mail.auth import authenticated_as
from supportbot.mail.message import (
    Authentication,
    DkimVerdict,
    Forwarded,
    InboundMessage,
    Label,
    Segment,
    same_address,
)
from supportbot.mail.origin import networks_of_origin
from supportbot.mail.parse import MAX_SIZE, relabel
from supportbot.mail.plainly import read_plainly
from supportbot.mail.signature import KeyOf, NoKey, SignatureCheck, verify_signature
from supportbot.mail.thread import reply_token
from supportbot.store.rows import SentMail
from supportbot.triage.classify import Triage
from supportbot.triage.facts import numbers

Archive = Callable[[str], str | None]
"""From "selector._domainkey.domain" to the key that stood there once; None where none is on record."""

Reader = Callable[[bytes], InboundMessage]
"""From a mail's octets to what they say, whatever they are: the service hands in the one that reads in a child process."""


class MailReader(Protocol):
    """Reads mail, one or many; the service's reads it in a child process."""

    def read(self, raw: bytes) -> InboundMessage:
        """One mail. Raises `UnreadableMail`, `ReaderError`."""
        ...

    def read_all(self, raws: Iterable[bytes]) -> Generator[InboundMessage | UnreadableMail, None, None]:
        """Many mails, in order; takes a few of them beforehand and reads these meanwhile. Raises `ReaderError`."""
        ...


UNSIGNED = DkimVerdict("none", None, aligned=False)

SILENT = ("dkim-none", "dkim-key_unavailable", "dkim: key-unavailable", "dkim: key-missing", "dkim-by-archived-key")
"""How the reasons of `authenticated_as` begin that say nothing either way: no signature, or none that anybody can check."""

CONTRADICTING = (
    "dmarc-fail", "dmarc-for-other-domain", "several-dmarc", "from-not-", "encoded-word-in-address", "defect: duplicate-",
)  # fmt: skip
"""How the reasons begin that say somebody else may have written a mail in the name of its From."""


class Records(ThreadRecords, Protocol):
    """What is on record about orders and our own mail: the database, or the files of one command."""

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        """The orders of those ids, across marketplaces."""
        ...

    def orders_of(self, address: str) -> list[Order]:
        """Orders whose buyer or seller has this address."""
        ...

    def sent_answered_by(self, message: InboundMessage) -> list[SentMail]:
        """Mails of ours that the message answers, by Message-ID or reply token."""
        ...

    def sent_about(self, order_id: str) -> list[SentMail]:
        """Mails of ours about an order, oldest first."""
        ...

    def rules_of(self, order: Order) -> frozenset[str]:
        """The ids of the rules that have decided messages about an order."""
        ...

    def used_evidence(self, order: Order) -> frozenset[str]:
        """Digests of signatures and messages that have served another order."""
        ...

    def held_answers(self, order: Order) -> list[tuple[str, str]]:
        """Header Message-ID and new text of the buyer's own answers that we hold and that were verified."""
        ...

    def later_words(self, order: Order) -> LaterWords | None:
        """The newest mail in the buyer's name that does not accept both; None where a proved acceptance follows it."""
        ...

    def unread(self, order: Order, *, besides: str) -> tuple[int, ...]:
        """Messages in the buyer's name that wait for a person to read them, but for the one with the digest `besides`."""
        ...

    def own_addresses(self) -> tuple[str, ...]:
        """Addresses that our own mail is seen to come from, besides those of the settings."""
        ...

    def case_state(self, order: Order) -> str | None:
        """Where the order's re-bill case stands; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A received mail, read, with the verdict on its own signature and on those of the messages attached to it."""

    raw: bytes
    received: datetime
    message: InboundMessage
    sender: Authentication  # whether it is proved to come from its own From address
    signature: DkimVerdict = UNSIGNED  # our own check of it; not made where an authserv-id is trusted instead
    attached: tuple[DkimVerdict, ...] = ()  # one per `message.forwarded` with how "attached", in order
    inside: tuple[InboundMessage, ...] = ()  # these attached messages, each read by itself
    checks: tuple[SignatureCheck, ...] = ()  # the verdicts with their keys, to be kept

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def examine(
    raw: bytes,
    received: datetime,
    *,
    read: Reader,
    key_of: KeyOf,
    trusted_authserv_ids: Sequence[str],
    message: InboundMessage | UnreadableMail | None = None,
    archived: Archive = lambda _: None,
) -> Letter:
    """Read a mail, unless `message` is what was read of it before, and check its signatures. Raises what `read` raises.

    Where `key_of` has no key, `archived` is asked for one that stood there before: it makes weaker proof (grade C).
    """
    message = read(raw) if message is None else message
    if isinstance(message, UnreadableMail):
        raise message
    keys = _Keys(key_of, archived)
    own = UNSIGNED if trusted_authserv_ids else keys.verify(raw, received, 0)
    address = message.sender.address if message.sender else ""
    sender = authenticated_as(message, address, trusted_authserv_ids=trusted_authserv_ids, dkim=own)
    slices = [found.raw or b"" for found in message.forwarded if found.how == "attached"]
    attached = tuple(keys.verify(one, received, place) if one else UNSIGNED for place, one in enumerate(slices, 1))
    return Letter(raw, received, message, sender, own, attached, tuple(_read_each(slices, read)), tuple(keys.checks))


class _Keys:
    """Checks the signatures of one mail, and notes what each verdict rests on."""

    def __init__(self, key_of: KeyOf, archived: Archive) -> None:
        self._key_of, self._archived = key_of, archived
        self._found: dict[str, str] = {}
        self._from_archive: set[str] = set()
        self.checks: list[SignatureCheck] = []

    def verify(self, raw: bytes, received: datetime, place: int) -> DkimVerdict:
        """The verdict on a mail's own signatures."""
        verdict = verify_signature(raw, key_of=self._ask, received=received)
        arc = arc_advice(raw, key_of=self._ask)
        if verdict.key_name in self._from_archive:
            verdict = replace(verdict, key_source="archive")
        if verdict.result != "none" or arc != "none":
            self.checks.append(SignatureCheck(place, verdict, self._found.get(verdict.key_name or ""), arc))
        return verdict

    def _ask(self, name: str) -> str | NoKey | None:
        key = self._key_of(name)
        if not key or not isinstance(key, str):
            kept = self._archived(name)
            if kept is None:
                return key
            key = kept
            self._from_archive.add(name)
        self._found[name] = key
        return key


def _read_each(slices: Sequence[bytes], read: Reader) -> Iterator[InboundMessage]:
    """Attached messages stand in one another, so that together they may be many times the whole: beyond its limit, plainly."""
    octets = 0
    for one in slices:
        octets += len(one)
        yield read(one) if octets <= MAX_SIZE else read_plainly(one, "too-large")


def notice_asks(text: str) -> str:
    """How a notice asks: two question marks are two questions."""
    return "two_questions" if text.count("?") + text.count("？") > 1 else "one_sentence"


def gather_chain(
    letter: Letter,
    reading: Reading,
    order: Order | None,
    *,
    orders_named: int,
    records: Records,
    triage: Triage,
    own_addresses: Sequence[str],
    relay_domains: Sequence[str],
    bare_assent_counts: bool,
) -> ConfirmationChain:
    """Pick out of a mail what it claims: the buyer's messages, the notices they answer, who forwards them."""
    sent = records.sent_about(order.order_id) if order else []
    ours = [mail.body for mail in sent]
    buyer = order.buyer.addresses if order else ()
    sender = letter.message.sender.address if letter.message.sender else ""
    asked = [mail for mail in sent if any(same_address(to, address) for to in mail.to for address in buyer)]
    insiders = (*own_addresses, *records.own_addresses(), *(order.seller.addresses if order else ()))
    direct = any(same_address(sender, address) for address in buyer)
    notices = [
        Notice("sent", mail.body, mail.sent_at, mail.header_message_id, mail.order_id, mail.to, mail.token)
        for mail in asked  # one that went to somebody else told the buyer nothing
        if not notice_lacks(mail.body, None)
    ]
    value = order_value(order) if order else None
    context = ThreadContext(
        sender_role=Role.BUYER,
        answers_notice=True,
        notice_asks="two_questions" if notices and notice_asks(notices[-1].text) == "two_questions" else "one_sentence",
        amount=f"{value:.2f}" if value is not None else None,
        item_titles=tuple(item.title for item in order.lines if item.title) if order else (),
        known_order_ids=(order.order_id,) if order else (),
    )
    held = dict(records.held_answers(order)) if order else {}
    reader = _Reader(triage, context, ours, tuple(held.items()), relay_domains)
    links: list[Link] = []
    if direct:
        links.append(reader.direct(letter, reading))
    else:
        ours_or_sellers = {address.casefold() for address in (sender, *insiders)}
        read = iter(zip(letter.attached, letter.inside, strict=True))
        for found in _messages_inside(letter.message, ours):
            verdict, message = next(read) if found.how == "attached" else (UNSIGNED, None)
            author = found.sender.address if found.sender else ""
            if author.casefold() in ours_or_sellers or not author:
                notices.extend(_notice_in(found, order))
                continue
            links.append(reader.attached(message, found.raw or b"", verdict) if message else reader.inline(found))
    notices.extend(
        Notice("quoted", link.quoted, None) for link in links if link.quoted and not notice_lacks(link.quoted, order)
    )
    return ConfirmationChain(
        order=order,
        links=tuple(_with_quoted_orders(link, records, context) for link in links),
        notices=tuple(notices),
        received=letter.received,
        cover=None if direct else sender,
        cover_authenticated=None if direct else _cover(letter),
        cover_text="" if direct else letter.message.new_text,
        worth=value,
        insiders=insiders,
        issued_ids=frozenset(mail.header_message_id for mail in asked if mail.header_message_id),
        issued_tokens=frozenset(mail.token for mail in asked if mail.token),
        later_words=records.later_words(order) if order else None,
        unread=records.unread(order, besides=letter.sha256) if order else (),
        orders_named=orders_named,
        used_evidence=records.used_evidence(order) if order else frozenset(),
        bare_assent_counts=bare_assent_counts,
    )


def _with_quoted_orders(link: Link, records: Records, context: ThreadContext) -> Link:
    """An answer that names no order is about the order whose notice it quotes, though two orders travel in one parcel."""
    if link.order_ids or not link.quoted:
        return link
    quoted, _ = numbers(link.quoted, context.known_order_ids)
    return replace(link, order_ids=tuple(order.order_id for order in records.orders([one.value for one in quoted])))


def order_value(order: Order) -> Decimal | None:
    """What the buyer would be billed again: the cancelled-and-shipped units at their price; None where either is unknown."""
    units = [(order.cancelled_and_shipped_units(item), item.unit_price) for item in order.lines]
    if not units or any(count is None or price is None for count, price in units):
        return None
    return sum((count * price for count, price in units if count is not None and price is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one message of a chain into a Link."""

    triage: Triage
    context: ThreadContext
    ours: Sequence[str]
    held: tuple[tuple[str, str], ...]
    relay_domains: Sequence[str]

    def _link(self, message: InboundMessage, reading: Reading, **found: object) -> Link:
        facts = reading.facts
        base = Link(
            message_id=message.message_id,
            sender=message.sender.address if message.sender else "",
            how="inline",
            text=message.new_text,
            at=message.date,
            dkim=UNSIGNED,
            accepts_item=facts.accepts_item,
            accepts_rebill=facts.accepts_rebill,
            evidence=tuple(e for e in reading.evidence if e.fact in ("accepts_item", "accepts_rebill")),
            tier=reading.tier,
            bare_assent=facts.bare_assent,
            automated=facts.automated or message.automated_reason is not None,
            boundary_certain=message.boundary_certain,
            order_ids=facts.order_ids,
            references=tuple(filter(None, (message.in_reply_to, *message.references))),
            token=reply_token([box.address for box in (*message.to, *message.cc)]),
            to=tuple(box.address for box in (*message.to, *message.cc)),
            quoted=message.quoted_text,
            networks=networks_of_origin(message.headers),
        )
        if self._signature_speaks(message, reading):
            base = replace(base, boundary_certain=False)
        return replace(base, **found)  # type: ignore[arg-type]  # the keywords are Link's own fields

    def _signature_speaks(self, message: InboundMessage, reading: Reading) -> bool:
        """Whether an acceptance goes on below the signature's mark, where nobody reads: "I accept. -- But only if ..."."""
        facts, below = reading.facts, message.signature.strip().lstrip("-").strip()
        if not below or facts.accepts_item is not Answer.YES or facts.accepts_rebill is not Answer.YES:
            return False
        alone, whole = (self._read_as_new(message, text) for text in (below, f"{message.new_text}\n{below}"))
        speaks = {alone.facts.accepts_item, alone.facts.accepts_rebill} - {None, Answer.UNCLEAR}
        takes_back = {whole.facts.accepts_item, whole.facts.accepts_rebill} & {Answer.NO, Answer.CONDITIONAL}
        return bool(speaks or takes_back)

    def _read_as_new(self, message: InboundMessage, text: str) -> Reading:
        return self.triage.read(
            replace(message, body=text, segments=(Segment(0, len(text), Label.NEW, "written"),)), self.context
        )

    def direct(self, letter: Letter, reading: Reading) -> Link:
        message = letter.message
        if "cc" not in letter.signature.signed:
            message = replace(message, cc=())  # whoever sends a mail once more may write our token there
        contradiction = next((reason for reason in letter.sender.reasons if reason.startswith(CONTRADICTING)), None)
        return self._link(
            message,
            reading,
            how="direct",
            at=letter.received,
            dkim=letter.signature,
            authenticated=letter.sender.passed,
            contradiction=contradiction,
            raw_sha256=letter.sha256,
        )

    def attached(self, message: InboundMessage, raw: bytes, verdict: DkimVerdict) -> Link:
        message = relabel(message, self.ours)
        relay = bool(verdict.domain and any(_under(verdict.domain, domain) for domain in self.relay_domains))
        if verdict.result == "pass":
            message = _without_unsigned(message, verdict.signed)
        doubled = next((defect for defect in message.defects if defect.startswith("duplicate-")), None)
        return self._link(
            message,
            self.triage.read(message, self.context),
            how="attached",
            dkim=verdict,
            relay=relay,
            contradiction=doubled,
            raw_sha256=hashlib.sha256(raw).hexdigest(),
        )

    def inline(self, found: Forwarded) -> Link:
        text = found.body
        message = InboundMessage(
            sender=found.sender,
            to=(),
            cc=(),
            reply_to=None,
            subject=found.subject,
            date=found.date,
            message_id=found.message_id,
            in_reply_to=None,
            references=(),
            body=text,
            segments=(Segment(0, len(text), Label.NEW, "forwarded-body"),) if text else (),
            boundary_certain=True,
        )
        folded = " ".join(relabel(message, self.ours).new_text.split()).casefold()
        same = any(" ".join(words.split()).casefold() == folded for _, words in self.held if folded)
        return self._link(message, self.triage.read(message, self.context), same_as_held=Grade.A if same else None)


def _without_unsigned(message: InboundMessage, signed: frozenset[str]) -> InboundMessage:
    """The message without what whoever passes it on may have written above it: fields that tie it to a case or a reader."""
    return replace(
        message,
        cc=message.cc if "cc" in signed else (),
        in_reply_to=message.in_reply_to if "in-reply-to" in signed else None,
        references=message.references if "references" in signed else (),
    )


def _messages_inside(message: InboundMessage, ours: Sequence[str]) -> tuple[Forwarded, ...]:
    """The messages that a chain holds; those pasted below without any mark of a forward are read as if it had one."""
    if any(found.how == "inline" for found in message.forwarded):
        return message.forwarded
    return relabel(replace(message, subject=f"Fwd: {message.subject}"), ours).forwarded


def _cover(letter: Letter) -> bool | None:
    """Whether the cover mail is the seller's. A cover without any signature proves nothing and disproves nothing: what pays is
    the buyer's own signature inside. A failed one, or no word from the provider that should have looked, is a doubt."""
    if letter.sender.passed:
        return True
    reasons = [reason for reason in letter.sender.reasons if reason != "dkim-fail"]
    return None if reasons and all(reason.startswith(SILENT) for reason in reasons) else False


def _under(domain: str, parent: str) -> bool:
    return domain.casefold() == parent.casefold() or domain.casefold().endswith("." + parent.casefold())


def _notice_in(found: Forwarded, order: Order | None) -> Iterator[Notice]:
    """A forwarded message by the seller or by us that reads like the notice."""
    if not notice_lacks(found.body, order):
        yield Notice(found.how, found.body, found.date, found.message_id, to=found.to)
