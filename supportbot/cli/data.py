"""orders, db, audit, erase: the data and its upkeep."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from supportbot.app import open_store, open_vault
from supportbot.cli.common import (
    NEEDS_PERSON,
    ConfigOption,
    JsonOption,
    complain,
    emit,
    err,
    out,
    settings_of,
    table,
)
from supportbot.cli.review import By, looking, person
from supportbot.clock import SystemClock
from supportbot.orders import load_orders
from supportbot.rulebook import default_folder, marketplaces_in
from supportbot.store import Store, Vault, backup, copy, restore

orders = typer.Typer(help="Orders in the store.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
audit = typer.Typer(help="The audit log.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(orders, name="orders")
    app.add_typer(db, name="db")
    app.add_typer(audit, name="audit")


@orders.command("import", help="Orders from a JSON or CSV file into the store.")
def import_orders(
    file: Annotated[Path, typer.Argument(metavar="FILE")], json_lines: JsonOption = False, config: ConfigOption = None
) -> None:
    settings = settings_of(config)
    found = load_orders(file, marketplaces=marketplaces_in(settings.rules or default_folder("rules")))
    store = open_store(settings)
    try:
        with store.transaction() as tx:
            new, changed = tx.import_orders(found)
    finally:
        store.close()
    if json_lines:
        emit({"new": new, "changed": changed, "unchanged": len(found) - new - changed, "error": None})
    else:
        out.print(f"{new} new, {changed} changed, {len(found) - new - changed} as they were", highlight=False)


@db.command("upgrade", help="Bring the database to this version's schema.")
def upgrade(config: ConfigOption = None) -> None:
    open_store(settings_of(config)).close()
    out.print("The database has this version's schema.")


@db.command("compact", help="Write the database anew without what was erased, and empty its log.")
def compact_database(config: ConfigOption = None) -> None:
    store = open_store(settings_of(config))
    try:
        whole = store.compact(full=True)
    finally:
        store.close()
    if not whole:
        complain("another program reads the database, so its log could not be emptied; stop it and compact again")
        raise typer.Exit(NEEDS_PERSON)
    out.print("The database holds nothing any more of what was erased.")


@db.command("reseal", help="Bring all raw mail under `encryption.key`, or into the plain without one; stop supportbot first.")
def reseal(by: By = None, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    store = open_store(settings_of(config))
    looked, changed, at = 0, 0, ""
    try:
        with store.exclusive(), err.status("resealing", spinner="line") as status:
            while True:
                with store.transaction() as tx:
                    found = tx.reseal(at)
                if found is None:
                    break
                at, looked, changed = found[0], looked + found[1], changed + found[2]
                status.update(f"resealing: {looked:,}")
            with store.transaction() as tx:
                tx.forget_other_keys(by=person(by))
            whole = store.compact(full=True)
    finally:
        store.close()
    if json_lines:
        emit({"looked_at": looked, "changed": changed, "key": store.vault.seals_with, "error": None})
    else:
        what = f"under key {store.vault.seals_with}" if store.vault.seals_with else "kept plain"
        out.print(f"{looked:,} mails are {what}; {changed:,} of them were not.", highlight=False)
        out.print("Backups hold what they held: keep their keys as long as them.", highlight=False)
    if not whole:
        complain("another program reads the database: run `supportbot db compact` when it has ended")
        raise typer.Exit(NEEDS_PERSON)


@db.command("backup", help="Copy the database to a file, also while supportbot runs.")
def backup_database(file: Annotated[Path, typer.Argument(metavar="FILE")], config: ConfigOption = None) -> None:
    backup(settings_of(config).database, file)
    out.print(f"Backed up to {file} ({file.stat().st_size:,} bytes).", highlight=False)


@db.command("restore", help="Put a backup in the database's place. Approved mail of the backup is parked, never sent again.")
def restore_database(file: Annotated[Path, typer.Argument(metavar="FILE")], config: ConfigOption = None) -> None:
    settings = settings_of(config)
    done = restore(settings.database, file, clock=SystemClock(), vault=open_vault(settings))
    out.print(f"Restored. {done.parked} approved mail(s) are parked: they may have gone out since the backup.", highlight=False)
    if done.erased:
        out.print(f"{done.erased} address(es) that had been erased since the backup were erased again.", highlight=False)


@db.command("copy", help="Move a SQLite database into an empty PostgreSQL one; every row is read back and compared.")
def copy_database(
    source: Annotated[str, typer.Argument(metavar="FROM", help="sqlite:///PATH; stop supportbot first.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="postgresql://USER@HOST/NAME, an empty database.")],
    json_lines: JsonOption = False,
) -> None:
    """Example: supportbot db copy sqlite:///supportbot-data/supportbot.db postgresql://supportbot@db/supportbot"""
    clock = SystemClock()
    old = Store.open(source, clock=clock, create=False, vault=Vault.closed())
    try:
        new = Store.open(target, clock=clock, vault=Vault.closed())
        try:
            with old.exclusive(), err.status("copying", spinner="line") as status:
                counts = copy(old, new, lambda name, rows: status.update(f"copying {name}: {rows:,}"))
        finally:
            new.close()
    finally:
        old.close()
    if json_lines:
        emit({"copied": counts, "error": None})
    else:
        table("Copied and compared", ("table", "rows"), ((k, f"{n:,}") for k, n in counts.items() if n), empty="Nothing.")
        out.print("Now name the new database in config.yaml: `database:`, and `engine: cluster` for several workers.")


@audit.command("verify", help="Prove that the audit log is whole.")
def verify_audit(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        problems = tx.verify_audit()
    if json_lines:
        emit({"whole": not problems, "problems": problems})
    else:
        for problem in problems:
            complain(problem)
        out.print("The audit log is whole." if not problems else f"{len(problems)} problem(s).")
    if problems:
        raise typer.Exit(NEEDS_PERSON)


@audit.command("check", help="Ask the tables whether every invariant holds: by plain SQL, without the code that decides.")
def check_invariants(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        broken = tx.violations()
    if json_lines:
        emit({"whole": not broken, "violations": [asdict(one) for one in broken], "error": None})
    else:
        table(
            "Broken invariants",
            ("invariant", "what", "row"),
            ((one.invariant, one.sentence, one.row) for one in broken),
            empty="Every invariant holds.",
        )
    if broken:
        raise typer.Exit(NEEDS_PERSON)
