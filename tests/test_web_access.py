"""The doors: the first administrator's link, the second factor, tokens; and the record of who opened what."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pyotp
import pytest

from supportbot.web.doors import Doors
from supportbot.web.factor import STEP_SECONDS
from tests.test_web_console import tags_of
from tests.web_world import PASSWORD, World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def send(client: httpx.Client, path: str, page: str = "/account", **fields: str) -> httpx.Response:
    """A form with the token of the session."""
    return client.post(path, data={"csrf": tags_of(client.get(page).text).fields.get("csrf", ""), **fields})


def enrol(world: World, client: httpx.Client) -> tuple[pyotp.TOTP, list[str]]:
    """Set a second factor up through the pages; what codes come from, and the recovery codes."""
    shown = send(client, "/account/second-factor").text
    secret = re.search(r'<p class="mono">([A-Z2-7 ]{39})</p>', shown)
    assert secret is not None, shown
    assert "<svg" in shown
    codes = pyotp.TOTP(secret.group(1).replace(" ", ""))
    done = send(client, "/account/second-factor/confirm", code=codes.at(world.clock.now()))
    return codes, re.findall(r"<li>([0-9a-f-]{23})</li>", done.text)


def password(client: httpx.Client, name: str = "alice") -> httpx.Response:
    return client.post("/login", data={"name": name, "password": PASSWORD, "next": "/cases"})


# -- the first administrator


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[World]:
    """A console at which nobody can sign in: everybody of the team is disabled."""
    with open_world(tmp_path) as world:
        with world.store.transaction() as tx:
            for name in ("alice", "bob", "vera"):
                tx.disable_user(name, by="ada")
        yield world


def first_form(client: httpx.Client, token: str, name: str = "ada", second: str = PASSWORD) -> httpx.Response:
    return client.post(f"/first/{token}", data={"name": name, "password": PASSWORD, "again": second})


def test_the_first_link_makes_one_administrator_and_opens_nothing_afterwards(empty: World) -> None:
    with empty.store.transaction() as tx:
        token = tx.make_first_link()
    with empty.browser() as client:
        asked = client.get(f"/first/{token}")
        differ = first_form(client, token, second="something else here")
        inside = first_form(client, token)
        with empty.browser() as other:
            again = first_form(other, token, "eve")
            stale = other.get(f"/first/{token}")
            signed_in = password(other, "ada")
    assert (asked.status_code, differ.status_code, inside.status_code) == (200, 400, 200)
    assert "two passwords differ" in differ.text
    assert inside.url.path == "/account"
    assert "Who opened what" in inside.text
    assert (again.status_code, stale.status_code) == (404, 404)
    assert signed_in.url.path == "/cases"
    with empty.store.snapshot() as tx:
        assert [user.name for user in tx.users() if user.role == "admin"] == ["ada"]
        assert token not in repr(tx.audit_rows())


def test_a_first_link_is_over_after_a_day_or_when_a_newer_one_is_made_or_when_somebody_can_sign_in(empty: World) -> None:
    with empty.store.transaction() as tx:
        older, newer = tx.make_first_link(), tx.make_first_link()
    with empty.browser() as client:
        assert [client.get(f"/first/{token}").status_code for token in (older, newer)] == [404, 200]
        empty.clock.forward(hours=25)
        assert client.get(f"/first/{newer}").status_code == 404
        with empty.store.transaction() as tx:
            newest = tx.make_first_link()
            assert tx.first_link_opens(newest)
            tx.add_user("ada", "viewer", by="root")
        assert first_form(client, newest, "eve").status_code == 404


def test_whoever_guesses_links_has_to_wait(empty: World) -> None:
    with empty.browser() as client:
        said = [client.get(f"/first/guess{number}").status_code for number in range(7)]
        with empty.store.transaction() as tx:
            token = tx.make_first_link()
        assert client.get(f"/first/{token}").status_code == 200, "a stranger's guesses lock nobody out"
    assert said == [404] * 5 + [429] * 2


def test_a_first_link_takes_no_form_of_another_site(empty: World) -> None:
    with empty.store.transaction() as tx:
        token = tx.make_first_link()
    with empty.browser() as client:
        client.headers["origin"] = "https://evil.example"
        assert first_form(client, token).status_code == 403


# -- second factor


def test_a_second_factor_is_asked_for_after_the_password_and_no_code_counts_twice(world: World) -> None:
    with world.signed_in() as client:
        codes, recovery = enrol(world, client)
        assert len(recovery) == 10
    with world.browser() as client:
        asked = password(client)
        assert asked.url.path == "/login/second"
        assert client.get("/cases").url.path == "/login"
        first = codes.at(world.clock.now())
        replayed = client.post("/login/second", data={"code": first})
        world.clock.forward(seconds=STEP_SECONDS)
        inside = client.post("/login/second", data={"code": codes.at(world.clock.now())})
    with world.browser() as client:
        password(client)
        twice = client.post("/login/second", data={"code": codes.at(world.clock.now())})
    assert (replayed.status_code, inside.status_code, twice.status_code) == (401, 200, 401)
    assert "used already" in replayed.text
    assert inside.url.path == "/cases"


def test_a_recovery_code_opens_once(world: World) -> None:
    with world.signed_in() as client:
        _codes, recovery = enrol(world, client)
    said = []
    for code in (recovery[0].upper().replace("-", " "), recovery[0], recovery[1]):
        with world.browser() as client:
            password(client)
            said.append(client.post("/login/second", data={"code": code}).status_code)
    assert said == [200, 401, 200]


def test_guessing_codes_has_to_wait_from_wherever_it_is_tried(world: World) -> None:
    with world.signed_in() as client:
        codes, _ = enrol(world, client)
    world.clock.forward(seconds=STEP_SECONDS)
    right = codes.at(world.clock.now())
    wrong = [f"{number:06}" for number in range(5) if f"{number:06}" != right]
    with world.browser() as client:
        password(client)
        said = [client.post("/login/second", data={"code": code}).status_code for code in (*wrong, "999999", right)]
    assert said[:4] == [401] * 4
    assert said[-1] == 429


def test_the_second_step_needs_the_first_and_is_over_after_five_minutes(world: World) -> None:
    with world.signed_in() as client:
        codes, _ = enrol(world, client)
    with world.browser() as client:
        assert client.post("/login/second", data={"code": codes.at(world.clock.now())}).url.path == "/login"
        password(client)
        world.clock.forward(minutes=6)
        assert client.post("/login/second", data={"code": codes.at(world.clock.now())}).url.path == "/login"
        client.cookies.set("supportbot-second", world.app.state.console.sessions.begin("alice"))
        assert client.get("/login/second").url.path == "/login"


def test_a_role_that_needs_a_second_factor_gets_nowhere_without_one(world: World) -> None:
    world.app.state.doors = Doors(second_factor_roles=frozenset({"approver"}))
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client, world.signed_in("vera") as viewer:
        before = [client.get(path).url.path for path in ("/", f"/drafts/{draft}", "/overview")]
        counts = client.get("/counts").status_code
        token = send(client, "/account/tokens", label="x").url.path
        elsewhere = viewer.get("/").url.path
        enrol(world, client)
        after = client.get("/overview").url.path
    assert (before, counts, token, elsewhere, after) == (["/account"] * 3, 403, "/account", "/", "/overview")
    with world.store.snapshot() as tx:
        assert tx.tokens() == []


def test_a_second_factor_is_removed_with_a_code_only(world: World) -> None:
    with world.signed_in() as client:
        codes, recovery = enrol(world, client)
        refused = send(client, "/account/second-factor/remove", code="000000")
        again = send(client, "/account/second-factor")
        renewed = send(client, "/account/recovery-codes", code=recovery[0])
        old = send(client, "/account/second-factor/remove", code=recovery[1])
        world.clock.forward(seconds=STEP_SECONDS)
        removed = send(client, "/account/second-factor/remove", code=codes.at(world.clock.now()))
    assert (refused.status_code, again.status_code, renewed.status_code) == (409, 409, 200)
    assert (old.status_code, removed.status_code) == (409, 200)
    with world.browser() as client:
        assert password(client).url.path == "/cases"


# -- sessions


def test_signing_out_everywhere_ends_the_sessions_of_every_browser(world: World) -> None:
    with world.signed_in() as client, world.signed_in() as phone, world.signed_in("bob") as bob:
        shown = client.get("/account").text
        done = send(client, "/account/sessions/end-all")
        after = [browser.get("/overview").url.path for browser in (client, phone, bob)]
    assert shown.count("Sign out there") == 1
    assert done.url.path == "/login"
    assert after == ["/login", "/login", "/overview"]


def test_one_session_is_ended_by_its_owner_only(world: World) -> None:
    with world.signed_in() as client, world.signed_in() as phone, world.signed_in("bob") as bob:
        phone.get("/")
        with world.store.snapshot() as tx:
            mine = {row.digest for row in tx.sessions_of("alice")}
        (there,) = (digest for digest in mine if digest in client.get("/account").text)
        send(bob, "/account/sessions/end", session=there)
        before = phone.get("/overview").url.path
        send(client, "/account/sessions/end", session=there)
        after = [browser.get("/overview").url.path for browser in (client, phone)]
    assert (before, after) == ("/overview", ["/overview", "/login"])


def test_an_open_page_keeps_no_session_alive_and_its_stream_ends_with_the_session(world: World) -> None:
    with world.signed_in() as client, client.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        first = next(lines)
        with world.store.transaction() as tx:
            tx.end_sessions("alice", by="alice")
        rest = list(lines)  # ends by itself, long before its five minutes
    assert first.startswith("retry:")
    assert rest
    with world.signed_in() as client:
        for _ in range(5):
            world.clock.forward(minutes=15)
            client.get("/counts")
        assert client.get("/overview").url.path == "/login"


def test_a_second_factor_is_sealed_in_the_database_and_ends_sessions_begun_without_it(world: World) -> None:
    with world.signed_in() as client, world.signed_in() as elsewhere:
        codes, _ = enrol(world, client)
        after = [browser.get("/overview").url.path for browser in (client, elsewhere)]
    with world.store.snapshot() as tx:
        factor = tx.second_factor("alice")
    assert factor is not None
    assert codes.secret not in factor.secret
    assert after == ["/overview", "/login"]


def test_of_many_codes_sent_at_one_moment_five_are_looked_at(world: World) -> None:
    with world.signed_in() as client:
        enrol(world, client)
    with world.browser() as client:
        password(client)
        cookie = client.cookies["supportbot-second"]

    def guess(number: int) -> int:
        with world.browser() as other:
            other.cookies.set("supportbot-second", cookie)
            return other.post("/login/second", data={"code": f"{number:06d}"}).status_code

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(24)))
    assert said.count(401) == 5
    assert said.count(429) == 19


# -- who opened what


def test_what_people_open_and_take_away_is_kept_and_shown_to_administrators_only(world: World) -> None:
    message = world.mail("Cancel")
    draft = world.draft(message)
    with world.store.transaction() as tx:
        tx.add_user("ada", "admin", by="root")
    with world.signed_in() as alice, world.signed_in("ada") as ada:
        alice.get(f"/messages/{message}")
        alice.get(f"/drafts/{draft}")
        alice.get("/messages/999")
        alice.get("/overview/reviewed.csv")
        refused = alice.get("/access").status_code
        page = ada.get("/access").text
        narrowed = ada.get("/access", params={"subject": f"draft {draft}"}).text
    with world.store.snapshot() as tx:
        kept = [(row.name, row.what, row.subject) for row in reversed(tx.views())]
    assert kept[:3] == [
        ("alice", "view", f"message {message}"),
        ("alice", "view", f"draft {draft}"),
        ("alice", "export", "table reviewed"),
    ]
    assert kept[3:] == [("ada", "list", "record of views")] * 2
    assert refused == 403
    assert (f"message {message}" in page, f"message {message}" in narrowed, f"draft {draft}" in narrowed) == (True, False, True)
