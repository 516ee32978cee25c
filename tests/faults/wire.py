"""Faults of one connection, drawn by chance: reset, stall, cut at an octet, drop; in either direction."""

from dataclasses import dataclass
from random import Random

from tests.servers import Action, Direction, Fault, passing


@dataclass(frozen=True, slots=True)
class WireFault:
    """From octet `at` of one direction on, in the connections from number `first`, `times` times."""

    direction: Direction
    at: int
    action: Action
    first: int = 1
    times: int = 1

    def __str__(self) -> str:
        return f"{self.action} {self.direction} at octet {self.at}, connections {self.first} to {self.first + self.times - 1}"

    def as_fault(self, already: int) -> Fault:
        """For a proxy that has served `already` connections."""

        def fault(direction: Direction, octets: int, _chunk: bytes, number: int) -> Action:
            mine = self.first <= number - already < self.first + self.times
            return self.action if mine and direction == self.direction and octets >= self.at else "pass"

        return fault


def draw(chance: Random, longest: int) -> WireFault | None:
    """A fault somewhere in the first `longest` octets; none in half of all cases."""
    if chance.random() < 0.5:
        return None
    action: Action = chance.choice(("reset", "reset", "close", "close", "hang", "drop"))
    direction: Direction = chance.choice(("up", "down"))
    return WireFault(
        direction, int(longest ** chance.random()), action, chance.choice((1, 1, 1, 2, 3)), chance.choice((1, 1, 2))
    )


__all__ = ["WireFault", "draw", "passing"]
