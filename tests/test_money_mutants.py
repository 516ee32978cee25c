"""Each guard of the code taken away in turn: what it stops, the database stops too, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from supportbot import money
from supportbot.casebook import CaseBook
from supportbot.casework.case import CaseEvent
from supportbot.casework.chain import Grade, Notice, VerifiedChain
from supportbot.errors import StoreError, StoreRefusal, SupportbotError, UsageError
from supportbot.mail.parse import read_message
from supportbot.money import MoneyDesk
from supportbot.settings import Settings
from supportbot.store import MemoRow, Store, Transaction
from supportbot.store.money import Money
from tests.databases import RawSql
from tests.store_world import RECEIVED, Opened, accept, add_people, an_order, open_case, open_memo
from tests.stories.office import shipped_house
from tests.test_casework_chain import DIRECT


def desk_of(store: Store, clock: Any) -> MoneyDesk:
    return MoneyDesk(
        store, shipped_house(), clock, read=read_message, key_of=lambda _: None, cases=CaseBook(Settings()),
        lay_draft=lambda *_, **__: None,
    )  # fmt: skip


def ready(store: Store) -> tuple[Opened, MemoRow]:
    """A memo before its second person, in a case that says so."""
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        memo = tx.confirm_rebill(open_memo(tx, opened, accept(tx, opened)), by="rita", reference="R-1")
        memo = tx.enter_memo(memo, amount=Decimal(5), by="rita")
        case = tx.case(opened.case_id)
        assert case is not None
        tx.move_case(case, to_state="REBILL_CONFIRMED", event=CaseEvent.REBILL_DONE, actor="rita")
        return opened, memo


def unread(tx: Transaction, opened: Opened, _: MemoRow) -> None:
    message_id = tx.keep_file("in", b"please read this", RECEIVED).message_id
    tx.finish_message(message_id, sender="bea@example.test", needs_person=True, order_id="PO-1")


def held(tx: Transaction, opened: Opened, _: MemoRow) -> None:
    case = tx.case(opened.case_id)
    assert case is not None
    tx.move_case(case, to_state="HOLD", event=CaseEvent.PUT_ON_HOLD, actor="rita", held_from=case.state)


def revoked(tx: Transaction, opened: Opened, _: MemoRow) -> None:
    tx.revoke_acceptance(opened.case_id, opened.message_id)


def closed(tx: Transaction, _: Opened, memo: MemoRow) -> None:
    tx.close_ticket(memo.ticket_id, "closed_no_memo")


def quarantined(tx: Transaction, _: Opened, __: MemoRow) -> None:
    kept = tx.keep_file("m", b"From: x@y.example\r\n\r\nStop", RECEIVED)
    buyer = an_order().buyer.address
    tx.quarantine(kept.message_id, mailbox="m", step="read", reason="poison", traceback="", sender=buyer)


def nothing(_: Transaction, __: Opened, ___: MemoRow) -> None:
    """All is well but for the person."""


def no_outsiders(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(money, "refuse_outsiders", lambda *_, **__: None)


def no_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MoneyDesk, "_refuse_unread", staticmethod(lambda *_: None))


def no_life_cycle(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CaseBook, "take", lambda _self, _tx, case, *_, **__: (case, True))


ISSUING = [
    ("a seller's user", no_outsiders, nothing, "sam", "I1: a credit memo is issued by an active approver"),
    ("a viewer", no_outsiders, nothing, "vic", "I1: a credit memo is issued by an active approver"),
    ("a stranger", no_outsiders, nothing, "nobody", "I1: a credit memo is issued by an active approver"),
    ("the first person", no_outsiders, nothing, "rita", "I1: "),
    ("mail unread", no_unread, unread, "ann", "I2: no credit memo is issued while mail in the name of the buyer"),
    ("mail in quarantine", no_unread, quarantined, "ann", "I2: no credit memo is issued while mail of the buyer or about"),
    ("a case on hold", no_life_cycle, held, "ann", "I2: no credit memo is issued while its case is on hold"),
    ("a consent withdrawn", no_life_cycle, revoked, "ann", "I2: the buyer has revoked the acceptance"),
    ("a ticket closed", no_life_cycle, closed, "ann", "I1: the ticket of this credit memo is closed"),
]


@pytest.mark.parametrize(("mutate", "change", "by", "words"), [row[1:] for row in ISSUING], ids=[row[0] for row in ISSUING])
def test_without_its_guard_in_code_the_database_refuses_to_issue(
    store: Store,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    mutate: Callable[[pytest.MonkeyPatch], None],
    change: Callable[[Transaction, Opened, MemoRow], None],
    by: str,
    words: str,
) -> None:
    opened, memo = ready(store)
    with store.transaction() as tx:
        change(tx, opened, memo)
    desk = desk_of(store, clock)
    if change is not nothing or by != "rita":
        with pytest.raises((UsageError, StoreRefusal, StoreError)):
            desk.issue_memo(memo.ticket_id, by=by)  # with all guards in place

    mutate(monkeypatch)
    with pytest.raises(StoreRefusal, match=words):
        desk.issue_memo(memo.ticket_id, by=by)
    with store.snapshot() as tx:
        assert [row.status for row in (tx.memo(case_id=opened.case_id),) if row] == ["ready_for_approval"]


@pytest.mark.parametrize("beyond", ["0.01", "1000"])
def test_without_the_cap_in_code_the_database_refuses_the_amount(store: Store, clock: Any, beyond: str) -> None:
    _, memo = ready(store)
    for amount in (memo.cap + Decimal(beyond), Decimal(0), -memo.cap):
        with pytest.raises(UsageError, match="at most"):
            desk_of(store, clock).enter_memo(memo.ticket_id, amount=amount, by="rita")
        with pytest.raises(StoreRefusal, match="I1"), store.transaction() as tx:
            tx.enter_memo(memo, amount=amount, by="rita")


def forged(opened: Opened, grade: Grade, **people: str) -> VerifiedChain:
    """A proof that the sealed type was talked into, as `copy` and pickle can."""
    proof = object.__new__(VerifiedChain)
    values: dict[str, Any] = {
        "order": an_order(), "grade": grade, "answer": replace(DIRECT, raw_sha256="11"),
        "notice": Notice("sent", "x", RECEIVED, "<n@example.test>"),
        "confirmed_by": None, "second_person": None, "reason": "", "seal": None, **people,
    }  # fmt: skip
    for name, value in values.items():
        object.__setattr__(proof, name, value)
    return proof


@pytest.mark.parametrize(
    ("grade", "people"),
    [
        (Grade.D, {}),
        (Grade.E, {"confirmed_by": "rita", "second_person": "ann", "reason": "I know her"}),
        (Grade.C, {"confirmed_by": "rita", "second_person": "rita", "reason": "I know her"}),
        (Grade.C, {"confirmed_by": "rita", "second_person": "sam", "reason": "I know her"}),
        (Grade.C, {"confirmed_by": "rita", "second_person": "ann", "reason": " "}),
    ],
)
def test_a_forged_proof_opens_nothing_with_or_without_the_second_reading(
    store: Store, clock: Any, monkeypatch: pytest.MonkeyPatch, grade: Grade, people: dict[str, str]
) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
    desk = desk_of(store, clock)

    def let_it() -> None:
        with store.transaction() as tx:
            case = tx.case(opened.case_id)
            assert case is not None
            desk._open(tx, case, forged(opened, grade, **people), opened.message_id, actor="mallory")

    with pytest.raises(StoreRefusal, match="I1: read again before the memo"):
        let_it()
    monkeypatch.setattr(MoneyDesk, "_prove_again", lambda _self, _tx, _case, proof, _id: proof)
    with pytest.raises(StoreRefusal):
        let_it()
    with store.snapshot() as tx:
        assert (tx.memo(case_id=opened.case_id), tx.tickets()) == (None, [])


def test_without_the_stores_own_checks_the_keys_refuse_a_second_use(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.transaction() as tx:
        opened, other = open_case(tx, "PO-1"), open_case(tx, "PO-2")
        accept(tx, opened)
    monkeypatch.setattr(Money, "_serve_one_case", lambda *_: None)
    with pytest.raises(SupportbotError), store.transaction() as tx:
        accept(tx, Opened(other.case_id, other.order_key, opened.message_id))


def test_a_memo_without_lines_that_are_worth_it_never_gets_ready(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        add_people(tx)
        opened = open_case(tx)
        memo = open_memo(tx, opened, accept(tx, opened))
    triggers = {
        "sqlite": "DROP TRIGGER credit_memos_update_guard",
        "postgresql": "ALTER TABLE credit_memos DISABLE TRIGGER USER",
    }
    kept = (
        raw_sql.run("SELECT sql FROM sqlite_master WHERE name = 'credit_memos_update_guard'")
        if store.dialect == "sqlite"
        else []
    )
    raw_sql.run(triggers[store.dialect])
    raw_sql.run("UPDATE credit_memos SET cap = '500.00'")  # somebody who owns the database lifts the guard for a moment
    raw_sql.run(kept[0][0] if kept else "ALTER TABLE credit_memos ENABLE TRIGGER USER")
    raw_sql.run("UPDATE rebills SET state = 'confirmed'")

    assert "I1: a credit memo pays no more than its lines are worth" in raw_sql.refusal(
        "UPDATE credit_memos SET status = 'ready_for_approval' WHERE id = :id", id=memo.id
    )
