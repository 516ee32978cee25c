"""Old and new version side by side through a migration, under load: `python scripts/rolling_upgrade.py [--from REVISION]`.

Two workers of the old version read a mailbox and work it on PostgreSQL while mail keeps coming. The new version migrates the
database under them, a new worker joins, and the old ones are stopped one by one. Nothing may be seen from outside: no process
ends in an error or logs one, each mail is kept once and decided once, each case in its order, and the record still proves
itself. The old version is the commit before the newest migration, unless another is named.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from supportbot.store.migrate import HEAD
from tests.databases import PostgresqlCluster
from tests.servers import HOST, PASSWORD, SUPPORT, PrivateDovecot

ROOT = Path(__file__).parent.parent
CASES = 40
(NEWEST,) = (ROOT / "supportbot/store/migrations/versions").glob(f"{HEAD}_*.py")
EVERY = (
    "select m.order_id, m.id from audit a join messages m on a.subject = 'message ' || m.id"
    " where a.action = 'decide' order by a.number"
)
PATIENCE = 300.0  # seconds until what came is worked


def mail(number: int) -> bytes:
    """A cancellation of one of a few orders, each from somebody else."""
    order_id = f"PO-{70000 + number % CASES}"
    return (
        f"From: Person {number} <person{number}@shop{number}.example>\r\nTo: support@team.example\r\n"
        f"Subject: Please cancel order {order_id}\r\nMessage-ID: <m{number}@shop{number}.example>\r\n\r\n"
        f"Hello, I would like to cancel order {order_id}, please. It is mail {number}.\r\n"
    ).encode()


@dataclass
class Process:
    """A running supportbot of one version."""

    name: str
    running: "subprocess.Popen[bytes]"
    log: Path

    def stop(self) -> list[str]:
        """Tell it to end, as an operator does; what was wrong with it."""
        self.running.terminate()
        code = self.running.wait(30)
        lines = [line for line in self.log.read_text().splitlines() if '"level": "error"' in line or "Traceback" in line]
        return ([f"{self.name} ended with {code}"] if code else []) + [f"{self.name}: {line[:300]}" for line in lines]


@dataclass
class Post:
    """Somebody who keeps writing until told to stop."""

    server: PrivateDovecot
    a_second: float
    sent: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin in a thread."""
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> None:
        """No more mail after this."""
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._over.wait(1 / self.a_second):
            self.sent += 1
            self.server.append_all([mail(self.sent)])


@contextmanager
def checkout(revision: str, folder: Path) -> Iterator[Path]:
    """The tree of a revision."""
    _git("worktree", "add", "--detach", str(folder), revision)
    try:
        yield folder
    finally:
        _git("worktree", "remove", "--force", str(folder))


def before_the_newest_migration() -> str:
    """The last commit of this line that does not know the newest schema. Raises `SystemExit` where the history is too short."""
    for revision in _git("rev-list", "--first-parent", "HEAD").split():
        if not _git("ls-tree", "--name-only", revision, f"supportbot/store/migrations/versions/{NEWEST.name}"):
            return revision
    raise SystemExit("the history of this checkout does not reach the newest migration: name the old version with --from")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Site:
    """One database, one mailbox, one configuration, and processes of either version."""

    def __init__(self, folder: Path, url: str, server: PrivateDovecot) -> None:
        self.folder, self.url = folder, url
        mailbox = {
            "name": "support",
            "host": HOST,
            "port": server.port,
            "security": "none",
            "user": SUPPORT,
            "address": SUPPORT,
        }
        values = {"database": url, "engine": "cluster", "mailboxes": [{**mailbox, "password": "env:BOX"}]}
        (folder / "config.yaml").write_text(json.dumps(values))
        self.environment = {**os.environ, "BOX": PASSWORD}
        self.started = 0

    def command(self, tree: Path, *words: str) -> str:
        """What a command of that version prints. Raises `SystemExit` where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "supportbot", *words],
            cwd=self.folder,
            env={**self.environment, "PYTHONPATH": str(tree)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"supportbot {' '.join(words)}: {done.stderr or done.stdout}")
        return done.stdout

    def worker(self, name: str, tree: Path) -> Process:
        """A worker of that version, taking part in everything but sending."""
        self.started += 1
        log = self.folder / f"{self.started}.log"
        with log.open("wb") as errors:
            running = subprocess.Popen(
                [sys.executable, "-m", "supportbot", "worker", "--queues", "work,mail,clock"],
                cwd=self.folder,
                env={**self.environment, "PYTHONPATH": str(tree)},
                stderr=errors,
            )
        end = time.monotonic() + PATIENCE
        while "takes part" not in log.read_text():
            if running.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{name} did not start: {log.read_text()}")
            time.sleep(0.2)
        return Process(name, running, log)

    def until(self, statement: str, *values: object) -> None:
        """Wait until the statement is true."""
        end = time.monotonic() + PATIENCE
        while not self.rows(statement, *values)[0][0]:
            if time.monotonic() > end:
                raise SystemExit(f"it did not come in {PATIENCE:.0f} s: {statement} {values}")
            time.sleep(0.2)

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """What the database answers."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            try:
                return list(connection.execute(statement.encode(), values).fetchall())
            except psycopg.errors.UndefinedTable:
                return [(False,)]


