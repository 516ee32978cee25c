"""The auditor finds what breaks an invariant, though every guard was taken out of its way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from supportbot.store import Store
from tests.databases import MovableClock
from tests.store_world import accept, add_people, fetched, open_case, send_out


def a_busy_store(path: Path, clock: MovableClock) -> Store:
    store = Store.open(f"sqlite:///{path}", clock=clock)
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        memo_of = accept(tx, opened)
        ticket = tx.open_ticket(
            type="rebill_request", status="open", case_id=opened.case_id, order_id="PO-1", title="re-bill", fields={},
            business_key="rebill:PO-1",
        )  # fmt: skip
        assert ticket
        send_out(tx)
        tx.keep("in", [fetched(1, b"Subject: one\n\none"), fetched(2, None)])
        entry = tx.quarantine(1, mailbox="in", step="work", reason="odd", traceback="")
        assert memo_of
        assert entry
    return store


def test_nothing_is_broken_in_a_store_that_was_only_used(store: Store) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        accept(tx, opened)
        send_out(tx)
        tx.keep("in", [fetched(1, b"Subject: one\n\none"), fetched(2, None)])
        tx.quarantine(1, mailbox="in", step="work", reason="odd", traceback="")
    with store.snapshot() as tx:
        assert tx.violations() == []


@pytest.mark.parametrize(
    ("invariant", "damage"),
    [
        ("I2", "update acceptances set grade = 'E'"),
        ("I5", "insert into outbox select 'o2', draft_id, '<2@x>', envelope_from, recipients, raw, state, attempts, detail,"
               " not_before, claimed_at, changed_at from outbox"),
        ("I6", "delete from quarantine where fetched_id is not null"),
        ("I6", "update messages set sha256 = 'none', state = 'new' where id = 1"),
        ("I7", "delete from quarantine where message_id is not null"),
        ("I9", "delete from reviews"),
        ("I9", "update draft_versions set content_sha256 = 'other'"),
        ("I13", "update cases set state = 'MEMO_ISSUED'"),
        ("I13", "update audit set actor = 'nobody' where number = 2"),
        ("I3", "update audit set action = 'decide', subject = 'message 1' where number <= 2"),
        ("I7", "update messages set state = 'done' where id = 1"),
        ("I10", "update draft_versions set findings = '[\"a link\"]'"),
        ("I12", "insert into desk_marks select 'draft d', name, null, 'x', '2026' from users where seller_id is not null"),
        ("I13", "update messages set state = 'done' where id = 1"),
        ("I14", "update outbox set state = 'failed'"),
        ("I17", "insert into erasures (id, kind, actor, basis, started_at, counts)"
                " values ('e', 'retention', 'x', 'x', '2026', '{}')"),
    ],
)  # fmt: skip
def test_damage_is_named(invariant: str, damage: str, tmp_path: Path, clock: MovableClock) -> None:
    path = tmp_path / "s.db"
    store = a_busy_store(path, clock)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma ignore_check_constraints = on")
        for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {name}")
        if "outbox" in damage:  # a key cannot be dropped: the table is made anew without it
            connection.executescript("create table plain as select * from outbox; drop table outbox;"
                                     "alter table plain rename to outbox;")  # fmt: skip
        assert connection.execute(damage).rowcount > 0
        connection.commit()

    with store.snapshot() as tx:
        found = tx.violations()

    assert invariant in {one.invariant for one in found}
    store.close()
