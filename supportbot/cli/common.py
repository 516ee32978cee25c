"""What the commands share: options, output for people and machines, input files, exit statuses."""

import json
import mailbox
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from supportbot.clock import SystemClock
from supportbot.config import load_settings
from supportbot.errors import UsageError
from supportbot.mail.redact import redact
from supportbot.settings import Settings

NEEDS_PERSON, WRONG_USE, OUTSIDE_FAILED = 1, 2, 3

out = Console()
err = Console(stderr=True)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="Configuration file; default config.yaml, then built-in.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
UserOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this; kept in the audit log.")]


@dataclass(frozen=True, slots=True)
class Input:
    """One message to read, or why it could not be had."""

    path: str
    raw: bytes | None
    received: datetime
    error: str | None = None


def settings_of(config: Path | None) -> Settings:
    """The settings of `--config`, else of ./config.yaml where there is one, else built in. Raises `ConfigError`."""
    if config is None and Path("config.yaml").is_file():
        config = Path("config.yaml")
    return load_settings(config)


def complain(sentence: str) -> None:
    """One sentence on standard error."""
    err.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)


def emit(row: object) -> None:
    """One JSON object on its own line."""
    line = json.dumps(row, ensure_ascii=False, default=_plain)
    sys.stdout.write(line.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")  # a file name need not be text


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "items"):
        return dict(value.items())
    return str(value)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table for people, or a sentence where there is nothing.

    In a file every row is one line. On a terminal too narrow for the longest words each row becomes a few full lines.
    """
    found = [[_cell(value) for value in row] for row in rows]
    if not found:
        out.print(empty, style="dim")
    elif not out.is_terminal and "COLUMNS" not in os.environ:
        widths = [max(map(len, cells)) for cells in zip(columns, *found, strict=True)]
        Console(file=out.file, width=sum(widths) + 3 * len(widths), color_system=None).print(_grid(title, columns, found))
    elif sum(_longest_words(columns, found)) + 3 * len(columns) <= out.width:
        out.print(_grid(title, columns, found))
    else:
        out.print(Text(title, style="bold"))
        for row in found:
            out.print(Text(row[0], style="bold"))
            said = [(name, cell) for name, cell in zip(columns[1:], row[1:], strict=True) if cell]
            told = (Text.assemble((f"{name}: ", "dim"), cell) if name else Text(cell) for name, cell in said)
            out.print(Padding(Text("  ").join(told), (0, 0, 0, 4)))


def _grid(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    grid = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column, least in zip(columns, _longest_words(columns, rows), strict=True):
        grid.add_column(column, overflow="fold", min_width=least)
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def _longest_words(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """By column, the width below which a word would be broken."""
    return [
        max((len(word) for cell in cells for word in cell.split()), default=0) for cells in zip(columns, *rows, strict=True)
    ]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    return printable(str(value))


def printable(text: str) -> str:
    """Text from a mail without what a terminal would obey, and without card, account and ID numbers; JSON output has all."""
    text = redact(text)
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


def moment(text: str | None) -> datetime | None:
    """An RFC 3339 time. Raises `UsageError`."""
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--received {text}: expected a time such as 2026-05-04T12:30:00Z") from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def inputs(paths: Sequence[Path]) -> Iterator[Input]:
    """Messages of files, folders, maildirs and mbox files, in order; an unreadable one comes with its error."""
    for path in paths:
        for file in _files(path):
            yield from _messages(file)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    folders = [path / name for name in ("cur", "new")]
    roots = folders if all(folder.is_dir() for folder in folders) else [path]
    for root in roots:
        for file in sorted(root.rglob("*")):
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                yield file


def _messages(file: Path) -> Iterator[Input]:
    now = SystemClock().now()
    try:
        raw = file.read_bytes()
        received = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        yield Input(str(file), None, now, error=f"{error.strerror or error}")
        return
    if not raw.startswith(b"From "):
        yield Input(str(file), raw, received)
        return
    box = mailbox.mbox(str(file), create=False)
    try:
        for number, key in enumerate(box.keys(), 1):
            yield Input(f"{file}#{number}", box.get_bytes(key), received)
    finally:
        box.close()


def error_row(fields: Sequence[str], path: str, error: str) -> dict[str, Any]:
    """A row with every field of a contract, all empty but the path and the error."""
    return dict.fromkeys(fields) | {"path": path, "error": error}
