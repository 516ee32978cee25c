"""explain: the words that decided, how an answer derives, and what was not understood."""

import json
import subprocess
import sys
from pathlib import Path

from supportbot.casework.facts import ThreadContext
from tests.triage_support import consent_grammars, message, triage

ASKED = ThreadContext(answers_notice=True, notice_asks="two_questions")


def explain(mail: Path, *options: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "supportbot", "explain", str(mail), *options], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def mail(folder: Path, text: str) -> Path:
    file = folder / "mail.eml"
    file.write_text(f"From: Ann <ann@buyer.example>\nTo: s@shop.example\nSubject: Re: order\n\n{text}\n", encoding="utf-8")
    return file


def test_the_derivation_of_an_acceptance_tiles_its_words() -> None:
    text = "Yes, I accept the item and the re-billing of my account."
    reading = triage().read(message(text), ASKED)

    assert reading.tier == 1
    known = {production.id for grammar in consent_grammars() for production in grammar.productions}
    for clause in reading.derivation:
        assert clause.name in known
        assert text[clause.start : clause.end] == clause.text
        for inside in clause.inside:
            assert clause.start <= inside.start < inside.end <= clause.end


def test_a_person_sees_the_clauses_the_unexplained_words_and_both_hashes(tmp_path: Path) -> None:
    proved = explain(mail(tmp_path, "I accept the item and the re-billing."), "--asks", "two_questions")
    doubtful = explain(mail(tmp_path, "I accept the item and the re-billing. In your dreams."))

    assert "both.accept" in proved
    assert "derivation, tier 1" in proved
    assert "rules " in proved
    assert "model " in proved
    assert "In your dreams." in doubtful.partition("Not explained")[2]


def test_a_program_gets_the_same_as_json(tmp_path: Path) -> None:
    row = json.loads(explain(mail(tmp_path, "I accept the item. Perhaps."), "--json"))

    assert row["derivation"] == []
    assert [found["text"] for found in row["unexplained"]] == ["Perhaps."]
    assert row["rules_sha256"]
    assert row["model_sha256"]
    assert abs(sum(row["sounds_like"].values()) - 1) < 0.01
