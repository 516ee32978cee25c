"""People's data outside the tables, and the two jobs on all of it: erase a person, and keep nothing longer than its class.

A log may be open in a running program, so a person is struck out of it in place, octet by octet; packed logs and labelled mail
are written anew. Backups are databases: the person is erased in each as in the database itself.
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from supportbot.clock import Clock
from supportbot.errors import SupportbotError
from supportbot.settings import Settings
from supportbot.store import Erased, Expired, Person, Store, erase_in_copy, is_database, receipts_file

_CHUNK = 4_000_000  # octets of a log read at once


@dataclass(frozen=True, slots=True)
class FileChange:
    """What was done to one file, or why nothing could be."""

    file: Path
    done: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """The whole of an erasure: who, what happened in the tables, what in files, and what is still to do by hand."""

    person: Person
    erased: Erased
    files: tuple[FileChange, ...]
    by_hand: tuple[str, ...]


class Privacy:
    """The jobs; each writes its receipt."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    def find(self, address: str) -> Person:
        """What is held of a person."""
        with self._store.snapshot() as tx:
            return tx.find_person(address)

    def erase(self, address: str, *, by: str, basis: str, dry_run: bool = False) -> Erasure:
        """Take a person away everywhere. Raises `UsageError` with what stands in the way; a dry run changes nothing.

        A person whom the tables do not know is still looked for in files: a backup or a log may.
        """
        with self._store.trial() if dry_run else self._store.transaction() as tx:
            person = tx.find_person(address)
            erased = tx.erase_person(person, actor=by, basis=basis)
            receipts = tx.receipts_of_people()
        if dry_run:
            return Erasure(person, erased, (), tuple(self._by_hand(person, compacted=True)))
        self._write_receipts(receipts)
        compacted = self._store.compact(full=True)
        files = (*self._in_copies(person, by, basis), *self._in_logs(person), *self._in_corpus(person))
        return Erasure(person, erased, files, tuple(self._by_hand(person, compacted=compacted)))

    def retain(self, *, by: str, dry_run: bool = False) -> Expired:
        """Empty what is kept longer than its class allows; what that was."""
        with self._store.trial() if dry_run else self._store.transaction() as tx:
            found = tx.expire(self._settings.retention, actor=by)
        if found.counts and not dry_run:
            self._store.compact()
        return found

    def _write_receipts(self, receipts: Sequence[tuple[str, str]]) -> None:
        file = receipts_file(self._settings.database)
        if file:
            _replace(file, "".join(f"{salt} {mark}\n" for salt, mark in receipts).encode("ascii"))

    def _in_copies(self, person: Person, by: str, basis: str) -> Iterator[FileChange]:
        for file in self._copies():
            try:
                counts = [
                    sum(erase_in_copy(file, one, actor=by, basis=basis, clock=self._clock, vault=self._store.vault).values())
                    for one in person.addresses
                ]
            except SupportbotError as error:
                yield FileChange(file, "nothing", str(error))
            else:
                yield FileChange(file, f"{sum(counts)} rows" if sum(counts) else "names nobody of them")

    def _copies(self) -> list[Path]:
        beside = receipts_file(self._settings.database)
        found = list(beside.parent.glob("*.before-restore")) if beside else []
        folder = self._settings.retention.backups
        if folder and folder.is_dir():
            found += [file for file in folder.rglob("*") if file.is_file()]
        live = beside.with_name(beside.name.removesuffix(".erased")).resolve() if beside else None
        return sorted({file for file in found if file.resolve() != live and is_database(file)})

    def _in_logs(self, person: Person) -> Iterator[FileChange]:
        for named in self._settings.retention.logs:
            for file in sorted(named.parent.glob(named.name + "*")):  # with those that rotation has put aside
                try:
                    count = _strike_out(file, (*person.marks, *person.names))
                except OSError as error:
                    yield FileChange(file, "nothing", f"{error.strerror or error}")
                else:
                    yield FileChange(file, f"{count} places struck out")

    def _in_corpus(self, person: Person) -> Iterator[FileChange]:
        folder = self._settings.retention.corpus
        for file in sorted(folder.rglob("*.jsonl")) if folder else ():
            pattern = _pattern((*person.marks, *person.names))
            lines = file.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if not pattern.search(line)]
            if len(kept) != len(lines):
                _replace(file, b"".join(kept))
                yield FileChange(file, f"{len(lines) - len(kept)} labelled mails removed; run `supportbot train` anew")

    def _by_hand(self, person: Person, *, compacted: bool) -> Iterator[str]:
        if not compacted:
            yield "another program reads the database: run `supportbot db compact` when it has ended"
        for mailbox in self._settings.mailboxes:
            yield f"the mailbox {mailbox.name} itself still holds their mail, in its folders and in Sent: delete it there"
        if person.order_keys:
            yield "leave the person out of the orders file that is imported next"
        for seller in self._settings.sellers:
            if {one.casefold() for one in seller.addresses} & set(person.addresses):
                yield f"the configuration names the address under sellers, {seller.id}: remove it there"
        if receipts_file(self._settings.database) is None:
            yield "PostgreSQL: its own archives and dumps hold what they held; erase again after a pg_restore"


def _pattern(names: Sequence[str]) -> re.Pattern[bytes]:
    wanted = sorted({name for name in names if name}, key=len, reverse=True)
    return re.compile(b"|".join(re.escape(name.encode()) for name in wanted) or rb"(?!)", re.IGNORECASE)


def _strike_out(file: Path, names: Sequence[str]) -> int:
    """Overwrite names in a log with as many crosses; how often. The file keeps its length and its place on the disk."""
    pattern = _pattern(names)
    if file.suffix == ".gz":
        text, count = pattern.subn(lambda found: b"x" * len(found[0]), gzip.decompress(file.read_bytes()))
        if count:
            _replace(file, gzip.compress(text))
        return count
    longest = max((len(name.encode()) for name in names), default=1)
    count = 0
    with file.open("r+b") as log:
        start = 0
        while chunk := log.read(_CHUNK):
            for found in pattern.finditer(chunk):
                log.seek(start + found.start())
                log.write(b"x" * len(found[0]))
                count += 1
            if len(chunk) < _CHUNK:
                break
            start += len(chunk) - longest  # a name may lie across the end
            log.seek(start)
    return count


def _replace(file: Path, octets: bytes) -> None:
    partial = file.with_name(file.name + ".partial")
    partial.write_bytes(octets)
    partial.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o600)
    partial.replace(file)
