"""What is asked for every message or every few seconds is answered by an index, however much mail there is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from supportbot.store import Store, Transaction
from tests.databases import MovableClock, RawSql
from tests.store_world import add_draft, fetched

SCANS: dict[str, Callable[[Transaction, MovableClock], Any]] = {
    "pending messages": lambda tx, clock: tx.pending_messages(50),
    "a batch": lambda tx, clock: tx.keep("in", [fetched(1, b"one")]),
    "mail due": lambda tx, clock: tx.claim_outbox(clock.now()),
    "interrupted mail": lambda tx, clock: tx.park_interrupted(),
    "mails of the hour": lambda tx, clock: tx.sends_since(clock.now() - timedelta(hours=1)),
    "unpushed tickets": lambda tx, clock: tx.unpushed_tickets(50),
    "timers due": lambda tx, clock: tx.due_timers(clock.now()),
    "drafts waiting": lambda tx, clock: tx.drafts(),
    "drafts of a message": lambda tx, clock: tx.drafts(case_id="c"),
    "the loop brake": lambda tx, clock: tx.recent_answers("bea@example.test", clock.now()),
    "quarantine": lambda tx, clock: tx.quarantined(),
    "a thread": lambda tx, clock: tx.threads_of(["<1@example.test>"]),
    "a thread's mails": lambda tx, clock: tx.threads(["t"]),
    "threads of a case": lambda tx, clock: tx.threads_of_case("c"),
    "threads about an order": lambda tx, clock: tx.threads_about("PO-1"),
    "threads about an order with its buyer": lambda tx, clock: tx.threads_about("PO-1", ["bea@example.test"]),
    "joining a thread": lambda tx, clock: tx.join_thread(tx.open_thread("x"), "<1@example.test>"),
    "orders by id": lambda tx, clock: tx.find_orders(["PO-1"]),
    "orders by address": lambda tx, clock: tx.orders_of("bea@example.test"),
    "mails of ours": lambda tx, clock: tx.sent_mail(header_message_ids=["<1@example.test>"]),
    "a draft": lambda tx, clock: add_draft(tx),
}


@pytest.mark.parametrize("name", SCANS)
def test_no_table_is_read_from_end_to_end(sqlite_store: Store, sqlite_url: str, clock: MovableClock, name: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT")):
            asked.append((statement, values[0] if isinstance(values, list) else values))

    event.listen(sqlite_store._engine, "before_cursor_execute", note)
    with sqlite_store.transaction() as tx:
        SCANS[name](tx, clock)
    raw = RawSql(sqlite_url)
    with raw._engine.connect() as connection:
        steps = [
            step.detail
            for statement, values in asked
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    raw.close()
    assert asked
    read = [step for step in steps if step.startswith("SCAN") and " USING " not in step and step != "SCAN CONSTANT ROW"]
    assert [step for step in read if not step.startswith("SCAN anon_")] == []  # those are what the statement has found already
