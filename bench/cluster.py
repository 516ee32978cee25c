"""`python -m bench.cluster`: a backlog on PostgreSQL, worked by one, two and four processes; what a second one adds.

Each run begins when its workers are warm: the time is from the first decision to the last, by the audit log. With two cores
and a database on them the second worker shares its processor with PostgreSQL, the parsing children and the other worker.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from bench.corpus import build_corpus
from bench.machine import machine_facts
from supportbot.clock import SystemClock
from supportbot.jobs.cluster import Deferrer, prepare
from supportbot.orders import load_orders
from supportbot.store import Store
from tests.databases import PostgresqlCluster
from tests.store_world import fetched

_SPENT = "select count(*), extract(epoch from max(at) - min(at)) from audit where action = 'decide'"


def run(server: PostgresqlCluster, mails: int, workers: int) -> dict[str, float]:
    """Mails a second over so many worker processes, and the processor time of a mail."""
    url = server.url(server.new_database())
    corpus = build_corpus(mails)
    with tempfile.TemporaryDirectory(prefix="supportbot-bench-") as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(f"database: {url}\nengine: cluster\n", "utf-8")
        (folder / "orders.json").write_text(json.dumps(corpus.orders), "utf-8")
        store = Store.open(url, clock=SystemClock())
        with store.transaction() as tx:
            tx.import_orders(load_orders(folder / "orders.json"))
        prepare(store)
        command = [sys.executable, "-m", "supportbot", "worker", "--queues", "work", "--config", "config.yaml"]
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
        crew = [subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) for _ in range(workers)]
        try:
            _wait_for(url, "select count(*) from procrastinate_workers", workers)
            time.sleep(3)  # the language pipelines warm up beside
            Deferrer(store)
            for start in range(0, mails, 200):
                with store.transaction() as tx:
                    tx.keep("main", [fetched(start + n + 1, raw) for n, raw in enumerate(corpus.mails[start : start + 200])])
            _wait_for(url, "select count(*) from messages where state <> 'new'", mails)
        finally:
            for one in crew:
                one.terminate()
            for one in crew:
                one.wait(30)
            store.close()
    with psycopg.connect(url) as connection:
        (row,) = connection.execute(_SPENT).fetchall()
    return {"workers": workers, "mails": int(row[0]), "mails_per_second": int(row[0]) / float(row[1])}


def _wait_for(url: str, statement: str, count: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(statement.encode()).fetchall()[0][0] < count:
            time.sleep(0.1)


def main() -> None:
    """Print one JSON object: the machine, and each run with its ratio to one worker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    asked = parser.parse_args()
    server = PostgresqlCluster()
    try:
        runs = [run(server, asked.mails, workers) for workers in asked.workers]
    finally:
        server.stop()
    for one in runs:
        one["ratio_to_one"] = one["mails_per_second"] / runs[0]["mails_per_second"]
    print(json.dumps({"machine": machine_facts(), "runs": runs}, indent=1))


if __name__ == "__main__":
    main()
