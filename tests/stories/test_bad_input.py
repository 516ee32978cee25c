"""What people meet when something is wrong: one clear sentence with what to do, the right exit status, and nothing lost."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.corpus import build_corpus
from tests.servers import PASSWORD, PrivateDovecot, free_port

ROOT = Path(__file__).parent.parent.parent
WRONG_USE, OUTSIDE_FAILED = 2, 3
MAILS = build_corpus(3).mails
LARGE = [f"Subject: large {n}\r\n\r\n{chr(97 + n) * 300_000}\r\n".encode() for n in range(8)]


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    status: int
    sentence: str  # standard error
    output: str


class Shop:
    """A folder with a configuration, its mailbox, and the command line."""

    def __init__(self, folder: Path, dovecot: PrivateDovecot) -> None:
        self.folder, self.dovecot = folder, dovecot
        self.user = dovecot.fresh_user()
        self.database = folder / "shop.db"
        (folder / "password").write_text(f"{PASSWORD}\n")
        dovecot.append_all(MAILS, user=self.user)

    def configure(self, **changes: Any) -> None:
        """Write config.yaml; `changes` are its lines by key, or those of the mailbox."""
        mailbox = {"port": self.dovecot.port, "password": "file:password"} | {
            key: changes.pop(key) for key in ("port", "password") if key in changes
        }
        lines = {"database": f"sqlite:///{self.database}", **changes}
        (self.folder / "config.yaml").write_text(
            "".join(f"{key}: {value}\n" for key, value in lines.items())
            + f"mailboxes:\n  - name: support\n    address: {self.user}\n    host: 127.0.0.1\n    security: none\n"
            + f"    user: {self.user}\n"
            + "".join(f"    {key}: {value}\n" for key, value in mailbox.items())
        )

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """The command line in this folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "supportbot", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "COLUMNS": "120"},
            **options,
        )

    def run(self, *arguments: str, **options: Any) -> Said:
        """The command line in this folder, until it ends."""
        return heard(self.start(*arguments, **options))

    def unseen(self) -> int:
        return sum("\\Seen" not in flags for flags in self.dovecot.flags(user=self.user).values())

    def messages(self) -> dict[str, int]:
        """Messages by state, in the database."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            return dict(connection.execute("select state, count(*) from messages group by state").fetchall())

    def works_again(self, mails: int) -> None:
        """With everything mended, what was there before is there still, and is worked."""
        said = self.run("poll")
        assert (said.status, said.sentence) == (0, "")
        assert self.messages() == {"done": mails}
        assert self.unseen() == 0


def heard(process: subprocess.Popen[str]) -> Said:
    output, sentence = process.communicate(timeout=120)
    return Said(process.returncode, sentence.strip(), output)


def is_clear(said: Said, status: int, *words: str) -> None:
    """One sentence, on standard error, that says what is wrong and what to do, without the program's insides."""
    assert said.status == status, said
    assert len(said.sentence.splitlines()) == 1, said.sentence
    assert "Traceback" not in said.sentence + said.output
    assert PASSWORD not in said.sentence + said.output
    assert [word for word in words if word not in said.sentence] == [], said.sentence


@pytest.fixture
def shop(tmp_path: Path, private_dovecot: PrivateDovecot) -> Shop:
    """A shop with three mails waiting."""
    found = Shop(tmp_path, private_dovecot)
    found.configure()
    return found


@pytest.fixture(scope="module", autouse=True)
def locked(
    tmp_path_factory: pytest.TempPathFactory, private_dovecot: PrivateDovecot
) -> Iterator[Callable[[], tuple[Shop, Said]]]:
    """A command that meets a locked database. It waits half a minute for the lock, so it begins before the other tests."""
    shop = Shop(tmp_path_factory.mktemp("locked"), private_dovecot)
    shop.configure()
    (shop.folder / "orders.json").write_text("[]")
    assert shop.run("orders", "import", "orders.json").status == 0
    holder = sqlite3.connect(shop.database, isolation_level=None)
    holder.execute("begin immediate")
    process = shop.start("orders", "import", "orders.json")

    def wait() -> tuple[Shop, Said]:
        said = heard(process)
        holder.close()
        return shop, said

    yield wait
    holder.close()
    if process.stdout and not process.stdout.closed:  # nobody waited for it
        process.kill()
        process.communicate()


def test_a_configuration_that_is_not_there(shop: Shop) -> None:
    is_clear(shop.run("poll", "--config", "nowhere.yaml"), WRONG_USE, "nowhere.yaml", "no such file", "supportbot init")


def test_no_configuration_and_no_mailbox(shop: Shop) -> None:
    (shop.folder / "config.yaml").unlink()
    is_clear(shop.run("poll"), WRONG_USE, "no mailbox is configured", "supportbot init")


def test_a_key_that_is_misspelt(shop: Shop) -> None:
    shop.configure(autopilots="[]")
    is_clear(shop.run("poll"), WRONG_USE, "config.yaml:2: autopilots", "unknown key", "did you mean `autopilot`?")


def test_a_wrong_password(shop: Shop) -> None:
    (shop.folder / "password").write_text("wrong-one")
    said = shop.run("poll")
    is_clear(said, OUTSIDE_FAILED, f"refused the login of '{shop.user}'", "check `user` and `password`")
    assert "wrong-one" not in said.sentence + said.output
    (shop.folder / "password").write_text(PASSWORD)
    shop.works_again(len(MAILS))


