"""A thread: every mail in it, theirs and ours; mail put elsewhere, threads joined, and all of it put back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.casework.linking import Thread
from supportbot.errors import MissingMail, SupportbotError, UnreadableMail, UsageError
from supportbot.store import MoveRow, Transaction
from supportbot.web.mailview import MailView, view_message
from supportbot.web.queue import LONGEST_TAB, counts_of
from supportbot.web.room import Console, Number, Person, Posted, SignedIn, TheConsole, require, sentence_of
from supportbot.web.workshop import TheWorkshop

router = APIRouter()

MOST_NEIGHBOURS = 12


@dataclass(frozen=True, slots=True)
class InThread:
    """One mail of a thread: theirs, or a draft of ours that went out."""

    at: datetime
    mail: MailView | None
    draft_id: str = ""
    to: tuple[str, ...] = ()
    state: str = ""


@router.get("/threads/{thread_id}")
def thread(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn, thread_id: str) -> Response:
    """One thread, and the others about the same orders."""
    return _page(request, console, person, thread_id)


@router.post("/threads/{thread_id}/split")
def split(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, thread_id: str) -> Response:
    """Put the ticked mails into a thread of their own."""
    require(posted.person, "review")
    ticked = [int(name.removeprefix("message:")) for name in posted.form if _names_message(name)]
    try:
        move = workshop.correcting.move_mail(ticked, None, by=posted.person.name)
    except (UsageError, MissingMail, UnreadableMail) as error:
        return _page(request, console, posted.person, thread_id, status=409, problem=str(error))
    return console.pages.redirect(request, f"/threads/{move.to_thread}")


@router.post("/threads/{thread_id}/merge")
def merge(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, thread_id: str) -> Response:
    """Put all mail of this thread into another."""
    require(posted.person, "review")
    try:
        move = workshop.correcting.merge(thread_id, posted.text("into"), by=posted.person.name)
    except UsageError as error:
        return _page(request, console, posted.person, thread_id, status=409, problem=str(error))
    return console.pages.redirect(request, f"/threads/{move.to_thread}")


@router.post("/messages/{message_id}/thread")
def place(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, message_id: Number) -> Response:
    """Say to which thread one mail belongs; it is decided anew with it."""
    require(posted.person, "review")
    to = posted.text("to")
    try:
        workshop.correcting.move_mail([message_id], None if to == "new" else to, by=posted.person.name)
    except (UsageError, MissingMail, UnreadableMail) as error:
        raise _refusal(error) from error
    return console.pages.redirect(request, f"/messages/{message_id}")


@router.post("/moves/{move_id}/undo")
def undo(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, move_id: Number) -> Response:
    """Put mail back where it stood."""
    require(posted.person, "review")
    try:
        move = workshop.correcting.undo_move(move_id, by=posted.person.name)
    except (UsageError, MissingMail, UnreadableMail) as error:
        raise _refusal(error) from error
    return console.pages.redirect(request, f"/threads/{move.from_thread}")


def _names_message(name: str) -> bool:
    number = name.removeprefix("message:")
    return name != number and number.isascii() and number.isdecimal() and len(number) < 19


def _refusal(error: SupportbotError) -> HTTPException:
    return HTTPException(409, sentence_of(error))


def mail_of_thread(tx: Transaction, thread_id: str) -> list[InThread]:
    """Every mail of a thread, oldest first."""
    theirs = [InThread(row.received, view_message(row)) for row in tx.messages(thread_id=thread_id, limit=LONGEST_TAB)]
    ours = [InThread(row.changed_at, None, row.id, tuple(row.to), row.state) for row in tx.sent_in(thread_id)]
    return sorted([*theirs, *ours], key=lambda one: one.at)


def _neighbours(tx: Transaction, found: Thread) -> Sequence[Thread]:
    """Other threads about the same orders or case."""
    ids = [one for order_id in found.order_ids for one in tx.threads_about(order_id)]
    ids += tx.threads_of_case(found.case_id) if found.case_id else []
    others = dict.fromkeys(one for one in ids if one != found.thread_id)
    known = tx.threads(list(others)[:MOST_NEIGHBOURS])
    return sorted(known.values(), key=lambda one: one.latest, reverse=True)


def _page(
    request: Request, console: Console, person: Person, thread_id: str, *, status: int = 200, problem: str = ""
) -> Response:
    with console.store.snapshot() as tx:
        found = tx.threads([thread_id]).get(thread_id)
        if found is None:
            raise HTTPException(404)
        moves = tx.moves_of(thread_id)
        context: dict[str, Any] = {
            "thread": found,
            "mails": mail_of_thread(tx, thread_id),
            "neighbours": _neighbours(tx, found),
            "moves": [(move, _told(move, thread_id, len(tx.moved_by(move.id)))) for move in moves],
            "counts": counts_of(tx, person),
        }
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, "thread.html", status=status, person=person, csrf=csrf, problem=problem, **context)


def _told(move: MoveRow, thread_id: str, number: int) -> str:
    mails = "1 mail" if number == 1 else f"{number} mails"
    return f"{mails} came from another thread" if move.to_thread == thread_id else f"{mails} went to another thread"
