"""demo, init, run, poll, ingest, doctor: the service and what feeds it."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from supportbot.app import build_app, open_reader
from supportbot.cli.common import (
    NEEDS_PERSON,
    OUTSIDE_FAILED,
    ConfigOption,
    JsonOption,
    complain,
    emit,
    err,
    inputs,
    out,
    settings_of,
    table,
)
from supportbot.cli.doctor import doctor
from supportbot.config import DEMO_HOST, write_example
from supportbot.errors import UsageError
from supportbot.logs import start_logging
from supportbot.settings import Settings
from supportbot.store import Store


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help="The whole product on an embedded mailbox with sample mail; opens the console.")(demo)
    app.command(help="Write an annotated config.yaml, rules/ and templates/ to start from.")(init)
    app.command(help="The service: mailboxes, delivery, clock, console.", name="run")(run_service)
    app.command(help="One more process of a cluster: takes part in deciding, sending, reading mailboxes or the clock.")(worker)
    app.command(help="One round over the mailboxes, then end.")(poll)
    app.command(help="Take mails from files in, as if they had been fetched.")(ingest)
    app.command(help="Check configuration, mailboxes, SMTP, database, rules and templates; say what to do.")(doctor)


def demo(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Console port; 0 picks a free one.")] = 8025,
    once: Annotated[bool, typer.Option("--once", help="End after the outcome table.")] = False,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot demo --once"""
    from supportbot.tour import give_tour  # with a whole web framework, which the other commands should not wait for

    start_logging(quiet=True)
    rows = give_tour(out, port=port, once=once, show=not json_lines)
    if json_lines:
        for row in rows:
            emit(row)


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; default: here.")] = Path()) -> None:
    """Example: supportbot init my-team && cd my-team && supportbot doctor"""
    for written in write_example(folder):
        out.print(f"wrote {written}", highlight=False)
    out.print("Next: edit config.yaml, then `supportbot doctor`.")


def run_service(config: ConfigOption = None) -> None:
    """Example: supportbot run --config config.yaml"""
    from supportbot.console import open_console  # as above

    settings = settings_of(config)
    _refuse_demo(settings)
    stop = _told_to_stop()
    app = build_app(settings, reader=open_reader().warm())
    try:
        engine = app.engine()
        with engine.claim():
            console = open_console(app, settings.console.host, settings.console.port, engine=engine)
            engine.start()
            invite_the_first(app.store, settings.console.address or f"http://{settings.console.host}:{console.port}")
            err.print(
                f"supportbot works {len(app.sources)} mailbox(es); console on http://{settings.console.host}:{console.port}/",
                highlight=False,
            )
            stop.wait()
            err.print("stopping; what is in hand is finished first", highlight=False)
            console.stop()
            engine.stop()
    finally:
        app.close()


def worker(
    queues: Annotated[str, typer.Option("--queues", help="Which of work, post, mail, clock; with commas.")] = "work",
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, max=32, help="Messages in work at once.")] = 2,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot worker --queues work,post --concurrency 4"""
    settings = settings_of(config)
    _refuse_demo(settings)
    if settings.engine != "cluster":
        raise UsageError("workers need `engine: cluster` in config.yaml, and a PostgreSQL database")
    wanted = [queue.strip() for queue in queues.split(",") if queue.strip()]
    stop = _told_to_stop()
    app = build_app(settings, reader=open_reader().warm())
    try:
        engine = app.engine(queues=wanted, concurrency=concurrency)
        with engine.claim():
            engine.start()
            err.print(f"a worker takes part in: {', '.join(wanted)}", highlight=False)
            stop.wait()
            err.print("stopping; what is in hand is finished first", highlight=False)
            engine.stop()
    finally:
        app.close()


def invite_the_first(store: Store, address: str) -> None:
    """Print a link to make the first administrator where nobody can sign in: on a terminal or in the service's own log only."""
    with store.transaction() as tx:
        token = tx.make_first_link() if tx.nobody_signs_in() else ""
    if token:
        err.print(
            "nobody can sign in yet; whoever opens this link within a day makes the first administrator, once:\n"
            f"{address.rstrip('/')}/first/{token}",
            highlight=False,
            soft_wrap=True,
        )


def poll(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    """Example: supportbot poll && supportbot drafts list"""
    settings = settings_of(config)
    _refuse_demo(settings)
    if not settings.mailboxes:
        raise UsageError("no mailbox is configured; `supportbot init` writes a config.yaml to start from")
    app = build_app(settings, reader=open_reader().warm())
    try:
        with app.store.exclusive():
            parked = app.desk.recover()
            failed = app.desk.round(app.sources)
            with app.store.snapshot() as tx:
                counts = tx.counts()
    finally:
        app.close()
    if json_lines:
        emit({"failed": failed, "parked": parked, "counts": counts})
    else:
        table("After this round", ("what", "how many"), counts.items(), empty="Nothing.")
    for reason in failed.values():
        complain(reason)
    if failed:
        raise typer.Exit(OUTSIDE_FAILED)


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Mails: .eml files, folders, maildirs, mbox files.")],
    mailbox: Annotated[str, typer.Option("--mailbox", help="The mailbox they count as.")] = "ingest",
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot ingest ~/Maildir"""
    app = build_app(settings_of(config), reader=open_reader().warm())
    taken = known = quarantined = 0
    errors: list[tuple[str, str]] = []
    try:
        waiting: dict[int, None] = {}  # in order; a mail kept by an earlier run that was cut short is worked now
        with _progress("storing") as step:
            for item in inputs(paths):
                if item.raw is None:
                    errors.append((item.path, item.error or ""))
                    continue
                with app.store.transaction() as tx:
                    kept = tx.keep_file(mailbox, item.raw, item.received)
                    if tx.claim_message(kept.message_id):
                        waiting[kept.message_id] = None
                known += kept.known
                taken += not kept.known
                step()
        with _progress("deciding", len(waiting)) as step:
            for worked in app.desk.work_messages(waiting):
                quarantined += worked.quarantined
                step()
    finally:
        app.close()
    if json_lines:
        for path, error in errors:
            emit({"path": path, "error": error})
        emit({"taken": taken, "known": known, "quarantined": quarantined, "unreadable": len(errors), "error": None})
    else:
        for path, error in errors:
            complain(f"{path}: {error}")
        out.print(f"{taken} taken, {known} already known, {quarantined} quarantined, {len(errors)} unreadable", highlight=False)
    if quarantined or errors:
        raise typer.Exit(NEEDS_PERSON)


class _progress:  # noqa: N801  # used as a statement
    """A progress bar on standard error, only where a person looks."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._what, self._total = what, total

    def __enter__(self) -> Callable[[], None]:
        self._bar.start()
        task = self._bar.add_task(self._what, total=self._total)
        return lambda: self._bar.advance(task)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _refuse_demo(settings: Settings) -> None:
    if any(mailbox.host == DEMO_HOST for mailbox in settings.mailboxes):
        raise UsageError(
            "the configuration names the demo mailbox: `supportbot demo` works it; put your own server in config.yaml"
        )


def _told_to_stop() -> threading.Event:
    """Set when the process is told to stop, from now on: also while it is still starting."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
