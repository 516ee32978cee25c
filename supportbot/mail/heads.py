"""Lines that head somebody else's message in words that nobody listed: a person or an address, and a time, and no sentence.

`attribution` and `blocks` know what programs write in the languages of `idioms`. Here structure alone tells: once dates,
clocks and addresses are taken away, a head has a name left, a sentence has verbs.
"""

import re
from collections.abc import Sequence
from itertools import islice

from supportbot.mail.attribution import VERBS
from supportbot.mail.blocks import Block, date_alone
from supportbot.mail.card import is_name
from supportbot.mail.idioms import IDIOMS
from supportbot.mail.lines import Line

_DIGIT = re.compile(r"\d")
_LONGEST_DATE = 40  # characters
_MOST_HEAD = 300  # characters
_MOST_NAME_WORDS, _MOST_PLAIN_WORDS, _MOST_WORDS, _MOST_PLAIN_LINE = 6, 2, 10, 25
_CLOCK = re.compile(r"(?<![\d.,])(?:2[0-3]|[01]?\d)[:.h時点]\s?[0-5]\d(?![\d%]|[.,]\d)")
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)")
_DAY = re.compile(
    r"(?<![\d.,/-])(?:[12]\d|3[01]|0?[1-9])(?:[/-](?:1[0-2]|0?[1-9])|\.(?:1[0-2]|0?[1-9])\.)(?![\d/%-])|\d{1,2}月\s?\d{1,2}日"
)
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}")
_BRACKETED = re.compile(r"[<(\[][^\s<>@()]{1,100}@[^\s<>@()]{1,100}[>)\]]")
_ADDRESSED_NAME = re.compile(r"[\"']?[^\W\d_][^<>@\n]{1,80}[\"']?\s?[<(\[][^\s<>@]{1,100}@[^\s<>@]{1,100}[>)\]]")
_WORDS = re.compile(r"[^\s,;:()\[\]<>|·•/*_~=\"'«»„“”、（）]+")
_ASIDE = re.compile(r"\s?[(\[][^()\[\]@]{1,40}[)\]]")  # "Jane Doe (Acme)"
_MOST_SIGNS = 4
_NAME_AND_DATE = re.compile(r",? [-–—|·(] ?|, (?=\S{0,12}\s?\d)")
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？")
_VERB = re.compile(rf"(?:{'|'.join(map(re.escape, VERBS))})(?!\w)", re.IGNORECASE)
_QUOTING = re.compile(
    r"(?:quoting|quoted from|zitat von|citando|mensaje citado por|en cita de|cita(?:t|zione|tion)? (?:de|di|från|fra|av)|"
    r"citerar|citeren van|als antwort auf|in (?:reply to|risposta a)|en (?:réponse à|respuesta a)|cytat od|cytowanie)\b",
    re.IGNORECASE,
)
_YOU_WROTE = re.compile(
    r"(?:you wrote|you said|your message|your original message|sie schrieben|ihre nachricht|vous avez écrit|votre message|"
    r"usted escribió|su mensaje|lei ha scritto|il (?:suo|tuo) messaggio|u schreef|uw bericht|você escreveu|sua mensagem|"
    r"(?:państwa|twoja) wiadomość)\s?[:：]",
    re.IGNORECASE,
)
_SAID_BY = re.compile(
    r"(?:\b(?:customer|buyer|client|kund\w{0,4}|käufer\w{0,3}|acheteu[rs]e?|cliente|comprador|acquirente|klant|koper|klient\w{0,3}|"
    r"kupując\w{0,3})\b|お客様).{0,60}[:：]\Z",
    re.IGNORECASE,
)
_MESSAGE = re.compile(
    r"\b(?:message|reply|original|e-?mail|mail|text|quote|nachricht|antwort|schreiben|réponse|courriel|mensaje|respuesta|correo|"
    r"messaggio|risposta|bericht|antwoord|mensagem|resposta|wiadomoś\w{1,3}|odpowied\w{1,3})\b.{0,20}[:：]\Z",
    re.IGNORECASE,
)
_CITED = re.compile(  # "You asked:", "Your question:", "Zitat:"
    r"\b(?:asked|asks|question|quoted?|cited|fragten|fragst|frage|zitat|zitiert|demand(?:ez|iez|é)|question|citation|preguntó|pregunta|preguntan|"
    r"cita|chied\w{1,3}|chiesto|domanda|citazione|vroeg|vraagt|vraag|citaat|pergunt\w{1,4}|citação|pytani\w{1,2}|pyta\w{0,4}|cytat)"
    r"(?: .{1,20})?\s?[:：]\Z|(?:質問|引用).{0,6}[:：]\Z",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"\b(?:my|our|meine?\w?|unsere?\w?|mon|ma|mes|notre|mis?|nuestr\w|mi[oae]i?|nostr\w|mijn|onze?|meus?|minhas?|moj\w|nasz\w?)\b",
    re.IGNORECASE,
)
# Words that stand beside a date: months, days of the week by their first letters, and what joins them.
_MONTHS = frozenset(form for idiom in IDIOMS for month in idiom.months.split() for form in month.split("|"))
_WEEKDAYS = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mart?|mer|mié|mie|jeu|jue|gio|ven|vie|vier|sam|sáb|sab|dim|dom|mo|di|mi|do|fr|sa|so|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|ma|wo|za|zo|seg|ter|qua|qui|sex|pon|wt|śr|czw|pt|sob|niedz|"
    r"\w{2,12}day|\w{3,10}dag|\w{3,8}(?:di|edi|edì))",
    re.IGNORECASE,
)
_JOINING = frozenset(
    "at on um am om à a as às le el il la las les op en em den de del der d kl klo o godz uhr h hrs pm am gmt utc cet cest mez mesz "  # noqa: SIM905
    "est edt pst pdt bst ist jst ore alle heures heure r g w dnia the of von from by".split()
)


