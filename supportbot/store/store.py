"""The store's door: opens SQLite or PostgreSQL with the settings that keep mail safe, and hands out transactions."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from supportbot import fault
from supportbot.clock import Clock
from supportbot.errors import NoTables, StoreError
from supportbot.store import faults, lock, migrate, search_index, turns
from supportbot.store.access import Access
from supportbot.store.casework import Casework
from supportbot.store.checking import Checking
from supportbot.store.columns import canonical_json
from supportbot.store.corrections import Corrections
from supportbot.store.flags import Flags
from supportbot.store.key_archive import KeyArchive
from supportbot.store.mail_in import MailIn
from supportbot.store.money import Money
from supportbot.store.notebook import Notebook
from supportbot.store.order_book import OrderBook
from supportbot.store.outgoing import Outgoing
from supportbot.store.overview import Overview
from supportbot.store.retaining import Retaining
from supportbot.store.threads import Threads
from supportbot.store.turns import Turns
from supportbot.store.vault import Vault
from supportbot.store.work import Job
from supportbot.store.worklist import Worklist

_BEGIN = "supportbot_begin"  # execution option: how SQLite begins


Defer = Callable[[Connection, Sequence[Job]], None]
"""Puts jobs into a queue of the same database, in the transaction whose connection it is given."""


class Transaction(
    MailIn,
    Threads,
    OrderBook,
    Casework,
    Outgoing,
    Money,
    KeyArchive,
    Flags,
    Access,
    Notebook,
    Corrections,
    Worklist,
    Overview,
    Retaining,
    Checking,
    Turns,
):
    """All that can be asked of and told to the store within one transaction."""


class Store:
    """A database. Safe to use from several threads; each `transaction` has its own connection."""

    def __init__(self, engine: Engine, clock: Clock, vault: Vault | None = None) -> None:
        self._engine = engine
        self.vault = vault or Vault()
        self._clock = clock
        self._defer: Defer | None = None
        self.dialect = engine.dialect.name

    @classmethod
    def open(cls, url: str, *, clock: Clock, create: bool = True, patience: float = 30.0, vault: Vault | None = None) -> Self:
        """Open `sqlite:///PATH` or `postgresql://USER@HOST/NAME`, and bring its schema up to date where `create`.

        `patience`: seconds to wait for another program that holds the database. `vault`: the keys of its raw mail; one that is
        missing or wrong is refused. Raises `StoreError` with what to do.
        """
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise StoreError("the database is not written as sqlite:///PATH or postgresql://USER@HOST/NAME") from None
        place = _place(parsed)
        if parsed.get_backend_name() == "sqlite":
            engine = _open_sqlite(parsed, place, create, patience)
        elif parsed.get_backend_name() == "postgresql":
            engine = _open_postgresql(parsed, patience)
        else:
            raise StoreError(f"{place} is neither SQLite nor PostgreSQL: write sqlite:///PATH or postgresql://USER@HOST/NAME")

        @event.listens_for(engine, "handle_error", retval=True)
        def translate(context: ExceptionContext) -> StoreError | None:
            return faults.translate(context, place)

        store = cls(engine, clock, vault)
        try:
            with store._begin() as connection:
                migrate.upgrade(connection, create=create)
                store.vault.admit(Transaction(connection, clock).keys_in_use(), place)
        except BaseException:
            engine.dispose()
            raise
        return store

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Read and write: committed at the end, rolled back on an exception. SQLite lets one in at a time."""
        fault.point("store.begin")
        with self._begin() as connection:
            transaction = Transaction(connection, self._clock, self.vault)
            yield transaction
            transaction.write_record()
            if self._defer and transaction.jobs:
                self._defer(connection, transaction.jobs)
            fault.point("store.commit")
        fault.point("store.committed")

    def defer_with(self, defer: Defer) -> None:
        """From now on what a transaction leaves to be done goes into a queue with it: the one commit makes both."""
        self._defer = defer

    @property
    def url(self) -> URL:
        """Where the database is, with its password."""
        return self._engine.url

    @contextmanager
    def trial(self) -> Iterator[Transaction]:
        """Read and write, and in the end nothing has happened: for what a person wants to see before it is done."""
        with self._connect() as connection, connection.begin() as begun:
            yield Transaction(connection, self._clock, self.vault)
            begun.rollback()

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """Read only: one moment of the database, which keeps no writer waiting."""
        options = (
            {_BEGIN: "BEGIN DEFERRED"}
            if self.dialect == "sqlite"
            else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        with self._connect() as connection, connection.execution_options(**options).begin():
            if self.dialect != "sqlite":
                yield Transaction(connection, self._clock, self.vault)
                return
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield Transaction(connection, self._clock, self.vault)
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")

    def exclusive(self) -> AbstractContextManager[lock.Claim]:
        """Be the only process that works this database. Raises `StoreError` while another one does."""
        return lock.exclusive(self._engine)

    def together(self) -> AbstractContextManager[lock.Claim]:
        """Be one of several processes that work this database. Raises `StoreError` while one works it alone, and for SQLite."""
        return lock.together(self._engine)

    def sender(self) -> AbstractContextManager[bool]:
        """Whether this process is the only one of a cluster that sends, for as long as it stays inside."""
        return lock.sender(self._engine)

    def make_queue(self, schema: str) -> None:
        """Make the tables of a job queue, given as SQL, where the database has none. PostgreSQL."""
        with self._begin() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20160230)")  # several start at once: one makes them
            if not inspect(connection).has_table(turns.QUEUE):
                cursor = connection.connection.cursor()
                cursor.execute(schema)
                cursor.close()

    def compact(self, *, full: bool = False) -> bool:
        """Write the database anew without what was erased, and empty its log; whether that is done to the end.

        SQLite: VACUUM and a truncated WAL, which a reader of another process can keep waiting. PostgreSQL: VACUUM, which lets
        new rows take the place of erased ones in time; `full`: every table is written anew, its samples for the planner are
        taken anew, too, and nobody else can use it meanwhile. Its WAL and archives are the administrator's.
        """
        with self._connect() as connection:
            raw = connection.connection.driver_connection
            if self.dialect != "sqlite":
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                if full:
                    alone.exec_driver_sql("ANALYZE")  # its samples hold values of rows
                alone.exec_driver_sql("VACUUM FULL" if full else "VACUUM")
                return True
            assert raw is not None
            cursor = raw.cursor()
            try:
                # The index of words keeps what was taken out of it in older parts until they are merged.
                cursor.execute(f"INSERT INTO {search_index.TABLE}({search_index.TABLE}) VALUES ('optimize')")  # noqa: S608
                cursor.execute("VACUUM")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.Error as error:
                raise faults.describe(error, _place(self._engine.url)) from error
            finally:
                cursor.close()
        return not busy

    def other_schema(self) -> str | None:
        """The schema that the database has now, where it is not this program's: another version has changed it since."""
        with self._connect() as connection:
            found = migrate.revision(connection)
        return None if found == migrate.HEAD else found or "none"

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except PoolTimeout as error:
            raise faults.busy(_place(self._engine.url)) from error

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._connect() as connection, connection.begin():
            yield connection


def _place(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _open_sqlite(url: URL, place: str, create: bool, patience: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError("a SQLite database needs a file: write sqlite:///PATH")
    path = Path(url.database)
    if not create and not path.exists():
        raise NoTables(f"there is no database {place}; run `supportbot db upgrade` to make it")
    if create:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder of the database {place} cannot be made: {error.strerror}") from error
    engine = create_engine(
        url,
        connect_args={"timeout": patience, "isolation_level": None},  # this program says BEGIN itself, not the driver
        json_serializer=canonical_json,
        json_deserializer=json.loads,
        pool_size=8,
        max_overflow=32,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a commit survives a power cut: a lost "sent" would be a second mail
            "foreign_keys = ON",
            "recursive_triggers = ON",  # OR REPLACE then meets the guards of DELETE
            "temp_store = MEMORY",
            "secure_delete = ON",  # what is erased is overwritten, not only forgotten
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN IMMEDIATE"))

    return engine


def _open_postgresql(url: URL, patience: float) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={int(patience * 1000)} -c timezone=UTC"},
        json_serializer=canonical_json,
        json_deserializer=json.loads,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=32,
    )
