"""A memoised recogniser for the closed grammar: which clauses explain which words.

Patterns are compiled once; no backtracking, every answer is a set of places where a pattern can end, and the caller caps the
words, so time is bounded. Alternatives are looked up by the word they can begin with.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from supportbot.triage.pattern import NOTHING, Alt, Gap, Many, Node, Ref, Seq, Slot, Word
from supportbot.triage.rules import Production

Ends = frozenset[int]
SlotReader = Callable[[int], Ends]
FAR_SLOTS = frozenset(("aside", "story", "chat", "fragment"))  # read ahead, so nobody asks beforehand whether they can begin
_NOWHERE: Ends = frozenset()
_NO_SLOTS: frozenset[str] = frozenset()
_DEEPEST_SHARED = 4  # parts that the forms of a production may share at their beginning


@dataclass(frozen=True, slots=True)
class Run:
    """One text being recognised: its words with an empty one after the last, and what the slots take."""

    words: Sequence[str]
    slots: Mapping[str, SlotReader]
    memo: dict[tuple[str, int], Ends] = field(default_factory=dict)
    begun: dict[int, frozenset[str]] = field(default_factory=dict)

    def near(self, at: int) -> frozenset[str]:
        """The slots of few words that take something at word `at`."""
        known = self.begun.get(at)
        if known is None:
            known = frozenset(name for name, read in self.slots.items() if name not in FAR_SLOTS and read(at))
            self.begun[at] = known
        return known


Recognise = Callable[[Run, int], Ends]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern ready to run, and what it can begin with; `anything` where a slot that reads ahead can."""

    ends: Recognise  # every place where the pattern, begun at a word, can end
    words: frozenset[str]
    slots: frozenset[str]  # slots of few words that it can begin with
    anything: bool
    empty: bool  # the pattern can match no words


class Grammar:
    """Compiled phrases and the productions by the words they can begin with."""

    def __init__(self, phrases: Mapping[str, Node], productions: Sequence[tuple[Production, Node]]) -> None:
        self._sources = phrases
        self._compiled: dict[str, Compiled] = {}
        self._made: dict[Node, Compiled] = {}
        self._options: dict[int, tuple[dict[str, list[Node]], list[Node]]] = {}  # by the id of an alternative, which is kept
        self._by_word: dict[str, list[tuple[Production, Recognise]]] = {}
        self._by_slot: list[tuple[Compiled, Production]] = []
        self._anywhere: list[tuple[Production, Recognise]] = []
        self.patterns: dict[str, Node] = {}  # by the id of the production
        for production, node in _together(productions):
            self.patterns[production.id] = node
            compiled = self._compile(node)
            if compiled.anything:
                self._anywhere.append((production, compiled.ends))
            else:
                for word in compiled.words:
                    self._by_word.setdefault(word, []).append((production, compiled.ends))
                if compiled.slots:
                    self._by_slot.append((compiled, production))

    def at(self, run: Run, at: int) -> Sequence[tuple[Production, Recognise]]:
        """The productions worth trying at word `at`."""
        word, near = run.words[at], run.near(at)
        slotted = [
            (production, one.ends)
            for one, production in self._by_slot
            if word not in one.words and not one.slots.isdisjoint(near)
        ]
        return (*self._by_word.get(word, ()), *slotted, *self._anywhere)

    def options(self, node: Alt, run: Run, at: int) -> Sequence[Node]:
        """The options of an alternative that are worth trying at word `at`."""
        known = self._options.get(id(node))
        if known is None:
            by_word: dict[str, list[Node]] = {}
            others: list[Node] = []
            for option in node.options:
                first = option.parts[0] if isinstance(option, Seq) and option.parts else option
                (by_word.setdefault(first.norm, []) if isinstance(first, Word) else others).append(option)
            known = self._options[id(node)] = (by_word, others)
        by_word, others = known
        return (*by_word.get(run.words[at], ()), *others)

    def may_begin(self, phrase: str, run: Run, at: int) -> bool:
        """Whether the phrase of that name is worth trying at word `at`."""
        one = self._phrase(phrase)
        return (
            one.anything
            or one.empty
            or run.words[at] in one.words
            or (bool(one.slots) and not one.slots.isdisjoint(run.near(at)))
        )

    def _compile(self, node: Node) -> Compiled:
        """The node ready to run; what several patterns have alike, as `(the|my)`, is made once for all of them."""
        if node not in self._made:
            self._made[node] = self._make(node)
        return self._made[node]

    def _make(self, node: Node) -> Compiled:
        match node:
            case Word(norm):
                return Compiled(_word(norm), frozenset((norm,)), _NO_SLOTS, anything=False, empty=False)
            case Slot(name):
                far = name in FAR_SLOTS
                slots = _NO_SLOTS if far else frozenset((name,))
                return Compiled(lambda run, at: run.slots[name](at), frozenset(), slots, anything=far, empty=False)
            case Gap():
                return Compiled(lambda run, at: _NOWHERE, frozenset(), _NO_SLOTS, anything=False, empty=False)
            case Ref(name):
                return self._phrase(name)
            case Seq(parts):
                return _sequence([self._compile(part) for part in parts])
            case Alt(options):
                return _alternatives([self._compile(option) for option in options])
            case Many(part):
                return _many(self._compile(part))

    def _phrase(self, name: str) -> Compiled:
        if name not in self._compiled:
            inner = self._compile(self._sources[name])
            self._compiled[name] = Compiled(
                _remembered(name, inner.ends), inner.words, inner.slots, inner.anything, inner.empty
            )
        return self._compiled[name]


