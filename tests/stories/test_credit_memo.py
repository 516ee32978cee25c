"""The whole credit-memo flow over a real mailbox and mail server, looked at from outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage

import pytest

from supportbot.errors import SupportbotError, UsageError
from tests.stories.office import BILLING, BUYER, ORDER, SELLER, Office, rebill_order, words

REPORT = (
    f"Hello Seller Support,\n\norder {ORDER} shows as cancelled in the portal, but we had already shipped it with UPS, "
    "tracking 1Z999AA10123456784. How do we get paid for it?\n\nRegards\nThe Shop\n"
)


def notice_goes_out(office: Office) -> EmailMessage:
    """The seller reports, the reviewer approves, the buyer gets the notice."""
    office.write(SELLER, f"Order {ORDER} cancelled but already shipped", REPORT)
    office.work()
    office.approve("m_rebill_notice")
    (notice,) = office.received_by(BUYER)
    return notice


def test_the_notice_tells_the_buyer_all_it_must_and_holds_no_link(office: Office) -> None:
    notice = notice_goes_out(office)

    text = words(notice)
    assert "UPS" in text
    assert "1Z999AA10123456784" in text
    assert "cancel" in text
    assert "http" not in text
    assert notice["Auto-Submitted"]
    assert "+" in notice["Reply-To"]
    assert office.case_state() == "AWAITING_ACK"


def test_a_proved_acceptance_and_chain_end_in_a_memo_that_a_second_person_issues(office: Office) -> None:
    notice = notice_goes_out(office)
    answer = office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    assert office.case_state() == "ACK_RECEIVED"
    case_id = office.sql("select id from cases")[0][0]
    assert answer

    office.app.desk.money.confirm_direct_proof(case_id, by="alice")

    ticket = office.ticket()
    assert (ticket.status, office.case_state()) == ("awaiting_rebill", "REBILL_REQUESTED")
    with pytest.raises(SupportbotError):
        office.app.desk.money.issue_memo(ticket.id, by="bob")
    office.approve("m_request_billing")
    assert len(office.received_by(BILLING)) == 1
    office.app.desk.money.confirm_rebill(ticket.id, by="alice", reference="B-17")
    assert office.ticket().status == "ready_for_approval"
    with pytest.raises(UsageError):
        office.app.desk.money.enter_memo(ticket.id, amount=Decimal("99.81"), by="alice")
    office.app.desk.money.enter_memo(ticket.id, amount=Decimal("99.80"), by="alice")
    for nobody in ("alice", "sally", "mallory"):
        with pytest.raises(SupportbotError):
            office.app.desk.money.issue_memo(ticket.id, by=nobody)
    office.app.desk.money.issue_memo(ticket.id, by="bob")
    assert office.ticket().status == "issued"
    assert office.case_state() == "MEMO_ISSUED"
    assert office.unseen() == 0
    assert office.sql("select count(*) from credit_memos") == [(1,)]


def test_a_decline_closes_the_case_without_a_memo(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(
        BUYER,
        f"Re: {notice['Subject']}",
        "No, I do not accept it. I don't want the item, and do not charge me.",
        answers=notice,
    )
    office.work()

    assert office.case_state() == "RETURN_PATH"
    assert office.sql("select close_reason from cases") == [("closed_no_memo",)]
    assert office.ticket() is None


def test_an_item_only_answer_is_asked_again_and_then_accepted(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I'll keep the item.", answers=notice)
    office.work()
    assert office.case_state() == "ACK_PARTIAL"
    office.approve("m_clarify_acceptance")
    assert office.case_state() == "AWAITING_ACK"
    question = office.received_by(BUYER)[-1]
    office.write(BUYER, f"Re: {question['Subject']}", "I accept the item and the re-billing.", answers=question)
    office.work()

    assert office.case_state() == "ACK_RECEIVED"
    office.approve("m_ask_for_chain")
    assert office.case_state() == "AWAITING_CHAIN"


def test_a_chain_without_the_buyers_consent_opens_nothing(office: Office) -> None:
    notice_goes_out(office)
    chain = (
        "Hi, the customer agreed, see below. Please issue our credit memo for "
        f"{ORDER}.\n\n---------- Forwarded message ---------\nFrom: Ann Buyer <{BUYER}>\nDate: Mon, 4 May 2026 at 10:00\n"
        f"Subject: Re: your order\nTo: The Shop <{SELLER}>\n\nWhere is my parcel?\n"
    )
    office.write(SELLER, f"Fwd: Re: {ORDER} confirmation of the customer", chain)
    office.work()

    assert office.ticket() is None
    assert office.case_state() in ("CHAIN_MANUAL", "CHAIN_REJECTED", "CHAIN_RECEIVED")


def test_an_inline_yes_typed_by_the_seller_never_opens_a_memo(office: Office) -> None:
    notice_goes_out(office)
    sent = f"{datetime.now(UTC) + timedelta(minutes=1):%A, %B %d, %Y %I:%M %p}"
    chain = (
        f"Please create the credit memo for {ORDER}.\n\n-----Original Message-----\nFrom: Ann Buyer <{BUYER}>\n"
        f"Sent: {sent}\nTo: The Shop <{SELLER}>\nSubject: RE: {ORDER}\n\n"
        "I accept the item and the re-billing.\n"
    )
    office.write(SELLER, f"FW: {ORDER} rebill accepted", chain)
    office.work()

    assert office.ticket() is None
    assert office.case_state() == "CHAIN_MANUAL"


def test_an_unproved_acceptance_moves_nothing(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice, proved=False)
    office.work()

    case_id = office.sql("select id from cases")[0][0]
    with pytest.raises(UsageError, match="no answer"):
        office.app.desk.money.confirm_direct_proof(case_id, by="alice")
    assert office.case_state() == "AWAITING_ACK"
    assert office.ticket() is None


def test_an_out_of_office_that_quotes_the_notice_is_no_answer(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(
        BUYER,
        f"Automatic reply: {notice['Subject']}",
        "I am out of the office until Monday. I accept the item and the re-billing.",
        answers=notice,
        headers={"Auto-Submitted": "auto-replied"},
    )
    office.work()

    assert office.case_state() == "AWAITING_ACK"
    assert office.drafts() == []


def by_report(notice: EmailMessage) -> str:
    """RFC 3464, with the header of our mail."""
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.test\r\n\r\n"
        f"Final-Recipient: rfc822; {BUYER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {notice['Message-ID']}\r\n\r\n--b--\r\n"
    )


def by_words(notice: EmailMessage) -> str:
    """An old server's prose, with our header quoted below."""
    return (
        f"Content-Type: text/plain\r\n\r\n<{BUYER}>:\r\nno mailbox here by that name (#5.1.1)\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\n> To: {BUYER}\r\n> Message-ID: {notice['Message-ID']}\r\n"
    )


