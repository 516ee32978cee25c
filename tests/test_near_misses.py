"""Order ids that are nearly right: both are told, nothing is joined, a person says which is meant."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from supportbot.casework.facts import ThreadContext
from supportbot.casework.nearmiss import how_near, near_misses, spellings
from supportbot.triage.facts import order_ids
from tests.triage_support import message, triage

AMAZON = "112-4471092-1183340"


@pytest.mark.parametrize(
    ("written", "known", "how"),
    [
        ("112-4471O92-1183340", AMAZON, "a letter for a digit"),
        ("ll2-4471092-1183340", AMAZON, "a letter for a digit"),
        ("112 4471092 1183340", AMAZON, "blanks or hyphens"),
        ("11244710921183340", AMAZON, "blanks or hyphens"),
        ("112-4471093-1183340", AMAZON, "one digit off"),
        ("112-4477092-1183340", AMAZON, "one digit off"),
        ("112-4471902-1183340", AMAZON, "two digits swapped"),
        ("112-447109-1183340", AMAZON, "a digit left out"),
        ("209938177", "20993817", "a digit too many"),
        ("441-092-837", "441092837", "blanks or hyphens"),
        ("FB20418", "FB-20418", "blanks or hyphens"),
        ("FB-2O418", "FB-20418", "a letter for a digit"),
        (AMAZON, AMAZON, None),
        ("PO-441092837", "441092837", None),  # the same, by what people write before it
        ("4471", "4472", None),  # of so short a number the next one is another order
        ("112-4471093-1183341", AMAZON, None),
        ("FB-2041877", "S0-2041878", None),
    ],
)
def test_an_id_is_near_by_one_slip_only(written: str, known: str, how: str | None) -> None:
    assert how_near(written, known) == how
    if how is not None and how != "a digit left out":
        assert known in spellings(written)


def test_an_id_that_is_itself_known_misses_nothing() -> None:
    assert near_misses(["20993817"], ["20993817", "20993818"]) == ()


@pytest.mark.parametrize(
    "written",
    ["112 4471092 1183340", "112–4471092–1183340", "112-4471O92-1183340", "11244710921183340", "112- 4471092 - 1183340"],
)
def test_ids_are_read_as_hands_write_them(written: str) -> None:
    assert [one.value for one in order_ids(f"my order {written}, please")] == [written]


def test_a_slip_against_the_quoted_mail_is_told_with_its_words() -> None:
    text = "Please cancel order 20993871."
    reading = triage().read(message(text, quoted="\n> About your order 20993817\n"), ThreadContext())
    (miss,) = reading.facts.near_misses
    assert (miss.written, miss.known, miss.how) == ("20993871", "20993817", "two digits swapped")
    assert [(one.start, one.end) for one in reading.evidence if one.fact == "near_misses"] == [(20, 28)]


def decided(folder: Path, text: str, *, order_id: str = AMAZON) -> dict[str, object]:
    order = {
        "marketplace": "amazon", "order_id": order_id, "status": "Unshipped",
        "buyer": {"name": "N", "address": "nora@example.org"},
        "seller": {"id": "s", "addresses": ["s@shop.example"]}, "lines": [{"line": "1", "title": "lamp", "quantity": 3}],
    }  # fmt: skip
    (folder / "orders.json").write_text(json.dumps([order]), encoding="utf-8")
    (folder / "a.eml").write_text(
        "From: Nora <nora@example.org>\nTo: support@shop.example\nSubject: cancel\nMessage-ID: <a@example.org>\n"
        f"Date: Thu, 13 Nov 2025 10:00:00 +0000\n\n{text}\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "supportbot", "decide", "a.eml", "--orders", "orders.json", "--json"],
        cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    return dict(json.loads(ran.stdout))


def test_a_decision_about_a_nearly_named_order_is_a_persons_and_names_both_ids(tmp_path: Path) -> None:
    row = decided(tmp_path, "Please cancel my order 112-4471O92-1183340, I do not need it any more.")
    assert (row["action"], row["needs_person"], row["order_id"], row["draft"]) == ("review", True, None, None)
    assert "112-4471O92-1183340" in str(row["why"])
    assert AMAZON in str(row["why"])


def test_the_right_id_asks_nobody(tmp_path: Path) -> None:
    row = decided(tmp_path, f"Please cancel my order {AMAZON}, I do not need it any more.")
    assert row["order_id"] == AMAZON
    assert "nearly" not in str(row["why"])
