"""What kind of message this is and what it says. Text proposes here; nothing decides about money.

Certain cases come first, by headers, subject and forwarded messages. Then the signals of rules/messages/*.yaml are weighed
together with who may say such things and what the message answers. A thin lead or a speaker who does not fit is an abstention.
Only newly written words count, and the subject; in a confirmation chain the buyer's own message inside it speaks for the buyer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, TypeVar

from supportbot.casework.facts import Answer, Evidence, Kind, MessageFacts, Reading, Role, ThreadContext
from supportbot.mail.message import Forwarded, InboundMessage, Label, Mailbox, Segment, same_address
from supportbot.mail.thread import base_subject
from supportbot.triage.consent import Consent, grammar_of, read_consent
from supportbot.triage.facts import Found, numbers
from supportbot.triage.language import Reader, Text, language_of
from supportbot.triage.model import KindModel
from supportbot.triage.particulars import values
from supportbot.triage.pattern import Step, parse, variants
from supportbot.triage.rivals import rivals
from supportbot.triage.rules import ConsentGrammar, Example, MessageRule, Signal
from supportbot.triage.sounding import Sounding
from supportbot.triage.told import Said, outcome_of, scope_of, told
from supportbot.triage.weighing import ranking

# The marketplace's official request (docs/spec/policies.md 5.1); applied to the base subject.
STANDARD_REQUEST = re.compile(r"order cancell?ation requests? from amazon customers?\b")

_DOUBTED = 0.15  # a lesser share is the model's plain doubt of what the rules are sure of
_AGREED = 0.7  # a share from which on the model plainly hears what sure rules say, whoever writes
_MUCH = 8.0  # a lead of the rules that no doubt of the model takes away
_LIKELY = 0.35  # a lesser share of the likeliest answers leaves the cues their say
_BY_MODEL = "model.answers"
_NAMING = frozenset(
    ("item_yes", "item_no", "rebill_yes", "rebill_no", "both_yes", "both_no")
)  # hints that name what is answered
_THIN = 1.0  # a lead smaller than this is an abstention
_IN_ROLE = 1.0  # more for a kind in the mouth of the one who is likeliest to say it
# Of a buyer's wish: a seller who voices it asks support about it, and surely so where an order is to be cancelled.
_ASKED_BY_SELLER = {Kind.CANCEL_NONSTANDARD: 0.75, Kind.ORDER_STATUS: 0.5, Kind.RETURN_REFUND: 0.5}
_A_WISH = 2.5  # signals below this weight do not say a wish by themselves
_REPLIED_SUBJECT = 0.5  # of a signal found in the subject of a reply, which others may have written
_COURTESY_BONUS = 3.0  # thanks and a greeting, and nothing else
_LENGTHS = (6, 15, 40)  # words of a line, of a few sentences, of a letter
_FEWEST_WORDS = 8  # fewer say too little to tell that they have nothing to do with an order
_NOTICE_BONUS = 3.0  # an answer to our notice is a re-billing reply unless its words clearly say otherwise
_SPOKEN_BONUS = 4.0  # more so where it speaks of the item or the charge
_CLEAR = 4.0  # signals of this weight leave no room for an answer to a notice that nobody knows of
_RETRACTS = 4.0  # from here on a retraction outweighs the official subject of its thread
_NOTICE_KINDS = frozenset((Kind.CANCEL_OUTCOME, Kind.RETAILER_CANCEL, Kind.ORDER_PROBLEM, Kind.BACKORDER))
_LIKELIEST = {
    Role.SELLER: Kind.SELLER_INQUIRY,
    Role.WAREHOUSE: Kind.CANCEL_OUTCOME,
    Role.RETAILER: Kind.RETAILER_CANCEL,
}  # the guess beside an abstention
_WORDED = frozenset(("en", "de", "fr", "es", "it"))  # languages whose words of orders rules/messages/unrelated.yaml knows
_CONSENTING = frozenset((Kind.REBILL_REPLY, Kind.CONFIRMATION_CHAIN))
# Reasons of supportbot.mail.screen that leave no doubt that a machine answered, not notified.
_ANSWERING_MACHINE = frozenset(
    (
        "out-of-office-subject",
        "out-of-office-phrase",
        "read-receipt",
        "ticket-receipt",
        "calendar-reply",
        "auto-reply-field",
        "challenge-response",
        "filter-report",
    )
)
_TO_MANY = frozenset(("list", "precedence"))  # reasons of supportbot.mail.screen: a newsletter's marks
_NOTICE_QUOTED = re.compile(
    r"re-?\s?bill|charged? (?:you |your account |again)|billed again"
    r"|erneut\w{0,20} (?:abbuch|belast)|nouvelle facturation|nuevo cobro|nuovo addebito",
    re.IGNORECASE,
)
_NOTICE_SUBJECT = re.compile(
    r"cancel\w{0,20},? but (?:it )?(?:has |was |is )?(?:already )?shipped|re-?bill|both the item and the"
    r"|storniert, ist aber|annulée, mais|canceló, pero|annullato, ma",
    re.IGNORECASE,
)
_REPLY = re.compile(r"\s*(?:\[[^\]]*\]\s*)*(?:re|aw|antw|sv|vs|res|rif|ref|odp)\s*(?:\[\d+\]|\(\d+\))?\s*:", re.IGNORECASE)
_ASKS_FOR_BOTH = tuple(
    re.compile(words, re.IGNORECASE) for words in ("item|parcel|package|order|goods", "re-?bill|charge", "confirm|accept|agree")
)
_QUESTION_MARK = re.compile(r"[?？]")
_ASKING_SENTENCE = re.compile(r"[^.?!\n]*[.?!]?")

_NOTHING_KNOWN = ThreadContext()
_UNREAD = Consent(Answer.UNCLEAR, Answer.UNCLEAR, 3, bare_assent=False, evidence=(), unexplained=())
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Spotted:
    """A signal found, with its weight as it counts here."""

    signal: Signal
    weight: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The kind, before its facts are read."""

    kind: Kind
    confidence: float
    abstained: bool
    why: str
    spotted: tuple[_Spotted, ...] = ()
    sounds_like: tuple[tuple[Kind, float], ...] = ()
    detail: str = ""  # what the model hears of it beyond its kind: how a cancellation ended, "partial", both answers
    details: Mapping[str, float] = field(default_factory=dict)  # each detail's part of the share of its kind
    rivals: tuple[tuple[Kind, float], ...] = ()  # the kinds it may be, with their shares, the likeliest first

    @property
    def likelihood(self) -> float:
        """The part of the likeliest detail."""
        return self.details.get(self.detail, 0.0)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message and everything that is known of it before its kind is said."""

    message: InboundMessage
    text: str
    context: ThreadContext
    language: str | None
    spotted: Mapping[Kind, tuple[_Spotted, ...]]
    consent: Consent
    scores: Mapping[Kind, float]


class Triage:
    """All rules made ready once; `read` is pure and may be called from several threads."""

    def __init__(
        self, rules: Sequence[MessageRule], grammars: Mapping[str, ConsentGrammar], model: KindModel | None = None
    ) -> None:
        self._model = model
        self._rules = {rule.kind: rule for rule in rules}
        self._signals = {f"{rule.kind}.{signal.id}": (rule, signal) for rule in rules for signal in rule.signals}
        self._reader = Reader(dict(_rows(rules)))
        self._grammars = grammars

    @classmethod
    def build(
        cls, message_rules: Sequence[MessageRule], grammars: Mapping[str, ConsentGrammar], model: KindModel | None = None
    ) -> "Triage":
        """Compile rules that `MessageRule.from_mapping` and `ConsentGrammar.from_mapping` have checked.

        Without a model the rules decide alone.
        """
        specificities = [rule.specificity for rule in message_rules]
        if len(specificities) != len(set(specificities)):
            raise ValueError("two kinds share a specificity; a tie could not be broken")
        return cls(message_rules, grammars, model)

    @property
    def model_sha256(self) -> str | None:
        """Which trained model proposes kinds; None where the rules decide alone."""
        return str(self._model.manifest["sha256"]) if self._model is not None else None

    def warm(self) -> None:
        """Load every language now, so that the first mail in each need not wait; a service does, a single command does not.

        What every mail needs comes first, French last: spaCy takes longer over its words than over all others.
        """
        language_of("Wherever it is written, a first sentence loads the tables of all languages.")
        self._reader.warm()
        for language in sorted(self._grammars, key=lambda language: (language == "fr", language)):
            grammar_of(self._grammars[language]).reader.warm()

    def read(self, message: InboundMessage, context: ThreadContext = _NOTHING_KNOWN) -> Reading:
        """The kind and the facts of one message."""
        heard = self._hear(message, context)
        verdict = self._certain(heard) or self._weigh(heard)
        heard_otherwise = verdict.sounds_like and verdict.sounds_like[0][0] is not Kind.UNRELATED
        if verdict.abstained and not heard_otherwise and self._nothing_of_orders(heard):
            why = "Nothing in it speaks of an order, and nobody known sent it."
            verdict = _Verdict(Kind.UNRELATED, 0.6, abstained=False, why=why)
        answer = heard.consent
        if verdict.kind is Kind.CONFIRMATION_CHAIN:
            answer = self._buyers_answer(message, heard.context)
        elif verdict.kind is Kind.REBILL_REPLY:
            answer = _likelier(answer, verdict, heard.text)
        reading = self._reading(heard, verdict, answer)
        return replace(reading, otherwise=self._otherwise(heard, verdict)) if verdict.abstained else reading

    def _otherwise(self, heard: _Heard, verdict: _Verdict) -> tuple[Reading, ...] | None:
        """How else a message may be read that is too unsure; None where it may be anything, or consent to something."""
        likely = rivals(verdict.rivals)
        if not likely or _CONSENTING & {verdict.kind, *likely}:
            return None
        verdicts = (replace(verdict, kind=kind, spotted=heard.spotted.get(kind, ()), detail="") for kind in likely)
        return tuple(self._reading(heard, one, heard.consent) for one in verdicts if one.kind is not verdict.kind)

    def unweighed(
        self, message: InboundMessage, context: ThreadContext = _NOTHING_KNOWN
    ) -> tuple[Sounding, dict[Kind, float] | None]:
        """What the model is given of a message, and what the rules alone give each kind that the sender may say.

        The latter is None where they are certain by more than words.
        """
        heard = self._hear(message, context)
        return _sounding(heard), None if self._certain(heard) else self._fitting(heard)

    def sounding(self, message: InboundMessage, context: ThreadContext = _NOTHING_KNOWN) -> Sounding:
        """What the model is given of a message."""
        return _sounding(self._hear(message, context))

    def sayable(self, shares: Mapping[Kind, float], context: ThreadContext) -> dict[Kind, float]:
        """The shares of those kinds that the sender may say."""
        return {kind: share for kind, share in shares.items() if _may_say(context.sender_role, self._rules[kind])}

    def _hear(self, message: InboundMessage, context: ThreadContext) -> _Heard:
        """Everything that is known before the kind is said."""
        text = message.new_text
        language = language_of(text, language_of(message.quoted_text))
        context = _with_inferences(message, context)
        # The subject of an answer to our notice holds our words, not the writer's.
        ours = context.answers_notice is True and _NOTICE_SUBJECT.search(message.subject) is not None
        spotted = _heard_from(context.sender_role, self._spot("" if ours else message.subject, text))
        consent = _UNREAD
        nothing_else = all(sum(one.weight for one in found) < _CLEAR for found in spotted.values())
        if context.answers_notice or Kind.REBILL_REPLY in spotted or nothing_else:
            consent = self.consent(text, context, language, message.sender.name if message.sender else "")
        scores = {kind: self._score(kind, found, context) for kind, found in spotted.items()}
        return _Heard(message, text, context, language, spotted, consent, scores)

    def consent(self, text: str, context: ThreadContext, language: str | None, sender_name: str = "") -> Consent:
        """How `text` answers the notice, by the grammar of its language or another that derives it."""
        read: dict[str, Consent] = {}
        for code in self._languages_of(text, language):
            if code in self._grammars and code not in read:
                read[code] = read_consent(text, context, grammar_of(self._grammars[code]), sender_name)
                if read[code].tier == 1:
                    return read[code]
        return next(iter(read.values()), _UNREAD)

    def _languages_of(self, text: str, language: str | None) -> Iterator[str]:
        """The languages to read an answer in, the likeliest first."""
        yield language or "en"
        # A short answer under a long notice in another language is taken for that one; its own words say better.
        yield language_of(text) or "en"
        yield "en"
        if language is None:  # "Sí" is too short to tell its language
            yield from self._grammars

    def examples(self) -> Iterator[tuple[InboundMessage, ThreadContext, Kind]]:
        """The rule files' own examples, and those near misses that say what they are instead."""
        for rule in self._rules.values():
            for example in (*rule.examples, *rule.near_misses):
                kind = example.kind or (rule.kind if example in rule.examples else None)
                if kind is not None:
                    context = ThreadContext(example.sender, example.answers_notice, root_subject=example.root_subject)
                    yield _plain_message(example.subject, example.text), context, kind

    def run_examples(self, rule: MessageRule) -> Iterator[bool]:
        """Whether each example of a rule file is read as the file says, near misses included."""
        for example in (*rule.examples, *rule.near_misses):
            yield self.example_holds(rule, example)

    def example_holds(self, rule: MessageRule, example: Example) -> bool:
        """Whether one example is read as its file says: as the kind, or as another one where it is a near miss."""
        context = ThreadContext(example.sender, example.answers_notice, root_subject=example.root_subject)
        reading = self.read(_plain_message(example.subject, example.text), context)
        if example in rule.near_misses:
            return reading.kind is not rule.kind and example.kind in (None, reading.kind)
        return reading.kind is rule.kind and not reading.abstained

    # -- the kind

    def _certain(self, heard: _Heard) -> _Verdict | None:
        """The kind by headers, subject, thread and forwarded messages, where those leave no doubt."""
        machine = self._machine(heard.message, heard.scores, heard.spotted)
        if machine is not None:
            return machine
        standard = _standard(heard.message, heard.context)
        if standard is not None and heard.scores.get(Kind.CANCEL_RETRACTED, 0.0) < _RETRACTS:
            found = heard.spotted.get(Kind.CANCEL_STANDARD, ())
            return _Verdict(Kind.CANCEL_STANDARD, 0.97, abstained=False, why=standard, spotted=found)
        if heard.message.automated_reason in _TO_MANY and self._names_nothing(heard):
            why = "It was sent to many, by nobody known, and nothing in it names an order."
            return _Verdict(Kind.UNRELATED, 0.95, abstained=False, why=why, spotted=heard.spotted.get(Kind.UNRELATED, ()))
        if _wordless(heard):
            return _Verdict(Kind.REBILL_REPLY, 0.9, abstained=False, why="It answers the notice without a word of its own.")
        chain = self._chain(heard)
        return chain and replace(chain, spotted=heard.spotted.get(Kind.CONFIRMATION_CHAIN, ()))

    def _fitting(self, heard: _Heard) -> dict[Kind, float]:
        """The scores with what the thread adds, of the kinds that the sender may say, however well others' words fit."""
        scores, consent, role = dict(heard.scores), heard.consent, heard.context.sender_role
        if heard.context.answers_notice and role in (None, Role.BUYER, Role.MARKETPLACE, Role.UNKNOWN) and heard.text:
            bonus = _NOTICE_BONUS + (_SPOKEN_BONUS if consent.spoken else 0.0)
            scores[Kind.REBILL_REPLY] = scores.get(Kind.REBILL_REPLY, 0.0) + bonus
        elif consent.proved and role is not Role.SELLER:
            scores[Kind.REBILL_REPLY] = scores.get(Kind.REBILL_REPLY, 0.0) + _SPOKEN_BONUS
        polite = consent.tier == 1 and not (consent.spoken or heard.context.answers_notice)
        if polite and Kind.UNRELATED in heard.spotted:
            scores[Kind.UNRELATED] += _COURTESY_BONUS
        return {kind: score for kind, score in scores.items() if _may_say(role, self._rules[kind])}

    def _nothing_of_orders(self, heard: _Heard) -> bool:
        """Whether a whole first message of a stranger holds not one word of the trade, nor a number of it."""
        message, context = heard.message, heard.context
        stranger = context.sender_role in (None, Role.UNKNOWN) and not context.answers_notice and context.root_subject is None
        first = message.in_reply_to is None and not message.quoted_text and not message.forwarded and not message.attachments
        words = len(heard.text.split())
        if not (stranger and first and heard.language in _WORDED and words >= _FEWEST_WORDS) or heard.consent.spoken:
            return False
        if any(kind is not Kind.UNRELATED or any(one.weight <= 0 for one in found) for kind, found in heard.spotted.items()):
            return False
        return not any(numbers(part) != ((), ()) for part in (message.subject, heard.text))

    def _names_nothing(self, heard: _Heard) -> bool:
        """Whether a mail of nobody known holds no number of an order, and no words that surely say another kind."""
        context = heard.context
        if context.sender_role not in (None, Role.UNKNOWN) or context.answers_notice or context.root_subject is not None:
            return False
        if any(kind is not Kind.UNRELATED and self._says(kind, heard.scores) for kind in heard.scores):
            return False
        return not any(numbers(part) != ((), ()) for part in (heard.message.subject, heard.text))

    def _spot(self, subject: str, text: str) -> dict[Kind, tuple[_Spotted, ...]]:
        """Every signal found, once each, in the subject or the new text."""
        found: dict[str, _Spotted] = {}
        for read, in_subject in ((self._reader.read(text), False), (self._reader.read(base_subject(subject)), True)):
            for hit in read.hits:
                signal = self._signals[hit.name][1]
                if hit.name not in found and signal.where in ("both", "subject" if in_subject else "text"):
                    weight = signal.weight * (_REPLIED_SUBJECT if in_subject and _REPLY.match(subject) else 1.0)
                    found[hit.name] = _Spotted(signal, weight, _evidence(read, read.place(hit), hit.name, subject=in_subject))
        spotted: dict[Kind, tuple[_Spotted, ...]] = {}
        for name, one in found.items():
            kind = self._signals[name][0].kind
            spotted[kind] = (*spotted.get(kind, ()), one)
        return spotted

    def _score(self, kind: Kind, spotted: Sequence[_Spotted], context: ThreadContext) -> float:
        score = sum(one.weight for one in spotted)
        return score + _IN_ROLE if score > 0 and self._rules[kind].who[0] is context.sender_role else score

    def _machine(
        self, message: InboundMessage, scores: Mapping[Kind, float], spotted: Mapping[Kind, tuple[_Spotted, ...]]
    ) -> _Verdict | None:
        reason = message.automated_reason
        if message.bounce is not None or reason == "mailer-daemon" or self._says(Kind.BOUNCE, scores):
            return _Verdict(
                Kind.BOUNCE,
                0.98,
                abstained=False,
                why="A mail system reports a failed delivery.",
                spotted=spotted.get(Kind.BOUNCE, ()),
            )
        if self._says(Kind.AUTO_REPLY, scores) or reason in _ANSWERING_MACHINE:
            return _Verdict(
                Kind.AUTO_REPLY,
                0.97,
                abstained=False,
                why="A machine answered, not a person.",
                spotted=spotted.get(Kind.AUTO_REPLY, ()),
            )
        if reason is None or STANDARD_REQUEST.match(base_subject(message.subject)):
            return None
        notices = {kind: score for kind, score in scores.items() if kind in _NOTICE_KINDS and self._says(kind, scores)}
        if notices:
            return None
        if reason in ("auto-submitted", "null-return-path", "report", "feedback-report"):
            return _Verdict(Kind.AUTO_REPLY, 0.9, abstained=False, why=f"A machine sent it ({reason}).")
        return None

    def _says(self, kind: Kind, scores: Mapping[Kind, float]) -> bool:
        return kind in scores and scores[kind] >= self._rules[kind].threshold

    def _chain(self, heard: _Heard) -> _Verdict | None:
        """A forwarded answer of a buyer, or words that announce one, from anybody but the buyer."""
        message, context = heard.message, heard.context
        if context.sender_role is Role.BUYER or not message.forwarded:
            return None
        inner = self._inner_answers(message, context)
        if heard.consent.spoken and context.sender_role in (None, Role.UNKNOWN):
            # What a stranger who answers has below is likelier the notice that asks than a buyer's answer.
            inner = [(found, consent) for found, consent in inner if _QUESTION_MARK.search(found.body) is None]
        announced = self._says(Kind.CONFIRMATION_CHAIN, heard.scores)
        if inner and (announced or any(found.how == "attached" for found, _ in inner) or _forwards(message)):
            return _Verdict(
                Kind.CONFIRMATION_CHAIN, 0.95, abstained=False, why="A message inside it answers the re-billing notice."
            )
        if announced:
            return _Verdict(Kind.CONFIRMATION_CHAIN, 0.85, abstained=False, why="It says that it holds the buyer's answer.")
        return None

    def _weigh(self, heard: _Heard) -> _Verdict:
        """The kind by the rules' scores and what the model makes of the words, weighed together."""
        fitting = self._fitting(heard)
        by_rules = self._weigh_rules(heard, fitting)
        if self._model is None:
            return by_rules
        heard_by_model = self._model.hear(_sounding(heard))
        sounds = self.sayable(heard_by_model.kinds, heard.context)
        if not sounds:
            return by_rules
        known = heard.context.sender_role not in (None, Role.UNKNOWN)
        found = self._model.weighed(fitting, sounds, len(heard.text.split()), known=known)
        kind, confidence = found.ranked[0][0], found.confidence
        certain = confidence >= self._model.least_confidence(known=known)
        doubted = sounds.get(by_rules.kind, 0.0) < _DOUBTED * sum(sounds.values()) and _lead(fitting) < _MUCH
        agreed = by_rules.kind is kind is ranking(sounds)[0][0] and sounds[kind] >= _AGREED * sum(sounds.values())
        if not by_rules.abstained and ((known and not doubted) or agreed):
            # In the mouth of a known sender sure rules go first: the policies are written for what they know.
            confidence = max(by_rules.confidence, confidence) if by_rules.kind is kind else by_rules.confidence
            kind, certain = by_rules.kind, True
        why = self._rules[kind].why
        if not certain:
            second = next((f" It could as well be {one}." for one, _ in found.ranked if one is not kind), "")
            why = f"Nothing in it says clearly enough what it is.{second}"
        return _Verdict(
            kind, round(confidence, 3), not certain, why, heard.spotted.get(kind, ()),
            ranking(sounds), heard_by_model.detail(kind), heard_by_model.parts(kind), found.ranked,
        )  # fmt: skip

    def _weigh_rules(self, heard: _Heard, fitting: Mapping[Kind, float]) -> _Verdict:
        """The kind by the rules alone."""
        role, spotted = heard.context.sender_role, heard.spotted
        ranked = sorted(fitting.items(), key=lambda item: (item[1], self._rules[item[0]].specificity), reverse=True)
        said = [(kind, score) for kind, score in ranked if score >= self._rules[kind].threshold]
        if not said:
            usual = _LIKELIEST.get(role, Kind.UNRELATED) if role else Kind.UNRELATED
            likeliest = next((kind for kind, score in ranked if score > 0.5), usual)
            others = max(set(heard.scores) - set(fitting), key=lambda kind: heard.scores[kind], default=None)
            why = "Nothing in it says clearly what it is."
            if others is not None and heard.scores[others] >= self._rules[others].threshold:
                why = f"The words say {others}, but a {role} does not say that."
            return _Verdict(likeliest, 0.3, abstained=True, why=why, spotted=spotted.get(likeliest, ()))
        kind, score = said[0]
        lead = score - max((other for _, other in ranked[1:]), default=0.0)
        certain = lead >= _THIN
        confidence = min(0.99, 0.55 + 0.06 * lead + 0.02 * score) if certain else min(0.49, 0.35 + 0.1 * max(lead, 0.0))
        why = self._rules[kind].why if certain else f"It could as well be {next(k for k, _ in ranked if k is not kind)}."
        return _Verdict(kind, round(confidence, 3), not certain, why, spotted.get(kind, ()))

    # -- the facts

    def _reading(self, heard: _Heard, verdict: _Verdict, consent: Consent) -> Reading:
        message, text, context = heard.message, heard.text, heard.context
        orders, tracking = self._numbers(message, text, context, verdict.kind)
        beside = told(message, verdict.kind, orders, context.known_order_ids)
        consenting = verdict.kind in _CONSENTING and (verdict.kind is Kind.REBILL_REPLY or consent.spoken)
        scope, of_scope = scope_of(verdict.kind, _said(verdict, "scope") + _part_asked(heard, verdict), verdict.detail, message)
        outcome, of_outcome = outcome_of(verdict.kind, _said(verdict, "outcome"), verdict.details, text)
        facts = MessageFacts(
            sender_role=self._role(message, context, verdict),
            scope=scope,
            accepts_item=consent.accepts_item if verdict.kind in _CONSENTING else None,
            accepts_rebill=consent.accepts_rebill if verdict.kind in _CONSENTING else None,
            outcome=outcome,
            order_ids=_values(orders),
            tracking=_values(tracking),
            language=heard.language,
            automated=message.automated_reason is not None or verdict.kind in (Kind.AUTO_REPLY, Kind.BOUNCE),
            cause=_last(one.signal.cause for one in verdict.spotted),
            topic=_topic(verdict),
            bare_assent=consenting and consent.bare_assent,
            near_misses=beside.near_misses,
            order_lines=values(beside.particulars, "order_lines"),
            quantities=values(beside.particulars, "quantities"),
            dates=values(beside.particulars, "dates"),
            reasons=values(beside.particulars, "reasons"),
            on_behalf_of=next(iter(values(beside.particulars, "on_behalf_of")), None),
            attachment_missing=bool(values(beside.particulars, "attachment_missing")),
        )
        evidence = [one.evidence for one in verdict.spotted]
        evidence += [*of_scope, *of_outcome]
        evidence += [found.evidence("order_ids", subject=subject) for found, subject in orders]
        evidence += [found.evidence("tracking", subject=subject) for found, subject in tracking]
        evidence += beside.evidence
        if verdict.kind is Kind.REBILL_REPLY:
            evidence += consent.evidence
        sure_text = message.boundary_certain and (verdict.kind is not Kind.CONFIRMATION_CHAIN or bool(message.forwarded))
        tier: Literal[1, 2, 3] | None = None
        if consenting:
            tier = consent.tier if sure_text or consent.tier == 3 else 2
        return Reading(
            kind=verdict.kind,
            confidence=verdict.confidence,
            abstained=verdict.abstained,
            needs_person=verdict.kind in _CONSENTING and tier != 1,
            facts=facts,
            evidence=tuple(dict.fromkeys(evidence)),
            tier=tier,
            why=verdict.why,
            unexplained=consent.unexplained if verdict.kind is Kind.REBILL_REPLY else (),
            derivation=consent.derivation if verdict.kind is Kind.REBILL_REPLY else (),
            sounds_like=verdict.sounds_like,
        )

    def _numbers(
        self, message: InboundMessage, text: str, context: ThreadContext, kind: Kind
    ) -> tuple[list[tuple[Found, bool]], list[tuple[Found, bool]]]:
        """Order and tracking numbers of the new text, then the subject, then a chain's messages; True: not in the new text."""
        parts = [(text, False), (message.subject, True)]
        if kind is Kind.CONFIRMATION_CHAIN:
            parts += [(part, True) for found in message.forwarded for part in (found.subject, found.body)]
            parts.append((message.text(Label.FORWARDED), True))
        orders: list[tuple[Found, bool]] = []
        tracking: list[tuple[Found, bool]] = []
        for part, elsewhere in parts:
            found_orders, found_tracking = numbers(part, context.known_order_ids)
            orders += [(found, elsewhere) for found in found_orders]
            tracking += [(found, elsewhere) for found in found_tracking]
        if kind is Kind.AUTO_REPLY:  # there "#4711" is the desk's own
            orders = [(found, elsewhere) for found, elsewhere in orders if found.rule != "order_id.hash"]
        return orders, tracking

    def _role(self, message: InboundMessage, context: ThreadContext, verdict: _Verdict) -> Role:
        if verdict.kind in (Kind.AUTO_REPLY, Kind.BOUNCE):
            return Role.MACHINE
        rule = self._rules.get(verdict.kind)
        known = context.sender_role
        if known is Role.MARKETPLACE and rule is not None and Role.MARKETPLACE not in rule.who:
            return rule.who[0]  # the marketplace's relay passes the words of a buyer on
        if known not in (None, Role.UNKNOWN):
            return known or Role.UNKNOWN
        speaker = _last(one.signal.sender for one in verdict.spotted if one.weight > 0)
        if speaker is not None:
            return speaker
        return rule.who[0] if rule is not None and verdict.kind is not Kind.UNRELATED else Role.UNKNOWN

    # -- chains

    def _inner_answers(self, message: InboundMessage, context: ThreadContext) -> list[tuple[Forwarded, Consent]]:
        """The messages inside that answer a notice, written by neither the outer sender nor those it is sent to."""
        outer = [box.address for box in (message.sender, *message.to, *message.cc) if box is not None]
        answers = []
        for found in message.forwarded:
            if found.sender is not None and any(same_address(found.sender.address, address) for address in outer):
                continue
            name = found.sender.name if found.sender else ""
            consent = self.consent(found.body, context, language_of(found.body), name)
            if consent.spoken and not _is_notice(found.body):
                answers.append((found, consent))
        return answers

    def _buyers_answer(self, message: InboundMessage, context: ThreadContext) -> Consent:
        """The buyer's last word in a chain: by date where all are dated, else the outermost, which quotes the others."""
        asked = replace(
            context, notice_asks=context.notice_asks or _form_of_notice(" ".join(f.body for f in message.forwarded))
        )
        answers = self._inner_answers(message, asked)
        if not answers:
            return _UNREAD
        dates = [found.date for found, _ in answers if found.date is not None]
        if len(dates) == len(answers):
            return max(answers, key=lambda answer: answer[0].date or dates[0])[1]
        outermost = min(found.depth for found, _ in answers)
        return [consent for found, consent in answers if found.depth == outermost][-1]


