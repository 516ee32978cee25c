"""Runs by seed, and how a failure is told."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.conftest import Nursery, SlowSmtp, nursery
from tests.databases import PostgresqlCluster
from tests.faults.run import Depth, Run, keep_evidence
from tests.servers import PrivateDovecot

__all__ = ["nursery"]

OpenRun = Callable[..., "Iterator[Run]"]


@pytest.fixture
def played(
    tmp_path: Path, nursery: Nursery, private_dovecot: PrivateDovecot, sqlite_template: Path, request: pytest.FixtureRequest
) -> Callable[..., Run]:
    """Plays the run of a seed, audits it, and fails with the seed, the story and the command that repeats it."""

    def play(
        seed: int, depth: Depth, *, database: str = "sqlite", guard_removed: str | None = None, judged: bool = True
    ) -> Run:
        folder = tmp_path / f"{database}-{seed}"
        folder.mkdir(exist_ok=True)
        with _database(request, database, sqlite_template, folder) as url, SlowSmtp() as smtp:
            run = Run(seed, depth, folder, nursery, private_dovecot, smtp, url, guard_removed)
            run.violations = run.play()
            if judged and run.violations:
                keep_evidence(run, folder)
                again = f"FAULT_SEED={seed} python -m pytest {request.node.nodeid} -m ''"
                found = "\n".join(map(str, run.violations[:20]))
                story = "\n".join(run.story)
                pytest.fail(f"seed {seed} ({database}): {again}\n{found}\n\n{story}\nevidence: {folder}", pytrace=False)
        if not run.violations:
            shutil.rmtree(folder)
        return run

    return play


@contextmanager
def _database(request: pytest.FixtureRequest, kind: str, template: Path, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        shutil.copy(template, folder / "run.db")
        yield f"sqlite:///{folder / 'run.db'}"
        return
    cluster: PostgresqlCluster = request.getfixturevalue("postgresql")
    name = cluster.new_database()
    yield cluster.url(name)
    cluster.drop(name)
