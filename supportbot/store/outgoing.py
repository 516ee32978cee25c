"""Mail out: drafts and their versions, the review that names what was shown, and the outbox that sends at most once."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, func, insert, or_, select, update

from supportbot.errors import StoreError, UsageError
from supportbot.store.columns import canonical_json, fold, new_id, new_token, storable
from supportbot.store.rows import DraftRow, OutboxRow, SentMail
from supportbot.store.tables import (
    cases,
    draft_recipients,
    draft_versions,
    drafts,
    messages,
    outbox,
    reviews,
    thread_messages,
    threads,
    unsaved_edits,
)
from supportbot.store.work import Job, Work, literal

_HELD_BACK = timedelta(minutes=10)
_CLOCK_WENT_BACK = timedelta(hours=1)
_OURS = re.compile(r"<sb\.[0-9a-f]{32}\.([^@<>]{1,60})@")  # the Message-IDs that `Review` makes name their draft
AUTOPILOT = "autopilot"
"""The reviewer of record of a mail that no person looked at."""
WENT_OUT = ("sending", "sent", "uncertain")
"""States of a mail of ours that has gone out, or may have."""
_JOINED = {
    "subject": draft_versions.c.subject,
    "body": draft_versions.c.body,
    "content_sha256": draft_versions.c.content_sha256,
    "findings": draft_versions.c.findings,
    "outbox_state": outbox.c.state.label("outbox_state"),
    "reviewer": reviews.c.reviewer,
}
_NEWEST = and_(draft_versions.c.draft_id == drafts.c.id, draft_versions.c.version == drafts.c.version)
_DRAFT = (
    select(*(_JOINED[name] if name in _JOINED else drafts.c[name] for name in DraftRow.__dataclass_fields__))
    .join_from(drafts, draft_versions, _NEWEST)
    .outerjoin(outbox, outbox.c.draft_id == drafts.c.id)
    .outerjoin(reviews, reviews.c.draft_id == drafts.c.id)
)
_ONE_DRAFT = _DRAFT.where(drafts.c.id == bindparam("id"))
RETRY = "retry:"
"""How the business key of a draft begins by which a failed mail is tried again; the failed draft's id follows."""

