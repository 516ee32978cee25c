"""Fills an empty database with a year of work, fast: cases, messages, drafts and what became of them, as the desk leaves them.

Rows are written past the guards and the index of words (both are put back, and the index filled, before anybody looks): a million
mails through the desk would take hours. Everything is made from numbers, so that two runs with the same counts are the same.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from supportbot.store import Store
from supportbot.store.outgoing import content_sha256
from supportbot.store.search_index import TABLE as WORDS_TABLE
from supportbot.store.search_index import statements
from supportbot.store.tables import metadata

_AT_ONCE = 5000  # rows
MARKETPLACES = ("amazon", "member_club", "brick_market", "retail_platform", "fulfilment")
SUBJECTS = ("Please cancel my order", "Where is my parcel", "Bestellung stornieren", "Re: your order", "Cancelled but shipped")
KINDS = ("cancel_nonstandard", "order_status", "cancel_nonstandard", "rebill_reply", "shipped_cancelled_report")
LANGUAGES = ("en", "en", "de", "en", "en")
WORDS = (
    "please", "order", "lamp", "table", "colour", "wrong", "parcel", "carrier", "waiting", "address", "cancel", "refund", "chair",
    "garden", "thanks", "monday", "express", "broken", "blue", "second", "invoice", "delivery", "kitchen", "shelf", "mirror",
)  # fmt: skip
CASE_STATES = ("AWAITING_ACK", "AWAITING_CHAIN", "HOLD", "CHAIN_MANUAL")


class Crowd:
    """How many of what. `waiting`: drafts that nobody has reviewed; `open_cases`: of `cases`; the others are over."""

    def __init__(self, messages: int, cases: int, waiting: int = 3000, open_cases: int = 5000) -> None:
        self.messages = messages
        self.cases = min(cases, messages)
        self.waiting = min(waiting, messages)
        self.open_cases = min(open_cases, self.cases)
        self.drafts = messages // 4 + self.waiting


def seed(store: Store, crowd: Crowd, say: Callable[[str], None] = lambda _: None) -> None:
    """Write it all."""
    begun = time.perf_counter()
    with store._begin() as connection, _past_the_guards(connection):
        for table, rows in _tables(crowd):
            _write(connection, metadata.tables[table], rows)
            say(f"{table}: {time.perf_counter() - begun:.0f} s")
    if store.dialect != "sqlite":  # PostgreSQL does so by itself, a little later; nobody does it for SQLite
        with store._begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    say(f"words indexed: {time.perf_counter() - begun:.0f} s")


def _write(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(table), part)


@contextmanager
def _past_the_guards(connection: Connection) -> Iterator[None]:
    """Without triggers and keys while rows are written; the index of words is filled in one go at the end."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET session_replication_role = replica")
        yield
        connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    else:
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = list(connection.exec_driver_sql(found))
        for name, _sql in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in triggers:
            connection.exec_driver_sql(sql)
    fill = next(sql for sql in statements(connection.dialect.name) if sql.startswith(f"INSERT INTO {WORDS_TABLE}"))
    connection.execute(text(fill.replace(":", "\\:")))