def roll(site: Site, old: Path, server: PrivateDovecot, mails_a_second: float, seconds: float) -> list[str]:
    """The upgrade from `old` to this tree; everything that was seen to go wrong."""
    site.command(old, "db", "upgrade")
    orders = [
        {"order_id": f"PO-{70000 + n}", "marketplace": "member_club", "status": "open", "lines": []} for n in range(CASES)
    ]
    (site.folder / "orders.json").write_text(json.dumps(orders))
    site.command(old, "orders", "import", "orders.json")
    wrong: list[str] = []
    crew = [site.worker(f"old {number}", old) for number in (1, 2)]
    post = Post(server, mails_a_second)
    post.start()
    try:
        _say("two old workers at work", site)
        time.sleep(seconds)
        _say(site.command(ROOT, "db", "upgrade").strip() or "migrated", site)
        time.sleep(seconds)
        crew.append(site.worker("new 1", ROOT))
        _say("a new worker beside the old ones", site)
        time.sleep(seconds)
        wrong += crew.pop(0).stop()
        crew.append(site.worker("new 2", ROOT))
        _say("an old one gone, another new one there", site)
        time.sleep(seconds)
        wrong += crew.pop(0).stop()
        _say("the last old one gone", site)
        time.sleep(seconds)
    finally:
        post.stop()
    site.until("select count(*) = %s from messages where state <> 'new'", post.sent)
    for one in crew:
        wrong += one.stop()
    _say("all stopped", site)
    return wrong + _seen_from_outside(site, post.sent)


def _seen_from_outside(site: Site, sent: int) -> list[str]:
    wrong: list[str] = []
    states = {str(row[0]): row[1] for row in site.rows("select state, count(*) from messages group by state")}
    if states != {"done": sent}:
        wrong.append(f"{sent} mails were sent; kept were {states}")
    by_order: dict[object, list[int]] = defaultdict(list)
    decided = site.rows(EVERY)
    for order_id, message_id in decided:
        by_order[order_id].append(int(str(message_id)))
    if len(decided) != sent or len(set(decided)) != sent:
        wrong.append(f"{sent} mails, {len(decided)} decisions")
    wrong += [f"order {order_id} was decided out of turn" for order_id, ids in by_order.items() if ids != sorted(ids)]
    site.command(ROOT, "audit", "verify")
    return wrong


def _say(what: str, site: Site) -> None:
    (counted,) = site.rows("select count(*), count(*) filter (where state <> 'new') from messages")
    sys.stdout.write(f"{what}: {counted[1]} of {counted[0]} mails worked\n")
    sys.stdout.flush()


def main() -> int:
    """0 where nothing was seen to go wrong; each thing that was is printed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="old", help="the old version, a revision of git")
    parser.add_argument("--mails-a-second", type=float, default=4)
    parser.add_argument("--seconds", type=float, default=10, help="between one step and the next")
    asked = parser.parse_args()
    revision = asked.old or before_the_newest_migration()
    server, mailboxes = PostgresqlCluster(), PrivateDovecot()
    try:
        with tempfile.TemporaryDirectory(prefix="supportbot-rolling-") as name:
            folder = Path(name)
            (folder / "site").mkdir()
            with checkout(revision, folder / "old") as old:
                site = Site(folder / "site", server.url(server.new_database(template="template0")), mailboxes)
                wrong = roll(site, old, mailboxes, asked.mails_a_second, asked.seconds)
    finally:
        mailboxes.stop()
        server.stop()
    for one in wrong:
        sys.stdout.write(f"WRONG: {one}\n")
    sys.stdout.write(f"{len(wrong)} things went wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