def _heard_from(role: Role | None, spotted: dict[Kind, tuple[_Spotted, ...]]) -> dict[Kind, tuple[_Spotted, ...]]:
    """The signals as they count in the mouth of whoever is known to write.

    Words that speak against a kind because they only guess at another speaker are moot; the marketplace's relay speaks for
    itself or for a buyer, so there they count. A buyer's wish from a seller is an inquiry about it: the strongest sign of it is
    one of `seller_inquiry` too, and brings its topic.
    """
    if role in (None, Role.UNKNOWN, Role.MARKETPLACE):
        return spotted
    heard = {
        kind: tuple(one for one in found if one.weight > 0 or one.signal.sender is None) for kind, found in spotted.items()
    }
    if role is Role.SELLER:
        wishes = [wish for kind in _ASKED_BY_SELLER if (wish := _wish(kind, heard.get(kind, ()))) is not None]
        if wishes:
            strongest = max(wishes, key=lambda one: one.weight)
            heard[Kind.SELLER_INQUIRY] = (*heard.get(Kind.SELLER_INQUIRY, ()), strongest)
    return {kind: found for kind, found in heard.items() if found}


def _wish(kind: Kind, found: Sequence[_Spotted]) -> _Spotted | None:
    """The strongest sign of a buyer's wish, less what speaks against it; one for a part of an order says more than others."""
    against = sum(one.weight for one in found if one.weight < 0)
    wishes = [one for one in found if one.weight + against >= _A_WISH]
    if not wishes:
        return None
    wish = max(wishes, key=lambda one: (one.signal.scope == "partial", one.weight))
    return replace(wish, weight=(wish.weight + against) * _ASKED_BY_SELLER[kind])


