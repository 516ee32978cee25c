"""The parts that lists of work are made of: one SELECT for each kind of work, all with the same columns (`WorkLine`'s, then
language, faulty and proved, which filters look at)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from supportbot.casework.case import CaseEvent
from supportbot.store.columns import Key, Timestamp
from supportbot.store.mail_in import TO_READ
from supportbot.store.outgoing import RETRY
from supportbot.store.rows import WorkLine
from supportbot.store.search_index import readable_json
from supportbot.store.tables import (
    case_events,
    cases,
    credit_memos,
    desk_marks,
    draft_versions,
    drafts,
    messages,
    orders,
    outbox,
    quarantine,
    tickets,
)
from supportbot.store.work import literal


@dataclass(frozen=True, slots=True)
class Who:
    """For whom a list is made, and what that person may do."""

    name: str
    review: bool = True
    enter: bool = True
    issue: bool = True


_TYPES: Mapping[str, Any] = {
    "at": Timestamp(),
    "message_id": Key,
    "confidence": Float(),
    "abstained": Boolean(),
    "snoozed_until": Timestamp(),
    "faulty": Boolean(),
    "proved": Boolean(),
}


class MailSaid(FunctionElement[str]):
    """A value inside a message's details, as text; true is "true" on PostgreSQL and "1" on SQLite."""

    name = "mail_said"
    type = Text()
    inherit_cache = True


@compiles(MailSaid, "sqlite")
def _said_on_sqlite(element: MailSaid, compiler: Any, **kw: Any) -> str:
    details, path = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(json_extract({details}, '$.' || {path}) AS TEXT)"


