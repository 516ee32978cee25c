"""A small world in a store: an order cancelled but shipped, its case, the buyer's answer, people."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from supportbot.casework.facts import Evidence
from supportbot.casework.order import Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.mail.message import UidPosition
from supportbot.ports import Fetched
from supportbot.store import MemoLine, MemoRow, Transaction

RECEIVED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LINES = (MemoLine("1", 2, Decimal("19.95")), MemoLine("2", 1, Decimal("100.00")))
CAP = Decimal("139.90")
BOTH = (
    Evidence("accepts_item", "I accept the item", 0, 17, "item"),
    Evidence("accepts_rebill", "and the charge", 18, 32, "rebill"),
)


def fetched(uid: int, raw: bytes | None, *, folder: str = "INBOX", uidvalidity: int = 1) -> Fetched:
    return Fetched(folder, UidPosition(uidvalidity, uid), RECEIVED, 30_000_000 if raw is None else len(raw), raw)


def an_order(order_id: str = "PO-1", **changes: Any) -> Order:
    values: dict[str, Any] = {
        "marketplace": Marketplace.MEMBER_CLUB,
        "order_id": order_id,
        "lines": (
            OrderLine(
                "1",
                sku="S-1",
                title="Lamp",
                quantity=2,
                unit_price=Decimal("19.95"),
                cancelled_quantity=2,
                left_warehouse_quantity=2,
            ),
            OrderLine(
                "2",
                sku="S-2",
                title="Table",
                quantity=1,
                unit_price=Decimal("100.00"),
                cancelled_quantity=1,
                left_warehouse_quantity=1,
            ),
        ),
        "currency": "USD",
        "buyer": Buyer("Bea", "bea@example.test", "relay-1@relay.example.test"),
        "seller": Seller("s-1", "Sam's Lamps", ("sam@seller.test",)),
        "shipments": (Shipment("UPS", "1Z999", datetime(2026, 2, 20, tzinfo=UTC), True),),
    }
    return Order(**{**values, **changes})


@dataclass(frozen=True)
class Opened:
    """A case and the buyer's message in it."""

    case_id: str
    order_key: int
    message_id: int


def open_case(tx: Transaction, order_id: str = "PO-1", **changes: Any) -> Opened:
    """An order, its case and one message of the buyer."""
    tx.import_orders([an_order(order_id, **changes)])
    key = tx.find_orders([order_id])[0].key
    message_id = tx.keep_file("in", f"I accept, {order_id}".encode(), RECEIVED).message_id
    case = tx.open_case(
        order_key=key, type="rebill", state="NOTICE_DUE", thread_id=None, actor="supportbot", message_id=None, reason="shipped"
    )
    return Opened(case.id, key, message_id)


def accept(tx: Transaction, opened: Opened, **changes: Any) -> str:
    """A verified acceptance of both, grade A, unless changed."""
    values: dict[str, Any] = {
        "case_id": opened.case_id,
        "order_key": opened.order_key,
        "message_id": opened.message_id,
        "item": True,
        "rebill": True,
        "verified": True,
        "grade": "A",
        "buyer_address": "bea@example.test",
        "signature_sha256": hashlib.sha256(opened.case_id.encode()).hexdigest(),
        "evidence": BOTH,
        "notice_message_id": "<notice@example.test>",
    }
    return tx.record_acceptance(**{**values, **changes})


def open_memo(tx: Transaction, opened: Opened, acceptance_id: str, **changes: Any) -> MemoRow:
    """The credit memo for both lines, unless changed."""
    values: dict[str, Any] = {
        "case_id": opened.case_id,
        "order_key": opened.order_key,
        "acceptance_id": acceptance_id,
        "memo_gate": "rebill_confirmed",
        "lines": LINES,
        "currency": "USD",
        "cap": CAP,
        "actor": "supportbot",
    }
    return tx.open_memo(**{**values, **changes})


def add_people(tx: Transaction) -> None:
    """Rita reviews, Ann and Abe approve, Sam belongs to the seller, Vic only looks."""
    tx.add_user("rita", "reviewer")
    tx.add_user("ann", "approver")
    tx.add_user("abe", "admin")
    tx.add_user("sam", "approver", seller_id="s-1")
    tx.add_user("vic", "viewer")


def add_draft(tx: Transaction, business_key: str = "notice:PO-1", **changes: Any) -> str | None:
    """A draft to the buyer that may be approved, unless changed."""
    values: dict[str, Any] = {
        "message_id": None,
        "case_id": None,
        "order_id": "PO-1",
        "template": "m_notice",
        "rule": "M-20",
        "language": "en",
        "to": ("Bea@Example.test",),
        "subject": "Your order PO-1",
        "body": "It was cancelled, but it has shipped.",
        "findings": (),
        "why": "cancelled but shipped",
        "token": None,
        "in_reply_to": None,
        "references": (),
        "business_key": business_key,
    }
    return tx.add_draft(**{**values, **changes})


def send_out(tx: Transaction, business_key: str = "notice:PO-1", **changes: Any) -> str:
    """An approved draft in the outbox; the outbox id."""
    draft_id = add_draft(tx, business_key, **changes)
    assert draft_id is not None
    draft = tx.draft(draft_id)
    assert draft is not None
    tx.review(draft_id, decision="approved", reviewer="rita", shown_sha256=draft.content_sha256)
    return tx.enqueue(
        draft_id=draft_id,
        header_message_id=f"<{draft_id}@example.test>",
        envelope_from="support@example.test",
        recipients=draft.to,
        raw=b"Subject: Your order\r\n\r\nIt has shipped.\r\n",
        not_before=RECEIVED,
    )
