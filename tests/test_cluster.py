"""Several workers on one PostgreSQL: jobs go with their transaction, cases keep their order, one reads a mailbox, one sends."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from supportbot.app import App, build_app, build_house
from supportbot.casework.order import Seller
from supportbot.cli import app as command_line
from supportbot.clock import SystemClock
from supportbot.errors import LeaseLost, StoreError, UsageError
from supportbot.jobs import Health
from supportbot.jobs.claim import Held
from supportbot.jobs.cluster import ABANDONED, Deferrer, prepare
from supportbot.judgement import House
from supportbot.settings import Settings
from supportbot.store import Store, copy
from supportbot.testing import FakeOutbox
from tests.databases import MovableClock
from tests.servers import PrivateDovecot
from tests.store_world import an_order, fetched

MINUTE = timedelta(minutes=1)


def mail(number: int, order_id: str, *, extra: str = "") -> bytes:
    """A cancellation of an order, each from somebody else."""
    return (
        f"From: Person {number} <person{number}@shop{number}.example>\r\nTo: support@team.example\r\n"
        f"Subject: Please cancel order {order_id}\r\nMessage-ID: <m{number}@shop{number}.example>\r\n{extra}\r\n"
        f"Hello, I would like to cancel order {order_id}, please. It is mail {number}.\r\n"
    ).encode()


@pytest.fixture
def rows(postgresql_url: str) -> Callable[[str], list[tuple[object, ...]]]:
    def ask(statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            return list(connection.execute(statement.encode()).fetchall())

    return ask


@pytest.fixture
def shared(postgresql_url: str) -> Iterator[Store]:
    store = Store.open(postgresql_url, clock=SystemClock())
    prepare(store)
    Deferrer(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def house() -> House:
    return build_house(Settings(engine="cluster"))


Workers = Callable[[int], Sequence[App]]


@pytest.fixture
def workers(postgresql_url: str, house: House) -> Iterator[Workers]:
    """So many apps on one database, their engines running."""
    apps: list[App] = []
    engines = []

    def start(count: int) -> Sequence[App]:
        for _ in range(count):
            settings = Settings(engine="cluster", database=postgresql_url)
            app = build_app(settings, house=House(settings, house.rulebook, house.triage, house.templates), sink=FakeOutbox())
            apps.append(app)
            engine = app.engine(queues=("work", "clock"), concurrency=2)
            engine.start()
            engines.append(engine)
        return apps

    yield start
    stopping = [threading.Thread(target=engine.stop) for engine in engines]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()
    for app in apps:
        app.close()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


# -- jobs and their transaction


def test_a_mail_and_its_job_are_one_commit(shared: Store, rows: Callable[[str], list[tuple[object, ...]]]) -> None:
    with suppress(ZeroDivisionError), shared.transaction() as tx:
        tx.keep("main", [fetched(1, mail(1, "PO-1"))])
        _ = 1 / 0
    assert rows("select count(*) from procrastinate_jobs") == [(0,)]

    with shared.transaction() as tx:
        (kept,) = tx.keep("main", [fetched(1, mail(1, "PO-1"))])
        tx.keep("main", [fetched(2, mail(1, "PO-1"))])  # the same octets again: no second message, no second job
    assert rows("select task_name, args->>'message_id' from procrastinate_jobs") == [("work", str(kept.message_id))]


def test_what_a_savepoint_undoes_leaves_no_job(shared: Store, rows: Callable[[str], list[tuple[object, ...]]]) -> None:
    with shared.transaction() as tx, suppress(ZeroDivisionError), tx.savepoint():
        tx.keep("main", [fetched(1, mail(1, "PO-1"))])
        _ = 1 / 0
    assert rows("select count(*) from procrastinate_jobs") == [(0,)]


def test_messages_without_a_job_are_found_by_the_sweep(postgresql_url: str, house: House) -> None:
    clock = MovableClock()
    app = build_app(Settings(engine="cluster", database=postgresql_url), house=house, clock=clock, sink=FakeOutbox())
    with app.store.transaction() as tx:  # before anything defers, as after a copy from SQLite
        tx.keep("main", [fetched(uid, mail(uid, f"PO-{uid}")) for uid in (1, 2)])
    engine = app.engine(queues=("clock",))
    prepare(app.store)
    Deferrer(app.store)

    clock.move(timedelta(days=365))
    assert engine.sweep() == 2  # type: ignore[attr-defined]
    assert engine.sweep() == 0  # type: ignore[attr-defined]  # they have jobs now
    app.close()
    assert ABANDONED < MINUTE


# -- order


def test_a_message_waits_for_earlier_ones_that_share_a_key_or_have_none_yet(shared: Store) -> None:
    with shared.transaction() as tx:
        first, second, third = (k.message_id for k in tx.keep("main", [fetched(n, mail(n, "PO-1")) for n in (1, 2, 3)]))
        tx.take_place(second, ["order:a"])
        tx.take_place(third, ["order:b"])

        assert [(one.message_id, one.keyed) for one in tx.before(third)] == [(first, False)]
        tx.take_place(first, ["order:b", "from:x"])
        assert [(one.message_id, one.keyed) for one in tx.before(third)] == [(first, True)]
        assert tx.before(second) == []
        assert tx.before(first) == []


def test_two_workers_keep_the_order_of_every_case(
    shared: Store, workers: Workers, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    with shared.transaction() as tx:
        tx.import_orders([an_order(f"PO-77{number}0") for number in range(8)])
        tx.keep("main", [fetched(n, mail(n, f"PO-77{n % 8}0")) for n in range(1, 65)])
    workers(2)
    wait_for(lambda: rows("select count(*) from messages where state <> 'new'") == [(64,)])

    assert rows("select count(*) from messages where state = 'done'") == [(64,)]
    in_order_of_their_cases(rows)
    assert rows("select count(*) from message_keys") == [(0,)]


def in_order_of_their_cases(rows: Callable[[str], list[tuple[object, ...]]]) -> None:
    """Each message was decided once, and none before an earlier one about the same order."""
    decided = rows(
        "select m.order_id, m.id from audit a join messages m on a.subject = 'message ' || m.id"
        " where a.action = 'decide' order by a.number"
    )
    seen: dict[object, list[int]] = defaultdict(list)
    for order_id, message_id in decided:
        seen[order_id].append(int(str(message_id)))
    assert len(decided) == len({message_id for _, message_id in decided})
    assert len(seen) > 1
    assert {order: ids for order, ids in seen.items() if ids != sorted(ids)} == {}


# -- one reader, one sender


def test_a_lease_that_ran_out_goes_to_the_next_and_the_old_holder_cannot_commit(
    postgresql_url: str, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    clock = MovableClock()
    store = Store.open(postgresql_url, clock=clock)
    with store.transaction() as tx:
        old = tx.lease("mailbox:main", "one", MINUTE)
        assert old is not None
        assert tx.lease("mailbox:main", "two", MINUTE) is None
        assert tx.lease("mailbox:main", "one", MINUTE) == old  # renewed
    clock.move(2 * MINUTE)
    with store.transaction() as tx:
        new = tx.lease("mailbox:main", "two", MINUTE)
    with store.transaction() as tx, pytest.raises(LeaseLost):
        tx.show_fence("mailbox:main", old)
    with store.transaction() as tx:
        assert new is not None
        tx.show_fence("mailbox:main", new)
        tx.release("mailbox:main", "two")
        assert tx.lease("mailbox:main", "three", MINUTE) is not None
    store.close()
    assert rows("select count(*) from messages") == [(0,)]


def test_one_process_reads_the_mailbox_and_the_next_takes_over_when_it_ends(
    postgresql_url: str, house: House, private_dovecot: PrivateDovecot, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    user = private_dovecot.fresh_user()
    settings = Settings(engine="cluster", database=postgresql_url, mailboxes=(private_dovecot.settings(user=user),))
    apps = [
        build_app(settings, house=House(settings, house.rulebook, house.triage, house.templates), sink=FakeOutbox())
        for _ in range(2)
    ]
    engines = [app.engine(queues=("mail",)) for app in apps]
    for engine in engines:
        engine.start()
    private_dovecot.append_all([mail(n, f"PO-{n}") for n in range(1, 6)], user=user)
    wait_for(lambda: rows("select count(*) from messages") == [(5,)])
    (holder,) = rows("select owner, fence from leases")

    first = next(engine for engine in engines if engine.name == holder[0])  # type: ignore[attr-defined]
    first.stop()
    private_dovecot.append_all([mail(6, "PO-6")], user=user)
    wait_for(lambda: rows("select count(*) from messages") == [(6,)])

    (after,) = rows("select owner, fence from leases")
    assert after[0] != holder[0]
    assert int(str(after[1])) == int(str(holder[1])) + 1
    next(engine for engine in engines if engine is not first).stop()
    for app in apps:
        app.close()
    assert rows("select count(*) from fetched") == [(6,)]


def test_only_one_process_sends_and_none_works_beside_one_that_works_alone(shared: Store, postgresql_url: str) -> None:
    other = Store.open(postgresql_url, clock=SystemClock())
    with shared.sender() as first, other.sender() as second:
        assert (first, second) == (True, False)
    with other.sender() as now:
        assert now
    with shared.together(), other.together(), pytest.raises(StoreError), other.exclusive():
        pass
    with shared.exclusive(), pytest.raises(StoreError, match="embedded"), other.together():
        pass
    other.close()


def test_workers_need_postgresql_and_known_queues(sqlite_store: Store, house: House, postgresql_url: str) -> None:
    with pytest.raises(StoreError, match="db copy"), sqlite_store.together():
        pass
    app = build_app(Settings(engine="cluster", database=postgresql_url), house=house, sink=FakeOutbox())
    with pytest.raises(UsageError, match="no queue posts"):
        app.engine(queues=("posts",))
    app.close()


# -- from one machine to many


def test_a_database_moves_from_sqlite_to_postgresql_with_every_row_the_same(
    sqlite_store: Store, sqlite_url: str, postgresql_url: str, house: House, tmp_path: Path
) -> None:
    app = build_app(Settings(database=sqlite_url), house=house, sink=FakeOutbox())
    with app.store.transaction() as tx:
        tx.import_orders([an_order("PO-7700", seller=Seller("s-1", "Sam", ("person1@shop1.example",)))])
        tx.keep("main", [fetched(n, mail(n, "PO-7700", extra="X-Odd: \ufffd\r\n")) for n in (1, 2, 3)])
    app.desk.work_pending()
    app.close()

    done = CliRunner().invoke(command_line, ["db", "copy", sqlite_url, postgresql_url, "--json"])

    assert done.exit_code == 0, done.output
    copied = json.loads(done.stdout)["copied"]
    assert (copied["messages"], copied["raw_mail"], copied["orders"]) == (3, 3, 1)
    assert copied["audit"] > 0
    new = Store.open(postgresql_url, clock=SystemClock())
    with new.transaction() as tx:
        assert tx.verify_audit() == []
        (kept,) = tx.keep("main", [fetched(9, mail(9, "PO-1"))])
        assert kept.message_id > 3  # numbers go on after those that came
    with pytest.raises(StoreError, match="holds data already"):
        copy(sqlite_store, new)
    new.close()
    with psycopg.connect(postgresql_url) as connection, pytest.raises(psycopg.Error, match="I13"):  # the guards stand again
        connection.execute("update audit set actor = 'nobody'")


# -- real processes


@pytest.mark.soak
def test_killed_workers_lose_nothing_and_the_order_of_cases_stays(
    shared: Store, postgresql_url: str, tmp_path: Path, rows: Callable[[str], list[tuple[object, ...]]]
) -> None:
    mails, cases = int(os.environ.get("CLUSTER_MAILS", "10000")), 400
    (tmp_path / "config.yaml").write_text(f"database: {postgresql_url}\nengine: cluster\n", "utf-8")
    with shared.transaction() as tx:
        tx.import_orders([an_order(f"PO-{70000 + number}") for number in range(cases)])
    for start in range(1, mails + 1, 500):
        with shared.transaction() as tx:
            tx.keep("main", [fetched(n, mail(n, f"PO-{70000 + n % cases}")) for n in range(start, start + 500)])

    def worker() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "supportbot", "worker", "--queues", "work,clock", "--config", "config.yaml"]
        return subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path.cwd())})

    crew = [worker() for _ in range(4)]
    begun, kills = time.monotonic(), 0
    try:
        while rows("select count(*) from messages where state = 'new'") != [(0,)]:
            assert time.monotonic() - begun < 1800
            time.sleep(20)
            gone = crew.pop(0)
            gone.send_signal(signal.SIGKILL)
            gone.wait()
            kills += 1
            crew.append(worker())
    finally:
        for one in crew:
            one.terminate()
        for one in crew:
            one.wait(30)
    sys.stdout.write(f"{mails} mails over 4 workers, {kills} killed, {time.monotonic() - begun:.0f} s\n")
    assert rows("select state, count(*) from messages group by state") == [("done", mails)]
    in_order_of_their_cases(rows)
    with shared.snapshot() as tx:
        assert tx.verify_audit() == []


def test_a_claim_that_a_restart_took_away_is_taken_anew_or_nothing_is_done_while_another_has_it(
    shared: Store, postgresql_url: str
) -> None:
    health = Health()
    held = Held(health)
    with closing(Store.open(postgresql_url, clock=SystemClock())) as second:
        with held.over(shared.exclusive()):
            held.renew()
            held.check()
            forget_every_connection(postgresql_url)
            held.renew()  # nobody was quicker
            held.check()
            with pytest.raises(StoreError, match="another supportbot"), second.exclusive():
                pass

            forget_every_connection(postgresql_url)
            with second.exclusive():
                held.renew()
                with pytest.raises(StoreError, match="another supportbot works on this database"):
                    held.check()
                assert "another supportbot" in health.faults["claim"]
            held.renew()
            held.check()
            assert health.faults == {}
        with second.exclusive():  # it was given back
            pass


def forget_every_connection(url: str) -> None:
    """What a restart of the server does to whoever is connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
