"""`supportbot demo`: the whole product on embedded servers, with sample mail, sample orders and sample people who answer.

Nothing is staged but the people outside: the mailbox is IMAP, the mail goes out by SMTP, the proof is real DKIM, the database is
SQLite, and every step is the desk's own. Sample reviewers approve only what the credit-memo stories need; the rest waits for you.
"""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from supportbot.app import App, build_app, open_keys
from supportbot.console import open_console
from supportbot.demo.people import BILLING, DIRECT_PROOF_ORDER, REVIEWERS, STORY_ORDERS, SamplePeople
from supportbot.demo.buyers import demo_key_txt
from supportbot.demo.letters import SampleMail
from supportbot.demo.samples import AUTHSERV_ID, SUPPORT, demo_correspondents, sample_mails, sample_orders
from supportbot.demo.servers import EmbeddedImap, EmbeddedSmtp
from supportbot.settings import Settings

ROUNDS = 12  # more than the longest story needs
PASSWORD = "demo"  # noqa: S105  # of the embedded mailbox, which lives on loopback for the length of the demo


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the outcome table."""

    mail: str
    kind: str
    rule: str
    action: str
    result: str  # draft or ticket
    why: str


class Tour:
    """A supportbot at work on the embedded servers."""

    def __init__(self, stack: ExitStack, folder: Path, port: int) -> None:
        self.imap = EmbeddedImap(SUPPORT, PASSWORD)
        self.smtp = EmbeddedSmtp()
        for server in (self.imap, self.smtp):
            server.start()
            stack.callback(server.stop)
        self.settings = demo_settings(folder, self.imap, self.smtp, port)
        self.app: App = build_app(self.settings, key_of=open_keys(demo_key_txt()))
        stack.callback(self.app.close)
        self.people = SamplePeople()
        self._answered = 0
        with self.app.store.transaction() as tx:
            tx.import_orders(sample_orders())
            for name in REVIEWERS:
                tx.add_user(name, "approver")

    def fetch(self, mails: Sequence[SampleMail]) -> None:
        """Deliver the samples to the mailbox and poll it over IMAP."""
        for mail in mails:
            self.imap.append(mail.raw, mail.received)
        self.app.desk.fetch_new(self.app.sources[0])

    def work(self) -> Iterator[None]:
        """Decide everything that is pending, one message a step."""
        while pending := self.app.desk.work_pending(1):
            yield from (None for _ in pending)

    def play_stories(self) -> Iterator[str]:
        """Reviewers approve what the stories need, buyers and sellers answer, billing confirms, until nothing moves."""
        for _ in range(ROUNDS):
            steps = [*self._approve_for_stories(), *self._hear_from_outside(), *self._settle_money()]
            yield from steps
            if not steps:
                return

    def _approve_for_stories(self) -> Iterator[str]:
        with self.app.store.snapshot() as tx:
            waiting = [d for d in tx.drafts() if d.order_id in STORY_ORDERS and not d.findings]
        for draft in waiting:
            self.app.desk.approve(draft.id, reviewer=REVIEWERS[0], shown_sha256=draft.content_sha256)
            yield f"{REVIEWERS[0]} approves “{draft.subject}” to {', '.join(draft.to)}"
        self.app.desk.deliver_outbox()

    def _hear_from_outside(self) -> Iterator[str]:
        for line in self.answer_from_outside():
            yield line
        self.app.desk.fetch_new(self.app.sources[0])
        for _ in self.work():
            pass

    def answer_from_outside(self) -> Iterator[str]:
        """The people outside read what was sent to them since the last time, and write back."""
        accepted = list(self.smtp.accepted)
        fresh, self._answered = accepted[self._answered :], len(accepted)
        for sent in fresh:
            for answer in self.people.answers(sent.raw):
                self.imap.append(answer.raw)
                yield f"{answer.who}: {answer.what}"

    def _settle_money(self) -> Iterator[str]:
        money = self.app.desk.money
        with self.app.store.snapshot() as tx:
            memos = [(t.id, tx.memo(ticket_id=t.id)) for t in tx.tickets() if t.type == "credit_memo"]
            proved = [c for c in tx.cases(state="AWAITING_CHAIN") if c.order_id == DIRECT_PROOF_ORDER]
        for case in proved:
            money.confirm_direct_proof(case.id, by=REVIEWERS[0])
            yield f"{REVIEWERS[0]} confirms that our own mailbox holds the buyer's answer about order {case.order_id}"
        for ticket_id, memo in memos:
            if memo is None or memo.order_id not in STORY_ORDERS:
                continue
            if memo.status == "awaiting_rebill" and memo.rebill_state == "requested":
                money.confirm_rebill(ticket_id, by=BILLING, reference=f"RB-{memo.order_id}")
                yield f"billing confirms the re-bill of order {memo.order_id}"
            elif memo.status == "ready_for_approval" and memo.amount is None:
                money.enter_memo(ticket_id, amount=memo.cap, by=REVIEWERS[0])
                yield f"{REVIEWERS[0]} enters {memo.cap} {memo.currency or ''} for order {memo.order_id}"
            elif memo.status == "ready_for_approval":
                money.issue_memo(ticket_id, by=REVIEWERS[1])
                yield f"{REVIEWERS[1]}, the second person, issues the credit memo for order {memo.order_id}"

    def outcomes(self) -> list[Outcome]:
        """What became of every mail, in order of arrival."""
        with self.app.store.snapshot() as tx:
            messages = sorted(tx.messages(limit=1000), key=lambda m: m.id)
            drafts = {d.message_id: d for d in tx.drafts(state=None) if d.message_id is not None}
            tickets: dict[str | None, list[str]] = {}
            for ticket in tx.tickets():
                tickets.setdefault(ticket.case_id or ticket.order_id, []).append(f"ticket {ticket.type}: {ticket.status}")
        rows = []
        for message in messages:
            draft = drafts.get(message.id)
            if message.state == "quarantined":
                result = "quarantine"
            elif draft:
                result = f"draft {draft.template}" + (f" ({draft.outbox_state or draft.state})")
            else:
                found = tickets.get(message.case_id or message.order_id, [])
                result = found[0] if found and message.action not in ("none", "review") else ""
            rows.append(
                Outcome(
                    f"{message.sender or '?'}: {message.subject}",
                    message.kind or "",
                    message.rule or "",
                    message.action or "",
                    result,
                    message.why,
                )
            )
        return rows


def demo_settings(folder: Path, imap: EmbeddedImap, smtp: EmbeddedSmtp, port: int) -> Settings:
    """The settings of the tour: everything on loopback, nothing held back."""
    mailbox: dict[str, Any] = {
        "name": "demo",
        "address": SUPPORT,
        "host": "127.0.0.1",
        "port": imap.port,
        "security": "none",
        "user": SUPPORT,
        "password": PASSWORD,
        "trusted_authserv_ids": [AUTHSERV_ID],
    }
    return Settings.model_validate(
        {
            "database": f"sqlite:///{folder / 'demo.db'}",
            "mailboxes": [mailbox],
            "smtp": {"host": "127.0.0.1", "port": smtp.port, "security": "none"},
            "correspondents": demo_correspondents(),
            "limits": {"hold_seconds": 0},
            "schedule": {"poll_seconds": 5, "deliver_seconds": 1},
            "console": {"port": port},
        }
    )


def give_tour(out: Console, *, port: int, once: bool, show: bool = True) -> list[dict[str, str]]:
    """Run the demo; with `once`, end after the outcome table. The rows of the table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="supportbot-demo-")))
        if show:
            out.print("supportbot demo: an embedded mailbox, a mail server and a database start …", style="dim")
        tour = Tour(stack, folder, port)
        mails = sample_mails()
        tour.fetch(mails)
        with _progress(out, show) as progress:
            task = progress.add_task("reading and deciding", total=len(mails))
            for _ in tour.work():
                progress.advance(task)
        steps = []
        for step in tour.play_stories():
            steps.append(step)
            if show:
                out.print(f"  · {step}", style="dim", markup=False, highlight=False)
        outcomes = tour.outcomes()
        if show:
            out.print(_table(outcomes))
            out.print(_summary(tour, len(mails), len(outcomes)))
        if not once:
            _serve(tour, out)
        return [
            {"mail": o.mail, "kind": o.kind, "rule": o.rule, "action": o.action, "result": o.result, "why": o.why}
            for o in outcomes
        ]


