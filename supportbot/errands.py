"""How decisions, reports, timers and people move errands along their tables (casework/errand.py), in the caller's transaction.

An errand is a case row of its own type beside the re-bill case of the same order. A refused step goes to the audit log with its
reason, and the errand stays: answers come late, early, twice and out of order.
"""

from datetime import datetime, timedelta

from supportbot.casework.case import Actor
from supportbot.casework.errand import ON_RING, Errand, NoStep, called_for, reported, step
from supportbot.judgement import Judgement, OrderDecision
from supportbot.store import CaseRow, TicketRow, TimerRow, Transaction

GIVE_UP = "give up waiting"
PRODUCT_DEFAULT = "product default"
TYPES = frozenset(errand.value for errand in Errand)


class Errands:
    """Opens and moves errands."""

    def __init__(self, give_up_after_days: int) -> None:
        self._give_up_after = timedelta(days=give_up_after_days)

    def follow(
        self, tx: Transaction, message_id: int, judgement: Judgement, found: OrderDecision, now: datetime
    ) -> CaseRow | None:
        """The errand that a decision about one order opens or moves; None where there is nothing to follow.

        Who reports an outcome must be a party or on record: a stranger's word ends nothing.
        """
        order = found.order
        if order is None or judgement.several_orders:
            return None
        stored = next((s for s in tx.find_orders([order.order_id]) if s.order.marketplace is order.marketplace), None)
        if stored is None:
            return None
        ended = reported(judgement.reading.kind, judgement.reading.facts.outcome)
        if ended and found.for_party:
            for errand in (Errand.WAREHOUSE, Errand.CANCEL, Errand.PROBLEM):
                row = tx.case_of_order(stored.key, errand)
                if row is not None:  # one that has ended already is told that it ended twice
                    self._take(tx, row, ended, message_id=message_id)
            return None
        wanted = called_for(found.decision, order.marketplace)
        if wanted is None:
            return None
        errand, event = wanted
        row = tx.case_of_order(stored.key, errand)
        if row is not None and row.closed_at is None:
            return self._take(tx, row, event, message_id=message_id)
        first = step(errand, None, event)
        if isinstance(first, NoStep):
            return None
        row = tx.open_case(
            order_key=stored.key,
            type=errand,
            state=first.target,
            thread_id=None,
            actor=first.by,
            message_id=message_id,
            reason=found.decision.why,
        )
        tx.set_timer(case_id=row.id, name=GIVE_UP, due_at=now + self._give_up_after, source=PRODUCT_DEFAULT)
        return row

    def rung(self, tx: Transaction, row: CaseRow, timer: TimerRow) -> str:
        """A timer of an errand is due; the title of the ticket that a person gets."""
        event = ON_RING.get(timer.name)
        if event is not None:
            self._take(tx, row, event)
        return f"order {row.order_id}: {timer.name.replace('_', ' ')} is due"

    def ticket_closed(self, tx: Transaction, ticket: TicketRow, by: str) -> None:
        """A person has done what a ticket of an errand asks for."""
        row = tx.case(ticket.case_id) if ticket.case_id else None
        if row is None or row.type not in TYPES or row.closed_at is not None:
            return
        done = isinstance(step(Errand(row.type), row.state, "done"), NoStep)
        self._take(tx, row, "settled" if done else "done", by=by)

    def _take(
        self, tx: Transaction, row: CaseRow, event: str, *, message_id: int | None = None, by: str | None = None
    ) -> CaseRow:
        taken = step(Errand(row.type), row.state, event)
        if isinstance(taken, NoStep) or (by is None and taken.by is Actor.REVIEWER):
            reason = taken.reason if isinstance(taken, NoStep) else f"“{event}” is for a person"
            link = {"event": event, "reason": reason, "message": message_id}
            tx.audit(by or "supportbot", "refused arrow", f"case {row.id}", link)
            return row
        row = tx.move_case(
            row,
            to_state=taken.target,
            event=event,
            actor=by or taken.by,
            message_id=message_id,
            reason=taken.reason,
            closed=taken.closed,
            close_reason=taken.target.lower() if taken.closed else None,
        )
        if taken.closed:
            tx.cancel_timers(row.id)
        return row
