"""Somebody else's words without any mark: a letter to the sender below theirs, a ticket desk's history.

Nothing marks these lines, so structure has to tell: a letter greets once and is signed once. What is found here is never
called new, and the border is called uncertain, so that a person looks at it.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from supportbot.mail.blocks import date_alone
from supportbot.mail.card import is_closing, is_name
from supportbot.mail.footers import asks_for_consent, is_reply_marker
from supportbot.mail.layouts import is_rule_line
from supportbot.mail.lines import Labelling, Line
from supportbot.mail.message import Label

_NAME = re.compile(r"[^\W\d_]+")
_GREETING = re.compile(
    r"(?:dear|hello|hi|hey|good (?:morning|day|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|moin|sehr geehrter?|sehr geehrte|liebe[r]?|"
    r"bonjour|bonsoir|cher|chère|hola|buen[oa]s (?:días|tardes|noches)|estimad[oa]|querid[oa]|buongiorno|buonasera|salve|gentile|egregio|"
    r"gent\.|egr\.|car[oa]|beste|geachte|goedendag|goedemorgen|dag|olá|bom dia|boa (?:tarde|noite)|prezad[oa]|szanown[yae]|dzień dobry|"
    r"witam|cześć)\b|.{1,20}様$",
    re.IGNORECASE,
)
_MOST_GREETING = 80  # characters
_TITLE = re.compile(
    r"(?:(?:mr|mrs|ms|miss|dr|mevrouw|meneer|mijnheer|heer|dhr|mw|frau|herrn?|familie|madame|monsieur|mme|m|señora?|sra?|signora?|sig|senhora?|pani?)\b\.? ?)+",
    re.IGNORECASE,
)
_FEWEST_WORDS = 6
_FEWEST_LABELS, _MOST_BLOCK = 3, 8
_MOST_HEAD = 300
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.h時]\s?\d{2}(?!\d)")
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)")
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}")
_LABELLED = re.compile(r"[*_]{0,2}[^\W\d_][^:：*\n]{0,24}[*_]{0,2}\s?[:：][*_]{0,2}\s*(?P<value>\S.{0,300})")
_ADDRESSED_NAME = re.compile(r"[\"']?[^\W\d_][^<>@\n]{1,80}[\"']?\s?[<(\[][^\s<>@]{1,100}@[^\s<>@]{1,100}[>)\]]")
_PAUSE = re.compile(r"\s?[,!:;.–—-]\s?")
_FEWEST_LINES = 3  # with words, of a letter
# Words in the names of offices, which may greet anybody ("Customer Care": "Dear customer").
_OFFICES = frozenset(
    [
        "info",
        "mail",
        "office",
        "kontakt",
        "contact",
        "sales",
        "support",
        "shop",
        "store",
        "team",
        "service",
        "services",
        "hello",
        "orders",
        "order",
        "care",
        "help",
        "desk",
        "helpdesk",
        "customer",
        "customers",
        "client",
        "clients",
        "cliente",
        "clientes",
        "clienti",
        "kunde",
        "kunden",
        "kundin",
        "kundenservice",
        "kundendienst",
        "seller",
        "sellers",
        "buyer",
        "buyers",
        "member",
        "members",
        "user",
        "users",
        "partner",
        "partners",
        "friend",
        "friends",
        "all",
        "everyone",
        "sir",
        "madam",
        "damen",
        "herren",
        "madame",
        "monsieur",
        "messieurs",
        "señor",
        "señora",
        "signore",
        "signora",
        "equipo",
        "equipe",
        "équipe",
        "servicio",
        "servizio",
        "atención",
        "assistenza",
        "klant",
        "klanten",
        "klantenservice",
        "klient",
        "klienci",
        "obsługa",
        "zespół",
        "marketplace",
        "reply",
        "noreply",
        "the",
        "and",
        "und",
    ]
)
_YOUR_ORDER = re.compile(
    r"\b(?:your|you|ihre?r?|ihnen|votre|vous|su|usted|suo|sua|tuo|lei|uw|u|seu|sua|państwa|pani?a?)\b.{0,40}\b(?:order|purchase|parcel|package|item|bestellung|auftrag|"
    r"paket|commande|colis|pedido|paquete|compra|ordine|pacco|bestelling|pakket|encomenda|zamówieni\w+|paczk\w+)|ご注文",
    re.IGNORECASE,
)
_QUOTING = re.compile(
    r"(?:quoting|quoted from|zitat von|citando|mensaje citado por|en cita de|cita(?:t|zione|tion)? (?:de|di|från|fra|av)|citerar|citeren van|als antwort auf|"
    r"in (?:reply to|risposta a)|en (?:réponse à|respuesta a)|cytat od|cytowanie)\b",
    re.IGNORECASE,
)
_NAME_AND_DATE = re.compile(r",? [-–—|·(] ?|, (?=\S{0,12}\s?\d)")
_YOU_WROTE = re.compile(
    r"(?:you wrote|you said|your message|your original message|sie schrieben|ihre nachricht|vous avez écrit|votre message|usted escribió|su mensaje|lei ha scritto|"
    r"il (?:suo|tuo) messaggio|u schreef|uw bericht|você escreveu|sua mensagem|(?:państwa|twoja) wiadomość)\s?[:：]",
    re.IGNORECASE,
)
_TICKET_NOTICE = re.compile(
    r"(?=.{0,80}#?\(?\d{2,})(?:.{0,40}\b(?:request|ticket|case|anfrage|vorgang|demande|dossier|solicitud|caso|richiesta|verzoek|zgłoszenie)\b.{0,120})|to (?:add|review|reopen)\b.{0,80}",
    re.IGNORECASE,
)
_ENTRY_HEAD = re.compile(r"[^\W\d_][^.?!:;]{1,78}")  # "Precious (Tradehaven Support)"


def label_unmarked_letter(state: Labelling, author: str, address: str) -> None:
    """A letter that greets the sender by name, or that begins after the sender has signed: they received it."""
    names = (_names(author) | _names(address.partition("@")[0])) - _OFFICES
    for index, line in enumerate(state.lines):
        if state.labels[index] is not Label.NEW or not _greets(line.text):
            continue
        above = [other for other in range(index) if state.labels[other] is Label.NEW and not state.lines[other].blank]
        greeted = _greeted(line.text)
        to_sender = bool(greeted & (names | _signed(state.lines, above)))
        begun = bool(above) and state.lines[index - 1].blank
        ended = (
            begun
            and _is_letter(state.lines, above)
            and (is_closing(state.lines[above[-1]].text) or is_name(state.lines[above[-1]].text))
        )
        end = _end_of_new(state, index)
        letter = [other.text for other in state.lines[index + 1 : end] if not other.blank]
        asking = begun and any(map(asks_for_consent, letter))
        ended = ended and any(map(_YOUR_ORDER.search, letter))  # else it may be the same letter in another language
        own = not above and line.text.casefold().startswith(author.casefold() or " ")
        if len(letter) + 1 >= _FEWEST_LINES and not own and (to_sender or ended or asking):
            state.set(index, end, Label.QUOTED, "unmarked-letter")
            state.doubts.append("unmarked-letter")
            return


def _greets(text: str) -> bool:
    return len(text) <= _MOST_GREETING and bool(_GREETING.match(text[:60])) and not is_closing(text)  # "Liebe Grüße"


def _greeted(text: str) -> AbstractSet[str]:
    """The words of whom a line greets: "Hello Ms Doe," and "Bonjour, Jane," but not "Hello, Jane here"."""
    first, *others = _PAUSE.split(text)
    greeting = _GREETING.match(first)
    called = [first[greeting.end() if greeting else 0 :], *others[:1]]
    return {name for words in called if is_name(_TITLE.sub("", words.strip())) for name in _NAME.findall(words.casefold())}


def _is_letter(lines: Sequence[Line], above: Sequence[int]) -> bool:
    """Whether the lines above say enough to be a letter of their own."""
    return len(above) > 1 and sum(len(lines[index].text.split()) for index in above) >= _FEWEST_WORDS


def _names(text: str) -> AbstractSet[str]:
    return {name for name in _NAME.findall(text.casefold()) if len(name) > 2}


def _signed(lines: Sequence[Line], above: Sequence[int]) -> AbstractSet[str]:
    """The words of the name that was typed above, if the last line is one."""
    return _names(lines[above[-1]].text) if above and is_name(lines[above[-1]].text) else set()


def _end_of_new(state: Labelling, index: int) -> int:
    while index < len(state.lines) and state.labels[index] is Label.NEW:
        index += 1
    return index


def label_unknown_heads(state: Labelling, label: Label) -> None:
    """Lines that head an earlier message in words nobody listed: they name an address or a person, and a time of day.

    Everything below such a head is somebody else's, as below a known one without `>` marks.
    """
    lines = state.lines
    for index, line in enumerate(lines):
        if (
            state.labels[index] is Label.NEW
            and not line.blank
            and (_attributes(line.text) or _block(state, index) or _card_head(state, index) or _ruled(state, index))
        ):
            end = _end_of_new(state, index)
            marked = end < len(lines) and lines[end].depth > 0 and _attributes(line.text)
            state.set(index, index + 1 if marked else end, label, "unknown-head")
            state.doubts.append("unknown-head")
            return


def _attributes(text: str) -> bool:
    """ "Στις Δευ, 2 Νοε 2026 στις 16:15 ο χρήστης Jane <j@example.org> έγραψε:" """
    if _YOU_WROTE.fullmatch(text):
        return True
    if not (20 <= len(text) <= _MOST_HEAD and text.endswith((":", "：", ":>"))) or text[0].islower():
        return False  # a program begins its line with a capital or a digit; "am Montag um 10:15 schrieb mir UPS:" is told
    if _QUOTING.match(text) and "@" in text:
        return True  # Horde names no time
    dated = bool(_CLOCK.search(text)) and bool(_YEAR.search(text))
    return dated and ("@" in text or sum(word[:1].isupper() for word in text.split()) > 1 or not text.isascii())


def _block(state: Labelling, index: int) -> bool:
    """Three or more lines "Label: value" that follow each other, an address in one value and a time of day in another."""
    values: list[str] = []
    for at in range(index, min(index + _MOST_BLOCK, len(state.lines))):
        found = _LABELLED.fullmatch(state.lines[at].text) if state.labels[at] is Label.NEW else None
        if found is None:
            break
        values.append(found["value"])
    addressed = [value for value in values if _ADDRESS.search(value)]
    return (
        len(values) >= _FEWEST_LABELS
        and bool(addressed)
        and any(
            _CLOCK.search(value) and (_YEAR.search(value) or date_alone(value)) for value in values if value not in addressed
        )
    )


def _card_head(state: Labelling, index: int) -> bool:
    """ "Jane Doe <j@example.org>" alone on a line, a date with a time of day below it; or "Jane Doe, 2 Nov 2026 16:15"."""
    lines = state.lines
    if _named_and_dated(lines[index].text):
        return True
    if not _ADDRESSED_NAME.fullmatch(lines[index].text):
        return False
    return any(not line.blank and bool(date_alone(line.text)) for line in lines[index + 1 : index + 4])


def _named_and_dated(text: str) -> bool:
    """ "Jane Doe, 2 Nov 2026 16:15" and "Jane Doe <j@example.org>, Nov 2, 2026, 16:15 GMT" """
    if not _YEAR.search(text[:200]):
        return False
    name, sign, when = _NAME_AND_DATE.sub("\n", text[:200], count=1).partition("\n")
    known = is_name(name) or _ADDRESSED_NAME.fullmatch(name) or _ADDRESS.fullmatch(name)
    return bool(sign and known and _YEAR.search(when) and date_alone(when.rstrip(")")))


def _ruled(state: Labelling, index: int) -> bool:
    """A rule across the mail, and a letter below it that begins with its greeting."""
    if not is_rule_line(state.lines[index].text):
        return False
    below = next((line.text for line in state.lines[index + 1 : index + 4] if not line.blank), "")
    return _greets(below) and not any(map(_greets, (line.text for line in state.lines[max(0, index - 1) : index])))


def label_ticket_history(state: Labelling) -> None:
    """A ticket desk's mail: its reply marker, then entries under a name and a date, the newest first.

    The newest entry may stand above the first head, or under it where only the desk's own notice stands above.
    """
    marker = next((at for at, line in enumerate(state.lines[:40]) if is_reply_marker(line.text)), None)
    if marker is None:
        return
    heads = [found for at in range(marker + 1, len(state.lines)) if (found := _entry_head(state, at))]
    if not heads:
        return
    above = [
        at for at in range(marker + 1, heads[0][0]) if not state.lines[at].blank and not is_rule_line(state.lines[at].text)
    ]
    if all(_TICKET_NOTICE.match(state.lines[at].text) for at in above):
        state.set(marker + 1, heads[0][1], Label.FOOTER, "ticket-entry")
        del heads[0]
    if heads:
        state.set(heads[0][0], len(state.lines), Label.QUOTED, "ticket-history")


def _entry_head(state: Labelling, index: int) -> tuple[int, int] | None:
    """The lines of an entry's head that begins at a line: a name, then a date with a time of day, on one line or two."""
    lines = state.lines
    if state.labels[index] is Label.NEW and _named_and_dated(lines[index].text):
        return index, index + 1
    if state.labels[index] is not Label.NEW or not _ENTRY_HEAD.fullmatch(lines[index].text):
        return None
    below = index + 1
    while below < min(len(lines), index + 3) and lines[below].blank:
        below += 1
    return (index, below + 1) if below < len(lines) and date_alone(lines[below].text) else None
