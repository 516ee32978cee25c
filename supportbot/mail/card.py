"""The business card at the end of what a sender wrote, where no `-- ` announces it: name, firm, telephone, registers."""

import re
from collections.abc import Sequence
from functools import lru_cache

from supportbot.mail.lines import Line

_MAX_CARD_LINES = 20
_MAX_CLOSING = 60  # characters
_LONG_LINE = 110  # characters: prose, not a line of a card

# Words that a closing line holds, and lines that are one as they stand.
_CLOSING_WORDS = re.compile(
    r"\b(?:regards|wishes|sincerely|faithfully|yours truly|gr(?:ü|ue)(?:ß|ss)(?:e|en|le)?|gru(?:ß|ss)|hochachtungsvoll|salutations|"
    r"cordialement|respectueusement|sincères|sentiments|bien à vous|cdlt|cdt|saludos?|atentamente|cordiales|cordiali|saluti|ossequi|"
    r"groet(?:en|jes)?|hoogachtend|cumprimentos|atenciosamente|abraços?|pozdraw\w+|z poważaniem|wyrazami szacunku|hälsning(?:ar)?|hilsen|hilsner|pozdrav\w*|s úctou|"
    r"üdvözlettel|tisztelettel|terveisin|уважением|saygılar\w*|"
    r"mvh|mfg|rgds|brgds|mvg)\b|敬具|此致|敬礼|祝好|商祺|よろしくお願い|宜しくお願い|以上|草々",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"(?:many |kind )?thanks(?: (?:again|in advance|a lot|so much|and (?:best|kind).{0,20}))?|thank you(?: (?:again|very much|"
    r"in advance))?|thx|cheers|best|warmly|yours(?: (?:truly|ever|always))?|all the best|take care|greetings(?: from .{2,30})?|namaste|ta|(?:vielen |besten |herzlichen |lieben )?dank(?: (?:im voraus|vorab))?|danke"
    r"(?: im voraus)?|lg|vg|bg|von herzen|herzlich(?:st)?|alles (?:gute|liebe)|bis bald|amicalement|amitiés|bises|à bientôt|un abrazo|hasta pronto|a presto|"
    r"liefs|tot snel|até (?:breve|logo)|serdeczności|do usłyszenia|merci(?: (?:d'avance|beaucoup|par avance))?|(?:muchas )?gracias(?: de antemano)?|(?:mille )?grazie"
    r"(?: (?:mille|in anticipo))?|(?:alvast )?bedankt|dank u(?: wel)?|(?:muito )?obrigad[oa]|dziękuję|z góry dziękuję|bàv|tack",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"[\w.+-]@[\w.-]{1,100}\.\w{2,}|https?://|www\.|\b(?:tel|telephone|phone|fon|telefono?|fax|mobile?|mob|cell?|tél|portable|tfn?o?|t|"
    r"m|p|f|móvil|telefoon|handy|direct|durchwahl|kom|gsm|fixe|tlf|tlm|telem[óo]vel|puh|тел|моб|电话|電話|手机)\b\.?\s?:?\s?[+(]?\d[\d ()/.-]{4,30}|\+\d[\d ()/.-]{6,30}|[☎📞✆✉📧🌐]|"
    r"\b(?:gmbh|ltd|llc|inc|corp|s\.a\.|s\.l\.|s\.c\.|s\.?n\.?c\.?|s\.?a\.?s\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|sarl|b\.?v\.?|sp\. z o\.o\.|"
    r"e\.\s?k\.|ohg|kg|ug|gbr|plc|limited|ust-?id\S*|vat|hrb|hra|siret|siren|nif|cif|nip|regon|p\.\s?iva|kvk|btw|aps|a/s|oy|s\.\s?r\.\s?o\.|ltda?\.?|lda\.?|kft\.?|d\.o\.o\.|pty|ооо|cvr|org\.?\s?n(?:r|umme)r?|"
    r"ičo?|dič|y-tunnus|nipc|abn|gst)(?:\b|\s|$)|"
    r"(?:^|\s)[|•·]\s|株式会社|有限会社|〒|^\+?\d[\d ()/.-]{6,25}\d$",
    re.IGNORECASE,
)
# Where and when a firm is to be found: as good as a telephone, on a line of its own in a short block.
_PLACE = re.compile(
    r"\b(?:zimmer|raum|room|suite|floor|büro|bureau|ufficio|oficina|kamer|pokój|amt|abt\.?|abteilung|department|dept\.?|service (?:client|hours)|"
    r"servicezeiten|sprechzeiten|öffnungszeiten|bürozeiten|geschäftszeiten|office hours|opening hours|horaires?|heures d['’]ouverture|horario|orari\w*|openingstijden|"
    r"postfach|p\.?\s?o\.? box|bp|apartado|casella postale|postbus)\b[\s:.]{0,3}\d|\b(?:mo|mon|lun|di|tue|mar|ma)\w{0,6}\.?\s?(?:-|–|to|bis|à|au|a|al|t/m|do)\s?"
    r"(?:do|fr|thu|fri|jeu|ven|jue|vie|gio|vr|pt|pi)\w{0,6}\.?\b.{0,12}\d|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|(?:^|, |\| ?)(?:[A-Z]{1,3}-)?\d{4,5} [A-ZÀ-Þ][\w'’.-]{2,}|"
    r"\b\w{2,}(?:straße|strasse|str\.|weg|gasse|allee|platz|straat|laan|plein)\s?\d|\b\d{1,5}[a-z]?,? (?:rue|avenue|av\.|bd|boulevard|chemin|place|quai|[A-Z]\w+ "
    r"(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|way|close|court|blvd|square))\b|\b(?:calle|c/|via|viale|piazza|corso|rua|av\.|ul\.) [A-ZÀ-Þ][^,]{1,30},? \d|"
    r"\b[A-Z]{2} \d{5}(?:-\d{4})?$",
    re.IGNORECASE | re.MULTILINE,
)
# What somebody is to a firm: below their name as good as its telephone.
_ROLE = re.compile(
    r"\b(?:manager|director|head of|team ?lead(?:er)?|assistant|sales|customer (?:care|service|support|success)|support team|owner|founder|ceo|cfo|coo|"
    r"accounts?|logistics|dispatch|warehouse|partnerships?|leiter\w{0,3}|leitung|geschäftsführ\w{0,6}|inhaber\w{0,3}|vertrieb\w{0,12}|kunden(?:service|dienst|betreuung)|"
    r"versand\w{0,12}|buchhaltung|einkauf|responsable|gérant\w?|direct(?:eur|rice)|service (?:client|clients|commercial|après-vente|expédition)|"
    r"comptabilité|directora?|gerente|encargad[oa]|atención al cliente|ventas|almacén|titolare|responsabile|servizio clienti|ufficio \w{3,20}|magazzino|"
    r"eigenaar|eigenares|klantenservice|verkoop|magazijn|boekhouding|apoio ao cliente|atendimento(?: ao cliente)?|vendas|armazém|"
    r"lagerchef|lageransvarig|lagersjef|kundtjänst|kundeservice|ejer|eier|innehavare|indehaver|butikschef|vedoucí|jednatel\w{0,2}|skladu?|obchod|"
    r"chef de \w{3,12}|gestora? d[eao]|departamento|właściciel\w{0,3}|kierownik|dział\w?|obsługa klienta|biuro|magazyn)\b|代表|担当|営業部?|部長|課長|店長|カスタマー|サポート|经理|客服|销售|经销|менеджер|директор|склад",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:i|you|your|we|my|me|please|is|are|was|were|not|about|too|will|can|ich|sie|ihr|ihre|bitte|ist|sind|nicht|je|vous|votre|est|sont|"
    r"usted|es|son|sono|è|suo|uw|zijn|não|é|são|jest|są|proszę)\b",
    re.IGNORECASE,
)
_MOST_ROLE_LINES, _LONGEST_ROLE = 5, 60  # lines of a card without a telephone, characters of one
_SIGNED_FOR = re.compile(r"(?:i\.?\s?[av]\.?|ppa\.?|p\.?\s?p\.?|pp|p/o|per pro|f\.?d\.?r\.?)\s+", re.IGNORECASE)
_DRAWN = re.compile(r"([-_=*~+#.·•━─═☆★＝－〜◆◇■□▪])\1{4,}|(?:[-_=*~+.·•━─═☆★] ?){6,}")
# What stands below the data of a card: mottos in quotes, certificates, prizes, links to elsewhere.
_MOTTO = re.compile(
    r"^[\"“„«‘']|\s[|•·]\s|https?://|www\.|\b(?:follow us|find us|folgen sie|besuchen sie|suivez|síguenos|seguici|volg ons|siga-nos|certified|zertifi|certifi|award|voted|"
    r"member of|mitglied|proud|est\.? \d{4}|since \d{4}|seit \d{4}|depuis \d{4}|desde \d{4}|dal \d{4}|umwelt)",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.?\s?-?s\.?\s?[:.)\-–]", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_NAME_WORDS = 4
