"""How work ends that the program cannot end: who stands in the record, mail read by hand, tickets, chains that people judge."""

from datetime import UTC, datetime, timedelta

import pytest

from supportbot.errors import UsageError
from tests.stories.office import BUYER, ORDER, SELLER, Office
from tests.stories.test_credit_memo import REPORT, notice_goes_out

CONSENT = "I accept the item and the re-billing."


def the_case(office: Office) -> str:
    """The only case's id."""
    return str(office.sql("select id from cases")[0][0])


def record(office: Office) -> list[tuple[str, str]]:
    """Who did what in the only case, oldest first."""
    return [(event, actor) for event, actor in office.sql("select event, actor from case_events order by number")]


def seller_sends_a_chain_as_text(office: Office) -> None:
    """A buyer's yes that the seller typed or pasted: a chain that is claimed and not proved."""
    sent = f"{datetime.now(UTC) + timedelta(minutes=1):%A, %B %d, %Y %I:%M %p}"
    chain = (
        f"Please create the credit memo for {ORDER}.\n\n-----Original Message-----\nFrom: Ann Buyer <{BUYER}>\n"
        f"Sent: {sent}\nTo: The Shop <{SELLER}>\nSubject: RE: {ORDER}\n\n{CONSENT}\n"
    )
    office.write(SELLER, f"FW: {ORDER} rebill accepted", chain)
    office.work()


# -- who stands in the record


def test_the_record_names_whom_the_table_gives_each_step_to(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "No, I do not accept the re-billing.", answers=notice)
    office.work()

    assert record(office) == [
        ("open", "program"),
        ("notice_drafted", "program"),
        ("notice_approved", "alice"),
        ("notice_sent", "program"),
        ("wait_for_buyer", "program"),
        ("refused", "buyer"),
        ("closed", "program"),
    ]


def test_a_chain_arrives_by_the_seller_and_is_doubted_by_the_program(office: Office) -> None:
    notice_goes_out(office)
    seller_sends_a_chain_as_text(office)

    assert record(office)[-2:] == [("chain_arrived", "seller"), ("chain_doubted", "program")]


# -- mail read by hand


def test_mail_that_no_rule_decides_waits_until_a_person_has_handled_it(office: Office) -> None:
    office.write("sally@shop.example", "Hello", "Can we talk on the phone about something else?")
    office.work()
    with office.app.store.snapshot() as tx:
        (waiting,) = tx.to_read()
        before = tx.counts()["messages_to_read"]
    with pytest.raises(UsageError, match="may look, but not do this"):
        office.app.desk.mark_handled(waiting.id, by="sally")

    office.app.desk.mark_handled(waiting.id, by="alice")

    with office.app.store.snapshot() as tx:
        row = tx.message(waiting.id)
        assert (before, tx.counts()["messages_to_read"], tx.to_read()) == (1, 0, [])
        assert row is not None
        assert (row.handled_by, row.handled_at is not None) == ("alice", True)
        latest, *_ = tx.audit_rows(subject=f"message {row.id}")
        assert (latest.actor, latest.action) == ("alice", "handle")
    with pytest.raises(UsageError, match="alice has handled message 1 already"):
        office.app.desk.mark_handled(waiting.id, by="bob")
    with pytest.raises(UsageError, match="there is no message 99"):
        office.app.desk.mark_handled(99, by="bob")


def test_mail_that_a_draft_answers_is_settled_by_the_draft_alone(office: Office) -> None:
    office.write(SELLER, f"Order {ORDER} cancelled but already shipped", REPORT)
    office.work()
    (draft,) = office.drafts("m_rebill_notice")
    assert draft.message_id is not None

    with pytest.raises(UsageError, match="waits for nobody"):
        office.app.desk.mark_handled(draft.message_id, by="alice")


# -- tickets


def test_a_ticket_that_people_work_is_closed_by_a_person_with_a_reason(office: Office) -> None:
    with office.app.store.transaction() as tx:
        ticket = tx.open_ticket(
            type="cancel_order",
            status="open",
            case_id=None,
            order_id=ORDER,
            title="cancel it",
            fields={},
            business_key="x",
        )
    assert ticket is not None
    close = office.app.desk.close_ticket
    for by, reason, says in (
        ("alice", "  ", "closed with a reason"),
        ("sally", "done", "may look, but not do this"),
    ):
        with pytest.raises(UsageError, match=says):
            close(ticket, by=by, reason=reason)

    close(ticket, by="alice", reason="cancelled in the portal")

    assert office.sql("select status, close_reason from tickets") == [("closed", "cancelled in the portal")]
    with pytest.raises(UsageError, match="closed already: cancelled in the portal"):
        close(ticket, by="bob", reason="again")
    with office.app.store.snapshot() as tx:
        assert [(a.actor, a.action) for a in tx.audit_rows(subject=f"ticket {ticket}")] == [
            ("alice", "close"),
            ("supportbot", "open"),
        ]


@pytest.mark.parametrize(
    ("answer", "reason"), [("confirmed", "re-billed: B-17"), ("failed", "the re-bill failed: the card was declined")]
)
def test_billings_answer_closes_the_re_bill_request_and_a_person_closes_neither_ticket(
    office: Office, answer: str, reason: str
) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", CONSENT, answers=notice)
    office.work()
    money = office.app.desk.money
    money.confirm_direct_proof(the_case(office), by="alice")
    for kind, says in (("credit_memo", "ends with its case"), ("rebill_request", "ends with billing's answer")):
        with pytest.raises(UsageError, match=says):
            office.app.desk.close_ticket(office.ticket(kind).id, by="alice", reason="tidy up")

    if answer == "confirmed":
        money.confirm_rebill(office.ticket().id, by="alice", reference="B-17")
    else:
        money.fail_rebill(office.ticket().id, by="alice", reason="the card was declined")

    request = office.ticket("rebill_request")
    assert (request.status, request.close_reason) == ("closed", reason)
    assert office.ticket().close_reason is None


def test_a_re_bill_request_of_a_case_that_closed_is_closed_by_a_person(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", CONSENT, answers=notice)
    office.work()
    office.app.desk.money.confirm_direct_proof(the_case(office), by="alice")
    office.write(BUYER, f"Re: {notice['Subject']}", "I changed my mind: I do not accept the re-billing.", answers=notice)
    office.work()
    office.app.desk.resolve_hold(the_case(office), outcome="closed", by="alice", reason="the buyer sends it back")

    office.app.desk.close_ticket(office.ticket("rebill_request").id, by="alice", reason="billing was told to stop")

    assert office.ticket("rebill_request").status == "closed"
    assert office.ticket().close_reason == "closed_no_memo"
