"""The engine of many processes on one PostgreSQL: Procrastinate hands out jobs that were made in the transaction they follow.

    Store.transaction --defer--> procrastinate_jobs --worker--> work | post
    ticks (one process wins each): timers, retention, post, sweep, stalled
    one lease a mailbox: its holder reads it, and shows its fence in every commit

Nothing rests on the queue. Each job looks at the state of the tables first, so a second run does nothing; what no job is left
for is found by the sweep. The order of each case is kept by the store (`store/turns.py`), not by the queue.
"""

import asyncio
import secrets
import socket
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Any

import procrastinate
import structlog
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.types import JSONValue

from supportbot.clock import Clock, monotonic
from supportbot.desk import Desk, lease_of
from supportbot.errors import LeaseLost, StoreError, SupportbotError, UsageError
from supportbot.jobs.claim import RENEWED_EVERY as CLAIM_RENEWED_EVERY
from supportbot.jobs.claim import Held
from supportbot.jobs.health import Health, lag_of
from supportbot.jobs.steady import LONGEST_PAUSE, RETENTION_LOOK_SECONDS, keep_no_longer, persist
from supportbot.jobs.ticks import Tick, Ticker
from supportbot.jobs.watch import LOOK_SECONDS, Watch
from supportbot.ports import Alarm, MailSource
from supportbot.settings import Settings
from supportbot.store import Job, Store

log = structlog.get_logger()

QUEUES = ("work", "post", "mail", "clock")
"""What a process can take part in: deciding mail, sending, reading mailboxes, ringing timers."""

LEASE = timedelta(seconds=20)
RENEWED_EVERY = 5.0
IN_TURN_SECONDS = 2.0  # how long a worker stays with a message whose turn has not come
HEARTBEAT, STALLED = 4.0, 15.0  # seconds; a killed worker's jobs are taken over after the second, and a tick
ABANDONED = timedelta(seconds=45)  # a message that waits longer may have lost its job
MOST_RUNS = 5  # of one job whose worker died each time; then its message waits for a person
SWEPT_EVERY, STALLED_LOOK_SECONDS = 20.0, 5.0
_ENDS_WITHIN = 9.0


