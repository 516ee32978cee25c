"""Every page under axe-core (WCAG 2.2 A and AA, best practices), light and dark, on a phone's width; and put right by key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.desk_world import SELLER, DeskWorld, open_desk_world

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text("utf-8")
PHONE = {"width": 390, "height": 800}
IN_DARK = ("/drafts/", "/messages/", "/threads/", "/rules/", "/quarantine", "/overview")
QUESTION = "How do I cancel an order of mine on your market?"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    with open_desk_world(tmp_path_factory.mktemp("axe")) as world:
        yield world


def signed_in(chromium: Browser, world: DeskWorld, **context: Any) -> Page:
    opened = chromium.new_context(**context)
    token = world.console.state.console.sessions.begin("alice")
    opened.add_cookies([{"name": "supportbot", "value": token, "url": world.url}])
    return opened.new_page()


@pytest.fixture(scope="module")
def addresses(world: DeskWorld) -> list[str]:
    """Every page, on a mail with a draft, a case and a thread."""
    world.mail("shop@else.example", "A question", QUESTION)
    report = world.mail(SELLER, "PO-771200", "Order PO-771200 shows as cancelled, but we had already shipped it.")
    row = world.message(report)
    with world.app.store.transaction() as tx:
        tx.quarantine(None, mailbox="support", step="judge", reason="it failed", traceback="Traceback\n  here", cause="fault")
    (draft, *_) = world.drafts(report)
    mail = f"/messages/{report}"
    return [
        "/", "/?tab=drafts", "/?tab=done&q=nothing-like-it", f"/drafts/{draft.id}", mail, f"{mail}/correct", f"{mail}/ask",
        f"/threads/{row.thread_id}", f"/cases/{row.case_id}", "/cases", "/tickets", "/quarantine", "/overview", "/rules",
        "/rules/member_club", "/templates", "/templates/m_rebill_notice", "/try", "/replay", "/no-such-page",
    ]  # fmt: skip


def test_axe_finds_no_violation_on_the_pages_of_a_mail(chromium: Browser, world: DeskWorld, addresses: list[str]) -> None:
    look_at(chromium, world, addresses[3:7])


@pytest.mark.soak
def test_axe_finds_no_violation_on_any_page(chromium: Browser, world: DeskWorld, addresses: list[str]) -> None:
    look_at(chromium, world, addresses)


def look_at(chromium: Browser, world: DeskWorld, addresses: list[str]) -> None:
    """Fails on a violation, light or dark, and where a page is wider than a phone."""
    page = signed_in(chromium, world, viewport=PHONE, reduced_motion="reduce")
    found: dict[tuple[str, str, str], list[str]] = {}
    wide: dict[str, int] = {}
    for address in addresses:
        page.goto(f"{world.url}{address}")
        page.evaluate(AXE)
        for scheme, only in (("light", None), ("dark", ["color-contrast"])):
            if only and not address.startswith(IN_DARK):
                continue
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            options = {"runOnly": {"type": "rule", "values": only}} if only else {}
            result = page.evaluate("options => axe.run(document, options)", options)
            for violation in result["violations"]:
                found[address, scheme, violation["id"]] = [node["html"][:160] for node in violation["nodes"][:3]]
        size = page.evaluate("document.documentElement.scrollWidth")
        if size > PHONE["width"]:
            wide[address] = size
    page.context.close()

    assert not found, "\n".join(f"{where}: {what}" for where, what in found.items())
    assert wide == {}


def test_a_mail_is_put_right_and_undone_with_keys_alone(chromium: Browser, world: DeskWorld) -> None:
    message = world.mail("shop5@else.example", "A question", QUESTION)
    (stale,) = world.drafts(message)
    page = signed_in(chromium, world, viewport={"width": 1280, "height": 800})
    page.goto(f"{world.url}/drafts/{stale.id}")

    page.keyboard.press("c")
    page.wait_for_url("**/correct")
    page.keyboard.type("Unrelated")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Decide it by this").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{world.url}/messages/{message}")
    corrected = world.message(message).kind
    page.keyboard.press("u")
    page.get_by_text("says that this is").wait_for(state="detached")
    page.wait_for_load_state()
    page.keyboard.press("o")
    page.wait_for_url("**/drafts/**")
    page.context.close()

    assert (corrected, world.message(message).kind) == ("unrelated", "seller_inquiry")
