"""New against quoted against ours: what is quoted is never new, and doubt is said."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.mail.claims import claimed_date
from supportbot.mail.message import Label
from supportbot.mail.quote import Split, Surroundings, split

NOTICE = """Dear Jane Buyer,

your order 112-4455 has shipped with UPS, tracking number 1Z999AA10123456784,
although it was cancelled. You will be re-billed for it.

Please answer this mail and tell us whether
you accept the item and the re-billing of your account.

Kind regards
Acme Support"""


def text(body: str, result: Split, *labels: Label) -> str:
    return "".join(body[part.start : part.end] for part in result.segments if part.label in labels).strip()


def quoted(body: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in body.split("\n"))


REPLIES = {
    "gmail": ("Re:", "On Mon, Nov 2, 2026 at 10:03 AM Acme Support <s@acme.example> wrote:", True),
    "gmail wrapped": ("Re:", "On Mon, Nov 2, 2026 at 10:03 AM Acme Support With A Long Name\n<s@acme.example> wrote:", True),
    "apple": ("Re:", "On 2 Nov 2026, at 10:03, Acme Support <s@acme.example> wrote:", True),
    "yahoo": ("Re:", "On Monday, November 2, 2026, 10:03:11 AM GMT+1, Acme Support <s@acme.example> wrote:", True),
    "thunderbird": ("Re:", "On 02/11/2026 10:03, Acme Support wrote:", True),
    "outlook": (
        "RE:",
        (
            "From: Acme Support <s@acme.example>\nSent: Monday, November 2, 2026 10:03 AM\nTo: Jane "
            "<j@b.example>\nSubject: Your order"
        ),
        False,
    ),
    "outlook web": (
        "RE:",
        (
            "________________________________\nFrom: Acme Support <s@acme.example>\nSent: Monday, "
            "November 2, 2026 10:03 AM\nTo: Jane\nSubject: Your order"
        ),
        False,
    ),
    "outlook express": (
        "RE:",
        (
            "-----Original Message-----\nFrom: Acme Support [mailto:s@acme.example]\nSent: Monday, "
            "November 2, 2026 10:03 AM\nTo: Jane\nSubject: Your order"
        ),
        False,
    ),
    "gmail de": ("Re:", "Am Mo., 2. Nov. 2026 um 10:03 Uhr schrieb Acme Support <s@acme.example>:", True),
    "thunderbird de": ("AW:", "Am 02.11.26 um 10:03 schrieb Acme Support:", True),
    "outlook de": (
        "AW:",
        (
            "Von: Acme Support <s@acme.example>\nGesendet: Montag, 2. November 2026 10:03\nAn: Jane "
            "<j@b.example>\nBetreff: Ihre Bestellung"
        ),
        False,
    ),
    "gmx de": (
        "Aw:",
        (
            'Gesendet: Montag, 02. November 2026 um 10:03 Uhr\nVon: "Acme Support" <s@acme.example>\n'
            "An: j@b.example\nBetreff: Ihre Bestellung"
        ),
        False,
    ),
    "gmail fr": ("Re:", "Le lun. 2 nov. 2026 à 10:03, Acme Support <s@acme.example> a écrit :", True),
    "outlook fr": (
        "RE:",
        (
            "De : Acme Support <s@acme.example>\nEnvoyé : lundi 2 novembre 2026 10:03\nÀ : Jane "
            "<j@b.example>\nObjet : Votre commande"
        ),
        False,
    ),
    "gmail es": ("Re:", "El lun, 2 nov 2026 a las 10:03, Acme Support (<s@acme.example>) escribió:", True),
    "outlook es": (
        "RE:",
        ("De: Acme Support <s@acme.example>\nEnviado el: lunes, 2 de noviembre de 2026 10:03\nPara: Jane\nAsunto: Su pedido"),
        False,
    ),
    "gmail it": ("Re:", "Il giorno lun 2 nov 2026 alle ore 10:03 Acme Support <s@acme.example> ha scritto:", True),
    "outlook it": (
        "R:",
        ("Da: Acme Support <s@acme.example>\nInviato: lunedì 2 novembre 2026 10:03\nA: Jane\nOggetto: Il tuo ordine"),
        False,
    ),
    "gmail nl": ("Re:", "Op ma 2 nov 2026 om 10:03 schreef Acme Support <s@acme.example>:", True),
    "outlook nl": (
        "RE:",
        ("Van: Acme Support <s@acme.example>\nVerzonden: maandag 2 november 2026 10:03\nAan: Jane\nOnderwerp: Uw bestelling"),
        False,
    ),
    "gmail pt": ("Re:", "Em seg., 2 de nov. de 2026 às 10:03, Acme Support <s@acme.example> escreveu:", True),
    "outlook pt": (
        "RE:",
        (
            "De: Acme Support <s@acme.example>\nEnviada em: segunda-feira, 2 de novembro de 2026 "
            "10:03\nPara: Jane\nAssunto: Seu pedido"
        ),
        False,
    ),
    "gmail pl": ("Re:", "pon., 2 lis 2026 o 10:03 Acme Support <s@acme.example> napisał(a):", True),
    "thunderbird pl": ("Odp:", "W dniu 2.11.2026 o 10:03, Acme Support pisze:", True),
    "outlook pl": (
        "Odp:",
        ("Od: Acme Support <s@acme.example>\nWysłano: poniedziałek, 2 listopada 2026 10:03\nDo: Jane\nTemat: Zamówienie"),
        False,
    ),
    "gmail ja": ("Re:", "2026年11月2日(月) 10:03 Acme Support <s@acme.example>:", True),
    "outlook ja": (
        "RE:",
        ("差出人: Acme Support <s@acme.example>\n送信日時: 2026年11月2日 10:03\n宛先: Jane <j@b.example>\n件名: ご注文"),
        False,
    ),
}


@pytest.mark.parametrize("client", REPLIES)
def test_the_answer_above_a_quote_is_new_and_the_quote_is_not(client: str) -> None:
    prefix, mark, marked = REPLIES[client]
    above = "Yes, I accept the first.\nBut not the second one."
    body = f"{above}\n\n{mark}\n\n{quoted(NOTICE) if marked else NOTICE}\n"

    result = split(body, subject=f"{prefix} Your order")

    assert text(body, result, Label.NEW) == "Yes, I accept the first.\nBut not the second one."
    assert result.boundary_certain
    assert result.forwarded == ()


@pytest.mark.parametrize("client", REPLIES)
def test_our_own_words_are_called_ours_also_where_no_mark_is_left(client: str) -> None:
    _, _, marked = REPLIES[client]
    rewrapped = " ".join(NOTICE.split())
    body = f"Yes, I accept.\n\nsome client said this\n{quoted(rewrapped) if marked else rewrapped}\n"

    result = split(body, ours=[NOTICE], subject="Re: Your order")

    assert "re-billing" not in text(body, result, Label.NEW)
    assert "re-billing" in text(body, result, Label.OURS)


def test_interleaved_answers_stay_new() -> None:
    body = (
        "On Mon, Nov 2, 2026 at 10:03 AM Acme <s@acme.example> wrote:\n> Do you accept the item?\n"
        "\nYes.\n\n> And the re-billing?\nNo!\n"
    )

    result = split(body, subject="Re: x")

    assert text(body, result, Label.NEW) == "Yes.\n\nNo!"
    assert text(body, result, Label.QUOTED).count("\n> ") == 2


@pytest.mark.parametrize(
    "body",
    [
        "On Mon, Nov 2, 2026 at 10:03 AM Acme <s@acme.example> wrote:\nDo you accept?\nYes\n",
        (
            "See my answers in red below.\n\nFrom: Acme <s@acme.example>\nSent: Monday, November 2, "
            "2026\nSubject: x\n\nDo you accept? Yes."
        ),
        ("> A long line of the notice that the program wrapped at its own width and\nso left behind\n> more words\n"),
        "Yes\n\nAcme wrote:\nDo you accept the item and the re-billing?",
    ],
)
def test_where_new_and_quoted_cannot_be_told_apart_it_is_said(body: str) -> None:
    assert not split(body, subject="Re: x").boundary_certain


def test_a_repetition_of_our_question_stays_new_but_is_not_certain() -> None:
    body = "you accept the item and the re-billing of your account\n"

    result = split(body, ours=[NOTICE], subject="Re: x")

    assert (text(body, result, Label.NEW), result.boundary_certain) == (body.strip(), False)


LETTER = """{greeting}

