"""Mail in: raw bytes first, then one message for the same bytes, and its evidence; and quarantine."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, text, update

from supportbot import fault
from supportbot.casework.facts import Evidence
from supportbot.errors import MissingMail, UsageError
from supportbot.mail.message import UidPosition
from supportbot.ports import MENDED, Fetched, Mark, ReadUpTo
from supportbot.store.rows import Kept, KeptMail, MessageRow, QuarantineRow
from supportbot.store.sealing import Sealing
from supportbot.store.tables import (
    drafts,
    fetched,
    folder_positions,
    message_evidence,
    messages,
    quarantine,
    raw_mail,
)
from supportbot.store.work import Job, insert_new, literal, upsert

_MARKS = 10  # the newest mails by which a folder is known again
_MESSAGE = select(*(messages.c[name] for name in MessageRow.__dataclass_fields__))
_ONE_MESSAGE = _MESSAGE.where(messages.c.id == bindparam("id"))
_HOLD_MESSAGE = select(messages.c.state).where(messages.c.id == bindparam("id")).with_for_update()
_RULES_OF = select(messages.c.rule).distinct().where(messages.c.order_id == bindparam("order_id"), messages.c.rule.is_not(None))
_IDS_BY_SHA = select(messages.c.sha256, messages.c.id).where(messages.c.sha256.in_(bindparam("hashes", expanding=True)))
_PENDING = (
    select(messages.c.id)
    .where(
        messages.c.state == literal("new"),
        or_(messages.c.next_attempt_at.is_(None), messages.c.next_attempt_at <= bindparam("now")),
    )
    .order_by(messages.c.id)
    .limit(bindparam("at_most"))
)
TO_READ = (
    messages.c.state == literal("done"),
    text("needs_person = TRUE AND handled_at IS NULL"),  # in the words of the index messages_unhandled
    ~exists().where(drafts.c.message_id == messages.c.id),
)
"""Mail that needs a person and has no draft that a reviewer would see."""

_ADD_EVIDENCE = insert(message_evidence)
_UPDATE_MESSAGE = update(messages).where(messages.c.id == bindparam("this"))
_FETCHED_BEFORE = select(fetched.c.uidvalidity, fetched.c.uid).where(
    fetched.c.mailbox == bindparam("mailbox"),
    fetched.c.folder == bindparam("folder"),
    fetched.c.uidvalidity == bindparam("uidvalidity"),
    fetched.c.uid.in_(bindparam("uids", expanding=True)),
)
_NEWEST_FETCHED = (
    select(fetched.c.uid, fetched.c.size, fetched.c.received)
    .where(
        fetched.c.mailbox == bindparam("mailbox"),
        fetched.c.folder == bindparam("folder"),
        fetched.c.uidvalidity == bindparam("uidvalidity"),
        fetched.c.uid.between(1, bindparam("highest")),  # below: what a folder named before it was made anew
    )
    .order_by(fetched.c.uid.desc())
    .limit(_MARKS)
)
_UNMARKED = (
    select(fetched.c.folder, fetched.c.uidvalidity, fetched.c.uid)
    .where(fetched.c.mailbox == bindparam("mailbox"), fetched.c.marked_at.is_(None))
    .order_by(fetched.c.folder, fetched.c.uidvalidity, fetched.c.uid)
)
_MARK = update(fetched).where(
    fetched.c.mailbox == bindparam("of_mailbox"),
    fetched.c.folder == bindparam("of_folder"),
    fetched.c.uidvalidity == bindparam("of_uidvalidity"),
    fetched.c.uid == bindparam("of_uid"),
)
_FORGET_NUMBERS = (
    update(fetched)
    .where(
        fetched.c.mailbox == bindparam("of_mailbox"),
        fetched.c.folder == bindparam("of_folder"),
        fetched.c.uidvalidity == bindparam("of_uidvalidity"),
        fetched.c.uid >= bindparam("lowest"),
    )
    .values(uid=-fetched.c.id, marked_at=func.coalesce(fetched.c.marked_at, fetched.c.fetched_at))
)
_RAW = select(raw_mail.c.bytes).where(raw_mail.c.sha256 == bindparam("sha256"))
_KEPT = (
    select(messages.c.mailbox, messages.c.received, messages.c.sha256, raw_mail.c.bytes)
    .outerjoin_from(messages, raw_mail, raw_mail.c.sha256 == messages.c.sha256)
    .where(messages.c.id == bindparam("id"))
)
_QUARANTINE = select(
    quarantine.c.id,
    quarantine.c.message_id,
    quarantine.c.mailbox,
    quarantine.c.step,
    quarantine.c.reason,
    quarantine.c.traceback,
    quarantine.c.attempts,
    quarantine.c.at,
    quarantine.c.state,
    quarantine.c.cause,
    quarantine.c.settled_by,
    quarantine.c.settlement,
    func.coalesce(messages.c.subject, "").label("subject"),
    messages.c.sender,
).outerjoin_from(quarantine, messages, messages.c.id == quarantine.c.message_id)

CAUSES = {
    "too-large": "larger than limits.message_bytes: its body was not fetched and is still in the mailbox",
    "bytes-missing": "its stored bytes are gone: take the mail in again with `supportbot ingest`, then retry",
    "bytes-damaged": "its stored bytes are not those that came: restore a backup, or see to the mail by hand",
    "bytes-erased": "its bytes were erased, for a person or because their time was over",
    "unreadable": "nothing here could read it: look at it in a mail program",
    "refused": "the database refused what it would have led to",
    "fault": "a fault of the program: retry after an upgrade",
}
"""Why a mail is in quarantine, and what to do about it."""

_TOO_LARGE = "fetch"  # the step of a message whose body was never fetched


class MailIn(Sealing):
    """What was fetched, what it became, and what could not be worked."""

    def positions(self, mailbox: str) -> dict[str, UidPosition]:
        """How far each folder of the mailbox has been read, by folder."""
        query = select(folder_positions).where(folder_positions.c.mailbox == mailbox)
        return {row.folder: UidPosition(row.uidvalidity, row.uid) for row in self._all(query)}

    def read_up_to(self, mailbox: str) -> dict[str, ReadUpTo]:
        """The same, with what the newest mails of each folder are known by."""
        return {
            folder: ReadUpTo(at.uidvalidity, at.uid, self._marks(mailbox, folder, at))
            for folder, at in self.positions(mailbox).items()
        }

    def _marks(self, mailbox: str, folder: str, at: UidPosition) -> tuple[Mark, ...]:
        place = {"mailbox": mailbox, "folder": folder, "uidvalidity": at.uidvalidity, "highest": at.uid}
        return tuple(Mark(row.uid, row.size, row.received) for row in self._all(_NEWEST_FETCHED, place))

    def keep(self, mailbox: str, fetched: Sequence[Fetched]) -> list[Kept]:
        """Store a batch: bytes, messages (state new), what was fetched, and how far the folders have been read.

        The same position or the same bytes again make no second message. One `Kept` for each that has a body, in order; one
        without (too large) goes to quarantine.
        """
        if not fetched:
            return []
        hashes = [None if mail.raw is None else hashlib.sha256(mail.raw).hexdigest() for mail in fetched]
        kept = self._keep_bytes(
            mailbox, [(h, m.raw, m.received) for h, m in zip(hashes, fetched, strict=True) if h and m.raw is not None]
        )
        ids = iter(kept)
        self._forget_numbers(mailbox, [mail for mail in fetched if mail.anew])
        now = self._clock.now()
        rows: list[dict[str, Any]] = []
        for mail, sha256 in zip(fetched, hashes, strict=True):
            rows.append(
                {
                    "mailbox": mailbox,
                    "folder": mail.folder,
                    "uidvalidity": mail.position.uidvalidity,
                    "uid": mail.position.uid,
                    "message_id": next(ids).message_id if sha256 else None,
                    "size": mail.size,
                    "received": mail.received,
                    "fetched_at": now,
                }
            )
        for row in [row for row in rows if row["message_id"] is None]:
            rows.remove(row)
            self._park_too_large(row)
        if rows:
            self._write(insert_new(self._dialect, _FETCHED), rows)
        self._advance(mailbox, fetched)
        return kept

    def _forget_numbers(self, mailbox: str, mails: Sequence[Fetched]) -> None:
        """What UIDs from these on named before, they name no more: it goes below 0, where no server counts, and is kept.

        Mails come in the order of their UIDs, so the first batch forgets all; a rescan that was cut short goes on as usual.
        """
        lowest: dict[tuple[str, int], int] = {}
        for mail in mails:
            place = (mail.folder, mail.position.uidvalidity)
            lowest[place] = min(lowest.get(place, mail.position.uid), mail.position.uid)
        for (folder, uidvalidity), uid in lowest.items():
            place_of = {"of_mailbox": mailbox, "of_folder": folder, "of_uidvalidity": uidvalidity}
            self._write(_FORGET_NUMBERS, {**place_of, "lowest": uid})

    def keep_file(self, mailbox: str, raw: bytes, received: datetime) -> Kept:
        """Store one message that came as a file, without UID."""
        return self._keep_bytes(mailbox, [(hashlib.sha256(raw).hexdigest(), raw, received)])[0]

    def _keep_bytes(self, mailbox: str, mails: Sequence[tuple[str, bytes, datetime]]) -> list[Kept]:
        if not mails:
            return []
        hashes = {"hashes": list({sha256 for sha256, _, _ in mails})}
        known = {row.sha256 for row in self._all(_IDS_BY_SHA, hashes)}
        now = self._clock.now()
        new: dict[str, tuple[bytes, datetime]] = {}
        for sha256, raw, received in mails:
            if sha256 not in known:
                new.setdefault(sha256, (raw, received))
        self.note_key()
        if new:
            self._write(
                insert_new(self._dialect, raw_mail),
                [{"sha256": name, "bytes": self._vault.seal(name, raw), "stored_at": now} for name, (raw, _) in new.items()],
            )
            fault.point("store.raw")
            self._write(
                insert_new(self._dialect, messages),
                [
                    {"sha256": sha256, "mailbox": mailbox, "received": received, **_UNREAD}
                    for sha256, (_, received) in new.items()
                ],
            )
        again = [
            {"sha256": name, "bytes": self._vault.seal(name, raw), "stored_at": now} for name, raw, _ in mails if name in known
        ]
        if again:  # bytes that had been lost come back; what was erased has its row, and stays so
            self._write(insert_new(self._dialect, raw_mail), again)
        ids = {row.sha256: row.id for row in self._all(_IDS_BY_SHA, hashes)}
        kept: list[Kept] = []
        for sha256, _, _ in mails:
            kept.append(Kept(ids[sha256], known=sha256 in known))
            if sha256 not in known:
                self.jobs.append(Job("work", ids[sha256]))
            known.add(sha256)
        return kept

    def _park_too_large(self, row: dict[str, Any]) -> None:
        """One row of `fetched` without a message, and its quarantine row, once."""
        if not self._add_new(_FETCHED, row):
            return
        place = select(_FETCHED.c.id).where(
            *(_FETCHED.c[name] == row[name] for name in ("mailbox", "folder", "uidvalidity", "uid"))
        )
        self._write(
            insert(quarantine),
            {
                "fetched_id": self._connection.execute(place).scalar_one(),
                "mailbox": row["mailbox"],
                "step": _TOO_LARGE,
                "cause": "too-large",
                "reason": f"too large: {row['size']} octets, not fetched; still in {row['folder']}, UID {row['uid']}",
                "traceback": "",
                "attempts": 1,
                "at": self._clock.now(),
                "state": "held",
            },
        )

    def _advance(self, mailbox: str, mails: Sequence[Fetched]) -> None:
        before = self.positions(mailbox)
        after = dict(before)
        for mail in mails:
            at = after.get(mail.folder)
            first_of_these = mail.anew and at == before.get(mail.folder)
            if at is None or at.uidvalidity != mail.position.uidvalidity or at.uid < mail.position.uid or first_of_these:
                after[mail.folder] = mail.position
        moved = [
            {"mailbox": mailbox, "folder": folder, "uidvalidity": position.uidvalidity, "uid": position.uid}
            for folder, position in after.items()
            if before.get(folder) != position
        ]
        if moved:
            self._write(upsert(self._dialect, folder_positions), moved)

    def unmarked(self, mailbox: str) -> dict[str, list[UidPosition]]:
        """What is stored, but the mailbox was not told so: by folder, oldest first."""
        found: dict[str, list[UidPosition]] = {}
        for row in self._all(_UNMARKED, {"mailbox": mailbox}):
            found.setdefault(row.folder, []).append(UidPosition(row.uidvalidity, row.uid))
        return found

    def mark(self, mailbox: str, folder: str, positions: Sequence[UidPosition]) -> None:
        """The mailbox has been told that these are stored."""
        place = {"of_mailbox": mailbox, "of_folder": folder, "marked_at": self._clock.now()}
        rows = [{**place, "of_uidvalidity": position.uidvalidity, "of_uid": position.uid} for position in positions]
        if rows:
            self._write(_MARK, rows)

    def pending_messages(self, limit: int) -> list[int]:
        """Messages not yet worked whose next attempt is due, oldest first."""
        return [row.id for row in self._all(_PENDING, {"now": self._clock.now(), "at_most": limit})]

    def claim_message(self, message_id: int) -> bool:
        """Whether the message still waits to be worked; nobody else works it until this transaction ends."""
        row = self._first(_HOLD_MESSAGE, {"id": message_id})
        return row is not None and row.state == "new"

    def message(self, message_id: int) -> MessageRow | None:
        """One message; None for an unknown id."""
        row = self._first(_ONE_MESSAGE, {"id": message_id})
        return None if row is None else MessageRow(*row)

    def message_of(self, sha256: str) -> int | None:
        """The message with these bytes; None where none has them."""
        row = self._first(_IDS_BY_SHA, {"hashes": [sha256]})
        return None if row is None else int(row.id)

    def raw(self, sha256: str) -> bytes:
        """The exact bytes. Raises `MissingMail` where they are not kept."""
        row = self._first(_RAW, {"sha256": sha256})
        return self._opened(sha256, None if row is None else row.bytes)

    def kept_mail(self, message_id: int) -> KeptMail | None:
        """What a message was read from; None for an unknown id. Raises `MissingMail` where its octets are not kept."""
        row = self._first(_KEPT, {"id": message_id})
        return None if row is None else KeptMail(row.mailbox, row.received, self._opened(row.sha256, row.bytes))

    def _opened(self, sha256: str, octets: bytes | None) -> bytes:
        """The octets, where they are those that came. Raises `MissingMail` with the cause."""
        if octets is None:
            raise MissingMail(f"the stored bytes of mail {sha256[:12]} are gone", cause="bytes-missing")
        return self._vault.open(sha256, bytes(octets))

    def finish_message(self, message_id: int, **columns: Any) -> None:
        """The message is done: state done, and what was found, by the names of `MessageRow`."""
        self._write(_UPDATE_MESSAGE, {"this": message_id, "state": "done", "next_attempt_at": None, **columns})

    def postpone_message(self, message_id: int, until: datetime) -> None:
        """Try again later: one attempt more, not before `until`."""
        statement = _UPDATE_MESSAGE.values(attempts=messages.c.attempts + 1, next_attempt_at=until)
        self._write(statement, {"this": message_id})

    def messages(self, *, case_id: str | None = None, thread_id: str | None = None, limit: int = 200) -> list[MessageRow]:
        """Messages, newest first; of one case or thread where given."""
        query = _MESSAGE.order_by(messages.c.id.desc()).limit(limit)
        if case_id is not None:
            query = query.where(messages.c.case_id == case_id)
        if thread_id is not None:
            query = query.where(messages.c.thread_id == thread_id)
        return [MessageRow(*row) for row in self._all(query)]

    def answers_in(self, case_id: str, kinds: Sequence[str]) -> list[MessageRow]:
        """All messages of a case that are of these kinds, newest first, however many others there are."""
        query = _MESSAGE.where(messages.c.case_id == case_id, messages.c.kind.in_(kinds))
        return [MessageRow(*row) for row in self._all(query.order_by(messages.c.id.desc()))]

    def rules_of(self, order_id: str) -> frozenset[str]:
        """The ids of the rules that have decided messages about an order."""
        return frozenset(row.rule for row in self._all(_RULES_OF, {"order_id": order_id}))

    def to_read(self, limit: int = 200) -> list[MessageRow]:
        """Worked mail that a person has to read and see to by hand: nobody has, and no draft answers it. The oldest first."""
        return [MessageRow(*row) for row in self._all(_MESSAGE.where(*TO_READ).order_by(messages.c.id).limit(limit))]

    def unread_about(
        self, case_id: str, order_id: str, addresses: Sequence[str] = (), *, besides: int | None = None
    ) -> list[MessageRow]:
        """Worked mail of a case or its order that needs a person, and that nobody has handled or reviewed the draft of; and
        what is held in quarantine about the order, or by one of the addresses.

        `besides` is the message that gave the consent, which the proof has read.
        """
        unreviewed = exists().where(drafts.c.message_id == messages.c.id, drafts.c.state == literal("draft"))
        answered = exists().where(drafts.c.message_id == messages.c.id)
        worked = _MESSAGE.where(
            messages.c.state == literal("done"),
            text("needs_person = TRUE AND handled_at IS NULL"),
            or_(messages.c.case_id == case_id, messages.c.order_id == order_id),
            or_(unreviewed, ~answered),
            messages.c.id != (besides or 0),
        )
        held = _MESSAGE.join(quarantine, quarantine.c.message_id == messages.c.id).where(
            quarantine.c.state == literal("held"),
            messages.c.state == literal("quarantined"),
            or_(messages.c.order_id == order_id, func.lower(messages.c.sender).in_([one.lower() for one in addresses])),
        )
        found = {row.id: MessageRow(*row) for query in (worked, held) for row in self._all(query)}
        return [found[message_id] for message_id in sorted(found)]

    def waiting_raw(self, limit: int) -> list[tuple[int, bytes]]:
        """The octets, as they came, of mail that is kept but not worked yet, the newest first, and at most `limit` of them.
        Raises `MissingMail` where some are gone: what they said is not known."""
        query = select(messages.c.id, messages.c.sha256, raw_mail.c.bytes).outerjoin(
            raw_mail, raw_mail.c.sha256 == messages.c.sha256
        )
        newest = query.where(messages.c.state == literal("new")).order_by(messages.c.id.desc()).limit(limit)
        return [(row.id, self._opened(row.sha256, row.bytes)) for row in self._all(newest)]

    def waits_to_be_read(self, message_id: int) -> bool:
        """Whether a message is among those of `to_read`."""
        return self._first(select(messages.c.id).where(messages.c.id == message_id, *TO_READ)) is not None

    def mark_handled(self, message_id: int, by: str) -> None:
        """A person has read a message and done what it calls for. Raises `UsageError` where it waits for nobody."""
        handled = update(messages).where(messages.c.id == message_id, *TO_READ)
        if self._write(handled.values(handled_by=by, handled_at=self._clock.now())) != 1:
            raise UsageError(self._why_not_to_read(message_id))
        self.audit(by, "handle", f"message {message_id}", {})

    def _why_not_to_read(self, message_id: int) -> str:
        message = self.message(message_id)
        if message is None:
            return f"there is no message {message_id}"
        if message.handled_by is not None:
            return f"{message.handled_by} has handled message {message_id} already"
        if message.state != "done":
            return f"message {message_id} is {message.state}; it is handled once it is worked"
        if message.needs_person:
            return f"a draft answers message {message_id}; approve or reject that"
        return f"message {message_id} waits for nobody"

    def add_evidence(self, message_id: int, evidence: Sequence[Evidence]) -> None:
        """The words that carry the facts of a message."""
        if evidence:
            self._write(
                _ADD_EVIDENCE,
                [
                    {"message_id": message_id, "fact": e.fact, "text": e.text, "starts": e.start, "ends": e.end, "rule": e.rule}
                    for e in evidence
                ],
            )

    def evidence_of(self, message_id: int) -> list[Evidence]:
        """The same, in the order in which they were added."""
        e = message_evidence.c
        query = select(e.fact, e.text, e.starts, e.ends, e.rule).where(e.message_id == message_id).order_by(e.id)
        return [Evidence(*row) for row in self._all(query)]

    # -- quarantine

    def quarantine(
        self,
        message_id: int | None,
        *,
        mailbox: str,
        step: str,
        reason: str,
        traceback: str,
        cause: str = "fault",
        sender: str | None = None,
        order_id: str | None = None,
    ) -> int:
        """Park what cannot be worked, with its cause (`CAUSES`) and the step it failed in; the entry's id. A message becomes
        quarantined; `sender` and `order_id` are what a plain reading makes of it."""
        attempts = 1
        if message_id is not None:
            self._write(
                _UPDATE_MESSAGE.values(
                    state="quarantined",
                    attempts=messages.c.attempts + 1,
                    sender=func.coalesce(messages.c.sender, sender),
                    order_id=func.coalesce(messages.c.order_id, order_id),
                ),
                {"this": message_id},
            )
            attempts = self._connection.execute(select(messages.c.attempts).where(messages.c.id == message_id)).scalar_one()
        entry = {
            "message_id": message_id,
            "mailbox": mailbox,
            "step": step,
            "reason": reason,
            "traceback": traceback,
            "attempts": attempts,
            "at": self._clock.now(),
            "state": "held",
            "cause": cause,
        }
        entry_id = int(self._connection.execute(insert(quarantine).returning(quarantine.c.id), entry).scalar_one())
        self.audit("supportbot", "quarantine", f"message {message_id}", {"entry": entry_id, "step": step, "cause": cause})
        return entry_id

    def quarantined(self, *, limit: int = 200) -> list[QuarantineRow]:
        """What is held, oldest first."""
        query = _QUARANTINE.where(quarantine.c.state == literal("held")).order_by(quarantine.c.id).limit(limit)
        return [QuarantineRow(*row) for row in self._all(query)]

    def quarantine_entry(self, entry_id: int) -> QuarantineRow | None:
        """One entry, held or retried; None for an unknown id."""
        row = self._first(_QUARANTINE.where(quarantine.c.id == entry_id))
        return None if row is None else QuarantineRow(*row)

    def retry_quarantined(self, entry_id: int, *, by: str) -> None:
        """Let a message be worked again from the start, with all its attempts. Raises `UsageError` where that cannot be."""
        entry = self._held_entry(entry_id)
        if entry.message_id is None:
            raise UsageError(f"quarantine entry {entry_id} has no stored mail to retry: {entry.reason}")
        self._settle_entry(entry_id, "retried", by, "")
        self._write(delete(message_evidence).where(message_evidence.c.message_id == entry.message_id))
        self._write(_UPDATE_MESSAGE.values(state="new", attempts=0, next_attempt_at=None), {"this": entry.message_id})
        self.jobs.append(Job("work", entry.message_id))
        self.audit(by, "retry_quarantined", f"message {entry.message_id}", {"entry": entry_id})

    def release_quarantined(self, entry_id: int, *, by: str, reason: str) -> None:
        """A person has looked at it and seen to it by hand: it is held no more, and stays unworked. Raises `UsageError`."""
        if not reason.strip():
            raise UsageError("a release needs a reason: nothing leaves quarantine unread")
        entry = self._held_entry(entry_id)
        self._settle_entry(entry_id, "released", by, reason.strip())
        self.audit(by, "release_quarantined", f"message {entry.message_id}", {"entry": entry_id})

    def mend_quarantined(self, entry_id: int, raw: bytes, *, by: str, reason: str) -> int:
        """A person has mended a held mail: the mended octets are a new message, received when the old one was, whose words no
        server vouches for; the old one stays as it is and is held no more. The new message's id. Raises `UsageError`."""
        if not reason.strip():
            raise UsageError("a mended mail needs a reason: what was changed, and why")
        entry = self._held_entry(entry_id)
        if entry.message_id is None:
            raise UsageError(
                f"quarantine entry {entry_id} has no stored mail: `supportbot ingest` takes in what was fetched by hand"
            )
        before = self.message(entry.message_id)
        kept = self.keep_file(MENDED, raw, before.received if before else self._clock.now())
        if kept.known:
            raise UsageError(f"these octets are message {kept.message_id} already; change something, or retry that one")
        settlement = f"mended as message {kept.message_id}: {reason.strip()}"
        self._settle_entry(entry_id, "released", by, settlement)
        new = {"entry": entry_id, "mended": kept.message_id}
        self.audit(by, "mend_quarantined", f"message {entry.message_id}", new)
        return kept.message_id

    def expiring(self, keep: timedelta, within: timedelta) -> list[tuple[QuarantineRow, datetime]]:
        """Released entries whose mail retention empties soon, and when; the soonest first."""
        last = self._clock.now() - keep + within
        query = (
            _QUARANTINE.add_columns(quarantine.c.settled_at)
            .join(raw_mail, raw_mail.c.sha256 == messages.c.sha256)
            .where(
                quarantine.c.state == literal("released"), quarantine.c.settled_at <= last, func.length(raw_mail.c.bytes) > 0
            )
            .order_by(quarantine.c.settled_at)
        )
        return [(QuarantineRow(*row[:-1]), row.settled_at + keep) for row in self._all(query)]

    def _held_entry(self, entry_id: int) -> QuarantineRow:
        entry = self.quarantine_entry(entry_id)
        if entry is None:
            raise UsageError(f"there is no quarantine entry {entry_id}")
        if entry.state != "held":
            raise UsageError(f"quarantine entry {entry_id} was {entry.state} already")
        return entry

    def _settle_entry(self, entry_id: int, state: str, by: str, reason: str) -> None:
        values = {"state": state, "settled_by": by, "settled_at": self._clock.now(), "settlement": reason}
        self._write(update(quarantine).where(quarantine.c.id == entry_id).values(values))


_FETCHED = fetched  # `keep` has an argument of the same name
_UNREAD: dict[str, Any] = {"state": "new", "attempts": 0, "subject": "", "why": "", "details": {}}
