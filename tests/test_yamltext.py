"""YAML 1.2: what is a word and what is not, and what is told of a text that no value can hold."""

import json
import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.yamltext import MappingNode, YamlFault, line_of, read_nodes, read_values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("yes", "no", "on", "off", "y", "NO", "12:30", "1_000", "0b11", "+1 555", "1.2.3", "=")),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("2026-11-27", date(2026, 11, 27)),
        ("2026-11-27T10:00:00Z", datetime(2026, 11, 27, 10, tzinfo=UTC)),
        ("'true'", "true"),
        ('"1"', "1"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        ("{a: 1, a-b: [x, 'y']}", {"a": 1, "a-b": ["x", "y"]}),
    ],
)
def test_only_the_words_of_yaml_1_2_are_more_than_text(text: str, value: object) -> None:
    assert read_values(text) == value
    assert type(read_values(text)) is type(value)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from("abc yesno~:-#")), inner),
    max_leaves=20,
)


@given(_VALUES)
def test_every_json_text_is_read_as_json_reads_it(value: Any) -> None:
    assert read_values(json.dumps(value, ensure_ascii=False)) == value


def test_a_mapping_takes_over_what_it_merges_and_keeps_its_own() -> None:
    assert read_values("base: &b {a: 1, b: 2}\nmore:\n  <<: *b\n  b: 3\n")["more"] == {"a": 1, "b": 3}
    assert read_values("x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y]}\n")["z"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "again"),
        ("a: 1\nb: !!python/name:os.system x\n", 2, "tag"),
        ("a: &a\n  - *a\n", 1, "part of"),
        ("a: 1\n? [b]\n: 2\n", 2, "not a word"),
        ("a: 1\n<<: 2\n", 2, "names no mapping"),
        ("a: 1\nb: [1, 2\nc: 3\n", 2, "expected"),
        ("a: 1\nb: 'one\ntwo\n", 2, "end of stream"),
        ("a: 1\n\tb: 2\n", 2, "tab"),
        ("day: 2026-13-45\n", 1, "2026-13-45"),
    ],
)
def test_what_no_value_can_hold_is_told_with_its_line(text: str, line: int, told: str) -> None:
    with pytest.raises(YamlFault) as fault:
        read_values(text)
    assert fault.value.line == line
    assert told in fault.value.problem


def test_a_character_that_no_yaml_may_hold_is_a_fault_as_well() -> None:
    with pytest.raises(YamlFault):
        read_values("a: \x00")


def test_nodes_know_the_lines_they_begin_on() -> None:
    node = read_nodes("# first\na: 1\nb:\n  - x\n")
    assert isinstance(node, MappingNode)
    assert [line_of(key) for key, _ in node.value] == [2, 3]
