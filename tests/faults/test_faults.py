"""Whatever fails, nothing is lost, nothing goes out twice, and no money moves without proof; and the auditor sees it if not.

One module, so that one process of a parallel run serves all of it: what takes long is to load rules and languages once.
"""

import ast
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from supportbot.fault import POINTS
from tests.auditor.audit import audit
from tests.auditor.facts import Shown, Taken, World, write_sink
from tests.crash.conftest import Nursery, SlowSmtp
from tests.faults.damage import DAMAGE
from tests.faults.run import BILLING, FULL, SLICE, Depth, Run
from tests.servers import PrivateDovecot

ROOT = Path(__file__).parent.parent.parent
SEEDS = (3,)


def seeds(count: int) -> list[int]:
    """The one that FAULT_SEED names, else new ones."""
    given = os.environ.get("FAULT_SEED")
    return [int(given)] if given else [secrets.randbelow(10**9) for _ in range(count)]


@pytest.mark.parametrize("seed", seeds(1) if os.environ.get("FAULT_SEED") else SEEDS)
def test_after_a_run_through_faults_every_invariant_holds(seed: int, played: Callable[..., Run]) -> None:
    played(seed, SLICE)


@pytest.mark.soak
@pytest.mark.parametrize(("database", "runs"), [("sqlite", 2000), ("postgresql", 500)])
def test_after_thousands_of_runs_through_faults_every_invariant_holds(
    database: str, runs: int, played: Callable[..., Run]
) -> None:
    for number, seed in enumerate(seeds(int(os.environ.get("FAULT_RUNS", runs))), 1):
        played(seed, FULL, database=database)
        sys.stdout.write(f"{number} runs; seed {seed} holds\n")


# -- the auditor