_MOST_MOTTO_LINES = 8
_SHORTEST_HOST = 4  # letters of a name that tells a firm


def find_card(lines: Sequence[Line], start: int, end: int, author: str, address: str = "") -> tuple[int, int] | None:
    """The lines of the card among those from `start` to `end`, or None.

    It begins below the closing ("Kind regards"); a name typed there in a paragraph of its own stays the sender's words. Without
    a closing it must begin with the sender's name, or stand in a box. Prose below it ("P.S.", second thoughts) is no part of it.
    """
    words = [index for index in range(start, end) if not lines[index].blank]
    tail = words[-_MAX_CARD_LINES - 2 :]
    closing = next((index for index in reversed(tail) if is_closing(lines[index].text)), None)
    if closing is not None and closing != words[-1]:
        return _below_closing(lines, [index for index in tail if index > closing], author, address)
    return (
        _boxed(lines, tail) or _named(lines, tail, author) or _below_name(lines, tail, author) or _address(lines, tail, address)
    )


@lru_cache(maxsize=256)
def is_closing(text: str) -> bool:
    """Whether a line takes leave: "Kind regards,", "Viele Grüße aus Köln"."""
    text = text.strip(" ,.!;-–—*_~")
    if not text or len(text) > _MAX_CLOSING or len(text.split()) > 9 or text.endswith("?"):
        return False
    leave, _, name = text.partition(",")
    if name and _CLOSINGS.fullmatch(leave.strip()) and is_name(name):
        return True  # "Yours, Alasdair Gillespie"
    return bool(_CLOSINGS.fullmatch(text) or (_CLOSING_WORDS.search(text) and not _CONTACT.search(text)))


