"""Bounces of many servers, written here in their manner: who failed, with which code, for good or not, which mail of ours."""

import time

import pytest

from supportbot.mail.message import Bounce, Verdict
from supportbot.mail.parse import read_message
from supportbot.mail.screen import screen
from supportbot.mail.undelivered import read_report

OWN = ("support@acme.example",)
TOKEN = "0f" * 16


def notice(
    body: str,
    *,
    sender: str = "MAILER-DAEMON@mx.example",
    subject: str = "failure notice",
    extra: str = "Return-Path: <>\r\n",
) -> bytes:
    head = f"From: {sender}\r\nTo: support@acme.example\r\nSubject: {subject}\r\n{extra}"
    return (head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def report(*groups: str, text: str = "It failed.", returned: str = "", per_message: str = "", extra: str = "") -> bytes:
    parts = [
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n{per_message}\n" + "\n".join(groups),
    ]
    if returned:
        parts.append(f"Content-Type: message/rfc822\n\n{returned}\n")
    mime = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    head = (
        "From: MAILER-DAEMON@mx.example\nTo: support@acme.example\nSubject: Delivery Status Notification\n"
        f"Return-Path: <>\n{extra}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    )
    return (head + mime).replace("\n", "\r\n").encode()


RETURNED = (
    "From: Shop <support@acme.example>\nTo: ann@buyer.example\nMessage-ID: <n1@acme.example>\nSubject: Your order\n\nHi\n"
)


def bounce_of(raw: bytes) -> Bounce:
    found = read_message(raw).bounce
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(
            notice(
                "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
                "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
                "  ann@buyer.example\n    host mx.buyer.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT "
                "TO:<ann@buyer.example>:\n    550 5.1.1 no such user\n\n------ This is a copy of the message's headers. ------"
                "\n\nReturn-path: <support@acme.example>\nMessage-ID: <n1@acme.example>\nTo: ann@buyer.example\n",
                subject="Mail delivery failed: returning message to sender",
                extra="X-Failed-Recipients: ann@buyer.example\r\n",
            ),
            Bounce("ann@buyer.example", "5.1.1", True, "<n1@acme.example>"),
            id="exim",
        ),
        pytest.param(
            notice(
                "This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could not\n"
                "be delivered to one or more recipients.\n\nFor further assistance, please send mail to postmaster@mx.example."
                "\n\n<ann@buyer.example>: host mx.buyer.example[192.0.2.1] said: 552 5.2.2 Mailbox full (in reply\n"
                "    to RCPT TO command)\n\n> Message-ID: <n1@acme.example>\n> To: ann@buyer.example\n",
                subject="Undelivered Mail Returned to Sender",
            ),
            Bounce("ann@buyer.example", "5.2.2", True, "<n1@acme.example>"),
            id="postfix without report parts, quoted header",
        ),
        pytest.param(
            notice(
                "Fehler bei der Zustellung an folgende Empfänger oder Gruppen:\n\nann@buyer.example<mailto:ann@buyer.example>\n"
                "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden.\n\nDiagnoseinformationen für Administratoren:\n\n"
                "Generierender Server: EX1.buyer.example\n\nann@buyer.example\n#550 5.1.10 RESOLVER.ADR.RecipientNotFound "
                "##\n\n"
                "Ursprüngliche Nachrichtenkopfzeilen:\n\nMessage-ID: <n1@acme.example>\n",
                sender="Microsoft Outlook <MicrosoftExchange329e@buyer.example>",
                subject="Unzustellbar: Ihre Bestellung",
            ),
            Bounce("ann@buyer.example", "5.1.10", True, "<n1@acme.example>"),
            id="exchange in German",
        ),
        pytest.param(
            notice(
                "   ----- The following addresses had permanent fatal errors -----\n<ann@buyer.example>\n"
                "    (reason: 550 No such user here)\n\n   ----- Transcript of session follows -----\n"
                ">>> DATA\n<<< 550 No such user here\n",
                sender="Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
                subject="Returned mail: see transcript for details",
            ),
            Bounce("ann@buyer.example", None, True, None),
            id="sendmail, reply code only",
        ),
        pytest.param(
            notice(
                "Message from yahoo.example.\nUnable to deliver message to the following address(es).\n\n"
                "<ann@buyer.example>:\n421 4.7.0 [TS01] Messages temporarily deferred\n",
                subject="failure delivery",
            ),
            Bounce("ann@buyer.example", "4.7.0", False, None),
            id="yahoo, for now",
        ),
        pytest.param(
            notice(
                "THIS IS A WARNING MESSAGE ONLY.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following "
                "recipient has been delayed:\n\n     ann@buyer.example\n\nMessage will be retried for 2 more day(s)\n",
                subject="Delivery Status Notification (Delay)",
                extra="In-Reply-To: <n1@acme.example>\r\n",
            ),
            Bounce("ann@buyer.example", None, False, "<n1@acme.example>"),
            id="delayed, threaded with the mail",
        ),
        pytest.param(
            notice(
                "Zalgo gateway 3.1 here. We cannot hand your letter over.\n\nBad one: ann@buyer.example\nWhy: unknown "
                "mailbox\n\n"
                "    Message-ID: <n1@acme.example>\n    To: ann@buyer.example\n    Subject: Your order\n",
                sender="postmaster@zalgo.example",
                subject="Mail could not be delivered",
                extra="",
            ),
            Bounce("ann@buyer.example", None, True, "<n1@acme.example>"),
            id="a server nobody knows, indented header",
        ),
        pytest.param(
            notice("<<< No Message Collected >>>\n", subject="Returned mail: see transcript for details"),
            Bounce(None, None, True, None),
            id="neither address nor code",
        ),
    ],
)
def test_a_server_s_prose_is_read(raw: bytes, expected: Bounce) -> None:
    assert bounce_of(raw) == expected


