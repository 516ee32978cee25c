"""Automatic answers known by their words alone: out-of-office, receipts, ticket desks, calendars, challenges.

No single word is enough where people use it too. An absence counts with something that only an automatic answer adds, and
the more a text speaks of the trade or asks for something, the more of that it takes.
"""

import re

from supportbot.mail import machine_words as words

OUT_OF_OFFICE_PHRASE = "out-of-office-phrase"

_READ = 4000  # characters; a machine says what it is at the start
_LEADING_TAG = re.compile(
    r"(?:[\[(【<*]{1,4}\s?(?:ext(?:ern(?:al|e|o)?)?|external sender|spam|caution|bulk)\s?[\])】>*]{1,4}[:\s]{0,4}){1,3}"
)
_EXCLAIMED = re.compile(r"out of (?:the )?office\s?!")  # no program puts an exclamation mark there
_LETTERS = re.compile(r"[^\W\d_]")


def subject_reason(subject: str, text: str) -> str | None:
    """What the subject says, as a short name. `text` is the newly written text: a calendar's answer needs its words."""
    title = " ".join(subject[:300].split()).lower()
    title = _LEADING_TAG.sub("", title, count=1).lstrip("[*(<\"' ")
    absent = words.ABSENCE_SUBJECT.match(title) is not None and not (_EXCLAIMED.match(title) and answers_as_a_person(text))
    if absent or words.WEAK_ABSENCE_SUBJECT.match(title):
        return "out-of-office-subject"
    if words.RECEIPT_SUBJECT.match(title):
        return "read-receipt"
    if words.CALENDAR_SUBJECT.match(title) and _answers_invitation(title, text):
        return "calendar-reply"
    if words.TICKET_SUBJECT.match(title.removeprefix("re: ").removeprefix("aw: ").lstrip("[( ")):
        return "ticket-receipt"
    if words.CHALLENGE_SUBJECT.match(title):
        return "challenge-response"
    return "report" if words.DMARC_SUBJECT.match(title) else None


def answers_as_a_person(text: str) -> bool:
    """Whether somebody decides about the trade in these words, and no newsletter or automatic answer surrounds them."""
    folded = " ".join(text[:_READ].split()).lower().replace("’", "'")
    decides = words.DECIDES.search(folded) is not None and words.TRADE.search(folded) is not None
    return decides and words.NEWSLETTER.search(folded) is None and text_reason(text) is None


def _answers_invitation(title: str, text: str) -> bool:
    """People too write "Accepted: the re-billing"; a calendar says nothing else, or names the meeting and its time."""
    return (
        not _LETTERS.search(text)
        or words.CALENDAR_DATE.search(title) is not None
        or words.CALENDAR_WORDS.search(" ".join(text[:1000].split()).lower()) is not None
    )


def text_reason(body: str) -> str | None:
    """What the newly written text says, as a short name; None where a person may have written it."""
    text = " ".join(body[:_READ].split()).lower().replace("’", "'")
    if words.AWAY.found_in(text) and _is_automatic_absence(text):
        return OUT_OF_OFFICE_PHRASE
    if words.TAKEN_DOWN.found_in(text) and _is_receipt(text):
        return "ticket-receipt"
    if _names_a_way(text) and words.CHALLENGE.found_in(text):
        return "challenge-response"
    return "says-automatic" if words.AUTOMATIC.found_in(text) else None


def _is_automatic_absence(text: str) -> bool:
    """Who asks or decides something may be a person: then all that an automatic answer adds has to be there, or most of it."""
    adds = sum(pattern.search(text) is not None for pattern in words.AWAY_ADDS)
    acts = words.ASKS.search(text) is not None or words.DECIDES.search(text) is not None
    if adds and not acts and words.OFFICE.search(text):
        return True
    return adds >= 1 + (words.TRADE.search(text) is not None) + acts


def _is_receipt(text: str) -> bool:
    """A desk's receipt names a number or says when somebody will answer, and asks and decides nothing."""
    says = (words.DESK_NUMBER.search(text) is not None) + (words.DESK_PROMISE.search(text) is not None)
    says += words.AUTOMATIC.found_in(text)
    return says > 1 or (
        says == 1 and len(text) < 600 and words.ASKS.search(text) is None and words.DECIDES.search(text) is None
    )


def _names_a_way(text: str) -> bool:
    """A challenge offers a link or a reply by which the mail is let through."""
    return "http" in text or "click" in text or "reply" in text or "link" in text or "klick" in text or "répond" in text
