"""parse, classify, verify, decide: what supportbot makes of mail in files, without a database."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.progress import Progress

from supportbot.app import build_house, open_keys, open_reader
from supportbot.casework.chain import ChainVerdict, Link
from supportbot.casework.facts import Reading
from supportbot.cli.common import (
    NEEDS_PERSON,
    ConfigOption,
    Input,
    JsonOption,
    emit,
    err,
    error_row,
    inputs,
    moment,
    out,
    printable,
    settings_of,
    table,
)
from supportbot.errors import SupportbotError, UnreadableMail, UsageError
from supportbot.judgement import House, Judgement, OrderDecision, check_chain, judge
from supportbot.mail.message import InboundMessage
from supportbot.mail.plainly import READ_PLAINLY
from supportbot.orders import load_orders
from supportbot.proof import Letter, examine
from supportbot.records import FileRecords, records_from_files
from supportbot.rulebook import marketplaces_in
from supportbot.triage.language import language_of

Paths = Annotated[list[Path], typer.Argument(help="Mails: .eml files, folders, maildirs, mbox files.")]
OneFile = Annotated[Path, typer.Argument(metavar="FILE", help="One mail (.eml).")]
OrdersOption = Annotated[Path, typer.Option("--orders", metavar="FILE", help="Orders, as JSON or CSV.")]
SentOption = Annotated[Path | None, typer.Option("--sent", metavar="DIR", help="The mails we sent (.eml).")]
KeysOption = Annotated[
    Path | None,
    typer.Option("--dkim-keys", metavar="FILE", help="JSON: selector._domainkey.domain to TXT record; used instead of DNS."),
]
ReceivedOption = Annotated[
    str | None,
    typer.Option("--received", metavar="TIME", help="When it reached the mailbox (RFC 3339); default: the file's time."),
]

PARSED = (
    "path", "from", "to", "subject", "date", "message_id", "in_reply_to", "references", "new_text", "quoted_text",
    "signature", "language", "automated", "automated_reason", "bounce", "forwarded", "answers", "boundary", "attachments",
    "defects", "error",
)  # fmt: skip
BOUNCE = ("recipient", "status", "permanent", "original_message_id")
CLASSIFIED = ("path", "kind", "confidence", "abstained", "needs_person", "facts", "particulars", "evidence", "error")
FACTS = (
    "sender_role", "scope", "accepts_item", "accepts_rebill", "outcome", "order_ids", "tracking", "language", "automated",
)  # fmt: skip
PARTICULARS = ("near_misses", "order_lines", "quantities", "dates", "reasons", "on_behalf_of", "attachment_missing")
VERIFIED = ("path", "verdict", "grade", "order_id", "accepts_item", "accepts_rebill", "defects", "evidence", "error")
DECIDED = (
    "path", "kind", "marketplace", "order_id", "rule", "fired", "blocked", "missing", "action", "draft", "tickets",
    "timers", "metric_effect", "needs_person", "why", "error",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help="What a mail says: new text, quoted text, forwarded messages, machine marks.")(parse)
    app.command(help="Kind and facts of mails.")(classify)
    app.command(help="Grade a confirmation chain. Exit status 0 only when it is verified.")(verify)
    app.command(help="The whole decision about one mail, as if it came in now. Writes nothing.")(decide)


def parse(paths: Paths, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with open_reader() as reader:
        reader.warm()
        settings_of(config)
        rows = _each(paths, PARSED, reader.read_all, parsed)
        _print(rows, json_lines, "What the mails say", ("path", "from", "subject", "language", "new_text", "error"))


def classify(paths: Paths, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    with open_reader() as reader:
        reader.warm()
        house = build_house(settings_of(config))
        rows = _each(paths, CLASSIFIED, reader.read_all, lambda path, message: classified(path, message, house))
        _print(rows, json_lines, "What the mails are", ("path", "kind", "confidence", "abstained", "needs_person", "error"))


def verify(
    file: OneFile,
    orders: OrdersOption,
    sent: SentOption = None,
    dkim_keys: KeysOption = None,
    received: ReceivedOption = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    with _one_row(VERIFIED, file, json_lines):
        house, letter, records = _case(file, orders, sent, dkim_keys, received, config)
        judgement = judge(letter, records=records, house=house, now=letter.received)
    found = [d.order for d in judgement.decisions if d.order]
    verdict = judgement.verdict or check_chain(letter, judgement.reading, found, records, house)
    row = verified(str(file), verdict, found[0].order_id if len(found) == 1 else None) | {"signatures": signatures(letter)}
    if json_lines:
        emit(row)
    else:
        out.print(Panel(printable(verdict.why), title=f"{verdict.verdict}, grade {verdict.grade}", title_align="left"))
        table("Defects", ("code", "detail"), ((d.code, d.detail) for d in verdict.defects), empty="No defect.")
        table(
            "Signatures as we check them; ARC is advice, by which nothing is decided",
            ("mail", "dkim", "domain", "aligned", "why", "ARC"),
            (
                ("the mail itself" if s["place"] == 0 else f"attached, no. {s['place']}", s["dkim"], s["domain"], s["aligned"],
                 ", ".join(s["reasons"]), s["arc"])
                for s in row["signatures"]
            ),
            empty="No mail of the chain is signed.",
        )  # fmt: skip
    raise typer.Exit(0 if verdict.verdict == "verified" else NEEDS_PERSON)


def decide(
    file: OneFile,
    orders: OrdersOption,
    sent: SentOption = None,
    dkim_keys: KeysOption = None,
    received: ReceivedOption = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    with _one_row(DECIDED, file, json_lines):
        house, letter, records = _case(file, orders, sent, dkim_keys, received, config)
        judgement = judge(letter, records=records, house=house, now=letter.received)
    row = decided(str(file), judgement)
    if json_lines:
        emit(row)
    else:
        _show_decision(judgement)
    raise typer.Exit(NEEDS_PERSON if row["needs_person"] else 0)


# -- rows: the fields of the contract ----------------------------------------------------------------------------------


def parsed(path: str, message: InboundMessage) -> dict[str, Any]:
    """The row of `parse --json`."""
    return {
        "path": path,
        "from": {"name": message.sender.name, "address": message.sender.address} if message.sender else None,
        "to": [box.address for box in message.to],
        "subject": message.subject,
        "date": message.date,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "new_text": message.new_text,
        "quoted_text": message.quoted_text,
        "signature": message.signature,
        "language": language_of(message.new_text),
        "automated": message.automated_reason is not None or message.bounce is not None,
        "automated_reason": message.automated_reason or ("bounce" if message.bounce else None),
        "bounce": {name: getattr(message.bounce, name) for name in BOUNCE} if message.bounce else None,
        "forwarded": [
            {
                "depth": found.depth,
                "from": {"name": found.sender.name, "address": found.sender.address} if found.sender else None,
                "date": found.date or (found.date_raw or None),
                "to": list(found.to),
                "subject": found.subject,
                "body": found.body,
                "how": found.how,
            }
            for found in message.forwarded
        ],
        "answers": [{"question": pair.question, "answer": pair.answer} for pair in message.answers],
        "boundary": "certain" if message.boundary_certain else "uncertain",
        "attachments": [asdict(attachment) for attachment in message.attachments],
        "defects": list(message.defects),
        "error": None,
    }


def classified(path: str, message: InboundMessage, house: House, reading: Reading | None = None) -> dict[str, Any]:
    """The row of `classify --json`."""
    reading = reading or house.triage.read(message)
    facts = asdict(reading.facts)
    return {
        "path": path,
        "kind": reading.kind,
        "confidence": round(reading.confidence, 4),
        "abstained": reading.abstained,
        "needs_person": reading.needs_person or READ_PLAINLY in message.defects,
        "facts": {name: facts[name] for name in FACTS},
        "particulars": {name: facts[name] for name in PARTICULARS},
        "evidence": [asdict(evidence) for evidence in reading.evidence],
        "error": None,
    }


def verified(path: str, verdict: ChainVerdict, order_id: str | None) -> dict[str, Any]:
    """The row of `verify --json`."""
    return {
        "path": path,
        "verdict": verdict.verdict,
        "grade": verdict.grade,
        "order_id": order_id,
        "accepts_item": verdict.accepts_item,
        "accepts_rebill": verdict.accepts_rebill,
        "defects": [{"code": defect.code, "detail": defect.detail} for defect in verdict.defects],
        "evidence": [_proof_row(link) for link in verdict.deciding],
        "error": None,
    }


def signatures(letter: Letter) -> list[dict[str, Any]]:
    """Our own verdicts on the signatures of a mail (`place` 0) and of what is attached to it, and what ARC says of each.

    Where a provider's word is trusted, no own check of the mail itself decides anything.
    """
    return [
        {
            "place": check.place,
            "dkim": check.verdict.result,
            "domain": check.verdict.domain,
            "aligned": check.verdict.aligned,
            "reasons": list(check.verdict.reasons),
            "arc": check.arc,
        }
        for check in letter.checks
    ]


def _proof_row(link: Link) -> dict[str, Any]:
    spans = [e for e in link.evidence if e.text] or None
    start, end = (min(e.start for e in spans), max(e.end for e in spans)) if spans else (0, len(link.text))
    return {
        "message_id": link.message_id,
        "from": link.sender,
        "how": link.how,
        "dkim": link.dkim.result,
        "aligned": link.dkim.aligned,
        "text": link.text[start:end],
        "start": start,
        "end": end,
    }


def decided(path: str, judgement: Judgement) -> dict[str, Any]:
    """The row of `decide --json`; with several orders, `orders` holds one such decision for each."""
    row = _decision_row(path, judgement, judgement.main)
    if judgement.several_orders:
        row["orders"] = [_decision_row(path, judgement, found) for found in judgement.decisions]
    return row


def _decision_row(path: str, judgement: Judgement, found: OrderDecision) -> dict[str, Any]:
    decision, draft = found.decision, found.draft
    return {
        "path": path,
        "kind": judgement.reading.kind,
        "marketplace": found.marketplace,
        "order_id": found.order.order_id if found.order else None,
        "rule": decision.rule,
        "fired": list(decision.fired),
        "blocked": list(decision.blocked),
        "missing": list(decision.missing),
        "action": decision.action,
        "draft": {
            "template": draft.template,
            "to": list(draft.to),
            "subject": draft.subject,
            "body": draft.body,
            "language": draft.language,
            "findings": list(draft.findings),
        }
        if draft
        else None,
        "tickets": [
            {"type": t.type, "status": t.status, "order_id": t.order_id, "fields": dict(t.fields)} for t in decision.tickets
        ],
        "timers": [{"name": timer.name, "due": timer.due} for timer in decision.timers],
        "metric_effect": decision.metric_effect,
        "needs_person": decision.needs_person or decision.action == "review" or judgement.reading.needs_person,
        "why": decision.why,
        "error": None,
    }


# -- input and output --------------------------------------------------------------------------------------------------


@contextmanager
def _one_row(fields: tuple[str, ...], file: Path, json_lines: bool) -> Iterator[None]:
    """For programs, a failure is the row of the contract with its `error`; people get the sentence on standard error."""
    try:
        yield
    except SupportbotError as error:
        if json_lines:
            emit(error_row(fields, str(file), str(error)))
            raise typer.Exit(error.exit_code) from None
        raise


def _case(
    file: Path, orders: Path, sent: Path | None, keys: Path | None, received: str | None, config: Path | None
) -> tuple[House, Letter, FileRecords]:
    settings = settings_of(config)
    with open_reader() as reader:
        reader.warm()
        house = build_house(settings)
        known = load_orders(orders, marketplaces=marketplaces_in(house.rulebook.folder))
        item = next(iter(inputs([file])), None)
        if item is None or item.raw is None:
            raise UsageError(f"{file}: {item.error if item else 'no mail found'}")
        archive = _read_keys(keys) if keys else None
        when: datetime = moment(received) or item.received
        letter = examine(
            item.raw,
            when,
            read=reader.read,
            key_of=open_keys(archive),
            trusted_authserv_ids=house.trusted_authserv_ids,
        )
    return house, letter, records_from_files(known, sent)


def _read_keys(file: Path) -> dict[str, str]:
    try:
        archive = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: expected a JSON object of DKIM keys; {error}") from None
    if not isinstance(archive, dict) or not all(isinstance(v, str) for v in archive.values()):
        raise UsageError(f"{file}: expected a JSON object from selector._domainkey.domain to the TXT record")
    return archive


Read = InboundMessage | UnreadableMail


def _each(
    paths: list[Path],
    fields: tuple[str, ...],
    read_all: Callable[[Iterable[bytes]], Iterator[Read]],
    row_of: Callable[[str, InboundMessage], dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """A row a message; whatever goes wrong with one is its own row, and the next is taken."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("reading", total=None)
        for item, message in _in_order(inputs(paths), read_all):
            progress.advance(task)
            if message is None or isinstance(message, UnreadableMail):
                yield error_row(fields, item.path, f"UnreadableMail: {message}" if message else item.error or "")
                continue
            try:
                yield row_of(item.path, message)
            except OSError:
                raise  # a disk or a network without room; no mail is to blame
            except Exception as error:  # a bad input file never ends a run; it gets its own line
                yield error_row(fields, item.path, f"{type(error).__name__}: {error}")


