"""How decisions, approvals, deliveries and timers move a re-bill case along its life cycle (docs/spec/policies.md 1.3).

One table says which arrows an action takes. A refused arrow is written to the audit log with its reason, and the case stays.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from supportbot.casework.case import NO_MEMO, PEOPLE, Actor, CaseEvent, CaseState, Refused, advance
from supportbot.casework.chain import Grade
from supportbot.casework.facts import Answer, Kind, Reading
from supportbot.casework.order import Marketplace
from supportbot.casework.policy import Decision
from supportbot.judgement import DraftPlan, House, Judgement, OrderDecision, plan_draft, seller_addresses, spoken_with_buyer
from supportbot.mail.bounce import is_from_mail_system
from supportbot.mail.message import Bounce, InboundMessage, Mailbox, same_address
from supportbot.records import REBILL
from supportbot.settings import Settings
from supportbot.store import CaseRow, DraftRow, SentMail, TimerRow, Transaction
from supportbot.triage.language import language_of

NOTICE = "m_rebill_notice"
CLARIFY = "m_clarify_acceptance"
ASK_FOR_CHAIN = "m_ask_for_chain"
CONFIRM_DIRECTLY = "m_confirm_directly"
REMIND = "remind the buyer"
EXPIRE = "close without an answer"
PRODUCT_DEFAULT = "product default"

OPENING = frozenset({"send_rebill_notice", "open_credit_memo", "ask_for_chain", "reject_chain"})
"""Actions that open a case where the order has none."""

UNDOUBTED = frozenset({"send_rebill_notice"})
"""Of these the ones that rest on the order's record alone, whoever asked: what is said to the buyer is true in any case."""

E = CaseEvent


def _answered(reading: Reading) -> tuple[CaseEvent, ...]:
    answers = (reading.facts.accepts_item, reading.facts.accepts_rebill)
    return (E.ANSWERED_CONDITIONALLY,) if Answer.CONDITIONAL in answers else (E.ANSWERED_PARTLY,)


def _reviewed(reading: Reading) -> tuple[CaseEvent, ...]:
    if reading.kind is Kind.CONFIRMATION_CHAIN:
        return (E.CHAIN_ARRIVED, E.CHAIN_DOUBTED)
    return (E.ASSENTED_BARELY,) if reading.facts.bare_assent else ()


def _asked_for_chain(reading: Reading) -> tuple[CaseEvent, ...]:
    return (E.CHAIN_ARRIVED, E.CHAIN_DOUBTED) if reading.kind is Kind.CONFIRMATION_CHAIN else ()


ARROWS: Mapping[str, Callable[[Reading], tuple[CaseEvent, ...]]] = {
    "record_acknowledgement": lambda _: (E.ACKNOWLEDGED,),
    "clarify_acceptance": _answered,
    "close_no_memo": lambda _: (E.REFUSED, E.CLOSED),
    "hold": lambda _: (E.REVOKED,),
    "ask_for_chain": _asked_for_chain,
    "reject_chain": lambda _: (E.CHAIN_ARRIVED, E.CHAIN_REFUSED),
    "open_credit_memo": lambda _: (E.CHAIN_ARRIVED, E.CHAIN_PROVED),
    "review": _reviewed,
}
"""Which arrows an action takes, in order."""


ON_SENT: Mapping[str, CaseEvent] = {NOTICE: E.NOTICE_SENT, CLARIFY: E.CLARIFIED, ASK_FOR_CHAIN: E.CHAIN_ASKED}
"""What it means for a case that a mail of this template went out."""

FOLLOW_UPS: Mapping[str, Decision] = {
    "record_acknowledgement": Decision(
        "ask_for_chain",
        "M-25",
        template=ASK_FOR_CHAIN,
        to="seller",
        why="The buyer has accepted both: the seller sends the chain.",
    ),
}
"""A second mail that an action calls for, to another party."""


