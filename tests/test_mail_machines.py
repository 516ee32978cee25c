"""Machines' mail without any mark in the header, in many languages and wordings, and people who speak of the same things.

The wordings are other ones than those of training/reading: what is tested is the weighing, not the tables.
"""

import pytest

from supportbot.mail.message import Verdict
from supportbot.mail.parse import read_message
from supportbot.mail.screen import screen
from supportbot.mail.senders import sender_reason

OWN = ("support@acme.example",)


def mail(body: str, subject: str = "Re: KL-1", sender: str = "Kim <kim@mill.example>", extra: str = "") -> bytes:
    return (
        f"From: {sender}\r\nTo: support@acme.example\r\nSubject: {subject}\r\n{extra}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


@pytest.mark.parametrize(
    "body",
    [
        "I am on maternity leave until March 2027. Please direct enquiries to my colleague Tom at tom@mill.example.",
        "I'm currently on a course with patchy reception, normal service resumes on the 12th.",
        "Hello, I only work Tuesdays and Thursdays. I will get back to you on my next working day.",
        "Heads up: from 9 to 20 November I'm hiking with no phone coverage whatsoever. Replies will come after that.",
        "We're closed today for Veterans Day. The office reopens tomorrow at 9.",
        "+++ english below +++ Guten Tag, ich bin erst am Dienstag wieder am Platz. Dear sender, I am back on Tuesday.",
        "Bin auf Montage bis KW 47, E-Mails lese ich nur sporadisch. Notfalls 0171 5550123.",
        "Herr Kern ist nicht mehr in unserem Haus tätig. Bitte wenden Sie sich an info@kern.example.",
        "Absente du 2 au 13 novembre, je prendrai connaissance de votre message à mon retour.",
        "Le magasin est exceptionnellement fermé ce samedi pour inventaire.",
        "Hoy es festivo local y no trabajamos. Mañana contestaremos a su correo.",
        "Buongiorno, rientrerò lunedì 16. Per le urgenze c'è Sandra allo 06 5550 123.",
        "Vandaag ben ik niet aan het werk. Morgen pak ik mijn mail weer op.",
        "Hoje é feriado e o escritório está fechado. Respondemos amanhã.",
        "Do końca tygodnia jestem na szkoleniu i będę odpisywać z opóźnieniem.",
        "本日は定休日のため、返信は明日以降となります。",
        "Tack för ditt mejl. Jag är föräldraledig och läser inte min e-post. Åter i mars.",
        "Jeg holder fri i uge 46 og svarer på mails, når jeg er tilbage.",
        "Hei, jeg er bortreist uten nettilgang til 12.11.",
        "Kiitos viestistäsi. En ole paikalla tällä viikolla, palaan maanantaina.",
        "Jsem mimo kancelář, odpovím po návratu 16. 11.",
        "Şu anda ofis dışındayım. Döndüğümde size yanıt vereceğim.",
        "Нахожусь в командировке, доступ к почте ограничен. Вернусь 16 ноября.",
        "Üdvözlöm, november 15-ig szabadságon vagyok. Sürgős esetben kérem, hívja a kollégámat.",
    ],
)
def test_a_text_that_holds_nothing_besides_an_absence_is_an_automatic_answer(body: str) -> None:
    message = read_message(mail(body))

    assert message.automated_reason == "out-of-office-phrase"
    assert screen(message, own_addresses=OWN).verdict is Verdict.IGNORE


@pytest.mark.parametrize(
    "body",
    [
        "I'm away until Tuesday but my husband can take the parcel. Yes, we keep it and you may charge us again.",
        "I'm at a trade show in Milan, so just quickly: yes to both.",
        "We are a small shop and on holiday until 9th. The lamp had gone out on Tuesday, sorry. Nothing to do until then.",
        "The post office is closed today (bank holiday), it is still sitting here on my desk.",
        "My husband is away with the truck, he'll be back tonight and can tell you where it is.",
        "Peter has retired so I'm handling the orders now. It shipped on Tuesday with DPD.",
        "I am abroad and cannot sign for it. Leave it with the concierge.",
        "Thanks, noted.",
        "Hi, thanks for your message. I'll have a look and come back to you on Monday.",
        "We will reply within 24 hours with the tracking number, the driver has it written down.",
        "Thank you for contacting me. The answer is no.",
        "I have forwarded your message to our dispatcher, he will tell you within the hour.",
        "I opened a ticket with UPS, number 88120, and they will get back to me within 24 hours.",
        "Is this an automated message? I'd rather talk to a person about the bill.",
        "Bin im Urlaub bis 15.11., habe aber kurz nachgesehen: das Paket ging am Montag raus.",
        "Danke für die Nachricht, ich kümmere mich darum und melde mich.",
        "Gestern war Feiertag, da lief nichts. Es steht noch hier.",
        "Mon mari est en déplacement, il rentre jeudi et vous appellera.",
        "Nous avons bien reçu votre demande mais la commande est déjà chez le transporteur.",
        "Ayer fue festivo, todavía está aquí.",
        "Ieri eravamo chiusi, è ancora qui.",
        "Ik laat het je morgen weten, ben nu niet thuis.",
        "Jestem na urlopie, ale odpisuję: nie chcę już tej lampy.",
        "明日確認して返信します。",
        "Jeg er på ferie, men pakken er allerede sendt.",
    ],
)
def test_people_who_mention_absences_receipts_and_tickets_stay_people(body: str) -> None:
    assert read_message(mail(body)).automated_reason is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("We've got your message! Our team usually replies within one business day.", "ticket-receipt"),
        ("Request 5521-A logged. Expected first response: 4 hours.", "ticket-receipt"),
        ("Thanks for your email. Did you know our Help Centre? We will reply in 1-2 days.", "ticket-receipt"),
        ("Ihre E-Mail ist bei uns angekommen. Die Bearbeitung kann bis zu fünf Werktage dauern.", "ticket-receipt"),
        ("Votre message nous est bien parvenu. Numéro de suivi : 5521.", "ticket-receipt"),
        ("Su solicitud ha quedado registrada (n.º 5521). Recibirá respuesta en 24-48 h.", "ticket-receipt"),
        ("La Sua segnalazione è stata presa in carico. La contatteremo entro 2 giorni.", "ticket-receipt"),
        ("Je bericht is bij ons binnengekomen. Je krijgt zo snel mogelijk antwoord.", "ticket-receipt"),
        ("Confirmamos a receção do seu e-mail. Daremos resposta logo que possível.", "ticket-receipt"),
        ("Potwierdzamy otrzymanie wiadomości. Numer sprawy: 5521/26.", "ticket-receipt"),
        ("お問い合わせを受け付けました。2営業日以内に担当者よりご連絡いたします。", "ticket-receipt"),
        ("Vi har modtaget din henvendelse og vender tilbage inden for 2 hverdage.", "ticket-receipt"),
        ("Ваше обращение №3345 зарегистрировано. Мы ответим вам в течение 24 часов.", "ticket-receipt"),
        ("Ticket 5521 was merged into ticket 5519.", "says-automatic"),
        ("Please rate the support you received from Olly. It takes only a minute.", "says-automatic"),
        ("Hoe hebben wij het gedaan? Goed | Matig | Slecht", "says-automatic"),
        ("Dieses Postfach wird nicht gelesen. Nutzen Sie unser Kontaktformular.", "says-automatic"),
        ("Cette boîte aux lettres n'est plus relevée.", "says-automatic"),
        ("Dieses Schreiben wurde maschinell erstellt und ist ohne Unterschrift gültig.", "says-automatic"),
        ("You have a new voice message. The recording is attached.", "says-automatic"),
        ("You are not in my address book. Visit https://guard.example/x7 so that I get it.", "challenge-response"),
        ("Votre courriel est retenu. Pour le débloquer, cliquez ici.", "challenge-response"),
        ("Para que su mensaje llegue debe confirmar que no es un robot: pulse el enlace.", "challenge-response"),
        ("You have 1 new message in quarantine. From: support@acme.example. Release", "filter-report"),
        ("Ihre Nachricht an kim@mill.example wurde am 2.11.2026 um 15:20 gelesen.", "read-receipt"),
        ("Votre message « Où est ma commande ? » a été lu le 2 novembre 2026.", "read-receipt"),
        ("Wiadomość została przeczytana 2 listopada 2026", "read-receipt"),
    ],
)
def test_what_desks_filters_and_surveys_write_is_named(body: str, reason: str) -> None:
    assert read_message(mail(body)).automated_reason == reason


