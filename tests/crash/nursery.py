"""A process that loads rules and language once, and then gives birth to supportbots that live until they are killed.

It reads one JSON object a line, `{"life", "settings", "kill_after": seconds or null, "point": [name, call] or null}`, and
answers each with `{"ended": "killed" or the exit status}`. Every life opens database, mailbox and mail server for itself.

    round      recover, then one round over everything, then end
    engine     recover, then the threads of `supportbot run`, until killed
    approve    approve every draft that can be
"""

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from supportbot.app import App, build_app, build_house
from supportbot.judgement import House
from supportbot.logs import start_logging
from supportbot.mail.message import UidPosition
from supportbot.ports import Fetched, MailSink, MailSource
from supportbot.post.imap import ImapSource
from supportbot.post.smtp import SmtpSink
from supportbot.settings import Settings

DEATH = 9
"""The exit status of a life that ended at its crash point."""


class Bomb:
    """Ends the process at the n-th time it is touched, as a kill does: nothing is flushed, closed or rolled back."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def touch(self) -> None:
        self._left -= 1
        if not self._left:
            os._exit(DEATH)


class MinedSource:
    """A mailbox with a bomb when a batch is fetched, and one between the commit of all batches and their flags."""

    def __init__(self, source: MailSource, before_batch: Bomb, before_done: Bomb) -> None:
        self.name = source.name
        self._source = source
        self._before_batch, self._before_done = before_batch, before_done

    def fetch_new(self, after: Mapping[str, UidPosition]) -> Iterator[Sequence[Fetched]]:
        for batch in self._source.fetch_new(after):
            self._before_batch.touch()
            yield batch

    def mark_done(self, folder: str, positions: Sequence[UidPosition]) -> None:
        self._before_done.touch()
        self._source.mark_done(folder, positions)

    def wait(self, seconds: float) -> bool:
        return self._source.wait(seconds)

    def interrupt(self) -> None:
        self._source.interrupt()

    def close(self) -> None:
        self._source.close()


class MinedSink:
    """A mail server with a bomb before a mail is handed over, or after it was and before anybody wrote that down."""

    def __init__(self, sink: MailSink, before: Bomb, after: Bomb) -> None:
        self._sink = sink
        self._before, self._after = before, after

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> str:
        self._before.touch()
        said = self._sink.send(envelope_from, recipients, raw)
        self._after.touch()
        return said

    def close(self) -> None:
        self._sink.close()


def open_app(settings: Settings, house: House, point: Sequence[Any] | None) -> App:
    """The app, with a bomb at `point`: its name and at which call it goes off."""
    name, calls = point or ("", 0)

    def bomb(where: str) -> Bomb:
        return Bomb(calls if where == name else 0)

    sources = [
        MinedSource(ImapSource(box, settings.limits), bomb("fetched, not kept"), bomb("kept, not flagged"))
        for box in settings.mailboxes
    ]
    sink = MinedSink(SmtpSink(settings.smtp), bomb("claimed, not sent"), bomb("sent, not settled"))
    app = build_app(settings, house=house, sources=sources, sink=sink, key_of=lambda _: None)
    _mine(app.desk, "carry_out", bomb("decided, not committed"))
    _mine(app.desk.cases, "approved", bomb("approved, not committed"))
    return app


def _mine(owner: object, method: str, bomb: Bomb) -> None:
    plain: Callable[..., object] = getattr(owner, method)

    def mined(*arguments: Any, **named: Any) -> object:
        result = plain(*arguments, **named)
        bomb.touch()
        return result

    setattr(owner, method, mined)


def live(task: Mapping[str, Any], house: House) -> None:
    """One life, without its death."""
    settings = Settings.model_validate(task["settings"])
    app = open_app(settings, replace(house, settings=settings), task.get("point"))
    if task["life"] == "engine":
        app.engine().start()
        signal.pause()
    if task["life"] == "approve":
        with app.store.snapshot() as tx:
            waiting = [draft for draft in tx.drafts(limit=1000) if not draft.findings]
        for draft in waiting:
            app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)
        return
    app.desk.recover()
    failed = app.desk.round(app.sources)
    if failed:
        raise RuntimeError(str(failed))


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


def watch(child: int, kill_after: float | None) -> str:
    """Wait for a life to end, or end it; how it ended."""
    deadline = None if kill_after is None else time.monotonic() + kill_after
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "killed" if os.WIFSIGNALED(status) else str(os.waitstatus_to_exitcode(status))
        if deadline is not None and time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            deadline = None
        time.sleep(0.002)


def main() -> None:
    """Serve the tasks on standard input until it is closed."""
    start_logging(quiet=True)
    house = build_house(Settings())
    gc.collect()
    gc.freeze()
    _answer("ready")
    for line in sys.stdin:
        task = json.loads(line)
        child = give_birth(task, house)
        _answer(json.dumps({"ended": watch(child, task.get("kill_after"))}))


def _answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
