"""One person's correction moves no money: what the buyer said stays what the program read, whatever one reviewer calls it."""

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from supportbot.correcting import Correcting
from supportbot.errors import SupportbotError, UsageError
from supportbot.store import CaseRow
from tests.desk_world import BUYER, SELLER, DeskWorld, open_desk_world, written
from tests.stories.office import rebill_order

REPORT = (
    "Hello Seller Support,\n\norder PO-771200 shows as cancelled in the portal, but we had already shipped it with UPS, "
    "tracking 1Z999AA10123456784. How do we get paid for it?\n\nRegards\nThe Shop\n"
)
YES = "I accept the item and the re-billing."
NO = "No, I take it back. I do not accept the re-billing, do not charge me."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk_world(tmp_path) as world:
        world.import_orders(rebill_order(), rebill_order("PO-771201"), folder=tmp_path)
        yield world


def notice_goes_out(world: DeskWorld) -> EmailMessage:
    """The seller reports, a person approves, the buyer gets the notice."""
    (draft,) = world.drafts(world.mail(SELLER, "Order PO-771200 cancelled but already shipped", REPORT))
    world.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)
    world.clock.forward(seconds=60)
    world.app.desk.round([])
    with world.app.store.snapshot() as tx:
        (sent,) = tx.outbox(state="sent")
    notice = email.message_from_bytes(sent.raw, policy=email.policy.default)
    assert isinstance(notice, EmailMessage)
    return notice


def buyer_answers(world: DeskWorld, notice: EmailMessage, text: str) -> int:
    """The buyer's mail program answers the notice, and quotes it."""
    quoted = "\n".join(f"> {line}" for line in notice.get_content().splitlines())
    text = f"{text}\n\nOn {notice['Date']}, {notice['From']} wrote:\n{quoted}\n"
    subject = f"Re: {notice['Subject']}"
    raw = written(BUYER, subject, text, answers=notice["Message-ID"], proved=True, at=world.clock)
    raw = re.sub(rb"(?m)^To: .*$", b"To: " + notice["Reply-To"].encode(), raw, count=1)
    with world.app.store.transaction() as tx:
        kept = tx.keep_file("support", raw, world.clock.now())
    world.clock.forward(seconds=60)
    world.app.desk.work_pending()
    return kept.message_id


def the_case(world: DeskWorld) -> CaseRow:
    with world.app.store.snapshot() as tx:
        case = tx.case(tx._connection.exec_driver_sql("SELECT id FROM cases").scalar_one())
    assert case is not None
    return case


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("unrelated", {}),
        ("rebill_reply", {"accepts_item": "yes", "accepts_rebill": "yes"}),
        ("rebill_reply", {"order_ids": ["PO-771201"]}),
    ],
)
def test_a_withdrawal_that_one_person_calls_something_else_still_stands_in_the_way_of_the_memo(
    world: DeskWorld, kind: str, facts: Mapping[str, Any]
) -> None:
    notice = notice_goes_out(world)
    buyer_answers(world, notice, YES)
    withdrawal = buyer_answers(world, notice, NO)
    assert the_case(world).state == "HOLD"
    desk, case_id = world.app.desk, the_case(world).id

    Correcting(desk).correct(withdrawal, kind=kind, facts=facts, by="alice")
    drafts = world.drafts(withdrawal)
    for draft in drafts:
        desk.reject(draft.id, reviewer="alice", shown_sha256=draft.content_sha256, reason="not needed")
    if world.message(withdrawal).needs_person and not drafts:
        desk.mark_handled(withdrawal, by="alice")
    desk.resolve_hold(case_id, outcome="released", by="alice", reason="the buyer meant another order")

    with pytest.raises(SupportbotError, match=r"later words|withdrew"):
        desk.money.confirm_direct_proof(case_id, by="alice")
    with world.app.store.snapshot() as tx:
        assert tx.memo(case_id=case_id) is None


def test_a_withdrawal_stands_in_the_way_however_much_mail_comes_after_it(world: DeskWorld) -> None:
    notice = notice_goes_out(world)
    buyer_answers(world, notice, YES)
    buyer_answers(world, notice, NO)
    desk, case_id = world.app.desk, the_case(world).id
    with world.app.store.transaction() as tx:
        for number in range(201):
            kept = tx.keep_file("support", f"Subject: {number} of the shop\r\n\r\n".encode(), world.clock.now())
            tx.finish_message(kept.message_id, case_id=case_id, sender=SELLER, kind="seller_inquiry", needs_person=False)
    desk.resolve_hold(case_id, outcome="released", by="alice", reason="it has been quiet")

    with pytest.raises(SupportbotError, match="withdrew"):
        desk.money.confirm_direct_proof(case_id, by="alice")


@pytest.mark.parametrize(("kind", "facts"), [("unrelated", {}), ("rebill_reply", {"order_ids": ["PO-771201"]})])
def test_a_case_waits_where_a_person_says_that_the_answer_it_stands_on_is_none(
    world: DeskWorld, kind: str, facts: Mapping[str, Any]
) -> None:
    answer = buyer_answers(world, notice_goes_out(world), YES)
    desk, case_id = world.app.desk, the_case(world).id
    desk.money.confirm_direct_proof(case_id, by="alice")
    with world.app.store.snapshot() as tx:
        memo = tx.memo(case_id=case_id)
    assert memo is not None
    desk.money.confirm_rebill(memo.ticket_id, by="alice", reference="B-17")
    desk.money.enter_memo(memo.ticket_id, amount=Decimal("9.80"), by="alice")

    Correcting(desk).correct(answer, kind=kind, facts=facts, by="alice")

    assert the_case(world).state == "HOLD"
    with pytest.raises(UsageError):
        desk.money.issue_memo(memo.ticket_id, by="bob")