def test_a_desk_is_known_by_its_opening_whatever_it_repeats_below() -> None:
    body = (
        "We have got your request and gave it the number 48213. One of us will look at it within one working day.\r\n\r\n"
        + "  Dear seller,\r\n\r\n  can you still stop the parcel? What is the tracking number? Please answer today.\r\n" * 6
    )

    assert read_message(mail(body, "[#48213] Stop of KL-1?")).automated_reason == "ticket-receipt"


@pytest.mark.parametrize(
    ("subject", "body", "reason"),
    [
        ("Opened: Your order", "", "read-receipt"),
        ("Прочтено: заказ", "", "read-receipt"),
        ("Nieuwe tijd voorgesteld: bellen", "vrijdag 6 november 2026 11:00-11:30", "calendar-reply"),
        ("Godkänt: upphämtning", "torsdag 5 november 2026 kl. 10:00", "calendar-reply"),
        ("Kim is out", "See you on the 20th.", "out-of-office-subject"),
        ("Out of office until Monday", "Gone fishing.", "out-of-office-subject"),
        ("Out of office until Monday", "Please cancel the order, nobody will be home.", None),
        ("Out of office! - KL-1", "I'm on a beach, so hold the parcel. Yes, bill me.", None),
        ("Read: the attached letter", "Please read the letter of my lawyer. I will not pay.", None),
        ("Accepted: both", "Hello, accepted: the item and the charge. Kim", None),
    ],
)
def test_a_subject_that_people_write_too_is_weighed_with_the_text(subject: str, body: str, reason: str | None) -> None:
    assert read_message(mail(body, subject)).automated_reason == reason


