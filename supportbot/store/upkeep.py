"""Keeping the data: a copy of the database while it runs, and the way back."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url

from supportbot.clock import Clock
from supportbot.errors import StoreError, UsageError
from supportbot.store.store import Store

_AFTER_RESTORE = "restored from a backup: it may have gone out since"


def backup(url: str, target: Path) -> None:
    """Copy a SQLite database, also while supportbot runs. Raises `UsageError` for PostgreSQL, which has its own tool."""
    source = _sqlite_file(url)
    if target.exists():
        raise UsageError(f"{target} exists; a backup never overwrites")
    if not source.is_file():
        raise StoreError(f"there is no database {source}")
    partial = target.with_name(target.name + ".partial")
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(partial)) as copy:
            live.backup(copy)
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise StoreError(f"{target} could not be written: {error}") from error


def restore(url: str, source: Path, *, clock: Clock) -> int:
    """Put a backup in the database's place and park its unsent mail; how many mails were parked.

    The database that was there is kept beside it, as `NAME.before-restore`. Nothing approved in the backup is sent by itself:
    it may have gone out after the backup was made (I5).
    """
    target = _sqlite_file(url)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
        try:
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error as error:
            raise UsageError(f"{source} is no backup of supportbot: {error}") from None
    if target.exists():
        with closing(Store.open(url, clock=clock)) as present, present.exclusive():
            kept = target.with_name(target.name + ".before-restore")
            backup_of = closing(sqlite3.connect(target))
            with backup_of as live, closing(sqlite3.connect(kept)) as copy:
                live.backup(copy)
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    with closing(Store.open(url, clock=clock)) as store, store.transaction() as tx:
        parked = len(tx.park_interrupted())
        end_of_time = clock.now() + timedelta(days=36500)
        while entry := tx.claim_outbox(end_of_time):
            tx.settle_outbox(entry.id, state="uncertain", detail=_AFTER_RESTORE)
            parked += 1
    return parked


def _sqlite_file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise UsageError("this command copies a SQLite file; for PostgreSQL use pg_dump --format=custom and pg_restore")
    return Path(parsed.database)
