"""A served console before the real desk: real rules, reader and database; mail comes as bytes, and nothing is sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from supportbot.app import App, build_app
from supportbot.console import open_console
from supportbot.mail.message import OutboundMessage
from supportbot.orders import load_orders
from supportbot.settings import Settings
from supportbot.store import DraftRow, MessageRow
from supportbot.testing import FakeOutbox
from tests.stories.office import AUTHSERV, BUYER, SELLER, rebill_order, shipped_house
from tests.web_world import MovableClock

__all__ = ["BUYER", "SELLER", "DeskWorld", "OutboundMessage", "open_desk_world"]


@dataclass
class DeskWorld:
    """The app, its console and where that answers."""

    app: App
    clock: MovableClock
    console: FastAPI
    url: str

    @contextmanager
    def signed_in(self, name: str = "alice") -> Iterator[httpx.Client]:
        """A browser without scripts in which a person has signed in."""
        with httpx.Client(base_url=self.url, headers={"origin": self.url}, follow_redirects=True, timeout=30) as client:
            client.cookies.set("supportbot", self.console.state.console.sessions.begin(name))
            yield client

    def mail(self, sender: str, subject: str, text: str, *, answers: str | None = None, proved: bool = True) -> int:
        """A mail comes in and is worked; the message's id."""
        raw = written(sender, subject, text, answers=answers, proved=proved, at=self.clock)
        with self.app.store.transaction() as tx:
            kept = tx.keep_file("support", raw, self.clock.now())
        self.clock.forward(seconds=1)
        self.app.desk.work_pending()
        return kept.message_id

    def message(self, message_id: int) -> MessageRow:
        with self.app.store.snapshot() as tx:
            row = tx.message(message_id)
        assert row is not None
        return row

    def drafts(self, message_id: int, state: str | None = "draft") -> list[DraftRow]:
        with self.app.store.snapshot() as tx:
            return tx.drafts(state=state, message_id=message_id)

    def import_orders(self, *orders: dict[str, Any], folder: Path) -> None:
        path = folder / "orders.json"
        path.write_text(json.dumps(list(orders)))
        with self.app.store.transaction() as tx:
            tx.import_orders(load_orders(path))


_count = iter(range(1, 1_000_000))


def written(sender: str, subject: str, text: str, *, answers: str | None, proved: bool, at: MovableClock) -> bytes:
    """A mail's bytes; `proved`: our own mail server says that the sender is who he says."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "support@support.example", subject
    mail["Date"] = format_datetime(at.now())
    mail["Message-ID"] = f"<{next(_count)}@{sender.rpartition('@')[2]}>"
    if answers:
        mail["In-Reply-To"] = answers
    mail.set_content(text)
    domain = sender.rpartition("@")[2]
    believed = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}\r\n".encode() if proved else b""
    return believed + mail.as_bytes()


@contextmanager
def open_desk_world(folder: Path) -> Iterator[DeskWorld]:
    """A desk with one cancelled-but-shipped order, and alice and bob, who approve, and vera, who looks."""
    settings = Settings.model_validate(
        {
            "database": f"sqlite:///{folder / 'desk.db'}",
            "mailboxes": [
                {
                    "name": "support",
                    "address": "support@support.example",
                    "host": "127.0.0.1",
                    "user": "support",
                    "password": "x",
                    "trusted_authserv_ids": [AUTHSERV],
                }
            ],
            "correspondents": {"billing": "billing@example.test"},
        }
    )
    clock = MovableClock()
    house = replace(shipped_house(), settings=settings)
    app = build_app(settings, house=house, clock=clock, sources=[], sink=FakeOutbox(), key_of=lambda _: None)
    server = open_console(app, "127.0.0.1", 0)
    world = DeskWorld(app, clock, server.app, f"http://127.0.0.1:{server.port}")
    with app.store.transaction() as tx:
        for name, role in (("alice", "approver"), ("bob", "approver"), ("vera", "viewer")):
            tx.add_user(name, role)
    world.import_orders(rebill_order(), folder=folder)
    try:
        yield world
    finally:
        server.stop()
        app.close()
