"""train, evaluate: how good the reading is, measured on labelled mail."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.progress import Progress

from supportbot.app import build_house
from supportbot.cli.common import ConfigOption, JsonOption, emit, err, out, printable, settings_of, table
from supportbot.errors import UsageError
from supportbot.evaluation.reading import Outcome, Score, hands, measure, read_labels
from supportbot.evaluation.reading import tally as tally_reading
from supportbot.evaluation.share import Share
from supportbot.evaluation.training import train_on
from supportbot.evaluation.understanding import CorpusFile, by_kind, corpus_files, outcomes, tally
from supportbot.evaluation.understanding import Outcome as UnderstoodMail
from supportbot.judgement import House
from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import read_message, relabel
from supportbot.rulebook import default_folder, load_rulebook
from supportbot.triage.classify import Triage
from supportbot.triage.model import FOLDER, MODEL, read_manifest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

What = Annotated[
    Literal["all", "kinds", "reading"], typer.Argument(help="kinds: what mails are; reading: what they say, part by part.")
]
CorpusOption = Annotated[
    Path | None,
    typer.Option(
        "--corpus", metavar="DIR", help="Labelled mails; default training/corpus for kinds, training/reading for reading."
    ),
]
TrainingOption = Annotated[
    Path | None, typer.Option("--corpus", metavar="DIR", help="Labelled mails to learn from; default training/corpus.")
]
ShowOption = Annotated[bool, typer.Option("--show", help="Name each mail that is not read as its label says, and how.")]

_MEASURES = (
    ("new text exact", "new_exact"), ("chains complete", "chains"), ("machines recognised", "machines"),
    ("people left people", "people"), ("bounces", "bounces"), ("language", "languages"), ("answers paired", "answers"),
    ("boundary uncertain", "uncertain"), ("  ... of people's mail", "uncertain_people"),
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(
        help="Train the classifier of kinds from the labelled mail of training/corpus; the same mail gives the same octets."
    )(train)
    app.command(help="Print how well labelled mail is read: its kinds, and its parts.")(evaluate)


def train(
    corpus: TrainingOption = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write; default: the shipped model.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed gives another model.")] = 0,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    started = time.monotonic()
    files = [file for file in corpus_files(corpus or _training() / "corpus") if not file.sealed]
    rulebook = load_rulebook(settings_of(config).rules or default_folder("rules"))
    triage = Triage.build(rulebook.messages, {grammar.language: grammar for grammar in rulebook.consent})
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("training", total=None)
        model = train_on(files, triage, seed, lambda: progress.advance(task))
    folder = out_folder or FOLDER
    before = read_manifest(folder)
    model.save(folder)
    row = {**model.manifest, "folder": str(folder), "seconds": round(time.monotonic() - started, 1)}
    if json_lines:
        emit(row)
        return
    same = "the same octets as before" if before.get("sha256") == model.manifest["sha256"] else "other octets than before"
    out.print(
        f"Trained on {row['mails']} mails of {len(files)} files in {row['seconds']} s; {folder / MODEL} has {same}.\n"
        "How good it is: supportbot evaluate kinds",
        highlight=False,
    )


def evaluate(
    what: What = "all",
    corpus: CorpusOption = None,
    show: ShowOption = False,
    json_lines: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    settings = settings_of(config)
    if what != "reading":
        files = corpus_files(corpus if corpus and what == "kinds" else _training() / "corpus")
        _understanding(build_house(settings), files, show, json_lines)
    if what != "kinds":
        _reading(corpus if corpus and what == "reading" else _training() / "reading", show, json_lines, asked=what == "reading")


def _training() -> Path:
    return default_folder("rules").parent / "training"


# -- reading -----------------------------------------------------------------------------------------------------------


def _reading(folder: Path, show: bool, json_lines: bool, *, asked: bool) -> None:
    found = hands(folder)
    if not found and asked:
        raise UsageError(f"{folder}: no labelled mail; expected folders with .eml files and an expected.yaml in each")
    rows: list[Score] = []
    everything: list[Outcome] = []
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("reading", total=None)
        for hand in found:
            measured = []
            for mail in read_labels(hand):
                measured.append(measure(mail, _read))
                progress.advance(task)
            rows.append(tally_reading(hand.name, measured))
            everything += measured
    if not rows:
        return
    rows.append(tally_reading("all", everything))
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


def _plain(score: "DataclassInstance") -> dict[str, Any]:
    row = asdict(score)
    for name, value in row.items():
        share = getattr(score, name)
        if isinstance(share, Share):
            row[name] = {**value, "share": round(share.value, 4), "interval": [round(end, 4) for end in share.interval]}
    return row


# -- understanding -----------------------------------------------------------------------------------------------------

_UNDERSTOOD = (
    ("kind right", "kinds"), ("kind right where sure", "sure"), ("abstained", "abstained"), ("macro-F1 of kinds", "macro_f1"),
    ("false acceptances", "false_acceptances"), ("plain acceptances proved", "proved"), ("consent read right", "consent"),
    ("order ids", "orders"), ("tracking numbers", "tracking"), ("scope", "scope"), ("outcome", "outcome"),
    ("who speaks", "roles"), ("machine or person", "automated"), ("language", "languages"),
)  # fmt: skip


def _understanding(house: House, files: Sequence[CorpusFile], show: bool, json_lines: bool) -> None:
    examples = list(_examples(house))
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("understanding", total=sum(len(file.mails) for file in files))
        rows = list(outcomes(files, house.triage, lambda: progress.advance(task)))
    groups = _groups(rows)
    if json_lines:
        for kind, right, total in examples:
            emit({"kind": kind, "right": right, "n": total})
        for name, found in groups.items():
            emit(_plain(tally(name, found)))
            for one in by_kind(found):
                emit({"group": name, **_plain(one), "f1": round(one.f1, 4)})
        return
    if show:
        for row in rows:
            _show_outcome(row)
    table("Kinds, on the rules' own examples", ("kind", "right", "of"), examples, empty="No examples.")
    if not rows:
        out.print("No labelled mail was found: name a folder with --corpus.")
        return
    scores = [tally(name, found) for name, found in groups.items()]
    told = [(label, *(_told(getattr(score, name)) for score in scores)) for label, name in _UNDERSTOOD]
    title = "Understanding (share and its 95 % interval); known: the sender's role and the thread are known"
    table(title, ("measure", *(f"{score.group} ({score.mails})" for score in scores)), told, empty="")
    for name, found in groups.items():
        kinds = [(one.kind, str(one.recall), str(one.precision), f"{one.f1:.3f}") for one in by_kind(found)]
        table(f"Kinds of {name}, the weakest first", ("kind", "found", "right where called so", "F1"), kinds, empty="")
    spoken = sorted({str(row.mail.facts.language) for row in rows if row.mail.facts.language})
    by_language = [_in_language(language, [row for row in rows if row.mail.facts.language == language]) for language in spoken]
    columns = ("language", "mails", "kind right", "abstained", "false acceptances", "plain acceptances proved", "consent right")
    table("Languages, all mails, read as from a known sender", columns, by_language, empty="")


def _in_language(language: str, rows: Sequence[UnderstoodMail]) -> tuple[object, ...]:
    score = tally(language, [row for row in rows if row.sender == "known"])
    shares = (score.kinds, score.abstained, score.false_acceptances, score.proved, score.consent)
    return (language, score.mails, *(str(one) for one in shares))


def _groups(rows: Sequence[UnderstoodMail]) -> dict[str, list[UnderstoodMail]]:
    """By whether the mail was kept from the authors of the rules, and by whether its sender is known."""
    groups: dict[str, list[UnderstoodMail]] = {}
    for row in sorted(rows, key=lambda row: (row.file.sealed, row.sender), reverse=True):
        groups.setdefault(f"{'unseen' if row.file.sealed else 'open'}, {row.sender}", []).append(row)
    return groups


def _show_outcome(row: UnderstoodMail) -> None:
    """A line for each mail that is not understood as its label says; a sealed mail is never shown."""
    reading = row.reading
    wrong = [] if row.kind_right else [f"kind {reading.kind}{' (abstained)' if reading.abstained else ''}"]
    if row.consent_right is False:
        wrong.append(f"item {reading.facts.accepts_item}, re-billing {reading.facts.accepts_rebill}, tier {reading.tier}")
    if row.proved and not row.mail.accepts_both:
        wrong.append("FALSE ACCEPTANCE")
    if row.file.sealed or not wrong:
        return
    said = " / ".join(filter(None, (row.mail.subject, " ".join(row.mail.text.split())[:160])))
    told = f"{row.file.path.stem}, {row.sender}, {row.mail.kind}: {'; '.join(wrong)}: {said}"
    out.print(printable(told), markup=False, highlight=False, soft_wrap=True)


def _told(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _examples(house: House) -> list[tuple[str, int, int]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for rule in house.rulebook.messages:
        for passed in house.triage.run_examples(rule):
            total[rule.kind] += 1
            right[rule.kind] += passed
    return [(kind, right[kind], total[kind]) for kind in sorted(total)]
