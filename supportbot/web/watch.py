"""For administrators: who opened what, and everybody's tokens."""

from fastapi import APIRouter, Request, Response

from supportbot.errors import UsageError
from supportbot.web.queue import counts_of
from supportbot.web.room import Console, Person, Posted, SignedIn, WholeConsole, require

router = APIRouter()

ROWS = 100


@router.get("/access")
def show(
    request: Request, console: WholeConsole, person: SignedIn, name: str = "", subject: str = "", before: str = ""
) -> Response:
    """The record of views, the newest first, narrowed to a person or a thing; and the tokens."""
    require(person, "admin")
    return _page(request, console, person, name=name.strip()[:100], subject=subject.strip()[:200], before=before)


@router.post("/access/tokens/revoke")
def revoke(request: Request, console: WholeConsole, posted: Posted) -> Response:
    """Revoke anybody's token."""
    require(posted.person, "admin")
    try:
        with console.store.transaction() as tx:
            tx.revoke_token(posted.text("token"), by=posted.person.name)
    except UsageError as error:
        return _page(request, console, posted.person, problem=str(error))
    return console.pages.redirect(request, "/access")


def _page(
    request: Request,
    console: Console,
    person: Person,
    *,
    name: str = "",
    subject: str = "",
    before: str = "",
    problem: str = "",
) -> Response:
    place = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    with console.store.snapshot() as tx:
        views = tx.views(name=name, subject=subject, before=place, limit=ROWS + 1)
        tokens, counts = tx.tokens(), counts_of(tx, person)
    return console.pages.render(
        request,
        "access.html",
        status=409 if problem else 200,
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts=counts,
        problem=problem,
        views=views[:ROWS],
        more=views[ROWS - 1].id if len(views) > ROWS else None,
        tokens=tokens,
        name=name,
        subject=subject,
    )
