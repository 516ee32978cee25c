"""The console's language: the viewer's choice, else what the browser asks for; in German no English is left on any page."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser

from supportbot.web import language
from tests.test_web_console import tags_of
from tests.web_world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("language")) as world:
        yield world


@pytest.mark.parametrize(
    ("header", "is_"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr, de;q=0.4, en;q=0.3", "de"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("de;q=x, en", "en"),
        (",;;q=,", "en"),
        ("de;q=1," * 100_000, "de"),
    ],
)
def test_the_browser_asks_for_a_language(header: str, is_: str) -> None:
    assert language.asked_for(header) == is_


def test_a_choice_lasts_and_stands_above_what_the_browser_asks_for(world: World) -> None:
    with world.signed_in() as client:
        client.headers["accept-language"] = "de"
        german = client.get("/?tab=drafts").text
        back = client.post("/language", data={"to": "en", "back": "/?tab=drafts"})
        english = client.get("/overview").text
        unknown = client.post("/language", data={"to": "xx", "back": "/"}).status_code
        away = client.post("/language", data={"to": "de", "back": "//evil.example/"}, follow_redirects=False)
    assert '<html lang="de">' in german
    assert "Kein Entwurf wartet auf Prüfung." in german
    assert str(back.url).endswith("/?tab=drafts")
    assert '<html lang="en">' in back.text
    assert '<html lang="en">' in english
    assert (unknown, away.headers["location"]) == (404, "/")


def test_two_people_at_one_moment_each_read_their_own_language(world: World) -> None:
    with world.signed_in() as german, world.signed_in("bob") as english:
        german.headers["accept-language"] = "de"
        pages = [(client.get("/cases").text, words) for _ in range(5) for client, words in ((german, "de"), (english, "en"))]
    assert [f'<html lang="{words}">' in page for page, words in pages] == [True] * 10


def test_refusals_and_names_are_german_too(world: World) -> None:
    message = world.mail("Storno", action="review", kind="cancel_nonstandard")
    with world.signed_in("vera") as client:
        client.headers["accept-language"] = "de"
        csrf = tags_of(client.get("/").text).fields["csrf"]
        refused = client.post(f"/messages/{message}/handled", data={"csrf": csrf}).text
        mail = client.get(f"/messages/{message}").text
        missing = client.get("/no-such-page").text
    assert "Ihre Rolle (viewer) darf ansehen, aber nicht dies tun." in refused
    assert "Käufer will stornieren" in mail
    assert "Unter dieser Adresse ist nichts." in missing


def test_the_same_page_in_german_repeats_no_english_text(world: World) -> None:
    message = world.mail("Storno")
    draft = world.draft(message, body="Hallo")
    english = {text for text, own in language.catalogue("de").items() if own != text and " " in text and "%" not in text}
    with world.signed_in() as client:
        client.headers["accept-language"] = "de"
        for path in ("/", "/?tab=waiting", f"/drafts/{draft}", f"/messages/{message}", "/overview", "/account", "/quarantine"):
            reader = _Shown()
            reader.feed(client.get(path).text)
            assert english & set(reader.found) == set(), path


def test_a_click_in_the_foot_changes_the_language_and_stays_on_the_page(chromium: Browser, world: World) -> None:
    page = chromium.new_page(locale="en-US")
    page.goto(f"{world.url}/login")
    page.get_by_role("button", name="Deutsch").click()
    page.wait_for_url(f"{world.url}/login")
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.get_by_role("button", name="Anmelden").is_visible()
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state()
    assert page.get_by_role("button", name="Sign in").is_visible()
    page.close()


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(re.sub(r"\s+", " ", data).strip())
