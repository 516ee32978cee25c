"""A process that loads rules and language once, and then gives birth to supportbots that live until they are killed.

It reads one JSON object a line and answers each with `{"ended": ["killed" or the exit status, ...]}`, one for each life. Every
life opens database, mailbox and mail server for itself.

    life            round      recover, then one round over everything, then end
                    engine     recover, then the threads of `supportbot run`, until killed
                    approve    approve drafts that can be, at most `at_most`
                    money      take every step towards credit memos that two people can take
    anew            decide all mail again, upon a trial that keeps nothing, in order or backwards (`backwards`); into `answers`
    settings        of supportbot
    accidents       [[point, hit, action, seconds], ...], see `tests.crash.accidents`
    kill_after      seconds until kill -9, or null
    rivals          how many live at once, on the same database
    locked          each of them takes the lock of the database first, as `supportbot run` does
    clock           [ahead, at, jump] of the clock
    disk            octets that any file of the database may still grow, or null
    patience        seconds to wait for the mailbox
    guard_removed   the name of a guard that is taken out first, see `tests.faults.mutants`
"""

import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from supportbot import fault
from supportbot.app import App, build_app, build_house
from supportbot.errors import StoreRefusal, UsageError
from supportbot.judgement import House, judge
from supportbot.logs import start_logging
from supportbot.post.imap import ImapSource
from supportbot.proof import examine
from supportbot.records import StoreRecords
from supportbot.replay import outcomes
from supportbot.settings import Settings
from tests.crash.accidents import Accidents, JumpyClock, accidents_of

PEOPLE = ("alice", "bob")


def open_app(settings: Settings, house: House, task: Mapping[str, Any]) -> App:
    """The app of one life."""
    patience = task.get("patience") or 60.0
    sources = [
        ImapSource(box, settings.limits, connect_seconds=min(10.0, patience), read_seconds=patience)
        for box in settings.mailboxes
    ]
    clock = JumpyClock(*(task.get("clock") or ()))
    return build_app(settings, house=house, clock=clock, sources=sources, key_of=lambda _: None)


def live(task: Mapping[str, Any], house: House) -> None:
    """One life, without its death."""
    settings = Settings.model_validate(task["settings"])
    if task.get("disk") is not None:
        _narrow(settings.database, int(task["disk"]))
    if task.get("guard_removed"):
        from tests.faults.mutants import remove_guard

        remove_guard(task["guard_removed"])
    with ExitStack() as stack:
        stack.enter_context(fault.watched(Accidents(accidents_of(task.get("accidents"))).reached))
        app = open_app(settings, replace(house, settings=settings), task)
        if task.get("locked"):
            stack.enter_context(app.store.exclusive())
        _LIVES[task["life"]](app, task)


def _round(app: App, _task: Mapping[str, Any]) -> None:
    app.desk.recover()
    failed = app.desk.round(app.sources)
    if failed:
        raise RuntimeError(str(failed))


def _engine(app: App, _task: Mapping[str, Any]) -> None:
    app.engine().start()
    signal.pause()


def _approve(app: App, task: Mapping[str, Any]) -> None:
    with app.store.snapshot() as tx:
        waiting = [draft for draft in tx.drafts(limit=1000) if not draft.findings]
    # Those that ask buyers come first: their answers are what money hangs on.
    waiting.sort(key=lambda draft: draft.template not in ("m_rebill_notice", "m_request_billing"))
    for draft in waiting[: task.get("at_most") or len(waiting)]:
        app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)


def _money(app: App, _task: Mapping[str, Any]) -> None:
    desk = app.desk.money
    with app.store.snapshot() as tx:
        cases, tickets = tx.cases(limit=1000), [one for one in tx.tickets(limit=1000) if one.type == "credit_memo"]
    for case in cases:
        if case.state == "ACK_RECEIVED":
            with suppress(UsageError, StoreRefusal):
                desk.confirm_direct_proof(case.id, by=PEOPLE[0])
    for ticket in tickets:
        with suppress(UsageError, StoreRefusal):
            desk.confirm_rebill(ticket.id, by=PEOPLE[0], reference="B-17")
        with suppress(UsageError, StoreRefusal):
            desk.enter_memo(ticket.id, amount=Decimal("1.00"), by=PEOPLE[0])
        for one in PEOPLE:  # the first may not, and is refused
            with suppress(UsageError, StoreRefusal):
                desk.issue_memo(ticket.id, by=one)


def _anew(app: App, task: Mapping[str, Any]) -> None:
    with app.store.snapshot() as tx:
        known = tx.messages(limit=100_000)
        records, found = StoreRecords(tx), {}
        for row in known if task.get("backwards") else reversed(known):
            if row.state != "done" or (mail := tx.kept_mail(row.id)) is None:
                continue
            letter = examine(mail.raw, mail.received, read=app.reader.read, key_of=lambda _: None,
                             trusted_authserv_ids=app.house.trusted_in(mail.mailbox), archived=tx.archived_key)  # fmt: skip
            judgement = judge(letter, records=records, house=app.house, now=mail.received)
            found[row.sha256] = {
                "rules": app.house.rulebook.sha256,
                "model": app.house.triage.model_sha256,
                "kind": judgement.reading.kind,
                "outcomes": [asdict(one) for one in outcomes(judgement)],
                "facts": repr(judgement.reading.facts),
            }
    Path(task["answers"]).write_text(json.dumps(found), "utf-8")


_LIVES = {"anew": _anew, "round": _round, "engine": _engine, "approve": _approve, "money": _money}


def _narrow(database: str, left: int) -> None:
    """A small full disk, for this process alone: no file grows further than this beyond the largest file of the database."""
    path = Path(database.removeprefix("sqlite:///"))
    largest = max((one.stat().st_size for one in path.parent.glob(f"{path.name}*")), default=0)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + left, resource.RLIM_INFINITY))


def give_birth(task: Mapping[str, Any], house: House) -> int:
    """Start a life; its process id."""
    child = os.fork()
    if not child:
        status = 1
        try:
            live(task, house)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def watch(children: Sequence[int], kill_after: float | None) -> list[str]:
    """Wait for lives to end, or end them; how they ended."""
    deadline = None if kill_after is None else time.monotonic() + kill_after
    ended: dict[int, str] = {}
    while len(ended) < len(children):
        for child in set(children) - set(ended):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                ended[child] = "killed" if os.WIFSIGNALED(status) else str(os.waitstatus_to_exitcode(status))
        if deadline is not None and time.monotonic() >= deadline:
            for child in set(children) - set(ended):
                os.kill(child, signal.SIGKILL)
            deadline = None
        time.sleep(0.002)
    return [ended[child] for child in children]


def main() -> None:
    """Serve the tasks on standard input until it is closed."""
    start_logging(quiet=True)
    house = build_house(Settings())
    gc.collect()
    gc.freeze()
    _answer("ready")
    for line in sys.stdin:
        task = json.loads(line)
        children = [give_birth(task, house) for _ in range(task.get("rivals") or 1)]
        _answer(json.dumps({"ended": watch(children, task.get("kill_after"))}))


def _answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
