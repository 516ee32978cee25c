"""Business time: how long an office has been open between two moments, by its own time zone, through changes of clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_BREAK = 370  # days without an open hour after which a calendar is refused


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """On which days and hours an office works. Hours are those of the clock on its wall; amounts are time that passes."""

    zone: str = "UTC"
    days: frozenset[int] = frozenset(range(5))  # Monday is 0
    opens: time = time(9)
    closes: time = time(17)
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not self.days or self.opens >= self.closes:
            raise ValueError("an office works on some day, and closes after it opens")

    def after(self, start: datetime, hours: timedelta) -> datetime:
        """The moment (UTC) at which `hours` of business time have passed since `start` (aware).

        Outside business hours nothing passes. No time at all gives the first open moment from `start` on.
        """
        left = hours
        for opens, closes in self._windows(start):
            begins = max(opens, start)
            if begins + left < closes or (left and begins + left == closes):
                return begins + left
            left -= closes - begins
        raise ValueError("the office never opens again")

    def passed(self, start: datetime, end: datetime) -> timedelta:
        """How much business time lies between two moments (aware)."""
        total = timedelta()
        for opens, closes in self._windows(start):
            if opens >= end:
                break
            total += max(timedelta(), min(closes, end) - max(opens, start))
        return total

    def next_days(self, start: datetime, count: int) -> datetime:
        """The closing hour (UTC) of the `count`-th business day after the day of `start`."""
        zone = ZoneInfo(self.zone)
        day = start.astimezone(zone).date()
        for _ in range(count):
            day = self._next_open(day + timedelta(days=1))
        return datetime.combine(day, self.closes, zone).astimezone(UTC)

    def _next_open(self, day: date) -> date:
        for ahead in range(_LONGEST_BREAK):
            found = day + timedelta(days=ahead)
            if self._works(found):
                return found
        raise ValueError("the office never opens again")

    def _works(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open hours from the day of `start` on, in UTC: a day on which clocks change is an hour shorter or longer."""
        zone = ZoneInfo(self.zone)
        day = start.astimezone(zone).date()
        while True:
            day = self._next_open(day)
            opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in (self.opens, self.closes))
            if closes > max(opens, start):
                yield opens, closes
            day += timedelta(days=1)
