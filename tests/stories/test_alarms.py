"""Trouble is told by a second channel while the first one is down: once a cause and day, in words that say what to do."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from supportbot.app import open_alarms
from supportbot.cli import app
from supportbot.cli.doctor import examine_surroundings
from supportbot.config import load_settings
from supportbot.errors import ConfigError
from supportbot.jobs import Health, Watch
from supportbot.settings import Settings
from supportbot.store import Store
from tests.databases import MovableClock
from tests.servers import HOST, PASSWORD, ScriptedSmtp, free_port

DISK = "the disk that holds the database is full; free some space, nothing was lost"


class Hook:
    """A chat system's webhook: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.told: list[dict[str, Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hook.status == 200:
                    hook.told.append(body)
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@contextmanager
def a_hook() -> Iterator[Hook]:
    hook = Hook()
    try:
        yield hook
    finally:
        hook.server.shutdown()
        hook.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_hook() as found:
        yield found


def settings(hook: Hook, folder: Path, second: ScriptedSmtp | None = None, **changes: Any) -> Settings:
    alarm: dict[str, Any] = {"webhook": hook.url, "after_seconds": 0.001}
    if second:
        alarm |= {"to": ["oncall@team.example"], "sender": "alarms@elsewhere.example"}
        alarm |= {"smtp": {"host": HOST, "port": second.port, "security": "none"}}
    down = {"host": HOST, "port": free_port(), "security": "none"}  # the mail server for buyers and sellers
    given = {"database": f"sqlite:///{folder / 'bot.db'}", "smtp": down, "alarm": alarm, "limits": {"free_megabytes": 0}}
    return Settings.model_validate({**given, **changes})


def a_watch(told: Settings, health: Health, store: Store, clock: MovableClock, lag: dict[str, int] | None = None) -> Watch:
    return Watch(health, lambda: lag or {}, store, told, clock, open_alarms(told, clock))


def look(watch: Watch) -> None:
    """Twice: trouble has to last before it is told."""
    watch.look()
    time.sleep(0.002)
    watch.look()


def test_a_mailbox_that_fails_is_told_once_a_day_by_webhook_and_second_mail_server_while_the_first_is_down(
    hook: Hook, smtp_sink: ScriptedSmtp, sqlite_store: Store, clock: MovableClock, tmp_path: Path
) -> None:
    health, told = Health(), settings(hook, tmp_path, smtp_sink)
    watch = a_watch(told, health, sqlite_store, clock)
    look(watch)
    assert (hook.told, smtp_sink.accepted) == ([], [])

    words = "mailbox 'support': box.example:993 refused the login of ann@brand.example (NO): check `user` and `password`"
    health.faults["mailbox support"] = words
    look(watch)
    look(watch)
    look(a_watch(told, health, sqlite_store, clock))  # another process, or the same after a new start

    (said,) = hook.told
    assert "check `user` and `password`" in said["text"]
    assert "`supportbot doctor`" in said["text"]
    assert "ann@" not in said["text"]  # a server's words may name people
    assert [row["cause"] for row in said["troubles"]] == ["mailbox support"]
    (mail,) = smtp_sink.accepted
    assert (mail.envelope_from, mail.recipients) == ("alarms@elsewhere.example", ("oncall@team.example",))
    assert message_from_bytes(mail.raw)["Subject"] == "supportbot of Seller Support: mailbox support"
    assert message_from_bytes(mail.raw)["Auto-Submitted"] == "auto-generated"

    health.faults["work"] = DISK  # another cause is told at once, the first one not again
    look(watch)
    assert [row["cause"] for row in hook.told[-1]["troubles"]] == ["work"]
    clock.move(timedelta(days=1))
    again = a_watch(told, health, sqlite_store, clock)
    look(again)
    assert [len(one["troubles"]) for one in hook.told] == [1, 1, 2]


def test_an_alarm_that_did_not_get_out_is_told_later_and_trouble_that_has_gone_is_not(
    hook: Hook, sqlite_store: Store, clock: MovableClock, tmp_path: Path
) -> None:
    health, told = Health(), settings(hook, tmp_path)
    health.faults["post"] = "the mail server hung up"
    hook.status = 500
    look(a_watch(told, health, sqlite_store, clock))
    hook.status = 200
    look(a_watch(told, health, sqlite_store, clock))
    assert len(hook.told) == 1

    health.faults.clear()
    watch = a_watch(told, health, sqlite_store, clock)
    look(watch)
    assert watch.troubles == ()
    assert len(hook.told) == 1


