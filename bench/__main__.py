"""`python -m bench`: measures the rooms and the whole flow in processes of their own, between two runs of a raw loop.

The raw loop only fetches, parses and commits: what any program must do on this machine at this hour. The ratios to it are what
can be compared between machines and days; the plain figures cannot.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.corpus import build_corpus, rebill_reports
from bench.machine import machine_facts
from bench.page import KEPT
from tests.servers import PASSWORD, PrivateDovecot

RESULTS = Path(__file__).parent / "results"
TARGET_MAILS, TARGET_MEGABYTES = 100, 300
TARGET_START = 2.5  # seconds
TARGET_GUARD = 0.8  # of the speed of parsing in the same process
LATENCY_MAILS = 20
STARTS = 3


def measure(mails: int, seed: int) -> dict[str, Any]:
    """All figures of one run, by name."""
    facts = machine_facts()
    with tempfile.TemporaryDirectory(prefix="supportbot-bench-") as name:
        folder = Path(name)
        _write_corpus(folder, mails, seed)
        server = PrivateDovecot()
        try:
            server.append_all([path.read_bytes() for path in sorted((folder / "mails").iterdir())])
            before = _run("raw", folder, server)
            rooms = _run("rooms", folder, server)
            flow = _run("flow", folder, server)
            stored = _run("stored", folder, server)
            after = _run("raw", folder, server)
        finally:
            server.stop()
        first_decision = min(_first_decision(folder / f"start-{number}") for number in range(STARTS))
    raw = {name: (before[name] + after[name]) / 2 for name in before}
    return {
        "machine": facts,
        "mails": mails,
        "seed": seed,
        "raw": raw,
        "raw_runs": [before, after],
        "rooms": rooms,
        "flow": flow,
        "stored": stored,
        "load_after": os.getloadavg()[0],
        "first_decision_seconds": first_decision,
    }


def _write_corpus(folder: Path, mails: int, seed: int) -> None:
    corpus, late = build_corpus(mails, seed=seed), rebill_reports(LATENCY_MAILS)
    (folder / "orders.json").write_text(json.dumps([*corpus.orders, *late.orders]))
    for group, raws in (("mails", corpus.mails), ("late", late.mails)):
        (folder / group).mkdir()
        for number, raw in enumerate(raws):
            (folder / group / f"{number:06d}.eml").write_bytes(raw)


def _run(what: str, folder: Path, server: PrivateDovecot) -> dict[str, float]:
    """One measurement in a fresh process, on the mailbox with nothing read; its figures."""
    with server.imap() as client:
        client.select("INBOX")
        client.store("1:*", "-FLAGS.SILENT", "(\\Seen)")
    mailbox = server.settings().model_dump(mode="json") | {"password": PASSWORD}
    task = json.dumps({"what": what, "folder": str(folder), "mailbox": mailbox})
    result = subprocess.run(
        [sys.executable, "-m", "bench.raw" if what == "raw" else "bench.work"],
        input=task,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    if result.returncode:
        sys.exit(f"bench: the measurement `{what}` failed, so there are no figures")
    figures: dict[str, float] = json.loads(result.stdout)
    unseen = sum("\\Seen" not in flags for flags in server.flags().values())
    if unseen and what not in ("rooms", "stored"):
        sys.exit(f"bench: {unseen} mails were left unread by `{what}`, so its figures count for nothing")
    return figures


def _first_decision(folder: Path) -> float:
    """Seconds from the start of the command line, without a database yet, to its end when one mail is decided."""
    folder.mkdir()
    (folder / "config.yaml").write_text("database: sqlite:///first.db\n")
    mail = folder / "mail.eml"
    mail.write_bytes(build_corpus(1).mails[0])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    clock = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "supportbot", "ingest", str(mail)],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - clock


def show(console: Console, run: dict[str, Any]) -> None:
    """The figures as a table for people."""
    raw, rooms, flow = run["raw"], run["rooms"], run["flow"]
    machine = run["machine"]
    title = (
        f"supportbot {machine['supportbot']} on {machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f}"
    )
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("what")
    table.add_column("supportbot", justify="right")
    table.add_column("raw loop", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("target", justify="right")

    def row(what: str, mine: float, theirs: float | None, form: str, target: str = "") -> None:
        ratio = f"{mine / theirs:.2f}" if theirs else ""
        table.add_row(what, format(mine, form), format(theirs, form) if theirs else "", ratio, target)

    row("parse, mails/s", rooms["parse_per_second"], rooms["compat32_per_second"], ",.0f")
    guard = f">= {TARGET_GUARD} of parse"
    row("  share left in a child", rooms["guarded_share"], None, ".2f", guard)
    row("  share left, one at a time", rooms["guarded_single_share"], None, ".2f", guard)
    for room in ("split", "classify", "decide", "render", "dkim", "store"):
        row(f"{room}, a second", rooms[f"{room}_per_second"], None, ",.0f")
    row("whole flow, mails/s", flow["mails_per_second"], raw["mails_per_second"], ",.0f", f">= {TARGET_MAILS}")
    row("whole flow, CPU ms/mail", flow["cpu_ms_per_mail"], raw["cpu_ms_per_mail"], ".2f")
    row("peak memory, MB", flow["peak_megabytes"], raw["peak_megabytes"], ",.0f", f"< {TARGET_MEGABYTES}")
    row("  and of the child that reads, MB", flow["child_megabytes"], None, ",.0f")
    row("IDLE to draft p50, ms", flow["latency_p50_ms"], None, ",.0f")
    row("IDLE to draft p95, ms", flow["latency_p95_ms"], None, ",.0f")
    row("start of the child, s", rooms["guard_start_seconds"], None, ".2f")
    row("start to the first decision, s", run["first_decision_seconds"], None, ".2f", f"< {TARGET_START}")
    row("  until every language is loaded, s", flow["start_seconds"], None, ".2f")
    console.print(table)
    done = f"{run['mails']:,} mails: {flow['drafts']:,.0f} drafts, {flow['quarantined']:.0f} quarantined."
    console.print(f"{done} Dovecot itself tells of new mail only after up to 500 ms.", highlight=False, style="dim")


def main() -> None:
    """Measure, print, keep."""
    options = argparse.ArgumentParser(prog="bench", description=__doc__)
    options.add_argument("--mails", type=int, default=1000, help="size of the corpus (default 1000)")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--keep", action="store_true", help="keep the run as what docs/performance.md is written from")
    given = options.parse_args()
    if not (shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists()):
        sys.exit("bench: Dovecot is not installed; on Debian: apt-get install dovecot-core dovecot-imapd")
    run = measure(given.mails, given.seed)
    console = Console()
    show(console, run)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
    path.write_text(json.dumps(run, indent=1) + "\n")
    if given.keep:
        KEPT.write_text(json.dumps(run, indent=1) + "\n")
    console.print(f"kept in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}", highlight=False)


if __name__ == "__main__":
    main()
