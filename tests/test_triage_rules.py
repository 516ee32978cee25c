"""Rule files are checked before they are used, every mistake with its place."""

import pytest

from supportbot.errors import RulebookError
from supportbot.triage.pattern import Gap, PatternError, Word, parse, variants
from supportbot.triage.rules import MessageRule
from tests.triage_support import message_rules

EXAMPLE = {"subject": "", "text": "hello"}
GOOD: dict[str, object] = {
    "kind": "unrelated",
    "version": "1",
    "who": ["buyer"],
    "specificity": 1,
    "why": "A test.",
    "signals": [{"id": "one", "weight": 1, "forms": ["hello there"]}],
    "examples": [EXAMPLE] * 5,
    "near_misses": [EXAMPLE] * 5,
}


def test_a_good_file_is_taken() -> None:
    assert MessageRule.from_mapping("unrelated.yaml", GOOD).signals[0].forms == ("hello there",)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"kind": "spam"}, "kind"),
        ({"examples": [EXAMPLE]}, "examples"),
        ({"colour": "red"}, "colour"),
        ({"signals": [{"id": "one", "weight": 99, "forms": ["a"]}]}, "signals.0.weight"),
        ({"signals": [{"id": "one", "weight": 1, "forms": ["(a"]}]}, ""),
        ({"signals": [{"id": "one", "weight": 1, "forms": ["UNKNOWN"]}]}, ""),
        ({"signals": [{"id": "one", "weight": 1, "forms": ["~3 a"]}]}, ""),
        ({"words": {"A": ["B"], "B": ["A"]}}, ""),
    ],
)
def test_a_mistake_names_its_key(change: dict[str, object], key: str) -> None:
    with pytest.raises(RulebookError) as raised:
        MessageRule.from_mapping("unrelated.yaml", {**GOOD, **change})
    assert key in [finding.key for finding in raised.value.findings]


def test_no_two_kinds_are_equally_specific() -> None:
    specificities = [rule.specificity for rule in message_rules()]
    assert len(set(specificities)) == len(specificities)


def test_a_pattern_says_what_it_matches() -> None:
    assert variants(parse("cancel (my|the)? order ~2"), {}) == [
        (frozenset({"cancel"}), frozenset({"my", "the"}), frozenset({"order"}), 2),
        (frozenset({"cancel"}), frozenset({"order"}), 2),
    ]
    assert (parse("Straße"), parse("~3"), parse(r"\?"), parse(r"\n")) == (Word("strasse"), Gap(3), Word("?"), Word("\n"))


@pytest.mark.parametrize("text", ["", "(a", "a)", "?", "*"])
def test_a_broken_pattern_is_refused(text: str) -> None:
    with pytest.raises(PatternError):
        parse(text)
