"""How mail programs mark somebody else's words: separators, header labels, attribution lines, footers, per language.

Data only, and a reader for each kind of line. English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Japanese,
and the neighbours that come for free. Every pattern is matched against a line of at most `MAX_LINE` characters.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from supportbot.mail.headers import read_addresses, read_date
from supportbot.mail.message import Mailbox

MAX_LINE = 400

# Lines that stand between the new text and a message passed on or answered, folded by `fold_separator`.
_FORWARD_SEPARATORS = (
    ("en", "forwarded message", "begin forwarded message", "forwarded by", "start of forwarded message", "forwarded mail"),
    ("de", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitete mail"),
    ("de", "weitergeleitet von"),
    ("de", "anfang der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht", "weitergeleitete e-mail"),
    (
        "fr",
        "message transféré",
        "début du message transféré",
        "début du message réexpédié",
        "message transmis",
        "transféré par",
    ),
    ("es", "mensaje reenviado", "inicio del mensaje reenviado", "mensaje remitido", "reenviado por"),
    ("it", "messaggio inoltrato", "inizio messaggio inoltrato", "inizio del messaggio inoltrato", "inoltrato da"),
    ("nl", "doorgestuurd bericht", "begin doorgestuurd bericht", "doorgezonden bericht", "begin van doorgestuurd bericht"),
    (
        "pt",
        "mensagem encaminhada",
        "mensagem reencaminhada",
        "início da mensagem encaminhada",
        "início da mensagem reencaminhada",
    ),
    ("pl", "przekazana wiadomość", "wiadomość przekazana", "początek przekazywanej wiadomości"),
    ("pl", "treść przekazanej wiadomości"),
    ("pl", "forwardowana wiadomość", "przesłana wiadomość"),
    ("ja", "転送されたメッセージ", "転送メッセージ", "転送メール", "転送されたメール", "以下転送"),
    ("sv", "vidarebefordrat meddelande", "vidarebefordrat mail"),
    ("da", "videresendt meddelelse", "videresendt besked"),
    ("cs", "přeposlaná zpráva"),
)
_ORIGINAL_SEPARATORS = (
    ("en", "original message", "original appointment", "reply message", "reply above this line", "original mail"),
    ("de", "ursprüngliche nachricht", "originalnachricht", "original-nachricht", "ursprüngliche mail", "original nachricht"),
    ("fr", "message original", "message d'origine", "message d’origine", "message initial"),
    ("es", "mensaje original", "mensaje de origen"),
    ("it", "messaggio originale", "messaggio originario"),
    ("nl", "oorspronkelijk bericht", "origineel bericht"),
    ("pt", "mensagem original"),
    ("pl", "oryginalna wiadomość", "wiadomość oryginalna", "wiadomość pierwotna"),
    ("ja", "元のメッセージ", "元のメール", "オリジナルメッセージ"),
    ("sv", "ursprungligt meddelande", "originalmeddelande"),
    ("da", "oprindelig meddelelse"),
    ("cs", "původní zpráva"),
)
_SEPARATORS: dict[str, Literal["forward", "original"]] = {
    **{phrase: "original" for _, *phrases in _ORIGINAL_SEPARATORS for phrase in phrases},
    **{phrase: "forward" for _, *phrases in _FORWARD_SEPARATORS for phrase in phrases},
}

Field = Literal["from", "date", "to", "cc", "subject", "other"]
_LABELS: tuple[tuple[Field, str], ...] = (
    (
        "from",
        "from|von|de|da|van|od|expéditeur|remitente|mittente|afzender|remetente|nadawca|差出人|送信者|from \\(von\\)|"
        "från|fra|発信者",
    ),
    (
        "date",
        "date|sent|datum|gesendet|gesendet am|envoyé|envoyé le|fecha|enviado|enviado el|enviada|enviado em|enviada em|data",
    ),
    (
        "date",
        "inviato|verzonden|verzonden op|wysłano|data wysłania|wysłane|日付|日時|送信日時|送信日|skickat|sendt|dato|"
        "date d'envoi|data invio",
    ),
    ("to", "to|an|à|a|para|aan|do|宛先|til|till|destinataire|destinatario|destinatário|pour|ontvanger"),
    ("cc", "cc|kopie|copie|copie à|copia|kopia|dw|cópia|kopi|bcc|cci|cco|udw"),
    ("subject", "subject|betreff|objet|sujet|asunto|oggetto|onderwerp|assunto|temat|件名|ämne|emne|題名"),
    (
        "other",
        "reply-to|antwort an|antwort-an|répondre à|responder a|rispondi a|antwoord aan|odpowiedz do|返信先|importance|priority",
    ),
    (
        "other",
        "wichtigkeit|priorität|attachments|anlagen|anhänge|pièces jointes|adjuntos|allegati|bijlagen|anexos|załączniki|"
        "添付ファイル",
    ),
    ("other", "message-id|organization|organisation|x-mailer|user-agent|sender|mailed-by|signed-by"),
)
_FIELD_OF: dict[str, Field] = {label: field for field, labels in _LABELS for label in labels.replace("\\", "").split("|")}
_HEADER_LINE = re.compile(
    r"[ \t]{0,8}[*_]{0,2}([^\W\d_][^:：*\n]{0,24}?)[ \t\u3000]{0,4}[*_]{0,2}[ \t]{0,2}[:：][*_]{0,2}[ \t\u3000]*+(.*)",
    re.DOTALL,
)
_ONE_LINE_LABELS = re.compile(  # short labels only where a word ends: "Sent: …UTCSubject: …" but not "Videos: …"
    r"(From|Sent|Date|Subject|Gesendet|Datum|Betreff|Envoyé|Objet|Enviado|Asunto|Inviato|Oggetto|Verzonden|Onderwerp|"
    r"Assunto|Wysłano|Temat|(?<=[>\])\"' ])(?:To|Cc|Von|An|De|À|Para|Da|A|Van|Aan|Od|Do))\s?:"
)


def fold_separator(line: str) -> str:
    """A line less its dashes, colon and case: the form the separator tables are written in."""
    return line.strip(" \t-_=*>—–:：~+|‐").casefold()


def separator(line: str) -> Literal["forward", "original"] | None:
    """Whether a line announces a forwarded or an original message. A bare phrase without dashes or colon is prose."""
    if len(line) > 120:
        return None
    stripped = line.strip()
    if not stripped or not (stripped[0] in "-_=*—–~+" or stripped[-1] in "-:：_=*—–" or not stripped.isascii()):
        return None
    folded = fold_separator(stripped)
    kind = _SEPARATORS.get(folded)
    if kind is None and stripped[:2] in ("--", "__", "==") and folded.partition(" by ")[0] == "forwarded":
        return "forward"  # Lotus Notes: "----- Forwarded by Jane Doe/Acme on 11/02/2026 10:03 AM -----"
    return kind


def is_rule_line(line: str) -> bool:
    """A line of dashes or underscores only, as Outlook draws above a header block."""
    stripped = line.strip()
    return len(stripped) >= 10 and len(set(stripped)) == 1 and stripped[0] in "_-=*—"


def header_field(line: str) -> tuple[Field, str] | None:
    """(field, value) of one line of an inline header block, e.g. `*Von:* Jane <jane@example.org>`."""
    start = line[:45]
    if ":" not in start and "：" not in start:
        return None
    match = _HEADER_LINE.match(line[:2000])
    if not match:
        return None
    field = _FIELD_OF.get(match.group(1).strip().casefold())
    return (field, match.group(2).strip().strip("*").strip()) if field else None


def split_one_line_block(line: str) -> list[str]:
    """Yahoo's header block on one line, `From: A <a@b>To: C <c@d>Sent: …`, as separate lines."""
    if line.count(":") < 2 or len(line) > 2000 or len(_ONE_LINE_LABELS.findall(line)) < 2:
        return [line]
    return _ONE_LINE_LABELS.sub(r"\n\1:", line).split("\n")


