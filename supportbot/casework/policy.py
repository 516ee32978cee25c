"""A marketplace's policy as a decision table, and the small engine that walks it.

Facts are yes, no or unknown: a fact absent from the mapping is unknown, and a condition over it is neither true nor false
(Kleene logic). Rules are walked from the most specific down. A rule that holds decides; a rule that might hold, for want of a
fact, stops the walk and asks for that fact: a guess is never made (policy 0.1, 0.2).

    facts --holds--> the rules that hold, and those that might
          --walk---> by specificity: one result decides | two results disagree | a fact is missing | no rule
          --decide-> Decision: action, draft, tickets, timers, and why in the source's words
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal, Protocol

from supportbot.casework.calendar import BusinessCalendar

FactValue = str | bool | int | Decimal | datetime | tuple[str, ...]
Facts = Mapping[str, FactValue]  # by dotted name, e.g. "order.shipped"; absent means unknown
Audience = Literal["buyer", "seller", "warehouse", "retailer", "billing", "sender"]
Tri = bool | None  # None: unknown


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a source document, found there after folding white space and quotation marks."""

    file: str
    text: str
    mark: str = ""  # "", "X" (public original, not the seed) or "P" (product default)


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """A timer that a decision starts."""

    name: str
    due: datetime
    source: str  # rule id, or "product default"


@dataclass(frozen=True, slots=True)
class TicketSpec:
    """A ticket that a decision opens; types are those that `decide --json` names."""

    type: str
    status: str
    order_id: str | None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says of one message about one order, as `decide --json` prints it."""

    action: str
    rule: str | None
    fired: tuple[str, ...] = ()  # the deciding rule first, then the rules that agree with it or explain it
    blocked: tuple[str, ...] = ()  # rules whose result a fired rule forbids here
    missing: tuple[str, ...] = ()
    template: str | None = None
    tickets: tuple[TicketSpec, ...] = ()
    timers: tuple[TimerSpec, ...] = ()
    metric_effect: str = "none"
    needs_person: bool = False
    why: str = ""
    quotes: tuple[Quote, ...] = ()
    policy: str | None = None  # policy id and version, e.g. "amazon/2020"
    effective_from: date | None = None
    to: Audience | None = None  # whom the draft is for
    question: str | None = None  # the one question asked for the first missing fact
    checklist: tuple[str, ...] = ()  # what a person does in the marketplace's portal, step by step
    reason: str | None = None  # the cancellation reason to choose in the portal
    say: str | None = None  # what a mail without words of its own tells its reader, in English


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What a fact is: its type or the words it may be, and whom to ask, and how, when it is unknown."""

    type: Literal["flag", "word", "text", "texts", "number", "count", "time"]  # a count is never below 0
    meaning: str
    values: tuple[str, ...] = ()  # the words a "word" may be
    question: str | None = None  # None: nobody can be asked; a person looks
    ask: Audience = "sender"
    always: bool = False  # never unknown once a message about a known order is at hand


class Condition(Protocol):
    """What a rule asks of the facts: a `Test`, or tests joined by `All`, `AnyOf` and `Not`."""

    def holds(self, facts: Facts) -> Tri:
        """True, False, or None where the facts known do not tell."""
        ...

    def tests(self) -> Iterator["Test"]:
        """Every test inside, in order."""
        ...

    def unknown(self, facts: Facts) -> Iterator[str]:
        """The facts for want of which the condition is unknown, in order; nothing where it is known."""
        ...


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda value, allowed: value in allowed,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
OPERATORS = (*_COMPARISONS, "known")


@dataclass(frozen=True, slots=True)
class Test:
    """One question about one fact. `known` asks whether the fact is known at all, so it is never unknown itself."""

    __test__ = False  # the name is the trade's; pytest need not look here

    fact: str
    op: str
    value: object

    def holds(self, facts: Facts) -> Tri:
        fact = facts.get(self.fact)
        if self.op == "known":
            return (fact is not None) is self.value
        return None if fact is None else _COMPARISONS[self.op](fact, self.value)

    def tests(self) -> Iterator["Test"]:
        yield self

    def unknown(self, facts: Facts) -> Iterator[str]:
        if self.holds(facts) is None:
            yield self.fact


@dataclass(frozen=True, slots=True)
class _Joined:
    of: tuple[Condition, ...]

    def holds(self, facts: Facts) -> Tri:
        raise NotImplementedError

    def tests(self) -> Iterator[Test]:
        for part in self.of:
            yield from part.tests()

    def unknown(self, facts: Facts) -> Iterator[str]:
        if self.holds(facts) is None:
            for part in self.of:
                yield from part.unknown(facts)


