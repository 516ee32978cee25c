"""What changes while a page is open: the counts, as JSON and as server-sent events (WHATWG HTML 9.2); and the health check."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse

from supportbot.clock import monotonic
from supportbot.errors import StoreError
from supportbot.web.presence import Presence
from supportbot.web.queue import Counts, counts_of
from supportbot.web.room import Console, Person, SignedIn, TheConsole

router = APIRouter()

STREAM_SECONDS = 300.0  # then the browser connects anew, and the session is checked again
_LOOK_SECONDS = 2.0
_STEP_SECONDS = 0.5


class Pulse:
    """The counts of each person, counted at most once every two seconds however many pages are open."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[float, Counts]] = {}
        self._lock = threading.Lock()

    def counts(self, console: Console, person: Person) -> Counts:
        """The counts, at most two seconds old."""
        now = monotonic()
        with self._lock:
            counted_at, counts = self._counted.get(person.name, (now - _LOOK_SECONDS, {}))
        if now - counted_at >= _LOOK_SECONDS:
            with console.store.snapshot() as tx:
                counts = counts_of(tx, person)
            with self._lock:
                self._counted[person.name] = (now, counts)
        return counts


@router.get("/counts")
def counts(request: Request, console: TheConsole, person: SignedIn) -> Response:
    """How much waits in each tab, for scripts."""
    return JSONResponse(dict(request.app.state.pulse.counts(console, person)))


@router.get("/events")
async def events(request: Request, console: TheConsole, person: SignedIn, at: str = "", edits: bool = False) -> Response:
    """The counts whenever they change; and who else is `at` the same piece of work, where the page is one's."""
    return StreamingResponse(
        _stream(request, console, person, at[:100], edits), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


@router.get("/healthz")
def health(console: TheConsole) -> Response:
    """Whether the console can read its database; says nothing else to strangers."""
    try:
        with console.store.snapshot() as tx:
            tx.users()
    except StoreError:
        return JSONResponse({"status": "the database does not answer"}, status_code=503)
    return JSONResponse({"status": "ok"})


async def _stream(request: Request, console: Console, person: Person, at: str, edits: bool) -> AsyncIterator[str]:
    """One event at once, then one for each change; a comment line now and then shows a gone browser."""
    pulse: Pulse = request.app.state.pulse
    presence: Presence = request.app.state.presence
    at = "" if person.seller_id is not None else at  # who of the team is where is no seller's business
    began, looked, told, others_told = monotonic(), 0.0, "", ""
    yield "retry: 3000\n\n"
    try:
        while monotonic() - began < STREAM_SECONDS and not console.closing.is_set() and not await request.is_disconnected():
            if monotonic() - looked >= _LOOK_SECONDS:
                looked = monotonic()
                if not await run_in_threadpool(console.sessions.stands, person.session):
                    return  # signed out elsewhere; the browser asks anew, and is told
                now = json.dumps(dict(await run_in_threadpool(pulse.counts, console, person)))
                yield f"event: counts\ndata: {now}\n\n" if now != told else ":\n\n"
                told = now
                if at:
                    presence.see(at, person.name, edits=edits)
                    others = json.dumps([{"name": who.name, "edits": who.edits} for who in presence.others(at, person.name)])
                    if others != others_told:
                        yield f"event: people\ndata: {others}\n\n"
                    others_told = others
            await asyncio.sleep(_STEP_SECONDS)
    finally:
        if at:
            presence.leave(at, person.name)
