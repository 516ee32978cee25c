"""What people put right: what a mail is, where it belongs, that it is decided anew, or that its sender is asked for more.

    correct, move_mail, decide_anew -> withdraw what waits because of the mail -> judge again -> carry out

Each is one transaction, stays on record and can be taken back. A case only moves to a hold by a person's word about consent,
and back; what has been sent, and what two people decide, is left alone (docs/spec/safety.md I2).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supportbot.casework.case import CaseEvent, CaseState
from supportbot.casework.facts import Answer, Kind
from supportbot.casework.policy import Decision
from supportbot.correction import CONSENT, checked
from supportbot.desk import Desk
from supportbot.errors import UsageError
from supportbot.judgement import CHAIN_KINDS, Judgement, OrderDecision, judge, plan_draft
from supportbot.money import refuse_outsiders
from supportbot.proof import Letter, examine
from supportbot.records import StoreRecords
from supportbot.remembered import said_of
from supportbot.store import MessageRow, MoveRow, Transaction

QUESTION_TEMPLATE, ORDER_TEMPLATE = "ask_for_fact", "ask_for_order_id"
_HOLDING = frozenset({CaseEvent.REVOKED, CaseEvent.ASSENTED_BARELY})
_MOST_JOINED = 2000
_WITHDRAWN = "the mail was decided anew"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a rule may ask, and for which fact."""

    fact: str
    text: str


