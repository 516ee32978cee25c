"""Automatic answers known by their words alone: out-of-office, receipts, ticket desks, calendars, challenges, filters.

No single word is enough where people use it too. An absence counts with something that only an automatic answer adds, and
the more a text speaks of the trade or asks for something, the more of that it takes.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from supportbot.mail import absence_words as absence
from supportbot.mail import desk_words as desk
from supportbot.mail import hints
from supportbot.mail import machine_words as machine
from supportbot.mail import people_words as people

OUT_OF_OFFICE_PHRASE = "out-of-office-phrase"
# What the words of a machine that answers us are called; the other reasons fit notices too.
ANSWERS = frozenset(
    {OUT_OF_OFFICE_PHRASE, "ticket-receipt", "challenge-response", "read-receipt", "calendar-reply", "filter-report"}
)

_READ = 4000  # characters; a machine says what it is at the start
_LEADING_TAG = re.compile(
    r"(?:[\[(【<*]{1,4}\s?(?:ext(?:ern(?:al|e|o)?)?|external sender|spam|caution|bulk)\s?[\])】>*]{1,4}[:\s]{0,4}){1,3}"
)
_DIRECTION = re.compile(r"(?:(?:re|aw|antw|sv|vs|odp|rif|res|ynt)\s?:\s?){1,3}")
# Questions of desks and of absences that nobody is meant to answer.
_RHETORICAL = re.compile(
    r"(?:did you know|wussten sie|saviez-vous|sabías|sapeva|wist u)[^?.!]{0,120}\?|"
    r"(?:urgent|is it urgent|ist es dringend|est-ce urgent|dringend|questions|fragen|haben sie fragen|need help|"
    r"do you need help|"
    r"une question|une urgence|¿dudas|¿urgente|domande|vragen|haast)[^?.!]{0,24}\?"
)
# The subject of the mail that a machine speaks of, between quotation marks.
_TITLE = re.compile(r"«[^«»]{1,200}»|„[^„“”]{1,200}[“”]|“[^“”]{1,200}”|\"[^\"]{1,200}\"|「[^「」]{1,200}」|『[^『』]{1,200}』")
_CONDITION = re.compile(
    r"\b(?:if|should|falls|wenn|sollten?|si|se|als|indien|jeśli|jeżeli|om|hvis|jos|pokud|eğer|если)\b[^.!?;]{0,120}"
)
_LETTERS = re.compile(r"[^\W\d_]")
_SHORT = 700  # characters of a text that says one thing
_OPENING = 450
_LONG = 2000  # characters of a text that says many


def subject_reason(subject: str, text: str) -> str | None:
    """What the subject says, as a short name. `text` is the newly written text: what people say goes before a weak subject."""
    title = " ".join(subject[:300].split()).lower().replace("’", "'")
    title = _LEADING_TAG.sub("", title, count=1).lstrip("[*(<\"' ")
    if absence.ABSENCE_SUBJECT.match(title):
        return "out-of-office-subject"
    stated = absence.STATED_SUBJECT.match(title) or absence.WEAK_ABSENCE_SUBJECT.match(title)
    if stated and not _is_persons(_flat(text)):
        return "out-of-office-subject"
    if machine.RECEIPT_SUBJECT.match(title) and not _is_persons(_flat(text)):
        return "read-receipt"
    if machine.CALENDAR_SUBJECT.match(title) and _answers_invitation(title, text):
        return "calendar-reply"
    titled = desk.TICKET_SUBJECT.match(_DIRECTION.sub("", title, count=1).lstrip("[( "))
    if (titled and not _complains(_opening(text))) or _is_tagged_receipt(title, text):
        return "ticket-receipt"
    if machine.CHALLENGE_SUBJECT.match(title):
        return "challenge-response"
    if desk.SURVEY_SUBJECT.match(title) and desk.NOTIFIES.found_in(_flat(text)):
        return "says-automatic"
    if machine.FILTER_SUBJECT.match(title) and not _is_persons(_flat(text)):
        return "filter-report"
    return "report" if machine.DMARC_SUBJECT.match(title) else None


def _is_tagged_receipt(title: str, text: str) -> bool:
    """Whether the subject bears a desk's number and the text begins by saying that something was taken down."""
    if desk.TICKET_TAG.search(title) is None:
        return False
    opening = _opening(text)
    return desk.TAKEN_DOWN.found_in(opening) and not _is_persons(opening)


def _complains(opening: str) -> bool:
    """Whether somebody speaks for himself and asks, under a subject that he took from a desk, which took nothing down here."""
    asks = people.FIRST_PERSON.search(opening) is not None and people.ASKS.search(opening) is not None
    return asks and not desk.TAKEN_DOWN.found_in(opening) and not machine.AUTOMATIC.found_in(opening)


def answers_as_a_person(text: str) -> bool:
    """Whether somebody decides about the trade in these words, and no newsletter or automatic answer surrounds them."""
    said = _flat(text)
    decides = _decides(said) and _trades(said)
    return decides and machine.NEWSLETTER.search(said) is None and text_reason(text) is None


def is_sent_to_many(text: str, below: str, *, marked: bool) -> bool:
    """Whether a mail says that many get it. `marked`: its header offers to unsubscribe; without it, more has to be said."""
    if marked:
        return machine.NEWSLETTER.search(" ".join(text[-6000:].split()).lower()) is not None
    said = _flat(text)
    speaks = people.FIRST_PERSON.search(said) is not None or _is_persons(said)
    if speaks:
        return False
    end = _flat(text[-2500:] + " " + below[-1500:])
    return machine.NEWSLETTER.search(end) is not None and machine.SUBSCRIBED.search(end) is not None


