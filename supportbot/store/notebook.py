"""What people note at the console about a piece of work: who has it in hand, until when it rests, notes, and their own views.

None of it is ever sent, and none of it decides anything. A piece of work is named as the audit log names it: "message 12",
"case c…", "draft d…".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from supportbot.errors import UsageError
from supportbot.store.rows import MarkRow, NoteRow
from supportbot.store.tables import desk_marks, notes, saved_views, unsaved_edits
from supportbot.store.work import Work, upsert

LONGEST_NOTE = 4000
MOST_VIEWS = 20
_MARK = select(*(desk_marks.c[name] for name in MarkRow.__dataclass_fields__))
_NOTE = select(*(notes.c[name] for name in NoteRow.__dataclass_fields__))


class Notebook(Work):
    """The console's own records."""

    def mark_of(self, subject: str) -> MarkRow:
        """Who has a piece of work in hand, and until when it rests."""
        row = self._first(_MARK.where(desk_marks.c.subject == subject))
        return MarkRow(subject) if row is None else MarkRow(*row)

    def assign(self, subject: str, to: str | None, *, by: str) -> None:
        """Give a piece of work to a person, or to nobody. Whether that person may work is the caller's to check."""
        self._mark(subject, {"assigned_to": to}, by)
        self.audit(by, "assign", subject, {"to": to})

    def snooze(self, subject: str, until: datetime | None, *, by: str) -> None:
        """Let a piece of work rest until then, or wake it. Raises `UsageError` for a time that is over."""
        if until is not None and until <= self._clock.now():
            raise UsageError("this time is over; choose a later one")
        self._mark(subject, {"snoozed_until": until}, by)
        self.audit(by, "snooze", subject, {"until": until})

    def _mark(self, subject: str, change: Mapping[str, Any], by: str) -> None:
        before = self.mark_of(subject)
        row = {"subject": subject, "assigned_to": before.assigned_to, "snoozed_until": before.snoozed_until, **change}
        row |= {"changed_by": by, "changed_at": self._clock.now()}
        self._write(upsert(self._dialect, desk_marks), row)

    def add_note(self, subject: str, text: str, *, by: str) -> None:
        """A note for colleagues. Raises `UsageError` for one that is empty or longer than `LONGEST_NOTE`."""
        text = text.strip()
        if not text:
            raise UsageError("an empty note says nothing")
        if len(text) > LONGEST_NOTE:
            raise UsageError(f"a note has at most {LONGEST_NOTE} characters; this one has {len(text)}")
        self._write(insert(notes), {"subject": subject, "author": by, "text": text, "at": self._clock.now()})
        self.audit(by, "note", subject, {})

    def notes_of(self, *subjects: str) -> list[NoteRow]:
        """The notes about any of these, oldest first."""
        return [NoteRow(*row) for row in self._all(_NOTE.where(notes.c.subject.in_(subjects)).order_by(notes.c.id))]

    def keep_edit(self, draft_id: str, editor: str, *, subject: str, body: str, shown_sha256: str) -> None:
        """Keep what a person has typed so far, so that no work is lost with a page."""
        row = {"draft_id": draft_id, "editor": editor, "subject": subject, "body": body, "shown_sha256": shown_sha256}
        self._write(upsert(self._dialect, unsaved_edits), row)

    def unsaved_edit(self, draft_id: str, editor: str, shown_sha256: str) -> tuple[str, str] | None:
        """Subject and text that a person has typed into this version of a draft and not saved."""
        e = unsaved_edits.c
        same = (e.draft_id == draft_id, e.editor == editor, e.shown_sha256 == shown_sha256)
        row = self._first(select(e.subject, e.body).where(*same))
        return None if row is None else (row.subject, row.body)

    def drop_edits(self, draft_id: str, editor: str | None = None) -> None:
        """Forget what was typed: by one person, or by all."""
        gone = delete(unsaved_edits).where(unsaved_edits.c.draft_id == draft_id)
        self._write(gone if editor is None else gone.where(unsaved_edits.c.editor == editor))

    def save_view(self, owner: str, name: str, query: str) -> None:
        """Keep a filter of the queue under a name. Raises `UsageError` for an empty name and for too many views."""
        name = name.strip()
        if not name or len(name) > 40:
            raise UsageError("a view needs a name of 1 to 40 characters")
        known = self.views_of(owner)
        if name not in known and len(known) >= MOST_VIEWS:
            raise UsageError(f"a person keeps at most {MOST_VIEWS} views; remove one first")
        self._write(upsert(self._dialect, saved_views), {"owner": owner, "name": name, "query": query})

    def drop_view(self, owner: str, name: str) -> None:
        """Forget a view; one that is gone already is gone."""
        self._write(delete(saved_views).where(saved_views.c.owner == owner, saved_views.c.name == name))

    def views_of(self, owner: str) -> dict[str, str]:
        """A person's views: name and query, by name."""
        query = select(saved_views.c.name, saved_views.c.query).where(saved_views.c.owner == owner)
        return {row.name: row.query for row in self._all(query.order_by(saved_views.c.name))}
