"""What every part of a transaction shares: its connection, the clock, inserts that skip known rows, and the audit log."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Executable, Table, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from supportbot.clock import Clock
from supportbot.store.columns import canonical_json, storable
from supportbot.store.rows import AuditRow
from supportbot.store.tables import audit, audit_head
from supportbot.store.vault import Vault

_AUDIT_COLUMNS = (
    audit.c.number,
    audit.c.at,
    audit.c.actor,
    audit.c.action,
    audit.c.subject,
    audit.c.data,
    audit.c.previous,
    audit.c.hash,
)
_INSERT_AUDIT = insert(audit)
_HEAD = select(audit_head.c.number, audit_head.c.hash).with_for_update()
_MOVE_HEAD = update(audit_head)


@cache
def insert_new(dialect: str, table: Table) -> Any:
    """An INSERT that skips rows whose key stands already; its row count tells."""
    make = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return make.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@cache
def upsert(dialect: str, table: Table) -> Any:
    """An INSERT that overwrites the row with the same primary key."""
    make = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    key = [column.name for column in table.primary_key]
    rest = {column.name: make.excluded[column.name] for column in table.c if column.name not in key}
    return make.on_conflict_do_update(index_elements=key, set_=rest)


def literal(value: str) -> Any:
    """A constant written into the SQL, so that a partial index whose condition names it can serve."""
    return literal_column(f"'{value}'")


def audit_hash(number: int, at: datetime, actor: str, action: str, subject: str, data: Any, previous: str) -> str:
    """SHA-256 over the canonical JSON of one link; `at` in UTC with microseconds."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical_json([number, stamp, actor, action, subject, data, previous]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Job:
    """Something that a transaction leaves to be done: `work` a message, or `post` what may go out."""

    task: Literal["work", "post"]
    message_id: int | None = None
    after_seconds: int = 0


class Work:
    """One open transaction. The audit log is written at its end, in one go: its head is locked as briefly as can be."""

    def __init__(self, connection: Connection, clock: Clock, vault: Vault | None = None) -> None:
        self._connection = connection
        self._vault = vault or Vault.closed()
        self._clock = clock
        self._dialect = connection.dialect.name
        self._record: list[dict[str, Any]] = []
        self.jobs: list[Job] = []

    @property
    def connection(self) -> Connection:
        """The connection of this transaction, for the store's own tools."""
        return self._connection

    def _all(self, statement: Executable, values: Mapping[str, Any] | None = None) -> list[Any]:
        return list(self._connection.execute(statement, values).all())

    def _first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
        return self._connection.execute(statement, values).first()

    def _write(self, statement: Executable, values: Mapping[str, Any] | list[dict[str, Any]] | None = None) -> int:
        """Execute and say how many rows were touched."""
        return int(self._connection.execute(statement, values).rowcount)

    def _add_new(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert unless the key stands already; whether it was new."""
        return self._write(insert_new(self._dialect, table), values) == 1

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is done inside when it raises, and keep what was done before; for one message of a batch."""
        recorded, left = len(self._record), len(self.jobs)
        try:
            with self._connection.begin_nested():
                yield
        except BaseException:
            del self._record[recorded:]
            del self.jobs[left:]
            raise

    def audit(self, actor: str, action: str, subject: str, data: Mapping[str, Any]) -> None:
        """Append a link to the hash chain. `data` holds ids and hashes, never mail text."""
        self._record.append(
            {
                "at": self._clock.now(),
                "actor": storable(actor),
                "action": storable(action),
                "subject": storable(subject),
                "data": json.loads(canonical_json(dict(data))),  # as it will be read back
            }
        )

    def write_record(self) -> None:
        """Write the links that wait; `Store` calls it before the commit."""
        if not self._record:
            return
        head = self._connection.execute(_HEAD).one()
        number, previous = int(head.number), str(head.hash)
        for link in self._record:
            number += 1
            link["number"], link["previous"] = number, previous
            previous = audit_hash(number, link["at"], link["actor"], link["action"], link["subject"], link["data"], previous)
            link["hash"] = previous
        self._connection.execute(_INSERT_AUDIT, self._record)
        self._connection.execute(_MOVE_HEAD, {"number": number, "hash": previous})
        self._record = []

    def audit_rows(self, *, subject: str | None = None, limit: int = 200) -> list[AuditRow]:
        """The newest links first."""
        self.write_record()
        query = select(*_AUDIT_COLUMNS).order_by(audit.c.number.desc()).limit(limit)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        return [AuditRow(*row) for row in self._all(query)]

    def audit_part(self, subjects: AbstractSet[str]) -> Iterator[dict[str, Any]]:
        """The chain from the first row of these subjects to the last one: theirs whole, the others by their hashes alone."""
        self.write_record()
        theirs = [row.number for row in self._all(select(audit.c.number).where(audit.c.subject.in_(subjects)))]
        if not theirs:
            return
        part = select(*_AUDIT_COLUMNS).where(audit.c.number.between(min(theirs), max(theirs))).order_by(audit.c.number)
        for row in self._all(part):
            link = AuditRow(*row)
            chained = {"number": link.number, "previous": link.previous, "hash": link.hash}
            if link.subject in subjects:
                chained |= {"at": link.at, "actor": link.actor, "action": link.action}
                chained |= {"subject": link.subject, "data": link.data}
            yield chained

    def verify_audit(self, *, newest: int | None = None) -> list[str]:
        """Every problem of the hash chain, oldest first; empty when it is whole and its head is the last link.

        `newest`: only so many of the last links are looked at, from one that is taken as it stands.
        """
        self.write_record()
        problems: list[str] = []
        number, previous = 0, ""
        if newest is not None:
            named = int(self._connection.execute(select(audit_head.c.number)).scalar_one())
            start = self._first(select(audit.c.number, audit.c.hash).where(audit.c.number == named - newest))
            number, previous = (start.number, start.hash) if start else (0, "")
        links = select(*_AUDIT_COLUMNS).where(audit.c.number > number)
        links = links.order_by(audit.c.number).execution_options(yield_per=1000)
        for row in self._connection.execute(links):
            number += 1
            if row.number != number:
                problems.append(f"row {number} is missing before row {row.number}")
                number = row.number
            elif row.previous != previous:
                problems.append(f"row {number} does not follow the row before it")
            if row.hash != audit_hash(number, row.at, row.actor, row.action, row.subject, row.data, row.previous):
                problems.append(f"row {number} was changed")
            previous = row.hash
        head = self._connection.execute(select(audit_head.c.number, audit_head.c.hash)).one()
        if (head.number, head.hash) != (number, previous):
            problems.append(f"the log ends at row {number}, but its head names row {head.number}")
        return problems