def test_the_fields_of_a_report_go_before_its_words() -> None:
    raw = report(
        "Final-Recipient: rfc822; ann@buyer.example\nAction: failed\nStatus: 5.2.1\n",
        text="Delivery to bob@other.example failed: 550 5.1.1 unknown",
        returned=RETURNED,
    )

    assert bounce_of(raw) == Bounce("ann@buyer.example", "5.2.1", True, "<n1@acme.example>")


def test_of_several_recipients_the_one_that_failed_is_reported_and_ours_first() -> None:
    delivered = "Final-Recipient: rfc822; first@buyer.example\nAction: relayed\nStatus: 2.1.5\n"
    delayed = "Final-Recipient: rfc822; second@buyer.example\nAction: delayed\nStatus: 4.4.1\n"
    foreign = "Final-Recipient: rfc822; third@buyer.example\nAction: failed\nStatus: 5.1.1\n"
    ours = "Final-Recipient: rfc822; ann@buyer.example\nAction: failed\nStatus: 5.1.1\n"

    assert bounce_of(report(delivered, delayed, foreign)).recipient == "third@buyer.example"
    assert bounce_of(report(delivered, delayed, foreign, ours, returned=RETURNED)).recipient == "ann@buyer.example"


def test_the_address_we_wrote_to_is_reported_not_where_it_was_forwarded() -> None:
    group = "Original-Recipient: rfc822;ann+2Bshop@buyer.example\nFinal-Recipient: rfc822;a77@store.example\nAction: failed\n"

    assert bounce_of(report(group + "Status: 5.0.0\n")).recipient == "ann+shop@buyer.example"


@pytest.mark.parametrize(
    ("group", "status", "permanent"),
    [
        ("Action: failed\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n", "5.1.1", True),
        ("Action: failure\nStatus: 553 too large\n", None, True),
        ("Status: 4.2.2\n", "4.2.2", False),
        ("Action: delayed\nStatus: 4.4.1\n", "4.4.1", False),
    ],
)
def test_status_and_permanence_are_read_where_they_stand(group: str, status: str | None, permanent: bool) -> None:
    found = bounce_of(report(f"Final-Recipient: rfc822; ann@buyer.example\n{group}"))

    assert (found.status, found.permanent) == (status, permanent)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_receipt_is_automatic_and_no_bounce(action: str) -> None:
    message = read_message(report(f"Final-Recipient: rfc822; ann@buyer.example\nAction: {action}\nStatus: 2.0.0\n"))

    assert (message.bounce, message.automated_reason) == (None, "report")


