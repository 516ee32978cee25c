"""Tables as CSV (RFC 4180) that a spreadsheet reads as text and never as a formula (docs/spec/safety.md row 16)."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = tuple("=+-@\t\r＝＋－＠")


def safe_cell(value: object) -> str:
    """A cell's text; one that a spreadsheet might read as a formula begins with an apostrophe. Numbers stay numbers."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text
    return f"'{text}" if text.lstrip(" \"'\n\u00a0").startswith(_FORMULA) or text.startswith(("\t", "\r", "\n")) else text


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole table, every cell in quotes, for UTF-8 with a byte order mark, which spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()