def by_token(notice: EmailMessage) -> str:
    """A gateway that returns nothing of our mail but its reply address."""
    return (
        f"Content-Type: text/plain\r\n\r\nYour message could not be delivered to {BUYER}: 550 user unknown\r\n\r\n"
        f"    Reply-To: {notice['Reply-To']}\r\n"
    )


def by_thread(notice: EmailMessage) -> str:
    """A provider that threads its report with our mail and returns nothing of it."""
    return (
        f"In-Reply-To: {notice['Message-ID']}\r\nContent-Type: text/plain\r\n\r\nAddress not found. Your message wasn't "
        f"delivered to {BUYER} because the address couldn't be found.\r\n"
    )


@pytest.mark.parametrize("told", [by_report, by_words, by_token, by_thread])
def test_a_bounced_notice_puts_the_case_on_hold(office: Office, told: Callable[[EmailMessage], str]) -> None:
    notice = notice_goes_out(office)
    head = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.test\r\nTo: {office.user}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
    )
    office.dovecot.append((head + told(notice)).encode(), user=office.user)
    office.work()

    assert office.case_state() == "HOLD"
    assert office.drafts() == []


def test_a_withdrawal_before_the_memo_holds_everything(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    case_id = office.sql("select id from cases")[0][0]
    office.app.desk.money.confirm_direct_proof(case_id, by="alice")
    office.write(
        BUYER,
        f"Re: {notice['Subject']}",
        "I changed my mind: I do not accept the re-billing. Please refund me.",
        answers=notice,
    )
    office.work()

    assert office.case_state() == "HOLD"
    with pytest.raises(SupportbotError):
        office.app.desk.money.confirm_rebill(office.ticket().id, by="alice", reference="B-18")


def test_two_bots_wired_to_each_other_stop(office: Office) -> None:
    notice = notice_goes_out(office)
    for number in range(6):
        office.write(
            BUYER, f"Re: {notice['Subject']} [Ticket {number}]", "Thanks for contacting us! Your request was received.",
            answers=notice, headers={"Auto-Submitted": "auto-replied"},
        )  # fmt: skip
        office.work()

    assert office.drafts() == []
    assert len(office.smtp.accepted) == 1


@pytest.mark.parametrize(
    "taken_back",
    [
        "I changed my mind: I do not accept the re-billing. Please refund me.",
        "I revoke my acceptance.",
        "Please disregard my last mail, I do not agree any more.",
        "Ich widerrufe meine Zustimmung.",
        "Je retire mon accord, merci de ne pas me facturer.",
        "Retiro mi consentimiento.",
    ],
)
def test_no_memo_is_issued_while_a_later_mail_of_the_buyer_waits_to_be_read(office: Office, taken_back: str) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    money = office.app.desk.money
    money.confirm_direct_proof(office.sql("select id from cases")[0][0], by="alice")
    money.confirm_rebill(office.ticket().id, by="alice", reference="B-19")
    money.enter_memo(office.ticket().id, amount=Decimal("99.80"), by="alice")
    office.write(BUYER, f"Re: {notice['Subject']}", taken_back, answers=notice)
    office.work()

    with pytest.raises(SupportbotError):
        money.issue_memo(office.ticket().id, by="bob")

    assert office.ticket().status == "ready_for_approval"
    assert office.sql("select count(*) from credit_memos where status = 'issued'") == [(0,)]


def test_a_memo_is_issued_once_a_person_has_read_what_the_buyer_wrote(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    money = office.app.desk.money
    money.confirm_direct_proof(office.sql("select id from cases")[0][0], by="alice")
    money.confirm_rebill(office.ticket().id, by="alice", reference="B-20")
    money.enter_memo(office.ticket().id, amount=Decimal("99.80"), by="alice")
    office.write(BUYER, f"Re: {notice['Subject']}", "Please disregard my last mail, I do not agree any more.", answers=notice)
    office.work()
    (unread,) = office.sql("select id from messages where needs_person = 1 and sender = ?", BUYER)
    with pytest.raises(UsageError, match=f"message {unread[0]}"):
        money.issue_memo(office.ticket().id, by="bob")

    office.app.desk.mark_handled(unread[0], by="alice")
    money.issue_memo(office.ticket().id, by="bob")

    assert office.ticket().status == "issued"


INLINE_YES = (
    "Please create the credit memo for {order}.\n\n-----Original Message-----\nFrom: Ann Buyer <{buyer}>\n"
    "Sent: {sent}\nTo: The Shop <{seller}>\nSubject: RE: {order}\n\nI accept the item and the re-billing.\n"
)


def test_a_claimed_chain_asks_the_seller_how_to_and_the_buyer_who_lifts_it_to_grade_a(office: Office) -> None:
    notice_goes_out(office)
    sent = f"{datetime.now(UTC) + timedelta(minutes=1):%A, %B %d, %Y %I:%M %p}"
    chain = INLINE_YES.format(order=ORDER, buyer=BUYER, seller=SELLER, sent=sent)
    for number in range(2):
        office.write(SELLER, f"FW: {ORDER} rebill accepted {number}", chain, headers={"User-Agent": "Mozilla Thunderbird"})
    office.work()

    assert 'choose Message, "Forward As", "Attachment"' in office.drafts("m_ask_for_chain")[0].body
    office.approve("m_confirm_directly")  # one, however often the chain is sent
    question = office.received_by(BUYER)[-1]
    assert office.case_state() == "CHAIN_MANUAL"
    office.write(BUYER, f"Re: {question['Subject']}", "I accept the item and the re-billing.", answers=question)
    office.work()

    assert office.case_state() == "ACK_RECEIVED"
    office.app.desk.money.confirm_direct_proof(office.sql("select id from cases")[0][0], by="alice")
    assert office.case_state() == "REBILL_REQUESTED"
    assert office.sql("select grade, confirmed_by from acceptances") == [("A", None)]
    assert len(office.drafts("m_ask_for_chain")) == 2  # those that the chains called for, none for the answer


def test_a_seller_is_asked_in_his_own_language_and_for_his_own_program(office: Office) -> None:
    notice_goes_out(office)
    sent = f"{datetime.now(UTC) + timedelta(minutes=1):%d.%m.%Y %H:%M}"
    chain = (
        f"Guten Tag, der Kunde hat zugestimmt, siehe unten. Bitte erstellen Sie die Gutschrift für {ORDER}. Vielen Dank!\n\n"
        f"-----Ursprüngliche Nachricht-----\nVon: Ann Buyer <{BUYER}>\nGesendet: {sent}\nAn: The Shop <{SELLER}>\n"
        f"Betreff: AW: {ORDER}\n\nIch akzeptiere den Artikel und die erneute Abbuchung.\n"
    )
    office.write(SELLER, f"WG: {ORDER} Bestätigung des Kunden", chain, headers={"X-Mailer": "Microsoft Outlook 16.0"})
    office.work()

    (draft,) = office.drafts("m_ask_for_chain")
    assert (draft.language, draft.findings) == ("de", ())
    assert "„Als Anlage weiterleiten“" in draft.body


def test_a_case_that_a_person_holds_stands_still_until_it_is_released(office: Office) -> None:
    notice = notice_goes_out(office)
    case_id = office.sql("select id from cases")[0][0]
    with pytest.raises(UsageError, match="with a reason"):
        office.app.desk.hold_case(case_id, by="alice", reason=" ")
    with pytest.raises(UsageError, match="may look"):
        office.app.desk.hold_case(case_id, by="sally", reason="mine")
    office.app.desk.hold_case(case_id, by="alice", reason="the seller is looked into")
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()

    assert office.case_state() == "HOLD"
    with pytest.raises(UsageError, match="holds no answer"):
        office.app.desk.money.confirm_direct_proof(case_id, by="alice")
    with pytest.raises(UsageError, match="is in HOLD"):
        office.app.desk.hold_case(case_id, by="alice", reason="again")
    office.app.desk.resolve_hold(case_id, outcome="released", by="bob", reason="nothing was found")
    assert office.case_state() == "AWAITING_ACK"
    assert office.sql("select actor, event, reason from case_events order by number desc limit 2") == [
        ("bob", "released", "nothing was found"),
        ("alice", "put_on_hold", "the seller is looked into"),
    ]


def test_what_is_odd_about_a_memo_is_shown_and_cleared_by_a_person_before_it_is_issued(
    open_office: Callable[..., Office],
) -> None:
    office = open_office(anomalies={"amount_over": 50})
    office.import_orders(rebill_order())
    office.add_people()
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    money = office.app.desk.money
    money.confirm_direct_proof(office.sql("select id from cases")[0][0], by="alice")
    ticket = office.ticket()
    money.confirm_rebill(ticket.id, by="alice", reference="B-17")
    money.enter_memo(ticket.id, amount=Decimal("99.80"), by="alice")

    with pytest.raises(UsageError, match=r"AMOUNT_LARGE: the amount is over the limit .* \(99\.80, limit 50\)"):
        money.issue_memo(ticket.id, by="bob")
    with pytest.raises(UsageError, match="with a reason"):
        money.clear_flag(ticket.id, "AMOUNT_LARGE", by="bob", reason="")
    with pytest.raises(UsageError, match="may look"):
        money.clear_flag(ticket.id, "AMOUNT_LARGE", by="sally", reason="mine")
    money.clear_flag(ticket.id, "amount_large", by="bob", reason="the order says so")
    assert money.issue_memo(ticket.id, by="bob").status == "issued"