def test_a_complaint_is_automatic_and_no_bounce() -> None:
    raw = (
        b"From: postmaster@isp.example\r\nSubject: Undelivered complaint\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        b"--b\r\n\r\nThis is an abuse report for a message that could not be delivered to ann@buyer.example.\r\n--b\r\n"
        b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--b--\r\n"
    )
    message = read_message(raw)

    assert (message.bounce, message.automated_reason) == (None, "feedback-report")


def test_our_token_and_case_are_found_in_what_came_back() -> None:
    inline = (
        "Your message could not be delivered to ann@buyer.example.\n\n> Subject: Your order\n"
        f"> Reply-To: support+{TOKEN}@acme.example\n> X-Supportbot-Case: c-77\n"
    )
    attached = RETURNED.replace("Message-ID: <n1@acme.example>\n", f"Reply-To: support+{TOKEN}@acme.example\n")

    quoted = bounce_of(notice(inline))
    assert (quoted.original_message_id, quoted.reply_token, quoted.case_id) == (None, TOKEN, "c-77")
    assert bounce_of(report("Final-Recipient: rfc822; a@b.example\nAction: failed\n", returned=attached)).reply_token == TOKEN


@pytest.mark.parametrize(
    ("subject", "body", "extra"),
    [
        ("Delivery failed", "UPS says delivery failed, address unknown. Where is my parcel? 550 Main Street.", ""),
        (
            "Re: Undelivered Mail Returned to Sender",
            "I got this. <ann@buyer.example>: 550 5.1.1 unknown",
            "In-Reply-To: <x@y>\r\n",
        ),
        ("Fwd: Undeliverable: Your order", "See below, the mail to ann@buyer.example could not be delivered.", ""),
        ("Returned mail", "My letter was returned to sender. Can you give me your address?", ""),
    ],
)
def test_a_person_who_speaks_of_failed_deliveries_sends_no_bounce(subject: str, body: str, extra: str) -> None:
    message = read_message(notice(body, sender="Ann <ann@buyer.example>", subject=subject, extra=extra))

    assert (message.bounce, message.automated_reason) == (None, None)
    assert screen(message, own_addresses=OWN).verdict is Verdict.PROCESS


@pytest.mark.parametrize("seed", ["a", "@", "a@", "<a@b.example>:\n550 unknown\n", "to: ", "> \n", "could not be ", "x: "])
def test_a_hostile_report_costs_no_more_than_its_length(seed: str) -> None:
    text = (seed * 50_000)[:50_000]
    started = time.perf_counter()
    read_report(text, text, expected=(), not_recipients=())

    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize(
    ("sender", "subject", "body", "recipient", "permanent"),
    [
        (
            "Poczta <admin@post.example>",
            "Wiadomość nie została dostarczona",
            "Adresat x@post.example nie istnieje.",
            "x@post.example",
            True,
        ),
        (
            "System <system@posta.example>",
            "Messaggio non consegnato",
            "Il messaggio inviato a zia@posta.example non è stato recapitato: casella piena.",
            "zia@posta.example",
            True,
        ),
        (
            "Servidor <sistema@correo.example>",
            "Correo devuelto",
            "No se ha podido entregar su mensaje a eva@correo.example. El buzón está lleno. "
            "Se volverá a intentar durante 2 días.",
            "eva@correo.example",
            False,
        ),
        (
            "postmaster@correo.example",
            "No se puede entregar",
            "No se pudo entregar el mensaje a:\n\neva@correo.example\nEl servidor no responde y no se volverá a intentar.",
            "eva@correo.example",
            True,
        ),
        (
            "Postsystem <system@post.example>",
            "Kunde inte leverera",
            "Ditt meddelande till bo@post.example kunde inte levereras.",
            "bo@post.example",
            True,
        ),
        (
            "postmaster@posti.example",
            "Viestin toimitus epäonnistui",
            "Viestiä ei voitu toimittaa osoitteeseen eki@posti.example.",
            "eki@posti.example",
            True,
        ),
        (
            "postmaster@posta.example",
            "Nedoručitelná zpráva",
            "Zprávu pro adresáta jan@posta.example nebylo možné doručit.",
            "jan@posta.example",
            True,
        ),
        (
            "postmaster@eposta.example",
            "İleti teslim edilemedi",
            "İletiniz can@eposta.example adresine teslim edilemedi.",
            "can@eposta.example",
            True,
        ),
        (
            "postmaster@pochta.example",
            "Не доставлено",
            "Ваше письмо для oleg@pochta.example не доставлено.",
            "oleg@pochta.example",
            True,
        ),
        (
            "postmaster@posta.example",
            "Kézbesítetlen üzenet",
            "Az üzenet nem kézbesíthető: kis@posta.example. Ismeretlen címzett.",
            "kis@posta.example",
            True,
        ),
        (
            "postmaster@q.example",
            "DSN: delivery to eli@s.example failed",
            "Host s.example refused the message: over quota.",
            "eli@s.example",
            True,
        ),
        (
            "SMS Gateway <gateway@sms.example>",
            "SMS to 447700900142 failed",
            "Your text message to 447700900142 was not delivered.",
            None,
            True,
        ),
    ],
)
def test_mail_systems_of_many_names_and_languages_are_read(
    sender: str, subject: str, body: str, recipient: str | None, permanent: bool
) -> None:
    found = bounce_of(notice(body, sender=sender, subject=subject, extra=""))

    assert (found.recipient, found.permanent) == (recipient, permanent)


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        (
            "Admin <admin@shop.example>",
            "Re: KL-9",
            "The mail to lea@post.example could not be delivered, can you reach her? The parcel has gone.",
        ),
        ("Server Team <server@shop.example>", "KL-9", "Hi, we cancelled it in time, nothing was shipped. Ask bo@shop.example."),
        ("Joan <joan@mill.example>", "bounce", "I got this back from the buyer:\n\n<lea@post.example>: 550 5.1.1 User unknown"),
        (
            "Kurt <k@l.example>",
            "Zustellung fehlgeschlagen",
            "Die Zustellung an den Kunden ist fehlgeschlagen, Empfänger unbekannt verzogen.",
        ),
    ],
)
def test_people_with_the_names_of_systems_send_no_bounces(sender: str, subject: str, body: str) -> None:
    assert read_message(notice(body, sender=sender, subject=subject, extra="")).bounce is None


