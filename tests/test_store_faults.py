"""What goes wrong with a database is said in one sentence with what to do, and nothing is lost."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from supportbot.errors import StoreError
from supportbot.store import Store
from supportbot.store.faults import describe
from tests.databases import MovableClock, PostgresqlCluster, RawSql
from tests.store_world import fetched


def test_a_locked_database_says_so(sqlite_url: str, clock: MovableClock) -> None:
    store = Store.open(sqlite_url, clock=clock, patience=0.1)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked by another program; end that program, or try again"), store.transaction():
        pass
    with store.snapshot() as tx:
        assert tx.messages() == []
    other.execute("ROLLBACK")
    other.close()
    with store.transaction() as tx:
        tx.keep("in", [fetched(1, b"one")])
    store.close()


def test_a_reader_never_waits_for_a_writer_and_sees_one_moment(store: Store) -> None:
    with store.transaction() as writer:
        writer.keep("in", [fetched(1, b"one")])
        with store.snapshot() as reader:
            assert reader.messages() == []
    with store.snapshot() as reader:
        assert len(reader.messages()) == 1
        with store.transaction() as writer:
            writer.keep("in", [fetched(2, b"two")])
        assert len(reader.messages()) == 1


def test_a_snapshot_cannot_write_and_leaves_its_connection_as_it_was(store: Store) -> None:
    with pytest.raises(StoreError, match=r"may (not be written|only be read)"), store.snapshot() as tx:
        tx.win_tick("poll", 1)
    for _ in range(3):
        with store.transaction() as tx:
            tx.open_thread("x")


def test_a_file_that_is_no_database_says_so(tmp_path: Path, clock: MovableClock) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are only notes, " * 100)
    with pytest.raises(StoreError, match="is not a SQLite database; check `database`"):
        Store.open(f"sqlite:///{path}", clock=clock)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://host/name", "is neither SQLite nor PostgreSQL"),
        ("supportbot.db", "is not written as sqlite:///PATH or postgresql://USER@HOST/NAME"),
        ("sqlite://", "a SQLite database needs a file"),
        ("sqlite:////proc/nowhere/supportbot.db", "the folder of the database /proc/nowhere/supportbot.db cannot be made"),
        ("sqlite:////proc/supportbot.db", "the database /proc/supportbot.db cannot be opened; check that its folder exists"),
    ],
)
def test_a_database_that_cannot_be_says_why(url: str, sentence: str, clock: MovableClock) -> None:
    with pytest.raises(StoreError, match=sentence):
        Store.open(url, clock=clock)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (sqlite3.OperationalError("attempt to write a readonly database"), "x may not be written; check the permissions"),
        (sqlite3.OperationalError("disk I/O error"), "the disk that holds the database x fails"),
        (sqlite3.DatabaseError("database disk image is malformed"), "x is damaged; restore a backup"),
        (sqlite3.OperationalError("no such table: y"), "the database x failed: no such table: y"),
        (psycopg.OperationalError("could not extend file: No space left on device"), "the disk of PostgreSQL at x is full"),
        (psycopg.errors.DeadlockDetected("deadlock detected"), "two programs waited for each other"),
        (psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"), "another program holds what is needed"),
        (psycopg.OperationalError("[Errno -2] Name or service not known"), "the host of x is not known"),
        (psycopg.errors.ConnectionTimeout("connection timeout expired"), "does not answer at x in time"),
    ],
)
def test_each_fault_has_its_sentence(error: Exception, sentence: str) -> None:
    said = describe(error, "x")
    assert sentence in str(said)
    assert (said.transient, type(said)) == (True, StoreError)


def test_postgresql_that_does_not_answer_says_so(clock: MovableClock) -> None:
    with pytest.raises(StoreError, match=r"PostgreSQL does not answer at postgresql.*127\.0\.0\.1:1/x; check that it runs"):
        Store.open("postgresql://supportbot@127.0.0.1:1/x", clock=clock)


def test_a_wrong_password_is_said_and_not_shown(postgresql: PostgresqlCluster, clock: MovableClock) -> None:
    url = postgresql.url("postgres", user="guarded:wr0ng")
    with pytest.raises(StoreError, match="PostgreSQL refuses the user or password") as caught:
        Store.open(url, clock=clock)
    assert "wr0ng" not in str(caught.value)
    with pytest.raises(StoreError, match="PostgreSQL wants a password"):
        Store.open(postgresql.url("postgres", user="guarded"), clock=clock)


def test_a_database_that_is_not_there_says_so(postgresql: PostgresqlCluster, clock: MovableClock) -> None:
    with pytest.raises(StoreError, match=r"there is no database postgresql://.*/nowhere on the server; create it"):
        Store.open(postgresql.url("nowhere"), clock=clock)


def test_a_user_without_rights_says_so(postgresql: PostgresqlCluster, clock: MovableClock) -> None:
    url = postgresql.url(postgresql.new_database(), user="guarded:secret")
    with pytest.raises(StoreError, match="lacks a permission in PostgreSQL"):
        Store.open(url, clock=clock)


def test_a_connection_cut_while_idle_is_replaced(
    postgresql: PostgresqlCluster, postgresql_url: str, clock: MovableClock
) -> None:
    store = Store.open(postgresql_url, clock=clock)
    name = postgresql_url.rpartition("/")[2]
    postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with store.transaction() as tx:
        tx.keep("in", [fetched(1, b"one")])
    store.close()


def test_a_connection_cut_in_a_transaction_loses_it_and_says_so(
    postgresql: PostgresqlCluster, postgresql_url: str, clock: MovableClock
) -> None:
    store = Store.open(postgresql_url, clock=clock)
    name = postgresql_url.rpartition("/")[2]
    with pytest.raises(StoreError, match="closed the connection; it may be restarting"), store.transaction() as tx:  # noqa: PT012
        tx.keep("in", [fetched(1, b"one")])
        postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        tx.keep("in", [fetched(2, b"two")])
    with store.transaction() as tx:
        assert tx.messages() == []
    store.close()


def test_a_full_disk_says_so_and_loses_nothing(sqlite_url: str, clock: MovableClock) -> None:
    store = Store.open(sqlite_url, clock=clock)
    pages = RawSql(sqlite_url)
    with store.transaction() as tx:
        tx.keep("in", [fetched(1, b"kept")])
        (size,) = pages.run("PRAGMA page_count")[0]
        tx._connection.exec_driver_sql(f"PRAGMA max_page_count = {size + 20}")
    pages.close()
    with pytest.raises(StoreError, match="is full; free some space, nothing was lost"), store.transaction() as tx:
        tx.keep("in", [fetched(2, b"x" * 300_000)])
    with store.transaction() as tx:
        assert [message.id for message in tx.messages()] == [1]
        tx.keep("in", [fetched(2, b"small")])
    store.close()
