"""What a mail tells beside its kind and its numbers: days, quantities, order lines, reasons, for whom, what should be attached.

The words are data (particulars.toml). Nothing is decided by them but the scope of a request, and what a person is shown.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from supportbot.casework.facts import Evidence

FILE = "particulars.toml"
_MOST_CHARACTERS = 8_000  # of the text; what a mail tells, it tells early
_BETWEEN = r"(?:\s+[^\s.!?]{1,30}){0,3}?\s+"
_NEAR = 183  # days: without a year the date nearest to the mail's own day is meant
_AND = r"(?:\s?(?:,|and|&|\+|to|-|und|et|y|e)\s?(?:lines?\s)?)"


@dataclass(frozen=True, slots=True)
class Particular:
    """One thing told, as a value, and the characters that tell it."""

    fact: str
    value: str
    start: int
    end: int
    rule: str

    def evidence(self, text: str) -> Evidence:
        """As evidence, with its own words."""
        return Evidence(self.fact, text[self.start : self.end], self.start, self.end, self.rule)

    @property
    def partial(self) -> bool:
        """Whether it means less than all of an order."""
        if self.fact == "order_lines":
            return True
        some, _, whole = self.value.partition(" of ")
        return self.fact == "quantities" and bool(whole) and int(some) < int(whole)


@dataclass(frozen=True, slots=True)
class _Words:
    """The patterns of particulars.toml, made ready."""

    numbers: dict[str, str]
    some_of: re.Pattern[str]
    of_which: re.Pattern[str]
    changed: re.Pattern[str]
    counted: re.Pattern[str]
    lines: re.Pattern[str]
    day: re.Pattern[str]
    months: dict[str, int]
    weekdays: dict[str, int]
    offsets: dict[str, int]
    reasons: re.Pattern[str]
    names: tuple[str, ...]
    parts: re.Pattern[str]
    on_behalf: re.Pattern[str]
    attached: re.Pattern[str]
    unless: re.Pattern[str]


def particulars(text: str, day: date | None, *, wishes: bool, attachments: bool) -> tuple[Particular, ...]:
    """What `text` tells, in order. `day`: the mail's own, from which relative days count; None: those are not told.

    `wishes`: reasons are looked for, as in a request. `attachments`: whether the mail has any, so that a promised one is there.
    """
    low = text[:_MOST_CHARACTERS].lower()
    if len(low) != len(text[:_MOST_CHARACTERS]):  # a letter that is two in small: places would shift
        low = text[:_MOST_CHARACTERS]
    words = _words()
    found = [*_quantities(low, words), *_days(low, day, words), *_on_behalf(text, low, words)]
    if wishes:
        found += _reasons(low, words)
    if not attachments:
        found += _attached(low, words)
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def parts(text: str) -> tuple[Particular, ...]:
    """What in a text or a subject means less than all of an order: "line 2", "1 of 3 items", "the rest"."""
    low = text[:_MOST_CHARACTERS].lower()
    if len(low) != len(text[:_MOST_CHARACTERS]):
        return ()
    found = [one for one in _quantities(low, _words()) if one.partial]
    found += [Particular("scope", "partial", *hit.span(), "scope.part") for hit in _words().parts.finditer(low)]
    return tuple(found)


def values(found: Iterable[Particular], fact: str) -> tuple[str, ...]:
    """The values of a fact, each once."""
    return tuple(dict.fromkeys(one.value for one in found if one.fact == fact))


# -- quantities and lines ----------------------------------------------------------------------------------------------


def _quantities(low: str, words: _Words) -> Iterator[Particular]:
    taken: list[tuple[int, int]] = []

    def told(value: str, span: tuple[int, int], rule: str) -> Iterator[Particular]:
        if not any(span[0] < end and start < span[1] for start, end in taken):
            taken.append(span)
            yield Particular("quantities", value, *span, rule)

    for pattern, rule in ((words.some_of, "quantity.some_of"), (words.of_which, "quantity.of_which")):
        for hit in pattern.finditer(low):
            only = hit.groupdict().get("only") or hit["some"]
            some, whole = (int(words.numbers.get(number, number)) for number in (only, hit["whole"]))
            if 0 < some <= whole:
                yield from told(f"{some} of {whole}", hit.span(), rule)
    for hit in words.changed.finditer(low):
        before, after = (words.numbers.get(hit[name], hit[name]) for name in ("before", "after"))
        yield from told(f"{before} to {after}", hit.span(), "quantity.changed")
    for hit in words.counted.finditer(low):
        count = hit["count"] or hit["times"] or hit["units"]
        yield from told(words.numbers.get(count, count), hit.span(), "quantity.counted")
    for hit in words.lines.finditer(low):
        for number in re.finditer(r"\d{1,3}", hit["numbers"]):
            yield Particular("order_lines", number.group(), *hit.span(), "lines.numbered")


# -- days --------------------------------------------------------------------------------------------------------------


def _days(low: str, day: date | None, words: _Words) -> Iterator[Particular]:
    for hit in words.day.finditer(low):
        meant = _meant(hit, day, words)
        if meant is not None:
            rule = next(name for name in ("iso", "numeric", "month", "weekday", "ago", "near") if hit[f"as_{name}"])
            yield Particular("dates", meant.isoformat(), *hit.span(), f"date.{rule}")


def _meant(hit: re.Match[str], day: date | None, words: _Words) -> date | None:
    if hit["as_iso"]:
        return _date(int(hit["iso_year"]), int(hit["iso_month"]), int(hit["iso_day"]))
    if hit["as_numeric"]:
        return _numeric(hit)
    if hit["as_month"]:
        month = words.months[(hit["month_last"] or hit["month_first"]).rstrip(".")]
        year = hit["year_last"] or hit["year_first"]
        number = int(hit["day_first"] or hit["day_last"])
        if year:
            return _date(int(year), month, number)
        return None if day is None else _nearest(month, number, day)
    if day is None:
        return None
    if hit["as_weekday"]:
        weekday = words.weekdays[hit["weekday"] or hit["weekday_first"]]
        if hit["coming"] or hit["coming_after"]:
            return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)
        return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)
    if hit["as_ago"]:
        count = hit["ago_count"] or hit["before_count"]
        weeks = hit["ago_weeks"] or hit["before_weeks"]
        return day - timedelta(days=int(words.numbers.get(count, count)) * (7 if weeks else 1))
    return day + timedelta(days=words.offsets[hit["as_near"]])


def _numeric(hit: re.Match[str]) -> date | None:
    """Day and month, or month and day where only that can be; where both could, with a slash, nobody knows."""
    first, second, year = int(hit["first"]), int(hit["second"]), int(hit["numeric_year"])
    year += 2000 if year < 100 else 0
    if hit["separator"] == "." or first > 12 or first == second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else None


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _nearest(month: int, number: int, day: date) -> date | None:
    found = [one for year in (day.year - 1, day.year, day.year + 1) if (one := _date(year, month, number))]
    near = [one for one in found if abs((one - day).days) <= _NEAR]
    return min(near, key=lambda one: abs((one - day).days), default=None)


# -- reasons, for whom, attachments ------------------------------------------------------------------------------------


def _reasons(low: str, words: _Words) -> Iterator[Particular]:
    for hit in words.reasons.finditer(low):
        name = words.names[(hit.lastindex or 1) - 1]
        yield Particular("reasons", name, *hit.span(), f"reason.{name}")


def _on_behalf(text: str, low: str, words: _Words) -> Iterator[Particular]:
    for hit in words.on_behalf.finditer(low):
        yield Particular("on_behalf_of", text[hit.start("whom") : hit.end("whom")], *hit.span(), "on_behalf.named")


def _attached(low: str, words: _Words) -> Iterator[Particular]:
    for hit in words.attached.finditer(low):
        if not words.unless.search(low[max(0, hit.start() - 30) : hit.start()]):
            yield Particular("attachment_missing", "true", *hit.span(), "attachment.promised")


# -- the words ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _words() -> _Words:
    told = tomllib.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    numbers = {word: number for number, forms in told["numbers"].items() for word in forms}
    number = rf"(?:\d{{1,4}}|{_any(numbers)})"
    amounts, dates = told["quantities"], told["dates"]
    of, articles = _any(amounts["of"]), _any(amounts["articles"])
    months = {word: place for place, forms in enumerate(dates["months"], start=1) for word in forms}
    weekdays = {word: place for place, forms in enumerate(dates["weekdays"]) for word in forms}
    offsets = {word: int(offset) for offset, forms in dates["days"].items() for word in forms}
    reasons = "|".join(f"((?<!\\w)(?:{_said(forms)})(?!\\w))" for forms in told["reasons"].values())
    return _Words(
        numbers=numbers,
        some_of=re.compile(rf"(?<![\w.,/-])(?P<some>{number})\s(?:\w+\s)?(?:{of})\s(?:(?:{articles})\s)?(?P<whole>{number})(?![\w/-]|[.,]\d)"),
        of_which=re.compile(
            rf"(?<!\w)(?:{of})\s(?:{articles})\s(?P<whole>{number})\s[^.!?\n]{{0,40}}?"
            rf"(?<!\w)(?:(?:only|just|nur|seulement|que|solo|soltanto)\s(?:noch\s)?(?P<only>{number})(?![\w/-])"
            rf"|(?P<some>{number})\s(?:was|were|is|are|got|has|have|wurde|wurden|ist|sind|a|ont|fue|fueron|è|sono)\s)"
        ),
        changed=re.compile(
            rf"(?<!\w)(?:{_any(amounts['from'])})\s(?P<before>{number})\s(?:{_any(amounts['to'])})\s(?P<after>{number})"
            r"(?=\s(?:pcs|pieces|units|items|cartons|boxes|sets|st\u00fcck|pi\u00e8ces|unidades|pezzi)|[.!?\n]|\Z)"
        ),
        counted=re.compile(
            rf"(?<!\w)(?:{_any(amounts['counted'])})\W{{0,3}}(?P<count>\d{{1,4}})(?!\w)"
            r"|(?<![\w.,/-])(?P<times>\d{1,3})\s?x(?![\w.])"
            rf"|(?<![\w.,/-])(?P<units>{number})\s(?:{_any(amounts['units'], plain=False)})(?!\w)"
        ),
        lines=re.compile(
            rf"(?<!\w)(?:{_any(amounts['lines'], plain=False)})\s"
            rf"#?(?P<numbers>\d{{1,3}}(?:{_AND}\d{{1,3}}){{0,9}})(?![\w/-]|[.,:]\d)"
        ),
        day=re.compile(_day_pattern(number, dates, months, weekdays)),
        months=months,
        weekdays=weekdays,
        offsets=offsets,
        reasons=re.compile(reasons),
        names=tuple(told["reasons"]),
        parts=re.compile(rf"(?<!\w)(?:{_said(told['parts']['words'])})"),
        on_behalf=re.compile(rf"(?<!\w)(?:{_said(told['on_behalf']['of'])})\s+(?P<whom>[^\W\d_][\w'’-]*(?:\s[^\W\d_][\w'’-]*){{0,3}})"),
        attached=re.compile(rf"(?<!\w)(?:{_said(told['attached']['words'])})(?![a-z])"),
        unless=re.compile(rf"(?<!\w)(?:{_any(told['attached']['unless'])})\s(?:[^\s.!?]+\s){{0,2}}\Z"),
    )  # fmt: skip


def _day_pattern(number: str, dates: dict[str, Any], months: Iterable[str], weekdays: Iterable[str]) -> str:
    """One alternation with a group for each way to name a day: `as_iso`, `as_numeric`, `as_month`, ..."""
    month, weekday = _any(months), _any(weekdays)
    past, coming = _any(dates["past"]), _any(dates["coming"])
    ordinal = r"(?:st|nd|rd|th|er|\.|º|°)?"
    article = r"(?:(?:the|on|le|el|il|dem|den|am|al|next|last|letzten|nächsten)\s)?"
    # "ago" stands behind its number in some languages, and before it in others.
    behind = {name: _any((form for form in dates["ago"][name] if " " in form), plain=False) for name in ("days", "weeks")}
    ahead = {name: _any(form for form in dates["ago"][name] if " " not in form) for name in ("days", "weeks")}
    ways = {
        "iso": r"(?P<iso_year>20\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)(?![\w-])",
        "numeric": r"(?P<first>\d{1,2})(?P<separator>[./])(?P<second>\d{1,2})(?P=separator)(?P<numeric_year>20\d\d|\d\d)"
        r"(?![\w/-]|\.\d)",
        "month": rf"(?P<day_first>\d{{1,2}}){ordinal}\s(?:(?:of|de)\s)?(?P<month_last>{month})\b\.?"
        r"(?:,?\s(?:de\s)?(?P<year_last>20\d\d)\b)?"
        rf"|(?P<month_first>{month})\.?\s(?P<day_last>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:-]|\.\d)(?:,?\s(?P<year_first>20\d\d)\b)?",
        "weekday": rf"(?:(?:{past})|(?P<coming>{coming}))\s{article}(?P<weekday>{weekday})(?!\w)"
        rf"|(?P<weekday_first>{weekday})\s(?:dernier|pasado|scorso|(?P<coming_after>prochain|próximo|prossimo))(?!\w)",
        "ago": rf"(?P<ago_count>{number})\s(?:(?:{behind['days']})|(?P<ago_weeks>{behind['weeks']}))(?!\w)"
        rf"|(?:{_any(dates['ago']['before'])})\s(?P<before_count>{number})\s"
        rf"(?:(?:{ahead['days']})|(?P<before_weeks>{ahead['weeks']}))(?!\w)",
        "near": rf"(?:{_any(word for words in dates['days'].values() for word in words)})(?!\w)",
    }
    return rf"(?<![\w/.-])(?:{'|'.join(f'(?P<as_{name}>{way})' for name, way in ways.items())})"


def _any(forms: Iterable[str], *, plain: bool = True) -> str:
    """An alternation, the longest first: "the day after tomorrow" before "tomorrow"."""
    ordered = sorted(forms, key=len, reverse=True)
    return "|".join(re.escape(form).replace(r"\ ", r"\s") if plain else form.replace(" ", r"\s") for form in ordered)


def _said(forms: Sequence[str]) -> str:
    return "|".join(form.replace("~ ", _BETWEEN).replace(" ", r"\s") for form in forms)