def _rows(rules: Sequence[MessageRule]) -> Iterator[tuple[str, list[Sequence[Step]]]]:
    for rule in rules:
        phrases = {name: parse(" | ".join(forms)) for name, forms in rule.words.items()}
        for signal in rule.signals:
            yield f"{rule.kind}.{signal.id}", [row for form in signal.forms for row in variants(parse(form), phrases)]


def _evidence(read: Text, place: tuple[int, int], rule: str, *, subject: bool) -> Evidence:
    words = read.source[place[0] : place[1]]
    return Evidence("kind", words, 0, 0, "subject") if subject else Evidence("kind", words, *place, rule)


def _plain_message(subject: str, text: str) -> InboundMessage:
    """A message that is nothing but new text, as a rule file's examples are."""
    segments = (Segment(0, len(text), Label.NEW, "example"),) if text else ()
    return InboundMessage(
        sender=Mailbox("", "somebody@example.org"),
        to=(),
        cc=(),
        reply_to=None,
        subject=subject,
        date=None,
        message_id=None,
        in_reply_to=None,
        references=(),
        body=text,
        segments=segments,
        boundary_certain=True,
    )


def _with_inferences(message: InboundMessage, context: ThreadContext) -> ThreadContext:
    """Whether it answers a notice, and how that asked, from its quoted text and subject where nobody knows."""
    quoted = message.text(Label.QUOTED, Label.OURS)
    if context.answers_notice is None and context.sender_role in (None, Role.BUYER, Role.MARKETPLACE, Role.UNKNOWN):
        replies = message.in_reply_to is not None or bool(_REPLY.match(message.subject))
        answers = _is_notice(quoted) or (replies and bool(_NOTICE_SUBJECT.search(message.subject)))
        context = replace(context, answers_notice=True if answers else None)
    if context.notice_asks is None and quoted:
        context = replace(context, notice_asks=_form_of_notice(quoted))
    return context