def names_message(text: str) -> bool:
    """Whether a line heads a message: it names an address or a person, and a time.

    "Στις Δευ, 2 Νοε 2026 στις 16:15 ο χρήστης Jane <j@example.org> έγραψε:", "Jane Doe, 2 Nov 2026 16:15".
    """
    if not _may_name(text):
        return False
    if _YOU_WROTE.fullmatch(text):
        return True
    if not 6 <= len(text) <= _MOST_HEAD or (text[0].islower() and not _begins_small(text)):
        return False  # a program begins its line with a capital or a digit; "am Montag um 10:15 schrieb mir UPS:" is told
    if _named_and_dated(text):
        return True
    if text[0].islower() and not text.endswith((":", "：")):
        return False  # reports name a recipient and a time so
    ends = text.endswith((":", "：", ":>"))
    if ends and _QUOTING.match(text) and "@" in text:
        return True  # Horde names no time
    dated = bool(_YEAR.search(text)) and bool(_CLOCK.search(text))
    if ends and len(text) >= 20 and dated:
        left = _left(text) if text[0].islower() else []
        if text[0].islower() and "@" not in text:
            return len(left) <= 1 or (len(left) <= _MOST_NAME_WORDS and not any(word[0].islower() for word in left))
        return (
            "@" in text or sum(word[:1].isupper() for word in text.split()) > 1 or not text.isascii() or len(_left(text)) <= 1
        )
    if not dated or text.endswith(_SENTENCE_ENDS):
        return False
    if _BRACKETED.search(text) or (_ADDRESS.search(text) and len(_left(text)) <= 1):
        left = _left(text)
        return len(left) <= _MOST_WORDS and sum(word[0].islower() for word in left) <= _MOST_PLAIN_WORDS
    return text[0] in "[|*(" and _is_name_of(_left(text), least=1)


def _begins_small(text: str) -> bool:
    """Whether a line in small letters begins with an address or with a day of the week, as programs write them."""
    first = text.split(None, 1)[0]
    return "@" in first or (bool(_WEEKDAYS.fullmatch(first.strip(".,"))) and bool(_DIGIT.search(text[:40])))


def may_name_message(text: str) -> bool:
    """Whether a line may head a message: enough where a quote follows, and a reason to doubt where none is marked."""
    if not 4 <= len(text) <= _MOST_HEAD or not _may_name(text):
        return False
    address, clock = "@" in text and bool(_ADDRESS.search(text)), bool(_CLOCK.search(text))
    day = bool(_YEAR.search(text) or _DAY.search(text)) or _has_month(text)
    if text.endswith((":", "：", ":>", ">>>")) and (
        clock or day or (address and _left(text))
    ):  # not a bounce's "<j@example.org>:"
        return len(text.split()) <= _MOST_PLAIN_LINE
    if text.endswith(_SENTENCE_ENDS):
        return False
    left = _left(text)
    if address and sum(word[0].islower() for word in left) <= 1 and (_BRACKETED.search(text) or clock or day):
        return True
    named = (clock or day) and text.count(": ") < 2 and _is_name_of(left, least=1 if clock and day else 2)
    return named or _says_who_wrote(text, left)


def _may_name(text: str) -> bool:
    """Whether a line holds a number or an address, or announces something: cheap, says yes too often."""
    return text.endswith((":", "：", ">")) or "@" in text or bool(_DIGIT.search(text))


def names_writer(text: str) -> bool:
    """Whether a line that may head a message does so with an address or a verb of writing, and a time."""
    if text.endswith(_SENTENCE_ENDS) or len(text) > _MOST_HEAD:
        return False  # a sentence: most lines are
    return names_time(text) and may_name_message(text) and (bool(_ADDRESS.search(text)) or _says_who_wrote(text, _left(text)))


