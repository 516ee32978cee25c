"""train, evaluate: how good the reading is, measured on labelled mail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.progress import Progress

from supportbot.app import build_house
from supportbot.cli.common import ConfigOption, JsonOption, emit, err, out, printable, settings_of, table
from supportbot.cli.corpus import all_kinds, scores
from supportbot.errors import UsageError
from supportbot.evaluation import Outcome, Score, Share, hands, measure, read_labels, tally
from supportbot.judgement import House
from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import read_message, relabel
from supportbot.rulebook import default_folder

What = Annotated[
    Literal["all", "kinds", "reading"], typer.Argument(help="kinds: what mails are; reading: what they say, part by part.")
]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", metavar="DIR", help="Labelled mails to read; default training/reading.")
]
ShowOption = Annotated[bool, typer.Option("--show", help="Name each mail that is not read as its label says, and how.")]

_MEASURES = (
    ("new text exact", "new_exact"), ("chains complete", "chains"), ("machines recognised", "machines"),
    ("people left people", "people"), ("bounces", "bounces"), ("language", "languages"), ("answers paired", "answers"),
    ("boundary uncertain", "uncertain"),
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help="Build the language pipeline from its corpus.")(train)
    app.command(help="Print how well labelled mail is read: its kinds, and its parts.")(evaluate)


def train(config: ConfigOption = None) -> None:
    build_house(settings_of(config))
    out.print("This version reads mail by rules alone: the pipeline is built from rules/ at each start, nothing is trained.")


def evaluate(
    what: What = "all",
    corpus: CorpusOption = None,
    show: ShowOption = False,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    settings = settings_of(config)
    if what != "reading":
        _kinds(build_house(settings), json_lines)
    if what != "kinds":
        _reading(corpus or default_folder("rules").parent / "training" / "reading", show, json_lines, asked=what == "reading")


def _reading(folder: Path, show: bool, json_lines: bool, *, asked: bool) -> None:
    found = hands(folder)
    if not found and asked:
        raise UsageError(f"{folder}: no labelled mail; expected folders with .eml files and an expected.yaml in each")
    rows: list[Score] = []
    everything: list[Outcome] = []
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("reading", total=None)
        for hand in found:
            outcomes = []
            for mail in read_labels(hand):
                outcomes.append(measure(mail, _read))
                progress.advance(task)
            rows.append(tally(hand.name, outcomes))
            everything += outcomes
    if not rows:
        return
    rows.append(tally("all", everything))
    if json_lines:
        for score in rows:
            emit(_plain(score))
        return
    if show:
        for outcome in everything:
            for difference in outcome.differences:
                name = f"{outcome.mail.path.parent.name}/{outcome.mail.path.name}"
                out.print(printable(f"{name}: {difference}"), markup=False, highlight=False, soft_wrap=True)
    told = [(label, *(str(getattr(score, name)) for score in rows)) for label, name in _MEASURES]
    told.append(("mails with words of others taken as new", *(str(score.leaks) for score in rows)))
    told.append(("  ... and the boundary called certain", *(str(score.leaks_certain) for score in rows)))
    told.append(("  the same, what we sent not known", *(str(score.leaks_alone) for score in rows)))
    told.append(("mails with a new word lost", *(str(score.lost) for score in rows)))
    title = f"Reading, on the labelled mail of {folder} (share and its 95 % interval)"
    table(title, ("measure", *(f"{score.hand} ({score.mails})" for score in rows)), told, empty="No labelled mail.")


def _read(raw: bytes, ours: Sequence[str]) -> InboundMessage:
    """As the service reads: what we sent is known only after reading, from the thread."""
    message = read_message(raw)
    return relabel(message, ours) if ours else message


def _plain(score: Score) -> dict[str, Any]:
    row = asdict(score)
    for name, value in row.items():
        share = getattr(score, name)
        if isinstance(share, Share):
            row[name] = {**value, "share": round(share.value, 4), "interval": [round(end, 4) for end in share.interval]}
    return row


def _kinds(house: House, json_lines: bool) -> None:
    rows = list(_scores(house))
    unseen = list(scores(house.rulebook.folder.parent / "training" / "corpus", house.triage))
    if json_lines:
        for kind, right, total in rows:
            emit({"kind": kind, "right": right, "n": total})
        for score in unseen:
            emit({**asdict(score), "n": score.total})
        return
    table("Kinds, on the rules' own examples (not unseen mail)", ("kind", "right", "of"), rows, empty="No examples.")
    columns = ("corpus", "sender", "kind", "right", "abstained", "wrong", "of", "false acceptances")
    told = [
        (s.corpus, s.sender, s.kind, s.right, s.abstained, s.wrong, s.total, s.false_acceptances)
        for s in (*unseen, *all_kinds(unseen))
    ]
    title = "Kinds, on the labelled mail of training/corpus (seen since it was written)"
    table(title, columns, told, empty="No training/corpus beside the rules.")


def _scores(house: House) -> list[tuple[str, int, int]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for rule in house.rulebook.messages:
        for passed in house.triage.run_examples(rule):
            total[rule.kind] += 1
            right[rule.kind] += passed
    return [(kind, right[kind], total[kind]) for kind in sorted(total)]
