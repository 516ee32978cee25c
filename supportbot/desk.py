"""The story: everything that happens to one message, in order.

    fetch_new -> keep_original            the bytes are stored and committed before anything reads them, then \\Seen
    work_message                          one transaction a message:
        examine -> judge                  read, screen, link, classify, find the order, check the chain, decide, draft
        keep_judgement                    thread, message row, evidence
        move_case                         the arrows the decision takes (casework.case.LIFECYCLE)
        lay_drafts                        a mail waits for a reviewer
        open_tickets, set_timers
    approve -> deliver_outbox             a person lets it go; at most once, ever
    ring_timers                           reminders and expiry
    money.py                              re-bill and credit memo, by one door

Pending work is never remembered, only derived: a message not yet done, a mail approved but not sent, a timer due. Whatever
raises puts that one message into quarantine, and the next is taken.
"""

import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog

from supportbot.casebook import CaseBook
from supportbot.casework.case import CaseEvent, CaseState
from supportbot.clock import Clock
from supportbot.errors import DeliveryError, FetchError, StoreError, UncertainDelivery, UsageError
from supportbot.judgement import DraftPlan, House, Judgement, OrderDecision, judge
from supportbot.mail.compose import compose, sendable_ids
from supportbot.mail.message import Mailbox, OutboundMessage, Verdict
from supportbot.money import MoneyDesk, refuse_outsiders
from supportbot.ports import MailSink, MailSource, TicketDesk
from supportbot.proof import KeyOf, Letter, examine
from supportbot.records import StoreRecords
from supportbot.store import AUTOPILOT, DraftRow, OutboxRow, Store, TimerRow, Transaction

log = structlog.get_logger()

ASKING = frozenset({"m_rebill_notice", "m_clarify_acceptance", "m_remind"})
"""Templates that ask the buyer for consent; each carries a single-use reply token."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of one message: its decision in a line, or why it is quarantined."""

    message_id: int
    kind: str | None
    action: str | None
    rule: str | None
    draft_id: str | None
    why: str
    quarantined: bool = False


