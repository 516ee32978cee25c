"""What a list is narrowed to, as the address says it; and the place in a list from which it goes on."""

from collections.abc import Mapping
from datetime import datetime
from typing import get_args
from urllib.parse import parse_qsl, urlencode

from supportbot.store import Filter, WorkLine
from supportbot.store.worklist import Flag
from supportbot.web.language import marked

LANGUAGES = {
    "en": marked("English"),
    "de": marked("German"),
    "fr": marked("French"),
    "es": marked("Spanish"),
    "it": marked("Italian"),
    "nl": marked("Dutch"),
    "pt": marked("Portuguese"),
}
AGES = {"4": marked("4 hours"), "24": marked("a day"), "72": marked("3 days"), "168": marked("a week")}
FLAGS = {
    "mine": marked("In my hands"),
    "unassigned": marked("In nobody's hands"),
    "findings": marked("Cannot be approved yet"),
    "unproved": marked("Sender not proved"),
    "unsure": marked("The bot is unsure"),
}
_LONGEST = 200  # characters of one field


def filter_of(said: Mapping[str, str]) -> Filter:
    """The filter that an address asks for; what it does not know narrows nothing."""

    def text(name: str) -> str:
        return said.get(name, "").strip()[:_LONGEST]

    older, flag = text("older"), text("flag")
    return Filter(
        words=text("q"),
        kind=text("kind"),
        marketplace=text("marketplace"),
        seller=text("seller"),
        language=text("language"),
        older_hours=int(older) if older in AGES else 0,
        flag=next((known for known in get_args(Flag) if known == flag), ""),
    )


def query_of(wanted: Filter) -> str:
    """The same as the query of an address; "" for a filter that narrows nothing."""
    said = {
        "q": wanted.words,
        "kind": wanted.kind,
        "marketplace": wanted.marketplace,
        "seller": wanted.seller,
        "language": wanted.language,
        "older": str(wanted.older_hours or ""),
        "flag": wanted.flag,
    }
    return urlencode({name: value for name, value in said.items() if value})


def filter_in(query: str) -> Filter:
    """The filter of a query that a form carried along."""
    return filter_of(dict(parse_qsl(query[:2000])))


def place_of(said: str, *, numbered: bool) -> tuple[datetime, str] | int | None:
    """Where a list goes on; None for its beginning, and for a place that cannot be read."""
    if numbered:
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else None
    at, tilde, id_ = said.partition("~")
    try:
        return (datetime.fromisoformat(at), id_) if tilde else None
    except ValueError:
        return None


def place_after(line: WorkLine, *, numbered: bool) -> str:
    """The place after a line."""
    return line.id if numbered else f"{line.at.isoformat()}~{line.id}"
