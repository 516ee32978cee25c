"""When things happen: the clock's ticks, and the two engines that work what is pending. Each job is one call of the desk."""

from contextlib import AbstractContextManager
from typing import Protocol

from supportbot.jobs.health import Health
from supportbot.jobs.watch import Trouble, Watch

__all__ = ["Engine", "Health", "Trouble", "Watch"]


class Engine(Protocol):
    """Runs a desk until stopped: alone in one process, or as one of many."""

    health: Health
    watch: Watch

    @property
    def parts(self) -> tuple[str, ...]:
        """What may fail, by the names that `health.faults` uses."""
        ...

    @property
    def lag(self) -> dict[str, int]:
        """By mailbox, how many mails lay there that were not fetched yet, when it was looked at last."""
        ...

    def claim(self) -> AbstractContextManager[None]:
        """The right to work this database, for as long as it is held. Raises `StoreError` where another's excludes it."""
        ...

    def start(self) -> None:
        """Begin; returns at once. Raises `StoreError`."""
        ...

    def stop(self) -> None:
        """Finish what is in hand, then end; within about ten seconds."""
        ...
