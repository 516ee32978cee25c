"""Who may ask for which page, in one table; and which pages count as having looked at something, which is kept.

A route without a row is for the team only, and a test fails until it has one. The checks here stand before those of the views.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportbot.store import Seen
from supportbot.web.room import Console, MustEnrol, NotSignedIn, Person, person_of, require

Who = Literal["anybody", "enrolling", "sellers too", "team"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`who` may ask: anybody; who is signed in, even where a second factor is still missing; a seller's users, too; the team.
    `needs`: the permission it takes besides. `seen`: what is kept of a look: sort and subject, with the path's names.
    """

    who: Who
    needs: str = ""
    seen: tuple[Seen, str] | None = None


_TEAM = Rule("team")
_REVIEW = Rule("team", "review")
_ENTER = Rule("team", "enter")
_ISSUE = Rule("team", "issue")
_ADMIN = Rule("team", "admin")
_ANYBODY = Rule("anybody")
_SELLERS = Rule("sellers too")
_ENROLLING = Rule("enrolling")

ROUTES: Mapping[str, Rule] = {
    "GET /": Rule("sellers too"),
    "POST /views": _TEAM,
    "GET /counts": _SELLERS,
    "GET /events": _SELLERS,
    "GET /healthz": _ANYBODY,
    "GET /readyz": _ANYBODY,
    "GET /metrics": _ANYBODY,
    "GET /login": _ANYBODY,
    "POST /login": _ANYBODY,
    "POST /login/demo": _ANYBODY,
    "GET /login/second": _ANYBODY,
    "POST /login/second": _ANYBODY,
    "GET /login/openid": _ANYBODY,
    "GET /login/openid/back": _ANYBODY,
    "GET /first/{token}": _ANYBODY,
    "POST /first/{token}": _ANYBODY,
    "POST /language": _ANYBODY,
    "POST /logout": _ENROLLING,
    "GET /account": _ENROLLING,
    "POST /account/second-factor": _ENROLLING,
    "POST /account/second-factor/confirm": _ENROLLING,
    "POST /account/second-factor/remove": _SELLERS,
    "POST /account/recovery-codes": _SELLERS,
    "POST /account/sessions/end": _ENROLLING,
    "POST /account/sessions/end-all": _ENROLLING,
    "POST /account/tokens": _SELLERS,
    "POST /account/tokens/revoke": _SELLERS,
    "GET /access": Rule("team", "admin", ("list", "record of views")),
    "POST /access/tokens/revoke": _ADMIN,
    "GET /drafts/{draft_id}": Rule("team", seen=("view", "draft {draft_id}")),
    "GET /drafts/{draft_id}/alike": Rule("team", seen=("view", "drafts like {draft_id}")),
    "POST /drafts/{draft_id}/alike": _REVIEW,
    "POST /drafts/{draft_id}/approve": _REVIEW,
    "POST /drafts/{draft_id}/edit": _REVIEW,
    "POST /drafts/{draft_id}/check": _REVIEW,
    "POST /drafts/{draft_id}/forget-edit": _TEAM,
    "POST /drafts/{draft_id}/reject": _REVIEW,
    "POST /drafts/{draft_id}/undo": _REVIEW,
    "POST /drafts/{draft_id}/retry": _REVIEW,
    "POST /drafts/{draft_id}/settle": _REVIEW,
    "POST /handling/note": _REVIEW,
    "POST /handling/assign": _REVIEW,
    "POST /handling/snooze": _REVIEW,
    "GET /cases": _SELLERS,
    "GET /cases/{case_id}": Rule("sellers too", seen=("view", "case {case_id}")),
    "POST /cases/{case_id}/confirm-proof": _ENTER,
    "POST /cases/{case_id}/judge-chain": _ENTER,
    "POST /cases/{case_id}/confirm-chain": _ENTER,
    "POST /cases/{case_id}/close": _REVIEW,
    "POST /cases/{case_id}/resolve": _REVIEW,
    "GET /messages/{message_id}": Rule("sellers too", seen=("view", "message {message_id}")),
    "GET /messages/{message_id}/original": Rule("team", "review", ("file", "message {message_id}")),
    "POST /messages/{message_id}/handled": _REVIEW,
    "GET /messages/{message_id}/correct": Rule("team", "review", ("view", "message {message_id}")),
    "POST /messages/{message_id}/correct": _REVIEW,
    "POST /corrections/{correction_id}/undo": _REVIEW,
    "POST /messages/{message_id}/anew": _REVIEW,
    "GET /messages/{message_id}/ask": _REVIEW,
    "POST /messages/{message_id}/ask": _REVIEW,
    "GET /threads/{thread_id}": Rule("team", seen=("view", "thread {thread_id}")),
    "POST /threads/{thread_id}/split": _REVIEW,
    "POST /threads/{thread_id}/merge": _REVIEW,
    "POST /messages/{message_id}/thread": _REVIEW,
    "POST /moves/{move_id}/undo": _REVIEW,
    "GET /tickets": _SELLERS,
    "GET /tickets/{ticket_id}": Rule("sellers too", seen=("view", "ticket {ticket_id}")),
    "POST /tickets/{ticket_id}/confirm": _ENTER,
    "POST /tickets/{ticket_id}/fail": _ENTER,
    "POST /tickets/{ticket_id}/clear": _ENTER,
    "POST /tickets/{ticket_id}/close": _REVIEW,
    "POST /tickets/{ticket_id}/enter": _ENTER,
    "POST /tickets/{ticket_id}/issue": _ISSUE,
    "GET /quarantine": _TEAM,
    "POST /quarantine/{entry_id}/retry": _REVIEW,
    "POST /quarantine/{entry_id}/release": _REVIEW,
    "GET /rules": _TEAM,
    "GET /rules/{policy_id}": _TEAM,
    "GET /templates": _TEAM,
    "GET /templates/{name}": _TEAM,
    "GET /try": _TEAM,
    "POST /try": _REVIEW,
    "GET /replay": _TEAM,
    "POST /replay": _REVIEW,
    "GET /overview": _TEAM,
    "GET /overview/{table}.csv": Rule("team", seen=("export", "table {table}")),
}

