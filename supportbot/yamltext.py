"""A YAML 1.2 text -> nodes that know their lines -> plain values.

libyaml reads the text, twenty times faster than a parser in Python. What YAML 1.1 would add is kept from it: only the words of
the core schema (YAML 1.2.2, section 10.3) are anything but text, so that `yes`, `no` and `on` stay words. Dates are dates, and
`<<` merges, as the rules have it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml.constructor import SafeConstructor
from yaml.scanner import ScannerError

__all__ = [
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "YamlFault",
    "line_of",
    "read_nodes",
    "read_values",
    "values_of",
]

_TAG: Final = "tag:yaml.org,2002:"
_ENDLESS: Mapping[str, str] = {".inf": "inf", "-.inf": "-inf", ".nan": "nan"}
_CLOSED = frozenset(("while parsing a flow sequence", "while parsing a flow mapping", "while scanning a quoted scalar"))
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    # The kind of a plain scalar: what it looks like, and the characters that it may begin with.
    "bool": (re.compile(r"\A(?:true|True|TRUE|false|False|FALSE)\Z"), "tTfF"),
    "null": (re.compile(r"\A(?:~|null|Null|NULL|)\Z"), "~nN"),
    "int": (re.compile(r"\A(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), "-+0123456789"),
    "float": (
        re.compile(
            r"\A(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        "-+0123456789.",
    ),
    "merge": (re.compile(r"\A<<\Z"), "<"),
    "timestamp": (yaml.SafeLoader.yaml_implicit_resolvers["2"][-1][1], "0123456789"),
}


class YamlFault(ValueError):
    """The text is no YAML, or holds what no plain value can: `line` and `column` count from 1, None where nobody knows."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None, *, quotes: bool = True) -> None:
        super().__init__(problem if line is None else f"line {line}: {problem}")
        self.problem = problem
        self.line = line
        self.column = column
        self.quotes = quotes
        """Whether the problem may repeat words of the text."""


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with the words of YAML 1.2."""


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """By the character a plain scalar begins with: what it may be other than text."""
    rows: dict[str, list[tuple[str, re.Pattern[str]]]] = {"": [(_TAG + "null", _WORDS["null"][0])]}
    for kind, (pattern, firsts) in _WORDS.items():
        for first in firsts:
            rows.setdefault(first, []).append((_TAG + kind, pattern))
    return rows


_Loader.yaml_implicit_resolvers = _resolvers()


def read_nodes(text: str) -> Node | None:
    """The one document of a text as nodes; None where there is none. Raises `YamlFault`."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as fault:
        # What is never closed is found at the end of the text, and is to be mended where it was opened.
        opened = fault.context_mark if fault.context in _CLOSED else None
        mark = opened or fault.problem_mark or fault.context_mark
        problem = " ".join(part.strip() for part in (fault.context, fault.problem) if part)
        at = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise YamlFault(problem, *at, quotes=not isinstance(fault, ScannerError)) from None
    except yaml.YAMLError as fault:  # a character that no YAML may hold
        raise YamlFault(str(fault).splitlines()[0]) from None
    finally:
        loader.dispose()
    assert node is None or isinstance(node, Node)
    return node


def read_values(text: str) -> Any:
    """The one document of a text as dicts, lists, strings, numbers, dates, bools and None. Raises `YamlFault`."""
    node = read_nodes(text)
    return None if node is None else values_of(node)


def values_of(node: Node) -> Any:
    """What a node says; an alias is the value that it names. Raises `YamlFault` for a key twice, a tag, an endless value."""
    return _Values().of(node)


def line_of(node: Node) -> int:
    """The line that a node begins on, from 1."""
    return int(node.start_mark.line) + 1


class _Values:
    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def of(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if id(node) in self._made:
            return self._made[id(node)]
        if id(node) in self._open:
            raise _fault(node, "an alias to the value it is part of")
        if node.tag not in (_TAG + "map", _TAG + "seq"):
            raise _fault(node, f"the tag {node.tag}")
        self._open.add(id(node))
        made = self._mapping(node) if isinstance(node, MappingNode) else [self.of(item) for item in node.value]
        self._open.discard(id(node))
        self._made[id(node)] = made
        return made

    def _mapping(self, node: MappingNode) -> dict[Any, Any]:
        own: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise _fault(key_node, "a key that is not a word")
            if key_node.tag == _TAG + "merge":
                for other in value_node.value if isinstance(value_node, SequenceNode) else (value_node,):
                    if not isinstance(other, MappingNode):
                        raise _fault(other, "<< that names no mapping")
                    merged = self.of(other) | merged
                continue
            key = _scalar(key_node)
            if key in own:
                raise _fault(key_node, f"the key {key_node.value!r} again")
            own[key] = self.of(value_node)
        return merged | own


def _scalar(node: ScalarNode) -> Any:
    make = _MAKERS.get(node.tag)
    if make is None:
        raise _fault(node, f"the tag {node.tag}")
    try:
        return make(node.value)
    except ValueError:
        raise _fault(node, f"{node.value!r} for a {node.tag.removeprefix(_TAG)}") from None


def _whole(word: str) -> int:
    return int(word, {"0o": 8, "0x": 16}.get(word[:2], 10))


def _moment(word: str) -> date | datetime:
    if _DATE.fullmatch(word):
        return date.fromisoformat(word)
    found: date | datetime = SafeConstructor().construct_yaml_timestamp(ScalarNode(_TAG + "timestamp", word))
    return found


_MAKERS: Mapping[str, Callable[[str], Any]] = {
    _TAG + "str": str,
    _TAG + "null": lambda _: None,
    _TAG + "bool": lambda word: word.lower() == "true",
    _TAG + "int": _whole,
    _TAG + "float": lambda word: float(_ENDLESS.get(word.lower().lstrip("+"), word)),
    _TAG + "timestamp": _moment,
    _TAG + "merge": str,
}


def _fault(node: Node, problem: str) -> YamlFault:
    return YamlFault(problem, line_of(node), int(node.start_mark.column) + 1)
