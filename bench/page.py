"""docs/performance.md from the kept run `bench/kept.json`: every figure on the page is one that was measured.

`python -m bench --keep` measures and replaces the kept run; `make docs` writes the page; a house test compares the two.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "kept.json"

_NEEDED = (  # what, room, figure, target, whether more is better, form
    ("parse and split, mails a CPU second", "rooms", "parse_per_second", 1000, True, ",.0f"),
    ("split alone, bodies", "rooms", "split_per_second", None, True, ",.0f"),
    ("share of that speed left in the killable child", "rooms", "guarded_share", 0.8, True, ".2f"),
    ("the same, one mail at a time", "rooms", "guarded_single_share", 0.8, True, ".2f"),
    ("classify, texts a CPU second", "rooms", "classify_per_second", 400, True, ",.0f"),
    ("decide, situations a second", "rooms", "decide_per_second", 5000, True, ",.0f"),
    ("render, drafts a CPU second", "rooms", "render_per_second", None, True, ",.0f"),
    ("check a DKIM signature (Ed25519), mails a CPU second", "rooms", "dkim_per_second", 300, True, ",.0f"),
    ("keep in SQLite, 50 mails a commit, mails a second", "rooms", "store_per_second", None, True, ",.0f"),
    ("load the rules, CPU seconds", "rooms", "rules_load_seconds", 1.0, False, ".2f"),
    ("whole flow on a backlog, mails a second", "flow", "mails_per_second", 400, True, ",.0f"),
    ("whole flow on a backlog, CPU ms a mail, the child apart", "flow", "cpu_ms_per_mail", 4, False, ".2f"),
    ("memory of the service, MB", "flow", "peak_megabytes", 300, False, ",.0f"),
    ("memory of the child, MB", "flow", "child_megabytes", None, False, ",.0f"),
    ("IDLE to draft, p50 ms", "flow", "latency_p50_ms", None, False, ",.0f"),
    ("IDLE to draft, p95 ms", "flow", "latency_p95_ms", 600, False, ",.0f"),
    ("IDLE to draft, the slowest of 20, ms", "flow", "latency_p99_ms", None, False, ",.0f"),
)


def performance_page() -> str:
    """The page, as the kept run says."""
    run: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    machine, raw, flow, rooms, stored = (run[name] for name in ("machine", "raw", "flow", "rooms", "stored"))
    rows = [_row(run, *needed) for needed in _NEEDED]
    first = run["first_decision_seconds"]
    rows.append(f"| start to the first decision, seconds by the clock | {first:.2f} | <= 2.5 | {_verdict(first <= 2.5)} |")
    missed = [row.split("|")[1].strip() for row in rows if row.endswith("**missed** |")]
    parse_ms = 1000 / rooms["parse_per_second"]
    classify_ms = 1000 / rooms["classify_per_second"]
    rest_ms = flow["cpu_ms_per_mail"] - classify_ms - raw["fetch_only_cpu_ms_per_mail"]
    grown = stored["stored_100000_cpu_ms"] / stored["stored_10000_cpu_ms"] - 1
    return f"""# Performance

Written by `make docs` from `bench/kept.json`; do not edit. `python -m bench --keep` measures anew (about five minutes; Dovecot has to
be installed). Measured on {run["mails"]:,} mails, {machine["processor"]}, {machine["cores"]} cores, {machine["system"]}, Python
{machine["python"]}, SQLite {machine["sqlite"]}, Dovecot {(machine["dovecot"] or "none").split()[0]}. The load was
{machine["load"]:.1f} when the run began and {run["load_after"]:.1f} when it ended: above {machine["cores"]} others worked on the machine too,
and then figures by the clock say little, those by the processor and the ratios more.

**In short.** A mail costs {flow["cpu_ms_per_mail"]:.1f} ms of processor in the service and {parse_ms:.1f} ms in the child that reads it. Missed
targets: {"; ".join(missed) or "none"}.

## Against the targets

| what | measured | target | |
|---|---:|---:|---|
{chr(10).join(rows)}

## Against the bounds of the same run

What any program must do: a loop that imports nothing of supportbot, run before and after; the mean of both.

| loop | mails a second | CPU ms a mail | supportbot's speed, as a share of it |
|---|---:|---:|---:|
{_bound(raw, flow, "fetch_only_", "fetch alone, 100 a command")}
{_bound(raw, flow, "batched_", "fetch, compat32 parse, a commit and a flag a batch of 100")}
{_bound(raw, flow, "", "fetch, compat32 parse, a commit a mail")}

compat32 alone parses {rooms["compat32_per_second"]:,.0f} mails a CPU second. It splits nothing, reads no HTML and knows no machine.

## Where the time of a mail goes

| part | CPU ms a mail | how it is known |
|---|---:|---|
| fetch | {raw["fetch_only_cpu_ms_per_mail"]:.2f} | the loop that only fetches |
| understand: language, kind, facts, consent | {classify_ms:.2f} | `classify` alone |
| the rest: link, decide, draft, store, audit | {rest_ms:.2f} | what is left of the flow |
| read, in the child, beside it | {parse_ms:.2f} | `parse` alone |

## With much mail kept

One mail to keep and one commit to decide it, as in the steady state, up to 300 mails a measurement. The mails kept before are rows
without cases or drafts, so this shows the indexes of mail, not those of cases.

| mails kept | CPU ms a mail |
|---:|---:|
| 0 | {stored["stored_0_cpu_ms"]:.2f} |
| 10,000 | {stored["stored_10000_cpu_ms"]:.2f} |
| 100,000 | {stored["stored_100000_cpu_ms"]:.2f} |

From 10,000 to 100,000 kept the cost changes by {grown:+.0%} (allowed: 15 %).

## Not measured

The steady flow from IMAP by the clock (target: 150 mails a second; the cost a mail with a commit each, above, does not reach it);
1,000,000 mails kept; memory over 100,000 mails; pages of the console at 100,000 cases; PostgreSQL.

## What is left

In the order of what it would bring, from profiles of the same corpus:

1. **The database layer.** About 21 statements a mail, most of them lookups of threads and orders, cost a quarter of the service's
   processor, and more of that in SQLAlchemy than in SQLite. Fewer statements bring more than faster ones.
2. **Consent.** Both facts are looked for by the chart parser in every answer of a buyer; its time grows with the clauses.
3. **Reading.** No part of it stands out any more: the splitter has a third, HTML a seventh, machine marks an eighth.
4. **The start.** Imports have half of it, spaCy's and SQLAlchemy's most of that; checking the rules' patterns a tenth; unpacking the
   table of languages an eighth.
"""


def _row(run: Mapping[str, Any], what: str, room: str, name: str, target: float | None, more: bool, form: str) -> str:
    value = run[room][name]
    if target is None:
        return f"| {what} | {format(value, form)} | | |"
    met = value >= target if more else value <= target
    return f"| {what} | {format(value, form)} | {'>=' if more else '<='} {target:,} | {_verdict(met)} |"


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def _bound(raw: Mapping[str, float], flow: Mapping[str, float], loop: str, what: str) -> str:
    rate, cpu = raw[f"{loop}mails_per_second"], raw[f"{loop}cpu_ms_per_mail"]
    return f"| {what} | {rate:,.0f} | {cpu:.2f} | {flow['mails_per_second'] / rate:.0%} |"
