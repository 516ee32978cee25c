"""One run: mail comes in, people approve, buyers answer, money moves, and meanwhile everything fails that can.

Everything that is drawn is drawn from the seed; only the moment of a kill and the machine's own pace are not repeated exactly.
At the end all faults are gone, the desk may finish, and the auditor looks at mailbox, mail server and tables.
"""

import email
import email.policy
import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from bench.corpus import build_corpus, rebill_reports
from supportbot.clock import SystemClock
from supportbot.fault import POINTS
from supportbot.orders import load_orders
from supportbot.store import Store
from tests.auditor.audit import audit
from tests.auditor.facts import InMailbox, Taken, Violation, World, read_mailbox, write_sink
from tests.crash.conftest import Nursery, SlowSmtp
from tests.faults import wire
from tests.servers import HOST, PASSWORD, FaultProxy, PrivateDovecot

AUTHSERV = "mx.example.test"
BILLING = "billing@example.test"
_TOO_LARGE = 60_000  # octets; the corpus has some that are larger
_PATIENCE = 0.8  # seconds until a stalled server counts as gone
_A_DAY = 86_400.0

# Accidents hit points that a life passes; how often, by experience, so that a draw is rarely beyond the last hit.
_HITS = {"store.begin": 40, "store.commit": 40, "store.committed": 40, "desk.decided": 20, "store.raw": 3}
_NEVER = {"store.migrated", "store.copied", "store.erased"}  # no life of a run passes them
_NO_ERROR = {"smtp.accepted"}  # nothing can be raised between the reply and its reading


@dataclass(frozen=True, slots=True)
class Depth:
    """How much happens in a run."""

    mails: tuple[int, int]
    sends: tuple[int, int]
    steps: tuple[int, int]


FULL = Depth((30, 100), (10, 20), (10, 18))
SLICE = Depth((10, 16), (4, 6), (5, 7))


