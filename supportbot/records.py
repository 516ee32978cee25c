"""What is on record, for one decision: in the database (`StoreRecords`), or in the files of one command (`FileRecords`)."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from supportbot.casework.chain import LaterWords
from supportbot.casework.facts import Answer, Kind
from supportbot.casework.linking import Mark, MarkedThread, Thread
from supportbot.casework.order import Marketplace, Order, bare_order_id
from supportbot.errors import UsageError
from supportbot.mail.headers import decode_words
from supportbot.mail.message import InboundMessage, same_address
from supportbot.mail.parse import read_message
from supportbot.mail.plainly import read_plainly
from supportbot.mail.thread import case_tag, reply_token
from supportbot.store.columns import fold
from supportbot.store.rows import CaseRow, MessageRow, SentMail, StoredOrder
from supportbot.store.store import Transaction
from supportbot.triage.facts import numbers

REBILL = "rebill"
_MOST_NAMED = 20  # order ids of one mail in quarantine that are looked up
_CONSENT = frozenset({"accepts_item", "accepts_rebill"})
_ANSWERS = (Kind.REBILL_REPLY, Kind.RETURN_REFUND)


class StoreRecords:
    """The records of the database, as one transaction sees them; for one decision, so what is asked twice is read once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._key: dict[tuple[Marketplace, str], int] = {}
        self._by_id: dict[str, list[StoredOrder]] = {}  # by the id as `fold` has it
        self._of: dict[str, list[Order]] = {}
        self._case_of: dict[int, CaseRow | None] = {}

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        self._read([form for order_id in order_ids for form in (order_id, *_spellings(order_id))])
        found = self._find(order_ids)
        named = {bare_order_id(stored.order.order_id) for stored in found}
        missing = [i for i in order_ids if bare_order_id(i) not in named]
        found += self._find([form for i in missing for form in _spellings(i)])
        return [stored.order for stored in found]

    def _find(self, order_ids: Sequence[str]) -> list[StoredOrder]:
        wanted = dict.fromkeys(map(fold, order_ids))
        self._read(wanted)
        return sorted((stored for order_id in wanted for stored in self._by_id[order_id]), key=lambda stored: stored.key)

    def _read(self, order_ids: Iterable[str]) -> None:
        """Take from the database what is not known yet, all of it at once."""
        new = [order_id for order_id in dict.fromkeys(map(fold, order_ids)) if order_id not in self._by_id]
        self._by_id |= {order_id: [] for order_id in new}
        for stored in self._tx.find_orders(new):
            self._by_id[fold(stored.order.order_id)].append(stored)
            self._key[stored.order.marketplace, stored.order.order_id] = stored.key

    def orders_of(self, address: str) -> list[Order]:
        if address not in self._of:
            found = self._tx.orders_of(address)
            self._key |= {(stored.order.marketplace, stored.order.order_id): stored.key for stored in found}
            self._of[address] = [stored.order for stored in found]
        return self._of[address]

    def sent_answered_by(self, message: InboundMessage) -> list[SentMail]:
        ids = [i for i in (message.in_reply_to, *message.references) if i]
        token = _token(message)
        found = self._tx.sent_mail(header_message_ids=ids) if ids else []
        return found or (self._tx.sent_mail(token=token) if token else [])

    def marked_threads(
        self,
        *,
        message_ids: Sequence[str],
        tokens: Sequence[str],
        case_id: str | None,
        orders: Sequence[tuple[str, Sequence[str]]],
    ) -> list[MarkedThread]:
        tx = self._tx
        ours = {mail.header_message_id: mail for mail in (tx.sent_mail(header_message_ids=message_ids) if message_ids else ())}
        by_token = {mail.header_message_id: mail for token in tokens for mail in tx.sent_mail(token=token)}
        holding = tx.threads_of([*message_ids, *by_token])
        named: list[tuple[Mark, str, int, SentMail | None]] = []
        for distance, message_id in enumerate(message_ids):
            mark = Mark.OUR_MESSAGE_ID if message_id in ours else Mark.THEIR_MESSAGE_ID
            named += [(mark, found, distance, ours.get(message_id)) for found in holding.get(message_id, ())]
        named += [(Mark.TOKEN, found, 0, mail) for sent, mail in by_token.items() for found in holding.get(sent, ())]
        named += [(Mark.CASE_TAG, found, 0, None) for found in (tx.threads_of_case(case_id) if case_id else ())]
        about = [found for order_id, addresses in orders for found in tx.threads_about(order_id, addresses)]
        named += [(Mark.ORDER, found, 0, None) for found in dict.fromkeys(about)]
        threads = tx.threads(thread_id for _, thread_id, _, _ in named)
        return [
            MarkedThread(mark, _of_mail(threads[thread_id], mail, case_id if mark is Mark.CASE_TAG else None), distance)
            for mark, thread_id, distance, mail in named
            if thread_id in threads
        ]

    def sent_about(self, order_id: str) -> list[SentMail]:
        cases = [self._case(found.key) for found in self._find([order_id])]
        return [mail for case in cases if case for mail in self._tx.sent_mail(case_id=case.id)]

    def rules_of(self, order: Order) -> frozenset[str]:
        return self._tx.rules_of(order.order_id)

    def used_evidence(self, order: Order) -> frozenset[str]:
        return frozenset(d for key in self._keys(order) for d in self._tx.evidence_used_elsewhere(key))

    def held_answers(self, order: Order) -> list[tuple[str, str]]:
        return [
            (row.header_message_id, str(row.details.get("new_text", "")))
            for row in self._in_buyers_name(order)
            if row.header_message_id and _told(row, "chain", "verdict") == "verified"
        ]

    def later_words(self, order: Order) -> LaterWords | None:
        """Words that a person reads otherwise than the program are a doubt; where people have put a mail, it still speaks."""
        put_right = [row for row in self._tx.put_right(_ANSWERS) if _in_name_of(row, order)]
        rows = {row.id: row for row in (*self._in_buyers_name(order), *put_right)}
        for row in sorted(rows.values(), key=lambda row: row.id, reverse=True):
            answers = {_told(row, "facts", "accepts_item"), _told(row, "facts", "accepts_rebill")}
            proved = _told(row, "authentication", "passed") is True
            if any(made.kind != made.was_kind or made.facts.keys() & _CONSENT for made in self._tx.corrections_of(row.id)):
                return LaterWords(row.received, proved, refuses=False)
            if answers != {Answer.YES.value}:
                refuses = Answer.NO.value in answers or row.kind == Kind.RETURN_REFUND
                return LaterWords(row.received, proved, refuses)
            if proved:
                return None
        return None

    def _in_buyers_name(self, order: Order) -> Iterator[MessageRow]:
        """What is held of the buyer's answers, newest first: by the address they give, proved or not."""
        for key in self._keys(order):
            case = self._case(key)
            for row in self._tx.answers_in(case.id, _ANSWERS) if case else []:
                if _in_name_of(row, order):
                    yield row

    def unread(self, order: Order, *, besides: str) -> tuple[int, ...]:
        cases = [self._case(key) for key in self._keys(order)]
        case = next((case for case in cases if case), None)
        proving = self._tx.message_of(besides)
        return tuple(unread_of_buyer(self._tx, order, case.id if case else "", besides=proving))

    def case_state(self, order: Order) -> str | None:
        cases = [self._case(key) for key in self._keys(order)]
        return next((case.state for case in cases if case), None)

    def own_addresses(self) -> tuple[str, ...]:
        return ()

    def _case(self, key: int) -> CaseRow | None:
        if key not in self._case_of:
            self._case_of[key] = self._tx.case_of_order(key, REBILL)
        return self._case_of[key]

    def _keys(self, order: Order) -> list[int]:
        if (order.marketplace, order.order_id) not in self._key:
            self._find([order.order_id])
        key = self._key.get((order.marketplace, order.order_id))
        return [] if key is None else [key]


