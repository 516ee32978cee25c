"""One bad mail never stops the others, and nothing leaves quarantine unread: each entry has its cause and its end."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supportbot.cli import app
from supportbot.errors import UsageError
from tests.stories.office import SELLER, Office

LOST, DAMAGED, ERASED = 2, 4, 5


def three_stored_mails_lose_their_bytes(office: Office) -> list[bytes]:
    """Seven mails are kept; before they are worked, three of them lose their bytes, each in another way."""
    mails = [office.write(SELLER, f"Question {n}", f"Where can I see payout number {n}?") for n in range(7)]
    (source,) = office.app.sources
    office.app.desk.fetch_new(source)
    with closing(sqlite3.connect(office.database)) as connection:
        hashes = dict(connection.execute("select id, sha256 from messages").fetchall())
        connection.execute("delete from raw_mail where sha256 = ?", (hashes[LOST],))
        connection.execute("update raw_mail set bytes = x'0102' where sha256 = ?", (hashes[DAMAGED],))
        connection.execute("update raw_mail set bytes = x'' where sha256 = ?", (hashes[ERASED],))
        connection.commit()
    return mails


def test_a_mail_whose_bytes_are_gone_is_quarantined_by_name_and_those_behind_it_are_worked(office: Office) -> None:
    three_stored_mails_lose_their_bytes(office)

    office.work()

    assert office.sql("select state, count(*) from messages group by 1 order by 1") == [("done", 4), ("quarantined", 3)]
    assert office.sql("select message_id, cause, state from quarantine order by 1") == [
        (LOST, "bytes-missing", "held"),
        (DAMAGED, "bytes-damaged", "held"),
        (ERASED, "bytes-erased", "held"),
    ]


def test_a_mail_that_is_taken_in_again_brings_its_bytes_back_and_is_worked_on_a_retry(office: Office) -> None:
    mails = three_stored_mails_lose_their_bytes(office)
    office.work()
    with office.app.store.transaction() as tx:
        for number in (LOST, ERASED):
            tx.keep_file("support", mails[number - 1], office.app.clock.now())

    for entry_id in (1, 3):
        office.app.desk.retry_quarantined(entry_id, by="alice")
    office.work()

    assert office.sql("select state from messages where id = ?", LOST) == [("done",)]
    assert office.sql("select state from messages where id = ?", ERASED) == [("quarantined",)]  # erased is erased
    assert office.sql("select state, settled_by from quarantine where id = 1") == [("retried", "alice")]


def test_a_release_needs_a_person_and_a_reason_and_ends_the_matter(office: Office) -> None:
    three_stored_mails_lose_their_bytes(office)
    office.work()
    with pytest.raises(UsageError, match="needs a reason"):
        office.app.desk.release_quarantined(1, by="alice", reason=" ")
    with pytest.raises(UsageError):
        office.app.desk.release_quarantined(1, by="sally", reason="it is mine")

    office.app.desk.release_quarantined(1, by="alice", reason="answered by telephone")

    with pytest.raises(UsageError, match="was released already"):
        office.app.desk.retry_quarantined(1, by="alice")
    with office.app.store.snapshot() as tx:
        assert [entry.id for entry in tx.quarantined()] == [2, 3]


def test_the_command_line_lists_saves_and_releases(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"database: sqlite:///{tmp_path}/s.db\n")
    (tmp_path / "in.eml").write_bytes(b"From: a@b.example\nSubject: hello\n\nhello\n")

    def run(*words: str) -> tuple[int, list[dict[str, object]]]:
        result = CliRunner().invoke(app, [*words, "--config", str(config)])
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

    assert run("ingest", str(tmp_path / "in.eml"), "--json")[0] == 0
    with closing(sqlite3.connect(tmp_path / "s.db")) as connection:
        connection.execute(
            "insert into quarantine (message_id, mailbox, step, reason, traceback, attempts, at, state, cause)"
            " values (1, 'ingest', 'work', 'ValueError: odd', '', 1, '2026-05-04 12:00:00.000000', 'held', 'fault')"
        )
        connection.commit()

    assert [(row["id"], row["cause"]) for row in run("quarantine", "list", "--json")[1]] == [(1, "fault")]
    assert run("quarantine", "save", "1", str(tmp_path / "out.eml"))[0] == 0
    assert (tmp_path / "out.eml").read_bytes() == (tmp_path / "in.eml").read_bytes()
    assert run("quarantine", "release", "1", "--reason", "seen", "--by", "alice")[0] == 0
    assert run("quarantine", "list", "--json")[1] == []


def held_mail(office: Office, raw: bytes) -> None:
    """A mail that a fault of the program keeps from being worked."""
    office.dovecot.append(raw, user=office.user)
    (source,) = office.app.sources
    office.app.desk.fetch_new(source)
    with office.app.store.transaction() as tx:
        tx.quarantine(tx.pending_messages(1)[0], mailbox="support", step="judge", reason="a test", traceback="")


def run(office: Office, *command: str) -> tuple[int, list[dict[str, object]], str]:
    config = office.database.with_name("config.yaml")
    config.write_text(json.dumps({"database": f"sqlite:///{office.database}"}))
    done = CliRunner().invoke(app, ["quarantine", *command, "--config", str(config)])
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.exit_code, rows, done.output + str(done.exception)


def test_a_mended_mail_is_worked_in_place_of_the_held_one_and_no_server_vouches_for_it(office: Office, tmp_path: Path) -> None:
    proof = "Authentication-Results: mx.example.test; dmarc=pass header.from=shop.example\r\n"
    raw = f"{proof}From: {SELLER}\r\nSubject: payout\r\n\r\nWhere can I se\x01e payout 7?\r\n".encode()
    held_mail(office, raw)
    saved = tmp_path / "mail.eml"
    assert run(office, "save", "1", str(saved))[0] == 0
    assert "change something" in run(office, "edit", "1", str(saved), "--reason", "none", "--by", "alice")[2]
    saved.write_bytes(saved.read_bytes().replace(b"\x01", b""))

    code, (row,), _ = run(office, "edit", "1", str(saved), "--reason", "a control character", "--by", "alice", "--json")

    assert (code, row["message"], row["quarantined"]) == (0, 2, False)
    assert office.sql("select id, state, mailbox from messages") == [(1, "quarantined", "support"), (2, "done", "(mended)")]
    assert office.sql("select received from messages where id = 1") == office.sql("select received from messages where id = 2")
    assert office.sql("select state, settled_by, settlement from quarantine") == [
        ("released", "alice", "mended as message 2: a control character")
    ]
    with office.app.store.snapshot() as tx:
        mended = tx.message(2)
        assert mended is not None
        assert mended.details["authentication"]["passed"] is False
        assert tx.kept_mail(1) is not None
        assert tx.violations() == []


def test_what_retention_empties_soon_is_told_in_time(office: Office, tmp_path: Path) -> None:
    held_mail(office, f"From: {SELLER}\r\nSubject: payout\r\n\r\nWhere?\r\n".encode())
    assert run(office, "list", "--json")[1][0]["emptied_on"] is None
    office.app.desk.release_quarantined(1, by="alice", reason="answered by telephone")
    assert run(office, "list", "--json")[1] == []
    with closing(sqlite3.connect(office.database)) as connection:
        connection.execute("update quarantine set settled_at = datetime(settled_at, '-25 days')")
        connection.commit()
    (row,) = run(office, "list", "--json")[1]
    assert (row["id"], row["state"]) == (1, "released")
    assert row["emptied_on"]
    assert "emptied within 7 days" in run(office, "list")[2]
