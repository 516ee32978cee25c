"""The API: a reviewer's actions as JSON, by tokens with scopes; and its description, which says all that it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Mount

from supportbot.web import Doors
from tests.test_web_console import open_memo, tags_of
from tests.web_world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def token_for(world: World, name: str = "alice", *scopes: str, days: int = 30) -> str:
    with world.store.transaction() as tx:
        _row, secret = tx.add_token(name, "test", scopes or ("read", "review", "money"), days, by=name)
    return secret


@contextmanager
def program(world: World, token: str) -> Iterator[httpx.Client]:
    """A program with a token."""
    with httpx.Client(base_url=f"{world.url}/api", headers={"authorization": f"Bearer {token}"}) as client:
        yield client


def test_a_draft_is_read_edited_and_approved_with_the_hash_that_was_shown(world: World) -> None:
    draft_id = world.draft(world.mail("Cancel"))
    with program(world, token_for(world)) as client:
        first = client.get(f"/drafts/{draft_id}").json()
        edited = client.post(
            f"/drafts/{draft_id}/edit", json={"sha256": first["content_sha256"], "subject": "Re: it", "body": "Hello.\n"}
        ).json()
        stale = client.post(f"/drafts/{draft_id}/approve", json={"sha256": first["content_sha256"]})
        approved = client.post(f"/drafts/{draft_id}/approve", json={"sha256": edited["content_sha256"]})
        twice = client.post(f"/drafts/{draft_id}/approve", json={"sha256": edited["content_sha256"]})
    assert (edited["version"], edited["body"]) == (2, "Hello.\n")
    assert (stale.status_code, stale.headers["content-type"]) == (409, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= stale.json().keys()
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert twice.status_code == 409
    assert [asked for asked in world.desk.asked if asked[0] == "approve"] == [("approve", draft_id, "alice")]


def test_the_queue_is_paged_searched_and_worked(world: World) -> None:
    mails = [world.mail(f"Lamp {number}", action="review") for number in range(3)]
    draft_id = world.draft(world.mail("Cancel"))
    with program(world, token_for(world)) as client:
        page = client.get("/queue", params={"tab": "read", "limit": 2}).json()
        rest = client.get("/queue", params={"tab": "read", "limit": 2, "after": page["next"]}).json()
        found = client.get("/search", params={"q": "Lamp 1"}).json()
        handled = client.post(f"/messages/{mails[0]}/handled").json()
        noted = client.post(f"/handling/message-{mails[1]}/note", json={"text": "look"})
        given = client.post(f"/handling/message-{mails[1]}/assign", json={"to": "bob"}).json()
        refused = client.post(f"/handling/message-{mails[1]}/assign", json={"to": "vera"})
        rests = client.post(f"/handling/message-{mails[1]}/snooze", json={"until": "2099-01-01T08:00:00Z"}).json()
        rejected = client.post(
            f"/drafts/{draft_id}/reject", json={"sha256": world.read_draft(draft_id).content_sha256, "reason": "wrong order"}
        ).json()
        counts = client.get("/counts").json()
    assert [line["message_id"] for line in page["lines"] + rest["lines"]] == mails
    assert rest["next"] is None
    assert [line["subject"] for line in found["lines"]] == ["Lamp 1"]
    assert (handled["handled_by"], noted.status_code, given["assigned_to"]) == ("alice", 200, "bob")
    assert refused.status_code == 409
    assert rests["snoozed_until"].startswith("2099-01-01")
    assert (rejected["state"], counts["drafts"], counts["read"]) == ("rejected", 0, 1)


def test_money_takes_two_people_also_here(world: World) -> None:
    ticket = open_memo(world)
    with program(world, token_for(world)) as alice, program(world, token_for(world, "bob")) as bob:
        billed = alice.post(f"/tickets/{ticket}/confirm", json={"reference": "B-1"})
        entered = alice.post(f"/tickets/{ticket}/enter", json={"amount": "129.00"})
        alone = alice.post(f"/tickets/{ticket}/issue", json={"amount": "129.00"})
        other = bob.post(f"/tickets/{ticket}/issue", json={"amount": "12.00"})
        issued = bob.post(f"/tickets/{ticket}/issue", json={"amount": "129.00"})
    assert (billed.status_code, entered.json()["memo"]["entered_by"]) == (200, "alice"), entered.text
    assert (alone.status_code, other.status_code) == (409, 409)
    assert (issued.json()["memo"]["status"], issued.json()["memo"]["approved_by"]) == ("issued", "bob")


def test_a_token_does_what_its_scopes_and_its_owners_role_allow(world: World) -> None:
    draft_id = world.draft(world.mail("Cancel"))
    sha256 = world.read_draft(draft_id).content_sha256
    said = {}
    for name, scopes in (("alice", ("read",)), ("alice", ("money",)), ("vera", ("read", "review", "money"))):
        with program(world, token_for(world, name, *scopes)) as client:
            looked = client.get(f"/drafts/{draft_id}").status_code
            said[name, scopes] = (looked, client.post(f"/drafts/{draft_id}/approve", json={"sha256": sha256}).status_code)
    assert set(said.values()) == {(200, 403)}
    assert world.read_draft(draft_id).state == "draft"


def test_a_token_ends_by_time_by_its_owner_and_with_its_owner(world: World) -> None:
    tokens = [token_for(world, name, days=days) for name, days in (("alice", 1), ("alice", 90), ("bob", 90))]

    def answers() -> list[int]:
        found = []
        for token in tokens:
            with program(world, token) as client:
                found.append(client.get("/me").status_code)
        return found

    assert answers() == [200, 200, 200]
    world.clock.forward(hours=25)
    assert answers() == [401, 200, 200]
    with world.store.transaction() as tx:
        tx.revoke_token(next(row.id for row in tx.tokens("alice") if row.expires_at > world.clock.now()), by="ada")
        tx.disable_user("bob", by="ada")
    assert answers() == [401, 401, 401]


def test_a_token_is_shown_once_and_kept_as_a_digest(world: World) -> None:
    with world.signed_in() as client:
        csrf = tags_of(client.get("/account").text).fields["csrf"]
        made = client.post("/account/tokens", data={"csrf": csrf, "label": "report", "scope:read": "1", "days": "30"}).text
        secret = next(word for word in made.replace("<", " ").replace(">", " ").split() if word.startswith("sbt_"))
        with program(world, secret) as other:
            assert other.get("/me").json() == {"name": "alice", "role": "approver", "seller_id": None, "permissions": []}
        again = client.get("/account").text
        with world.store.snapshot() as tx:
            row = tx.tokens()[0]
        client.post("/account/tokens/revoke", data={"csrf": csrf, "token": row.id})
        with program(world, secret) as other:
            assert other.get("/me").status_code == 401
    assert secret not in again
    assert row.last_used_at is not None
    database = next(Path(world.store._engine.url.database or "").parent.glob("supportbot.db*"))
    assert secret.encode() not in database.read_bytes()


def test_guessing_tokens_has_to_wait_and_cookies_do_not_count(world: World) -> None:
    with world.signed_in() as client:
        assert client.get("/api/me").status_code == 401
    said = []
    for number in range(6):
        with program(world, f"sbt_guess{number}") as guesser:
            said.append(guesser.get("/me"))
    with program(world, token_for(world)) as neighbour:
        assert neighbour.get("/me").status_code == 200, "one address may be a whole office behind a proxy"
    assert [answer.status_code for answer in said] == [401] * 5 + [429]
    assert said[0].headers["www-authenticate"] == "Bearer"
    assert int(said[-1].headers["retry-after"]) > 0


def test_a_token_is_no_way_around_a_second_factor_that_its_owners_role_needs(world: World) -> None:
    needed = Doors(second_factor_roles=frozenset({"approver"}))
    api = next(route.app for route in world.app.routes if isinstance(route, Mount) and route.path == "/api")
    with program(world, token_for(world)) as client, program(world, token_for(world, "vera")) as viewer:
        before = client.get("/me").status_code
        api.state.doors = needed  # type: ignore[attr-defined]
        refused = client.get("/me")
        elsewhere = viewer.get("/me").status_code
        with world.store.transaction() as tx:
            tx.propose_second_factor("alice", "A" * 32)
            tx.confirm_second_factor("alice", 1, ["a recovery code"])
        after = client.get("/me").status_code
    assert (before, refused.status_code, elsewhere, after) == (200, 403, 200, 200)
    assert "second factor" in refused.json()["detail"]


def test_the_page_of_the_api_loads_nothing_from_elsewhere(world: World) -> None:
    with world.browser() as client:
        page = client.get("/api/")
        described: dict[str, Any] = client.get("/api/openapi.json").json()
    assert (page.status_code, page.headers["x-content-type-options"]) == (200, "nosniff")
    assert "http://" not in page.text.replace("http://127.0.0.1", "")
    assert "https://" not in page.text
    assert all(path in page.text for path in described["paths"])
    assert {"200", "401", "403", "404", "409", "422", "429", "503"} <= described["paths"]["/drafts/{draft_id}/approve"]["post"][
        "responses"
    ].keys()
