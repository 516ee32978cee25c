"""What goes wrong in one life of the desk: at which fault point, at which hit, and how."""

import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from supportbot.clock import SystemClock
from supportbot.errors import StoreError
from supportbot.fault import POINTS

DEATH = 9
"""The exit status of a life that ended at a fault point."""


@dataclass(frozen=True, slots=True)
class Accident:
    """At the `hit`-th time (from 1) that `point` is reached: `crash` as by kill -9, `error`, or `delay` by `seconds`."""

    point: str
    hit: int
    action: str
    seconds: float = 0.0

    def __post_init__(self) -> None:
        assert self.point in POINTS, self.point
        assert self.action in ("crash", "error", "delay"), self.action


class Accidents:
    """The accidents of one life, to be handed to `fault.watched`; counts what was reached."""

    def __init__(self, planned: Sequence[Accident]) -> None:
        self._planned = tuple(planned)
        self._lock = threading.Lock()
        self.hits: Counter[str] = Counter()

    def reached(self, name: str) -> None:
        assert name in POINTS, f"{name} is not in supportbot.fault.POINTS"
        with self._lock:
            self.hits[name] += 1
            due = [one for one in self._planned if one.point == name and one.hit == self.hits[name]]
        for one in due:
            if one.action == "crash":
                os._exit(DEATH)
            if one.action == "delay":
                time.sleep(one.seconds)
            if one.action == "error":
                raise error_of(name)


def error_of(point: str) -> Exception:
    """What may truly be raised at a point: the network's, the database's, or a fault of the program itself."""
    if point == "desk.decided":
        return RuntimeError("a fault of the program, made by a test")
    if point.startswith(("imap.", "smtp.")):
        return ConnectionResetError(104, "Connection reset by peer")
    return StoreError("the disk that holds the database is full; free some space, nothing was lost")


class JumpyClock:
    """The machine's clock, `ahead` seconds before its time; at its `at`-th question it jumps by `jump` seconds for good."""

    def __init__(self, ahead: float = 0.0, at: int = 0, jump: float = 0.0) -> None:
        self._clock = SystemClock()
        self._ahead, self._at, self._jump = ahead, at, jump
        self._asked = 0

    def now(self) -> datetime:
        self._asked += 1
        if self._asked == self._at:
            self._ahead += self._jump
        return self._clock.now() + timedelta(seconds=self._ahead)


def accidents_of(task: Any) -> list[Accident]:
    """As they stand in a task of the nursery."""
    return [Accident(*one) for one in task or ()]