def _together(productions: Sequence[tuple[Production, Node]]) -> list[tuple[Production, Node]]:
    """The forms of each production as one pattern, in which what several begin with is looked for once."""
    forms: dict[str, tuple[Production, list[Node]]] = {}
    for production, node in productions:
        forms.setdefault(production.id, (production, []))[1].append(node)
    return [(production, _factored(nodes)) for production, nodes in forms.values()]


def _factored(nodes: Sequence[Node], depth: int = 0) -> Node:
    """An alternative of `nodes` in which those that begin alike branch behind what they share."""
    if len(nodes) == 1 or depth == _DEEPEST_SHARED:
        return nodes[0] if len(nodes) == 1 else Alt(tuple(nodes))
    by_first: dict[Node, list[Node]] = {}
    for node in nodes:
        first, *rest = node.parts if isinstance(node, Seq) and node.parts else (node,)
        by_first.setdefault(first, []).append(Seq(tuple(rest)))
    options = [
        Seq((first, _factored(rests, depth + 1))) if len(rests) > 1 or rests[0] != NOTHING else first
        for first, rests in by_first.items()
    ]
    return options[0] if len(options) == 1 else Alt(tuple(options))


def _word(norm: str) -> Recognise:
    def ends(run: Run, at: int) -> Ends:
        return frozenset((at + 1,)) if run.words[at] == norm else _NOWHERE

    return ends


def _remembered(name: str, inner: Recognise) -> Recognise:
    def ends(run: Run, at: int) -> Ends:
        known = run.memo.get((name, at))
        if known is None:
            known = run.memo[(name, at)] = inner(run, at)
        return known

    return ends


def _sequence(parts: Sequence[Compiled]) -> Compiled:
    words: frozenset[str] = frozenset()
    slots = _NO_SLOTS
    anything = False
    empty = True
    for part in parts:
        words |= part.words
        slots |= part.slots
        anything = anything or part.anything
        if not part.empty:
            empty = False
            break
    any_word = anything or empty
    runners = tuple(part.ends for part in parts)

    def ends(run: Run, at: int) -> Ends:
        if not any_word and run.words[at] not in words and (not slots or slots.isdisjoint(run.near(at))):
            return _NOWHERE
        places: Ends = frozenset((at,))
        for runner in runners:
            places = _after(runner, run, places)
            if not places:
                break
        return places

    return Compiled(ends, words, slots, anything, empty)


def _alternatives(options: Sequence[Compiled]) -> Compiled:
    words = frozenset[str]().union(*(option.words for option in options))
    slots = _NO_SLOTS.union(*(option.slots for option in options))
    always = tuple(option.ends for option in options if option.anything or option.empty)
    begun: dict[str, list[Recognise]] = {}
    slotted: list[Compiled] = []
    for option in options:
        if not (option.anything or option.empty):
            for word in option.words:
                begun.setdefault(word, []).append(option.ends)
            if option.slots:
                slotted.append(option)
    by_word = {word: (*runners, *always) for word, runners in begun.items()}

    def ends(run: Run, at: int) -> Ends:
        word = run.words[at]
        runners = by_word.get(word, always)
        if slotted and not slots.isdisjoint(run.near(at)):
            near = run.near(at)
            runners = (
                *runners,
                *(one.ends for one in slotted if word not in one.words and not one.slots.isdisjoint(near)),
            )
        if not runners:
            return _NOWHERE
        if len(runners) == 1:
            return runners[0](run, at)
        return frozenset[int]().union(*[runner(run, at) for runner in runners])

    return Compiled(
        ends, words, slots, anything=any(option.anything for option in options), empty=any(option.empty for option in options)
    )


def _many(part: Compiled) -> Compiled:
    words, slots, always = part.words, part.slots, part.anything or part.empty

    def ends(run: Run, at: int) -> Ends:
        reached = frontier = frozenset((at,))
        if not always and run.words[at] not in words and (not slots or slots.isdisjoint(run.near(at))):
            return reached
        while frontier:
            frontier = _after(part.ends, run, frontier) - reached
            reached |= frontier
        return reached

    return Compiled(ends, part.words, part.slots, part.anything, empty=True)


def _after(runner: Recognise, run: Run, places: Ends) -> Ends:
    if len(places) == 1:
        (place,) = places
        return runner(run, place)
    return frozenset[int]().union(*[runner(run, place) for place in places])
