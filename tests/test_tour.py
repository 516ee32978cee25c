"""The demo, from its first mail to its last: the outcome, the console that answers, and the ways it ends."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from supportbot.casework.facts import Kind
from supportbot.console import open_console
from supportbot.demo.people import FOR_YOU, REVIEWERS, STORIES, rebill_reference
from supportbot.demo.samples import sample_mails
from supportbot.demo.show import COLUMNS, Outcome, show_outcomes
from supportbot.tour import Tour

COMMAND = (sys.executable, "-m", "supportbot", "demo")


@pytest.fixture(scope="module")
def tour() -> Iterator[Tour]:
    """A tour at its end: every sample is worked, every story played."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tour = Tour(stack, folder, port=0)
        tour.fetch(sample_mails())
        for _ in tour.work():
            pass
        for story in STORIES:
            for _ in tour.play(story):
                pass
        yield tour


def test_mail_of_every_kind_is_worked_and_none_is_quarantined(tour: Tour) -> None:
    kinds = Counter(outcome.kind for outcome in tour.outcomes())

    assert set(kinds) == set(Kind)
    assert tour.ending().quarantined == 0
    assert sum(kinds.values()) >= len(sample_mails()) + 5


def test_two_credit_memos_are_issued_by_two_people_and_one_case_closes_without(tour: Tour) -> None:
    ending = tour.ending()

    assert {(memo.order_id, memo.entered_by, memo.approved_by) for memo in ending.issued} == {
        ("771204518", *REVIEWERS),
        ("771204790", *REVIEWERS),
    }
    assert ending.closed == ("771204633",)
    assert ending.drafts_waiting > 10


def test_every_mail_ends_with_an_action_and_whatever_a_rule_decided_says_why(tour: Tour) -> None:
    outcomes = tour.outcomes()

    assert [outcome.mail for outcome in outcomes if not outcome.action] == []
    assert [outcome.mail for outcome in outcomes if outcome.rule and not outcome.short_why] == []
    assert [outcome.short_why for outcome in outcomes if "“" in outcome.short_why] == []


def test_billing_is_asked_before_it_confirms(tour: Tour) -> None:
    with tour.app.store.snapshot() as tx:
        memo_cases = [case for case in tx.cases() if tx.memo(case_id=case.id)]
        asked = {
            mail.case_id: mail.sent_at
            for case in memo_cases
            for mail in tx.sent_mail(case_id=case.id)
            if mail.template == "m_request_billing"
        }
        confirmed = {
            case.id: event.at for case in memo_cases for event in tx.case_events(case.id) if event.event == "rebill_done"
        }

    assert len(confirmed) == 2
    assert [case for case, at in confirmed.items() if asked[case] > at] == []


def test_the_console_of_the_demo_answers_on_this_machine(tour: Tour) -> None:
    console = open_console(tour.app, "127.0.0.1", 0, demo_users=REVIEWERS)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{console.port}/login", timeout=10) as answer:
            page = answer.read().decode()
    finally:
        console.stop()

    assert [name for name in REVIEWERS if f"Continue as {name}" not in page] == []


def test_what_the_spectator_approves_is_sent_and_answered_up_to_the_credit_memo(tour: Tour) -> None:
    desk = tour.app.desk
    for _ in range(6):
        with tour.app.store.snapshot() as tx:
            waiting = [draft for draft in tx.drafts() if draft.order_id == FOR_YOU]
        for draft in waiting:
            desk.approve(draft.id, reviewer="sam", shown_sha256=draft.content_sha256)
        desk.deliver_outbox()
        for _ in tour.hear_from_outside():
            pass
        desk.fetch_new(tour.app.sources[0])
        for _ in tour.work():
            pass
    with tour.app.store.snapshot() as tx:
        memo = next(memo for case in tx.cases() if case.order_id == FOR_YOU and (memo := tx.memo(case_id=case.id)))
    desk.money.confirm_rebill(memo.ticket_id, by="sam", reference=rebill_reference(FOR_YOU))
    desk.money.enter_memo(memo.ticket_id, amount=memo.cap, by="sam")

    assert desk.money.issue_memo(memo.ticket_id, by="robin").status == "issued"


ROW = Outcome(
    sender="hello@oak-and-iron.test",
    subject="cancelled order was shipped",
    kind="shipped_cancelled_report",
    rule="M-20",
    action="send_rebill_notice",
    results=("m_rebill_notice: sent",),
    why="M-20: The order was cancelled but has shipped: the buyer is told (“follow the below steps”).",
    state="done",
)


@pytest.mark.parametrize("width", [60, 80, 120, 160, 300])
def test_the_outcome_table_fits_its_terminal_and_breaks_no_name(width: int) -> None:
    out = Console(width=width, record=True, color_system=None, file=StringIO())
    show_outcomes(out, [ROW] * 3)
    lines = out.export_text().splitlines()

    assert max(map(len, lines)) <= width
    assert [name for name in COLUMNS if name not in "\n".join(lines)] == []
    if width >= 80:
        shown = "\n".join(lines)
        assert [shown.count(word) for word in ("shipped_cancelled_report", "M-20", "send_rebill_notice")] == [3, 3, 3]
        assert "follow the below steps" not in shown


def test_demo_once_ends_well_and_its_output_can_be_kept_in_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "outcome.txt"
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with kept.open("wb") as file:
        ended = subprocess.run(
            (*COMMAND, "--once"), stdout=file, stderr=subprocess.PIPE, env=environment, timeout=120, check=False
        )
    text = kept.read_text("utf-8")

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert max(map(len, text.splitlines())) <= 160
    assert "\x1b" not in text
    assert [kind for kind in Kind if kind not in text] == []
    assert "2 credit memos issued, each by two people" in text


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)])
def test_the_serving_demo_ends_cleanly_when_it_is_told_to(how: signal.Signals) -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(
        (*COMMAND, "--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    )
    try:
        assert running.stdout is not None
        url = _url_in(iter(running.stdout.readline, ""))
        with urllib.request.urlopen(f"{url}login", timeout=10) as answer:
            status = answer.status
        time.sleep(0.5)
        running.send_signal(how)
        rest, complaints = running.communicate(timeout=30)
    finally:
        running.kill()

    assert status == 200
    assert (running.returncode, complaints) == (0, "")
    assert "stopping" in rest


def _url_in(lines: Iterator[str]) -> str:
    for line in lines:
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            return found[0]
    raise AssertionError("the demo ended without naming its console")