# -- attribution lines: "On Monday, Jane wrote:" -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote the words below, and when, as far as the line says."""

    who: str
    when: str


_WROTE = (  # (starts with, pattern): the start is looked up, the pattern matched whole
    ("en", r"on (?P<rest>.{6,320}) wrote ?:?"),
    ("en", r"on (?P<when>.{6,200}), at .{3,20}, (?P<who>.{2,200}) wrote ?:?"),
    ("de", r"am (?P<when>.{6,200}) schrieb (?P<who>.{2,200}?) ?(?:folgendes)? ?:"),
    ("de", r"am (?P<when>.{6,200}) hat (?P<who>.{2,200}) (?:folgendes )?geschrieben ?:"),
    ("de", r"(?P<who>.{2,200}) (?:schrieb|hat) am (?P<when>.{6,200}?)(?: geschrieben)? ?:"),
    ("fr", r"(?:le|on) (?P<rest>.{6,320}) a [ée]crit ?:?"),
    ("es", r"el (?P<rest>.{6,320}) escribi[óo] ?:?"),
    ("it", r"(?:il(?: giorno)?|in data|alle) (?P<rest>.{6,320}) ha scritto ?:?"),
    ("nl", r"op (?P<when>.{6,200}) (?:schreef|heeft) (?P<who>.{2,200}?)(?: (?:het volgende )?geschreven)? ?:"),
    ("nl", r"(?P<who>.{2,200}) schreef op (?P<when>.{6,200}?) ?:"),
    ("pt", r"(?:em|a|no dia|às) (?P<rest>.{6,320}) escreveu ?:?"),
    ("pl", r"(?:w dniu|dnia) (?P<when>.{4,200}) (?:użytkownik )?(?P<who>.{2,200}) (?:napisa[łl]a?|napisał\(a\)|pisze) ?:?"),
    ("pl", r"(?P<rest>.{6,320}) napisał(?:\(a\)|a)? ?:"),
    ("ja", r"(?P<rest>\d{4}年.{4,320}?)(?: ?のメール| ?さん(?:は|が)書きました| ?wrote)? ?[:：]"),
    ("ja", r"(?P<rest>\d{4}[/-]\d{1,2}[/-]\d{1,2}.{4,320}?)(?: ?のメール| ?さん(?:は|が)書きました)? ?[:：]"),
    ("sv", r"(?:den|på) (?P<rest>.{6,320}) skrev ?:?"),
    ("sv", r"(?:den|på) (?P<when>.{6,200}) skrev (?P<who>.{2,200}?) ?:"),
    ("cs", r"(?P<rest>.{6,320}) napsal\(?a?\)? ?:"),
    ("xx", r"(?P<who>.{2,200}) (?:wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał|skrev) ?:"),
    ("xx", r"(?P<rest>.{6,300}<[^<>\s]{3,120}@[^<>\s]{3,120}>),? ?[:：]"),
)
_ATTRIBUTIONS = tuple(re.compile(pattern, re.IGNORECASE) for _, pattern in _WROTE)
_ENDS_ATTRIBUTION = re.compile(
    r"(?:wrote|writes|schrieb|geschrieben|folgendes|[ée]crit|escribi[óo]|scritto|schreef|geschreven|escreveu|"
    r"napisa[łl]a?|napisał\(a\)|pisze|"
    r"skrev|napsal\(?a?\)?|書きました|メール|>|\d{1,2}[:.]\d{2}(?: ?[ap]m| uhr)?|\w) ?[:：]?",
    re.IGNORECASE,
)
_OPENS_ATTRIBUTION = re.compile(
    r"(?:on|am|le|el|il|op|em|in data|w dniu|dnia|den|på|no dia|a|alle|às)\b.{0,60}\d|\d{1,4}[年./-]|"
    r"(?:pon|wt|śr|czw|pt|sob|niedz|mon|tue|wed|thu|fri|sat|sun)\w{0,8}\.?, ?\d",
    re.IGNORECASE,
)
_HAS_NUMBER_OR_ADDRESS = re.compile(r"\d|@")
_CLOCK = re.compile(
    r"\d{1,2}(?:[:.h]|時)\d{2}(?:分)?(?::\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?(?:\s(?:uhr|[+-]\d{4}|\(?(?:gmt|"
    r"utc)[+-]?\d{0,4}\)?|(?:m?es?t|[cemp][sd]t|ces?t|bst|jst|mes?z|wes?t|ees?t)\b))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b\d{4}\b")


