"""Who has a piece of work in hand, until when it rests, notes for colleagues; and who else looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import UsageError
from supportbot.store import DraftRow, MarkRow, NoteRow, Transaction
from supportbot.web.presence import Presence, Somebody
from supportbot.web.room import Person, Posted, Posting, TheConsole, require, safe_path, sentence_of
from supportbot.web.words import SNOOZES

router = APIRouter()

_BEGIN = time(8)


@dataclass(frozen=True, slots=True)
class Handling:
    """What people have said about a piece of work, for its page."""

    subject: str
    mark: MarkRow
    notes: Sequence[NoteRow]
    others: Sequence[Somebody]
    colleagues: Sequence[str]


def subject_of(draft: DraftRow) -> str:
    """What a draft belongs to, as the record names it: so its marks outlive it when it is written anew."""
    if draft.message_id is not None:
        return f"message {draft.message_id}"
    return f"case {draft.case_id}" if draft.case_id else f"draft {draft.id}"


def handling_of(tx: Transaction, subject: str, presence: Presence, person: Person) -> Handling:
    """What people have said about it, and who else is there; this person is now there too."""
    if person.seller_id is not None:
        return Handling(subject, MarkRow(subject), (), (), ())
    presence.see(subject, person.name)
    colleagues = [user.name for user in tx.users() if not user.disabled and user.seller_id is None and user.role != "viewer"]
    return Handling(subject, tx.mark_of(subject), tx.notes_of(subject), presence.others(subject, person.name), colleagues)


def snoozed_until(choice: str, now: datetime) -> datetime | None:
    """The end of a rest; None wakes it. Raises `UsageError` for a choice there is not."""
    if choice == "wake":
        return None
    if choice in ("hour", "four"):
        return now + timedelta(hours={"hour": 1, "four": 4}[choice])
    if choice not in SNOOZES:
        raise UsageError("say until when it rests")
    days = 1 if choice == "tomorrow" else 7 - now.weekday()
    return datetime.combine(now.date() + timedelta(days=days), _BEGIN, now.tzinfo)


@router.post("/handling/note")
def note(request: Request, console: TheConsole, posted: Posted) -> Response:
    """Leave a note for colleagues; it is never sent."""
    return _do(request, console, posted, "note")


@router.post("/handling/assign")
def assign(request: Request, console: TheConsole, posted: Posted) -> Response:
    """Take a piece of work, give it to somebody, or give it back."""
    return _do(request, console, posted, "assign")


@router.post("/handling/snooze")
def snooze(request: Request, console: TheConsole, posted: Posted) -> Response:
    """Let a piece of work rest for a while, or wake it."""
    return _do(request, console, posted, "snooze")


def _do(request: Request, console: TheConsole, posted: Posting, what: str) -> Response:
    require(posted.person, "review")
    subject, by = posted.text("subject"), posted.person.name
    try:
        with console.store.transaction() as tx:
            if not _stands(tx, subject):
                raise HTTPException(404)
            if what == "note":
                tx.add_note(subject, posted.text("note"), by=by)
            elif what == "snooze":
                tx.snooze(subject, snoozed_until(posted.text("until"), console.clock.now()), by=by)
            else:
                tx.assign(subject, colleague(tx, posted.text("to")), by=by)
    except UsageError as error:
        raise HTTPException(409, sentence_of(error)) from error
    return console.pages.redirect(request, safe_path(posted.text("back")))


def colleague(tx: Transaction, name: str) -> str | None:
    """A person who may be given work; None for nobody. Raises `UsageError` for anybody else."""
    user = tx.user(name) if name else None
    if name and (user is None or user.disabled or user.seller_id is not None or user.role == "viewer"):
        raise UsageError(f"{name} does not work here")
    return name or None


def _stands(tx: Transaction, subject: str) -> bool:
    what, _, id_ = subject.partition(" ")
    if what == "message":
        return id_.isascii() and id_.isdecimal() and len(id_) < 19 and tx.message(int(id_)) is not None
    return {"case": tx.case, "draft": tx.draft}[what](id_) is not None if what in ("case", "draft") else False
