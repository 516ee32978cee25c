"""Does a policy decide every situation, and decide it once? The whole space of situations is split until each part is settled.

For each kind of message, the values of a fact fall into as few classes as the rules' conditions tell apart, unknown among them.
The space of their combinations is cut along one fact at a time, and only where the next rule of the table asks for it, so that
a part in which one decision stands is settled in one piece, however many combinations it holds. The parts are disjoint and
cover the space: the survey is complete, and `Survey.tried` always equals `Survey.possible`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby, pairwise
from math import prod

from supportbot.casework.facts import Kind
from supportbot.casework.policy import All, AnyOf, Condition, Facts, FactValue, Not, Policy, Rule, Test, Tri, Walk, walk

_SOME_TIME = datetime(2024, 1, 1, tzinfo=UTC)

Choices = Mapping[str, Sequence[FactValue | None]]
Known = dict[str, FactValue | None]
"""Facts that are settled, None for those that are settled to be unknown; the others may still be anything."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A situation that no rule decides (`rules` empty), or that two rules decide differently; its facts are few as can be."""

    kind: str
    facts: Facts
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, in how many combinations of facts, and in how many parts they were settled."""

    policy: str
    tried: int
    possible: int
    parts: int
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class _Undecided:
    """The fact that a condition must know first."""

    fact: str


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


def survey(policy: Policy, kinds: Sequence[Kind] = tuple(Kind)) -> Survey:
    """Settle every combination of the facts that the rules ask about, for every kind of message or for some."""
    tried = possible = parts = 0
    holes: dict[tuple[object, ...], Hole] = {}
    for kind in kinds:
        rules = [rule for rule in policy.rules if not rule.kinds or kind.value in rule.kinds]
        choices = classes(policy, rules)
        possible += prod(len(values) for values in choices.values())
        table = _Table(rules)
        for known, outcome in table.parts(choices, {"message.kind": kind.value}):
            parts += 1
            tried += prod(len(values) for fact, values in choices.items() if fact not in known)
            if isinstance(outcome, Walk):
                facts = {name: value for name, value in known.items() if value is not None}
                hole = _smallest(policy, kind.value, facts, outcome.conflict)
                holes.setdefault(
                    (kind, tuple(rule.name for rule in hole.rules), tuple(sorted(map(str, hole.facts.items())))), hole
                )
    return Survey(policy.name, tried, possible, parts, tuple(holes.values()))


class _Table:
    """The rules about one kind of message, ready to be walked with facts that are not settled yet."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        deciding = [rule for rule in rules if rule.then.action]
        self._levels = [list(level) for _, level in groupby(deciding, key=lambda rule: rule.specificity)]
        self._bans = {
            rule.name: [other.when for other in rules if any(ban.covers(rule.then) for ban in other.forbid)]
            for rule in deciding
        }

    def parts(self, choices: Choices, known: Known) -> Iterator[tuple[Known, Walk | None]]:
        """Disjoint parts that cover everything that agrees with `known`: each with its hole, or None where it is decided."""
        outcome = self._settle(known)
        if not isinstance(outcome, _Undecided):
            yield known, outcome
            return
        for value in choices[outcome.fact]:
            yield from self.parts(choices, {**known, outcome.fact: value})

    def _settle(self, known: Known) -> Walk | _Undecided | None:
        """As `policy.walk`; the fact to ask for where the walk depends on one that is not settled."""
        for level in self._levels:
            true: list[Rule] = []
            open_rule = False
            for rule in level:
                truth = _truth(rule.when, known)
                if truth is False:
                    continue
                banned = self._banned(rule, known)
                if isinstance(banned, _Undecided):
                    return banned
                if banned:
                    continue
                if isinstance(truth, _Undecided):
                    return truth
                if truth:
                    true.append(rule)
                open_rule = open_rule or (truth is None and rule.unknown != "skip")
            if len({rule.then.result for rule in true}) > 1:
                return Walk(conflict=tuple(true))
            if true or open_rule:
                return None
        return Walk()

    def _banned(self, rule: Rule, known: Known) -> bool | _Undecided:
        truths = [_truth(when, known) for when in self._bans[rule.name]]
        if any(truth is True for truth in truths):
            return True
        return next((truth for truth in truths if isinstance(truth, _Undecided)), False)


def _truth(condition: Condition, known: Known) -> Tri | _Undecided:
    """As `Condition.holds`, and undecided where it depends on a fact that is not settled yet."""
    match condition:
        case Test():
            if condition.fact not in known:
                return _Undecided(condition.fact)
            value = known[condition.fact]
            return condition.holds({} if value is None else {condition.fact: value})
        case Not():
            truth = _joined(condition.of, known, ends=False)
            return not truth if isinstance(truth, bool) else truth
        case All():
            return _joined(condition.of, known, ends=False)
        case AnyOf():
            return _joined(condition.of, known, ends=True)
        case _:
            raise TypeError(f"{condition!r} is no condition of a rule")


def _joined(parts: Sequence[Condition], known: Known, *, ends: bool) -> Tri | _Undecided:
    """Parts of which one settles the whole as soon as it is `ends`."""
    result: Tri | _Undecided = not ends
    for part in parts:
        truth = _truth(part, known)
        if truth is ends:
            return ends
        if isinstance(truth, _Undecided) and not isinstance(result, _Undecided):
            result = truth
        elif truth is None and isinstance(result, bool):
            result = None
    return result


def classes(policy: Policy, rules: Sequence[Rule]) -> dict[str, list[FactValue | None]]:
    """For each fact the rules' conditions ask about, one value of each class they tell apart; None where unknown."""
    asked: dict[str, list[Test]] = {}
    for rule in rules:
        for test in rule.when.tests():
            asked.setdefault(test.fact, []).append(test)
    asked.pop("message.kind", None)
    found: dict[str, list[FactValue | None]] = {}
    for fact, tests in asked.items():
        spec = policy.vocabulary[fact]
        told_apart: dict[tuple[Tri, ...], FactValue | None] = {}
        for value in _choices(spec.type, spec.values, tests):
            told_apart.setdefault(tuple(test.holds({fact: value}) for test in tests), value)
        known: list[FactValue | None] = list(told_apart.values())
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
        limits = sorted({v for v in values if isinstance(v, Decimal)}) or [Decimal(1)]
        between = [(low + high) / 2 for low, high in pairwise(limits)]
        around = [limits[0] - 1, *limits, *between, limits[-1] + 1]
        yield from (limit for limit in around if kind == "number" or (limit >= 0 and limit == int(limit)))
    elif kind == "time":
        yield _SOME_TIME
    elif kind == "texts":
        yield ("one",)
    else:
        named = list(dict.fromkeys(v for v in values if isinstance(v, str)))
        yield from named
        yield from [word for word in words if word not in named] if words else ["something else"]


def _smallest(policy: Policy, kind: str, facts: Facts, rules: tuple[Rule, ...]) -> Hole:
    """Leave facts out as long as the hole stays."""
    kept = dict(facts)
    for name in list(kept):
        if name == "message.kind":
            continue
        fewer = {key: value for key, value in kept.items() if key != name}
        again = walk(policy, fewer)
        if not again.decided and not again.open and bool(again.conflict) == bool(rules):
            kept, rules = fewer, again.conflict
    return Hole(kind, kept, rules)