def answers(item: Answer, rebill: Answer) -> str:
    """Both answers as one detail of an answer to the re-billing notice."""
    return f"{item}/{rebill}"


def _likelier(consent: Consent, verdict: _Verdict, text: str) -> Consent:
    """The likely reading of an answer that is not proved, as the model hears it where it is clear enough (tier 2)."""
    if consent.tier == 1 or verdict.likelihood < _LIKELY or "/" not in verdict.detail:
        return consent
    item, rebill = (Answer(answer) for answer in verdict.detail.split("/"))
    # A bare yes is no answer to two questions (docs/spec/messages.md), and what words refuse or take back stays refused.
    refused = Answer.NO in (consent.accepts_item, consent.accepts_rebill) or "revoke" in consent.cues
    may_accept = not refused and bool(_NAMING & set(consent.cues))
    changed = {
        fact: answer
        for fact, answer in (("accepts_item", item), ("accepts_rebill", rebill))
        if answer is not getattr(consent, fact) and (answer is not Answer.YES or may_accept)
    }
    if not changed:
        return consent
    kept = tuple(one for one in consent.evidence if one.fact not in changed)
    heard = tuple(Evidence(fact, text, 0, len(text), _BY_MODEL) for fact in changed)
    return replace(
        consent,
        accepts_item=changed.get("accepts_item", consent.accepts_item),
        accepts_rebill=changed.get("accepts_rebill", consent.accepts_rebill),
        tier=2,
        evidence=(*kept, *heard),
        bare_assent=False,
    )


