"""Fakes for tests of what stands on supportbot: shipped, documented, and held to the same contracts as the real parts.

They exist to script a fault or a moment; where a real part can run in a test (SQLite, an IMAP or SMTP server), use that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from supportbot.mail.message import UidPosition
from supportbot.ports import Fetched, TicketRef


@dataclass(slots=True)
class FixedClock:
    """A clock that stands until it is moved."""

    time: datetime = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta's keywords, e.g. `days=3`."""
        self.time += timedelta(**duration)


@dataclass(slots=True)
class FakeMailbox:
    """A mailbox in memory: one folder, UIDs from 1."""

    name: str = "support"
    uidvalidity: int = 1
    received: datetime = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    messages: list[bytes] = field(default_factory=list)
    done: list[UidPosition] = field(default_factory=list)
    lag: dict[str, int] = field(default_factory=dict)

    def fetch_new(self, after: Mapping[str, UidPosition]) -> Iterator[Sequence[Fetched]]:
        start = after.get("INBOX", UidPosition(self.uidvalidity, 0))
        last = start.uid if start.uidvalidity == self.uidvalidity else 0
        batch = [
            Fetched("INBOX", UidPosition(self.uidvalidity, uid), self.received, len(raw), raw)
            for uid, raw in enumerate(self.messages, 1)
            if uid > last
        ]
        if batch:
            yield batch

    def mark_done(self, folder: str, positions: Sequence[UidPosition]) -> None:
        self.done.extend(positions)

    def wait(self, seconds: float) -> bool:
        return False

    def interrupt(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class FakeOutbox:
    """A mail sink in memory. `faults` are raised in order, one for each send, before anything is accepted."""

    sent: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    faults: list[Exception | None] = field(default_factory=list)

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.sent.append((envelope_from, tuple(recipients), raw))
        return f"250 queued as {len(self.sent)}"

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class FakeTicketDesk:
    """A ticket desk in memory."""

    name: str = "fake"
    tickets: dict[str, tuple[str, str, Mapping[str, str]]] = field(default_factory=dict)

    def push(self, ticket_id: str, kind: str, title: str, fields: Mapping[str, str]) -> TicketRef:
        self.tickets.setdefault(ticket_id, (kind, title, dict(fields)))
        return TicketRef(self.name, f"T-{list(self.tickets).index(ticket_id) + 1}")
