"""Order numbers and tracking numbers, as written, each with the characters that hold it.

A carrier is never inferred from digits alone: a number of digits only needs a carrier's name or the word tracking near it.
Formats: UPS "1Z"; UPU S10 (check digit, weights 8 6 4 2 3 5 9 7); USPS IMpb (GS1 mod 10); DHL "JJD"; Amazon "TBA".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from supportbot.casework.facts import Evidence


@dataclass(frozen=True, slots=True)
class Found:
    """A number and its characters in the text it was read from."""

    value: str
    start: int
    end: int
    rule: str

    def evidence(self, fact: str, *, subject: bool = False) -> Evidence:
        """As evidence for `fact`; in a subject there are no characters of the new text to point at."""
        if subject:
            return Evidence(fact, self.value, 0, 0, "subject")
        return Evidence(fact, self.value, self.start, self.end, self.rule)


_AMAZON_ID = re.compile(r"(?<![\w-])(?:\d{3}|[SD]\d{2})-\d{7}-\d{7}(?![\w-]*\d)", re.IGNORECASE)
_SALES_ORDER = re.compile(r"(?<![\w-])SO-?\d{2,}(?!\w)", re.IGNORECASE)
_LABEL = (
    r"(?:p\.?\s?o\.?|purchase[\s-]orders?|orders?|ordernr|ord\.|order-?id|commande|command|bestellung|bestellnummer|auftrag|pedido|encomenda|ordine"
    r"|bestelling|zam[oó]wieni[ea]|注文(?:番号)?)"
)
_NUMBER_WORD = r"(?:\s*(?:(?:numbers?|num|no|nr|ids?|reference|ref|nummer|numéro|número|numero)\b\.?|n[°º]|№))"
_VALUE = r"[A-Za-z]{0,4}-?\d\w*+(?:-(?=\w*\d)\w++)*+"
_LABELLED = re.compile(
    rf"(?<![\w-]){_LABEL}(?P<number>{_NUMBER_WORD}?(?:\s+(?:is|was|are))?\s*[:#(]*\s*#?)-?\s*(?P<value>{_VALUE})(?![\w])",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"\s*+(?:(?:,|;|/|&|\+|and|und|et|y)\s*+)++(?:PO[\s-]*+)?#?\s*+(?P<value>{_VALUE})(?![\w%])", re.IGNORECASE)
_HASH = re.compile(rf"(?<![\w#&])#\s?(?P<value>{_VALUE})(?!\w)")
_BARE = re.compile(r"(?<![\w+./#-])(?!20[2-3]\d[01]\d[0-3]\d\b)\d{7,10}(?![\w./-]*\w)")  # and no date
_NOT_AN_ORDER = re.compile(
    r"(?:ticket|case|invoice|line|lines|item|sku|asin|account|lot|unit|units|part|phone|tel|ref|memo|tracking|page|step|apt|suite|room)"
    r"(?:\s*(?:number|no|nr|id))?\W{0,3}\Z",
    re.IGNORECASE,
)
_QUANTITY_AFTER = re.compile(
    r"\s*(?:%|x\b|pcs|pieces?|units?|items?|more|of\b|days?|weeks?|hours?|minutes?|months?|years?|times?|lines?|lots?|dollars?|euros?|usd|eur|gbp"
    r"|(?:st|nd|rd|th)\b|[./:]\d)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"\A(?:PO\s*#|PO-|PO(?=\d)|#)\s*", re.IGNORECASE)


def order_ids(text: str, known: Sequence[str] = ()) -> tuple[Found, ...]:
    """The order numbers that `text` names, in order, each once; ids in `known` are found wherever they stand."""
    found: list[Found] = []

    def add(value: str, start: int, end: int, rule: str) -> None:
        bare = value if value in known else _LEADING.sub("", value)
        start = end - len(bare)
        if bare and not any(start < other.end and other.start < end for other in found):
            found.append(Found(bare, start, end, rule))

    for order_id in sorted(known, key=len, reverse=True):
        for hit in re.finditer(rf"(?<![\w-]){re.escape(order_id)}(?![\w-])", text, re.IGNORECASE):
            add(hit.group(), hit.start(), hit.end(), "order_id.known")
    for hit in _AMAZON_ID.finditer(text):
        add(hit.group(), hit.start(), hit.end(), "order_id.amazon")
    for hit in _LABELLED.finditer(text):
        if _plausible(text, hit):
            add(hit["value"], hit.start("value"), hit.end("value"), "order_id.labelled")
            for more in _list_after(text, hit.end()):
                add(more["value"], more.start("value"), more.end("value"), "order_id.listed")
    for hit in _HASH.finditer(text):
        if len(hit["value"]) >= 3 and not _NOT_AN_ORDER.search(text[max(0, hit.start() - 24) : hit.start()]):
            add(hit["value"], hit.start("value"), hit.end("value"), "order_id.hash")
    for hit in _SALES_ORDER.finditer(text):
        add(hit.group(), hit.start(), hit.end(), "order_id.sales_order")
    return _once(sorted(found, key=lambda one: one.start))


def bare_order_id(subject: str) -> tuple[Found, ...]:
    """The one number of seven to ten digits in a subject that says nothing else of it: "Stop shipment 771903826"."""
    hits = [hit for hit in _BARE.finditer(subject) if not _NOT_AN_ORDER.search(subject[max(0, hit.start() - 24) : hit.start()])]
    return tuple(Found(hit.group(), hit.start(), hit.end(), "order_id.bare") for hit in hits) if len(hits) == 1 else ()


def _plausible(text: str, hit: re.Match[str]) -> bool:
    value = hit["value"]
    digits = sum(char.isdigit() for char in value)
    label = hit.group()[: hit.start("value") - hit.start()].casefold()
    named = bool(hit["number"].strip(" -")) or label.lstrip().startswith(("p", "注"))
    if _QUANTITY_AFTER.match(text, hit.end()) and not named:
        return False
    if re.fullmatch(r"\d+(?:st|nd|rd|th|x|k|kg|cm|mm|h|am|pm|pcs)", value, re.IGNORECASE):
        return False
    return bool(digits >= (1 if named else 2))


def _list_after(text: str, at: int) -> Iterator[re.Match[str]]:
    while (more := _NEXT.match(text, at)) and sum(char.isdigit() for char in more["value"]) >= 3:
        if _QUANTITY_AFTER.match(text, more.end()):
            return
        yield more
        at = more.end()


def _once(found: Sequence[Found]) -> tuple[Found, ...]:
    first: dict[str, Found] = {}
    for one in found:
        first.setdefault(one.value.casefold(), one)
    return tuple(first.values())


def _ups(value: str) -> bool:
    """UPS "1Z": letters count as (code - 63) mod 10, even places twice, check digit last."""
    body, check = value[2:-1].upper(), value[-1]
    digits = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return check.isdigit() and (10 - total % 10) % 10 == int(check)


def _s10(value: str) -> bool:
    """UPU S10: two letters, eight digits, a check digit, a country."""
    digits = value[2:11]
    total = sum(int(digit) * weight for digit, weight in zip(digits[:8], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return check == int(digits[8])


def _gs1(value: str) -> bool:
    """GS1 mod 10, as USPS uses it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(value[:-1])))
    return (10 - total % 10) % 10 == int(value[-1])


