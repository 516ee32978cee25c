"""The yardstick, in a process of its own: fetch in batches, parse with the standard library, commit each mail, flag each batch.

It imports nothing of supportbot. The task comes as JSON on standard input, the figures go out as JSON.
"""

import email
import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]

from bench.machine import memory_peak_megabytes

BATCH = 100

Figures = dict[str, float]


def measure(folder: Path, mailbox: Mapping[str, Any]) -> Figures:
    """What any program must do: fetch, parse, keep durably, flag. Also without the rest, and with a commit a batch."""
    client = IMAPClient(mailbox["host"], mailbox["port"], ssl=False)
    client.login(mailbox["user"], mailbox["password"])
    client.select_folder("INBOX")
    figures: Figures = {}
    for name, parses, each in (("fetch_only_", False, False), ("batched_", True, False), ("", True, True)):
        found = _run(client, folder / f"raw-{time.monotonic_ns()}.db", parses=parses, each=each)
        figures |= {name + key: value for key, value in found.items()}
    client.logout()
    return figures


def _run(client: IMAPClient, place: Path, *, parses: bool, each: bool) -> Figures:
    """One pass over the mailbox. `each`: a commit a mail, else one a batch."""
    database = sqlite3.connect(place, isolation_level=None)
    database.executescript("pragma journal_mode=wal; pragma synchronous=full;")
    database.execute("create table mail(sha256 text primary key, message_id text, subject text, text blob, bytes blob)")
    count, clock, cpu = 0, time.perf_counter(), time.process_time()
    uids = client.search()
    for start in range(0, len(uids), BATCH):
        batch = client.fetch(uids[start : start + BATCH], [b"BODY.PEEK[]"])
        count += len(batch)
        if not parses:
            continue
        if not each:
            database.execute("begin immediate")
        for row in batch.values():
            _keep_raw(database, row[b"BODY[]"], each=each)
        if not each:
            database.execute("commit")
        client.add_flags(list(batch), [b"\\Seen"], silent=True)
    seconds, cpu_seconds = time.perf_counter() - clock, time.process_time() - cpu
    database.close()
    return flow_figures(count, seconds, cpu_seconds)


def _keep_raw(database: sqlite3.Connection, octets: bytes, *, each: bool) -> None:
    mail = email.message_from_bytes(octets)
    part = next((p for p in mail.walk() if p.get_content_type() == "text/plain"), mail)
    values = (
        hashlib.sha256(octets).hexdigest(),
        mail["Message-ID"],
        str(mail["Subject"]),
        part.get_payload(decode=True),
        octets,
    )
    if each:
        database.execute("begin immediate")
    database.execute("insert into mail values(?,?,?,?,?)", values)
    if each:
        database.execute("commit")


def flow_figures(count: int, seconds: float, cpu_seconds: float) -> Figures:
    """What a flow over `count` mails took: `seconds` by the clock, and of the processor."""
    return {
        "mails_per_second": count / seconds,
        "cpu_ms_per_mail": 1000 * cpu_seconds / count,
        "peak_megabytes": memory_peak_megabytes(),
    }


def main() -> None:
    """Do the task on standard input."""
    task = json.load(sys.stdin)
    json.dump(measure(Path(task["folder"]), task["mailbox"]), sys.stdout)


if __name__ == "__main__":
    main()
