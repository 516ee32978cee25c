"""What people say against the program: what a mail really is, and to which thread mail belongs.

Nothing is overwritten: a correction stands until it is taken back, and each is a link of the audit log. What a mail is said to
be moves no money: proof is the program's own reading of the words (docs/spec/safety.md I2).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, select, update

from supportbot.errors import UsageError
from supportbot.store.columns import new_id
from supportbot.store.correction_tables import corrections, moved_messages, thread_moves
from supportbot.store.rows import CorrectionRow, MessageRow, MoveRow, TicketRow
from supportbot.store.tables import (
    drafts,
    message_evidence,
    messages,
    outbox,
    thread_messages,
    threads,
    tickets,
    unsaved_edits,
)
from supportbot.store.work import Work, literal

_CORRECTION = select(*(corrections.c[name] for name in CorrectionRow.__dataclass_fields__))
_MOVE = select(*(thread_moves.c[name] for name in MoveRow.__dataclass_fields__))
_BY_PEOPLE = ("credit_memo", "rebill_request")  # money's own tickets end with their case
_ON_ITS_WAY = ("approved", "sending")


class Corrections(Work):
    """Corrections, and what a mail's earlier decision has left behind."""

    # -- what a mail is

    def add_correction(self, message_id: int, *, kind: str, facts: Mapping[str, Any], was_kind: str | None, by: str) -> int:
        """A person says what a mail is; the correction's id."""
        row = {
            "message_id": message_id,
            "kind": kind,
            "facts": dict(facts),
            "was_kind": was_kind,
            "made_by": by,
            "made_at": self._clock.now(),
        }
        made = int(self._connection.execute(insert(corrections).returning(corrections.c.id), row).scalar_one())
        link = {"correction": made, "kind": kind, "was": was_kind, "facts": sorted(facts)}
        self.audit(by, "correct", f"message {message_id}", link)
        return made

    def undo_correction(self, correction_id: int, *, by: str) -> None:
        """A correction stands no more. Raises `UsageError` where it does not stand."""
        row = self.correction(correction_id)
        if row is None or row.undone_at is not None:
            raise UsageError("this correction is taken back already, or there is none")
        values = {"undone_by": by, "undone_at": self._clock.now()}
        self._write(update(corrections).where(corrections.c.id == correction_id).values(values))
        self.audit(by, "undo correction", f"message {row.message_id}", {"correction": correction_id})

    def correction(self, correction_id: int) -> CorrectionRow | None:
        """One correction, standing or taken back; None for an unknown id."""
        row = self._first(_CORRECTION.where(corrections.c.id == correction_id))
        return None if row is None else CorrectionRow(*row)

    def corrections_of(self, message_id: int) -> list[CorrectionRow]:
        """The corrections of a message that stand, the newest first: that one counts."""
        query = _CORRECTION.where(corrections.c.message_id == message_id, corrections.c.undone_at.is_(None))
        return [CorrectionRow(*row) for row in self._all(query.order_by(corrections.c.id.desc()))]

    def corrected_messages(self) -> list[int]:
        """Every message of which a correction stands, in order."""
        query = select(corrections.c.message_id).where(corrections.c.undone_at.is_(None)).distinct()
        return [row.message_id for row in self._all(query.order_by(corrections.c.message_id))]

    def put_right(self, kinds: Sequence[str]) -> list[MessageRow]:
        """Messages that the program read as one of these kinds, and that a person has corrected or put elsewhere."""
        standing = select(corrections.c.message_id).where(corrections.c.undone_at.is_(None))
        read_so = select(corrections.c.message_id).where(corrections.c.was_kind.in_(kinds))  # taken back or not: by any of them
        moved = (
            select(moved_messages.c.message_id)
            .join(thread_moves, thread_moves.c.id == moved_messages.c.move_id)
            .where(thread_moves.c.undone_at.is_(None))
        )
        corrected = and_(messages.c.id.in_(standing), messages.c.id.in_(read_so))
        placed = and_(messages.c.id.in_(moved), or_(messages.c.kind.in_(kinds), messages.c.id.in_(read_so)))
        query = select(*(messages.c[name] for name in MessageRow.__dataclass_fields__)).where(or_(corrected, placed))
        return [MessageRow(*row) for row in self._all(query.order_by(messages.c.id.desc()))]

    # -- what the earlier decision left

    def clear_decision(self, message_id: int, *, by: str, why: str) -> list[str]:
        """Withdraw what waits because of a message: its drafts, its open tickets that people work, and its evidence; the
        drafts' ids. Raises `UsageError` where an answer is approved and about to go."""
        own = drafts.c.message_id == message_id
        self._all(select(drafts.c.id).where(own).order_by(drafts.c.id).with_for_update())  # nobody approves one meanwhile
        going = exists().where(outbox.c.draft_id == drafts.c.id, outbox.c.state.in_(_ON_ITS_WAY))
        if self._first(select(drafts.c.id).where(own, going)) is not None:
            raise UsageError("an answer to this mail is approved and about to go: take the approval back first")
        waiting = [row.id for row in self._all(select(drafts.c.id).where(own, drafts.c.state == literal("draft")))]
        if waiting:
            self._write(delete(unsaved_edits).where(unsaved_edits.c.draft_id.in_(waiting)))
            self._write(update(drafts).where(drafts.c.id.in_(waiting)).values(state="superseded"))
            for draft_id in waiting:
                self.audit(by, "withdraw", f"draft {draft_id}", {"message": message_id})
        for ticket in self.tickets_by(message_id):
            values = {"close_reason": why, "status": "closed"}
            self._write(update(tickets).where(tickets.c.id == ticket.id).values(values))
            self.audit(by, "close", f"ticket {ticket.id}", {"message": message_id})
        self._write(delete(message_evidence).where(message_evidence.c.message_id == message_id))
        return waiting

    def tickets_by(self, message_id: int) -> list[TicketRow]:
        """Open tickets for people that a message's decision opened."""
        key = tickets.c.business_key
        opened = or_(key.endswith(f":{message_id}"), key.contains(f":{message_id} again "))
        query = select(*(tickets.c[name] for name in TicketRow.__dataclass_fields__)).where(
            opened, tickets.c.type.not_in(_BY_PEOPLE), tickets.c.close_reason.is_(None)
        )
        return [TicketRow(*row) for row in self._all(query)]

    # -- threads

    def move_mail(self, message_ids: Sequence[int], to_thread: str | None, *, by: str) -> MoveRow:
        """Put messages of one thread into another, or into a new one, and with them our answers to them.

        Raises `UsageError` where they do not stand together in another thread than that one.
        """
        rows: list[Any] = self._all(
            select(messages.c.id, messages.c.thread_id, messages.c.header_message_id, messages.c.subject)
            .where(messages.c.id.in_(message_ids))
            .order_by(messages.c.id)
        )
        homes = {row.thread_id for row in rows}
        if len(rows) != len(set(message_ids)) or len(homes) != 1 or None in homes:
            raise UsageError("tick worked mails that stand in one thread")
        home = homes.pop()
        if to_thread is None:
            rest = select(messages.c.id).where(messages.c.thread_id == home, messages.c.id.not_in(message_ids))
            if self._first(rest) is None and not self._sent_beside(home, message_ids):
                raise UsageError("this mail stands alone in its thread already")
            to_thread = new_id("t")
            head = {"id": to_thread, "root_subject": rows[0].subject, "opened_at": self._clock.now()}
            self._write(insert(threads), head)
        elif to_thread == home or self._first(select(threads.c.id).where(threads.c.id == to_thread)) is None:
            raise UsageError("choose another thread that there is")
        answers = self._all(
            select(outbox.c.header_message_id)
            .join(drafts, drafts.c.id == outbox.c.draft_id)
            .where(drafts.c.message_id.in_(message_ids))
        )
        named = [row.header_message_id for row in (*rows, *answers) if row.header_message_id]
        moved = self._carry(list(message_ids), named, home, to_thread)
        values = {"from_thread": home, "to_thread": to_thread, "header_message_ids": moved, "made_by": by}
        values["made_at"] = self._clock.now()
        move_id = int(self._connection.execute(insert(thread_moves).returning(thread_moves.c.id), values).scalar_one())
        self._write(insert(moved_messages), [{"message_id": one, "move_id": move_id} for one in message_ids])
        self.audit(by, "move mail", f"thread {home}", {"move": move_id, "to": to_thread, "messages": list(message_ids)})
        return MoveRow(*self._connection.execute(_MOVE.where(thread_moves.c.id == move_id)).one())

    def _sent_beside(self, thread_id: str, message_ids: Sequence[int]) -> bool:
        """Whether a mail of ours that answers none of these stands in a thread."""
        query = (
            select(thread_messages.c.header_message_id)
            .join(outbox, outbox.c.header_message_id == thread_messages.c.header_message_id)
            .join(drafts, drafts.c.id == outbox.c.draft_id)
            .where(
                thread_messages.c.thread_id == thread_id,
                or_(drafts.c.message_id.is_(None), drafts.c.message_id.not_in(message_ids)),
            )
        )
        return self._first(query) is not None

    def _carry(self, message_ids: list[int], named: Sequence[str], home: str, target: str) -> list[str]:
        """The Message-IDs that went along; one that stands in the target too stays where it is."""
        self._write(update(messages).where(messages.c.id.in_(message_ids)).values(thread_id=target))
        place = thread_messages.c
        there = select(place.header_message_id).where(place.thread_id == target, place.header_message_id.in_(named))
        known = {row.header_message_id for row in self._all(there)}
        going = sorted(set(named) - known)
        if going:
            of = and_(place.thread_id == home, place.header_message_id.in_(going))
            self._write(update(thread_messages).where(of).values(thread_id=target))
        return going

    def undo_move(self, move_id: int, *, by: str) -> MoveRow:
        """Put mail back where it stood. Raises `UsageError` where it was put back, or has been moved on since."""
        row = self._first(_MOVE.where(thread_moves.c.id == move_id))
        if row is None or row.undone_at is not None:
            raise UsageError("this mail was put back already")
        ids = self.moved_by(move_id)
        elsewhere = select(messages.c.id).where(messages.c.id.in_(ids), messages.c.thread_id.is_distinct_from(row.to_thread))
        if self._first(elsewhere) is not None:
            raise UsageError("some of this mail has been moved on since: put that back first")
        self._carry(ids, row.header_message_ids, row.to_thread, row.from_thread)
        values = {"undone_by": by, "undone_at": self._clock.now()}
        self._write(update(thread_moves).where(thread_moves.c.id == move_id).values(values))
        self.audit(by, "put mail back", f"thread {row.to_thread}", {"move": move_id, "to": row.from_thread, "messages": ids})
        return MoveRow(*row)

    def moved_by(self, move_id: int) -> list[int]:
        """The messages of a move."""
        query = select(moved_messages.c.message_id).where(moved_messages.c.move_id == move_id)
        return [row.message_id for row in self._all(query.order_by(moved_messages.c.message_id))]

    def moves_of(self, thread_id: str) -> list[MoveRow]:
        """Moves out of and into a thread that stand, the newest first."""
        either = or_(thread_moves.c.from_thread == thread_id, thread_moves.c.to_thread == thread_id)
        query = _MOVE.where(either, thread_moves.c.undone_at.is_(None)).order_by(thread_moves.c.id.desc())
        return [MoveRow(*row) for row in self._all(query)]

    def is_placed(self, message_id: int) -> bool:
        """Whether a person has said in which thread a message stands."""
        query = select(thread_moves.c.id).join(moved_messages, moved_messages.c.move_id == thread_moves.c.id)
        return (
            self._first(query.where(moved_messages.c.message_id == message_id, thread_moves.c.undone_at.is_(None))) is not None
        )

    def sent_in(self, thread_id: str) -> list[Any]:
        """Our mails of a thread: draft id, recipients, when it went on, and its state, oldest first."""
        query = (
            select(drafts.c.id, drafts.c.to, outbox.c.changed_at, outbox.c.state)
            .join_from(thread_messages, outbox, outbox.c.header_message_id == thread_messages.c.header_message_id)
            .join(drafts, drafts.c.id == outbox.c.draft_id)
            .where(thread_messages.c.thread_id == thread_id)
            .order_by(outbox.c.changed_at)
        )
        return list(self._all(query))
