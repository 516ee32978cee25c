"""kill -9 at any moment: every mail is stored once, nothing goes out twice, and all work is finished or visibly parked."""

import os
import random
import secrets
import sys
from collections import Counter

import pytest

from bench.corpus import build_corpus, rebill_reports
from supportbot.clock import SystemClock
from supportbot.store import Store
from tests.auditor.audit import audit
from tests.crash.conftest import Victim

MAILS, DRAFTS = 200, 50
KILLS_A_MINUTE = 200
SHORTEST_LIFE, LONGEST_LIFE = 0.02, 0.4  # seconds


def everything_is_in_order(victim: Victim, *, mails: int, approved: int) -> None:
    """What must hold after any number of kills and one quiet round."""
    assert victim.sql("pragma integrity_check") == [("ok",)]
    assert victim.sql("pragma foreign_key_check") == []

    stored = [sha256 for (sha256,) in victim.sql("select sha256 from raw_mail")]
    assert Counter(stored) == Counter(victim.in_mailbox())
    assert len(stored) == mails
    assert victim.sql("select state, count(*) from messages group by state") == [("done", mails)]
    assert victim.sql("select step, reason from quarantine") == []
    assert victim.unseen() == 0

    outbox, taken_over = victim.outbox(), victim.taken_over()
    assert len(outbox) == approved
    assert [each for each, times in Counter(taken_over).items() if times > 1] == []
    assert set(outbox.values()) <= {"sent", "uncertain"}
    assert {each for each, state in outbox.items() if state == "sent"} <= set(taken_over) <= set(outbox)

    assert victim.sql("select message_id, template, count(*) from drafts group by 1, 2 having count(*) > 1") == []
    assert victim.sql("select order_key, type, count(*) from cases group by 1, 2 having count(*) > 1") == []
    assert audit(f"sqlite:///{victim.database}", victim.world()) == []
    store = Store.open(f"sqlite:///{victim.database}", clock=SystemClock(), create=False)
    with store.snapshot() as tx:
        assert tx.verify_audit() == []
        assert {entry.header_message_id for entry in tx.outbox(state="uncertain")} == {
            each for each, state in outbox.items() if state == "uncertain"
        }
    store.close()


def kill_again_and_again(victim: Victim, kills: int, mails: int = MAILS) -> None:
    """`mails` come in while the desk dies `kills` times, alone in a round or with all its threads; then it may finish."""
    seed = int(os.environ.get("CRASH_SEED") or secrets.randbelow(1_000_000))
    sys.stdout.write(f"CRASH_SEED={seed} repeats these moments\n")
    chance = random.Random(seed)
    reports, corpus = rebill_reports(DRAFTS), build_corpus(mails)
    victim.import_orders(reports, corpus)
    victim.deliver(reports.mails)
    victim.finish()
    assert victim.live("approve") == "0"
    assert victim.sql("select count(*) from outbox where state = 'approved'") == [(DRAFTS,)]

    died = 0
    while died < kills:
        first, last = mails * died // kills, mails * (died + 1) // kills
        victim.deliver(corpus.mails[first:last])
        life = chance.choice(("round", "engine"))
        ended = victim.live(life, kill_after=chance.uniform(SHORTEST_LIFE, LONGEST_LIFE))
        while ended == "0":  # it had finished before: it is left no time to
            ended = victim.live(life, kill_after=chance.uniform(0, SHORTEST_LIFE))
        assert ended == "killed"
        died += 1
    victim.finish()
    parked = list(victim.outbox().values()).count("uncertain")
    sys.stdout.write(f"{died} kills; {parked} of {DRAFTS} mails parked, {len(victim.taken_over())} taken over\n")

    everything_is_in_order(victim, mails=mails + DRAFTS, approved=DRAFTS)


def test_killed_at_random_moments_nothing_is_lost_and_nothing_goes_out_twice(victim: Victim) -> None:
    kill_again_and_again(victim, 28)


@pytest.mark.soak
def test_killed_for_long_nothing_is_lost_and_nothing_goes_out_twice(victim: Victim, soak_minutes: float) -> None:
    kills = max(28, round(KILLS_A_MINUTE * soak_minutes))
    kill_again_and_again(victim, kills, mails=max(MAILS, kills // 2))


@pytest.mark.parametrize(
    ("point", "call"),
    [
        ("imap.fetched", 1),
        ("imap.fetched", 2),
        ("imap.mark", 1),
        ("desk.decided", 1),
        ("desk.decided", 7),
        ("desk.approved", 1),
        ("desk.approved", 3),
        ("desk.claimed", 1),
        ("desk.claimed", 3),
        ("desk.sent", 1),
        ("desk.sent", 3),
    ],
)
def test_killed_between_two_steps_the_next_life_goes_on_where_this_one_stopped(victim: Victim, point: str, call: int) -> None:
    reports = rebill_reports(24)
    victim.import_orders(reports)
    victim.deliver(reports.mails)
    for life in ("round", "approve", "round"):
        ended = victim.live(life, accidents=[[point, call, "crash"]])
        if ended == "9":
            break
    else:
        pytest.fail(f"no life reached the point {point}")
    taken_over = len(victim.taken_over())
    for life in ("round", "approve", "round"):
        assert victim.live(life) == "0"

    everything_is_in_order(victim, mails=24, approved=24)
    parked = {each for each, state in victim.outbox().items() if state == "uncertain"}
    assert len(parked) == (1 if point in ("desk.claimed", "desk.sent") else 0)
    assert (parked <= set(victim.taken_over())) == (point != "desk.claimed")
    assert taken_over == {"desk.claimed": call - 1, "desk.sent": call}.get(point, 0)
