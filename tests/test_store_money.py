"""The money lock: what the database refuses, from the program and from raw SQL alike (invariants I1, I2, I4)."""

import threading
from decimal import Decimal
from typing import Any

import pytest

from supportbot.errors import StoreError, StoreRefusal
from supportbot.store import MemoLine, MemoRow, Store
from tests.databases import RawSql
from tests.store_world import CAP, LINES, Opened, accept, add_people, open_case, open_memo


def opened_memo(store: Store, **changes: Any) -> MemoRow:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        return open_memo(tx, opened, accept(tx, opened), **changes)


def ready_memo(store: Store, **changes: Any) -> MemoRow:
    memo = opened_memo(store, **changes)
    with store.transaction() as tx:
        return tx.enter_memo(tx.confirm_rebill(memo, by="rita", reference="R-1"), amount=Decimal("129.90"), by="rita")


def test_the_whole_way_to_an_issued_memo(store: Store) -> None:
    memo = opened_memo(store)
    assert (memo.status, memo.rebill_state, memo.lines, memo.cap, memo.amount) == (
        "awaiting_rebill",
        "requested",
        LINES,
        CAP,
        None,
    )
    with store.transaction() as tx:
        confirmed = tx.confirm_rebill(memo, by="rita", reference="R-1")
        entered = tx.enter_memo(confirmed, amount=Decimal("129.90"), by="rita")
        issued = tx.issue_memo(entered, by="ann")
    with store.snapshot() as tx:
        ticket = tx.ticket(memo.ticket_id)
        assert tx.memo(case_id=memo.case_id) == tx.memo(ticket_id=memo.ticket_id) == issued
        assert {ticket.type: ticket.status for ticket in tx.tickets(case_id=memo.case_id)} == {
            "credit_memo": "issued",
            "rebill_request": "closed",
        }
        assert tx.verify_audit() == []
    assert (confirmed.status, confirmed.rebill_state) == ("ready_for_approval", "confirmed")
    assert (issued.status, issued.amount, issued.entered_by, issued.approved_by) == ("issued", Decimal("129.90"), "rita", "ann")
    assert ticket is not None
    assert (ticket.title, ticket.fields["value"]) == ("Credit memo for order PO-1", "139.90")


def test_with_the_early_gate_a_pushed_request_makes_the_memo_ready(store: Store) -> None:
    memo = opened_memo(store, memo_gate="rebill_requested")
    with store.transaction() as tx:
        for ticket in tx.unpushed_tickets(10):
            tx.ticket_pushed(ticket.id, f"local-{ticket.id}")
        ready = tx.memo(case_id=memo.case_id)
        assert tx.unpushed_tickets(10) == []
        assert ready is not None
        entered = tx.enter_memo(ready, amount=Decimal(1), by="rita")
        assert (ready.status, tx.issue_memo(entered, by="abe").status) == ("ready_for_approval", "issued")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rebill": False}, "I1: a credit memo needs a verified acceptance of both the item and the re-billing"),
        ({"item": False}, "I1: a credit memo needs a verified acceptance of both the item and the re-billing"),
        (
            {"verified": False, "grade": "D"},
            "I1: a credit memo needs a verified acceptance of both the item and the re-billing",
        ),
    ],
)
def test_no_memo_without_a_verified_acceptance_of_both(store: Store, changes: dict[str, Any], sentence: str) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        acceptance = accept(tx, opened, **changes)
    with pytest.raises(StoreRefusal, match=sentence), store.transaction() as tx:
        open_memo(tx, opened, acceptance)
    with store.snapshot() as tx:
        assert (tx.tickets(), tx.memo(case_id=opened.case_id)) == ([], None)


def test_no_memo_after_the_buyer_revoked(store: Store) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        acceptance = accept(tx, opened)
        tx.revoke_acceptance(opened.case_id, opened.message_id)
    with pytest.raises(StoreRefusal, match="and not revoked"), store.transaction() as tx:
        open_memo(tx, opened, acceptance)


def test_no_memo_with_the_acceptance_of_another_order(store: Store) -> None:
    with store.transaction() as tx:
        opened, other = open_case(tx, "PO-1"), open_case(tx, "PO-2")
        acceptance = accept(tx, other)
    with pytest.raises(StoreRefusal, match="for the same order and case"), store.transaction() as tx:
        open_memo(tx, opened, acceptance)


def test_no_memo_above_the_value_of_its_lines(store: Store) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        acceptance = accept(tx, opened)
    with pytest.raises(StoreRefusal, match=r"139\.91 is more than the 139\.90"), store.transaction() as tx:
        open_memo(tx, opened, acceptance, cap=Decimal("139.91"))


