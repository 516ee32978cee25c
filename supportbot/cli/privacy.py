"""erase, retention: people's data, no longer and no wider than it may be kept (docs/howto/privacy.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from supportbot.app import open_store
from supportbot.cli.common import NEEDS_PERSON, ConfigOption, JsonOption, complain, emit, out, settings_of, table
from supportbot.cli.review import By, looking, person
from supportbot.clock import SystemClock
from supportbot.privacy import Privacy
from supportbot.store import Store

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
About = Annotated[str, typer.Argument(metavar="ABOUT", help="An address, an order number or a case.")]

retention = typer.Typer(help="How long data is kept, and what must be kept longer.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help="Take a person's data away: tables, raw mail, backups, logs, labelled mail. Proofs stay, without names.")(
        erase
    )
    app.add_typer(retention, name="retention")


@contextmanager
def _privacy(config: Path | None) -> Iterator[tuple[Privacy, Store]]:
    settings = settings_of(config)
    store = open_store(settings)
    try:
        yield Privacy(store, settings, SystemClock()), store
    finally:
        store.close()


def erase(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    basis: Annotated[str, typer.Option("--basis", help="Why: the number of the request, without a name.")] = "request",
    dry_run: DryRun = False,
    by: By = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot erase ann@example.com --dry-run"""
    with _privacy(config) as (privacy, _):
        done = privacy.erase(address, by=person(by), basis=basis, dry_run=dry_run)
    files = [{"file": str(one.file), "done": one.done, "error": one.error} for one in done.files]
    left = [place for place in done.erased.left if not dry_run or place]
    failed = [one for one in done.files if one.error]
    if json_lines:
        emit({"erasure": None if dry_run else done.erased.id, "dry_run": dry_run, "pseudonym": done.erased.pseudonym,
              "addresses": len(done.person.addresses), "orders": len(done.person.order_keys),
              "messages": len(done.person.message_ids), "counts": done.erased.counts, "files": files, "left": left,
              "by_hand": list(done.by_hand), "error": None})  # fmt: skip
    else:
        title = "Would be erased" if dry_run else f"Erased; receipt {done.erased.id}"
        table(title, ("what", "rows"), sorted(done.erased.counts.items()), empty="Nothing is held of this address.")
        table("Files", ("file", "done"), ((one.file, one.error or one.done) for one in done.files), empty="No file names them.")
        for place in left:
            complain(f"still named in {place}")
        for sentence in done.by_hand:
            out.print(f"By hand: {sentence}", markup=False, highlight=False)
    if left or failed:
        raise typer.Exit(NEEDS_PERSON)


@retention.command("run", help="Empty what is kept longer than `retention` allows; each class leaves a receipt.")
def run(dry_run: DryRun = False, by: By = None, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with _privacy(config) as (privacy, _):
        found = privacy.retain(by=person(by), dry_run=dry_run)
    if json_lines:
        emit({"dry_run": dry_run, "counts": found.counts, "held": found.held, "error": None})
        return
    table("Would be emptied" if dry_run else "Emptied", ("class", "how many"), found.counts.items(), empty="Nothing is due.")
    if found.held:
        out.print(f"{found.held} kept by a legal hold.", highlight=False)


@retention.command("receipts", help="What was erased, when, by whom and why; the newest first.")
def receipts(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        rows = tx.erasures()
    if json_lines:
        for row in rows:
            emit(
                {
                    "id": row.id,
                    "kind": row.kind,
                    "by": row.actor,
                    "basis": row.basis,
                    "at": row.finished_at,
                    "counts": row.counts,
                }
            )
        return
    table(
        "Receipts",
        ("id", "kind", "by", "basis", "at", "counts"),
        ((r.id, r.kind, r.actor, r.basis, r.finished_at, ", ".join(f"{k} {v}" for k, v in r.counts.items())) for r in rows),
        empty="Nothing was erased.",
    )


@retention.command("hold", help="Erase nothing about an address, an order or a case until the hold is lifted.")
def hold(
    about: About,
    reason: Annotated[str, typer.Option("--reason", help="Shown to whoever is refused.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with _privacy(config) as (_, store), store.transaction() as tx:
        tx.place_hold(about, reason=reason, by=person(by))
    out.print(f"Nothing about {about} is erased until `supportbot retention lift`.", markup=False, highlight=False)


@retention.command("lift", help="End a legal hold.")
def lift(about: About, by: By = None, config: ConfigOption = None) -> None:
    with _privacy(config) as (_, store), store.transaction() as tx:
        tx.lift_hold(about, by=person(by))
    out.print("The hold is lifted.")


@retention.command("holds", help="Legal holds that stand.")
def holds(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        rows = tx.legal_holds()
    if json_lines:
        for row in rows:
            emit({"about": row.about, "reason": row.reason, "by": row.placed_by, "since": row.placed_at})
        return
    table("Legal holds", ("about", "reason", "by", "since"),
          ((r.about, r.reason, r.placed_by, r.placed_at) for r in rows), empty="No legal hold stands.")  # fmt: skip
