"""The overview: its sums are those of the records, and its tables leave as files that no spreadsheet reads as formulas."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportbot.web.sheets import safe_cell
from tests.web_world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def test_the_overview_counts_what_people_did_with_drafts(world: World) -> None:
    as_written, edited, rejected, _waiting = (world.draft(world.mail(f"Mail {n}")) for n in range(4))
    desk = world.desk
    desk.approve(as_written, reviewer="alice", shown_sha256=world.read_draft(as_written).content_sha256)
    shown = world.read_draft(edited).content_sha256
    new = desk.edit(edited, subject="Re", body="Better", reviewer="alice", shown_sha256=shown)
    desk.approve(edited, reviewer="alice", shown_sha256=new.content_sha256)
    desk.reject(rejected, reviewer="alice", shown_sha256=world.read_draft(rejected).content_sha256, reason="no")
    with world.signed_in("vera") as client:
        page = client.get("/overview").text
        answer = client.get("/overview/reviewed.csv")
        waiting = client.get("/overview/waiting.csv").text
        unknown = client.get("/overview/users.csv")
        with world.store.snapshot() as tx:
            record = [(row.actor, row.action, row.subject) for row in tx.audit_rows(subject="table reviewed")]

    assert "<svg" in page
    assert "What became of drafts" in page
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[1:] == [["cancel_nonstandard", "A-05", "1", "1", "1", "0"]]
    assert answer.headers["content-disposition"] == 'attachment; filename="reviewed.csv"'
    assert '"under 1 h","1"' in waiting
    assert (unknown.status_code, record) == (404, [("vera", "export", "table reviewed")])


def test_an_overview_of_nothing_says_so(world: World) -> None:
    with world.signed_in() as client:
        page = client.get("/overview?days=1").text
    assert "No mail was answered in this time." in page
    assert "No credit memo was opened yet." in page


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '"=1', "＝1", "＋1", "－1", "＠x", "\n=1", "\u00a0=1"]
)
def test_no_cell_begins_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_plain_cells_and_numbers_stay_as_they_are() -> None:
    assert [safe_cell(value) for value in ("A-05", -3, 1.5, None, "a=b")] == ["A-05", "-3", "1.5", "", "a=b"]