def _confirm_directly(judgement: Judgement, found: OrderDecision) -> Decision | None:
    """A chain that lacks nothing but proof (grades C and D): the buyer is asked to confirm to us, which makes it grade A."""
    verdict = judgement.verdict
    if found.decision.action != "ask_for_chain" or verdict is None or verdict.verdict != "claimed":
        return None
    if verdict.grade not in (Grade.C, Grade.D):
        return None
    why = f"The chain is claimed, grade {verdict.grade}: the buyer's own answer to us would prove it."
    return Decision("confirm_directly", "M-24", template=CONFIRM_DIRECTLY, to="buyer", why=why)


def may_move(judgement: Judgement, found: OrderDecision, settings: Settings) -> bool:
    """Whether these words may move the order's case: who wrote them is proved, and it is theirs to say (I2, CI2).

    An answer is the buyer's to give, a chain the seller's to send. An acknowledgement needs its whole proof, and a chain that
    has it needs no more. A withdrawal holds the case whoever vouches for it: money that stands still harms nobody for long.
    """
    order, sender = found.order, judgement.message.sender
    if order is None or sender is None or (judgement.several_orders and found.decision.action != "hold"):
        return False  # several orders: a person approves the decisions together
    has_proof = judgement.verdict is not None and judgement.verdict.proof is not None
    if judgement.reading.kind is Kind.CONFIRMATION_CHAIN:
        return has_proof or (judgement.letter.sender.passed and _among(sender, seller_addresses(order, settings)))
    if found.decision.action == "record_acknowledgement":
        return has_proof and not found.decision.needs_person
    return _among(sender, order.buyer.addresses) and (judgement.letter.sender.passed or found.decision.action == "hold")


def _among(sender: Mailbox, addresses: Sequence[str]) -> bool:
    return any(same_address(sender.address, address) for address in addresses)


def _was_for(bounce: Bounce, recipients: Sequence[str], *, by_mail_system: bool) -> bool:
    """Whether a bounce speaks of one of these. One that names nobody may, where a mail system sent it."""
    if bounce.recipient is None:
        return by_mail_system
    return any(same_address(bounce.recipient, address) for address in recipients)


def _returned_mail(tx: Transaction, message: InboundMessage, bounce: Bounce, answered: SentMail | None) -> list[SentMail]:
    """The mails of ours that may have come back: by Message-ID, else by the reply address's token, the case, the thread."""
    by_id = tx.sent_mail(header_message_ids=[bounce.original_message_id]) if bounce.original_message_id else []
    by_token = tx.sent_mail(token=bounce.reply_token) if not by_id and bounce.reply_token else []
    by_case = tx.sent_mail(case_id=bounce.case_id) if not (by_id or by_token) and bounce.case_id and bounce.recipient else []
    found = by_id or by_token or by_case or ([answered] if answered else [])
    by_mail_system = is_from_mail_system(message)
    return [mail for mail in found if _was_for(bounce, mail.to, by_mail_system=by_mail_system)]


