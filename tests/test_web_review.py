"""Reviewing in a real Chromium: search and views, work in hand, an edit that is checked as one types, many drafts at once."""

import pytest
from playwright.sync_api import Browser, Page

from supportbot.store import Filter, Who
from tests.test_web_browser import page, world
from tests.web_world import World

__all__ = ["page", "world"]  # fixtures


def test_mail_is_searched_and_narrowed_with_keys_and_the_view_is_kept(page: Page, world: World) -> None:
    world.draft(world.mail("A lamp", new_text="the wrong colour", evidence=[]))
    world.draft(world.mail("A chair", new_text="too late", evidence=[]))
    page.keyboard.press("2")
    page.wait_for_url("**/?tab=drafts")
    page.keyboard.press("/")
    page.keyboard.type("colour")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=colour**")
    assert page.locator(".row-subject").all_inner_texts() == ["A lamp"]

    page.get_by_placeholder("Keep this view as").fill("Colours")
    page.get_by_role("button", name="Keep").click()
    page.goto(world.url)
    page.get_by_role("link", name="Colours").click()
    assert page.locator(".row-subject").all_inner_texts() == ["A lamp"]
    page.get_by_role("button", name="Forget the view").click()
    assert page.get_by_role("link", name="Colours").count() == 0


def test_a_long_queue_is_paged_with_a_key_and_the_last_of_it_is_reached(page: Page, world: World) -> None:
    for number in range(120):
        world.draft(world.mail(f"Mail {number:03}"))
        world.clock.forward(seconds=1)
    page.goto(f"{world.url}/?tab=drafts")
    page.locator(".tabs [data-count=drafts]", has_text="120").wait_for()
    seen = page.locator(".row-subject").all_inner_texts()
    while page.get_by_role("link", name="The next ones").count():
        page.keyboard.press("]")
        page.wait_for_function("first => document.querySelector('.row-subject')?.textContent !== first", arg=seen[-50])
        seen += page.locator(".row-subject").all_inner_texts()
    assert seen == [f"Mail {number:03}" for number in range(120)]


def test_the_next_draft_is_the_next_of_the_narrowed_list(page: Page, world: World) -> None:
    first = world.draft(world.mail("First", kind="backorder"))
    world.clock.forward(seconds=1)
    world.draft(world.mail("Other"))
    world.clock.forward(seconds=1)
    third = world.draft(world.mail("Third", kind="backorder"))
    page.goto(f"{world.url}/?tab=drafts&kind=backorder")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/drafts/{first}**")
    page.keyboard.press("a")
    page.wait_for_url(f"**/drafts/{third}**")
    assert page.get_by_text("Draft 1 of 1").is_visible()


def test_work_is_taken_noted_and_put_to_rest_with_keys(page: Page, world: World) -> None:
    message = world.mail("First")
    draft = world.draft(message)
    page.goto(f"{world.url}/drafts/{draft}")
    page.keyboard.press("t")
    page.get_by_role("heading", name="In the hands of alice").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("n")
    page.keyboard.type("call the seller <b>first</b>")
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_text("call the seller <b>first</b>").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("s")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("rests until").wait_for()

    with world.store.snapshot() as tx:
        assert tx.mark_of(f"message {message}").assigned_to == "alice"
        assert tx.work_counts(Who("alice"))["drafts"] == 0
        assert [note.author for note in tx.notes_of(f"message {message}")] == ["alice"]
    assert world.read_draft(draft).state == "draft"


def test_an_edit_is_checked_as_one_types_and_outlives_its_page(page: Page, world: World) -> None:
    draft = world.draft(world.mail("First"))
    page.goto(f"{world.url}/drafts/{draft}")
    page.keyboard.press("e")
    page.keyboard.press("Control+End")
    page.keyboard.type("see http://x")
    page.get_by_text("It could not be approved like this: a link is not allowed").wait_for()
    assert page.locator("[data-changes] .now").inner_text().endswith("see http://x")
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_text("You had begun to edit this draft").wait_for()
    page.keyboard.press("e")
    assert page.get_by_label("Text").input_value().endswith("see http://x")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Throw it away").click()
    page.wait_for_load_state()
    assert page.get_by_text("You had begun").count() == 0
    assert world.read_draft(draft).version == 1


def test_two_people_at_one_draft_see_each_other_and_who_edits(page: Page, chromium: Browser, world: World) -> None:
    draft = world.draft(world.mail("First"))
    page.goto(f"{world.url}/drafts/{draft}")
    other = chromium.new_context()
    theirs = other.new_page()
    theirs.goto(f"{world.url}/login")
    theirs.get_by_role("button", name="Continue as bob").click()
    theirs.goto(f"{world.url}/drafts/{draft}")
    theirs.get_by_text("alice looks at this now").wait_for()
    page.get_by_text("bob looks at this now").wait_for()
    theirs.keyboard.press("e")
    page.get_by_text("bob edits this now").wait_for()
    other.close()


def test_drafts_that_say_the_same_are_approved_together_but_for_one_that_changed(page: Page, world: World) -> None:
    ids = [
        world.draft(world.mail(f"Mail {order}"), body=f"Your order {order} is on its way.", order_id=order)
        for order in ("11", "22", "33", "44")
    ]
    page.goto(f"{world.url}/drafts/{ids[0]}")
    page.keyboard.press("b")
    page.wait_for_url("**/alike")
    page.get_by_label("Mail 22").or_(page.locator(f"[name='draft:{ids[1]}']")).uncheck()
    stale = world.read_draft(ids[2])
    world.desk.edit(ids[2], subject="Re", body="Something else", reviewer="bob", shown_sha256=stale.content_sha256)
    page.get_by_role("button", name="Approve and send the ticked ones").click()
    page.get_by_text("2 approved").wait_for()
    assert page.get_by_text("1 not approved").is_visible()
    assert [world.read_draft(id_).state for id_ in ids] == ["approved", "draft", "draft", "approved"]


@pytest.mark.parametrize("width", [360, 840, 1280])
def test_the_button_to_approve_is_in_sight_wherever_one_reads(page: Page, world: World, width: int) -> None:
    message = world.mail("First", new_text="word " * 900, evidence=[])
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{world.url}/drafts/{world.draft(message, body='line' + chr(10) * 60 + 'end')}")
    button = page.get_by_role("button", name="Approve and send")
    for part in (0, 0.5, 1):
        page.evaluate("part => window.scrollTo(0, part * document.body.scrollHeight)", part)
        box = button.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= 700 - box["height"]
    page.keyboard.press("e")
    assert page.get_by_label("Text").is_visible()


def test_handling_without_scripts_works_too(chromium: Browser, world: World) -> None:
    message = world.mail("Read me", action="review")
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{world.url}/login")
    plain.get_by_role("button", name="Continue as bob").click()
    plain.goto(f"{world.url}/messages/{message}")
    plain.get_by_role("button", name="Take it").click()
    assert plain.get_by_role("heading", name="In the hands of bob").is_visible()
    with world.store.snapshot() as tx:
        assert [line.assigned_to for line in tx.work_lines("read", Who("bob"), Filter(), after=None, limit=5)] == ["bob"]
    context.close()
