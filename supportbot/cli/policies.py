"""rules, replay, autopilot: the policies, what a change of them changes, and what may go out without a person."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from supportbot.app import App, build_app, build_house, build_rulebook, build_templates
from supportbot.autopilot import is_stopped, standing, throw_switch, unknown_in
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
from supportbot.cli.review import By, changing, looking, person
from supportbot.clock import SystemClock
from supportbot.errors import MissingMail, UnreadableMail, UsageError
from supportbot.judgement import House, judge
from supportbot.orders import load_orders
from supportbot.proof import Records, examine
from supportbot.records import FileRecords, StoreRecords
from supportbot.remembered import opened_again, said_of
from supportbot.replay import Change, PastMail, replay
from supportbot.rollout import activate, is_activated
from supportbot.rulebook import COMMON, marketplaces_in
from supportbot.rulecheck import accept_decisions, check_all
from supportbot.store import Transaction

_MOST_MAILS = 100_000  # of one replay

Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")]

rules = typer.Typer(help="The policies.", no_args_is_help=True)
autopilot = typer.Typer(help="Mails that may go out without a person, and the switch that stops them.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(rules, name="rules")
    about = "Decide stored or given mail again under other rules; list every decision that changes."
    app.command("replay", help=about)(replay_mail)
    app.add_typer(autopilot, name="autopilot")


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
    rulebook, templates, now = build_rulebook(settings), build_templates(settings), SystemClock().now()
    with looking(config) as tx:
        stopped = is_stopped(tx)
        stands = [
            standing(tx, pair, settings, rulebook.sha256, now, unknown=unknown_in(pair, rulebook, templates))
            for pair in settings.autopilot
        ]
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
    with changing(config) as tx:
        throw_switch(tx, stop=stop, by=person(by), reason=reason)


def _holes(found: Survey) -> str:
    return "on purpose" if found.policy.startswith(f"{COMMON}/") else f"{len(found.holes):,}"


@rules.command("accept", help="Keep what the rules decide now of all their examples; `rules check` names every later change.")
def accept_rules(config: ConfigOption = None) -> None:
    rulebook = build_rulebook(settings_of(config))
    changed = accept_decisions(rulebook)
    for file in changed:
        out.print(str(file), highlight=False)
    out.print(f"{len(changed)} file(s) written; read the difference before you keep it.", highlight=False)


def replay_mail(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH...]", help="Mails; default: those in the store.")] = None,
    other: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="The other rules; default: the present ones.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only mail received since, e.g. 2026-05-01.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Decide as if all of it had come in on this day.")
    ] = None,
    orders: Annotated[
        Path | None, typer.Option("--orders", metavar="FILE", help="The orders of given mails; default: those in the store.")
    ] = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot replay --rules draft-rules --since 2026-05-01"""
    settings = settings_of(config)
    old = build_house(settings)
    new = build_house(settings.model_copy(update={"rules": other})) if other else old
    app = build_app(settings, house=old)
    try:
        looked, changed = _replayed(app, new, paths or [], _date("--since", since), _date("--as-of", as_of), orders)
    finally:
        app.close()
    _show(looked, changed, json_lines=json_lines)
    if changed:
        raise typer.Exit(NEEDS_PERSON)


def _replayed(
    app: App, new: House, paths: list[Path], since: datetime | None, as_of: datetime | None, orders: Path | None = None
) -> tuple[int, list[Change]]:
    """How many mails were decided again, and every decision that changed. Without other rules or another day what is stored
    is compared with what is decided now."""
    changed: list[Change] = []
    looked = 0
    with app.store.snapshot() as tx:
        records: Records
        if orders:
            records = FileRecords(load_orders(orders, marketplaces=marketplaces_in(app.house.rulebook.folder)))
        else:
            records = FileRecords([found.order for found in tx.all_orders()]) if paths else StoreRecords(tx)
        mails = _given(app, paths, since) if paths else _stored(app, tx, since)
        if new is app.house and as_of is None and not paths:
            stored = {f"message {row.id}": (row.rule, row.action or "") for row in tx.messages(limit=_MOST_MAILS)}
            for mail in mails:
                looked += 1
                changed += _since_then(mail, *stored[mail.name], records, app.house)
            return looked, changed
        for _, found in replay(mails, records=records, old=app.house, new=new, as_of=as_of):
            looked += 1
            changed += found
    return looked, changed


