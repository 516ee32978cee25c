"""Every pattern of the package is linear: 50,000 hostile characters cost it next to nothing, however it is used.

The patterns are found, not listed: in the modules, in what they compile from rules/, and as literals in calls of `re`.
"""

import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from re import _parser as sre_parser
from typing import Any

import pytest

import supportbot
from supportbot.app import build_house
from supportbot.casework.facts import ThreadContext
from supportbot.mail.parse import read_message
from supportbot.settings import Settings

SIZE = 50_000
LIMIT = 0.05  # seconds of this process
METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
ANCHORED = {"match", "fullmatch"}
# Cheap characters that patterns trip over: blanks, digits, marks, and starts of things that do not go on; the worst come first.
COMMON = (" ", "\n", "a", "1", "\t", ">", ".", "-", "a ", "a.", "a@", "<", "\n ", "\r\n", "1 ", "_", "=", ", ", "> ", "a\n",
          "A", ":", "(", ")", "[", '"', "'", ",", "/", "&", "*", "é", "。", "<a", "=?", "a:", "ab ", "--",
          "Re: ", "01/")  # fmt: skip

LETTER = b"From: a@b.example\r\nSubject: Fwd: PO-1\r\n\r\nI accept the item.\r\n\r\nOn 2 Nov 2026, S wrote:\r\n> q\r\n"

Found = dict[tuple[str | bytes, int], set[str]]  # (pattern, flags): the methods it is used with


def modules() -> list[str]:
    return [
        item.name for item in pkgutil.walk_packages(supportbot.__path__, "supportbot.") if not item.name.endswith("__main__")
    ]


def patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, Mapping):
        for key, item in value.items():
            yield from patterns_in(key, depth + 1)
            yield from patterns_in(item, depth + 1)
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from patterns_in(item, depth + 1)


def used_methods(source: ast.Module) -> dict[str, set[str]]:
    """The methods of patterns that are called on each name of a module; "" for calls on anything that is no constant's name."""
    used: dict[str, set[str]] = {}
    for node in ast.walk(source):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in METHODS
            and isinstance(node.value, ast.Name)
            and node.value.id != "re"
        ):
            name = node.value.id if node.value.id.isupper() or node.value.id.lstrip("_").isupper() else ""
            used.setdefault(name, set()).add(node.attr)
        elif isinstance(node, ast.Attribute) and node.attr in METHODS and not isinstance(node.value, ast.Name):
            used.setdefault("", set()).add(node.attr)
    used.get("", set()).discard("split")  # that of texts
    return used


def literal_calls(source: ast.Module) -> Iterator[tuple[str | bytes, str]]:
    """(pattern, method) of `re.sub(r"…", …)` and its kin."""
    for node in ast.walk(source):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in METHODS
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str | bytes)
        ):
            yield node.args[0].value, node.func.attr


@lru_cache(maxsize=1)
def found_patterns() -> Found:
    found: Found = {}
    for name in modules():
        module = importlib.import_module(name)
        path = Path(module.__file__ or "")
        source = ast.parse(path.read_text(encoding="utf-8"))
        used = used_methods(source)
        for pattern, method in literal_calls(source):
            found.setdefault((pattern, re.compile(pattern).flags), set()).add(method)
        for constant, value in vars(module).items():
            for compiled in patterns_in(value):
                methods = used.get(constant) or used.get("") or set()
                found.setdefault((compiled.pattern, compiled.flags), set()).update(methods)
    for pattern_and_flags in compiled_from_rules():
        found.setdefault(pattern_and_flags, {"search"})
    return {key: methods or {"search"} for key, methods in found.items()}


def compiled_from_rules() -> set[tuple[str | bytes, int]]:
    """What the package compiles while the rules are loaded and first used, wherever it keeps it."""
    compiled: set[tuple[str | bytes, int]] = set()
    real = re.compile

    def recording(pattern: Any, flags: Any = 0) -> Any:
        result = real(pattern, flags)
        if str(sys._getframe(1).f_globals.get("__name__")).startswith("supportbot"):
            compiled.add((result.pattern, result.flags))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(re, "compile", recording)
        triage = build_house(Settings()).triage
        triage.warm()
        triage.read(read_message(LETTER), ThreadContext())
    return compiled


