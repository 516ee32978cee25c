"""Mail that could not be worked: why, and a second try."""

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import StoreError, SupportbotError
from supportbot.web.queue import LONGEST_TAB, counts_of
from supportbot.web.room import Console, Person, Posted, SignedIn, TheConsole, require

router = APIRouter()


@router.get("/quarantine")
def quarantine(request: Request, console: TheConsole, person: SignedIn) -> Response:
    """Every mail that is held, with the step that failed and the reason."""
    return _page(request, console, person)


@router.post("/quarantine/{entry_id}/retry")
def retry(request: Request, console: TheConsole, posted: Posted, entry_id: int) -> Response:
    """Work one of them again from the beginning."""
    require(posted.person, "review")
    with console.store.snapshot() as tx:
        if tx.quarantine_entry(entry_id) is None:
            raise HTTPException(404)
    try:
        console.desk.retry_quarantined(entry_id, by=posted.person.name)
    except SupportbotError as error:
        status = 503 if isinstance(error, StoreError) else 409
        return _page(request, console, posted.person, status=status, problem=str(error))
    return console.pages.redirect(request, "/quarantine")


def _page(request: Request, console: Console, person: Person, *, status: int = 200, problem: str = "") -> Response:
    with console.store.snapshot() as tx:
        entries = tx.quarantined(limit=LONGEST_TAB)
        counts = counts_of(tx, person)
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(
        request, "quarantine.html", status=status, person=person, csrf=csrf, counts=counts, problem=problem, entries=entries
    )
