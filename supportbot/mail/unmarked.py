"""Somebody else's words without any mark: a letter to the sender below theirs, a ticket desk's history.

Nothing marks these lines, so structure has to tell: a letter greets once and is signed once. What is found here is never
called new, and the border is called uncertain, so that a person looks at it.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from supportbot.mail.announcing import announces_copy, heads_copy
from supportbot.mail.blocks import date_alone
from supportbot.mail.card import is_closing, is_name
from supportbot.mail.footers import asks_for_consent, is_reply_marker
from supportbot.mail.heads import (
    addressed_name,
    announces_words,
    date_below,
    dated_name,
    dates_only,
    may_name_message,
    names_message,
    names_time,
    names_writer,
)
from supportbot.mail.layouts import header_field, is_drawn, is_rule_line
from supportbot.mail.letters import greeted, greets, names_in, says_yes_or_no
from supportbot.mail.lines import Labelling, Line
from supportbot.mail.message import Label

_FEWEST_WORDS = 6
_FEWEST_LABELS, _MOST_BLOCK, _MOST_HEAD_LINES = 3, 8, 4
_MOST_ANNOUNCING = 4  # words
_MOST_LABEL_WORDS = 3
_MOST_GAP = 3  # lines from a head to its quote
_HEADLESS = (
    "marks",
    "sent-text",
    "unknown-attribution",
    "unknown-head",
    "ticket-history",
)  # quotes that no known head introduces
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.h時]\s?\d{2}(?!\d)")
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)")
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}")
_LABELLED = re.compile(r"[*_]{0,2}[^\W\d_][^:：*\n]{0,24}[*_]{0,2}\s?[:：][*_]{0,2}\s*(?P<value>\S.{0,300})")
_OF_QUOTES = re.compile(  # "[Quoted text hidden]", "Begin quote", "Older messages", "Zitierten Text ausblenden"
    r"\b(?:quot(?:ed|ing)\b.{0,12}\btext|(?:begin|start)\w{0,3} (?:of )?(?:the )?quot\w+|zitierte\w? text|gekürzt|texte (?:cité|des messages précédents)|"
    r"texto (?:citado|das mensagens anteriores)|testo (?:citato|tra virgolette)|(?:tekst|geciteerde) (?:uit )?(?:citaat|tekst)|cytowany tekst|tekst cytowany|"
    r"(?:older|earlier|previous|prior) (?:messages?|e-?mails?|mails?|conversation)|(?:ältere|frühere|vorherige) (?:nachrichten?|mails?)|"
    r"messages? (?:plus anciens|précédents?)|mensajes? anteriore?s?|messaggi(?:o)? precedent[ei]|eerdere berichten|wcześniejsze wiadomości|"
    r"(?:message|conversation|ticket|mail) (?:history|thread)|(?:message|mail|e-?mail|nachricht|mensaje|messaggio|bericht|mensagem) (?:from|vom|von|du|del|dal|van|do|de) .{0,40}[\d@])|引用",
    re.IGNORECASE,
)
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
_TICKET_NOTICE = re.compile(
    r"(?=.{0,80}#?\(?\d{2,})(?:.{0,40}\b(?:request|ticket|case|anfrage|vorgang|demande|dossier|solicitud|caso|richiesta|verzoek|zgłoszenie)\b.{0,120})|to (?:add|review|reopen)\b.{0,80}",
    re.IGNORECASE,
)
_MOST_ABOVE_MARKER, _MOST_LOOKED = 200, 20  # lines
_ENTRY_SAID = re.compile(  # "Jane Doe commented:"
    r"[^\W\d_][^.?!:;]{1,60} (?:commented|replied|responded|added a comment|has replied|hat (?:kommentiert|geantwortet)|a (?:répondu|commenté)|"
    r"ha (?:risposto|commentato|respondido)|respondió|comentó|respondeu|comentou|reageerde|heeft gereageerd|odpowiedział\w?|skomentował\w?)\s?:",
    re.IGNORECASE,
)
_ENTRY_HEAD = re.compile(r"[^\W\d_][^.?!:;]{1,78}")  # "Precious (Tradehaven Support)"


def label_unmarked_letter(state: Labelling, author: str, address: str) -> None:
    """A letter that greets the sender by name, or that begins after the sender has signed: they received it."""
    names = (names_in(author) | names_in(address.partition("@")[0])) - _OFFICES
    for index, line in enumerate(state.lines):
        if state.labels[index] is not Label.NEW or not greets(line.text):
            continue
        above = [other for other in range(index) if state.labels[other] is Label.NEW and not state.lines[other].blank]
        to_sender = bool(greeted(line.text) & (names | _signed(state.lines, above)))
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


def _is_letter(lines: Sequence[Line], above: Sequence[int]) -> bool:
    """Whether the lines above say enough to be a letter of their own."""
    return len(above) > 1 and sum(len(lines[index].text.split()) for index in above) >= _FEWEST_WORDS


def _signed(lines: Sequence[Line], above: Sequence[int]) -> AbstractSet[str]:
    """The words of the name that was typed above, if the last line is one."""
    return names_in(lines[above[-1]].text) if above and is_name(lines[above[-1]].text) else set()


def _end_of_new(state: Labelling, index: int) -> int:
    while index < len(state.lines) and state.labels[index] is Label.NEW:
        index += 1
    return index


def label_heads_above_quotes(state: Labelling) -> None:
    """The line or lines right above a quote, where they may name whose words follow: the quote itself tells that they do."""
    lines, labels = state.lines, state.labels
    last: int | None = None  # the line with words above
    for index, line in enumerate(lines):
        if line.blank:
            continue
        while state.rules[index] in _HEADLESS and last is not None and index - last <= _MOST_GAP and labels[last] is Label.NEW:
            top = last if is_drawn(lines[last].text) else _top_of_head(state, last)
            if top is None and state.rules[index] == "sent-text" and _heads_alone(lines[last].text):
                top = last
                state.doubts.append("lone-head")
            if top is None:
                break
            state.set(top, index, labels[index], "unknown-attribution")
            last = next((at for at in range(top - 1, max(top - _MOST_GAP, -1), -1) if not lines[at].blank), None)
        last = index


def _top_of_head(state: Labelling, index: int) -> int | None:
    """The first of the lines down to `index` that head what follows, or None."""
    text = ""
    for top in range(index, max(index - _MOST_HEAD_LINES, -1), -1):
        line = state.lines[top]
        if line.blank or state.labels[top] is not Label.NEW or line.depth:
            return None
        text = f"{line.text} {text}".strip()
        named = text.endswith((":", "：")) and len(text.split()) > 1 and is_name(text[:-1])  # "Jane Doe:"
        wrapped = top < index
        if (
            named
            or (names_message(text) and (not wrapped or "@" in text))
            or (
                not wrapped
                and (
                    may_name_message(text)
                    or (announces_words(text) and len(text.split()) <= _MOST_ANNOUNCING)
                    or heads_copy(text)
                    or _heads_bare_quote(text)
                )
            )
        ):
            return top
    return None


def _heads_bare_quote(text: str) -> bool:
    """What heads a quote that nothing else heads: a field, a date, "Previous messages", "[Quoted text hidden]"."""
    named = header_field(text)
    if named is not None and named[0] != "other" and named[1]:
        return True
    if dated_name(text) or _ADDRESS.fullmatch(text.rstrip(":： ").strip("<>")):
        return True
    told = text.endswith((".", "?", "!")) and not names_time(text)
    return not told and (dates_only(text) or announces_copy(text) or _OF_QUOTES.search(text) is not None)


def _heads_alone(text: str) -> bool:
    """A word or two and a colon right above words that we sent: "Support:", "Earlier:", "Seller wrote:"."""
    return (
        text.endswith((":", "："))
        and len(text.split()) < _MOST_LABEL_WORDS
        and text[0].isupper()
        and not (says_yes_or_no(text) or greets(text) or "," in text)
    )


def label_unknown_heads(state: Labelling, label: Label) -> None:
    """Lines that head an earlier message in words nobody listed: they name an address or a person, and a time of day.

    Everything below such a head is somebody else's, as below a known one without `>` marks.
    """
    lines = state.lines
    for index, line in enumerate(lines):
        if state.labels[index] is not Label.NEW or line.blank:
            continue
        content = _head_ends(state, index)
        if content and "@" not in line.text and not names_time(line.text) and _in_form(lines, index):
            continue
        if content or _block(state, index) or (addressed_name(line.text) and date_below(lines, index)) or _ruled(state, index):
            end = _end_of_new(state, index)
            if content and end < len(lines) and lines[end].depth > 0:
                state.set(index, content, label, "unknown-head")
                continue
            state.set(index, end, label, "unknown-head")
            state.doubts.append("unknown-head")
            return


def label_announced_copies(state: Labelling, label: Label) -> None:
    """What stands below a heading that announces a copy in words, as receipts and reports have it; never called certain."""
    lines = state.lines
    said = 0
    for index, line in enumerate(lines):
        if state.labels[index] is not Label.NEW or line.blank:
            continue
        if (
            said >= _FEWEST_WORDS
            and heads_copy(line.text)
            and not _in_form(lines, index)
            and _words_below(state, index + 1) >= _FEWEST_WORDS
        ):
            state.set(index, _end_of_new(state, index), label, "announced-copy")
            state.doubts.append("announced-copy")
            return
        said += len(line.text.split()) if line.text.isascii() else max(len(line.text.split()), len(line.text) // 4)


def _in_form(lines: Sequence[Line], index: int) -> bool:
    """Whether labels stand above a line: "Your name: Jane", then "Your message:"."""
    if any(line.text.endswith((":", "：")) and len(line.text.split()) <= _MOST_LABEL_WORDS for line in lines[:index]):
        return True
    above = next((other.text for other in reversed(lines[max(0, index - 3) : index]) if not other.blank), "")
    return bool(_LABELLED.fullmatch(above)) and "@" not in above.partition(":")[0]


def _words_below(state: Labelling, start: int) -> int:
    below = zip(state.lines[start : start + _MOST_LOOKED], state.labels[start : start + _MOST_LOOKED], strict=True)
    return sum(len(line.text.split()) for line, label in below if label is Label.NEW)


def _head_ends(state: Labelling, index: int) -> int:
    """The line after a head that begins at a line; 0 where none does. A head may be wrapped where it names an address."""
    lines = state.lines
    begins = index == 0 or lines[index - 1].blank or state.labels[index - 1] is not Label.NEW
    text = lines[index].text
    if names_message(text) and (begins or text[-1] in ":：>"):
        return index + 1
    if not begins:
        return 0
    if text[0] not in "-*" and not text[0].islower() and names_writer(text) and _says(state, index + 1):
        return index + 1
    for end in range(index + 1, min(index + _MOST_HEAD_LINES, len(lines))):
        if lines[end].blank or state.labels[end] is not Label.NEW or names_message(lines[end].text):
            return 0
        text = f"{text} {lines[end].text}"
        if "@" in text and names_message(text):
            return end + 1
    return 0


def _says(state: Labelling, start: int) -> bool:
    """Whether the new lines below a head are more than the rest of a list."""
    below = zip(state.lines[start : start + _MOST_LOOKED], state.labels[start : start + _MOST_LOOKED], strict=True)
    letter = [line.text for line, label in below if label is Label.NEW and not line.blank]
    return sum(len(text.split()) for text in letter) >= _FEWEST_WORDS and not all(text[0].isdigit() for text in letter)


def _block(state: Labelling, index: int) -> bool:
    """Three or more lines "Label: value" that follow each other, an address in one value and a time of day in another."""
    values: list[str] = []
    known: list[str | None] = []
    for at in range(index, min(index + _MOST_BLOCK, len(state.lines))):
        found = _LABELLED.fullmatch(state.lines[at].text) if state.labels[at] is Label.NEW else None
        if found is None:
            break
        values.append(found["value"])
        named = header_field(state.lines[at].text)
        known.append(named[0] if named else None)
    if all(known) and "from" not in known:
        return False  # "To: …, Subject: …, Sent: …": a report says of which mail it speaks
    addressed = [value for value in values if _ADDRESS.search(value)]
    return (
        len(values) >= _FEWEST_LABELS
        and bool(addressed)
        and any(
            _CLOCK.search(value) and (_YEAR.search(value) or date_alone(value)) for value in values if value not in addressed
        )
    )


def _ruled(state: Labelling, index: int) -> bool:
    """A rule across the mail, and a letter below it that begins with its greeting."""
    if not is_rule_line(state.lines[index].text):
        return False
    below = next((line.text for line in state.lines[index + 1 : index + 4] if not line.blank), "")
    return greets(below) and not any(map(greets, (line.text for line in state.lines[max(0, index - 1) : index])))


def label_ticket_history(state: Labelling) -> None:
    """A ticket desk's mail: its reply marker, then entries under a name and a date, the newest first.

    The newest entry may stand above the first head, or under it where only the desk's own notice stands above. Where words
    stand above the marker, they answer the desk's mail: all that is below is quoted.
    """
    lines, labels = state.lines, state.labels
    marker = next((at for at, line in enumerate(lines[:_MOST_ABOVE_MARKER]) if is_reply_marker(line.text)), None)
    if marker is None:
        return
    if any(labels[at] is Label.NEW and any(map(str.isalnum, lines[at].text)) for at in range(marker)):
        if labels[marker] is Label.NEW:
            state.set(marker, len(lines), Label.QUOTED, "reply-marker")
            state.doubts.append("ticket-history")
        return
    heads = [found for at in range(marker + 1, len(lines)) if (found := _entry_head(state, at))]
    if not heads:
        return
    above = [at for at in range(marker + 1, heads[0][0]) if not lines[at].blank and not is_rule_line(lines[at].text)]
    if all(_TICKET_NOTICE.match(lines[at].text) for at in above):
        state.set(marker + 1, heads[0][1], Label.FOOTER, "ticket-entry")
        _unmark(state, heads[0][1], heads[1][0] if len(heads) > 1 else len(lines))
        del heads[0]
    if heads:
        state.set(heads[0][0], len(lines), Label.QUOTED, "ticket-history")
        state.doubts.append("ticket-history")


def _unmark(state: Labelling, start: int, end: int) -> None:
    """Some desks indent every entry, the newest too: what stands under the first head alone is new."""
    worded = [index for index in range(start, end) if not state.lines[index].blank]
    if worded and all(state.rules[index] == "marks" and state.lines[index].depth == 1 for index in worded):
        state.set(start, end, Label.NEW, "ticket-entry")
        state.doubts.append("ticket-entry")


def _entry_head(state: Labelling, index: int) -> tuple[int, int] | None:
    """The lines of an entry's head that begins at a line: a name, then a date with a time of day, on one line or two."""
    lines = state.lines
    if state.labels[index] is Label.NEW and (names_message(lines[index].text) or _ENTRY_SAID.fullmatch(lines[index].text)):
        return index, index + 1
    if state.labels[index] is not Label.NEW or not _ENTRY_HEAD.fullmatch(lines[index].text):
        return None
    below = index + 1
    while below < min(len(lines), index + 3) and lines[below].blank:
        below += 1
    return (index, below + 1) if below < len(lines) and date_alone(lines[below].text) else None