def test_a_line_is_billed_and_paid_once_even_in_another_case(store: Store) -> None:
    memo = opened_memo(store)
    with store.transaction() as tx:
        case = tx.case(memo.case_id)
        assert case is not None
        tx.move_case(case, to_state="CLOSED_NO_MEMO", event="close", actor="rita", closed=True)
        second = open_case(tx, "PO-1")
        message = tx.keep_file("in", b"I accept again", tx.messages()[0].received).message_id
        again = Opened(second.case_id, second.order_key, message)
        acceptance = accept(tx, again)
    with pytest.raises(StoreRefusal, match="I4: an order line has one re-bill request, ever"), store.transaction() as tx:
        open_memo(tx, again, acceptance, lines=(MemoLine("2", 1, Decimal(100)),), cap=Decimal(100))


def test_a_line_that_is_not_of_the_order_is_refused(store: Store) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        acceptance = accept(tx, opened)
    with pytest.raises(StoreRefusal), store.transaction() as tx:
        open_memo(tx, opened, acceptance, lines=(MemoLine("9", 1, Decimal(200)),))


@pytest.mark.parametrize("by", ["rita", "sam", "vic", "nobody"])
def test_the_second_person_is_another_one_and_may_approve(store: Store, by: str) -> None:
    memo = ready_memo(store)
    with pytest.raises(StoreRefusal, match="I1: "), store.transaction() as tx:
        tx.issue_memo(memo, by=by)


def test_the_approver_who_entered_the_amount_cannot_issue_it(store: Store) -> None:
    memo = ready_memo(store)
    with pytest.raises(StoreRefusal, match="I1: issuing needs an amount and two different people"), store.transaction() as tx:
        tx.issue_memo(tx.enter_memo(memo, amount=Decimal(5), by="ann"), by="ann")


def test_a_memo_without_amount_cannot_be_issued(store: Store) -> None:
    memo = opened_memo(store)
    with pytest.raises(StoreRefusal, match="I1: issuing needs an amount"), store.transaction() as tx:
        tx.issue_memo(tx.confirm_rebill(memo, by="rita", reference="R-1"), by="ann")


def test_a_memo_is_not_issued_before_its_rebill_is_confirmed(store: Store) -> None:
    memo = opened_memo(store)
    with pytest.raises(StoreRefusal, match="and never back"), store.transaction() as tx:
        tx.issue_memo(tx.enter_memo(memo, amount=Decimal(5), by="rita"), by="ann")


def test_a_failed_rebill_keeps_the_memo_from_being_issued_until_it_is_confirmed(store: Store) -> None:
    memo = opened_memo(store)
    with store.transaction() as tx:
        failed = tx.fail_rebill(memo, by="rita", reason="card expired")
    assert (failed.status, failed.rebill_state) == ("awaiting_rebill", "failed")
    with store.transaction() as tx:
        assert tx.confirm_rebill(failed, by="rita", reference="R-2").status == "ready_for_approval"
    with pytest.raises(StoreRefusal, match="I1: a confirmed re-bill is never changed"), store.transaction() as tx:
        tx.fail_rebill(memo, by="rita", reason="no")


def test_a_revoked_acceptance_stops_the_memo(store: Store) -> None:
    memo = ready_memo(store)
    with store.transaction() as tx:
        tx.revoke_acceptance(memo.case_id, tx.messages()[0].id)
    with pytest.raises(StoreRefusal, match="I2: the buyer has revoked the acceptance"), store.transaction() as tx:
        tx.issue_memo(memo, by="ann")


def test_a_closed_ticket_stops_the_memo_and_keeps_its_status(store: Store) -> None:
    memo = ready_memo(store)
    with store.transaction() as tx:
        tx.close_ticket(memo.ticket_id, "closed_no_memo")
        ticket = tx.ticket(memo.ticket_id)
    assert ticket is not None
    assert (ticket.status, ticket.close_reason) == ("ready_for_approval", "closed_no_memo")
    with pytest.raises(StoreRefusal, match="I1: the ticket of this credit memo is closed"), store.transaction() as tx:
        tx.issue_memo(memo, by="ann")


@pytest.mark.parametrize("amount", ["0", "-1", "139.91", "1000000000"])
def test_the_amount_is_above_zero_and_within_the_cap(store: Store, amount: str) -> None:
    memo = opened_memo(store)
    with pytest.raises(StoreRefusal, match="I1: the amount must be above 0 and within the value"), store.transaction() as tx:
        tx.enter_memo(memo, amount=Decimal(amount), by="rita")


