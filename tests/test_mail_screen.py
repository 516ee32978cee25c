"""Machines and people told apart, and bounces read."""

import pytest

from supportbot.mail.message import Bounce, Verdict
from supportbot.mail.parse import read_message
from supportbot.mail.screen import screen

OWN = ("support@acme.example",)


def mail(
    extra: str = "", body: str = "Yes, I accept.", subject: str = "Re: order", sender: str = "Jane <j@b.example>"
) -> bytes:
    return f"From: {sender}\r\nTo: support@acme.example\r\nSubject: {subject}\r\n{extra}\r\n{body}\r\n".encode()


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("Auto-Submitted: auto-replied\r\n", "auto-submitted"),
        ("Auto-Submitted: auto-replied (vacation)\r\n", "auto-submitted"),
        ("Return-Path: <>\r\n", "null-return-path"),
        ("X-Autoreply: yes\r\n", "auto-reply-field"),
        ("X-Autorespond: x\r\n", "auto-reply-field"),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n", "read-receipt"),
    ],
)
def test_an_automatic_answer_is_ignored_for_a_named_reason(extra: str, reason: str) -> None:
    message = read_message(mail(extra))

    assert message.automated_reason == reason
    assert screen(message, own_addresses=OWN).verdict is Verdict.IGNORE


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("Auto-Submitted: auto-generated\r\n", "auto-submitted"),
        ("Precedence: bulk\r\n", "precedence"),
        ("List-Id: <x.example>\r\n", "list"),
        ("X-Auto-Response-Suppress: OOF, AutoReply\r\n", "auto-response-suppress"),
    ],
)
def test_a_notice_of_a_machine_is_read_but_named_as_automatic(extra: str, reason: str) -> None:
    body = "The customer has requested to cancel the order below."
    message = read_message(mail(extra, body, subject="Order cancellation request from Amazon customer"))

    assert message.automated_reason == reason
    assert screen(message, own_addresses=OWN).verdict is Verdict.PROCESS


def test_a_newsletter_that_speaks_of_orders_is_no_person() -> None:
    body = "Yes, you can keep the parcel! 20 % off every order this week.\n\nUnsubscribe | View in browser"
    assert read_message(mail("Precedence: bulk\r\n", body)).automated_reason == "precedence"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your order",
        "Out of Office Re: order",
        "Abwesenheitsnotiz: Re: x",
        "Réponse automatique : x",
        "Respuesta automática: x",
        "Risposta automatica: x",
        "Automatisch antwoord: x",
        "Resposta automática: x",
        "Odpowiedź automatyczna: x",
        "自動応答: x",
        "=?utf-8?q?R=C3=A9ponse_automatique?=",
    ],
)
def test_an_out_of_office_subject_is_enough_in_every_language(subject: str) -> None:
    assert read_message(mail(subject=subject)).automated_reason == "out-of-office-subject"


@pytest.mark.parametrize(
    "body",
    [
        "I am currently out of the office until Monday. In urgent cases call Bob.",
        "Ich bin derzeit nicht im Büro und ab dem 5. wieder erreichbar.",
        "Je suis actuellement absent jusqu'au 5 novembre.",
        "Estoy fuera de la oficina hasta el lunes.",
        "Sono fuori ufficio fino al 5 novembre.",
        "Ik ben momenteel afwezig tot maandag.",
        "Estou fora do escritório até segunda.",
        "Jestem obecnie poza biurem, wracam 5 listopada.",
        "本日は不在にしております。戻り次第ご連絡します。",
    ],
)
def test_an_absence_without_any_header_is_recognised_by_two_phrases(body: str) -> None:
    assert read_message(mail(body=body)).automated_reason == "out-of-office-phrase"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: order", "Yes, I accept the item and the re-billing."),
        ("Re: order", "I was out of the office, sorry. Yes, charge me."),
        ("On holiday decorations", "Where is it? I return on Monday."[:12]),
        ("accepted", "I accepted the parcel"),
        ("Ticket to Rome", "I want to cancel"),
    ],
)
def test_a_person_is_not_called_a_machine(subject: str, body: str) -> None:
    message = read_message(mail("Auto-Submitted: no\r\nReturn-Path: <j@b.example>\r\n", subject=subject, body=body))

    assert (message.automated_reason, screen(message, own_addresses=OWN).verdict) == (None, Verdict.PROCESS)


def test_our_own_mail_and_loops_are_ignored() -> None:
    assert screen(read_message(mail(sender="Acme <Support@Acme.example>")), own_addresses=OWN).reason == "own-mail"
    assert screen(read_message(mail("X-Supportbot-Case: c1\r\n")), own_addresses=OWN).reason == "own-mail-returned"
    assert screen(read_message(mail("X-Loop: support@acme.example\r\n")), own_addresses=OWN).reason == "mail-loop"
    assert screen(read_message(mail("Received: by x\r\n" * 70)), own_addresses=OWN).reason == "mail-loop"


def test_a_message_without_one_readable_sender_waits_for_a_person() -> None:
    assert screen(read_message(mail(sender="a@b.example, c@d.example")), own_addresses=OWN).verdict is Verdict.HOLD


DSN = (
    "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\nReturn-Path: <>\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n--b\r\n"
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; j@b.example\r\n"
    "Action: {action}\r\nStatus: {status}\r\n\r\n--b\r\nContent-Type: {original}\r\n\r\n"
    "Message-ID: <n1@acme.example>\r\nSubject: x\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
def test_a_delivery_report_names_recipient_status_and_our_message(original: str) -> None:
    message = read_message(DSN.format(action="failed", status="5.1.1", original=original).encode())

    assert message.bounce == Bounce("j@b.example", "5.1.1", permanent=True, original_message_id="<n1@acme.example>")
    assert screen(message, own_addresses=OWN).reason == "bounce"


def test_a_delay_is_temporary_and_a_delivery_receipt_is_no_bounce() -> None:
    delayed = read_message(DSN.format(action="delayed", status="4.2.0", original="message/rfc822").encode()).bounce
    delivered = read_message(DSN.format(action="delivered", status="2.0.0", original="message/rfc822").encode())

    assert delayed is not None
    assert not delayed.permanent
    assert (delivered.bounce, delivered.automated_reason) == (None, "report")


def test_an_old_bounce_format_is_recognised_by_its_words() -> None:
    raw = mail(
        "Return-Path: <>\r\n",
        sender="MAILER-DAEMON@mx.example",
        subject="failure notice",
        body=(
            "Hi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver "
            "your message to the following addresses.\r\nThis is a permanent error; I've given up. "
            "Sorry it didn't work out.\r\n\r\n<j@b.example>:\r\nno mailbox here by that name "
            "(#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nMessage-ID: "
            "<n1@acme.example>\r\n"
        ),
    )

    assert read_message(raw).bounce == Bounce("j@b.example", "5.1.1", permanent=True, original_message_id="<n1@acme.example>")
