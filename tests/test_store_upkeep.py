"""A backup is the whole database, and a restore sends nothing again; on both databases, killed half way too."""

import subprocess
import sys
from pathlib import Path

import pytest

from supportbot.errors import StoreError, UsageError
from supportbot.store import Store, backup, restore
from tests.databases import MovableClock, PostgresqlCluster, RawSql
from tests.store_world import RECEIVED, fetched, send_out

ROOT = Path(__file__).parent.parent


def test_a_restore_brings_back_what_was_parks_what_was_approved_and_keeps_what_it_replaces(
    database_url: str, clock: MovableClock, tmp_path: Path
) -> None:
    store = Store.open(database_url, clock=clock)
    with store.transaction() as tx:
        send_out(tx)
        tx.keep("in", [fetched(1, b"before")])
    backup(database_url, tmp_path / "monday")
    with store.transaction() as tx:
        tx.keep("in", [fetched(2, b"after")])
        assert tx.claim_outbox(clock.now()) is not None
    store.close()

    done = restore(database_url, tmp_path / "monday", clock=clock)

    assert (done.parked, done.erased) == (1, 0)
    store = Store.open(database_url, clock=clock)
    with store.snapshot() as tx:
        assert [entry.state for entry in tx.outbox()] == ["uncertain"]
        assert tx.positions("in")["INBOX"].uid == 1
        assert tx.violations() == []
    store.close()
    assert list(tmp_path.glob("*before-restore*"))


def test_a_restore_forgets_whom_the_database_had_forgotten(database_url: str, clock: MovableClock, tmp_path: Path) -> None:
    store = Store.open(database_url, clock=clock)
    with store.transaction() as tx:
        send_out(tx)
        tx.keep("in", [fetched(1, b"From: Cleo <cleo@canary.example>\n\nhello")])
        tx.finish_message(1, sender="cleo@canary.example", subject="x", why="")
    backup(database_url, tmp_path / "monday")
    with store.transaction() as tx:
        tx.erase_person(tx.find_person("cleo@canary.example"), actor="alice", basis="asked")
    store.close()

    assert restore(database_url, tmp_path / "monday", clock=clock).erased == 1


def test_a_restore_is_refused_while_supportbot_works(database_url: str, clock: MovableClock, tmp_path: Path) -> None:
    backup(database_url, tmp_path / "monday")
    store = Store.open(database_url, clock=clock)
    with store.exclusive(), pytest.raises(StoreError, match="another supportbot works"):
        restore(database_url, tmp_path / "monday", clock=clock)
    store.close()


def test_what_is_no_backup_is_refused_and_nothing_is_lost(database_url: str, clock: MovableClock, tmp_path: Path) -> None:
    store = Store.open(database_url, clock=clock)
    with store.transaction() as tx:
        tx.keep_file("in", b"kept", RECEIVED)
    store.close()
    (tmp_path / "notes.txt").write_text("no backup")
    with pytest.raises(UsageError, match="no backup of supportbot"):
        restore(database_url, tmp_path / "notes.txt", clock=clock)
    (tmp_path / "monday").touch()
    with pytest.raises(UsageError, match="never overwrites"):
        backup(database_url, tmp_path / "monday")
    store = Store.open(database_url, clock=clock)
    with store.snapshot() as tx:
        assert len(tx.messages()) == 1
    store.close()


_DIES = """
import os, sys
from pathlib import Path
from supportbot import fault
from supportbot.clock import SystemClock
from supportbot.store import Store, backup
url, point, target = sys.argv[1:]
def die(name):
    if name == point:
        os._exit(9)
with fault.watched(die):
    if target:
        backup(url, Path(target))
    Store.open(url, clock=SystemClock()).close()
"""


def killed_at(point: str, url: str, target: str = "") -> int:
    return subprocess.run([sys.executable, "-c", _DIES, url, point, target], cwd=ROOT, check=False).returncode


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_killed_half_way_leaves_nothing_and_is_done_by_the_next_start(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, clock: MovableClock
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/new.db"
    else:
        cluster: PostgresqlCluster = request.getfixturevalue("postgresql")
        url = cluster.url(cluster.new_database(template="template0"))
    assert killed_at("store.migrated", url) == 9
    with pytest.raises(StoreError, match=r"empty|no database"):
        Store.open(url, clock=clock, create=False)
    assert killed_at("never", url) == 0
    Store.open(url, clock=clock, create=False).close()


def test_a_backup_killed_half_way_is_no_backup_and_the_next_one_is_whole(
    database_url: str, clock: MovableClock, tmp_path: Path, store: Store, raw_sql: RawSql
) -> None:
    with store.transaction() as tx:
        tx.keep_file("in", b"kept", RECEIVED)
    target = tmp_path / "monday"
    assert killed_at("store.copied", database_url, str(target)) == 9
    assert not target.exists()
    backup(database_url, target)
    assert target.stat().st_size > 1000
    assert not target.with_name("monday.partial").exists()
    assert raw_sql.run("SELECT count(*) FROM messages") == [(1,)]
