"""A draft beside the mail it answers: the evidence, the rule, the order, and approve, edit, reject, undo."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from supportbot.errors import SupportbotError, UsageError
from supportbot.store import Filter, Transaction
from supportbot.store.rows import DraftRow, OutboxRow, StoredOrder
from supportbot.web.changes import Words, what_changed
from supportbot.web.evidence import visible
from supportbot.web.filters import filter_in, filter_of, query_of
from supportbot.web.handling import handling_of, subject_of
from supportbot.web.language import say
from supportbot.web.mailview import view_message
from supportbot.web.orderview import view_order
from supportbot.web.queue import can_undo, who_is
from supportbot.web.room import Console, Person, Posted, Posting, SignedIn, TheConsole, require, status_of

router = APIRouter()

MOST_AT_ONCE = 50  # drafts that are approved with one form


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
        notice=say("The approval is taken back; nothing was sent.") if undone else "",
    )


@router.post("/drafts/{draft_id}/approve")
def approve(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Approve what was shown, then go on to the next draft."""
    require(posted.person, "review")
    following = _following(console, posted, draft_id)
    try:
        console.desk.approve(draft_id, reviewer=posted.person.name, shown_sha256=posted.text("shown_sha256"))
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error)
    return console.pages.redirect(request, _next_page(posted, following, draft_id))


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
    with console.store.transaction() as tx:
        tx.drop_edits(draft_id, posted.person.name)
    query = query_of(filter_in(posted.text("view")))
    return console.pages.redirect(request, f"/drafts/{draft_id}?{query}" if query else f"/drafts/{draft_id}")


