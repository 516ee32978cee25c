"""The operations of the API. Each asks the same desk and the same store as the page that does the same."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from supportbot.errors import UsageError
from supportbot.store import Filter, Transaction
from supportbot.store.worklist import BY_NUMBER, Flag, ListName
from supportbot.web import api_shapes as shapes
from supportbot.web.api_shapes import Id, Number, Subject
from supportbot.web.filters import place_after, place_of
from supportbot.web.handling import colleague
from supportbot.web.queue import LONGEST_TAB, counts_of, who_is
from supportbot.web.room import ROLES, Console, SignedIn, TheConsole

router = APIRouter()

MOST_ROWS = 200
Text = Annotated[str, Query(max_length=200)]


@router.get("/", include_in_schema=False)
def about(request: Request, console: TheConsole) -> Response:
    """What the API can do, as a page: from its own description, with nothing from elsewhere."""
    said = request.app.openapi()
    return console.pages.render(request, "api.html", said=said, schemas=said["components"]["schemas"])


@router.get("/openapi.json", include_in_schema=False)
def description(request: Request) -> Response:
    """The description (OpenAPI 3.1)."""
    return JSONResponse(request.app.openapi())


@router.get("/me", tags=["looking"])
def me(person: SignedIn) -> shapes.Me:
    """Whom the token speaks for."""
    can = sorted(permission for permission in ROLES["admin"] if person.may(permission))
    return shapes.Me(name=person.name, role=person.role, seller_id=person.seller_id, permissions=can)


@router.get("/counts", tags=["looking"])
def counts(console: TheConsole, person: SignedIn) -> dict[str, int]:
    """How much waits in each list."""
    with console.store.snapshot() as tx:
        return dict(counts_of(tx, person))


@router.get("/queue", tags=["looking"])
def queue(
    console: TheConsole,
    person: SignedIn,
    tab: ListName = "needs",
    q: Text = "",
    kind: Text = "",
    marketplace: Text = "",
    seller: Text = "",
    language: Text = "",
    older_hours: Annotated[int, Query(ge=0, le=100_000)] = 0,
    flag: Flag = "",
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
) -> shapes.Lines:
    """A list of work, narrowed, a page at a time."""
    wanted = Filter(q, kind, marketplace, seller, language, older_hours, flag)
    numbered = tab in BY_NUMBER
    with console.store.snapshot() as tx:
        place = place_of(after, numbered=numbered)
        lines = tx.work_lines(tab, who_is(person), wanted, after=place, limit=limit + 1)
    more = place_after(lines[limit - 1], numbered=numbered) if len(lines) > limit else None
    return shapes.Lines(lines=[shapes.Line.model_validate(line) for line in lines[:limit]], next=more)


@router.get("/search", tags=["looking"])
def search(
    console: TheConsole,
    person: SignedIn,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
) -> shapes.Lines:
    """All mail with these words, or about the order or parcel of this number, the newest first."""
    return queue(console, person, tab="all", q=q, limit=limit)


@router.get("/cases/{case_id}", tags=["looking"])
def case(console: TheConsole, case_id: Id) -> shapes.Case:
    """One case."""
    with console.store.snapshot() as tx:
        row = tx.case(case_id)
        if row is None:
            raise HTTPException(404)
        return shapes.Case(
            **{name: getattr(row, name) for name in shapes.Case.model_fields if hasattr(row, name)},
            events=[shapes.Event.model_validate(event) for event in tx.case_events(case_id)],
            messages=[message.id for message in tx.messages(case_id=case_id, limit=LONGEST_TAB)],
            drafts=[draft.id for draft in tx.drafts(state=None, case_id=case_id, limit=LONGEST_TAB)],
            tickets=[ticket.id for ticket in tx.tickets(case_id=case_id, limit=LONGEST_TAB)],
        )


@router.get("/messages/{message_id}", tags=["looking"])
def message(console: TheConsole, message_id: Number) -> shapes.Message:
    """One mail that came in."""
    with console.store.snapshot() as tx:
        return _message(tx, message_id)


@router.post("/messages/{message_id}/handled", tags=["working"])
def handled(console: TheConsole, person: SignedIn, message_id: Number) -> shapes.Message:
    """Say that you have read a mail and seen to it."""
    with console.store.snapshot() as tx:
        _message(tx, message_id)
    console.desk.mark_handled(message_id, by=person.name)
    with console.store.snapshot() as tx:
        return _message(tx, message_id)


@router.get("/drafts/{draft_id}", tags=["looking"])
def draft(console: TheConsole, draft_id: Id) -> shapes.Draft:
    """One draft, with the hash that an approval names."""
    return _draft(console, draft_id)


@router.post("/drafts/{draft_id}/approve", tags=["working"])
def approve(console: TheConsole, person: SignedIn, draft_id: Id, said: shapes.Approve) -> shapes.Draft:
    """Approve what was shown; it is sent when the hold window is over."""
    _draft(console, draft_id)
    console.desk.approve(draft_id, reviewer=person.name, shown_sha256=said.sha256)
    return _draft(console, draft_id)


@router.post("/drafts/{draft_id}/edit", tags=["working"])
def edit(console: TheConsole, person: SignedIn, draft_id: Id, said: shapes.Edit) -> shapes.Draft:
    """Put your words in place of the draft's; they are checked anew."""
    _draft(console, draft_id)
    row = console.desk.edit(draft_id, subject=said.subject, body=said.body, reviewer=person.name, shown_sha256=said.sha256)
    return shapes.Draft.model_validate(row)


