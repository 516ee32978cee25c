"""One suite a seam, run over every implementation, the shipped fakes included: what stands on a seam may rely on it."""

from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from supportbot.errors import DeliveryError, TicketError, UncertainDelivery
from supportbot.mail.message import Mailbox, UidPosition
from supportbot.ports import MailSink, MailSource, TicketDesk
from supportbot.post.imap import ImapSource
from supportbot.post.smtp import SmtpSink
from supportbot.settings import LimitSettings
from supportbot.testing import FakeMailbox, FakeOutbox, FakeTicketDesk
from supportbot.tickets import LocalTicketDesk, MailTicketDesk
from tests.servers import PrivateDovecot, ScriptedSmtp

MAILS = [f"From: a@example.com\r\nSubject: mail {n}\r\n\r\nbody {n}\r\n".encode() for n in range(3)]


@dataclass(frozen=True)
class Box:
    source: MailSource
    deliver: Callable[[bytes], object]  # puts a mail into the mailbox behind the source


@pytest.fixture(params=["imap", "fake"])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    if request.param == "fake":
        fake = FakeMailbox()
        yield Box(fake, fake.messages.append)
        return
    dovecot: PrivateDovecot = request.getfixturevalue("private_dovecot")
    user = dovecot.fresh_user()
    source = ImapSource(dovecot.settings(user=user), LimitSettings())
    yield Box(source, lambda raw: dovecot.append(raw, user=user))
    source.close()


def test_a_source_gives_every_mail_oldest_first_with_its_bytes_as_they_are(box: Box) -> None:
    for raw in MAILS:
        box.deliver(raw)

    batches = list(box.source.fetch_new({}))

    fetched = [mail for batch in batches for mail in batch]
    assert [mail.raw for mail in fetched] == MAILS
    assert [mail.position for mail in fetched] == sorted(mail.position for mail in fetched)
    assert [mail.size for mail in fetched] == [len(raw) for raw in MAILS]
    assert all(mail.received.tzinfo for mail in fetched)


def test_a_source_gives_nothing_twice_past_a_position_and_everything_under_a_new_uidvalidity(box: Box) -> None:
    for raw in MAILS:
        box.deliver(raw)
    last = [mail for batch in box.source.fetch_new({}) for mail in batch][-1]

    assert list(box.source.fetch_new({last.folder: last.position})) == []
    renumbered = UidPosition(last.position.uidvalidity + 1, last.position.uid)
    assert len([m for batch in box.source.fetch_new({last.folder: renumbered}) for m in batch]) == len(MAILS)


def test_a_source_takes_marks_twice_and_may_be_interrupted_and_closed_at_any_time(box: Box) -> None:
    box.deliver(MAILS[0])
    (batch,) = box.source.fetch_new({})

    for _ in range(2):
        box.source.mark_done(batch[0].folder, [batch[0].position])
    box.source.interrupt()
    assert box.source.wait(5) in (True, False)
    box.source.close()


@dataclass(frozen=True)
class Sink:
    sink: MailSink
    accepted: Sized  # what was taken over
    smtp: ScriptedSmtp | None = None
    fake: FakeOutbox | None = None

    def fail(self, *, after_the_dot: bool) -> None:
        """Make the next mail fail, before or after the server has it."""
        if self.smtp:
            self.smtp.once = True
            if after_the_dot:
                self.smtp.hang_up = {"reply"}
            else:
                self.smtp.recipient_replies = {"b@example.com": "550 5.1.1 unknown"}
        if self.fake:
            refused = DeliveryError("refused", permanent=True, status="550 5.1.1 unknown")
            self.fake.faults = [UncertainDelivery("the reply was lost") if after_the_dot else refused]


@pytest.fixture(params=["smtp", "fake"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    if request.param == "fake":
        fake = FakeOutbox()
        yield Sink(fake, fake.sent, fake=fake)
        return
    smtp: ScriptedSmtp = request.getfixturevalue("smtp_sink")
    real = SmtpSink(smtp.settings())
    yield Sink(real, smtp.accepted, smtp=smtp)
    real.close()


def test_a_sink_hands_over_one_mail_and_says_what_the_server_said(sink: Sink) -> None:
    said = sink.sink.send("s@example.com", ["b@example.com"], MAILS[0])

    assert said
    assert len(sink.accepted) == 1


def test_a_refused_mail_was_certainly_not_taken(sink: Sink) -> None:
    sink.fail(after_the_dot=False)

    with pytest.raises(DeliveryError) as refused:
        sink.sink.send("s@example.com", ["b@example.com"], MAILS[0])
    assert refused.value.permanent
    assert len(sink.accepted) == 0


def test_a_lost_reply_is_neither_success_nor_failure(sink: Sink) -> None:
    sink.fail(after_the_dot=True)

    with pytest.raises(UncertainDelivery):
        sink.sink.send("s@example.com", ["b@example.com"], MAILS[0])


@pytest.fixture(params=["local", "mail", "fake"])
def desk(request: pytest.FixtureRequest) -> Iterator[TicketDesk]:
    if request.param == "mail":
        smtp: ScriptedSmtp = request.getfixturevalue("smtp_sink")
        yield mail_desk(smtp)
    else:
        yield LocalTicketDesk() if request.param == "local" else FakeTicketDesk()


def mail_desk(smtp: ScriptedSmtp) -> MailTicketDesk:
    team = Mailbox("Support", "s@example.com")
    return MailTicketDesk(lambda: SmtpSink(smtp.settings()), team, "b@example.com", lambda: datetime(2026, 5, 4, tzinfo=UTC))


def test_a_ticket_desk_gives_the_same_ticket_the_same_reference(desk: TicketDesk) -> None:
    first = desk.push("k1", "other", "look at this", {"order": "1"})

    assert desk.push("k1", "other", "look at this", {"order": "1"}) == first
    assert desk.push("k2", "other", "and at that", {}) != first
    assert first.desk == desk.name


ODD = ["a\r\nBcc: x@evil.example", "\u2028two\x00lines", "=?utf-8?q?=0ABcc: x@evil.example?=", "x" * 2000, ""]


@pytest.mark.parametrize("odd", ODD)
def test_a_ticket_desk_takes_whatever_words_a_ticket_holds(desk: TicketDesk, odd: str) -> None:
    assert desk.push("k1", "other", odd or "t", {"why": odd, odd or "n": "x"}).reference


def test_a_ticket_mailed_again_after_a_crash_is_the_same_mail(smtp_sink: ScriptedSmtp) -> None:
    for _ in range(2):
        mail_desk(smtp_sink).push("kAb1", "rebill_request", "Re-bill order PO-1", {"value": "99.80"})

    first, again = (sent.raw for sent in smtp_sink.accepted)
    assert first == again
    assert b"Message-ID: <ticket.kAb1@example.com>" in first
    assert b"value: 99.80" in first


def test_a_mail_server_that_refuses_is_a_ticket_not_filed(smtp_sink: ScriptedSmtp) -> None:
    smtp_sink.once = True
    smtp_sink.recipient_replies = {"b@example.com": "550 5.1.1 unknown"}

    with pytest.raises(TicketError, match="k1 could not be mailed"):
        mail_desk(smtp_sink).push("k1", "other", "look", {})
