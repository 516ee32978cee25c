"""How work ends that the program cannot end: who stands in the record, mail read by hand, tickets, chains that people judge."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from supportbot.console import open_console
from supportbot.errors import UsageError
from tests.stories.office import BILLING, BUYER, ORDER, SELLER, Office
from tests.stories.test_credit_memo import REPORT, notice_goes_out

CONSENT = "I accept the item and the re-billing."


def the_case(office: Office) -> str:
    """The only case's id."""
    return str(office.sql("select id from cases")[0][0])


def record(office: Office) -> list[tuple[str, str]]:
    """Who did what in the only case, oldest first."""
    return [(event, actor) for event, actor in office.sql("select event, actor from case_events order by number")]


def seller_sends_a_chain_as_text(office: Office, note: str = "") -> None:
    """A buyer's yes that the seller typed or pasted: a chain that is claimed and not proved."""
    sent = f"{datetime.now(UTC) + timedelta(minutes=1):%A, %B %d, %Y %I:%M %p}"
    chain = (
        f"Please create the credit memo for {ORDER}. {note}\n\n-----Original Message-----\nFrom: Ann Buyer <{BUYER}>\n"
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
    office.write("sally@shop.example", "Hello", "I dispute your statement of last week, see you in court.")
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


# -- a chain that people judge


def chain_to_judge(office: Office) -> str:
    """A case whose chain is claimed and not proved; its id."""
    notice_goes_out(office)
    seller_sends_a_chain_as_text(office)
    assert office.case_state() == "CHAIN_MANUAL"
    return the_case(office)


def proposal_of(office: Office, case_id: str) -> int:
    with office.app.store.snapshot() as tx:
        proposal = tx.standing_proposal(case_id)
    assert proposal is not None
    return proposal.number


def test_two_people_judge_a_chain_each_in_a_sign_in_of_their_own(office: Office) -> None:
    page = f"/cases/{chain_to_judge(office)}"
    console = open_console(office.app, "127.0.0.1", 0, demo_users=("alice", "bob"))
    try:
        alice, bob = (sign_in(console.port, name) for name in ("alice", "bob"))
        seen = alice.get(page).text
        empty = send(alice, page, "judge-chain", outcome="believed", reason=" ")
        proposed = send(alice, page, "judge-chain", outcome="believed", reason="the buyer said so on the phone")
        own = send(alice, page, "confirm-chain", shown_proposal=shown(bob.get(page).text))
        waiting = bob.get("/").text
        memo = send(bob, page, "confirm-chain", shown_proposal=shown(bob.get(page).text))
        for client in (alice, bob):
            client.close()
    finally:
        console.stop()

    assert "claimed, not proved" in seen
    assert "I believe it: a second person confirms" in seen
    assert (empty.status_code, own.status_code) == (409, 409)
    assert "You proposed it, so somebody else confirms it." in proposed.text
    assert "a second person has to confirm it" in own.text
    assert "alice believes the chain: confirm or refuse it" in waiting
    assert "Credit memo for order PO-771200" in memo.text
    assert (office.ticket().status, office.case_state()) == ("awaiting_rebill", "REBILL_REQUESTED")
    assert record(office)[-3:] == [
        ("chain_proposed", "alice"),
        ("chain_proved", "alice, bob"),
        ("rebill_asked", "program"),
    ]
    assert office.sql("select confirmed_by, second_person, reason from acceptances") == [
        ("alice", "bob", "the buyer said so on the phone")
    ]


def sign_in(port: int, name: str) -> httpx.Client:
    """A browser without scripts in which one of the people has signed in."""
    url = f"http://127.0.0.1:{port}"
    client = httpx.Client(base_url=url, headers={"origin": url}, follow_redirects=True, timeout=30)
    client.post("/login/demo", data={"name": name})
    return client


def send(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Send a form of a page, with the token it carries."""
    token = re.findall(r'name="csrf" value="([^"]+)"', client.get(page).text)[0]
    return client.post(f"{page}/{action}", data={"csrf": token, **fields})


def shown(page: str) -> str:
    """The number of the proposal that a page offers to confirm."""
    return str(re.findall(r'name="shown_proposal" value="(\d+)"', page)[0])


def test_a_proposal_is_confirmed_by_an_active_other_person_and_as_it_was_shown(office: Office) -> None:
    case_id, money = chain_to_judge(office), office.app.desk.money
    money.propose_chain(case_id, by="alice", reason="the buyer said so on the phone")
    number = proposal_of(office, case_id)
    for by, seen, says in (
        ("alice", number, "a second person has to confirm it"),
        ("sally", number, "may look, but not do this"),
        ("mallory", number, "there is no user mallory"),
        ("bob", number - 1, "stands no more"),
    ):
        with pytest.raises(UsageError, match=says):
            money.confirm_proposed_chain(case_id, by=by, shown=seen)
    with office.app.store.transaction() as tx:
        tx.disable_user("alice", by="bob")
    with pytest.raises(UsageError, match="stands no more"):
        money.confirm_proposed_chain(case_id, by="bob", shown=number)

    assert (office.case_state(), office.ticket()) == ("CHAIN_MANUAL", None)


def test_a_proposal_falls_when_another_chain_comes(office: Office) -> None:
    case_id, money = chain_to_judge(office), office.app.desk.money
    money.propose_chain(case_id, by="alice", reason="the buyer said so on the phone")
    number = proposal_of(office, case_id)
    seller_sends_a_chain_as_text(office, note="Once more, in case you missed it.")
    assert office.case_state() == "CHAIN_MANUAL"

    with pytest.raises(UsageError, match="stands no more"):
        money.confirm_proposed_chain(case_id, by="bob", shown=number)
    assert office.ticket() is None


def test_no_chain_is_proposed_where_two_people_could_not_accept_it(office: Office) -> None:
    notice_goes_out(office)
    case_id, money = the_case(office), office.app.desk.money
    with pytest.raises(UsageError, match="no answer"):
        money.propose_chain(case_id, by="alice", reason="I know the buyer")
    chain = (
        f"Hi, the customer agreed, see below. Please issue our credit memo for {ORDER}.\n\n"
        f"---------- Forwarded message ---------\nFrom: Ann Buyer <{BUYER}>\nDate: Mon, 4 May 2026 at 10:00\n"
        f"Subject: Re: your order\nTo: The Shop <{SELLER}>\n\n"
        "Where is my parcel?\n"
    )
    office.write(SELLER, f"Fwd: Re: {ORDER} confirmation of the customer", chain)
    office.work()

    with pytest.raises(UsageError, match=r"two people cannot confirm this chain|holds no chain"):
        money.propose_chain(case_id, by="alice", reason="I know the buyer")


def test_a_person_refuses_a_chain_and_closes_the_case(office: Office) -> None:
    case_id, desk = chain_to_judge(office), office.app.desk
    with pytest.raises(UsageError, match="is not possible now"):
        desk.close_case(case_id, by="alice", reason="too early")
    with pytest.raises(UsageError, match="with a reason"):
        desk.reject_chain(case_id, by="alice", reason=" ")

    desk.reject_chain(case_id, by="alice", reason="the buyer denies it on the phone")
    refused = office.case_state()
    desk.close_case(case_id, by="bob", reason="nothing better comes")

    assert (refused, office.case_state()) == ("CHAIN_REJECTED", "CLOSED_NO_MEMO")
    assert record(office)[-2:] == [("chain_refused", "alice"), ("closed", "bob")]
    assert office.sql("select reason from case_events order by number desc limit 2") == [
        ("nothing better comes",),
        ("the buyer denies it on the phone",),
    ]
    with pytest.raises(UsageError, match="is not possible now"):
        desk.reject_chain(case_id, by="alice", reason="again")


# -- words that take consent back


@pytest.mark.parametrize("sender", [BILLING, SELLER])
def test_what_billing_or_a_seller_writes_takes_no_consent_back(office: Office, sender: str) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", CONSENT, answers=notice)
    office.work()
    office.app.desk.money.confirm_direct_proof(the_case(office), by="alice")
    office.write(sender, f"Re: order {ORDER}", f"We do not accept the re-billing of order {ORDER}, the card was declined.")
    office.work()

    (action, why) = office.sql("select action, why from messages order by id desc limit 1")[0]
    assert office.case_state() == "REBILL_REQUESTED"
    assert action == "review", why
    assert "the buyer takes an acceptance back" not in why
    assert "the buyer had accepted and now writes" not in why
    assert office.sql("select count(*) from acceptances where revoked_at is not null") == [(0,)]
