"""corpus: labelled mail that reading is learned from and measured by; what a person corrects becomes one."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from supportbot.app import build_house, open_reader
from supportbot.casework.facts import Kind
from supportbot.cli.common import ConfigOption, JsonOption, complain, emit, inputs, out, settings_of, table
from supportbot.cli.review import looking
from supportbot.errors import MissingMail, UnreadableMail, UsageError
from supportbot.evaluation.understanding import LabelledFacts, LabelledMail, corpus_files, outcomes
from supportbot.mail.message import InboundMessage, Label
from supportbot.rulebook import default_folder

_MOST_SHOWN = 40
_LISTS = ("order_ids", "tracking")

Folder = Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help="The labelled mails; default training/corpus.")]

corpus = typer.Typer(
    help="Labelled mail: add one, or see which clauses of acceptances the grammar does not know yet.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(corpus, name="corpus")


@corpus.command(
    "add", help="Keep a mail with what it really is. Example: corpus add odd.eml order_status sender_role=buyer language=en"
)
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One mail (.eml).")],
    kind: Annotated[Kind, typer.Argument(help="What it is.")],
    facts: Annotated[
        list[str] | None, typer.Argument(metavar="FACT=VALUE...", help="Its facts; several numbers with commas between.")
    ] = None,
    folder: Folder = None,
    hand: Annotated[str, typer.Option("--hand", metavar="NAME", help="The file it is added to.")] = "corrected",
    trap: Annotated[str | None, typer.Option("--trap", metavar="NAME", help="What makes it one: words that mislead.")] = None,
    config: ConfigOption = None,
) -> None:
    settings_of(config)
    item = next(iter(inputs([file])), None)
    if item is None or item.raw is None:
        raise UsageError(f"{file}: {item.error if item else 'no mail found'}")
    with open_reader() as reader:
        message = reader.read(item.raw)
    mail = _labelled(message, kind, _facts(facts or []), trap)
    target = (folder or _default()) / f"{hand}.jsonl"
    if not _keep(target, mail):
        out.print(f"{target} holds this mail already.", highlight=False)
        return
    out.print(f"{target}: one more {kind}. It is learned with the next `supportbot train`.", highlight=False)


@corpus.command("corrected", help="Keep every mail whose kind or facts were corrected at the console, as it stands there now.")
def corrected(
    folder: Folder = None,
    hand: Annotated[str, typer.Option("--hand", metavar="NAME", help="The file they are added to.")] = "corrected",
    config: ConfigOption = None,
) -> None:
    """Example: supportbot corpus corrected && supportbot train"""
    target = (folder or _default()) / f"{hand}.jsonl"
    added = known = 0
    with looking(config) as tx, open_reader() as reader:
        for message_id in tx.corrected_messages():
            row = tx.message(message_id)
            if row is None or row.kind is None:
                continue
            try:
                message = reader.read(tx.raw(row.sha256))
            except (MissingMail, UnreadableMail) as error:
                complain(f"message {message_id}: {error}")
                continue
            facts = row.details.get("facts") or {}
            told = {name: facts[name] for name in LabelledFacts.model_fields if facts.get(name) not in (None, [], False)}
            if _keep(target, _labelled(message, Kind(row.kind), LabelledFacts.model_validate(told), None)):
                added += 1
            else:
                known += 1
    out.print(f"{target}: {added} corrected mail(s) added, {known} known already.", highlight=False)


def _labelled(message: InboundMessage, kind: Kind, facts: LabelledFacts, trap: str | None) -> LabelledMail:
    return LabelledMail(
        text=message.new_text,
        below=message.text(Label.QUOTED, Label.OURS, Label.FORWARDED),
        subject=message.subject,
        kind=kind,
        facts=facts,
        trap=trap,
        source="corrected by a person",
    )


def _keep(target: Path, mail: LabelledMail) -> bool:
    """Add a mail to a file; False where it holds it already."""
    line = mail.model_dump_json(exclude_defaults=True)
    if target.exists() and line in target.read_text(encoding="utf-8").splitlines():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")
    return True


@corpus.command(
    "near-misses", help="Clauses of plain acceptances that no production explains, the most frequent and shortest first."
)
def near_misses(folder: Folder = None, json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    house = build_house(settings_of(config))
    files = [file for file in corpus_files(folder or _default()) if not file.sealed]
    found: Counter[str] = Counter()
    for row in outcomes(files, house.triage):
        if row.sender == "known" and row.mail.accepts_both and not row.proved:
            found.update(_unexplained(row.mail.text, row.reading.unexplained))
    rows = sorted(found.items(), key=lambda pair: (-pair[1], len(pair[0])))[:_MOST_SHOWN]
    if json_lines:
        for words, count in rows:
            emit({"words": words, "mails": count})
        return
    table("Not explained in acceptances", ("words", "mails"), rows, empty="Every acceptance is explained.")


def _unexplained(text: str, spans: tuple[tuple[int, int], ...]) -> Iterator[str]:
    for start, end in spans:
        words = " ".join(text[start:end].split()).casefold().strip(" .,!")
        if words:
            yield words


def _facts(told: list[str]) -> LabelledFacts:
    values: dict[str, Any] = {}
    for pair in told:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"{pair}: expected FACT=VALUE, such as sender_role=buyer")
        values[name] = tuple(value.split(",")) if name in _LISTS else value
    try:
        return LabelledFacts.model_validate(values)
    except ValidationError as fault:
        first = fault.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _default() -> Path:
    return default_folder("rules").parent / "training" / "corpus"
