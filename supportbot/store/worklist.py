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
    Who,
    cases_open,
    drafts_waiting,
    mail_held,
    mail_of_all,
    mail_parked,
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


class Worklist(Work):
    """Reads lists of work."""

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
        names: tuple[ListName, ...] = ("needs", "drafts", "money", "read", "parked", "quarantine", "waiting")
        counted = {name: select(func.count()).select_from(self._list(name, who, Filter())) for name in names}
        return {name: int(self._connection.execute(query).scalar_one()) for name, query in counted.items()}

    def draft_place(self, draft_id: str, who: Who, wanted: Filter) -> tuple[int | None, int, str | None, str | None]:
        """Where a draft stands among those that wait: its place from 1 (None: not among them), how many there are, the one
        before and the one after; after one that does not wait, the first."""
        lines = self._list("drafts", who, wanted)
        of = int(self._connection.execute(select(func.count()).select_from(lines)).scalar_one())
        this = self._first(select(lines.c.at, lines.c.id).where(lines.c.id == draft_id))
        first = select(lines.c.id).order_by(lines.c.at, lines.c.id).limit(1)
        if this is None:
            return None, of, None, self._connection.execute(first).scalar()
        here = (this.at, this.id)
        ahead = not_(or_(_beyond(lines, here), lines.c.id == draft_id))
        before = select(lines.c.id).where(ahead).order_by(lines.c.at.desc(), lines.c.id.desc()).limit(1)
        place = 1 + int(self._connection.execute(select(func.count()).select_from(lines).where(ahead)).scalar_one())
        following = self._connection.execute(first.where(_beyond(lines, here))).scalar()
        return place, of, self._connection.execute(before).scalar(), following

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

    def _list(self, name: ListName, who: Who, wanted: Filter) -> Any:
        now = self._clock.now()
        awake = or_(desk_marks.c.snoozed_until.is_(None), desk_marks.c.snoozed_until <= now)
        resting = desk_marks.c.snoozed_until > now
        parts: dict[str, list[Any]] = {
            "drafts": [drafts_waiting().where(awake)],
            "money": [memos_open()],
            "read": [mail_to_read().where(awake)],
            "parked": [mail_parked("uncertain", "failed")],
            "quarantine": [mail_held()],
            "waiting": [
                cases_open(cases.c.state.not_in(_WAITING_FOR_PEOPLE)),
                drafts_waiting().where(resting),
                mail_to_read().where(resting),
                cases_open(cases.c.state.in_(_WAITING_FOR_PEOPLE)).where(resting),
            ],
            "needs": [],
        }
        if name == "needs":
            held, judged = cases_open(cases.c.state == "HOLD").where(awake), cases_open(to_judge(who.name)).where(awake)
            mine = memos_open().where(memo_is_mine(who))
            review = [drafts_waiting().where(awake), mail_to_read().where(awake), mail_parked("uncertain"), mail_held(), held]
            parts["needs"] = [*(review if who.review else ()), *((judged,) if who.enter else ())]
            parts["needs"] += [mine] if who.enter or who.issue else []
            parts["needs"] = parts["needs"] or [mail_held().where(text("1 = 0"))]
        lines = union_all(*parts[name]).subquery("lines")
        if not wanted.narrows:
            return lines
        return select(lines).where(*self._conditions(dict(lines.c), wanted, who.name)).subquery("chosen")

    def _mail_lines(self, name: str, wanted: Filter, before: int | None, limit: int) -> list[WorkLine]:
        query = mail_of_all().order_by(messages.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(messages.c.id < before)
        if name == "done":
            waits = exists().where(drafts.c.message_id == messages.c.id, drafts.c.state == literal("draft"))
            query = query.where(messages.c.state == literal("done"), ~waits, not_(and_(*TO_READ)))
        columns = {column.name: column.element for column in MAIL_COLUMNS} | {"message_id": messages.c.id}
        return [_line(row) for row in self._all(query.where(*self._conditions(columns, wanted, "")))]

    def _conditions(self, c: Mapping[str, Any], wanted: Filter, name: str) -> list[ColumnElement[bool]]:
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
            found.append(self._said(c, wanted.words))
        flags: dict[str, ColumnElement[bool]] = {
            "findings": c["faulty"].is_(True),
            "unproved": or_(c["proved"].is_(False), c["proved"].is_(None)),
            "unsure": or_(c["abstained"].is_(True), c["confidence"] < UNSURE_BELOW),
            "unassigned": c["assigned_to"].is_(None),
            "mine": c["assigned_to"] == name,
        }
        return [*found, flags[wanted.flag]] if wanted.flag else found

    def _said(self, c: Mapping[str, Any], words: str) -> ColumnElement[bool]:
        """The mail has all the words, or is about the order that has this number or a parcel with this tracking number."""
        exact = fold(words)
        tracked = select(shipments.c.order_key).where(func.lower(shipments.c.tracking_number) == exact)
        named = select(orders.c.order_id).where(or_(orders.c.order_id_folded == exact, orders.c.key.in_(tracked)))
        about = select(messages.c.id).where(messages.c.order_id.in_(named))
        hits: Any = about
        terms = _terms(words)
        if terms and self._dialect == "sqlite":
            asked = " ".join(f'"{term}"*' for term in terms)
            found = text("SELECT rowid AS id FROM message_words WHERE message_words MATCH :asked").bindparams(asked=asked)
            hits = select(found.columns(column("id", Key)).subquery("said")).union(about)
        elif terms:
            asked = " & ".join(f"'{term}':*" for term in terms)
            found = text("SELECT message_id AS id FROM message_words WHERE words @@ to_tsquery('simple', :asked)")
            hits = select(found.bindparams(asked=asked).columns(column("id", Key)).subquery("said")).union(about)
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
        messages.c.details["authentication"]["passed"].as_boolean().is_(True),
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


def _terms(words: str) -> list[str]:
    """The words asked for, without what the search languages would read as operators; at most 12."""
    return re.findall(r"[^\W_]+", words.casefold())[:12]


def _line(row: Any) -> WorkLine:
    return WorkLine(*row[: len(WorkLine.__dataclass_fields__)])


def _beyond(lines: Any, place: Place) -> ColumnElement[bool]:
    at, id_ = place
    return or_(lines.c.at > at, and_(lines.c.at == at, lines.c.id > id_))
