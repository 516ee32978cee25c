"""What programs and firms add below (or above) a sender's words: mobile footers, disclaimers, relay footers; per language."""

import re

_MOBILE_FOOTERS = re.compile(
    r"(?:sent|get|gesendet|von meinem|von mein|diese nachricht wurde von mein|envoyé|envoyee|obtenez|enviado|enviada|"
    r"obtener|obtén|inviato|"
    r"ottieni|verzonden|verstuurd|download|obter|wysłane|wysłano|pobierz|hämta|skickat|outlook für|outlook for|télécharg\w+) "
    r"(?:.{0,40}\b)?(?:iphone|ipad|ipod|android\w*|smartphone|handy|mobile\w*|mobil\w*|samsung|galaxy|huawei|xiaomi|"
    r"blackberry|outlook|windows(?: phone)?|"
    r"yahoo\b.{0,20}|gmx\b.{0,20}|web\.de\b.{0,20}|mail app|mailapp|tablet|téléphone|telefono|teléfono|telefoon|"
    r"telefonu?|telemóvel|celular|proton\w*|"
    r"thunderbird|aol|orange|free|cellulare|t-mobile|verizon|device)\b.{0,80}",
    re.IGNORECASE,
)
_MOBILE_FOOTERS_JA = re.compile(
    r"(?:.{0,20}(?:iphone|ipad|android|スマートフォン|携帯)(?:から|より)送信.{0,10})", re.IGNORECASE
)
_DISCLAIMERS = (
    "this email and any", "this e-mail and any", "this message and any", "this e-mail is confidential",
    "this email is confidential",
    "this message is confidential", "the information contained in this", "the information in this e",
    "confidentiality notice", "disclaimer:",
    "this message contains confidential", "this e-mail may contain", "this email may contain", "this message may contain",
    "please consider the environment", "if you are not the intended recipient", "if you have received this",
    "diese e-mail enthält", "diese e-mail kann", "diese nachricht enthält", "diese nachricht ist vertraulich",
    "der inhalt dieser e-mail",
    "bitte denken sie an die umwelt", "bitte prüfen sie, ob diese", "sollten sie nicht der richtige",
    "vertraulichkeitshinweis",
    "ce message et", "ce message est confidentiel", "ce courriel", "cet e-mail", "les informations contenues dans ce",
    "pensez à l'environnement", "pensez à l’environnement", "avis de confidentialité",
    "este mensaje y", "este mensaje puede", "este mensaje contiene", "este correo electrónico",
    "la información contenida en este",
    "aviso legal", "antes de imprimir", "aviso de confidencialidad",
    "questo messaggio", "le informazioni contenute in", "la presente e-mail", "questa e-mail", "avviso di riservatezza",
    "prima di stampare",
    "dit bericht", "deze e-mail", "dit e-mailbericht", "de informatie in dit", "de informatie in deze",
    "esta mensagem", "este e-mail", "as informações contidas", "aviso de confidencialidade", "esta mensaje",
    "ta wiadomość", "niniejsza wiadomość", "wiadomość ta", "informacje zawarte w", "treść tej wiadomości",
    "このメールには", "本メールは", "このメールは機密", "本電子メール",
)  # fmt: skip
_DISCLAIMER_WORDS = re.compile(
    r"confiden|privileged|intended|recipient|vertraulich|empfänger|bestimmt|destinat|riservat|vertrouwelijk|bestemd|"
    r"geadresseerde|poufn|adresat|legal|"
    r"environment|umwelt|environnement|imprim|stampar|機密|受信者|virus|print",
    re.IGNORECASE,
)
_RELAY_FOOTERS = (
    "was this email helpful", "copyright ", "important: amazon.com's a-to-z", "to help arbitrate disputes",
    "we want you to buy with confidence",
    "this email was sent from a notification-only", "you received this message because you are subscribed",
    "to unsubscribe from this group",
    "learn more about buying safely", "email reference id", "this email is part of our", "this is an automated message from",
    "virus-free", "this email has been checked for viruses", "diese e-mail wurde von avast", "virenfrei",
    "garanti sans virus", "libre de virus",
)  # fmt: skip


def is_mobile_footer(line: str) -> bool:
    """`Sent from my iPhone` and its kin; a sentence that goes on is not one."""
    text = line.strip(" \t*_<>[]().!|")
    return 6 <= len(text) <= 120 and bool(_MOBILE_FOOTERS.fullmatch(text) or _MOBILE_FOOTERS_JA.fullmatch(text))


def opens_disclaimer(paragraph: str) -> bool:
    """Whether a paragraph is legal boilerplate: it opens like one and speaks of confidence, recipients or printing."""
    text = paragraph.strip(" \t*_-=[]\n").casefold()
    return text.startswith(_DISCLAIMERS) and bool(_DISCLAIMER_WORDS.search(text[:1500]))


def opens_relay_footer(line: str) -> bool:
    """Whether a line opens what a marketplace relay, a list or a virus scanner adds below a message."""
    return line.strip(" \t*_-=[]").casefold().startswith(_RELAY_FOOTERS)


_INLINE_ANSWERS = re.compile(
    r"\b(?:(?:see|find|read|answered?|replied|reply|replies|answers?|comments?|responses?)\b.{0,40}\b(?:inline|in-line|"
    r"in red|in blue|in green|in bold|"
    r"in capitals|between the lines)|siehe (?:unten im text|rote?r? text)|(?:antwort\w*|"
    r"kommentare?)\b.{0,30}\b(?:im text|in rot|in blau|inline|in fett)|"
    r"r[ée]ponses?\b.{0,30}\b(?:dans le texte|en rouge|en bleu|ci-dessous en)|respuestas?\b.{0,30}\b(?:en el texto|"
    r"en rojo|en azul)|"
    r"risposte\b.{0,30}\b(?:nel testo|in rosso|in blu)|antwoord\w*\b.{0,30}\b(?:in de tekst|in het rood|in rood)|"
    r"respostas?\b.{0,30}\b(?:no texto|a vermelho|em vermelho)|"
    r"odpowiedzi\b.{0,30}\b(?:w tekście|na czerwono))\b|赤字|本文中に",
    re.IGNORECASE,
)


def points_into_quote(text: str) -> bool:
    """Whether the sender says that answers stand inside the quoted text ("see my answers in red")."""
    return bool(_INLINE_ANSWERS.search(text[:20_000]))
