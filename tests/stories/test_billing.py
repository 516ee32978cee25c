"""Billing answers by mail: only the billing team's own, proved answer to that very request moves the credit memo."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import pytest

from supportbot.errors import UsageError
from tests.stories.office import BILLING, BUYER, ORDER, SELLER, Office, rebill_order
from tests.stories.test_credit_memo import notice_goes_out


def asked_billing(office: Office) -> EmailMessage:
    """The proof is confirmed, and the request to billing goes out."""
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice)
    office.work()
    office.app.desk.money.confirm_direct_proof(office.sql("select id from cases")[0][0], by="alice")
    office.approve("m_request_billing")
    (request,) = office.received_by(BILLING)
    return request


def answer(office: Office, request: EmailMessage, text: str = "Re-billed, reference: RB-4711", **more: Any) -> None:
    sender = more.pop("sender", BILLING)
    office.write(sender, f"Re: {request['Subject']}", text, answers=request, **more)
    office.work()


def test_billings_answer_makes_the_memo_ready_and_a_second_answer_changes_nothing(office: Office) -> None:
    request = asked_billing(office)

    answer(office, request)

    assert (office.ticket().status, office.case_state()) == ("ready_for_approval", "REBILL_CONFIRMED")
    assert office.sql("select state, reference, settled_by from rebills") == [("confirmed", "RB-4711", BILLING)]
    assert office.sql("select message_id is not null from case_events where event = 'rebill_done'") == [(1,)]
    assert [draft for draft in office.drafts() if BILLING in draft.to] == []
    answer(office, request, "Not re-billed: card declined")
    assert office.sql("select state from rebills") == [("confirmed",)]
    assert office.sql("select needs_person from messages order by id desc limit 1") == [(1,)]
    office.app.desk.money.enter_memo(office.ticket().id, amount=Decimal("99.80"), by="alice")
    with pytest.raises(UsageError, match="has to read"):
        office.app.desk.money.issue_memo(office.ticket().id, by="bob")


def test_billings_refusal_holds_the_case(office: Office) -> None:
    answer(office, asked_billing(office), "Hello,\n\nNot re-billed: the card was declined.\n\nRegards\nBilling")

    assert (office.ticket().status, office.case_state()) == ("awaiting_rebill", "HOLD")
    assert office.sql("select state from rebills") == [("failed",)]


OTHERS: dict[str, dict[str, Any]] = {
    "not proved": {"proved": False},
    "by the seller": {"sender": SELLER},
    "without the token": {"to": "support@example.test"},
    "to a token of another mail": {"to": "support+" + "ee" * 16 + "@example.test"},
    "by a machine": {"headers": {"Auto-Submitted": "auto-replied"}},
    "without a reference": {"text": "Re-billed."},
    "for another amount": {"text": "Re-billed 49.90 USD, reference RB-1"},
    "in doubt": {"text": "Will be re-billed tomorrow, reference RB-1"},
    "a question": {"text": "Where is the invoice of PO-5?"},
}


def test_any_other_answer_waits_for_a_person(office: Office) -> None:
    request = asked_billing(office)

    for name, how in OTHERS.items():
        answer(office, request, **how)

        last = office.sql("select needs_person, action from messages order by id desc limit 1")
        assert (name, office.case_state()) == (name, "REBILL_REQUESTED")
        assert last == [(1, "review")] or name == "by the seller", name
    assert office.sql("select state from rebills") == [("requested",)]
    assert office.ticket().status == "awaiting_rebill"


def held(office: Office, sender: str, text: str, *, quarantined: bool = True) -> int:
    """A mail that has come in and lies in quarantine, or is still to be worked; its entry in quarantine."""
    raw = f"From: {sender}\r\nSubject: about my order\r\n\r\n{text}\r\n".encode()
    with office.app.store.transaction() as tx:
        kept = tx.keep_file("m", raw, datetime.now(UTC))
    if not quarantined:
        return kept.message_id
    office.app.desk.give_up(kept.message_id, "a poison mail")
    return int(office.sql("select max(id) from quarantine")[0][0])


@pytest.mark.parametrize("encryption", [{}, {"key": "c3VwcG9ydGJvdCBzZWFscyB3aXRoIHRoaXMga2V5ISE="}], ids=["plain", "sealed"])
def test_a_memo_waits_for_mail_in_quarantine_and_for_mail_not_worked_yet(
    open_office: Callable[..., Office], encryption: dict[str, str]
) -> None:
    office = open_office(encryption=encryption)
    office.import_orders(rebill_order())
    office.add_people()
    money = office.app.desk.money
    answer(office, asked_billing(office))
    ticket = office.ticket().id
    money.enter_memo(ticket, amount=Decimal("99.80"), by="alice")
    held(office, "stranger@elsewhere.example", "about nothing")

    for sender, text in ((BUYER, "Stop!"), ("stranger@elsewhere.example", f"About {ORDER}: stop")):
        entry = held(office, sender, text)
        with pytest.raises(UsageError, match="quarantine"):
            money.issue_memo(ticket, by="bob")
        with closing(sqlite3.connect(office.database)) as raw, pytest.raises(sqlite3.IntegrityError, match="quarantine"):
            raw.execute("update credit_memos set status = 'issued', approved_by = 'bob'")
        with office.app.store.transaction() as tx:
            tx.release_quarantined(entry, by="alice", reason="read it: no withdrawal")

    held(office, BUYER, "Stop, I do not want it", quarantined=False)
    with pytest.raises(UsageError, match="just come in"):
        money.issue_memo(ticket, by="bob")
    assert office.ticket().status == "ready_for_approval"

    with closing(sqlite3.connect(office.database)) as raw, raw:
        raw.execute("delete from raw_mail where sha256 = (select sha256 from messages where state = 'new')")
    with pytest.raises(UsageError, match="are gone, and it is not worked yet"):
        money.issue_memo(ticket, by="bob")
