"""The values a template may insert, and what they become before they stand in a mail: plain, short, on one line."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from supportbot.drafting.lint import links_in


@dataclass(frozen=True, slots=True)
class Name:
    """A value that templates may use. `fact` is what a finding calls it; `limit` is in characters.

    kind: exact   refused when too long: a cut order id is another order's
          text    one line, cut with an ellipsis
          day     a date or an ISO date, written out in the mail's language, or text
          money   a positive number, with the decimal sign of the mail's language; anything else is unknown
          code    a currency's three letters; anything else is unknown
          name    as text; what speaks to the reader, or holds a link, is no name and is left out
          texts   a list of text
          items   a list of {title, sku, asin, quantity}; each entry needs a title or a sku
    """

    name: str
    fact: str
    kind: Literal["exact", "text", "day", "money", "code", "name", "texts", "items"]
    limit: int
    meaning: str


NAMES: tuple[Name, ...] = (
    Name("order_id", "order.order_id", "exact", 60, "the order or purchase-order number, as the marketplace writes it"),
    Name("unknown_order", "message.order_ids", "text", 120, "the order numbers that a mail names and nobody knows"),
    Name("marketplace_name", "order.marketplace", "text", 60, "the marketplace, as buyers and sellers know it"),
    Name("buyer_name", "buyer.name", "text", 80, "the buyer's name"),
    Name("seller_name", "seller.name", "text", 80, "the seller's name"),
    Name("recipient_name", "recipient.name", "name", 80, "the name of the person or shop this mail goes to, for the greeting"),
    Name("carrier", "shipment.carrier", "exact", 40, "who carries the parcel"),
    Name("tracking_number", "shipment.tracking_number", "exact", 40, "the carrier's tracking number"),
    Name("shipped_on", "shipment.shipped_at", "day", 40, "the day the parcel left"),
    Name("items", "order.lines", "items", 120, "the items the mail is about: a list of title, sku, asin, quantity"),
    Name("cancelled_items", "order.cancelled_lines", "items", 120, "the items that were cancelled: the same shape"),
    Name("amount", "case.amount", "money", 20, 'an amount of money without its currency, e.g. "129.00"'),
    Name("currency", "order.currency", "code", 3, "the amount's currency (ISO 4217)"),
    Name("question", "request.question", "text", 400, "the one precise question this mail asks"),
    Name("missing", "decision.missing", "texts", 80, "what we still need, a list of words"),
    Name("defects", "chain.defects", "texts", 400, "what is wrong with an e-mail chain, a list of sentences"),
    Name("expected_ship_date", "order.expected_ship_at", "day", 40, "the day the order should ship"),
    Name("new_ship_date", "message.new_ship_date", "day", 40, "the later day on which the seller says that it can ship"),
    Name(
        "auto_cancel_date", "order.auto_cancel_at", "day", 40, "the day on which the marketplace cancels a late order by itself"
    ),
    Name("npb_option_date", "alert.cancel_option_at", "day", 40, "the day from which an unpaid order can be cancelled"),
    Name("reason", "decision.reason", "text", 600, "why, in whole sentences in the mail's language"),
    Name("team_name", "settings.team_name", "text", 80, "how we sign"),
    Name("how_to_attach", "message.mail_program", "text", 400, "how the recipient's mail program attaches a message"),
    Name("outcome", "request.outcome", "text", 400, "how a request ended or where the order stands, in whole sentences"),
)
"""Everything a template may insert."""

BY_NAME = {name.name: name for name in NAMES}
ITEM_KEYS = ("title", "sku", "asin", "quantity")
_LIST_LIMIT = 100  # entries

_MONTHS: Mapping[str, tuple[str, ...]] = {
    language: tuple(months.split())
    for language, months in (
        ("en", "January February March April May June July August September October November December"),
        ("de", "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        ("fr", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        ("es", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        ("it", "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    )
}
_DAY_FORMS = {"de": "{day}. {month} {year}", "es": "{day} de {month} de {year}"}


_WITH_COMMA = frozenset({"de", "fr", "es", "it"})
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,2})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST_WORDS = 8  # of a name
_SPEAKS = re.compile(r"[!?;:]|[.,] \w+ \w+ \w+")  # punctuation as sentences have it; "Hale, Nora Dr." has none
_SHOWS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and signs without a glyph
_MOST_PARTS = 4  # words of an order number


def plain(value: str) -> str:
    """One line of plain text: composed (NFC), without control, direction or zero-width characters, white space folded."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    spaced = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} or c in _SHOWS_NOTHING else c
        for c in unicodedata.normalize("NFC", value)
    )
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in {"Cf", "Cs", "Cn", "Co"}).split())


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _day(value: object, language: str) -> str:
    day = value if isinstance(value, date) else _iso_day(plain(_scalar(value)))
    if isinstance(day, str):
        return day
    months = _MONTHS.get(language, _MONTHS["en"])
    form = _DAY_FORMS.get(language, "{day} {month} {year}")
    return form.format(day=day.day, month=months[day.month - 1], year=day.year)


