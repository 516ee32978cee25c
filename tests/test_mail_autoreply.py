"""Automatic answers without any mark in the header, and people who speak of holidays, tickets and receipts."""

import time

import pytest

from supportbot.mail.autoreply import subject_reason, text_reason
from supportbot.mail.parse import read_message


def mail(subject: str, body: str, extra: str = "") -> bytes:
    return (
        f"From: Ann <ann@buyer.example>\r\nTo: support@acme.example\r\nSubject: {subject}\r\n{extra}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


@pytest.mark.parametrize(
    "body",
    [
        "Thank you for your email. I am out of the office with no access to email and will return on Monday.",
        "Our shop is closed for the holidays until January 6. Orders will ship after that. For urgent questions please call "
        "us.",
        "Vielen Dank für Ihre Nachricht. Bis zum 14.11. bin ich nicht im Büro. In dringenden Fällen: Frau Kern.",
        "Betriebsferien: Unser Büro ist vom 1. bis 14. geschlossen. Ihre E-Mails werden nicht weitergeleitet.",
        "Bonjour, je suis en congés jusqu'au 12 novembre inclus. En cas d'urgence, merci de contacter Marie.",
        "Estaré fuera de la oficina hasta el 9. Para asuntos urgentes contacte con Ana.",
        "Sono in ferie fino al 9. Per urgenze contattare Anna.",
        "Ik ben met vakantie tot 9 november. Voor dringende zaken kunt u contact opnemen met Jan.",
        "Estou de férias até 9. Em caso de urgência contacte a Ana.",
        "Przebywam na urlopie do 9 listopada. W pilnych sprawach proszę o kontakt z Anną.",
        "11月9日まで休暇をいただいております。緊急の場合は田中までご連絡ください。",
        "Jane Doe no longer works for Acme. Please contact sales@acme.example.",
    ],
)
def test_an_absence_is_known_by_what_only_an_automatic_answer_adds(body: str) -> None:
    assert read_message(mail("Re: your order", body)).automated_reason == "out-of-office-phrase"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: order", "I'm on vacation until Friday, could you please hold the parcel?"),
        (
            "Re: order",
            "I am on holiday until the 5th with limited access to email, but yes, I accept the lamp and the re-billing.",
        ),
        ("Re: order", "I was out of the office until yesterday, sorry for the delay. Yes, I accept both."),
        ("Re: order", "I am out of the office until Monday. I accept the item and the re-billing."),
        ("Re: order", "I'm out of the office until Monday, please deliver to my home."),
        ("Lieferung", "Ich bin bis 15.11. im Urlaub, bitte liefern Sie erst danach."),
        ("commande", "Je suis absent jusqu'au 5 novembre, merci de livrer après cette date."),
        ("pedido", "Estoy de vacaciones hasta el lunes, ¿pueden entregar el paquete después?"),
        ("ordine", "Sono in ferie fino al 5, potete consegnare il pacco dopo?"),
        ("bestelling", "Ik ben op vakantie tot maandag, kunt u het pakket later bezorgen?"),
        ("encomenda", "Estou de férias até segunda, podem entregar depois?"),
        ("zamówienie", "Jestem na urlopie do 5 listopada, czy mogą państwo dostarczyć paczkę później?"),
        ("Re: zamówienie", "Jestem na urlopie do poniedziałku, proszę dostarczyć później."),
        ("不在通知が入っていました", "不在のため荷物を受け取れませんでした。明日までに再配達をお願いします。"),
        ("休暇中の配達について", "10日まで不在にしておりますので、11日に配達をお願いします。"),
        ("Accepted: order PO-771200", "I accept the item and the re-billing."),
        ("Out of office chair parts", "Do you sell wheels?"),
        ("Receipt: order 12", "Attached my receipt. The item is broken."),
        ("Case arrived broken, not received whole", "The phone case is broken."),
        ("ticket", "I opened ticket 4711 last week and nobody answered."),
        ("Re: x", "Thank you for your message. I have not received the parcel yet; ticket #123. Please check."),
        ("Re: order", "I got an automatic reply that says you are out of the office until Monday. Who handles my refund?"),
        ("shipped", "Our warehouse is closed until Tuesday; order 77 had already shipped, please open a credit memo."),
        ("Re: cancel", "We received your request and have already shipped the order, tracking 1Z999. Nothing can be done."),
    ],
)
def test_people_speak_of_the_same_things(subject: str, body: str) -> None:
    assert read_message(mail(subject, body)).automated_reason is None


@pytest.mark.parametrize(
    ("subject", "body", "reason"),
    [
        ("Re: order", "Your request (12345) has been received and is being reviewed by our support staff.", "ticket-receipt"),
        ("Re: order", "Vielen Dank für Ihre Anfrage. Ihre Ticketnummer lautet #12345. Wir melden uns.", "ticket-receipt"),
        ("Re: x", "Nous avons bien reçu votre demande n° 4455 et nous vous répondrons sous 48 heures.", "ticket-receipt"),
        ("Re: x", "Your message is being held. Click the link to confirm you are a real person.", "challenge-response"),
        ("Re: x", "This mailbox is not monitored. Please do not reply to this email.", "says-automatic"),
        ("Gelesen: Ihre Bestellung", "", "read-receipt"),
        ("Return Receipt (displayed) - Your order", "", "read-receipt"),
        ("Accepted: Weekly call @ Thu 5 Nov 10:00", "Ann has accepted this invitation.", "calendar-reply"),
        ("[EXTERNAL] Automatic reply: Your order", "See you.", "out-of-office-subject"),
    ],
)
def test_receipts_desks_calendars_and_challenges_are_named(subject: str, body: str, reason: str) -> None:
    assert read_message(mail(subject, body)).automated_reason == reason


@pytest.mark.parametrize("method", ['; method="REPLY"', ""])
def test_a_calendar_s_answer_is_known_by_its_part(method: str) -> None:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nI will be there, thanks for the invitation.\r\n--b\r\n"
        f"Content-Type: text/calendar{method}\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n--b--\r\n"
    )
    head = "From: a@b.example\r\nSubject: Call\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"

    assert read_message((head + body).encode()).automated_reason == "calendar-reply"
    assert read_message((head + body.replace("REPLY", "REQUEST")).encode()).automated_reason is None


def test_a_relay_s_fields_make_no_newsletter_of_a_person_s_mail() -> None:
    relay = "List-Unsubscribe: <https://relay.example/u>\r\nFeedback-ID: 1.eu:relay\r\n"

    assert read_message(mail("Re: order", "Yes, I accept the item.", relay)).automated_reason is None
    assert read_message(mail("Autumn sale", "Everything must go!\r\n\r\nUnsubscribe", relay)).automated_reason == "list"


@pytest.mark.parametrize("seed", ["a", "i am ", "ich bin ", "your message ", "受", "ticket 1", "[", "a.", "no-"])
def test_hostile_words_cost_no_more_than_their_length(seed: str) -> None:
    text = (seed * 50_000)[:50_000]
    started = time.perf_counter()
    text_reason(text)
    subject_reason(text, text)
    read_message(f"From: {text[:30_000]}@b.example\r\nSubject: {text[:30_000]}\r\n\r\nhi".encode())

    assert time.perf_counter() - started < 1.0
