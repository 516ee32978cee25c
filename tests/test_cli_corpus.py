"""corpus: a corrected mail becomes a labelled one, and unexplained clauses are counted."""

import json
import subprocess
import sys
from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "supportbot", "corpus", *arguments], capture_output=True, text=True, check=False
    )


def mail(folder: Path) -> Path:
    file = folder / "odd.eml"
    file.write_text(
        "From: Ann <ann@buyer.example>\nTo: s@shop.example\nSubject: Re: lamp\n\nWhere is it, order 4471?\n\n"
        "On 2 Nov 2026, at 10:03, Shop <s@shop.example> wrote:\n\n> Your order has left us.\n",
        encoding="utf-8",
    )
    return file


def test_a_corrected_mail_is_one_line_with_its_own_words_apart_from_the_quote_and_is_kept_once(tmp_path: Path) -> None:
    told = (str(mail(tmp_path)), "order_status", "sender_role=buyer", "order_ids=4471", "--corpus", str(tmp_path / "corpus"))

    assert run("add", *told).returncode == 0
    assert "already" in run("add", *told).stdout
    (line,) = (tmp_path / "corpus" / "corrected.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["kind"], kept["text"].strip()) == ("order_status", "Where is it, order 4471?")
    assert "Your order has left us." in kept["below"]
    assert kept["facts"] == {"sender_role": "buyer", "order_ids": ["4471"]}


def test_a_fact_that_there_is_not_is_named(tmp_path: Path) -> None:
    ran = run("add", str(mail(tmp_path)), "order_status", "mood=bad", "--corpus", str(tmp_path))

    assert ran.returncode == 2
    assert "mood" in ran.stderr


def test_clauses_that_kept_acceptances_from_proof_are_counted(tmp_path: Path) -> None:
    accepted = {"accepts_item": "yes", "accepts_rebill": "yes", "sender_role": "buyer"}
    mails = [
        {"text": f"I accept the item and the re-billing. Zut alors. {end}", "kind": "rebill_reply", "facts": accepted}
        for end in ("Thanks.", "Cheers.")
    ]
    (tmp_path / "few.jsonl").write_text("".join(json.dumps(one) + "\n" for one in mails), encoding="utf-8")

    rows = [json.loads(line) for line in run("near-misses", "--corpus", str(tmp_path), "--json").stdout.splitlines()]
    assert rows[0] == {"words": "zut alors", "mails": 2}
