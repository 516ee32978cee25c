"""messages: the mail that came in, and what a person has to read and see to by hand."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.panel import Panel

from supportbot.cli.common import ConfigOption, JsonOption, emit, out, printable, table
from supportbot.cli.review import By, looking, opened, person
from supportbot.errors import UsageError
from supportbot.store import MessageRow

Number = Annotated[int, typer.Argument(metavar="ID")]

messages = typer.Typer(help="Mail that came in, and what a person has to read.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(messages, name="messages")


@messages.command("list", help="Mail that waits to be read, the oldest first; or what is done, or all, the newest first.")
def list_messages(
    state: Annotated[Literal["to-read", "done", "all"], typer.Option("--state", help="Which mail.")] = "to-read",
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    with looking(config) as tx:
        waiting = tx.to_read()
        rows = waiting if state == "to-read" else tx.messages()
    if state == "done":
        unread = {row.id for row in waiting}
        rows = [row for row in rows if row.state == "done" and row.id not in unread]
    if json_lines:
        for row in rows:
            emit(asdict(row))
        return
    table(
        "Messages",
        ("id", "from", "subject", "kind", "decided", "why", "handled by", "received"),
        ((m.id, m.sender, m.subject, m.kind, m.action or m.state, m.why, m.handled_by, m.received) for m in rows),
        empty="No mail waits to be read by a person." if state == "to-read" else "No mail.",
    )


@messages.command("show", help="One mail: who writes, its new words, what was decided, and who has handled it.")
def show_message(message_id: Number, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with looking(config) as tx:
        row = tx.message(message_id)
        drafts = [] if row is None else tx.drafts(state=None, message_id=message_id)
    if row is None:
        raise UsageError(f"there is no message {message_id}; `supportbot messages list --state all` names them")
    if json_lines:
        emit(asdict(row) | {"drafts": [draft.id for draft in drafts]})
        return
    head = f"From: {row.sender or 'unknown'}\nSubject: {row.subject}\n\n"
    words = str(row.details.get("new_text") or "(no new words)")
    title = f"message {row.id}, received {row.received:%Y-%m-%d %H:%M} UTC"
    out.print(Panel(printable(head + words).replace("[", "\\["), title=title, title_align="left"))
    table(
        "Words that carry a fact",
        ("fact", "words", "rule"),
        ((found.get("fact"), found.get("text"), found.get("rule")) for found in row.details.get("evidence") or ()),
        empty="No word of it carries a fact.",
    )
    _print_thread(row)
    decided = ", ".join(filter(None, (row.kind, row.action, row.rule))) or row.state
    out.print(printable(f"decided: {decided}. {row.why}"), markup=False, highlight=False)
    for draft in drafts:
        out.print(f"draft {draft.id}: {draft.template}, {draft.state}", markup=False, highlight=False)
    out.print(_standing(row, bool(drafts)), style="dim", markup=False, highlight=False)


def _print_thread(row: MessageRow) -> None:
    """Where the mail was joined, and the threads that it names."""
    link = row.details.get("link") or {}
    if link:
        out.print(f"thread: {printable(str(link.get('why', '')))}", markup=False, highlight=False)
    table(
        "Threads that it names",
        ("subject", "order", "case", "joined", "why"),
        (
            (
                found.get("title"),
                ", ".join(found.get("orders") or ()),
                found.get("case"),
                "no" if found.get("refusal") else "yes",
                found.get("why"),
            )
            for found in link.get("candidates") or ()
        ),
        empty="It names no thread.",
    )


def _standing(row: MessageRow, answered: bool) -> str:
    if row.handled_at is not None:
        return f"handled by {row.handled_by}, {row.handled_at:%Y-%m-%d %H:%M} UTC"
    if row.state == "done" and row.needs_person and not answered:
        return f"waits to be read by a person; afterwards: supportbot messages done {row.id}"
    return "waits for nobody" if row.state == "done" and not answered else f"is {row.state}"


@messages.command("done", help="You have read a mail that no draft answers, and have seen to it.")
def mark_done(message_id: Number, by: By = None, config: ConfigOption = None) -> None:
    with opened(config) as app:
        app.desk.mark_handled(message_id, by=person(by))
    out.print(f"Message {message_id} is handled.")
