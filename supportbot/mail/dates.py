"""The Date field (RFC 5322 sections 3.3 and 4.3), and what mail programs write in its place.

Nothing is decided by a date that a sender wrote (docs/spec/safety.md I16); it is shown, and it helps to find a mail.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from supportbot.mail.headers import decode_words, without_comments
from supportbot.mail.idioms import IDIOMS

MAX_DATE = 200  # characters

# English as RFC 5322 has it, and the languages whose mail programs wrongly translate it.
MONTHS = {
    name: number
    for idiom in reversed(IDIOMS)
    if idiom.months
    for number, names in enumerate(idiom.months.split(), start=1)
    for name in names.split("|")
}
# RFC 5322 section 4.3 and the zones that are common and mean one thing; any other name says nothing, so UTC (section 4.3).
_ZONES = {
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540,
    "AKDT": -480, "HST": -600, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "MEZ": 60,
    "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "JST": 540, "KST": 540, "HKT": 480, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780,
}  # fmt: skip

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\s?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?")
_DAY_FIRST = re.compile(
    r"(?:^|[\s,])(\d{1,2})\.?(?:\s|-|/)\s?(?:de\s)?([^\W\d_]{3,12})\.?(?:\s|-|/|,\s?)(?:de\s)?(\d{2,4})(?=[\s,T]|$)"
)
_MONTH_FIRST = re.compile(r"(?:^|[\s,])([^\W\d_]{3,12})\.?\s(\d{1,2})(?:,\s?|\s)(?:(\d{4}|\d{2}(?=\s\d{1,2}:))(?=[\s,]|$))?")
_CLOCK = re.compile(r"(?:^|[\sT,])(\d{1,2})\s?[:.]\s?(\d{2})(?:\s?[:.]\s?(\d{2})(?:[.,]\d{1,9})?)?(?:\s?([AaPp])\.?[Mm]\b\.?)?")
_OFFSET = re.compile(r"(?<!\d)([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)")
_NAME = re.compile(r"[A-Za-z]{1,5}")
_YEAR = re.compile(r"(?<![\d+:.-])(\d{4})(?=\s|$)")


def read_date(value: str | None) -> datetime | None:
    """The moment a Date field names, aware; None where it names none. What says no zone, or an unknown one, is read as UTC.

    Day names are not compared with the date: programs that write them wrongly write the date right.
    """
    if not value or len(value) > MAX_DATE:
        return None
    text = " ".join(without_comments(decode_words(value)).split())
    if (found := _ISO.match(text)) is not None:
        year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
        return _moment(year, month, day, hour, minute, second, text[found.end() :])
    found_day = _day(text)
    if found_day is None:
        return None
    year, month, day, rest = found_day
    clock = _CLOCK.search(rest)
    if clock is None:
        return _moment(year, month, day, 0, 0, 0, rest) if not rest.strip(" ,") else None
    hour, half = int(clock[1]), (clock[4] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _moment(year, month, day, hour, int(clock[2]), int(clock[3] or 0), rest[clock.end() :])


def _day(text: str) -> tuple[int, int, int, str] | None:
    """(year, month, day, the words after them)."""
    if (found := _DAY_FIRST.search(text)) is not None and (month := MONTHS.get(found[2].casefold())):
        return _full_year(found[3]), month, int(found[1]), text[found.end() :]
    for found in _MONTH_FIRST.finditer(text):
        month = MONTHS.get(found[1].casefold())
        if not month:
            continue
        rest = text[found.end() :]
        if found[3]:
            return _full_year(found[3]), month, int(found[2]), rest
        if year := _YEAR.search(rest):  # as C's asctime writes it: "Mon Nov  2 10:03:00 2026"
            return int(year[1]), month, int(found[2]), f" {rest[: year.start()]} {rest[year.end() :]}"
    return None


def _full_year(digits: str) -> int:
    """RFC 5322 section 4.3: two digits are 1950 to 2049, three count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int, zone: str) -> datetime | None:
    """None for what no calendar has. A leap second is the second before it."""
    offset = _zone_minutes(zone)
    if offset is None or year < 1900 or second > 60:
        return None
    try:
        return datetime(
            year, month, day, hour, minute, min(second, 59), tzinfo=timezone(timedelta(minutes=offset)) if offset else UTC
        )
    except ValueError:
        return None


def _zone_minutes(text: str) -> int | None:
    if found := _OFFSET.search(text):
        past_hour = int(found[3] or 0)
        minutes = int(found[2]) * 60 + past_hour
        if past_hour > 59 or minutes >= 24 * 60:
            return None
        return minutes if found[1] == "+" else -minutes
    name = _NAME.search(text)
    return _ZONES.get(name.group().upper(), 0) if name else 0
