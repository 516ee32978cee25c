"""Amounts of money that a text names, with their currencies; what a notice told its reader that he would be billed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

CODES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "USD EUR GBP JPY CNY CAD AUD NZD CHF SEK NOK DKK PLN CZK HUF RON BGN TRY INR BRL MXN ARS CLP COP ZAR SGD HKD TWD KRW "
        "THB MYR IDR PHP VND ILS AED SAR EGP UAH RUB",
    )
)
"""Currency codes (ISO 4217) that are read beside a number; other capitals there are words."""
SYMBOLS = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₩": frozenset({"KRW"}),
    "zł": frozenset({"PLN"}),
}
"""What a sign may stand for."""
_NUMBER = r"(?:\d{1,3}(?:[.,'\u00a0\u202f ]\d{3}){1,3}|\d{1,9})(?:[.,]\d{1,2})?(?![\d.,]\d)(?!\d)"
_UNIT = "|".join([r"(?:US|CA|AU|NZ|SG|HK|[ACS])?\$", *(re.escape(sign) for sign in SYMBOLS if sign != "$"), *sorted(CODES)])
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<before>{_UNIT})[ \u00a0]?(?P<after_unit>{_NUMBER})"
    rf"|(?<![\w.,-])(?P<number>{_NUMBER})[ \u00a0]?(?P<after>{_UNIT})(?!\w)"
)
_PART = re.compile(r"[.,](\d{1,2})$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with a currency beside it. `currencies`: the codes that its sign or code may mean."""

    value: Decimal
    currencies: frozenset[str]


def amounts_in(text: str) -> list[Amount]:
    """Every amount that a text names with a currency, in its order: "$1,234.50", "79,00 EUR", "EUR 79"."""
    return list(_amounts(text))


def _amounts(text: str) -> Iterator[Amount]:
    for found in _AMOUNT.finditer(text):
        unit = found["before"] or found["after"]
        currencies = SYMBOLS["$"] if unit.endswith("$") else SYMBOLS.get(unit, frozenset({unit}))
        yield Amount(_decimal(found["after_unit"] or found["number"]), currencies)


def _decimal(written: str) -> Decimal:
    part = _PART.search(written)
    digits = re.sub(r"\D", "", written[: part.start()] if part else written)
    return Decimal(f"{digits}.{part[1]}" if part else digits)
