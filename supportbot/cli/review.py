"""drafts, cases, tickets, quarantine: the reviewer's work on the command line."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from getpass import getuser
from pathlib import Path
from subprocess import CalledProcessError, run
from typing import Annotated, Literal

import typer
from rich.panel import Panel
from rich.syntax import Syntax

from supportbot.app import App, build_app, open_store
from supportbot.cli.common import ConfigOption, JsonOption, complain, emit, out, printable, settings_of, table
from supportbot.errors import UsageError
from supportbot.evidence import export_case, write_evidence
from supportbot.store import CAUSES, DraftRow, Transaction

By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does this; default: the login name.")]
Identifier = Annotated[str, typer.Argument(metavar="ID")]
_SOON = timedelta(days=7)
State = Annotated[str | None, typer.Option("--state", help="Only this state.")]

drafts = typer.Typer(help="Mails that wait for a reviewer.", no_args_is_help=True)
cases = typer.Typer(help="Re-bill cases and where they stand.", no_args_is_help=True)
tickets = typer.Typer(help="Tickets, and the credit memos among them.", no_args_is_help=True)
quarantine = typer.Typer(help="Messages that could not be worked, and why.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(drafts, name="drafts")
    app.add_typer(cases, name="cases")
    app.add_typer(tickets, name="tickets")
    app.add_typer(quarantine, name="quarantine")


@contextmanager
def opened(config: Path | None) -> Iterator[App]:
    """The app of a configuration, closed afterwards."""
    app = build_app(settings_of(config))
    try:
        yield app
    finally:
        app.close()


@contextmanager
def looking(config: Path | None) -> Iterator[Transaction]:
    """The records of a configuration, read only; without the rules and the language pipeline, which take seconds to load."""
    store = open_store(settings_of(config))
    try:
        with store.snapshot() as tx:
            yield tx
    finally:
        store.close()


@contextmanager
def changing(config: Path | None) -> Iterator[Transaction]:
    """The same records, to be changed: committed at the end, or as they were where anything raises."""
    store = open_store(settings_of(config))
    try:
        with store.transaction() as tx:
            yield tx
    finally:
        store.close()


def person(by: str | None) -> str:
    """Who acts: `--by`, else the login name."""
    return by or os.environ.get("SUPPORTBOT_USER") or getuser()


# -- drafts ------------------------------------------------------------------------------------------------------------


@drafts.command("list", help="Drafts, the oldest first.")
def list_drafts(state: State = "draft", json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        rows = tx.drafts(state=None if state == "all" else state)
    if json_lines:
        for row in rows:
            emit(asdict(row))
        return
    table(
        "Drafts",
        ("id", "template", "to", "subject", "rule", "can be approved", "since"),
        ((d.id, d.template, ", ".join(d.to), d.subject, d.rule, "yes" if not d.findings else "no", d.created_at) for d in rows),
        empty="No draft waits. New mail makes them: supportbot poll",
    )


@drafts.command("show", help="One draft as it would be sent, with its hash.")
def show_draft(draft_id: Identifier, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        draft = _known(tx, draft_id)
    if json_lines:
        emit(asdict(draft))
        return
    head = f"To: {', '.join(draft.to) or 'nobody'}\nSubject: {draft.subject}\n\n"
    out.print(
        Panel((printable(head + draft.body)).replace("[", "\\["), title=f"draft {draft.id}, {draft.state}", title_align="left")
    )
    out.print(printable(f"why: {draft.why}"), markup=False)
    for finding in draft.findings:
        out.print(f"cannot be approved: {finding}", style="red", markup=False)
    out.print(f"hash: {draft.content_sha256}", style="dim")


@drafts.command("approve", help="Let a draft go. With --hash, only if it is still what was shown.")
def approve_draft(
    draft_id: Identifier,
    shown: Annotated[str | None, typer.Option("--hash", help="The hash that `drafts show` printed.")] = None,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        draft = _draft(app, draft_id)
        app.desk.approve(draft_id, reviewer=person(by), shown_sha256=shown or draft.content_sha256)
    out.print(f"Approved {draft_id}: “{printable(draft.subject)}” goes to {', '.join(draft.to)}.", markup=False)


@drafts.command("edit", help="Change a draft's words in $EDITOR, or from --body FILE.")
def edit_draft(
    draft_id: Identifier,
    subject: Annotated[str | None, typer.Option("--subject", help="The new subject.")] = None,
    body: Annotated[Path | None, typer.Option("--body", metavar="FILE", help="The new text.")] = None,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        draft = _draft(app, draft_id)
        words = body.read_text() if body else (draft.body if subject else _in_editor(draft.body))
        edited = app.desk.edit(
            draft_id, subject=subject or draft.subject, body=words, reviewer=person(by), shown_sha256=draft.content_sha256
        )
    out.print(f"Draft {draft_id} is now version {edited.version}.")
    for finding in edited.findings:
        out.print(f"cannot be approved: {finding}", style="red", markup=False)


@drafts.command("reject", help="Refuse a draft, with a reason.")
def reject_draft(
    draft_id: Identifier,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the mail.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        draft = _draft(app, draft_id)
        app.desk.reject(draft_id, reviewer=person(by), shown_sha256=draft.content_sha256, reason=reason)
    out.print(f"Rejected {draft_id}.")


@drafts.command("undo", help="Take an approval back while the mail still waits.")
def undo_draft(draft_id: Identifier, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.undo_approval(draft_id, reviewer=person(by))
    out.print(f"Draft {draft_id} waits for review again.")


@drafts.command("outbox", help="Approved mail on its way: sent, parked as uncertain, failed.")
def show_outbox(state: State = None, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        rows = tx.outbox(state=state)
    if json_lines:
        for row in rows:
            emit({k: v for k, v in asdict(row).items() if k != "raw"})
        return
    table(
        "Outbox",
        ("id", "draft", "state", "to", "detail", "changed"),
        ((r.id, r.draft_id, r.state, ", ".join(r.recipients), r.detail, r.changed_at) for r in rows),
        empty="Nothing was approved yet.",
    )


@drafts.command("settle", help="Say what became of a mail parked as uncertain. It is never sent again by itself.")
def settle_mail(
    outbox_id: Identifier,
    delivered: Annotated[bool, typer.Option("--delivered/--not-delivered", help="Whether it went out.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        app.desk.settle_uncertain(outbox_id, delivered=delivered, by=person(by))
    out.print(f"{outbox_id} is settled as {'sent' if delivered else 'failed'}.")


def _draft(app: App, draft_id: str) -> DraftRow:
    with app.store.snapshot() as tx:
        return _known(tx, draft_id)


def _known(tx: Transaction, draft_id: str) -> DraftRow:
    draft = tx.draft(draft_id)
    if draft is None:
        raise UsageError(f"there is no draft {draft_id}; `supportbot drafts list` names them")
    return draft


def _in_editor(text: str) -> str:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("set $EDITOR, or give the new text with --body FILE")
    with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        try:
            run([*editor.split(), file.name], check=True)  # noqa: S603  # the person's own editor, on our own file
        except (OSError, CalledProcessError) as error:
            raise UsageError(f"the editor failed: {error}") from None
        return Path(file.name).read_text(encoding="utf-8")


# -- cases -------------------------------------------------------------------------------------------------------------


@cases.command("list", help="Cases, open ones by default.")
def list_cases(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    state: State = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    with looking(config) as tx:
        rows = tx.cases(state=state, open_only=not everything and state is None)
    if json_lines:
        for row in rows:
            emit(asdict(row))
        return
    table(
        "Cases",
        ("id", "order", "marketplace", "state", "opened", "closed", "why closed"),
        ((c.id, c.order_id, c.marketplace, c.state, c.opened_at, c.closed_at, c.close_reason) for c in rows),
        empty="No case is open.",
    )


@cases.command("show", help="One case: its events, mails, drafts, timers and tickets.")
def show_case(case_id: Identifier, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        case = tx.case(case_id)
        if case is None:
            raise UsageError(f"there is no case {case_id}; `supportbot cases list` names them")
        events, messages = tx.case_events(case_id), tx.messages(case_id=case_id)
        found, timers, opened_tickets = tx.drafts(state=None, case_id=case_id), tx.timers(case_id), tx.tickets(case_id=case_id)
    if json_lines:
        emit(
            asdict(case)
            | {
                "events": [asdict(e) for e in events],
                "messages": [asdict(m) for m in messages],
                "drafts": [asdict(d) for d in found],
                "timers": [asdict(t) for t in timers],
                "tickets": [asdict(t) for t in opened_tickets],
            }
        )
        return
    out.print(f"[bold]case {case.id}[/]  order {case.order_id}  [bold]{case.state}[/]", highlight=False)
    table(
        "Events",
        ("when", "who", "event", "from", "to", "why"),
        ((e.at, e.actor, e.event, e.from_state, e.to_state, e.reason) for e in events),
        empty="Nothing has happened yet.",
    )
    table("Mails", ("id", "from", "kind", "subject"), ((m.id, m.sender, m.kind, m.subject) for m in messages), empty="No mail.")
    table(
        "Drafts",
        ("id", "template", "state", "sent"),
        ((d.id, d.template, d.state, d.outbox_state) for d in found),
        empty="No draft.",
    )
    table(
        "Timers", ("name", "due", "source", "state"), ((t.name, t.due_at, t.source, t.state) for t in timers), empty="No timer."
    )
    table(
        "Tickets",
        ("id", "type", "status", "title"),
        ((t.id, t.type, t.status, t.title) for t in opened_tickets),
        empty="No ticket.",
    )


@cases.command("confirm", help="Confirm that our own mailbox holds the buyer's proved answer, so no chain is needed.")
def confirm_case(case_id: Identifier, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.money.confirm_direct_proof(case_id, by=person(by))
    out.print(f"Case {case_id} is proved; the credit-memo ticket is open and billing is asked.")


@cases.command("confirm-chain", help="Two people accept a claimed chain, with a reason.")
def confirm_chain(
    case_id: Identifier,
    second: Annotated[str, typer.Option("--second", metavar="NAME", help="The second person.")],
    reason: Annotated[str, typer.Option("--reason", help="Why the chain is believed.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        app.desk.money.confirm_chain(case_id, first=person(by), second=second, reason=reason)
    out.print(f"Case {case_id} is proved by two people; the credit-memo ticket is open.")


Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the record.")]


@cases.command(
    "export", help="Everything that proves a case, in a .zip file or folder that anybody can check: python3 check.py"
)
def export_evidence(
    case_id: Identifier,
    target: Annotated[Path, typer.Argument(metavar="FILE.zip|FOLDER", help="Must not exist yet.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    """Example: supportbot cases export c4Qx evidence.zip"""
    if target.exists():
        raise UsageError(f"{target} is there already; nothing is written over")
    with changing(config) as tx:
        found = export_case(tx, case_id)
        sha256 = hashlib.sha256(found["manifest.json"]).hexdigest()
        tx.audit(person(by), "export", f"case {case_id}", {"manifest_sha256": sha256, "files": len(found)})
    try:
        write_evidence(found, target)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}") from None
    out.print(f"{len(found)} files in {target}; the manifest's SHA-256, to be kept apart: {sha256}", highlight=False)


@cases.command("hold", help="Stop an open case: no memo opens or is issued until a person releases it.")
def hold_case(case_id: Identifier, reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.hold_case(case_id, by=person(by), reason=reason)
    out.print(f"Case {case_id} is on hold.")


@cases.command("release", help="End a hold: the case goes back to where it came from.")
def release_case(case_id: Identifier, reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    _resolve(case_id, "released", reason, by, config)


@cases.command("acknowledge", help="End a hold: a person confirms that the buyer's bare yes meant both.")
def acknowledge_case(case_id: Identifier, reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    _resolve(case_id, "acknowledged", reason, by, config)


@cases.command("reject-chain", help="A person does not believe the chain that people judge.")
def reject_chain(case_id: Identifier, reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.reject_chain(case_id, by=person(by), reason=reason)
    out.print(f"The chain of case {case_id} is refused; the case waits for better proof, or is closed.")


@cases.command("close", help="A held case, or one whose chain was refused, ends without a memo.")
def close_case(case_id: Identifier, reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.close_case(case_id, by=person(by), reason=reason)
    out.print(f"Case {case_id} is closed.")


def _resolve(
    case_id: str, outcome: Literal["released", "acknowledged"], reason: str, by: str | None, config: Path | None
) -> None:
    with opened(config) as app:
        app.desk.resolve_hold(case_id, outcome=outcome, by=person(by), reason=reason)
    out.print(f"Case {case_id} is {outcome}.")


# -- tickets -----------------------------------------------------------------------------------------------------------


@tickets.command("list", help="Tickets, the newest first.")
def list_tickets(
    status: Annotated[str | None, typer.Option("--status", help="Only this status.")] = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    with looking(config) as tx:
        rows = tx.tickets(status=status)
    if json_lines:
        for row in rows:
            emit(asdict(row))
        return
    table(
        "Tickets",
        ("id", "type", "status", "order", "title", "opened"),
        ((t.id, t.type, t.status, t.order_id, t.title, t.opened_at) for t in rows),
        empty="No ticket is open.",
    )


@tickets.command("show", help="One ticket; for a credit memo also its lines and sum.")
def show_ticket(ticket_id: Identifier, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        ticket, memo = tx.ticket(ticket_id), tx.memo(ticket_id=ticket_id)
        flags = tx.flags_of(memo.id) if memo else []
    if ticket is None:
        raise UsageError(f"there is no ticket {ticket_id}; `supportbot tickets list` names them")
    if json_lines:
        emit(asdict(ticket) | {"memo": asdict(memo) | {"flags": [asdict(f) for f in flags]} if memo else None})
        return
    out.print(Panel(printable(ticket.title), title=f"{ticket.type}, {ticket.status}", title_align="left"))
    table("Fields", ("name", "value"), ticket.fields.items(), empty="No fields.")
    if memo:
        table(
            "Units cancelled and shipped",
            ("line", "units", "price", "value"),
            ((line.line, line.units, line.unit_price, line.units * line.unit_price) for line in memo.lines),
            empty="No line.",
        )
        table(
            "Flags: a person looks, and clears each with a reason, before it is issued",
            ("flag", "what is odd", "evidence", "cleared by", "because"),
            ((f.code, f.sentence, f.evidence, f.cleared_by, f.reason) for f in flags),
            empty="Nothing is odd.",
        )
        out.print(f"at most {memo.cap} {memo.currency or ''}; entered {memo.amount or '-'} by {memo.entered_by or '-'}; "
                  f"approved by {memo.approved_by or '-'}; re-bill {memo.rebill_state}", highlight=False)  # fmt: skip


@tickets.command("confirm-rebill", help="Billing has re-billed the buyer.")
def confirm_rebill(
    ticket_id: Identifier,
    reference: Annotated[str, typer.Option("--reference", help="Billing's own number.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        memo = app.desk.money.confirm_rebill(ticket_id, by=person(by), reference=reference)
    out.print(f"Ticket {ticket_id} is {memo.status}.")


@tickets.command("fail-rebill", help="Billing could not re-bill the buyer: the case goes on hold.")
def fail_rebill(
    ticket_id: Identifier,
    reason: Annotated[str, typer.Option("--reason", help="Billing's words.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        app.desk.money.fail_rebill(ticket_id, by=person(by), reason=reason)
    out.print(f"Ticket {ticket_id} is on hold.")


@tickets.command("enter", help="The first person enters the amount of a credit memo.")
def enter_memo(
    ticket_id: Identifier,
    amount: Annotated[str, typer.Option("--amount", help="In the order's currency, e.g. 129.00.")],
    by: By = None,
    config: ConfigOption = None,
) -> None:
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise UsageError(f"--amount {amount}: expected an amount such as 129.00") from None
    with opened(config) as app:
        app.desk.money.enter_memo(ticket_id, amount=value, by=person(by))
    out.print(f"Entered {value} on ticket {ticket_id}; a second person issues it.")


@tickets.command("issue", help="The second person issues a credit memo.")
def issue_memo(ticket_id: Identifier, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        memo = app.desk.money.issue_memo(ticket_id, by=person(by))
    out.print(f"Issued: {memo.amount} {memo.currency or ''} for order {memo.order_id}.", highlight=False)


@tickets.command("clear", help="What a flag of a credit memo warns of was looked at; it may go on.")
def clear_flag(
    ticket_id: Identifier,
    code: Annotated[str, typer.Argument(metavar="FLAG", help="As `tickets show` names it.")],
    reason: Reason,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        app.desk.money.clear_flag(ticket_id, code, by=person(by), reason=reason)
    out.print(f"Flag {code.upper()} of ticket {ticket_id} is cleared.")


@tickets.command("close", help="What a ticket asks for is done, or need not be. A credit memo's ticket ends with its case.")
def close_ticket(ticket_id: Identifier, reason: Reason, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.close_ticket(ticket_id, by=person(by), reason=reason)
    out.print(f"Ticket {ticket_id} is closed.")


# -- quarantine --------------------------------------------------------------------------------------------------------


@quarantine.command("list", help="Messages that could not be worked; nothing leaves unread.")
def list_quarantine(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    keep = timedelta(days=settings_of(config).retention.quarantine_days)
    with looking(config) as tx:
        rows, soon = tx.quarantined(), tx.expiring(keep, _SOON)
    if json_lines:
        for row in rows:
            emit({**asdict(row), "emptied_on": None})  # what is held is never emptied
        for row, at in soon:
            emit({**asdict(row), "emptied_on": at})
        return
    table(
        "Quarantine",
        ("id", "mailbox", "cause", "step", "reason", "attempts", "since"),
        ((q.id, q.mailbox, q.cause, q.step, q.reason, q.attempts, q.at) for q in rows),
        empty="Nothing is in quarantine.",
    )
    if soon:
        complain(
            f"{len(soon)} released mail(s) are emptied within {_SOON.days} days, by `retention.quarantine_days`:"
            f" {', '.join(f'{row.id} on {at:%Y-%m-%d}' for row, at in soon[:20])}; `supportbot quarantine save` keeps one"
        )


@quarantine.command("show", help="One entry with its traceback.")
def show_quarantine(
    entry_id: Annotated[int, typer.Argument(metavar="ID")], json_lines: JsonOption = False, config: ConfigOption = None
) -> None:
    with looking(config) as tx:
        entry = tx.quarantine_entry(entry_id)
    if entry is None:
        raise UsageError(f"there is no quarantine entry {entry_id}; `supportbot quarantine list` names them")
    if json_lines:
        emit(asdict(entry))
        return
    words = f"{entry.reason}\n\n{entry.cause}: {CAUSES.get(entry.cause, 'not known to this version')}"
    out.print(Panel(printable(words).replace("[", "\\["), title=f"step {entry.step}, {entry.state}", title_align="left"))
    out.print(Syntax(entry.traceback, "pytb", background_color="default"))


@quarantine.command("retry", help="Work a message again, for instance after a fix.")
def retry_quarantine(
    entry_id: Annotated[int, typer.Argument(metavar="ID")], by: By = None, config: ConfigOption = None
) -> None:
    with opened(config) as app:
        with app.store.snapshot() as tx:
            entry = tx.quarantine_entry(entry_id)
        if entry is None or entry.message_id is None:
            raise UsageError(f"quarantine entry {entry_id} holds no message to work")
        app.desk.retry_quarantined(entry_id, by=person(by))
        worked = app.desk.work_message(entry.message_id)
    out.print(f"Message {worked.message_id}: {worked.action or 'quarantined again'}. {worked.why}", markup=False)
    if worked.quarantined:
        raise typer.Exit(1)


@quarantine.command("release", help="You have looked at it and seen to it by hand: it is held no more.")
def release_quarantine(
    entry_id: Annotated[int, typer.Argument(metavar="ID")], reason: Reason, by: By = None, config: ConfigOption = None
) -> None:
    with opened(config) as app:
        app.desk.release_quarantined(entry_id, by=person(by), reason=reason)
    out.print(f"Quarantine entry {entry_id} is released.")


@quarantine.command("edit", help="Take a mended copy in its place and work that; `save` writes the copy to mend.")
def edit_quarantine(
    entry_id: Annotated[int, typer.Argument(metavar="ID")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The mended mail.", exists=True, dir_okay=False)],
    reason: Reason,
    by: By = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    with opened(config) as app:
        message_id = app.desk.mend_quarantined(entry_id, file.read_bytes(), by=person(by), reason=reason)
        worked = app.desk.work_message(message_id)
    if json_lines:
        emit({"message": message_id, "action": worked.action, "quarantined": worked.quarantined, "error": None})
    else:
        out.print(f"Message {message_id}: {worked.action or 'quarantined again'}. {worked.why}", markup=False)
    if worked.quarantined:
        raise typer.Exit(1)


@quarantine.command("save", help="Write its mail to a file, to look at or to mend; `edit` takes a mended one in.")
def save_quarantine(
    entry_id: Annotated[int, typer.Argument(metavar="ID")],
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    config: ConfigOption = None,
) -> None:
    with looking(config) as tx:
        entry = tx.quarantine_entry(entry_id)
        kept = tx.kept_mail(entry.message_id) if entry and entry.message_id else None
    if kept is None:
        raise UsageError(f"quarantine entry {entry_id} holds no stored mail")
    if file.exists():
        raise UsageError(f"{file} exists; it is not written over")
    file.write_bytes(kept.raw)
    out.print(f"{file}: {len(kept.raw):,} bytes.", markup=False, highlight=False)