@dataclass(frozen=True, slots=True)
class All(_Joined):
    """Holds when every part holds; fails as soon as one fails, whatever is unknown. Without parts it always holds."""

    def holds(self, facts: Facts) -> Tri:
        result: Tri = True
        for part in self.of:
            truth = part.holds(facts)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result


@dataclass(frozen=True, slots=True)
class AnyOf(_Joined):
    """Holds as soon as one part holds, whatever is unknown; fails when every part fails."""

    def holds(self, facts: Facts) -> Tri:
        result: Tri = False
        for part in self.of:
            truth = part.holds(facts)
            if truth:
                return True
            if truth is None:
                result = None
        return result


@dataclass(frozen=True, slots=True)
class Not(_Joined):
    """Holds when its parts, taken as `All`, fail; unknown stays unknown."""

    def holds(self, facts: Facts) -> Tri:
        truth = All(self.of).holds(facts)
        return None if truth is None else not truth


@dataclass(frozen=True, slots=True)
class TimerPlan:
    """A timer counted from a fact of type time, or from now."""

    name: str
    start: str | None = None  # a fact; None: now
    days: int | str = 0  # a number, or the fact that holds it
    hours: int | str = 0
    product_default: bool = False
    business: bool = False  # hours and days in which the office works


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """A ticket to open. `copied` fields take their value from a fact, where it is known."""

    type: str
    status: str = "open"
    fields: Mapping[str, str] = field(default_factory=dict)
    copied: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule leads to. Without an action the rule only explains: it adds its words and timers to another's decision."""

    action: str | None = None
    why: str = ""  # one plain sentence
    template: str | None = None
    to: Audience | None = None
    ask: tuple[str, ...] = ()  # facts to ask for, with action ask_for_facts
    tickets: tuple[TicketPlan, ...] = ()
    timers: tuple[TimerPlan, ...] = ()
    metric_effect: str = "none"
    needs_person: bool = False
    checklist: tuple[str, ...] = ()
    reason: str | None = None
    say: str | None = None

    @property
    def result(self) -> tuple[object, ...]:
        """What two rules must share to agree."""
        return (self.action, self.template, self.to)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A result that must not be reached while the rule that forbids it holds; a `lasting` one: ever again for the order, once
    that rule has decided a message about it."""

    template: str | None = None
    action: str | None = None
    lasting: bool = False

    def covers(self, then: Then) -> bool:
        return (self.template is not None and self.template == then.template) or (
            self.action is not None and self.action == then.action
        )


@dataclass(frozen=True, slots=True)
class Example:
    """Facts under which the rule must decide (yes), must not hold (no), or cannot be known to hold (unknown)."""

    outcome: Literal["yes", "no", "unknown"]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy. `id` is the policy's name for it; several cases of one rule differ in `variant`."""

    id: str
    when: Condition
    then: Then
    source: Quote
    specificity: int = 0
    variant: str = ""
    kinds: tuple[str, ...] = ()  # message kinds it is about; empty: all. Already part of `when`
    forbid: tuple[Forbidden, ...] = ()
    require: tuple[Condition, ...] = ()
    unknown: Literal["ask_for_facts", "review", "skip"] = "ask_for_facts"
    effective_from: date | None = None
    effective_until: date | None = None  # the first day on which it no longer holds
    examples: tuple[Example, ...] = ()
    file: str = ""  # where it is written, for messages to the rule's author
    line: int | None = None

    @property
    def name(self) -> str:
        """The rule's id and variant, unique within a policy."""
        return f"{self.id}/{self.variant}" if self.variant else self.id


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one marketplace in force from a day on, most specific first, and the facts they may ask about."""

    id: str
    version: str
    effective_from: date
    rules: tuple[Rule, ...]
    vocabulary: Mapping[str, FactSpec] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(sorted(self.rules, key=lambda rule: -rule.specificity)))

    @property
    def name(self) -> str:
        return f"{self.id}/{self.version}"

    @property
    def bans_for_good(self) -> bool:
        """Whether what was decided about an order before can matter: some rule forbids something for good."""
        return any(ban.lasting for rule in self.rules for ban in rule.forbid)


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the table led: at most one of `decided`, `open`, `conflict`; none of them where no rule covers the facts."""

    decided: Rule | None = None
    open: Rule | None = None  # it might hold, and stands above whatever holds
    conflict: tuple[Rule, ...] = ()
    holding: tuple[Rule, ...] = ()  # every rule whose condition holds
    blocked: tuple[str, ...] = ()


