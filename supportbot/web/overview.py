"""The overview: today's work and its age, what became of drafts, mail in and out, the memos; tables also as CSV."""

from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.store import Transaction
from supportbot.web.language import marked, say, translated
from supportbot.web.queue import counts_of
from supportbot.web.room import SignedIn, TheConsole
from supportbot.web.sheets import sheet
from supportbot.web.words import kind_name, money, status_name

router = APIRouter()

PERIODS = (1, 7, 30, 90)
WIDTH = 100.0  # of a bar, in units of its picture


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: where it begins and how wide it is, and what it counts."""

    name: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart; the longest of the chart is `WIDTH` wide."""

    name: str
    note: str
    number: int
    parts: tuple[Part, ...]


def bars(rows: list[tuple[str, str, dict[str, int]]]) -> list[Bar]:
    """A chart of stacked bars from name, note and the parts of each line."""
    longest = max((sum(parts.values()) for _, _, parts in rows), default=0) or 1
    found: list[Bar] = []
    for name, note, parts in rows:
        start = 0.0
        drawn: list[Part] = []
        for part, number in parts.items():
            width = round(WIDTH * number / longest, 2)
            drawn.append(Part(part, number, round(start, 2), width))
            start += width
        found.append(Bar(name, note, sum(parts.values()), tuple(drawn)))
    return found


def _period(said: str) -> int:
    return next((days for days in PERIODS if str(days) == said), 7)


@router.get("/overview")
def show(request: Request, console: TheConsole, person: SignedIn, days: str = "7") -> Response:
    """The overview of the last days."""
    period = _period(days)
    with console.store.snapshot() as tx:
        reviewed = tx.reviewed(period)
        context: dict[str, Any] = {
            "ages": bars([(translated(name), "", {marked("drafts"): number}) for name, number in tx.waiting_by_age()]),
            "reviewed": bars(
                [
                    (
                        kind_name(row.kind) if row.kind else say("Due in its case"),
                        row.rule or "",
                        {
                            marked("as written"): row.unchanged,
                            marked("edited"): row.edited,
                            marked("rejected"): row.rejected,
                            marked("by autopilot"): row.autopilot,
                        },
                    )
                    for row in reviewed
                ]
            ),
            "health": tx.mailbox_health(),
            "troubles": request.app.state.vitals().troubles,
            "outbox": bars([(status_name(s), "", {marked("mails"): n}) for s, n in sorted(tx.outbox_states(period).items())]),
            "times": _times(tx, period),
            "memos": [(status_name(s), n, money(value, currency)) for s, currency, n, value in tx.memo_amounts()],
            "counts": counts_of(tx, person),
        }
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(
        request, "overview.html", person=person, csrf=csrf, period=period, periods=PERIODS, tables=TABLES, **context
    )


def _times(tx: Transaction, days: int) -> list[tuple[str, float]]:
    """Hours to answer: the quickest tenth, half of them, and nine of ten are answered within this."""
    seconds = tx.answer_seconds(days)
    if len(seconds) < 2:
        return [(marked("all of them"), round(second / 3600, 1)) for second in seconds]
    cuts = quantiles(seconds, n=10, method="inclusive")
    return [
        (name, round(cuts[at] / 3600, 1))
        for name, at in ((marked("one in ten"), 0), (marked("half of them"), 4), (marked("nine in ten"), 8))
    ]


TABLES = {"reviewed": "What became of drafts", "waiting": "Age of waiting drafts", "memos": "Credit memos"}


@router.get("/overview/{table}.csv")
def export(console: TheConsole, person: SignedIn, table: str, days: str = "7") -> Response:
    """A table of the overview as CSV; who took it is kept in the record."""
    if table not in TABLES:
        raise HTTPException(404)
    with console.store.transaction() as tx:
        if table == "reviewed":
            head: tuple[str, ...] = ("kind", "rule", "as written", "edited", "rejected", "autopilot")
            rows: list[tuple[object, ...]] = [
                (row.kind, row.rule, row.unchanged, row.edited, row.rejected, row.autopilot)
                for row in tx.reviewed(_period(days))
            ]
        elif table == "waiting":
            head, rows = ("age", "drafts"), [*tx.waiting_by_age()]
        else:
            head, rows = ("status", "currency", "memos", "amount"), [*tx.memo_amounts()]
        tx.audit(person.name, "export", f"table {table}", {"rows": len(rows)})
    return Response(
        sheet(head, rows),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{table}.csv"'},
    )
