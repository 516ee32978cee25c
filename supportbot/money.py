"""The one door through which money leaves: from proof to re-bill request to credit memo (docs/spec/policies.md 1.3, I1 to I5).

Every step is checked three times: by the type of the proof, by the life cycle, and by the database, which refuses even raw SQL.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from supportbot import fault
from supportbot.anomaly import look_around
from supportbot.casebook import CaseBook
from supportbot.casework.billing import read_billing
from supportbot.casework.case import CaseEvent, CaseState
from supportbot.casework.chain import CLOCK_SKEW, ChainDefect, VerifiedChain, confirm_by_two, verify_chain
from supportbot.casework.credit import credit_memo
from supportbot.casework.order import Order
from supportbot.casework.policy import Decision
from supportbot.clock import Clock
from supportbot.errors import MissingMail, StoreRefusal, UsageError
from supportbot.judgement import DraftPlan, House, Judgement, OrderDecision, judge_chain, plan_draft
from supportbot.mail.message import same_address
from supportbot.mail.signature import KeyOf
from supportbot.mail.thread import reply_token
from supportbot.proof import Letter, Reader, examine
from supportbot.records import StoreRecords, read_for_quarantine, unread_about
from supportbot.store import CaseRow, MemoLine, MemoRow, Store, Transaction
from supportbot.store.rows import SentMail

E = CaseEvent

REQUEST = "m_request_billing"
"""The mail that asks billing; its reply token comes back with the answer."""

MOST_WAITING = 200
"""Mails not worked yet that are looked through before a memo is issued; while more wait, none is."""

SOMEBODY_ELSE = "a second person"  # who is not known yet; never a user's name


class LayDraft(Protocol):
    """Puts a draft before the reviewers; `Desk.lay_draft`."""

    def __call__(
        self,
        tx: Transaction,
        draft: DraftPlan,
        found: OrderDecision,
        judgement: Judgement | None,
        *,
        message_id: int | None,
        case_id: str | None,
    ) -> str | None: ...


def refuse_outsiders(tx: Transaction, name: str, *, known: bool = True) -> None:
    """Raises `UsageError` where a person may not act: disabled, a seller's user, a viewer; with `known`, a stranger too."""
    user = tx.user(name)
    if user is None:
        if known:
            raise UsageError(f"there is no user {name}; money moves by known people only")
        return
    if user.disabled or user.seller_id is not None or user.role == "viewer":
        raise UsageError(f"{name} may look, but not do this")


def _not_billing(judgement: Judgement, asked: SentMail, billing: str) -> str | None:
    """Why a mail in billing's name is not proved to answer that very request (docs/spec/safety.md 2.1); None where it is."""
    letter, message = judgement.letter, judgement.message
    written = tuple(filter(None, (message.in_reply_to, *message.references)))
    if not any(same_address(billing, one) for one in asked.to):
        return "we have asked another address than the one that is configured for billing"
    if not letter.sender.passed:
        return "who wrote it is not proved: " + ", ".join(letter.sender.reasons)
    if asked.token is None or reply_token(message.to) != asked.token or asked.header_message_id not in written:
        return "it does not carry the token of the request"
    if letter.received + CLOCK_SKEW < asked.sent_at:
        return "it is older than the request"
    return None