def _in_order(
    items: Iterable[Input], read_all: Callable[[Iterable[bytes]], Iterator[Read]]
) -> Iterator[tuple[Input, Read | None]]:
    """Every input with its reading, None where there is nothing to read; some are read ahead."""
    ahead: deque[Input] = deque()

    def raws() -> Iterator[bytes]:
        for item in items:
            ahead.append(item)
            if item.raw is not None:
                yield item.raw

    for message in read_all(raws()):
        while ahead[0].raw is None:
            yield ahead.popleft(), None
        yield ahead.popleft(), message
    yield from ((item, None) for item in ahead)


def _print(rows: Iterator[dict[str, Any]], json_lines: bool, title: str, columns: tuple[str, ...]) -> None:
    needs_person, found = False, []
    for row in rows:
        needs_person |= bool(row["error"] or row.get("abstained") or row.get("needs_person"))
        needs_person |= READ_PLAINLY in (row.get("defects") or ())
        if json_lines:
            emit(row)
        else:
            found.append([_short(row.get(column)) for column in columns])
    if not json_lines:
        table(title, [column.replace("_", " ") for column in columns], found, empty="No mail found.")
    if needs_person:
        raise typer.Exit(NEEDS_PERSON)


def _short(value: object) -> object:
    if isinstance(value, dict):
        return value.get("address")
    if isinstance(value, str) and len(value) > 300:
        return value[:300] + "…"
    return value


def _show_decision(judgement: Judgement) -> None:
    reading = judgement.reading
    out.print(f"[bold]{reading.kind}[/]  confidence {reading.confidence:.2f}", highlight=False)
    for found in judgement.decisions:
        decision = found.decision
        order = found.order.order_id if found.order else "no order"
        out.print(
            Panel(printable(decision.why), title=f"{decision.action}  {decision.rule or ''}  ({order})", title_align="left")
        )
        for quote in decision.quotes:
            out.print(f"  “{printable(quote.text)}”  {quote.file}", style="dim", markup=False, highlight=False)
        if found.draft:
            body = printable(found.draft.body)
            title = f"draft {found.draft.template} to {', '.join(found.draft.to) or 'nobody'}: {printable(found.draft.subject)}"
            out.print(Panel(body.replace("[", "\\["), title=title.replace("[", "\\["), title_align="left"))
            for finding in found.draft.findings:
                out.print(f"  cannot be approved: {finding}", style="red", markup=False)
