"""Lists of work, as people page through them: filtered, searched, counted and cut by the database, whatever their length.

A list is sorted by (since when somebody waits, id) and read from a place in it (keyset paging), so that the thousandth page
costs what the first does and nothing is shown twice while new mail arrives. Worked mail is sorted by its number, newest first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Text, and_, cast, column, exists, func, literal_column, not_, or_, select, text, union_all

from supportbot.casework.facts import Kind
from supportbot.store.columns import Key, fold
from supportbot.store.mail_in import TO_READ
from supportbot.store.rows import WorkLine
from supportbot.store.tables import (
    cases,
    desk_marks,
    draft_versions,
    drafts,
    messages,
    orders,
    shipments,
)
from supportbot.store.work import Work, literal
from supportbot.store.work_parts import (
    MAIL_COLUMNS,
    MARKED_MESSAGE,
    Who,
    cases_open,
    drafts_waiting,
    mail_held,
    mail_of_all,
    mail_parked,
    mail_said,
    mail_to_read,
    memo_is_mine,
    memos_open,
    to_judge,
)

ListName = Literal["needs", "drafts", "money", "read", "parked", "quarantine", "waiting", "done", "all"]
BY_NUMBER = ("done", "all")
"""Lists of messages that are sorted by number, newest first; the others by age, oldest first."""

UNSURE_BELOW = 0.8
Flag = Literal["", "findings", "unproved", "unsure", "unassigned", "mine"]

_HITS_SQLITE = "SELECT rowid AS id FROM message_words WHERE message_words MATCH :asked AND rowid < :before AND rowid >= :oldest"
_HITS_POSTGRESQL = (
    "SELECT message_id AS id FROM message_words WHERE words @@ to_tsquery('simple', :asked) AND message_id < :before"
    " AND message_id >= :oldest"
)
_MOST_HITS = 2000  # of worked mail that are looked at for one page
MOST_LOOKED_AT = 50_000  # worked mails that a narrowed page looks through
_LAST_NUMBER = 2**62
_ABOUT_MONEY = (Kind.REBILL_REPLY.value, Kind.CONFIRMATION_CHAIN.value, Kind.SHIPPED_CANCELLED_REPORT.value)
_WAITING_FOR_PEOPLE = ("HOLD", "CHAIN_MANUAL")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; an empty field narrows nothing."""

    words: str = ""
    kind: str = ""
    marketplace: str = ""
    seller: str = ""
    language: str = ""
    older_hours: int = 0
    flag: Flag = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is narrowed."""
        return self != Filter()


Place = tuple[datetime, str]


COUNTED: tuple[ListName, ...] = ("needs", "drafts", "money", "read", "parked", "quarantine", "waiting")
_PARTS: dict[str, tuple[str, ...]] = {
    "drafts": ("drafts",),
    "money": ("memos",),
    "read": ("unread",),
    "parked": ("uncertain", "failed"),
    "quarantine": ("quarantine",),
    "waiting": ("others' cases", "resting drafts", "resting mail", "resting cases"),
}


def _parts_of(name: str, who: Who) -> tuple[str, ...]:
    """What a list is made of; "needs" is what this person can settle now."""
    if name != "needs":
        return _PARTS[name]
    review = ("drafts", "unread", "uncertain", "quarantine", "held") if who.review else ()
    return (*review, *(("judged",) if who.enter else ()), *(("my memos",) if who.enter or who.issue else ()))


class Worklist(Work):
    """Reads lists of work."""

    most_hits = _MOST_HITS

    def work_lines(self, name: ListName, who: Who, wanted: Filter, *, after: Place | int | None, limit: int) -> list[WorkLine]:
        """The lines of a list after a place in it: the (`at`, `id`) of a line, or the message number where a list has those."""
        if name in BY_NUMBER:
            return self._mail_lines(name, wanted, after if isinstance(after, int) else None, limit)
        lines = self._list(name, who, wanted)
        query = select(lines).order_by(lines.c.at, lines.c.id).limit(limit)
        if isinstance(after, tuple):
            query = query.where(_beyond(lines, after))
        return [_line(row) for row in self._all(query)]

    def work_counts(self, who: Who) -> dict[str, int]:
        """How many lines each list has for this person, unfiltered; worked mail is not counted."""
        parts = self._parts(who)
        counted = {name: self._count(part) for name, part in parts.items()}
        return {name: sum(counted[part] for part in _parts_of(name, who)) for name in COUNTED}

    def _count(self, part: Any) -> int:
        query = select(func.count()).select_from(part.subquery("counted"))
        return int(self._connection.execute(query).scalar_one())

    def draft_place(self, draft_id: str, who: Who, wanted: Filter) -> tuple[int | None, int, str | None, str | None]:
        """Where a draft stands among those that wait: its place from 1 (None: not among them), how many there are, the one
        before and the one after; after one that does not wait, the first."""
        lines = self._list("drafts", who, wanted)
        ids = [str(row.id) for row in self._all(select(lines.c.id).order_by(lines.c.at, lines.c.id))]
        if draft_id not in ids:
            return None, len(ids), None, ids[0] if ids else None
        here = ids.index(draft_id)
        return here + 1, len(ids), ids[here - 1] if here else None, ids[here + 1] if here + 1 < len(ids) else None

    def like_drafts(self, draft_id: str, limit: int) -> list[str]:
        """The other drafts that wait with the same words, but for the order number, by the same template, rule and language,
        untouched by people, to proved senders, far from money and cases; oldest first. None where it is not like that."""
        one = _alone().where(drafts.c.id == draft_id).subquery("one")
        others = _alone().where(drafts.c.id != draft_id).subquery("others")
        same = [others.c[name] == one.c[name] for name in ("template", "rule", "language", "words")]
        query = select(others.c.id).join_from(others, one, and_(*same)).order_by(others.c.created_at, others.c.id).limit(limit)
        return [str(row.id) for row in self._all(query)]

    def sellers_known(self, limit: int = 200) -> list[tuple[str, str]]:
        """The sellers of the order book: id and name, by name."""
        query = select(orders.c.seller_id, func.max(orders.c.seller_name)).where(orders.c.seller_id.is_not(None))
        return [
            (str(i), str(n or i)) for i, n in self._all(query.group_by(orders.c.seller_id).order_by(text("2")).limit(limit))
        ]

    # -- the parts of the lists

    def _parts(self, who: Who) -> dict[str, Any]:
        now = self._clock.now()
        awake = or_(desk_marks.c.snoozed_until.is_(None), desk_marks.c.snoozed_until <= now)
        resting = desk_marks.c.snoozed_until > now
        return {
            "drafts": drafts_waiting().where(awake),
            "memos": memos_open(),
            "my memos": memos_open().where(memo_is_mine(who)),
            "unread": mail_to_read().where(awake),
            "uncertain": mail_parked("uncertain"),
            "failed": mail_parked("failed"),
            "quarantine": mail_held(),
            "held": cases_open(cases.c.state == "HOLD").where(awake),
            "judged": cases_open(to_judge(who.name)).where(awake),
            "others' cases": cases_open(cases.c.state.not_in(_WAITING_FOR_PEOPLE)),
            "resting drafts": drafts_waiting().where(resting),
            "resting mail": mail_to_read().where(resting),
            "resting cases": cases_open(cases.c.state.in_(_WAITING_FOR_PEOPLE)).where(resting),
        }

    def _list(self, name: ListName, who: Who, wanted: Filter) -> Any:
        parts = self._parts(who)
        chosen = [parts[part] for part in _parts_of(name, who)] or [mail_held().where(text("1 = 0"))]
        lines = union_all(*chosen).subquery("lines")
        if not wanted.narrows:
            return lines
        oldest = int(self._first(select(func.coalesce(func.min(lines.c.message_id), 0)))[0]) if wanted.words.strip() else 0
        return select(lines).where(*self._conditions(dict(lines.c), wanted, who.name, oldest=oldest)).subquery("chosen")

    def _mail_lines(self, name: str, wanted: Filter, before: int | None, limit: int) -> list[WorkLine]:
        chosen = select(messages.c.id).outerjoin(desk_marks, MARKED_MESSAGE).order_by(messages.c.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(messages.c.id < before)
        if floor := self.work_floor(name, wanted, before):
            chosen = chosen.where(messages.c.id >= floor)
        if name == "done":
            waits = exists().where(drafts.c.message_id == messages.c.id, drafts.c.state == literal("draft"))
            chosen = chosen.where(messages.c.state == literal("done"), ~waits, not_(and_(*TO_READ)))
        columns = {column.name: column.element for column in MAIL_COLUMNS} | {"message_id": messages.c.id}
        conditions = self._conditions(columns, wanted, "", before=before or _LAST_NUMBER, newest=self.most_hits)
        # First which, then what they say: else the words of every hit would be read before they are sorted.
        these = chosen.where(*conditions).subquery("these")
        query = mail_of_all().where(messages.c.id.in_(select(these.c.id))).order_by(messages.c.id.desc())
        return [_line(row) for row in self._all(query)]

    def work_floor(self, name: str, wanted: Filter, after: Place | int | None) -> int:
        """The smallest number that a page of worked mail looks at, where no index finds what it is narrowed to: it may show
        less than a page then, and the next goes on below that. 0: it looks at all."""
        scans = wanted.marketplace or wanted.seller or wanted.language or wanted.flag
        if name not in BY_NUMBER or wanted.words or not scans:
            return 0
        newest = int(self._first(select(func.coalesce(func.max(messages.c.id), 0)))[0]) + 1
        return max(0, min(after if isinstance(after, int) else newest, newest) - MOST_LOOKED_AT)

    def _conditions(
        self, c: Mapping[str, Any], wanted: Filter, name: str, *, before: int = _LAST_NUMBER, newest: int = -1, oldest: int = 0
    ) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if wanted.kind:
            found.append(c["kind"] == wanted.kind)
        if wanted.marketplace or wanted.seller:
            of_order = [orders.c.order_id_folded == func.lower(c["order_id"])]
            of_order += [orders.c.marketplace == wanted.marketplace] if wanted.marketplace else []
            of_order += [orders.c.seller_id == wanted.seller] if wanted.seller else []
            found.append(exists().where(*of_order))
        if wanted.language:
            found.append(c["language"] == wanted.language)
        if wanted.older_hours:
            found.append(c["at"] <= self._clock.now() - timedelta(hours=wanted.older_hours))
        if wanted.words.strip():
            found.append(self._said(c, wanted.words, before, newest, oldest))
        flags: dict[str, ColumnElement[bool]] = {
            "findings": c["faulty"].is_(True),
            "unproved": or_(c["proved"].is_(False), c["proved"].is_(None)),
            "unsure": or_(c["abstained"].is_(True), c["confidence"] < UNSURE_BELOW),
            "unassigned": c["assigned_to"].is_(None),
            "mine": c["assigned_to"] == name,
        }
        return [*found, flags[wanted.flag]] if wanted.flag else found

    def _said(self, c: Mapping[str, Any], words: str, before: int, newest: int, oldest: int) -> ColumnElement[bool]:
        """The mail has all the words, or is about the order that has this number or a parcel with this tracking number.

        `newest`: no more than so many hits are looked at, the newest before the message `before`; -1: all
        from the message `oldest` on.
        """
        exact = fold(words)
        typed = words.strip()
        tracked = select(shipments.c.order_key).where(shipments.c.tracking_number.in_({typed, typed.upper(), typed.lower()}))
        named = select(orders.c.order_id).where(or_(orders.c.order_id_folded == exact, orders.c.key.in_(tracked)))
        about = select(messages.c.id).where(messages.c.order_id.in_(named))
        hits: Any = about
        asked = _terms(words, "sqlite" if self._dialect == "sqlite" else "postgresql")
        if asked:
            query = _HITS_SQLITE if self._dialect == "sqlite" else _HITS_POSTGRESQL
            bound: dict[str, Any] = {"asked": asked, "before": before, "oldest": oldest}
            if newest >= 0:
                query, bound = f"{query} ORDER BY 1 DESC LIMIT :newest", bound | {"newest": newest}
            said = text(query).bindparams(**bound).columns(column("id", Key)).subquery("said")
            hits = select(said.c.id).union(about)
        return or_(c["message_id"].in_(hits), and_(c["message_id"].is_(None), c["order_id"].in_(named)))


def _alone() -> Any:
    """Waiting drafts that no case hangs on and no person has edited, with their words but for the order number."""
    words = func.replace(draft_versions.c.body, func.coalesce(drafts.c.order_id, "\x01"), "#").label("words")
    columns = (drafts.c.id, drafts.c.template, drafts.c.rule, drafts.c.language, drafts.c.created_at, words)
    first = and_(draft_versions.c.draft_id == drafts.c.id, draft_versions.c.version == 1, drafts.c.version == 1)
    sure = and_(
        messages.c.abstained.is_(False),
        messages.c.confidence >= UNSURE_BELOW,
        messages.c.kind.not_in(_ABOUT_MONEY),
        mail_said("authentication.passed").in_(("true", "1")),
    )
    return (
        select(*columns)
        .join_from(drafts, draft_versions, first)
        .join(messages, and_(messages.c.id == drafts.c.message_id, sure))
        .where(
            drafts.c.state == literal("draft"),
            drafts.c.case_id.is_(None),
            cast(draft_versions.c.findings, Text) == literal_column("'[]'"),
        )
    )


def _terms(words: str, dialect: str) -> str:
    """The words asked for, at most 12, as the search of the database is asked; "" where there is none.

    What the search languages would read as operators is not among them. The last word may be the beginning of one, unless it
    has a digit: numbers are meant exactly.
    """
    terms = re.findall(r"[^\W_]+", words.casefold())[:12]
    if not terms:
        return ""
    begins = not any(character.isdigit() for character in terms[-1])
    if dialect == "sqlite":
        return " ".join(f'"{term}"' for term in terms) + ("*" if begins else "")
    return " & ".join(f"'{term}'" for term in terms) + (":*" if begins else "")


def _line(row: Any) -> WorkLine:
    return WorkLine(*row[: len(WorkLine.__dataclass_fields__)])


def _beyond(lines: Any, place: Place) -> ColumnElement[bool]:
    at, id_ = place
    return or_(lines.c.at > at, and_(lines.c.at == at, lines.c.id > id_))
