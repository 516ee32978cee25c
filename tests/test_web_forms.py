"""Every form of the console, by its routes: none works for a stranger, another site, an old page or who may only look."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from tests.test_web_console import post
from tests.web_world import World, open_world

OF_ACCOUNT = {
    "/account/second-factor",
    "/account/second-factor/confirm",
    "/account/second-factor/remove",
    "/account/recovery-codes",
    "/account/sessions/end",
    "/account/sessions/end-all",
    "/account/tokens",
    "/account/tokens/revoke",
}
FOR_EVERYBODY = {
    "/try",
    "/replay",
    "/views",
    "/logout",
    "/drafts/{draft_id}/forget-edit",
    *OF_ACCOUNT,
}  # own things and trials, which change no work
WITHOUT_SESSION = {"/language", "/login", "/login/demo", "/login/second", "/first/{token}"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def forms(world: World) -> dict[str, str]:
    """Each path that takes a form, and an address of it that names things which stand in the store."""
    message = world.mail("First", action="review")
    ids = {"draft_id": world.draft(message), "message_id": str(message), "case_id": "c1", "ticket_id": "t1", "entry_id": "1"}
    ids |= {"thread_id": "th1", "move_id": "1", "correction_id": "1"}
    found: dict[str, str] = {}
    stack = list(world.app.routes)
    while stack:
        route = stack.pop()
        stack += getattr(getattr(route, "original_router", None), "routes", [])
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()) and route.path not in WITHOUT_SESSION:
            found[route.path] = route.path.format(**ids)
    return found


def test_no_form_does_anything_for_a_stranger_another_site_or_an_old_page(world: World) -> None:
    addresses = forms(world)
    assert {"/drafts/{draft_id}/approve", "/handling/note", "/drafts/{draft_id}/alike", "/views"} <= addresses.keys()
    with world.browser() as stranger, world.signed_in() as alice:
        asked = {path: stranger.post(at, data={"csrf": "x"}, follow_redirects=False) for path, at in addresses.items()}
        elsewhere = {
            path: alice.post(at, data={"csrf": "x"}, headers={"origin": "https://evil.example"}).status_code
            for path, at in addresses.items()
        }
        without = {path: alice.post(at, data={"csrf": "x"}).status_code for path, at in addresses.items()}
    assert {path for path, answer in asked.items() if not answer.headers.get("location", "").startswith("/login")} == set()
    refused = (403, 415)  # a form of no known type is not even read
    assert {path: code for path, code in (*elsewhere.items(), *without.items()) if code not in refused} == {}


def test_who_may_only_look_can_send_no_form_that_changes_work(world: World) -> None:
    addresses = forms(world)
    with world.signed_in("vera") as viewer:
        said = {path: post(viewer, "/", at).status_code for path, at in addresses.items() if path not in FOR_EVERYBODY}
    assert {path: code for path, code in said.items() if code != 403} == {}


def test_work_is_given_to_people_who_may_work_only(world: World) -> None:
    message = world.mail("First", action="review")
    with world.signed_in() as alice:
        answers = [
            post(alice, "/", "/handling/assign", subject=subject, to=to, back="/").status_code
            for subject, to in (
                (f"message {message}", "bob"),
                (f"message {message}", "vera"),
                (f"message {message}", "sam"),
                (f"message {message}", "nobody"),
                ("message 999", "bob"),
                ("user alice", "bob"),
                ("", "bob"),
            )
        ]
        away = post(alice, "/", "/handling/note", subject=f"message {message}", note="x", back="//evil.example")
    assert answers == [200, 409, 409, 409, 404, 404, 404]
    assert away.url.host == "127.0.0.1"
