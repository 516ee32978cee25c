"""What an engine says of itself."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Health:
    """What the engine is doing, for people and for health checks."""

    last_fetch: dict[str, float] = field(default_factory=dict)  # mailbox -> monotonic seconds
    faults: dict[str, str] = field(default_factory=dict)  # what fails now -> why
