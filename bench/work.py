"""One measurement in a process of its own: the task comes as JSON on standard input, the figures go out as JSON.

raw      fetch in batches, parse with the standard library, commit each mail: the yardstick
rooms    each room alone, see rooms.py
stored   the cost of a mail from a file, with more and more mails kept
flow     Dovecot -> fetch -> keep -> decide and draft -> commit -> \\Seen, then IDLE to draft with the engine running
"""

import imaplib
import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import supportbot.__main__  # noqa: F401  # it says how often garbage is looked for
from bench.machine import children_peak_megabytes, memory_peak_megabytes
from bench.raw import Figures, flow_figures
from bench.rooms import rooms
from supportbot.app import App, build_app, build_house
from supportbot.logs import start_logging
from supportbot.orders import load_orders
from supportbot.settings import Settings

STORED = (10_000, 100_000)  # mails that are there already when the cost of further ones is measured
FURTHER = 300
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LATENCY_PATIENCE = 30.0
LATENCY_PAUSE = 1.1  # seconds between mails, so that the engine waits in IDLE when the next one comes


def _mails(folder: Path, group: str = "mails") -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / group).iterdir())]


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
        "octets_a_mail": sum(path.stat().st_size for path in (folder / "mails").iterdir()) / count,
        "stored_octets_a_mail": sum(path.stat().st_size for path in folder.glob(f"{database.name}*")) / count,
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
    return {
        "latency_p50_ms": statistics.median(found),
        "latency_p95_ms": found[int(len(found) * 0.95) - 1],
        "latency_p99_ms": found[-1],  # of so few mails, the slowest
    }


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


# -- with more and more mails kept


def stored(folder: Path, _mailbox: Mapping[str, Any]) -> Figures:
    """CPU milliseconds of this process a mail, a mail a commit, with none and with many mails kept and worked before."""
    database = folder / "stored.db"
    settings = Settings.model_validate({"database": f"sqlite:///{database}"})
    app = build_app(settings, key_of=lambda _: None)
    app.house.triage.warm()
    app.reader.warm()
    with app.store.transaction() as tx:
        tx.import_orders(load_orders(folder / "orders.json"))
    mails = _mails(folder)
    figures = {"stored_0_cpu_ms": _worked_cost(app, mails[: len(mails) // 4])}
    kept = 0
    for turn, count in enumerate(STORED, start=1):
        _fill(app, database, kept, count)
        kept = count
        share = mails[turn * len(mails) // 4 : (turn + 1) * len(mails) // 4]
        figures[f"stored_{count}_cpu_ms"] = _worked_cost(app, share)
    figures["stored_octets_a_mail"] = database.stat().st_size / (kept + len(mails))
    app.close()
    return figures


def _fill(app: App, database: Path, start: int, end: int) -> None:
    """Mails that are kept and worked: their rows as they are then, without the work."""
    for first in range(start, end, 1000):
        with app.store.transaction() as tx:
            for number in range(first, min(first + 1000, end)):
                raw = f"From: b{number}@post{number % 40}.example\r\nMessage-ID: <{number}@s.example>\r\n\r\n{number}\r\n" * 3
                tx.keep_file("bench", raw.encode(), BEGIN)
        with closing(sqlite3.connect(database)) as raw_database, raw_database:
            raw_database.execute(
                "update messages set state = 'done', header_message_id = '<' || id || '@s.example>',"
                " sender = 'b' || id || '@post.example', kind = 'other' where state = 'new'"
            )


def _worked_cost(app: App, mails: Sequence[bytes]) -> float:
    cpu = time.process_time()
    for raw in mails[:FURTHER]:
        with app.store.transaction() as tx:
            tx.keep_file("bench", raw, BEGIN)
        while app.desk.work_pending():
            pass
    return 1000 * (time.process_time() - cpu) / len(mails[:FURTHER])


def main() -> None:
    """Do the task on standard input."""
    start_logging(quiet=True)
    task = json.load(sys.stdin)
    measurement = {"rooms": rooms, "flow": flow, "stored": stored}[task["what"]]
    json.dump(measurement(Path(task["folder"]), task["mailbox"]), sys.stdout)


if __name__ == "__main__":
    main()
