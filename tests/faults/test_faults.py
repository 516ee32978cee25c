"""Whatever fails, nothing is lost, nothing goes out twice, and no money moves without proof."""

import os
import secrets
import sys
from collections.abc import Callable

import pytest

from tests.faults.run import FULL, SLICE, Run

SEEDS = (3, 11)


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
