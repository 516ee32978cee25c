"""Copies that reports and receipts announce in words, histories, lists of the sender's own, and what programs add."""

from email.message import EmailMessage

import pytest

from supportbot.mail.message import InboundMessage, Label
from supportbot.mail.parse import read_message
from supportbot.mail.quote import split

OURS = (
    "Your order LG-40117 was cancelled on 3 November, but the parcel had already left. Would you take the lanterns after all?"
)
HEADER = (
    "From: Lantern Gate <support@lantern-gate.example>\nTo: wiebke@halmstad.example\nSubject: Your order LG-40117\n"
    "Date: Thu, 5 Nov 2026 16:15:22 +0100\nMessage-ID: <lg-40117.1@lantern-gate.example>\nMIME-Version: 1.0"
)
REPORT = "I could not deliver your message.\n\n<orders@kiln-lane.example>: 550 5.1.1 no such mailbox"
RECEIPT = "Thank you for writing to Halmstad Textiles. Your request has been received as number 48122."


def read(body: str, subject: str = "Order LG-40117", *, subtype: str = "plain", answers: bool = False) -> InboundMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Wiebke Halm <wiebke@halmstad.example>", "support@lantern-gate.example", subject
    mail["Date"] = "Fri, 06 Nov 2026 09:00:00 +0100"
    if answers:
        mail["In-Reply-To"] = "<lg-40117.1@lantern-gate.example>"
    mail.set_content(body, subtype=subtype)
    return read_message(mail.as_bytes())


def new(message: InboundMessage) -> str:
    return " ".join(message.new_text.split())


@pytest.mark.parametrize(
    "announcement",
    [
        "The headers of the rejected message:",
        "Included is a copy of the message header:",
        "Kopfzeilen der ursprünglichen Nachricht:",
        "Ci-dessous une copie du message :",
        "--- A continuación se incluye una copia del mensaje ---",
        "Copia del messaggio originale:",
        "--- Hieronder volgt een kopie van uw bericht ---",
        "Abaixo segue uma cópia da mensagem:",
        "--- Poniżej znajduje się kopia wiadomości ---",
        "--- 以下は元のメールのコピーです ---",
        "|------------------------- Message text follows: ------------------------|",
    ],
)
def test_a_copy_with_its_header_is_quoted_with_the_line_that_announces_it(announcement: str) -> None:
    message = read(f"{REPORT}\n\n{announcement}\n\n{HEADER}\n\n{OURS}\n")

    assert new(message) == " ".join(REPORT.split())


@pytest.mark.parametrize(
    "announcement",
    [
        "Here is a copy of your request:",
        "Your enquiry was:",
        "Ihre ursprüngliche Anfrage:",
        "Rappel de votre demande :",
        "Su consulta:",
        "La sua richiesta:",
        "Uw vraag:",
        "Sua mensagem:",
        "Treść zgłoszenia:",
        "▼お問い合わせ内容",
        "== Conversation history ==",
        "########## Original ##########",
    ],
)
def test_a_copy_under_a_heading_alone_is_quoted_and_never_called_certain(announcement: str) -> None:
    message = read(f"{RECEIPT}\n\n{announcement}\n\n{OURS}\n", "Your request", answers=True)

    assert new(message) == RECEIPT
    assert not message.boundary_certain


@pytest.mark.parametrize(
    "body",
    [
        "Your name: Wiebke\nYour e-mail: wiebke@halmstad.example\nYour message:\nI keep the lanterns, please charge me again.",
        "Your name:\nWiebke Halm of Halmstad Textiles\n\nYour message:\nI keep the lanterns, please charge me again.",
        "You have a request from a buyer of yours.\n\nCustomer message:\n\nplease cancel the lanterns, I found cheaper ones",
        "Sie haben eine Nachricht erhalten.\n\nNachricht des Käufers:\n\nbitte stornieren Sie die beiden Laternen wieder",
        "Hello and thank you for your help.\n\nMy original message to the seller:\n\nplease stop the parcel, we do not need it",
        "Your message was not delivered to me in time, so I read it late:\n\nyes, I keep the lanterns and you may charge me.",
        "I have a question about the following message of yours, please see:\n\nmay I keep the lanterns and pay next month?",
    ],
)
def test_what_the_sender_tells_or_fills_in_announces_no_copy(body: str) -> None:
    assert new(read(body)) == " ".join(body.split())


def test_the_only_words_above_a_message_passed_on_are_the_senders() -> None:
    body = f"Original message from the buyer\n\n{HEADER}\n\nplease cancel\n"

    assert new(read(body, "Fwd: LG-40117")) == "Original message from the buyer"


