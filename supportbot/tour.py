"""`supportbot demo`: the whole product on embedded servers, with sample mail, sample orders and sample people who answer.

Nothing is staged but the people outside: the mailbox is IMAP, the mail goes out by SMTP, the proof is real DKIM, the database
is SQLite, and every step is the desk's own. Sample reviewers approve only what the credit-memo stories need; the rest waits for
you.
"""

import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from supportbot.app import App, build_app, open_keys, open_reader
from supportbot.console import open_console
from supportbot.demo.buyers import demo_key_txt
from supportbot.demo.letters import SampleMail
from supportbot.demo.people import DIRECT_PROOF_ORDER, FOR_YOU, REVIEWERS, STORIES, SamplePeople, Story, rebill_reference
from supportbot.demo.samples import AUTHSERV_ID, SUPPORT, demo_correspondents, sample_mails, sample_orders
from supportbot.demo.servers import EmbeddedImap, EmbeddedSmtp
from supportbot.demo.show import Outcome, Step, fitted, show_outcomes, show_plot, show_step, show_summary
from supportbot.errors import UsageError
from supportbot.settings import Settings
from supportbot.store import DraftRow, MemoRow, MessageRow, TicketRow
from supportbot.web import ConsoleServer

ROUNDS = 12  # more than the longest story needs
PASSWORD = "demo"  # noqa: S105  # of the embedded mailbox, which lives on loopback for the length of the demo
FIRST, SECOND = REVIEWERS


@dataclass(frozen=True, slots=True)
class Ending:
    """What the tour came to."""

    mails: int
    quarantined: int
    drafts_waiting: int
    drafts_held_back: int  # of these, the ones with findings
    to_read: int  # mail that a person decides
    issued: tuple[MemoRow, ...]
    closed: tuple[str, ...]  # orders whose case ended without a memo