def test_the_amount_may_be_the_cap_to_the_last_digit(store: Store) -> None:
    memo = opened_memo(store)
    with store.transaction() as tx:
        assert tx.enter_memo(memo, amount=CAP, by="rita").amount == CAP


def test_an_approval_is_of_the_amount_that_was_shown(store: Store) -> None:
    shown = ready_memo(store)
    with store.transaction() as tx:
        tx.enter_memo(shown, amount=Decimal("139.90"), by="rita")
    with pytest.raises(StoreError, match="has changed meanwhile"), store.transaction() as tx:
        tx.issue_memo(shown, by="ann")


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({"grade": "B"}, True),
        ({"grade": "C"}, False),
        ({"grade": "C", "confirmed_by": "rita", "reason": "called her"}, False),
        ({"grade": "C", "confirmed_by": "rita", "second_person": "rita", "reason": "called her"}, False),
        ({"grade": "D", "confirmed_by": "rita", "second_person": "ann", "reason": " "}, False),
        ({"grade": "D", "confirmed_by": "rita", "second_person": "sam", "reason": "called her"}, False),
        ({"grade": "D", "confirmed_by": "rita", "second_person": "nobody", "reason": "called her"}, False),
        ({"grade": "D", "confirmed_by": "rita", "second_person": "ann", "reason": "called her"}, True),
        ({"grade": "E", "confirmed_by": "rita", "second_person": "ann", "reason": "called her"}, False),
    ],
)
def test_verified_needs_proof_or_two_people_with_a_reason(store: Store, changes: dict[str, Any], passes: bool) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
    try:
        with store.transaction() as tx:
            accept(tx, opened, **changes)
        accepted = True
    except StoreRefusal:
        accepted = False
    assert accepted is passes


def test_a_message_proves_one_case_and_a_signature_too(store: Store) -> None:
    with store.transaction() as tx:
        opened, other = open_case(tx, "PO-1"), open_case(tx, "PO-2")
        accept(tx, opened, verified=False, grade="D", signature_sha256="5a")
        accept(tx, opened, signature_sha256="5a")
    borrowed = Opened(other.case_id, other.order_key, opened.message_id)
    with pytest.raises(StoreRefusal, match=r"this message proves case .* already"), store.transaction() as tx:
        accept(tx, borrowed)
    with pytest.raises(StoreRefusal, match=r"this signature proves case .* already"), store.transaction() as tx:
        accept(tx, other, signature_sha256="5a")


def test_a_ticket_of_a_memo_opens_only_with_the_memo(store: Store) -> None:
    with pytest.raises(StoreRefusal, match="I1: "), store.transaction() as tx:
        tx.open_ticket(
            type="credit_memo", status="issued", case_id=None, order_id="PO-1", title="Pay", fields={}, business_key="mine"
        )


# -- the same from raw SQL


