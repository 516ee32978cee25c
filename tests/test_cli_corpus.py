"""Labelled mail is scored as it would be read: from a stranger, and from a sender whose role is known."""

import json
from pathlib import Path

import pytest

from supportbot.cli.corpus import all_kinds, read_corpus, scores
from supportbot.errors import UsageError
from tests.triage_support import triage

CORPUS = Path(__file__).parent.parent / "training" / "corpus"
MAILS = (
    {"text": "I accept the item and the re-billing.", "kind": "rebill_reply", "facts": {"sender_role": "buyer"}},
    {"text": "Please cancel my order 4471.", "kind": "order_status", "facts": {"sender_role": "buyer"}},
    {"text": "asdf qwer", "kind": "unrelated", "facts": {"sender_role": "unknown"}},
)


def written(folder: Path, *mails: object) -> Path:
    file = folder / "few.jsonl"
    file.write_text("".join(json.dumps(mail) + "\n" for mail in mails), encoding="utf-8")
    return file


def test_right_abstained_wrong_and_false_acceptances_are_counted(tmp_path: Path) -> None:
    written(tmp_path, *MAILS)
    stranger, known = all_kinds(list(scores(tmp_path, triage())))
    assert (stranger.sender, stranger.right, stranger.abstained, stranger.wrong, stranger.false_acceptances) == (
        "stranger",
        1,
        1,
        1,
        1,  # the corpus does not say that both are accepted
    )
    assert (known.sender, known.total) == ("known", 3)


def test_a_line_that_is_no_mail_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 2"):
        read_corpus(written(tmp_path, MAILS[0], {"text": "hello", "kind": "spam"}))


def test_the_shipped_corpora_hold_no_false_acceptance_and_next_to_no_wrong_kind_of_a_known_sender() -> None:
    rows = list(all_kinds(list(scores(CORPUS, triage()))))
    assert [row.false_acceptances for row in rows] == [0] * len(rows)
    assert [row.corpus for row in rows if row.sender == "known" and row.wrong > row.total * 0.02] == []
