"""How the demo looks on a terminal, on a narrow one, and in a file: the outcome table, the lines of a story, the summary."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDEST = 160  # columns; longer lines are hard to follow on any screen
TABLE_NEEDS = 136  # columns; below this each mail gets a few full lines instead of six slivers

COLUMNS = ("mail", "kind", "rule", "action", "draft or ticket", "why")
_STYLES = {"quarantine": "red", "done": "green", "person": "yellow", "waits": "cyan", "nothing": "dim"}
_MARKS = {"quarantine": "!", "done": "✓", "person": "?", "waits": "•", "nothing": "·"}
_LEGEND = (("done", "done"), ("waits", "a draft waits for you"), ("person", "a person decides"), ("nothing", "nothing to do"))
_SOURCE = re.compile(r"\s{0,9}\([“\"].*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the outcome table. `state` is a key of the legend: done, waits, person, nothing, quarantine."""

    sender: str
    subject: str
    kind: str
    rule: str
    action: str
    results: tuple[str, ...]  # drafts and tickets
    why: str
    state: str

    @property
    def mail(self) -> str:
        """The mail in one line."""
        return f"{self.sender or '?'}: {self.subject or '(no subject)'}"

    @property
    def short_why(self) -> str:
        """The reason's first sentence, without its rule id and the words of the source that it quotes."""
        plain = _SOURCE.sub("", self.why.removeprefix(f"{self.rule}: ")).split(". ")[0].strip()
        return plain if plain.endswith(".") else f"{plain}." if plain else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody did in a story."""

    who: str
    what: str


def fitted(out: Console) -> Console:
    """The console, or, where it writes to no terminal and no width is asked for, one as wide as the table is at its best."""
    if out.is_terminal or "COLUMNS" in os.environ:
        return out
    return Console(file=out.file, width=WIDEST, force_terminal=False, color_system=None)


def show_outcomes(out: Console, outcomes: Sequence[Outcome]) -> None:
    """What became of each mail, in the order given."""
    out.print()
    out.print(Text("What became of each mail", style="bold"), _legend(outcomes), sep="   ")
    if out.width >= TABLE_NEEDS:
        out.print(_table(outcomes, min(out.width, WIDEST)))
    else:
        out.print(Text(" · ".join(COLUMNS), style="dim"))
        for outcome in outcomes:
            _lines(out, outcome)


def show_step(out: Console, step: Step) -> None:
    """One line of a story: who, and what they did."""
    _indented(out, Text.assemble((f"{step.who:<11} ", "bold"), step.what), 4, 16)


def show_plot(out: Console, order_id: str, plot: str) -> None:
    """The heading of a story."""
    _indented(out, Text.assemble("order ", (order_id, "cyan"), f": {plot}"), 2, 4)


def show_summary(out: Console, lines: Iterable[str], following: Iterable[str]) -> None:
    """What came of it all, and what to do next."""
    out.print()
    out.print(Text("In short", style="bold"))
    for line in lines:
        _indented(out, Text(line), 2, 4)
    out.print()
    out.print(Text("Next", style="bold"))
    for line in following:
        _indented(out, Text(line), 2, 4)


def _legend(outcomes: Sequence[Outcome]) -> Text:
    there = {outcome.state for outcome in outcomes}
    said = [(_STYLES[state], f"{_MARKS[state]} {words}") for state, words in _LEGEND if state in there]
    if "quarantine" in there:
        said.append((_STYLES["quarantine"], f"{_MARKS['quarantine']} quarantine"))
    return Text("   ").join(Text(words, style=style) for style, words in said)


def _table(outcomes: Sequence[Outcome], width: int) -> Table:
    table = Table(
        box=SIMPLE_HEAD, header_style="bold", width=width, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True
    )
    table.add_column("", width=1, no_wrap=True)
    table.add_column("mail", ratio=10, overflow="fold")
    for name, values in (
        ("kind", [o.kind for o in outcomes]),
        ("rule", [o.rule for o in outcomes]),
        ("action", [o.action for o in outcomes]),
    ):
        table.add_column(name, min_width=max(map(len, (name, *values))), no_wrap=True)
    table.add_column("draft or ticket", ratio=9, overflow="fold")
    table.add_column("why", ratio=12, overflow="fold")
    for o in outcomes:
        style = _STYLES[o.state]
        table.add_row(
            Text(_MARKS[o.state], style=style),
            Text(o.mail),
            Text(o.kind),
            Text(o.rule),
            Text(o.action, style=style),
            Text("\n".join(o.results), style=style),
            Text(o.short_why, style="dim"),
        )
    return table


def _lines(out: Console, outcome: Outcome) -> None:
    """One mail on a narrow terminal: the mail, what was decided, and why."""
    style = _STYLES[outcome.state]
    mail = Text(f"{_MARKS[outcome.state]} ", style=style) + Text(outcome.mail, style="bold not dim")
    mail.truncate(out.width, overflow="ellipsis")
    out.print(mail)
    decided = "  ".join(filter(None, (outcome.kind, outcome.rule, outcome.action)))
    results = f" → {', '.join(outcome.results)}" if outcome.results else ""
    _indented(out, Text(decided + results, style=style), 2, 4)
    if outcome.short_why:
        _indented(out, Text(outcome.short_why, style="dim"), 2, 2)


def _indented(out: Console, text: Text, first: int, rest: int) -> None:
    """A text wrapped to the width, its first line and its other lines indented by so many columns; no blanks at the end."""
    for number, line in enumerate(text.wrap(out, max(out.width - rest, 20))):
        line.rstrip()
        out.print(Text(" " * (rest if number else first)) + line, soft_wrap=True)
