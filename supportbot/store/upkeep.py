"""Keeping the data: a copy of the database while it runs, and the way back, which forgets again whom it has to forget."""

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url

from supportbot import fault
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
        fault.point("store.copied")
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise StoreError(f"{target} could not be written: {error}") from error


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did beside copying: mails parked, and people erased again."""

    parked: int
    erased: int


def receipts_file(url: str) -> Path | None:
    """Where the receipts of erasures lie beside a SQLite database, for the day it is replaced; None for PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database).with_name(Path(parsed.database).name + ".erased")


def erase_in_copy(file: Path, address: str, *, actor: str, basis: str, clock: Clock) -> dict[str, int]:
    """Take a person out of a copy of a database, whatever state it was in; what was done. Raises `SupportbotError`."""
    with closing(Store.open(f"sqlite:///{file}", clock=clock)) as store:
        with store.transaction() as tx:
            person = tx.find_person(address)
            counts = tx.erase_person(person, actor=actor, basis=basis, in_a_copy=True).counts if person.known else {}
        store.compact()
    return counts


def is_database(file: Path) -> bool:
    """Whether a file is a SQLite database of supportbot."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchone() is not None
    except sqlite3.Error:
        return False


def _receipts(url: str, target: Path, clock: Clock) -> list[tuple[str, str]]:
    """(salt, digest) of everybody who was erased, from the database that is to be replaced and from the file beside it."""
    found: list[tuple[str, str]] = []
    beside = receipts_file(url)
    if beside and beside.is_file():
        lines = beside.read_text("ascii").splitlines()
        found += [(salt, mark) for salt, _, mark in (line.partition(" ") for line in lines)]
    if is_database(target):
        with suppress(StoreError), closing(Store.open(url, clock=clock)) as store, store.snapshot() as tx:
            found += tx.receipts_of_people()
    return found


def restore(url: str, source: Path, *, clock: Clock) -> Restored:
    """Put a backup in the database's place, park its unsent mail, and erase again whoever was erased since.

    The database that was there is kept beside it, as `NAME.before-restore`. Nothing approved in the backup is sent by itself:
    it may have gone out after the backup was made (I5).
    """
    target = _sqlite_file(url)
    receipts = _receipts(url, target, clock)
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
    with closing(Store.open(url, clock=clock)) as store:
        with store.transaction() as tx:
            parked = len(tx.park_interrupted())
            end_of_time = clock.now() + timedelta(days=36500)
            while entry := tx.claim_outbox(end_of_time):
                tx.settle_outbox(entry.id, state="uncertain", detail=_AFTER_RESTORE)
                parked += 1
        with store.transaction() as tx:
            forgotten = tx.erased_before(receipts)
            for address in forgotten:
                tx.erase_person(tx.find_person(address), actor="supportbot", basis="restored backup", in_a_copy=True)
        if forgotten:
            store.compact()
    return Restored(parked, len(forgotten))


def _sqlite_file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise UsageError("this command copies a SQLite file; for PostgreSQL use pg_dump --format=custom and pg_restore")
    return Path(parsed.database)