def test_a_returned_mail_with_our_marks_was_written_to_the_one_in_its_to_field() -> None:
    group = "Final-Recipient: rfc822; a77@store.example\nAction: failed\nStatus: 5.1.1\n"
    marked = RETURNED.replace("Message-ID:", "X-Supportbot-Case: c-77\nMessage-ID:")

    assert bounce_of(report(group, returned=marked)).recipient == "ann@buyer.example"
    assert bounce_of(report(group, returned=RETURNED)).recipient == "a77@store.example"


def test_a_header_quoted_in_html_is_read_as_text() -> None:
    body = (
        "<p>Fehler bei der Zustellung an folgende Empf&auml;nger:</p><p>ann@buyer.example<br>550 5.1.1 not"
        " found</p>"
        "<pre>From: Shop &lt;support@acme.example&gt;\r\nTo: &lt;ann@buyer.example&gt;\r\nMessage-ID:"
        " &lt;n1@acme.example&gt;</pre>"
    )
    raw = (
        "Return-Path: <>\r\nFrom: postmaster@buyer.example\r\nSubject: Unzustellbar: x\r\nContent-Type:"
        " multipart/mixed; boundary=b"
        f"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n{body}\r\n--b--\r\n"
    )

    assert bounce_of(raw.encode()).original_message_id == "<n1@acme.example>"


def test_of_a_mail_that_a_list_passed_on_the_member_that_failed_is_reported_not_the_list() -> None:
    listed = RETURNED.replace("Message-ID:", "List-Post: <mailto:ann@buyer.example>\nMessage-ID:")
    text = "Your message\n\n  To: ann@buyer.example\n\ndid not reach the following recipient(s):\n\nzoe@member.example on Fri"
    raw = report(text=text, returned=listed).replace(b"message/delivery-status", b"text/x-none")

    assert bounce_of(raw).recipient == "zoe@member.example"
    assert bounce_of(raw.replace(b"List-Post", b"X-Other")).recipient == "ann@buyer.example"


def test_a_gateway_that_spells_the_postmaster_apart_is_a_mail_system() -> None:
    body = (
        "Error: Invalid user address\n\nError message below:\n550 - no such user here\n\n  RCPT TO: 2025550147@text.example\n"
    )
    found = bounce_of(notice(body, sender="post_master@text.example", subject="Re:Test message", extra=""))

    assert (found.recipient, found.permanent) == ("2025550147@text.example", True)
