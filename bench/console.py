"""`python -m bench.console`: a reviewer's path through a full house, timed in Chromium; the queue; fifty reviewers at once.

A keystroke counts until the next draft is painted, as the browser itself dates it (paint timing), on the same machine's clock.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from bench.machine import machine_facts
from bench.seeding import Crowd, seed
from supportbot.app import build_app
from supportbot.clock import SystemClock
from supportbot.console import open_console
from supportbot.settings import Settings
from supportbot.store import Store
from tests.browser import ARGUMENTS, CHROMIUM
from tests.databases import PostgresqlCluster

NEXT_DRAFT_MS, QUEUE_MS, KEYS = 150.0, 200.0, 2
REVIEWERS = 50
QUEUES = {
    "needs me": "/",
    "drafts": "/?tab=drafts",
    "waiting": "/?tab=waiting",
    "done": "/?tab=done",
    "all": "/?tab=all",
    "narrowed": "/?tab=drafts&kind=cancel_nonstandard&language=en",
    "a seller's": "/?tab=drafts&seller=s-7",
    "an order": "/?tab=all&q={order}",
    "a tracking number": "/?tab=all&q={tracking}",
    "words": "/?tab=all&q=blue+chair",
    "words among drafts": "/?tab=drafts&q=kitchen",
}
_FIRST_PAINT = """() => new Promise((done) => {
  const look = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (paint) done(performance.timeOrigin + paint.startTime); else setTimeout(look, 2);
  };
  look();
})"""


def main() -> None:
    """Seed (or take a database kept from before), measure, print, and say whether the targets are met."""
    asked = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    asked.add_argument("--messages", type=int, default=1_000_000)
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--waiting", type=int, default=3000, help="drafts that wait for review")
    asked.add_argument("--drafts", type=int, default=60, help="how many are approved in the browser")
    asked.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, in place of SQLite")
    asked.add_argument("--keep", type=Path, help="a SQLite file to seed once, and measure again later")
    said = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database, fresh = _database(stack, folder, said)
        if fresh:
            store = Store.open(database, clock=SystemClock())
            with store.transaction() as tx:
                tx.add_user("alice", "approver")
            seed(store, Crowd(said.messages, said.cases, said.waiting), lambda step: print(f"  {step}", file=sys.stderr))
            store.close()
        figures = measure(stack, database, folder, said)
    print(
        json.dumps({"machine": machine_facts(), "database": "postgresql" if said.postgresql else "sqlite", **figures}, indent=1)
    )
    sys.exit(0 if figures["met"] else 1)


def _database(stack: ExitStack, folder: Path, said: argparse.Namespace) -> tuple[str, bool]:
    if said.postgresql:
        cluster = PostgresqlCluster()
        stack.callback(cluster.stop)
        return cluster.url(cluster.new_database()), True
    if said.keep is not None:
        kept = said.keep.absolute()
        fresh = not kept.exists()
        return f"sqlite:///{kept}", fresh
    return f"sqlite:///{folder}/full.db", True


def measure(stack: ExitStack, database: str, folder: Path, said: argparse.Namespace) -> dict[str, Any]:
    """All figures, in milliseconds."""
    settings = Settings.model_validate(
        {
            "database": database,
            "console": {"secret": "0" * 64},
            "limits": {"hold_seconds": 3600},
            "mailboxes": [{"name": "support", "address": "support@support.example", "host": "127.0.0.1", "user": "x"}],
        }
    )
    app = build_app(settings, sources=[])
    stack.callback(app.close)
    people = [f"reviewer{number}" for number in range(REVIEWERS)]
    server = open_console(app, "127.0.0.1", 0, demo_users=("alice", *people))
    stack.callback(server.stop)
    url = f"http://127.0.0.1:{server.port}"
    examples = {"order": f"113-{7:07d}-{7 * 7919 % 10_000_000:07d}", "tracking": f"1Z{7:016d}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 840})
        page.goto(f"{url}/login")
        page.get_by_role("button", name="Continue as alice", exact=True).click()
        page.wait_for_url(f"{url}/")
        queues = {name: _queue(page, url + path.format(**examples)) for name, path in QUEUES.items()}
        path_ = _path(page, url, said.drafts)
        browser.close()
    crowd = asyncio.run(_fifty(url, server.app.state.console.sessions, people))
    met = path_["p95"] <= NEXT_DRAFT_MS and max(q["p95"] for q in queues.values()) <= QUEUE_MS and not crowd["errors"]
    return {"next_draft": path_, "queue": queues, "fifty_reviewers": crowd, "met": met}


def _queue(page: Page, address: str) -> dict[str, float]:
    """A page of the queue, from asking for it to its first paint."""
    found = []
    for _ in range(12):
        page.goto(address, wait_until="commit")
        painted = page.evaluate(_FIRST_PAINT)
        found.append(painted - page.evaluate("performance.timeOrigin"))
    return _spread(found[2:])


def _path(page: Page, url: str, drafts: int) -> dict[str, float]:
    """Open the first draft, then approve and be shown the next, one key each."""
    page.goto(f"{url}/?tab=drafts")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/*")
    page.wait_for_load_state()
    found = []
    for _ in range(drafts):
        before, pressed = page.url, time.time() * 1000
        page.keyboard.press("a")
        page.wait_for_url(_other_draft_than(before), wait_until="commit")
        painted = page.evaluate(_FIRST_PAINT)
        found.append(painted - pressed)
        page.wait_for_load_state()
    return _spread(found[2:]) | {"keys_a_draft": 1.0, "drafts": float(drafts)}


def _other_draft_than(before: str) -> Callable[[str], bool]:
    return lambda now: now != before and "/drafts/" in now


async def _fifty(url: str, sessions: Any, people: Sequence[str]) -> dict[str, float]:
    """Fifty people who each look at the queue, open drafts of their own and approve them, with a stream of counts open."""
    times: list[float] = []
    statuses: list[int] = []

    async def ask(client: httpx.AsyncClient, method: str, path: str, **form: Any) -> httpx.Response:
        begun = time.perf_counter()
        answer = await client.request(method, path, **form)
        times.append((time.perf_counter() - begun) * 1000)
        statuses.append(answer.status_code)
        return answer

    async def work(number: int, name: str) -> None:
        cookies = {"supportbot": sessions.begin(name)}
        client = httpx.AsyncClient(base_url=url, headers={"origin": url}, cookies=cookies, timeout=60)
        async with client, client.stream("GET", "/events"):
            for turn in range(4):
                await ask(client, "GET", "/?tab=drafts")
                draft = f"d{first + number * 4 + turn}"
                shown = (await ask(client, "GET", f"/drafts/{draft}")).text
                fields = {name: _field(shown, name) for name in ("csrf", "shown_sha256")}
                await ask(client, "POST", f"/drafts/{draft}/approve", data=fields)
                await asyncio.sleep(0.3)

    first = await _first_waiting(url, sessions, people[0])
    begun = time.perf_counter()
    done = await asyncio.gather(*(work(number, name) for number, name in enumerate(people)), return_exceptions=True)
    errors = [error for error in done if error is not None] + [status for status in statuses if status >= 400]
    for error in errors[:3]:
        print(f"  an error: {error!r}", file=sys.stderr)
    seconds = time.perf_counter() - begun
    return _spread(times) | {
        "requests": float(len(times)),
        "a_second": round(len(times) / seconds, 1),
        "errors": float(len(errors)),
    }


async def _first_waiting(url: str, sessions: Any, name: str) -> int:
    """The number of a draft from which on two hundred wait in a row: far behind what the browser approved."""
    async with httpx.AsyncClient(base_url=url, cookies={"supportbot": sessions.begin(name)}, timeout=60) as client:
        page = (await client.get("/?tab=drafts")).text
    return int(page.partition('href="/drafts/d')[2].partition('"')[0]) + 500


def _field(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def _spread(found: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(found, n=20, method="inclusive")
    return {"p50": round(statistics.median(found), 1), "p95": round(cuts[18], 1), "most": round(max(found), 1)}


if __name__ == "__main__":
    main()