@router.post("/drafts/{draft_id}/check")
def check(console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """What the linter finds in the words typed so far, and what they change, as JSON; they are kept until they are saved."""
    require(posted.person, "review")
    subject, body = posted.text("subject").strip(), posted.text("body")
    with console.store.transaction() as tx:
        draft = tx.draft(draft_id)
        if draft is None:
            raise HTTPException(404)
        if draft.state == "draft" and draft.content_sha256 == posted.text("shown_sha256"):
            tx.keep_edit(draft_id, posted.person.name, subject=subject, body=body, shown_sha256=draft.content_sha256)
    to = ", ".join(draft.to)
    changes = what_changed(Words(to, draft.subject, draft.body), Words(to, subject, body))
    return JSONResponse(
        {
            "findings": list(console.desk.check(draft_id, subject=subject, body=body)),
            "changes": [{"side": line.side, "text": visible(line.text)} for line in changes],
        }
    )


@router.post("/drafts/{draft_id}/forget-edit")
def forget_edit(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Throw away what was typed and not saved."""
    with console.store.transaction() as tx:
        tx.drop_edits(draft_id, posted.person.name)
    return console.pages.redirect(request, f"/drafts/{draft_id}")


@router.post("/drafts/{draft_id}/reject")
def reject(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Refuse the draft, with a reason, then go on to the next one."""
    require(posted.person, "review")
    following = _following(console, posted, draft_id)
    reason = posted.text("reason").strip()
    try:
        if not reason:
            raise UsageError("a rejection needs a reason: the rule is improved by it")
        console.desk.reject(draft_id, reviewer=posted.person.name, shown_sha256=posted.text("shown_sha256"), reason=reason)
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error, open_form="reject")
    return console.pages.redirect(request, _next_page(posted, following))


@router.post("/drafts/{draft_id}/undo")
def undo(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Take an approval back while the mail is still held."""
    require(posted.person, "review")
    try:
        console.desk.undo_approval(draft_id, reviewer=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error)
    return console.pages.redirect(request, f"/drafts/{draft_id}?undone=true")


@router.post("/drafts/{draft_id}/retry")
def retry(request: Request, console: TheConsole, posted: Posted, draft_id: str) -> Response:
    """Lay the words of a mail that failed before the reviewers again, and look at them."""
    require(posted.person, "review")
    try:
        again = console.desk.retry_failed(draft_id, by=posted.person.name)
    except SupportbotError as error:
        return _refused(request, console, posted, draft_id, error)
    return console.pages.redirect(request, f"/drafts/{again.id}")


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
        status=status_of(error),
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
    counts = request.app.state.pulse.counts(console, person)  # two seconds old at most: the page follows them anyway
    wanted = filter_of(request.query_params) if posted is None else filter_in(posted.text("view"))
    with console.store.snapshot() as tx:
        draft = tx.draft(draft_id)
        if draft is None:
            raise HTTPException(404)
        unsaved = tx.unsaved_edit(draft_id, person.name, draft.content_sha256) if draft.state == "draft" else None
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
            "neighbours": _neighbours(tx, person, draft_id, wanted),
            "query": query_of(wanted),
            "alike": len(tx.like_drafts(draft_id, MOST_AT_ONCE)) if draft.state == "draft" else 0,
            "handling": handling_of(tx, subject_of(draft), request.app.state.presence, person),
            "undo_entry": can_undo(tx, draft, now),
            "parked": _outbox_entry(tx, draft, "uncertain"),
            "settled": _outbox_entry(tx, draft, "failed"),
            "retried_as": tx.retried_as(draft.id) if draft.outbox_state == "failed" else None,
            "just_approved": just_approved,
            "undo": can_undo(tx, just_approved, now),
            "counts": counts,
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
        typed=_typed(draft, posted, open_form, unsaved),
        unsaved=unsaved is not None,
        open_form=open_form,
        **context,
    )


def _outbox_entry(tx: Transaction, draft: DraftRow, state: str) -> OutboxRow | None:
    if draft.outbox_state != state:
        return None
    return tx.outbox_of(draft.id)


def _changed(draft: DraftRow, posted: Posting | None) -> Sequence[object]:
    """The difference between the draft that a refused form was made from and the draft as it is now."""
    if posted is None or posted.text("shown_sha256") in {"", draft.content_sha256}:
        return ()
    before = Words(posted.text("shown_to"), posted.text("shown_subject"), posted.text("shown_body"))
    return what_changed(before, Words(", ".join(draft.to), draft.subject, draft.body))


def _typed(draft: DraftRow, posted: Posting | None, open_form: str, unsaved: tuple[str, str] | None) -> dict[str, str]:
    """What the person had typed into the form that was refused, so that no work is lost."""
    if posted is None or open_form == "":
        subject, body = unsaved or (draft.subject, draft.body)
        return {"subject": subject, "body": body, "reason": ""}
    return {
        "subject": posted.text("subject") if open_form == "edit" else draft.subject,
        "body": posted.text("body") if open_form == "edit" else draft.body,
        "reason": posted.text("reason"),
    }


def _next_page(posted: Posting, following: str | None, approved: str = "") -> str:
    said = f"approved={approved}" if approved else ""
    query = "&".join(part for part in (query_of(filter_in(posted.text("view"))), said) if part)
    page = f"/drafts/{following}" if following else "/"
    return f"{page}?{query}" if query else page


def _following(console: Console, posted: Posting, draft_id: str) -> str | None:
    """Where to look after this draft: the next in the queue as it is narrowed, else the first of the others."""
    wanted = filter_in(posted.text("view"))
    with console.store.snapshot() as tx:
        _, _, before, following = tx.draft_place(draft_id, who_is(posted.person), wanted)
        if following is None and before is not None:
            first = tx.work_lines("drafts", who_is(posted.person), wanted, after=None, limit=1)
            following = first[0].id
    return following


def _neighbours(tx: Transaction, person: Person, draft_id: str, wanted: Filter) -> dict[str, Any]:
    place, of, previous, following = tx.draft_place(draft_id, who_is(person), wanted)
    return {"place": place, "of": of, "previous": previous, "next": following}
