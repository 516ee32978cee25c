"""docs/scale.md: 10 million mails a day on paper, from the constants of the kept run and the notes named beside them."""

import json
import math
from typing import Any

from bench.page import KEPT

MAILS_A_DAY = 10_000_000
PEAK = 4  # times the mean, in the busiest hour
USED = 0.6  # share of a core that is planned with: above it, queues grow long by chance alone
CORES = 8  # of one worker's machine
DAYS = 90  # that raw mail is kept
STATEMENTS = 21  # a mail, counted in a profile of the same corpus
MAILS_A_COMMIT = 1  # in the steady state


def scale_page() -> str:
    """The page, as the kept run says."""
    run: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    flow, rooms = run["flow"], run["rooms"]
    mean = MAILS_A_DAY / 86_400
    peak = mean * PEAK
    service, child = run["stored"]["stored_100000_cpu_ms"], 1000 / rooms["parse_per_second"]
    cores = peak * (service + child) / 1000 / USED
    raw_day = MAILS_A_DAY * flow["octets_a_mail"] / 1e9
    rows_day = MAILS_A_DAY * max(0.0, flow["stored_octets_a_mail"] - flow["octets_a_mail"]) / 1e9
    workers = math.ceil(cores)
    machines = math.ceil(cores / CORES)
    behind = mean * (PEAK - 2) * 3600
    return f"""# Ten million mails a day, on paper

Written by `make docs` from `bench/kept.json`, whose constants are those of [performance.md](performance.md); do not edit. **Nothing on this
page was run at this size.** What was measured is marked M, what is assumed A, what follows F.

**In short.** {workers} cores read and decide: machines of {CORES} cores, {machines} of them and one to spare. The first thing that fails is PostgreSQL: its
statements in the busy hour, then its disk. Workers are the cheap part.

| constant | value | |
|---|---:|---|
| mails a second, mean | {mean:.0f} | F |
| mails a second in the busiest hour, {PEAK} times the mean | {peak:.0f} | A |
| CPU ms a mail in the service, a commit each, 100,000 mails kept, on SQLite | {service:.1f} | M |
| CPU ms a mail in the child that reads it | {child:.1f} | M |
| octets of a mail, mean of the corpus | {flow["octets_a_mail"]:,.0f} | M |
| octets in the database a mail, its own octets included | {flow["stored_octets_a_mail"]:,.0f} | M |
| statements a mail | {STATEMENTS} | M |
| memory of a worker and its child, MB | {flow["peak_megabytes"] + flow["child_megabytes"]:,.0f} | M |
| share of a core that is planned with | {USED:.0%} | A |

## Machines

{peak:.0f} mails a second x {service + child:.1f} ms / {USED:.0%} = **{cores:.1f} cores** (F). A worker is a process of one core and its child, so
{workers} workers, {(flow["peak_megabytes"] + flow["child_megabytes"]) * workers / 1000:.0f} GB together. Statements to
another machine wait for the network as SQLite's do not: {STATEMENTS} x 0.3 ms (A) = {STATEMENTS * 0.3:.0f} ms of waiting a mail, which costs no processor but
places: two or three workers a core.

Each mailbox has one reader ([0019](decisions/0019-order-by-keys-not-by-the-queue.md)). Fetching costs little
({run["raw"]["fetch_only_mails_per_second"]:,.0f} mails a second for one reader, M), so mailboxes have to be several only for the server's sake.

## The database

- Raw mail: {raw_day:,.0f} GB a day, {raw_day * DAYS / 1000:,.1f} TB in {DAYS} days (F). All other rows and indexes: {rows_day:,.0f} GB a day,
  {rows_day * 365 / 1000:,.1f} TB a year, as SQLite stores them (F).
- {peak * STATEMENTS:,.0f} statements and {peak * 2 / MAILS_A_COMMIT:,.0f} commits a second in the busy hour, one commit to keep a mail and one to decide it (F).
- One PostgreSQL of two shared cores made about 2,000 commits a second over eight connections (M, apart from this run, one small row each).
  So commits have room for {2000 / (peak * 2):.1f} times the busy hour; statements have not been measured at this rate.

## The queue

With workers for twice the mean, an hour of {PEAK} times the mean leaves **{behind:,.0f} mails** waiting, {behind / mean / 3600:.0f} hours of work at the
mean rate to spare (F). With workers for the busy hour as above it stays near empty. A backlog shares commits
([0011](decisions/0011-a-backlog-shares-commits.md)), so catching up costs the database less than keeping up.

## What fails first, and what removes it

1. **Statements on one PostgreSQL** ({peak * STATEMENTS:,.0f} a second). Fewer a mail: fetch thread, orders and orders' parts in one
   statement each. Then sellers spread over several databases; no case crosses sellers.
2. **The disk**, {raw_day:,.0f} GB a day. Raw mail in an object store under its SHA-256, the rows keep the hash; that has not been built.
3. **Vacuum and retention.** Parts by month, dropped whole, in place of deleting rows; that has not been built.
4. **Workers.** More machines: they share nothing but the database.

What would prove this page wrong soonest: the same run on PostgreSQL over a network, at a tenth of the rate.
"""
