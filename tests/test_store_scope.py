"""A seller's user sees that seller's rows only, whatever is asked; and every table says which those are."""

import pytest
from sqlalchemy import select, text

from supportbot.casework.order import Seller
from supportbot.errors import StoreError, UsageError
from supportbot.store import Filter, ScopedStore, Store, Who
from supportbot.store.scope import RULES
from supportbot.store.tables import metadata
from tests.store_world import accept, add_draft, add_people, open_case


@pytest.fixture
def two_sellers(store: Store) -> tuple[Store, str, str]:
    """The whole store, a case of seller s-1 and one of seller s-2, each with a mail and a draft."""
    ids = []
    with store.transaction() as tx:
        add_people(tx)
        for number, seller in enumerate(("s-1", "s-2"), 1):
            opened = open_case(tx, f"PO-{number}", seller=Seller(seller, f"House {number}", (f"ops@{seller}.example",)))
            tx.finish_message(
                opened.message_id,
                case_id=opened.case_id,
                order_id=f"PO-{number}",
                subject=f"lamp {number}",
                sender="bea@example.test",
                details={"new_text": "about the lamp"},
                needs_person=True,
                action="review",
            )
            add_draft(tx, f"notice:PO-{number}", case_id=opened.case_id)
            accept(tx, opened)
            tx.add_note(f"case {opened.case_id}", "only for colleagues", by="ann")
            ids.append(opened.case_id)
    return store, ids[0], ids[1]


def test_every_table_has_a_rule() -> None:
    assert set(RULES) == {table.name for table in metadata.sorted_tables}


def test_a_seller_sees_the_own_case_and_not_the_other(two_sellers: tuple[Store, str, str]) -> None:
    whole, own, other = two_sellers
    for _ in range(7):  # a driver that prepares statements does so at the sixth
        with whole.snapshot() as tx:
            assert len(tx.cases(open_only=True)) == 2
            assert tx.case(other) is not None
    for _ in range(2):
        with ScopedStore(whole, "s-1", "sam").snapshot() as tx:
            assert [case.id for case in tx.cases(open_only=True)] == [own]
            assert tx.case(other) is None
            assert [message.subject for message in tx.messages()] == ["lamp 1"]
            assert (len(tx.find_orders(["PO-1"])), len(tx.find_orders(["PO-2"]))) == (1, 0)
            assert tx.sellers_known() == [("s-1", "House 1")]
            assert tx.notes_of(f"case {own}") == []
            assert tx.counts()["messages_done"] == 1
            found = tx.work_lines("all", Who("sam"), Filter(words="lamp"), after=None, limit=10)
            assert [line.subject for line in found] == ["lamp 1"]
            assert tx.work_counts(Who("sam"))["read"] == 1
    with whole.snapshot() as tx:
        assert len(tx.cases(open_only=True)) == 2


def test_no_table_shows_a_seller_what_is_another_sellers(two_sellers: tuple[Store, str, str]) -> None:
    whole, _own, _other = two_sellers
    with whole.snapshot() as everything, ScopedStore(whole, "s-3", "nobody").snapshot() as nothing:
        there = {table.name for table in metadata.sorted_tables if everything._all(select(table))}
        seen = {table.name for table in metadata.sorted_tables if nothing._all(select(table))}
    assert {"messages", "cases", "orders", "order_lines", "raw_mail", "users", "notes", "audit"} <= there
    assert seen == set()


def test_a_seller_writes_nothing(two_sellers: tuple[Store, str, str]) -> None:
    scoped = ScopedStore(two_sellers[0], "s-1", "sam")
    with pytest.raises(UsageError, match="may look"), scoped.transaction():
        pass
    with pytest.raises(StoreError), scoped.snapshot() as tx:
        tx._connection.execute(text("UPDATE alembic_version SET version_num = '9'"))
