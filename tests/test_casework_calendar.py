"""Business time through weekends, holidays and both changes of clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.calendar import BusinessCalendar

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia"]
CALENDARS = st.builds(
    BusinessCalendar,
    zone=st.sampled_from(ZONES),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.times(max_value=time(11)),
    closes=st.times(min_value=time(12)),
    holidays=st.frozensets(st.dates(date(2024, 1, 1), date(2025, 12, 31)), max_size=5),
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))
AMOUNTS = st.timedeltas(timedelta(), timedelta(hours=60))


def berlin(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (berlin(4, 10), 2, berlin(4, 12)),  # a Monday
        (berlin(4, 16), 2, berlin(5, 10)),
        (berlin(8, 16), 4, berlin(11, 12)),  # over the weekend
        (berlin(9, 12), 1, berlin(11, 10)),  # on a Saturday
        (berlin(4, 7), 1, berlin(4, 10)),  # before the office opens
        (berlin(29, 16), 2, berlin(1, 10, month=4)),  # clocks go forward on Sunday 31 March
        (berlin(25, 16, month=10), 2, berlin(28, 10, month=10)),  # and back on Sunday 27 October
    ],
)
def test_hours_pass_only_while_the_office_is_open(start: datetime, hours: int, end: datetime) -> None:
    assert BusinessCalendar("Europe/Berlin").after(start, timedelta(hours=hours)) == end


def test_a_night_shift_through_the_change_of_clocks_counts_the_hours_that_pass() -> None:
    nights = BusinessCalendar("Europe/Berlin", frozenset(range(7)), time(0), time(8))

    assert nights.passed(berlin(31, 0), berlin(31, 8)) == timedelta(hours=7)
    assert nights.passed(berlin(27, 0, month=10), berlin(27, 8, month=10)) == timedelta(hours=9)


def test_a_holiday_is_no_business_day() -> None:
    calendar = BusinessCalendar("Europe/Berlin", holidays=frozenset({date(2024, 3, 5)}))

    assert calendar.after(berlin(4, 16), timedelta(hours=2)) == berlin(6, 10)
    assert calendar.next_days(berlin(4, 10), 1) == berlin(6, 17)


@given(CALENDARS, MOMENTS, AMOUNTS)
def test_exactly_as_much_business_time_passes_as_was_asked_for(
    calendar: BusinessCalendar, start: datetime, amount: timedelta
) -> None:
    end = calendar.after(start, amount)

    assert end >= start
    assert calendar.passed(start, end) == amount
    local = end.astimezone(ZoneInfo(calendar.zone))
    assert local.weekday() in calendar.days
    assert local.date() not in calendar.holidays


@given(CALENDARS, MOMENTS, AMOUNTS, AMOUNTS)
def test_waiting_twice_is_waiting_once_for_both(
    calendar: BusinessCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert calendar.after(calendar.after(start, first), second) == calendar.after(start, first + second)


@given(CALENDARS, MOMENTS, MOMENTS, AMOUNTS)
def test_who_starts_later_is_never_done_earlier(
    calendar: BusinessCalendar, one: datetime, other: datetime, amount: timedelta
) -> None:
    early, late = sorted((one, other))

    assert calendar.after(early, amount) <= calendar.after(late, amount)


@pytest.mark.parametrize("wrong", [{"days": frozenset()}, {"opens": time(17), "closes": time(9)}])
def test_an_office_that_never_works_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="an office works"):
        BusinessCalendar(**wrong)  # type: ignore[arg-type]
