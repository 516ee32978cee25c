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
from supportbot.store import dumps
from supportbot.store.store import Store
from supportbot.store.vault import Vault

_AFTER_RESTORE = "restored from a backup: it may have gone out since"


def backup(url: str, target: Path) -> None:
    """Copy a database to a new file, also while supportbot runs. Raises `StoreError`; `UsageError` where that exists."""
    if target.exists():
        raise UsageError(f"{target} exists; a backup never overwrites")
    partial = target.with_name(target.name + ".partial")
    try:
        if make_url(url).get_backend_name() == "postgresql":
            dumps.dump(make_url(url), partial)
        else:
            _copy_sqlite(_sqlite_file(url), partial)
        fault.point("store.copied")
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise StoreError(f"{target} could not be written: {error}") from error
    except StoreError:
        partial.unlink(missing_ok=True)
        raise


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StoreError(f"there is no database {source}")
    target.unlink(missing_ok=True)  # of a backup that was cut off
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


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


def erase_in_copy(
    file: Path, address: str, *, actor: str, basis: str, clock: Clock, vault: Vault | None = None
) -> dict[str, int]:
    """Take a person out of a copy of a database, whatever state it was in; what was done. Raises `SupportbotError`."""
    with closing(Store.open(f"sqlite:///{file}", clock=clock, vault=vault)) as store:
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


def _receipts(url: str, clock: Clock) -> list[tuple[str, str]]:
    """(salt, digest) of everybody who was erased, from the database that is to be replaced and from the file beside it."""
    found: list[tuple[str, str]] = []
    beside = receipts_file(url)
    if beside and beside.is_file():
        lines = beside.read_text("ascii").splitlines()
        found += [(salt, mark) for salt, _, mark in (line.partition(" ") for line in lines)]
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql" or is_database(_sqlite_file(url)):
        with suppress(StoreError), closing(Store.open(url, clock=clock, vault=Vault.closed())) as store, store.snapshot() as tx:
            found += tx.receipts_of_people()
    return found


def restore(url: str, source: Path, *, clock: Clock, vault: Vault | None = None) -> Restored:
    """Put a backup in the database's place, park its unsent mail, and erase again whoever was erased since.

    The database that was there is kept: beside it as `NAME.before-restore`, of PostgreSQL beside the backup. Nothing approved
    in the backup is sent by itself: it may have gone out after the backup was made (I5).
    """
    receipts = _receipts(url, clock)
    if make_url(url).get_backend_name() == "postgresql":
        _restore_postgresql(url, source, clock)
    else:
        _restore_sqlite(_sqlite_file(url), url, source, clock, vault or Vault())
    with closing(Store.open(url, clock=clock, vault=vault)) as store:
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
            store.compact(full=True)
    return Restored(parked, len(forgotten))


def _restore_sqlite(target: Path, url: str, source: Path, clock: Clock, vault: Vault) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
        try:
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error as error:
            raise UsageError(f"{source} is no backup of supportbot: {error}") from None
        with suppress(sqlite3.OperationalError):  # a backup of the days before there were keys
            vault.admit([row[0] for row in connection.execute("SELECT key_id FROM raw_keys")], str(source))
    if target.exists():
        with closing(Store.open(url, clock=clock, vault=Vault.closed())) as present, present.exclusive():
            kept = target.with_name(target.name + ".before-restore")
            backup_of = closing(sqlite3.connect(target))
            with backup_of as live, closing(sqlite3.connect(kept)) as copy:
                live.backup(copy)
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _restore_postgresql(url: str, source: Path, clock: Clock) -> None:
    if not source.is_file():
        raise UsageError(f"there is no file {source}")
    dumps.check(make_url(url), source)
    with closing(Store.open(url, clock=clock, vault=Vault.closed())) as present, present.exclusive():
        kept = source.with_name(f"before-restore-{clock.now():%Y%m%d-%H%M%S}.dump")
        backup(url, kept)
        dumps.load(make_url(url), source)


def _sqlite_file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise UsageError("this is no SQLite database with a file")
    return Path(parsed.database)
