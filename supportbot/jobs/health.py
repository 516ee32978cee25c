"""What an engine says of itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from supportbot.ports import MailSource


@dataclass(slots=True)
class Health:
    """What the engine is doing, for people and for health checks."""

    last_fetch: dict[str, float] = field(default_factory=dict)  # mailbox -> monotonic seconds
    faults: dict[str, str] = field(default_factory=dict)  # what fails now -> why

    def well(self, part: str) -> None:
        """A part works again, as far as anybody can tell."""
        self.faults.pop(part, None)


def lag_of(sources: Iterable[MailSource]) -> dict[str, int]:
    """By mailbox, how many mails lay there that were not fetched yet, when it was looked at last."""
    return {source.name: sum(tuple(source.lag.values())) for source in sources}
