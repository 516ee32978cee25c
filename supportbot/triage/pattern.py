"""The one language in which rule files describe words: `I (will|would like to) keep ITEM please?`.

Words are normalised words (triage.language); upper-case names stand for phrases of the same file; `( | )` offers
alternatives, a final `?` makes the atom before it optional, `*` allows it any number of times, `~3` skips up to three words,
`<order>`, `<amount>`, `<title>`, `<thing>`, `<name>`, `<sender>` and the like are slots filled from the case; a backslash takes
a sign literally and `\\n` is the end of a line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

_ATOM = re.compile(r"\s*(?:(\()|(\))|(\|)|([?*])|<([a-z]+)>|~(\d{1,2})|\\(\S)|([^\s()|?*<>]+))")
_NAME = re.compile(r"[A-Z][A-Z_]*\Z")
_LINE_BREAK = "\n"
_MOST_VARIANTS = 6000
_MOST_REMEMBERED = 32_768


class PatternError(ValueError):
    """A pattern in a rule file cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Word:
    """One normalised word."""

    norm: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A phrase of the file, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Words that only the case can judge: an order id, an amount, words of the title, a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` arbitrary words, never across punctuation. For searching only; a closed grammar has no gaps."""

    most: int


@dataclass(frozen=True, slots=True)
class Seq:
    """One after the other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Alt:
    """One of several."""

    options: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Many:
    """Any number of times."""

    part: "Node"


Node = Word | Ref | Slot | Gap | Seq | Alt | Many
NOTHING = Seq(())
ANY_ORDER = "<order>"  # stands for any word that is written like an order number, where patterns are searched for
Step = frozenset[str] | int  # one word out of a set, or a gap of at most that many words


@lru_cache(maxsize=_MOST_REMEMBERED)
def parse(text: str) -> Node:
    """The pattern written as `text`; whoever reads it again gets the same nodes. Raises `PatternError`."""
    tokens = _tokens(text)
    node, rest = _alternatives(tokens, 0)
    if rest != len(tokens):
        raise PatternError(f"unexpected ')' in {text!r}")
    if node == NOTHING:
        raise PatternError("an empty pattern")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        found = _ATOM.match(stripped, position)
        if found is None:
            raise PatternError(f"cannot read {stripped[position:]!r}")
        opening, closing, bar, repeat, slot, gap, escaped, word = found.groups()
        if opening or closing or bar or repeat:
            sign = opening or closing or bar or repeat
            tokens.append((sign, sign))
        elif slot:
            tokens.append(("slot", slot))
        elif gap:
            tokens.append(("gap", gap))
        else:
            tokens.append(("word", _LINE_BREAK if escaped == "n" else escaped or word))
        position = found.end()
    return tokens


def _alternatives(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    options: list[Node] = []
    while True:
        node, at = _sequence(tokens, at)
        options.append(node)
        if at < len(tokens) and tokens[at][0] == "|":
            at += 1
            continue
        return (options[0] if len(options) == 1 else Alt(tuple(options))), at


def _sequence(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    parts: list[Node] = []
    while at < len(tokens) and tokens[at][0] not in "|)":
        kind, value = tokens[at]
        at += 1
        if kind == "(":
            node, at = _alternatives(tokens, at)
            if at >= len(tokens):
                raise PatternError("a '(' is never closed")
            at += 1
            parts.append(node)
        elif kind == "?":
            parts.append(Alt((_last(parts), NOTHING)))
        elif kind == "*":
            parts.append(Many(_last(parts)))
        elif kind == "slot":
            parts.append(Slot(value))
        elif kind == "gap":
            parts.append(Gap(int(value)))
        else:
            parts.append(Ref(value) if _NAME.match(value) else Word(value.casefold()))
    return (parts[0] if len(parts) == 1 else Seq(tuple(parts))), at


def _last(parts: list[Node]) -> Node:
    if not parts:
        raise PatternError("'?' or '*' with nothing before it")
    return parts.pop()


def references(node: Node) -> frozenset[str]:
    """The names of phrases that a pattern uses."""
    match node:
        case Ref(name):
            return frozenset((name,))
        case Seq(parts) | Alt(parts):
            return frozenset().union(*(references(part) for part in parts))
        case Many(part):
            return references(part)
        case _:
            return frozenset()


def may_be_empty(node: Node, phrases: Mapping[str, bool]) -> bool:
    """Whether a pattern also matches no word at all, from which of the phrases do."""
    match node:
        case Ref(name):
            return phrases[name]
        case Seq(parts):
            return all(may_be_empty(part, phrases) for part in parts)
        case Alt(options):
            return any(may_be_empty(option, phrases) for option in options)
        case Many():
            return True
        case _:
            return False


def literals(node: Node) -> frozenset[str]:
    """The words that a pattern spells out itself."""
    match node:
        case Word(norm):
            return frozenset((norm,))
        case Seq(parts) | Alt(parts):
            return frozenset().union(*(literals(part) for part in parts))
        case Many(part):
            return literals(part)
        case _:
            return frozenset()


def variants(node: Node, phrases: Mapping[str, Node]) -> list[tuple[Step, ...]]:
    """A searching pattern as flat rows of steps, for a token matcher. Raises `PatternError` for what cannot be searched."""
    match node:
        case Word(norm):
            return [(frozenset((norm,)),)]
        case Gap(most):
            return [(most,)]
        case Slot("order"):
            return [(frozenset((ANY_ORDER,)),)]
        case Ref(name):
            return variants(phrases[name], phrases)
        case Alt(options):
            return _merged([row for option in options for row in variants(option, phrases)])
        case Seq(parts):
            choices = [variants(part, phrases) for part in parts]
            count = 1
            for choice in choices:
                count *= len(choice)
            if count > _MOST_VARIANTS:
                raise PatternError(f"too many alternatives ({count})")
            return [tuple(step for row in rows for step in row) for rows in product(*choices)]
        case _:
            raise PatternError("slots but <order>, and '*', belong to the consent grammar")


def _merged(rows: list[tuple[Step, ...]]) -> list[tuple[Step, ...]]:
    """One-word alternatives become one step."""
    words = frozenset[str]().union(*(row[0] for row in rows if len(row) == 1 and isinstance(row[0], frozenset)))
    longer = [row for row in rows if not (len(row) == 1 and isinstance(row[0], frozenset))]
    return ([(words,)] if words else []) + list(dict.fromkeys(longer))