def _in_name_of(row: MessageRow, order: Order) -> bool:
    return any(same_address(row.sender or "", address) for address in order.buyer.addresses)


def unread_about(tx: Transaction, order: Order, case_id: str, *, besides: int | None = None) -> list[int]:
    """Messages about an order that wait for a person to read them, but for the seller's own, who is to be paid; and what
    lies in quarantine in the buyer's name or about the order."""
    return [
        row.id
        for row in tx.unread_about(case_id, order.order_id, order.buyer.addresses, besides=besides)
        if row.state == "quarantined" or not any(same_address(row.sender or "", one) for one in order.seller.addresses)
    ]


def unread_of_buyer(tx: Transaction, order: Order, case_id: str, *, besides: int | None = None) -> list[int]:
    """Of these, what is in the name of the order's buyer, or of nobody, and what lies in quarantine."""
    return [
        row.id
        for row in tx.unread_about(case_id, order.order_id, order.buyer.addresses, besides=besides)
        if not row.sender
        or row.state == "quarantined"
        or any(same_address(row.sender, address) for address in order.buyer.addresses)
    ]


def read_for_quarantine(tx: Transaction, raw: bytes) -> tuple[str | None, str | None]:
    """Whose a mail in quarantine is, and the known order that it names first: a plain reading, which proves nothing."""
    message = read_plainly(raw, "unworked")
    named, _ = numbers(f"{decode_words(message.subject)}\n{_decoded(message)}")
    orders = StoreRecords(tx).orders(tuple(dict.fromkeys(one.value for one in named))[:_MOST_NAMED])
    return message.sender.address if message.sender else None, orders[0].order_id if orders else None