def walk(policy: Policy, facts: Facts, before: frozenset[str] = frozenset()) -> Walk:
    """Find the rule that decides. Rules forbidden by a rule that holds are passed over, wherever they stand, and so are those
    that a rule which decided `before`, by id, about the same order forbids for good."""
    truths = [(rule, truth) for rule in policy.rules if (truth := rule.when.holds(facts)) is not False]
    holding = tuple(rule for rule, truth in truths if truth)
    forbidden = [ban for rule in holding for ban in rule.forbid]
    forbidden += [ban for rule in policy.rules if rule.id in before for ban in rule.forbid if ban.lasting]
    blocked = tuple(dict.fromkeys(rule.id for rule in policy.rules if any(ban.covers(rule.then) for ban in forbidden)))
    candidates = [pair for pair in truths if pair[0].then.action and not any(ban.covers(pair[0].then) for ban in forbidden)]
    for _, level in groupby(candidates, key=lambda pair: pair[0].specificity):
        rules = list(level)
        true = [rule for rule, truth in rules if truth]
        if len({rule.then.result for rule in true}) > 1:
            return Walk(conflict=tuple(true), holding=holding, blocked=blocked)
        if true:
            doubt = _possible_ban(truths, true[0])
            return Walk(decided=None if doubt else true[0], open=doubt, holding=holding, blocked=blocked)
        for rule, _ in rules:
            if rule.unknown != "skip":
                return Walk(open=rule, holding=holding, blocked=blocked)
    return Walk(holding=holding, blocked=blocked)


def _possible_ban(truths: Sequence[tuple[Rule, Tri]], decided: Rule) -> Rule | None:
    """A rule that might hold and would forbid the result: it must be settled first."""
    for rule, truth in truths:
        if truth is None and rule.unknown != "skip" and any(ban.covers(decided.then) for ban in rule.forbid):
            return rule
    return None


_OFFICE = BusinessCalendar()


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a decision is taken, and the office's calendar."""

    now: datetime
    calendar: BusinessCalendar


def decide(
    policy: Policy,
    facts: Facts,
    now: datetime,
    calendar: BusinessCalendar = _OFFICE,
    before: frozenset[str] = frozenset(),
) -> Decision:
    """What the policy says. Timers without a starting fact count from `now`, which is aware; `calendar` is the office's;
    `before` are the ids of the rules that have decided about the same order."""
    at = _Moment(now, calendar)
    found = walk(policy, facts, before)
    if before and found.blocked and found.decided is not (free := walk(policy, facts)).decided and free.decided:
        return _conclude(policy, found, None, _for_good(policy, free.decided, before), facts, at)
    if found.conflict:
        return _conclude(policy, found, found.conflict[0], _conflict(found.conflict), facts, at)
    if found.open:
        return _conclude(policy, found, found.open, _ask(policy, found.open, facts), facts, at)
    if found.decided is None:
        return _conclude(policy, found, None, Then("review", "no rule covers this", needs_person=True), facts, at)
    then = found.decided.then
    if then.action == "ask_for_facts" and then.ask:
        return _conclude(policy, found, found.decided, then, facts, at, missing=then.ask)
    missing, broken = _requirements(found.decided, facts)
    if missing:
        return _conclude(policy, found, found.decided, _question(policy, then.why, missing), facts, at, missing=missing)
    if broken:
        lack = Then("review", f"{then.why}, but not as long as {broken}", needs_person=True)
        return _conclude(policy, found, found.decided, lack, facts, at)
    return _conclude(policy, found, found.decided, then, facts, at)


def _for_good(policy: Policy, wanted: Rule, before: frozenset[str]) -> Then:
    """A person decides what is done instead of what was forbidden once and for all."""
    by = next(
        rule
        for rule in policy.rules
        if rule.id in before and any(ban.lasting and ban.covers(wanted.then) for ban in rule.forbid)
    )
    why = f"{wanted.id} would apply, but {by.id} has decided about this order before and forbids it: {by.then.why}"
    return Then("review", why, needs_person=True)


def _requirements(rule: Rule, facts: Facts) -> tuple[tuple[str, ...], str | None]:
    """The facts that the rule's result still needs, and the first requirement that is known to fail."""
    missing: list[str] = []
    for condition in rule.require:
        truth = condition.holds(facts)
        if truth:
            continue
        lacking = [test.fact for test in condition.tests() if test.fact not in facts]
        if not lacking:
            return (), f"{', '.join(f'{test.fact} is {facts[test.fact]}' for test in condition.tests())}"
        missing.extend(lacking)
    return tuple(dict.fromkeys(missing)), None