def test_a_database_that_does_not_answer_is_told_though_nobody_can_note_that(
    hook: Hook, sqlite_store: Store, clock: MovableClock, tmp_path: Path
) -> None:
    told = settings(hook, tmp_path)
    watch = a_watch(told, Health(), sqlite_store, clock)
    database = Path(str(sqlite_store.url.database))
    sqlite_store.close()
    kept = database.read_bytes()
    database.write_bytes(b"no database" * 1000)
    for name in ("-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)
    look(watch)
    assert [row["cause"] for one in hook.told for row in one["troubles"]] == ["database"]
    sqlite_store.close()
    database.write_bytes(kept)
    look(watch)
    assert watch.troubles == ()


def test_each_cause_that_an_operator_must_know_is_found_with_its_remedy(
    hook: Hook, sqlite_store: Store, clock: MovableClock, tmp_path: Path
) -> None:
    from tests.store_world import send_out

    with sqlite_store.transaction() as tx:
        send_out(tx)
        tx.claim_outbox(clock.now())
        tx.park_interrupted()
    box = {"name": "support", "address": "a@b.example", "host": HOST, "port": 1, "security": "none", "user": "a"}
    ends = (clock.now() + timedelta(days=3)).date()
    box |= {"auth": "xoauth2", "oauth": {"token_url": "https://x.example/t", "client_id": "i", "ends": ends}}
    told = settings(hook, tmp_path, mailboxes=[box], limits={"free_megabytes": 10**9}, database=str(sqlite_store.url))
    watch = a_watch(told, Health(), sqlite_store, clock, {"support": 250})
    look(watch)
    clock.move(timedelta(days=3))
    look(watch)
    said = {one.cause: f"{one.what}; {one.remedy}" for one in watch.troubles}
    assert said.keys() == {
        "disk",
        "mailbox support, lag",
        "mailbox support, consent",
        "mails that may have gone out",
        "clock jumped",
    }
    assert "free some space" in said["disk"]
    assert "250 mails are not fetched yet" in said["mailbox support, lag"]
    assert "renew the secret" in said["mailbox support, consent"]
    assert "settle each" in said["mails that may have gone out"]
    assert "3 days" in said["clock jumped"]
    assert all(one.remedy for one in watch.troubles)


def test_while_the_clock_jumps_no_timer_rings_and_nothing_is_erased_by_age(sqlite_store: Store, clock: MovableClock) -> None:
    watch = Watch(Health(), dict, sqlite_store, Settings(), clock)
    done: list[int] = []
    job = watch.in_sound_time(lambda: done.append(1))
    job()
    clock.move(timedelta(days=3650))
    job()
    job()
    assert done == [1]
    clock.move(timedelta(days=-3650))
    job()
    assert done == [1, 1]


def test_a_record_that_was_changed_by_hand_is_found_while_the_service_runs(sqlite_store: Store, clock: MovableClock) -> None:
    import sqlite3

    with sqlite_store.transaction() as tx:
        for number in range(3):
            tx.audit("ann", "test", f"message {number}", {})
    told = Settings.model_validate({"limits": {"free_megabytes": 0}})
    watch = Watch(Health(), dict, sqlite_store, told, clock)
    look(watch)
    assert not watch.troubles
    with sqlite3.connect(str(sqlite_store.url.database)) as connection:
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'"
        ).fetchall():
            connection.execute(f"drop trigger {name}")
        connection.execute("update audit set actor = 'mallory' where number = 2")
    connection.close()
    look(watch)
    (found,) = watch.troubles
    assert (found.cause, found.what) == ("record", "row 2 was changed")


def test_the_second_channel_is_tried_by_hand_and_by_the_doctor(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", hook.url)
    file = tmp_path / "config.yaml"
    file.write_text('{"alarm": {"webhook": "env:HOOK"}}')
    tried = CliRunner().invoke(app, ["alarm", "test", "--json", "--config", str(file)])
    assert (tried.exit_code, json.loads(tried.stdout)) == (0, {"channel": "webhook", "error": None})
    assert "tries this channel by hand" in hook.told[0]["text"]
    assert {one.check: one.ok for one in examine_surroundings(load_settings(file), None)}["alarms, webhook"]

    monkeypatch.setenv("HOOK", f"http://{HOST}:{free_port()}/")
    tried = CliRunner().invoke(app, ["alarm", "test", "--json", "--config", str(file)])
    assert tried.exit_code == 3
    assert "cannot be reached" in json.loads(tried.stdout)["error"]
    assert not {one.check: one.ok for one in examine_surroundings(load_settings(file), None)}["alarms, webhook"]


def test_an_alarm_by_the_mail_server_it_is_about_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "http://chat.example/hook")
    file = tmp_path / "config.yaml"
    same = {"host": "smtp.brand.example", "port": 587}
    file.write_text(json.dumps({"smtp": same, "alarm": {"to": ["a@b.example"], "smtp": same, "webhook": "env:HOOK"}}))
    with pytest.raises(ConfigError) as found:
        load_settings(file)
    assert {one.key for one in found.value.findings} == {"alarm.sender", "alarm.smtp.host", "alarm.webhook"}


def test_a_password_that_changes_in_its_file_counts_without_a_new_start(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("first\n")
    box = {"name": "support", "address": "a@b.example", "host": HOST, "port": 1, "security": "none", "user": "a"}
    (tmp_path / "config.yaml").write_text(json.dumps({"mailboxes": [{**box, "password": "file:password"}]}))
    password = load_settings(tmp_path / "config.yaml").mailboxes[0].password
    assert password.get_secret_value() == "first"
    secret.write_text("second\n")
    assert password.get_secret_value() == "second"
    secret.unlink()  # in the middle of being replaced
    assert (password.get_secret_value(), str(password)) == ("second", "**********")
    assert PASSWORD not in repr(password)
