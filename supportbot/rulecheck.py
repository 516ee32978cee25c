"""Do the rules say what they mean? Their own examples, the decisions kept beside them, every gap and every conflict.

    examples     each rule's own: it decides (yes), it does not hold (no), it cannot be known to hold (unknown)
    decisions    rules/decisions/<id>.jsonl: what the policy decided when a person last accepted it, written apart from the
                 rules, so that a rule that is lost or bent is missed
    survey       every combination of the facts that a policy uses (casework/survey.py)

`policy_page` writes a policy down for people to read; docs/policies/ is generated from it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from supportbot.casework.policy import All, AnyOf, Condition, Facts, FactValue, Not, Policy, Rule, Test, decide, walk
from supportbot.casework.situation import FACTS
from supportbot.casework.survey import Hole, Survey, example_outcome, survey
from supportbot.errors import Finding
from supportbot.rulebook import COMMON, Rulebook

_NOW = datetime(2024, 1, 1, tzinfo=UTC)  # decisions are compared without their times


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """What a policy decided of some facts when a person last accepted it."""

    facts: Facts
    rule: str | None  # with its variant
    action: str
    mail: str | None  # the template, and to whom
    fired: tuple[str, ...]
    blocked: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often a rule's own examples show it, and how many kept decisions rest on it."""

    policy: str
    rule: str
    yes: int
    no: int
    unknown: int
    kept: int


@dataclass(frozen=True, slots=True)
class Check:
    """All that a check found, and how much was looked at."""

    findings: tuple[Finding, ...]
    surveys: tuple[Survey, ...]
    coverage: tuple[Coverage, ...]


def check(rulebook: Rulebook) -> list[Finding]:
    """Every finding on a rulebook. Empty: the rules say what they mean."""
    return list(check_all(rulebook).findings)


def check_all(rulebook: Rulebook) -> Check:
    """Run examples and kept decisions, survey every policy, and count what each rule is shown by."""
    found: dict[Finding, None] = {}
    surveys = []
    coverage: list[Coverage] = []
    for policy in rulebook.policies:
        kept = kept_decisions(rulebook, policy.id) if _is_newest(rulebook, policy) else ()
        found |= dict.fromkeys(failed_examples(policy))
        found |= dict.fromkeys(changed_decisions(rulebook, policy, kept))
        looked = survey(policy)
        surveys.append(looked)
        if policy.id != COMMON:  # alone it is incomplete on purpose
            found |= dict.fromkeys(_hole_finding(rulebook, policy, hole) for hole in looked.holes)
        if _is_newest(rulebook, policy):
            shown = list(_coverage(policy, kept))
            coverage += shown
            found |= dict.fromkeys(_unshown(policy, shown))
            found |= dict.fromkeys(_lost_quotes(rulebook, policy))
    return Check(tuple(found), tuple(surveys), tuple(coverage))


def _is_newest(rulebook: Rulebook, policy: Policy) -> bool:
    return next(p for p in rulebook.policies if p.id == policy.id) is policy


def own_rules(policy: Policy) -> Iterator[Rule]:
    """The rules that the policy's own file holds."""
    for rule in policy.rules:
        if (Path(rule.file).stem == COMMON) == (policy.id == COMMON):
            yield rule


# --- examples ----------------------------------------------------------------------------------------------------------------


def failed_examples(policy: Policy) -> Iterator[Finding]:
    """Examples that do not come out as they say."""
    for rule in policy.rules:
        for example in rule.examples:
            came = example_outcome(policy, rule, example.facts)
            if came != example.outcome:
                key = f"{policy.name} {rule.name} examples.{example.outcome}"
                yield Finding(rule.file, rule.line, key, f"{came} for {_plain(example.facts)}", example.outcome)


def _unshown(policy: Policy, coverage: Sequence[Coverage]) -> Iterator[Finding]:
    """Rules that no example shows deciding, failing to hold, or wanting a fact."""
    for rule, shown in zip(own_rules(policy), coverage, strict=True):
        for outcome, count in (("yes", shown.yes), ("no", shown.no), ("unknown", shown.unknown)):
            if not count:
                yield Finding(
                    rule.file, rule.line, f"{policy.name} {rule.name} examples", f"none of “{outcome}”", "one or more"
                )


def coverage_of(rulebook: Rulebook, policy: Policy) -> Sequence[Coverage]:
    """How often a policy's examples show each of its own rules, and how many kept decisions rest on it."""
    return list(_coverage(policy, kept_decisions(rulebook, policy.id)))


def _coverage(policy: Policy, kept: Sequence[KeptDecision]) -> Iterator[Coverage]:
    for rule in own_rules(policy):
        outcomes = [example.outcome for example in rule.examples]
        yield Coverage(
            policy.name,
            rule.name,
            outcomes.count("yes"),
            outcomes.count("no"),
            outcomes.count("unknown"),
            sum(rule.name == one.rule or (rule.then.action is None and rule.id in one.fired) for one in kept),
        )


# --- sources -----------------------------------------------------------------------------------------------------------------

