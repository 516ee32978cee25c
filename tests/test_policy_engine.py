"""The engine: tri-state conditions, the walk by specificity, and what a decision says of itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.policy import (
    All,
    AnyOf,
    Condition,
    Decision,
    Facts,
    FactSpec,
    FactValue,
    Forbidden,
    Not,
    Policy,
    Quote,
    Rule,
    Test,
    Then,
    TicketPlan,
    TimerPlan,
    decide,
)

NOW = datetime(2024, 3, 1, 9, tzinfo=UTC)
VOCABULARY = {
    "a": FactSpec("flag", "whether a", question="Is a so?", ask="seller"),
    "b": FactSpec("flag", "whether b"),
    "n": FactSpec("number", "how many", question="How many?"),
    "at": FactSpec("time", "when"),
    "order.order_id": FactSpec("text", "which order"),
}
SOURCE = Quote("seed.txt", "the source's words")


def rule(name: str, when: Condition, action: str | None = "answer", **more: object) -> Rule:
    then = Then(action, f"{name} says so", **more.pop("then", {}))  # type: ignore[arg-type]
    return Rule(name, when, then, SOURCE, **more)  # type: ignore[arg-type]


def run(facts: Facts, *rules: Rule) -> Decision:
    return decide(Policy("p", "1", date(2020, 1, 1), rules, VOCABULARY), facts, NOW)


YES, NO = Test("a", "eq", True), Test("a", "eq", False)


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (YES, {"a": True}, True),
        (YES, {"a": False}, False),
        (YES, {}, None),
        (Not((YES,)), {}, None),
        (All((YES, Test("b", "eq", True))), {"a": False}, False),
        (All((YES, Test("b", "eq", True))), {"a": True}, None),
        (AnyOf((YES, Test("b", "eq", True))), {"a": True}, True),
        (AnyOf((YES, Test("b", "eq", True))), {"a": False}, None),
        (All(()), {}, True),
        (Test("a", "known", False), {}, True),
        (Test("a", "known", True), {"a": False}, True),
        (Test("n", "in", (1, 2)), {"n": 2}, True),
        (Test("n", "ge", 2), {"n": 2}, True),
        (Test("n", "gt", 2), {"n": 2}, False),
        (Test("n", "lt", 2), {"n": 2}, False),
        (Test("n", "le", 2), {"n": 2}, True),
        (Test("n", "ne", 2), {"n": 2}, False),
    ],
)
def test_a_condition_is_true_false_or_unknown(condition: Condition, facts: dict[str, FactValue], expected: bool | None) -> None:
    assert condition.holds(facts) == expected


CONDITIONS = st.recursive(
    st.builds(Test, st.sampled_from("ab"), st.just("eq"), st.booleans()),
    lambda inner: st.one_of(*(st.builds(join, st.lists(inner, max_size=3).map(tuple)) for join in (All, AnyOf, Not))),
    max_leaves=8,
)


@given(CONDITIONS, st.dictionaries(st.sampled_from("ab"), st.booleans()))
def test_learning_a_fact_never_changes_what_was_known_already(condition: Condition, facts: dict[str, FactValue]) -> None:
    before = condition.holds(facts)
    completed = [facts | {"a": a, "b": b} for a in (True, False) for b in (True, False)]
    after = {condition.holds({**more, **facts}) for more in completed}

    assert before is None or after == {before}


@given(CONDITIONS, st.dictionaries(st.sampled_from("ab"), st.booleans()))
def test_an_unknown_condition_names_the_facts_it_lacks(condition: Condition, facts: dict[str, FactValue]) -> None:
    lacking = list(condition.unknown(facts))

    assert bool(lacking) == (condition.holds(facts) is None)
    assert not set(lacking) & set(facts)


def test_the_most_specific_rule_that_holds_decides() -> None:
    decision = run({"a": True}, rule("general", All(()), "none"), rule("special", YES, specificity=10))

    assert (decision.rule, decision.action) == ("special", "answer")
    assert decision.why == "special: Special says so (“the source's words”)."
    assert decision.policy == "p/1"


def test_a_more_specific_rule_that_might_hold_asks_for_its_fact_first() -> None:
    decision = run({}, rule("general", All(()), "none"), rule("special", YES, specificity=10))

    assert (decision.action, decision.missing, decision.question, decision.to) == (
        "ask_for_facts",
        ("a",),
        "Is a so?",
        "seller",
    )
    assert (decision.rule, decision.fired, decision.template) == ("special", (), "ask_for_fact")


def test_a_fact_that_nobody_can_be_asked_for_goes_to_a_person() -> None:
    decision = run({}, rule("special", Test("b", "eq", True)))

    assert (decision.action, decision.needs_person, decision.missing, decision.question) == ("review", True, ("b",), None)


def test_a_rule_marked_skip_does_not_hold_up_the_others() -> None:
    decision = run({}, rule("general", All(()), "none"), rule("special", YES, specificity=10, unknown="skip"))

    assert decision.rule == "general"


def test_two_rules_of_one_level_that_disagree_go_to_a_person() -> None:
    decision = run({"a": True}, rule("one", YES), rule("other", YES, "refuse"))

    assert (decision.action, decision.rule, decision.fired, decision.needs_person) == ("review", None, ("one", "other"), True)
    assert "disagree" in decision.why


def test_two_rules_of_one_level_that_agree_both_fire() -> None:
    assert run({"a": True}, rule("one", YES), rule("other", YES)).fired == ("one", "other")


def test_a_rule_that_only_explains_adds_itself_and_its_timers() -> None:
    clock = rule("clock", YES, None, then={"timers": (TimerPlan("ring", "at", days=2), TimerPlan("soon", hours="n"))})
    decision = run({"a": True, "at": NOW, "n": 3}, rule("main", YES), clock)

    assert decision.fired == ("main", "clock")
    assert [(t.name, t.due, t.source) for t in decision.timers] == [
        ("ring", NOW + timedelta(days=2), "clock"),
        ("soon", NOW + timedelta(hours=3), "clock"),
    ]


def test_a_timer_of_business_hours_runs_while_the_office_works() -> None:
    plans = (TimerPlan("chase", hours="n", business=True), TimerPlan("later", days=1, business=True))
    friday = {"a": True, "n": 10}  # a Friday at 9, as the office opens
    decision = run(friday, rule("main", YES, then={"timers": plans}))

    assert [(t.name, t.due) for t in decision.timers] == [
        ("chase", datetime(2024, 3, 4, 11, tzinfo=UTC)),
        ("later", datetime(2024, 3, 4, 17, tzinfo=UTC)),
    ]


def test_what_a_fired_rule_forbids_is_not_done_even_by_a_more_specific_rule() -> None:
    ban = rule("ban", YES, "refuse", forbid=(Forbidden(template="ask"),))
    decision = run({"a": True}, rule("asker", YES, specificity=10, then={"template": "ask", "to": "buyer"}), ban)

    assert (decision.rule, decision.blocked, decision.template) == ("ban", ("asker",), None)


def test_a_ban_that_might_hold_is_settled_before_its_target_is_done() -> None:
    ban = rule("ban", YES, "refuse", forbid=(Forbidden(action="answer"),))
    decision = run({"b": True}, rule("asker", Test("b", "eq", True), specificity=10), ban)

    assert (decision.rule, decision.action, decision.missing) == ("ban", "ask_for_facts", ("a",))


def test_a_missing_requirement_is_asked_for_and_nothing_else_happens() -> None:
    needy = rule("needy", YES, require=(Test("n", "known", True),), then={"tickets": (TicketPlan("other"),)})
    decision = run({"a": True}, needy)

    assert (decision.rule, decision.action, decision.missing, decision.tickets) == ("needy", "ask_for_facts", ("n",), ())


def test_a_requirement_that_is_known_to_fail_goes_to_a_person() -> None:
    decision = run({"a": True, "n": 1}, rule("needy", YES, require=(Test("n", "gt", 1),)))

    assert (decision.rule, decision.action, decision.needs_person) == ("needy", "review", True)


def test_without_a_rule_a_person_decides() -> None:
    decision = run({"a": False}, rule("one", YES))

    assert (decision.action, decision.rule, decision.needs_person, decision.why) == (
        "review",
        None,
        True,
        "No rule covers this.",
    )


def test_a_ticket_carries_the_order_and_copies_known_facts() -> None:
    plan = TicketPlan("other", fields={"kind": "x"}, copied={"count": "n", "when": "at"})
    decision = run({"a": True, "n": 2, "order.order_id": "PO-1"}, rule("one", YES, then={"tickets": (plan,)}))

    assert [(t.type, t.status, t.order_id, t.fields) for t in decision.tickets] == [
        ("other", "open", "PO-1", {"kind": "x", "count": "2"})
    ]