def attribution(line: str) -> Attribution | None:
    """Who and when, where the whole line (or two or three, joined by blanks) introduces quoted words."""
    text = " ".join(line.split()).strip("*_ ")
    if not 6 <= len(text) <= MAX_LINE or not _HAS_NUMBER_OR_ADDRESS.search(text):
        return None
    if text[-1] not in ":：" and not text.casefold().endswith(
        ("wrote", "écrit", "escribió", "scritto", "escreveu", "napisał(a)")
    ):
        return None
    for pattern in _ATTRIBUTIONS:
        if match := pattern.fullmatch(text):
            groups = match.groupdict()
            if rest := groups.get("rest"):
                return _who_and_when(rest)
            return Attribution(_clean_who(groups.get("who") or ""), (groups.get("when") or "").strip())
    return None


def may_open_attribution(line: str) -> bool:
    """Whether a line may be the first of an attribution that goes on below it; cheap, says yes too often."""
    return len(line) <= 200 and bool(_OPENS_ATTRIBUTION.match(line.lstrip("*_ ")))


def _who_and_when(rest: str) -> Attribution:
    clocks = [match for match in _CLOCK.finditer(rest) if "@" not in rest[: match.start()]]
    if clocks:
        cut = clocks[-1].end()
    else:
        years = [match for match in _YEAR.finditer(rest) if "@" not in rest[: match.start()]]
        cut = years[-1].end() if years else 0
    return Attribution(_clean_who(rest[cut:]), rest[:cut].strip(" ,"))