def test_entries_under_rules_are_messages_passed_on() -> None:
    entry = "----------------------------------------\n\n{}, {}\n\n{}\n\n"
    body = "As our desk has it.\n\n" + "".join(
        entry.format(*one)
        for one in (
            ("Anna Berg <anna@berg.example>", "Nov 5, 2026, 16:15 GMT", "Yes, I take the lamp."),
            ("Luc Dupont <shop@dupont.example>", "Nov 4, 2026, 09:00 GMT", "Would you take it?"),
        )
    )
    message = read(body)

    assert new(message) == "As our desk has it."
    assert [(one.sender.address if one.sender else "", one.body) for one in message.forwarded] == [
        ("anna@berg.example", "Yes, I take the lamp."),
        ("shop@dupont.example", "Would you take it?"),
    ]
    assert all(one.date for one in message.forwarded)


def test_a_list_that_the_sender_draws_with_marks_is_theirs_and_never_certain() -> None:
    body = "These I keep:\n\n> lantern, copper, large\n> lantern, copper, small\n> wall hook\n\nThe others go back."
    message = read(body)

    assert new(message) == " ".join(body.split())
    assert not message.boundary_certain


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("These I keep:\n\n> lantern, copper, large\n> lantern, small\n> wall hook\n\nThe others go back.", True),
        ("The buyer wrote:\n\n> keep one lantern\n> send the other back\n> no new charge\n\nWhat now?", False),
        ("What they sent me:\n\n> Dear Wiebke,\n> the lantern is yours.\n> Keep it.\n\nWhat now?", False),
    ],
)
def test_marked_lines_in_an_answer_or_with_sentences_are_quoted(body: str, answers: bool) -> None:
    marked = {line for line in body.split("\n") if line.startswith(">")}

    assert not any(line[2:] in read(body, answers=answers).new_text for line in marked)


def test_the_element_that_holds_a_signature_is_one() -> None:
    message = read(
        '<div>Yes, I keep it.</div><div id="Signature"><p>Wiebke Halm</p><p>Cloth that lasts</p></div>', subtype="html"
    )

    assert new(message) == "Yes, I keep it."
    assert any(part.label is Label.SIGNATURE for part in message.segments)


def test_a_mail_that_is_all_in_the_signature_keeps_its_words() -> None:
    assert new(read('<div id="Signature"><p>Yes, I keep it.</p></div>', subtype="html")) == "Yes, I keep it."


@pytest.mark.parametrize(
    "footer",
    [
        "Sent on the go, please excuse brevity.",
        "Galaxyから送信",
        "Inviato da Libero Mail",
        "You receive this letter because you have a shop with us.",
        "U ontvangt deze brief omdat u klant bent.",
        "Unsubscribe here: https://halmstad.example/u",
    ],
)
def test_what_programs_add_below_is_a_footer(footer: str) -> None:
    assert new(read(f"Yes, I keep it.\n\n{footer}")) == "Yes, I keep it."


@pytest.mark.parametrize("told", ["You receive the parcel on Monday.", "Sent from Leipzig on Monday, it says."])
def test_a_sentence_that_begins_like_a_footer_is_new(told: str) -> None:
    assert told in read(f"{told}\n\nWiebke").new_text


def test_a_mail_of_nothing_but_what_programs_add_is_a_machines() -> None:
    message = read("This is an automatically generated e-mail, please do not reply.", "Invoice 3321")

    assert message.automated_reason == "says-automatic"


@pytest.mark.parametrize(
    ("head", "month"),
    [
        ('D. 05.11.2026 16.15 skrev "Anna Berg" <anna@berg.example>:', 11),
        ("5. 11. 2026, 16:15 používateľ Anna Berg (<anna@berg.example>) napísal:", 11),
        ("On 5 November 2026 at 16:15:00, Anna Berg (anna@berg.example) wrote:", 11),
        ("Dnia 5 listopada 2026 16:15 Anna Berg &lt;anna@berg.example&gt; napisał(a):", 11),
        ("From: Anna Berg <anna@berg.example>\nDate: 5. listopada 2026. 16:15\nSubject: x", 10),
        ("Saatja: Anna Berg <anna@berg.example>\nDate: N, 5. oktoober 2026 kell 16:15\nSubject: x", 10),
        ("From: Anna Berg <anna@berg.example>\nDate: to 5. marrask. 2026 klo 16.15\nSubject: x", 11),
    ],
)
def test_heads_of_the_neighbours_name_sender_and_date(head: str, month: int) -> None:
    (found,) = read(f"See below.\n\n{head}\n\nYes, I take it.", "Fwd: LG-40120").forwarded

    assert found.sender is not None
    assert (found.sender.name, found.sender.address) == ("Anna Berg", "anna@berg.example")
    assert found.date is not None
    assert (found.date.month, found.date.day, found.date.hour) == (month, 5, 16)
    assert found.body == "Yes, I take it."