@router.post("/drafts/{draft_id}/reject", tags=["working"])
def reject(console: TheConsole, person: SignedIn, draft_id: Id, said: shapes.Reject) -> shapes.Draft:
    """Refuse a draft; nothing is sent."""
    _draft(console, draft_id)
    console.desk.reject(draft_id, reviewer=person.name, shown_sha256=said.sha256, reason=said.reason)
    return _draft(console, draft_id)


@router.post("/drafts/{draft_id}/undo", tags=["working"])
def undo(console: TheConsole, person: SignedIn, draft_id: Id) -> shapes.Draft:
    """Take an approval back while the mail is held."""
    _draft(console, draft_id)
    console.desk.undo_approval(draft_id, reviewer=person.name)
    return _draft(console, draft_id)


@router.post("/handling/{subject}/note", tags=["working"])
def note(console: TheConsole, person: SignedIn, subject: Subject, said: shapes.Note) -> shapes.Mark:
    """Leave a note for colleagues; it is never sent."""
    with console.store.transaction() as tx:
        tx.add_note(_stands(tx, subject), said.text, by=person.name)
        return shapes.Mark.model_validate(tx.mark_of(_stands(tx, subject)))


@router.post("/handling/{subject}/assign", tags=["working"])
def assign(console: TheConsole, person: SignedIn, subject: Subject, said: shapes.Assign) -> shapes.Mark:
    """Give a piece of work to a person, or to nobody."""
    with console.store.transaction() as tx:
        tx.assign(_stands(tx, subject), colleague(tx, said.to or ""), by=person.name)
        return shapes.Mark.model_validate(tx.mark_of(_stands(tx, subject)))


@router.post("/handling/{subject}/snooze", tags=["working"])
def snooze(console: TheConsole, person: SignedIn, subject: Subject, said: shapes.Snooze) -> shapes.Mark:
    """Let a piece of work rest until then, or wake it."""
    if said.until is not None and said.until.tzinfo is None:
        raise UsageError("a time needs its zone, such as 2026-03-01T08:00:00Z")
    with console.store.transaction() as tx:
        tx.snooze(_stands(tx, subject), said.until, by=person.name)
        return shapes.Mark.model_validate(tx.mark_of(_stands(tx, subject)))


@router.get("/tickets/{ticket_id}", tags=["looking"])
def ticket(console: TheConsole, ticket_id: Id) -> shapes.Ticket:
    """One ticket, with its credit memo."""
    return _ticket(console, ticket_id)


