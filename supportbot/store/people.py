"""Users, won ticks, and the overview."""

from typing import Any

from sqlalchemy import Table, and_, delete, func, select, true, update

from supportbot.casework.case import Actor
from supportbot.errors import UsageError
from supportbot.store.access_tables import sessions
from supportbot.store.columns import fold
from supportbot.store.mail_in import TO_READ
from supportbot.store.rows import UserRow
from supportbot.store.tables import cases, drafts, messages, outbox, quarantine, tickets, ticks, users
from supportbot.store.work import Work, literal

ROLES = ("viewer", "reviewer", "approver", "admin")
NOT_PEOPLE = frozenset({"supportbot", "autopilot", "a second person", *(actor.value for actor in Actor)})
"""Names that stand in the record for something else than a person of the team, folded."""

_LONGEST_NAME = 60  # characters
_USER = select(*(users.c[name] for name in UserRow.__dataclass_fields__))
_SLOTS_KEPT = 1000  # a clock that runs behind by fewer slots than this cannot win one twice


class People(Work):
    """Who works here, whose turn a tick is, and how much there is to do."""

    def add_user(
        self,
        name: str,
        role: str,
        password_hash: str | None = None,
        seller_id: str | None = None,
        *,
        by: str = "supportbot",
    ) -> None:
        """Add a person. Raises `UsageError` for an unknown role, and for a name that is taken (compared without case), that
        could be read as two people or as none, or that stands for the program or a role."""
        if role not in ROLES:
            raise UsageError(f"there is no role {role}; it is one of {', '.join(ROLES)}")
        if not _is_name(name):
            raise UsageError(f"a name has 1 to {_LONGEST_NAME} letters, without a comma and without blanks around it")
        if fold(name) in NOT_PEOPLE:
            raise UsageError(f"{name} stands for something else in the records; choose another name")
        row = {
            "name": name,
            "name_folded": fold(name),
            "role": role,
            "seller_id": seller_id,
            "password_hash": password_hash,
            "disabled": False,
            "created_at": self._clock.now(),
        }
        if not self._add_new(users, row):
            raise UsageError(f"there is a user {name} already")
        self.audit(by, "add", f"user {name}", {"role": role, "seller": seller_id})

    def disable_user(self, name: str, *, by: str) -> None:
        """Let a person sign in and act no more, for good: what they did keeps their name. Raises `UsageError`."""
        user = self.user(name)
        if user is None:
            raise UsageError(f"there is no user {name}")
        if user.disabled:
            raise UsageError(f"{name} is disabled already")
        self._write(update(users).where(users.c.name == name).values(disabled=True))
        self._write(delete(sessions).where(sessions.c.name == name))
        self.audit(by, "disable", f"user {name}", {"role": user.role})

    def user(self, name: str) -> UserRow | None:
        """One person; None for an unknown name."""
        row = self._first(_USER.where(users.c.name == name))
        return None if row is None else UserRow(*row)

    def password_hash(self, name: str) -> str | None:
        """The password hash of a user who has one and is not disabled."""
        query = select(users.c.password_hash).where(users.c.name == name, users.c.disabled.is_(False))
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)

    def users(self) -> list[UserRow]:
        """Everybody, by name."""
        return [UserRow(*row) for row in self._all(_USER.order_by(users.c.name))]

    def win_tick(self, name: str, slot: int) -> bool:
        """Whether this program is the one to do the tick's work: the first to ask for its slot is."""
        won = self._add_new(ticks, {"name": name, "slot": slot})
        if won:
            self._write(delete(ticks).where(ticks.c.name == name, ticks.c.slot < slot - _SLOTS_KEPT))
        return won

    def give_tick_back(self, name: str, slot: int) -> None:
        """The work of a slot that was won could not be done: whoever asks next wins it."""
        self._write(delete(ticks).where(ticks.c.name == name, ticks.c.slot == slot))

    def ages(self) -> dict[str, float]:
        """Seconds that the oldest waits: `messages_new`, `drafts_waiting`, `outbox_approved`, `quarantine_held`; 0 for none."""
        now = self._clock.now()
        waiting: tuple[tuple[str, Any, Any], ...] = (
            ("messages_new", messages.c.received, messages.c.state == literal("new")),
            ("drafts_waiting", drafts.c.created_at, drafts.c.state == literal("draft")),
            ("outbox_approved", outbox.c.not_before, outbox.c.state == literal("approved")),
            ("quarantine_held", quarantine.c.at, quarantine.c.state == literal("held")),
        )
        found = {}
        for name, since, where in waiting:
            oldest = self._first(select(func.min(since, type_=since.type)).where(where))[0]
            found[name] = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        return found

    def counts(self) -> dict[str, int]:
        """How much there is of what: `messages_<state>`, `outbox_<state>`, `tickets_<status>`, `drafts_waiting`,
        `messages_to_read`, `quarantine_held`, `cases_open`. What is not there counts 0 for the states that people watch."""
        found = {
            "outbox_approved": 0,
            "outbox_sending": 0,
            "outbox_sent": 0,
            "outbox_uncertain": 0,
            "outbox_failed": 0,
        }
        groups: tuple[tuple[str, Table, Any], ...] = (
            ("outbox", outbox, outbox.c.state),
            ("tickets", tickets, tickets.c.status),
        )
        for prefix, table, column in groups:
            for state, number in self._all(select(column, func.count()).select_from(table).group_by(column)):
                found[f"{prefix}_{state}"] = number
        singles: tuple[tuple[str, Table, Any], ...] = (
            ("messages_done", messages, true()),  # all of them; the others are few, and counted by their indexes
            ("messages_new", messages, messages.c.state == literal("new")),
            ("messages_quarantined", messages, messages.c.state == literal("quarantined")),
            ("drafts_waiting", drafts, drafts.c.state == literal("draft")),
            ("messages_to_read", messages, and_(*TO_READ)),
            ("quarantine_held", quarantine, quarantine.c.state == literal("held")),
            ("cases_open", cases, cases.c.closed_at.is_(None)),
        )
        for name, table, which in singles:
            found[name] = int(self._connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())
        found["messages_done"] -= found["messages_new"] + found["messages_quarantined"]
        return found


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip() and "," not in name
