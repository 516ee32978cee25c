"""What the tests of triage share: the shipped rules, read once, and messages made of nothing but new text."""

from functools import lru_cache
from pathlib import Path

from supportbot.casework.facts import Reading, Role, ThreadContext
from supportbot.mail.message import Forwarded, InboundMessage, Label, Mailbox, Segment
from supportbot.triage.classify import Triage
from supportbot.triage.rules import ConsentGrammar, MessageRule
from supportbot.yamltext import read_values

RULES = Path(__file__).parent.parent / "rules"


def _load(path: Path) -> object:
    return read_values(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def message_rules() -> tuple[MessageRule, ...]:
    return tuple(MessageRule.from_mapping(path, _load(path)) for path in sorted((RULES / "messages").glob("*.yaml")))


@lru_cache(maxsize=1)
def consent_grammars() -> tuple[ConsentGrammar, ...]:
    return tuple(ConsentGrammar.from_mapping(path, _load(path)) for path in sorted((RULES / "consent").glob("*.yaml")))


@lru_cache(maxsize=1)
def triage() -> Triage:
    return Triage.build(message_rules(), {grammar.language: grammar for grammar in consent_grammars()})


def message(
    text: str,
    subject: str = "Re: your order",
    *,
    sender: str = "nora@example.org",
    name: str = "",
    quoted: str = "",
    forwarded: tuple[Forwarded, ...] = (),
    automated: str | None = None,
    certain: bool = True,
) -> InboundMessage:
    body = text + quoted
    segments = [Segment(0, len(text), Label.NEW, "test")] if text else []
    if quoted:
        segments.append(Segment(len(text), len(body), Label.QUOTED, "test"))
    return InboundMessage(
        sender=Mailbox(name, sender),
        to=(Mailbox("", "support@example.net"),),
        cc=(),
        reply_to=None,
        subject=subject,
        date=None,
        message_id=None,
        in_reply_to=None,
        references=(),
        body=body,
        segments=tuple(segments),
        boundary_certain=certain,
        forwarded=forwarded,
        automated_reason=automated,
    )


def inner(body: str, sender: str | None = "nora@example.org", *, depth: int = 1, subject: str = "Re: your order") -> Forwarded:
    box = Mailbox("", sender) if sender else None
    return Forwarded(depth=depth, how="inline", sender=box, date=None, date_raw="", to=(), subject=subject, body=body)


ANSWERED = ThreadContext(
    sender_role=Role.BUYER,
    answers_notice=True,
    notice_asks="one_sentence",
    amount="129.00",
    item_titles=("Brass desk lamp",),
    known_order_ids=("4471",),
)


def answer(text: str, context: ThreadContext = ANSWERED) -> Reading:
    return triage().read(message(text), context)