def names_time(text: str) -> bool:
    """Whether a line names a day or a time of day."""
    if not _DIGIT.search(text):
        return False
    return bool(_CLOCK.search(text) or _YEAR.search(text) or _DAY.search(text)) or _has_month(text)


def names_day_and_clock(text: str) -> bool:
    """Whether a line names a day in full and a time of day."""
    return bool(_YEAR.search(text)) and bool(_CLOCK.search(text))


def writes(text: str) -> bool:
    """Whether a line holds a verb of writing as the heads of quotes have it."""
    return _VERB.search(text) is not None


def _says_who_wrote(text: str, left: Sequence[str]) -> bool:
    """ "Jane Doe wrote on 5 November", in any of the languages of `idioms`."""
    return (
        len(left) <= 2 * _MOST_NAME_WORDS and bool(_VERB.search(text)) and any(word[0].isupper() for word in left[:-1] or left)
    )


def announces_words(text: str) -> bool:
    """ "Here is what the customer wrote:", "Message reçu :" """
    end = text[-120:]
    if end[-1] not in ":：":
        return False
    return bool(_SAID_BY.search(end)) or bool((_MESSAGE.search(end) or _CITED.search(end)) and not _MINE.search(end))


def dates_only(text: str) -> bool:
    """Whether a line is a day or a time of day and nothing else."""
    return len(text) <= _LONGEST_DATE and names_time(text) and not _left(text)


def dated_name(text: str) -> bool:
    """Whether a line is a full date and time and a name of a word or two, in whatever letters: "support, 2 Nov 2026 16:05"."""
    if len(text) > _LONGEST_DATE + 40 or text.endswith(_SENTENCE_ENDS) or not (_YEAR.search(text) and _CLOCK.search(text)):
        return False
    return len(_left(text)) <= _MOST_PLAIN_WORDS


def addressed_name(text: str) -> bool:
    """ "Jane Doe <j@example.org>" and nothing else."""
    return len(text) <= _MOST_HEAD and bool(_ADDRESSED_NAME.fullmatch(text))


def date_below(lines: Sequence[Line], index: int) -> bool:
    """Whether a date with a time of day stands alone on one of the next lines."""
    return any(not line.blank and bool(date_alone(line.text)) for line in lines[index + 1 : index + 4])


def card_block(lines: Sequence[Line], index: int) -> Block | None:
    """An entry of a history, as desks and people copy it: "Jane Doe <j@example.org>, Nov 8, 2026, 19:02 GMT"."""
    text = lines[index].text
    if "@" not in text or len(text) > _MOST_HEAD:
        return None
    address = _ADDRESSED_NAME.match(text) or _ADDRESS.match(text)
    when = text[address.end() :].strip(" ,|·-–—:()>") if address else ""
    if address is None or not (_YEAR.search(when) and _CLOCK.search(when)) or len(_left(when)) > 1:
        return None
    return {"from": address.group().strip(" ,"), "date": when}, index + 1, lines[index].depth


def _named_and_dated(text: str) -> bool:
    """ "Jane Doe, 2 Nov 2026 16:15" and "Jane Doe <j@example.org>, Nov 2, 2026, 16:15 GMT" """
    if not _YEAR.search(text[:200]):
        return False
    for sign in islice(_NAME_AND_DATE.finditer(text[:200]), _MOST_SIGNS):
        name, when = _ASIDE.sub("", text[: sign.start()]).strip(), text[sign.end() : 200]
        known = is_name(name) or _ADDRESSED_NAME.fullmatch(text[: sign.start()]) or _ADDRESS.fullmatch(name)
        if known and _YEAR.search(when) and date_alone(when.rstrip(")")):
            return True
    return False


def _left(text: str) -> list[str]:
    """The words of a line that are neither part of a date, nor an address, nor what joins them."""
    words = (word.strip(".-–—!") for word in _WORDS.findall(text[:_MOST_HEAD]))
    return [
        word
        for word in words
        if word
        and "@" not in word
        and not any(map(str.isdigit, word))
        and word.casefold() not in _JOINING
        and word.casefold() not in _MONTHS
        and not _WEEKDAYS.fullmatch(word)
    ]


def _has_month(text: str) -> bool:
    """Whether the name of a month stands beside a number."""
    if not _DIGIT.search(text):
        return False
    words = [word.strip(".").casefold() for word in _WORDS.findall(text[:_MOST_HEAD])]
    numbers = [word[:1].isdigit() for word in words]
    return any(word in _MONTHS and any(numbers[max(0, at - 1) : at + 2]) for at, word in enumerate(words))


def _is_name_of(words: Sequence[str], *, least: int) -> bool:
    return least <= len(words) <= _MOST_NAME_WORDS and not any(word[0].islower() for word in words)
