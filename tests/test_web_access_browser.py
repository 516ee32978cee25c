"""The doors in a real browser: the forms work under the strict policy, and the picture of the second factor is drawn."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.web_world import PASSWORD, World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def test_the_first_administrator_sets_up_a_second_factor_and_signs_in_with_it(world: World, chromium: Browser) -> None:
    with world.store.transaction() as tx:
        for name in ("alice", "bob", "vera"):
            tx.disable_user(name, by="root")
        token = tx.make_first_link()
    refused: list[str] = []
    page = chromium.new_page()
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(f"{world.url}/first/{token}")
    page.get_by_label("Your name").fill("ada")
    page.get_by_label("Password, 12 characters or more").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Set it up").click()
    drawn = page.locator(".qr svg").bounding_box()
    assert drawn is not None
    assert min(drawn["width"], drawn["height"]) >= 150
    codes = pyotp.TOTP(page.locator("p.mono").inner_text().replace(" ", ""))
    page.get_by_label("Code").fill(codes.at(world.clock.now()))
    page.keyboard.press("Enter")
    page.get_by_text("never shown again").wait_for()
    page.get_by_role("button", name="Sign out", exact=True).click()
    _sign_in(page, world, codes)
    page.get_by_role("link", name="ada admin").click()
    page.get_by_label("What is it for?").fill("a report")
    page.get_by_role("button", name="Make a token").click()
    assert page.locator("p.mono").inner_text().startswith("sbt_")
    page.close()
    assert refused == []


def _sign_in(page: Page, world: World, codes: pyotp.TOTP) -> None:
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    world.clock.forward(seconds=30)
    page.get_by_label("Code").fill(codes.at(world.clock.now()))
    page.keyboard.press("Enter")
    page.get_by_text("Nothing waits for you").wait_for()
