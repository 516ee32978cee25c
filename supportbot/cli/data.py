"""rules, replay, orders, db, audit, erase: the data and its upkeep."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from supportbot.app import App, build_app, build_house, build_rulebook, open_store
from supportbot.autopilot import is_stopped, standing, throw_switch
from supportbot.casework.survey import Survey
from supportbot.cli.common import (
    NEEDS_PERSON,
    ConfigOption,
    JsonOption,
    complain,
    emit,
    inputs,
    out,
    settings_of,
    table,
)
from supportbot.cli.review import By, looking, person
from supportbot.clock import SystemClock
from supportbot.errors import UnreadableMail, UsageError
from supportbot.judgement import judge
from supportbot.orders import load_orders
from supportbot.proof import Letter, examine
from supportbot.records import FileRecords, StoreRecords
from supportbot.rulebook import COMMON
from supportbot.rulecheck import accept_decisions, check_all
from supportbot.store import backup, restore

Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")]

rules = typer.Typer(help="The policies.", no_args_is_help=True)
autopilot = typer.Typer(help="Mails that may go out without a person, and the switch that stops them.", no_args_is_help=True)
orders = typer.Typer(help="Orders in the store.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
audit = typer.Typer(help="The audit log.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(rules, name="rules")
    app.add_typer(autopilot, name="autopilot")
    app.command(help="Decide stored or given mail again under other rules; list every decision that changes.")(replay)
    app.add_typer(orders, name="orders")
    app.add_typer(db, name="db")
    app.add_typer(audit, name="audit")
    app.command(help="Erase a person's data. Not built yet: says so and changes nothing.")(erase)


@rules.command("check", help="Load rules and templates, run their own examples, look for gaps and conflicts.")
def check_rules(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    house = build_house(settings_of(config))
    checked = check_all(house.rulebook)
    findings = [*checked.findings, *house.templates.check_samples()]
    if json_lines:
        for finding in findings:
            emit({"file": str(finding.file), "line": finding.line, "key": finding.key, "found": finding.found,
                  "expected": finding.expected})  # fmt: skip
    else:
        table(
            "Rules",
            ("policy", "version", "rules", "since"),
            ((p.id, p.version, len(p.rules), p.effective_from) for p in house.rulebook.policies),
            empty="No policy.",
        )
        table(
            "How often its own examples show a rule, and how many kept decisions rest on it",
            ("policy", "rule", "yes", "no", "unknown", "kept"),
            ((one.policy, one.rule, one.yes, one.no, one.unknown, one.kept) for one in checked.coverage),
            empty="No rule.",
        )
        table(
            "Combinations of facts looked at for gaps and conflicts",
            ("policy", "combinations", "settled in parts", "undecided"),
            ((one.policy, f"{one.tried:,}", f"{one.parts:,}", _holes(one)) for one in checked.surveys),
            empty="",
        )
        for finding in findings:
            complain(str(finding))
        out.print(f"{len(findings)} finding(s); rule set {house.rulebook.sha256[:12]}", highlight=False)
    if findings:
        raise typer.Exit(NEEDS_PERSON)


@autopilot.command("status", help="How every listed pair of template and rule stands.")
def autopilot_status(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    settings = settings_of(config)
    sha256, now = build_rulebook(settings).sha256, SystemClock().now()
    with looking(config) as tx:
        stopped = is_stopped(tx)
        stands = [standing(tx, pair, settings, sha256, now) for pair in settings.autopilot]
    if json_lines:
        for one in stands:
            emit(asdict(one))
        return
    table(
        "Autopilot, stopped by the kill switch" if stopped else "Autopilot",
        ("template/rule", "clean approvals", "needed", "goes alone"),
        ((one.pair, one.clean, one.needed, one.closed_because or "yes") for one in stands),
        empty="No pair is listed: nothing goes out without a person.",
    )


@autopilot.command("stop", help="The kill switch: from now on nothing goes out without a person.")
def stop_autopilot(reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    _switch(config, stop=True, by=by, reason=reason)
    out.print("Stopped. Approved mail that waits to be sent can still be taken back: supportbot drafts undo ID")


@autopilot.command("start", help="Let listed pairs go on where they stand.")
def start_autopilot(reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    _switch(config, stop=False, by=by, reason=reason)
    out.print("Started: pairs that people have confirmed often enough go out by themselves again.")


def _switch(config: Path | None, *, stop: bool, by: str | None, reason: str) -> None:
    store = open_store(settings_of(config))
    try:
        with store.transaction() as tx:
            throw_switch(tx, stop=stop, by=person(by), reason=reason)
    finally:
        store.close()


def _holes(found: Survey) -> str:
    return "on purpose" if found.policy.startswith(f"{COMMON}/") else f"{len(found.holes):,}"


@rules.command("accept", help="Keep what the rules decide now of all their examples; `rules check` names every later change.")
def accept_rules(config: ConfigOption = None) -> None:
    rulebook = build_rulebook(settings_of(config))
    changed = accept_decisions(rulebook)
    for file in changed:
        out.print(str(file), highlight=False)
    out.print(f"{len(changed)} file(s) written; read the difference before you keep it.", highlight=False)


def replay(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH...]", help="Mails; default: those in the store.")] = None,
    other: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="The other rules; default: the present ones.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only mail received since, e.g. 2026-05-01.")
    ] = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot replay --rules draft-rules --since 2026-05-01"""
    settings = settings_of(config)
    old, start = build_house(settings), _date(since)
    new = build_house(settings.model_copy(update={"rules": other})) if other else old
    app = build_app(settings, house=old)
    changed, looked = [], 0
    try:
        for name, letter, then in _letters(app, paths or [], start):
            looked += 1
            with app.store.snapshot() as tx:
                records = StoreRecords(tx) if not paths else FileRecords([found.order for found in tx.all_orders()])
                before = then or _decision(judge(letter, records=records, house=old, now=letter.received).main.decision)
                decision = judge(letter, records=records, house=new, now=letter.received).main.decision
            if before != _decision(decision):
                changed.append((name, *before, *_decision(decision), decision.why))
    finally:
        app.close()
    columns = ("mail", "old rule", "old action", "new rule", "new action", "why")
    if json_lines:
        for row in changed:
            emit(dict(zip((c.replace(" ", "_") for c in columns), row, strict=True)))
    else:
        table(f"{len(changed)} of {looked} decisions change", columns, changed, empty=f"None of {looked} decisions changes.")
    if changed:
        raise typer.Exit(NEEDS_PERSON)


