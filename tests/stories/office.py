"""A whole supportbot at work, for stories: a real mailbox, a real mail server, a real database, and people outside who write.

The tests look at it from outside: at the mailbox, at what the mail server took over, and at the tables by SQL.
"""

import email
import email.policy
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from supportbot.app import App, build_app, build_house
from supportbot.judgement import House
from supportbot.orders import load_orders
from supportbot.settings import Settings
from supportbot.store import DraftRow
from tests.servers import PrivateDovecot, ScriptedSmtp

AUTHSERV = "mx.example.test"
BUYER, SELLER, BILLING = "ann.buyer@example.com", "post@shop.example", "billing@example.test"
ORDER = "PO-771200"


def rebill_order(order_id: str = ORDER, buyer: str = BUYER, seller: str = SELLER) -> dict[str, Any]:
    """A member-club order of two units that was cancelled after both had left."""
    return {
        "marketplace": "member_club",
        "order_id": order_id,
        "status": "cancelled",
        "currency": "USD",
        "placed_at": "2026-05-01T09:00:00Z",
        "cancelled_by": "buyer",
        "cancelled_at": "2026-05-02T09:00:00Z",
        "buyer": {"name": "Ann Buyer", "address": buyer},
        "seller": {"id": "s-1", "name": "The Shop", "addresses": [seller], "account": "active"},
        "lines": [
            {
                "line": "1",
                "sku": "LAMP-1",
                "title": "Reading lamp",
                "quantity": 2,
                "unit_price": "49.90",
                "shipped_quantity": 2,
                "cancelled_quantity": 2,
                "left_warehouse_quantity": 2,
            }
        ],
        "shipments": [
            {"carrier": "UPS", "tracking_number": "1Z999AA10123456784", "shipped_at": "2026-05-02T08:00:00Z", "confirmed": True}
        ],
    }


@cache
def shipped_house() -> House:
    """Rules, templates and language pipeline as shipped: they load once for all stories."""
    return build_house(Settings())


class Office:
    """One team's supportbot and the world around it."""

    def __init__(self, folder: Path, dovecot: PrivateDovecot, smtp: ScriptedSmtp, **changes: Any) -> None:
        self.dovecot, self.smtp = dovecot, smtp
        self.user = dovecot.fresh_user()
        self.database = folder / "office.db"
        given: dict[str, Any] = {
            "database": f"sqlite:///{self.database}",
            "mailboxes": [dovecot.settings(user=self.user, trusted_authserv_ids=(AUTHSERV,)).model_dump()],
            "smtp": smtp.settings().model_dump(),
            "correspondents": {
                "billing": BILLING,
                "warehouses": ["ops@warehouse.example"],
                "retailers": ["vendor@retail.example"],
            },
            "limits": {"hold_seconds": 0},
        }
        self.keys: dict[str, str] = {}
        """What DNS says: from "selector._domainkey.domain" to the TXT record."""
        self.settings = Settings.model_validate({**given, **changes})
        self.app = self.start()
        self.read_so_far = 0

    def start(self) -> App:
        """A process that starts on what is there; the old one, if any, is simply gone."""
        house = replace(shipped_house(), settings=self.settings)
        app = build_app(self.settings, house=house, key_of=self.keys.get)
        app.desk.recover()
        return app

    def close(self) -> None:
        self.app.close()

    def import_orders(self, *orders: dict[str, Any]) -> None:
        path = self.database.with_suffix(".orders.json")
        path.write_text(json.dumps(list(orders)))
        with self.app.store.transaction() as tx:
            tx.import_orders(load_orders(path))

    def add_people(self) -> None:
        """Alice and Bob may approve; Sally works for the seller."""
        with self.app.store.transaction() as tx:
            tx.add_user("alice", "approver")
            tx.add_user("bob", "approver")
            tx.add_user("sally", "viewer", seller_id="s-1")

    # -- people outside ------------------------------------------------------------------------------------------------

    def write(
        self,
        sender: str,
        subject: str,
        text: str,
        *,
        answers: EmailMessage | None = None,
        attach: bytes | None = None,
        proved: bool = True,
        headers: dict[str, str] | None = None,
        to: str | None = None,
        message_id: str | None = None,
    ) -> bytes:
        """A mail arrives in the support mailbox; its bytes."""
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"] = sender
        mail["To"] = to or (answers["Reply-To"] if answers is not None and answers["Reply-To"] else self.user)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = (
            message_id or f"<{abs(hash((sender, subject, text, datetime.now(UTC))))}@{sender.rpartition('@')[2].strip('>')}>"
        )
        if answers is not None:
            mail["In-Reply-To"] = answers["Message-ID"]
            mail["References"] = answers["Message-ID"]
            quoted = "\n".join(f"> {line}" for line in answers.get_content().splitlines())
            text = f"{text}\n\nOn {answers['Date']}, {answers['From']} wrote:\n{quoted}\n"
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(text)
        if attach is not None:
            mail.add_attachment(email.message_from_bytes(attach, policy=email.policy.SMTP))
        raw = mail.as_bytes()
        if proved:
            domain = sender.rpartition("@")[2].strip(">")
            raw = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}\r\n".encode() + raw
        self.dovecot.append(raw, user=self.user)
        return raw

    def received_by(self, address: str) -> list[EmailMessage]:
        """What the mail server took over for an address."""
        parse = email.policy.default
        return [email.message_from_bytes(sent.raw, policy=parse) for sent in self.smtp.accepted if address in sent.recipients]

    # -- the team ------------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """One round: fetch, decide, ring, send."""
        failed = self.app.desk.round(self.app.sources)
        assert failed == {}

    def drafts(self, template: str | None = None) -> list[DraftRow]:
        """Drafts that wait for a reviewer."""
        with self.app.store.snapshot() as tx:
            return [d for d in tx.drafts() if template in (None, d.template)]

    def approve(self, template: str, by: str = "alice") -> DraftRow:
        """Approve the only waiting draft of a template, as shown, and send it."""
        (draft,) = self.drafts(template)
        assert draft.findings == (), draft.findings
        self.app.desk.approve(draft.id, reviewer=by, shown_sha256=draft.content_sha256)
        self.app.desk.deliver_outbox()
        return draft

    def case_state(self, order_id: str = ORDER) -> str | None:
        rows = self.sql("select c.state from cases c join orders o on o.key = c.order_key where o.order_id = ?", order_id)
        return rows[-1][0] if rows else None

    def ticket(self, kind: str = "credit_memo") -> Any:
        with self.app.store.snapshot() as tx:
            return next((t for t in tx.tickets() if t.type == kind), None)

    # -- from outside --------------------------------------------------------------------------------------------------

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database without supportbot."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def unseen(self) -> int:
        """Mails in the mailbox that supportbot has not marked."""
        return sum("\\Seen" not in flags for flags in self.dovecot.flags(user=self.user).values())


def words(mail: EmailMessage) -> str:
    """A mail's text with white space folded."""
    return re.sub(r"\s+", " ", mail.get_content())


def days(count: float) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
def open_office(tmp_path: Path, private_dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp) -> Iterator[Callable[..., Office]]:
    """`open_office(**settings)`: an office that is closed afterwards."""
    offices: list[Office] = []

    def make(**changes: Any) -> Office:
        offices.append(Office(tmp_path, private_dovecot, smtp_sink, **changes))
        return offices[-1]

    yield make
    for office in offices:
        office.close()


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """An office with one cancelled-but-shipped order and its people."""
    found = open_office()
    found.import_orders(rebill_order())
    found.add_people()
    return found
