"""The queue: what waits, in tabs, oldest first, narrowed and searched; a person's own views; the counts every page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request, Response

from supportbot.store import DraftRow, OutboxRow, Transaction, Who
from supportbot.store.worklist import BY_NUMBER, MOST_LOOKED_AT, ListName
from supportbot.web.filters import AGES, FLAGS, LANGUAGES, filter_in, filter_of, place_after, place_of, query_of
from supportbot.web.language import marked, translated
from supportbot.web.lines import Tone, row_of
from supportbot.web.room import Person, Posted, SignedIn, TheConsole
from supportbot.web.words import KINDS, MARKETPLACES

router = APIRouter()

ROWS = 50  # of a page
LONGEST_TAB = 200  # rows of a list that is shown on one page


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its key in the address, its name, what belongs there, and what an empty one says."""

    key: ListName
    name: str
    about: str
    empty: str
    tone: Tone


TABS: tuple[Tab, ...] = (
    Tab(
        "needs",
        marked("Needs me"),
        marked("What you can settle now, whoever waits longest first. Open one to read the mail and the answer beside it."),
        marked("Nothing waits for you. New mail shows up here by itself."),
        "act",
    ),
    Tab(
        "drafts",
        marked("Drafts"),
        marked("Answers the bot has written. None is sent before a person approves it."),
        marked("No draft waits for review."),
        "act",
    ),
    Tab(
        "money",
        marked("Money"),
        marked("Credit memos on their way. Each takes two people."),
        marked("No credit memo is open."),
        "act",
    ),
    Tab(
        "read",
        marked("To read"),
        marked("Mail that no rule may decide. Read it, see to it by hand, then take it off the list."),
        marked("No mail waits to be read by a person."),
        "act",
    ),
    Tab(
        "parked",
        marked("Parked"),
        marked("Mail that may or may not have gone out, or that was refused. It is never sent a second time by itself."),
        marked("No mail is parked: everything approved went out, or is on its way."),
        "warn",
    ),
    Tab(
        "quarantine",
        marked("Quarantine"),
        marked("Mail that could not be worked. The original is kept; nothing is lost."),
        marked("No mail is in quarantine."),
        "warn",
    ),
    Tab(
        "waiting",
        marked("Waiting"),
        marked("What waits for others: open cases whose next step is the buyer's, the seller's or billing's, and what rests."),
        marked("Nothing waits for anybody else."),
        "wait",
    ),
    Tab(
        "done",
        marked("Done"),
        marked("Mail that has been worked, the newest first."),
        marked("No mail has been worked yet."),
        "quiet",
    ),
    Tab(
        "all",
        marked("All mail"),
        marked("Every mail that came in, the newest first."),
        marked("No mail has come in yet."),
        "quiet",
    ),
)


Counts = Mapping[str, int]


def who_is(person: Person) -> Who:
    """The person, as the store asks for one."""
    return Who(person.name, review=person.may("review"), enter=person.may("enter"), issue=person.may("issue"))


def counts_of(tx: Transaction, person: Person) -> Counts:
    """How much waits in each tab."""
    return tx.work_counts(who_is(person))


@router.get("/")
def queue(request: Request, console: TheConsole, person: SignedIn, tab: str = "needs", approved: str = "") -> Response:
    """The queue, one tab of it, narrowed as the address says, a page at a time."""
    chosen = next((known for known in TABS if known.key == tab), None)
    if chosen is None:
        raise HTTPException(404)
    wanted, numbered = filter_of(request.query_params), chosen.key in BY_NUMBER
    after = place_of(request.query_params.get("after", ""), numbered=numbered)
    with console.store.snapshot() as tx:
        lines = tx.work_lines(chosen.key, who_is(person), wanted, after=after, limit=ROWS + 1)
        rows = [row_of(tx, line, person, query_of(wanted)) for line in lines[:ROWS]]
        counts = counts_of(tx, person)
        just_approved = tx.draft(approved) if approved else None
        undo = can_undo(tx, just_approved, console.clock.now())
        views, sellers = tx.views_of(person.name), tx.sellers_known()
        floor = tx.work_floor(chosen.key, wanted, after)
    more = place_after(lines[ROWS - 1], numbered=numbered) if len(lines) > ROWS else str(floor or "")
    return console.pages.render(
        request,
        "queue.html",
        person=person,
        csrf=console.sessions.csrf_token(person.session),
        counts=counts,
        tabs=TABS,
        chosen=chosen,
        rows=rows,
        wanted=wanted,
        query=query_of(wanted),
        more=more,
        looked_at=MOST_LOOKED_AT,
        further_back=len(lines) <= ROWS and floor > 0,
        further=after is not None,
        views=views,
        choices={
            "kind": _translated(KINDS),
            "marketplace": _translated(MARKETPLACES),
            "seller": dict(sellers),
            "language": _translated(LANGUAGES),
        },
        ages=AGES,
        flags=FLAGS,
        just_approved=just_approved,
        undo=undo,
    )


@router.post("/views")
def save_view(request: Request, console: TheConsole, posted: Posted) -> Response:
    """Keep the filter of a tab under a name, or forget one."""
    tab = next((known.key for known in TABS if known.key == posted.text("tab")), "needs")
    query = query_of(filter_in(posted.text("query")))
    address = f"/?tab={tab}&{query}" if query else f"/?tab={tab}"
    with console.store.transaction() as tx:
        if posted.text("drop"):
            tx.drop_view(posted.person.name, posted.text("drop"))
        else:
            tx.save_view(posted.person.name, posted.text("name"), address.removeprefix("/"))
    return console.pages.redirect(request, address)


def _translated(choices: Mapping[str, str]) -> dict[str, str]:
    return {key: translated(name) for key, name in choices.items()}


def can_undo(tx: Transaction, draft: DraftRow | None, now: datetime) -> OutboxRow | None:
    """The outbox row of an approved draft while its hold window is open."""
    if draft is None or draft.state != "approved":
        return None
    entry = tx.outbox_of(draft.id)
    return entry if entry is not None and entry.state == "approved" and entry.not_before > now else None
