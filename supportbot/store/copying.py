"""Moves everything from a SQLite database to a PostgreSQL one, and proves row by row that nothing changed on the way."""

import hashlib
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, Integer, Table, delete, func, insert, select, text

from supportbot.errors import StoreError
from supportbot.store.columns import canonical_json
from supportbot.store.guards import GUARDS
from supportbot.store.store import Store
from supportbot.store.tables import leases, message_keys, metadata, raw_mail, ticks

_ROWS = 500
_RAW_ROWS = 50  # each may be a whole mail
_NOT_MOVED = frozenset({leases.name, message_keys.name, ticks.name})
"""Who reads which mailbox at the moment, and what else is true only of running processes."""


def copy(source: Store, target: Store, step: Callable[[str, int], None] = lambda _table, _rows: None) -> dict[str, int]:
    """Copy every table, in one transaction of the target, which must be empty; the rows of each. `step` hears of progress.

    The guards of the target rest meanwhile, since rows come in the state they have reached; constraints and keys do not. At the
    end every row is read back and compared, and the audit log is verified. Raises `StoreError`; then the target is as before.
    """
    if source.dialect != "sqlite" or target.dialect != "postgresql":
        raise StoreError("copied is from sqlite:///PATH to postgresql://USER@HOST/NAME; for the rest there are backups")
    with source.snapshot() as there, target.transaction() as here:
        out, into = there.connection, here.connection
        tables = [table for table in metadata.sorted_tables if table.name not in _NOT_MOVED]
        _refuse_a_used_one(into, tables)
        _rest(into, "DISABLE")
        counts: dict[str, int] = {}
        for table in tables:
            into.execute(delete(table))  # what a migration puts into a new database
            counts[table.name] = 0
            for rows in _chunks(out, table):
                into.execute(insert(table), rows)
                counts[table.name] += len(rows)
                step(table.name, counts[table.name])
            _count_on(into, table)
        into.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # what waits for the commit is checked now
        _rest(into, "ENABLE")
        for table in tables:
            if _digest(out, table) != _digest(into, table):
                raise StoreError(f"the rows of {table.name} did not arrive as they were; nothing was changed")
        problems = here.verify_audit()
        if problems:
            raise StoreError(f"the audit log is not whole, so nothing was copied: {problems[0]}")
    return counts


def _refuse_a_used_one(into: Connection, tables: list[Table]) -> None:
    used = [table.name for table in tables if table.name != "audit_head" and into.execute(select(1).select_from(table)).first()]
    if used:
        raise StoreError(f"the target holds data already ({', '.join(used[:3])}); copy into an empty database")


def _chunks(connection: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    size = _RAW_ROWS if table is raw_mail else _ROWS
    found = connection.execution_options(yield_per=size).execute(select(table).order_by(*table.primary_key.columns))
    for part in found.mappings().partitions():
        yield [dict(row) for row in part]


def _rest(into: Connection, word: str) -> None:
    """Let the guards rest, or stand again; who owns the tables may do that, and the transaction undoes it where it fails."""
    for guard in GUARDS:
        into.execute(text(f"ALTER TABLE {guard.table} {word} TRIGGER {guard.name}"))


def _count_on(into: Connection, table: Table) -> None:
    """New rows get numbers after those that came."""
    (key, *more) = table.primary_key.columns
    if more or not isinstance(key.type, Integer) or key.autoincrement is False:
        return
    sequence = into.execute(
        text("SELECT pg_get_serial_sequence(:table, :key)"), {"table": table.name, "key": key.name}
    ).scalar()
    if sequence:
        highest = into.execute(select(func.max(key))).scalar()
        into.execute(
            text("SELECT setval(:sequence, :at, :used)"), {"sequence": sequence, "at": highest or 1, "used": bool(highest)}
        )


def _digest(connection: Connection, table: Table) -> str:
    """One SHA-256 over every row of a table, in an order that does not depend on the database's collation."""
    rows = []
    for part in _chunks(connection, table):
        rows += [hashlib.sha256(canonical_json(_plain(row)).encode()).digest() for row in part]
    return hashlib.sha256(b"".join(sorted(rows))).hexdigest()


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value for name, value in row.items()}