@dataclass
class Run:
    """The world of one seed."""

    seed: int
    depth: Depth
    folder: Path
    nursery: Nursery
    dovecot: PrivateDovecot
    smtp: SlowSmtp
    database: str
    guard_removed: str | None = None
    violations: list[Violation] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    """What happened, a line a step."""

    def __post_init__(self) -> None:
        self.chance = Random(f"faults {self.seed}")
        self.user = self.dovecot.fresh_user()
        self.imap = FaultProxy(self.dovecot.port)
        self.mail_server = FaultProxy(self.smtp.port)
        # A second mailbox in two runs of five; never where one thing alone is provoked.
        two = Random(f"mailboxes {self.seed}")
        self.second = self.dovecot.fresh_user() if self.depth.steps[1] > 1 and two.random() < 0.4 else ""
        self._box = two  # which of the two a mail reaches
        sealed = self.depth.steps[1] > 1 and Random(f"sealed {self.seed}").random() < 0.3
        self.mail_key = bytes(range(32)) if sealed else b""
        self.clock = 0.0
        self.delivered: list[bytes] = []
        self.answered: set[str] = set()
        mailbox = self.dovecot.settings(user=self.user, port=self.imap.port, batch=self.chance.choice((4, 8, 16)))
        boxes = [mailbox]
        if self.second:
            boxes.append(self.dovecot.settings(user=self.second, name="second", port=self.imap.port, batch=8))
        more = {"password": PASSWORD, "trusted_authserv_ids": [AUTHSERV], "idle": False}
        self._settings: dict[str, Any] = {
            "database": self.database,
            "mailboxes": [box.model_dump(mode="json") | more for box in boxes],
            "smtp": self.smtp.settings(port=self.mail_server.port, timeout=0.4).model_dump(mode="json"),
            "correspondents": {"billing": BILLING},
            "encryption": {"key": self.mail_key.hex()},
            "limits": {
                "hold_seconds": 0,
                "sends_per_hour": 10_000,
                "message_bytes": _TOO_LARGE,
                "answers_per_sender_per_day": 10,
            },
            "schedule": {"poll_seconds": 1, "deliver_seconds": 0.2, "timer_seconds": 0.5},
        }

    # -- the run

    def play(self) -> list[Violation]:
        """All of it; what the auditor found. `story` tells what happened."""
        try:
            self._open()
            for _ in range(self.chance.randint(*self.depth.steps)):
                self._step()
            self._calm()
            return audit(self.database, self.world())
        finally:
            self.imap.stop()
            self.mail_server.stop()

    def quiet_to_the_end(self) -> None:
        """The same world without any fault, up to issued credit memos."""
        try:
            self._open()
            self._mails_come(len(self.waiting))
            self._life("round", quiet=True)
            self._life("approve", quiet=True)
            self._life("round", quiet=True)
            self._deliver([self._answer(one, "accepts") for one in self._notices()])
            for life in ("round", "money", "approve", "round", "money", "round"):
                self._life(life, quiet=True)
            self._calm()
        finally:
            self.imap.stop()
            self.mail_server.stop()

    def _notices(self) -> list[EmailMessage]:
        """What buyers got and have not answered."""
        found = []
        for one in self.smtp.accepted:
            notice = email.message_from_bytes(one.raw, policy=email.policy.default)
            assert isinstance(notice, EmailMessage)
            if "+" in str(notice["Reply-To"]) and str(notice["Message-ID"]) not in self.answered:
                found.append(notice)
        return found

    def _open(self) -> None:
        mails, sends = self.chance.randint(*self.depth.mails), self.chance.randint(*self.depth.sends)
        sends = min(sends, mails)
        reports = rebill_reports(sends, address=self.user)
        others = build_corpus(mails - sends, seed=self.seed, address=self.user)
        self.waiting = [*reports.mails, *others.mails, *self._bad_mails()]
        self.chance.shuffle(self.waiting)
        self.sends = sends
        orders = self.folder / f"orders-{self.seed}.json"
        orders.write_text(json.dumps([*reports.orders, *others.orders]))
        with closing(Store.open(self.database, clock=SystemClock(), create=False)) as store, store.transaction() as tx:
            tx.import_orders(load_orders(orders))
            for name in ("alice", "bob"):
                tx.add_user(name, "approver")
        self._mails_come(max(4, len(self.waiting) // 2))
        self._life("round", quiet=True)
        self._approve(quiet=True)

    def _bad_mails(self) -> list[bytes]:
        """What no reader likes: cut, empty, without a header, of control bytes, nested."""
        deep = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 60
        own = self.seed.to_bytes(8, "big").hex().encode()
        return [
            b"From: a@b.example\r\nSubject: cut " + own,
            own + b"\0\0\xff no header at all \r\r\n",
            b"From: x@y.example\r\nMessage-ID: <" + own + b"@y.example>\r\n" + deep,
        ]

    def _step(self) -> None:
        steps = (
            self._mails_come,
            self._lives,
            self._lives,
            self._lives,
            self._approve,
            self._buyers_answer,
            self._money,
            self._mailbox_changes,
        )
        self.chance.choices(steps, (2, 3, 3, 3, 3, 2, 2, 1))[0]()

    def _calm(self) -> None:
        """Every cause is gone: what is open now is finished, also what waits for an hour to pass."""
        self.story.append("calm")
        self.clock = max(self.clock, 0.0)
        self._mails_come(len(self.waiting))
        for _ in range(14):
            self._life("round", quiet=True)
            if self._rows("select count(*) from messages where state = 'new'") + self._open_mail() == 0:
                break
            self.clock += 3700.0

    def _open_mail(self) -> int:
        return self._rows("select count(*) from outbox where state in ('approved', 'sending')")

    def audit(self) -> list[Violation]:
        """What the auditor says about everything as it is."""
        return audit(self.database, self.world(anew=False))

    def decided_anew(self) -> tuple[dict[str, Any], ...]:
        """Every decision made anew by two processes, by one of them backwards; by the sha-256 of its mail."""
        found = []
        for backwards in (False, True):
            file = self.folder / f"anew-{backwards}.json"
            ended = self.live("anew", answers=str(file), backwards=backwards)
            found.append(json.loads(file.read_text("utf-8")) if ended == ["0"] else {})
        return tuple(found)

    def world(self, *, anew: bool = True) -> World:
        """What lies outside the database. `anew`: with decisions made once more."""
        accepted = self.smtp.accepted
        return World(
            address=self.user,
            taken=tuple(Taken(one.envelope_from or "", tuple(one.recipients), one.raw) for one in accepted),
            mailbox=self.in_mailbox(),
            delivered=tuple(self.delivered),
            correspondents=frozenset({BILLING}),
            provider=AUTHSERV,
            mail_key=self.mail_key,
            decided_anew=self.decided_anew() if anew else (),
        )

    def in_mailbox(self) -> tuple[InMailbox, ...]:
        first = read_mailbox(HOST, self.dovecot.port, self.user, PASSWORD)
        second = read_mailbox(HOST, self.dovecot.port, self.second, PASSWORD, name="second") if self.second else ()
        return (*first, *second)

    # -- for one provocation at a time

    def provoke(self, provocation: Callable[["Run"], None]) -> list[Violation]:
        """A quiet beginning, one provocation, a calm end; what was found then or noted on the way."""
        try:
            self._open()
            provocation(self)
            self._calm()
            return [*self.violations, *self.audit()]
        finally:
            self.imap.stop()
            self.mail_server.stop()

    def live(self, life: str, **task: Any) -> list[str]:
        """One life with the accidents that are given, and no others; how it ended."""
        return self._life(life, quiet=True, **task)

    def complain(self, invariant: str, sentence: str) -> None:
        """Note what no table shows."""
        self.violations.append(Violation(invariant, sentence))

    def look_now(self) -> None:
        """Audit while work is open."""
        self.violations += audit(self.database, replace(self.world(anew=False), at_rest=False))

    def more_mails(self, *, header: bytes = b"") -> None:
        """A few mails that nobody has seen."""
        corpus = build_corpus(8, seed=self.seed, address=self.user, first=900_000 + len(self.delivered))
        self._deliver([header + raw for raw in corpus.mails if len(raw) < _TOO_LARGE])

    def large_mail(self) -> None:
        """One mail whose body is not to be fetched."""
        self._deliver([b"From: a@b.example\r\nSubject: large\r\n\r\n" + b"x" * 70 * 1000])

    def remove_most(self) -> None:
        """Somebody removes all mails but two from the mailbox."""
        uids = self.dovecot.uids(user=self.user)
        self.dovecot.expunge(uids[:-2], user=self.user)
        self.delivered = list(self.dovecot.raws(user=self.user).values())

    def buyers(self, how: str) -> None:
        """Everybody who got a notice answers, in one way."""
        self._deliver([self._answer(one, how) for one in self._notices()])

    # -- mail

    def _mails_come(self, count: int | None = None) -> None:
        count = count if count is not None else self.chance.randint(1, max(1, len(self.waiting) // 2))
        mails, self.waiting = self.waiting[:count], self.waiting[count:]
        if self.delivered and self.chance.random() < 0.4:
            mails.append(self.chance.choice(self.delivered))  # the same octets once more
        self._deliver(mails)

    def _deliver(self, mails: list[bytes]) -> None:
        if mails:
            user = self.second if self.second and self._box.random() < 0.4 else self.user
            self.story.append(f"{len(mails)} mails come to {'the second' if user == self.second else 'the first'} mailbox")
            uids = self.dovecot.append_all(mails, user=user)
            stored = self.dovecot.raws(user=user)  # a server may change octets that no mail should hold
            self.delivered += [stored[uid] for uid in uids]

    def _buyers_answer(self) -> None:
        """Some who got a notice answer it: most accept, proved by their provider; a few forge, refuse, or are away."""
        ways = ("accepts", "accepts", "accepts", "refuses", "forged", "away")
        self._deliver([self._answer(one, self.chance.choice(ways)) for one in self._notices() if self.chance.random() < 0.6])

    def _answer(self, notice: EmailMessage, how: str) -> bytes:
        self.answered.add(str(notice["Message-ID"]))
        words = "No, I do not accept it. Do not charge me." if how == "refuses" else "I accept the item and the re-billing."
        answer = EmailMessage(policy=email.policy.SMTP)
        answer["From"], answer["To"] = str(notice["To"]), str(notice["Reply-To"])
        answer["Subject"] = f"Re: {notice['Subject']}"
        answer["Date"] = format_datetime(SystemClock().now())
        answer["Message-ID"] = f"<{len(self.answered)}.{self.seed}@{str(notice['To']).rpartition('@')[2]}>"
        answer["In-Reply-To"] = answer["References"] = str(notice["Message-ID"])
        if how == "away":
            answer["Auto-Submitted"] = "auto-replied"
        answer.set_content(f"{words}\n")
        domain = str(notice["To"]).rpartition("@")[2]
        proof = f"Authentication-Results: {AUTHSERV}; dmarc={'fail' if how == 'forged' else 'pass'} header.from={domain}\r\n"
        return proof.encode() + answer.as_bytes()

    def _mailbox_changes(self) -> None:
        """The server numbers everything anew, or the folder is replaced by one whose numbers begin lower."""
        user = self.second if self.second and self._box.random() < 0.4 else self.user
        if self.chance.random() < 0.5:
            self.story.append("UIDVALIDITY changes")
            self.dovecot.change_uidvalidity(user=user)
        elif self.dovecot.uids(user=user):
            self.story.append("the folder is made anew with the same UIDVALIDITY and lower UIDs")
            self.dovecot.renumber(user=user)

    # -- lives

    def _lives(self) -> None:
        self._life(self.chance.choice(("round", "engine")))

    def _approve(self, *, quiet: bool = False) -> None:
        left = self.sends - self._rows("select count(*) from outbox")
        if left > 0:
            self._life("approve", quiet=quiet, at_most=max(1, left // self.chance.choice((1, 2))))

    def _money(self) -> None:
        self._life("money")

    def _life(self, life: str, *, quiet: bool = False, **given: Any) -> list[str]:
        task: dict[str, Any] = {"clock": [self.clock], "patience": _PATIENCE, "guard_removed": self.guard_removed, **given}
        if quiet:
            return self._live(life, task)
        chance = self.chance
        accidents = self._accidents() if chance.random() < 0.7 else []
        if life == "engine" or chance.random() < 0.3:
            task["kill_after"] = chance.uniform(0.05, 1.2)
        if chance.random() < 0.15:
            task |= {"rivals": 2, "locked": chance.random() < 0.5}
        if chance.random() < 0.12 and self.database.startswith("sqlite"):
            task["disk"] = chance.choice((0, 4_096, 30_000, 200_000))
        if chance.random() < 0.15:
            jump = chance.choice((-3_600.0, -60.0, 3_600.0, _A_DAY, 8 * _A_DAY))
            task["clock"] = [self.clock, chance.randint(1, 30), jump]
            self.clock = max(0.0, self.clock + min(jump, 0.0))
        with self._fault_of_servers() as servers, self._fault_of_database() as database:
            self.story.append(f"{life}: {accidents} {task} {servers} {database}")
            return self._live(life, task | {"accidents": accidents})

    def _live(self, life: str, task: dict[str, Any]) -> list[str]:
        begun = time.monotonic()
        if not task.get("kill_after"):
            task["kill_after"] = 60.0
        ended = self.nursery.live(life, settings=self._settings, **task)
        self.story.append(f"  {life} ended: {', '.join(ended)} after {time.monotonic() - begun:.1f} s")
        return ended

    def _accidents(self) -> list[list[Any]]:
        found = []
        for _ in range(self.chance.choice((1, 1, 2))):
            point = self.chance.choice(sorted(POINTS.keys() - _NEVER))
            action = self.chance.choice(("crash", "crash", "error", "delay"))
            if action == "error" and point in _NO_ERROR:
                action = "crash"
            found.append([point, self.chance.randint(1, _HITS.get(point, 3)), action, round(self.chance.uniform(0.01, 0.3), 3)])
        return found

    @contextmanager
    def _fault_of_servers(self) -> Iterator[str]:
        """For one life: the wire to mailbox and mail server, and what the mail server says."""
        chance, smtp, said = self.chance, self.smtp, []
        for name, proxy, longest in (("imap", self.imap, 60_000), ("smtp", self.mail_server, 8_000)):
            drawn = wire.draw(chance, longest)
            if drawn:
                proxy.fault = drawn.as_fault(proxy.connections)
                said.append(f"{name} {drawn}")
        if chance.random() < 0.3:
            said.append(self._words_of_the_mail_server())
        yield "; ".join(said)
        self.imap.fault = self.mail_server.fault = wire.passing
        smtp.dot_reply = smtp.mail_reply = smtp.data_reply = ""
        smtp.hang_up.clear()
        smtp.recipient_replies.clear()

    def _words_of_the_mail_server(self) -> str:
        chance, smtp = self.chance, self.smtp
        kind = chance.choice(("dot", "mail", "recipient", "hang up", "hang up"))
        reply = chance.choice(("451 4.3.0 try later", "421 4.3.2 closing", "554 5.7.1 refused", "452 4.2.2 full"))
        if kind == "dot":
            smtp.dot_reply = reply
        elif kind == "mail":
            smtp.mail_reply = reply
        elif kind == "recipient":
            recipients = [row[0] for row in self._all("select recipients from outbox where state = 'approved'")]
            lists = [json.loads(one) if isinstance(one, str) else one for one in recipients]
            for one in lists[:1]:
                smtp.recipient_replies[one[0]] = reply
        else:
            smtp.once = chance.random() < 0.7
            smtp.hang_up.add(chance.choice(("MAIL", "RCPT", "DATA", "dot", "reply", "reply")))
        return f"mail server: {kind} {reply} {sorted(smtp.hang_up)}"

    @contextmanager
    def _fault_of_database(self) -> Iterator[str]:
        """For one life: somebody else holds the database for a while."""
        if self.chance.random() > 0.12 or not self.database.startswith("sqlite"):
            yield ""
            return
        seconds, stop = self.chance.uniform(0.1, 0.6), threading.Event()

        def hold() -> None:
            with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=5)) as connection:
                connection.execute("begin immediate")
                stop.wait(seconds)
                connection.rollback()

        thread = threading.Thread(target=hold, daemon=True)
        thread.start()
        yield f"locked for {seconds:.1f} s"
        stop.set()
        thread.join()

    # -- looking

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=10)) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self.database) as connection_of_server:
            return connection_of_server.execute(query.encode()).fetchall()

    def _rows(self, query: str) -> int:
        return int(self._all(query)[0][0])


def keep_evidence(run: Run, folder: Path) -> None:
    """Put what the auditor needs to look again beside the database."""
    write_sink(folder / "sink.jsonl", run.world(anew=False).taken or ())
    (folder / "story.txt").write_text("\n".join(run.story))
    if run.database.startswith("sqlite"):
        shutil.copy(run.database.removeprefix("sqlite:///"), folder / "database.db")
