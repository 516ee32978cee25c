"""Does a policy decide every situation, and decide it once? Representative situations are tried one by one.

For each kind of message, the facts that its rules ask about are combined, each with one value per outcome that a rule tells
apart, and with unknown. Where the combinations are too many, an even sample is tried: the counts say so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import gcd, prod

from supportbot.casework.facts import Kind
from supportbot.casework.policy import Facts, FactValue, Policy, Rule, Test, Walk, walk

LIMIT = 1500
"""Situations tried for one kind of message under one policy."""

_SOME_TIME = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hole:
    """A situation that no rule decides (`rules` empty), or that two rules decide differently; its facts are few as can be."""

    kind: str
    facts: Facts
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, in how many situations, of how many there are."""

    policy: str
    tried: int
    possible: int
    holes: tuple[Hole, ...]


def example_outcome(policy: Policy, rule: Rule, facts: Facts) -> str:
    """Whether the rule decides or explains (yes), does not hold (no), or cannot be known to hold (unknown).

    A rule that holds but is overruled by a more specific one gives "overruled".
    """
    truth = rule.when.holds(facts)
    if truth is None:
        return "unknown"
    if truth is False:
        return "no"
    if any(condition.holds(facts) is not True for condition in rule.require):
        return "unknown"
    found = walk(policy, facts)
    if rule.then.action is None:
        return "yes"
    return "yes" if found.decided is rule else "overruled"


def survey(policy: Policy, *, limit: int = LIMIT) -> Survey:
    """Try representative situations of every kind of message."""
    tried = possible = 0
    holes: dict[tuple[str, ...], Hole] = {}
    for kind in Kind:
        rules = [rule for rule in policy.rules if not rule.kinds or kind.value in rule.kinds]
        values = _values(policy, rules)
        possible += prod(len(choices) for choices in values.values())
        for facts in _situations(kind.value, values, limit):
            tried += 1
            found = walk(policy, facts)
            if found.decided or found.open:
                continue
            key = (kind.value, *(rule.name for rule in found.conflict))
            if key not in holes:
                holes[key] = _smallest(policy, kind.value, facts, found)
    return Survey(policy.name, tried, possible, tuple(holes.values()))


def _values(policy: Policy, rules: Sequence[Rule]) -> dict[str, list[FactValue | None]]:
    """For each fact the rules ask about, the values they tell apart; None, unknown, where the fact may be."""
    asked: dict[str, list[Test]] = {}
    for rule in rules:
        for test in rule.when.tests():
            asked.setdefault(test.fact, []).append(test)
    asked.pop("message.kind", None)
    found: dict[str, list[FactValue | None]] = {}
    for fact, tests in asked.items():
        spec = policy.vocabulary[fact]
        known: list[FactValue | None] = list(_choices(spec.type, spec.values, tests))
        found[fact] = known if spec.always else [*known, None]
    return found


def _choices(kind: str, words: Sequence[str], tests: Sequence[Test]) -> Iterator[FactValue]:
    if kind == "flag":
        yield from (True, False)
        return
    values = [
        v for test in tests if test.op != "known" for v in (test.value if isinstance(test.value, tuple) else (test.value,))
    ]
    if kind in ("number", "count"):
        limits = sorted({v for v in values if isinstance(v, Decimal)})
        around = [limits[0] - 1, *limits, limits[-1] + 1] if limits else [Decimal(1)]
        yield from (limit for limit in around if kind == "number" or limit >= 0)
    elif kind == "time":
        yield _SOME_TIME
    elif kind == "texts":
        yield ("one",)
    else:
        named = list(dict.fromkeys(v for v in values if isinstance(v, str)))
        other = next((word for word in words if word not in named), "" if words else "something else")
        yield from [*named, other] if other else named


def _situations(kind: str, values: Mapping[str, Sequence[FactValue | None]], limit: int) -> Iterator[Facts]:
    """Every combination, or `limit` of them evenly spread, always the same ones."""
    total = prod(len(choices) for choices in values.values())
    stride = 1 if total <= limit else int(total * 0.6180339887) | 1
    while gcd(stride, total) != 1:
        stride += 1
    number = 0
    for _ in range(min(total, limit)):
        rest = number
        combined: dict[str, FactValue] = {"message.kind": kind}
        for name, choices in values.items():
            rest, choice = divmod(rest, len(choices))
            value = choices[choice]
            if value is not None:
                combined[name] = value
        yield combined
        number = (number + stride) % total


def _smallest(policy: Policy, kind: str, facts: Facts, found: Walk) -> Hole:
    """Leave facts out as long as the hole stays."""
    rules = found.conflict
    kept = dict(facts)
    for name in list(kept):
        if name == "message.kind":
            continue
        fewer = {key: value for key, value in kept.items() if key != name}
        again = walk(policy, fewer)
        if not again.decided and not again.open and bool(again.conflict) == bool(rules):
            kept, rules = fewer, again.conflict
    return Hole(kind, kept, rules)