@pytest.mark.parametrize(
    "line",
    [
        'Von: A <a@berg.example>An: "b@x.example" <b@x.example>CC: K <k@berg.example>; N <n@berg.example>Gesendet: '
        "5. November 2026, 16:15:00 MEZBetreff: Lampe",
        "Od: A <a@berg.example>Do: <b@x.example>Dw K <k@berg.example>Wysłano: 5 listopada 2026, 16:15:00 CETTemat: Lampe",
        "De la: A <a@berg.example>Către: <b@x.example>Trimis: joi, 5 noiembrie 2026, 16:15:00 EETSubiect: Lampe",
    ],
)
def test_a_block_on_one_line_parts_its_recipients_from_its_copies(line: str) -> None:
    (found,) = read(f"   ----- Forwarded Message ----- {line}\n Yes, I take it.", "Fwd: Lampe").forwarded

    assert (found.to, found.subject, found.body) == (("b@x.example",), "Lampe", "Yes, I take it.")


def test_a_mark_of_groupwise_before_its_line_alone_quotes_what_is_below() -> None:
    head = ">>> On 11/5/2026 at 4:15 PM, in message <5FA3@x.example>, Lantern Gate\n<support@lantern-gate.example> wrote:"

    assert new(read(f"Yes.\n\n{head}\n\n{OURS}", "Re: order", answers=True)) == "Yes."


@pytest.mark.parametrize(
    ("closing", "card"),
    [
        ("Kind regards", "Helen Roe\nCustomer Care Manager\nRoe & Sons Pottery"),
        ("Mit freundlichen Grüßen", "Jens Kowalke\nLeiter Versand\nKowalke Lagerlogistik"),
        ("Cordialement,", "Élise Martin\nResponsable service client\nMaison Martin"),
        ("Un saludo,", "Lucía Pérez\nAtención al cliente\nCerámicas Pérez"),
        ("Cordiali saluti,", "Paolo Rossi\nResponsabile ordini\nRossi Lampade"),
        ("Met vriendelijke groet,", "Joost Bakker\nKlantenservice\nBakker Textiel"),
        ("Com os melhores cumprimentos,", "Rita Sousa\nApoio ao cliente\nLanternas Sousa"),
        ("Z poważaniem", "Ewa Nowak\nKierownik działu sprzedaży\nLampy Nowak"),
    ],
)
def test_a_card_of_name_and_role_needs_no_telephone(closing: str, card: str) -> None:
    message = read(f"It left at noon.\n\n{closing}\n{card}")

    assert new(message) == f"It left at noon. {closing}"


def test_one_line_below_the_leave_is_who_signs() -> None:
    assert new(read("It left at noon.\n\nKind regards\nYour friendly customer care team")).endswith("customer care team")


@pytest.mark.parametrize("end", ["", "\n", "  \n\n"])
def test_an_answer_behind_our_question_begins_after_its_sign_also_on_the_last_line(end: str) -> None:
    question = "Do you agree that we charge you 84.00 EUR again?"
    body = f"> {question} Yes{end}"
    result = split(body, ours=[f"Hello,\n\n{question}\n\nRegards\n"], subject="Re: order")

    assert [body[part.start : part.end].strip() for part in result.segments if part.label is Label.NEW] == ["Yes"]
    assert [(pair.question, pair.answer) for pair in result.answers] == [(question, "Yes")]


@pytest.mark.parametrize(
    "body",
    [
        "Good to hear from you.\n\nTo answer your question:\n\nYes, I keep the lamp and you can charge me again.\n\nWiebke",
        "Guten Tag, danke für die Mail.\n\nZu Ihrer Anfrage:\n\nJa, ich behalte die Laterne und Sie dürfen abbuchen.\n\nHanne",
        "Bonjour, merci pour votre courriel.\n\nEn réponse à votre demande :\n\nOui, je garde la lampe.\n\nÉlise",
        "Dzień dobry.\n\nOdpowiedź na Państwa wiadomość:\n\nTak, zatrzymuję lampę i zgadzam się na obciążenie.\n\nEwa",
        "Shipment update\n\nFrom: Gate, York\nTo: Halm, Hull\nDate: 05.11.2026 16:15\nStatus: delivered\n\nThank you.",
        "No.\n\nRegards\nWiebke\nYour sales are too pushy",
        "Yes.\n\nThanks\nPlease ask your manager\nabout the discount",
        "Your message came by mistake, this information is confidential for my wife, please delete it. I keep the lamp.",
        "You receive the money because I am honest. Yes to both.",
        "The original message went to my husband. I am sorry. Yes to both questions.",
        "Here is a copy of my receipt:\n\nLG-40117 lanterns 84.00 EUR paid by card on 1 November\n\nWiebke",
        "お問い合わせの内容ですが、ランタンは受け取ります。再請求にも同意します。",
    ],
)
def test_what_people_write_stays_theirs(body: str) -> None:
    assert new(read(body, "Re: order", answers=True)) == " ".join(body.split())
