"""What may have been sent is settled by looking into Sent; what was refused comes back with the server's words; caps hold."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from supportbot import fault
from supportbot.store import backup, restore
from tests.crash.accidents import Accident, Accidents
from tests.store_world import send_out
from tests.stories.office import BUYER, ORDER, SELLER, Office, rebill_order
from tests.stories.test_credit_memo import REPORT


def drafted(office: Office) -> None:
    """The notice to the buyer waits for a reviewer."""
    office.write(SELLER, f"Order {ORDER} cancelled but already shipped", REPORT)
    office.work()


def make_sent_folder(office: Office, *raws: bytes) -> None:
    with office.dovecot.imap(office.user) as client:
        client.create("Gesendet")
    office.dovecot.append_all(raws, folder="Gesendet", user=office.user)


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """An office whose mailbox has a Sent folder of a name of its own."""
    found = open_office()
    found.close()
    box = found.settings.mailboxes[0].model_copy(update={"sent_folder": "Gesendet"})
    found.settings = found.settings.model_copy(update={"mailboxes": (box,)})
    found.app = found.start()
    found.import_orders(rebill_order())
    found.add_people()
    return found


def approve_and_lose_the_reply(office: Office) -> None:
    """The mail server takes the notice over and the connection breaks before it says so."""
    office.smtp.hang_up, office.smtp.once = {"reply"}, True
    office.approve("m_rebill_notice")
    assert office.sql("select state from outbox") == [("uncertain",)]


def test_a_parked_mail_that_lies_in_sent_is_settled_and_its_case_goes_on(office: Office) -> None:
    drafted(office)
    approve_and_lose_the_reply(office)
    (sent,) = office.smtp.accepted
    make_sent_folder(office, b"Message-ID: <other@example.test>\r\n\r\nx\r\n", sent.raw)

    office.work()

    assert office.sql("select state, detail from outbox") == [("sent", "found in the Sent folder of support")]
    assert len(office.smtp.accepted) == 1


def test_a_parked_mail_that_is_not_in_sent_stays_with_a_person(office: Office) -> None:
    drafted(office)
    approve_and_lose_the_reply(office)
    make_sent_folder(office, b"Message-ID: <other@example.test>\r\n\r\nx\r\n")

    office.work()

    assert office.sql("select state from outbox") == [("uncertain",)]


def test_a_restored_backup_does_not_offer_again_what_went_out_since(office: Office, tmp_path: Path) -> None:
    drafted(office)
    backup(office.settings.database, tmp_path / "before.db")
    office.approve("m_rebill_notice")
    (sent,) = office.smtp.accepted
    make_sent_folder(office, sent.raw)
    office.close()

    restore(office.settings.database, tmp_path / "before.db", clock=office.app.clock)
    office.app = office.start()
    assert len(office.drafts("m_rebill_notice")) == 1
    office.work()

    assert office.drafts("m_rebill_notice") == []
    assert len(office.smtp.accepted) == 1


def test_a_refused_mail_comes_back_with_the_servers_words(office: Office) -> None:
    drafted(office)
    office.smtp.recipient_replies[BUYER] = "550 5.1.1 no such user here"

    office.approve("m_rebill_notice")

    assert office.sql("select state from outbox") == [("failed",)]
    with office.app.store.snapshot() as tx:
        (ticket,) = [one for one in tx.tickets() if one.title.startswith("not delivered")]
    assert "550 5.1.1 no such user here" in ticket.fields["the server said"]


def test_one_recipient_gets_no_more_than_its_share_of_an_hour(open_office: Callable[..., Office]) -> None:
    office = open_office(limits={"hold_seconds": 0, "sends_per_recipient_per_hour": 2})
    with office.app.store.transaction() as tx:
        tx.add_user("rita", "reviewer")
        for number in range(4):
            send_out(tx, f"k{number}", to=("bea@example.test",))
        send_out(tx, "other", to=("carl@example.test",))

    office.app.desk.deliver_outbox()

    assert len(office.received_by("bea@example.test")) == 2
    assert len(office.received_by("carl@example.test")) == 1
    waiting = office.sql("select detail from outbox where state = 'approved'")
    assert waiting == [("waits: 2 mails to one recipient within the hour",)] * 2


def test_each_mail_that_went_out_is_filed_in_sent_once(office: Office) -> None:
    box = office.settings.mailboxes[0].model_copy(update={"file_sent": True})
    office.close()
    office.settings = office.settings.model_copy(update={"mailboxes": (box,)})
    office.app = office.start()
    drafted(office)
    make_sent_folder(office, b"Message-ID: <other@example.test>\r\n\r\nx\r\n")
    office.approve("m_rebill_notice")
    (sent,) = office.smtp.accepted

    office.work()
    office.work()
    office.close()
    office.app = office.start()  # another process, which has filed nothing
    office.work()

    filed = office.dovecot.raws(folder="Gesendet", user=office.user)
    assert [raw for raw in filed.values() if b"Seller Support" in raw] == [sent.raw]
    assert "\\Seen" in office.dovecot.flags(folder="Gesendet", user=office.user)[max(filed)]


def test_a_mail_that_may_have_been_sent_was_when_its_bounce_comes(office: Office) -> None:
    drafted(office)
    approve_and_lose_the_reply(office)
    make_sent_folder(office, b"Message-ID: <other@example.test>\r\n\r\nx\r\n")
    (notice,) = office.received_by(BUYER)
    headers = {"Auto-Submitted": "auto-replied", "X-Failed-Recipients": BUYER, "Return-Path": "<>"}
    text = f"The following message to <{BUYER}> was undeliverable: 550 5.1.1 no such user.\n"
    office.write(
        "MAILER-DAEMON@mx.example.net",
        "Undelivered Mail Returned to Sender",
        text,
        attach=bytes(notice),
        headers=headers,
        proved=False,
    )
    office.work()

    assert office.sql("select state, detail from outbox") == [("sent", "it went out: its bounce came")]
    assert office.case_state() == "HOLD"


def test_a_mail_that_could_not_be_written_down_as_sent_is_parked_while_the_service_runs_on(office: Office) -> None:
    drafted(office)
    (draft,) = office.drafts("m_rebill_notice")
    office.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)
    with fault.watched(Accidents([Accident("desk.sent", 1, "error")]).reached):
        engine = office.app.engine()
        engine.start()
        end = time.monotonic() + 30
        while office.sql("select state from outbox") != [("uncertain",)] and time.monotonic() < end:
            time.sleep(0.05)
        engine.stop()

    assert office.sql("select state from outbox") == [("uncertain",)]
    assert len(office.smtp.accepted) == 1
