"""Many drafts with the same words approved at once: each is shown, each is bound to the hash of what was shown."""

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import SupportbotError
from supportbot.store import DraftRow, Transaction
from supportbot.web.drafts import MOST_AT_ONCE
from supportbot.web.mailview import view_message
from supportbot.web.queue import counts_of
from supportbot.web.room import Console, Person, Posted, SignedIn, TheConsole, require

router = APIRouter()


@router.get("/drafts/{draft_id}/alike")
def show(request: Request, console: TheConsole, person: SignedIn, draft_id: str) -> Response:
    """The drafts that say the same as this one but for the order number, each with the mail it answers."""
    return _page(request, console, person, draft_id, (), 0)


@router.post("/drafts/{draft_id}/alike")
def approve(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Approve those that were ticked. Each is approved for itself: one that has changed meanwhile is refused alone."""
    require(posted.person, "review")
    with console.store.snapshot() as tx:
        allowed = {draft.id for draft in _alike(tx, draft_id)}
    ticked = {name.removeprefix("draft:"): sha256 for name, sha256 in posted.form.items() if name.startswith("draft:")}
    refused = ["a draft of the form is not, or no more, one of the same words" for id_ in ticked if id_ not in allowed]
    for id_ in ticked.keys() & allowed:
        try:
            console.desk.approve(id_, reviewer=posted.person.name, shown_sha256=ticked[id_])
        except SupportbotError as error:
            refused.append(str(error))
    return _page(request, console, posted.person, draft_id, refused, len(ticked) - len(refused))


def _alike(tx: Transaction, draft_id: str) -> list[DraftRow]:
    others = tx.like_drafts(draft_id, MOST_AT_ONCE - 1)
    found = (tx.draft(id_) for id_ in (draft_id, *others))
    return [draft for draft in found if draft is not None and draft.state == "draft"] if others else []


def _page(request: Request, console: Console, person: Person, draft_id: str, refused: Sequence[str], approved: int) -> Response:
    with console.store.snapshot() as tx:
        if tx.draft(draft_id) is None:
            raise HTTPException(404)
        drafts = _alike(tx, draft_id)
        found = [(draft, tx.message(draft.message_id) if draft.message_id is not None else None) for draft in drafts]
        counts = counts_of(tx, person)
    return console.pages.render(
        request,
        "alike.html",
        status=409 if refused and not approved else 200,
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts=counts,
        pairs=[(draft, view_message(message) if message else None) for draft, message in found],
        refused=refused,
        approved=approved,
    )
