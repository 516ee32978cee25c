"""Rule files: what is shipped holds together, and a mistake in one is reported with its place."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.casework.facts import Kind
from supportbot.casework.order import Marketplace
from supportbot.casework.policy import walk
from supportbot.casework.situation import FACTS
from supportbot.casework.survey import classes, survey
from supportbot.errors import RulebookError
from supportbot.rulebook import Rulebook, default_folder, load_rulebook
from supportbot.rulecheck import check

RULES = default_folder("rules")
TEMPLATES = default_folder("templates") / "emails"

TINY = """\
policy: garden_shop
version: "1"
effective_from: 2024-01-01
rules:
  - id: G-1
    kinds: [cancel_nonstandard]
    when: {fact: order.shipped, eq: false}
    then: {action: advise_cancel, why: it has not shipped, template: answer_generic, to: seller}
    source: {mark: P, quote: a default}
    examples: {yes: {order.shipped: false}, no: [{order.shipped: true}], unknown: [order.shipped]}
"""


@cache
def shipped() -> Rulebook:
    return load_rulebook(RULES)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def _write(text: str) -> Path:
        folder = tmp_path / "marketplaces"
        folder.mkdir(exist_ok=True)
        (folder / "garden_shop.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return _write


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        load_rulebook(folder)
    return [f"{Path(f.file).name}:{f.line} {f.key}: found {f.found}; expected {f.expected}" for f in caught.value.findings]


# --- what is shipped ----------------------------------------------------------------------------------------------------------
def test_the_shipped_rules_keep_their_own_examples_and_have_no_gap_and_no_conflict() -> None:
    assert [str(finding) for finding in check(shipped())] == []


def test_a_changed_word_of_a_quote_is_found(tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    path = tmp_path / "rules" / "marketplaces" / "fulfilment.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("you cannot request a cancellation", "you can request a cancellation"), encoding="utf-8")

    assert any("source.quote" in finding.key for finding in check(load_rulebook(tmp_path / "rules")))


def test_every_rule_has_an_example_of_each_outcome() -> None:
    lacking = [
        (policy.name, rule.name)
        for policy in shipped().policies
        for rule in policy.rules
        if {example.outcome for example in rule.examples} != {"yes", "no", "unknown"}
    ]
    assert lacking == []


def test_every_template_that_a_rule_names_exists() -> None:
    named = {rule.then.template for policy in shipped().policies for rule in policy.rules if rule.then.template}

    assert sorted(name for name in named if not (TEMPLATES / f"{name}.txt").is_file()) == []


def test_every_marketplace_has_a_policy() -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    found = {m: policy.id for m in Marketplace if (policy := shipped().policy_for(m, now))}

    assert found == {m: m.value for m in Marketplace}


def test_the_policy_in_force_on_the_day_is_taken() -> None:
    def version(year: int, month: int, day: int) -> str | None:
        policy = shipped().policy_for("amazon", datetime(year, month, day, tzinfo=UTC))
        return policy.name if policy else None

    assert [version(2019, 12, 31), version(2022, 5, 22), version(2022, 5, 23)] == [None, "amazon/2020", "amazon/2022-05"]


def test_an_unknown_marketplace_gets_the_common_rules_only() -> None:
    policy = shipped().policy_for(None, datetime(2024, 1, 1, tzinfo=UTC))

    assert policy is not None
    assert policy.id == "common"


def test_the_hash_changes_with_any_byte(tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    path = tmp_path / "rules" / "marketplaces" / "amazon.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a word\n", encoding="utf-8")

    assert load_rulebook(RULES).sha256 == shipped().sha256
    assert load_rulebook(tmp_path / "rules").sha256 != shipped().sha256


def test_every_fact_is_explained_in_the_guide() -> None:
    guide = (RULES.parent / "docs" / "howto" / "add-a-policy-rule.md").read_text(encoding="utf-8")

    assert [name for name in FACTS if f"`{name}`" not in guide] == []


# --- a sixth marketplace, and mistakes ----------------------------------------------------------------------------------------
def test_a_marketplace_is_one_file(write: Callable[[str], Path]) -> None:
    book = load_rulebook(write(TINY))
    policy = book.policy_for("garden_shop", datetime(2024, 1, 1, tzinfo=UTC))

    assert policy is not None
    assert [rule.name for rule in policy.rules] == ["G-1"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "order.shipped, eq",
            "order.shiped, eq",
            "garden_shop.yaml:7 rules[0].when.fact: found the unknown word 'order.shiped'",
        ),
        ("why: it", "whyy: it", "garden_shop.yaml:8 rules[0].then.whyy: found the unknown key 'whyy'"),
        ("advise_cancel", "advice_cancel", "garden_shop.yaml:8 rules[0].then.action: found 'advice_cancel'"),
        ("eq: false}", "eq: nope}", "garden_shop.yaml:7 rules[0].when.eq: found 'nope'; expected a flag"),
        ("eq: false}", "is: false}", "garden_shop.yaml:7 rules[0].when.is: found the unknown word 'is'"),
        ("eq: false}", "ge: false}", "garden_shop.yaml:7 rules[0].when.ge: found ge with order.shipped"),
        ("{fact: order.shipped, eq: false}", "true", "garden_shop.yaml:7 rules[0].when: found True"),
        ("[cancel_nonstandard]", "[cancel]", "garden_shop.yaml:6 rules[0].kinds: found the unknown word 'cancel'"),
        (", to: seller", "", "garden_shop.yaml:8 rules[0].then.template: found answer_generic for nobody"),
        ("mark: P, ", "", "garden_shop.yaml:9 rules[0].source: found no file"),
        ("policy: garden_shop\n", "", "garden_shop.yaml:1 policy: found nothing"),
        ("rules:\n", "rules: [\n", "garden_shop.yaml:5 : found"),
        ("unknown: [order.shipped]", "unknown: [order.status]", "garden_shop.yaml:10 rules[0].examples.unknown[0]: found"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(write: Callable[[str], Path], old: str, new: str, expected: str) -> None:
    assert old in TINY
    found = mistakes(write(TINY.replace(old, new, 1)))

    assert any(finding.startswith(expected) for finding in found), found


def test_a_near_miss_is_suggested(write: Callable[[str], Path]) -> None:
    found = mistakes(write(TINY.replace("order.shipped, eq", "order.shiped, eq").replace("advise_cancel", "advice_cancel")))

    assert "did you mean advise_cancel?" in found[0]


def test_all_mistakes_are_told_at_once(write: Callable[[str], Path]) -> None:
    found = mistakes(write(TINY.replace("order.shipped", "order.shiped").replace("[cancel_nonstandard]", "[cancel]")))

    assert len(found) >= 4


def test_the_same_id_twice_is_a_mistake(write: Callable[[str], Path]) -> None:
    twice = TINY + TINY[TINY.index("  - id: G-1") :]

    assert "expected each id once" in mistakes(write(twice))[0]


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path)) == 1


# --- what `check` sees --------------------------------------------------------------------------------------------------------
def test_a_wrong_example_is_found(write: Callable[[str], Path]) -> None:
    found = check(load_rulebook(write(TINY.replace("no: [{order.shipped: true}]", "no: [{order.shipped: false}]"))))

    assert any("examples.no" in finding.key and finding.found.startswith("yes for") for finding in found)


def test_a_gap_is_found_with_its_smallest_example(write: Callable[[str], Path]) -> None:
    found = [finding.found for finding in check(load_rulebook(write(TINY)))]

    assert "no rule for {message.kind: cancel_nonstandard, order.shipped: True}" in found


def test_a_conflict_is_found(write: Callable[[str], Path]) -> None:
    other = TINY[TINY.index("  - id: G-1") :].replace("G-1", "G-2").replace("advise_cancel", "refuse")
    found = [finding.found for finding in check(load_rulebook(write(TINY + other)))]

    assert "G-1 and G-2 disagree for {message.kind: cancel_nonstandard, order.shipped: False}" in found


def test_the_survey_says_how_much_it_tried() -> None:
    policy = shipped().policy_for("retail_platform", datetime(2024, 1, 1, tzinfo=UTC))
    assert policy is not None
    found = survey(policy)

    assert found.tried == found.possible
    assert found.holes == ()


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_survey_sees_of_any_situation_what_the_walk_does(data: st.DataObject) -> None:
    policy = shipped().policy_for("brick_market", datetime(2024, 1, 1, tzinfo=UTC))
    assert policy is not None
    lost = data.draw(st.sampled_from([rule for rule in policy.rules if rule.then.action]))
    kind = data.draw(st.sampled_from(lost.kinds or ("order_status",)))
    without = replace(policy, rules=tuple(rule for rule in policy.rules if rule is not lost))
    choices = classes(without, [rule for rule in without.rules if not rule.kinds or kind in rule.kinds])
    facts = {fact: value for fact, values in choices.items() if (value := data.draw(st.sampled_from(values))) is not None}
    found = walk(without, {**facts, "message.kind": kind})
    holes = survey(without, (Kind(kind),)).holes

    if not found.decided and not found.open:
        assert any(bool(hole.rules) == bool(found.conflict) for hole in holes)


# --- every rule of the document ---------------------------------------------------------------------------------------------
SPEC = (RULES.parent / "docs" / "spec" / "policies.md").read_text(encoding="utf-8")
WRITTEN_IDS = re.findall(r"^\| \*{0,2}([MBRWA]-(?:\d+|[a-z]))\*{0,2}(?: \[X\])? \|", SPEC, re.MULTILINE)


def test_every_rule_and_every_decided_gap_of_the_document_is_a_rule() -> None:
    there = {rule.id for policy in shipped().policies for rule in policy.rules}

    assert len(WRITTEN_IDS) == 120
    assert [name for name in WRITTEN_IDS if name not in there] == []


NUMBERED = {
    "member_club": [f"M-{n:02}" for n in (*range(1, 10), *range(20, 29))],
    "brick_market": [f"B-{n:02}" for n in range(1, 20)],
    "retail_platform": [f"R-{n:02}" for n in range(1, 9)],
    "fulfilment": [f"W-{n:02}" for n in range(1, 7)],
    "amazon": [f"A-{n:02}" for n in range(1, 26)],
}


@pytest.mark.parametrize("marketplace", NUMBERED)
def test_every_numbered_rule_of_a_policy_is_there(marketplace: str) -> None:
    policy = shipped().policy_for(marketplace, datetime(2024, 1, 1, tzinfo=UTC))
    assert policy is not None
    there = {rule.id for rule in policy.rules}

    assert [number for number in NUMBERED[marketplace] if number not in there] == []
