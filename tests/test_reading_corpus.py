"""The labelled mails of training/reading: what the reader must not fall below. `supportbot evaluate
reading` prints the scores.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from supportbot.errors import UsageError
from supportbot.evaluation.reading import Outcome, hands, measure, read_labels, tally
from supportbot.evaluation.share import Share
from supportbot.mail.parse import read_message, relabel

CORPUS = Path(__file__).parent.parent / "training" / "reading"
SEALED = frozenset({"cedar", "dune"})  # written for measuring only; nobody who changes the reader opens them


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    return {
        hand.name: [measure(mail, lambda raw, ours: relabel(read_message(raw), ours)) for mail in read_labels(hand)]
        for hand in hands(CORPUS)
    }


def test_every_hand_is_read_and_every_mail_has_its_truth(outcomes: dict[str, list[Outcome]]) -> None:
    for hand, rows in outcomes.items():
        assert {row.mail.path.name for row in rows} == {path.name for path in (CORPUS / hand).glob("*.eml")}
    assert sum(map(len, outcomes.values())) >= 250
    assert outcomes.keys() >= SEALED


def test_the_scores_of_the_open_hands_do_not_fall(outcomes: dict[str, list[Outcome]]) -> None:
    score = tally("open", [row for hand, rows in outcomes.items() if hand not in SEALED for row in rows])

    assert score.new_exact.value >= 0.97
    assert score.chains.value >= 0.95
    assert score.languages.value >= 0.97
    assert score.answers.value >= 0.95
    assert score.machines.value >= 0.99
    assert score.people.value >= 0.985  # relays and desks mark the mail of people (docs/spec/safety.md row 24)
    assert score.leaks == 0


def test_the_scores_of_the_sealed_hands_do_not_fall(outcomes: dict[str, list[Outcome]]) -> None:
    score = tally("sealed", [row for hand, rows in outcomes.items() if hand in SEALED for row in rows])

    assert score.new_exact.value >= 0.94
    assert score.chains.value >= 0.95
    assert score.languages.value >= 0.97
    assert score.machines.value >= 0.98
    assert score.leaks <= 4
    assert score.leaks_certain <= 1


def test_the_command_prints_a_row_a_hand() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "supportbot", "evaluate", "reading", "--json"], capture_output=True, text=True, check=True
    )
    rows = [json.loads(line) for line in ran.stdout.splitlines()]

    assert [row["hand"] for row in rows][-1] == "all"
    assert rows[-1]["mails"] == sum(row["mails"] for row in rows[:-1])
    assert rows[-1]["new_exact"]["interval"][0] < rows[-1]["new_exact"]["share"] < rows[-1]["new_exact"]["interval"][1]


def test_a_wrong_label_is_named_with_its_file_and_entry(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"From: a@b.example\n\nHello\n")
    (tmp_path / "expected.yaml").write_text("- file: a.eml\n  new_txt: Hello\n", encoding="utf-8")

    with pytest.raises(UsageError, match=r"expected\.yaml, entry 1 \(a\.eml\): new_txt"):
        list(read_labels(tmp_path))


def test_a_share_carries_its_interval() -> None:
    assert str(Share(98, 100)) == "98/100 98.0% (93.0%-99.4%)"
    assert str(Share(0, 0)) == "none"