_QUOTATION_MARKS = str.maketrans(dict.fromkeys("‘’‚“”„'`", '"'))
_LEFT_OUT = re.compile(r"…|\[[^\[\]]{0,200}+\]")


def folded(text: str) -> str:
    """Without differences of white space and quotation marks, as quotes are compared (docs/spec/policies.md)."""
    return " ".join(text.translate(_QUOTATION_MARKS).split())


def _lost_quotes(rulebook: Rulebook, policy: Policy) -> Iterator[Finding]:
    """Quotes that their document does not hold; those with a mark come from elsewhere."""
    documents: dict[str, str | None] = {}
    for rule in own_rules(policy):
        source = rule.source
        if source.mark:
            continue
        if source.file not in documents:
            path = rulebook.folder / "sources" / source.file
            documents[source.file] = folded(path.read_text("utf-8")) if path.is_file() else None
        document = documents[source.file]
        if document is None:
            yield Finding(rule.file, rule.line, f"{rule.name} source.file", source.file, "a text in the folder sources/")
        elif not _holds(document, source.text):
            expected = f"words of {source.file}, as they stand there, or a `mark`"
            yield Finding(rule.file, rule.line, f"{rule.name} source.quote", source.text, expected)


def _holds(document: str, quote: str) -> bool:
    position = 0
    for words in _LEFT_OUT.split(quote):
        position = document.find(folded(words), position)
        if position < 0:
            return False
    return bool(quote.strip())


# --- kept decisions ----------------------------------------------------------------------------------------------------------


def _decisions_file(rulebook: Rulebook, policy_id: str) -> Path:
    return rulebook.folder / "decisions" / f"{policy_id}.jsonl"


def kept_decisions(rulebook: Rulebook, policy_id: str) -> tuple[KeptDecision, ...]:
    """The decisions kept for a policy; none where none were accepted yet."""
    file = _decisions_file(rulebook, policy_id)
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return tuple(_read_decision(json.loads(line)) for line in lines if line.strip())


def accept_decisions(rulebook: Rulebook) -> list[Path]:
    """Keep what the newest version of each policy decides now of all its examples; the files that changed."""
    changed = []
    for policy in rulebook.policies:
        if not _is_newest(rulebook, policy):
            continue
        situations = {json.dumps(_written(example.facts), sort_keys=True): example.facts
                      for rule in own_rules(policy) for example in rule.examples}  # fmt: skip
        lines = [json.dumps(_decision_line(policy, facts), ensure_ascii=False) for _, facts in sorted(situations.items())]
        file, text = _decisions_file(rulebook, policy.id), "\n".join(lines) + "\n"
        if not file.is_file() or file.read_text("utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
            changed.append(file)
    return changed


def changed_decisions(rulebook: Rulebook, policy: Policy, kept: Sequence[KeptDecision]) -> Iterator[Finding]:
    """Kept decisions that the policy no longer takes."""
    file = _decisions_file(rulebook, policy.id)
    for number, before in enumerate(kept, start=1):
        now = _decision_of(policy, before.facts)
        if now != before:
            what = f"{_decided(now)} for {_plain(before.facts)}"
            yield Finding(
                file,
                number,
                policy.name,
                what,
                f"{_decided(before)}, as kept; `supportbot rules accept` if the change is meant",
            )


def _decision_of(policy: Policy, facts: Facts) -> KeptDecision:
    found, decision = walk(policy, facts), decide(policy, facts, _NOW)
    rule = found.decided or found.open
    mail = f"{decision.template} to the {decision.to}" if decision.template else None
    name = rule.name if rule else None
    return KeptDecision(facts, name, decision.action, mail, decision.fired, decision.blocked, decision.missing)


def _decided(one: KeptDecision) -> str:
    with_others = f" with {', '.join(one.fired)}" if one.fired else ""
    letter = f", {one.mail}" if one.mail else ""
    notes = [
        f"{word} {', '.join(several)}" for word, several in (("blocking", one.blocked), ("lacking", one.missing)) if several
    ]
    return f"{one.action} by {one.rule or 'no rule'}{letter}{with_others}{''.join(f', {note}' for note in notes)}"


def _decision_line(policy: Policy, facts: Facts) -> dict[str, object]:
    one = _decision_of(policy, facts)
    outcome = {
        "rule": one.rule,
        "action": one.action,
        "mail": one.mail,
        "fired": one.fired,
        "blocked": one.blocked,
        "missing": one.missing,
    }
    return {"facts": _written(facts)} | {name: value for name, value in outcome.items() if value}


def _read_decision(raw: Mapping[str, Any]) -> KeptDecision:
    facts = {name: _read_value(name, value) for name, value in raw["facts"].items()}
    return KeptDecision(
        facts,
        raw.get("rule"),
        raw["action"],
        raw.get("mail"),
        *(tuple(raw.get(name, ())) for name in ("fired", "blocked", "missing")),
    )


def _written(facts: Facts) -> dict[str, object]:
    return {name: _written_value(value) for name, value in sorted(facts.items())}


def _written_value(value: FactValue) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value


def _read_value(name: str, value: Any) -> FactValue:
    match FACTS[name].type:
        case "number" | "count":
            return Decimal(value)
        case "time":
            return datetime.fromisoformat(value)
        case "texts":
            return tuple(value)
        case _:
            return value  # type: ignore[no-any-return]  # a flag or a word, as JSON has them


# --- gaps and conflicts -----------------------------------------------------------------------------------------------------


def _hole_finding(rulebook: Rulebook, policy: Policy, hole: Hole) -> Finding:
    place = hole.rules[0] if hole.rules else None
    names = " and ".join(rule.name for rule in hole.rules)
    what = f"{names} disagree for {_plain(hole.facts)}" if hole.rules else f"no rule for {_plain(hole.facts)}"
    file = place.file if place else rulebook.files[policy.id]
    return Finding(file, place.line if place else None, policy.name, what, "one decision, or `review` on purpose")


def _plain(facts: Facts) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in facts.items()) + "}"


