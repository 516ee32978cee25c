"""Labelled mail is scored as it would be read: from a stranger, and from a sender whose role is known."""

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from supportbot.casework.facts import Answer, Role, ThreadContext
from supportbot.errors import ModelError, UsageError
from supportbot.evaluation.training import train_on
from supportbot.evaluation.understanding import (
    SENDERS,
    CorpusFile,
    Outcome,
    by_kind,
    corpus_files,
    outcomes,
    read_corpus,
    tally,
)
from supportbot.triage.classify import Triage
from supportbot.triage.model import FOLDER, KindModel
from supportbot.triage.sounding import Sounding
from tests.triage_support import consent_grammars, message, message_rules, triage

CORPUS = Path(__file__).parent.parent / "training" / "corpus"
MAILS = (
    {"text": "I accept the item and the re-billing.", "kind": "rebill_reply", "facts": {"sender_role": "buyer"}},
    {"text": "Please cancel my order 4471.", "kind": "order_status", "facts": {"sender_role": "buyer", "order_ids": ["4471"]}},
    {"text": "asdf qwer", "kind": "unrelated", "facts": {"sender_role": "unknown"}},
)


def written(folder: Path, *mails: object, name: str = "few.jsonl") -> CorpusFile:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(mail) + "\n" for mail in mails), encoding="utf-8")
    return read_corpus(file)


@lru_cache(maxsize=1)
def shipped() -> Triage:
    return Triage.build(message_rules(), {grammar.language: grammar for grammar in consent_grammars()}, KindModel.load())


@pytest.fixture(scope="module")
def read() -> list[Outcome]:
    return list(outcomes(corpus_files(CORPUS), shipped()))


def test_kinds_facts_and_false_acceptances_are_counted(tmp_path: Path) -> None:
    rows = list(outcomes([written(tmp_path, *MAILS)], triage()))
    stranger = tally("stranger", [row for row in rows if row.sender == "stranger"])

    assert stranger.mails == len(MAILS)
    assert stranger.kinds.right == 2  # the second is a wish to cancel, whatever its label says
    assert stranger.false_acceptances.right == 1  # the corpus does not say that both are accepted
    assert (stranger.orders.both, stranger.orders.there) == (1, 1)


def test_a_line_that_is_no_mail_is_named_with_its_field(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 2: kind"):
        written(tmp_path, MAILS[0], {"text": "hello", "kind": "spam"})


def test_a_sealed_file_is_known_by_its_folder(tmp_path: Path) -> None:
    assert written(tmp_path, *MAILS, name="sealed/few.jsonl").sealed
    assert not written(tmp_path, *MAILS).sealed


def test_no_labelled_mail_that_refuses_or_doubts_is_ever_read_as_a_proved_acceptance(read: list[Outcome]) -> None:
    assert [row.mail.text for row in read if row.proved and not row.mail.accepts_both and not row.file.sealed] == []
    assert sum(row.proved and not row.mail.accepts_both for row in read) == 0


def test_the_scores_on_mail_that_was_kept_from_the_rules_and_the_model_do_not_fall(read: list[Outcome]) -> None:
    unseen = [row for row in read if row.file.sealed]
    stranger = tally("stranger", [row for row in unseen if row.sender == "stranger"])
    known = tally("known", [row for row in unseen if row.sender == "known"])

    assert stranger.kinds.value >= 0.83
    assert stranger.sure.value >= 0.93
    assert known.kinds.value >= 0.88  # the held-back hand of the weakest kinds counts, too
    assert known.sure.value >= 0.93
    assert known.consent.value >= 0.66
    assert known.orders.f1 >= 0.96
    assert known.tracking.f1 >= 0.90
    assert known.languages.value >= 0.97


def test_every_kind_has_labelled_mail_and_no_text_stands_twice(read: list[Outcome]) -> None:
    texts = [(row.mail.subject, row.mail.text, row.mail.below) for row in read if row.sender == "known"]

    assert len(by_kind(read)) == 16
    assert len(texts) - len(set(texts)) <= len(texts) // 100


def test_training_again_from_the_same_mails_gives_the_same_octets(tmp_path: Path) -> None:
    file = written(tmp_path, *MAILS * 4)
    for name in ("one", "two"):
        train_on([file], triage()).save(tmp_path / name)

    assert (tmp_path / "one" / "model.bin").read_bytes() == (tmp_path / "two" / "model.bin").read_bytes()


def test_a_model_that_is_not_the_one_of_its_manifest_is_refused_with_the_remedy(tmp_path: Path) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.bin").write_bytes((tmp_path / "model.bin").read_bytes()[:-1] + b"\0")

    with pytest.raises(ModelError, match="supportbot train"):
        KindModel.load(tmp_path)
    with pytest.raises(ModelError, match="supportbot train"):
        KindModel.load(tmp_path / "nowhere")


def test_the_shares_add_up_to_one_whatever_the_text() -> None:
    model = KindModel.load()
    assert model.hear(Sounding("", "")).kinds == {}
    for text in ("?", "x" * 50_000, "取消してください", "cancel " * 5_000):
        assert sum(model.hear(Sounding("", text)).kinds.values()) == pytest.approx(1.0, abs=1e-3)


def test_the_shipped_model_is_of_the_shipped_corpus() -> None:
    files = [file for file in corpus_files(CORPUS) if not file.sealed]
    assert KindModel.load().manifest["files"] == {file.path.name: len(file.mails) for file in files}
    assert SENDERS == ("stranger", "known")


def test_the_command_prints_a_row_a_group_and_a_row_a_kind(tmp_path: Path) -> None:
    written(tmp_path, *MAILS)
    ran = subprocess.run(
        [sys.executable, "-m", "supportbot", "evaluate", "kinds", "--corpus", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [json.loads(line) for line in ran.stdout.splitlines()]

    assert {row["group"] for row in rows if "group" in row} == {"open, stranger", "open, known"}


def test_the_likely_answers_are_the_models_where_it_is_clear_and_a_person_confirms_them() -> None:
    text = "keep the hinges. run the card again. gate's still fallin off anyhow"
    answers = ThreadContext(Role.BUYER, answers_notice=True, notice_asks="two_questions")
    reading = shipped().read(message(text), answers)
    assert (reading.facts.accepts_item, reading.facts.accepts_rebill) == (Answer.YES, Answer.YES)
    assert (reading.tier, reading.needs_person) == (2, True)
    by_model = [(one.fact, one.start, one.end) for one in reading.evidence if one.rule == "model.answers"]
    assert ("accepts_item", 0, len(text)) in by_model


def test_a_bare_yes_to_two_questions_stays_unclear_whatever_the_model_hears() -> None:
    answers = ThreadContext(Role.BUYER, answers_notice=True, notice_asks="two_questions")
    facts = shipped().read(message("Yes, I do. Sorry for the slow answer, no signal on the train.\n\nCarla"), answers).facts
    assert (facts.accepts_item, facts.accepts_rebill) == (Answer.UNCLEAR, Answer.UNCLEAR)


def test_what_the_grammar_proves_the_model_leaves_alone() -> None:
    for text in ("I do not accept the item and I do not accept the re-billing.", "I accept the item and the re-billing."):
        reading = shipped().read(message(text), ThreadContext(Role.BUYER, answers_notice=True, notice_asks="two_questions"))
        assert reading.tier == 1
        assert "model.answers" not in [one.rule for one in reading.evidence]
