"""One process at a time works a database; the console of another may still read it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from supportbot.errors import StoreError

_LOCK = 0x73757070  # "supp": the advisory lock of PostgreSQL


@contextmanager
def exclusive(engine: Engine) -> Iterator[None]:
    """Be the only process that works this database. Raises `StoreError` while another one does."""
    taken = StoreError("another supportbot works on this database; stop it first, or let it go on")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:  # held for days, in no transaction
            if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
                raise taken
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
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
