"""Looks at the service all the time: what is wrong now, since when, what to do; and tells it by a second channel.

    part that fails (mailbox, work, post) \\
    lag, clock that jumped                 >  troubles -> console, metrics -> alarms: each cause once a day
    checkup: disk, database, record, ...  /

Nothing is remembered of a trouble that has gone: it is found anew or it is over.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from supportbot.checkup import Finding, troubles
from supportbot.clock import Clock, monotonic
from supportbot.errors import AlarmFailed, StoreError
from supportbot.jobs.health import Health
from supportbot.ports import Alarm
from supportbot.settings import Settings
from supportbot.store import Store

log = structlog.get_logger()

LOOK_SECONDS = 10.0
_A_DAY = 86_400.0
_JUMP = timedelta(minutes=5)
_JUMP_STANDS = 3600.0  # seconds; a new time that nobody has put right in that long is the right one
_FIRST_PAUSE, _LONGEST_PAUSE = 60.0, 900.0  # seconds before a channel that failed is tried again


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now: its cause, in a word or two that stay the same; what; what to do; since when."""

    cause: str
    what: str
    remedy: str
    since: datetime


class Watch:
    """What is wrong, kept up to date by `look`. Safe to ask from any thread."""

    def __init__(
        self,
        health: Health,
        lag: Callable[[], Mapping[str, int]],
        store: Store,
        settings: Settings,
        clock: Clock,
        alarms: Sequence[Alarm] = (),
    ) -> None:
        self._health, self._lag, self._store, self._settings, self._clock = health, lag, store, settings, clock
        self._alarms = tuple(alarms)
        self._one_at_a_time, self._minding = threading.Lock(), threading.Lock()
        self._standing: dict[str, tuple[Trouble, float]] = {}  # with the monotonic second since when
        self._told: dict[tuple[str, str], float] = {}
        self._pauses: dict[str, tuple[float, float]] = {}  # a channel that failed: until when, and how long
        self._seen = (clock.now(), monotonic())
        self._jumped, self._jumped_at = timedelta(0), 0.0

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What was wrong at the last look, the oldest first."""
        return tuple(trouble for trouble, _ in sorted(self._standing.values(), key=lambda one: one[1]))

    @property
    def time_is_sound(self) -> bool:
        """Whether the clock has run evenly of late. While it has not, nothing is done that only time calls for (I16)."""
        self._mind_the_clock()
        return abs(self._jumped) < _JUMP

    def in_sound_time(self, job: Callable[[], object]) -> Callable[[], object]:
        """The same job, done only while the clock runs evenly."""
        return lambda: job() if self.time_is_sound else None

    def look(self) -> None:
        """See what is wrong now, and tell by the second channel what has been for long enough."""
        with self._one_at_a_time:
            now, moment = self._clock.now(), monotonic()
            found = {one.check: one for one in self._found(now)}
            self._standing = {cause: self._stands(one, self._standing.get(cause), now, moment) for cause, one in found.items()}
            self._tell(now, moment)

    @staticmethod
    def _stands(one: Finding, before: tuple[Trouble, float] | None, now: datetime, moment: float) -> tuple[Trouble, float]:
        since, from_moment = (before[0].since, before[1]) if before else (now, moment)
        return Trouble(one.check, one.detail, one.remedy, since), from_moment

    def _found(self, now: datetime) -> list[Finding]:
        again = "it is tried again by itself, ever more slowly; `supportbot doctor` looks at it now"
        found = [Finding(part, False, why, again) for part, why in sorted(dict(self._health.faults).items())]
        for mailbox, mails in sorted(self._lag().items()):
            if mails >= self._settings.alarm.lag:
                remedy = "see what the log says of this mailbox; a first start on a full one takes a while"
                found.append(Finding(f"mailbox {mailbox}, lag", False, f"{mails} mails are not fetched yet", remedy))
        if not self.time_is_sound:
            way = "forward" if self._jumped > timedelta(0) else "back"
            remedy = (
                "let NTP keep the clock; until it is right again, or for an hour, no timer rings and nothing is erased by age"
            )
            found.append(
                Finding(
                    "clock jumped",
                    False,
                    f"the machine's clock went {way} by {timedelta(seconds=round(abs(self._jumped).total_seconds()))}",
                    remedy,
                )
            )
        return [*found, *troubles(self._store, self._settings, now)]

    def _mind_the_clock(self) -> None:
        with self._minding:
            self._compare(self._clock.now(), monotonic())

    def _compare(self, now: datetime, moment: float) -> None:
        """The clock's step since it was looked at last, against the step of a clock that cannot be set."""
        (before, then), self._seen = self._seen, (now, moment)
        step = now - before - timedelta(seconds=moment - then)
        if abs(step) >= timedelta(seconds=30):
            self._jumped += step
            self._jumped_at = moment
            log.warning("the clock jumped", seconds=round(step.total_seconds()))
        elif self._jumped and moment - self._jumped_at > _JUMP_STANDS:
            self._jumped = timedelta(0)

    # -- the second channel

    def _tell(self, now: datetime, moment: float) -> None:
        late = [one for one, since in self._standing.values() if moment - since >= self._settings.alarm.after_seconds]
        for channel in self._alarms:
            until, _ = self._pauses.get(channel.name, (0.0, 0.0))
            due = [one for one in late if moment - self._told.get((channel.name, one.cause), -_A_DAY) >= _A_DAY]
            due = [one for one in due if moment >= until and self._claim(channel, one, now)]
            if due:
                self._ring(channel, due, now, moment)

    def _claim(self, channel: Alarm, trouble: Trouble, now: datetime) -> bool:
        """Whether it is for this process to tell: the first of a day. Without a database nobody can be asked."""
        try:
            with self._store.transaction() as tx:
                won = tx.win_tick(_tick(channel, trouble), _day(now))
        except StoreError:
            return True
        if not won:
            self._told[channel.name, trouble.cause] = monotonic()
        return won

    def _ring(self, channel: Alarm, due: Sequence[Trouble], now: datetime, moment: float) -> None:
        try:
            channel.ring([(one.cause, one.what, one.remedy, one.since) for one in due])
        except AlarmFailed as error:
            pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pauses.get(channel.name, (0.0, 0.0))[1]))
            self._pauses[channel.name] = (moment + pause, pause)
            log.warning("an alarm did not get out", channel=channel.name, reason=str(error), again_in=pause)
            self._let_go(channel, due, now)
            return
        self._pauses.pop(channel.name, None)
        self._told |= {(channel.name, one.cause): moment for one in due}
        log.info("alarm", channel=channel.name, causes=[one.cause for one in due])

    def _let_go(self, channel: Alarm, due: Sequence[Trouble], now: datetime) -> None:
        try:
            with self._store.transaction() as tx:
                for one in due:
                    tx.give_tick_back(_tick(channel, one), _day(now))
        except StoreError as error:
            log.warning("an alarm that failed cannot be given back; it waits for the next day", reason=str(error))


def _tick(channel: Alarm, trouble: Trouble) -> str:
    return f"alarm {channel.name}: {trouble.cause}"


def _day(now: datetime) -> int:
    return int(now.timestamp() // _A_DAY)
