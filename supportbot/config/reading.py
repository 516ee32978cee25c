"""A YAML file -> plain values, as JSON would hold them, with the line of each key.

The nodes are walked here rather than constructed by the library, so that duplicate keys, tags and syntax faults become
findings, and no more than one of them ends the reading.
"""

import math
from typing import Any

from supportbot.config.mistakes import Location, Mistakes
from supportbot.yamltext import MappingNode, Node, ScalarNode, SequenceNode, YamlFault, line_of, read_nodes, values_of

_SCALARS = {"null", "bool", "int", "float", "str", "timestamp"}
_SYNTAX = "`key: value` lines; look at the indentation, the colons and the quotes here and in the line before"


def read_values(mistakes: Mistakes) -> Any:
    """What the file says; an unreadable one is reported and counts as empty."""
    try:
        text = mistakes.file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        mistakes.report((), "no such file", "a configuration file; `supportbot init` writes one to start from")
        return {}
    except OSError as error:
        mistakes.report((), f"a file that cannot be read ({error.strerror})", "a readable file")
        return {}
    except UnicodeDecodeError as error:
        mistakes.report((), f"a byte at position {error.start} that is not UTF-8", "a text file in UTF-8")
        return {}
    try:
        node = read_nodes(text)
    except YamlFault as error:
        _report_syntax(error, mistakes)
        return {}
    return {} if node is None else _Walk(mistakes).plain(node, (), ())


def _report_syntax(error: YamlFault, mistakes: Mistakes) -> None:
    """Words that may quote what stands in the line, a secret perhaps, are not repeated."""
    found = "text that is not YAML"
    if error.column is not None:
        found += f" at column {error.column}"
    if not error.quotes:
        found += f" ({error.problem})"
    mistakes.report_line(error.line, (), found, _SYNTAX)


class _Walk:
    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes

    def plain(self, node: Node, location: Location, above: tuple[Node, ...]) -> Any:
        """A node as JSON would hold it; what JSON cannot hold is reported and becomes None."""
        if any(node is ancestor for ancestor in above):
            self._mistakes.report(location, "an alias to the value it is part of", "a plain value")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, location, (*above, node))
        if isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self._mistakes.lines[*location, index] = line_of(item)
            return [self.plain(item, (*location, index), (*above, node)) for index, item in enumerate(node.value)]
        return self._scalar(node, location)

    def _mapping(self, node: MappingNode, location: Location, above: tuple[Node, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = line_of(key_node)
            if not isinstance(key_node, ScalarNode):
                self._mistakes.report_line(line, location, "a key that is not a word", "a setting's name")
                continue
            place = (*location, key_node.value)
            if key_node.value in values:
                first = self._mistakes.lines[place]
                self._mistakes.report_line(line, place, f"the key again (it stands on line {first} already)", "it once")
                continue
            self._mistakes.lines[place] = line
            values[key_node.value] = self.plain(value_node, place, above)
        return values

    def _scalar(self, node: Node, location: Location) -> Any:
        kind = str(node.tag).rpartition(":")[2]
        if kind not in _SCALARS:
            self._mistakes.report(location, "a YAML tag", "a plain value")
            return None
        if kind in ("str", "timestamp"):
            return node.value
        value = values_of(node)
        if isinstance(value, float) and not math.isfinite(value):
            self._mistakes.report(location, "a number without end", "a finite number")
            return None
        return value