def _sounding(heard: _Heard) -> Sounding:
    """What the model is given of a message: its words, and in clues what is known of its sender, its thread and its consent."""
    message, context, consent = heard.message, heard.context, heard.consent
    words = len(heard.text.split())
    clues = (
        *((f"up to {most} words", True) for most in _LENGTHS if words <= most),
        ("answers notice", context.answers_notice),
        ("in a thread of the official request", _standard(message, context) is not None),
        ("replies", message.in_reply_to is not None or _REPLY.match(message.subject)),
        ("forwards", message.forwarded),
        ("forwards a notice", any(_is_notice(found.body) for found in message.forwarded)),
        (f"from a {context.sender_role}", context.sender_role not in (None, Role.UNKNOWN)),
        (f"automated: {message.automated_reason}", message.automated_reason),
        ("bounce", message.bounce),
        (f"asks {context.notice_asks}", context.notice_asks),
        (f"item {consent.accepts_item}", consent.spoken),
        (f"re-billing {consent.accepts_rebill}", consent.spoken),
        (f"answers {answers(consent.accepts_item, consent.accepts_rebill)}", consent.spoken),
        (f"tier {consent.tier}", consent.spoken),
        *((f"hints {cue}", True) for cue in consent.cues),
        *((f"hints {first}, then {then}", True) for first, then in pairwise(consent.cues)),
        *((f"hints last {cue}", True) for cue in consent.cues[-2:]),
    )
    return Sounding(base_subject(message.subject), message.new_text, tuple(name for name, holds in clues if holds))


