"""A mail put right: what it is, decided anew, its sender asked for more; each can be taken back."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import MissingMail, SupportbotError, UnreadableMail, UsageError
from supportbot.store import MessageRow
from supportbot.web.language import marked
from supportbot.web.mailview import view_message
from supportbot.web.queue import counts_of
from supportbot.web.room import Console, Number, Person, Posted, Posting, SignedIn, TheConsole, require, sentence_of, status_of
from supportbot.web.words import KINDS
from supportbot.web.workshop import TheWorkshop, Workshop

router = APIRouter()
T = TypeVar("T")

ANSWERS = {
    "": marked("not said"),
    "yes": marked("yes"),
    "no": marked("no"),
    "conditional": marked("only under a condition"),
    "unclear": marked("unclear"),
}
OUTCOMES = {
    "": marked("not said"),
    "cancelled": marked("cancelled"),
    "too_late": marked("too late"),
    "unclear": marked("unclear"),
}
SCOPES = {"": marked("not said"), "whole": marked("the whole order"), "partial": marked("a part of it")}
CHOICES = {
    "accepts_item": (marked("Accepts the item"), ANSWERS),
    "accepts_rebill": (marked("Accepts the re-billing"), ANSWERS),
    "outcome": (marked("Outcome of the cancellation"), OUTCOMES),
    "scope": (marked("How much is meant"), SCOPES),
}


def _facts_of(row: MessageRow) -> dict[str, Any]:
    facts = row.details.get("facts") or {}
    told: dict[str, Any] = {name: facts.get(name) or "" for name in CHOICES}
    return told | {"order_ids": ", ".join(facts.get("order_ids") or ())}


def _said_otherwise(posted: Posting, row: MessageRow) -> dict[str, Any]:
    """The facts of the form that differ from what was read."""
    read = _facts_of(row)
    said: dict[str, Any] = {}
    for name in CHOICES:
        value = posted.text(name)
        if value != read[name]:
            said[name] = value or None
    typed = posted.text("order_ids")
    if typed != read["order_ids"]:
        said["order_ids"] = list(dict.fromkeys(one for one in typed.replace(",", " ").split() if one))
    return said


@router.get("/messages/{message_id}/correct")
def form(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn, message_id: Number) -> Response:
    """The form: kind and facts as they were read."""
    return _correct_page(request, console, person, message_id)


@router.post("/messages/{message_id}/correct")
def correct(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, message_id: Number) -> Response:
    """Say what a mail is; it is decided anew."""
    require(posted.person, "review")
    row = _row(console, message_id)
    said, kind = _said_otherwise(posted, row), posted.text("kind")
    try:
        if not said and kind == row.kind and not row.abstained:
            raise UsageError("nothing differs from what was read: change the kind or a fact")
        workshop.correcting.correct(message_id, kind=kind, facts=said, by=posted.person.name)
    except SupportbotError as error:
        return _correct_page(
            request, console, posted.person, message_id, status=status_of(error), problem=str(error), posted=posted
        )
    return console.pages.redirect(request, f"/messages/{message_id}")


@router.post("/corrections/{correction_id}/undo")
def undo(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, correction_id: Number) -> Response:
    """Take a correction back."""
    require(posted.person, "review")
    message_id = _do(lambda: workshop.correcting.undo_correction(correction_id, by=posted.person.name))
    return console.pages.redirect(request, f"/messages/{message_id}")


@router.post("/messages/{message_id}/anew")
def anew(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, message_id: Number) -> Response:
    """Decide a mail again by what is on record now."""
    require(posted.person, "review")
    _row(console, message_id)
    _do(lambda: workshop.correcting.decide_anew(message_id, by=posted.person.name))
    return console.pages.redirect(request, f"/messages/{message_id}")


@router.get("/messages/{message_id}/ask")
def ask_form(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn, message_id: Number) -> Response:
    """The questions that the sender may be asked."""
    return _ask_page(request, console, workshop, person, message_id)


@router.post("/messages/{message_id}/ask")
def ask(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop, message_id: Number) -> Response:
    """Draft a question to the sender; it waits for review like any other draft."""
    require(posted.person, "review")
    _row(console, message_id)
    try:
        draft_id = workshop.correcting.ask(message_id, posted.text("fact"), by=posted.person.name)
    except SupportbotError as error:
        return _ask_page(request, console, workshop, posted.person, message_id, status=status_of(error), problem=str(error))
    return console.pages.redirect(request, f"/drafts/{draft_id}")


def _do(action: Callable[[], T]) -> T:
    """An action without a form of its own to show a refusal in."""
    try:
        return action()
    except (UsageError, MissingMail, UnreadableMail) as error:
        raise HTTPException(409, sentence_of(error)) from error


def _row(console: Console, message_id: int) -> MessageRow:
    with console.store.snapshot() as tx:
        row = tx.message(message_id)
    if row is None:
        raise HTTPException(404)
    return row


def _correct_page(
    request: Request,
    console: Console,
    person: Person,
    message_id: int,
    *,
    status: int = 200,
    problem: str = "",
    posted: Posting | None = None,
) -> Response:
    row = _row(console, message_id)
    with console.store.snapshot() as tx:
        counts = counts_of(tx, person)
    typed = _facts_of(row) | {"kind": row.kind or ""}
    if posted is not None:
        typed = {name: posted.text(name) for name in typed}
    return console.pages.render(
        request,
        "correct.html",
        status=status,
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts=counts,
        problem=problem,
        mail=view_message(row),
        kinds=KINDS,
        choices=CHOICES,
        typed=typed,
    )


def _ask_page(
    request: Request,
    console: Console,
    workshop: Workshop,
    person: Person,
    message_id: int,
    *,
    status: int = 200,
    problem: str = "",
) -> Response:
    row = _row(console, message_id)
    questions = _do(lambda: workshop.correcting.questions(message_id))
    with console.store.snapshot() as tx:
        counts = counts_of(tx, person)
        waiting = tx.drafts(message_id=message_id)
    return console.pages.render(
        request,
        "ask.html",
        status=status,
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts=counts,
        problem=problem,
        mail=view_message(row),
        questions=questions,
        waiting=waiting,
    )