API_ROUTES: Mapping[str, Rule] = {
    "GET /": _ANYBODY,
    "GET /openapi.json": _ANYBODY,
    "GET /me": _SELLERS,
    "GET /counts": _SELLERS,
    "GET /queue": _SELLERS,
    "GET /search": _SELLERS,
    "GET /cases/{case_id}": Rule("sellers too", seen=("view", "case {case_id}")),
    "GET /messages/{message_id}": Rule("sellers too", seen=("view", "message {message_id}")),
    "POST /messages/{message_id}/handled": _REVIEW,
    "GET /drafts/{draft_id}": Rule("team", seen=("view", "draft {draft_id}")),
    "POST /drafts/{draft_id}/approve": _REVIEW,
    "POST /drafts/{draft_id}/edit": _REVIEW,
    "POST /drafts/{draft_id}/reject": _REVIEW,
    "POST /drafts/{draft_id}/undo": _REVIEW,
    "POST /handling/{subject}/note": _REVIEW,
    "POST /handling/{subject}/assign": _REVIEW,
    "POST /handling/{subject}/snooze": _REVIEW,
    "GET /tickets/{ticket_id}": Rule("sellers too", seen=("view", "ticket {ticket_id}")),
    "POST /tickets/{ticket_id}/confirm": _ENTER,
    "POST /tickets/{ticket_id}/enter": _ENTER,
    "POST /tickets/{ticket_id}/issue": _ISSUE,
    "GET /quarantine": _TEAM,
    "POST /quarantine/{entry_id}/retry": _REVIEW,
}


def guard(request: Request) -> None:
    """Let through who may ask for this route. What a seller's user may not know of is not there (404, not 403)."""
    rule = rule_of(request.scope)
    if rule.who == "anybody":
        return
    person = person_of(request)
    if person is None:
        raise NotSignedIn
    if person.must_enrol and rule.who != "enrolling":
        raise MustEnrol
    if person.seller_id is not None and rule.who == "team":
        raise HTTPException(404)
    if rule.needs:
        require(person, rule.needs)


def rule_of(scope: Scope) -> Rule:
    """The rule of the route that was matched; the team's alone where it has none."""
    table: Mapping[str, Rule] = scope["app"].state.routes
    route = scope.get("route")
    return table.get(f"{scope['method']} {getattr(route, 'path', '')}", _TEAM)


class RecordViews:
    """Keeps who was shown what, before the first octet of the answer leaves; an answer that cannot be kept is not given."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; where its answer shows something, keep that first."""

        async def send_when_kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                rule = rule_of(scope)
                person: Person | None = scope.get("state", {}).get("person")
                if rule.seen is not None and person is not None:
                    await run_in_threadpool(_keep, scope["app"].state.console, person, rule.seen, scope["path_params"])
            await send(message)

        await self._app(scope, receive, send_when_kept if scope["type"] == "http" else send)


def _keep(console: Console, person: Person, seen: tuple[Seen, str], named: Mapping[str, object]) -> None:
    what, subject = seen
    with console.store.transaction() as tx:
        tx.saw(person.name, what, subject.format(**named))
