"""One process at a time works a database, or the workers of a cluster together; the console of another may still read it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from supportbot.errors import StoreError

_LOCK = 0x73757070  # "supp": the advisory locks of PostgreSQL
_SENDER = _LOCK + 1


@contextmanager
def exclusive(engine: Engine) -> Iterator[None]:
    """Be the only process that works this database. Raises `StoreError` while another one does."""
    taken = StoreError("another supportbot works on this database; stop it first, or let it go on")
    if engine.dialect.name == "postgresql":
        with _held(engine, "pg_try_advisory_lock", "pg_advisory_unlock", _LOCK) as got:
            if not got:
                raise taken
            yield
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
            raise taken from None
        yield  # the lock goes with the handle, also when the process is killed


@contextmanager
def together(engine: Engine) -> Iterator[None]:
    """Be one of several that work this database. Raises `StoreError` while one works it alone, and for SQLite."""
    if engine.dialect.name != "postgresql":
        raise StoreError("several workers need PostgreSQL; `supportbot db copy` moves a SQLite database there")
    with _held(engine, "pg_try_advisory_lock_shared", "pg_advisory_unlock_shared", _LOCK) as got:
        if not got:
            raise StoreError("another supportbot works on this database alone (`engine: embedded`); stop it first")
        yield


@contextmanager
def sender(engine: Engine) -> Iterator[bool]:
    """Whether this is the only process that sends; the lock goes with its connection, also when the process is killed."""
    with _held(engine, "pg_try_advisory_lock", "pg_advisory_unlock", _SENDER) as got:
        yield got


@contextmanager
def _held(engine: Engine, take: str, give_back: str, lock: int) -> Iterator[bool]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:  # held for days, in no transaction
        got = bool(connection.execute(text(f"SELECT {take}(:lock)"), {"lock": lock}).scalar_one())
        try:
            yield got
        finally:
            if got:
                connection.execute(text(f"SELECT {give_back}(:lock)"), {"lock": lock})