def is_card(texts: Sequence[str]) -> bool:
    """Whether all lines are those of a card, at least one a telephone, an address, a register or a firm."""
    return bool(texts) and not any(map(_prose, texts)) and any(_CONTACT.search(text) for text in texts)


def _prose(text: str) -> bool:
    if len(text) > _LONG_LINE or _POSTSCRIPT.match(text) or text.endswith(("?", "？", "。")):
        return True
    words = [word for word in text.split() if word[0].isalpha()]
    small = sum(word[0].islower() for word in words)
    if text[-1:] in ".!" and small >= 2 and len(words) >= 3 and not _CONTACT.search(text):
        return True
    return len(words) >= 7 and small * 2 >= len(words) and not _CONTACT.search(text)


def is_name(text: str) -> bool:
    """Whether a line is a name and nothing else, as letters are signed: up to four words, the first in capitals."""
    words = _SIGNED_FOR.sub("", text.strip(" ,.!~*_-–—")).split()
    return (
        0 < len(words) <= _MOST_NAME_WORDS
        and words[0][0].isupper()
        and all(
            word[0].isupper() or word in ("de", "du", "van", "von", "der", "den", "la", "di", "da", "dos", "y", "e", "zu")
            for word in words
        )
        and not any(map(str.isdigit, text))
    )


def _below_closing(lines: Sequence[Line], below: Sequence[int], author: str, address: str) -> tuple[int, int] | None:
    first = below[0]
    typed = lines[first].text.strip(" ,.")
    paragraph = [index for index in below if all(not lines[at].blank for at in range(first, index))]
    if len(paragraph) == 1 and len(typed.split()) <= _MOST_NAME_WORDS and not _CONTACT.search(typed):
        below = below[1:]  # a name alone
    card: list[int] = []
    reached = False  # the telephone, address or firm: what stands in paragraphs below it must be such data too
    for index in below:
        text = lines[index].text
        if reached and _MOTTO.search(text):
            card.append(index)
            continue
        apart = reached and lines[index - 1].blank and not (_CONTACT.search(text) or _PLACE.search(text))
        if _prose(text) or (apart and not _goes_on([lines[other].text for other in below[below.index(index) :]])):
            break
        reached = reached or bool(_CONTACT.search(text))
        card.append(index)
    texts = [lines[index].text for index in card]
    repeated = len(texts) > 1 and bool(typed) and texts[0].casefold().startswith(typed.casefold()) and card[0] != first
    signed_for = 1 < len(texts) <= _MOST_MOTTO_LINES and any(_names_firm(text, author, address) for text in texts[1:])
    if card and (
        repeated
        or signed_for
        or (_names_role(texts) and (card[0] != first or (len(texts) > 1 and is_name(texts[0]))))
        or any(_CONTACT.search(text) or _PLACE.search(text) for text in texts)
    ):
        return card[0], card[-1] + 1
    return _introduced(lines, below, author)