class Tour:
    """A supportbot at work on the embedded servers."""

    def __init__(self, stack: ExitStack, folder: Path, port: int) -> None:
        self.imap = EmbeddedImap(SUPPORT, PASSWORD)
        self.smtp = EmbeddedSmtp()
        for server in (self.imap, self.smtp):
            server.start()
            stack.callback(server.stop)
        self.settings = demo_settings(folder, self.imap, self.smtp, port)
        self.app: App = build_app(self.settings, reader=open_reader().warm(), key_of=open_keys(demo_key_txt()))
        stack.callback(self.app.close)
        self.people = SamplePeople()
        self._heard = 0
        self._opened_by: dict[str, int] = {}  # ticket -> the mail that was worked when it was opened
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
            with self.app.store.snapshot() as tx:
                for ticket in tx.tickets(limit=1000):
                    self._opened_by.setdefault(ticket.id, pending[0].message_id)
            yield from (None for _ in pending)

    def play(self, story: Story) -> Iterator[Step]:
        """Reviewers approve what the story needs, buyer and seller answer, billing confirms, until nothing moves."""
        for _ in range(ROUNDS):
            steps = [*self._approve(story), *self._hear(), *self._settle_money(story)]
            yield from steps
            if not steps:
                return

    def hear_from_outside(self) -> Iterator[Step]:
        """The people outside read what was sent to them since the last time, and write back to the mailbox."""
        accepted = list(self.smtp.accepted)
        fresh, self._heard = accepted[self._heard :], len(accepted)
        for sent in fresh:
            for answer in self.people.answers(sent.raw):
                if answer.raw is not None:
                    self.imap.append(answer.raw)
                yield Step(answer.who, answer.what)

    def _approve(self, story: Story) -> Iterator[Step]:
        with self.app.store.snapshot() as tx:
            waiting = [d for d in tx.drafts() if d.order_id == story.order_id and not d.findings]
        for draft in waiting:
            self.app.desk.approve(draft.id, reviewer=FIRST, shown_sha256=draft.content_sha256)
            yield Step(FIRST, f"approves “{draft.subject}” to {', '.join(draft.to)}")
        self.app.desk.deliver_outbox()

    def _hear(self) -> Iterator[Step]:
        yield from self.hear_from_outside()
        self.app.desk.fetch_new(self.app.sources[0])
        for _ in self.work():
            pass

    def _settle_money(self, story: Story) -> Iterator[Step]:
        money = self.app.desk.money
        with self.app.store.snapshot() as tx:
            cases = [case for case in tx.cases() if case.order_id == story.order_id]
            memos = [memo for case in cases if (memo := tx.memo(case_id=case.id))]
            asked = any(mail.template == "m_request_billing" for case in cases for mail in tx.sent_mail(case_id=case.id))
        for case in cases:
            if case.order_id == DIRECT_PROOF_ORDER and case.state == "AWAITING_CHAIN":
                money.confirm_direct_proof(case.id, by=FIRST)
                yield Step(FIRST, "confirms that our own mailbox holds the buyer's answer; a re-bill is asked for")
        for memo in memos:
            amount = f"{memo.cap} {memo.currency or ''}".strip()
            if memo.status == "awaiting_rebill" and memo.rebill_state == "requested" and asked:
                reference = rebill_reference(memo.order_id)
                money.confirm_rebill(memo.ticket_id, by=FIRST, reference=reference)
                yield Step(FIRST, f"records billing's reference {reference}")
            elif memo.status == "ready_for_approval" and memo.amount is None:
                money.enter_memo(memo.ticket_id, amount=memo.cap, by=FIRST)
                yield Step(FIRST, f"enters {amount} into the credit memo")
            elif memo.status == "ready_for_approval":
                money.issue_memo(memo.ticket_id, by=SECOND)
                yield Step(SECOND, f"the second person, issues the credit memo over {amount}")

    def outcomes(self) -> list[Outcome]:
        """What became of every mail, in order of arrival."""
        with self.app.store.snapshot() as tx:
            messages = sorted(tx.messages(limit=1000), key=lambda message: message.id)
            drafts = tx.drafts(state=None, limit=1000)
            tickets = tx.tickets(limit=1000)
        return [
            _outcome(m, [d for d in drafts if d.message_id == m.id], [t for t in tickets if self._led_to(t, messages) == m.id])
            for m in messages
        ]

    def _led_to(self, ticket: TicketRow, messages: Sequence[MessageRow]) -> int | None:
        """The mail that led to a ticket; where a person opened it, the last one of its case."""
        of_case = [message.id for message in messages if message.case_id and message.case_id == ticket.case_id]
        return self._opened_by.get(ticket.id, of_case[-1] if of_case else None)

    def ending(self) -> Ending:
        """What it all came to."""
        with self.app.store.snapshot() as tx:
            drafts, messages, cases = tx.drafts(limit=1000), tx.messages(limit=1000), tx.cases(limit=1000)
            memos = [memo for case in cases if (memo := tx.memo(case_id=case.id))]
            to_read = len(tx.to_read(limit=1000))
        return Ending(
            mails=len(messages),
            quarantined=sum(message.state == "quarantined" for message in messages),
            drafts_waiting=len(drafts),
            drafts_held_back=sum(bool(draft.findings) for draft in drafts),
            to_read=to_read,
            issued=tuple(memo for memo in memos if memo.status == "issued"),
            closed=tuple(case.order_id for case in cases if case.closed_at and case.close_reason == "closed_no_memo"),
        )


def _outcome(message: MessageRow, drafts: Sequence[DraftRow], tickets: Sequence[TicketRow]) -> Outcome:
    written = [d.template + (f": {d.outbox_state or d.state}" if d.state != "draft" else "") for d in drafts]
    opened = [f"ticket {t.type}" + (f": {t.status}" if t.status != "open" else "") for t in tickets]
    if message.state == "quarantined":
        state = "quarantine"
    elif any(draft.state == "draft" for draft in drafts):
        state = "waits"
    elif message.needs_person and not drafts:
        state = "person"
    else:
        state = "done" if drafts or tickets else "nothing"
    return Outcome(
        sender=message.sender or "",
        subject=message.subject,
        kind=message.kind or "",
        rule=message.rule or "",
        action=message.action or "",
        results=("in quarantine",) if state == "quarantine" else (*written, *opened),
        why=message.why,
        state=state,
    )


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
    """Run the demo; with `once`, end after the outcome table. The rows of the table. Raises `UsageError` for a taken port."""
    out = fitted(out)
    out.quiet = not show
    with ExitStack() as stack:
        stack.enter_context(_terminated_as_interrupted())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="supportbot-demo-")))
        with out.status("starting a mailbox, a mail server and a database on this machine"):
            tour = Tour(stack, folder, port)
            console = None if once else _open(tour, stack)
        outcomes = _work_through(tour, out)
        show_summary(out, _summary(tour), _next(console))
        if console is not None:
            _serve(tour, console, out)
        return [
            {"mail": o.mail, "kind": o.kind, "rule": o.rule, "action": o.action, "result": ", ".join(o.results), "why": o.why}
            for o in outcomes
        ]


