"""The engine of one process: a thread per mailbox waits for mail, one works what is pending, one sends.

There is no jobs table. Pending work follows from the state of the tables, so a kill at any moment loses nothing: the next start
finds the same work. Waking a thread only makes it look sooner.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import structlog

from supportbot.clock import Clock, monotonic
from supportbot.desk import Desk
from supportbot.jobs.claim import RENEWED_EVERY, Held
from supportbot.jobs.health import Health, lag_of
from supportbot.jobs.steady import RETENTION_LOOK_SECONDS, keep_no_longer, persist
from supportbot.jobs.ticks import Tick, Ticker
from supportbot.jobs.watch import LOOK_SECONDS, Watch
from supportbot.ports import Alarm, MailSource
from supportbot.settings import Settings

log = structlog.get_logger()


class EmbeddedEngine:
    """Runs a desk until stopped."""

    def __init__(
        self, desk: Desk, sources: Sequence[MailSource], settings: Settings, clock: Clock, *, alarms: Sequence[Alarm] = ()
    ) -> None:
        schedule = settings.schedule
        self.health = Health()
        self._held = Held(self.health)
        self.watch = Watch(self.health, lambda: self.lag, desk.store, settings, clock, alarms)
        self._desk = desk
        self._sources = tuple(sources)
        self._schedule = schedule
        self._stopping = threading.Event()
        self._work, self._post = threading.Event(), threading.Event()
        self._cut_off = False
        desk.wake = self.wake
        self._ticker = Ticker(
            desk.store,
            clock,
            [
                Tick("poll", schedule.poll_seconds, self._poll, shared=False),
                Tick("deliver", schedule.deliver_seconds, self._post.set, shared=False),
                Tick("timers", schedule.timer_seconds, self.watch.in_sound_time(self._ring)),
                Tick("retention", RETENTION_LOOK_SECONDS, self.watch.in_sound_time(lambda: keep_no_longer(desk, clock))),
                Tick("claim", RENEWED_EVERY, self._held.renew, shared=False),
                Tick("watch", LOOK_SECONDS, self.watch.look, shared=False),
            ],
        )
        self._threads = [
            threading.Thread(target=self._watch, args=(source,), name=f"mailbox {source.name}", daemon=True)
            for source in self._sources
        ]
        self._threads += [
            threading.Thread(target=desk.house.triage.warm, name="languages", daemon=True),
            threading.Thread(target=self._serve, args=("work", self._work, desk.work_pending), name="work", daemon=True),
            threading.Thread(target=self._serve, args=("post", self._post, self._deliver), name="post", daemon=True),
        ]

    @property
    def parts(self) -> tuple[str, ...]:
        """What may fail, by the names that `health.faults` uses."""
        return (*(f"mailbox {source.name}" for source in self._sources), "work", "post")

    def claim(self) -> AbstractContextManager[None]:
        """Be the only process that works this database. Raises `StoreError` while another one does."""
        return self._held.over(self._desk.store.exclusive())

    @property
    def lag(self) -> dict[str, int]:
        """By mailbox, how many mails lay there that were not fetched yet, when it was looked at last."""
        return lag_of(self._sources)

    def start(self) -> None:
        """Park what was interrupted, then begin."""
        parked = self._desk.recover()
        if parked:
            log.warning("mails parked: a person must say whether they went out", count=len(parked))
        for thread in self._threads:
            thread.start()
        self._ticker.start()
        self.wake()

    def wake(self) -> None:
        """Something is pending: look now."""
        self._work.set()
        self._post.set()

    def stop(self) -> None:
        """Finish what is in hand, then end; within about ten seconds."""
        self._stopping.set()
        self.wake()
        self._ticker.stop()
        for source in self._sources:
            source.interrupt()
        for thread in self._threads:
            thread.join(timeout=10)
        for source in self._sources:
            source.close()

    def _poll(self) -> None:
        for source in self._sources:
            source.interrupt()
        self.wake()

    def _ring(self) -> None:
        if self._desk.ring_timers():
            self.wake()

    def _deliver(self) -> int:
        """Only this thread sends: what its last try left in `sending` was cut off, as by a kill, and is parked (I5)."""
        if self._cut_off and (parked := self._desk.recover()):
            log.warning("mails parked: a person must say whether they went out", count=len(parked))
        self._cut_off = True
        found = self._desk.push_tickets() + self._desk.deliver_outbox()
        self._cut_off = False
        return found

    def _watch(self, source: MailSource) -> None:
        """Fetch, then wait for the server to speak; a failing mailbox is tried again ever more slowly."""

        def once() -> None:
            self._held.check()
            self._desk.fetch_new(source)
            self.health.well(f"mailbox {source.name}")
            self.health.last_fetch[source.name] = monotonic()
            if not self._stopping.is_set():
                source.wait(self._schedule.poll_seconds)

        persist(f"mailbox {source.name}", once, self.health, self._stopping)

    def _serve(self, name: str, event: threading.Event, job: Callable[[], object]) -> None:
        """Run a job until it finds nothing more, then sleep until woken."""

        def once() -> None:
            event.clear()
            self._held.check()
            while not self._stopping.is_set() and job():
                pass
            self.health.well(name)
            if not self._stopping.is_set():
                event.wait(timeout=self._schedule.poll_seconds)

        persist(name, once, self.health, self._stopping)
