"""A draft beside the mail it answers: the evidence, the rule, the order, and approve, edit, reject, undo."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import StoreError, SupportbotError, UsageError
from supportbot.store import Transaction
from supportbot.store.rows import DraftRow, OutboxRow, StoredOrder
from supportbot.web.changes import Words, what_changed
from supportbot.web.mailview import view_message
from supportbot.web.orderview import view_order
from supportbot.web.queue import LONGEST_TAB, can_undo, counts_of, waiting_drafts
from supportbot.web.room import Console, Person, Posted, Posting, SignedIn, TheConsole, require

router = APIRouter()


@router.get("/drafts/{draft_id}")
def show(
    request: Request, console: TheConsole, person: SignedIn, draft_id: str, approved: str = "", undone: bool = False
) -> Response:
    """One draft with everything a reviewer needs to judge it."""
    return _page(
        request,
        console,
        person,
        draft_id,
        approved=approved,
        notice="The approval is taken back; nothing was sent." if undone else "",
    )


@router.post("/drafts/{draft_id}/approve")
def approve(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Approve what was shown, then go on to the next draft."""
    require(posted.person, "review")
    following = _following(console, draft_id)
    try:
        console.desk.approve(draft_id, reviewer=posted.person.name, shown_sha256=posted.text("shown_sha256"))
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error)
    return console.pages.redirect(
        request, f"/drafts/{following}?approved={draft_id}" if following else f"/?approved={draft_id}"
    )