@router.post("/tickets/{ticket_id}/confirm", tags=["money"])
def confirm(console: TheConsole, person: SignedIn, ticket_id: Id, said: shapes.Reference) -> shapes.Ticket:
    """Say that billing has re-billed the buyer."""
    _memo(console, ticket_id)
    console.desk.confirm_rebill(ticket_id, by=person.name, reference=said.reference)
    return _ticket(console, ticket_id)


@router.post("/tickets/{ticket_id}/enter", tags=["money"])
def enter(console: TheConsole, person: SignedIn, ticket_id: Id, said: shapes.Amount) -> shapes.Ticket:
    """Enter the amount of a credit memo: the first person."""
    _memo(console, ticket_id)
    if Decimal(said.amount) == 0:
        raise UsageError("an amount of nothing is none")
    console.desk.enter_memo(ticket_id, amount=Decimal(said.amount), by=person.name)
    return _ticket(console, ticket_id)


@router.post("/tickets/{ticket_id}/issue", tags=["money"])
def issue(console: TheConsole, person: SignedIn, ticket_id: Id, said: shapes.Amount) -> shapes.Ticket:
    """Issue the amount that was shown: the second person."""
    memo = _memo(console, ticket_id)
    if memo.amount != Decimal(said.amount):
        raise UsageError("the amount is another one now, so nothing was issued; look again")
    if memo.entered_by == person.name:
        raise UsageError("you entered this amount, so a second person has to issue it")
    console.desk.issue_memo(ticket_id, by=person.name)
    return _ticket(console, ticket_id)


@router.get("/quarantine", tags=["looking"])
def quarantine(console: TheConsole) -> list[shapes.Held]:
    """Mail that could not be worked, the oldest first."""
    with console.store.snapshot() as tx:
        return [shapes.Held.model_validate(entry) for entry in tx.quarantined(limit=MOST_ROWS)]


@router.post("/quarantine/{entry_id}/retry", tags=["working"])
def retry(console: TheConsole, person: SignedIn, entry_id: Annotated[int, Path(ge=1, le=2**53)]) -> shapes.Held:
    """Work one of them again from the beginning."""
    with console.store.snapshot() as tx:
        if tx.quarantine_entry(entry_id) is None:
            raise HTTPException(404)
    console.desk.retry_quarantined(entry_id, by=person.name)
    with console.store.snapshot() as tx:
        return shapes.Held.model_validate(tx.quarantine_entry(entry_id))


def _message(tx: Transaction, message_id: int) -> shapes.Message:
    row = tx.message(message_id)
    if row is None:
        raise HTTPException(404)
    said = row.details
    return shapes.Message(
        **{name: getattr(row, name) for name in shapes.Message.model_fields if hasattr(row, name)},
        new_text=str(said.get("new_text") or ""),
        facts=dict(said.get("facts") or {}),
        evidence=list(said.get("evidence") or []),
        authentication=dict(said.get("authentication") or {}),
    )


def _draft(console: Console, draft_id: str) -> shapes.Draft:
    with console.store.snapshot() as tx:
        row = tx.draft(draft_id)
    if row is None:
        raise HTTPException(404)
    return shapes.Draft.model_validate(row)


def _ticket(console: Console, ticket_id: str) -> shapes.Ticket:
    with console.store.snapshot() as tx:
        row = tx.ticket(ticket_id)
        if row is None:
            raise HTTPException(404)
        memo = tx.memo(ticket_id=ticket_id) if row.type == "credit_memo" else None
    said = {name: getattr(row, name) for name in shapes.Ticket.model_fields if hasattr(row, name)}
    return shapes.Ticket(**said, memo=None if memo is None else shapes.Memo.model_validate(memo))


def _memo(console: Console, ticket_id: str) -> shapes.Memo:
    memo = _ticket(console, ticket_id).memo
    if memo is None:
        raise HTTPException(404)
    return memo


def _stands(tx: Transaction, subject: str) -> str:
    """The piece of work as the record names it. Raises 404 where there is none."""
    what, _, id_ = subject.partition("-")
    by_id = tx.case if what == "case" else tx.draft
    if (tx.message(int(id_)) if what == "message" else by_id(id_)) is None:
        raise HTTPException(404)
    return f"{what} {id_}"
