"""The locks of proof, tried by raw SQL on both databases: holds, unread mail, the key archive; and a guard for every table."""

import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest

from supportbot.casework.anomalies import Flag
from supportbot.casework.case import CaseEvent
from supportbot.errors import StoreRefusal
from supportbot.mail.message import DkimVerdict
from supportbot.mail.signature import SignatureCheck
from supportbot.store import CaseRow, MemoRow, Store, Transaction
from supportbot.store.guards import GUARDS
from tests.databases import RawSql
from tests.store_world import RECEIVED, Opened, accept, add_people, open_case, open_memo

ISSUE = "UPDATE credit_memos SET status = 'issued', approved_by = 'ann'"
KEY = "v=DKIM1; p=abc"
CHECK = SignatureCheck(
    0, DkimVerdict("pass", "example.com", True, (), "5f", frozenset(), "S1._domainkey.example.com", "dns"), KEY, "none"
)


def ready(store: Store) -> tuple[Opened, MemoRow]:
    """A memo that only its second person is missing from."""
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        memo = tx.confirm_rebill(open_memo(tx, opened, accept(tx, opened)), by="rita", reference="R-1")
        return opened, tx.enter_memo(memo, amount=Decimal(5), by="rita")


def hold(tx: Transaction, case_id: str) -> CaseRow:
    case = tx.case(case_id)
    assert case is not None
    return tx.move_case(case, to_state="HOLD", event=CaseEvent.PUT_ON_HOLD, actor="rita", held_from=case.state)


def mail_comes(tx: Transaction, opened: Opened, sender: str | None, *, order: bool = True) -> int:
    """A mail that a person has to read, about the order or in its case."""
    message_id = tx.keep_file("in", f"words of {sender} {order}".encode(), RECEIVED).message_id
    tx.finish_message(
        message_id, sender=sender, needs_person=True,
        order_id="PO-1" if order else None, case_id=None if order else opened.case_id,
    )  # fmt: skip
    return message_id


def test_raw_sql_cannot_issue_a_memo_of_a_held_case_nor_slip_it_out_of_the_hold(store: Store, raw_sql: RawSql) -> None:
    opened, _ = ready(store)
    with store.transaction() as tx:
        held = hold(tx, opened.case_id)

    assert "I2: no credit memo is issued while its case is on hold" in raw_sql.refusal(ISSUE)
    raw_sql.run("UPDATE cases SET state = 'REBILL_CONFIRMED'")
    assert "I2: no credit memo is issued while its case is on hold" in raw_sql.refusal(ISSUE)
    raw_sql.run("UPDATE cases SET state = 'HOLD'")
    with store.transaction() as tx:
        tx.move_case(held, to_state="REBILL_CONFIRMED", event=CaseEvent.RELEASED, actor="rita")
    raw_sql.run(ISSUE)


@pytest.mark.parametrize("sender", ["bea@example.test", "BEA@Example.TEST", "relay-1@relay.example.test", None])
@pytest.mark.parametrize("order", [True, False])
def test_raw_sql_cannot_issue_a_memo_over_unread_mail_in_the_buyers_name(
    store: Store, raw_sql: RawSql, sender: str | None, order: bool
) -> None:
    opened, _ = ready(store)
    with store.transaction() as tx:
        mail_comes(tx, opened, "sam@seller.test", order=order)
        message_id = mail_comes(tx, opened, sender, order=order)

    assert "I2: no credit memo is issued while mail in the name of the buyer waits" in raw_sql.refusal(ISSUE)
    with store.transaction() as tx:
        tx.mark_handled(message_id, "rita")
    raw_sql.run(ISSUE)


def test_no_memo_opens_on_hold_or_over_unread_mail(store: Store) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        acceptance = accept(tx, opened)
        message_id = mail_comes(tx, opened, "bea@example.test")
    with pytest.raises(StoreRefusal, match="I2: no credit memo opens while mail"), store.transaction() as tx:
        open_memo(tx, opened, acceptance)
    with store.transaction() as tx:
        tx.mark_handled(message_id, "rita")
        held = hold(tx, opened.case_id)
    with pytest.raises(StoreRefusal, match="I2: no credit memo opens while its case is on hold"), store.transaction() as tx:
        open_memo(tx, opened, acceptance)
    with store.transaction() as tx:
        tx.move_case(held, to_state="NOTICE_DUE", event=CaseEvent.RELEASED, actor="rita")
        open_memo(tx, opened, acceptance)


