"""A backlog at the desk: a few messages share one commit, and what befalls one of them touches no other."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bench.corpus import BEGIN, rebill_reports
from supportbot.app import App, build_app
from supportbot.clock import Clock, SystemClock
from supportbot.desk import BACKLOG, TOGETHER
from supportbot.mail.message import InboundMessage
from supportbot.orders import load_orders
from supportbot.post.reading import GuardedReader
from supportbot.settings import Settings
from tests.stories.office import shipped_house

MAILS = BACKLOG + 4


@dataclass
class Office:
    """A desk with reports of as many sellers, each of which calls for one draft; and its database, seen from outside."""

    app: App
    database: Path

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()

    def states(self) -> list[str]:
        return [str(state) for (state,) in self.sql("select state from messages order by id")]

    def everything_is_done_but(self, *poisoned: int) -> None:
        """The poisoned messages are held and left nothing else; all others are done, with their draft and their record."""
        good = [number for number in range(1, MAILS + 1) if number not in poisoned]
        assert self.states() == ["quarantined" if n in poisoned else "done" for n in range(1, MAILS + 1)]
        assert self.sql("select message_id from quarantine order by 1") == [(n,) for n in sorted(poisoned)]
        assert self.sql("select message_id from drafts order by 1") == [(n,) for n in good]
        assert self.sql("select count(*) from threads") == [(len(good),)]
        decided = self.sql("select subject from audit where action = 'decide' order by number")
        assert decided == [(f"message {n}",) for n in good]
        with self.app.store.snapshot() as tx:
            assert tx.verify_audit() == []


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    apps: list[App] = []

    def make(clock: Clock | None = None, reader: GuardedReader | None = None) -> Office:
        database = tmp_path / "office.db"
        settings = Settings.model_validate({"database": f"sqlite:///{database}"})
        house = replace(shipped_house(), settings=settings)
        app = build_app(settings, house=house, clock=clock, reader=reader, key_of=lambda _: None)
        apps.append(app)
        reports = rebill_reports(MAILS)
        orders = tmp_path / "orders.json"
        orders.write_text(json.dumps(list(reports.orders)))
        with app.store.transaction() as tx:
            tx.import_orders(load_orders(orders))
            for raw in reports.mails:
                tx.keep_file("in", raw, BEGIN)
        return Office(app, database)

    yield make
    for app in apps:
        app.close()


@dataclass
class Watch:
    """A clock that does something else too whenever it is asked, as it is several times in each decision."""

    look: Callable[[int], object] = lambda asked: None
    asked: int = 0
    seen: list[object] = field(default_factory=list)

    def watch(self, look: Callable[[int], object]) -> None:
        """From now on do this, with how often it was asked."""
        self.look, self.asked, self.seen = look, 0, []

    def now(self) -> datetime:
        self.asked += 1
        self.seen.append(self.look(self.asked))
        return SystemClock().now()


@pytest.mark.parametrize(("limit", "commits"), [(MAILS, {0, TOGETHER, 2 * TOGETHER}), (3, {0, 1, 2})])
def test_a_few_messages_of_a_backlog_share_one_commit_and_single_ones_have_their_own(
    office: Callable[..., Office], limit: int, commits: set[int]
) -> None:
    clock = Watch()
    desk = office(clock)
    clock.watch(lambda _: desk.states().count("done"))
    desk.app.desk.work_pending(limit)

    assert set(clock.seen) == commits
    assert desk.states().count("done") == limit


@pytest.mark.parametrize("call", [*range(24, 34), 90])
def test_a_fault_in_the_midst_of_a_decision_undoes_that_one_alone(office: Callable[..., Office], call: int) -> None:
    def fail_once(asked: int) -> None:
        if asked == call:
            raise ValueError("the clock has stopped")

    clock = Watch()
    desk = office(clock)
    clock.watch(fail_once)
    worked = desk.app.desk.work_pending()

    (poisoned,) = [found.message_id for found in worked if found.quarantined]
    assert [found.message_id for found in worked] == list(range(1, MAILS + 1))
    desk.everything_is_done_but(poisoned)


def test_mails_that_nobody_can_read_are_held_and_the_others_of_their_commit_are_decided(office: Callable[..., Office]) -> None:
    def fails(raw: bytes, defect: str) -> InboundMessage:
        raise KeyError(defect)

    desk = office(reader=GuardedReader(module="tests.scripted_parser", plainly=fails))
    for number in (1, 5, 6):
        raw = b"Subject: do raise\r\n\r\n%d" % number
        desk.sql(f"update raw_mail set bytes = x'{raw.hex()}' where sha256 = (select sha256 from messages where id = {number})")
    desk.app.desk.work_pending()

    desk.everything_is_done_but(1, 5, 6)


def test_a_message_that_a_guard_of_the_database_refuses_is_held_and_stops_no_other(office: Callable[..., Office]) -> None:
    desk = office()
    desk.sql("create trigger guard before insert on drafts when new.message_id = 5 begin select raise(abort, 'I0: no'); end")
    desk.app.desk.work_pending()

    desk.everything_is_done_but(5)
    assert "I0: no" in desk.sql("select reason from quarantine")[0][0]


def test_octets_that_are_lost_stop_none_of_the_messages_around_them(office: Callable[..., Office]) -> None:
    desk = office()
    desk.sql("delete from raw_mail where sha256 = (select sha256 from messages where id = 5)")
    desk.app.desk.work_pending()

    desk.everything_is_done_but(5)
    assert desk.sql("select cause from quarantine") == [("bytes-missing",)]
