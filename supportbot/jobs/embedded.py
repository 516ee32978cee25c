"""The engine of one process: a thread per mailbox waits for mail, one works what is pending, one sends.

There is no jobs table. Pending work follows from the state of the tables, so a kill at any moment loses nothing: the next start
finds the same work. Waking a thread only makes it look sooner.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

import structlog

from supportbot.clock import Clock, monotonic
from supportbot.desk import Desk
from supportbot.errors import SupportbotError
from supportbot.jobs.health import Health
from supportbot.jobs.ticks import Tick, Ticker
from supportbot.ports import MailSource
from supportbot.privacy import Privacy
from supportbot.settings import ScheduleSettings

log = structlog.get_logger()

_RETENTION_LOOK_SECONDS = 900.0
_A_DAY = timedelta(hours=23)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds between tries of something that keeps failing


class EmbeddedEngine:
    """Runs a desk until stopped."""

    def __init__(self, desk: Desk, sources: Sequence[MailSource], schedule: ScheduleSettings, clock: Clock) -> None:
        self.health = Health()
        self._desk = desk
        self._sources = tuple(sources)
        self._schedule = schedule
        self._stopping = threading.Event()
        self._work, self._post = threading.Event(), threading.Event()
        self._privacy = Privacy(desk.store, desk.house.settings, clock)
        self._clock = clock
        desk.wake = self.wake
        self._ticker = Ticker(
            desk.store,
            clock,
            [
                Tick("poll", schedule.poll_seconds, self._poll, shared=False),
                Tick("deliver", schedule.deliver_seconds, self._post.set, shared=False),
                Tick("timers", schedule.timer_seconds, self._ring),
                Tick("retention", _RETENTION_LOOK_SECONDS, self._retain),
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
        return self._desk.store.exclusive()

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

    def _retain(self) -> None:
        """Once a day, whenever the program was started: the receipts say when it was done last."""
        if not self._desk.house.settings.retention.nightly:
            return
        with self._desk.store.snapshot() as tx:
            last = tx.last_retention()
        if last is None or self._clock.now() - last >= _A_DAY:
            found = self._privacy.retain(by="supportbot")
            log.info("retention", held=found.held, **{name.replace(" ", "_"): n for name, n in found.counts.items()})

    def _deliver(self) -> int:
        return self._desk.push_tickets() + self._desk.deliver_outbox()

    def _watch(self, source: MailSource) -> None:
        """Fetch, then wait for the server to speak; a failing mailbox is tried again ever more slowly."""

        def once() -> None:
            self._desk.fetch_new(source)
            self.health.last_fetch[source.name] = monotonic()
            if not self._stopping.is_set():
                source.wait(self._schedule.poll_seconds)

        self._persist(f"mailbox {source.name}", once)

    def _serve(self, name: str, event: threading.Event, job: Callable[[], object]) -> None:
        """Run a job until it finds nothing more, then sleep until woken."""

        def once() -> None:
            event.clear()
            while not self._stopping.is_set() and job():
                pass
            if not self._stopping.is_set():
                event.wait(timeout=self._schedule.poll_seconds)

        self._persist(name, once)

    def _persist(self, name: str, once: Callable[[], None]) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                once()
            except SupportbotError as error:
                self.health.faults[name] = str(error)
                log.warning("fault; trying again", what=name, seconds=pause, reason=str(error))
            except Exception as error:
                self.health.faults[name] = f"{type(error).__name__}: {error}"
                log.exception("fault; trying again", what=name, seconds=pause)
            else:
                self.health.faults.pop(name, None)
                pause = FIRST_PAUSE
                continue
            self._stopping.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
