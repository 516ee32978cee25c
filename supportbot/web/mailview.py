"""A stored message as the pages show it. Reads the desk's JSON with care: what is missing or odd is unknown, never an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supportbot.casework.chain import DEFECTS
from supportbot.casework.facts import Evidence
from supportbot.mail.redact import redact
from supportbot.store.rows import MessageRow
from supportbot.web.evidence import MarkedText, mark_text
from supportbot.web.language import say, translated
from supportbot.web.words import QUOTE_MARKS, fact_name, said

_CONSENT_KINDS = frozenset({"rebill_reply", "confirmation_chain"})
_CONSENT_FACTS = ("accepts_item", "accepts_rebill")


@dataclass(frozen=True, slots=True)
class AuthenticationView:
    """Whether the sender is proved. `passed` None: not known."""

    passed: bool | None
    method: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Words of a source document; `origin` says what else it is, "" for a source document's own."""

    file: str
    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Which rule decided, which others fired or were blocked, which facts it lacked."""

    action: str | None
    rule: str | None
    why: str
    fired: tuple[str, ...]
    blocked: tuple[str, ...]
    missing: tuple[str, ...]
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True)
class DefectView:
    """One fault of a chain: its code, what is wrong, and what shows it, "" where that is all."""

    code: str
    sentence: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChainView:
    """What a chain of proof was found to be: its verdict and grade, what is wrong with it, and the buyer's words in it."""

    verdict: str
    grade: str
    defects: tuple[DefectView, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A thread that the mail names: the subject it began with, its orders and case; joined or not, and why."""

    title: str
    orders: tuple[str, ...]
    case_id: str
    why: str
    joined: bool
    thread: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """To which thread a mail was joined. `doubtful`: to none, and a person says where it belongs."""

    why: str
    sure: str  # "certain" or "likely"; "" where it was not joined
    doubtful: bool
    candidates: tuple[CandidateView, ...]


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact in words; `value` None: unknown."""

    fact: str
    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class MailView:
    """One inbound message for a page."""

    id: int
    state: str
    received: datetime
    subject: str
    address: str | None
    name: str
    warnings: tuple[str, ...]
    kind: str | None
    confidence: int | None  # per cent
    abstained: bool | None
    case_id: str | None
    order_id: str | None
    thread_id: str | None
    text: MarkedText | None  # None: not known; "" is a mail without new words
    quoted: str
    facts: tuple[FactView, ...]
    authentication: AuthenticationView
    screening: str
    link: LinkView | None  # None: the mail names no thread, or is not read yet
    decision: DecisionView
    chain: ChainView | None  # None: the mail is no chain, and no answer that was checked like one
    defects: tuple[str, ...]
    attachments: tuple[str, ...]  # names, as the sender chose them

    @property
    def is_empty(self) -> bool:
        return self.text is not None and not "".join(stretch.text for stretch in self.text.stretches).strip()


def view_message(row: MessageRow) -> MailView:
    """A message as the pages show it."""
    details = _mapping(row.details)
    sender = _mapping(details.get("from"))
    address = _text(sender.get("address")) or row.sender or None
    name = _text(sender.get("name"))
    new_text = details.get("new_text")
    return MailView(
        id=row.id,
        state=row.state,
        received=row.received,
        subject=redact(row.subject),
        address=address,
        name=name,
        warnings=_sender_warnings(address, name),
        kind=row.kind,
        confidence=round(row.confidence * 100) if row.confidence is not None else None,
        abstained=row.abstained,
        case_id=row.case_id,
        order_id=row.order_id,
        thread_id=row.thread_id,
        text=mark_text(redact(new_text), _evidence(details), _spans(details.get("unexplained")))
        if isinstance(new_text, str)
        else None,
        quoted=redact(_text(details.get("quoted_text"))),
        facts=_facts(row.kind, _mapping(details.get("facts"))),
        authentication=_authentication(_mapping(details.get("authentication"))),
        screening=": ".join(
            filter(None, (_text(_mapping(details.get("screening")).get(key)) for key in ("verdict", "reason")))
        ),
        link=_link(_mapping(details.get("link"))),
        decision=_decision(row, _mapping(details.get("decision"))),
        chain=_chain(_mapping(details.get("chain"))),
        defects=_texts(details.get("defects")),
        attachments=tuple(redact(name) for name in _texts(details.get("attachments"))),
    )


def has_consent_words(view: MailView) -> bool:
    """Whether the message says anything about keeping the item or being re-billed."""
    return view.text is not None and any(mark.fact in _CONSENT_FACTS for mark in view.text.legend)


def _decision(row: MessageRow, said_: Mapping[str, Any]) -> DecisionView:
    quotes = (_mapping(quote) for quote in _list(said_.get("quotes")))
    return DecisionView(
        action=row.action or _text(said_.get("action")) or None,
        rule=row.rule or _text(said_.get("rule")) or None,
        why=row.why or _text(said_.get("why")),
        fired=_texts(said_.get("fired")),
        blocked=_texts(said_.get("blocked")),
        missing=_texts(said_.get("missing")),
        quotes=tuple(
            QuoteView(_text(quote.get("file")), _text(quote.get("text")), QUOTE_MARKS.get(_text(quote.get("mark")), ""))
            for quote in quotes
            if _text(quote.get("text"))
        ),
    )


def _link(said_: Mapping[str, Any]) -> LinkView | None:
    candidates = [_mapping(candidate) for candidate in _list(said_.get("candidates"))]
    if not candidates:
        return None
    return LinkView(
        why=_text(said_.get("why")),
        sure=_text(said_.get("certainty")),
        doubtful=said_.get("doubtful") is True,
        candidates=tuple(
            CandidateView(
                title=_text(candidate.get("title")),
                orders=_texts(candidate.get("orders")),
                case_id=_text(candidate.get("case")),
                why=_text(candidate.get("why")),
                joined=candidate.get("refusal") is None,
                thread=_text(candidate.get("thread")),
            )
            for candidate in candidates
        ),
    )


def _chain(said_: Mapping[str, Any]) -> ChainView | None:
    if not said_:
        return None
    defects = (_mapping(defect) for defect in _list(said_.get("defects")))
    return ChainView(
        verdict=_text(said_.get("verdict")),
        grade=_text(said_.get("grade")),
        defects=tuple(_defect(_text(defect.get("code")), _text(defect.get("detail"))) for defect in defects),
        answer=_text(said_.get("answer")),
    )


def _defect(code: str, detail: str) -> DefectView:
    sentence = DEFECTS[code][1] if code in DEFECTS else code
    return DefectView(code, sentence, "" if detail == sentence else detail)


def _authentication(said_: Mapping[str, Any]) -> AuthenticationView:
    passed = said_.get("passed")
    return AuthenticationView(
        passed=passed if isinstance(passed, bool) else None,
        method=_text(said_.get("method")),
        reasons=_texts(said_.get("reasons")),
    )


def _facts(kind: str | None, facts: Mapping[str, Any]) -> tuple[FactView, ...]:
    always = _CONSENT_FACTS if kind in _CONSENT_KINDS else ()
    names = dict.fromkeys((*always, *facts))
    told = {name: _told(name, facts.get(name)) for name in names}
    shown = {name: value for name, value in told.items() if value not in {None, "no"} or name in always}
    return tuple(FactView(name, fact_name(name), value and translated(value)) for name, value in shown.items())


def _told(name: str, value: Any) -> str | None:
    told = said(value)
    return told.replace("_", " ") if told and name == "reasons" else told  # names of ours; a number keeps its underscore


def _evidence(details: Mapping[str, Any]) -> list[Evidence]:
    found = []
    for item in (_mapping(item) for item in _list(details.get("evidence"))):
        start, end = item.get("start"), item.get("end")
        if isinstance(start, int) and isinstance(end, int) and _text(item.get("fact")):
            found.append(Evidence(_text(item.get("fact")), _text(item.get("text")), start, end, _text(item.get("rule"))))
    return found


def _spans(value: Any) -> list[tuple[int, int]]:
    pairs = [item for item in _list(value) if isinstance(item, list | tuple) and len(item) == 2]
    return [(start, end) for start, end in pairs if isinstance(start, int) and isinstance(end, int)]


def _sender_warnings(address: str | None, name: str) -> tuple[str, ...]:
    """Signs of a sender who wants to be taken for another one (Unicode UTS 39)."""
    if address is None:
        return (say("The mail names no single sender."),)
    warnings = []
    if not address.isascii() or "xn--" in address.casefold():
        warnings.append(say("The address has letters beyond a to z: it may imitate another one."))
    if "@" in name and address.casefold() not in name.casefold():
        warnings.append(say("The name holds another address than the real one."))
    return tuple(warnings)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str))
