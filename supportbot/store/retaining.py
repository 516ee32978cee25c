"""What is kept no longer than its class allows (docs/spec/safety.md 6): chosen here, emptied as an erasure empties.

    raw mail      days after its case closed; without a case, after it came
    quarantine    days after it was settled or, for mail that is about nothing, after it came; what is held is never touched
    drafts        days after their case closed; without a case, after they were made
    views         days after somebody looked: the record of who opened what
    case text     months after the case closed: words of messages, tickets, notes; the buyer's name and addresses of the order

Never: what waits for a person, an open case, a mail on its way, whatever a legal hold names, acceptances, money, the audit log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select

from supportbot.settings import RetentionSettings
from supportbot.store.access_tables import views_seen
from supportbot.store.columns import fold, new_id
from supportbot.store.erasing import Erased, Erasing, Person
from supportbot.store.tables import cases, drafts, messages, orders, outbox, quarantine, raw_mail

_MONTH = timedelta(days=30.44)
_AT_ONCE = 5000  # messages of one class within one transaction; the next run takes the next ones


@dataclass(frozen=True, slots=True)
class Expired:
    """What a retention run found due: by class, how much; and how much of it a legal hold keeps."""

    counts: dict[str, int]
    held: int


class Retaining(Erasing):
    """Retention by class."""

    def expire(self, keep: RetentionSettings, *, actor: str) -> Expired:
        """Empty everything whose time is over, with a receipt a class; the caller rolls back on a dry run."""
        now = self._clock.now()
        held_cases, held_orders, held_addresses = self._held()
        counts: dict[str, int] = {}
        held = 0
        due = self._due_mail(now - timedelta(days=keep.raw_days), now - timedelta(days=keep.quarantine_days))
        mail = [row for row in due if not self._is_held(row, held_cases, held_orders, held_addresses)]
        held += len(due) - len(mail)
        counts["raw mail"] = self._receipt("raw_days", actor, lambda done: self.empty_mail({r.sha256 for r in mail}, done))
        due = self._due_drafts(now - timedelta(days=keep.draft_days))
        free = [row for row in due if not self._is_held(row, held_cases, held_orders, held_addresses)]
        held += len(due) - len(free)
        counts["drafts"] = self._receipt("draft_days", actor, lambda done: self.empty_drafts({r.id for r in free}, done))
        due = self._due_text(now - keep.case_months * _MONTH)
        told = [row for row in due if not self._is_held(row, held_cases, held_orders, held_addresses)]
        held += len(due) - len(told)
        counts["case text"] = self._receipt("case_months", actor, lambda done: self._empty_text(told, now, keep, done))
        counts["views"] = self._write(delete(views_seen).where(views_seen.c.at < now - timedelta(days=keep.view_days)))
        return Expired({name: count for name, count in counts.items() if count}, held)

    def _receipt(self, basis: str, actor: str, empty: Any) -> int:
        done = Erased(new_id("e"), "")
        self._begin_erasure(done.id, "retention", actor, basis)
        empty(done)
        total = sum(done.counts.values())
        self._finish_erasure(done)
        if total:
            self.audit(actor, "retention", f"erasure {done.id}", {"class": basis, "counts": done.counts})
        return total

    def last_retention(self) -> datetime | None:
        """When retention was acted on last."""
        receipts = self.erasures(kind="retention", limit=1)
        return receipts[0].started_at if receipts else None

    def _held(self) -> tuple[set[str], set[str], set[str]]:
        about = {str(hold.about) for hold in self.legal_holds()}
        if not about:
            return set(), set(), set()
        order_rows = self._all(select(orders.c.key, orders.c.order_id, orders.c.buyer_address, orders.c.buyer_relay_address))
        named = [
            row
            for row in order_rows
            if {fold(str(row.order_id)), fold(row.buyer_address or ""), fold(row.buyer_relay_address or "")} & about
        ]
        keys = {row.key for row in named}
        held_cases = {fold(str(row.id)) for row in self._in(select(cases.c.id), cases.c.order_key, keys)} | about
        return held_cases, {fold(str(row.order_id)) for row in named} | about, about

    @staticmethod
    def _is_held(row: Any, held_cases: set[str], held_orders: set[str], held_addresses: set[str]) -> bool:
        parties = row.to if "to" in row._mapping else [row.sender]
        return (
            fold(row.case_id or "") in held_cases
            or fold(row.order_id or "") in held_orders
            or any(fold(party or "") in held_addresses for party in parties)
        )

    def _due_mail(self, raw: datetime, unrelated: datetime) -> list[Any]:
        about_nothing = and_(messages.c.case_id.is_(None), messages.c.order_id.is_(None), messages.c.action == "none")
        settled = exists().where(
            quarantine.c.message_id == messages.c.id, quarantine.c.state == "released", quarantine.c.settled_at < unrelated
        )
        waits = or_(
            and_(messages.c.needs_person.is_(True), messages.c.handled_at.is_(None), messages.c.case_id.is_(None)),
            exists().where(drafts.c.message_id == messages.c.id, drafts.c.state == "draft"),
        )
        over = or_(
            and_(messages.c.state == "done", cases.c.closed_at < raw),
            and_(messages.c.state == "done", messages.c.case_id.is_(None), messages.c.received < raw, ~waits),
            and_(messages.c.state == "done", about_nothing, messages.c.received < unrelated, ~waits),
            and_(messages.c.state == "quarantined", settled),
        )
        columns = (messages.c.sha256, messages.c.case_id, messages.c.order_id, messages.c.sender)
        return self._all(
            select(*columns)
            .join_from(messages, raw_mail, raw_mail.c.sha256 == messages.c.sha256)
            .outerjoin(cases, cases.c.id == messages.c.case_id)
            .where(func.length(raw_mail.c.bytes) > 0, over)
            .order_by(messages.c.id)
            .limit(_AT_ONCE)
        )

    def _due_drafts(self, before: datetime) -> list[Any]:
        under_way = exists().where(outbox.c.draft_id == drafts.c.id, outbox.c.state.in_(("approved", "sending", "uncertain")))
        over = or_(cases.c.closed_at < before, and_(drafts.c.case_id.is_(None), drafts.c.created_at < before))
        return self._all(
            select(drafts.c.id, drafts.c.case_id, drafts.c.order_id, drafts.c.to)
            .outerjoin(cases, cases.c.id == drafts.c.case_id)
            .where(drafts.c.state != "draft", ~under_way, over)
            .order_by(drafts.c.created_at)
        )

    def _due_text(self, before: datetime) -> list[Any]:
        """Messages whose words are over: of a case that closed long ago, or of none."""
        over = or_(cases.c.closed_at < before, and_(messages.c.case_id.is_(None), messages.c.received < before))
        columns = (messages.c.id, messages.c.case_id, messages.c.order_id, messages.c.sender)
        return self._all(
            select(*columns)
            .outerjoin(cases, cases.c.id == messages.c.case_id)
            .where(messages.c.state == "done", messages.c.details["erased"].as_string().is_(None), over)
            .order_by(messages.c.id)
            .limit(_AT_ONCE)
        )

    def _empty_text(self, told: Iterable[Any], now: datetime, keep: RetentionSettings, done: Erased) -> None:
        """The words of the messages, and of the cases and orders that have no younger case."""
        told = list(told)
        self._empty_messages({row.id for row in told}, done)
        case_ids = {str(row.case_id) for row in told if row.case_id}
        keys = {int(row.order_key) for row in self._in(select(cases.c.order_key), cases.c.id, case_ids)}
        young = or_(cases.c.closed_at.is_(None), cases.c.closed_at >= now - keep.case_months * _MONTH)
        keys -= {int(row.order_key) for row in self._in(select(cases.c.order_key).where(young), cases.c.order_key, keys)}
        for row in self._in(select(orders), orders.c.key, keys):
            addresses = tuple(fold(one) for one in (row.buyer_address, row.buyer_relay_address) if one)
            person = Person(
                addresses=addresses,
                names=tuple(filter(None, (row.buyer_name,))),
                tracking=(),
                header_message_ids=(),
                order_keys=frozenset({row.key}),
                order_ids=frozenset({row.order_id}),
                case_ids=frozenset(str(c.id) for c in self._in(select(cases.c.id), cases.c.order_key, [row.key])),
                message_ids=frozenset(),
                hashes=frozenset(),
                draft_ids=frozenset(),
                obstacles=(),
            )
            self._empty_cases(person, done)
            self._rename_within(person, f"expired-{done.id[:8]}-{row.key}", done)