def _names_firm(text: str, author: str, address: str) -> bool:
    """Whether a line holds the name the sender writes under, or that of their domain: whom they sign for."""
    words = _NAME_WORD.findall(author.casefold())
    host = max(address.rpartition("@")[2].casefold().split("."), key=len).replace("-", "")
    squashed = "".join(filter(str.isalnum, text.casefold()))
    own = len(words) > 1 and all(word in text.casefold() for word in words)
    return own or (len(host) > _SHORTEST_HOST and host in squashed)


def _address(lines: Sequence[Line], tail: Sequence[int], address: str) -> tuple[int, int] | None:
    """The sender's own address in a last paragraph of its own, as Foxmail adds it."""
    if len(tail) < 2 or not address or lines[tail[-1]].text.casefold() != address.casefold():
        return None
    apart = lines[tail[-1] - 1].blank and lines[tail[-2]].text[-1] not in ":："
    return (tail[-1], tail[-1] + 1) if apart else None


def _names_role(texts: Sequence[str]) -> bool:
    """Whether a few short lines say what the signer is: "Head of Logistics, Roe Pottery"."""
    short = len(texts) <= _MOST_ROLE_LINES and all(len(text) <= _LONGEST_ROLE and text[-1] not in ".!?:" for text in texts)
    return short and not any(map(_TOLD.search, texts)) and any(_ROLE.search(text) for text in texts)


def _goes_on(texts: Sequence[str]) -> bool:
    """Whether all that is left belongs to a card in several paragraphs: one of its lines is data, or all are labelled."""
    return is_card(texts) or all(": " in text or _DRAWN.fullmatch(text) or _CONTACT.search(text) for text in texts)


def _introduced(lines: Sequence[Line], below: Sequence[int], author: str) -> tuple[int, int] | None:
    """A last, short block that opens with the sender's full name again, and goes on about them: a trade, a motto."""
    names = _NAME_WORD.findall(author.casefold())
    for at, index in enumerate(below):
        text = lines[index].text.casefold().strip(" ~*_|-–—")
        if not (lines[index - 1].blank and len(names) > 1 and text.startswith((" ".join(names), f"{names[-1]}, {names[0]}"))):
            continue
        rest = below[at:]
        whole = 1 < len(rest) <= _MOST_MOTTO_LINES or (len(rest) == 1 and len(text.split()) > len(names) + 1)
        return (index, below[-1] + 1) if at and whole else None
    return None


def _below_name(lines: Sequence[Line], tail: Sequence[int], author: str) -> tuple[int, int] | None:
    """A block of data or a motto below a name that stands as the only farewell: "i. A. Pohl", then the office."""
    for at in range(len(tail) - 1, 0, -1):
        name = lines[tail[at - 1]]
        if not lines[tail[at] - 1].blank or not is_name(name.text):
            continue
        signed = _SIGNED_FOR.match(name.text) or set(_NAME_WORD.findall(name.text.casefold())) & set(
            _NAME_WORD.findall(author.casefold())
        )
        if not signed:
            continue
        texts = [lines[index].text for index in tail[at:]]
        data = not any(map(_prose, texts)) and any(_CONTACT.search(text) or _PLACE.search(text) for text in texts)
        return (tail[at], tail[-1] + 1) if data else _introduced(lines, tail[at - 1 :], author)
    return None


def _boxed(lines: Sequence[Line], tail: Sequence[int]) -> tuple[int, int] | None:
    for at, index in enumerate(tail):
        if _DRAWN.fullmatch(lines[index].text):
            inside = [lines[other].text for other in tail[at + 1 :] if not _DRAWN.fullmatch(lines[other].text)]
            if is_card(inside):
                return index, tail[-1] + 1
    return None


def _named(lines: Sequence[Line], tail: Sequence[int], author: str) -> tuple[int, int] | None:
    """A last paragraph that opens with the sender's own name, or with the name typed above it."""
    names = _NAME_WORD.findall(author.casefold())[:2]
    for at in range(len(tail) - 1, 0, -1):
        index = tail[at]
        if not lines[index - 1].blank:
            continue
        text = lines[index].text.casefold()
        typed = lines[tail[at - 1]].text.strip(" ,.").casefold()
        own = bool(names) and len(text) <= _MAX_CLOSING and all(name in text for name in names)
        again = bool(typed) and len(typed.split()) <= _MOST_NAME_WORDS and text.startswith(typed)
        if (own or again) and is_card([lines[other].text for other in tail[at:]]):
            return index, tail[-1] + 1
    return None
