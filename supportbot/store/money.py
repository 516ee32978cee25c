"""Tickets, and the money lock: an acceptance, its re-bill, its credit memo. The database has the last word on every step."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from supportbot.casework.facts import Evidence
from supportbot.errors import StoreError, StoreRefusal, UsageError
from supportbot.store.columns import new_id, storable
from supportbot.store.rows import MemoLine, MemoRow, TicketRow
from supportbot.store.tables import (
    acceptances,
    cases,
    credit_memo_lines,
    credit_memos,
    evidence_messages,
    evidence_signatures,
    orders,
    rebill_lines,
    rebills,
    tickets,
)
from supportbot.store.work import Work

_TICKET = select(*(tickets.c[name] for name in TicketRow.__dataclass_fields__))
_MEMO = (
    select(
        *(credit_memos.c[name] for name in MemoRow.__dataclass_fields__ if name not in {"order_id", "lines", "rebill_state"}),
        orders.c.order_id,
        rebills.c.state.label("rebill_state"),
    )
    .join_from(credit_memos, orders, orders.c.key == credit_memos.c.order_key)
    .join(rebills, rebills.c.id == credit_memos.c.rebill_id)
)
_MEMO_LINES = (
    select(credit_memo_lines.c.line, credit_memo_lines.c.units, credit_memo_lines.c.unit_price)
    .where(credit_memo_lines.c.memo_id == bindparam("id"))
    .order_by(credit_memo_lines.c.line)
)


class Money(Work):
    """Tickets and credit memos."""

    def open_ticket(
        self,
        *,
        type: str,  # noqa: A002  as in tickets and cases
        status: str,
        case_id: str | None,
        order_id: str | None,
        title: str,
        fields: Mapping[str, str],
        business_key: str,
    ) -> str | None:
        """A new ticket's id; None where the business key has one already (invariant I3). Credit memos: `open_memo`."""
        ticket_id = new_id("k")
        row = self._ticket(ticket_id, type, status, case_id, order_id, title, fields, business_key)
        if type == "credit_memo":
            raise StoreRefusal("I1: a credit-memo ticket opens with its credit memo only")
        if not self._add_new(tickets, row):
            return None
        self.audit("supportbot", "open", f"ticket {ticket_id}", {"type": type, "case": case_id})
        return ticket_id

    def _ticket(
        self,
        ticket_id: str,
        type: str,  # noqa: A002  as in tickets and cases
        status: str,
        case_id: str | None,
        order_id: str | None,
        title: str,
        fields: Mapping[str, str],
        business_key: str,
    ) -> dict[str, Any]:
        return {
            "id": ticket_id,
            "type": type,
            "status": status,
            "case_id": case_id,
            "order_id": order_id,
            "title": title,
            "fields": dict(fields),
            "opened_at": self._clock.now(),
            "business_key": business_key,
        }

    def ticket(self, ticket_id: str) -> TicketRow | None:
        """One ticket; None for an unknown id."""
        row = self._first(_TICKET.where(tickets.c.id == ticket_id))
        return None if row is None else TicketRow(*row)

    def tickets(self, *, status: str | None = None, case_id: str | None = None, limit: int = 200) -> list[TicketRow]:
        """Tickets, newest first."""
        query = _TICKET.order_by(tickets.c.opened_at.desc(), tickets.c.id).limit(limit)
        if status is not None:
            query = query.where(tickets.c.status == status)
        if case_id is not None:
            query = query.where(tickets.c.case_id == case_id)
        return [TicketRow(*row) for row in self._all(query)]

    def unpushed_tickets(self, limit: int) -> list[TicketRow]:
        """Tickets that their desk does not know yet, oldest first."""
        waiting = _TICKET.where(tickets.c.reference.is_(None), tickets.c.close_reason.is_(None))
        return [TicketRow(*row) for row in self._all(waiting.order_by(tickets.c.opened_at).limit(limit))]

    def ticket_pushed(self, ticket_id: str, reference: str) -> None:
        """The desk knows the ticket by `reference`. With `memo_gate: rebill_requested`, a pushed re-bill request makes its
        memo ready for approval."""
        self._write(update(tickets).where(tickets.c.id == ticket_id).values(reference=reference))
        self.audit("supportbot", "push", f"ticket {ticket_id}", {"reference": reference})
        ready = (
            select(credit_memos.c.id)
            .join(rebills, rebills.c.id == credit_memos.c.rebill_id)
            .join(cases, cases.c.id == credit_memos.c.case_id)
            .where(
                cases.c.state != "HOLD",
                rebills.c.ticket_id == ticket_id,
                rebills.c.state == "requested",
                credit_memos.c.memo_gate == "rebill_requested",
                credit_memos.c.status == "awaiting_rebill",
            )
        )
        for row in self._all(ready):
            self._change_memo(row.id, {"status": "ready_for_approval"})
            self.audit("supportbot", "ready_for_approval", f"memo {row.id}", {"rebill_ticket": ticket_id})

    def close_ticket(self, ticket_id: str, reason: str, *, by: str = "supportbot") -> None:
        """Close a ticket. A credit memo's keeps its status (docs/spec/policies.md 1.3) and can never be issued any more."""
        ticket = self.ticket(ticket_id)
        if ticket is None:
            raise UsageError(f"there is no ticket {ticket_id}")
        values = {"close_reason": reason} if ticket.type == "credit_memo" else {"close_reason": reason, "status": "closed"}
        self._write(update(tickets).where(tickets.c.id == ticket_id).values(values))
        said = hashlib.sha256(
            storable(reason).encode()
        ).hexdigest()  # people name people in their reasons: the ticket has the words
        self.audit(by, "close", f"ticket {ticket_id}", {"reason_sha256": said})

    # -- the money lock

    def record_acceptance(
        self,
        *,
        case_id: str,
        order_key: int,
        message_id: int,
        item: bool,
        rebill: bool,
        verified: bool,
        grade: str,
        buyer_address: str,
        signature_sha256: str | None,
        evidence: Sequence[Evidence],
        notice_message_id: str,
        confirmed_by: str | None = None,
        second_person: str | None = None,
        reason: str = "",
    ) -> str:
        """What a buyer's message accepts, and how well that is proved; the acceptance's id.

        Raises `StoreRefusal` where the message or signature proves another case, or `verified` has neither grade A or B
        nor two people and a reason.
        """
        self._serve_one_case(evidence_messages, "message_id", message_id, case_id)
        if signature_sha256 is not None:
            self._serve_one_case(evidence_signatures, "signature_sha256", signature_sha256, case_id)
        acceptance_id = new_id("a")
        row = {
            "id": acceptance_id,
            "case_id": case_id,
            "order_key": order_key,
            "message_id": message_id,
            "item": item,
            "rebill": rebill,
            "verified": verified,
            "grade": grade,
            "buyer_address": buyer_address,
            "signature_sha256": signature_sha256,
            "evidence": [asdict(words) for words in evidence],
            "notice_message_id": notice_message_id,
            "confirmed_by": confirmed_by,
            "second_person": second_person,
            "reason": reason,
            "recorded_at": self._clock.now(),
        }
        self._write(insert(acceptances), row)
        link = {"case": case_id, "message": message_id, "item": item, "rebill": rebill, "verified": verified, "grade": grade}
        self.audit(confirmed_by or "supportbot", "accept", f"acceptance {acceptance_id}", {**link, "second": second_person})
        return acceptance_id

    def _serve_one_case(self, table: Any, key: str, value: int | str, case_id: str) -> None:
        if self._add_new(table, {key: value, "case_id": case_id}):
            return
        other = self._connection.execute(select(table.c.case_id).where(table.c[key] == value)).scalar_one()
        if other != case_id:
            what = "message" if key == "message_id" else "signature"
            raise StoreRefusal(f"refused: this {what} proves case {other} already, and can prove no other (I2)")

    def evidence_used_elsewhere(self, order_key: int) -> frozenset[str]:
        """Digests of signatures and messages that prove another order's case."""
        query = select(evidence_signatures.c.signature_sha256).join(cases, cases.c.id == evidence_signatures.c.case_id)
        return frozenset(str(row.signature_sha256) for row in self._all(query.where(cases.c.order_key != order_key)))

    def acceptances_of(self, case_id: str) -> list[dict[str, Any]]:
        """The acceptances recorded in a case, oldest first, column by column."""
        query = select(acceptances).where(acceptances.c.case_id == case_id).order_by(acceptances.c.recorded_at)
        return [dict(row._mapping) for row in self._all(query)]

    def message_of_acceptance(self, acceptance_id: str) -> int:
        """The message that an acceptance was read from."""
        query = select(acceptances.c.message_id).where(acceptances.c.id == acceptance_id)
        return int(self._connection.execute(query).scalar_one())

    def revoke_acceptance(self, case_id: str, message_id: int) -> None:
        """The buyer took it back in this message: no acceptance of the case can pay any more."""
        standing = update(acceptances).where(acceptances.c.case_id == case_id, acceptances.c.revoked_at.is_(None))
        revoked = self._write(standing.values(revoked_at=self._clock.now(), revoked_by=message_id))
        self.audit("supportbot", "revoke", f"case {case_id}", {"message": message_id, "acceptances": revoked})

    def open_memo(
        self,
        *,
        case_id: str,
        order_key: int,
        acceptance_id: str,
        memo_gate: str,
        lines: Sequence[MemoLine],
        currency: str | None,
        cap: Decimal,
        actor: str,
    ) -> MemoRow:
        """Open the credit memo (awaiting_rebill), its ticket, the re-bill (requested) and its ticket, all or nothing.

        `cap` is the most that may be paid: the value of `lines` or less. Raises `StoreRefusal` without a verified, unrevoked
        acceptance of both, or where one of the lines was billed or paid before.
        """
        value = sum((line.units * line.unit_price for line in lines), Decimal(0))
        if cap > value:
            raise StoreRefusal(f"refused: {cap} is more than the {value} that the lines are worth (I1)")
        order_id = str(self._connection.execute(select(orders.c.order_id).where(orders.c.key == order_key)).scalar_one())
        rebill_ticket, memo_ticket = new_id("k"), new_id("k")
        rebill_id, memo_id = new_id("b"), new_id("m")
        told = {
            "value": f"{value}",
            "currency": currency or "",
            "lines": ", ".join(f"{line.line}: {line.units} x {line.unit_price}" for line in lines),
        }
        request = ("rebill_request", "open", case_id, order_id, f"Re-bill order {order_id}", told)
        self._write(insert(tickets), self._ticket(rebill_ticket, *request, f"rebill_request:{acceptance_id}"))
        self._write(
            insert(rebills),
            {
                "id": rebill_id,
                "order_key": order_key,
                "case_id": case_id,
                "ticket_id": rebill_ticket,
                "state": "requested",
                "reason": "",
                "requested_at": self._clock.now(),
            },
        )
        units = [{"order_key": order_key, "line": line.line, "units": line.units} for line in lines]
        self._write(insert(rebill_lines), [{**row, "rebill_id": rebill_id} for row in units])
        self._write(
            insert(credit_memos),
            {
                "id": memo_id,
                "ticket_id": memo_ticket,
                "case_id": case_id,
                "order_key": order_key,
                "acceptance_id": acceptance_id,
                "acceptance_item": True,
                "acceptance_rebill": True,
                "acceptance_verified": True,
                "rebill_id": rebill_id,
                "memo_gate": memo_gate,
                "status": "awaiting_rebill",
                "currency": currency,
                "cap": cap,
                "opened_at": self._clock.now(),
            },
        )
        priced = [{**row, "memo_id": memo_id, "unit_price": line.unit_price} for row, line in zip(units, lines, strict=True)]
        self._write(insert(credit_memo_lines), priced)
        credit = ("credit_memo", "awaiting_rebill", case_id, order_id, f"Credit memo for order {order_id}", told)
        self._write(insert(tickets), self._ticket(memo_ticket, *credit, f"credit_memo:{acceptance_id}"))
        link = {"case": case_id, "acceptance": acceptance_id, "rebill": rebill_id, "cap": str(cap), "ticket": memo_ticket}
        self.audit(actor, "open", f"memo {memo_id}", link)
        return self._memo(memo_id)

    def memo(self, *, ticket_id: str | None = None, case_id: str | None = None) -> MemoRow | None:
        """The credit memo of a ticket or a case; None where there is none."""
        which = credit_memos.c.ticket_id == ticket_id if ticket_id is not None else credit_memos.c.case_id == case_id
        memo_id = self._connection.execute(select(credit_memos.c.id).where(which)).scalar()
        return None if memo_id is None else self._memo(memo_id)

    def _memo(self, memo_id: str) -> MemoRow:
        row = self._connection.execute(_MEMO.where(credit_memos.c.id == memo_id)).one()
        lines = tuple(MemoLine(*line) for line in self._all(_MEMO_LINES, {"id": memo_id}))
        return MemoRow(**row._mapping, lines=lines)

    def _change_memo(self, memo_id: str, values: Mapping[str, Any]) -> None:
        self._write(update(credit_memos).where(credit_memos.c.id == memo_id).values(**values))

    def confirm_rebill(self, memo: MemoRow, *, by: str, reference: str) -> MemoRow:
        """Billing has re-billed the buyer: the memo is ready for approval, and billing's ticket is closed."""
        self._settle_rebill(memo, state="confirmed", by=by, reference=reference, reason="")
        if memo.status == "awaiting_rebill":
            self._change_memo(memo.id, {"status": "ready_for_approval"})
        self.audit(by, "rebill confirmed", f"memo {memo.id}", {"rebill": memo.rebill_id, "reference": reference})
        return self._memo(memo.id)

    def fail_rebill(self, memo: MemoRow, *, by: str, reason: str) -> MemoRow:
        """Billing could not re-bill the buyer: its ticket is closed; the memo stays where it is and cannot be issued."""
        self._settle_rebill(memo, state="failed", by=by, reference=None, reason=reason)
        self.audit(by, "rebill failed", f"memo {memo.id}", {"rebill": memo.rebill_id})
        return self._memo(memo.id)

    def _settle_rebill(self, memo: MemoRow, *, state: str, by: str, reference: str | None, reason: str) -> None:
        values = {"state": state, "settled_by": by, "reference": reference, "reason": reason, "settled_at": self._clock.now()}
        self._write(update(rebills).where(rebills.c.id == memo.rebill_id).values(values))
        ticket_id = self._connection.execute(select(rebills.c.ticket_id).where(rebills.c.id == memo.rebill_id)).scalar_one()
        said = f"re-billed: {reference}" if state == "confirmed" else f"the re-bill failed: {reason}"
        self.close_ticket(ticket_id, said, by=by)

    def enter_memo(self, memo: MemoRow, *, amount: Decimal, by: str) -> MemoRow:
        """The first person enters what is paid, within the cap."""
        self._change_memo(memo.id, {"amount": amount, "entered_by": by})
        self.audit(by, "enter", f"memo {memo.id}", {"amount": str(amount)})
        return self._memo(memo.id)

    def issue_memo(self, memo: MemoRow, *, by: str) -> MemoRow:
        """The second person approves the amount that `memo` shows.

        Raises `StoreError` where the amount changed meanwhile, `StoreRefusal` for the same person, a seller's user, a revoked
        acceptance, an unconfirmed re-bill or a closed ticket.
        """
        shown = (
            credit_memos.c.id == memo.id,
            credit_memos.c.status == memo.status,
            credit_memos.c.amount.is_(None) if memo.amount is None else credit_memos.c.amount == memo.amount,
            credit_memos.c.entered_by.is_(None) if memo.entered_by is None else credit_memos.c.entered_by == memo.entered_by,
        )
        values = {"status": "issued", "approved_by": by, "issued_at": self._clock.now()}
        if self._write(update(credit_memos).where(*shown).values(values)) != 1:
            raise StoreError(f"credit memo {memo.id} has changed meanwhile; look at it again")
        self.audit(by, "issue", f"memo {memo.id}", {"amount": str(memo.amount), "entered_by": memo.entered_by})
        return self._memo(memo.id)