class Desk:
    """Works the mailboxes of one team. Every public method is safe to call again after a crash at any point."""

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Clock,
        *,
        sink: MailSink,
        tickets: TicketDesk,
        key_of: KeyOf,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.house = house
        self.clock = clock
        self.sink = sink
        self.tickets = tickets
        self.key_of = key_of
        self.wake = wake
        self.cases = CaseBook(house.settings)
        self.money = MoneyDesk(store, house, clock, key_of=key_of, cases=self.cases, lay_draft=self.lay_draft)

    # -- mail in -------------------------------------------------------------------------------------------------------

    def fetch_new(self, source: MailSource) -> int:
        """Keep everything new in a mailbox, then mark it there; how many messages were not known before.

        Raises `FetchError`, `StoreError`; what is stored but not marked is marked the next time.
        """
        with self.store.snapshot() as tx:
            positions = tx.positions(source.name)
        new = 0
        for batch in source.fetch_new(positions):
            with self.store.transaction() as tx:
                kept = tx.keep(source.name, batch)
            new += sum(1 for k in kept if not k.known)
        if new:
            self.wake()
        self._mark_kept(source)
        return new

    def _mark_kept(self, source: MailSource) -> None:
        polled = {mailbox.name: mailbox.folders for mailbox in self.house.settings.mailboxes}.get(source.name)
        with self.store.snapshot() as tx:
            unmarked = tx.unmarked(source.name)
        for folder, positions in unmarked.items():
            if polled is None or folder in polled:
                source.mark_done(folder, positions)
                with self.store.transaction() as tx:
                    tx.mark(source.name, folder, positions)

    def work_pending(self, limit: int = 100) -> list[Worked]:
        """Work messages that are kept but not done, oldest first; one transaction each."""
        with self.store.snapshot() as tx:
            pending = tx.pending_messages(limit)
        return [self.work_message(message_id) for message_id in pending]

    def work_message(self, message_id: int) -> Worked:
        """Read, decide and carry out one message. A fault quarantines this message alone; a database fault is raised."""
        try:
            letter = self._letter(message_id)
            with self.store.transaction() as tx:
                if not tx.claim_message(message_id):
                    return Worked(message_id, None, None, None, None, "worked elsewhere meanwhile")
                judgement = judge(letter, records=StoreRecords(tx), house=self.house, now=self.clock.now())
                return self.carry_out(tx, message_id, judgement)
        except (StoreError, OSError):
            raise  # the database, the disk or the network failed: no message is to blame, and it stays to be worked
        except Exception as error:  # a poison message must not stop the next one; it is shown, never swallowed
            return self._quarantine(message_id, error)

    def carry_out(self, tx: Transaction, message_id: int, judgement: Judgement) -> Worked:
        """Write down a judgement and everything it calls for, in the caller's transaction."""
        thread_id = self._thread(tx, judgement)
        main = judgement.main
        case_id: str | None = None
        draft_ids: list[str] = []
        for found in judgement.decisions:
            case = self.cases.follow(tx, message_id, judgement, found, thread_id)
            own = case.id if case else None  # never the case of another order that the same mail names
            case_id = own or case_id
            for mail in filter(None, (found, self.cases.follow_up(judgement, found, self.house))):
                draft_id = self._answer(tx, mail, judgement, message_id, own)
                if draft_id:
                    draft_ids.append(draft_id)
                    if case:
                        self.cases.drafted(tx, case, mail, message_id)
                    self._let_go(tx, draft_id, mail, judgement)
            if found.decision.action == "open_credit_memo" and case:
                self.money.open_memo(tx, case, judgement, found, message_id)
            self._open_tickets(tx, found, own, message_id)
            for timer in found.decision.timers:
                tx.set_timer(case_id=own, name=timer.name, due_at=timer.due, source=timer.source)
        if judgement.message.bounce:
            case_id = self.cases.bounced(tx, message_id, judgement) or case_id
        self._finish(tx, message_id, judgement, thread_id, case_id)
        decision = main.decision
        tx.audit(
            "supportbot",
            "decide",
            f"message {message_id}",
            {
                "sha256": judgement.letter.sha256,
                "kind": judgement.reading.kind,
                "action": decision.action,
                "rule": decision.rule,
                "rules": self.house.rulebook.sha256,
                "drafts": draft_ids,
                "case": case_id,
            },
        )
        first = draft_ids[0] if draft_ids else None
        return Worked(message_id, judgement.reading.kind, decision.action, decision.rule, first, decision.why)

    def _letter(self, message_id: int) -> Letter:
        with self.store.snapshot() as tx:
            row = tx.message(message_id)
            if row is None:
                raise UsageError(f"there is no message {message_id}")
            raw = tx.raw(row.sha256)
        return examine(raw, row.received, key_of=self.key_of, trusted_authserv_ids=self.house.trusted_in(row.mailbox))

    def _thread(self, tx: Transaction, judgement: Judgement) -> str:
        message = judgement.message
        known = tx.thread_of([i for i in (message.in_reply_to, *reversed(message.references)) if i])
        thread_id = known or tx.open_thread(message.subject)
        tx.join_thread(thread_id, message.message_id)
        return thread_id

    def _let_go(self, tx: Transaction, draft_id: str, found: OrderDecision, judgement: Judgement) -> None:
        draft = tx.draft(draft_id) if self._may_go_alone(tx, found, judgement) else None
        if draft:
            self._approve(tx, draft_id, AUTOPILOT, draft.content_sha256)
            tx.audit("supportbot", "autopilot", f"draft {draft_id}", {"rule": draft.rule, "template": draft.template})

    def _answer(
        self, tx: Transaction, found: OrderDecision, judgement: Judgement, message_id: int, case_id: str | None
    ) -> str | None:
        if found.draft is None or found.decision.action == "open_credit_memo":
            return None  # the money desk asks billing itself, and only when the memo is open
        if self._braked(tx, found, case_id):
            return None
        return self.lay_draft(tx, found.draft, found, judgement, message_id=message_id, case_id=case_id)

    def _braked(self, tx: Transaction, found: OrderDecision, case_id: str | None) -> bool:
        """The loop brake: so many drafts a day to one address about one case or order, then a ticket for a person."""
        limit = self.house.settings.limits.answers_per_sender_per_day
        since = self.clock.now() - timedelta(days=1)
        order_id = found.order.order_id if found.order else None
        recipients = found.draft.to if found.draft else ()
        if all(tx.recent_answers(one, since, case_id=case_id, order_id=order_id) < limit for one in recipients):
            return False
        about = f"order {order_id}" if order_id else "mail without an order"
        tx.open_ticket(
            type="other",
            status="open",
            case_id=case_id,
            order_id=order_id,
            title=f"{about}: {limit} answers to one address within a day; no more is drafted, a person looks",
            fields={"template": found.draft.template if found.draft else "", "why": found.decision.why},
            business_key=f"brake:{case_id or order_id}:{','.join(recipients)}:{since.date()}",
        )
        return True

    def lay_draft(
        self,
        tx: Transaction,
        draft: DraftPlan,
        found: OrderDecision,
        judgement: Judgement | None,
        *,
        message_id: int | None,
        case_id: str | None,
    ) -> str | None:
        """Put a draft before the reviewers; None where the same one exists already (I3)."""
        message = judgement.message if judgement else None
        answers_sender = bool(message and message.sender and message.sender.address in draft.to)
        order_id = found.order.order_id if found.order else None
        return tx.add_draft(
            message_id=message_id,
            case_id=case_id,
            order_id=order_id,
            template=draft.template,
            rule=found.decision.rule,
            language=draft.language,
            to=draft.to,
            subject=draft.subject,
            body=draft.body,
            findings=draft.findings,
            why=found.decision.why,
            token=secrets.token_hex(16) if draft.template in ASKING else None,
            in_reply_to=message.message_id if message and answers_sender else None,
            references=(*message.references, *filter(None, (message.message_id,))) if message and answers_sender else (),
            business_key=f"{draft.template}:{case_id or order_id or '-'}:{message_id or found.decision.rule}",
        )

    def _open_tickets(self, tx: Transaction, found: OrderDecision, case_id: str | None, message_id: int) -> None:
        for ticket in found.decision.tickets:
            if ticket.type in ("credit_memo", "rebill_request"):
                continue  # money leaves by its own door
            tx.open_ticket(
                type=ticket.type,
                status=ticket.status,
                case_id=case_id,
                order_id=ticket.order_id,
                title=f"{ticket.type.replace('_', ' ')}: order {ticket.order_id or 'unknown'}",
                fields=dict(ticket.fields),
                business_key=f"{ticket.type}:{ticket.order_id}:{message_id}",
            )

    def _finish(self, tx: Transaction, message_id: int, judgement: Judgement, thread_id: str, case_id: str | None) -> None:
        reading, decision = judgement.reading, judgement.main.decision
        tx.add_evidence(message_id, reading.evidence)
        tx.finish_message(
            message_id,
            header_message_id=judgement.message.message_id,
            sender=judgement.message.sender.address if judgement.message.sender else None,
            subject=judgement.message.subject,
            kind=reading.kind,
            confidence=reading.confidence,
            abstained=reading.abstained,
            thread_id=thread_id,
            case_id=case_id,
            order_id=judgement.main.order.order_id if judgement.main.order else None,
            action=decision.action,
            rule=decision.rule,
            why=decision.why,
            details=details_of(judgement, self.house.rulebook.sha256),
            needs_person=needs_person(judgement),
        )

    def _quarantine(self, message_id: int, error: Exception) -> Worked:
        step, reason = step_of(error), f"{type(error).__name__}: {error}"
        with self.store.transaction() as tx:
            row = tx.message(message_id)
            tx.quarantine(
                message_id,
                mailbox=row.mailbox if row else "",
                step=step,
                reason=reason[:500],
                traceback="".join(traceback.format_exception(error)),
            )
        log.warning("message quarantined", message=message_id, step=step, error=type(error).__name__)
        return Worked(message_id, None, None, None, None, f"{step}: {reason}", quarantined=True)

    # -- review --------------------------------------------------------------------------------------------------------

    def approve(self, draft_id: str, *, reviewer: str, shown_sha256: str) -> None:
        """Let a draft go, exactly as it was shown. Raises `UsageError` when it changed, cannot be approved or is gone."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, reviewer, known=False)
            self._approve(tx, draft_id, reviewer, shown_sha256)
        self.wake()

    def _approve(self, tx: Transaction, draft_id: str, reviewer: str, shown_sha256: str) -> None:
        draft = tx.review(draft_id, decision="approved", reviewer=reviewer, shown_sha256=shown_sha256)
        outbound = self._outbound(draft)
        tx.enqueue(
            draft_id=draft.id,
            header_message_id=outbound.message_id,
            envelope_from=outbound.sender.address,
            recipients=outbound.to,
            raw=compose(outbound),
            not_before=self.clock.now() + timedelta(seconds=self.house.settings.limits.hold_seconds),
        )
        self.cases.approved(tx, draft, reviewer)

    def _may_go_alone(self, tx: Transaction, found: OrderDecision, judgement: Judgement) -> bool:
        """Whether the owner lets this template and rule out alone, and people have confirmed it often enough (I9)."""
        settings, draft = self.house.settings, found.draft
        if draft is None or f"{draft.template}/{found.decision.rule}" not in settings.autopilot or draft.findings:
            return False
        if not judgement.letter.sender.passed or found.decision.needs_person or judgement.reading.needs_person:
            return False  # never by itself to somebody who is not proved, or where a person is asked for (I8)
        after = settings.autopilot_after
        return tx.clean_approvals(draft.template, found.decision.rule, self.house.rulebook.sha256, after) >= after

    def edit(self, draft_id: str, *, subject: str, body: str, reviewer: str, shown_sha256: str) -> DraftRow:
        """Replace a draft's words; the linter reads them again. Raises `UsageError` when it changed meanwhile."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, reviewer, known=False)
            draft = tx.draft(draft_id)
            if draft is None:
                raise UsageError(f"there is no draft {draft_id}")
            findings = self.house.templates.lint(
                draft.template, subject, body, self._lint_values(tx, draft), language=draft.language
            )
            return tx.edit_draft(
                draft_id, subject=subject, body=body, findings=findings, editor=reviewer, expected_sha256=shown_sha256
            )

    def reject(self, draft_id: str, *, reviewer: str, shown_sha256: str, reason: str) -> None:
        """Refuse a draft, with a reason. Raises `UsageError`."""
        if not reason.strip():
            raise UsageError("a rejection needs a reason; it teaches the rules")
        with self.store.transaction() as tx:
            refuse_outsiders(tx, reviewer, known=False)
            draft = tx.review(draft_id, decision="rejected", reviewer=reviewer, shown_sha256=shown_sha256, reason=reason)
            self.cases.rejected(tx, draft, reviewer, reason)

    def undo_approval(self, draft_id: str, *, reviewer: str) -> None:
        """Take an approval back while the mail still waits out its hold. Raises `UsageError` when it is too late."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, reviewer, known=False)
            draft = tx.withdraw_approval(draft_id, reviewer=reviewer)
            self.cases.approval_undone(tx, draft, reviewer)

    def retry_quarantined(self, entry_id: int, *, by: str) -> None:
        """Have a quarantined message worked again. Raises `UsageError`."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            tx.retry_quarantined(entry_id)
            tx.audit(by, "retry", f"quarantine {entry_id}", {})
        self.wake()

    def mark_handled(self, message_id: int, *, by: str) -> None:
        """A person has read a message that no draft answers, and has seen to it. Raises `UsageError`."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            tx.mark_handled(message_id, by)

    def close_ticket(self, ticket_id: str, *, by: str, reason: str) -> None:
        """A person has done what a ticket asks for, or it need not be done. Raises `UsageError` for a credit memo's ticket,
        and for a re-bill request that billing has yet to answer: their case ends those.
        """
        if not reason.strip():
            raise UsageError("a ticket is closed with a reason; it is kept with it")
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            ticket = tx.ticket(ticket_id)
            if ticket is None:
                raise UsageError(f"there is no ticket {ticket_id}")
            if ticket.close_reason is not None:
                raise UsageError(f"ticket {ticket_id} is closed already: {ticket.close_reason}")
            if ticket.type == "credit_memo":
                raise UsageError("a credit memo's ticket ends with its case: it is issued, or the case closes without it")
            case = tx.case(ticket.case_id) if ticket.case_id else None
            if ticket.type == "rebill_request" and case and case.closed_at is None:
                raise UsageError("a re-bill request ends with billing's answer: confirm the re-bill, or say that it failed")
            tx.close_ticket(ticket_id, reason.strip(), by=by)

    def resolve_hold(
        self, case_id: str, *, outcome: Literal["released", "acknowledged", "closed"], by: str, reason: str
    ) -> None:
        """End a HOLD: back to where it came from, on as acknowledged (a bare yes that a person understood), or closed.

        Raises `UsageError` where the case is not held or no reason is given.
        """
        event = {"released": CaseEvent.RELEASED, "acknowledged": CaseEvent.ACKNOWLEDGED, "closed": CaseEvent.CLOSED}[outcome]
        self._decide_case(case_id, event, (CaseState.HOLD,), by=by, reason=reason)

    def close_case(self, case_id: str, *, by: str, reason: str) -> None:
        """End a held case, or one whose chain was refused, without a memo. Raises `UsageError`."""
        self._decide_case(case_id, CaseEvent.CLOSED, (CaseState.HOLD, CaseState.CHAIN_REJECTED), by=by, reason=reason)

    def reject_chain(self, case_id: str, *, by: str, reason: str) -> None:
        """A person does not believe the chain that people judge (CHAIN_MANUAL). Raises `UsageError`."""
        self._decide_case(case_id, CaseEvent.CHAIN_REFUSED, (CaseState.CHAIN_MANUAL,), by=by, reason=reason)

    def _decide_case(self, case_id: str, event: CaseEvent, states: tuple[CaseState, ...], *, by: str, reason: str) -> None:
        if not reason.strip():
            raise UsageError("a person decides a case with a reason; it is kept in the case")
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            case = tx.case(case_id)
            if case is None:
                raise UsageError(f"there is no case {case_id}")
            moved = False
            if case.state in states:
                _, moved = self.cases.take(tx, case, event, by, reason=reason.strip())
            if not moved:
                raise UsageError(f"case {case_id} is in {case.state}: “{event}” is not possible now")

    def _outbound(self, draft: DraftRow) -> OutboundMessage:
        mailbox = self.house.settings.mailboxes[0].address if self.house.settings.mailboxes else "support@localhost"
        local, _, domain = mailbox.rpartition("@")
        return OutboundMessage(
            message_id=f"<sb.{secrets.token_hex(16)}.{draft.id.lower()}@{domain}>",  # without the token, which it would betray
            sender=Mailbox(self.house.settings.team_name, mailbox),
            to=draft.to,
            subject=draft.subject,
            body=draft.body,
            date=self.clock.now(),
            in_reply_to=next(iter(sendable_ids([draft.in_reply_to or ""])), None),
            references=sendable_ids(draft.references)[-20:],
            reply_to=f"{local}+{draft.token}@{domain}" if draft.token else None,
            auto_submitted="auto-replied" if draft.in_reply_to else "auto-generated",
        )

    def _lint_values(self, tx: Transaction, draft: DraftRow) -> Mapping[str, object]:
        orders = tx.find_orders([draft.order_id]) if draft.order_id else []
        shipment = next((s for found in orders for s in found.order.shipments if s.tracking_number), None)
        if shipment is None:
            return {}
        return {"carrier": shipment.carrier or "", "tracking_number": shipment.tracking_number or ""}

    # -- mail out ------------------------------------------------------------------------------------------------------

    def recover(self) -> list[str]:
        """At start: a mail found in `sending` may have gone out, so it is parked as uncertain, never sent again (I5)."""
        with self.store.transaction() as tx:
            return tx.park_interrupted()

    def deliver_outbox(self) -> int:
        """Send what is approved and due, one at a time; how many were sent. Each mail goes out at most once, ever."""
        sent = 0
        limits = self.house.settings.limits
        while True:
            now = self.clock.now()
            with self.store.transaction() as tx:
                if tx.sends_since(now - timedelta(hours=1)) >= limits.sends_per_hour:
                    log.warning("hourly send limit reached", limit=limits.sends_per_hour)
                    return sent
                entry = tx.claim_outbox(now)
            if entry is None:
                return sent
            sent += self._send(entry)

    def _send(self, entry: OutboxRow) -> bool:
        retry_at: datetime | None = None
        try:
            detail = self.sink.send(entry.envelope_from, entry.recipients, entry.raw)
            state = "sent"
        except UncertainDelivery as error:
            state, detail = "uncertain", str(error)
        except DeliveryError as error:
            detail = str(error)
            if error.permanent or entry.attempts + 1 >= 8:
                state = "failed"
            else:
                state, retry_at = "approved", self.clock.now() + timedelta(seconds=min(3600, 30 * 2**entry.attempts))
        with self.store.transaction() as tx:
            tx.settle_outbox(entry.id, state=state, detail=detail, not_before=retry_at)
            draft = tx.draft(entry.draft_id)
            if draft and state == "sent":
                self.cases.sent(tx, draft, self.clock.now())
            elif draft and state == "failed":
                self.cases.failed(tx, draft, detail)
        log.info("outbox", entry=entry.id, state=state)
        return state == "sent"

    def settle_uncertain(self, outbox_id: str, *, delivered: bool, by: str) -> None:
        """A person says what became of a parked mail: it went out, or it did not. It is never sent again by itself."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            entry = tx.outbox_entry(outbox_id)
            if entry is None or entry.state != "uncertain":
                raise UsageError(f"{outbox_id} is no parked mail")
            tx.settle_outbox(outbox_id, state="sent" if delivered else "failed", detail=f"settled by {by}")
            draft = tx.draft(entry.draft_id)
            if draft and delivered:
                self.cases.sent(tx, draft, self.clock.now())
            tx.audit(by, "settle", f"outbox {outbox_id}", {"delivered": delivered})

    def push_tickets(self) -> int:
        """File new tickets at the ticket desk; the same ticket twice gives the same reference. Raises `TicketError`."""
        with self.store.snapshot() as tx:
            waiting = tx.unpushed_tickets(100)
        for ticket in waiting:
            ref = self.tickets.push(ticket.id, ticket.type, ticket.title, ticket.fields)
            with self.store.transaction() as tx:
                tx.ticket_pushed(ticket.id, ref.reference)
        return len(waiting)

    # -- time ----------------------------------------------------------------------------------------------------------

    def ring_timers(self) -> int:
        """Do what is due: remind, expire, alert. One transaction a timer."""
        now = self.clock.now()
        with self.store.snapshot() as tx:
            due = tx.due_timers(now)
        for timer in due:
            with self.store.transaction() as tx:
                self._ring(tx, timer, now)
                tx.finish_timer(timer.id)
        return len(due)

    def _ring(self, tx: Transaction, timer: TimerRow, now: datetime) -> None:
        case = tx.case(timer.case_id) if timer.case_id else None
        if case is None:
            tx.open_ticket(
                type="other",
                status="open",
                case_id=None,
                order_id=None,
                title=f"due: {timer.name}",
                fields={"source": timer.source},
                business_key=f"timer:{timer.id}",
            )
            return
        plan = self.cases.rung(tx, case, timer, self.house, now)
        if plan:
            found, draft = plan
            self.lay_draft(tx, draft, found, None, message_id=None, case_id=case.id)

    # -- all of it -----------------------------------------------------------------------------------------------------

    def round(self, sources: Sequence[MailSource]) -> dict[str, str]:
        """One round over everything that is pending; the mailboxes that failed, with the reason."""
        failed: dict[str, str] = {}
        for source in sources:
            try:
                self.fetch_new(source)
            except FetchError as error:
                failed[source.name] = str(error)
        while self.work_pending():
            pass
        self.ring_timers()
        self.push_tickets()
        self.deliver_outbox()
        return failed


