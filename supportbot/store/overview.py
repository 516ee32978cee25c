"""What the overview shows: how old the work is, what people did with drafts, how mail comes in and goes out, and the memos."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import and_, case, func, select

from supportbot.store.outgoing import AUTOPILOT
from supportbot.store.tables import credit_memos, drafts, fetched, messages, outbox, reviews
from supportbot.store.work import Work, literal

_AGES = ((1, "under 1 h"), (4, "1 to 4 h"), (24, "4 to 24 h"), (72, "1 to 3 days"))
_OLDEST = "over 3 days"
_MOST_ANSWERS = 10_000  # the newest of the days asked for; more would not move a median


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of the drafts of one kind and rule."""

    kind: str | None
    rule: str | None
    unchanged: int
    edited: int
    rejected: int
    autopilot: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.unchanged + self.edited + self.rejected + self.autopilot


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    """How a mailbox is read: when mail was last fetched from it, and how much of it is not worked yet."""

    mailbox: str
    last_fetched: datetime | None
    not_worked: int


class Overview(Work):
    """Sums over the records; each says over how long."""

    def waiting_by_age(self) -> list[tuple[str, int]]:
        """Drafts that wait for review, by how long somebody has waited for the answer."""
        since = func.coalesce(messages.c.received, drafts.c.created_at, type_=drafts.c.created_at.type)
        now = self._clock.now()
        bucket = case(*((since > now - timedelta(hours=hours), name) for hours, name in _AGES), else_=_OLDEST)
        query = select(bucket.label("age"), func.count()).outerjoin_from(drafts, messages, messages.c.id == drafts.c.message_id)
        found = {str(age): int(n) for age, n in self._all(query.where(drafts.c.state == literal("draft")).group_by("age"))}
        return [(name, found.get(name, 0)) for name in (*(name for _, name in _AGES), _OLDEST)]

    def reviewed(self, days: int) -> list[Reviewed]:
        """What people and the autopilot did with drafts in the last days, by kind and rule, the most frequent first."""
        since = self._clock.now() - timedelta(days=days)
        what = case(
            (reviews.c.reviewer == AUTOPILOT, "autopilot"),
            (reviews.c.decision == "rejected", "rejected"),
            (drafts.c.version > 1, "edited"),
            else_="unchanged",
        )
        query = (
            select(messages.c.kind, drafts.c.rule, what.label("what"), func.count())
            .join_from(reviews, drafts, drafts.c.id == reviews.c.draft_id)
            .outerjoin(messages, messages.c.id == drafts.c.message_id)
            .where(reviews.c.at >= since)
            .group_by(messages.c.kind, drafts.c.rule, what)
        )
        sums: defaultdict[tuple[str | None, str | None], Counter[str]] = defaultdict(Counter)
        for kind, rule, done, number in self._all(query):
            sums[kind, rule][done] += int(number)
        names = ("unchanged", "edited", "rejected", "autopilot")
        rows = [Reviewed(kind, rule, *(done[name] for name in names)) for (kind, rule), done in sums.items()]
        return sorted(rows, key=lambda row: (-row.all, row.kind or "", row.rule or ""))

    def mailbox_health(self) -> list[MailboxHealth]:
        """Each mailbox that ever had mail, by name."""
        fetches = select(fetched.c.mailbox, func.max(fetched.c.fetched_at)).group_by(fetched.c.mailbox)
        last: dict[str, datetime] = {str(name): at for name, at in self._all(fetches)}
        waits = select(messages.c.mailbox, func.count()).where(messages.c.state == literal("new")).group_by(messages.c.mailbox)
        new = {str(name): int(number) for name, number in self._all(waits)}
        return [MailboxHealth(name, last.get(name), new.get(name, 0)) for name in sorted({*last, *new})]

    def outbox_states(self, days: int) -> dict[str, int]:
        """Mails of ours by what became of them: those of the last days."""
        since = self._clock.now() - timedelta(days=days)
        query = select(outbox.c.state, func.count()).where(outbox.c.changed_at >= since).group_by(outbox.c.state)
        return {str(state): int(number) for state, number in self._all(query)}

    def answer_seconds(self, days: int) -> Sequence[float]:
        """How long each answer of the last days took, from the mail's arrival to our sending, shortest first."""
        since = self._clock.now() - timedelta(days=days)
        query = (
            select(messages.c.received, outbox.c.claimed_at)
            .join_from(outbox, drafts, drafts.c.id == outbox.c.draft_id)
            .join(messages, messages.c.id == drafts.c.message_id)
            .where(and_(outbox.c.claimed_at >= since, outbox.c.state == "sent"))
            .order_by(outbox.c.claimed_at.desc())
            .limit(_MOST_ANSWERS)
        )
        return sorted(max(0.0, (sent - received).total_seconds()) for received, sent in self._all(query))

    def memo_amounts(self) -> list[tuple[str, str | None, int, Decimal]]:
        """Credit memos by status and currency: how many, and over how much (the cap where no amount is entered yet)."""
        c = credit_memos.c
        sums: dict[tuple[str, str | None], tuple[int, Decimal]] = {}
        for status, currency, amount, cap in self._all(select(c.status, c.currency, c.amount, c.cap)):
            number, value = sums.get((status, currency), (0, Decimal(0)))
            sums[status, currency] = (number + 1, value + (cap if amount is None else amount))
        order = sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return [(status, currency, number, value) for (status, currency), (number, value) in order]