_CARRIERS = (
    r"ups|fedex|fed\sex|usps|dhl|dpd|gls"
    r"|hermes|evri|royal\smail|tnt|ontrac|lasership|purolator|canada\spost|postnl|colissimo|chronopost|correos|inpost"
)
_TRACKING_WORD = r"track(?:ing|ed)?|trk|consignment|waybill|awb|airbill|sendungsnummer|suivi|seguimiento|tracciamento"
_NEAR = re.compile(rf"\b(?:{_CARRIERS}|{_TRACKING_WORD})\b", re.IGNORECASE)
# Formats that no other number has: (rule, pattern, check that must hold where no carrier is named)
_FORMATS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool] | None], ...] = (
    ("tracking.ups", re.compile(r"(?<!\w)1Z(?:\s?[0-9A-Z]){16}(?!\w)", re.IGNORECASE), None),
    ("tracking.dhl_parcel", re.compile(r"(?<!\w)J(?:JD|VGL)\d{10,20}(?!\w)", re.IGNORECASE), None),
    ("tracking.amazon", re.compile(r"(?<!\w)TB[ACM]\d{12}(?!\w)", re.IGNORECASE), None),
    ("tracking.s10", re.compile(r"(?<!\w)[A-Z]{2}\s?\d{3}\s?\d{3}\s?\d{3}\s?[A-Z]{2}(?!\w)"), _s10),
    ("tracking.usps", re.compile(r"(?<![\w-])9[1-5]\d{2}(?:\s?\d{4}){4}(?:\s?\d{2})?(?![\w-])"), _gs1),
)
_DIGITS = re.compile(r"(?<![\w-])\d(?:[ -]?\d){9,33}(?![\w-])|(?<![\w-])[A-Z]{1,3}\d{9,16}(?!\w)")
_LENGTHS = frozenset((10, 11, 12, 14, 15, 16, 18, 20, 22, 24, 26, 30, 34))


def tracking_numbers(text: str) -> tuple[Found, ...]:
    """The carriers' tracking numbers in `text`, as written, each once."""
    found: list[Found] = []
    named = [hit.end() for hit in _NEAR.finditer(text)]

    def near(start: int) -> bool:
        return any(0 <= start - end <= 60 and "\n\n" not in text[end:start] for end in named)

    for rule, pattern, check in _FORMATS:
        for hit in pattern.finditer(text):
            bare = re.sub(r"\s", "", hit.group())
            if rule == "tracking.ups" and not (sum(char.isdigit() for char in bare) >= 8 or _ups(bare)):
                continue
            if check is None or check(bare) or near(hit.start()):
                found.append(Found(hit.group(), hit.start(), hit.end(), rule))
    for hit in _DIGITS.finditer(text):
        length = sum(char.isalnum() for char in hit.group())
        taken = any(hit.start() < one.end and one.start < hit.end() for one in found)
        if not taken and near(hit.start()) and length in _LENGTHS and not _AMAZON_ID.fullmatch(hit.group()):
            found.append(Found(hit.group(), hit.start(), hit.end(), "tracking.labelled"))
    return _once(sorted(found, key=lambda one: one.start))


def numbers(text: str, known: Sequence[str] = ()) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Order numbers and tracking numbers of `text`; characters of a tracking number are no order number."""
    tracking = tracking_numbers(text)
    orders = tuple(
        one
        for one in order_ids(text, known)
        if one.rule == "order_id.known" or not any(one.start < t.end and t.start < one.end for t in tracking)
    )
    return orders, tracking
