"""What no layout may do: let a quoted word pass for a new one while the border is called certain, or swallow a new word.

Every mail is composed from a letter, a quoted letter, a head that names who wrote it and when, and the habits of programs:
marks, wraps, empty lines, footers, HTML. So what is new is known, and what is not.
"""

import html
import textwrap
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportbot.mail.message import Label
from supportbot.mail.parse import read_message

WRITER = "mona.ilg@lamp-shop.example"
NAMES = (
    "Mona Ilg",
    "Ilg, Mona",
    "Mona Ilg (Lampenhaus)",
    "Mona Ilg [Lamp Shop]",
    "Lamp & Light, Inc.",
    "M. Ilg-Sørensen",
    "Łucja Żak",
    "Ilg Mona / Einkauf",
    "support",
    "イルグ モナ",
)


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: letters, and how its programs name a writer and a time. Dates are of 2 November 2026, 16:05."""

    new: tuple[str, ...]
    quoted: tuple[str, ...]
    dates: tuple[str, ...]
    wrote: tuple[str, ...]
    labels: tuple[tuple[str, str, str, str], ...]  # from, sent, to, subject
    separators: tuple[str, ...]
    footer: str


TONGUES = {
    "en": Tongue(
        (
            "Hi,\n\nthe teapot is on my stove already. Charge the card, that is fine.",
            "No. I asked for it myself and bought another one in town.",
            "fine with me, both",
            "We would rather send it back. Who pays for the label?\n\nPlease say so before Friday.\n\nRegards\nRuben",
        ),
        (
            "Hello Mr Brandt,\n\nthe parcel had left our warehouse.\n\nDo you want to keep it?\n\nYours\nLamp Shop",
            "where is the lamp?",
        ),
        (
            "Mon, Nov 2, 2026 at 4:05 PM",
            "2 Nov 2026, at 16:05",
            "11/2/2026 4:05 PM",
            "2026-11-02 16:05",
            "Mon, 2 Nov 2026 16:05:11 +0100",
        ),
        ("On {when}, {who} wrote:", "{who} wrote on {when}:", "{who} wrote:", "Quoting {who}:", "On {when}, {who} replied:"),
        (("From", "Sent", "To", "Subject"), ("From", "Date", "To", "Subject")),
        ("-----Original Message-----", "________________________________"),
        "Sent from my iPhone",
    ),
    "de": Tongue(
        (
            "Moin,\n\ndie Kanne steht schon auf dem Herd. Buchen Sie ruhig ab.",
            "Nein danke, ich habe im Laden eine andere gekauft.",
            "passt, beides",
            "Wir schicken sie lieber zurück.\n\nBitte bis Freitag Bescheid geben.\n\nGruß\n\nRuben",
        ),
        (
            "Guten Tag Herr Brandt,\n\ndas Paket hatte das Lager schon verlassen.\n\nMit freundlichen Grüßen\nLampenhaus",
            "wo bleibt die Lampe?",
        ),
        ("Mo., 2. Nov. 2026 um 16:05 Uhr", "02.11.2026 um 16:05", "Montag, 2. November 2026 16:05", "02.11.26, 16:05"),
        ("Am {when} schrieb {who}:", "{who} schrieb am {when}:", "Am {when} hat {who} geschrieben:", "Zitat von {who}:"),
        (("Von", "Gesendet", "An", "Betreff"), ("Von", "Datum", "An", "Betreff")),
        ("-----Ursprüngliche Nachricht-----", "________________________________"),
        "Von meinem iPhone gesendet",
    ),
    "fr": Tongue(
        (
            "Bonsoir,\n\nla théière est déjà sur le feu. Vous pouvez débiter.",
            "Non merci, j'en ai trouvé une autre.",
            "ça me va, les deux",
        ),
        ("Bonjour Monsieur Brandt,\n\nle colis avait quitté l'entrepôt.\n\nCordialement\nLampes & Cie", "où est la lampe ?"),
        ("lun. 2 nov. 2026 à 16:05", "lundi 2 novembre 2026 16:05", "02/11/2026 à 16:05"),
        ("Le {when}, {who} a écrit :", "{who} a écrit le {when} :", "{who} a écrit :"),
        (("De", "Envoyé", "À", "Objet"), ("De", "Date", "À", "Sujet")),
        ("-----Message d'origine-----", "________________________________"),
        "Obtenir Outlook pour Android",
    ),
    "es": Tongue(
        (
            "Hola:\n\nla tetera ya está en la cocina. Pueden cobrarme.",
            "No, gracias, compré otra en el barrio.",
            "de acuerdo con las dos",
        ),
        ("Buenos días, señor Brandt:\n\nel paquete ya había salido.\n\nAtentamente\nLámparas", "¿dónde está la lámpara?"),
        ("lun, 2 nov 2026 a las 16:05", "lunes, 2 de noviembre de 2026 16:05", "02/11/2026 16:05"),
        ("El {when}, {who} escribió:", "El {when} {who} ha escrito:", "{who} escribió:"),
        (("De", "Enviado", "Para", "Asunto"), ("De", "Fecha", "Para", "Asunto")),
        ("-----Mensaje original-----", "________________________________"),
        "Enviado desde mi iPhone",
    ),
    "it": Tongue(
        ("Salve,\n\nla teiera è già sul fornello. Addebitate pure.", "No grazie, ne ho presa un'altra.", "va bene tutto"),
        ("Gentile signor Brandt,\n\nil pacco aveva lasciato il magazzino.\n\nCordiali saluti\nLampade", "dov'è la lampada?"),
        ("lun 2 nov 2026 alle ore 16:05", "lunedì 2 novembre 2026 16:05", "02/11/2026 16:05"),
        ("Il giorno {when} {who} ha scritto:", "{who} ha scritto il {when}:", "{who} ha scritto:"),
        (("Da", "Inviato", "A", "Oggetto"), ("Da", "Data", "A", "Oggetto")),
        ("-----Messaggio originale-----", "________________________________"),
        "Inviato da iPhone",
    ),
    "nl": Tongue(
        (
            "Hoi,\n\nde theepot staat al op het fornuis. Schrijf maar af.",
            "Nee hoor, ik heb een andere gekocht.",
            "prima, allebei",
        ),
        (
            "Geachte heer Brandt,\n\nhet pakket had het magazijn al verlaten.\n\nMet vriendelijke groet\nLampen",
            "waar blijft de lamp?",
        ),
        ("ma 2 nov 2026 om 16:05", "maandag 2 november 2026 16:05", "02-11-2026 16:05"),
        ("Op {when} schreef {who}:", "{who} schreef op {when}:", "Op {when} heeft {who} het volgende geschreven:"),
        (("Van", "Verzonden", "Aan", "Onderwerp"), ("Van", "Datum", "Aan", "Onderwerp")),
        ("-----Oorspronkelijk bericht-----", "________________________________"),
        "Verstuurd vanaf mijn iPhone",
    ),
    "pt": Tongue(
        ("Olá,\n\no bule já está ao lume. Podem cobrar.", "Não, obrigado, comprei outro na feira.", "por mim tudo bem"),
        (
            "Bom dia, senhor Brandt,\n\no pacote já tinha saído.\n\nCom os melhores cumprimentos\nLâmpadas",
            "onde está o candeeiro?",
        ),
        ("seg., 2 de nov. de 2026 às 16:05", "segunda-feira, 2 de novembro de 2026 16:05", "02/11/2026 16:05"),
        ("Em {when}, {who} escreveu:", "{who} escreveu em {when}:", "{who} escreveu:"),
        (("De", "Enviado", "Para", "Assunto"), ("De", "Data", "Para", "Assunto")),
        ("-----Mensagem original-----", "________________________________"),
        "Enviado do meu iPhone",
    ),
    "pl": Tongue(
        ("Witam,\n\nczajniczek już stoi na kuchence. Proszę pobrać.", "Nie, dziękuję, kupiłem inny na targu.", "zgoda, na oba"),
        ("Dzień dobry Panie Brandt,\n\npaczka opuściła już magazyn.\n\nZ poważaniem\nLampy", "gdzie jest lampa?"),
        ("pon., 2 lis 2026 o 16:05", "poniedziałek, 2 listopada 2026 16:05", "02.11.2026 16:05"),
        ("W dniu {when} {who} pisze:", "{when} {who} napisał(a):", "{who} napisała dnia {when}:"),
        (("Od", "Wysłano", "Do", "Temat"), ("Od", "Data", "Do", "Temat")),
        ("-----Wiadomość oryginalna-----", "________________________________"),
        "Wysłane z iPhone'a",
    ),
    "ja": Tongue(
        (
            "急須はもう台所で使っています。請求していただいて構いません。",
            "いいえ、結構です。近所の店で買いました。",
            "両方とも大丈夫です",
        ),
        ("ブラント様\n\n荷物はすでに倉庫を出ました。\n\n敬具\nランプ店", "ランプはどこですか。"),
        ("2026年11月2日(月) 16:05", "2026/11/02 16:05"),
        ("{when} {who}:", "{when}、{who}のメール:", "{when} に {who} さんは書きました:"),
        (("差出人", "送信日時", "宛先", "件名"), ("From", "Date", "To", "Subject")),
        ("-----元のメッセージ-----", "________________________________"),
        "iPhoneから送信",
    ),
}


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail whose new words are known."""

    raw: bytes
    new: str