def _clean_who(who: str) -> str:
    return who.strip(" ,:;-、)(").removeprefix("użytkownik ").strip()


def claimed_sender(text: str) -> Mailbox | None:
    """The mailbox an inline header or attribution names; the address is "" where only a name stands."""
    text = text.replace("[mailto:", "<").replace("]", ">") if "[mailto:" in text else text
    text = re.sub(r"<mailto:[^<>]{0,200}>", "", text) if text.count("<mailto:") and text.count("@") > 1 else text
    text = text.strip().strip("*").strip()
    if not text:
        return None
    found = read_addresses(text.encode("utf-8").decode("latin-1"))
    if found.mailboxes:
        return found.mailboxes[0]
    return Mailbox(text.strip("\"'"), "")


def claimed_recipients(text: str) -> tuple[str, ...]:
    """The addresses (else the names) of an inline To line."""
    found = read_addresses(text.replace(";", ",").encode("utf-8").decode("latin-1"))
    if found.mailboxes:
        return tuple(mailbox.address for mailbox in found.mailboxes)
    return (text.strip(),) if text.strip() else ()


# -- dates as people's programs write them -----------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene gennaio gen januari janeiro styczeń stycznia sty",
            "february feb februar février févr fév febrero febbraio februari fevereiro fev luty lutego lut",
            "march mar märz mär mrz mars marzo maart mrt março marzec marca",
            "april apr avril avr abril abr aprile kwiecień kwietnia kwi",
            "may mai mayo maggio mag mei maio maj maja",
            "june jun juni juin junio giugno giu junho czerwiec czerwca cze",
            "july jul juli juillet juil julio luglio lug julho lipiec lipca lip",
            "august aug août aoû agosto ago augustus sierpień sierpnia sie",
            "september sep sept septembre septiembre settembre set setembro wrzesień września wrz",
            "october oct oktober okt octobre octubre ottobre ott outubro out październik października paź",
            "november nov novembre noviembre novembro listopad listopada lis",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMERIC_DATE = re.compile(r"\b(\d{1,4})([./年-])\s?(\d{1,2})([./月-])\s?(\d{1,4})")
_DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?,?\s(?:de\s|di\s)?([^\W\d_]{3,12})\.?,?\s(?:de\s|del\s|di\s)?(\d{4})", re.IGNORECASE
)
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})", re.IGNORECASE)
_TIME = re.compile(r"\b(\d{1,2})(?:[:.h]|時)(\d{2})(?:[:.](\d{2}))?(?:分)?\s?([ap])?\.?\s?(?:m\b)?", re.IGNORECASE)
_HALF_DAY = re.compile(r"\d\s?[ap]\.?\s?m\b", re.IGNORECASE)
_ZONE = re.compile(r"(?:gmt|utc)?\s?([+-])(\d{1,2}):?(\d{2})?\b", re.IGNORECASE)


def claimed_date(text: str) -> datetime | None:
    """A date as a mail program wrote it for people, aware; without a zone it is taken as UTC. None where day and month could be
    taken for each other."""
    text = " ".join(text.split())
    if not text or len(text) > 200:
        return None
    half_day = _HALF_DAY.search(text)  # the RFC 5322 reader would drop "PM"
    if not half_day and (exact := read_date(text)):
        return exact
    found = _day(text)
    if found is None:
        return None
    (year, month, day), end = found
    rest = text[end:]
    hour = minute = second = 0
    if clock := _TIME.search(rest):
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        if clock[4] and hour <= 12:
            hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
        rest = rest[clock.end() :]
    zone = UTC
    if offset := _ZONE.search(rest):
        delta = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        zone = timezone(delta if offset[1] == "+" else -delta) if delta < timedelta(hours=24) else UTC
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None


def _day(text: str) -> tuple[tuple[int, int, int], int] | None:
    if match := _DAY_FIRST.search(text):
        month = _MONTHS.get(match[2].casefold())
        if month:
            return (int(match[3]), month, int(match[1])), match.end()
    if match := _MONTH_FIRST.search(text):
        month = _MONTHS.get(match[1].casefold())
        if month:
            return (int(match[3]), month, int(match[2])), match.end()
    if match := _NUMERIC_DATE.search(text):
        first, middle, last = int(match[1]), int(match[3]), int(match[5])
        if first > 31:
            return (first, middle, last), match.end()
        year = last + 2000 if last < 100 else last
        if match[2] == "." or middle <= 12 < first or (first == middle and first <= 12):
            return (year, middle, first), match.end()
        if first <= 12 < middle:
            return (year, first, middle), match.end()
    return None


# -- the ends of a message ---------------------------------------------------------------------------------------------

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
