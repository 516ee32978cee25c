"""Who else looks at a page, and who edits there: kept while their pages are open, forgotten a minute later.

It warns, and decides nothing: an approval is bound to what was shown, whoever else is there.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportbot.clock import Clock

STAYS = timedelta(seconds=45)  # after the last sign of a page; a page with scripts gives one every few seconds


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person at a page."""

    name: str
    edits: bool


class Presence:
    """Who is where."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, dict[str, tuple[datetime, bool]]] = {}
        self._lock = threading.Lock()

    def see(self, subject: str, name: str, *, edits: bool = False) -> None:
        """A person is at the page of this subject now."""
        with self._lock:
            self._seen.setdefault(subject, {})[name] = (self._clock.now(), edits)

    def leave(self, subject: str, name: str) -> None:
        """The person has gone on."""
        with self._lock:
            self._seen.get(subject, {}).pop(name, None)

    def others(self, subject: str, name: str) -> Sequence[Somebody]:
        """Who else is there, by name."""
        since = self._clock.now() - STAYS
        with self._lock:
            self._seen = {
                place: present
                for place, people in self._seen.items()
                if (present := {who: seen for who, seen in people.items() if seen[0] >= since})
            }
            people = self._seen.get(subject, {})
            return [Somebody(who, edits) for who, (_, edits) in sorted(people.items()) if who != name]
