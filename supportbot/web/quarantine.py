"""Mail that could not be worked: the cause and what to do about it, a second try, or a person who has seen to it by hand."""

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import SupportbotError
from supportbot.web.queue import LONGEST_TAB, counts_of
from supportbot.web.room import Console, Number, Person, Posted, SignedIn, TheConsole, require, status_of
from supportbot.web.words import QUARANTINE_CAUSES
from supportbot.web.workshop import Workshop

router = APIRouter()


@router.get("/quarantine")
def quarantine(request: Request, console: TheConsole, person: SignedIn) -> Response:
    """Every mail that is held, with its cause, the step that failed and the reason."""
    return _page(request, console, person)


@router.post("/quarantine/{entry_id}/retry")
def retry(request: Request, console: TheConsole, posted: Posted, entry_id: Number) -> Response:
    """Work one of them again from the beginning."""
    require(posted.person, "review")
    _must_stand(console, entry_id)
    try:
        console.desk.retry_quarantined(entry_id, by=posted.person.name)
    except SupportbotError as error:
        return _page(request, console, posted.person, status=status_of(error), problem=str(error))
    return console.pages.redirect(request, "/quarantine")


@router.post("/quarantine/{entry_id}/release")
def release(request: Request, console: TheConsole, posted: Posted, entry_id: Number) -> Response:
    """Say that a person has seen to it by hand, and how: it is held no more, and stays unworked."""
    require(posted.person, "review")
    _must_stand(console, entry_id)
    try:
        console.desk.release_quarantined(entry_id, by=posted.person.name, reason=posted.text("reason"))
    except SupportbotError as error:
        return _page(request, console, posted.person, status=status_of(error), problem=str(error), open_entry=entry_id)
    return console.pages.redirect(request, "/quarantine")


def _must_stand(console: Console, entry_id: int) -> None:
    with console.store.snapshot() as tx:
        if tx.quarantine_entry(entry_id) is None:
            raise HTTPException(404)


def _page(
    request: Request, console: Console, person: Person, *, status: int = 200, problem: str = "", open_entry: int | None = None
) -> Response:
    with console.store.snapshot() as tx:
        entries = tx.quarantined(limit=LONGEST_TAB)
        counts = counts_of(tx, person)
    workshop: Workshop | None = request.app.state.workshop
    kept = workshop.tryout.quarantine_kept if workshop else None
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(
        request,
        "quarantine.html",
        status=status,
        person=person,
        csrf=csrf,
        counts=counts,
        problem=problem,
        entries=entries,
        causes=QUARANTINE_CAUSES,
        kept_days=kept.days if kept else None,
        open_entry=open_entry,
    )
