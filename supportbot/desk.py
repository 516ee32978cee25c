"""The story: everything that happens to one message, in order.

    fetch_new -> keep_original            the bytes are stored and committed before anything reads them, then \\Seen
    work_messages                         one commit a message, in a backlog one for a few; the next ones are read meanwhile:
        examine -> judge                  read, screen, link, classify, find the order, check the chain, decide, draft
        keep_judgement                    thread, message row, evidence
        move_case                         the arrows the decision takes (casework.case.LIFECYCLE)
        lay_drafts                        a mail waits for a reviewer
        open_tickets, set_timers
    review.approve -> deliver_outbox      a person lets it go; at most once, ever (delivery.py)
    ring_timers                           reminders and expiry
    money.py                              re-bill and credit memo, by one door

Pending work is never remembered, only derived: a message not yet done, a mail approved but not sent, a timer due. Whatever
raises puts that one message into quarantine, and the next is taken.
"""

import secrets
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from supportbot import autopilot, fault
from supportbot.checkup import free_megabytes
from supportbot.clock import Clock
from supportbot.delivery import Delivery
from supportbot.dossier import details_of, needs_person
from supportbot.errands import TYPES as ERRANDS
from supportbot.errors import FetchError, MissingMail, ReaderError, StoreError, StoreRefusal, UnreadableMail, UsageError
from supportbot.judgement import ASKING_TEMPLATES, DraftPlan, House, Judgement, OrderDecision, judge
from supportbot.mail.message import InboundMessage
from supportbot.mail.signature import KeyOf
from supportbot.mail.thread import with_case_tag
from supportbot.money import REQUEST, MoneyDesk
from supportbot.ordering import keys_of
from supportbot.ports import MailSink, MailSource, SentFolder, TicketDesk
from supportbot.proof import Letter, MailReader, examine
from supportbot.records import StoreRecords, read_for_quarantine
from supportbot.review import Review
from supportbot.rollout import RuleWatch
from supportbot.store import AUTOPILOT, Before, KeptMail, MessageRow, Store, TimerRow, Transaction

log = structlog.get_logger()

ASKING = frozenset((*ASKING_TEMPLATES, REQUEST))
"""Each carries a single-use reply token."""


BACKLOG = 32  # messages that wait; from here on a few share one commit
TOGETHER = 16
TOGETHER_OCTETS = 1024 * 1024
NO_MESSAGE_TO_BLAME = (StoreError, ReaderError, OSError)
"""The database, the child that reads, the disk or the machine failed."""


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


@dataclass(frozen=True, slots=True)
class Opened:
    """A message and what it says, or why that cannot be told."""

    message_id: int
    letter: Letter | Exception

    @property
    def octets(self) -> int:
        return len(self.letter.raw) if isinstance(self.letter, Letter) else 0