def _is_notice(text: str) -> bool:
    return (
        bool(_NOTICE_QUOTED.search(text))
        and bool(re.search(r"confirm|bestätig|conferm|accept", text, re.IGNORECASE))
        and len(text) > 150
    )


def _form_of_notice(text: str) -> Literal["one_sentence", "two_questions"] | None:
    """How a quoted notice asks: for both in one sentence, or with two questions. None: it holds no such request."""
    asking = [
        sentence
        for sentence in _ASKING_SENTENCE.findall(text.replace("\n>", " ").replace("\n", " "))
        if re.search(r"accept|keep|confirm|agree|re-?bill|charge", sentence, re.IGNORECASE)
    ]
    if sum(sentence.rstrip().endswith("?") for sentence in asking) > 1:
        return "two_questions"
    return "one_sentence" if any(all(part.search(one) for part in _ASKS_FOR_BOTH) for one in asking) else None


def _standard(message: InboundMessage, context: ThreadContext) -> str | None:
    """Why this is the marketplace's official request, by its subject, its thread's or a forwarded message's."""
    if STANDARD_REQUEST.match(base_subject(message.subject)):
        return "Its subject is the marketplace's official cancellation request."
    if context.root_subject and STANDARD_REQUEST.match(base_subject(context.root_subject)):
        return "Its thread began with the marketplace's official cancellation request."
    if any(STANDARD_REQUEST.match(base_subject(found.subject)) for found in message.forwarded):
        return "It passes on the marketplace's official cancellation request."
    return None


