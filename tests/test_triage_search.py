"""Phrases among words: every one that is there, wherever it begins, and in a time that grows with the words alone."""

import time
from collections.abc import Sequence

import pytest

from supportbot.triage.pattern import parse, variants
from supportbot.triage.search import Phrases


def found(patterns: dict[str, str], words: str) -> list[tuple[str, str]]:
    """Name and words of each phrase found in `words`, which spaces part."""
    listed = words.split(" ")
    phrases = Phrases({name: variants(parse(pattern), {}) for name, pattern in patterns.items()})
    return [(hit.name, " ".join(listed[hit.first : hit.last])) for hit in phrases.find(listed)]


@pytest.mark.parametrize(
    ("pattern", "words", "expected"),
    [
        ("never came", "it never came", ["never came"]),
        ("never came", "it never never came", ["never came"]),
        ("never (came | arrived)", "never came , never arrived", ["never came", "never arrived"]),
        ("never ~2 came", "never came", ["never came"]),
        ("never ~2 came", "never a b came", ["never a b came"]),
        ("never ~2 came", "never a b c came", []),
        ("never ~2 came", "never , came", []),
        ("never ~2 came", "never \n came", []),
        ("never ~2 came", "never it’s came", ["never it’s came"]),
        ("never ~2 came", "never never came", ["never never came"]),
        ("a ~3 b ~3 c", "a a b b c c", ["a a b b c c"]),
        ("never came ~2", "never came to us today", ["never came to us"]),
        ("never came?", "never came", ["never came"]),
        ("never", "", []),
        ("never came", "never", []),
    ],
)
def test_a_pattern_is_found_where_its_words_stand(pattern: str, words: str, expected: Sequence[str]) -> None:
    assert found({"x": pattern}, words) == [("x", words) for words in expected]


def test_patterns_that_begin_alike_are_found_each_by_its_name() -> None:
    patterns = {"a": "has not come", "b": "has not come yet", "c": "has (not | never) ~1 yet", "d": "not come"}

    assert found(patterns, "it has not come yet") == [
        ("b", "has not come yet"),
        ("c", "has not come yet"),
        ("a", "has not come"),
        ("d", "not come"),
    ]


def test_a_longer_finding_of_a_name_hides_a_shorter_one_inside_it() -> None:
    assert found({"x": "never came back | came | came back home"}, "never came back home") == [
        ("x", "never came back"),
        ("x", "came back home"),
    ]


def test_the_many_ways_over_several_gaps_to_one_place_are_gone_once() -> None:
    phrases = Phrases({"x": variants(parse("a ~9 a ~9 a ~9 a ~9 a ~9 b"), {})})  # a hundred thousand ways from each word

    began = time.process_time()
    assert phrases.find(["a"] * 400) == ()
    assert time.process_time() - began < 3