def _ask(policy: Policy, rule: Rule, facts: Facts) -> Then:
    missing = tuple(dict.fromkeys(rule.when.unknown(facts)))
    if rule.unknown == "review" or not policy.vocabulary[missing[0]].question:
        return Then("review", f"it cannot be told without {_plain(policy, missing)}", ask=missing, needs_person=True)
    return _question(policy, f"this cannot be decided before we know {_plain(policy, missing[:1])}", missing)


def _question(policy: Policy, why: str, missing: tuple[str, ...]) -> Then:
    return Then("ask_for_facts", why, template="ask_for_fact", to=policy.vocabulary[missing[0]].ask, ask=missing)


def _plain(policy: Policy, facts: Sequence[str]) -> str:
    return ", ".join(policy.vocabulary[fact].meaning for fact in facts)


def _conflict(rules: Sequence[Rule]) -> Then:
    names = " and ".join(rule.name for rule in rules)
    return Then("review", f"{names} disagree, and neither is the more specific", needs_person=True)


def _conclude(
    policy: Policy,
    found: Walk,
    rule: Rule | None,
    then: Then,
    facts: Facts,
    at: _Moment,
    *,
    missing: tuple[str, ...] = (),
) -> Decision:
    """Write the decision down, with the rules that agree with it or explain it."""
    supporting = [r for r in found.holding if r.then.action is None or r.forbid or r.then.result == then.result]
    if found.conflict:
        supporting = [*found.conflict, *supporting]
    shown = ([rule] if rule and not found.open else []) + [r for r in supporting if r is not rule]
    missing = missing or then.ask
    timed = [rule] if rule and then is rule.then else []
    timed += [r for r in supporting if r is not rule and r.then.action is None]
    return Decision(
        action=then.action or "review",
        rule=rule.id if rule and not found.conflict else None,
        fired=tuple(dict.fromkeys(r.id for r in shown)),
        blocked=tuple(b for b in found.blocked if rule is None or b != rule.id),
        missing=missing,
        template=then.template,
        tickets=tuple(_ticket(plan, facts) for plan in then.tickets),
        timers=tuple(timer for r in timed for plan in r.then.timers if (timer := _timer(plan, r, facts, at))),
        metric_effect=then.metric_effect,
        needs_person=then.needs_person,
        why=_why(rule, then, shown),
        quotes=tuple(dict.fromkeys(r.source for r in shown if r.source.text)),
        policy=policy.name,
        effective_from=policy.effective_from,
        to=then.to,
        question=policy.vocabulary[missing[0]].question if then.action == "ask_for_facts" and missing else None,
        checklist=tuple(step for r in timed for step in r.then.checklist),
        reason=then.reason,
        say=then.say,
    )


def _why(rule: Rule | None, then: Then, shown: Sequence[Rule]) -> str:
    sentence = then.why[:1].upper() + then.why[1:]
    if rule is None:
        return sentence + "."
    if rule not in shown or not rule.source.text:
        return f"{rule.id}: {sentence}."
    origin = {"": "", "X": ", from a public original", "P": ", a product default"}[rule.source.mark]
    return f"{rule.id}: {sentence} (“{rule.source.text}”{origin})."


def _ticket(plan: TicketPlan, facts: Facts) -> TicketSpec:
    order_id = facts.get("order.order_id")
    copied = {name: _text(facts[fact]) for name, fact in plan.copied.items() if fact in facts}
    return TicketSpec(plan.type, plan.status, str(order_id) if order_id else None, {**plan.fields, **copied})


def _text(value: FactValue) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _timer(plan: TimerPlan, rule: Rule, facts: Facts, at: _Moment) -> TimerSpec | None:
    """The timer, or None where the time it starts from or its length is unknown."""
    start = facts.get(plan.start) if plan.start else at.now
    days, hours = (facts.get(amount) if isinstance(amount, str) else amount for amount in (plan.days, plan.hours))
    if not isinstance(start, datetime) or not isinstance(days, int | Decimal) or not isinstance(hours, int | Decimal):
        return None
    if plan.business:
        due = at.calendar.next_days(start, int(days)) if days else at.calendar.after(start, timedelta(hours=float(hours)))
    else:
        due = start + timedelta(days=int(days), hours=int(hours))
    return TimerSpec(plan.name, due, "product default" if plan.product_default else rule.id)
