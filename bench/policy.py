"""`python -m bench.policy`: how fast rules load, are checked, and decide, on one core (goals: 1 s, 20 s, 5,000 a second)."""

import time
from datetime import UTC, datetime

from supportbot.casework.policy import decide
from supportbot.rulebook import COMMON, Rulebook, default_folder, load_rulebook
from supportbot.rulecheck import check_all, kept_decisions

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SECONDS = 2.0


def decisions_per_second(rulebook: Rulebook) -> float:
    """Decisions over the situations of all kept decisions, one policy after the other, again and again."""
    newest = {policy.id: policy for policy in reversed(rulebook.policies) if policy.id != COMMON}
    work = [(policy, [kept.facts for kept in kept_decisions(rulebook, name)]) for name, policy in newest.items()]
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        for policy, situations in work:
            for facts in situations:
                decide(policy, facts, NOW)
            count += len(situations)
    return count / passed


def main() -> None:
    """Print the figures."""
    start = time.perf_counter()
    rulebook = load_rulebook(default_folder("rules"))
    print(f"rules loaded in {time.perf_counter() - start:.2f} s")
    print(f"{decisions_per_second(rulebook):,.0f} decisions a second")
    start = time.perf_counter()
    checked = check_all(rulebook)
    combinations = sum(found.tried for found in checked.surveys)
    print(f"{combinations:,} combinations checked in {time.perf_counter() - start:.2f} s: {len(checked.findings)} findings")


if __name__ == "__main__":
    main()
