"""One process at a time works a database, or the workers of a cluster together; the console of another may still read it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from supportbot.errors import StoreError

_LOCK = 0x73757070  # "supp": the advisory locks of PostgreSQL
_SENDER = _LOCK + 1


class Claim:
    """The right to work a database. On PostgreSQL it hangs on a connection, which a restart of the server takes away."""

    def __init__(self, engine: Engine | None = None, take: str = "", give_back: str = "", refusal: str = "") -> None:
        self._engine, self._take, self._give_back, self._refusal = engine, take, give_back, refusal
        self._connection: Connection | None = None
        if engine is not None:
            self.renew()

    def renew(self) -> None:
        """See that it is still held; where its connection has gone, take it anew. Raises `StoreError` while another has it."""
        if self._engine is None or self._holds():
            return
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")  # for days, in no transaction
        got = False
        try:
            got = bool(connection.execute(text(f"SELECT {self._take}(:lock)"), {"lock": _LOCK}).scalar_one())
        finally:
            if not got:
                connection.close()
        if not got:
            raise StoreError(self._refusal)
        self._connection = connection

    def _holds(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1")).scalar_one()
        except StoreError:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
        return self._connection is not None

    def give_back(self) -> None:
        """Let others have it."""
        if self._connection is None or not self._holds():
            return
        self._connection.execute(text(f"SELECT {self._give_back}(:lock)"), {"lock": _LOCK})
        self._connection.close()


@contextmanager
def exclusive(engine: Engine) -> Iterator[Claim]:
    """Be the only process that works this database. Raises `StoreError` while another one does."""
    taken = "another supportbot works on this database; stop it first, or let it go on"
    if engine.dialect.name == "postgresql":
        claim = Claim(engine, "pg_try_advisory_lock", "pg_advisory_unlock", taken)
        try:
            yield claim
        finally:
            claim.give_back()
        return
    path = Path(f"{engine.url.database}.lock")
    try:
        handle = path.open("w")
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(taken) from None
        yield Claim()  # the lock goes with the handle, also when the process is killed


@contextmanager
def together(engine: Engine) -> Iterator[Claim]:
    """Be one of several that work this database. Raises `StoreError` while one works it alone, and for SQLite."""
    if engine.dialect.name != "postgresql":
        raise StoreError("several workers need PostgreSQL; `supportbot db copy` moves a SQLite database there")
    alone = "another supportbot works on this database alone (`engine: embedded`); stop it first"
    claim = Claim(engine, "pg_try_advisory_lock_shared", "pg_advisory_unlock_shared", alone)
    try:
        yield claim
    finally:
        claim.give_back()


@contextmanager
def sender(engine: Engine) -> Iterator[bool]:
    """Whether this is the only process that sends; the lock goes with its connection, also when the process is killed."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = bool(connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _SENDER}).scalar_one())
        try:
            yield got
        finally:
            if got:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _SENDER})
