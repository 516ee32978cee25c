"""Cases, the arrows they took, and their timers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, update

from supportbot.casework.case import CaseEvent
from supportbot.errors import StoreError
from supportbot.store.columns import new_id
from supportbot.store.rows import CaseEventRow, CaseRow, TimerRow
from supportbot.store.tables import case_events, cases, orders, timers, users
from supportbot.store.work import Work, literal

_CASE = select(
    *((orders if name in {"order_id", "marketplace"} else cases).c[name] for name in CaseRow.__dataclass_fields__)
).join_from(cases, orders, orders.c.key == cases.c.order_key)
_ONE_CASE = _CASE.where(cases.c.id == bindparam("id"))
_CASE_OF_ORDER = (
    _CASE.where(cases.c.order_key == bindparam("order_key"), cases.c.type == bindparam("type"))
    .order_by(cases.c.closed_at.is_not(None), cases.c.opened_at.desc())
    .limit(1)
)
_MOVE = update(cases).where(cases.c.id == bindparam("this"), cases.c.version == bindparam("seen"))
_NEXT_EVENT = select(func.coalesce(func.max(case_events.c.number), 0) + 1).where(case_events.c.case_id == bindparam("id"))
_TIMER = select(*(timers.c[name] for name in TimerRow.__dataclass_fields__))


class Casework(Work):
    """The life of cases; which arrows there are is for casework.case to say."""

    def open_case(
        self,
        *,
        order_key: int,
        type: str,  # noqa: A002  as in tickets and cases
        state: str,
        thread_id: str | None,
        actor: str,
        message_id: int | None,
        reason: str,
    ) -> CaseRow:
        """Open a case; where one of this order and type is open already, that one is given."""
        case_id = new_id("c")
        values = {
            "id": case_id,
            "order_key": order_key,
            "type": type,
            "state": state,
            "version": 1,
            "thread_id": thread_id,
            "opened_at": self._clock.now(),
        }
        if not self._add_new(cases, values):
            return self._one(_CASE.where(cases.c.order_key == order_key, cases.c.type == type, cases.c.closed_at.is_(None)))
        self._note(case_id, "open", "", state, actor, message_id, reason)
        return self._one(_ONE_CASE, {"id": case_id})

    def _one(self, query: Select[Any], values: dict[str, Any] | None = None) -> CaseRow:
        return CaseRow(*self._connection.execute(query, values).one())

    def case(self, case_id: str) -> CaseRow | None:
        """One case; None for an unknown id."""
        row = self._first(_ONE_CASE, {"id": case_id})
        return None if row is None else CaseRow(*row)

    def case_of_order(self, order_key: int, type: str) -> CaseRow | None:  # noqa: A002
        """The order's open case of this type, else the newest one, else None."""
        row = self._first(_CASE_OF_ORDER, {"order_key": order_key, "type": type})
        return None if row is None else CaseRow(*row)

    def cases(self, *, state: str | None = None, open_only: bool = False, limit: int = 200) -> list[CaseRow]:
        """Cases, newest first."""
        query = _CASE.order_by(cases.c.opened_at.desc(), cases.c.id).limit(limit)
        if state is not None:
            query = query.where(cases.c.state == state)
        if open_only:
            query = query.where(cases.c.closed_at.is_(None))
        return [CaseRow(*row) for row in self._all(query)]

    def move_case(
        self,
        case: CaseRow,
        *,
        to_state: str,
        event: str,
        actor: str,
        message_id: int | None = None,
        reason: str = "",
        closed: bool = False,
        close_reason: str | None = None,
        held_from: str | None = None,
    ) -> CaseRow:
        """Take an arrow and note it. Raises `StoreError` where somebody changed the case since `case` was read."""
        values = {
            "this": case.id,
            "seen": case.version,
            "state": to_state,
            "version": case.version + 1,
            "closed_at": self._clock.now() if closed else None,
            "close_reason": close_reason,
            "held_from": held_from,
        }
        if self._write(_MOVE, values) != 1:
            raise StoreError(f"case {case.id} has changed meanwhile; read it again and decide anew")
        self._note(case.id, event, case.state, to_state, actor, message_id, reason)
        return self._one(_ONE_CASE, {"id": case.id})

    def _note(
        self, case_id: str, event: str, from_state: str, to_state: str, actor: str, message_id: int | None, reason: str
    ) -> None:
        number = self._connection.execute(_NEXT_EVENT, {"id": case_id}).scalar_one()
        row = {
            "case_id": case_id,
            "number": number,
            "at": self._clock.now(),
            "actor": actor,
            "event": event,
            "from_state": from_state,
            "to_state": to_state,
            "message_id": message_id,
            "reason": reason,
        }
        self._write(insert(case_events), row)
        link = {"from": from_state, "to": to_state, "message": message_id, "number": number}
        self.audit(actor, f"case {event}", f"case {case_id}", link)

    def case_events(self, case_id: str) -> list[CaseEventRow]:
        """The arrows the case took, oldest first."""
        columns = (case_events.c[name] for name in CaseEventRow.__dataclass_fields__)
        query = select(*columns).where(case_events.c.case_id == case_id).order_by(case_events.c.number)
        return [CaseEventRow(*row) for row in self._all(query)]

    def standing_proposal(self, case_id: str) -> CaseEventRow | None:
        """The proposal of one person to believe the case's chain, which a second one may confirm; None once anything else has
        happened in the case since, or that person is disabled."""
        last = self.case_events(case_id)[-1:]
        if not last or last[0].event != CaseEvent.CHAIN_PROPOSED:
            return None
        active = select(users.c.name).where(users.c.name == last[0].actor, users.c.disabled.is_(False))
        return last[0] if self._first(active) else None

    # -- timers

    def set_timer(self, *, case_id: str | None, name: str, due_at: datetime, source: str) -> None:
        """Set a timer; where the case has one of this name set already, that one stays as it is."""
        row = {"id": new_id("w"), "case_id": case_id, "name": name, "due_at": due_at, "source": source, "state": "set"}
        self._add_new(timers, row)

    def cancel_timers(self, case_id: str) -> None:
        """Cancel every timer of the case that is still set."""
        self._write(
            update(timers).where(timers.c.case_id == case_id, timers.c.state == literal("set")).values(state="cancelled")
        )

    def due_timers(self, now: datetime, limit: int = 100) -> list[TimerRow]:
        """Timers that are due, oldest first."""
        query = _TIMER.where(timers.c.state == literal("set"), timers.c.due_at <= now).order_by(timers.c.due_at).limit(limit)
        return [TimerRow(*row) for row in self._all(query)]

    def finish_timer(self, timer_id: str) -> None:
        """The timer has done its work."""
        self._write(update(timers).where(timers.c.id == timer_id, timers.c.state == literal("set")).values(state="done"))

    def timers(self, case_id: str) -> list[TimerRow]:
        """All timers of a case, by the time they are due."""
        return [TimerRow(*row) for row in self._all(_TIMER.where(timers.c.case_id == case_id).order_by(timers.c.due_at))]
