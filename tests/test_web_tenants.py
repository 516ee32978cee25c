"""Every route, by the application's own table: has a rule, and shows a seller's user nothing of another seller."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from supportbot.casework.order import Seller
from supportbot.web.routes import API_ROUTES, ROUTES
from tests.test_web_api import program, token_for
from tests.test_web_console import tags_of
from tests.web_world import World, an_order, open_world

TOLD = "Zebrafinch"  # a word of the other seller's mail, which no answer may hold


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def routes_of(app: FastAPI) -> set[str]:
    """Every route of an application, as the table of rules names it; without what is mounted."""
    found: set[str] = set()
    stack = list(app.routes)
    while stack:
        route = stack.pop()
        stack += getattr(getattr(route, "original_router", None), "routes", [])
        if isinstance(route, APIRoute):
            found |= {f"{method} {route.path}" for method in route.methods or ()}
    return found


def api_of(world: World) -> FastAPI:
    mounted = next(route for route in world.app.routes if isinstance(route, Mount) and route.path == "/api")
    assert isinstance(mounted.app, FastAPI)
    return mounted.app


@dataclass(frozen=True)
class Stands:
    """What stands in the store of one seller: a case with a mail, a draft, a credit memo; and mail that could not be worked."""

    ids: dict[str, str]

    def fill(self, path: str) -> str:
        return path.format(**self.ids)


def a_case(world: World, seller: str, order_id: str, word: str) -> Stands:
    order = replace(an_order(order_id), seller=Seller(seller, f"{word} House", (f"ops@{seller}.example",)))
    with world.store.transaction() as tx:
        tx.import_orders([order])
        key = tx.find_orders([order_id])[0].key
        thread = tx.open_thread(f"{word} lamp")
        case = tx.open_case(
            order_key=key, type="rebill", state="NOTICE_DUE", thread_id=thread, actor="supportbot", message_id=None, reason=word
        )
    message = world.mail(
        f"{word} lamp", new_text=f"{word} speaks", case_id=case.id, order_id=order_id, action="review", evidence=[]
    )
    draft = world.draft(message, f"Re: {word}", body=f"{word} answer\n", case_id=case.id, order_id=order_id)
    with world.store.transaction() as tx:
        ticket = tx.open_ticket(
            type="follow_up",
            status="open",
            case_id=case.id,
            order_id=order_id,
            title=f"{word} ticket",
            fields={},
            business_key=word,
        )
    assert ticket is not None
    ids = {
        "case_id": case.id,
        "message_id": str(message),
        "draft_id": draft,
        "ticket_id": ticket,
        "entry_id": "1",
        "correction_id": "1",
        "move_id": "1",
        "thread_id": thread,
        "policy_id": "member_club",
        "name": "m_rebill_notice",
        "table": "reviewed",
        "token": "x",
        "subject": f"message-{message}",
    }
    return Stands(ids)


def test_every_route_has_a_rule_and_every_rule_a_route(world: World) -> None:
    assert routes_of(world.app) == set(ROUTES)
    assert routes_of(api_of(world)) == set(API_ROUTES)


def test_no_route_shows_a_sellers_user_what_is_another_sellers(world: World) -> None:
    own, other = a_case(world, "s-1", "PO-1", "Robin"), a_case(world, "s-2", "PO-2", TOLD)
    token = token_for(world, "sam")
    leaked: list[str] = []
    open_to_own: set[str] = set()
    answers: dict[str, int] = {}
    with world.signed_in("sam") as sam, program(world, token) as machine:
        csrf = tags_of(sam.get("/account").text).fields["csrf"]
        for table, client, prefix in ((ROUTES, sam, ""), (API_ROUTES, machine, "/api")):
            for name, rule in table.items():
                method, _, path = name.partition(" ")
                if path in ("/logout", "/events") or path.startswith(("/login", "/account")) or rule.who == "anybody":
                    continue
                for stands in (other, own):
                    at = f"{world.url}{prefix}{stands.fill(path)}"
                    form = {"data": {"csrf": csrf}} if not prefix else {"json": {}}
                    answer = client.request(method, at, **({} if method == "GET" else form))  # type: ignore[arg-type]
                    if TOLD in answer.text or other.ids["case_id"] in answer.text.replace(at, ""):
                        leaked.append(f"{prefix}{name}")
                    if stands is other and "{" in path:
                        answers[f"{prefix} {name}"] = answer.status_code
                    elif stands is own and answer.status_code == 200:
                        open_to_own.add(f"{prefix}{name}")
        for query in ("/?tab=all", "/?tab=read", "/?tab=waiting&seller=s-2", "/tickets?show=all", "/cases"):
            leaked += [query] * (TOLD in sam.get(query).text)
        searched = sam.get("/", params={"tab": "all", "q": f"{TOLD} lamp"}).text
        leaked += ["search"] * (other.ids["message_id"] in re.findall(r"/messages/([0-9]+)", searched))
        for query in ("/queue?tab=all", f"/search?q={TOLD}", "/queue?tab=waiting&seller=s-2"):
            leaked += [query] * (TOLD in machine.get(f"{world.url}/api{query}").text)
        counts = machine.get(f"{world.url}/api/counts").json()
    assert leaked == []
    assert {name: code for name, code in answers.items() if code not in (404, 422)} == {}
    assert {
        "GET /cases/{case_id}",
        "GET /messages/{message_id}",
        "GET /tickets/{ticket_id}",
        "/apiGET /cases/{case_id}",
    } <= open_to_own
    assert not any(" POST " in f" {name}" for name in open_to_own)
    assert counts["waiting"] == 1


def test_a_sellers_user_sees_no_token_and_no_colleague(world: World) -> None:
    own = a_case(world, "s-1", "PO-1", "Robin")
    secret = "f00dfeed" * 4
    world.draft(None, "Notice", case_id=own.ids["case_id"], order_id="PO-1", token=secret, body=f"Answer {secret}\n")
    with world.store.transaction() as tx:
        tx.add_note(f"case {own.ids['case_id']}", "we think he cheats", by="alice")
        tx.assign(f"case {own.ids['case_id']}", "bob", by="alice")
    with world.signed_in("alice") as alice, world.signed_in("sam") as sam:
        alice.get(f"/cases/{own.ids['case_id']}")
        page = sam.get(f"/cases/{own.ids['case_id']}").text
    assert "Robin" in page
    assert [word for word in (secret, "he cheats", "bob", "is here") if word in page] == []


def test_a_sellers_mail_tells_nothing_of_the_other_threads_and_orders_it_could_have_meant(world: World) -> None:
    own = a_case(world, "s-1", "PO-1", "Robin")
    candidate = {
        "thread": "t1",
        "title": f"{TOLD} lamp",
        "case": "c2",
        "orders": [f"PO-{TOLD}"],
        "refusal": "weaker",
        "why": "",
    }
    message = world.mail(
        "Robin asks",
        case_id=own.ids["case_id"],
        link={"outcome": "joined", "certainty": "certain", "doubtful": False, "why": f"Not {TOLD}.", "candidates": [candidate]},
        facts={"order_ids": ["PO-1"], "near_misses": [f"PO-{TOLD}"]},
    )
    with world.signed_in("alice") as alice, world.signed_in("sam") as sam, program(world, token_for(world, "sam")) as machine:
        seen = [client.get(f"/messages/{message}").text for client in (alice, sam, machine)]
    assert [TOLD in text for text in seen] == [True, False, False]


@pytest.mark.parametrize("name", ["", "vera", "rita", "alice", "ada"])
def test_each_role_gets_what_its_rule_says(world: World, name: str) -> None:
    """Stranger, viewer, reviewer, approver, administrator, at every page and form: the status that its rule leads to."""
    with world.store.transaction() as tx:
        tx.add_user("rita", "reviewer", by="root")
        tx.add_user("ada", "admin", by="root")
    stands = a_case(world, "s-1", "PO-1", "Robin")
    may = {"": None, "vera": set(), "rita": {"review", "enter"}, "alice": {"review", "enter", "issue"}}
    allowed = may.get(name, {"review", "enter", "issue", "admin"})
    wrong: dict[str, int] = {}
    with world.signed_in(name) if name else world.browser() as client:
        for route, rule in ROUTES.items():
            method, _, path = route.partition(" ")
            if path in ("/events", "/logout") or rule.who == "anybody":
                continue
            answer = client.request(method, stands.fill(path), follow_redirects=False)
            refused = answer.status_code in (401, 403) or answer.headers.get("location", "").startswith("/login")
            if name == "":
                right = refused
            elif rule.needs and rule.needs not in (allowed or set()):
                right = answer.status_code == 403
            else:  # a form without its token is refused as well, so only looking can show that one gets in
                right = answer.status_code in (200, 303, 404) if method == "GET" else answer.status_code in (403, 415)
            if not right:
                wrong[route] = answer.status_code
    assert wrong == {}


def test_what_a_program_opens_is_kept_too(world: World) -> None:
    own = a_case(world, "s-1", "PO-1", "Robin")
    with program(world, token_for(world, "sam")) as machine:
        machine.get(f"/cases/{own.ids['case_id']}")
    with world.store.snapshot() as tx:
        assert [(row.name, row.subject) for row in tx.views()] == [("sam", f"case {own.ids['case_id']}")]