class CaseBook:
    """Moves cases; every method works in the caller's transaction."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def follow(
        self, tx: Transaction, message_id: int, judgement: Judgement, found: OrderDecision, thread_id: str
    ) -> CaseRow | None:
        """The case a decision is about, opened and moved as the decision says; None where there is none."""
        order = found.order
        if order is None or order.marketplace is not Marketplace.MEMBER_CLUB:
            return None
        stored = next((s for s in tx.find_orders([order.order_id]) if s.order.marketplace is order.marketplace), None)
        if stored is None:
            return None
        case = tx.case_of_order(stored.key, REBILL)
        action = found.decision.action
        moves = may_move(judgement, found, self._settings)
        if case is None:
            if action not in OPENING or not (moves or action in UNDOUBTED):
                return None
            case = tx.open_case(
                order_key=stored.key,
                type=REBILL,
                state=CaseState.NOTICE_DUE,
                thread_id=thread_id,
                actor=Actor.PROGRAM,
                message_id=message_id,
                reason=found.decision.why,
            )
        arrows = ARROWS.get(action) if moves else None
        for event in arrows(judgement.reading) if arrows else ():
            case, moved = self.take(tx, case, event, message_id=message_id)
            if not moved:
                break
            if event is E.REVOKED and judgement.letter.sender.passed:  # for good, so only on the buyer's own word
                tx.revoke_acceptance(case.id, message_id)
        return case

    def follow_up(
        self, tx: Transaction, case: CaseRow | None, judgement: Judgement, found: OrderDecision, house: House
    ) -> OrderDecision | None:
        """The second mail that a decision calls for, as a decision of its own; none that its case has had already."""
        decision = _confirm_directly(judgement, found) or FOLLOW_UPS.get(found.decision.action)
        if decision is None or found.order is None or not may_move(judgement, found, self._settings):
            return None
        sent = tx.drafts(state=None, case_id=case.id) if case else []
        if case and decision.template == ASK_FOR_CHAIN and any(e.event == E.CHAIN_ARRIVED for e in tx.case_events(case.id)):
            return None  # the buyer has confirmed what the chain claimed: the seller has done his part
        if any(draft.template == CONFIRM_DIRECTLY == decision.template for draft in sent):
            return None
        language = spoken_with_buyer(found.order, tx.sent_mail(case_id=case.id)) if case else None
        if language is None and decision.template == CONFIRM_DIRECTLY and judgement.verdict and judgement.verdict.answer:
            language = language_of(judgement.verdict.answer.text)
        draft = plan_draft(decision, found.order, house, language=language)
        return OrderDecision(found.order, found.marketplace, decision, draft)

    def take(
        self,
        tx: Transaction,
        case: CaseRow,
        event: CaseEvent,
        person: str | None = None,
        *,
        message_id: int | None = None,
        reason: str = "",
    ) -> tuple[CaseRow, bool]:
        """One arrow, if the life cycle has it; the case as it stands then, and whether it moved.

        The record names the `person` who acts, else whom the table gives the arrow to; without a person, an arrow that the
        table gives to one is refused.
        """
        step = advance(CaseState(case.state), event, held_from=CaseState(case.held_from) if case.held_from else None)
        if not isinstance(step, Refused) and person is None and step.by in PEOPLE:
            step = Refused(step.source, event, f"“{event}” from {step.source} is for a person ({step.by})")
        if isinstance(step, Refused):
            link = {"event": event, "reason": step.reason, "message": message_id}
            tx.audit(person or "supportbot", "refused arrow", f"case {case.id}", link)
            return case, False
        case = tx.move_case(
            case,
            to_state=step.target,
            event=event,
            actor=person or step.by,
            message_id=message_id,
            reason=reason or step.reason,
            closed=step.closed,
            close_reason=NO_MEMO if step.target in (CaseState.RETURN_PATH, CaseState.CLOSED_NO_MEMO) else None,
            held_from=step.held_from,
        )
        if step.closed:
            tx.cancel_timers(case.id)
            memo = tx.memo(case_id=case.id)
            if memo and step.target is not CaseState.MEMO_ISSUED:
                tx.close_ticket(memo.ticket_id, NO_MEMO)
        return case, True

    def drafted(self, tx: Transaction, case: CaseRow, found: OrderDecision, message_id: int) -> None:
        """A mail of the case was laid before the reviewers."""
        if found.decision.template == NOTICE:
            self.take(tx, case, E.NOTICE_DRAFTED, message_id=message_id)

    def approved(self, tx: Transaction, draft: DraftRow, reviewer: str) -> None:
        self._on_notice(tx, draft, E.NOTICE_APPROVED, reviewer)

    def rejected(self, tx: Transaction, draft: DraftRow, reviewer: str, reason: str) -> None:
        self._on_notice(tx, draft, E.NOTICE_REJECTED, reviewer, reason)

    def approval_undone(self, tx: Transaction, draft: DraftRow, reviewer: str) -> None:
        self._on_notice(tx, draft, E.APPROVAL_UNDONE, reviewer)

    def failed(self, tx: Transaction, draft: DraftRow, detail: str) -> None:
        self._on_notice(tx, draft, E.NOTICE_FAILED, None, detail)

    def _on_notice(self, tx: Transaction, draft: DraftRow, event: CaseEvent, person: str | None, reason: str = "") -> None:
        case = tx.case(draft.case_id) if draft.case_id else None
        if case and draft.template == NOTICE:
            self.take(tx, case, event, person, reason=reason)

    def sent(self, tx: Transaction, draft: DraftRow, now: datetime) -> None:
        """A mail of the case went out: the buyer's clock starts with the notice and again with a clarification."""
        case = tx.case(draft.case_id) if draft.case_id else None
        event = ON_SENT.get(draft.template)
        if case is None or event is None:
            return
        case, moved = self.take(tx, case, event)
        if not moved or draft.template == ASK_FOR_CHAIN:
            return
        case, _ = self.take(tx, case, E.WAIT_FOR_BUYER)
        timers = self._settings.timers
        for days in timers.remind_after_days:
            due = now + timedelta(days=days)
            tx.set_timer(case_id=case.id, name=f"{REMIND} (day {days})", due_at=due, source=PRODUCT_DEFAULT)
        self.wait_on(tx, case, now)

    def wait_on(self, tx: Transaction, case: CaseRow, now: datetime) -> None:
        """A case that waits for the buyer ends by itself one day, also after a hold in which its timer rang in vain."""
        if case.state == CaseState.AWAITING_ACK:
            due = now + timedelta(days=self._settings.timers.close_after_days)
            tx.set_timer(case_id=case.id, name=EXPIRE, due_at=due, source=PRODUCT_DEFAULT)

    def bounced(self, tx: Transaction, message_id: int, judgement: Judgement) -> str | None:
        """A mail of ours came back: its case goes to a person when nobody will ever get it."""
        bounce = judgement.message.bounce
        sent = _returned_mail(tx, judgement.message, bounce, judgement.answered) if bounce else []
        if bounce and bounce.original_message_id in {mail.header_message_id for mail in sent}:
            # Nobody but a server that took the mail over, and its recipient, knows our Message-ID.
            self._went_out(tx, str(bounce.original_message_id))
        case = tx.case(sent[-1].case_id) if sent and sent[-1].case_id else None
        if case is None or bounce is None or not bounce.permanent:
            return case.id if case else None
        reason = f"{bounce.recipient or 'the recipient'} cannot be reached ({bounce.status or 'no status'})"
        case, moved = self.take(tx, case, E.NOTICE_BOUNCED, message_id=message_id, reason=reason)
        if moved:
            self.take(tx, case, E.HELD, message_id=message_id)
        return case.id

    def _went_out(self, tx: Transaction, header_message_id: str) -> None:
        """A mail that may have been sent was: it came back."""
        entry = tx.outbox_with_id(header_message_id)
        if entry is None or entry.state != "uncertain":
            return
        tx.settle_outbox(entry.id, state="sent", detail="it went out: its bounce came")
        draft = tx.draft(entry.draft_id)
        if draft:
            self.sent(tx, draft, entry.changed_at)

    def rung(
        self, tx: Transaction, case: CaseRow, timer: TimerRow, house: House, now: datetime
    ) -> tuple[OrderDecision, DraftPlan] | None:
        """What a due timer of a case calls for: a reminder, or the end without a memo."""
        if case.state != CaseState.AWAITING_ACK:
            return None
        order = tx.order(case.order_key).order
        if timer.name.startswith(REMIND):
            decision = Decision(
                "send_rebill_notice", "M-e", template="m_remind", to="buyer", why=f"{timer.name}: no answer yet."
            )
        else:
            for event in (E.TIMED_OUT, E.CLOSED):
                case, _ = self.take(tx, case, event)
            decision = Decision(
                "close_no_memo", "M-28", template="m_close_no_memo", to="seller", why="The buyer did not answer in time."
            )
        draft = plan_draft(decision, order, house, language=spoken_with_buyer(order, tx.sent_mail(case_id=case.id)))
        return (OrderDecision(order, order.marketplace, decision, draft), draft) if draft else None
