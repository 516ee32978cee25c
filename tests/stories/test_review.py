"""What a reviewer's yes and no do: the hash of what was shown, undo, rejection, the autopilot that has to earn its place."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from supportbot.autopilot import is_audited, throw_switch
from supportbot.errors import UsageError
from tests.stories.office import BUYER, Office, rebill_order
from tests.stories.test_credit_memo import notice_goes_out


def waiting_notice(office: Office, order_id: str = "PO-771200", seller: str = "post@shop.example") -> None:
    text = f"Order {order_id} shows as cancelled, but it has already shipped with UPS 1Z999AA10123456784. How do we get paid?"
    office.write(seller, f"Order {order_id} cancelled but already shipped", text)
    office.work()


def test_a_draft_that_changed_since_it_was_shown_is_not_approved(office: Office) -> None:
    waiting_notice(office)
    (shown,) = office.drafts("m_rebill_notice")
    office.app.desk.edit(
        shown.id, subject=shown.subject, body=shown.body + "\nP.S. Sorry.", reviewer="bob", shown_sha256=shown.content_sha256
    )

    with pytest.raises(UsageError, match="changed"):
        office.app.desk.approve(shown.id, reviewer="alice", shown_sha256=shown.content_sha256)
    assert office.smtp.accepted == []


def test_an_edit_that_adds_a_link_to_the_notice_cannot_be_approved(office: Office) -> None:
    waiting_notice(office)
    (shown,) = office.drafts("m_rebill_notice")

    edited = office.app.desk.edit(
        shown.id, subject=shown.subject, body=shown.body + "\nSee ups.com", reviewer="bob", shown_sha256=shown.content_sha256
    )

    assert any("no_links" in finding for finding in edited.findings)
    with pytest.raises(UsageError, match="cannot be approved"):
        office.app.desk.approve(shown.id, reviewer="alice", shown_sha256=edited.content_sha256)


def test_an_approval_can_be_undone_until_the_mail_is_on_its_way(open_office: Callable[..., Office]) -> None:
    office = open_office(limits={"hold_seconds": 60})
    office.import_orders(rebill_order())
    waiting_notice(office)
    (draft,) = office.drafts("m_rebill_notice")
    office.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)
    office.work()
    assert office.case_state() == "NOTICE_APPROVED"

    office.app.desk.undo_approval(draft.id, reviewer="alice")
    office.work()

    assert office.smtp.accepted == []
    assert office.case_state() == "NOTICE_DRAFTED"
    (again,) = office.drafts("m_rebill_notice")
    assert (again.subject, again.body) == (draft.subject, draft.body)
    with pytest.raises(UsageError):
        office.app.desk.undo_approval(draft.id, reviewer="alice")


def test_an_edit_that_shows_the_sellers_address_to_the_buyer_cannot_be_approved(office: Office) -> None:
    waiting_notice(office)
    (shown,) = office.drafts("m_rebill_notice")

    body = shown.body.replace("Kind regards", "Or ask the seller, post@shop.example.\n\nKind regards")
    edited = office.app.desk.edit(shown.id, subject=shown.subject, body=body, reviewer="bob", shown_sha256=shown.content_sha256)

    assert any("no_other_partys_data" in finding for finding in edited.findings)


def test_a_rejected_notice_is_not_sent_and_the_case_waits(office: Office) -> None:
    waiting_notice(office)
    (draft,) = office.drafts("m_rebill_notice")

    office.app.desk.reject(draft.id, reviewer="alice", shown_sha256=draft.content_sha256, reason="the seller called it off")
    office.work()

    assert office.smtp.accepted == []
    assert office.case_state() == "NOTICE_DUE"


def test_a_held_case_goes_back_to_where_it_came_from(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "Yes.", answers=notice)
    office.work()
    assert office.case_state() == "HOLD"
    case_id = office.sql("select id from cases")[0][0]

    with pytest.raises(UsageError, match="reason"):
        office.app.desk.resolve_hold(case_id, outcome="released", by="alice", reason=" ")
    office.app.desk.resolve_hold(case_id, outcome="released", by="alice", reason="ask again")

    assert office.case_state() == "AWAITING_ACK"
    assert office.ticket() is None


def test_the_autopilot_opens_only_after_enough_clean_approvals(open_office: Callable[..., Office]) -> None:
    office = open_office(autopilot=["m_rebill_notice/M-20"], autopilot_after=2, autopilot_audit_share=0)
    orders = [rebill_order(f"PO-77120{n}", f"buyer{n}@example.com", f"shop{n}@example.org") for n in range(6)]
    office.import_orders(*orders)

    def report(number: int) -> int:
        waiting_notice(office, f"PO-77120{number}", f"shop{number}@example.org")
        return len(office.drafts("m_rebill_notice"))

    for number in (0, 1):
        assert report(number) == 1
        office.approve("m_rebill_notice")
    assert report(2) == 0  # it went out by itself
    assert len(office.received_by("buyer2@example.com")) == 1
    assert office.sql("select reviewer from reviews order by id desc limit 1") == [("autopilot",)]


def confident(open_office: Callable[..., Office], **settings: object) -> Office:
    """An office whose notices have been confirmed twice, so that the third goes out by itself."""
    office = open_office(autopilot=["m_rebill_notice/M-20"], **{"autopilot_after": 2, "autopilot_audit_share": 0, **settings})
    office.import_orders(*(rebill_order(f"PO-77120{n}", f"buyer{n}@example.com", f"shop{n}@example.org") for n in range(6)))
    for number in (0, 1):
        waiting_notice(office, f"PO-77120{number}", f"shop{number}@example.org")
        office.approve("m_rebill_notice")
    return office


def waits(office: Office, number: int) -> bool:
    """Whether the notice of an order waits for a person."""
    before = len(office.drafts("m_rebill_notice"))
    waiting_notice(office, f"PO-77120{number}", f"shop{number}@example.org")
    return len(office.drafts("m_rebill_notice")) > before


def test_the_kill_switch_stops_the_autopilot_and_lets_it_go_on(open_office: Callable[..., Office]) -> None:
    office = confident(open_office)
    assert not waits(office, 2)
    with office.app.store.transaction() as tx:
        throw_switch(tx, stop=True, by="alice", reason="a wrong amount was seen")
    assert waits(office, 3)
    with office.app.store.transaction() as tx:
        throw_switch(tx, stop=False, by="alice", reason="it was the buyer's mistake")
    assert not waits(office, 4)


def test_the_autopilot_keeps_its_daily_cap(open_office: Callable[..., Office]) -> None:
    office = confident(open_office, limits={"autopilot_per_day": 1, "hold_seconds": 0})

    assert [waits(office, number) for number in (2, 3)] == [False, True]


def test_a_share_of_what_could_go_alone_is_still_shown(open_office: Callable[..., Office]) -> None:
    office = confident(open_office, autopilot_audit_share=1)

    assert waits(office, 2)
    reasons = office.sql("select data from audit where action = 'autopilot waits' order by number desc limit 1")
    assert "picked at random" in str(reasons)


def test_the_audited_share_is_as_large_as_asked_for() -> None:
    picked = sum(is_audited(f"d{number}", 0.05) for number in range(20_000))

    assert 800 < picked < 1200


def test_a_correction_closes_the_autopilot_again(open_office: Callable[..., Office]) -> None:
    office = open_office(autopilot=["m_rebill_notice/M-20"], autopilot_after=2)
    office.import_orders(*(rebill_order(f"PO-77120{n}", f"buyer{n}@example.com", f"shop{n}@example.org") for n in range(4)))
    for number in (0, 1, 2):
        waiting_notice(office, f"PO-77120{number}", f"shop{number}@example.org")
        (draft,) = office.drafts("m_rebill_notice")
        sha256 = draft.content_sha256
        if number == 1:
            sha256 = office.app.desk.edit(
                draft.id, subject=draft.subject, body=draft.body + "\nSorry.", reviewer="alice", shown_sha256=sha256
            ).content_sha256
        office.app.desk.approve(draft.id, reviewer="alice", shown_sha256=sha256)

    waiting_notice(office, "PO-771203", "shop3@example.org")

    assert len(office.drafts("m_rebill_notice")) == 1


def test_the_flow_is_the_same_on_postgresql(open_office: Callable[..., Office], postgresql_url: str) -> None:
    office = open_office(database=postgresql_url)
    office.import_orders(rebill_order())
    office.add_people()
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    with office.app.store.snapshot() as tx:
        (case,) = tx.cases()
    money = office.app.desk.money
    money.confirm_direct_proof(case.id, by="alice")
    ticket = office.ticket()
    money.confirm_rebill(ticket.id, by="alice", reference="B-1")
    memo = money.enter_memo(ticket.id, amount=cap_of(office), by="alice")
    money.issue_memo(ticket.id, by="bob")

    assert (memo.amount, office.ticket().status) == (memo.cap, "issued")
    with office.app.store.snapshot() as tx:
        assert tx.verify_audit() == []


def cap_of(office: Office) -> Decimal:
    with office.app.store.snapshot() as tx:
        memo = tx.memo(ticket_id=office.ticket().id)
    assert memo is not None
    return memo.cap


def test_the_loop_brake_counts_by_order_and_ends_in_a_ticket(open_office: Callable[..., Office]) -> None:
    office = open_office(limits={"hold_seconds": 0, "answers_per_sender_per_day": 2})
    office.import_orders(*(rebill_order(f"PO-77120{n}") for n in range(3)))
    for order_id in ("PO-771200", "PO-771201", "PO-771202"):
        waiting_notice(office, order_id)
    assert len(office.drafts("m_rebill_notice")) == 3  # three orders, one seller: no loop

    for number in range(5):
        office.write("nobody@example.net", f"Question {number}", f"Please cancel my order, number {number} of my mails.")
    office.work()

    assert len(office.drafts("ask_for_order_id")) == 2
    assert office.ticket("other") is not None


def test_the_autopilot_answers_a_sender_once_a_day_and_machines_never(open_office: Callable[..., Office]) -> None:
    office = open_office(autopilot=["ask_for_order_id/0.2"], autopilot_after=1, autopilot_audit_share=0)
    office.add_people()
    question = "Hello, how do I cancel an order? Where do I find the button?"
    office.write("shop0@example.org", "how do I cancel", question)
    office.work()
    office.approve("ask_for_order_id")

    def asks(sender: str, subject: str, **headers: str) -> int:
        before = len(office.smtp.accepted)
        office.write(sender, subject, question, headers=headers)
        office.work()
        return len(office.smtp.accepted) - before

    assert asks("shop1@example.org", "how do I cancel") == 1
    assert asks("shop1@example.org", "how do I cancel it") == 0
    assert asks("shop2@example.org", "how do I cancel") == 1
    assert asks("shop3@example.org", "how do I cancel", **{"Auto-Submitted": "auto-generated"}) == 0
    reasons = [row[0] for row in office.sql("select data from audit where action = 'autopilot waits' order by number")]
    assert any("one automatic answer a day" in reason for reason in reasons)
