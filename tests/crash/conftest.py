"""One desk to be killed for each test: a mailbox of its own, a slow mail server, and the nursery that gives birth to it."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.corpus import Corpus
from supportbot.clock import SystemClock
from supportbot.orders import load_orders
from supportbot.store import Store
from tests.auditor.facts import Taken, World, read_mailbox
from tests.servers import HOST, PASSWORD, PrivateDovecot, ScriptedSmtp

ROOT = Path(__file__).parent.parent.parent


class SlowSmtp(ScriptedSmtp):
    """Takes a mail over and answers a little later: in between, only it knows."""

    reply_seconds = 0.01

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        reply = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.reply_seconds)
        return reply


class Nursery:
    """The process of `tests.crash.nursery`, as this one sees it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # a process with threads should not fork
        )
        if self._answer() != "ready":
            self.close()
            pytest.fail("the nursery did not open", pytrace=False)

    def live(self, life: str, **task: Any) -> list[str]:
        """One life, or as many as there are `rivals`, until they ended: "killed", or the exit status of each."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"life": life, **task}) + "\n")
        self._process.stdin.flush()
        return list(json.loads(self._answer())["ended"])

    def close(self) -> None:
        """End the nursery; nobody is alive then."""
        self._process.communicate(timeout=10)

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


class Victim:
    """A desk that is killed, seen from outside: its mailbox, its database by SQL, and what the mail server took over."""

    def __init__(self, folder: Path, nursery: Nursery, dovecot: PrivateDovecot, smtp: SlowSmtp) -> None:
        self.dovecot, self.smtp = dovecot, smtp
        self._nursery = nursery
        self.user = dovecot.fresh_user()
        self.database = folder / "victim.db"
        mailbox = dovecot.settings(user=self.user, batch=16).model_dump(mode="json") | {"password": PASSWORD}
        self._settings = {
            "database": f"sqlite:///{self.database}",
            "mailboxes": [mailbox],
            "smtp": smtp.settings().model_dump(mode="json"),
            "limits": {"hold_seconds": 0, "sends_per_hour": 10_000},
            "schedule": {"poll_seconds": 1, "deliver_seconds": 0.2},
        }
        self._orders = folder / "orders.json"

    def import_orders(self, *corpora: Corpus) -> None:
        """Give the desk the orders of the corpora."""
        self._orders.write_text(json.dumps([order for corpus in corpora for order in corpus.orders]))
        store = Store.open(f"sqlite:///{self.database}", clock=SystemClock())
        with store.transaction() as tx:
            tx.import_orders(load_orders(self._orders))
        store.close()

    def deliver(self, mails: Sequence[bytes]) -> None:
        """Mails arrive."""
        self.dovecot.append_all(mails, user=self.user)

    def live(self, life: str, **task: Any) -> str:
        """One life of the desk, until it ended: "killed", or its exit status."""
        (ended,) = self._nursery.live(life, settings=self._settings, **task)
        return ended

    def finish(self) -> None:
        """A last life that nobody ends."""
        assert self.live("round") == "0"

    # -- from outside

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database without supportbot."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def in_mailbox(self) -> set[str]:
        """SHA-256 of every mail in the mailbox."""
        return {sha256(raw).hexdigest() for raw in self.dovecot.raws(user=self.user).values()}

    def unseen(self) -> int:
        """How many mails are not marked as read."""
        return sum("\\Seen" not in flags for flags in self.dovecot.flags(user=self.user).values())

    def taken_over(self) -> list[str]:
        """The Message-ID of every mail the mail server took over, as often as it did."""
        lines = [line for mail in self.smtp.accepted for line in mail.raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")]
        return [line.split(b":", 1)[1].strip().decode() for line in lines if line.lower().startswith(b"message-id:")]

    def world(self) -> World:
        """What the auditor may know beside the database."""
        taken = tuple(Taken(one.envelope_from or "", tuple(one.recipients), one.raw) for one in self.smtp.accepted)
        return World(address=self.user, taken=taken, mailbox=read_mailbox(HOST, self.dovecot.port, self.user, PASSWORD))

    def outbox(self) -> dict[str, str]:
        """State by Message-ID."""
        return dict(self.sql("select header_message_id, state from outbox"))


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One nursery for the whole run."""
    found = Nursery()
    yield found
    found.close()


@pytest.fixture
def victim(tmp_path: Path, nursery: Nursery, private_dovecot: PrivateDovecot) -> Iterator[Victim]:
    """A desk to be killed."""
    with SlowSmtp() as smtp:
        yield Victim(tmp_path, nursery, private_dovecot, smtp)