@st.composite
def mails(draw: st.DrawFn) -> Composed:
    tongue = TONGUES[draw(st.sampled_from(sorted(TONGUES)))]
    new, quoted = draw(st.sampled_from(tongue.new)), draw(st.sampled_from(tongue.quoted))
    kind, head = draw(_heads(tongue))
    mark = draw(st.sampled_from(("> ", "> ", "| ", "    ", "")))
    if kind == "block" and draw(st.booleans()):
        mark = ""
    footer = draw(st.sampled_from(("", "", tongue.footer)))
    gap = draw(st.sampled_from(("\n", "\n\n")))
    if mark == "> " and draw(st.integers(0, 5)) == 0:
        body = f"{head}{gap}{_marked(quoted, mark)}\n\n{new}\n"
    else:
        body = f"{new}\n\n" + (f"{footer}\n\n" if footer else "") + f"{head}{gap}{_marked(quoted, mark)}\n"
    subtype = "plain"
    if draw(st.integers(0, 3)) == 0:
        subtype = "html"
        above, below = _paragraph(f"{new}\n\n{footer}".strip()), _paragraph(quoted)
        below = f"<blockquote>{below}</blockquote>" if mark else below
        body = f"<html><body>{above}{_paragraph(head)}{below}</body></html>"
    answers = "In-Reply-To: <q@lamp-shop.example>\n" if draw(st.booleans()) else ""
    header = (
        f"From: Ruben Brandt <me@haus.example>\nTo: Lamp <{WRITER}>\nSubject: Re: Lamp\nDate: Tue, 3 Nov 2026 08:12:44 +0100\n"
        f"{answers}MIME-Version: 1.0\nContent-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    )
    return Composed(f"{header}\n{body}".encode(), new)


@st.composite
def _heads(draw: st.DrawFn, tongue: Tongue) -> tuple[str, str]:
    """What names the writer of the quote, maybe wrapped, maybe with an empty line between its pieces."""
    name = draw(st.sampled_from(NAMES))
    who = draw(
        st.sampled_from((name, f'"{name}" <{WRITER}>', WRITER, f"{name} ({WRITER})", f"<{WRITER}>", f"{name} <{WRITER}>"))
    )
    when = draw(st.sampled_from(tongue.dates))
    if draw(st.integers(0, 2)):
        head = draw(st.sampled_from(tongue.wrote)).format(who=who, when=when)
        width = draw(st.sampled_from((0, 0, 40, 60, 72)))
        pieces = textwrap.wrap(head, width, break_long_words=False, break_on_hyphens=False) if width else [head]
        return "attribution", draw(st.sampled_from(("\n", "\n", "\n\n"))).join(pieces)
    sender, sent, to, subject = draw(st.sampled_from(tongue.labels))
    label = draw(st.sampled_from(("{}: ", "*{}:* ", "{}:\t", "{} : ", "{}：")))
    lines = [
        f"{label.format(sender)}{who}",
        f"{label.format(sent)}{when}",
        f"{label.format(to)}me@haus.example",
        f"{label.format(subject)}Lamp",
    ]
    block = draw(st.sampled_from(("\n", "\n", "\n\n"))).join(lines)
    return "block", draw(st.sampled_from(("", *(f"{separator}\n" for separator in tongue.separators)))) + block


def _marked(text: str, mark: str) -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.split("\n"))


def _paragraph(text: str) -> str:
    return "<p>" + html.escape(text).replace("\n", "<br>") + "</p>"


def _words(text: str) -> Counter[str]:
    return Counter(text.replace(">", " ").split())


def _check(mail: Composed) -> None:
    message = read_message(mail.raw)
    if not message.boundary_certain:
        return
    own = "".join(message.body[part.start : part.end] for part in message.segments if part.label is Label.SIGNATURE)

    assert not _words(message.new_text) - _words(mail.new), "a word of others called new, and the border certain"
    assert not _words(mail.new) - _words(f"{message.new_text} {own}"), (
        "a new word called something else, and the border certain"
    )


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mails())
def test_where_the_border_is_certain_every_new_word_is_new_and_no_other(mail: Composed) -> None:
    _check(mail)


@pytest.mark.soak
@settings(max_examples=4_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(mails())
def test_where_the_border_is_certain_every_new_word_is_new_and_no_other_for_long(mail: Composed) -> None:
    _check(mail)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(mails(), min_size=12, max_size=12))
def test_most_layouts_leave_the_border_certain(several: list[Composed]) -> None:
    certain = sum(read_message(mail.raw).boundary_certain for mail in several)

    assert certain >= 3  # a border that is never certain would pass the test above