_HOLD_DRAFT = select(drafts.c.id).where(drafts.c.id == bindparam("id")).with_for_update()
_UPDATE_DRAFT = update(drafts).where(drafts.c.id == bindparam("this"))
_ADD_VERSION = insert(draft_versions)
_ADD_RECIPIENT = insert(draft_recipients)
_RECENT = (
    select(func.count())
    .select_from(draft_recipients)
    .join(drafts, drafts.c.id == draft_recipients.c.draft_id)
    .where(
        draft_recipients.c.address == bindparam("address"),
        drafts.c.created_at >= bindparam("since"),
        drafts.c.state != literal("rejected"),
    )
)
_OUTBOX = select(*(outbox.c[name] for name in OutboxRow.__dataclass_fields__))
# Written in the future: the clock was wrong then, and the wait that was set by it would last as long.
_IS_DUE = or_(outbox.c.not_before <= bindparam("now"), outbox.c.changed_at > bindparam("future"))
_DUE = (
    _OUTBOX.where(outbox.c.state == literal("approved"), _IS_DUE)
    .order_by(outbox.c.not_before)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_UPDATE_OUTBOX = update(outbox).where(outbox.c.id == bindparam("this"), outbox.c.state == bindparam("seen"))
_SENT = (
    select(
        outbox.c.header_message_id,
        drafts.c.token,
        drafts.c.template,
        drafts.c.order_id,
        drafts.c.case_id,
        drafts.c.to,
        draft_versions.c.subject,
        draft_versions.c.body,
        func.coalesce(outbox.c.claimed_at, outbox.c.changed_at, type_=outbox.c.changed_at.type).label("sent_at"),
    )
    .join_from(outbox, drafts, drafts.c.id == outbox.c.draft_id)
    .join(draft_versions, _NEWEST)
    .where(outbox.c.state.in_(WENT_OUT))
    .order_by(outbox.c.changed_at)
)
_SENT_WITH = {
    "header_message_ids": outbox.c.header_message_id.in_(bindparam("header_message_ids", expanding=True)),
    "token": drafts.c.token == bindparam("token"),
    "case_id": drafts.c.case_id == bindparam("case_id"),
}


@cache
def _sent_with(*marks: str) -> Select[Any]:
    return _SENT.where(or_(*(_SENT_WITH[mark] for mark in marks)))


def content_sha256(to: Sequence[str], subject: str, body: str) -> str:
    """SHA-256 over recipients, subject and body: what a reviewer was shown."""
    return hashlib.sha256(canonical_json([list(to), storable(subject), storable(body)]).encode()).hexdigest()


def _draft(row: Any) -> DraftRow:
    values = dict(row._mapping)
    for name in ("to", "findings", "references"):
        values[name] = tuple(values[name])
    return DraftRow(**values)


def _outbox(row: Any) -> OutboxRow:
    values = dict(row._mapping)
    return OutboxRow(**{**values, "recipients": tuple(values["recipients"]), "raw": bytes(values["raw"])})


class Outgoing(Work):
    """What waits for a person, and what is on its way."""

    def add_draft(
        self,
        *,
        message_id: int | None,
        case_id: str | None,
        order_id: str | None,
        template: str,
        rule: str | None,
        language: str,
        to: Sequence[str],
        subject: str,
        body: str,
        findings: Sequence[str],
        why: str,
        token: str | None,
        in_reply_to: str | None,
        references: Sequence[str],
        business_key: str,
    ) -> str | None:
        """A new draft's id; None where the business key has one already (invariant I3)."""
        draft_id, now = new_id("d"), self._clock.now()
        added = self._add_new(
            drafts,
            {
                "id": draft_id,
                "message_id": message_id,
                "case_id": case_id,
                "order_id": order_id,
                "template": template,
                "rule": rule,
                "language": language,
                "to": list(to),
                "version": 1,
                "state": "draft",
                "created_at": now,
                "why": why,
                "token": token,
                "in_reply_to": in_reply_to,
                "references": list(references),
                "business_key": business_key,
            },
        )
        if not added:
            return None
        self._add_version(draft_id, 1, to, subject, body, findings, None)
        recipients = sorted({fold(address) for address in to})
        if recipients:
            self._write(_ADD_RECIPIENT, [{"address": address, "draft_id": draft_id} for address in recipients])
        return draft_id

    def _add_version(
        self,
        draft_id: str,
        version: int,
        to: Sequence[str],
        subject: str,
        body: str,
        findings: Sequence[str],
        editor: str | None,
    ) -> None:
        row = {
            "draft_id": draft_id,
            "version": version,
            "subject": subject,
            "body": body,
            "content_sha256": content_sha256(to, subject, body),
            "findings": list(findings),
            "editor": editor,
            "at": self._clock.now(),
        }
        self._write(_ADD_VERSION, row)

    def draft(self, draft_id: str) -> DraftRow | None:
        """One draft in its newest version; None for an unknown id."""
        row = self._first(_ONE_DRAFT, {"id": draft_id})
        return None if row is None else _draft(row)

    def drafts(
        self,
        *,
        state: str | None = "draft",
        case_id: str | None = None,
        message_id: int | None = None,
        limit: int = 200,
    ) -> list[DraftRow]:
        """Drafts, oldest first; those that wait for a person, unless asked for others."""
        query = _DRAFT.order_by(drafts.c.created_at, drafts.c.id).limit(limit)
        if state is not None:
            query = query.where(drafts.c.state == (literal("draft") if state == "draft" else state))
        if case_id is not None:
            query = query.where(drafts.c.case_id == case_id)
        if message_id is not None:
            query = query.where(drafts.c.message_id == message_id)
        return [_draft(row) for row in self._all(query)]

    def _open_draft(self, draft_id: str, shown_sha256: str) -> DraftRow:
        """The draft, held for this transaction, where it still waits and is what was shown; else `UsageError`."""
        self._first(_HOLD_DRAFT, {"id": draft_id})
        draft = self.draft(draft_id)
        if draft is None:
            raise UsageError(f"there is no draft {draft_id}")
        if draft.state != "draft":
            raise UsageError(f"draft {draft_id} is {draft.state} already")
        if draft.content_sha256 != shown_sha256:
            raise UsageError(f"draft {draft_id} has changed since it was shown; look at it again")
        return draft

    def edit_draft(
        self, draft_id: str, *, subject: str, body: str, findings: Sequence[str], editor: str, expected_sha256: str
    ) -> DraftRow:
        """A new version. Raises `UsageError` where the draft is no longer the one with `expected_sha256`, or is reviewed."""
        draft = self._open_draft(draft_id, expected_sha256)
        self._add_version(draft_id, draft.version + 1, draft.to, subject, body, findings, editor)
        self._write(_UPDATE_DRAFT, {"this": draft_id, "version": draft.version + 1})
        edited = self._reread(draft_id)
        self.audit(editor, "edit", f"draft {draft_id}", {"version": edited.version, "content": edited.content_sha256})
        return edited

    def review(self, draft_id: str, *, decision: str, reviewer: str, shown_sha256: str, reason: str = "") -> DraftRow:
        """Approve or reject what was shown. `decision`: approved | rejected.

        Raises `UsageError` for other content than shown, an approval with findings, or a draft that does not wait.
        """
        if decision not in ("approved", "rejected"):
            raise UsageError(f"a review is approved or rejected, not {decision}")
        draft = self._open_draft(draft_id, shown_sha256)
        if decision == "approved" and draft.findings:
            raise UsageError(f"draft {draft_id} cannot be approved: {'; '.join(draft.findings)}")
        row = {
            "draft_id": draft_id,
            "decision": decision,
            "reviewer": reviewer,
            "content_sha256": shown_sha256,
            "reason": reason,
            "at": self._clock.now(),
        }
        self._write(insert(reviews), row)
        self._write(delete(unsaved_edits).where(unsaved_edits.c.draft_id == draft_id))
        self._write(_UPDATE_DRAFT, {"this": draft_id, "state": decision})
        self.audit(reviewer, decision, f"draft {draft_id}", {"content": shown_sha256, "version": draft.version})
        return self._reread(draft_id)

    def withdraw_approval(self, draft_id: str, *, reviewer: str) -> DraftRow:
        """Take an approval back before the mail is on its way: the same words wait for review again, as a new draft.

        The approval stays on record. Raises `UsageError` when the mail has gone on.
        """
        self._first(_HOLD_DRAFT, {"id": draft_id})
        draft = self.draft(draft_id)
        if draft is None:
            raise UsageError(f"there is no draft {draft_id}")
        entry = self._first(_OUTBOX.where(outbox.c.draft_id == draft_id))
        if entry is None or entry.state != "approved" or entry.attempts:
            raise UsageError(f"it is too late to undo: the mail of draft {draft_id} is {entry.state if entry else draft.state}")
        withdrawn = {"state": "withdrawn", "detail": f"withdrawn by {reviewer}", "changed_at": self._clock.now()}
        if self._write(_UPDATE_OUTBOX, {"this": entry.id, "seen": "approved", **withdrawn}) != 1:
            raise UsageError(f"it is too late to undo: the mail of draft {draft_id} has gone on")
        self._write(_UPDATE_DRAFT, {"this": draft_id, "state": "superseded"})
        again = self._lay_again(draft, f"again:{draft_id}")
        if again is None:
            raise StoreError(f"draft {draft_id} was taken back before")
        self.audit(reviewer, "undo approval", f"draft {draft_id}", {"outbox": entry.id, "again": again})
        return self._reread(again)

    def retry_failed(self, draft_id: str, *, by: str) -> DraftRow:
        """Lay the words of a mail that failed before the reviewers again, as a new draft; the failed mail stays on record.

        Raises `UsageError` where it did not fail, or was laid before them already.
        """
        draft, entry = self.draft(draft_id), self.outbox_of(draft_id)
        if draft is None:
            raise UsageError(f"there is no draft {draft_id}")
        if entry is None or entry.state != "failed":
            raise UsageError(f"the mail of draft {draft_id} did not fail: it is {entry.state if entry else draft.state}")
        again = self._lay_again(draft, f"{RETRY}{draft_id}")
        if again is None:
            raise UsageError("this mail is tried again already: its new draft waits, or was reviewed")
        self.audit(by, "retry mail", f"draft {draft_id}", {"outbox": entry.id, "again": again})
        return self._reread(again)

    def retried_as(self, draft_id: str) -> str | None:
        """The draft by which a failed mail is tried again."""
        found = self._first(select(drafts.c.id).where(drafts.c.business_key == f"{RETRY}{draft_id}"))
        return None if found is None else str(found.id)

    def _lay_again(self, draft: DraftRow, business_key: str) -> str | None:
        return self.add_draft(
            message_id=draft.message_id,
            case_id=draft.case_id,
            order_id=draft.order_id,
            template=draft.template,
            rule=draft.rule,
            language=draft.language,
            to=draft.to,
            subject=draft.subject,
            body=draft.body,
            findings=draft.findings,
            why=draft.why,
            token=new_token() if draft.token else None,
            in_reply_to=draft.in_reply_to,
            references=draft.references,
            business_key=business_key,
        )

    def sends_since(self, since: datetime) -> int:
        """Mails handed to the mail server since then: what the hourly limit counts."""
        query = select(func.count()).select_from(outbox).where(outbox.c.claimed_at >= since)
        return int(self._connection.execute(query).scalar_one())

    def _reread(self, draft_id: str) -> DraftRow:
        return _draft(self._connection.execute(_ONE_DRAFT, {"id": draft_id}).one())

    def clean_approvals(self, template: str, rule: str | None, rules_sha256: str, at_most: int) -> int:
        """Newest reviews of drafts by this template, rule and rule set that a person approved unchanged, up to a correction."""
        query = (
            select(reviews.c.decision, drafts.c.version)
            .join_from(reviews, drafts, drafts.c.id == reviews.c.draft_id)
            .join(messages, messages.c.id == drafts.c.message_id)
            .where(
                drafts.c.template == template,
                drafts.c.rule == rule,
                reviews.c.reviewer != AUTOPILOT,
                messages.c.details["rules_sha256"].as_string() == rules_sha256,
            )
            .order_by(reviews.c.id.desc())
            .limit(at_most)
        )
        clean = 0
        for row in self._all(query):
            if row.decision != "approved" or row.version != 1:
                break
            clean += 1
        return clean

    def gone_alone(self, since: datetime, recipient: str | None = None) -> int:
        """Mails that the autopilot let go since then, in all or to one recipient."""
        query = (
            select(func.count())
            .select_from(reviews)
            .where(reviews.c.reviewer == AUTOPILOT, reviews.c.decision == literal("approved"), reviews.c.at >= since)
        )
        if recipient is not None:
            mine = select(draft_recipients.c.draft_id).where(draft_recipients.c.address == fold(recipient))
            query = query.where(reviews.c.draft_id.in_(mine))
        return int(self._connection.execute(query).scalar_one())

    def recent_answers(
        self, recipient: str, since: datetime, *, case_id: str | None = None, order_id: str | None = None
    ) -> int:
        """Drafts made for this recipient since then, in whatever state but rejected, within what the loop brake looks at: the
        case, else the order, else all that belongs to neither."""
        if case_id is not None:
            query = _RECENT.where(drafts.c.case_id == case_id)
        elif order_id is not None:
            query = _RECENT.where(drafts.c.order_id == order_id)
        else:
            query = _RECENT.where(drafts.c.case_id.is_(None), drafts.c.order_id.is_(None))
        return int(self._connection.execute(query, {"address": fold(recipient), "since": since}).scalar_one())

    def answered_alone_since(self, recipients: Sequence[str], since: datetime, *, case_id: str | None) -> bool:
        """Whether one of the recipients got a mail that no person approved since then, about the same case or about none."""
        query = (
            select(func.count())
            .select_from(reviews)
            .join(drafts, drafts.c.id == reviews.c.draft_id)
            .join(draft_recipients, draft_recipients.c.draft_id == drafts.c.id)
            .where(
                reviews.c.reviewer == AUTOPILOT,
                reviews.c.at >= since,
                draft_recipients.c.address.in_([fold(one) for one in recipients]),
                drafts.c.case_id == case_id if case_id is not None else drafts.c.case_id.is_(None),
            )
        )
        return int(self._connection.execute(query).scalar_one()) > 0

    # -- outbox

    def enqueue(
        self,
        *,
        draft_id: str,
        header_message_id: str,
        envelope_from: str,
        recipients: Sequence[str],
        raw: bytes,
        not_before: datetime,
    ) -> str:
        """Put an approved draft on its way; the outbox id. The mail joins the thread it answers, or begins one of its case.

        The database refuses a draft without approval, a second mail of one draft, and a Message-ID used before.
        """
        draft = self.draft(draft_id)
        if draft is None:
            raise StoreError(f"there is no draft {draft_id}")
        outbox_id = new_id("o")
        row = {
            "id": outbox_id,
            "draft_id": draft_id,
            "header_message_id": header_message_id,
            "envelope_from": envelope_from,
            "recipients": list(recipients),
            "raw": raw,
            "state": "approved",
            "attempts": 0,
            "detail": "",
            "not_before": not_before,
            "changed_at": self._clock.now(),
        }
        self._write(insert(outbox), row)
        self.jobs.append(Job("post"))
        self._thread_up(draft, header_message_id)
        return outbox_id

    def _thread_up(self, draft: DraftRow, header_message_id: str) -> None:
        """Note our Message-ID under a thread and its case, so that the answer finds them.

        An answer stands in the thread of the message it answers, as that was linked: the Message-IDs it refers to are others'
        to choose, and would put our answer to a stranger into somebody else's thread.
        """
        answered = select(messages.c.thread_id).where(messages.c.id == draft.message_id)
        thread_id = self._connection.execute(answered).scalar() if draft.in_reply_to and draft.message_id is not None else None
        if thread_id is None:
            thread_id = new_id("t")
            self._write(insert(threads), {"id": thread_id, "root_subject": draft.subject, "opened_at": self._clock.now()})
            if draft.case_id is not None:
                first = update(cases).where(cases.c.id == draft.case_id, cases.c.thread_id.is_(None))
                self._write(first.values(thread_id=thread_id))
        self._add_new(
            thread_messages,
            {"header_message_id": header_message_id, "thread_id": thread_id, "case_id": draft.case_id},
        )

    def claim_outbox(self, now: datetime) -> OutboxRow | None:
        """The oldest mail that is due, now in state sending; None when nothing is due. Commit before sending it."""
        row = self._first(_DUE, {"now": now, "future": now + _CLOCK_WENT_BACK})
        if row is None:
            return None
        claim = {"this": row.id, "seen": "approved", "state": "sending", "claimed_at": now, "changed_at": now}
        self._write(_UPDATE_OUTBOX.values(attempts=outbox.c.attempts + 1), claim)
        return self.outbox_entry(row.id)

    def hold_back(self, now: datetime, *, per_recipient: int, per_case: int) -> int:
        """Let due mails wait whose case is on hold, or whose recipient or case has had its share of the last hour; how many
        were put off."""
        since = now - timedelta(hours=1)
        went = outbox.c.claimed_at.between(since, now + _CLOCK_WENT_BACK)
        own = draft_recipients.alias()
        to_same = (
            select(func.count())
            .select_from(outbox.join(own, own.c.draft_id == outbox.c.draft_id))
            .where(went, own.c.address == bindparam("address"))
        )
        of_case = (
            select(func.count())
            .select_from(outbox.join(drafts, drafts.c.id == outbox.c.draft_id))
            .where(went, drafts.c.case_id == bindparam("case"))
        )
        due = (
            select(outbox.c.id, outbox.c.draft_id, drafts.c.case_id, drafts.c.to, cases.c.state)
            .join(drafts, drafts.c.id == outbox.c.draft_id)
            .outerjoin(cases, cases.c.id == drafts.c.case_id)
            .where(outbox.c.state == literal("approved"), _IS_DUE)
            .order_by(outbox.c.not_before)
            .limit(1)
        )
        held = 0
        while (row := self._first(due, {"now": now, "future": now + _CLOCK_WENT_BACK})) is not None:
            full = [one for one in row.to if self._how_many(to_same, {"address": fold(one)}) >= per_recipient]
            if row.state == "HOLD":
                reason = "waits: its case is on hold, and nothing is sent until a person releases it"
            elif full:
                reason = f"waits: {per_recipient} mails to one recipient within the hour"
            elif row.case_id is not None and self._how_many(of_case, {"case": row.case_id}) >= per_case:
                reason = f"waits: {per_case} mails about one case within the hour"
            else:
                break
            values = {"not_before": now + _HELD_BACK, "detail": reason, "changed_at": now}
            held += self._write(_UPDATE_OUTBOX, {"this": row.id, "seen": "approved", **values})
        return held

    def _how_many(self, query: Any, values: dict[str, Any]) -> int:
        return int(self._connection.execute(query, values).scalar_one())

    def sent_after_all(self, sent_ids: Iterable[str]) -> list[str]:
        """Drafts that wait for a reviewer although the mail of theirs lies in Sent: a backup was restored. They wait no more;
        their ids."""
        told = {found[1] for one in sent_ids if (found := _OURS.match(one))}
        waiting = self._all(select(drafts.c.id).where(drafts.c.state == literal("draft"))) if told else []
        gone = [str(row.id) for row in waiting if str(row.id).lower() in told]
        for draft_id in gone:
            self._write(_UPDATE_DRAFT, {"this": draft_id, "state": "superseded"})
            self.audit("delivery", "found in Sent", f"draft {draft_id}", {})
        return gone

    def offered_again(self) -> tuple[int, str]:
        """How many approved mails a mail server has not taken so far, and its newest words."""
        tried = and_(outbox.c.state == literal("approved"), outbox.c.attempts > 0)
        number = int(self._connection.execute(select(func.count()).select_from(outbox).where(tried)).scalar_one())
        newest = self._first(select(outbox.c.detail).where(tried).order_by(outbox.c.changed_at.desc()).limit(1))
        return number, newest.detail if newest else ""

    def settle_outbox(self, outbox_id: str, *, state: str, detail: str, not_before: datetime | None = None) -> None:
        """What became of a mail: sent, uncertain, failed; or approved again, only for a failure proven before the final dot.

        A mail that is uncertain may be settled as sent or failed, by a person. The database refuses every other arrow.
        """
        entry = self.outbox_entry(outbox_id)
        if entry is None:
            raise UsageError(f"there is no mail {outbox_id} in the outbox")
        values: dict[str, Any] = {"state": state, "detail": detail, "changed_at": self._clock.now()}
        if not_before is not None:
            values["not_before"] = not_before
        if self._write(_UPDATE_OUTBOX, {"this": outbox_id, "seen": entry.state, **values}) != 1:
            raise StoreError(f"mail {outbox_id} has changed meanwhile; look at it again")
        self.audit("delivery", f"mail {state}", f"outbox {outbox_id}", {"from": entry.state, "draft": entry.draft_id})

    def park_interrupted(self) -> list[str]:
        """At start: mails found in state sending were cut off, nobody knows where; they become uncertain. Their ids."""
        query = select(outbox.c.id).where(outbox.c.state == literal("sending")).order_by(outbox.c.changed_at)
        parked = [str(row.id) for row in self._all(query)]
        for outbox_id in parked:
            self.settle_outbox(outbox_id, state="uncertain", detail="supportbot was stopped while it sent this mail")
        return parked

    def outbox(self, *, state: str | None = None, limit: int = 200) -> list[OutboxRow]:
        """The outbox, newest change first."""
        query = _OUTBOX.order_by(outbox.c.changed_at.desc(), outbox.c.id).limit(limit)
        if state is not None:
            query = query.where(outbox.c.state == state)
        return [_outbox(row) for row in self._all(query)]

    def outbox_of(self, draft_id: str) -> OutboxRow | None:
        """The mail of a draft; None where it was not approved."""
        row = self._first(_OUTBOX.where(outbox.c.draft_id == draft_id))
        return None if row is None else _outbox(row)

    def outbox_with_id(self, header_message_id: str) -> OutboxRow | None:
        """The mail with our Message-ID; None where there is none."""
        row = self._first(_OUTBOX.where(outbox.c.header_message_id == header_message_id))
        return None if row is None else _outbox(row)

    def sent_since(self, since: datetime, limit: int = 1000) -> list[OutboxRow]:
        """Mails that a server has taken over since then, and whose octets were not erased; oldest first."""
        query = _OUTBOX.where(outbox.c.state == literal("sent"), outbox.c.claimed_at >= since, func.length(outbox.c.raw) > 0)
        return [_outbox(row) for row in self._all(query.order_by(outbox.c.claimed_at).limit(limit))]

    def outbox_entry(self, outbox_id: str) -> OutboxRow | None:
        """One mail of the outbox; None for an unknown id."""
        row = self._first(_OUTBOX.where(outbox.c.id == outbox_id))
        return None if row is None else _outbox(row)

    def sent_mail(
        self, *, header_message_ids: Sequence[str] = (), token: str | None = None, case_id: str | None = None
    ) -> list[SentMail]:
        """Mails of ours that went out or may have (sending, sent, uncertain), oldest first: those that have one of the
        Message-IDs, or the token, or the case. `sent_at` is when the mail was handed to the server."""
        asked = {"header_message_ids": list(header_message_ids) or None, "token": token, "case_id": case_id}
        marks = {name: value for name, value in asked.items() if value is not None}
        rows = self._all(_sent_with(*marks), marks) if marks else []
        return [SentMail(**{**row._mapping, "to": tuple(row.to)}) for row in rows]