def test_the_message_that_gave_the_consent_is_not_mail_that_waits(store: Store) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        tx.finish_message(opened.message_id, sender="bea@example.test", needs_person=True, order_id="PO-1")
        memo = tx.confirm_rebill(open_memo(tx, opened, accept(tx, opened)), by="rita", reference="R-1")
        assert tx.issue_memo(tx.enter_memo(memo, amount=Decimal(5), by="rita"), by="ann").status == "issued"


def test_keys_and_verdicts_are_kept_as_they_were(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        opened, other = open_case(tx), open_case(tx, "PO-2")
        tx.keep_checks(opened.message_id, [CHECK])
        later = replace(CHECK, verdict=replace(CHECK.verdict, key_source="archive"))
        tx.keep_checks(other.message_id, [later, replace(CHECK, place=1, key="v=DKIM1; p=new")])

    with store.snapshot() as tx:
        (check,) = tx.checks_of(opened.message_id)
        name = "s1._domainkey.example.com"
        assert (check.key, check.key_name, check.result, check.key_source) == (KEY, name, "pass", "dns")
        assert tx.key_at_receipt(opened.message_id, name) == KEY
        assert tx.key_at_receipt(other.message_id, name) == "v=DKIM1; p=new"
        assert tx.archived_key("S1._domainkey.example.com") is not None
        assert tx.archived_key("s2._domainkey.example.com") is None
    forged = hashlib.sha256(b"v=DKIM1; p=evil").hexdigest()
    for change, words in (
        ("UPDATE dkim_keys SET value = 'v=DKIM1; p=evil'", "I2: a key of the archive is never changed"),
        (f"UPDATE dkim_keys SET value_sha256 = '{forged}'", "I2: a key of the archive is never changed"),
        ("DELETE FROM dkim_keys", "I2: a key of the archive is never deleted"),
        ("UPDATE signature_checks SET result = 'pass'", "I2: the verdict on a signature is never changed"),
        ("DELETE FROM signature_checks", "I2: the verdict on a signature is never deleted"),
    ):
        assert words in raw_sql.refusal(change)


def test_every_table_of_the_money_lock_refuses_to_forget() -> None:
    """What may not be deleted by anybody, by the list of the specification (I1, I2, I4, I5, I9, I13, I17)."""
    forgetful = {guard.table for guard in GUARDS if guard.event == "delete"}

    assert forgetful >= {
        "acceptances", "audit", "audit_head", "case_events", "credit_memo_lines", "credit_memos", "dkim_keys", "erasures",
        "evidence_messages", "evidence_signatures", "outbox", "rebill_lines", "rebills", "reviews", "signature_checks",
        "tickets",
    }  # fmt: skip


def test_no_memo_is_issued_before_each_flag_is_cleared_by_somebody_with_a_reason(store: Store, raw_sql: RawSql) -> None:
    _, memo = ready(store)
    with store.transaction() as tx:
        tx.raise_flags(memo.id, [Flag("AMOUNT_LARGE", "1200, limit 1000"), Flag("SELLER_NEW", "1200")])
        tx.clear_flag(memo.id, "SELLER_NEW", by="rita", reason="called them")

    assert "I2: no credit memo is issued before a person has looked at its flags" in raw_sql.refusal(ISSUE)
    clear = "UPDATE memo_flags SET cleared_by = :by, cleared_at = raised_at, reason = :reason WHERE code = 'AMOUNT_LARGE'"
    assert "memo_flags_cleared_with_a_reason" in raw_sql.refusal(clear, by="rita", reason=" ")
    for outsider in ("sam", "vic", "nobody"):
        assert "I2: a flag is cleared by an active reviewer" in raw_sql.refusal(clear, by=outsider, reason="fine")
    for change in ("evidence = 'nothing'", "code = 'OTHER'", "cleared_at = NULL, cleared_by = NULL"):
        assert "I2: a flag is cleared once" in raw_sql.refusal(f"UPDATE memo_flags SET {change} WHERE code = 'SELLER_NEW'")
    assert "I2: a flag is never deleted" in raw_sql.refusal("DELETE FROM memo_flags")
    raw_sql.run(clear, by="rita", reason="the sum is right")
    raw_sql.run(ISSUE)
    with store.snapshot() as tx:
        assert [(flag.code, flag.reason) for flag in tx.flags_of(memo.id)] == [
            ("AMOUNT_LARGE", "the sum is right"),
            ("SELLER_NEW", "called them"),
        ]