@pytest.mark.parametrize(
    "local",
    ["nicht-antworten", "ne-pas-repondre", "ne_pas_repondre", "no-responder", "nonrispondere", "niet-beantwoorden",
     "nao-responda", "nie-odpowiadac", "svara-ej", "ikke-svar", "alaa-vastaa", "neodpovidat", "noreply123", "shop-noreply",
     "no.reply.shop", "please-do-not-reply", "dealers-bounces", "wms", "voicemail"],
)  # fmt: skip
def test_an_address_that_no_person_writes_from_is_known_in_many_languages(local: str) -> None:
    sender = read_message(mail("Hello.", sender=f"Shop <{local}@shop.example>")).sender

    assert sender_reason(sender) in ("no-reply-sender", "mailer-daemon")


@pytest.mark.parametrize(
    "local", ["norbert", "nora.reply", "nico", "anton", "newton", "nielsen", "support", "info", "systems.smith"]
)
def test_people_s_addresses_are_nobody_s_programs(local: str) -> None:
    assert sender_reason(read_message(mail("Hello.", sender=f"A <{local}@shop.example>")).sender) is None


RELAY = '"buyer: lampfan via Bidfield" <m-8f3c2a@reply.bidfield.example>'


@pytest.mark.parametrize(
    "mark",
    ["X-Auto-Response-Suppress: OOF", "Precedence: bulk\r\nFeedback-ID: 5:msg:bidfield", "Auto-Submitted: auto-generated"],
)
def test_a_mark_that_asks_for_no_automatic_answer_counts_whoever_wrote_the_words(mark: str) -> None:
    message = read_message(mail("Hey, could you tell me where it is?", "Message from lampfan", RELAY, f"{mark}\r\n"))

    assert message.automated_reason is not None
    assert screen(message, own_addresses=("support@acme.example",)).verdict is Verdict.PROCESS  # and yet it is read


def test_mail_to_many_is_known_without_a_mark_by_why_one_gets_it() -> None:
    advert = "20 % auf alles! Sie erhalten diesen Newsletter, weil Sie sich angemeldet haben. Hier abmelden."
    person = "I never asked for your newsletter, please unsubscribe me. About the lamp: I'll pay."
    listed = "Return-Path: <makers-bounces@lists.example>\r\n"

    assert read_message(mail(advert, "Neu eingetroffen")).automated_reason == "list"
    assert read_message(mail(person, "newsletter")).automated_reason is None
    assert read_message(mail("Has anybody seen this?", "[Makers] returns", extra=listed)).automated_reason == "list"
