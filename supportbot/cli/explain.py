"""explain: a mail with marks on the words that decided, how its answer derives, and what was not understood."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text
from rich.tree import Tree

from supportbot.app import build_house, open_reader
from supportbot.casework.facts import Derived, Evidence, Reading, ThreadContext
from supportbot.cli.common import ConfigOption, JsonOption, emit, inputs, out, printable, settings_of, table
from supportbot.cli.reading import CLASSIFIED, classified
from supportbot.errors import UsageError
from supportbot.judgement import House
from supportbot.mail.message import InboundMessage, Label

_STYLES = {
    "kind": "bold cyan",
    "accepts_item": "bold green",
    "accepts_rebill": "bold yellow",
    "order_ids": "magenta",
    "tracking": "blue",
}
_UNEXPLAINED = "white on red"
_OTHERS = "dim"
_MOST_SHARES = 3

AsksOption = Annotated[
    str | None,
    typer.Option("--asks", metavar="FORM", help="How our notice asked: one_sentence or two_questions; default: not known."),
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help="A mail with marks: which words decided, how an answer derives, what was not understood.")(explain)


def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One mail (.eml).")],
    asks: AsksOption = None,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    if asks not in (None, "one_sentence", "two_questions"):
        raise UsageError(f"--asks {asks}: expected one_sentence or two_questions")
    with open_reader() as reader:
        reader.warm()
        house = build_house(settings_of(config))
        item = next(iter(inputs([file])), None)
        if item is None or item.raw is None:
            raise UsageError(f"{file}: {item.error if item else 'no mail found'}")
        message = reader.read(item.raw)
    context = ThreadContext(answers_notice=True, notice_asks=asks) if asks else ThreadContext()  # type: ignore[arg-type]
    reading = house.triage.read(message, context)
    if json_lines:
        emit(_row(str(file), message, reading, house))
        return
    _print(message, reading, house)


def _row(path: str, message: InboundMessage, reading: Reading, house: House) -> dict[str, Any]:
    row = classified(path, message, house, reading)
    return {name: row[name] for name in CLASSIFIED} | {
        "why": reading.why,
        "tier": reading.tier,
        "derivation": [asdict(clause) for clause in reading.derivation],
        "unexplained": [
            {"text": message.new_text[start:end], "start": start, "end": end} for start, end in reading.unexplained
        ],
        "sounds_like": {kind: round(share, 4) for kind, share in reading.sounds_like},
        "rules_sha256": house.rulebook.sha256,
        "model_sha256": house.triage.model_sha256,
    }


def _print(message: InboundMessage, reading: Reading, house: House) -> None:
    sender = f"{message.sender.name} <{message.sender.address}>".strip() if message.sender else "nobody"
    title = f"{printable(sender)}: {printable(message.subject)}"
    out.print(
        Panel(_marked(message, reading), title=escape(title), title_align="left", subtitle=_legend(), subtitle_align="left")
    )
    sure = "abstained" if reading.abstained else "sure"
    out.print(f"[bold]{reading.kind}[/], {sure}, confidence {reading.confidence:.2f}. {escape(reading.why)}", highlight=False)
    if not message.boundary_certain:
        out.print("Where the new text ends is not certain: no consent is read by machine.", style="red")
    facts = [(one.name, _fact(value)) for one in fields(reading.facts) if (value := getattr(reading.facts, one.name))]
    table("Facts", ("fact", "value"), facts, empty="No fact.")
    table(
        "Words that carry a fact",
        ("fact", "words", "read by"),
        ((one.fact, one.text, one.rule) for one in reading.evidence),
        empty="No word of it carries a fact.",
    )
    if reading.derivation:
        tree = Tree(f"derivation, tier {reading.tier}: every clause is explained")
        for clause in reading.derivation:
            _grow(tree, clause)
        out.print(tree)
    elif reading.tier:
        out.print(f"tier {reading.tier}: not proved, a person decides", style="yellow")
    if reading.unexplained:
        spans = ((message.new_text[start:end],) for start, end in reading.unexplained)
        table("Not explained by the grammar", ("words",), spans, empty="")
    shares = [(kind, f"{share:.1%}") for kind, share in reading.sounds_like[:_MOST_SHARES]]
    table("How it sounds to the trained model", ("kind", "share"), shares, empty="No model was asked.")
    model = house.triage.model_sha256
    out.print(f"rules {house.rulebook.sha256[:12]}, model {model[:12] if model else 'none'}", style="dim", highlight=False)


def _fact(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _legend() -> str:
    told = " ".join(f"[{style}]{fact}[/]" for fact, style in _STYLES.items())
    return f"{told} [{_UNEXPLAINED}]not explained[/] [{_OTHERS}]not new[/]"


def _marked(message: InboundMessage, reading: Reading) -> Text:
    """The whole mail as it was read; marks stand on its new text, everything else is faint."""
    text = Text()
    new = Text(printable(message.new_text))
    for start, end in reading.unexplained:
        new.stylize(_UNEXPLAINED, start, end)
    for one in _widest_first(reading.evidence):
        new.stylize(_STYLES.get(one.fact, "bold"), one.start, one.end)
    text.append_text(new)
    for segment in message.segments:
        if segment.label is not Label.NEW:
            text.append(printable(message.body[segment.start : segment.end]), style=_OTHERS)
    return text


def _widest_first(evidence: tuple[Evidence, ...]) -> list[Evidence]:
    return sorted((one for one in evidence if one.end > one.start), key=lambda one: one.start - one.end)


def _grow(tree: Tree, derived: Derived) -> None:
    branch = tree.add(f"[bold]{escape(derived.name)}[/]  {escape(printable(derived.text))}", highlight=False)
    for inside in derived.inside:
        _grow(branch, inside)