class MoneyDesk:
    """Opens credit memos and walks them to their end. Every refusal is a `UsageError` or `StoreError` with its reason."""

    def __init__(
        self,
        store: Store,
        house: House,
        clock: Clock,
        *,
        read: Reader,
        key_of: KeyOf,
        cases: CaseBook,
        lay_draft: LayDraft,
    ) -> None:
        self._store = store
        self._house = house
        self._clock = clock
        self._read = read
        self._key_of = key_of
        self._cases = cases
        self._lay_draft = lay_draft

    def open_memo(self, tx: Transaction, case: CaseRow, judgement: Judgement, found: OrderDecision, message_id: int) -> None:
        """The policy says a verified chain opens a memo: the chain was verified in this very transaction."""
        proof = judgement.verdict.proof if judgement.verdict else None
        if proof is None or case.state != CaseState.CHAIN_VERIFIED:
            tx.audit("supportbot", "memo not opened", f"case {case.id}", {"state": case.state, "proof": proof is not None})
            return
        self._open(tx, case, proof, message_id, actor="supportbot")

    def _open(self, tx: Transaction, case: CaseRow, proof: VerifiedChain, message_id: int, *, actor: str) -> None:
        proof = self._prove_again(tx, case, proof, message_id)
        memo = credit_memo(proof)
        if not memo.lines:
            tx.open_ticket(
                type="other",
                status="open",
                case_id=case.id,
                order_id=case.order_id,
                title=f"order {case.order_id}: no price is on record for the cancelled-and-shipped units",
                fields={"what to do": "import the order with its unit prices, then confirm the proof again"},
                business_key=f"price:{case.id}",
            )
            return
        acceptance = tx.record_acceptance(
            case_id=case.id,
            order_key=case.order_key,
            message_id=message_id,
            item=True,
            rebill=True,
            verified=True,
            grade=proof.grade,
            buyer_address=proof.answer.sender,
            signature_sha256=proof.answer.dkim.signature_sha256 or proof.answer.raw_sha256,
            evidence=proof.answer.evidence,
            notice_message_id=proof.notice.message_id or proof.notice.how,
            confirmed_by=proof.confirmed_by,
            second_person=proof.second_person,
            reason=proof.reason,
        )
        opened = tx.open_memo(
            case_id=case.id,
            order_key=case.order_key,
            acceptance_id=acceptance,
            memo_gate=self._house.settings.money.memo_gate,
            lines=[MemoLine(line.line, line.units, line.unit_price) for line in memo.lines],
            currency=memo.currency,
            cap=memo.cap,
            actor=actor,
        )
        tx.raise_flags(opened.id, look_around(tx, case, proof, memo.cap, self._house, self._clock.now(), message_id=message_id))
        fault.point("desk.memo")
        case, _ = self._cases.take(tx, case, E.REBILL_ASKED, message_id=message_id)
        decision = Decision(
            "open_credit_memo",
            "M-26",
            template=REQUEST,
            to="billing",
            why="The chain is verified: billing re-bills.",
        )
        draft = plan_draft(decision, proof.order, self._house)
        if draft and draft.to:
            found = OrderDecision(proof.order, proof.order.marketplace, decision, draft)
            self._lay_draft(tx, draft, found, None, message_id=None, case_id=case.id)

    # -- a person confirms the proof -----------------------------------------------------------------------------------

    def confirm_direct_proof(self, case_id: str, *, by: str) -> None:
        """Skip the seller's chain: our own mailbox got the buyer's answer, and a person confirms it (1.3 [P])."""
        case, message_id, letter = self._acknowledgement(case_id)
        with self._store.transaction() as tx:
            refuse_outsiders(tx, by)
            tx.keep_checks(message_id, letter.checks)
            chain = judge_chain(letter, StoreRecords(tx), self._house)
            outcome = verify_chain(chain)
            if outcome.proof is None or outcome.proof.order.order_id != case.order_id:
                raise UsageError(f"the buyer's answer does not prove it: {outcome.why}")
            self._advance_and_open(tx, case, E.DIRECT_PROOF_CONFIRMED, outcome.proof, message_id, by=by)

    def confirm_chain(self, case_id: str, *, first: str, second: str, reason: str) -> None:
        """Two people accept a claimed chain, with a reason (CHAIN_MANUAL). Raises `UsageError` where that may not be."""
        case, message_id, letter = self._acknowledgement(case_id)
        with self._store.transaction() as tx:
            self._accept_chain(tx, case, message_id, letter, first=first, second=second, reason=reason)

    def propose_chain(self, case_id: str, *, by: str, reason: str) -> None:
        """The first of two people believes a claimed chain, with a reason; it stands until anything else happens in the case.

        Raises `UsageError` where no two people could accept the chain, so that the second is not asked in vain.
        """
        if not reason.strip():
            raise UsageError("a chain is believed with a reason; the second person reads it")
        case, message_id, letter = self._acknowledgement(case_id)
        with self._store.transaction() as tx:
            refuse_outsiders(tx, by)
            if case.state != CaseState.CHAIN_MANUAL:
                raise UsageError(f"a case in {case.state} holds no chain for people to judge")
            self._proof_by_two(tx, case, letter, first=by, second=SOMEBODY_ELSE, reason=reason)
            self._cases.take(tx, case, E.CHAIN_PROPOSED, by, message_id=message_id, reason=reason.strip())

    def confirm_proposed_chain(self, case_id: str, *, by: str, shown: int) -> None:
        """The second person confirms what the first has proposed: the case event of the number `shown`.

        Raises `UsageError` for the same person, and where the proposal stands no more.
        """
        case, message_id, letter = self._acknowledgement(case_id)
        with self._store.transaction() as tx:
            proposal = tx.standing_proposal(case_id)
            if proposal is None or (proposal.number, proposal.message_id) != (shown, message_id):
                raise UsageError("this proposal stands no more: something has happened in the case since; look again")
            if proposal.actor == by:
                raise UsageError("you proposed it yourself, so a second person has to confirm it")
            self._accept_chain(tx, case, message_id, letter, first=proposal.actor, second=by, reason=proposal.reason)

    def _accept_chain(
        self, tx: Transaction, case: CaseRow, message_id: int, letter: Letter, *, first: str, second: str, reason: str
    ) -> None:
        tx.keep_checks(message_id, letter.checks)
        for name in (first, second):
            refuse_outsiders(tx, name)
        proof = self._proof_by_two(tx, case, letter, first=first, second=second, reason=reason)
        self._advance_and_open(tx, case, E.CHAIN_PROVED, proof, message_id, by=f"{first}, {second}", reason=reason)

    def _proof_by_two(
        self, tx: Transaction, case: CaseRow, letter: Letter, *, first: str, second: str, reason: str
    ) -> VerifiedChain:
        chain = judge_chain(letter, StoreRecords(tx), self._house)
        proof = confirm_by_two(chain, first=first, second=second, reason=reason)
        if isinstance(proof, ChainDefect):
            raise UsageError(f"two people cannot confirm this chain: {proof.detail}")
        if proof.order.order_id != case.order_id:
            raise UsageError(f"this chain is about order {proof.order.order_id}, the case about {case.order_id}")
        return proof

    def _advance_and_open(
        self,
        tx: Transaction,
        case: CaseRow,
        event: CaseEvent,
        proof: VerifiedChain,
        message_id: int,
        *,
        by: str,
        reason: str = "",
    ) -> None:
        self._refuse_unread(tx, proof.order, case.id, message_id)
        case, moved = self._cases.take(tx, case, event, by, message_id=message_id, reason=reason)
        if not moved:
            raise UsageError(f"a case in {case.state} cannot be confirmed")
        self._open(tx, case, proof, message_id, actor=by)

    def _acknowledgement(self, case_id: str) -> tuple[CaseRow, int, Letter]:
        """The case, and the message that brought its answer or chain, read afresh before the transaction."""
        with self._store.snapshot() as tx:
            case = tx.case(case_id)
            if case is None:
                raise UsageError(f"there is no case {case_id}")
            bringing = (E.ACKNOWLEDGED, E.CHAIN_ARRIVED)
            found = [e.message_id for e in tx.case_events(case_id) if e.event in bringing and e.message_id is not None]
            row = tx.message(found[-1]) if found else None
            if row is None:
                raise UsageError(f"case {case_id} holds no answer of the buyer yet")
            raw = tx.raw(row.sha256)
        trusted = self._house.trusted_in(row.mailbox)
        letter = examine(
            raw, row.received, read=self._read, key_of=self._key_of, trusted_authserv_ids=trusted, archived=self._archived_key
        )
        return case, row.id, letter

    def _archived_key(self, name: str) -> str | None:
        with self._store.snapshot() as tx:
            return tx.archived_key(name)

    def _prove_again(self, tx: Transaction, case: CaseRow, proof: VerifiedChain, message_id: int) -> VerifiedChain:
        """The proof made once more within this transaction, from the stored octets, the keys on record, and what the tables
        say now; nothing that was read, checked or judged before is used. Raises `StoreRefusal` where it does not hold."""
        row = tx.message(message_id)
        if row is None:
            raise StoreRefusal(f"I1: message {message_id}, the proof of case {case.id}, is gone")
        letter = examine(
            tx.raw(row.sha256),
            row.received,
            read=self._read,
            key_of=lambda name: tx.key_at_receipt(message_id, name),
            trusted_authserv_ids=self._house.trusted_in(row.mailbox),
            archived=tx.archived_key,
        )
        chain = judge_chain(letter, StoreRecords(tx), self._house)
        if proof.confirmed_by and proof.second_person:
            again = confirm_by_two(chain, first=proof.confirmed_by, second=proof.second_person, reason=proof.reason)
        else:
            outcome = verify_chain(chain)
            again = outcome.proof or ChainDefect(outcome.defects[0].code if outcome.defects else "UNAUTHENTICATED", outcome.why)
        if isinstance(again, ChainDefect):
            raise StoreRefusal(f"I1: read again before the memo, the chain does not prove it: {again.detail}")
        if again.order.order_id != case.order_id:
            raise StoreRefusal(f"I1: read again before the memo, the chain is about order {again.order.order_id}")
        return again

    # -- billing and the second person ---------------------------------------------------------------------------------

    def confirm_rebill(self, ticket_id: str, *, by: str, reference: str) -> MemoRow:
        """Billing has re-billed the buyer: the memo may be approved."""
        return self._step(ticket_id, E.REBILL_DONE, by, lambda tx, memo: tx.confirm_rebill(memo, by=by, reference=reference))

    def fail_rebill(self, ticket_id: str, *, by: str, reason: str) -> MemoRow:
        """Billing could not re-bill the buyer: a person decides."""
        with self._store.transaction() as tx:
            refuse_outsiders(tx, by)
            memo = self._memo(tx, ticket_id)
            failed = tx.fail_rebill(memo, by=by, reason=reason)
            case = self._case(tx, memo)
            case, moved = self._cases.take(tx, case, E.REBILL_FAILED, by, reason=reason)
            if moved:
                self._cases.take(tx, case, E.HELD)
            return failed

    def hear_billing(self, tx: Transaction, judgement: Judgement, message_id: int) -> OrderDecision | None:
        """Carry out billing's answer to our request, in the transaction of the message that brings it (M-27).

        None for mail that answers no request, or that is not in billing's name: a withdrawal or a bounce has its own way. What
        is not proved to be billing's, or says nothing certain, a person reads.
        """
        asked, billing, sender = judgement.answered, self._house.settings.correspondents.billing, judgement.message.sender
        if billing is None or sender is None or not same_address(sender.address, billing):
            return None
        memo = tx.memo(case_id=asked.case_id) if asked and asked.template == REQUEST and asked.case_id else None
        if asked is None or memo is None:
            return None
        order, case = tx.order(memo.order_key).order, self._case(tx, memo)
        answer = read_billing(judgement.message.new_text, order_id=order.order_id, worth=memo.cap)
        doubt = _not_billing(judgement, asked, billing) or (
            f"the re-bill is {memo.rebill_state}, the case in {case.state}"
            if memo.rebill_state != "requested" or case.state != CaseState.REBILL_REQUESTED
            else None
            if answer and judgement.message.boundary_certain
            else "its words are not one of the two answers that we asked for"
        )
        if answer is None or doubt is not None:
            why = f"An answer to our re-bill request about order {order.order_id}, but {doubt}: a person reads it."
            return OrderDecision(order, order.marketplace, Decision("review", "M-27", needs_person=True, why=why), None)
        by, done = asked.to[0], answer.outcome == "done"
        with tx.savepoint():
            if done:
                tx.confirm_rebill(memo, by=by, reference=answer.words)
            else:
                tx.fail_rebill(memo, by=by, reason=answer.words)
            event = E.REBILL_DONE if done else E.REBILL_FAILED
            case, moved = self._cases.take(tx, case, event, by, message_id=message_id)
            if not moved:
                raise StoreRefusal(f"billing answers, but the case is in {case.state}")
            if not done:
                self._cases.take(tx, case, E.HELD)
        said = f"has re-billed order {order.order_id}" if done else f"could not re-bill order {order.order_id}"
        why = f"Billing {said}: {answer.words}"
        return OrderDecision(order, order.marketplace, Decision("none", "M-27", needs_person=not done, why=why), None)

    def enter_memo(self, ticket_id: str, *, amount: Decimal, by: str) -> MemoRow:
        """The first person enters the amount, at most the value of the cancelled-and-shipped units."""
        with self._store.transaction() as tx:
            refuse_outsiders(tx, by)
            memo = self._memo(tx, ticket_id)
            if not 0 < amount <= memo.cap:
                raise UsageError(f"the amount must be over 0 and at most {memo.cap} {memo.currency or ''}".strip())
            return tx.enter_memo(memo, amount=amount, by=by)

    def issue_memo(self, ticket_id: str, *, by: str) -> MemoRow:
        """The second person approves; the database refuses the first person, a seller's user and a withdrawn consent.

        Raises `UsageError` while a mail in the buyer's name waits to be read: it may withdraw in words that no rule knows (I2).
        """

        def issue(tx: Transaction, memo: MemoRow) -> MemoRow:
            self._refuse_unread(tx, tx.order(memo.order_key).order, memo.case_id, tx.message_of_acceptance(memo.acceptance_id))
            standing = [flag for flag in tx.flags_of(memo.id) if flag.cleared_at is None]
            if standing:
                odd = "; ".join(f"{flag.code}: {flag.sentence} ({flag.evidence})" for flag in standing)
                raise UsageError(f"a person has to look first, and clear each flag with a reason: {odd}")
            return tx.issue_memo(memo, by=by)

        return self._step(ticket_id, E.MEMO_APPROVED, by, issue)

    def clear_flag(self, ticket_id: str, code: str, *, by: str, reason: str) -> None:
        """A person has looked at what is odd about a memo, and says why it may go on. Raises `UsageError`."""
        if not reason.strip():
            raise UsageError("a flag is cleared with a reason; it is kept with it")
        with self._store.transaction() as tx:
            refuse_outsiders(tx, by)
            tx.clear_flag(self._memo(tx, ticket_id).id, code.upper(), by=by, reason=reason.strip())

    def _step(self, ticket_id: str, event: CaseEvent, by: str, change: Callable[[Transaction, MemoRow], MemoRow]) -> MemoRow:
        with self._store.transaction() as tx:
            refuse_outsiders(tx, by)
            memo = self._memo(tx, ticket_id)
            case, moved = self._cases.take(tx, self._case(tx, memo), event, by)
            if not moved:
                raise UsageError(f"the case is in {case.state}: “{event}” is not possible now")
            return change(tx, memo)

    @staticmethod
    def _refuse_unread(tx: Transaction, order: Order, case_id: str, proving: int) -> None:
        """Raises `UsageError` while mail about the order, or what lies in quarantine about it, waits to be read; and
        while mail that has come in, but is not worked yet, may be one of them. The message that is the proof has been read."""
        unread = unread_about(tx, order, case_id, besides=proving)
        if unread:
            named = ", ".join(str(number) for number in unread)
            raise UsageError(
                "a person has to read what came in the buyer's name or about the order first, and mark it as handled or see to "
                f"it in quarantine: message {named}"
            )
        try:
            waiting = tx.waiting_raw(MOST_WAITING + 1)
        except MissingMail as error:
            raise UsageError(f"{error}, and it is not worked yet; it may be the buyer's: try again when it is") from error
        if len(waiting) > MOST_WAITING:
            raise UsageError(
                f"over {MOST_WAITING} mails wait to be worked; any may be the buyer's: try again when they are done"
            )
        for number, raw in waiting:
            if number == proving:
                continue
            sender, order_id = read_for_quarantine(tx, raw)
            if order_id == order.order_id or any(same_address(sender or "", one) for one in order.buyer.addresses):
                raise UsageError(
                    f"message {number} of the buyer or about the order has just come in; try again when it is worked"
                )

    @staticmethod
    def _memo(tx: Transaction, ticket_id: str) -> MemoRow:
        memo = tx.memo(ticket_id=ticket_id)
        if memo is None:
            raise UsageError(f"there is no credit-memo ticket {ticket_id}")
        return memo

    @staticmethod
    def _case(tx: Transaction, memo: MemoRow) -> CaseRow:
        case = tx.case(memo.case_id)
        if case is None:
            raise UsageError(f"the case of ticket {memo.ticket_id} is gone")
        return case
