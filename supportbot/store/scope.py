"""One seller's part of the database: the one place that says what a seller's user may see (docs/spec/safety.md row 20).

A scoped snapshot puts a temporary view in front of every table, under the table's own name: SQLite and PostgreSQL both look
among temporary names first. So every query there is, and every query that is still to be written, sees this seller's rows
only; none has to remember it. A table without a rule here is empty. Nothing can be written.
"""
# ruff: noqa: S608  every part of every statement is a constant of this file or a table's name; the seller is a bound value

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, text

from supportbot.errors import UsageError
from supportbot.store.rows import MessageRow
from supportbot.store.store import Store, Transaction
from supportbot.store.tables import metadata

_ORDERS = "SELECT key FROM {home}.orders WHERE seller_id = (SELECT seller FROM only_own)"
_CASES = f"SELECT id FROM {{home}}.cases WHERE order_key IN ({_ORDERS})"
_MESSAGES = f"SELECT id FROM {{home}}.messages WHERE case_id IN ({_CASES})"
_OF_ORDER = f"order_key IN ({_ORDERS})"
_OF_CASE = f"case_id IN ({_CASES})"
_OF_MESSAGE = f"message_id IN ({_MESSAGES})"
_NOBODY = "1 = 0"  # for the team only

RULES: Mapping[str, str] = {
    "raw_mail": _NOBODY,
    "raw_keys": _NOBODY,
    "threads": _NOBODY,
    "thread_messages": _OF_CASE,
    "messages": _OF_CASE,
    "fetched": _NOBODY,
    "folder_positions": _NOBODY,
    "message_evidence": _OF_MESSAGE,
    "quarantine": _NOBODY,
    "orders": "seller_id = (SELECT seller FROM only_own)",
    "order_lines": _OF_ORDER,
    "shipments": _OF_ORDER,
    "order_addresses": _OF_ORDER,
    "cases": _OF_ORDER,
    "case_events": _OF_CASE,
    "timers": _OF_CASE,
    "drafts": _OF_CASE,
    "draft_versions": _NOBODY,
    "draft_recipients": _NOBODY,
    "reviews": _NOBODY,
    "outbox": _NOBODY,
    "tickets": _OF_CASE,
    "users": "name = (SELECT person FROM only_own)",
    "evidence_messages": _OF_CASE,
    "evidence_signatures": _OF_CASE,
    "acceptances": _OF_CASE,
    "rebills": _OF_CASE,
    "rebill_lines": _OF_ORDER,
    "credit_memos": _OF_CASE,
    "credit_memo_lines": _OF_ORDER,
    "desk_marks": _NOBODY,
    "notes": _NOBODY,
    "saved_views": "owner = (SELECT person FROM only_own)",
    "unsaved_edits": _NOBODY,
    "thread_moves": _NOBODY,
    "moved_messages": _NOBODY,
    "signature_checks": _NOBODY,
    "memo_flags": _NOBODY,
    "corrections": _NOBODY,
    "dkim_keys": _NOBODY,
    "ticks": _NOBODY,
    "message_keys": _NOBODY,
    "leases": _NOBODY,
    "audit": _NOBODY,
    "audit_head": _NOBODY,
    "erasures": _NOBODY,
    "legal_holds": _NOBODY,
    "first_links": _NOBODY,
    "sessions": _NOBODY,
    "sign_in_tries": _NOBODY,
    "second_factors": _NOBODY,
    "recovery_codes": _NOBODY,
    "api_tokens": _NOBODY,
    "views_seen": _NOBODY,
    "openid_people": _NOBODY,
}
"""Which rows of a table a seller's user sees. The index of words is not covered: it holds numbers of messages only, which
lead nowhere without the messages' table."""


BLANK: Mapping[str, frozenset[str]] = {
    "drafts": frozenset({"token"}),  # with it an answer counts as the buyer's: the seller is the last to be told
    "users": frozenset({"password_hash"}),
}
"""Columns that are empty for them. What the drafts say is not theirs either: it may carry that token."""


class _OwnTransaction(Transaction):
    """Looks at all hits of a search: the newest may all be somebody else's. Of what is kept of a decision, it leaves out what
    names other threads and orders: those that a mail could have meant may be another seller's."""

    most_hits = -1

    def message(self, message_id: int) -> MessageRow | None:
        row = super().message(message_id)
        return None if row is None else _of_itself(row)

    def messages(self, *, case_id: str | None = None, thread_id: str | None = None, limit: int = 200) -> list[MessageRow]:
        return [_of_itself(row) for row in super().messages(case_id=case_id, thread_id=thread_id, limit=limit)]


def _of_itself(row: MessageRow) -> MessageRow:
    details = {name: said for name, said in row.details.items() if name not in ("link", "orders")}
    if isinstance(facts := details.get("facts"), Mapping):
        details["facts"] = {name: said for name, said in facts.items() if name != "near_misses"}
    return replace(row, details=details)


class ScopedStore(Store):
    """A store through which one seller's user looks."""

    def __init__(self, whole: Store, seller_id: str, person: str) -> None:
        super().__init__(whole._engine, whole._clock)
        self._own = {"seller": seller_id, "person": person}

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """Read only, and only what is this seller's."""
        options = {} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with self._connect() as connection:
            raw = connection.connection.driver_connection
            prepares = getattr(raw, "prepare_threshold", None)
            if self.dialect != "sqlite":  # a statement prepared before the views stood would look past them
                raw.prepare_threshold = None  # type: ignore[union-attr]
            begun = connection.execution_options(supportbot_begin="BEGIN DEFERRED", **options).begin()
            try:
                self._put_up_views(connection)
                yield _OwnTransaction(connection, self._clock)
            finally:
                if self.dialect == "sqlite":
                    connection.exec_driver_sql("PRAGMA query_only = OFF")
                begun.rollback()  # takes the views away
                if self.dialect != "sqlite":
                    raw.prepare_threshold = prepares  # type: ignore[union-attr]

    def _put_up_views(self, connection: Connection) -> None:
        home = "main" if self.dialect == "sqlite" else str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
        home = connection.dialect.identifier_preparer.quote(home)
        connection.exec_driver_sql("CREATE TEMPORARY TABLE only_own (seller text NOT NULL, person text NOT NULL)")
        connection.execute(text("INSERT INTO only_own VALUES (:seller, :person)"), self._own)
        for table in metadata.tables.values():
            which = RULES.get(table.name, _NOBODY).format(home=home)
            blank = BLANK.get(table.name, frozenset())
            columns = ", ".join(f"CAST(NULL AS text) AS {c}" if c in blank else f'"{c}"' for c in table.c.keys())  # noqa: SIM118
            view = f"CREATE TEMPORARY VIEW {table.name} AS SELECT {columns} FROM {home}.{table.name} WHERE {which}"
            connection.exec_driver_sql(view)
        read_only = "PRAGMA query_only = ON" if self.dialect == "sqlite" else "SET TRANSACTION READ ONLY"
        connection.exec_driver_sql(read_only)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Raises `UsageError`: a seller's user only looks."""
        raise UsageError("a seller's user may look, but not do this")
        yield  # type: ignore[unreachable]  # what makes it a context, as it is for the whole store

    trial = transaction

    def close(self) -> None:
        """Nothing: the connections belong to the whole store."""