def _since_then(mail: PastMail, rule: str | None, action: str, records: Records, house: House) -> Iterator[Change]:
    """What would be decided otherwise now about a stored mail: by other rules, or by what has happened in its case since."""
    now = judge(mail.letter, records=records, house=house, now=mail.letter.received, said=mail.said).main
    if (rule, action) != (now.decision.rule, now.decision.action):
        order_id = now.order.order_id if now.order else None
        yield Change(mail.name, order_id, rule, action, now.decision.rule, now.decision.action, ("action",), now.decision.why)


def _show(looked: int, changed: list[Change], *, json_lines: bool) -> None:
    if json_lines:
        for change in changed:
            emit(asdict(change))
        return
    table(
        f"{len(changed)} decisions of {looked} mails change",
        ("mail", "order", "old rule", "old action", "new rule", "new action", "differs in", "why"),
        (
            (c.mail, c.order_id, c.old_rule, c.old_action, c.new_rule, c.new_action, ", ".join(c.differs), c.why)
            for c in changed
        ),
        empty=f"None of {looked} decisions changes.",
    )


@rules.command("activate", help="Let edited rules go live: checks them and replays past mail; green, or with a reason.")
def activate_rules(
    edited: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="An edited copy; once green, its files replace the present ones."),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Replay only mail received since.")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why the listed changes are meant; without it only a green replay activates.")
    ] = None,
    by: By = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Example: cp -r rules draft-rules, edit, then: supportbot rules activate draft-rules"""
    settings = settings_of(config)
    if edited and settings.rules is None:
        raise UsageError("the rules in use are those shipped with supportbot; `supportbot init` writes a folder of your own")
    app = build_app(settings)
    try:
        new = build_house(settings.model_copy(update={"rules": edited})) if edited else app.house
        findings = check_all(new.rulebook).findings
        for finding in findings:
            complain(str(finding))
        if findings:
            raise UsageError(f"{len(findings)} finding(s) in the edited rules; nothing is activated")
        looked, changed = _replayed(app, new, [], _date("--since", since), None)
        _show(looked, changed, json_lines=json_lines)
        if changed and not (reason or "").strip():
            complain("The replay is not green. Read the list; where all of it is meant, give --reason.")
            raise typer.Exit(NEEDS_PERSON)
        sha256 = new.rulebook.sha256
        with app.store.transaction() as tx:
            known = is_activated(tx, sha256)
            activate(tx, sha256, by=person(by), replayed=looked, changed=len(changed), reason=(reason or "").strip())
        if edited and settings.rules:
            _put_in_place(edited, settings.rules)
    finally:
        app.close()
    if not json_lines:
        again = " again" if known else ""
        out.print(f"Rules {sha256[:12]} are activated{again}; a running supportbot takes them up.", highlight=False)


def _put_in_place(edited: Path, folder: Path) -> None:
    """The edited files instead of the present ones; each is replaced whole, and those that are gone are removed."""
    wanted = {path.relative_to(edited) for path in edited.glob("*/*") if path.is_file()}
    for name in sorted(wanted):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        partial.write_bytes((edited / name).read_bytes())
        partial.replace(target)
    for path in folder.glob("*/*.yaml"):
        if path.relative_to(folder) not in wanted:
            path.unlink()


def _date(option: str, text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        raise UsageError(f"{option} {text}: expected a date such as 2026-05-01") from None


def _given(app: App, paths: list[Path], since: datetime | None) -> Iterator[PastMail]:
    """The mails of files, of whose signatures and senders nothing is known; what cannot be read is said."""
    trusted = app.house.trusted_authserv_ids
    for item in inputs(paths):
        if item.raw is None:
            complain(f"{item.path}: {item.error}")
        elif since is None or item.received >= since:
            try:
                letter = examine(
                    item.raw, item.received, read=app.reader.read, key_of=lambda _: None, trusted_authserv_ids=trusted
                )
            except UnreadableMail as error:
                complain(f"{item.path}: {error}")
            else:
                yield PastMail(item.path, letter)


def _stored(app: App, tx: Transaction, since: datetime | None) -> Iterator[PastMail]:
    """The stored mails that are done, as known then and as people have put them right; what cannot be read is said."""
    for row in tx.messages(limit=_MOST_MAILS):
        if row.state == "done" and (since is None or row.received >= since):
            name = f"message {row.id}"
            try:
                letter = opened_again(tx, row, app.house, app.reader.read)
            except (MissingMail, UnreadableMail) as error:
                complain(f"{name}: {error}")
            else:
                yield PastMail(name, letter, said_of(tx, row.id))
