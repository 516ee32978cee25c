"""The shape of rules/messages/<kind>.yaml and rules/consent/<language>.yaml, checked from mappings that were already read.

Every rule carries its own examples; a mistake names the file and the key (`RulebookError`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from supportbot.casework.facts import Answer, Kind, Role
from supportbot.errors import Finding, RulebookError
from supportbot.triage.pattern import Node, PatternError, may_be_empty, parse, references, variants


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Example(_Data):
    """A message and what may be known beforehand. `kind` is what it is where it is not the file's kind."""

    subject: str = ""
    text: str = ""
    sender: Role | None = None
    answers_notice: bool | None = None
    root_subject: str | None = None
    kind: Kind | None = None


class Signal(_Data):
    """Words that speak for the kind. A signal counts once, however often it is found."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    where: Literal["subject", "text", "both"] = "both"
    weight: float = Field(ge=-10, le=10)
    forms: tuple[str, ...] = Field(min_length=1)
    sender: Role | None = None  # who speaks so
    scope: Literal["whole", "partial"] | None = None
    outcome: Literal["cancelled", "too_late", "unclear"] | None = None
    cause: Literal["no_inventory", "mistake"] | None = None
    topic: str | None = None


def _read_phrases(words: Mapping[str, tuple[str, ...]]) -> dict[str, Node]:
    phrases = {name: parse(" | ".join(forms)) for name, forms in words.items()}
    for name, node in phrases.items():
        _check_references(node, phrases, name)
    whole: set[str] = set()
    for name in phrases:
        _check_acyclic(name, phrases, (), whole)
    return phrases


def _check_references(node: Node, phrases: Mapping[str, Node], where: str) -> None:
    unknown = references(node) - phrases.keys()
    if unknown:
        raise PatternError(f"{where}: no phrase is called {', '.join(sorted(unknown))}")


def _check_acyclic(name: str, phrases: Mapping[str, Node], above: tuple[str, ...], whole: set[str]) -> None:
    """Raises `PatternError`; `whole` are the phrases that are known not to, each looked into once."""
    if name in above:
        raise PatternError(f"{name}: the phrase contains itself")
    if name in whole:
        return
    for inner in references(phrases[name]):
        _check_acyclic(inner, phrases, (*above, name), whole)
    whole.add(name)


class _Empty(dict[str, bool]):
    """Which phrases match no word at all, each looked into once."""

    def __init__(self, phrases: Mapping[str, Node]) -> None:
        super().__init__()
        self._phrases = phrases

    def __missing__(self, name: str) -> bool:
        self[name] = found = may_be_empty(self._phrases[name], self)
        return found


class _File(_Data):
    @classmethod
    def from_mapping(cls, file: Path | str, mapping: object) -> Self:
        """The file's rules. Raises `RulebookError` with every mistake found."""
        try:
            return cls.model_validate(mapping)
        except ValidationError as faults:
            raise RulebookError(
                [
                    Finding(file, None, ".".join(str(step) for step in fault["loc"]), str(fault["input"])[:120], fault["msg"])
                    for fault in faults.errors()
                ]
            ) from faults


class MessageRule(_File):
    """One kind of message: who says it, in what words, and examples that are and are not it."""

    kind: Kind
    version: str
    who: tuple[Role, ...] = Field(min_length=1)  # the first is the likeliest
    specificity: int  # of two kinds that score the same, the more specific one is meant; unique among the files
    threshold: float = 2.0  # the least score that says the kind at all
    why: str
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    signals: tuple[Signal, ...] = ()
    examples: tuple[Example, ...] = Field(min_length=5)
    near_misses: tuple[Example, ...] = Field(min_length=5)

    @model_validator(mode="after")
    def _patterns_are_readable(self) -> Self:
        phrases = _read_phrases(self.words)
        names = [signal.id for signal in self.signals]
        if len(names) != len(set(names)):
            raise ValueError("two signals share an id")
        for signal in self.signals:
            for form in signal.forms:
                node = parse(form)
                _check_references(node, phrases, signal.id)
                if any(not row or isinstance(row[0], int) for row in variants(node, phrases)):
                    raise PatternError(f"{signal.id}: {form!r} must begin with a word and match at least one")
        return self


class Says(_Data):
    """What a clause says of the two facts. `condition` turns a yes in the same mail into a conditional one."""

    item: Answer | None = None
    rebill: Answer | None = None
    assent: Literal["yes", "no", "unclear"] | None = None  # to the whole notice, without naming either
    condition: bool = False

    @property
    def decides(self) -> bool:
        """Whether it answers anything or sets a condition."""
        return bool(self.item or self.rebill or self.condition or self.assent in ("yes", "no"))

    @property
    def only_item(self) -> bool:
        """Whether it answers for the item alone."""
        return self.item is not None and not (self.rebill or self.condition or self.assent)


