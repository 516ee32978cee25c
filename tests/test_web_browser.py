"""The console in a real Chromium: keys, scripts under the content security policy, live counts, a phone's width, colours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.web_world import World, open_world

STATIC = Path(__file__).parent.parent / "supportbot/web/static"

# Text on its ground (WCAG 2.2, 1.4.3: 4.5 to 1), and lines that carry meaning (1.4.11: 3 to 1).
TEXT_PAIRS = (
    *(
        (ink, ground)
        for ink in ("ink", "ink-quiet", "accent", "good", "warn", "bad")
        for ground in ("page", "surface", "raised")
    ),
    *(("ink", f"tone-{number}") for number in range(1, 7)),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-bad", "bad"),
    ("accent", "accent-soft"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
)
LINE_PAIRS = tuple((line, ground) for line in ("edge-strong", "focus") for ground in ("page", "surface", "raised"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, demo_users=("alice", "bob")) as world:
        yield world


@pytest.fixture
def page(chromium: Browser, world: World) -> Iterator[Page]:
    """A page on which alice has signed in; whatever the browser complains of fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{world.url}/login")
    page.get_by_role("button", name="Continue as alice").click()
    page.wait_for_url(f"{world.url}/")
    yield page
    context.close()
    assert complaints == []


def test_a_draft_is_found_read_and_approved_with_keys_alone(page: Page, world: World) -> None:
    first = world.draft(world.mail("First"), "Answer one")
    world.clock.forward(seconds=1)
    second = world.draft(world.mail("Second"), "Answer two")
    page.reload()

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{world.url}/drafts/{first}")
    page.keyboard.press("j")
    page.wait_for_url(f"{world.url}/drafts/{second}")
    page.keyboard.press("k")
    page.wait_for_url(f"{world.url}/drafts/{first}")
    page.keyboard.press("a")
    page.wait_for_url(f"{world.url}/drafts/{second}?approved={first}")
    page.keyboard.press("u")
    page.wait_for_url(f"{world.url}/drafts/{first}?undone=true")

    assert world.desk.asked == [("approve", first, "alice"), ("undo", first, "alice")]


def test_edit_and_reject_open_with_a_key_and_take_the_typing(page: Page, world: World) -> None:
    draft = world.draft(world.mail("First"), "Answer one")
    page.goto(f"{world.url}/drafts/{draft}")

    page.keyboard.press("e")
    page.keyboard.press("Control+End")
    page.keyboard.type("PS: a e r j k ?")
    page.get_by_role("button", name="Save as a new version").click()
    page.wait_for_load_state()
    edited = world.read_draft(draft)
    page.keyboard.press("r")
    page.keyboard.type("asks something else")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{world.url}/")

    assert (edited.version, edited.body) == (2, "Hello,\n\nbitte.\nPS: a e r j k ?")
    assert world.read_draft(draft).state == "rejected"


def test_the_list_of_keys_opens_and_closes_and_holds_keys_back_meanwhile(page: Page, world: World) -> None:
    draft = world.draft(world.mail("First"))
    page.goto(f"{world.url}/drafts/{draft}")

    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")

    assert page.get_by_role("dialog", name="Keys").is_hidden()
    assert world.read_draft(draft).state == "draft"


def test_new_work_is_counted_without_a_reload_and_the_list_offers_itself(page: Page, world: World) -> None:
    world.draft(world.mail("First"))

    offer = page.get_by_role("link", name="Something changed: show it")
    offer.wait_for()
    assert page.locator(".tabs [data-count=drafts]").text_content() == "1"
    offer.click()

    page.get_by_role("link", name="First").wait_for()


def test_a_payload_in_a_mail_stays_text_in_a_browser(page: Page, world: World) -> None:
    payload = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    alerts: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    message = world.mail(payload, new_text=payload, evidence=[], **{"from": {"name": payload, "address": payload}})

    page.goto(f"{world.url}/drafts/{world.draft(message, payload, payload)}")

    assert page.locator(".mail-text").inner_text() == payload
    assert page.locator("img[src=x]").count() == 0
    assert alerts == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_without_scripts_a_draft_is_approved_and_nothing_sticks_out(
    chromium: Browser, world: World, scheme: str
) -> None:
    draft = world.draft(world.mail("A very long subject " * 8), body="word " * 200)
    with world.store.transaction() as tx:
        tx.quarantine(None, mailbox="support", step="fetch", reason="x" * 300, traceback="")
    viewport, colours = {"width": 360, "height": 740}, scheme
    context = chromium.new_context(viewport=viewport, color_scheme=colours, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{world.url}/login")
    page.get_by_role("button", name="Continue as bob").click()

    sizes = []
    for path in ("/", "/?tab=drafts", "/quarantine", f"/drafts/{draft}"):
        page.goto(f"{world.url}{path}")
        sizes.append(page.evaluate("document.documentElement.scrollWidth"))
    page.get_by_role("button", name="Approve").click()
    context.close()

    assert sizes == [360] * 4
    assert world.read_draft(draft).state == "approved"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_is_read_easily_on_its_ground(scheme: str) -> None:
    light, _, dark = (STATIC / "tokens.css").read_text("utf-8").partition("@media (prefers-color-scheme: dark)")
    tokens = _colours(light) | (_colours(dark) if scheme == "dark" else {})

    weak = {
        (ink, ground): round(_contrast(tokens[ink], tokens[ground]), 2)
        for pairs, least in ((TEXT_PAIRS, 4.5), (LINE_PAIRS, 3.0))
        for ink, ground in pairs
        if _contrast(tokens[ink], tokens[ground]) < least
    }

    assert weak == {}


def _colours(style: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", style))


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