def _wordless(heard: _Heard) -> bool:
    """Whether the buyer sent our notice back and added nothing: there are no words to be unsure of."""
    added = heard.text.strip() or heard.message.forwarded or heard.message.attachments
    return heard.context.answers_notice is True and heard.context.sender_role is Role.BUYER and not added


def _forwards(message: InboundMessage) -> bool:
    return len(message.new_text) < 600


def _lead(scores: Mapping[Kind, float]) -> float:
    """By how much the best score leads the next, or nothing at all."""
    best, *others = sorted((*scores.values(), 0.0), reverse=True)
    return best - max(others, default=0.0)


def _may_say(role: Role | None, rule: MessageRule) -> bool:
    if role in (None, Role.UNKNOWN) or role in rule.who or Role.MACHINE in rule.who:
        return True
    return role is Role.MARKETPLACE and Role.BUYER in rule.who  # a relay carries the buyer's words


def _said(verdict: _Verdict, fact: Literal["scope", "outcome"]) -> list[Said]:
    """What the signals of the kind say of one of its facts."""
    named = ((getattr(one.signal, fact), one) for one in verdict.spotted)
    return [Said(value, one.weight, replace(one.evidence, fact=fact)) for value, one in named if value]


def _part_asked(heard: _Heard, verdict: _Verdict) -> list[Said]:
    """What the buyer's own words in the official request say of its scope: its subject alone tells nothing of a part."""
    if verdict.kind is not Kind.CANCEL_STANDARD:
        return []
    own = (one for one in heard.spotted.get(Kind.CANCEL_NONSTANDARD, ()) if one.signal.scope and one.evidence.rule != "subject")
    return [Said(one.signal.scope or "", one.weight, replace(one.evidence, fact="scope")) for one in own]


def _topic(verdict: _Verdict) -> str | None:
    topics = [one for one in verdict.spotted if one.signal.topic]
    if topics:  # what happened says more than how it is asked
        return max(topics, key=lambda one: (one.signal.cause is not None, one.weight)).signal.topic
    return "other" if verdict.kind is Kind.SELLER_INQUIRY else None


def _values(found: Sequence[tuple[Found, bool]]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for one, _ in found:
        first.setdefault(one.value.casefold(), one.value)
    return tuple(first.values())


def _last(values: Iterator[_T | None]) -> _T | None:
    chosen: _T | None = None
    for value in values:
        chosen = value if value is not None else chosen
    return chosen