# --- the page --------------------------------------------------------------------------------------------------------------


def policy_page(rulebook: Rulebook, policy: Policy) -> str:
    """A policy as a page for people: every rule with its condition, result, source and examples, and the coverage."""
    looked = survey(policy)
    covered = {one.rule: one for one in coverage_of(rulebook, policy)}
    own = list(own_rules(policy))
    lines = [
        f"# {policy.id}: version {policy.version}, in force from {policy.effective_from}",
        "",
        f"Generated from `rules/marketplaces/{policy.id}.yaml` by `make docs`.",
        "",
        "Rules stand by level, the most specific first: the first one that holds decides; one that might hold, for want of",
        "a fact, asks for it. A rule without an action explains or adds to another's decision. **P** marks a product default,",
        "**X** a public original beside the source document.",
        "",
        f"Checked: {looked.possible:,} combinations of facts, settled in {looked.parts:,} parts, {len(looked.holes)} undecided."
        if policy.id != COMMON
        else "These rules belong to every marketplace; alone they are incomplete on purpose.",
        "",
        "| rule | level | action | template, to | yes | no | unknown |",
        "|---|---|---|---|---|---|---|",
        *(_row(rule, covered[rule.name]) for rule in own),
        "",
    ]
    for rule in own:
        lines += _section(rule)
    return "\n".join(lines)


def _row(rule: Rule, shown: Coverage) -> str:
    letter = f"`{rule.then.template}` to the {rule.then.to}" if rule.then.template else ""
    action = f"`{rule.then.action}`" if rule.then.action else "explains"
    return f"| {rule.name} | {rule.specificity} | {action} | {letter} | {shown.yes} | {shown.no} | {shown.unknown} |"


def _section(rule: Rule) -> Iterator[str]:
    then = rule.then
    yield from (f"## {rule.name}", "", f"{then.why[:1].upper()}{then.why[1:]}.", "", f"- **when** {said(rule.when)}")
    action = f"`{then.action}`" if then.action else "adds to another rule's decision"
    letter = f", mail `{then.template}` to the {then.to}" if then.template else ""
    yield f"- **then** {action}{letter}{', and a person decides' if then.needs_person else ''}"
    if rule.require:
        yield f"- **only with** {'; '.join(said(condition) for condition in rule.require)}"
    if rule.forbid:
        bans = (f"`{ban.template or ban.action}`" + (" for good" if ban.lasting else "") for ban in rule.forbid)
        yield f"- **forbids** {', '.join(bans)}"
    for label, several in (
        ("opens", [f"`{ticket.type}` ({ticket.status})" for ticket in then.tickets]),
        ("starts", [f"`{timer.name}`{' (product default)' if timer.product_default else ''}" for timer in then.timers]),
        ("steps", list(then.checklist)),
    ):
        if several:
            yield f"- **{label}** {'; '.join(several)}"
    if then.metric_effect != "none":
        yield f"- **metric** {then.metric_effect.replace('_', ' ')}"
    unknown = {"ask_for_facts": "asks for it", "review": "a person decides", "skip": "the next rule is tried"}[rule.unknown]
    yield f"- **a fact is unknown** {unknown}"
    dates = [f"{word} {day}" for word, day in (("from", rule.effective_from), ("until", rule.effective_until)) if day]
    if dates:
        yield f"- **in force** {' '.join(dates)}"
    mark = {"": "", "X": " (X)", "P": " (P)"}[rule.source.mark]
    yield f"- **source** {rule.source.file or 'product default'}{mark}: “{rule.source.text}”"
    yield ""


def said(condition: Condition) -> str:
    """A condition in words, its names in backquotes."""
    match condition:
        case Test(fact, "known", value):
            return f"`{fact}` is {'known' if value else 'unknown'}"
        case Test(fact, op, value):
            words = {"eq": "is", "ne": "is not", "in": "is one of", "gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
            return f"`{fact}` {words[op]} {', '.join(map(_word, value)) if isinstance(value, tuple) else _word(value)}"
        case Not(of):
            return f"not ({' and '.join(said(part) for part in of)})"
        case AnyOf(of):
            return f"({' or '.join(said(part) for part in of)})"
        case All(of):
            return " and ".join(said(part) for part in of) or "always"
        case _:
            raise TypeError(f"{condition!r} is no condition of a rule")


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"`{value}`"