def _answers_invitation(title: str, text: str) -> bool:
    """People too write "Accepted: the re-billing"; a calendar says nothing else, or names the meeting and its time."""
    said = _flat(text[:1000])
    return (
        not _LETTERS.search(text)
        or machine.CALENDAR_DATE.search(title) is not None
        or (machine.CALENDAR_WORDS.search(said) is not None and people.FIRST_PERSON.search(said) is None)
        or machine.CALENDAR_LINE.fullmatch(said.strip(" .")) is not None
    )


def text_reason(body: str) -> str | None:
    """What the newly written text says, as a short name; None where a person may have written it."""
    text = _flat(body)
    if machine.RECEIPT.found_in(text) and not _is_persons(text):
        return "read-receipt"
    if absence.AWAY.found_in(text) and _is_automatic_absence(text):
        return OUT_OF_OFFICE_PHRASE
    if desk.TAKEN_DOWN.found_in(text) and (_is_receipt(text) or _is_receipt(_opening(body))):
        return "ticket-receipt"
    if len(body) < _LONG and _names_a_way(text) and machine.CHALLENGE.found_in(text) and not _speaks_of_trade(text):
        return "challenge-response"
    if machine.FILTERED.found_in(text) and not _is_persons(text) and not people.FIRST_PERSON.search(text):
        return "filter-report"
    if desk.NOTIFIES.found_in(text) and not people.FIRST_PERSON.search(text.replace("i'm satisfied", "")):
        return "says-automatic"
    if machine.AUTOMATIC.found_in(text) and not _is_persons(text):
        return "says-automatic"
    return _by_hints(text) if len(body) < _SHORT else None


def _by_hints(text: str) -> str | None:
    """What single words of different kinds say together, in a short text that says nothing a person would write us for."""
    if _acts(text) or people.REPORTS.search(text) or _tells_facts(text):
        return None
    needed = 2 + _trades(text)
    if _count(hints.ABSENT, _CONDITION.sub("", text)):
        adds = (hints.DAY, hints.MAIL, hints.STAND_IN, hints.LATER, hints.THANKS)
        needed += 2 * (hints.THIRD_PARTY.search(text) is not None)
        return OUT_OF_OFFICE_PHRASE if _count(adds, text) >= needed else None
    if people.FIRST_PERSON.search(text) or not hints.YOUR.search(text):
        return None
    return "ticket-receipt" if _count((hints.TAKEN, hints.CASE, hints.WAIT, hints.THANKS), text) >= needed else None


def _count(patterns: Iterable[re.Pattern[str]], text: str) -> int:
    return sum(pattern.search(text) is not None for pattern in patterns)


def _acts(text: str) -> bool:
    """Whether somebody asks for something, or decides it."""
    return _asks(text) or _decides(text)


@lru_cache(maxsize=4)
def _asks(text: str) -> bool:
    return people.ASKS.search(text) is not None


@lru_cache(maxsize=4)
def _decides(text: str) -> bool:
    return people.DECIDES.search(text) is not None


@lru_cache(maxsize=4)
def _trades(text: str) -> bool:
    return people.TRADE.search(text) is not None


@lru_cache(maxsize=4)  # each mail is asked about from several sides
def _flat(text: str) -> str:
    folded = " ".join(text[:_READ].split()).lower().replace("’", "'")
    return _RHETORICAL.sub("", _TITLE.sub("…", folded))


def _opening(text: str) -> str:
    """The first paragraphs: a desk says there what it took down, whatever it repeats below."""
    head = text.lstrip()[:_OPENING]
    if len(head) == _OPENING:
        head = head[: max(head.rfind("\n\n"), 0) or _OPENING]
    return _flat(head)


def _tells_facts(text: str) -> bool:
    """Whether somebody says what became of the parcel; not what would be, if it had gone."""
    return people.FACTS.search(_CONDITION.sub("", text)) is not None


@lru_cache(maxsize=4)
def _is_persons(text: str) -> bool:
    """Whether somebody decides something, or asks for something that has to do with the trade."""
    return _decides(text) or _speaks_of_trade(text)


def _speaks_of_trade(text: str) -> bool:
    return _asks(text) and _trades(text)


def _is_automatic_absence(text: str) -> bool:
    """Who asks or decides something may be a person: then all that an automatic answer adds has to be there, or most of it."""
    if _tells_facts(text):
        return False
    adds, acts = _count(absence.AWAY_ADDS, text), _acts(text)
    third = hints.THIRD_PARTY.search(text) is not None
    if not acts and not third and len(text) < _SHORT and not _trades(text):
        adds += hints.DAY.search(text) is not None
    if adds and not acts and absence.OFFICE.search(text):
        return True
    return adds >= 1 + _trades(text) + acts


def _is_receipt(text: str) -> bool:
    """A desk's receipt names a number or says when somebody will answer, and asks and decides nothing."""
    says = (desk.DESK_NUMBER.search(text) is not None) + (desk.DESK_PROMISE.search(text) is not None)
    says += machine.AUTOMATIC.found_in(text)
    return says > 1 or (says == 1 and len(text) < _SHORT and not _acts(text))


def _names_a_way(text: str) -> bool:
    """A challenge offers a link or a reply by which the mail is let through."""
    return any(way in text for way in machine.WAYS)