def _tables(crowd: Crowd) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    numbers, cases = range(1, crowd.messages + 1), range(1, crowd.cases + 1)
    drafts = range(1, crowd.drafts + 1)
    now = datetime.now(UTC).replace(microsecond=0)
    year = timedelta(days=365)

    def received(n: int) -> datetime:
        return now - year * (1 - n / (crowd.messages + 1))

    def about(n: int) -> int:
        """The case of a message: some ten messages each, near each other in time."""
        return 1 + n * crowd.cases // (crowd.messages + 1)

    def of(n: int) -> int:
        """The message a draft answers: one in four of the old ones, and each of the newest."""
        old = crowd.drafts - crowd.waiting
        return 1 + (n - 1) * 4 if n <= old else crowd.messages - crowd.waiting + (n - old)

    def open_(n: int) -> bool:
        return n > crowd.cases - crowd.open_cases

    def waits(n: int) -> bool:
        return n > crowd.drafts - crowd.waiting

    def unread(n: int) -> bool:
        return n > crowd.messages - crowd.waiting - 500 and n <= crowd.messages - crowd.waiting

    yield "raw_mail", ({"sha256": _sha(n), "bytes": _raw(n), "stored_at": received(n)} for n in numbers)
    yield "threads", ({"id": f"th{c}", "root_subject": SUBJECTS[c % 5], "opened_at": now - year} for c in cases)
    yield "orders", (
        {
            "key": c, "marketplace": MARKETPLACES[c % 5], "order_id": _order(c), "order_id_folded": _order(c).casefold(),
            "status": "shipped", "currency": "USD", "buyer_name": f"Buyer {c}", "buyer_address": _buyer(c),
            "seller_id": f"s-{c % 40}", "seller_name": f"Seller {c % 40}", "seller_addresses": ["ops@seller.example"], "alerts": [],
            "placed_at": now - year,
        }
        for c in cases
    )  # fmt: skip
    yield "order_addresses", ({"address": _buyer(c), "order_key": c} for c in cases)
    yield (
        "order_lines",
        (
            {
                "order_key": c,
                "line": "1",
                "number": 1,
                "sku": "LAMP-W",
                "title": "Desk lamp",
                "quantity": 2,
                "shipped_quantity": 2,
            }
            for c in cases
        ),
    )
    yield (
        "shipments",
        ({"order_key": c, "number": 1, "carrier": "UPS", "tracking_number": f"1Z{c:016d}", "confirmed": True} for c in cases),
    )
    yield "cases", (
        {
            "id": f"c{c}", "order_key": c, "type": "rebill", "state": CASE_STATES[_rare(c)] if open_(c) else "CLOSED",
            "version": 3, "thread_id": f"th{c}", "opened_at": received(c * crowd.messages // crowd.cases),
            "closed_at": None if open_(c) else now, "close_reason": None if open_(c) else "no answer",
        }
        for c in cases
    )  # fmt: skip
    yield "messages", (
        {
            "id": n, "sha256": _sha(n), "mailbox": "support", "received": received(n), "state": "done", "attempts": 1,
            "header_message_id": f"<{n}@buyers.example>", "sender": _buyer(about(n)), "subject": f"{SUBJECTS[n % 5]} {_order(about(n))}",
            "kind": KINDS[n % 5], "confidence": 0.5 + (n % 50) / 100, "abstained": False, "thread_id": f"th{about(n)}",
            "case_id": f"c{about(n)}", "order_id": _order(about(n)), "action": "review" if unread(n) else "ask_official_request",
            "rule": "A-05", "why": "A buyer asks in their own words.", "details": _details(n, about(n)), "needs_person": unread(n),
        }
        for n in numbers
    )  # fmt: skip
    yield (
        "thread_messages",
        ({"header_message_id": f"<{n}@buyers.example>", "thread_id": f"th{about(n)}", "case_id": None} for n in numbers),
    )
    yield "case_events", (
        {
            "case_id": f"c{c}", "number": step, "at": received(c * crowd.messages // crowd.cases), "actor": "supportbot",
            "event": "REPORTED", "from_state": "", "to_state": "NOTICE_SENT", "message_id": None, "reason": "shipped",
        }
        for c in cases
        for step in (1, 2, 3)
    )  # fmt: skip
    yield "drafts", (
        {
            "id": f"d{n}", "message_id": of(n), "case_id": None, "order_id": _order(about(of(n))), "template": "ask_official_request",
            "rule": "A-05", "language": LANGUAGES[n % 5], "to": [_buyer(about(of(n)))], "version": 1,
            "state": "draft" if waits(n) else "approved", "created_at": received(of(n)), "why": "",
            "token": f"{n:032x}", "in_reply_to": f"<{of(n)}@buyers.example>", "references": [], "business_key": f"answer:{n}",
        }
        for n in drafts
    )  # fmt: skip
    yield "draft_versions", (
        {
            "draft_id": f"d{n}", "version": 1, "subject": f"Re: {SUBJECTS[of(n) % 5]}", "body": _body(n, about(of(n))),
            "content_sha256": _hash(n, about(of(n)), f"Re: {SUBJECTS[of(n) % 5]}"), "findings": [], "editor": None, "at": received(of(n)),
        }
        for n in drafts
    )  # fmt: skip
    yield "draft_recipients", ({"address": _buyer(about(of(n))), "draft_id": f"d{n}"} for n in drafts)
    sent = range(1, crowd.drafts - crowd.waiting + 1)
    yield (
        "reviews",
        (
            {
                "draft_id": f"d{n}",
                "decision": "approved",
                "reviewer": "alice",
                "content_sha256": "",
                "reason": "",
                "at": received(of(n)),
            }
            for n in sent
        ),
    )
    yield "outbox", (
        {
            "id": f"o{n}", "draft_id": f"d{n}", "header_message_id": f"<sb.{n}@support.example>", "envelope_from": "support@support.example",
            "recipients": [_buyer(about(of(n)))], "raw": b"Subject: sent\r\n\r\nsent\r\n", "attempts": 1, "detail": "250 ok",
            "state": "failed" if n > len(sent) - 20 else "sent", "not_before": received(of(n)), "changed_at": received(of(n)),
        }
        for n in sent
    )  # fmt: skip
    yield "quarantine", (
        {
            "message_id": None, "mailbox": "support", "step": "parse", "reason": "too large", "traceback": "", "attempts": 3,
            "at": now, "state": "held", "cause": "fault",
        }
        for _ in range(50)
    )  # fmt: skip


def _rare(c: int) -> int:
    """Most open cases wait for others; one in fifty is held, one in fifty has a chain to judge."""
    return {0: 2, 1: 3}.get(c % 50, c % 2)


def _sha(n: int) -> str:
    return hashlib.sha256(_raw(n)).hexdigest()


def _raw(n: int) -> bytes:
    return f"Subject: mail {n}\r\n\r\nmail {n}\r\n".encode()


def _order(c: int) -> str:
    return f"113-{c:07d}-{c * 7919 % 10_000_000:07d}"


def _buyer(c: int) -> str:
    return f"buyer{c}@buyers.example"


def _hash(n: int, c: int, subject: str) -> str:
    return content_sha256([_buyer(c)], subject, _body(n, c))


def _text(n: int, c: int) -> str:
    said = " ".join(WORDS[(n * step + step) % len(WORDS)] for step in range(1, 41))
    return f"Hello,\n\nplease cancel order {_order(c)}, I bought the wrong colour.\n\n{said}\n\nThanks\nBuyer {c}"


def _body(n: int, c: int) -> str:
    return (
        f"Hello Buyer {c},\n\nthank you for your mail. To cancel order {_order(c)}, please send the official request from your order"
        f" page; we confirm it as soon as it is here.\n\nKind regards\nSeller Support\n\nReference {n}\n"
    )


def _details(n: int, c: int) -> dict[str, Any]:
    new_text, asks = _text(n, c), "please cancel order"
    start = new_text.index(asks)
    evidence = {"fact": "kind", "text": asks, "start": start, "end": start + len(asks), "rule": "kind.words"}
    return {
        "from": {"name": f"Buyer {c}", "address": _buyer(c)},
        "new_text": new_text,
        "quoted_text": "> " + "\n> ".join(_text(n + 1, c).splitlines()),
        "facts": {"scope": "whole", "order_ids": [_order(c)], "language": LANGUAGES[n % 5]},
        "evidence": [evidence],
        "authentication": {"address": _buyer(c), "passed": True, "method": "dmarc", "reasons": []},
        "decision": {"fired": ["A-05"], "quotes": [{"file": "seed", "text": "ask the buyer to use the form", "mark": ""}]},
    }
