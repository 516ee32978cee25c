"""What an inline header or an attribution line claims: senders, recipients, dates as programs write them for people."""

import html
import re
from datetime import UTC, datetime, timedelta, timezone

from supportbot.mail.addresses import read_addresses
from supportbot.mail.dates import MONTHS, read_date
from supportbot.mail.message import Mailbox

_MAILTO = re.compile(r"<mailto:[^<>]{0,200}>")


def claimed_sender(text: str) -> Mailbox | None:
    """The mailbox an inline header or attribution names; the address is "" where only a name stands."""
    text = html.unescape(text) if "&lt;" in text else text
    text = text.replace("[mailto:", "<").replace("]", ">") if "[mailto:" in text else text
    text = _MAILTO.sub("", text) if text.count("<mailto:") and text.count("@") > 1 else text
    if "@" in text and "<" not in text:
        text = re.sub(r"[\[(]\s?([^\s\[\]()]{1,120}@[^\s\[\]()]{1,120})\s?[\])]", r"<\1>", text)
    text = text.replace("(<", "<").replace(">)", ">").strip().strip("*").strip()
    if not text:
        return None
    found = read_addresses(text.encode("utf-8").decode("latin-1"))
    if found.mailboxes:
        mailbox = found.mailboxes[0]
        return Mailbox(mailbox.name.strip("\"'«»„”“ "), mailbox.address)
    return Mailbox(text.strip("\"'«»„”“ "), "")


def claimed_recipients(text: str) -> tuple[str, ...]:
    """The addresses (else the names) of an inline To line."""
    if "[mailto:" in text or "<mailto:" in text:
        text = _MAILTO.sub("", text.replace("[mailto:", "<").replace("]", ">"))
    found = read_addresses(text.replace(";", ",").encode("utf-8").decode("latin-1"))
    if found.mailboxes:
        return tuple(mailbox.address for mailbox in found.mailboxes)
    return (text.strip(),) if text.strip() else ()


_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,4})([./年년-])\s?(\d{1,2})([./月월-])\s?(\d{1,4})")
_DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.º)?\.?,?[ -](?:de\s|di\s|of\s)?([^\W\d_]{3,12})\.?,?[ -](?:de\s|del\s|di\s)?"
    r"(\d{4}|\d{2}(?![\d:.]))",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\b(\d{4})\.?\s([^\W\d_]{3,12})\.?\s(\d{1,2})\b", re.IGNORECASE)
_BEFORE_NOON, _AFTER_NOON = ("午前", "上午", "凌晨", "早上", "清晨", "오전"), ("午後", "下午", "中午", "晚上", "傍晚", "오후")
_HALVES = "|".join((*_BEFORE_NOON, *_AFTER_NOON))
_TIME = re.compile(
    rf"(?<!\d)(?:({_HALVES})\s?)?(\d{{1,2}})(?:[:.h]|時| h )(\d{{2}})(?:[:.](\d{{2}}))?(?:分)?"
    r"\s?(?:([ap])\.?\s?m\b|([πμ])\.?μ\b)?",
    re.IGNORECASE,
)
_HALF_DAY = re.compile(rf"\d\s?[ap]\.?\s?m\b|\d\s?[πμ]\.?μ\b|{_HALVES}", re.IGNORECASE)
_ZONE = re.compile(r"(?:gmt|utc)?\s?([+−-])(\d{1,2}):?(\d{2})?\b", re.IGNORECASE)
_NAMED_ZONES = {
    "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "bst": 60, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "jst": 540, "wet": 0, "west": 60, "eet": 120, "eest": 180,
    "gmt": 0, "utc": 0,
}  # fmt: skip
_ZONE_NAME = re.compile(r"\b(?:" + "|".join(_NAMED_ZONES) + r")\b", re.IGNORECASE)


def claimed_date(text: str, *, near: datetime | None = None) -> datetime | None:
    """A date as a mail program wrote it for people, aware; without a zone it is taken as UTC.

    Where day and month could be taken for each other, the later one that is not after `near` (the mail around it) is meant;
    without `near` such a date is None, as is what cannot be read.
    """
    text = " ".join(text.split())
    if not text or len(text) > 200:
        return None
    half_day = _HALF_DAY.search(text)  # the RFC 5322 reader would drop "PM"
    if not half_day and (exact := read_date(text)):
        return exact
    days, end = _days(text)
    clock, zone = _clock_and_zone(text[end:]) or _clock_and_zone(text) or ((0, 0, 0), UTC)
    found = []
    for year, month, day in days:
        try:
            found.append(datetime(year, month, day, *clock, tzinfo=zone))
        except ValueError:
            continue
    if len(found) > 1:
        latest = near + timedelta(days=1) if near else None
        found = [max(before)] if latest and (before := [date for date in found if date <= latest]) else []
    return found[0] if found else None


def _clock_and_zone(text: str) -> tuple[tuple[int, int, int], timezone] | None:
    clock = _TIME.search(text)
    if clock is None:
        return None
    hour, minute, second = int(clock[2]), int(clock[3]), int(clock[4] or 0)
    half = (clock[5] or {"π": "a", "μ": "p"}.get((clock[6] or "").lower(), "")).lower()
    if clock[1]:
        half = "p" if clock[1] in _AFTER_NOON else "a"
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    rest = text[clock.end() :]
    zone = UTC
    if (offset := _ZONE.search(rest)) and int(offset[2]) < 24:
        delta = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        zone = timezone(delta if offset[1] == "+" else -delta)
    elif name := _ZONE_NAME.search(rest):
        zone = timezone(timedelta(minutes=_NAMED_ZONES[name.group().lower()]))
    return (hour, minute, min(second, 59)), zone


def _days(text: str) -> tuple[list[tuple[int, int, int]], int]:
    """The days that a date may mean, and where it ends."""
    for pattern, year, month, day in ((_DAY_FIRST, 3, 2, 1), (_MONTH_FIRST, 3, 1, 2), (_YEAR_FIRST, 1, 2, 3)):
        for match in pattern.finditer(text):
            if number := MONTHS.get(match[month].casefold()):
                if match[month].casefold().startswith("lis") and text[match.end() : match.end() + 1] == ".":
                    number = 10  # the Croatian October is the Polish and the Czech November; only Croats write "2026."
                return [(_full_year(int(match[year])), number, int(match[day]))], match.end()
    numeric = _NUMERIC_DATE.search(text)
    if numeric is None:
        return [], 0
    first, middle, last = int(numeric[1]), int(numeric[3]), int(numeric[5])
    if first > 31:
        return [(first, middle, last)], numeric.end()
    year = _full_year(last)
    if numeric[2] == "." or middle <= 12 < first or first == middle:
        return [(year, middle, first)], numeric.end()
    if first <= 12 < middle:
        return [(year, first, middle)], numeric.end()
    return [(year, middle, first), (year, first, middle)], numeric.end()


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year
