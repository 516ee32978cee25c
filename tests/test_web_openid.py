"""Signing in by a real OpenID provider: who gets in, as what; and every answer that must not let anybody in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from supportbot.clock import SystemClock
from supportbot.post.openid import OpenIdProvider
from supportbot.settings import ClaimedRole, OpenIdSettings
from supportbot.web import Doors
from tests.openid_provider import CLIENT, SECRET, Provider, open_provider
from tests.web_world import World, open_world

PERSON = {"sub": "42", "email": "pat@team.example", "email_verified": True, "groups": ["everybody", "support"]}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


@pytest.fixture
def provider(world: World) -> Iterator[Provider]:
    """A provider that the console of `world` trusts; somebody with the group "support" has a session there."""
    with open_provider() as provider:
        provider.person = dict(PERSON)
        provider.client.back = f"{world.url}/login/openid/back"
        settings = OpenIdSettings(
            issuer=provider.issuer,
            client_id=CLIENT,
            client_secret=SecretStr(SECRET),
            roles=(ClaimedRole(value="support", role="reviewer"), ClaimedRole(value="leads", role="approver")),
            seller_claim="seller",
        )
        world.app.state.doors = Doors(openid=settings, provider=OpenIdProvider(settings, SystemClock()))
        yield provider


def come_in(client: httpx.Client, target: str = "/overview") -> httpx.Response:
    """Press the button, and let the browser go where it is sent."""
    return client.get("/login/openid", params={"next": target})


def test_a_person_of_the_provider_comes_in_with_the_role_of_their_group(world: World, provider: Provider) -> None:
    with world.browser() as client:
        button = client.get("/login").text
        page = come_in(client)
    assert 'href="/login/openid?next=/"' in button
    assert (page.status_code, page.url.path) == (200, "/overview")
    assert "<b>pat@team.example</b>" in page.text
    provider.person["groups"] = "leads"
    with world.browser() as client:
        come_in(client)
    with world.store.snapshot() as tx:
        user = tx.user("pat@team.example")
        assert user is not None
        assert user.role == "approver"
        assert tx.password_hash("pat@team.example") is None
        assert [row.action for row in tx.audit_rows(subject="user pat@team.example")] == ["change_role", "add"]
    asked = provider.asked[0]
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


def test_a_seller_of_the_provider_sees_that_sellers_cases_only(world: World, provider: Provider) -> None:
    provider.person["seller"] = "s-9"
    with world.browser() as client:
        assert come_in(client).status_code == 404
        assert "sees the cases of s-9" in client.get("/account").text


def test_who_has_lost_the_role_at_the_provider_loses_tokens_and_role_here(world: World, provider: Provider) -> None:
    with world.browser() as client:
        come_in(client)
        with world.store.transaction() as tx:
            _row, secret = tx.add_token("pat@team.example", "report", ("read", "review"), 365, by="pat@team.example")
        bearer = {"authorization": f"Bearer {secret}"}
        before = httpx.get(f"{world.url}/api/me", headers=bearer).status_code
        provider.person["groups"] = ["everybody"]
        refused = come_in(client).status_code
    assert (before, refused) == (200, 403)
    assert httpx.get(f"{world.url}/api/me", headers=bearer).status_code == 401
    with world.store.snapshot() as tx:
        user = tx.user("pat@team.example")
    assert user is not None
    assert user.role == "viewer"


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ({"groups": ["everybody"]}, "no role here"),
        ({"groups": None}, "no role here"),
        ({"seller": ""}, "says a seller of you that is none"),
        ({"seller": ["s-1", "s-2"]}, "says a seller of you that is none"),
        ({"email": ""}, "says no email of you"),
        ({"email_verified": False}, "has checked your address"),
        ({"email_verified": None}, "has checked your address"),
        ({"email_verified": "false"}, "has checked your address"),
        ({"email": "alice"}, "there is a user alice already"),
        ({"email": "autopilot"}, "stands for something else"),
    ],
)
def test_who_has_no_role_or_anothers_name_stays_outside(
    world: World, provider: Provider, person: dict[str, Any], says: str
) -> None:
    provider.person |= person
    with world.browser() as client:
        refused = come_in(client)
        outside = client.get("/overview").url.path
    assert (refused.status_code, outside) == (403, "/login")
    assert says in refused.text.casefold()


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.example"},
        {"aud": ["another console"]},
        {"aud": [CLIENT, "another console"]},
        {"nonce": "of another sign-in"},
        {"exp": 1_000_000_000},
        {"sub": "43"},
    ],
)
def test_an_id_token_for_somebody_or_somewhere_else_lets_nobody_in(
    world: World, provider: Provider, spoil: dict[str, Any]
) -> None:
    provider.spoil = spoil
    with world.browser() as client:
        refused = come_in(client)
        assert (refused.status_code, client.get("/overview").url.path) == (403, "/login")


def test_an_id_token_signed_by_another_key_lets_nobody_in_and_a_changed_key_is_learned(
    world: World, provider: Provider
) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": str(provider.key.kid)})
    with world.browser() as client:
        assert come_in(client).status_code == 403
    provider.signs_with = None
    with world.browser() as client:
        assert come_in(client).status_code == 200
    provider.key = RSAKey.generate_key(2048, {"kid": "another"})
    with world.browser() as client:
        assert come_in(client).status_code == 200


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("token_endpoint", "http://login.example/here"),
        ("userinfo_endpoint", "http://login.example/here"),
        ("jwks_uri", "http://login.example/here"),
        ("token_endpoint", None),
        ("jwks_uri", None),
    ],
)
def test_an_endpoint_without_tls_or_without_an_address_lets_nobody_in(
    world: World, provider: Provider, name: str, address: str | None
) -> None:
    provider.description = {name: address}
    with world.browser() as client:
        refused = come_in(client)
        assert (refused.status_code, client.get("/overview").url.path) == (403, "/login")


def test_an_answer_counts_in_the_browser_that_asked_and_once(world: World, provider: Provider) -> None:
    with world.browser() as client, world.browser() as victim:
        asked = client.get("/login/openid", follow_redirects=False)
        answer = httpx.get(asked.headers["location"]).headers["location"]
        wrong_state = client.get(f"{answer}x")
        stolen = victim.get(answer)
        used = client.get(answer)
        with world.browser() as third:
            third.cookies.update(client.cookies)
            again = third.get(answer)
    assert (wrong_state.status_code, stolen.status_code) == (403, 403)
    assert "begin again" in stolen.text
    assert used.status_code == 403  # the wrong state has ended this attempt
    assert again.status_code == 403


def test_a_code_without_the_verifier_is_worth_nothing(world: World, provider: Provider) -> None:
    with world.browser() as client:
        asked = client.get("/login/openid", follow_redirects=False)
        back = httpx.get(asked.headers["location"]).headers["location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    said = {"grant_type": "authorization_code", "code": code, "redirect_uri": provider.client.back}
    for verifier in ("", "x" * 43):
        refused = httpx.post(f"{provider.issuer}/token", data=said | {"code_verifier": verifier}, auth=(CLIENT, SECRET))
        assert refused.status_code == 400


def test_after_signing_in_one_stays_at_this_console_and_no_older_session_lives_on(world: World, provider: Provider) -> None:
    planted = world.app.state.console.sessions.begin("bob")
    with world.browser() as client:
        client.cookies.set("supportbot", planted, domain="127.0.0.1")
        page = come_in(client, "//evil.example/")
        assert (page.url.host, page.url.path) == ("127.0.0.1", "/")
        assert client.cookies["supportbot"] != planted
    with world.browser() as other:
        other.cookies.set("supportbot", planted)
        assert other.get("/overview").url.path == "/login"


def test_a_disabled_person_of_the_provider_stays_outside(world: World, provider: Provider) -> None:
    with world.browser() as client:
        assert come_in(client).status_code == 200
        with world.store.transaction() as tx:
            tx.disable_user("pat@team.example", by="ada")
        assert client.get("/overview").url.path == "/login"
        assert "disabled" in come_in(client).text


def test_without_a_provider_there_is_no_such_door(world: World) -> None:
    with world.browser() as client:
        assert client.get("/login/openid").status_code == 404
        assert "/login/openid" not in client.get("/login").text
