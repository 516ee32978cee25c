"""The only place that knows what time it is. Everything is aware UTC; intervals are measured with `monotonic`."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests hand in a `testing.FixedClock`."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def monotonic() -> float:
    """Seconds from an arbitrary start that never run backwards; for intervals only."""
    return time.monotonic()