def _decision(decision: object) -> tuple[str | None, str]:
    return getattr(decision, "rule", None), getattr(decision, "action", "")


def _date(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        raise UsageError(f"--since {text}: expected a date such as 2026-05-01") from None


def _letters(app: App, paths: list[Path], since: datetime | None) -> list[tuple[str, Letter, tuple[str | None, str] | None]]:
    found: list[tuple[str, Letter, tuple[str | None, str] | None]] = []
    if paths:
        for item in inputs(paths):
            if item.raw is None:
                complain(f"{item.path}: {item.error}")
            elif since is None or item.received >= since:
                found += [(item.path, letter, None) for letter in _letter(app, item.path, item.raw, item.received)]
        return found
    with app.store.snapshot() as tx:
        for row in tx.messages(limit=100_000):
            if row.state == "done" and (since is None or row.received >= since):
                name, then = f"message {row.id}", (row.rule, row.action or "")
                found += [(name, letter, then) for letter in _letter(app, name, tx.raw(row.sha256), row.received)]
    return found


def _letter(app: App, name: str, raw: bytes, received: datetime) -> list[Letter]:
    """The mail examined; nothing where it cannot be read, which is said."""
    trusted = app.house.trusted_authserv_ids
    try:
        return [examine(raw, received, read=app.reader.read, key_of=lambda _: None, trusted_authserv_ids=trusted)]
    except UnreadableMail as error:
        complain(f"{name}: {error}")
        return []


@orders.command("import", help="Orders from a JSON or CSV file into the store.")
def import_orders(
    file: Annotated[Path, typer.Argument(metavar="FILE")], json_lines: JsonOption = False, config: ConfigOption = None
) -> None:
    found = load_orders(file)
    store = open_store(settings_of(config))
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


@db.command("backup", help="Copy the database to a file, also while supportbot runs (SQLite).")
def backup_database(file: Annotated[Path, typer.Argument(metavar="FILE")], config: ConfigOption = None) -> None:
    backup(settings_of(config).database, file)
    out.print(f"Backed up to {file} ({file.stat().st_size:,} bytes).", highlight=False)


@db.command("restore", help="Put a backup in the database's place. Approved mail of the backup is parked, never sent again.")
def restore_database(file: Annotated[Path, typer.Argument(metavar="FILE")], config: ConfigOption = None) -> None:
    parked = restore(settings_of(config).database, file, clock=SystemClock())
    out.print(f"Restored. {parked} approved mail(s) are parked: they may have gone out since the backup.", highlight=False)


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


def erase(address: Annotated[str, typer.Argument(metavar="ADDRESS")], config: ConfigOption = None) -> None:
    settings_of(config)
    raise UsageError(f"erasing {address} is not built yet; nothing was changed")