class Correcting:
    """The reviewers' corrections. Every refusal is a `UsageError` with its reason; database faults are raised."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def correct(self, message_id: int, *, kind: str, facts: Mapping[str, Any], by: str) -> None:
        """Say what a mail is, with the facts that differ from what was read; it is decided anew."""
        try:
            said_kind = Kind(kind)
        except ValueError:
            raise UsageError(f"{kind or 'nothing'} is no kind of mail") from None
        checked(facts)
        letter = self._letter(message_id)
        with self._desk.store.transaction() as tx:
            row = self._begin(tx, message_id, by)
            tx.add_correction(message_id, kind=said_kind, facts=facts, was_kind=row.kind, by=by)
            self._decide(tx, row, letter, by)
        self._desk.wake()

    def undo_correction(self, correction_id: int, *, by: str) -> int:
        """Take a correction back; the mail is decided anew, by the one before it if there is one. The message's id."""
        with self._desk.store.snapshot() as tx:
            made = tx.correction(correction_id)
        if made is None:
            raise UsageError("there is no such correction")
        letter = self._letter(made.message_id)
        with self._desk.store.transaction() as tx:
            row = self._begin(tx, made.message_id, by)
            tx.undo_correction(correction_id, by=by)
            self._decide(tx, row, letter, by)
        self._desk.wake()
        return made.message_id

    def decide_anew(self, message_id: int, *, by: str) -> None:
        """Decide a mail again by what is on record now: an order that came in meanwhile, other rules."""
        letter = self._letter(message_id)
        with self._desk.store.transaction() as tx:
            row = self._begin(tx, message_id, by)
            tx.audit(by, "decide anew", f"message {message_id}", {})
            self._decide(tx, row, letter, by)
        self._desk.wake()

    def move_mail(self, message_ids: Sequence[int], to_thread: str | None, *, by: str) -> MoveRow:
        """Put mail into another thread, or into a new one (None). A mail alone is decided anew with its thread."""
        letter = self._letter(message_ids[0]) if len(message_ids) == 1 else None
        with self._desk.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            move = tx.move_mail(message_ids, to_thread, by=by)
            if letter is not None:
                self._decide(tx, self._begin(tx, message_ids[0], by), letter, by)
        self._desk.wake()
        return move

    def merge(self, from_thread: str, to_thread: str, *, by: str) -> MoveRow:
        """Put all mail of a thread into another; no mail is decided anew."""
        with self._desk.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            mails = tx.messages(thread_id=from_thread, limit=_MOST_JOINED + 1)
            if len(mails) > _MOST_JOINED:
                raise UsageError(f"a thread of more than {_MOST_JOINED} mails is not put into another")
            return tx.move_mail([row.id for row in mails], to_thread, by=by)

    def undo_move(self, move_id: int, *, by: str) -> MoveRow:
        """Put mail back where it stood; one alone is decided anew."""
        with self._desk.store.snapshot() as tx:
            ids = tx.moved_by(move_id)
        letter = self._letter(ids[0]) if len(ids) == 1 else None
        with self._desk.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            move = tx.undo_move(move_id, by=by)
            if letter is not None:
                self._decide(tx, self._begin(tx, ids[0], by), letter, by)
        self._desk.wake()
        return move

    # -- asking

    def questions(self, message_id: int) -> list[Question]:
        """What the sender of a mail may be asked: the questions of the rules of its marketplace."""
        with self._desk.store.snapshot() as tx:
            row = self._row(tx, message_id)
        marketplace = (row.details.get("decision") or {}).get("marketplace")
        house = self._desk.house
        policy = house.rulebook.policy_for(marketplace, row.received) or next(iter(house.rulebook.policies), None)
        role = (row.details.get("facts") or {}).get("sender_role")
        known = policy.vocabulary.items() if policy else ()
        return [Question(name, spec.question) for name, spec in known if spec.question and spec.ask in ("sender", role)]

    def ask(self, message_id: int, fact: str, *, by: str) -> str:
        """Draft a question to the sender of a mail, in place of the answer that waits; the draft's id."""
        question = next((one for one in self.questions(message_id) if one.fact == fact), None)
        if question is None:
            raise UsageError("choose a question")
        letter, desk = self._letter(message_id), self._desk
        with desk.store.transaction() as tx:
            row = self._begin(tx, message_id, by)
            judgement = self._judge(tx, message_id, letter)
            found = judgement.main
            if not found.for_party:
                raise UsageError("the sender is no party of the order: nothing is asked of strangers")
            template = ORDER_TEMPLATE if fact == "order.order_id" else QUESTION_TEMPLATE
            decision = Decision(
                "ask_for_facts",
                None,
                missing=(fact,),
                template=template,
                to="sender",
                question=question.text,
                why=f"{by} asks: {question.text}",
            )
            sender = letter.message.sender.address if letter.message.sender else None
            plan = plan_draft(decision, found.order, desk.house, sender=sender, reading=judgement.reading)
            if plan is None:
                raise UsageError("no mail can be written that asks this")
            number = self._withdraw(tx, row, by)
            asked = OrderDecision(found.order, found.marketplace, decision, plan)
            draft_id = desk.lay_draft(tx, plan, asked, judgement, message_id=message_id, case_id=row.case_id, again=number)
            if draft_id is None:
                raise UsageError("this question waits for review already")
            tx.add_evidence(message_id, judgement.reading.evidence)
            tx.audit(by, "ask", f"message {message_id}", {"fact": fact, "draft": draft_id})
        return draft_id

    # -- deciding again

    def _letter(self, message_id: int) -> Letter:
        """A mail read again, before any transaction. Raises `UsageError` where its octets are gone."""
        desk = self._desk
        with desk.store.snapshot() as tx:
            self._row(tx, message_id)
            mail = tx.kept_mail(message_id)
        if mail is None:
            raise UsageError(f"there is no message {message_id}")
        trusted = desk.house.trusted_in(mail.mailbox)
        return examine(mail.raw, mail.received, read=desk.reader.read, key_of=desk.key_of, trusted_authserv_ids=trusted)

    def _row(self, tx: Transaction, message_id: int) -> MessageRow:
        row = tx.message(message_id)
        if row is None:
            raise UsageError(f"there is no message {message_id}")
        if row.state != "done":
            raise UsageError(f"message {message_id} is {row.state}: it can be corrected once it is worked")
        return row

    def _begin(self, tx: Transaction, message_id: int, by: str) -> MessageRow:
        """The message, held until the transaction ends."""
        refuse_outsiders(tx, by, known=False)
        tx.claim_message(message_id)
        return self._row(tx, message_id)

    def _judge(self, tx: Transaction, message_id: int, letter: Letter) -> Judgement:
        desk = self._desk
        return judge(letter, records=StoreRecords(tx), house=desk.house, now=desk.clock.now(), said=said_of(tx, message_id))

    def _withdraw(self, tx: Transaction, row: MessageRow, by: str) -> str:
        """Withdraw what waits because of a mail; what tells the new decision from the ones before."""
        waiting = tx.drafts(message_id=row.id)
        tx.clear_decision(row.id, by=by, why=_WITHDRAWN)
        for draft in waiting:
            self._desk.cases.rejected(tx, draft, by, _WITHDRAWN)
        return f" again {secrets.token_hex(4)}"

    def _decide(self, tx: Transaction, row: MessageRow, letter: Letter, by: str) -> None:
        again = self._withdraw(tx, row, by)
        self._let_holds_go(tx, row, by)
        judgement = self._judge(tx, row.id, letter)
        self._desk.carry_out(tx, row.id, judgement, thread_id=self._row(tx, row.id).thread_id, again=again)
        self._hold(tx, row, by)

    def _hold(self, tx: Transaction, before: MessageRow, by: str) -> None:
        """A person's word about consent puts the case on hold: a yes that nothing proves, as a no after a yes that counted."""
        after, said = tx.message(before.id), tx.corrections_of(before.id)
        if after is None or not said:
            return
        accepted, accepts = _accepts(before), _accepts(after) and after.case_id == (before.case_id or after.case_id)
        if not (accepted or accepts) or (accepted == accepts and not any(name in said[0].facts for name in CONSENT)):
            return
        case_id = after.case_id if accepts else before.case_id
        case = tx.case(case_id) if case_id else None
        if case is not None:
            event = CaseEvent.ASSENTED_BARELY if accepts else CaseEvent.REVOKED
            why = f"{by} reads the buyer's answer otherwise than the program did"
            self._desk.cases.take(tx, case, event, by, message_id=before.id, reason=why)

    def _let_holds_go(self, tx: Transaction, row: MessageRow, by: str) -> None:
        """A hold that an earlier correction of this very mail made ends with it."""
        case = tx.case(row.case_id) if row.case_id else None
        events = tx.case_events(case.id) if case and case.state == CaseState.HOLD else []
        if case and events and events[-1].event in _HOLDING and events[-1].message_id == row.id and events[-1].actor != "buyer":
            self._desk.cases.take(tx, case, CaseEvent.RELEASED, by, message_id=row.id, reason=_WITHDRAWN)


def _accepts(row: MessageRow) -> bool:
    facts = row.details.get("facts") or {}
    return row.kind in CHAIN_KINDS and all(facts.get(name) == Answer.YES for name in CONSENT)