def test_a_mailbox_that_is_down(shop: Shop) -> None:
    port = free_port()
    shop.configure(port=port)
    is_clear(shop.run("poll"), OUTSIDE_FAILED, f"127.0.0.1:{port} refused the connection", "check `host` and `port`")
    assert shop.unseen() == len(MAILS)


def test_a_rule_file_that_is_broken(shop: Shop) -> None:
    shutil.copytree(ROOT / "rules", shop.folder / "rules")
    shop.configure(rules="rules")
    file = shop.folder / "rules" / "marketplaces" / "amazon.yaml"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines, "  - id: [A-99"]), "utf-8")
    is_clear(shop.run("poll"), WRONG_USE, f"amazon.yaml:{len(lines) + 1}:", "not YAML", "expected")
    assert shop.unseen() == len(MAILS)


def test_a_rule_that_names_an_unknown_fact(shop: Shop) -> None:
    shutil.copytree(ROOT / "rules", shop.folder / "rules")
    shop.configure(rules="rules")
    file = shop.folder / "rules" / "marketplaces" / "common.yaml"
    text = file.read_text("utf-8")
    line = text[: text.index("order.known, eq: false")].count("\n") + 1
    file.write_text(text.replace("order.known, eq: false", "order.knwon, eq: low", 1), "utf-8")
    is_clear(shop.run("poll"), WRONG_USE, f"common.yaml:{line}:", "unknown word 'order.knwon'", "expected")


def test_a_template_with_an_unknown_variable(shop: Shop) -> None:
    shutil.copytree(ROOT / "templates", shop.folder / "templates")
    shop.configure(templates="templates")
    file = shop.folder / "templates" / "emails" / "b_cancel_now.txt"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines, "Bye, {{ order_idd }}", ""]), "utf-8")
    is_clear(shop.run("poll"), WRONG_USE, f"b_cancel_now.txt:{len(lines) + 1}:", "'order_idd'", "did you mean", "needs or may")
    assert shop.unseen() == len(MAILS)


def test_orders_that_are_not_there(shop: Shop) -> None:
    is_clear(shop.run("orders", "import", "orders.json"), WRONG_USE, "orders.json", "no such file")


def test_a_database_that_is_none(shop: Shop) -> None:
    shop.database.write_text("These are the times that try men's souls.\n" * 100)
    is_clear(shop.run("drafts", "list"), OUTSIDE_FAILED, "shop.db is not a SQLite database", "check `database`")


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], None] | None]:
    """A disk of 2 MB at `folder`; call what is given for a larger one. None: this user may not mount one."""

    def mount(options: str) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
        return os.getuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0

    def enlarge() -> None:
        assert mount("remount,size=64m")

    if not mount("size=2m"):
        yield None
        return
    try:
        yield enlarge
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_full(shop: Shop) -> None:
    shop.dovecot.append_all(LARGE, user=shop.user)
    disk = shop.folder / "disk"
    disk.mkdir()
    shop.database = disk / "shop.db"
    shop.configure(limits="{reserve_megabytes: 0}")
    with small_disk(disk) as enlarge:
        if enlarge is None:
            meets_the_limit_of_a_file(shop)
            return
        is_clear(shop.run("poll"), OUTSIDE_FAILED, "the disk that holds the database", "shop.db", "is full", "free some space")
        assert shop.unseen() == len(MAILS) + len(LARGE)
        shop.configure(limits="{reserve_megabytes: 5}")
        is_clear(shop.run("poll"), OUTSIDE_FAILED, "MB are free", str(disk), "no mail is fetched", "it waits in the mailbox")
        enlarge()
        shop.works_again(len(MAILS) + len(LARGE))


def test_a_file_that_may_grow_no_more(shop: Shop) -> None:
    meets_the_limit_of_a_file(shop)


def meets_the_limit_of_a_file(shop: Shop) -> None:
    """The nearest thing to a full disk for who may not mount one."""
    orders = [
        {"marketplace": "amazon", "order_id": f"112-{n:07d}-0000000", "lines": [{"line": "1", "title": "Lamp " * 600}]}
        for n in range(600)
    ]
    (shop.folder / "few.json").write_text(json.dumps(orders[:10]))
    (shop.folder / "many.json").write_text(json.dumps(orders))
    assert shop.run("orders", "import", "few.json").status == 0

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    said = shop.run("orders", "import", "many.json", preexec_fn=limit)
    is_clear(said, OUTSIDE_FAILED, "the disk that holds the database", "shop.db", "check the disk")
    with closing(sqlite3.connect(shop.database)) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (10,)
    assert '"new": 590' in shop.run("orders", "import", "many.json", "--json").output


@pytest.mark.parametrize("command", [*(pytest.param(name, marks=pytest.mark.soak) for name in ("parse", "classify")), "ingest"])
def test_a_full_disk_under_what_is_not_the_database(shop: Shop, command: str) -> None:
    """The tables that tell languages apart are unpacked on the first mail; no mail may be blamed for a disk without room."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    (shop.folder / "mail.eml").write_bytes(MAILS[0])
    said = shop.run(command, "mail.eml", preexec_fn=limit)
    is_clear(said, OUTSIDE_FAILED, "File too large")

    assert shop.run("ingest", "mail.eml").status == 0
    assert shop.messages() == {"done": 1}


def test_a_database_that_another_program_holds(locked: Callable[[], tuple[Shop, Said]]) -> None:
    shop, said = locked()
    is_clear(said, OUTSIDE_FAILED, "shop.db is locked by another program", "end that program, or try again")
    shop.works_again(len(MAILS))
