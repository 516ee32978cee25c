"""What is on record, for one decision: in the database (`StoreRecords`), or in the files of one command (`FileRecords`)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from supportbot.casework.facts import Kind
from supportbot.casework.order import Order
from supportbot.mail.message import InboundMessage, same_address
from supportbot.mail.parse import read_message
from supportbot.mail.thread import reply_token
from supportbot.store.rows import SentMail
from supportbot.store.store import Transaction

REBILL = "rebill"


class StoreRecords:
    """The records of the database, as one transaction sees them."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        return [found.order for found in self._tx.find_orders(order_ids)] if order_ids else []

    def orders_of(self, address: str) -> list[Order]:
        return [found.order for found in self._tx.orders_of(address)]

    def sent_answered_by(self, message: InboundMessage) -> list[SentMail]:
        ids = [i for i in (message.in_reply_to, *message.references) if i]
        token = _token(message)
        found = self._tx.sent_mail(header_message_ids=ids) if ids else []
        return found or (self._tx.sent_mail(token=token) if token else [])

    def sent_about(self, order_id: str) -> list[SentMail]:
        cases = [self._tx.case_of_order(found.key, REBILL) for found in self._tx.find_orders([order_id])]
        return [mail for case in cases if case for mail in self._tx.sent_mail(case_id=case.id)]

    def used_evidence(self, order: Order) -> frozenset[str]:
        return frozenset(d for key in self._keys(order) for d in self._tx.evidence_used_elsewhere(key))

    def held_answers(self, order: Order) -> list[tuple[str, str]]:
        answers: list[tuple[str, str]] = []
        for key in self._keys(order):
            case = self._tx.case_of_order(key, REBILL)
            for row in self._tx.messages(case_id=case.id) if case else []:
                proved = (row.details.get("authentication") or {}).get("passed")
                mine = any(same_address(row.sender or "", address) for address in order.buyer.addresses)
                if row.kind == Kind.REBILL_REPLY and proved and mine and row.header_message_id:
                    answers.append((row.header_message_id, str(row.details.get("new_text", ""))))
        return answers

    def case_state(self, order: Order) -> str | None:
        cases = [self._tx.case_of_order(key, REBILL) for key in self._keys(order)]
        return next((case.state for case in cases if case), None)

    def _keys(self, order: Order) -> list[int]:
        return [s.key for s in self._tx.find_orders([order.order_id]) if s.order.marketplace == order.marketplace]


class FileRecords:
    """Records from an orders file and a folder of the mails we sent. Everything in that folder counts as issued by us."""

    def __init__(self, orders: Sequence[Order], sent: Sequence[SentMail] = ()) -> None:
        self._orders = {order.order_id.casefold(): order for order in orders}
        self._sent = sorted(sent, key=lambda mail: mail.sent_at)

    def orders(self, order_ids: Sequence[str]) -> list[Order]:
        found = (self._orders.get(order_id.casefold()) for order_id in order_ids)
        return list({order.order_id: order for order in found if order}.values())

    def orders_of(self, address: str) -> list[Order]:
        return [
            order
            for order in self._orders.values()
            if any(same_address(address, a) for a in (*order.buyer.addresses, *order.seller.addresses))
        ]

    def sent_answered_by(self, message: InboundMessage) -> list[SentMail]:
        ids = {i for i in (message.in_reply_to, *message.references) if i}
        token = _token(message)
        return [m for m in self._sent if m.header_message_id in ids or (token is not None and m.token == token)]

    def sent_about(self, order_id: str) -> list[SentMail]:
        return [mail for mail in self._sent if (mail.order_id or "").casefold() == order_id.casefold()]

    def used_evidence(self, order: Order) -> frozenset[str]:
        return frozenset()

    def held_answers(self, order: Order) -> list[tuple[str, str]]:
        return []

    def case_state(self, order: Order) -> str | None:
        return None


def _token(message: InboundMessage) -> str | None:
    """The reply token of the address the message was sent to."""
    return reply_token([box.address for box in (*message.to, *message.cc)])


def sent_from_folder(folder: Path, orders: Sequence[Order]) -> list[SentMail]:
    """The mails of a `--sent` folder (`.eml`), each matched to the order it names or whose buyer it went to."""
    return [_sent(path, orders) for path in sorted(folder.rglob("*.eml"))]


def _sent(path: Path, orders: Sequence[Order]) -> SentMail:
    message = read_message(path.read_bytes())
    to = tuple(box.address for box in message.to)
    words = f"{message.subject}\n{message.body}".casefold()
    named = [order for order in orders if order.order_id.casefold() in words]
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


def keys_from(archive: Mapping[str, str]) -> "dict[str, str]":
    """A key archive by lower-cased name without a trailing dot, as `--dkim-keys` gives it."""
    return {name.rstrip(".").casefold(): value for name, value in archive.items()}