class Desk(Review, Delivery):
    """Works the mailboxes of one team. Every public method is safe to call again after a crash at any point.

    Here is the story of a message; `review.py` is what people do, `delivery.py` how mail leaves, `money.py` how money does.
    """

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Clock,
        *,
        sink: MailSink,
        tickets: TicketDesk,
        reader: MailReader,
        key_of: KeyOf,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(store, house, clock, wake)
        self.sink = sink
        self._looked_into = set()
        self._filed = set()
        self.tickets = tickets
        self.reader = reader
        self.key_of = key_of
        self.money = self._money_desk()
        self._watch: RuleWatch | None = None
        self.rules_wait: str | None = None

    def _money_desk(self) -> MoneyDesk:
        return MoneyDesk(
            self.store,
            self.house,
            self.clock,
            read=self.reader.read,
            key_of=self.key_of,
            cases=self.cases,
            lay_draft=self.lay_draft,
        )

    # -- the rules -----------------------------------------------------------------------------------------------------

    def watch_rules(self, watch: RuleWatch) -> None:
        """From now on edited and activated rules count from the next message on."""
        self._watch = watch

    def _take_up_rules(self) -> None:
        """Between messages, so that each is decided by one rule set. `rules_wait` says why an edit does not count yet."""
        if self._watch is None:
            return
        house, self.rules_wait = self._watch.look(self.house)
        if house is not self.house:
            self.house = house
            self.money = self._money_desk()

    # -- mail in -------------------------------------------------------------------------------------------------------

    def fetch_new(self, source: MailSource, *, fence: int | None = None) -> int:
        """Keep everything new in a mailbox, then mark it there; how many messages were not known before.

        `fence`: of the lease on this mailbox, shown in each commit. Raises `FetchError`, `StoreError`, `LeaseLost`; what is
        stored but not marked is marked the next time.
        """
        self._refuse_without_room()
        with self.store.snapshot() as tx:
            positions = tx.read_up_to(source.name)
        new = 0
        for batch in source.fetch_new(positions):
            with self.store.transaction() as tx:
                if fence is not None:
                    tx.show_fence(lease_of(source.name), fence)
                kept = tx.keep(source.name, batch)
            fault.point("desk.kept")
            new += sum(1 for k in kept if not k.known)
        if new:
            self.wake()
        self._mark_kept(source)
        if isinstance(source, SentFolder):
            self.reconcile(source.name, source)
            self.file_copies(source.name, source)
        return new

    def _refuse_without_room(self) -> None:
        """A full disk fails in the middle of things: what is left is kept for what is in hand. Raises `StoreError`."""
        found, least = free_megabytes(self.house.settings), self.house.settings.limits.reserve_megabytes
        if found and found[0] < least:
            raise StoreError(
                f"only {found[0]:,} MB are free in {found[1]}: no mail is fetched until there are {least:,};"
                " it waits in the mailbox"
            )

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
        """Work messages that are kept but not done, oldest first."""
        self._take_up_rules()
        with self.store.snapshot() as tx:
            pending = tx.pending_messages(limit)
        return list(self.work_messages(pending))

    def work_messages(self, message_ids: Iterable[int]) -> Iterator[Worked]:
        """Read, decide and carry out messages, in order; while some are decided, the next few are read.

        Each has a commit of its own, but in a backlog a few share one. A fault quarantines its own message alone; a database
        fault is raised, and leaves that message and those behind it.
        """
        ids, taken = deque(message_ids), deque[KeptMail]()
        most = TOGETHER if len(ids) >= BACKLOG else 1
        with closing(self.reader.read_all(self._take(tuple(ids), taken))) as readings:
            while ids:
                opened, octets = list[Opened](), 0
                while ids and len(opened) < most and octets < TOGETHER_OCTETS:
                    opened.append(self._open(ids.popleft(), readings, taken))
                    octets += opened[-1].octets
                yield from self._work(opened)

    def work_message(self, message_id: int) -> Worked:
        """Read, decide and carry out one message. A fault quarantines it; a database fault is raised."""
        (worked,) = self.work_messages((message_id,))
        return worked

    def take_place(self, message_id: int) -> Opened:
        """Read a message and note its keys, so that later ones of its case wait for it and no others do."""
        opened = self._open(message_id, iter(()), deque())
        if isinstance(opened.letter, NO_MESSAGE_TO_BLAME) and not isinstance(opened.letter, StoreRefusal):
            raise opened.letter
        with self.store.transaction() as tx:
            keys = () if isinstance(opened.letter, Exception) else keys_of(opened.letter, StoreRecords(tx))
            tx.take_place(message_id, keys or (f"message:{message_id}",))
        return opened

    def work_in_turn(self, opened: Opened) -> Worked | list[Before]:
        """Decide and carry out a message where several workers share the work; or, while it is not its turn, the earlier ones
        that go first: those of its case as far as anybody can tell. Raises as `work_message`.
        """
        self._take_up_rules()
        with self.store.transaction() as tx:
            first = tx.before(opened.message_id)
            if first:
                return first
            worked = self._work_within(tx, opened)
            tx.leave_place(opened.message_id)
        return worked

    def _take(self, message_ids: Sequence[int], taken: deque[KeptMail]) -> Iterator[bytes]:
        """The octets of messages, as the reader wants them, taken out a few at a time. It ends where some cannot be taken: no
        fault of one message may stop those before it."""
        ids = deque(message_ids)
        while ids:
            found, octets = list[KeptMail](), 0
            with suppress(StoreError, MissingMail), self.store.snapshot() as tx:
                while ids and len(found) < TOGETHER and octets < TOGETHER_OCTETS and (mail := tx.kept_mail(ids[0])):
                    ids.popleft()
                    found.append(mail)
                    octets += len(mail.raw)
            if not found:
                return
            for mail in found:
                taken.append(mail)
                yield mail.raw

    def _open(self, message_id: int, readings: Iterator[InboundMessage | UnreadableMail], taken: deque[KeptMail]) -> Opened:
        """A message examined, before any transaction: with what was read ahead, else read now."""
        try:
            message = next(readings, None)
            mail = self._kept(message_id) if message is None else taken.popleft()
            trusted = self.house.trusted_in(mail.mailbox)
            letter = examine(
                mail.raw,
                mail.received,
                read=self.reader.read,
                key_of=self.key_of,
                trusted_authserv_ids=trusted,
                message=message,
                archived=self._archived_key,
            )
        except Exception as error:  # raised where this message's turn has come
            return Opened(message_id, error)
        return Opened(message_id, letter)

    def _archived_key(self, name: str) -> str | None:
        with self.store.snapshot() as tx:
            return tx.archived_key(name)

    def _kept(self, message_id: int) -> KeptMail:
        with self.store.snapshot() as tx:
            mail = tx.kept_mail(message_id)
        if mail is None:
            raise UsageError(f"there is no message {message_id}")
        return mail

    def _work(self, opened: Sequence[Opened]) -> Iterator[Worked]:
        """Decide and carry out messages in one commit; where that fails, in one each, so that each stands for itself."""
        try:
            with self.store.transaction() as tx:
                worked = [self._work_within(tx, one) for one in opened]
        except NO_MESSAGE_TO_BLAME:
            if len(opened) == 1:
                raise
            for one in opened:
                yield from self._work((one,))
        else:
            yield from worked

    def _work_within(self, tx: Transaction, opened: Opened) -> Worked:
        try:
            with tx.savepoint():
                return self._decide(tx, opened)
        except StoreRefusal as error:  # a guard says no to this message, and would again
            return self._quarantine(tx, opened.message_id, error)
        except NO_MESSAGE_TO_BLAME:
            raise  # it stays to be worked
        except Exception as error:  # a poison message must not stop the next one; it is shown, never swallowed
            return self._quarantine(tx, opened.message_id, error)

    def _decide(self, tx: Transaction, opened: Opened) -> Worked:
        message_id, letter = opened.message_id, opened.letter
        if isinstance(letter, Exception):
            raise letter
        if not tx.claim_message(message_id):
            return Worked(message_id, None, None, None, None, "worked elsewhere meanwhile")
        tx.keep_checks(message_id, letter.checks)
        judgement = judge(letter, records=StoreRecords(tx), house=self.house, now=self.clock.now())
        billing = self.money.hear_billing(tx, judgement, message_id)
        if billing:
            judgement = replace(judgement, decisions=(billing,), reading=replace(judgement.reading, needs_person=False))
        return self.carry_out(tx, message_id, judgement)

    def carry_out(
        self, tx: Transaction, message_id: int, judgement: Judgement, *, thread_id: str | None = None, again: str = ""
    ) -> Worked:
        """Write down a judgement and everything it calls for, in the caller's transaction.

        `again`: what makes this another decision than the first about the message, which keeps its `thread_id`; a person has
        asked for it, so a person sees what comes of it.
        """
        thread_id = thread_id or self._thread(tx, judgement)
        main = judgement.main
        case_id: str | None = None
        draft_ids: list[str] = []
        for found in judgement.decisions:
            case = self.cases.follow(tx, message_id, judgement, found, thread_id)
            own = case.id if case else None  # never the case of another order that the same mail names
            if found.for_party:
                case_id = own or case_id
            for mail in filter(None, (found, self.cases.follow_up(tx, case, judgement, found, self.house))):
                draft_id = self._answer(tx, mail, judgement, message_id, own, again)
                if draft_id:
                    draft_ids.append(draft_id)
                    if case:
                        self.cases.drafted(tx, case, mail, message_id)
                    if not again:
                        self._let_go(tx, draft_id, mail, judgement)
            if found.decision.action == "open_credit_memo" and case:
                self.money.open_memo(tx, case, judgement, found, message_id)
            errand = None if own else self.errands.follow(tx, message_id, judgement, found, self.clock.now())
            followed = own or (errand.id if errand else None)
            self._open_tickets(tx, found, followed, f"{message_id}{again}")
            for timer in found.decision.timers:
                # A timer of no case is one of its order: another order's must not stand in its place.
                name = timer.name if followed or not found.order else f"{timer.name} (order {found.order.order_id})"
                tx.set_timer(case_id=followed, name=name, due_at=timer.due, source=timer.source)
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
                "model": self.house.triage.model_sha256,
                "drafts": draft_ids,
                "case": case_id,
            },
        )
        fault.point("desk.decided")
        first = draft_ids[0] if draft_ids else None
        return Worked(message_id, judgement.reading.kind, decision.action, decision.rule, first, decision.why)

    def _thread(self, tx: Transaction, judgement: Judgement) -> str:
        message = judgement.message
        joined = judgement.linking.joined
        thread_id = joined.thread_id if joined else tx.open_thread(message.subject)
        tx.join_thread(thread_id, message.message_id)
        return thread_id

    def _let_go(self, tx: Transaction, draft_id: str, found: OrderDecision, judgement: Judgement) -> None:
        if f"{found.draft.template if found.draft else ''}/{found.decision.rule}" not in self.house.settings.autopilot:
            return
        draft = tx.draft(draft_id)
        if draft is None:
            return
        why_not = autopilot.refusal(tx, draft, found, judgement, self.house, self.clock.now())
        link = {"rule": draft.rule, "template": draft.template}
        if why_not is None:
            self._approve(tx, draft_id, AUTOPILOT, draft.content_sha256)
            tx.audit("supportbot", "autopilot", f"draft {draft_id}", link)
        else:
            tx.audit("supportbot", "autopilot waits", f"draft {draft_id}", {**link, "reason": why_not})

    def _answer(
        self, tx: Transaction, found: OrderDecision, judgement: Judgement, message_id: int, case_id: str | None, again: str
    ) -> str | None:
        if found.draft is None or found.decision.action == "open_credit_memo":
            return None  # the money desk asks billing itself, and only when the memo is open
        if self._braked(tx, found, case_id):
            return None
        return self.lay_draft(tx, found.draft, found, judgement, message_id=message_id, case_id=case_id, again=again)

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
        again: str = "",
    ) -> str | None:
        """Put a draft before the reviewers; None where the same one exists already (I3). `again`: as in `carry_out`."""
        message = judgement.message if judgement else None
        subject = with_case_tag(draft.subject, case_id) if case_id else draft.subject
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
            subject=subject,
            body=draft.body,
            findings=draft.findings,
            why=found.decision.why,
            token=secrets.token_hex(16) if draft.template in ASKING else None,
            in_reply_to=message.message_id if message and answers_sender else None,
            references=(*message.references, *filter(None, (message.message_id,))) if message and answers_sender else (),
            business_key=f"{draft.template}:{case_id or order_id or '-'}:{message_id or found.decision.rule}{again}",
        )

    def _open_tickets(self, tx: Transaction, found: OrderDecision, case_id: str | None, decision_key: str) -> None:
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
                business_key=f"{ticket.type}:{ticket.order_id}:{decision_key}",
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
            handled_by=None,
            handled_at=None,
        )

    def give_up(self, message_id: int, reason: str) -> None:
        """A message that nobody could work to its end waits for a person."""
        with self.store.transaction() as tx:
            if tx.claim_message(message_id):
                self._quarantine(tx, message_id, RuntimeError(reason))
                tx.leave_place(message_id)

    def _quarantine(self, tx: Transaction, message_id: int, error: Exception) -> Worked:
        step, reason = step_of(error), f"{type(error).__name__}: {error}"
        row = tx.message(message_id)
        sender, order_id = self._plainly(tx, row)
        tx.quarantine(
            message_id,
            mailbox=row.mailbox if row else "",
            step=step,
            reason=reason[:500],
            traceback="".join(traceback.format_exception(error)),
            cause=cause_of(error),
            sender=sender,
            order_id=order_id,
        )
        log.warning("message quarantined", message=message_id, step=step, error=type(error).__name__)
        return Worked(message_id, None, None, None, None, f"{step}: {reason}", quarantined=True)

    @staticmethod
    def _plainly(tx: Transaction, row: MessageRow | None) -> tuple[str | None, str | None]:
        """What a mail in quarantine holds up: its sender and order by a plain reading; nothing where its octets are gone."""
        try:
            return read_for_quarantine(tx, tx.raw(row.sha256)) if row else (None, None)
        except MissingMail:
            return None, None
        except (ValueError, LookupError, RecursionError) as error:  # a mail that breaks even this reading is held all the same
            log.warning("not even plainly read", message=row.id if row else None, error=type(error).__name__)
            return None, None

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
        if case is None or case.type in ERRANDS:
            title = self.errands.rung(tx, case, timer) if case else f"due: {timer.name}"
            tx.open_ticket(
                type="other",
                status="open",
                case_id=case.id if case else None,
                order_id=case.order_id if case else None,
                title=title,
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


def lease_of(mailbox: str) -> str:
    """The name of the lease of whoever reads a mailbox."""
    return f"mailbox:{mailbox}"


def cause_of(error: BaseException) -> str:
    """The name of the cause, one of `store.mail_in.CAUSES`."""
    if isinstance(error, MissingMail):
        return error.cause
    return "unreadable" if isinstance(error, UnreadableMail) else "refused" if isinstance(error, StoreRefusal) else "fault"


def step_of(error: BaseException) -> str:
    """The step of the story that failed: the last function of this file or of judgement.py that the traceback passed."""
    frames = traceback.extract_tb(error.__traceback__)
    steps = [
        f.name for f in frames if f.filename.endswith(("supportbot/desk.py", "supportbot/judgement.py", "supportbot/proof.py"))
    ]
    return steps[-1].lstrip("_") if steps else "work"