your order TT-118 (bread bin) was cancelled, but our warehouse had already given the parcel to UPS.

Do you accept the item, and do you agree to be charged again?

Kind regards
Tin & Timber, customer care"""


@pytest.mark.parametrize(
    ("above", "greeting", "author", "address"),
    [
        ("Sure, keep it coming.\n\nRuth Abney", "Dear Ruth Abney,", "Ruth Abney", "ra@buyer.example"),
        ("sure, keep it coming", "Hello Ms Abney,", "", "ruth.abney@buyer.example"),
        ("Sure, keep it coming and thanks for asking.\n\nCheers\nRuth", "Dear customer,", "R. A.", "x@buyer.example"),
    ],
)
def test_a_letter_to_the_sender_below_their_own_is_not_theirs_though_no_mark_says_so(
    above: str, greeting: str, author: str, address: str
) -> None:
    body = f"{above}\n\n{LETTER.format(greeting=greeting)}"
    result = split(body, subject="Re: your order", around=Surroundings(author=author, address=address))

    assert text(body, result, Label.NEW) == above
    assert not result.boundary_certain


def test_a_letter_in_two_languages_is_one_letter() -> None:
    body = (
        "Guten Tag,\n\ndas Lager hat den Karton schon verladen.\n\nViele Grüße\nOle Brandt\n\n"
        "Hello,\n\nthe warehouse has loaded the box already.\nIt cannot be stopped.\n\nKind regards\nOle Brandt"
    )
    assert text(body, split(body, subject="Re: stop"), Label.NEW) == body


@pytest.mark.parametrize(
    "head",
    [
        "Pirmd., 2026. g. 2. nov., plkst. 16:15 Tin & Timber <care@tin.example> rakstīja:",
        "Pirmadienis, 2026-11-02 16:15, Tin & Timber <care@tin.example> rašė:",
        "Nuo: Tin & Timber <care@tin.example>\nIšsiųsta: 2026-11-02 16:15\nTema: Your order",
        "Tin & Timber <care@tin.example>\n2 Nov 2026 16:15",
        "Tina Timber, 2 Nov 2026 16:15",
    ],
)
def test_a_head_in_words_nobody_listed_still_ends_what_is_new(head: str) -> None:
    body = f"Yes to all of it.\n\n{head}\n\nYour order TT-118 has left our warehouse.\nWe are sorry."
    result = split(body, subject="Re: your order")

    assert text(body, result, Label.NEW) == "Yes to all of it."
    assert not result.boundary_certain


@pytest.mark.parametrize("mark", ["&gt; ", "＞", "» ", "│ ", "| ", ": ", "} "])
def test_lines_marked_with_another_sign_are_quoted(mark: str) -> None:
    marked = "\n".join(f"{mark}{line}".rstrip() for line in NOTICE.split("\n"))
    body = f"Yes to all of it.\n\n{marked}"

    assert text(body, split(body, subject="Re: your order"), Label.NEW) == "Yes to all of it."


@pytest.mark.parametrize(
    "body",
    [
        "| item | count |\n|---|---|\n| lamp | 2 |\n| shade | 1 |",
        "# lamp\n# shade\n# cord",
        ": )\n\n: (",
    ],
)
def test_tables_and_lists_are_no_quotes(body: str) -> None:
    assert text(body, split(body), Label.NEW) == body


def test_a_ticket_desks_history_is_quoted_and_the_newest_entry_is_new() -> None:
    body = (
        "##- Please type your reply above this line -##\n\n"
        "Mara (Help desk)\n\nNov 5, 2026, 11:30 GMT\n\nHi,\n\nthe van has left.\n\n"
        "Tin & Timber\n\nNov 4, 2026, 09:12 GMT\n\nCan you stop the parcel?"
    )
    assert text(body, split(body, subject="[Desk] Re: stop"), Label.NEW) == "Hi,\n\nthe van has left."


@pytest.mark.parametrize(
    "question",
    [
        "1. Do you accept the item? YES",
        "Nehmen Sie den Artikel an? JA",
        "Acceptez-vous l'article ? Oui",
        "¿Acepta el artículo? Sí",
        "Accetta l'articolo? Sì",
    ],
)
def test_no_machine_reads_consent_where_our_question_stands_among_the_words(question: str) -> None:
    assert not split(f"Hello,\n\n{question}\n\nbye", subject="Re: your order").boundary_certain


@pytest.mark.parametrize(
    ("body", "new"),
    [
        (
            'Keep the lute.\n\nOdo\n\nOdo Quist, luthier, third bench on the left\n"Wood remembers."\n- nobody in particular',
            "Keep the lute.\n\nOdo",
        ),
        (
            "Bitte senden.\n\ni. A. Quist\n\nStadtwerke Erlau\nAbteilung 4\nZimmer 12\nMo-Fr 8-12 Uhr",
            "Bitte senden.\n\ni. A. Quist",
        ),
        (
            "Do send them.\nYours, Odo Quist\n\nQuist Lutes\n4 Mill Lane, Erlau\nTel 960 911\n\nWait, not the short ones.",
            "Do send them.\nYours, Odo Quist\n\nWait, not the short ones.",
        ),
    ],
)
def test_a_card_is_known_by_the_name_above_it_or_by_where_the_firm_is_to_be_found(body: str, new: str) -> None:
    result = split(body, around=Surroundings(author="Odo Quist"))
    assert "".join(text(body, result, Label.NEW).split()) == "".join(new.split())


def test_words_between_our_words_in_an_unmarked_quote_are_a_doubt() -> None:
    lines = NOTICE.split("\n")
    body = "Hello\n\nFrom: Acme <s@acme.example>\nSent: Monday, November 2, 2026\nSubject: x\n\n" + "\n".join(
        [*lines[:6], "Actually no!", *lines[6:]]
    )

    assert not split(body, ours=[NOTICE], subject="Re: x").boundary_certain
    assert split(body.replace("Actually no!\n", ""), ours=[NOTICE], subject="Re: x").boundary_certain


@pytest.mark.parametrize(
    ("tail", "label"),
    [
        ("-- \nJane Buyer\nTel. 123", Label.SIGNATURE),
        ("Sent from my iPhone", Label.FOOTER),
        ("Von meinem iPhone gesendet", Label.FOOTER),
        ("Envoyé de mon iPhone", Label.FOOTER),
        ("Enviado desde mi iPhone", Label.FOOTER),
        ("Inviato da iPhone", Label.FOOTER),
        ("Verstuurd vanaf mijn iPhone", Label.FOOTER),
        ("Enviado do meu iPhone", Label.FOOTER),
        ("Wysłane z iPhone'a", Label.FOOTER),
        ("iPhoneから送信", Label.FOOTER),
        ("Gesendet mit der GMX Mail App", Label.FOOTER),
        ("Get Outlook for iOS", Label.FOOTER),
        ("Sent with Proton Mail secure email.", Label.FOOTER),
        ("This email and any attachments are confidential and intended\nfor the recipient only.", Label.FOOTER),
        ("Diese E-Mail enthält vertrauliche Informationen.", Label.FOOTER),
    ],
)
def test_signatures_and_footers_are_not_new_text(tail: str, label: Label) -> None:
    body = f"Yes, I accept.\n\n{tail}\n"

    result = split(body)

    assert text(body, result, Label.NEW) == "Yes, I accept."
    assert text(body, result, label) == tail


def test_a_contact_block_below_the_closing_is_a_signature_and_the_closing_is_not() -> None:
    body = "Yes.\n\nKind regards,\nJane Buyer\nAcme Ltd | Sales\nTel: +44 20 7946 0000\n"

    assert text(body, split(body), Label.NEW) == "Yes.\n\nKind regards,"


@pytest.mark.parametrize(
    "body",
    [
        "From: Berlin\nTo: Paris\nplease change the address",
        "On 2 November you wrote: I must pay. I do not agree.",
        "The original message was clear.\nI forwarded message two to my wife.",
        "My answer: yes\nMy address: Main Street 5",
        "I sent it from my old phone, not from my iPhone, and I do not want it",
    ],
)
def test_ordinary_sentences_stay_new(body: str) -> None:
    assert text(body, split(body), Label.NEW) == body


# -- chains ------------------------------------------------------------------------------------------------------------

FORWARDS = {
    "gmail": (
        "---------- Forwarded message ---------\nFrom: Jane Buyer <j@b.example>\nDate: Mon, Nov 2, "
        "2026 at 10:03 AM\nSubject: Re: Your order\nTo: Acme <s@acme.example>\n\n\n{}"
    ),
    "outlook": (
        "From: Jane Buyer <j@b.example>\nSent: Monday, November 2, 2026 10:03 AM\nTo: Acme "
        "<s@acme.example>\nSubject: Re: Your order\n\n{}"
    ),
    "outlook rule": (
        "________________________________\nFrom: Jane Buyer <j@b.example>\nSent: Monday, November "
        "2, 2026 10:03 AM\nTo: Acme <s@acme.example>\nSubject: Re: Your order\n\n{}"
    ),
    "thunderbird": (
        "-------- Forwarded Message --------\nSubject: Re: Your order\nDate: Mon, 2 Nov 2026 "
        "10:03:00 +0000\nFrom: Jane Buyer <j@b.example>\nTo: Acme <s@acme.example>\n\n\n{}"
    ),
    "yahoo": (
        "----- Forwarded Message -----\nFrom: Jane Buyer <j@b.example>To: Acme "
        "<s@acme.example>Sent: Monday, November 2, 2026 at 10:03:00 AM UTCSubject: Re: Your order\n"
        "{}"
    ),
    "german": (
        "-------- Weitergeleitete Nachricht --------\nBetreff: Re: Your order\nDatum: Mon, 2 Nov "
        "2026 10:03:00 +0000\nVon: Jane Buyer <j@b.example>\nAn: Acme <s@acme.example>\n\n{}"
    ),
    "bold": (
        "*From:* Jane Buyer <j@b.example>\n*Sent:* Monday, November 2, 2026 10:03 AM\n*To:* Acme "
        "<s@acme.example>\n*Subject:* Re: Your order\n\n{}"
    ),
    "french": (
        "---------- Message transféré ---------\nDe : Jane Buyer <j@b.example>\nDate : lun. 2 nov. "
        "2026 à 10:03\nObjet : Re: Your order\nÀ : Acme <s@acme.example>\n\n{}"
    ),
    "japanese": (
        "---------- 転送されたメッセージ ---------\n差出人： Jane Buyer <j@b.example>\n日時： "
        "2026年11月2日 10:03\n件名： Re: Your order\n宛先： Acme <s@acme.example>\n\n{}"
    ),
}


@pytest.mark.parametrize("client", FORWARDS)
def test_a_forward_gives_its_sender_date_subject_and_words(client: str) -> None:
    body = "See below.\n\n" + FORWARDS[client].format("I accept both.\n")

    result = split(body, subject="Fwd: Re: Your order")

    (found,) = result.forwarded
    assert (found.sender and found.sender.name, found.sender and found.sender.address) == ("Jane Buyer", "j@b.example")
    assert found.date is not None
    assert found.date.isoformat() == "2026-11-02T10:03:00+00:00"
    assert (found.subject, found.to, found.body, found.how) == (
        "Re: Your order",
        ("s@acme.example",),
        "I accept both.",
        "inline",
    )
    assert text(body, result, Label.NEW) == "See below."


@pytest.mark.parametrize("outer", FORWARDS)
@pytest.mark.parametrize("inner", FORWARDS)
def test_a_forward_of_a_forward_of_a_reply_gives_all_levels(outer: str, inner: str) -> None:
    reply = "Yes to both.\n\nOn Sun, Nov 1, 2026 at 9:00 AM Acme <s@acme.example> wrote:\n> Do you accept?\n"
    body = FORWARDS[outer].format("Look.\n\n" + FORWARDS[inner].format(reply))

    found = split(body, subject="Fwd: x").forwarded

    assert [(item.depth, item.sender and item.sender.address, item.body) for item in found] == [
        (1, "j@b.example", "Look."),
        (2, "j@b.example", "Yes to both."),
        (3, "s@acme.example", "Do you accept?"),
    ]


def test_a_forward_indented_with_marks_is_unfolded_and_words_below_it_are_new() -> None:
    body = (
        "Begin forwarded message:\n\n> From: Jane <j@b.example>\n> Date: 2 November 2026 at "
        "10:03:11 CET\n> To: s@acme.example\n> Subject: Re: x\n>\n> Yes.\n>\n>> On 1 Nov 2026, at "
        "09:00, Acme <s@acme.example> wrote:\n>>\n>> Do you accept?\n\nPlease pay me.\n"
    )

    result = split(body, subject="Fwd: x")

    assert [(item.depth, item.body) for item in result.forwarded] == [(1, "Yes."), (2, "Do you accept?")]
    assert text(body, result, Label.NEW) == "Please pay me."


def test_words_below_an_unmarked_forward_are_the_senders_where_both_have_signed() -> None:
    body = (
        "---------- Forwarded message ---------\nFrom: Tessa Wynn <tessa@buyer.example>\nDate: Thu, 5 Nov 2026 at 18:40\n"
        "Subject: cancel\nTo: <shop@lamps.example>\n\nPlease cancel the green shade.\nTessa Wynn\n\n"
        "The above came when the van had left.\nNeve, Castellane Lamps"
    )
    result = split(body, subject="Fwd: cancel", around=Surroundings(author="Neve Castellane"))

    assert text(body, result, Label.NEW) == "The above came when the van had left.\nNeve, Castellane Lamps"
    assert [found.body for found in result.forwarded] == ["Please cancel the green shade.\nTessa Wynn"]
    assert not result.boundary_certain


def test_a_shipping_note_with_labels_is_no_header_and_told_speech_no_attribution() -> None:
    for body in (
        "The stool goes like this:\nFrom: Hamburg\nTo: Berlin\nDate: 09.11.2026\nSubject to change if the road is closed.",
        "On Monday Anna from your team wrote that I would hear soon. On Wednesday Piotr wrote:\nnothing can be done.",
    ):
        assert text(body, split(body), Label.NEW) == body


def test_rules_between_paragraphs_open_no_signature() -> None:
    body = "Report.\n\n-----\n1. Stool: kept.\n-----\n2. Table: not sawn yet.\n-----\n\nBack after eleven.\nAnouk"
    assert "Back after eleven." in text(body, split(body), Label.NEW)


def test_a_bare_quote_in_a_forward_is_a_claim_by_nobody() -> None:
    (found,) = split("She said ok.\n> charge me and I'll keep it. Lisa", subject="Fwd: ok").forwarded

    assert (found.sender, found.body) == (None, "charge me and I'll keep it. Lisa")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 2 Nov 2026 10:03:00 +0100", "2026-11-02T10:03:00+01:00"),
        ("Mon, Nov 2, 2026 at 10:03 PM", "2026-11-02T22:03:00+00:00"),
        ("Montag, 2. November 2026 um 10:03 Uhr", "2026-11-02T10:03:00+00:00"),
        ("lundi 2 novembre 2026 10:03", "2026-11-02T10:03:00+00:00"),
        ("lunes, 2 de noviembre de 2026 10:03", "2026-11-02T10:03:00+00:00"),
        ("02.11.2026 10:03", "2026-11-02T10:03:00+00:00"),
        ("2026年11月2日(月) 10:03", "2026-11-02T10:03:00+00:00"),
        ("13/11/2026 10:03", "2026-11-13T10:03:00+00:00"),
        ("11/13/2026 10:03 AM", "2026-11-13T10:03:00+00:00"),
    ],
)
def test_dates_are_read_as_programs_write_them(written: str, expected: str) -> None:
    date = claimed_date(written)

    assert date is not None
    assert date.isoformat() == expected


def test_a_date_whose_day_and_month_could_be_swapped_is_not_guessed() -> None:
    assert claimed_date("11/02/2026 10:03") is None


# -- whatever the text is ----------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "",
        "> q",
        ">> qq",
        "Yes",
        "-- ",
        "From: a <a@b.example>",
        "Date: 2 Nov 2026",
        "Subject: x",
        "On 2 Nov 2026 a@b.example wrote:",
        "---- Forwarded message ----",
        "________________",
        NOTICE.split("\n")[2],
        "Sent from my iPhone",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(max_size=300), st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=30).map("\n".join)),
    st.sampled_from(["", "Re: x", "Fwd: x"]),
)
def test_labels_tile_every_text_and_marked_lines_are_never_new(body: str, subject: str) -> None:
    result = split(body, ours=[NOTICE], subject=subject)

    assert "".join(body[part.start : part.end] for part in result.segments) == body
    for part in result.segments:
        if part.label is Label.NEW:
            assert not any(line.startswith("> ") for line in body[part.start : part.end].split("\n"))


@pytest.mark.parametrize(
    "unit",
    [
        "On ",
        " ",
        ">",
        "> \n",
        "a\n",
        "From: a\n",
        "On 1 Nov\n",
        "-----Original Message-----\n",
        "\n",
        "wrote: ",
        "--\n",
        "1:00 ",
        "Am 1 schrieb x ",
        "*",
        "_" * 20 + "\n",
        "@",
        "<a@b> ",
        "2026年",
        "sent from my ",
        "[tag] ",
    ],
)
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    short, long = (cost_of(unit * (length // len(unit)), unit) for length in (12_500, 50_000))

    assert long < 10 * short + 0.2  # four times the text; sixteen times the time would be quadratic


def cost_of(body: str, unit: str) -> float:
    """Seconds of CPU, the best of three."""
    costs = []
    for _ in range(3):
        begun = time.process_time()
        split(body, ours=[unit * 500], subject="Fwd: x")
        costs.append(time.process_time() - begun)
    return min(costs)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("Monday, November 23, 2026 05:48 PM", 17),
        ("Mon, Nov 23, 2026 at 12:10 a.m.", 0),
        ("23 Nov 2026 05:48", 5),
    ],
)
def test_the_half_of_the_day_is_read(written: str, hour: int) -> None:
    found = claimed_date(written)

    assert found is not None
    assert found.hour == hour


@pytest.mark.parametrize(
    ("answer", "certain"),
    [
        ("I accept the item and the re-billing.", True),
        ("Yes, I confirm that I accept the item and the re-billing of my account", True),
        ("accept the item and the re-billing of", False),  # a fragment of the quote
        ("you accept the item and the re-billing of your account? No.", False),
    ],
)
def test_an_answer_in_words_borrowed_from_our_question_is_the_senders(answer: str, certain: bool) -> None:
    notice = "Hello,\n\nplease confirm that you accept the item and the re-billing of your account.\n\nSupport\n"
    quoted = "\n\nOn Mon, 4 May 2026 at 10:00, Support <support@example.com> wrote:\n" + "".join(
        f"> {line}\n" for line in notice.splitlines()
    )

    result = split(answer + quoted, ours=[notice], subject="Re: x")

    assert (text(answer + quoted, result, Label.NEW), result.boundary_certain) == (answer, certain)


# -- layouts of more programs, and what senders do to a quote ----------------------------------------------------------

MARKS_OF_MORE_PROGRAMS = {
    "groupwise": ">>> Acme Support <s@acme.example> 02.11.2026 10:03 >>>\n",
    "zoho": "---- On Mon, 02 Nov 2026 10:03:00 +0100 Acme Support <s@acme.example> wrote ----\n",
    "android": "---- Acme Support wrote ----\n",
    "orange": (
        '> Message du 02/11/26 10:03\n> De : "Acme Support" <s@acme.example>\n> A : j@b.example\n> Objet : Votre commande\n> \n'
    ),
    "gmail wrapped in the address": "2026-11-02 10:03 GMT+03:00 Acme Support <\ns@acme.example>:\n\n",
    "em client": (
        '------ Original Message ------\nFrom "Acme Support" <s@acme.example>\nTo "Jane" <j@b.example>\n'
        "Date 02/11/2026 10:03:11\nSubject Your order\n\n"
    ),
    "notes summary": (
        "Acme Support ---02.11.2026 10:03:11---Dear Jane Buyer, your order\n\nFrom: Acme Support <s@acme.example>\n"
        "To: j@b.example\nDate: 02.11.2026 10:03\nSubject: Your order\n\n"
    ),
    "aol": "In a message dated 11/2/2026 10:04:52 A.M. Eastern Standard Time,\ns@acme.example writes:\n\n",
    "finnish": "Acme Support <s@acme.example> kirjoitti 2.11.2026 klo 10.03:\n",
    "russian": "2 ноября 2026 г., в 10:03, Acme Support <s@acme.example> написал(а):\n",
    "turkish": "Acme Support <s@acme.example>, 2 Kas 2026 Pzt, 10:03 tarihinde şunu yazdı:\n",
}


@pytest.mark.parametrize("program", MARKS_OF_MORE_PROGRAMS)
def test_nothing_below_the_mark_of_any_program_is_new(program: str) -> None:
    body = f"Yes, I accept.\n\n{MARKS_OF_MORE_PROGRAMS[program]}{NOTICE}\n"

    result = split(body, subject="Re: Your order")

    assert text(body, result, Label.NEW) == "Yes, I accept."


@pytest.mark.parametrize(
    "body",
    [
        "Am Montag schrieb mir UPS: das Paket kommt morgen. Ich nehme es.",
        "From: me\nTo: you\nSubject: the lamp\n\nplease cancel it",
        "On 2 Nov I wrote to you: please cancel.",
    ],
)
def test_what_a_sender_tells_of_a_letter_is_no_quote(body: str) -> None:
    assert text(body, split(body), Label.NEW) == body


def test_words_glued_to_an_attribution_are_parted_from_it() -> None:
    body = "Yes please.On Wed, 4 Nov 2026 at 15:59, Acme <s@acme.example> wrote:\n> Do you accept?\n"

    assert text(body, split(body, subject="Re: x"), Label.NEW) == "Yes please."


ASKING = (
    "Hello,\n\nplease tell us:\n\n1. Do you accept the item?\n2. Do you accept the re-billing?\n\nKind regards\nAcme Support"
)


@pytest.mark.parametrize(
    "body",
    [
        ASKING.replace("item?", "item? yes").replace("re-billing?", "re-billing? no"),
        ASKING.replace("item?", "item?\nyes").replace("re-billing?", "re-billing?\nno"),
        "1. Do you accept the item?\nyes\n2. Do you accept the re-billing?\nno",
        "\n".join(f"> {line}" for line in ASKING.split("\n"))
        .replace("item?", "item? yes")
        .replace("re-billing?", "re-billing? no"),
    ],
)
def test_answers_typed_behind_our_questions_are_told_apart_and_paired(body: str) -> None:
    result = split(body, ours=[ASKING], subject="Re: x")

    assert text(body, result, Label.NEW).split() == ["yes", "no"]
    assert [pair.answer for pair in result.answers] == ["yes", "no"]
    assert "item" in result.answers[0].question


def test_an_answer_below_our_unmarked_text_is_found_and_doubted() -> None:
    body = f"On 2 Nov 2026 at 10:03, Acme <s@acme.example> wrote:\n{NOTICE}\n\nno sir, do not charge me\n"

    result = split(body, ours=[NOTICE], subject="Re: x")

    assert (text(body, result, Label.NEW), result.boundary_certain) == ("no sir, do not charge me", False)


def test_numbered_answers_find_their_questions() -> None:
    body = "1) yes\n2) no\n\n" + quoted("1) Do you accept the item?\n2) Do you accept the re-billing?")

    pairs = split(body, subject="Re: x").answers

    assert [(pair.question, pair.answer) for pair in pairs] == [
        ("Do you accept the item?", "1) yes"),
        ("Do you accept the re-billing?", "2) no"),
    ]


def test_words_below_a_business_card_stay_the_senders() -> None:
    body = "Yes to both.\n\nKind regards,\nJane Buyer\nBuyer Ltd\nTel. +44 20 5550 123\n\nActually, no. Please take it back."

    result = split(body)

    assert "Actually, no." in text(body, result, Label.NEW)
    assert "Buyer Ltd" in text(body, result, Label.SIGNATURE)


def test_a_typed_name_is_a_word_of_the_sender() -> None:
    body = "Yes, I accept both.\n\nThanks,\nJane"

    assert text(body, split(body), Label.NEW) == body


def test_a_letter_that_greets_the_sender_is_not_theirs() -> None:
    body = f"Yes, I accept.\n\n{NOTICE}\n"

    result = split(body, subject="Re: x", around=Surroundings(author="Jane Buyer"))

    assert (text(body, result, Label.NEW), result.boundary_certain) == ("Yes, I accept.", False)


def test_a_strangers_mail_pasted_into_a_reply_is_passed_on() -> None:
    block = "From: Oskar <oskar@lund.example>\nDate: Wed, 4 Nov 2026 20:11:02 +0100\nTo: k@rose.example\nSubject: soap"
    body = f"Here is what he writes.\n\n{block}\n\nI accept."
    around = Surroundings(parties=frozenset({"k@rose.example", "support@shop.example"}))

    (found,) = split(body, subject="Re: x", around=around).forwarded

    assert (found.sender and found.sender.address, found.body) == ("oskar@lund.example", "I accept.")


def test_an_ambiguous_date_is_settled_by_the_mail_around_it() -> None:
    near = datetime(2026, 11, 6, tzinfo=UTC)

    assert claimed_date("05/11/2026 10:03", near=near) == datetime(2026, 11, 5, 10, 3, tzinfo=UTC)
    assert claimed_date("11/05/2026 10:03", near=near) == datetime(2026, 11, 5, 10, 3, tzinfo=UTC)


def test_an_older_answer_inside_a_deeper_quote_is_not_a_new_one() -> None:
    body = "Please see below.\n\n" + "\n".join(f"> > {line}" for line in ASKING.split("\n")).replace("item?", "item? yes")

    assert text(body, split(body, ours=[ASKING], subject="Re: x"), Label.NEW) == "Please see below."


@pytest.mark.parametrize("mark", ["", "> "])
def test_an_answer_behind_a_question_on_its_own_line_is_for_a_person(mark: str) -> None:
    body = "\n".join(f"{mark}{line}" for line in ASKING.split("\n")).replace("item?", "item? yes")

    assert not split(body, ours=[ASKING], subject="Re: x").boundary_certain


def test_the_line_above_a_quote_is_no_part_of_the_question() -> None:
    body = (
        "On Mon, 2 Nov 2026 at 10:03, Acme <s@acme.example> wrote:\n> Do you accept the item?\nYes\n> And the re-billing?\nNo\n"
    )

    assert [pair.question for pair in split(body, subject="Re: x").answers] == [
        "Do you accept the item?",
        "And the re-billing?",
    ]
