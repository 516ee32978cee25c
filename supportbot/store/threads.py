"""Threads: which mails, theirs and ours, stand in each; found by Message-ID, by case and by order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam, exists, func, insert, literal, select, true, union_all
from sqlalchemy.dialects import postgresql, sqlite

from supportbot.casework.linking import Thread
from supportbot.store.columns import fold, new_id
from supportbot.store.outgoing import WENT_OUT
from supportbot.store.tables import cases, draft_recipients, drafts, messages, orders, outbox, thread_messages, threads
from supportbot.store.work import Work

_LONGEST_ID = 998  # characters; RFC 5322 section 2.1.1 allows no longer line, and an index has its limits
_MOST_THREADS = 20  # about one order, with one party: more are never told apart by the order alone

_THREADS_OF = (
    select(thread_messages.c.header_message_id, thread_messages.c.thread_id)
    .where(thread_messages.c.header_message_id.in_(bindparam("ids", expanding=True)))
    .order_by(thread_messages.c.header_message_id, thread_messages.c.thread_id)
)
_OPEN = insert(threads)
_OURS = exists().where(outbox.c.header_message_id == bindparam("of"))
_SENT_IN = (
    select(thread_messages.c.thread_id, drafts.c.to, drafts.c.case_id, drafts.c.order_id, outbox.c.changed_at)
    .join(outbox, outbox.c.header_message_id == thread_messages.c.header_message_id)
    .join(drafts, drafts.c.id == outbox.c.draft_id)
    .where(thread_messages.c.thread_id.in_(bindparam("ids", expanding=True)), outbox.c.state.in_(WENT_OUT))
)
_RECEIVED_IN = (
    select(
        messages.c.thread_id,
        messages.c.sender,
        messages.c.case_id,
        messages.c.order_id,
        func.min(messages.c.id).label("first"),
        func.max(messages.c.received, type_=messages.c.received.type).label("latest"),
    )
    .where(messages.c.thread_id.in_(bindparam("ids", expanding=True)))
    .group_by(messages.c.thread_id, messages.c.sender, messages.c.case_id, messages.c.order_id)
)
_BY_PARTY: Any = bindparam("addresses", expanding=True)


def _threads_about(received: ColumnElement[bool], sent: ColumnElement[bool]) -> Executable:
    """The threads that a mail about an order came in, and after them those that one went out in, the latest of each first."""
    came = (
        select(literal(0).label("way"), messages.c.thread_id, func.max(messages.c.received).label("latest"))
        .where(messages.c.order_id == bindparam("order_id"), messages.c.thread_id.is_not(None), received)
        .group_by(messages.c.thread_id)
        .order_by(func.max(messages.c.received).desc(), messages.c.thread_id)
        .limit(_MOST_THREADS)
        .subquery()
    )
    went = (
        select(literal(1).label("way"), thread_messages.c.thread_id, func.max(outbox.c.changed_at).label("latest"))
        .join_from(drafts, outbox, outbox.c.draft_id == drafts.c.id)
        .join(thread_messages, thread_messages.c.header_message_id == outbox.c.header_message_id)
        .where(drafts.c.order_id == bindparam("order_id"), sent)
        .group_by(thread_messages.c.thread_id)
        .order_by(func.max(outbox.c.changed_at).desc(), thread_messages.c.thread_id)
        .limit(_MOST_THREADS)
        .subquery()
    )
    both = union_all(select(came), select(went)).subquery()
    return select(both.c.thread_id).order_by(both.c.way, both.c.latest.desc(), both.c.thread_id)


_ABOUT = _threads_about(true(), true())
_OF_PARTY = _threads_about(
    func.lower(messages.c.sender).in_(_BY_PARTY),
    exists().where(draft_recipients.c.draft_id == drafts.c.id, draft_recipients.c.address.in_(_BY_PARTY)),
)
_BEGUN_IN = select(cases.c.id, cases.c.thread_id).where(cases.c.thread_id.in_(bindparam("ids", expanding=True)))
_THREADS = select(threads).where(threads.c.id.in_(bindparam("ids", expanding=True)))
_CASES = (
    select(cases.c.id, cases.c.closed_at, orders.c.order_id)
    .join_from(cases, orders, orders.c.key == cases.c.order_key)
    .where(cases.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(cases.c.closed_at.is_not(None), cases.c.opened_at.desc(), cases.c.id)
)
_OF_CASE = (
    select(thread_messages.c.thread_id)
    .join_from(drafts, outbox, outbox.c.draft_id == drafts.c.id)
    .join(thread_messages, thread_messages.c.header_message_id == outbox.c.header_message_id)
    .where(drafts.c.case_id == bindparam("case_id"))
    .union(
        select(messages.c.thread_id).where(messages.c.case_id == bindparam("case_id"), messages.c.thread_id.is_not(None)),
        select(cases.c.thread_id).where(cases.c.id == bindparam("case_id"), cases.c.thread_id.is_not(None)),
    )
)


@cache
def _join(dialect: str) -> Any:
    """Note a received message in a thread, unless it stands there or is a mail of ours."""
    columns = thread_messages.c
    one = select(bindparam("of", type_=columns.header_message_id.type), bindparam("in", type_=columns.thread_id.type)).where(
        ~_OURS
    )
    make = sqlite.insert(thread_messages) if dialect == "sqlite" else postgresql.insert(thread_messages)
    return make.from_select(["header_message_id", "thread_id"], one).on_conflict_do_nothing()


class Threads(Work):
    """The threads and what stands in them."""

    def open_thread(self, root_subject: str) -> str:
        """A new thread; `root_subject` is the subject it began with."""
        thread_id = new_id("t")
        self._write(_OPEN, {"id": thread_id, "root_subject": root_subject, "opened_at": self._clock.now()})
        return thread_id

    def join_thread(self, thread_id: str, header_message_id: str | None) -> None:
        """Add a received message to a thread, so that answers to it find the thread.

        One without a Message-ID of a possible length cannot be answered by it, and the Message-ID of a mail of ours names the
        thread of that mail alone, whoever else writes it above his own: nothing is noted.
        """
        if not header_message_id or len(header_message_id) > _LONGEST_ID:
            return
        self._write(_join(self._dialect), {"of": header_message_id, "in": thread_id})

    def threads_of(self, header_message_ids: Sequence[str]) -> dict[str, list[str]]:
        """The threads that hold a mail with one of these Message-IDs; several where people gave theirs to two mails."""
        found: dict[str, list[str]] = {}
        for row in self._all(_THREADS_OF, {"ids": list(header_message_ids)}) if header_message_ids else ():
            found.setdefault(row.header_message_id, []).append(row.thread_id)
        return found

    def threads_of_case(self, case_id: str) -> list[str]:
        """The threads with mail of a case; a case has one with each of its parties."""
        return sorted(row.thread_id for row in self._all(_OF_CASE, {"case_id": case_id}))

    def threads_about(self, order_id: str, addresses: Sequence[str] = ()) -> list[str]:
        """The latest threads about an order, as its record writes it; only those where one of the addresses wrote or was
        written to, where any are given."""
        of_party = {"addresses": [fold(address) for address in addresses]} if addresses else {}
        rows = self._all(_OF_PARTY if addresses else _ABOUT, {"order_id": order_id, **of_party})
        return list(dict.fromkeys(row.thread_id for row in rows))

    def threads(self, thread_ids: Iterable[str]) -> dict[str, Thread]:
        """What is on record of these threads; without those that are unknown."""
        ids = {"ids": sorted(set(thread_ids))}
        if not ids["ids"]:
            return {}
        received, sent = self._by_thread(_RECEIVED_IN, ids), self._by_thread(_SENT_IN, ids)
        begun = self._all(_BEGUN_IN, ids)
        case_ids = {row.case_id for rows in (*received.values(), *sent.values()) for row in rows if row.case_id}
        standing = {row.id: row for row in self._cases(sorted(case_ids | {row.id for row in begun}))}
        found: dict[str, Thread] = {}
        for head in self._all(_THREADS, ids):
            theirs, ours = received.get(head.id, []), sent.get(head.id, [])
            own = {row.case_id for row in (*theirs, *ours)} | {row.id for row in begun if row.thread_id == head.id}
            found[head.id] = _thread(head, theirs, ours, [row for case_id, row in standing.items() if case_id in own])
        return found

    def _by_thread(self, query: Any, ids: dict[str, list[str]]) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = {}
        for row in self._all(query, ids):
            rows.setdefault(row.thread_id, []).append(row)
        return rows

    def _cases(self, case_ids: Sequence[str]) -> list[Any]:
        """The open ones first, then the newest."""
        return self._all(_CASES, {"ids": list(case_ids)}) if case_ids else []


def _thread(head: Any, theirs: Sequence[Any], ours: Sequence[Any], own_cases: Sequence[Any]) -> Thread:
    first = min(theirs, key=lambda row: row.first, default=None)
    began: datetime = head.opened_at
    return Thread(
        thread_id=head.id,
        title=head.root_subject,
        latest=max([began, *(row.latest for row in theirs), *(row.changed_at for row in ours)]),
        order_ids=tuple(sorted({row.order_id for row in (*theirs, *ours, *own_cases) if row.order_id})),
        case_id=own_cases[0].id if own_cases else None,
        open=not own_cases or own_cases[0].closed_at is None,
        opener=first.sender if first else None,
        writers=tuple(sorted({row.sender for row in theirs if row.sender})),
        written_to=tuple(sorted({address for row in ours for address in row.to})),
    )
