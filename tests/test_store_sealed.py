"""Raw mail is encrypted at rest where a key is configured, and everything that reads it still works; a wrong key is told."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supportbot.cli import app
from supportbot.cli.doctor import examine_surroundings
from supportbot.clock import SystemClock
from supportbot.config import load_settings
from supportbot.errors import ConfigError, MissingMail, StoreError
from supportbot.store import Store, Vault, backup, restore
from tests.databases import MovableClock

KEY, OTHER = "11" * 32, "Ig" * 21 + "I="
CANARY = b"From: ann.canary@example.com\r\nSubject: canary\r\n\r\nMy card is lost, says Ann Canary.\r\n"

Opened = Callable[..., Store]


@pytest.fixture
def opened(database_url: str, clock: MovableClock) -> Opened:
    return lambda *keys: Store.open(database_url, clock=clock, vault=Vault(*keys))


def keep(store: Store, raw: bytes, clock: MovableClock) -> int:
    with store.transaction() as tx:
        return tx.keep_file("support", raw, clock.now()).message_id


def read(store: Store, message_id: int) -> bytes:
    with store.snapshot() as tx:
        mail = tx.kept_mail(message_id)
    assert mail is not None
    return mail.raw


def stored(store: Store) -> list[bytes]:
    with store.snapshot() as tx:
        return [bytes(row.bytes) for row in tx.connection.exec_driver_sql("select bytes from raw_mail")]


def test_sealed_mail_is_read_as_it_came_and_stands_nowhere_in_the_plain(opened: Opened, clock: MovableClock) -> None:
    with closing(opened(KEY)) as store:
        message_id = keep(store, CANARY, clock)
        assert read(store, message_id) == CANARY
        (octets,) = stored(store)
    assert b"canary" not in octets.lower()
    assert b"Subject" not in octets


def test_a_missing_or_wrong_key_is_told_with_what_to_do_before_anything_is_done(opened: Opened, clock: MovableClock) -> None:
    with closing(opened(KEY)) as store:
        keep(store, CANARY, clock)
    for keys in ((), (OTHER,)):
        with pytest.raises(StoreError, match=r"put that key back as `encryption\.key`") as told:
            opened(*keys)
        assert KEY not in str(told.value)
    opened(OTHER, KEY).close()


def test_octets_that_were_changed_or_moved_to_another_mail_are_damaged_not_read(opened: Opened, clock: MovableClock) -> None:
    with closing(opened(KEY)) as store:
        first, second = keep(store, CANARY, clock), keep(store, CANARY + b"and more\r\n", clock)
        with store.transaction() as tx:
            tx.connection.exec_driver_sql(
                "update raw_mail set bytes = (select r.bytes from raw_mail r join messages m on m.sha256 = r.sha256"
                f" where m.id = {second})"
            )
        assert read(store, second) == CANARY + b"and more\r\n"
        with pytest.raises(MissingMail) as told:
            read(store, first)
    assert told.value.cause == "bytes-damaged"


def test_a_mail_that_looks_sealed_is_read_as_the_plain_mail_that_it_is(opened: Opened, clock: MovableClock) -> None:
    with closing(opened(KEY)) as store:
        keep(store, CANARY, clock)
        (octets,) = stored(store)
    with closing(opened("", KEY)) as store:  # without a key to seal with
        assert read(store, keep(store, octets, clock)) == octets


def test_a_new_key_takes_over_all_mail_and_without_one_all_mail_is_plain_again(opened: Opened, clock: MovableClock) -> None:
    mails = [CANARY + b"%d\r\n" % number for number in range(120)]
    with closing(opened()) as store:
        plain = keep(store, mails[0], clock)
    with closing(opened(KEY)) as store:
        ids = [plain, *(keep(store, raw, clock) for raw in mails[1:])]
    for keys in ((OTHER, KEY), ("", OTHER)):
        with closing(opened(*keys)) as store:
            assert [read(store, one) for one in ids] == mails
            assert reseal(store) == len(mails)
            assert reseal(store) == 0
    with closing(opened()) as store:
        assert [read(store, one) for one in ids] == mails
        assert sorted(stored(store)) == sorted(mails)


def reseal(store: Store) -> int:
    changed, at = 0, ""
    while True:
        with store.transaction() as tx:
            found = tx.reseal(at)
            if found is None:
                tx.forget_other_keys(by="ann")
                return changed
        at, changed = found[0], changed + found[2]


def test_a_person_in_sealed_mail_is_found_and_erased(opened: Opened, clock: MovableClock) -> None:
    with closing(opened(KEY)) as store:
        message_id = keep(store, CANARY, clock)
        with store.transaction() as tx:
            tx.finish_message(message_id, kind="other", action="none", needs_person=False)
            person = tx.find_person("ann.canary@example.com")
            tx.erase_person(person, actor="ann", basis="request")
        assert person.message_ids == {message_id}
        with pytest.raises(MissingMail) as told:
            read(store, message_id)
    assert told.value.cause == "bytes-erased"


def test_a_backup_is_as_sealed_as_the_database_and_comes_back_with_its_key_alone(tmp_path: Path, clock: MovableClock) -> None:
    url, copy = f"sqlite:///{tmp_path / 'bot.db'}", tmp_path / "monday"
    with closing(Store.open(url, clock=clock, vault=Vault(KEY))) as store:
        message_id = keep(store, CANARY, clock)
    backup(url, copy)
    assert b"Ann Canary" not in copy.read_bytes()
    (tmp_path / "bot.db").unlink()
    with closing(Store.open(url, clock=clock)) as store:
        keep(store, b"Subject: of today\r\n\r\n", clock)
    with pytest.raises(StoreError, match=r"encryption\.key"):
        restore(url, copy, clock=clock, vault=Vault(OTHER))
    with closing(Store.open(url, clock=clock)) as store:
        assert len(stored(store)) == 1  # what was there stands untouched
    restore(url, copy, clock=clock, vault=Vault(KEY))
    with closing(Store.open(url, clock=clock, vault=Vault(KEY))) as store:
        assert read(store, message_id) == CANARY


def test_from_the_command_line_a_key_is_brought_in_changed_and_its_absence_told(tmp_path: Path) -> None:
    database, config = tmp_path / "bot.db", tmp_path / "config.yaml"

    def configured(**encryption: str) -> None:
        config.write_text(json.dumps({"database": f"sqlite:///{database}", "encryption": encryption}))

    def run(*command: str) -> tuple[int, dict[str, object]]:
        done = CliRunner().invoke(app, [*command, "--config", str(config)])
        return done.exit_code, json.loads(done.stdout.splitlines()[-1]) if done.stdout else {"error": str(done.exception)}

    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key2").write_text(OTHER)
    with closing(Store.open(f"sqlite:///{database}", clock=SystemClock())) as store:
        keep(store, CANARY, MovableClock())
    configured(key="file:key")
    assert run("db", "reseal", "--by", "ann", "--json")[1]["changed"] == 1
    assert b"Ann Canary" not in database.read_bytes()  # and no page of before is left
    configured(key="file:key2", old_key="file:key")
    assert run("db", "reseal", "--by", "ann", "--json")[1]["changed"] == 1
    configured(key="file:key")
    code, said = run("audit", "verify", "--json")
    assert (code, "put that key back" in str(said["error"])) == (1, True)
    found = {one.check: one for one in examine_surroundings(load_settings(config), None)}
    assert not found["database and its schema"].ok
    assert "put that key back" in found["database and its schema"].detail
    configured(key="file:key2")
    assert run("audit", "verify", "--json") == (0, {"whole": True, "problems": []})
    (tmp_path / "key").write_text("too short")
    configured(key="file:key")
    with pytest.raises(ConfigError, match="openssl rand -base64 32") as refused:
        load_settings(config)
    assert "too short" not in str(refused.value)


def test_what_carries_octets_alone_keeps_no_new_mail(tmp_path: Path, clock: MovableClock) -> None:
    with (
        closing(Store.open(f"sqlite:///{tmp_path / 'bot.db'}", clock=clock, vault=Vault.closed())) as store,
        pytest.raises(StoreError),
    ):
        keep(store, CANARY, clock)
    with closing(sqlite3.connect(tmp_path / "bot.db")) as connection:
        assert connection.execute("select count(*) from raw_mail").fetchone() == (0,)