def _iso_day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text  # "next week" is fine in a mail


def _scalar(value: object) -> str:
    return str(value) if isinstance(value, str | int | Decimal | date) and not isinstance(value, bool) else ""


def _item(entry: object, limit: int) -> dict[str, str]:
    """An item's known parts as text."""
    if not isinstance(entry, Mapping):
        return {}
    parts = {key: _cut(plain(_scalar(entry.get(key))), limit) for key in ITEM_KEYS}
    if parts["quantity"] == "0":
        parts["quantity"] = ""  # nobody is told of no units; the number was not known
    return {key: part for key, part in parts.items() if part}


def _clean(name: Name, value: object, language: str) -> str | tuple[str, ...] | tuple[dict[str, str], ...]:
    """The value as it may stand in a mail; empty where it is not known or not of its kind."""
    if name.kind in {"texts", "items"}:
        entries = list(value)[:_LIST_LIMIT] if isinstance(value, list | tuple) else []
        if name.kind == "texts":
            return tuple(text for entry in entries if (text := _cut(plain(_scalar(entry)), name.limit)))
        return tuple(_item(entry, name.limit) for entry in entries)
    if name.kind == "day":
        return _cut(_day(value, language), name.limit)
    text = plain(_scalar(value))
    match name.kind:
        case "exact":
            return text
        case "money":
            return _money(text, language)
        case "code":
            return text if _CURRENCY.fullmatch(text) else ""
        case "name" if len(text.split()) > _MOST_WORDS or _SPEAKS.search(text) or links_in(text):
            return ""
        case _:
            return _cut(text, name.limit)


def _money(text: str, language: str) -> str:
    if not _AMOUNT.fullmatch(text) or not text.strip("0."):
        return ""
    return text.replace(".", ",") if language in _WITH_COMMA else text


def clean_values(
    values: Mapping[str, object], *, needs: Sequence[str], may: Sequence[str], language: str
) -> tuple[dict[str, object], tuple[str, ...]]:
    """All values of NAMES as they may stand in the mail, and what stops it from being written."""
    cleaned: dict[str, object] = {name.name: _clean(name, values.get(name.name), language) for name in NAMES}
    findings = []
    for need in needs:
        first, _, key = need.partition(".")
        name, value = BY_NAME[first], cleaned[first]
        entries = value if isinstance(value, tuple) else ()
        if not value:
            findings.append(f"missing: {name.fact}")
        elif key and not all(isinstance(entry, dict) and entry.get(key) for entry in entries):
            findings.append(f"missing: {name.fact}.{key}")
        elif name.kind == "items" and not all(
            isinstance(entry, dict) and (entry.get("title") or entry.get("sku")) for entry in entries
        ):
            findings.append(f"missing: {name.fact}.title")
    for used in (*needs, *may):
        name, value = BY_NAME[used.partition(".")[0]], cleaned[used.partition(".")[0]]
        if name.name == "order_id" and isinstance(value, str) and len(value.split()) > _MOST_PARTS:
            findings.append(f"no order number: {name.fact} is {_cut(value, 40)!r}")
        if name.kind == "exact" and isinstance(value, str) and len(value) > name.limit:
            findings.append(f"too long: {name.fact} has {len(value)} characters, at most {name.limit} are right")
    return cleaned, tuple(dict.fromkeys(findings))
