"""Whether a buyer accepts the item and the re-billing, each by itself.

Tier 1, proof: every clause of the new text derives from the closed grammar of rules/consent/<language>.yaml. What the grammar
does not know it does not guess. Tier 2, a likely reading: cues with the scope of negation, condition, hedge and question;
always for a person. Tier 3: nothing could be read. The grammar may abstain; it may not be wrong.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from threading import Lock
from typing import Literal, NamedTuple

from supportbot.casework.facts import Answer, Derived, Evidence, ThreadContext
from supportbot.triage.aside import Asides
from supportbot.triage.chart import Ends, Run, SlotReader
from supportbot.triage.chart import Grammar as Chart
from supportbot.triage.derivation import Branch, Derivation
from supportbot.triage.facts import Found, order_ids
from supportbot.triage.language import Reader, Text
from supportbot.triage.likely import Sentence, likely
from supportbot.triage.pattern import Node, Step, literals, parse, references, variants
from supportbot.triage.reachable import address_ends, telephone_ends
from supportbot.triage.rules import ConsentGrammar, Mark, Production, Says
from supportbot.triage.spellings import noun_forms

_MOST_WORDS = 120  # a longer answer is read by a person
_MOST_NAME_WORDS = 3
_MOST_THING_WORDS = 3
_FEWEST_LETTERS, _FEWEST_BEFORE = 4, 3  # of the end of a compound that stands for it: the "barrow" of a wheelbarrow
_MOST_OWN_WORDS = 2  # before a word of the title
_ADVERB_ENDINGS = ("ly", "mente", "ment")  # "provisionally", "provisionalmente", "provisoirement": none is a thing
_SENTENCE_ENDS = frozenset((".", "!", "?", "\n", "!!", "!!!", "??"))
_BEFORE_NAMES = frozenset(("\n", ".", "!", ",", "-", "x", "xx", "xxx"))
_MOST_SIGNED_WORDS = 14  # a name, and what the writer is
_KISSES = frozenset(("x", "xx", "xxx", "xo", "xoxo"))
_INITIAL = re.compile(r"[A-ZÀ-Þ]\.\Z")
_CAPITALS = re.compile(r"[-/]?(?:[A-ZÀ-Þ]\.?){1,2}\Z")
_SPELLING_ANSWERS = frozenset(("y", "n", "x", "no", "ok", "if", "or"))  # in capitals too
_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'’-]*\.?\Z")
_FEW_DIGITS = re.compile(r"[x*]{0,4}\d{4}\Z")  # the last of a card's number
_AMOUNT = re.compile(
    r"(?:[$€£]\s?|\b(?:usd|eur|gbp)\s?)\d[\d.,]*\d|(?:[$€£]\s?)\d"
    r"|(?<!\d)(?<!\d[.,])\d[\d.,]*+\s?(?:[$€£]|(?:usd|eur|gbp|dollars?|euros?|pounds?)\b)",
    re.IGNORECASE,
)
_BARE_AMOUNT = re.compile(r"(?<![\w.,$€£])\d++(?:[.,]\d++)*+(?![\d%])")  # "the 189": ours only if it equals it


@dataclass(frozen=True, slots=True)
class Consent:
    """How an answer was read. Facts not spoken of are UNCLEAR; None only where the text says nothing at all."""

    accepts_item: Answer
    accepts_rebill: Answer
    tier: Literal[1, 2, 3]
    bare_assent: bool
    evidence: tuple[Evidence, ...]
    unexplained: tuple[tuple[int, int], ...]
    derivation: tuple[Derived, ...] = ()
    spoken: bool = False  # the text speaks of the item, the re-billing, or answers yes or no
    cues: tuple[Mark, ...] = ()  # what its words hint at, in order

    @property
    def proved(self) -> bool:
        """Both accepted, and derived in full."""
        return self.tier == 1 and self.accepts_item is Answer.YES and self.accepts_rebill is Answer.YES


class _State(NamedTuple):
    """What the clauses so far have said."""

    item: Answer | None = None
    rebill: Answer | None = None
    assent: str | None = None
    condition: bool = False
    leads: bool = False
    refused: bool = False  # a plain no was among the clauses

    def heard(self, production: Production) -> "_State":
        says = production.says
        return _State(
            _last_word(self.item, says.item),
            _last_word(self.rebill, says.rebill),
            _one_assent(self.assent, says.assent),
            self.condition or says.condition,
            production.leads,
            self.refused or says.assent == "no",
        )

    def told_by(self, other: "_State") -> bool:
        """Whether `other` hears all that this one hears, and a fact more: what one way takes for chat, another can explain."""
        more = False
        for mine, theirs in ((self.item, other.item), (self.rebill, other.rebill)):
            if mine is not theirs and mine is not None:
                return False
            more = more or mine is not theirs
        return more and other.condition >= self.condition and other.refused >= self.refused

    @property
    def named(self) -> bool:
        return self.item is not None or self.rebill is not None

    @property
    def answered(self) -> bool:
        return self.named or self.refused or self.assent == "yes"


def _last_word(before: Answer | None, now: Answer | None) -> Answer | None:
    """The last word wins, but a yes after a no or a condition proves nothing."""
    if now is None:
        return before
    if now is Answer.YES and before not in (None, Answer.YES):
        return Answer.CONDITIONAL if before is Answer.CONDITIONAL else Answer.UNCLEAR
    return now


def _one_assent(before: str | None, now: str | None) -> str | None:
    """A yes beside a no, or beside words it may belong to instead of our question, is no answer."""
    return now if before is None or before == now else (before if now is None else "unclear")


class _Trace(NamedTuple):
    at: int
    state: _State
    production: Production
    end: int


_Reached = dict[int, dict[_State, _Trace | None]]


class _Clause(NamedTuple):
    """A clause that derived: what it says, its production, and the words `first` up to `last`."""

    says: Says
    production: str
    first: int
    last: int


class _Outcome(NamedTuple):
    item: Answer
    rebill: Answer
    bare: bool


class Grammar:
    """A consent grammar made ready: compiled patterns, and a reader that knows its cues."""

    def __init__(self, rules: ConsentGrammar) -> None:
        self.rules = rules
        self.language = rules.language
        self.phrases: Mapping[str, Node] = {name: parse(" | ".join(forms)) for name, forms in rules.words.items()}
        compiled = [(production, parse(form)) for production in rules.productions for form in production.forms]
        self.chart = Chart(self.phrases, compiled)
        self.separators = frozenset(rules.separators)
        self.joiners = frozenset(rules.joiners)
        self.run_on = frozenset(rules.run_on)
        self.runs_on = frozenset(rules.runs_on)
        self.never_run_on = frozenset(rules.never_run_on)
        self.marks = {cue.id: cue.mark for cue in rules.cues}
        self.reader = Reader(self._cue_rows(rules), rules.language)
        self.spelled = self._spelled(compiled)
        self.first_names = frozenset(name.casefold() for name in rules.first_names)
        self.not_names = self.spelled | frozenset(word.casefold() for word in rules.not_names)
        decisive = [(production, node) for production, node in compiled if production.says.decides]
        not_named = frozenset(word.casefold() for word in (*rules.not_names, *rules.not_things))
        charging = [(production, node) for production, node in decisive if not production.says.only_item]
        self.deciding = self._spelled(charging) - frozenset(rules.things)
        self.not_things = (self._spelled(decisive) | not_named) - frozenset(rules.things)
        self.never = frozenset(rules.aside.never) if rules.aside else frozenset[str]()
        self.asides = Asides(rules.aside, self.not_things, self.first_names) if rules.aside else None

    def _spelled(self, productions: Sequence[tuple[Production, Node]]) -> frozenset[str]:
        """Every word of the productions, by which it is told what they say."""
        nodes = [node for _, node in productions]
        seen: set[str] = set()
        for node in nodes:  # it grows by the phrases that it names
            new = references(node) - seen
            seen |= new
            nodes += [self.phrases[name] for name in new]
        return frozenset[str]().union(*map(literals, nodes))

    def _cue_rows(self, rules: ConsentGrammar) -> dict[str, list[Sequence[Step]]]:
        return {cue.id: [row for form in cue.forms for row in variants(parse(form), self.phrases)] for cue in rules.cues}


_READY: OrderedDict[int, Grammar] = OrderedDict()
_MOST_READY = 12
_READYING = Lock()


def grammar_of(rules: ConsentGrammar) -> Grammar:
    """The grammar made ready with its first text, once for the same rules: loaded again without a change they cost nothing."""
    with _READYING:
        ready = _READY.get(id(rules))
        if ready is None or ready.rules is not rules:  # an id may come back for another object
            _READY[id(rules)] = ready = Grammar(rules)
        _READY.move_to_end(id(rules))
        while len(_READY) > _MOST_READY:
            _READY.popitem(last=False)
    return ready


def read_consent(text: str, context: ThreadContext, grammar: Grammar, sender_name: str = "") -> Consent:
    """How the new text of a buyer's message answers our shipped-but-cancelled notice."""
    read = grammar.reader.read(text)
    if not any(char.isalpha() for char in text):
        return Consent(Answer.UNCLEAR, Answer.UNCLEAR, 3, bare_assent=False, evidence=(), unexplained=())
    derivation = _Derivation(read, context, grammar, sender_name)
    cues = tuple(grammar.marks[hit.name] for hit in sorted(read.hits, key=lambda hit: hit.first))
    if len(read.words) <= _MOST_WORDS and text == read.source:
        whole = derivation.explain(0, len(read.words))
        if whole is not None:
            return replace(_proved(whole, derivation), cues=cues)
    return replace(_guessed(read, derivation, grammar, context), cues=cues)


