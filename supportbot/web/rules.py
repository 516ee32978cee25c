"""The rules and templates as they count now, a mail tried against them, and past mail decided again. All of it only looks."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.errors import SupportbotError, UsageError
from supportbot.tryout import MOST_REPLAYED, source_of
from supportbot.web.mailview import view_message
from supportbot.web.queue import counts_of
from supportbot.web.room import Console, Person, Posted, SignedIn, TheConsole, require
from supportbot.web.uploads import Uploaded
from supportbot.web.workshop import TheWorkshop

router = APIRouter()

REPLAYS = (50, 100, MOST_REPLAYED)


@router.get("/rules")
def rules(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn) -> Response:
    """Every policy, which rule set counts, and what may go out alone."""
    look = workshop.tryout
    shown = {policy.id: look.shown_rules(policy.id) or () for policy in look.policies()}
    return _render(request, console, person, "rules.html", policies=look.policies(), shown=shown, state=look.rule_state())


@router.get("/rules/{policy_id}")
def policy(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn, policy_id: str) -> Response:
    """One policy: every rule with its condition, what follows, its quote and its coverage."""
    shown = workshop.tryout.shown_rules(policy_id)
    if shown is None:
        raise HTTPException(404)
    head = next(one for one in workshop.tryout.policies() if one.id == policy_id)
    return _render(request, console, person, "policy.html", policy=head, shown=shown, policies=workshop.tryout.policies())


@router.get("/templates")
def templates(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn) -> Response:
    """Every mail template, and its languages."""
    look = workshop.tryout
    return _render(request, console, person, "templates.html", templates=look.templates(), languages=look.languages())


@router.get("/templates/{name}")
def template(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn, name: str) -> Response:
    """A template, filled with its sample, in each language."""
    previews = workshop.tryout.previews(name)
    if previews is None:
        raise HTTPException(404)
    needs = next(one for one in workshop.tryout.templates() if one.name == name)
    return _render(request, console, person, "template.html", template=needs, previews=previews)


@router.get("/try")
def try_form(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn) -> Response:
    """Paste or choose a mail."""
    return _try_page(request, console, person)


@router.post("/try")
def try_mail(request: Request, console: TheConsole, uploaded: Uploaded, workshop: TheWorkshop) -> Response:
    """The whole decision about a mail; nothing is kept."""
    posted = uploaded.posting
    require(posted.person, "review")
    typed = {name: posted.text(name) for name in ("text", "sender", "subject")}
    try:
        if not uploaded.file and not typed["text"].strip():
            raise UsageError("paste a mail, or choose a file")
        raw = uploaded.file or source_of(typed["text"], typed["sender"], typed["subject"])
        trial = workshop.tryout.try_mail(raw)
    except SupportbotError as error:
        return _try_page(request, console, posted.person, status=409, problem=str(error), typed=typed)
    return _try_page(request, console, posted.person, typed=typed, trial=trial, mail=view_message(trial.row))


@router.get("/replay")
def replay_form(request: Request, console: TheConsole, workshop: TheWorkshop, person: SignedIn) -> Response:
    """Ask how much past mail is decided again."""
    state = workshop.tryout.rule_state()
    return _render(request, console, person, "replay.html", sizes=REPLAYS, found=None, state=state)


@router.post("/replay")
def replay(request: Request, console: TheConsole, posted: Posted, workshop: TheWorkshop) -> Response:
    """Past mail decided again, with every decision that comes out differently."""
    require(posted.person, "review")
    state = workshop.tryout.rule_state()
    asked = posted.text("newest")
    newest = next((size for size in REPLAYS if str(size) == asked), REPLAYS[0])
    try:
        found = workshop.tryout.replay(newest)
    except SupportbotError as error:
        return _render(
            request,
            console,
            posted.person,
            "replay.html",
            status=409,
            problem=str(error),
            sizes=REPLAYS,
            found=None,
            state=state,
        )
    return _render(request, console, posted.person, "replay.html", sizes=REPLAYS, found=found, state=state)


def _try_page(
    request: Request,
    console: Console,
    person: Person,
    *,
    status: int = 200,
    problem: str = "",
    typed: dict[str, str] | None = None,
    trial: Any = None,
    mail: Any = None,
) -> Response:
    return _render(
        request,
        console,
        person,
        "try.html",
        status=status,
        problem=problem,
        typed=typed or {"text": "", "sender": "", "subject": ""},
        trial=trial,
        mail=mail,
    )


def _render(request: Request, console: Console, person: Person, page: str, *, status: int = 200, **context: Any) -> Response:
    with console.store.snapshot() as tx:
        counts = counts_of(tx, person)
    csrf = console.sessions.csrf_token(person.session)
    return console.pages.render(request, page, status=status, person=person, csrf=csrf, counts=counts, **context)