def _decoded(message: InboundMessage) -> str:
    """The words of a plainly read mail, its whole body taken out of base64 where the header says so."""
    if "base64" not in " ".join(message.header("content-transfer-encoding")).lower():
        return message.body
    packed = re.sub(r"[^A-Za-z0-9+/]", "", message.body)
    return base64.b64decode(packed[: len(packed) // 4 * 4]).decode("utf-8", "replace")


def _of_mail(thread: Thread, mail: SentMail | None, tagged: str | None) -> Thread:
    """The thread as one mail of ours in it, or the tag of one case, names it: of a thread's cases and orders, that one's."""
    case_id = tagged or (mail.case_id if mail else None)
    return thread if case_id is None else replace(thread, case_id=case_id)


def _told(row: MessageRow, part: str, name: str) -> object:
    """One entry of what the desk noted about a message; None where it noted nothing of the kind."""
    noted = row.details.get(part)
    return noted.get(name) if isinstance(noted, Mapping) else None


class FileRecords:
    """Records from an orders file and a folder of the mails we sent. Everything in that folder counts as issued by us."""

    def __init__(self, orders: Sequence[Order], sent: Sequence[SentMail] = (), *, own_addresses: Sequence[str] = ()) -> None:
        self._own_addresses = tuple(own_addresses)
        self._orders = tuple(orders)
        self._sent = sorted(sent, key=lambda mail: mail.sent_at)

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        wanted = {bare_order_id(order_id) for order_id in order_ids}
        return [order for order in self._orders if bare_order_id(order.order_id) in wanted]

    def orders_of(self, address: str) -> list[Order]:
        return [
            order
            for order in self._orders
            if any(same_address(address, a) for a in (*order.buyer.addresses, *order.seller.addresses))
        ]

    def sent_answered_by(self, message: InboundMessage) -> list[SentMail]:
        ids = {i for i in (message.in_reply_to, *message.references) if i}
        token = _token(message)
        return [m for m in self._sent if m.header_message_id in ids or (token is not None and m.token == token)]

    def marked_threads(
        self,
        *,
        message_ids: Sequence[str],
        tokens: Sequence[str],
        case_id: str | None,
        orders: Sequence[tuple[str, Sequence[str]]],
    ) -> list[MarkedThread]:
        """What we sent about one order is a thread, and so is each mail that is about none."""
        at = {message_id: distance for distance, message_id in reversed(list(enumerate(message_ids)))}
        wanted = {bare_order_id(order_id) for order_id, _ in orders}
        found: list[MarkedThread] = []
        for mail in self._sent:
            thread = self._thread(mail)
            if mail.header_message_id in at:
                found.append(MarkedThread(Mark.OUR_MESSAGE_ID, thread, at[mail.header_message_id]))
            if mail.token is not None and mail.token in tokens:
                found.append(MarkedThread(Mark.TOKEN, thread))
            if case_id is not None and case_tag(mail.subject) == case_id:
                found.append(MarkedThread(Mark.CASE_TAG, thread))
            if mail.order_id is not None and bare_order_id(mail.order_id) in wanted:
                found.append(MarkedThread(Mark.ORDER, thread))
        return found

    def _thread(self, mail: SentMail) -> Thread:
        mails = [mail] if mail.order_id is None else [other for other in self._sent if other.order_id == mail.order_id]
        return Thread(
            thread_id=mail.order_id or mail.header_message_id,
            title=mails[0].subject,
            latest=mails[-1].sent_at,
            order_ids=(mail.order_id,) if mail.order_id else (),
            written_to=tuple(dict.fromkeys(address for other in mails for address in other.to)),
        )

    def sent_about(self, order_id: str) -> list[SentMail]:
        return [mail for mail in self._sent if (mail.order_id or "").casefold() == order_id.casefold()]

    def rules_of(self, order: Order) -> frozenset[str]:
        return frozenset()

    def used_evidence(self, order: Order) -> frozenset[str]:
        return frozenset()

    def held_answers(self, order: Order) -> list[tuple[str, str]]:
        return []

    def later_words(self, order: Order) -> LaterWords | None:
        return None

    def unread(self, order: Order, *, besides: str) -> tuple[int, ...]:
        return ()

    def own_addresses(self) -> tuple[str, ...]:
        return self._own_addresses

    def case_state(self, order: Order) -> str | None:
        return None


def _spellings(order_id: str) -> tuple[str, ...]:
    """The ways in which a record may write an order id that a mail writes without, or with, its `PO`."""
    bare = bare_order_id(order_id)
    return (bare, f"PO-{bare}", f"PO{bare}", f"PO#{bare}", f"PO {bare}", f"#{bare}")


def _token(message: InboundMessage) -> str | None:
    """The reply token of the address the message was sent to."""
    return reply_token([box.address for box in (*message.to, *message.cc)])


def records_from_files(orders: Sequence[Order], sent: Path | None) -> FileRecords:
    """Records of an orders file and a `--sent` folder (`.eml`); each mail is matched to the order it names or whose buyer it
    went to, and the addresses it came from are ours. Raises `UsageError` where the folder cannot be read."""
    if sent is None:
        return FileRecords(orders)
    if not sent.is_dir():
        raise UsageError(f"--sent {sent}: expected a folder with the mails we sent (.eml)")
    try:
        mails = [(path, read_message(path.read_bytes())) for path in sorted(sent.rglob("*.eml"))]
    except OSError as error:
        raise UsageError(f"--sent {error.filename}: {error.strerror}") from None
    own = {box.address for _, mail in mails for box in (mail.sender, mail.reply_to) if box}
    return FileRecords(orders, [_sent(path, mail, orders) for path, mail in mails], own_addresses=sorted(own))


def _sent(path: Path, message: InboundMessage, orders: Sequence[Order]) -> SentMail:
    to = tuple(box.address for box in message.to)
    named = [order for order in orders if _names(f"{message.subject}\n{message.body}", order.order_id)]
    addressed = [order for order in orders if any(same_address(a, b) for a in order.buyer.addresses for b in to)]
    order = named[0] if len(named) == 1 else (addressed[0] if len(addressed) == 1 else None)
    reply_to = [message.reply_to.address] if message.reply_to else []
    return SentMail(
        header_message_id=message.message_id or "",
        token=reply_token(reply_to),
        template="",
        order_id=order.order_id if order else None,
        case_id=None,
        to=to,
        subject=message.subject,
        body=message.body,
        sent_at=message.date or datetime.fromtimestamp(path.stat().st_mtime, UTC),
    )


def _names(text: str, order_id: str) -> bool:
    """Whether the whole order id stands in the text, not as a part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(order_id)}(?![\w-])", text, re.IGNORECASE) is not None
