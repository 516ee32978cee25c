"""The console's words in the viewer's language: English stands in the pages and here in the code, others in one catalogue each.

`languages/de.toml` says for each English text what it is in German. A text that a catalogue lacks shows in English, and a test
names it. What the console only passes on (rules in their source's words, the linter's findings, refusals of the desk) is shown
as it came.
"""

import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from markupsafe import escape
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
COOKIE = "language"
_EVERY_TEXT = "de"  # a language whose catalogue holds every text, as a test proves
_FOLDER = Path(__file__).parent / "languages"
_MOST_ASKED = 20  # languages of one header that are looked at

_language: ContextVar[str] = ContextVar("language", default="en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The texts of a language by their English; none for English itself."""
    if language == "en":
        return {}
    said: dict[str, str] = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return said


def language() -> str:
    """The language of whoever is asking."""
    return _language.get()


def translated(text: str) -> str:
    """The text in that language."""
    return catalogue(_language.get()).get(text, text)


def shown(text: str) -> str:
    """The text for a page, where it is taken for markup and for a format: a text that no catalogue knows may hold anything."""
    if text in catalogue(_EVERY_TEXT):
        return translated(text)
    return escape(text).replace("%", "%%")


def counted(one: str, many: str, number: int) -> str:
    """The text for a number of things; both languages tell one from any other number."""
    return translated(one if number == 1 else many)


def say(text: str, **values: object) -> str:
    """A text of the code in the viewer's language, with `%(name)s` in it replaced."""
    return translated(text) % values if values else translated(text)


def marked(text: str) -> str:
    """Marks a text of the catalogue that is said later, where the language is known."""
    return text


class Languages:
    """Finds out the language of each request: what the person chose, else the first that the browser asks for and we have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on in its language."""
        if scope["type"] == "http":
            request = Request(scope)
            chosen = request.cookies.get(COOKIE, "")
            _language.set(chosen if chosen in NAMES else asked_for(request.headers.get("accept-language", "")))
        await self._app(scope, receive, send)


def asked_for(header: str) -> str:
    """The language that an Accept-Language header likes best among ours (RFC 9110 section 12.5.4); English where none."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_ASKED]:
        tag, _, weight = part.partition(";")
        try:
            liked = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        found.append((liked, tag.strip().casefold().partition("-")[0]))
    ours = [(liked, tag) for liked, tag in found if tag in NAMES and liked > 0]
    return max(ours, key=lambda one: one[0])[1] if ours else "en"