@router.post("/drafts/{draft_id}/edit")
def edit(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Put the person's words in place of the draft's."""
    require(posted.person, "review")
    try:
        console.desk.edit(
            draft_id,
            subject=posted.text("subject").strip(),
            body=posted.text("body"),
            reviewer=posted.person.name,
            shown_sha256=posted.text("shown_sha256"),
        )
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error, open_form="edit")
    return console.pages.redirect(request, f"/drafts/{draft_id}")


@router.post("/drafts/{draft_id}/reject")
def reject(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Refuse the draft, with a reason, then go on to the next one."""
    require(posted.person, "review")
    following = _following(console, draft_id)
    reason = posted.text("reason").strip()
    try:
        if not reason:
            raise UsageError("a rejection needs a reason: the rule is improved by it")
        console.desk.reject(draft_id, reviewer=posted.person.name, shown_sha256=posted.text("shown_sha256"), reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error, open_form="reject")
    return console.pages.redirect(request, f"/drafts/{following}" if following else "/")


@router.post("/drafts/{draft_id}/undo")
def undo(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Take an approval back while the mail is still held."""
    require(posted.person, "review")
    try:
        console.desk.undo_approval(draft_id, reviewer=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error)
    return console.pages.redirect(request, f"/drafts/{draft_id}?undone=true")


@router.post("/drafts/{draft_id}/settle")
def settle(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Say what became of a mail that is parked because nobody knows whether it went out."""
    require(posted.person, "review")
    try:
        if posted.text("delivered") not in {"yes", "no"}:
            raise UsageError("say whether the mail went out")
        delivered = posted.text("delivered") == "yes"
        console.desk.settle_uncertain(posted.text("outbox"), delivered=delivered, by=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error)
    return console.pages.redirect(request, "/?tab=parked")


def orders_of_draft(tx: Transaction, order_id: str | None, case_id: str | None) -> Sequence[StoredOrder]:
    """The case's own order, else every order that carries the number."""
    case = tx.case(case_id) if case_id else None
    if case is not None:
        return [tx.order(case.order_key)]
    return tx.find_orders([order_id]) if order_id else []


def _refused(
    request: Request, console: Console, posted: Posting, draft_id: str, error: SupportbotError, *, open_form: str = ""
) -> Response:
    return _page(
        request,
        console,
        posted.person,
        draft_id,
        status=503 if isinstance(error, StoreError) else 409,
        problem=str(error),
        posted=posted,
        open_form=open_form,
    )


def _page(
    request: Request,
    console: Console,
    person: Person,
    draft_id: str,
    *,
    status: int = 200,
    problem: str = "",
    notice: str = "",
    approved: str = "",
    posted: Posting | None = None,
    open_form: str = "",
) -> Response:
    with console.store.snapshot() as tx:
        draft = tx.draft(draft_id)
        if draft is None:
            raise HTTPException(404)
        message = tx.message(draft.message_id) if draft.message_id is not None else None
        just_approved = tx.draft(approved) if approved else None
        now = console.clock.now()
        context: dict[str, Any] = {
            "draft": draft,
            "mail": view_message(message) if message else None,
            "orders": [view_order(stored.order) for stored in orders_of_draft(tx, draft.order_id, draft.case_id)],
            "case": tx.case(draft.case_id) if draft.case_id else None,
            "events": tx.case_events(draft.case_id) if draft.case_id else [],
            "timers": [timer for timer in tx.timers(draft.case_id) if timer.state == "set"] if draft.case_id else [],
            "neighbours": _neighbours(draft_id, _waiting(tx)),
            "undo_entry": can_undo(tx, draft, now),
            "parked": _outbox_entry(tx, draft, "uncertain"),
            "settled": _outbox_entry(tx, draft, "failed"),
            "just_approved": just_approved,
            "undo": can_undo(tx, just_approved, now),
            "counts": counts_of(tx, person),
        }
    return console.pages.render(
        request,
        "draft.html",
        status=status,
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        problem=problem,
        notice=notice,
        changed=_changed(draft, posted),
        typed=_typed(draft, posted, open_form),
        open_form=open_form,
        **context,
    )


def _outbox_entry(tx: Transaction, draft: DraftRow, state: str) -> OutboxRow | None:
    if draft.outbox_state != state:
        return None
    return next((entry for entry in tx.outbox(state=state, limit=LONGEST_TAB) if entry.draft_id == draft.id), None)


def _changed(draft: DraftRow, posted: Posting | None) -> Sequence[object]:
    """The difference between the draft that a refused form was made from and the draft as it is now."""
    if posted is None or posted.text("shown_sha256") in {"", draft.content_sha256}:
        return ()
    before = Words(posted.text("shown_to"), posted.text("shown_subject"), posted.text("shown_body"))
    return what_changed(before, Words(", ".join(draft.to), draft.subject, draft.body))


def _typed(draft: DraftRow, posted: Posting | None, open_form: str) -> dict[str, str]:
    """What the person had typed into the form that was refused, so that no work is lost."""
    if posted is None or open_form == "":
        return {"subject": draft.subject, "body": draft.body, "reason": ""}
    return {
        "subject": posted.text("subject") if open_form == "edit" else draft.subject,
        "body": posted.text("body") if open_form == "edit" else draft.body,
        "reason": posted.text("reason"),
    }


def _waiting(tx: Transaction) -> list[str]:
    return [draft.id for draft, _ in waiting_drafts(tx)]


def _following(console: Console, draft_id: str) -> str | None:
    """The draft to look at after this one: the next older place in the queue, else the first of the others."""
    with console.store.snapshot() as tx:
        ids = _waiting(tx)
    after = ids[ids.index(draft_id) + 1 :] if draft_id in ids else []
    return next(iter([*after, *(id_ for id_ in ids if id_ != draft_id)]), None)


def _neighbours(draft_id: str, ids: Sequence[str]) -> dict[str, Any]:
    place = ids.index(draft_id) if draft_id in ids else None
    if place is None:
        return {"place": None, "of": len(ids), "previous": None, "next": ids[0] if ids else None}
    return {
        "place": place + 1,
        "of": len(ids),
        "previous": ids[place - 1] if place > 0 else None,
        "next": ids[place + 1] if place + 1 < len(ids) else None,
    }