def literals(pattern: str | bytes, flags: int) -> list[str]:
    """Runs of literal characters in a pattern, and one member of each of its classes."""
    runs: list[str] = []
    run: list[str] = []

    def close() -> None:
        if run:
            runs.append("".join(run))
            run.clear()

    def walk(items: Any) -> None:
        for operation, argument in items:
            name = str(operation)
            if name == "LITERAL":
                run.append(chr(argument))
                continue
            close()
            if name == "IN":
                for kind, members in argument:
                    if str(kind) == "LITERAL":
                        runs.append(chr(members))
                    elif str(kind) == "RANGE":
                        runs.append(chr(members[0]))
            elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                walk(argument[2])
            elif name == "SUBPATTERN":
                walk(argument[3])
            elif name == "BRANCH":
                for branch in argument[1]:
                    walk(branch)
                    close()
            elif name in ("ASSERT", "ASSERT_NOT"):
                walk(argument[1])
            elif name == "ATOMIC_GROUP":
                walk(argument)
        close()

    walk(sre_parser.parse(pattern, flags & ~re.DEBUG))
    return list(dict.fromkeys(runs))


def unbounded(pattern: str | bytes, flags: int) -> bool:
    """Whether anything in it may repeat without end; where nothing may, each place of a text costs a fixed amount at most."""

    def walk(items: Any) -> bool:
        for operation, argument in items:
            name = str(operation)
            if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                if argument[1] is sre_parser.MAXREPEAT or walk(argument[2]):
                    return True
            elif name == "BRANCH":
                if any(walk(branch) for branch in argument[1]):
                    return True
            else:
                place = {"SUBPATTERN": 3, "ASSERT": 1, "ASSERT_NOT": 1}.get(name)
                inner = argument if name == "ATOMIC_GROUP" else () if place is None else argument[place]
                if walk(inner):
                    return True
        return False

    return walk(sre_parser.parse(pattern, flags & ~re.DEBUG))


def hostile(pattern: str | bytes, flags: int, *, begun: bool) -> Iterator[tuple[str, str]]:
    """What to begin with, and what to repeat; with `begun` also behind the pattern's own first letters."""
    own = literals(pattern, flags)
    first = own[0] if own else ""
    common = COMMON if begun else COMMON[: 20 if unbounded(pattern, flags) else 8]
    # Patterns with hundreds of words differ in them, not in their shape.
    for unit in dict.fromkeys((*common, *own[:10], *(f"{run} " for run in own[:5]), *(f"{run}a" for run in own[:5]))):
        yield "", unit
        if begun and first and unit != first:
            yield first, unit


def text_of(first: str, unit: str, size: int, *, octets: bool) -> str | bytes:
    text = first + unit * (size // len(unit)) + "\0"
    return text.encode("utf-8") if octets else text


def cost(compiled: re.Pattern[Any], method: str, text: str | bytes) -> float:
    """Seconds of this process; a pattern that does not come to an end in two of them is stopped."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, 2)
    try:
        if method in ANCHORED:
            getattr(compiled, method)(text)
        else:
            for _ in compiled.finditer(text):  # what sub, split and findall do; search does less
                pass
    except _TooLongError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begun


class _TooLongError(Exception):
    pass


@pytest.fixture(autouse=True)
def _stopwatch() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGVTALRM, ring)
    yield
    signal.signal(signal.SIGVTALRM, before)


def test_the_search_for_patterns_finds_them() -> None:
    found = found_patterns()

    assert len(found) > 150
    assert any("fullmatch" in methods for methods in found.values())


@pytest.mark.parametrize("begun", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["run", "begun run"])
def test_every_pattern_of_the_package_is_linear(begun: bool) -> None:
    found = found_patterns().items()
    slow = [words for (pattern, flags), methods in found if (words := slowest(pattern, flags, methods, begun=begun))]

    assert not slow, "\n".join(slow)


def slowest(pattern: str | bytes, flags: int, methods: set[str], *, begun: bool) -> str | None:
    """The first hostile text that costs a pattern too much, in words."""
    compiled = re.compile(pattern, flags)
    ways = {method if method in ANCHORED else "finditer" for method in methods}
    octets = isinstance(pattern, bytes)
    anchored = not methods.isdisjoint(ANCHORED)  # a search begins anew in the middle of the run, a match does not
    for first, unit in hostile(pattern, flags, begun=begun or anchored):
        part = text_of(first, unit, SIZE // 10, octets=octets)
        for method in ways:
            if cost(compiled, method, part) < LIMIT / 60:
                continue  # what is not linear already shows in a tenth of the text
            text = text_of(first, unit, SIZE, octets=octets)
            # A list of hundreds of words is slow and linear; on a busy machine ten times the text costs up to 25 times as much.
            if (spent := cost(compiled, method, text)) <= LIMIT:
                continue
            spent, tenth = (min(cost(compiled, method, some) for _ in range(2)) for some in (text, part))
            if spent > LIMIT and (spent > 25 * tenth or spent > 4 * LIMIT):
                return f"{spent:.2f} s {method} of {first!r} and {unit!r}: {pattern!r:.120}"
    return None
