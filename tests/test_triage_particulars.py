"""What a mail tells beside its kind: days, quantities, lines, reasons, for whom, what should be attached, each with words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from supportbot.casework.facts import Reading, Role, ThreadContext
from supportbot.mail.message import Attachment
from supportbot.triage.particulars import Particular, particulars, values
from tests.triage_support import message, triage

THURSDAY = date(2025, 11, 13)


def told(text: str, *, day: date | None = THURSDAY, attachments: bool = False) -> tuple[Particular, ...]:
    return particulars(text, day, wishes=True, attachments=attachments)


def read(text: str, subject: str = "order", role: Role | None = None) -> Reading:
    mail = replace(message(text, subject), date=datetime(2025, 11, 13, 9, tzinfo=UTC))
    return triage().read(mail, ThreadContext(role))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("nothing has moved since last Tuesday", ("2025-11-11",)),
        ("I'll be home by Friday", ("2025-11-14",)),
        ("ordered on the 3rd of November, arrived yesterday", ("2025-11-03", "2025-11-12")),
        ("paid on Dec 28", ("2025-12-28",)),
        ("bought 2025-10-01 and 31.12.2024", ("2025-10-01", "2024-12-31")),
        ("two weeks ago", ("2025-10-30",)),
        ("vor drei Tagen bestellt, am 5. November storniert", ("2025-11-10", "2025-11-05")),
        ("il y a 2 semaines, et mardi dernier", ("2025-10-30", "2025-11-11")),
        ("hace tres días, el 1 de octubre", ("2025-11-10", "2025-10-01")),
        ("lunedì scorso, anzi ieri", ("2025-11-10", "2025-11-12")),
        ("on 05/06/2025", ()),  # May or June: nobody knows
        ("the 31st of February", ()),
        ("you may call; in March we were closed", ()),
    ],
)
def test_days_are_told_from_the_day_of_the_mail(text: str, days: tuple[str, ...]) -> None:
    assert values(told(text), "dates") == days


def test_without_a_day_of_its_own_a_mail_tells_no_relative_day() -> None:
    assert values(told("yesterday, and on 3 March 2025", day=None), "dates") == ("2025-03-03",)


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("two of the three lamps", ("2 of 3",)),
        ("24 of 60 cancelled", ("24 of 60",)),
        ("of the four lampshades please send only two", ("2 of 4",)),
        ("zwei der drei Stühle", ("2 of 3",)),
        ("dos de los tres", ("2 of 3",)),
        ("lower it from 16 to 6 pieces", ("16 to 6",)),
        ("qty: 4 and 3x the blue one", ("4", "3")),
        ("a 140x70 mattress, order 112-1234567-1234567", ()),
    ],
)
def test_quantities_are_told_as_they_stand_to_each_other(text: str, quantities: tuple[str, ...]) -> None:
    assert values(told(text), "quantities") == quantities


@pytest.mark.parametrize(
    "text",
    [
        "Please see attached.",
        "Das Foto ist im Anhang.",
        "Vous trouverez la facture ci-jointe.",
        "Adjunto la factura.",
        "In allegato le foto.",
        "De foto zit in de bijlage.",
        "Zdjęcie w załączniku.",
        "A foto segue em anexo.",
        "添付の写真をご覧ください。",
    ],
)
def test_an_attachment_that_is_promised_and_not_there_is_told_in_nine_languages(text: str) -> None:
    assert values(told(text), "attachment_missing") == ("true",)
    assert values(told(text, attachments=True), "attachment_missing") == ()


def test_who_misses_an_attachment_or_asks_for_one_promises_none() -> None:
    for text in ("Sorry, I can't see it attached.", "Ich habe nichts, kein Foto im Anhang.", "There is no invoice attached."):
        assert values(told(text), "attachment_missing") == ()


def test_reasons_lines_and_for_whom_are_told_with_their_words() -> None:
    text = "Writing on behalf of my mother: she ordered twice by mistake. Please drop line 2."
    found = {(one.fact, one.value): text[one.start : one.end] for one in told(text)}
    assert found["on_behalf_of", "my mother"] == "on behalf of my mother"
    assert found["reasons", "ordered_twice"] == "ordered twice"
    assert found["reasons", "by_mistake"] == "by mistake"
    assert found["order_lines", "2"] == "line 2"


def test_every_particular_of_a_reading_points_at_its_characters_and_its_rule() -> None:
    text = "Please cancel two of the three lamps of order 20993817, ordered last Tuesday by mistake. See attached."
    reading = read(text)
    facts = {one.fact for one in reading.evidence}
    assert {"quantities", "dates", "reasons", "attachment_missing", "scope"} <= facts
    assert all(one.rule for one in reading.evidence)
    assert all(text[one.start : one.end] == one.text for one in reading.evidence if one.end)
    assert (reading.facts.scope, reading.facts.quantities, reading.facts.dates) == ("partial", ("2 of 3",), ("2025-11-11",))


def test_an_attached_file_keeps_its_promise() -> None:
    mail = replace(message("The photo is attached."), attachments=(Attachment("photo.jpg", "image/jpeg", 10),))
    assert not triage().read(mail).facts.attachment_missing


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Line 2 of 441092837 got cancelled this morning, but it had gone out last night with the rest.", "partial"),
        ("One of the two chairs on PO 220918374 shows cancelled, both are shipped since Monday.", "partial"),
        ("Your system auto-cancelled PO 205010233 although we had already shipped it the day before.", "whole"),
    ],
)
def test_a_report_means_the_part_that_its_quantities_and_lines_name(text: str, scope: str) -> None:
    assert read(text, "cancelled but shipped", Role.SELLER).facts.scope == scope


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("We can't tell yet whether it was stopped, the cage count is at five.", "unclear"),
        ("Found it on the dock and pulled it, back on the shelf.", "cancelled"),
        ("Could not be cancelled, it was already despatched.", "too_late"),
    ],
)
def test_who_does_not_know_yet_says_neither(text: str, outcome: str) -> None:
    assert read(text, "Cancellation request", Role.WAREHOUSE).facts.outcome == outcome


def test_a_long_text_is_read_in_time() -> None:
    for part in ("two of ", "on behalf of ", "line 1, ", "last ", "3 ", "von der "):
        assert isinstance(told(part * 40_000), tuple)