def _work_through(tour: Tour, out: Console) -> list[Outcome]:
    mails = sample_mails()
    with _progress(out) as progress:
        fetching = progress.add_task("fetching over IMAP", total=len(mails))
        deciding = progress.add_task("reading and deciding", total=len(mails))
        tour.fetch(mails)
        progress.update(fetching, completed=len(mails))
        for _ in tour.work():
            progress.advance(deciding)
    out.print()
    out.print("Three credit-memo stories, played to their end by sample people", style="bold")
    for story in STORIES:
        show_plot(out, story.order_id, story.plot)
        for step in tour.play(story):
            show_step(out, step)
    outcomes = tour.outcomes()
    show_outcomes(out, outcomes)
    return outcomes


def _progress(out: Console) -> Progress:
    text, bar = TextColumn("{task.description:<21}"), BarColumn(bar_width=30)
    return Progress(text, bar, MofNCompleteColumn(), console=out, disable=out.quiet)


def _summary(tour: Tour) -> list[str]:
    ending = tour.ending()
    issued = [
        f"order {memo.order_id} ({memo.amount} {memo.currency or ''})"
        for memo in sorted(ending.issued, key=lambda m: m.order_id)
    ]
    held_back = f" ({ending.drafts_held_back} of them cannot be approved yet)" if ending.drafts_held_back else ""
    return [
        f"{ending.mails} mails worked, {ending.quarantined} in quarantine.",
        f"{len(issued)} credit memos issued, each by two people: {', '.join(issued)}.",
        f"{len(ending.closed)} case closed without one: order {', '.join(ending.closed)}; its buyer did not agree.",
        f"{ending.drafts_waiting} drafts wait for a reviewer{held_back}; {ending.to_read} mails are left to a person.",
    ]


def _next(console: ConsoleServer | None) -> list[str]:
    if console is None:
        return [
            "supportbot demo             the same, then opens the review console",
            "supportbot init my-desk     writes what your own mailbox needs to start",
        ]
    return [
        f"Open http://127.0.0.1:{console.port}/ and continue as {FIRST} or {SECOND}.",
        "Open the first draft and approve it (key a): it is sent, and sample people answer.",
        f"Order {FOR_YOU} is left to you: its credit memo takes four approvals, billing's reference and both people.",
        "Ctrl-C ends the demo; nothing of it is kept.",
    ]


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends the tour as Ctrl-C does, so that servers stop and the folder is removed. Only where signals are ours."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _open(tour: Tour, stack: ExitStack) -> ConsoleServer:
    port = tour.settings.console.port
    try:
        console = open_console(tour.app, "127.0.0.1", port, demo_users=REVIEWERS)
    except UsageError as error:
        raise UsageError(f"{error}; `supportbot demo --port 0` takes any free one") from error
    stack.callback(console.stop)
    return console


def _serve(tour: Tour, console: ConsoleServer, out: Console) -> None:
    """Keep working until interrupted: what you approve in the console is sent, and the sample people answer it."""
    engine = tour.app.engine()
    engine.start()
    try:
        while True:
            for step in tour.hear_from_outside():
                show_step(out, step)
            threading.Event().wait(1.0)
    except KeyboardInterrupt:
        out.print("stopping …", style="dim")
    finally:
        engine.stop()