@compiles(MailSaid, "postgresql")
def _said_on_postgresql(element: MailSaid, compiler: Any, **kw: Any) -> str:
    details, path = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({readable_json(details)} #>> string_to_array({path}, '.'))"


def mail_said(path: str) -> ColumnElement[str]:
    """The value at a path of names, joined by points, inside a message's details."""
    return MailSaid(messages.c.details, literal_column(f"'{path}'"))


_NAMES = (*WorkLine.__dataclass_fields__, "language", "faulty", "proved")


def _columns(what: str, **given: Any) -> list[Any]:
    given = {
        "what": cast(literal_column(f"'{what}'"), Text),
        "subject": cast(literal_column("''"), Text),
        "state": cast(literal_column("''"), Text),
        "note": cast(literal_column("''"), Text),
        **given,
    }
    return [(given[name] if name in given else cast(null(), _TYPES.get(name, Text()))).label(name) for name in _NAMES]


def _of_message(**given: Any) -> dict[str, Any]:
    return {
        "subject": messages.c.subject,
        "sender": messages.c.sender,
        "kind": messages.c.kind,
        "action": messages.c.action,
        "rule": messages.c.rule,
        "order_id": messages.c.order_id,
        "message_id": messages.c.id,
        "case_id": messages.c.case_id,
        "confidence": messages.c.confidence,
        "abstained": messages.c.abstained,
        "language": mail_said("facts.language"),
        "proved": mail_said("authentication.passed").in_(("true", "1")),
        "assigned_to": desk_marks.c.assigned_to,
        "snoozed_until": desk_marks.c.snoozed_until,
        **given,
    }


MARKED_MESSAGE = desk_marks.c.subject == literal_column("'message '") + cast(messages.c.id, Text)
MAIL_COLUMNS = _columns(
    "message",
    **_of_message(
        id=cast(messages.c.id, Text),
        at=messages.c.received,
        state=messages.c.state,
        note=case(
            (
                messages.c.handled_by.is_not(None),
                literal_column("'Handled by '") + messages.c.handled_by + ". " + messages.c.why,
            ),
            else_=messages.c.why,
        ),
    ),
)


def mail_of_all() -> Select[Any]:
    return select(*MAIL_COLUMNS).select_from(messages).outerjoin(desk_marks, MARKED_MESSAGE)


def mail_to_read() -> Select[Any]:
    return mail_of_all().where(*TO_READ)


def drafts_waiting() -> Select[Any]:
    subject = case(
        (drafts.c.message_id.is_not(None), literal_column("'message '") + cast(drafts.c.message_id, Text)),
        (drafts.c.case_id.is_not(None), literal_column("'case '") + drafts.c.case_id),
        else_=literal_column("'draft '") + drafts.c.id,
    )
    faulty = cast(draft_versions.c.findings, Text) != literal_column("'[]'")
    columns = _columns(
        "draft",
        **_of_message(
            id=drafts.c.id,
            at=func.coalesce(messages.c.received, drafts.c.created_at, type_=Timestamp()),
            subject=func.coalesce(messages.c.subject, draft_versions.c.subject),
            action=func.coalesce(messages.c.action, drafts.c.template),
            rule=func.coalesce(drafts.c.rule, messages.c.rule),
            state=case((faulty, literal_column("'faulty'")), else_=literal_column("''")),
            note=draft_versions.c.subject,
            order_id=func.coalesce(drafts.c.order_id, messages.c.order_id),
            case_id=drafts.c.case_id,
            language=drafts.c.language,
            faulty=faulty,
        ),
    )
    newest = and_(draft_versions.c.draft_id == drafts.c.id, draft_versions.c.version == drafts.c.version)
    return (
        select(*columns)
        .join_from(drafts, draft_versions, newest)
        .outerjoin(messages, messages.c.id == drafts.c.message_id)
        .outerjoin(desk_marks, desk_marks.c.subject == subject)
        .where(drafts.c.state == literal("draft"))
    )


def memos_open() -> Select[Any]:
    columns = _columns(
        "memo",
        id=tickets.c.id,
        at=tickets.c.opened_at,
        subject=tickets.c.title,
        state=tickets.c.status,
        order_id=tickets.c.order_id,
        case_id=tickets.c.case_id,
        faulty=false(),
    )
    return (
        select(*columns)
        .select_from(tickets)
        .outerjoin(credit_memos, credit_memos.c.ticket_id == tickets.c.id)
        .where(
            tickets.c.type == "credit_memo",
            tickets.c.status.in_(("ready_for_approval", "awaiting_rebill")),
            tickets.c.close_reason.is_(None),
        )
    )


def memo_is_mine(who: Who) -> ColumnElement[bool]:
    """What this person can do for a memo: confirm the re-bill, enter the amount, or issue what somebody else entered."""
    ready = tickets.c.status == "ready_for_approval"
    first = or_(~ready, credit_memos.c.entered_by.is_(None))
    ways = [and_(credit_memos.c.id.is_not(None), first)] if who.enter else []
    ways += [and_(ready, credit_memos.c.entered_by != who.name)] if who.issue else []
    return or_(false(), *ways)


def cases_open(which: ColumnElement[bool]) -> Select[Any]:
    last = select(func.max(case_events.c.at)).where(case_events.c.case_id == cases.c.id).scalar_subquery()
    columns = _columns(
        "case",
        id=cases.c.id,
        at=func.coalesce(last, cases.c.opened_at, type_=Timestamp()),
        subject=orders.c.order_id,
        state=cases.c.state,
        order_id=orders.c.order_id,
        case_id=cases.c.id,
        assigned_to=desk_marks.c.assigned_to,
        snoozed_until=desk_marks.c.snoozed_until,
        faulty=false(),
    )
    return (
        select(*columns)
        .join_from(cases, orders, orders.c.key == cases.c.order_key)
        .outerjoin(desk_marks, desk_marks.c.subject == literal_column("'case '") + cases.c.id)
        .where(cases.c.closed_at.is_(None), which)
    )


def to_judge(name: str) -> ColumnElement[bool]:
    """A chain that people judge, and that this person has not proposed to believe: each of two has a part in it."""
    every = case_events.alias("every_event")
    newest = select(func.max(every.c.number)).where(every.c.case_id == case_events.c.case_id).correlate(case_events)
    mine = exists().where(
        case_events.c.case_id == cases.c.id,
        case_events.c.number == newest.scalar_subquery(),
        case_events.c.event == CaseEvent.CHAIN_PROPOSED.value,
        case_events.c.actor == name,
    )
    return and_(cases.c.state == "CHAIN_MANUAL", ~mine)


def mail_parked(*states: str) -> Select[Any]:
    columns = _columns(
        "outbox",
        id=drafts.c.id,
        at=outbox.c.changed_at,
        subject=draft_versions.c.subject,
        sender=cast(outbox.c.recipients, Text),
        rule=drafts.c.rule,
        state=outbox.c.state,
        note=outbox.c.detail,
        order_id=drafts.c.order_id,
        message_id=drafts.c.message_id,
        case_id=drafts.c.case_id,
        language=drafts.c.language,
        faulty=false(),
    )
    newest = and_(draft_versions.c.draft_id == drafts.c.id, draft_versions.c.version == drafts.c.version)
    retries = drafts.alias("retries")
    again = exists().where(retries.c.business_key == literal_column(f"'{RETRY}'") + drafts.c.id)
    return (
        select(*columns)
        .join_from(outbox, drafts, drafts.c.id == outbox.c.draft_id)
        .join(draft_versions, newest)
        .where(outbox.c.state.in_(states), ~again)
    )


def mail_held() -> Select[Any]:
    columns = _columns(
        "quarantine",
        id=cast(quarantine.c.id, Text),
        at=quarantine.c.at,
        subject=func.coalesce(messages.c.subject, ""),
        sender=messages.c.sender,
        state=quarantine.c.step,
        note=quarantine.c.reason,
        message_id=quarantine.c.message_id,
        order_id=messages.c.order_id,
        faulty=false(),
    )
    return (
        select(*columns)
        .outerjoin_from(quarantine, messages, messages.c.id == quarantine.c.message_id)
        .where(quarantine.c.state == literal("held"))
    )