class _ForEver(BaseRetryStrategy):
    """What is not the message's fault is tried again, ever more slowly; a message's own fault ends in quarantine instead."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": int(min(LONGEST_PAUSE, 2 ** min(job.attempts, 9)))})


class Deferrer:
    """Puts jobs into the queue within the transaction that calls for them."""

    def __init__(self, store: Store) -> None:
        self._app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())  # never opened: it lends the SQL
        store.defer_with(self.defer)

    def defer(self, connection: Any, jobs: Sequence[Job]) -> None:
        raw = connection.connection.driver_connection
        now = [job.message_id for job in jobs if job.task == "work" and not job.after_seconds]
        if now:
            task = self._app.configure_task("work", queue="work", connection=raw)
            calls: list[dict[str, JSONValue]] = [{"message_id": str(message_id)} for message_id in now]
            task.batch_defer(*calls)
        for job in jobs:
            if job.task == "work" and job.after_seconds:
                later = {"seconds": job.after_seconds}
                task = self._app.configure_task("work", queue="work", schedule_in=later, connection=raw)
                task.defer(message_id=str(job.message_id))
        if any(job.task == "post" for job in jobs):
            self._app.configure_task("post", queue="post", connection=raw).defer()


class ClusterEngine:
    """Takes part in working a database until stopped."""

    def __init__(
        self,
        desk: Desk,
        sources: Sequence[MailSource],
        settings: Settings,
        clock: Clock,
        *,
        alarms: Sequence[Alarm] = (),
        queues: Sequence[str] = QUEUES,
        concurrency: int = 2,
    ) -> None:
        unknown = sorted(set(queues) - set(QUEUES))
        if unknown:
            raise UsageError(f"there is no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}")
        self.health = Health()
        self.name = f"{socket.gethostname()}.{secrets.token_hex(4)}"
        self._desk, self._clock = desk, clock
        self._sources = tuple(sources) if "mail" in queues else ()
        self._schedule = schedule = settings.schedule
        self._held = Held(self.health)
        self.watch = Watch(self.health, lambda: self.lag, desk.store, settings, clock, alarms)
        self._taken = [queue for queue in ("work", "post") if queue in queues]
        self._concurrency = concurrency
        self._stopping = threading.Event()
        self._fences: dict[str, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=_conninfo(desk.store)))
        self._app.task(name="work", queue="work", retry=_ForEver())(self._work)
        self._app.task(name="post", queue="post", retry=_ForEver())(self._post)
        ticks = [Tick("leases", RENEWED_EVERY, self._renew, shared=False)] if self._sources else []
        if "clock" in queues:
            ticks += [
                Tick("timers", schedule.timer_seconds, self.watch.in_sound_time(desk.ring_timers)),
                Tick("retention", RETENTION_LOOK_SECONDS, self.watch.in_sound_time(lambda: keep_no_longer(desk, clock))),
                Tick("sweep", SWEPT_EVERY, self.sweep),
                Tick("stalled", STALLED_LOOK_SECONDS, self._take_over),
            ]
        if "post" in queues:
            ticks.append(Tick("deliver", schedule.deliver_seconds, self._post, shared=False))
        ticks.append(Tick("claim", CLAIM_RENEWED_EVERY, self._held.renew, shared=False))
        ticks.append(Tick("watch", LOOK_SECONDS, self.watch.look, shared=False))
        self._ticker = Ticker(desk.store, clock, ticks)
        self._threads = [
            threading.Thread(target=self._watch, args=(source,), name=f"mailbox {source.name}", daemon=True)
            for source in self._sources
        ]
        self._threads.append(threading.Thread(target=desk.house.triage.warm, name="languages", daemon=True))
        if self._taken:
            self._threads.append(threading.Thread(target=self._serve, name="jobs", daemon=True))

    @property
    def parts(self) -> tuple[str, ...]:
        """What may fail, by the names that `health.faults` uses."""
        return (*(f"mailbox {source.name}" for source in self._sources), *(["jobs"] if self._taken else []))

    @property
    def lag(self) -> dict[str, int]:
        """By mailbox, how many mails lay there that were not fetched yet, when it was looked at last."""
        return lag_of(self._sources)

    def claim(self) -> AbstractContextManager[None]:
        """Be one of several processes that work this database. Raises `StoreError` while one works it alone."""
        return self._held.over(self._desk.store.together())

    def start(self) -> None:
        """Make the queue's tables where they are missing, and begin. Raises `StoreError`."""
        prepare(self._desk.store)
        Deferrer(self._desk.store)
        for thread in self._threads:
            thread.start()
        self._ticker.start()

    def stop(self) -> None:
        """Finish what is in hand, let others have the mailboxes, then end; within about ten seconds."""
        self._stopping.set()
        self._ticker.stop()
        if self._loop is not None and self._running is not None:
            self._loop.call_soon_threadsafe(self._running.cancel)
        for source in self._sources:
            source.interrupt()
        for thread in self._threads:
            thread.join(timeout=_ENDS_WITHIN + 1)
        for source in self._sources:
            with suppress(StoreError), self._desk.store.transaction() as tx:
                tx.release(lease_of(source.name), self.name)
            source.close()

    # -- jobs

    def _work(self, message_id: str) -> None:
        """Work a message when its turn has come; leave it to a later job while an earlier message of its case is in work."""
        self._held.check()
        opened = self._desk.take_place(int(message_id))
        until = monotonic() + IN_TURN_SECONDS
        while isinstance(first := self._desk.work_in_turn(opened), list):
            for one in first:
                if not one.keyed:  # its own worker is slow or gone: whether it goes first can be found out without it
                    self._desk.take_place(one.message_id)
            if monotonic() >= until or self._stopping.wait(0.02):
                with self._desk.store.transaction() as tx:
                    tx.jobs.append(Job("work", int(message_id), after_seconds=1))
                return

    def _post(self) -> None:
        """Send what is due, in one process at a time: what that one finds half sent was left by one that is gone."""
        self._held.check()
        with self._desk.store.sender() as alone:
            if not alone:
                return
            parked = self._desk.recover()
            if parked:
                log.warning("mails parked: a person must say whether they went out", count=len(parked))
            self._desk.push_tickets()
            self._desk.deliver_outbox()

    def _serve(self) -> None:
        """Take jobs until told to stop."""

        def once() -> None:
            try:
                asyncio.run(self._take_jobs())
            except (ConnectorException, OSError) as error:
                raise StoreError(f"PostgreSQL: {error.__cause__ or error}") from error

        persist("jobs", once, self.health, self._stopping)

    async def _take_jobs(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._app.open_async():
            self.health.faults.pop("jobs", None)
            self._running = asyncio.ensure_future(
                self._app.run_worker_async(
                    queues=self._taken,
                    concurrency=self._concurrency,
                    name=self.name,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=1.0,
                    shutdown_graceful_timeout=_ENDS_WITHIN,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED,
                )
            )
            if self._stopping.is_set():
                self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    # -- ticks

    def sweep(self) -> int:
        """Make jobs anew for messages that have waited so long that theirs may be lost; how many."""
        store = self._desk.store
        with store.transaction() as tx:
            waiting = tx.waiting_since(self._clock.now() - ABANDONED, 1000)
            living = set(tx.jobs_of("work"))
            tx.jobs += [Job("work", message_id) for message_id in waiting if message_id not in living]
            found = len(tx.jobs)
        if found:
            log.warning("messages had lost their jobs", count=found)
        return found

    def _take_over(self) -> None:
        """The jobs of workers that have died run again; a message that killed several of them waits for a person."""
        asyncio.run(self._retry_stalled())

    async def _retry_stalled(self) -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=_conninfo(self._desk.store)))
        async with app.open_async():
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                if job.attempts >= MOST_RUNS and job.task_name == "work":
                    self._desk.give_up(int(str(job.task_kwargs["message_id"])), f"its worker died {job.attempts} times")
                log.warning("a worker died; its job runs again", job=job.id, task=job.task_name, attempts=job.attempts)
                await app.job_manager.retry_job(job)

    # -- mailboxes

    def _renew(self) -> None:
        for source in self._sources:
            with self._desk.store.transaction() as tx:
                fence = tx.lease(lease_of(source.name), self.name, LEASE)
            before = self._fences.get(source.name)
            if fence is None:
                self._fences.pop(source.name, None)
            else:
                self._fences[source.name] = fence
            if fence != before:
                source.interrupt()

    def _watch(self, source: MailSource) -> None:
        """While this process holds the mailbox's lease: fetch, then wait for the server to speak."""

        def once() -> None:
            fence = self._fences.get(source.name)
            if fence is None:
                self._stopping.wait(1.0)
                return
            try:
                self._desk.fetch_new(source, fence=fence)
            except LeaseLost:
                self._fences.pop(source.name, None)
                log.info("another process reads the mailbox now", mailbox=source.name)
                return
            self.health.last_fetch[source.name] = monotonic()
            if not self._stopping.is_set():
                source.wait(self._schedule.poll_seconds)

        with suppress(SupportbotError):
            self._renew()
        persist(f"mailbox {source.name}", once, self.health, self._stopping)


def prepare(store: Store) -> None:
    """Make the tables of the queue where they are missing; one process does, however many start at once."""
    store.make_queue(procrastinate.schema.SchemaManager.get_schema())


def _conninfo(store: Store) -> str:
    return store.url.set(drivername="postgresql").render_as_string(hide_password=False)
