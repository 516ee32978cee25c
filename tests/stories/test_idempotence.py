"""The same mail again makes nothing new: from files, from the mailbox, and when the server numbers everything anew."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.corpus import build_corpus, rebill_reports
from tests.stories.office import Office

ROOT = Path(__file__).parent.parent.parent
MADE = (
    "raw_mail",
    "messages",
    "threads",
    "cases",
    "case_events",
    "drafts",
    "tickets",
    "timers",
    "message_evidence",
    "quarantine",
)


def how_many(database: Path) -> dict[str, int]:
    """Rows of every table that a second look must not fill."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return {table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in MADE}


def supportbot(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the command line in `folder`; its last line as JSON."""
    result = subprocess.run(
        [sys.executable, "-m", "supportbot", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert result.returncode in (0, 1), result.stderr
    answer: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return answer


def test_hundreds_of_mails_from_files_taken_in_twice_make_nothing_twice(tmp_path: Path) -> None:
    reports, corpus = rebill_reports(20), build_corpus(180)
    (tmp_path / "orders.json").write_text(json.dumps([*reports.orders, *corpus.orders]))
    (tmp_path / "config.yaml").write_text("database: sqlite:///twice.db\nmailboxes: []\n")
    (tmp_path / "mails").mkdir()
    for number, raw in enumerate([*reports.mails, *corpus.mails]):
        (tmp_path / "mails" / f"{number:03d}.eml").write_bytes(raw)
    supportbot(tmp_path, "orders", "import", "orders.json", "--json")

    first = supportbot(tmp_path, "ingest", "mails", "--json")
    once = how_many(tmp_path / "twice.db")
    second = supportbot(tmp_path, "ingest", "mails", "--json")

    assert (first["taken"], first["known"], first["quarantined"], first["unreadable"]) == (200, 0, 0, 0)
    assert (once["messages"], once["quarantine"]) == (200, 0)
    assert once["drafts"] > 50
    assert once["cases"] > 20
    assert (second["taken"], second["known"], second["quarantined"], second["unreadable"]) == (0, 200, 0, 0)
    assert how_many(tmp_path / "twice.db") == once


def test_a_server_that_numbers_all_mail_anew_makes_nothing_twice(open_office: Callable[..., Office]) -> None:
    reports, corpus = rebill_reports(20), build_corpus(60)
    office = open_office()
    office.import_orders(*reports.orders, *corpus.orders)
    office.dovecot.append_all([*reports.mails, *corpus.mails], user=office.user)
    office.work()
    once = how_many(office.database)
    assert once["cases"] >= 20

    office.dovecot.change_uidvalidity("INBOX", office.user)
    office.app.close()
    office.app = office.start()
    office.work()

    assert how_many(office.database) == once
    assert office.sql("select count(*), count(distinct uidvalidity) from fetched") == [(160, 2)]
    assert office.unseen() == 0


def test_the_same_bytes_delivered_again_make_nothing_twice(open_office: Callable[..., Office]) -> None:
    reports = rebill_reports(5)
    office = open_office()
    office.import_orders(*reports.orders)
    office.dovecot.append_all(reports.mails, user=office.user)
    office.work()
    once = how_many(office.database)

    office.dovecot.append_all(reports.mails, user=office.user)
    office.work()

    assert how_many(office.database) == once
    assert office.unseen() == 0