def _progress(out: Console, show: bool) -> Progress:
    bar = BarColumn(bar_width=40)
    return Progress(TextColumn("{task.description}"), bar, MofNCompleteColumn(), console=out, disable=not show)


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="What became of each mail", title_justify="left", show_lines=False, header_style="bold", expand=True)
    for name, ratio in (("mail", 5), ("kind", 3), ("rule", 1), ("action", 3), ("draft or ticket", 4), ("why", 6)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for o in outcomes:
        cells = (o.mail, o.kind, o.rule, o.action, o.result, o.why)
        table.add_row(*(cell.replace("[", "\\[") for cell in cells))
    return table


def _summary(tour: Tour, sample_count: int, worked: int) -> Panel:
    with tour.app.store.snapshot() as tx:
        counts, waiting = tx.counts(), len(tx.drafts())
        memos = [tx.memo(ticket_id=t.id) for t in tx.tickets() if t.type == "credit_memo"]
        closed = [c for c in tx.cases() if c.closed_at and c.close_reason]
    issued = [m for m in memos if m and m.status == "issued"]
    lines = [
        f"{sample_count} sample mails, {worked - sample_count} answers of sample buyers and sellers: "
        f"{worked} worked, {counts.get('quarantine', 0)} in quarantine.",
        *(f"Credit memo issued: order {m.order_id}, {m.amount} {m.currency or ''}, two people." for m in issued),
        *(f"Closed without a memo: order {c.order_id} (the buyer did not agree)." for c in closed),
        f"{waiting} drafts wait for you.",
    ]
    return Panel("\n".join(lines), title="In short", title_align="left")


def _serve(tour: Tour, out: Console) -> None:
    """Keep working until interrupted: what you approve in the console is sent, and the sample people answer it."""
    engine = tour.app.engine()
    console = open_console(tour.app, "127.0.0.1", tour.settings.console.port, demo_users=REVIEWERS)
    engine.start()
    stop = threading.Event()
    out.print(
        Panel(
            f"http://127.0.0.1:{console.port}/\n\nSign in as {REVIEWERS[0]} or {REVIEWERS[1]} with one click, open a draft, "
            "press a to approve it.\nCtrl-C ends the demo; nothing is kept.",
            title="The review console is open",
            title_align="left",
        )
    )
    try:
        while not stop.wait(1.0):
            for line in tour.answer_from_outside():
                out.print(f"  · {line}", style="dim", markup=False, highlight=False)
    except KeyboardInterrupt:
        out.print("stopping …", style="dim")
    finally:
        console.stop()
        engine.stop()