@dataclass(frozen=True)
class Whole:
    """A database in which everything happened and nothing is wrong, and the world around it."""

    database: Path
    world: World


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, private_dovecot: PrivateDovecot, sqlite_template: Path
) -> Iterator[Whole]:
    """One quiet run up to issued credit memos."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(sqlite_template, folder / "whole.db")
    with SlowSmtp() as smtp:
        run = Run(1, Depth((6, 8), (3, 3), (1, 1)), folder, nursery, private_dovecot, smtp, f"sqlite:///{folder / 'whole.db'}")
        run.quiet_to_the_end()
        yield Whole(folder / "whole.db", run.world())


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def damaged(whole: Whole, folder: Path, script: str) -> str:
    """A copy of the rows without any key, check or trigger, damaged; its URL."""
    path = folder / "damaged.db"
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("attach ? as whole", (str(whole.database),))
        tables = copy.execute("select name from whole.sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith(("sqlite_", "message_words")):
                copy.execute(f'create table main."{table}" as select * from whole."{table}"')
        copy.commit()
        copy.execute("detach whole")
        copy.executescript(script.format(user=whole.world.address))
        copy.commit()
    return f"sqlite:///{path}"


def test_a_quiet_run_breaks_nothing_and_ends_in_issued_memos(whole: Whole) -> None:
    url = f"sqlite:///{whole.database}"
    with closing(sqlite3.connect(whole.database)) as connection:
        assert connection.execute("select count(*) from credit_memos where status = 'issued'").fetchone()[0] >= 1
    assert audit(url, whole.world) == []


@pytest.mark.parametrize(("invariant", "what", "script"), DAMAGE, ids=[f"{one[0]} {one[1]}" for one in DAMAGE])
def test_every_damage_is_seen(invariant: str, what: str, script: str, whole: Whole, tmp_path: Path) -> None:
    seen = audit(damaged(whole, tmp_path, script), whole.world)
    assert invariant in {one.invariant for one in seen}, f"{what} was not seen as {invariant}: {seen}"


def test_the_auditor_by_hand_says_the_same(whole: Whole, tmp_path: Path) -> None:
    write_sink(tmp_path / "sink.jsonl", whole.world.taken or ())
    given = [
        "--database",
        f"sqlite:///{whole.database}",
        "--sink",
        str(tmp_path / "sink.jsonl"),
        "--address",
        whole.world.address,
    ]
    told = subprocess.run(
        [sys.executable, "-m", "tests.auditor", *given, "--correspondent", BILLING], cwd=ROOT, capture_output=True, text=True
    )
    assert (told.returncode, told.stdout) == (0, "0 violation(s)\n"), told.stderr
    stranger = subprocess.run([sys.executable, "-m", "tests.auditor", *given], cwd=ROOT, capture_output=True, text=True)
    assert stranger.returncode == 1
    assert "I11: " in stranger.stdout


def test_a_mail_that_went_out_twice_is_seen(whole: Whole) -> None:
    taken = whole.world.taken or ()
    seen = audit(f"sqlite:///{whole.database}", replace(whole.world, taken=(*taken, taken[0])))
    assert {one.invariant for one in seen} == {"I5"}


def test_a_mail_that_went_to_somebody_else_is_seen(whole: Whole) -> None:
    first, *rest = whole.world.taken or ()
    elsewhere = Taken(first.envelope_from, ("x@evil.example",), first.raw)
    seen = audit(f"sqlite:///{whole.database}", replace(whole.world, taken=(elsewhere, *rest)))
    assert "I11" in {one.invariant for one in seen}


def test_a_mail_that_was_removed_from_the_mailbox_is_seen(whole: Whole) -> None:
    seen = audit(f"sqlite:///{whole.database}", replace(whole.world, mailbox=(whole.world.mailbox or ())[1:]))
    assert "I6" in {one.invariant for one in seen}


def test_two_answers_that_went_alone_within_a_day_are_seen(whole: Whole, tmp_path: Path) -> None:
    script = "update reviews set reviewer = 'autopilot'; update drafts set case_id = null, \"to\" = '[\"a@b.example\"]'"
    seen = audit(damaged(whole, tmp_path, script), whole.world)
    assert any(one.invariant == "I8" and "within a day" in one.sentence for one in seen)


def test_a_page_that_shows_a_seller_what_is_anothers_is_seen(whole: Whole) -> None:
    (order, case) = rows(whole.database, "select o.order_id, c.id from cases c join orders o on o.key = c.order_key limit 1")[0]
    own = Shown("s-1", "/cases", "<p>Nothing.</p>")
    assert audit(f"sqlite:///{whole.database}", replace(whole.world, shown=(own,))) == []
    for body in (f"<td>{order}</td>", f'<a href="/cases/{case}">'):
        told = replace(whole.world, shown=(own, Shown("s-1", "/cases", body)))
        assert {one.invariant for one in audit(f"sqlite:///{whole.database}", told)} == {"I12"}


def test_a_decision_that_depends_on_the_process_or_its_order_is_seen(whole: Whole) -> None:
    first, second = whole.world.decided_anew
    assert len(first) > 5
    mail = min(first)
    for other in ({**first[mail], "outcomes": []}, {**first[mail], "facts": "Facts()"}):
        told = replace(whole.world, decided_anew=(first, {**second, mail: other}))
        assert {one.invariant for one in audit(f"sqlite:///{whole.database}", told)} == {"I15"}
    read = {**first, mail: {**first[mail], "kind": "something"}}
    assert {one.invariant for one in audit(f"sqlite:///{whole.database}", replace(whole.world, decided_anew=(read, read)))} == {
        "I15"
    }


def test_every_invariant_has_its_damage() -> None:
    assert {invariant for invariant, _, _ in DAMAGE} == {f"I{number}" for number in range(1, 18)}


def test_the_auditor_knows_nothing_of_the_product() -> None:
    imported = {
        name
        for path in (ROOT / "tests" / "auditor").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert {
        name for name in imported if name.startswith(("supportbot", "bench", "tests")) and not name.startswith("tests.auditor")
    } == set()


def test_nothing_in_the_product_can_switch_a_fault_point_on() -> None:
    called = []
    for path in (ROOT / "supportbot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {getattr(node, "attr", ""), getattr(node, "id", "")} | {
                each.name for each in getattr(node, "names", ()) if isinstance(each, ast.alias)
            }
            if names & {"watched", "_reached"} and path.name != "fault.py":
                called.append(f"{path.name}:{getattr(node, 'lineno', 0)}")
    assert called == []


def test_every_fault_point_is_passed_somewhere_and_every_place_is_a_known_point() -> None:
    passed = [
        name
        for path in (ROOT / "supportbot").rglob("*.py")
        for name in re.findall(r'fault\.point\("([^"]+)"\)', path.read_text("utf-8"))
    ]
    assert sorted(passed) == sorted(POINTS)