def step_of(error: BaseException) -> str:
    """The step of the story that failed: the last function of this file or of judgement.py that the traceback passed."""
    frames = traceback.extract_tb(error.__traceback__)
    steps = [
        f.name for f in frames if f.filename.endswith(("supportbot/desk.py", "supportbot/judgement.py", "supportbot/proof.py"))
    ]
    return steps[-1].lstrip("_") if steps else "work_message"


def needs_person(judgement: Judgement) -> bool:
    """Whether a person has to see to the message, whatever is drafted."""
    decision = judgement.main.decision
    return decision.action == "review" or decision.needs_person or judgement.reading.needs_person


def details_of(judgement: Judgement, rules_sha256: str) -> dict[str, Any]:
    """Everything the console shows about a decision, as JSON."""
    message, reading, verdict = judgement.message, judgement.reading, judgement.verdict
    details: dict[str, Any] = {
        "from": asdict(message.sender) if message.sender else None,
        "new_text": message.new_text,
        "quoted_text": message.quoted_text,
        "facts": {name: _plain(value) for name, value in asdict(reading.facts).items()},
        "evidence": [asdict(e) for e in reading.evidence],
        "unexplained": [list(span) for span in reading.unexplained],
        "tier": reading.tier,
        "needs_person": needs_person(judgement),
        "authentication": asdict(judgement.letter.sender),
        "screening": {"verdict": judgement.screening.verdict, "reason": judgement.screening.reason},
        "defects": list(message.defects),
        "attachments": [a.name for a in message.attachments],
        "boundary_certain": message.boundary_certain,
        "decision": _decision(judgement.main),
        "rules_sha256": rules_sha256,
    }
    if judgement.several_orders:
        details["orders"] = [_decision(found) for found in judgement.decisions]
    if verdict:
        details["chain"] = {
            "verdict": verdict.verdict,
            "grade": verdict.grade,
            "defects": [asdict(d) for d in verdict.defects],
            "answer": verdict.answer.text if verdict.answer else None,
            "notice": verdict.notice.text if verdict.notice else None,
        }
    if judgement.screening.verdict is not Verdict.PROCESS:
        details["silent"] = judgement.screening.reason
    return details


def _decision(found: OrderDecision) -> dict[str, Any]:
    decision = found.decision
    return {
        "order_id": found.order.order_id if found.order else None,
        "marketplace": found.marketplace,
        "action": decision.action,
        "rule": decision.rule,
        "fired": list(decision.fired),
        "blocked": list(decision.blocked),
        "missing": list(decision.missing),
        "metric_effect": decision.metric_effect,
        "why": decision.why,
        "quotes": [asdict(q) for q in decision.quotes],
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
