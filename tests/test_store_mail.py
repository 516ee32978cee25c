"""Mail in: nothing is kept twice, nothing is lost, and what cannot be worked is parked."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from supportbot.casework.facts import Evidence
from supportbot.errors import UsageError
from supportbot.mail.message import UidPosition
from supportbot.store import Kept, Store
from tests.databases import MovableClock, RawSql
from tests.store_world import RECEIVED, fetched, open_case, send_out


def test_a_batch_is_kept_with_its_positions(store: Store) -> None:
    with store.transaction() as tx:
        kept = tx.keep("in", [fetched(3, b"one"), fetched(4, b"two"), fetched(7, b"three", folder="Archive")])
    with store.snapshot() as tx:
        assert tx.positions("in") == {"INBOX": UidPosition(1, 4), "Archive": UidPosition(1, 7)}
        assert tx.pending_messages(10) == [mail.message_id for mail in kept]
        message = tx.message(kept[1].message_id)
        assert message is not None
        assert (message.state, message.mailbox, message.received, message.attempts) == ("new", "in", RECEIVED, 0)
        assert tx.raw(message.sha256) == b"two"
    assert [mail.known for mail in kept] == [False, False, False]


def test_five_deliveries_make_one_message(store: Store, raw_sql: RawSql) -> None:
    batch = [fetched(1, b"one"), fetched(2, b"one"), fetched(3, b"two")]
    with store.transaction() as tx:
        first = tx.keep("in", batch)
    assert [mail.known for mail in first] == [False, True, False]
    for again in (batch, batch, [fetched(1, b"one", uidvalidity=2)], [fetched(9, b"two", folder="Copies")]):
        with store.transaction() as tx:
            assert all(mail.known for mail in tx.keep("in", again))
    with store.transaction() as tx:
        assert tx.keep_file("other", b"one", RECEIVED) == Kept(first[0].message_id, known=True)
        assert len(tx.messages()) == 2
        assert tx.positions("in")["INBOX"] == UidPosition(2, 1)
    assert raw_sql.run("SELECT count(*) FROM fetched") == [(5,)]


def test_a_position_never_goes_back(store: Store) -> None:
    with store.transaction() as tx:
        tx.keep("in", [fetched(9, b"nine")])
        tx.keep("in", [fetched(5, b"five")])
        assert tx.positions("in") == {"INBOX": UidPosition(1, 9)}
        assert tx.positions("other") == {}


def test_a_folder_made_anew_begins_anew_also_where_its_numbers_were_read_before(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        tx.keep("in", [fetched(1, b"one"), fetched(2, None), fetched(3, b"three"), fetched(4, b"four")])
        tx.mark("in", "INBOX", [UidPosition(1, uid) for uid in (1, 2, 3, 4)])
    with store.transaction() as tx:
        (kept,) = tx.keep("in", [replace(fetched(1, b"new"), anew=True), replace(fetched(2, None), anew=True, size=99_000_001)])
    assert not kept.known
    with store.transaction() as tx:
        at = tx.read_up_to("in")["INBOX"]
        assert (at.uid, [mark.uid for mark in at.marks]) == (2, [2, 1])
        assert tx.unmarked("in") == {"INBOX": [UidPosition(1, 1), UidPosition(1, 2)]}
        tx.keep("in", [fetched(3, None)])  # the rescan was cut short: it goes on as any other
        assert tx.positions("in")["INBOX"] == UidPosition(1, 3)
    assert raw_sql.run("SELECT count(*) FROM fetched WHERE uid > 0") == [(3,)]
    assert raw_sql.run("SELECT count(*) FROM quarantine") == [(3,)]


def test_what_the_mailbox_was_not_told_of_is_told_the_next_time(store: Store) -> None:
    with store.transaction() as tx:
        tx.keep("in", [fetched(3, b"one"), fetched(4, None), fetched(7, b"two", folder="Archive"), fetched(8, b"two")])
        assert tx.unmarked("in") == {
            "INBOX": [UidPosition(1, 3), UidPosition(1, 4), UidPosition(1, 8)],
            "Archive": [UidPosition(1, 7)],
        }
        tx.mark("in", "INBOX", [UidPosition(1, 3), UidPosition(1, 8), UidPosition(2, 4)])
        tx.mark("in", "Archive", [])
    with store.snapshot() as tx:
        assert tx.unmarked("in") == {"INBOX": [UidPosition(1, 4)], "Archive": [UidPosition(1, 7)]}
        assert tx.unmarked("other") == {}


def test_a_mail_that_is_too_large_is_parked_once_and_moves_the_position(store: Store) -> None:
    for _ in range(2):
        with store.transaction() as tx:
            assert tx.keep("in", [fetched(1, None), fetched(2, b"small")])[0].message_id == 1
    with store.transaction() as tx:
        (entry,) = tx.quarantined()
        assert (entry.message_id, entry.step) == (None, "fetch")
        assert entry.reason == "too large: 30000000 octets, not fetched; still in INBOX, UID 1"
        assert tx.positions("in") == {"INBOX": UidPosition(1, 2)}
        with pytest.raises(UsageError, match="has no stored mail to retry: too large"):
            tx.retry_quarantined(entry.id, by="alice")


def test_an_empty_mail_is_a_mail(store: Store) -> None:
    with store.transaction() as tx:
        (kept,) = tx.keep("in", [fetched(1, b"")])
        assert tx.raw(hashlib.sha256(b"").hexdigest()) == b""
        assert tx.pending_messages(5) == [kept.message_id]


def test_a_batch_that_fails_keeps_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:  # noqa: PT012
        tx.keep("in", [fetched(1, b"one")])
        raise ZeroDivisionError
    with store.snapshot() as tx:
        assert (tx.messages(), tx.positions("in")) == ([], {})


def test_one_message_of_a_batch_may_fail_alone(store: Store) -> None:
    with store.transaction() as tx:
        first, second = (mail.message_id for mail in tx.keep("in", [fetched(1, b"one"), fetched(2, b"two")]))
        with pytest.raises(ZeroDivisionError), tx.savepoint():  # noqa: PT012
            tx.finish_message(first, kind="bounce")
            tx.audit("supportbot", "decide", f"message {first}", {})
            raise ZeroDivisionError
        with tx.savepoint():
            tx.finish_message(second, kind="unrelated")
            tx.audit("supportbot", "decide", f"message {second}", {})
    with store.snapshot() as tx:
        assert tx.pending_messages(5) == [first]
        assert [row.subject for row in tx.audit_rows()] == [f"message {second}"]
        assert tx.verify_audit() == []


def test_a_finished_message_has_what_was_found(store: Store) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        thread = tx.open_thread("Order PO-1")
        found = {
            "header_message_id": "<1@example.test>",
            "sender": "bea@example.test",
            "subject": "Re: Grüße",
            "kind": "rebill_reply",
            "confidence": 0.75,
            "abstained": False,
            "thread_id": thread,
            "case_id": opened.case_id,
            "order_id": "PO-1",
            "action": "record_acknowledgement",
            "rule": "M-24",
            "why": "both accepted",
            "details": {"facts": {"accepts_item": "yes"}, "tier": 1},
        }
        tx.finish_message(opened.message_id, **found)
        message = tx.message(opened.message_id)
        assert message is not None
        assert {name: getattr(message, name) for name in found} == found
        assert message.state == "done"
        assert [tx.messages(case_id=opened.case_id), tx.messages(thread_id=thread), tx.messages(case_id="other")] == [
            [message],
            [message],
            [],
        ]


def test_characters_that_no_database_takes_are_replaced(store: Store) -> None:
    with store.transaction() as tx:
        (kept,) = tx.keep("in", [fetched(1, b"one")])
        tx.finish_message(kept.message_id, subject="a\0b\ud800c", details={"text": "a\0b\ud800c"})
        message = tx.message(kept.message_id)
    assert message is not None
    assert (message.subject, message.details) == ("a\ufffdb\ufffdc", {"text": "a\0b\ud800c"})


def test_a_postponed_message_waits_for_its_time(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        (kept,) = tx.keep("in", [fetched(1, b"one")])
        tx.postpone_message(kept.message_id, clock.now() + timedelta(minutes=5))
        assert tx.pending_messages(5) == []
        clock.move(timedelta(minutes=5))
        assert tx.pending_messages(5) == [kept.message_id]
        message = tx.message(kept.message_id)
    assert message is not None
    assert message.attempts == 1


def test_quarantine_holds_a_message_until_it_is_retried(store: Store) -> None:
    with store.transaction() as tx:
        (kept,) = tx.keep("in", [fetched(1, b"one")])
        tx.postpone_message(kept.message_id, RECEIVED)
        entry_id = tx.quarantine(
            kept.message_id, mailbox="in", step="classify", reason="ValueError: x", traceback="Traceback …"
        )
        (entry,) = tx.quarantined()
        assert (entry.id, entry.message_id, entry.step, entry.attempts, entry.state) == (
            entry_id,
            kept.message_id,
            "classify",
            2,
            "held",
        )
        assert tx.pending_messages(5) == []
        tx.retry_quarantined(entry_id, by="alice")
        assert (tx.pending_messages(5), tx.quarantined()) == ([kept.message_id], [])
        again = tx.quarantine_entry(entry_id)
        message = tx.message(kept.message_id)
    assert again is not None
    assert message is not None
    assert (again.state, message.attempts) == ("retried", 0)
    with pytest.raises(UsageError, match="was retried already"), store.transaction() as tx:
        tx.retry_quarantined(entry_id, by="alice")
    with pytest.raises(UsageError, match="there is no quarantine entry 99"), store.transaction() as tx:
        tx.retry_quarantined(99, by="alice")


def test_evidence_is_given_back_in_order(store: Store) -> None:
    words = [Evidence("scope", "all of it", 4, 13, "S-1"), Evidence("order_ids", "PO-1", 0, 0, "subject")]
    with store.transaction() as tx:
        (kept,) = tx.keep("in", [fetched(1, b"one")])
        tx.add_evidence(kept.message_id, words)
        assert (tx.evidence_of(kept.message_id), tx.evidence_of(99)) == (words, [])


def test_a_thread_is_found_by_every_message_id_in_it(store: Store) -> None:
    with store.transaction() as tx:
        old, new = tx.open_thread("Old"), tx.open_thread("New")
        tx.join_thread(old, "<old@example.test>")
        tx.join_thread(new, "<new@example.test>")
        tx.join_thread(new, "<new@example.test>")
        tx.join_thread(new, "<old@example.test>")
        tx.join_thread(new, None)
        tx.join_thread(new, "<" + "x" * 5000 + "@example.test>")
        found = tx.threads_of(["<unknown@example.test>", "<new@example.test>", "<old@example.test>"])
        assert found == {"<new@example.test>": [new], "<old@example.test>": sorted([old, new])}
        assert tx.threads_of([]) == {}
        assert tx.threads([old])[old].title == "Old"
        assert tx.threads(["t-none"]) == tx.threads([]) == {}


def test_an_answer_to_our_mail_finds_its_thread_and_case(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user("rita", "reviewer")
        opened = open_case(tx)
        send_out(tx, case_id=opened.case_id)
        entry = tx.claim_outbox(RECEIVED)
        assert entry is not None
        ((thread_id,),) = tx.threads_of([entry.header_message_id]).values()
        thread = tx.threads([thread_id])[thread_id]
        assert (thread.title, thread.case_id, thread.order_ids) == ("Your order PO-1", opened.case_id, ("PO-1",))
        assert (thread.open, thread.opener, thread.written_to) == (True, None, ("Bea@Example.test",))
        assert tx.threads_of_case(opened.case_id) == tx.threads_about("PO-1", ["Bea@example.test"]) == [thread_id]
        assert tx.threads_about("PO-1", ["eve@example.test"]) == tx.threads_about("PO-2") == []


def test_the_message_id_of_our_mail_names_our_thread_alone(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user("rita", "reviewer")
        entry = tx.outbox_entry(send_out(tx, case_id=open_case(tx).case_id))
        assert entry is not None
        before = tx.threads_of([entry.header_message_id])
        tx.join_thread(tx.open_thread("Copied"), entry.header_message_id)
        assert tx.threads_of([entry.header_message_id]) == before


def test_our_answer_stands_in_the_thread_of_the_mail_it_answers_whatever_that_refers_to(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user("rita", "reviewer")
        opened = open_case(tx)
        theirs, copied = tx.open_thread("Theirs"), tx.open_thread("Copied")
        for thread in (theirs, copied):
            tx.join_thread(thread, "<same@example.test>")
        tx.finish_message(opened.message_id, thread_id=copied, header_message_id="<same@example.test>")
        outbox_id = send_out(tx, "answer:PO-1", message_id=opened.message_id, in_reply_to="<same@example.test>")
        entry = tx.outbox_entry(outbox_id)
        assert entry is not None
        assert tx.threads_of([entry.header_message_id]) == {entry.header_message_id: [copied]}


def test_the_case_of_a_thread_is_the_open_one(store: Store) -> None:
    with store.transaction() as tx:
        thread = tx.open_thread("Order")
        assert tx.threads([thread])[thread].case_id is None
        first, second = open_case(tx, "PO-1"), open_case(tx, "PO-2")
        tx.finish_message(first.message_id, thread_id=thread, case_id=first.case_id, sender="bea@example.test")
        tx.finish_message(second.message_id, thread_id=thread, case_id=second.case_id, sender="sam@seller.test")
        for opened, left in ((first, second.case_id), (second, None)):
            case = tx.case(opened.case_id)
            assert case is not None
            tx.move_case(case, to_state="CLOSED", event="close", actor="rita", closed=True)
            found = tx.threads([thread])[thread]
            assert (found.open, left in (None, found.case_id)) == (left is not None, True)
        assert (found.opener, found.writers) == ("bea@example.test", ("bea@example.test", "sam@seller.test"))
        assert found.order_ids == ("PO-1", "PO-2")
