"""Several workers on one database: whose turn a message is, who reads a mailbox, and what a transaction leaves to be done.

Order is kept by keys. Everything that may tie two messages to one case (an order number, a Message-ID, a sender, a token) is a
key of both. A message is worked when no earlier one that is not yet worked shares a key with it, or has no keys yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, exists, or_, select, text, update

from supportbot.errors import LeaseLost
from supportbot.store.tables import leases, message_keys, messages
from supportbot.store.work import Work, insert_new, literal

_MOST_BEFORE = 8
"""How many of the messages that go first are named; one is enough to wait for."""

QUEUE = "procrastinate_jobs"
"""The queue's own table, which no migration of ours makes."""
_LIVING = text(
    f"SELECT (args->>'message_id')::bigint AS id FROM {QUEUE} WHERE task_name = :task AND status IN ('todo', 'doing')"  # noqa: S608
)

_OWN, _OTHERS = message_keys.alias("own"), message_keys.alias("others")
_SHARES = exists().where(
    _OTHERS.c.message_id == messages.c.id, _OTHERS.c.key == _OWN.c.key, _OWN.c.message_id == bindparam("this")
)
_HAS_KEYS = exists().where(message_keys.c.message_id == messages.c.id)
_BEFORE = (
    select(messages.c.id, _HAS_KEYS.label("keyed"))
    .where(messages.c.state == literal("new"), messages.c.id < bindparam("this"), or_(_SHARES, ~_HAS_KEYS))
    .order_by(messages.c.id)
    .limit(_MOST_BEFORE)
)
_WAITS = select(messages.c.state).where(messages.c.id == bindparam("this")).with_for_update(read=True)
_LEASE = select(leases.c.owner, leases.c.until, leases.c.fence).where(leases.c.name == bindparam("name"))
_ABANDONED = (
    select(messages.c.id)
    .where(
        messages.c.state == literal("new"),
        messages.c.received <= bindparam("before"),
        or_(messages.c.next_attempt_at.is_(None), messages.c.next_attempt_at <= bindparam("now")),
    )
    .order_by(messages.c.id)
    .limit(bindparam("at_most"))
)


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier message that goes first; one without keys may or may not belong to the same case."""

    message_id: int
    keyed: bool


class Turns(Work):
    """Who does what, and what goes first."""

    def take_place(self, message_id: int, keys: Iterable[str]) -> None:
        """Note the keys of a message that waits to be worked; those it has already stay."""
        rows = [{"message_id": message_id, "key": key} for key in dict.fromkeys(keys)]
        waits = self._first(_WAITS, {"this": message_id})
        if rows and waits is not None and waits.state == "new":  # not worked by somebody else meanwhile
            self._write(insert_new(self._dialect, message_keys), rows)

    def before(self, message_id: int) -> list[Before]:
        """The earlier messages that have to be worked first, oldest first, a few at most; empty: it is its turn."""
        return [Before(row.id, row.keyed) for row in self._all(_BEFORE, {"this": message_id})]

    def leave_place(self, message_id: int) -> None:
        """The message is worked, or waits for a person: it keeps no other one waiting."""
        self._write(delete(message_keys).where(message_keys.c.message_id == message_id))

    def waiting_since(self, moment: datetime, limit: int) -> list[int]:
        """Messages that came before `moment` and are not worked, although their next attempt is due; oldest first."""
        return [row.id for row in self._all(_ABANDONED, {"before": moment, "now": self._clock.now(), "at_most": limit})]

    def jobs_of(self, task: str) -> list[int]:
        """The messages for which a job of that name waits or runs."""
        return [row.id for row in self._all(_LIVING, {"task": task})]

    # -- one reader a mailbox

    def lease(self, name: str, owner: str, length: timedelta) -> int | None:
        """Be the only one who does `name` until `length` from now; the fence to show at each step. None while another does.

        Whoever holds it asks again in good time. A new holder gets a higher fence, and the old one's no longer counts.
        """
        now = self._clock.now()
        held = self._first(_LEASE.with_for_update(), {"name": name})
        if held is None:
            row = {"name": name, "owner": owner, "until": now + length, "fence": 1}
            return 1 if self._add_new(leases, row) else None
        if held.owner != owner and held.until > now:
            return None
        fence = held.fence if held.owner == owner else held.fence + 1
        values = {"owner": owner, "until": now + length, "fence": fence}
        self._write(update(leases).where(leases.c.name == name).values(values))
        return int(fence)

    def release(self, name: str, owner: str) -> None:
        """Let the next one in at once."""
        mine = and_(leases.c.name == name, leases.c.owner == owner)
        self._write(update(leases).where(mine).values(until=self._clock.now()))

    def show_fence(self, name: str, fence: int) -> None:
        """Go on only as the present holder: nobody can take the lease over before this transaction ends.

        Raises `LeaseLost` where somebody has.
        """
        held = self._first(_LEASE.with_for_update(), {"name": name})
        if held is None or held.fence != fence:
            raise LeaseLost(f"{name} is read by another process now")