def _proved(whole: "_Explained", derivation: "_Derivation") -> Consent:
    outcome = whole.outcome
    if outcome is None:  # two derivations that disagree prove nothing
        return Consent(Answer.UNCLEAR, Answer.UNCLEAR, 2, bare_assent=False, evidence=(), unexplained=(), spoken=True)
    return Consent(
        outcome.item,
        outcome.rebill,
        1,
        outcome.bare,
        derivation.evidence(whole.clauses),
        (),
        derivation.trees(whole.clauses),
        spoken=whole.spoken,
    )


@dataclass(frozen=True, slots=True)
class _Explained:
    """All derivations of a stretch of words, folded."""

    outcome: _Outcome | None  # None: they disagree
    clauses: tuple[_Clause, ...]  # of one of them
    spoken: bool


class _Derivation:
    """The closed grammar at work on one text."""

    def __init__(self, text: Text, context: ThreadContext, grammar: Grammar, sender_name: str) -> None:
        self._text = text
        self._context = context
        self._grammar = grammar
        spellings = grammar.rules.spellings
        self._words = [spellings.get(word.norm, word.norm) for word in text.words]
        self._starts = {word.start: at for at, word in reversed(list(enumerate(text.words)))}
        self._ends = {word.end: at + 1 for at, word in enumerate(text.words)}
        self._sender = frozenset(sender_name.casefold().replace(",", " ").split())
        self._orders = self._spans([(one.start, one.end) for one in self._own_orders()])
        written = [*_BARE_AMOUNT.finditer(text.source), *_AMOUNT.finditer(text.source)]  # the longer wins
        self._amounts = self._spans([hit.span() for hit in written if self._own_amount(hit.group())])
        titles = {title.casefold() for title in context.item_titles if title.strip()}
        named = re.findall(r"\w+", titles.pop()) if len(titles) == 1 else []
        self._title = (
            frozenset(form for word in named for form in (*_numbers_of(word), *noun_forms(word, grammar.language)))
            - grammar.deciding
        )
        readers: dict[str, SlotReader] = {
            "order": lambda at: self._orders.get(at, frozenset()),
            "amount": lambda at: self._amounts.get(at, frozenset()),
            "title": lambda at: self._stretch(at, 6, self._in_title),
            "thing": self._thing,
            "called": self._called,
            "aside": self._aside,
            "story": self._story,
            "chat": self._chat,
            "fragment": self._fragment,
            "signed": self._signed,
            "name": lambda at: self._stretch(at, _MOST_NAME_WORDS, self._name_like),
            "initialed": self._initialed,
            "initials": self._initials,
            "person": lambda at: self._stretch(at, 1, self._is_person),
            "digits": lambda at: self._stretch(at, 1, self._few_digits),
            "phone": lambda at: telephone_ends(self._words, at),
            "email": lambda at: address_ends(self._words, at),
            "sender": lambda at: self._stretch(at, _MOST_NAME_WORDS, self._of_sender),
        }
        self._run = Run((*self._words, ""), readers)
        self._read: dict[int, Sequence[tuple[Production, Ends]]] = {}

    def _own_orders(self) -> Sequence[Found]:
        known = self._context.known_order_ids
        return [
            one
            for one in order_ids(self._text.source, known)
            if not known or one.value.casefold() in {order_id.casefold() for order_id in known}
        ]

    def _own_amount(self, written: str) -> bool:
        ours, theirs = _decimal(self._context.amount or ""), _decimal(written)
        return ours is not None and ours == theirs

    def _spans(self, spans: Sequence[tuple[int, int]]) -> dict[int, Ends]:
        return {
            self._starts[start]: frozenset((self._ends[end],))
            for start, end in spans
            if start in self._starts and end in self._ends
        }

    def _stretch(self, at: int, most: int, fits: Callable[[int], bool]) -> Ends:
        ends: set[int] = set()
        while at < len(self._words) and len(ends) < most and fits(at):
            at += 1
            ends.add(at)
        return frozenset(ends)

    def _in_title(self, at: int) -> bool:
        word = self._words[at]
        return word in self._title or (
            len(word) >= _FEWEST_LETTERS
            and word not in self._grammar.not_things
            and any(named.endswith(word) and len(named) - len(word) >= _FEWEST_BEFORE for named in self._title)
        )

    def _thing(self, at: int) -> Ends:
        """What was ordered, in words of the buyer's own: only where no title is known, which would tell what it is."""
        return frozenset() if self._context.item_titles else self._stretch(at, _MOST_THING_WORDS, self._thing_like)

    def _called(self, at: int) -> Ends:
        """A word of the title behind a word or two of the buyer's own: "pipette tips" of the title "Filter tips"."""
        ends: set[int] = set()
        place = at
        while (
            place < len(self._words)
            and place - at < _MOST_OWN_WORDS
            and self._thing_like(place)
            and self._words[place] not in self._grammar.never
            and not self._in_title(place)
        ):
            place += 1
            ends |= self._stretch(place, 6, self._in_title) if place < len(self._words) else set()
        return frozenset(ends)

    def _aside(self, at: int) -> Ends:
        asides = self._grammar.asides
        return asides.ends(self._words, self._written, at) if asides else frozenset()

    def _story(self, at: int) -> Ends:
        asides = self._grammar.asides
        return asides.story_ends(self._words, self._written, at) if asides else frozenset()

    def _chat(self, at: int) -> Ends:
        asides = self._grammar.asides
        return asides.chat_ends(self._words, self._written, at) if asides else frozenset()

    def _fragment(self, at: int) -> Ends:
        asides = self._grammar.asides
        return asides.fragment_ends(self._words, self._written, at) if asides else frozenset()

    def _signed(self, at: int) -> Ends:
        """A line of its own at the end that begins with a first name: "Tess", "Doreen P. x"."""
        before = self._words[at - 1] if at else ""
        if (
            at == len(self._words)
            or before not in _BEFORE_NAMES
            or len(self._words) - at > _MOST_SIGNED_WORDS
            or not self._first_name(at, before)
        ):
            return frozenset()
        ends = {at + 1}
        place = at + 1
        while place < len(self._words) and (
            self._name_like(place) or _INITIAL.match(self._written(place)) or self._words[place] in _KISSES
        ):
            place += 1
            ends.add(place)
        return frozenset(ends)

    def _first_name(self, at: int, before: str) -> bool:
        word = self._words[at]
        written = self._written(at)
        return (
            word in self._grammar.first_names
            and (written[:1].isupper() or before == "\n")
            and word not in self._grammar.spelled
        )

    def _is_person(self, at: int) -> bool:
        """Whether a word in the middle of a text is somebody's first name: "Bruno has moved in"."""
        return self._words[at] in self._grammar.first_names and self._written(at)[:1].isupper()

    def _few_digits(self, at: int) -> bool:
        return bool(_FEW_DIGITS.match(self._words[at]))

    def _thing_like(self, at: int) -> bool:
        word = self._words[at]
        return (
            (len(word) > 2 or self._written(at).isupper())
            and word.replace("-", "").isalpha()
            and word not in self._grammar.not_things
            and not word.endswith(_ADVERB_ENDINGS)
        )

    def _written(self, at: int) -> str:
        word = self._text.words[at]
        return self._text.source[word.start : word.end]

    def _name_like(self, at: int) -> bool:
        word = self._words[at]
        return bool(_NAME.match(self._written(at))) and word not in self._grammar.not_names and not word.endswith("ly")

    def _initialed(self, at: int) -> Ends:
        """A name that begins with an initial, "A. J. Pemberton": nothing else is written so."""
        first = at
        while at < len(self._words) and at - first < _MOST_NAME_WORDS and _INITIAL.match(self._written(at)):
            at += 1
        return (
            frozenset((at + 1,))
            if first < at < len(self._words) and self._name_like(at) and len(self._written(at)) > 2
            else frozenset()
        )

    def _initials(self, at: int) -> Ends:
        """One or two capitals that end the text: "-D", "JK". They spell no word that could answer."""
        if at != len(self._words) - 1 or not at or not _CAPITALS.match(self._written(at)):
            return frozenset()
        bare = self._words[at].strip("-/.")
        return frozenset() if bare in self._grammar.not_names or bare in _SPELLING_ANSWERS else frozenset((at + 1,))

    def _of_sender(self, at: int) -> bool:
        return self._words[at].strip(".") in self._sender

    def explain(self, first: int, last: int) -> _Explained | None:
        """What words `first` up to `last` say if every clause of them derives; None if one does not."""
        reached: _Reached = {}
        for at in self._past_separators(first, last):
            reached.setdefault(at, {}).setdefault(_State(), None)
        reached.setdefault(first, {}).setdefault(_State(), None)
        for at in range(first, last):
            for state in list(reached.get(at, ())):
                self._advance(at, last, state, reached)
        finals = {state: trace for state, trace in reached.get(last, {}).items() if trace is not None}
        if not finals:
            return None
        finals = {state: trace for state, trace in finals.items() if not any(state.told_by(other) for other in finals)}
        outcomes = {self._outcome(state) for state in finals}
        state = next(iter(finals))
        clauses = self._clauses(last, state, reached)
        spoken = all(state.named or state.assent or state.condition for state in finals)
        return _Explained(next(iter(outcomes)) if len(outcomes) == 1 else None, clauses, spoken)

    def _advance(self, at: int, last: int, state: _State, reached: _Reached) -> None:
        explained: set[int] = set()
        for production, ends in self._readings(at):
            if production.follows and not (state.leads and at > 0 and self._words[at - 1] in self._grammar.joiners):
                continue
            if production.early and state.answered:
                continue
            for end in ends - explained if production.fills else ends:
                if end > last:
                    continue
                nexts = self._next_clauses(end, last, told=production.fills)
                if production.last:
                    nexts = [place for place in nexts if place == last]
                heard = state.heard(production)
                for place in nexts:
                    reached.setdefault(place, {}).setdefault(heard, _Trace(at, state, production, end))
            if not production.fills:
                explained |= ends

    def _readings(self, at: int) -> Sequence[tuple[Production, Ends]]:
        """The productions that explain words from `at`, those that only fill gaps last."""
        if at not in self._read:
            found = [(production, recognise(self._run, at)) for production, recognise in self._grammar.chart.at(self._run, at)]
            self._read[at] = sorted(((production, ends) for production, ends in found if ends), key=lambda one: one[0].fills)
        return self._read[at]

    def _next_clauses(self, end: int, last: int, *, told: bool) -> list[int]:
        """Where the next clause can begin. Words that only tell may go on, so fewer words end them."""
        if end == last:
            return [last]
        grammar = self._grammar
        begins = self._words[end] in grammar.run_on or (not told and self._words[end] in grammar.runs_on)
        run_on = [end] if begins and self._words[end - 1] not in grammar.never_run_on else []
        return run_on + self._past_separators(end, last)

    def _past_separators(self, at: int, last: int) -> list[int]:
        places = []
        while at < last and self._words[at] in self._grammar.separators:
            at += 1
            places.append(at)
        return places

    def _outcome(self, state: _State) -> _Outcome:
        if not state.named and state.assent:
            one_sentence = self._context.notice_asks == "one_sentence"
            if state.condition or not one_sentence or state.assent == "unclear":
                return _Outcome(Answer.UNCLEAR, Answer.UNCLEAR, state.assent == "yes")
            answer = Answer(state.assent)
            return _Outcome(answer, answer, state.assent == "yes")
        item, rebill = state.item, state.rebill
        if state.refused and Answer.YES in (item, rebill):
            item, rebill = (Answer.UNCLEAR if answer is Answer.YES else answer for answer in (item, rebill))
        if state.condition:
            item = Answer.CONDITIONAL if item in (None, Answer.YES) else item
            rebill = Answer.CONDITIONAL if rebill in (None, Answer.YES) else rebill
        return _Outcome(item or Answer.UNCLEAR, rebill or Answer.UNCLEAR, bare=False)

    def _clauses(self, at: int, state: _State, reached: _Reached) -> tuple[_Clause, ...]:
        clauses: list[_Clause] = []
        trace = reached[at][state]
        while trace is not None:
            clauses.append(_Clause(trace.production.says, trace.production.id, trace.at, trace.end))
            at, state = trace.at, trace.state
            trace = reached[at][state]
        return tuple(reversed(clauses))

    def evidence(self, clauses: Sequence[_Clause]) -> tuple[Evidence, ...]:
        """The characters that carry each fact, and the production that read them."""
        evidence: list[Evidence] = []
        for clause in clauses:
            says = clause.says
            start, end = self._text.span(clause.first, clause.last)
            of_both = says.condition or says.assent in ("yes", "no")  # thanks and stories carry no fact
            for fact, said in (("accepts_item", says.item or of_both), ("accepts_rebill", says.rebill or of_both)):
                if said:
                    evidence.append(Evidence(fact, self._text.source[start:end], start, end, clause.production))
        return tuple(evidence)

    def trees(self, clauses: Sequence[_Clause]) -> tuple[Derived, ...]:
        """Each clause with the phrases inside it."""
        ways = Derivation(self._grammar.phrases, self._grammar.chart, self._run)
        return tuple(
            self._derived(
                Branch(
                    clause.production,
                    clause.first,
                    clause.last,
                    ways.of(self._grammar.chart.patterns[clause.production], clause.first, clause.last),
                )
            )
            for clause in clauses
        )

    def _derived(self, branch: Branch) -> Derived:
        start, end = self._text.span(branch.first, branch.last) if branch.first < branch.last else (0, 0)
        inside = tuple(self._derived(one) for one in branch.inside if one.first < one.last)
        return Derived(branch.name, start, end, self._text.source[start:end], inside)


