"""What people do at the desk: approve, edit, reject, take back; end holds, judge chains, finish what only they can.

An approval names the hash of what was shown; whoever works for a seller is refused everywhere (docs/spec/safety.md row 33).
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from supportbot import fault
from supportbot.casework.case import LIFECYCLE, CaseEvent, CaseState
from supportbot.errors import UsageError
from supportbot.judgement import private_to_others
from supportbot.mail.compose import compose, sendable_ids
from supportbot.mail.message import Mailbox, OutboundMessage
from supportbot.money import refuse_outsiders
from supportbot.store import DraftRow, Transaction
from supportbot.workplace import Workplace


class Review(Workplace):
    """The reviewers' part of the desk. Every refusal is a `UsageError` with its reason."""

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
        fault.point("desk.approved")

    def edit(self, draft_id: str, *, subject: str, body: str, reviewer: str, shown_sha256: str) -> DraftRow:
        """Replace a draft's words; the linter reads them again. Raises `UsageError` when it changed meanwhile."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, reviewer, known=False)
            draft = tx.draft(draft_id)
            if draft is None:
                raise UsageError(f"there is no draft {draft_id}")
            findings = self._findings(tx, draft, subject, body)
            return tx.edit_draft(
                draft_id, subject=subject, body=body, findings=findings, editor=reviewer, expected_sha256=shown_sha256
            )

    def check(self, draft_id: str, *, subject: str, body: str) -> Sequence[str]:
        """What the linter finds in a draft with these words; nothing is kept. Raises `UsageError`."""
        with self.store.snapshot() as tx:
            draft = tx.draft(draft_id)
            if draft is None:
                raise UsageError(f"there is no draft {draft_id}")
            return self._findings(tx, draft, subject, body)

    def _findings(self, tx: Transaction, draft: DraftRow, subject: str, body: str) -> Sequence[str]:
        orders = [found.order for found in (tx.find_orders([draft.order_id]) if draft.order_id else [])]
        billing = self.house.templates.get(draft.template).audience == "billing"
        private = [] if billing else [one for order in orders for one in private_to_others(order, draft.to)]
        values = self._lint_values(tx, draft)
        return self.house.templates.lint(draft.template, subject, body, values, language=draft.language, private=private)

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

    def retry_failed(self, draft_id: str, *, by: str) -> DraftRow:
        """Lay a mail that failed before the reviewers again, as a draft of its own: nothing is sent twice by itself. Raises
        `UsageError`."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            return tx.retry_failed(draft_id, by=by)

    def retry_quarantined(self, entry_id: int, *, by: str) -> None:
        """Have a quarantined message worked again. Raises `UsageError`."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            tx.retry_quarantined(entry_id, by=by)
        self.wake()

    def release_quarantined(self, entry_id: int, *, by: str, reason: str) -> None:
        """A person has seen to a quarantined message by hand. Raises `UsageError`."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            tx.release_quarantined(entry_id, by=by, reason=reason)

    def mend_quarantined(self, entry_id: int, raw: bytes, *, by: str, reason: str) -> int:
        """A person has mended a quarantined mail: it is worked as a new message, whose id this is. Raises `UsageError`."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            message_id = tx.mend_quarantined(entry_id, raw, by=by, reason=reason)
        self.wake()
        return message_id

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
            self.errands.ticket_closed(tx, ticket, by)

    def hold_case(self, case_id: str, *, by: str, reason: str) -> None:
        """Stop an open case where it stands: no ticket of it changes and no memo opens or is issued until `resolve_hold`.

        Raises `UsageError` where the case is closed or held already, or no reason is given.
        """
        stoppable = tuple(arrow.source for arrow in LIFECYCLE if arrow.event is CaseEvent.PUT_ON_HOLD)
        self._decide_case(case_id, CaseEvent.PUT_ON_HOLD, stoppable, by=by, reason=reason)

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
                case, moved = self.cases.take(tx, case, event, by, reason=reason.strip())
            if not moved:
                raise UsageError(f"case {case_id} is in {case.state}: “{event}” is not possible now")
            if event is CaseEvent.RELEASED:
                self.cases.wait_on(tx, case, self.clock.now())

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
