"""How a clause derives from its production: the phrases inside it, as a tree. Evidence for people; it decides nothing.

The recogniser (triage.chart) says only where a pattern can end, which is fast. Of a clause that derived, this module says how,
once and on words that are already known to match.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from supportbot.triage.chart import Grammar, Run
from supportbot.triage.pattern import Alt, Gap, Many, Node, Ref, Seq, Slot, Word


@dataclass(frozen=True, slots=True)
class Branch:
    """A phrase or slot and the words `first` up to `last` that it explains."""

    name: str
    first: int
    last: int
    inside: "tuple[Branch, ...]" = ()


_Ways = dict[int, tuple[Branch, ...]]  # by where a pattern can end, one way to get there


class Derivation:
    """The ways of one text; phrases already tried are remembered, so the work is bounded as the recogniser's is."""

    def __init__(self, phrases: Mapping[str, Node], chart: Grammar, run: Run) -> None:
        self._phrases = phrases
        self._chart = chart
        self._run = run
        self._known: dict[tuple[str, int], _Ways] = {}

    def of(self, node: Node, first: int, last: int) -> tuple[Branch, ...]:
        """What stands inside words `first` up to `last`, which `node` explains."""
        return self._ways(node, first)[last]

    def _ways(self, node: Node, at: int) -> _Ways:
        match node:
            case Word(norm):
                return {at + 1: ()} if at < len(self._run.words) and self._run.words[at] == norm else {}
            case Slot(name):
                return {end: (Branch(f"<{name}>", at, end),) for end in sorted(self._run.slots[name](at))}
            case Gap():
                return {}
            case Ref(name):
                return self._phrase(name, at)
            case Seq(parts):
                ways: _Ways = {at: ()}
                for part in parts:
                    ways = self._after(ways, part)
                return ways
            case Alt():
                found: _Ways = {}
                for option in self._chart.options(node, self._run, at):
                    if self._may_begin(option, at):
                        for end, inside in self._ways(option, at).items():
                            found.setdefault(end, inside)
                return found
            case Many(part):
                reached: _Ways = {at: ()}
                frontier = dict(reached)
                while frontier:
                    frontier = {end: inside for end, inside in self._after(frontier, part).items() if end not in reached}
                    reached |= frontier
                return reached

    def _may_begin(self, node: Node, at: int) -> bool:
        """Whether an option is worth trying; most are not, and their first word says so."""
        match node:
            case Word(norm):
                return self._run.words[at] == norm
            case Ref(name):
                return self._chart.may_begin(name, self._run, at)
            case Seq((first, *_)) if isinstance(first, Word | Ref):
                return self._may_begin(first, at)
            case _:
                return True

    def _after(self, ways: _Ways, part: Node) -> _Ways:
        longer: _Ways = {}
        for middle, before in ways.items():
            for end, inside in self._ways(part, middle).items():
                longer.setdefault(end, before + inside)
        return longer

    def _phrase(self, name: str, at: int) -> _Ways:
        if (name, at) not in self._known:
            ways = self._ways(self._phrases[name], at)
            self._known[name, at] = {end: (Branch(name, at, end, inside),) for end, inside in ways.items()}
        return self._known[name, at]
