"""One measurement in a process of its own: the task comes as JSON on standard input, the figures go out as JSON.

raw      fetch in batches, parse with the standard library, commit each mail: the yardstick
rooms    parse, parse in the guarded child, and classify alone, without network or disk
flow     Dovecot -> fetch -> keep -> decide and draft -> commit -> \\Seen, then IDLE to draft with the engine running
"""

import email
import imaplib
import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.machine import children_peak_megabytes, memory_peak_megabytes
from bench.raw import Figures, flow_figures
from supportbot.app import App, build_app, build_house, open_reader
from supportbot.casework.facts import ThreadContext
from supportbot.logs import start_logging
from supportbot.mail.parse import read_message
from supportbot.orders import load_orders
from supportbot.settings import Settings

WARM_UP = 50
GUARD_ROUNDS = 3
LATENCY_PATIENCE = 30.0
LATENCY_PAUSE = 1.1  # seconds between mails, so that the engine waits in IDLE when the next one comes


def _mails(folder: Path, group: str = "mails") -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / group).iterdir())]


# -- single rooms


def rooms(folder: Path, _mailbox: Mapping[str, Any]) -> Figures:
    """Parsing against compat32 and against itself in the guarded child, and classifying, on the same mails."""
    mails = _mails(folder)
    triage = build_house(Settings()).triage
    triage.warm()
    context = ThreadContext()
    messages = [read_message(octets) for octets in mails]
    return {
        "compat32_per_second": _rate(mails, email.message_from_bytes),
        **_guard(mails),
        "classify_per_second": _rate(messages, lambda message: triage.read(message, context)),
    }


def _guard(mails: Sequence[bytes]) -> Figures:
    """Mails a second in this process and in the child: the best of some rounds, in turns, so that a busy hour falls on both."""
    plain, piped, single = [], [], []
    with open_reader() as reader:
        clock = time.perf_counter()
        reader.read(mails[0])
        first = time.perf_counter() - clock
        for _ in range(GUARD_ROUNDS):
            plain.append(_rate(mails, read_message))
            clock = time.perf_counter()
            done = sum(1 for _ in reader.read_all(mails))
            piped.append(done / (time.perf_counter() - clock))
            single.append(_rate(mails, reader.read))
    return {
        "parse_per_second": max(plain),
        "guarded_per_second": max(piped),
        "guarded_single_per_second": max(single),
        "guard_start_seconds": first,
    }


def _rate(things: Sequence[Any], action: Callable[[Any], object]) -> float:
    for thing in things[:WARM_UP]:
        action(thing)
    clock = time.perf_counter()
    for thing in things:
        action(thing)
    return len(things) / (time.perf_counter() - clock)


# -- the whole flow


def flow(folder: Path, mailbox: Mapping[str, Any]) -> Figures:
    """supportbot as it runs, on a mailbox with a backlog, and then on single mails as they come."""
    database = folder / f"flow-{time.monotonic_ns()}.db"
    settings = Settings.model_validate({"database": f"sqlite:///{database}", "mailboxes": [mailbox]})
    clock = time.perf_counter()
    house = build_house(settings)
    house.triage.warm()
    start_seconds = time.perf_counter() - clock
    app = build_app(settings, house=house, key_of=lambda _: None)
    app.reader.warm()  # as the engine does, beside what comes next
    with app.store.transaction() as tx:
        tx.import_orders(load_orders(folder / "orders.json"))
    count, clock, cpu = 0, time.perf_counter(), time.process_time()
    for source in app.sources:
        count += app.desk.fetch_new(source)
    while app.desk.work_pending():
        pass
    figures = flow_figures(count, time.perf_counter() - clock, time.process_time() - cpu)
    with app.store.snapshot() as tx:
        counts = tx.counts()
    if counts["messages_done"] + counts["messages_quarantined"] != count:
        raise RuntimeError(f"not every mail was worked: {counts}")
    figures |= {
        "child_megabytes": children_peak_megabytes(),
        "start_seconds": start_seconds,
        "drafts": counts["drafts_waiting"],
        "quarantined": counts["messages_quarantined"],
    }
    figures |= _latencies(app, database, mailbox, _mails(folder, "late"))
    figures["peak_megabytes"] = memory_peak_megabytes()
    return figures


def _latencies(app: App, database: Path, mailbox: Mapping[str, Any], mails: Sequence[bytes]) -> Figures:
    """From the moment a mail is handed to the IMAP server to the moment its draft is in the database."""
    engine = app.engine()
    engine.start()
    client = imaplib.IMAP4(mailbox["host"], mailbox["port"])
    client.login(mailbox["user"], mailbox["password"])
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
            found = sorted(_latency(client, reader, octets) for octets in mails)
    finally:
        client.logout()
        engine.stop()
        app.close()
    return {"latency_p50_ms": statistics.median(found), "latency_p95_ms": found[int(len(found) * 0.95) - 1]}


def _latency(client: imaplib.IMAP4, reader: sqlite3.Connection, octets: bytes) -> float:
    count = "select count(*) from drafts"
    time.sleep(LATENCY_PAUSE)
    before = reader.execute(count).fetchone()[0]
    clock = time.perf_counter()
    client.append("INBOX", "", "", octets)
    while reader.execute(count).fetchone()[0] == before:
        if time.perf_counter() - clock > LATENCY_PATIENCE:
            raise RuntimeError("no draft came of a mail that calls for one")
        time.sleep(0.002)
    return 1000 * (time.perf_counter() - clock)


def main() -> None:
    """Do the task on standard input."""
    start_logging(quiet=True)
    task = json.load(sys.stdin)
    measurement = {"rooms": rooms, "flow": flow}[task["what"]]
    json.dump(measurement(Path(task["folder"]), task["mailbox"]), sys.stdout)


if __name__ == "__main__":
    main()
