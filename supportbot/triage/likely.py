"""Tier 2: how an answer probably reads, by cues and the scope of negation, condition, hedge and question. Never a proof.

Negation covers its clause to the right, and what stands left of it where it closes the clause ("the charge no"). Conditions and
question marks cover their sentence, hedges and revocations the mail.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from supportbot.casework.facts import Answer, Evidence
from supportbot.triage.language import Text
from supportbot.triage.rules import Mark
from supportbot.triage.search import Hit

_CLAUSE_ENDS = frozenset(
    (
        ",",
        ";",
        ":",
        "-",
        "(",
        ")",
        "but",
        "however",
        "though",
        "although",
        "yet",
        "because",
        "while",
        "aber",
        "jedoch",
        "sondern",
        "mais",
        "pero",
        "però",
    )
)
_JOINING = frozenset(("and", "so", "or", "und", "et", "y", "e"))
_CLAUSE_STARTS = frozenset(
    (
        "i",
        "we",
        "you",
        "please",
        "do",
        "not",
        "my",
        "the",
        "it",
        "no",
        "yes",
        "charge",
        "bill",
        "rebill",
        "have",
        "has",
        "will",
        "can",
        *("ich", "wir", "sie", "ihr", "zahle", "zahlen", "bezahle", "bezahlen", "buchen", "belasten"),
        *("je", "nous", "vous", "ne", "yo", "me", "no", "pueden", "puede", "pago", "non", "mi", "potete", "può", "pagherò"),
    )
)
_SPEAKS: Mapping[Mark, tuple[tuple[str, Answer], ...]] = {
    "item_yes": (("item", Answer.YES),),
    "item_no": (("item", Answer.NO),),
    "rebill_yes": (("rebill", Answer.YES),),
    "rebill_no": (("rebill", Answer.NO),),
    "both_yes": (("item", Answer.YES), ("rebill", Answer.YES)),
    "both_no": (("item", Answer.NO), ("rebill", Answer.NO)),
}

Said = tuple[Answer | None, Answer | None, str | None, bool]  # item, re-billing, assent, condition


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words `first` up to `last`; what its clauses said where the closed grammar explained them."""

    first: int
    last: int
    said: tuple[Said, ...] | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """The likely reading."""

    item: Answer
    rebill: Answer
    evidence: tuple[Evidence, ...]
    spoken: bool


def likely(text: Text, marks: Mapping[str, Mark], sentences: Sequence[Sentence], *, one_sentence: bool) -> Guess:
    """What an answer that the closed grammar could not explain in full probably says."""
    facts: dict[str, Answer] = {}
    evidence: list[Evidence] = []
    conditional = hedged = doubted = False
    assent: str | None = None
    for sentence in sentences:
        if sentence.said is not None:
            for item, rebill, assented, condition in sentence.said:
                _hear(facts, "item", item)
                _hear(facts, "rebill", rebill)
                assent = assented or assent
                conditional = conditional or condition
            continue
        hits = [hit for hit in text.hits if sentence.first <= hit.first and hit.last <= sentence.last]
        asked = text.words[sentence.last - 1].norm.endswith("?") or _has(hits, marks, "question")
        conditioned = any(marks[hit.name] == "condition" and not _inside_neutral(hit, hits, marks) for hit in hits)
        hedged = hedged or any(marks[hit.name] == "hedge" and not _inside_neutral(hit, hits, marks) for hit in hits)
        if _has(hits, marks, "revoke"):
            facts = dict.fromkeys(facts, Answer.NO)
            assent = assent and "no"
        if text.words[sentence.first].norm in ("no", "nein", "non") and not _has_at(hits, marks, "neutral", sentence.first):
            assent = "no"
        spoke = False
        for hit, fact, answer in _answers(text, marks, sentence, hits):
            spoke = True
            if asked and answer is Answer.YES:
                doubted = True
                facts.setdefault(fact, Answer.UNCLEAR)
                answer = Answer.UNCLEAR if facts[fact] is Answer.UNCLEAR else facts[fact]
            elif conditioned and answer is Answer.YES:
                answer = Answer.CONDITIONAL
            elif conditioned and answer is Answer.NO and facts.get(fact) in (Answer.YES, Answer.CONDITIONAL):
                answer = Answer.CONDITIONAL  # "if it is late it goes back" is the other half of the condition
            _hear(facts, fact, answer)
            start, end = text.place(hit)
            evidence.append(Evidence(f"accepts_{fact}", text.source[start:end], start, end, hit.name))
        conditional = conditional or (conditioned and not asked and (spoke or bool(facts)))
        doubted = doubted or asked
    return _weighed(facts, evidence, assent, conditional=conditional, hedged=hedged, doubted=doubted, one_sentence=one_sentence)


