"""A mail that failed is laid before the reviewers again; attachments are named, and leave only inside the whole mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from supportbot.errors import UsageError
from tests.test_web_browser import page
from tests.test_web_browser import world as browser_world
from tests.test_web_console import post
from tests.web_world import World, open_world

__all__ = ["browser_world", "page"]  # fixtures


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, demo_users=("alice", "bob")) as world:
        yield world


def failed(world: World, subject: str = "Answer one") -> str:
    """A draft that was approved, and whose mail the server refused."""
    draft = world.draft(world.mail("One"), subject, token="t" * 32)
    world.desk.approve(draft, reviewer="bob", shown_sha256=world.read_draft(draft).content_sha256)
    world.clock.forward(minutes=1)
    with world.store.transaction() as tx:
        entry = tx.claim_outbox(world.clock.now())
        assert entry is not None
        tx.settle_outbox(entry.id, state="failed", detail="550 no such mailbox")
    return draft


def test_a_failed_mail_waits_for_approval_again_and_leaves_the_parked_ones(world: World) -> None:
    draft = failed(world)
    with world.signed_in() as client:
        before = client.get("/?tab=parked").text
        shown = client.get(f"/drafts/{draft}").text
        again = post(client, f"/drafts/{draft}", f"/drafts/{draft}/retry")
        after = client.get("/?tab=parked").text
        old = client.get(f"/drafts/{draft}").text
    assert "Answer one" in before
    assert "550 no such mailbox" in shown
    assert "Approve and send" in again.text
    assert "Answer one" not in after
    assert f'href="{again.url.path}"' in old
    new = world.read_draft(again.url.path.rpartition("/")[2])
    assert (new.body, new.state) == (world.read_draft(draft).body, "draft")
    assert new.token != world.read_draft(draft).token
    assert world.read_draft(draft).outbox_state == "failed"


def test_a_mail_is_tried_again_once_only_and_only_where_it_failed(world: World) -> None:
    draft, other = failed(world), world.draft(world.mail("Two"))
    with world.store.transaction() as tx:
        tx.retry_failed(draft, by="alice")
    for one, why in ((draft, "tried again already"), (other, "did not fail"), ("d-none", "there is no draft")):
        with world.store.transaction() as tx, pytest.raises(UsageError, match=why):
            tx.retry_failed(one, by="alice")
    with world.signed_in() as client:
        assert post(client, f"/drafts/{other}", f"/drafts/{draft}/retry").status_code == 409


def test_a_failed_mail_is_tried_again_with_one_key(page: Page, world: World) -> None:
    draft = failed(world)
    page.goto(f"{world.url}/drafts/{draft}")
    page.keyboard.press("a")
    page.wait_for_url(lambda url: "/drafts/" in url and draft not in url)
    assert page.get_by_role("button", name="Approve and send").is_visible()


def test_attachments_are_named_as_text_and_the_mail_is_saved_whole_by_who_may_review(world: World) -> None:
    message = world.mail("With files", attachments=["<img src=x onerror=alert(1)>.pdf", "=cmd|' /C calc'!A1.xlsx", ""])
    with world.signed_in() as client, world.signed_in("vera") as viewer, world.signed_in("sam") as seller:
        shown = client.get(f"/messages/{message}").text
        saved = client.get(f"/messages/{message}/original")
        refused = [other.get(f"/messages/{message}/original").status_code for other in (viewer, seller)]
        looked = viewer.get(f"/messages/{message}").text
        missing = client.get("/messages/999/original").status_code
    assert "3 attachments" in shown
    assert "&lt;img src=x onerror=alert(1)&gt;.pdf" in shown
    assert "<img src=x" not in shown
    assert saved.content.startswith(b"Subject: ")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == f'attachment; filename="mail-{message}.eml"'
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert (refused, missing) == ([403, 404], 404)
    assert "/original" not in looked
    with world.store.snapshot() as tx:
        assert [(row.name, row.what) for row in tx.views(subject=f"message {message}") if row.what == "file"] == [
            ("alice", "file")
        ]
