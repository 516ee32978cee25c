"""For machines that watch: readiness, and figures in the text format of Prometheus. Ids and counts, never words of a mail.

Figures are told to this machine only; a monitor elsewhere comes through a reverse proxy or an agent here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from supportbot.errors import StoreError
from supportbot.web.room import LOOPBACK_NAMES, Console, TheConsole

router = APIRouter()


class Trouble(Protocol):
    """Something that is wrong now: its cause, what it is, what to do, since when."""

    @property
    def cause(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def since(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the engine does: by part ("mailbox NAME", "work", "post") whether it fails now; seconds since each last fetch;
    mails that lie in each mailbox and are not fetched yet; everything that is wrong now, in words."""

    failing: Mapping[str, bool]
    since_fetch: Mapping[str, float]
    lag: Mapping[str, int]
    troubles: Sequence[Trouble] = ()


Pulse = Callable[[], Vitals]


@router.get("/readyz")
def ready(request: Request, console: TheConsole) -> Response:
    """Whether everything works: 200, or 503 with the names of the parts that fail. Why they fail is in the log and `doctor`."""
    failing = [part for part, fails in _vitals(request).failing.items() if fails]
    try:
        with console.store.snapshot() as tx:
            tx.users()
    except StoreError:
        failing.append("database")
    return JSONResponse({"ready": not failing, "failing": failing}, status_code=503 if failing else 200)


@router.get("/metrics")
def metrics(request: Request, console: TheConsole) -> Response:
    """Backlog, ages, outcomes, quarantine and faults, for scraping from this machine."""
    if request.client is None or request.client.host not in (*LOOPBACK_NAMES, "::1"):
        raise HTTPException(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(console, _vitals(request)))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def _vitals(request: Request) -> Vitals:
    pulse: Pulse = request.app.state.vitals
    return pulse()


class _Figures(Collector):
    """One look at the database and the engine."""

    def __init__(self, console: Console, vitals: Vitals) -> None:
        self._console = console
        self._vitals = vitals

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every figure, each with its help text."""
        up = GaugeMetricFamily("supportbot_database_up", "1 where the database answers.")
        try:
            with self._console.store.snapshot() as tx:
                counts, ages = tx.counts(), tx.ages()
        except StoreError:
            up.add_metric([], 0)
            yield up
        else:
            up.add_metric([], 1)
            yield up
            rows = GaugeMetricFamily(
                "supportbot_rows", "How much there is of what, as `supportbot poll` counts it.", labels=["what"]
            )
            for what, number in sorted(counts.items()):
                rows.add_metric([what], number)
            yield rows
            oldest = GaugeMetricFamily("supportbot_oldest_seconds", "Age of the oldest that waits.", labels=["what"])
            for what, seconds in sorted(ages.items()):
                oldest.add_metric([what], seconds)
            yield oldest
        failing = GaugeMetricFamily("supportbot_failing", "1 where a part of the service fails now.", labels=["part"])
        for part, fails in sorted(self._vitals.failing.items()):
            failing.add_metric([part], fails)
        yield failing
        fetched = GaugeMetricFamily("supportbot_since_fetch_seconds", "Since a mailbox was read last.", labels=["mailbox"])
        for mailbox, seconds in sorted(self._vitals.since_fetch.items()):
            fetched.add_metric([mailbox], seconds)
        yield fetched
        lag = GaugeMetricFamily("supportbot_mailbox_lag", "Mails in a mailbox that are not fetched yet.", labels=["mailbox"])
        for mailbox, mails in sorted(self._vitals.lag.items()):
            lag.add_metric([mailbox], mails)
        yield lag
        trouble = GaugeMetricFamily(
            "supportbot_trouble", "1 while this is wrong; `supportbot doctor` says more.", labels=["cause"]
        )
        for one in self._vitals.troubles:
            trouble.add_metric([one.cause], 1)
        yield trouble
