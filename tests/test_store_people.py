"""People, ticks, the record and the overview."""

import threading
from decimal import Decimal

import pytest

from supportbot.errors import UsageError
from supportbot.store import Store, UserRow
from tests.databases import MovableClock, RawSql
from tests.store_world import add_people, fetched, open_case, send_out


def test_a_user_is_added_once_whatever_the_case_of_the_name(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user("Ann", "approver", password_hash="$argon2id$x")
        tx.add_user("sam", "viewer", seller_id="s-1")
        assert tx.users() == [UserRow("Ann", "approver", None, False), UserRow("sam", "viewer", "s-1", False)]
        assert (tx.user("Ann"), tx.user("none")) == (UserRow("Ann", "approver", None, False), None)
        assert (tx.password_hash("Ann"), tx.password_hash("sam"), tx.password_hash("none")) == ("$argon2id$x", None, None)
        with pytest.raises(UsageError, match="there is a user ANN already"):
            tx.add_user("ANN", "viewer")
        with pytest.raises(UsageError, match="there is no role king; it is one of viewer, reviewer, approver, admin"):
            tx.add_user("bob", "king")


def test_a_disabled_user_has_no_password(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user("ann", "approver", password_hash="$argon2id$x", by="abe")
        tx.disable_user("ann", by="abe")
        assert (tx.password_hash("ann"), tx.user("ann")) == (None, UserRow("ann", "approver", None, True))
        assert [(row.actor, row.action) for row in tx.audit_rows(subject="user ann")] == [("abe", "disable"), ("abe", "add")]
        with pytest.raises(UsageError, match="ann is disabled already"):
            tx.disable_user("ann", by="abe")
        with pytest.raises(UsageError, match="there is no user bob"):
            tx.disable_user("bob", by="abe")


@pytest.mark.parametrize("name", ["", " ann", "ann, bob", "a\nb", "Autopilot", "second person", "supportbot", "x" * 61])
def test_a_name_that_could_be_taken_for_another_is_refused(store: Store, name: str) -> None:
    with store.transaction() as tx, pytest.raises(UsageError, match=r"a name has|stands for something else"):
        tx.add_user(name, "viewer")


def test_a_tick_is_won_once(store: Store) -> None:
    won: list[bool] = []

    def try_it() -> None:
        with store.transaction() as tx:
            won.append(tx.win_tick("poll", 17))

    programs = [threading.Thread(target=try_it) for _ in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(20)
    assert sorted(won) == [False, False, False, True]
    with store.transaction() as tx:
        assert (tx.win_tick("poll", 18), tx.win_tick("deliver", 17), tx.win_tick("poll", 5000)) == (True, True, True)


def test_the_record_is_a_chain(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        tx.audit("rita", "look", "case c1", {"share": 1.5, "both": (None, True), "cap": Decimal("1.50"), "when": clock.now()})
        tx.audit("rita", "leave", "case c1", {})
    with store.transaction() as tx:
        tx.audit("ann\0", "look", "case c2", {"name": "Grüße"})
        newest, older, oldest = tx.audit_rows()
        assert tx.verify_audit() == []
    assert (oldest.number, oldest.previous, older.previous, newest.previous) == (1, "", oldest.hash, older.hash)
    assert oldest.data == {"share": 1.5, "both": [None, True], "cap": "1.50", "when": "2026-03-02 09:00:00+00:00"}
    with store.snapshot() as tx:
        assert tx.audit_rows(subject="case c2") == [newest]
        assert tx.audit_rows(limit=1) == [newest]


def test_the_record_is_never_changed(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        tx.audit("rita", "look", "case c1", {})
    assert "I13: the audit log is never changed" in raw_sql.refusal("UPDATE audit SET actor = 'eve'")
    assert "I13: the audit log is never deleted" in raw_sql.refusal("DELETE FROM audit")
    assert "I13: the head of the audit log only moves forwards" in raw_sql.refusal("UPDATE audit_head SET hash = 'x'")
    assert "I13: the head of the audit log is never deleted" in raw_sql.refusal("DELETE FROM audit_head")
    link = {
        "at": "2026-01-01 00:00:00",
        "actor": "eve",
        "action": "x",
        "subject": "x",
        "data": "{}",
        "previous": "",
        "hash": "",
    }
    assert "I13: an audit row follows the last one" in raw_sql.insert_refusal("audit", number=1, **link)


def test_postgresql_refuses_to_empty_a_record(postgresql_url: str) -> None:
    raw = RawSql(postgresql_url)
    for table in ("audit", "case_events", "credit_memos CASCADE", "acceptances CASCADE", "tickets CASCADE", "outbox"):
        assert "is never deleted" in (said := raw.refusal(f"TRUNCATE {table}")) or "never leaves" in said
    raw.close()


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE number = 2", "row 2 was changed"),
        ("UPDATE audit SET data = '[]' WHERE number = 2", "row 2 was changed"),
        ("DELETE FROM audit WHERE number = 2", "row 2 is missing before row 3"),
        ("DELETE FROM audit WHERE number = 3", "the log ends at row 2, but its head names row 3"),
    ],
)
def test_tampering_with_the_guards_taken_off_is_found(
    sqlite_store: Store, sqlite_url: str, tampering: str, problem: str
) -> None:
    with sqlite_store.transaction() as tx:
        for number in range(3):
            tx.audit("rita", "look", f"case {number}", {"n": number})
    raw = RawSql(sqlite_url)
    for guard in ("audit_update_guard", "audit_delete_guard"):
        raw.run(f"DROP TRIGGER {guard}")
    raw.run(tampering)
    raw.close()
    with sqlite_store.snapshot() as tx:
        assert tx.verify_audit()[0] == problem


def test_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(8):
            with store.transaction() as tx:
                tx.audit(name, "look", f"case {number}", {})

    writers = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    with store.snapshot() as tx:
        assert tx.verify_audit() == []
        assert tx.audit_rows(limit=1)[0].number == 24


def test_the_overview_counts_what_there_is(store: Store, clock: MovableClock) -> None:
    with store.snapshot() as tx:
        assert set(tx.counts().values()) == {0}
    with store.transaction() as tx:
        add_people(tx)
        open_case(tx)
        tx.keep("in", [fetched(1, b"one"), fetched(2, None)])
        send_out(tx)
        tx.claim_outbox(clock.now())
        tx.open_ticket(type="other", status="open", case_id=None, order_id=None, title="x", fields={}, business_key="x")
        (done,) = tx.keep("in", [fetched(3, b"three")])
        tx.finish_message(done.message_id, kind="unrelated")
        counts = tx.counts()
    assert {name: number for name, number in counts.items() if number} == {
        "messages_new": 2,
        "messages_done": 1,
        "outbox_sending": 1,
        "tickets_open": 1,
        "quarantine_held": 1,
        "cases_open": 1,
    }
