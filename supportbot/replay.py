"""Past mail decided again under other rules, or as of another day, and every decision that comes out differently.

Both sides read the same records: what differs comes from the rules or the day alone, never from what has happened since.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from supportbot.correction import Said
from supportbot.judgement import House, Judgement, OrderDecision, judge
from supportbot.proof import Letter, Records


@dataclass(frozen=True, slots=True)
class PastMail:
    """A mail to be decided again. `said`: what people have put right about it, which counts as it did then."""

    name: str
    letter: Letter
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision comes to, for one order of a mail."""

    order_id: str | None
    rule: str | None
    action: str
    mail: str | None = None  # the template, and to whom
    tickets: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    metric_effect: str = "none"
    needs_person: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One decision that comes out differently. `differs` names what: rule, action, mail, tickets and so on."""

    mail: str
    order_id: str | None
    old_rule: str | None
    old_action: str
    new_rule: str | None
    new_action: str
    differs: tuple[str, ...]
    why: str


def outcomes(judgement: Judgement) -> list[Outcome]:
    """What a judgement comes to, order by order."""
    return [_outcome(found) for found in judgement.decisions]


def _outcome(found: OrderDecision) -> Outcome:
    decision = found.decision
    return Outcome(
        order_id=found.order.order_id if found.order else None,
        rule=decision.rule,
        action=decision.action,
        mail=f"{decision.template} to the {decision.to}" if decision.template else None,
        tickets=tuple(ticket.type for ticket in decision.tickets),
        missing=decision.missing,
        metric_effect=decision.metric_effect,
        needs_person=decision.needs_person,
    )


def replay(
    mails: Iterable[PastMail], *, records: Records, old: House, new: House, as_of: datetime | None = None
) -> Iterator[tuple[str, list[Change]]]:
    """Each mail with its changed decisions. `as_of` (aware): the new side decides as if the mail had come in then."""
    for mail in mails:
        before = judge(mail.letter, records=records, house=old, now=mail.letter.received, said=mail.said)
        later = replace(mail.letter, received=as_of) if as_of else mail.letter
        after = judge(later, records=records, house=new, now=later.received, said=mail.said)
        yield mail.name, list(_changes(mail.name, outcomes(before), outcomes(after), after))


def _changes(name: str, before: list[Outcome], after: list[Outcome], judgement: Judgement) -> Iterator[Change]:
    """Order by order; other message rules may also find other orders, and then one side has nothing to say of an order."""
    olds, news = ({one.order_id: one for one in side} for side in (before, after))
    whys = {one.order_id: found.decision.why for one, found in zip(after, judgement.decisions, strict=True)}
    for order_id in dict.fromkeys((*olds, *news)):
        old = olds.get(order_id, Outcome(order_id, None, "not decided"))
        new = news.get(order_id, Outcome(order_id, None, "not decided"))
        if old != new:
            differs = tuple(field for field in Outcome.__dataclass_fields__ if getattr(old, field) != getattr(new, field))
            why = whys.get(order_id, "the mail is no longer read as one about this order")
            yield Change(name, order_id, old.rule, old.action, new.rule, new.action, differs, why)