def _numbers_of(noun: str) -> tuple[str, ...]:
    """A noun of a title as one and as many: of ten lamps the buyer keeps "the lamps", of six glasses "the glass"."""
    if len(noun) <= 3:
        return noun, f"{noun}s"
    singular = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    hissing = noun.removesuffix("es") if noun.endswith(("ses", "xes", "ches", "shes", "zes")) else noun
    return noun, f"{noun}s", f"{noun}es", f"{noun.removesuffix('y')}ies", singular, hissing


def _decimal(written: str) -> Decimal | None:
    """The number in an amount as people write it, "1,299.00" and "1.299,00" alike."""
    digits = re.sub(r"[^\d.,]", "", written).strip(".,")
    if re.search(r",\d{2}\Z", digits):
        digits = digits.replace(".", "").replace(",", ".")
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """Sentences as word ranges; a closing question mark belongs to its sentence."""
    ranges: list[tuple[int, int]] = []
    first = 0
    for at, word in enumerate(words):
        if word in _SENTENCE_ENDS or word[-1:] in "?!":
            if any(char.isalnum() for one in words[first:at] for char in one):
                ranges.append((first, at + 1))
                first = at + 1
            elif not ranges or word == "\n":
                first = at + 1
            else:
                ranges[-1] = (ranges[-1][0], at + 1)
                first = at + 1
    if any(char.isalnum() for one in words[first:] for char in one):
        ranges.append((first, len(words)))
    return ranges


def _guessed(text: Text, derivation: _Derivation, grammar: Grammar, context: ThreadContext) -> Consent:
    """Tier 2 or 3: sentences that derive are taken at their word, the others are read by their cues."""
    sentences: list[Sentence] = []
    unexplained: list[tuple[int, int]] = []
    evidence: list[Evidence] = []
    for first, last in _sentences([word.norm for word in text.words]):
        explained = derivation.explain(first, last) if last - first <= _MOST_WORDS else None
        if explained is None:
            unexplained.append(text.span(first, last))
            sentences.append(Sentence(first, last))
        else:
            evidence.extend(derivation.evidence(explained.clauses))
            said = tuple((says.item, says.rebill, says.assent, says.condition) for says, *_ in explained.clauses)
            sentences.append(Sentence(first, last, said))
    guess = likely(text, grammar.marks, sentences, one_sentence=context.notice_asks == "one_sentence")
    return Consent(
        guess.item,
        guess.rebill,
        2 if guess.spoken else 3,
        bare_assent=False,
        evidence=tuple(sorted((*evidence, *guess.evidence), key=lambda one: one.start)),
        unexplained=tuple(unexplained),
        spoken=guess.spoken,
    )
