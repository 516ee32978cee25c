"""What both engines do steadily: try again what fails, ever more slowly, and once a day let go of what is kept too long."""

import secrets
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from supportbot.checkup import after_long_pause
from supportbot.clock import Clock
from supportbot.desk import Desk
from supportbot.errors import StoreError, SupportbotError
from supportbot.jobs.health import Health
from supportbot.privacy import Privacy

log = structlog.get_logger()

RETENTION_LOOK_SECONDS = 900.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds between tries of something that keeps failing
_LONGEST_AT_HOME = 30.0  # where it is our own database or disk, which nobody locks us out of for asking again
_A_DAY = timedelta(hours=23)


def persist(name: str, once: Callable[[], None], health: Health, stopping: threading.Event) -> None:
    """Do something again and again until told to stop; what fails is named in `health`, and tried again ever more slowly."""
    pause, longest = FIRST_PAUSE, LONGEST_PAUSE
    while not stopping.is_set():
        try:
            once()
        except SupportbotError as error:
            longest = _LONGEST_AT_HOME if isinstance(error, StoreError) else LONGEST_PAUSE
            pause = min(pause, longest)
            health.faults[name] = str(error)
            log.warning("fault; trying again", what=name, seconds=pause, reason=str(error))
        except Exception as error:
            health.faults[name] = f"{type(error).__name__}: {error}"
            log.exception("fault; trying again", what=name, seconds=pause)
        else:
            health.well(name)
            pause = FIRST_PAUSE
            continue
        stopping.wait(pause * (1 + secrets.randbelow(250) / 1000))  # not all at once, where several wait for one server
        pause = min(longest, pause * 2)


def keep_no_longer(desk: Desk, clock: Clock) -> None:
    """Act on the retention rules once a day, whenever the program was started: the receipts say when it was done last."""
    settings = desk.house.settings
    if not settings.retention.nightly:
        return
    with desk.store.snapshot() as tx:
        last = tx.last_retention()
    if after_long_pause(last, clock.now()):
        log.warning("retention waits for a person: it was done last so long ago that the clock may be wrong", last=str(last))
        return
    if last is None or clock.now() - last >= _A_DAY:
        found = Privacy(desk.store, settings, clock).retain(by="supportbot")
        log.info("retention", held=found.held, **{name.replace(" ", "_"): n for name, n in found.counts.items()})
