"""Policies with one thing wrong: a rule lost, a test turned, a requirement or a ban forgotten, a level moved."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from supportbot.casework.facts import Kind
from supportbot.casework.policy import All, AnyOf, Condition, Not, Policy, Rule, Test, Then
from supportbot.casework.survey import survey
from supportbot.rulebook import Rulebook, default_folder, load_rulebook
from supportbot.rulecheck import KeptDecision, changed_decisions, failed_examples, kept_decisions

TURNED = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}


@cache
def shipped() -> Rulebook:
    return load_rulebook(default_folder("rules"))


@cache
def kept(policy_id: str) -> tuple[KeptDecision, ...]:
    return kept_decisions(shipped(), policy_id)


def turned(condition: Condition, number: int) -> Condition:
    """The condition with its test `number` turned into its opposite."""
    place = iter(range(10_000))

    def turn(part: Condition) -> Condition:
        if isinstance(part, Test):
            if next(place) != number:
                return part
            if part.op == "known":
                return replace(part, value=not part.value)
            return Not((part,)) if part.op == "in" else replace(part, op=TURNED[part.op])
        assert isinstance(part, All | AnyOf | Not)
        return replace(part, of=tuple(turn(inner) for inner in part.of))

    return turn(condition)


def mutants(policy: Policy) -> Iterator[tuple[str, Rule, Policy]]:
    """What was done, to which rule, and the policy as it is then. Rules of the common file are mutated in their own policy."""
    for rule in policy.rules:
        if ("common.yaml" in rule.file) != (policy.id == "common"):
            continue
        for what, changed in _changes(rule):
            rules = tuple(changed if r is rule else r for r in policy.rules if r is not rule or changed)
            yield f"{policy.name} {rule.name}: {what}", rule, replace(policy, rules=tuple(r for r in rules if r))


def _changes(rule: Rule) -> Iterator[tuple[str, Rule | None]]:
    yield "lost", None
    for number, test in enumerate(rule.when.tests()):
        yield f"{test.fact} {test.op} {test.value} turned", replace(rule, when=turned(rule.when, number))
    for number, _ in enumerate(rule.require):
        yield f"requirement {number} forgotten", replace(rule, require=rule.require[:number] + rule.require[number + 1 :])
    if rule.forbid:
        yield "ban forgotten", replace(rule, forbid=())
    if rule.then.action:
        then: Then = replace(rule.then, action="refuse" if rule.then.action != "refuse" else "answer")
        yield "another action", replace(rule, then=then)


def noticed(policy: Policy, rule: Rule) -> bool:
    """Whether `rules check` would find anything: an example, a kept decision, a gap or a conflict."""
    if any(failed_examples(policy)) or any(changed_decisions(shipped(), policy, kept(policy.id))):
        return True
    if policy.id == "common":
        return False
    kinds = tuple(Kind(kind) for kind in rule.kinds) or tuple(Kind)
    return bool(survey(policy, kinds).holes)