class Production(_Data):
    """A kind of clause that the closed grammar knows."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    says: Says = Says()
    leads: bool = False  # its subject may be left out in the clause that follows
    follows: bool = False  # only joined to a clause that leads: "I accept X and *agree to Y*"
    last: bool = False  # only as the last clause: names, sign-offs
    early: bool = False  # only before anything is answered: after a yes, "I changed my mind" takes it back
    fills: bool = False  # only where no other production explains the same words
    forms: tuple[str, ...] = Field(min_length=1)
    examples: tuple[str, ...] = Field(min_length=1)
    counter_examples: tuple[str, ...] = ()


Mark = Literal[
    "item_yes",
    "item_no",
    "rebill_yes",
    "rebill_no",
    "both_yes",
    "both_no",
    "negation",
    "neutral",
    "condition",
    "hedge",
    "question",
    "revoke",
]


def _listed(words: object) -> object:
    """A long list may be written as one text, its words apart by blanks: thousands of words stay quick to load."""
    return tuple(words.split()) if isinstance(words, str) else words


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Aside(_Data):
    """The words of clauses that tell a story and decide nothing (triage.aside)."""

    subjects: Words = Field(min_length=1)
    determiners: Words = Field(min_length=1)
    vague: Words = ()  # determiners before which only listed words stand: "a", "this"
    being: Words = Field(min_length=1)  # forms of "be": behind them nothing is named by the writer's own words
    tells: Words = Field(min_length=1)  # verbs of what is
    told: Words = Field(min_length=1)  # verbs of what is past, beside which a day may stand
    times: Words = ()  # only beside what is past: "it came on Friday"
    occasions: Words = ()  # beside what is past, and what something is for: "it is for the wedding"
    purposes: Words = ()  # the "for" of an occasion
    backgrounds: Words = ()  # words that lead over to more of what is past: "when", "who"
    counted: Words = ()  # what a number may stand before: "82 years", "two cats"
    numbers: Words = ()
    adverbs: Words = ()
    before_names: Words = ()  # "for Murphy", "with Anna"
    words: Words = ()
    cheers: Words = ()  # words of joy that need no verb
    story: Words = ()  # what may stand besides in the reason of a cancellation that is over: "she said we should wait"
    unfinished: Words = ()  # words that an aside cannot end in: what follows would hang on them
    left_out: Words = ()  # verbs of the past before which people leave "I" out: "got it yesterday"
    idioms: tuple[str, ...] = ()  # harmless words that together delay, refuse or mock: "sleep on"
    never: Words = ()  # words that refuse, restrict, condition, hedge, ask, mock, or name money or somebody who decides
    drops_subject: bool = False  # the verb may begin the clause: "llegó ayer"

    @model_validator(mode="after")
    def _no_word_decides(self) -> Self:
        lists = (self.subjects, self.tells, self.told, self.times, self.occasions, self.counted, self.adverbs, self.words)
        wrong = frozenset(self.never).intersection(*(frozenset[str]().union(*lists),))
        if wrong:
            raise ValueError(f"words of an aside that may never be in one: {', '.join(sorted(wrong))}")
        return self


class Cue(_Data):
    """Words that hint at an answer (tier 2): never proof, always for a person."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    mark: Mark
    forms: tuple[str, ...] = Field(min_length=1)


class AnswerExample(_Data):
    """A whole answer and how it must be read."""

    text: str
    item: Answer
    rebill: Answer
    tier: Literal[1, 2, 3] | None = None


class ConsentGrammar(_File):
    """How buyers of one language accept, decline and set conditions: a closed grammar (tier 1) and cues (tier 2)."""

    language: str
    version: str
    separators: tuple[str, ...] = Field(min_length=1)
    joiners: tuple[str, ...] = ()  # separators that carry a subject over to a clause that follows
    run_on: tuple[str, ...] = ()  # words before which people leave the separator out
    runs_on: tuple[str, ...] = ()  # more such words, behind clauses that do more than tell
    spellings: dict[str, str] = Field(default_factory=dict)  # one word written for another: slips, text-speak
    never_run_on: tuple[str, ...] = ()  # words after which nothing is left out: "do I accept" asks
    not_names: tuple[str, ...] = ()  # capitalised words that are never a name under a mail
    not_things: tuple[str, ...] = ()  # nouns that are never a thing that a buyer keeps, and words that change what a noun means
    things: tuple[str, ...] = ()  # nouns that a buyer may keep although productions use the word otherwise: "a book", "to book"
    first_names: tuple[str, ...] = ()  # of people who write in any language: a line that begins with one signs
    aside: Aside | None = None
    words: dict[str, tuple[str, ...]]
    productions: tuple[Production, ...] = Field(min_length=1)
    cues: tuple[Cue, ...] = ()
    examples: tuple[AnswerExample, ...] = ()

    @model_validator(mode="after")
    def _patterns_are_readable(self) -> Self:
        phrases = _read_phrases(self.words)
        empty = _Empty(phrases)
        named = [(rule.id, rule.forms) for rule in self.productions] + [(cue.id, cue.forms) for cue in self.cues]
        if len(named) != len(dict(named)):
            raise ValueError("two rules share an id")
        for name, forms in named:
            for form in forms:
                _check_references(parse(form), phrases, name)
                if may_be_empty(parse(form), empty):
                    raise PatternError(f"{name}: {form!r} must match at least one word")
        for cue in self.cues:
            for form in cue.forms:
                variants(parse(form), phrases)
        return self
