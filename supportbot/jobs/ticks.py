"""The clock: APScheduler in memory. A shared tick counts only for the process that wins its row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from supportbot.clock import Clock
from supportbot.errors import SupportbotError
from supportbot.store import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tick:
    """Something done every so often. `shared`: once for all processes on one database."""

    name: str
    seconds: float
    job: Callable[[], object]
    shared: bool = True


class Ticker:
    """Runs ticks in the background until stopped."""

    def __init__(self, store: Store, clock: Clock, ticks: Sequence[Tick]) -> None:
        self._store = store
        self._clock = clock
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        for tick in ticks:
            self._scheduler.add_job(self._ring, "interval", [tick], seconds=tick.seconds, id=tick.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Wait for the running tick, then end."""
        self._scheduler.shutdown(wait=True)

    def _ring(self, tick: Tick) -> None:
        try:
            if not tick.shared or self._won(tick):
                tick.job()
        except SupportbotError as error:
            log.warning("tick failed; the next one tries again", tick=tick.name, reason=str(error))
        except Exception:
            log.exception("tick failed; the next one tries again", tick=tick.name)

    def _won(self, tick: Tick) -> bool:
        slot = int(self._clock.now().timestamp() // tick.seconds)
        with self._store.transaction() as tx:
            return tx.win_tick(tick.name, slot)
