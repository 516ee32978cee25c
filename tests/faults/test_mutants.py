"""Each guard is removed once, in a world that needs it: the harness or the auditor notices. Results: docs/mutations.md."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.conftest import Nursery, SlowSmtp
from tests.faults.mutants import MUTANTS
from tests.faults.run import Depth, Run
from tests.servers import PrivateDovecot

TINY = Depth((7, 7), (4, 4), (1, 1))


def send_dies(run: Run) -> None:
    """Killed when a mail went out and nobody had written that down."""
    run.live("round", accidents=[["desk.sent", 1, "crash", 0]])


def reply_is_lost(run: Run) -> None:
    """The mail server takes a mail over and hangs up instead of saying so."""
    run.smtp.once = True
    run.smtp.hang_up.add("reply")
    run.live("round")


def storing_fails(run: Run) -> None:
    """The disk is full when the bytes are to be written."""
    run.more_mails()
    run.live("round", accidents=[["store.raw", 1, "error", 0]])


def storing_dies(run: Run) -> None:
    """Killed while the bytes are written; then it is looked at as it stands."""
    run.more_mails()
    run.live("round", accidents=[["store.raw", 1, "crash", 0]])
    run.look_now()


def folder_shrinks(run: Run, *, same: bool) -> None:
    """Most mails are removed by somebody, the rest is numbered from 1, and more come."""
    run.remove_most()
    if same:
        run.dovecot.renumber(user=run.user)
    else:
        run.dovecot.change_uidvalidity(user=run.user)
    run.more_mails()


def deciding_fails(run: Run) -> None:
    """A fault of the program while a message is decided."""
    run.more_mails()
    run.live("round", accidents=[["desk.decided", 1, "error", 0]])


def server_refuses(run: Run) -> None:
    """The mail server refuses one mail for good."""
    run.smtp.dot_reply = "554 5.7.1 refused"
    run.live("round")
    run.smtp.dot_reply = ""


def machine_writes(run: Run) -> None:
    """Mail that a program sent asks what people ask; everything that may be approved is."""
    run.more_mails(header=b"Auto-Submitted: auto-replied\r\n")
    run.live("round")
    run.live("approve")


def buyer_is_forged(run: Run) -> None:
    """Somebody answers in the buyer's name, and the provider says so; people take every step they can."""
    run.live("round")
    run.buyers("forged")
    run.live("round")
    run.live("money")


def server_is_busy_while_the_clock_is_wrong(run: Run) -> None:
    """A mail is put off while the clock is eight days ahead; then the clock is set right."""
    run.smtp.dot_reply = "451 4.3.0 try later"
    run.live("round", clock=[8 * 86_400.0])
    run.smtp.dot_reply = ""


def two_begin(run: Run) -> None:
    """Two are started at once."""
    ended = run.live("round", rivals=2, locked=True, accidents=[["store.begin", 1, "delay", 1.0]])
    if ended == ["0", "0"]:
        run.complain("two at once", "two instances worked one database")


def nothing(run: Run) -> None:
    """A quiet day is enough."""


PROVOCATIONS: dict[str, Callable[[Run], None]] = {
    "a mail found in `sending` is parked, never sent again": send_dies,
    "a reply lost after the final dot makes a mail uncertain": reply_is_lost,
    "`sending` is committed before the mail server hears of a mail": send_dies,
    "the position of a folder is committed with the bytes or not at all": storing_fails,
    "bytes are committed before the mailbox is told": storing_dies,
    "a changed UIDVALIDITY reads the folder from its beginning": lambda run: folder_shrinks(run, same=False),
    "numbers begun anew under the same UIDVALIDITY do too": lambda run: folder_shrinks(run, same=True),
    "mail that is too large is parked": lambda run: run.large_mail(),
    "quarantine shows what it holds": deciding_fails,
    "mail that failed is told to a person": server_refuses,
    "machines are not answered": machine_writes,
    "only proved senders consent": buyer_is_forged,
    "every decision is recorded": nothing,
    "a wait set by a wrong clock ends with it": server_is_busy_while_the_clock_is_wrong,
    "one process at a time works a database": two_begin,
}


@pytest.fixture
def provoked(
    tmp_path: Path, nursery: Nursery, private_dovecot: PrivateDovecot, sqlite_template: Path
) -> Callable[[str, bool], set[str]]:
    """Plays a provocation with or without its guard; the invariants that were found broken."""

    def play(guard: str, removed: bool) -> set[str]:
        path = tmp_path / f"{'without' if removed else 'with'}-{time.monotonic_ns()}.db"
        shutil.copy(sqlite_template, path)
        if removed:
            with closing(
                sqlite3.connect(path)
            ) as connection:  # the database's own guard would stop most of them, which is its task
                for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
                    connection.execute(f'drop trigger "{name}"')
                connection.commit()
        with SlowSmtp() as smtp:
            run = Run(5, TINY, tmp_path, nursery, private_dovecot, smtp, f"sqlite:///{path}", guard if removed else None)
            return {one.invariant for one in run.provoke(PROVOCATIONS[guard])}

    return play


def test_every_guard_has_its_provocation() -> None:
    assert PROVOCATIONS.keys() == MUTANTS.keys()


@pytest.mark.soak
@pytest.mark.parametrize("guard", MUTANTS)
def test_a_guard_that_is_removed_is_missed_and_one_that_stands_holds(
    guard: str, provoked: Callable[[str, bool], set[str]]
) -> None:
    assert provoked(guard, False) == set()
    assert MUTANTS[guard][0] in provoked(guard, True)