def _weighed(
    facts: dict[str, Answer],
    evidence: Sequence[Evidence],
    assent: str | None,
    *,
    conditional: bool,
    hedged: bool,
    doubted: bool,
    one_sentence: bool,
) -> Guess:
    spoken = bool(facts) or assent is not None or conditional or hedged
    if assent == "no" and not any(answer is Answer.YES for answer in facts.values()):
        facts = {"item": Answer.NO, "rebill": Answer.NO} if one_sentence or facts else facts
    if assent == "yes" and one_sentence and not any(answer is not Answer.YES for answer in facts.values()):
        facts = {"item": Answer.YES, "rebill": Answer.YES}
    item, rebill = facts.get("item"), facts.get("rebill")
    if item is Answer.NO and rebill is None:
        rebill = Answer.NO  # who sends the parcel back agrees to no charge for it
    if hedged or (doubted and item in (None, Answer.YES) and rebill in (None, Answer.YES) and not facts):
        item, rebill = (Answer.UNCLEAR if answer is not Answer.NO else answer for answer in (item, rebill))
    elif conditional:
        # A threat, "if you charge me I dispute it", is no condition of the answer beside the refusal.
        open_answers = (Answer.YES,) if Answer.NO in (item, rebill) else (None, Answer.YES)
        item, rebill = (Answer.CONDITIONAL if answer in open_answers else answer for answer in (item, rebill))
    return Guess(item or Answer.UNCLEAR, rebill or Answer.UNCLEAR, tuple(evidence), spoken)


def _hear(facts: dict[str, Answer], fact: str, answer: Answer | None) -> None:
    """The last word wins; a condition stays on a later yes, replaces no refusal, and a doubt never replaces an answer."""
    if answer is None:
        return
    before = facts.get(fact)
    if (answer, before) in ((Answer.YES, Answer.CONDITIONAL), (Answer.CONDITIONAL, Answer.NO)):
        return
    if answer is Answer.UNCLEAR and before is not None:
        return
    facts[fact] = answer


def _has(hits: Sequence[Hit], marks: Mapping[str, Mark], mark: Mark) -> bool:
    return any(marks[hit.name] == mark for hit in hits)


def _has_at(hits: Sequence[Hit], marks: Mapping[str, Mark], mark: Mark, at: int) -> bool:
    return any(marks[hit.name] == mark and hit.first <= at < hit.last for hit in hits)


def _clauses(text: Text, sentence: Sentence) -> Iterator[tuple[int, int]]:
    first = sentence.first
    for at in range(sentence.first, sentence.last):
        word = text.words[at].norm
        after = text.words[at + 1].norm if at + 1 < sentence.last else ""
        if word in _CLAUSE_ENDS or (word in _JOINING and after in _CLAUSE_STARTS and at > first):
            if first < at:
                yield first, at
            first = at + 1
    if first < sentence.last:
        yield first, sentence.last


def _answers(
    text: Text, marks: Mapping[str, Mark], sentence: Sentence, hits: Sequence[Hit]
) -> Iterator[tuple[Hit, str, Answer]]:
    """What the cues of a sentence say, negation weighed, in order."""
    neutral = [hit for hit in hits if marks[hit.name] == "neutral"]
    negations = [
        hit
        for hit in hits
        if marks[hit.name] == "negation" and not any(one.first < hit.last and hit.first < one.last for one in neutral)
    ]
    clauses = list(_clauses(text, sentence))
    speaking = [hit for hit in hits if marks[hit.name] in _SPEAKS and not _inside_neutral(hit, hits, marks)]
    for hit in speaking:
        if any(other is not hit and _overlap(other, hit) and _wider(other, hit) for other in speaking):
            continue
        first, last = next(((one, two) for one, two in clauses if one <= hit.first < two), (sentence.first, sentence.last))
        negated = any(
            (first <= negation.first and negation.last <= hit.first)
            or (hit.last <= negation.first < max(last, hit.last) and negation.last >= last - 2)
            for negation in negations
        )
        for fact, answer in _SPEAKS[marks[hit.name]]:
            # "Not sending it back" keeps it; an idiom that refuses both is not turned round by a negation beside it.
            within = any(hit.first <= negation.first and negation.last <= hit.last for negation in negations)
            if marks[hit.name] in ("item_no", "rebill_no"):
                answer = Answer.YES if negated and not within else Answer.NO
            elif negated or (within and marks[hit.name] in ("item_yes", "rebill_yes")):
                answer = Answer.NO
            yield hit, fact, answer


def _inside_neutral(hit: Hit, hits: Sequence[Hit], marks: Mapping[str, Mark]) -> bool:
    """Whether words that decide nothing cover the hit: "keep the refund", "when it arrives"."""
    return any(
        marks[one.name] == "neutral"
        and _overlap(one, hit)
        and (_wider(one, hit) or (one.first, one.last) == (hit.first, hit.last))
        for one in hits
    )


def _overlap(one: Hit, other: Hit) -> bool:
    return one.first < other.last and other.first < one.last


def _wider(one: Hit, other: Hit) -> bool:
    return one.last - one.first > other.last - other.first