def test_raw_sql_cannot_insert_a_memo_without_proof(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        opened, paid = open_case(tx, "PO-1"), open_case(tx, "PO-2")
        half = accept(tx, opened, rebill=False)
        memo = open_memo(tx, paid, accept(tx, paid))
    model = raw_sql.row("credit_memos", memo.id)
    forged = {
        **model,
        "id": "m-forged",
        "ticket_id": "k-forged",
        "acceptance_id": half,
        "case_id": opened.case_id,
        "rebill_id": "b",
    }
    assert "I1: a credit memo needs a verified acceptance" in raw_sql.insert_refusal(
        "credit_memos", **{**forged, "order_key": opened.order_key}
    )
    assert "I1: a credit memo needs a verified acceptance" in raw_sql.insert_refusal(
        "credit_memos", **{**forged, "acceptance_id": "none"}
    )
    assert "I4: an acceptance, a case and a re-bill have one credit memo, ever" in raw_sql.insert_refusal(
        "credit_memos", **{**model, "id": "m-again"}
    )
    assert raw_sql.insert_refusal("credit_memos", **{**forged, "acceptance_id": None})


def test_raw_sql_cannot_make_an_acceptance_better_than_it_is(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        half = accept(tx, opened, rebill=False)
    assert "I2: an acceptance is never changed" in raw_sql.refusal(
        "UPDATE acceptances SET rebill = TRUE WHERE id = :id", id=half
    )
    assert "I1: an acceptance is never deleted" in raw_sql.refusal("DELETE FROM acceptances")
    better = {**raw_sql.row("acceptances", half), "rebill": True}
    assert "I2: an acceptance is never written over" in raw_sql.insert_refusal("acceptances", **better)
    unproved = {**better, "id": "a-forged", "grade": "D"}
    assert "i2_verified_by_proof_or_two_people" in raw_sql.insert_refusal("acceptances", **unproved)
    assert raw_sql.insert_refusal("acceptances", **{**better, "id": "a-forged", "message_id": opened.message_id + 1})
    assert "I2: a message proves one case" in raw_sql.refusal("DELETE FROM evidence_messages")


FORBIDDEN = (
    ("UPDATE credit_memos SET status = 'issued', approved_by = 'ann'", "I1: a credit memo goes from awaiting_rebill"),
    ("UPDATE credit_memos SET status = 'ready_for_approval'", "I1: the re-bill is not in the state that memo_gate asks for"),
    ("UPDATE credit_memos SET memo_gate = 'rebill_requested'", "I1: what a credit memo stands on is never changed"),
    ("UPDATE credit_memos SET cap = '999'", "I1: what a credit memo stands on is never changed"),
    ("UPDATE credit_memos SET amount = '139.91'", "i1_amount_within_cap"),
    ("UPDATE credit_memos SET amount = '0'", "i1_amount_within_cap"),
    ("UPDATE credit_memos SET amount = '5', entered_by = 'sam'", "I1: the amount is entered by an active reviewer"),
    ("UPDATE credit_memos SET amount = '5', entered_by = 'vic'", "I1: the amount is entered by an active reviewer"),
    ("UPDATE credit_memos SET approved_by = 'ann'", "i1_approval_issues"),
    ("DELETE FROM credit_memos", "I1: a credit memo is never deleted"),
    ("DELETE FROM credit_memo_lines", "I4: the lines of a credit memo are never deleted"),
    ("UPDATE credit_memo_lines SET units = 50", "I4: the lines of a credit memo are never changed"),
    ("UPDATE rebills SET order_key = order_key + 1", "I4: what a re-bill stands for is never changed"),
    ("DELETE FROM rebills", "I4: a re-bill is never deleted"),
    ("DELETE FROM rebill_lines", "I4: the lines of a re-bill are never deleted"),
    ("UPDATE tickets SET status = 'issued' WHERE type = 'credit_memo'", "I1: the status of a credit-memo ticket"),
    ("UPDATE tickets SET type = 'credit_memo' WHERE type <> 'credit_memo'", "I1: the status of a credit-memo ticket"),
    ("DELETE FROM tickets WHERE type = 'credit_memo'", "I1: a credit-memo ticket is never deleted"),
)


def test_raw_sql_cannot_move_an_open_memo(store: Store, raw_sql: RawSql) -> None:
    opened_memo(store)
    assert [(sql, said) for sql, words in FORBIDDEN if words not in (said := raw_sql.refusal(sql))] == []


def test_raw_sql_cannot_issue_a_ready_memo_without_a_second_person(store: Store, raw_sql: RawSql) -> None:
    memo = ready_memo(store)
    issue = "UPDATE credit_memos SET status = 'issued', approved_by = :by"
    assert "i1_issued_needs_two_people" in raw_sql.refusal(
        "UPDATE credit_memos SET status = 'issued', entered_by = 'ann', approved_by = 'ann'"
    )
    for by in ("rita", "sam", "vic", "nobody", None):
        assert "I1: a credit memo is issued by an active approver" in raw_sql.refusal(issue, by=by)
    raw_sql.run("UPDATE users SET disabled = TRUE WHERE name = 'ann'")
    assert "I1: a credit memo is issued by an active approver" in raw_sql.refusal(issue, by="ann")
    with store.transaction() as tx:
        tx.revoke_acceptance(memo.case_id, tx.messages()[0].id)
    assert "I2: the buyer has revoked" in raw_sql.refusal(issue, by="abe")


def test_raw_sql_cannot_touch_an_issued_memo(store: Store, raw_sql: RawSql) -> None:
    memo = ready_memo(store)
    with store.transaction() as tx:
        tx.issue_memo(memo, by="ann")
    for change in ("amount = '1'", "status = 'ready_for_approval'", "approved_by = 'abe'"):
        assert "I1: an issued credit memo is never changed" in raw_sql.refusal(f"UPDATE credit_memos SET {change}")
    late = {"order_key": memo.order_key, "line": "3", "memo_id": memo.id, "units": 1, "unit_price": "1"}
    assert "I4: the lines of a credit memo are fixed" in raw_sql.insert_refusal("credit_memo_lines", **late)


def test_raw_sql_cannot_insert_a_ticket_of_a_memo_that_is_not(store: Store, raw_sql: RawSql) -> None:
    opened_memo(store)
    with store.snapshot() as tx:
        ticket = next(ticket for ticket in tx.tickets() if ticket.type == "credit_memo")
    forged = {**raw_sql.row("tickets", ticket.id), "id": "k-forged", "business_key": "forged"}
    assert "I1: a credit-memo ticket needs its credit memo" in raw_sql.insert_refusal("tickets", **forged)


def test_sqlite_refuses_even_a_client_that_checks_no_foreign_keys_and_replaces_rows(
    sqlite_store: Store, sqlite_url: str
) -> None:
    with sqlite_store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        acceptance = accept(tx, opened)
        memo = open_memo(tx, opened, acceptance)
    raw = RawSql(sqlite_url)
    replace = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"
    for table in ("acceptances", "rebills", "rebill_lines", "credit_memos", "credit_memo_lines", "case_events", "audit"):
        assert raw.refusal(replace.format(table))
    raw.close()
    with sqlite_store.snapshot() as tx:
        assert tx.memo(case_id=opened.case_id) == memo


# -- two at once, where the database lets two write at once


def test_a_revocation_that_is_not_committed_yet_is_waited_for(postgresql_url: str, clock: Any) -> None:
    store = Store.open(postgresql_url, clock=clock)
    memo = ready_memo(store)
    outcome: list[str] = []

    def issue() -> None:
        try:
            with store.transaction() as tx:
                tx.issue_memo(memo, by="ann")
            outcome.append("issued")
        except StoreRefusal as refusal:
            outcome.append(str(refusal))

    with store.transaction() as tx:
        tx.revoke_acceptance(memo.case_id, tx.messages()[0].id)
        issuer = threading.Thread(target=issue)
        issuer.start()
        issuer.join(0.3)
        assert outcome == []
    issuer.join(10)
    store.close()
    assert outcome == ["refused by the database: I2: the buyer has revoked the acceptance"]


def test_raw_sql_cannot_bend_what_a_memo_stands_on(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        add_people(tx)
        paid, opened = open_case(tx, "PO-1"), open_case(tx, "PO-2")
        memo = open_memo(tx, paid, accept(tx, paid))
        both = accept(tx, opened)
    rebill = {**raw_sql.row("rebills", memo.rebill_id), "id": "b-forged"}
    assert "I4: a case has one re-bill, ever" in raw_sql.insert_refusal("rebills", **rebill)
    fresh = {**rebill, "case_id": opened.case_id, "order_key": opened.order_key, "ticket_id": memo.ticket_id}
    assert "I1: a re-bill begins as requested" in raw_sql.insert_refusal("rebills", **{**fresh, "state": "confirmed"})
    raw_sql.run("UPDATE rebills SET state = 'failed'")
    assert "I1: a re-bill never goes back to requested" in raw_sql.refusal("UPDATE rebills SET state = 'requested'")
    model = {**raw_sql.row("credit_memos", memo.id), "id": "m-forged", "ticket_id": "k-forged", "acceptance_id": both}
    theirs = {**model, "case_id": opened.case_id, "order_key": opened.order_key, "rebill_id": "b-none"}
    assert "I1: a credit memo needs the re-bill of its own order and case" in raw_sql.insert_refusal("credit_memos", **theirs)
    raw_sql.insert("rebills", **fresh)
    ready = {**theirs, "rebill_id": "b-forged", "status": "ready_for_approval"}
    assert "I1: a credit memo begins as awaiting_rebill" in raw_sql.insert_refusal("credit_memos", **ready)
    assert raw_sql.insert_refusal("credit_memos", **{**ready, "status": "awaiting_rebill"})  # its ticket is not there at commit
    with store.transaction() as tx:
        tx.close_ticket(memo.ticket_id, "closed_no_memo")
    reopen = "UPDATE tickets SET close_reason = NULL WHERE type = 'credit_memo'"
    assert "I1: a closed credit-memo ticket is never opened again" in raw_sql.refusal(reopen)
    for change in ("UPDATE evidence_signatures SET case_id = 'x'", "DELETE FROM evidence_signatures"):
        assert "I2: a signature proves one case and no other" in raw_sql.refusal(change)
    person = {**raw_sql.row("acceptances", both), "id": "a-forged", "grade": "C", "reason": "called her"}
    for second in ("sam", "vic"):
        assert "I2: an acceptance is confirmed by active reviewers" in raw_sql.insert_refusal(
            "acceptances", **{**person, "confirmed_by": "rita", "second_person": second}
        )
