"""Order numbers and tracking numbers, as written, each with the characters that hold it.

A carrier is never inferred from digits alone: a number of digits only needs a carrier's name or the word tracking near it
(carriers.toml).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from supportbot.casework.facts import Evidence
from supportbot.triage.carriers import carriers


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
# The same as hands write it: with blanks, other dashes, none at all, or letters that look like digits.
_SLIP = r"[\dOoIl]"
_AMAZON_LOOSE = re.compile(
    rf"(?<![\w-])(?:{_SLIP}{{3}}|[SD]\d{{2}})"
    rf"(?:(?:\s|\s?[-\u2010-\u2015.]\s?){_SLIP}{{7}}(?:\s|\s?[-\u2010-\u2015.]\s?){_SLIP}{{7}}|{_SLIP}{{14}})(?![\w-]*\d)(?!\w)"
)
_DATE = re.compile(r"(?:\d{1,2}-\d{1,2}-)?(?:19|20)\d\d(?:-\d{1,2}){0,2}")
_FEWEST_DIGITS = 12  # of an id of 17 places, the rest may be letters by mistake
_SALES_ORDER = re.compile(r"(?<![\w-])(?P<value>[Ss][Oo]-?\d{2,}|(?<=SO )\d{3,})(?!\w)")
_LABEL = (
    r"(?:p\.?\s?o\.?|purchase[\s-]orders?|orders?|ordernr|ord\.|order-?id|commande|command|bestellung|bestellnummer|auftrag|pedido|encomenda|ordine"
    r"|bestelling|zam[oó]wieni[ea]|注文(?:番号)?)"
)
_NUMBER_WORD = r"(?:\s*(?:(?:numbers?|num|no|nr|ids?|reference|ref|nummer|numéro|número|numero)\b\.?|n[°º]|№))"
_VALUE = r"(?:(?:\d{3} \d{3} \d{3,4}|\d{4,5} \d{4}|\d{3} \d{5,6})(?![ \w-]*\d)|[A-Za-z]{0,4}-?\d\w*+(?:-(?=\w*\d)\w++)*+)"
_LABELLED = re.compile(
    rf"(?<![\w-]){_LABEL}(?P<number>\s?\#?{_NUMBER_WORD}?(?:\s+(?:is|was|are))?\s*[:#(]*\s*#?)-?\s*(?P<value>{_VALUE})(?![\w])",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"\s*+(?:(?:,|;|/|&|\+|and|und|et|y)\s*+)++(?:PO[\s-]*+)?#?\s*+(?P<value>{_VALUE})(?![\w%])", re.IGNORECASE)
_CANCELLED_ID = re.compile(
    r"(?<!\w)(?:cancel(?:l?ation|led|ling)?s?|canx|stop|hold|void|reinstate|revive|storno|stornierung|annulation|annuler|annuli\w{1,6}|cancelaci[oó]n"
    r"|cancelar|anular|annullare|annullamento|annullo)(?:\s(?:request|order|notice|anfrage))?(?:\s(?:of|on|for|zu|von|de|del|di|la|le|des|du))?"
    r"\s*[:#]?\s*(?P<value>(?=[\d-]{5,24}(?![\w-]))\d{2,12}(?:-\d{2,8}){0,2})(?![\w%-])(?![.:/]\d)",
    re.IGNORECASE,
)  # "please cancel 30-118"
_HASH = re.compile(rf"(?<![\w#&])#\s?(?P<value>{_VALUE})(?!\w)")
_BARE = re.compile(r"(?<![\w+./#@-])(?!20[2-3]\d[01]\d[0-3]\d\b)\d{7,12}(?![\w@-])(?![./:,]\d)")  # and no date
_CODE = re.compile(
    r"(?<![\w+./#@-])(?:[A-Z]{1,4}-\d{4,10}|[A-Z]{1,3}\d{6,10}|[A-Z]{2}\d[A-Z]\d{6,10}|[A-Z]{2} \d{5,6})(?![\w@-])(?![.:]\d)"
)
_REFERENCE = re.compile(r"(?<!\w)ref(?:erence)?\b[\s.:]{0,3}\Z", re.IGNORECASE)  # before a code; digits alone could be anything
_NO_CODES = frozenset(
    (
        "RMA",
        "SKU",
        "INV",
        "TKT",
        "CASE",
        "REF",
        "KB",
        "PIN",
        "EAN",
        "ISBN",
        "IBAN",
        "VAT",
        "HRB",
        "HRA",
        "RT",
        "ISO",
        "DIN",
        "EN",
        "TEL",
        "FAX",
        "USD",
        "EUR",
        "GBP",
        "UPC",
        "ASIN",
        "MEMO",
        "CM",
    )
)
_NOT_AN_ORDER = re.compile(
    r"(?<!\w)(?:ticket|case|claim|request|dossier|slip|invoice|rechnung|facture|factura|fattura|sku|asin|ean|upc|isbn|account|konto|iban|vat|phone|tel|telefon|"
    r"téléphone|teléfono|telefono|mobile|cell|handy|fax|whatsapp|call|ring|text|dial|ref|memo|rma|tracking|page|step|apt|suite|room|registry|batch|auth(?:orization)?|voucher|coupon|code|"
    r"[$€£])(?:\s*(?:number|no|nr|id|is))?[^\w\n]{0,4}\Z"
    r"|(?<!\w)(?:line|lines|item|model|modell|lot|unit|units|part)(?:\s*(?:number|no|nr|id|is))?[^\w\n,;]{0,4}\Z"
    r"|(?<!\w)(?:phone|tel|telephone|telefon|mobile|cell|handy|fax|call|ring|text|whatsapp)\b[^\w\n]{0,3}\+?\d[\d ()/-]{1,9}\Z"
    r"|(?<!\w)(?:call|ring|text|phone|reach|dial)\s(?:us|me)?\s?(?:on|at|under)\s\Z",
    re.IGNORECASE,
)
_QUANTITY_AFTER = re.compile(
    r"\s*(?:%|x\b|cases?\b|boxes\b|cartons?\b|pallets?\b|pcs|pieces?|units?|items?|more|of\b|days?|weeks?|hours?|minutes?|months?|years?|times?|lines?|lots?|dollars?|euros?|usd|eur|gbp"
    r"|(?:st|nd|rd|th)\b|[./:]\d)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_MORE_FORMS = frozenset("iks")  # ASCII letters that other letters stand for in some case
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
        for start, end in _places_of(order_id, text):
            add(text[start:end], start, end, "order_id.known")
    if _DIGIT.search(text) is None:  # every other number has one
        return _once(sorted(found, key=lambda one: one.start))
    for hit in _AMAZON_ID.finditer(text):
        add(hit.group(), hit.start(), hit.end(), "order_id.amazon")
    for hit in _AMAZON_LOOSE.finditer(text):
        if sum(char.isdigit() for char in hit.group()) >= _FEWEST_DIGITS:
            add(hit.group(), hit.start(), hit.end(), "order_id.amazon_loose")
    for hit in _LABELLED.finditer(text):
        if _plausible(text, hit):
            add(hit["value"], hit.start("value"), hit.end("value"), "order_id.labelled")
            for more in _list_after(text, hit.end()):
                add(more["value"], more.start("value"), more.end("value"), "order_id.listed")
    for hit in _CANCELLED_ID.finditer(text):
        if not _QUANTITY_AFTER.match(text, hit.end()) and not _DATE.fullmatch(hit["value"]):
            add(hit["value"], hit.start("value"), hit.end("value"), "order_id.cancelled")
    for hit in _HASH.finditer(text):
        if len(hit["value"]) >= 3 and not _named_otherwise(text, hit.start()):
            add(hit["value"], hit.start("value"), hit.end("value"), "order_id.hash")
    for hit in _SALES_ORDER.finditer(text):
        add(hit["value"], hit.start(), hit.end(), "order_id.sales_order")
    for pattern, rule in ((_BARE, "order_id.bare"), (_CODE, "order_id.code")):
        for hit in pattern.finditer(text):
            prefix = re.match(r"[A-Z]*", hit.group())
            reference = prefix is not None and prefix.group() and _REFERENCE.search(text, max(0, hit.start() - 12), hit.start())
            if (prefix is None or prefix.group() not in _NO_CODES) and (reference or not _named_otherwise(text, hit.start())):
                add(hit.group(), hit.start(), hit.end(), rule)
    return _once(sorted(found, key=lambda one: one.start))


def _places_of(order_id: str, text: str) -> Iterator[tuple[int, int]]:
    """Where an order id stands by itself, in whatever case."""
    low, wanted = text.lower(), order_id.lower()
    if (
        not order_id
        or not order_id.isascii()
        or len(low) != len(text)
        or not (text.isascii() or _MORE_FORMS.isdisjoint(wanted))
    ):
        # Letters that have more than two forms are left to the regular expressions, which know them.
        for hit in re.finditer(rf"(?<![\w-]){re.escape(order_id)}(?![\w-])", text, re.IGNORECASE):
            yield hit.span()
        return
    at = low.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        alone = not (_joined(text[at - 1 : at]) or _joined(text[end : end + 1]))
        if alone:
            yield at, end
        at = low.find(wanted, end if alone else at + 1)


def _joined(char: str) -> bool:
    return char.isalnum() or char in ("_", "-")


def _named_otherwise(text: str, at: int) -> bool:
    """Whether the words before a number say that it is a telephone, an invoice, a price."""
    return _NOT_AN_ORDER.search(text[max(0, at - 24) : at]) is not None


def _plausible(text: str, hit: re.Match[str]) -> bool:
    value = hit["value"]
    digits = sum(char.isdigit() for char in value)
    label = hit.group()[: hit.start("value") - hit.start()].casefold()
    named = bool(hit["number"].strip(" -")) or label.lstrip().startswith(("p", "注"))
    if _QUANTITY_AFTER.match(text, hit.end()) and not named:
        return False
    if re.fullmatch(r"\d+(?:st|nd|rd|th|x|k|kg|cm|mm|h|am|pm|pcs)", value, re.IGNORECASE):
        return False
    return bool(digits >= (1 if named else 3 if label.startswith("orders") else 2))


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


# -- tracking numbers --------------------------------------------------------------------------------------------------

_PIECES = re.compile(r"(?<![\w-])[0-9A-Za-z]++(?:[ -](?:[A-Z]{2}(?![A-Za-z0-9])|(?=[A-Za-z]{0,8}\d)[0-9A-Za-z]++))*+(?!\w)")
_PIECE = re.compile(r"[0-9A-Za-z]+")
_TELEPHONE = re.compile(r"(?<![\w-])(?:\+?1[ -])?\(?[2-9]\d{2}\)?[ -]\d{3}-\d{4}(?![\w-])")  # as North America writes it
_MOST_PIECES = 12
_FEWEST, _MOST = 8, 40  # letters and digits of a tracking number
_UNKNOWN_FORM = re.compile(r"\d{10,12}|\d{14,16}|\d{18}|\d{20}|\d{22}|\d{24}|\d{26}|\d{30}|\d{34}|[A-Z]{1,3}\d{9,16}")
_BEFORE, _AFTER = 60, 20  # characters between a carrier's name and its number
_BY = re.compile(r"[ ,(–-]{0,4}(?:(?:via|with|by|per|mit|par|con|from|bei)\s)?")
_NO_TRACKING = re.compile(
    rf"(?<!\w)(?:{_LABEL}{_NUMBER_WORD}?|phone|tel|telephone|call(?:\sus)?(?:\son)?|fax|mobile|cell|iban|vat|invoice|account"
    r"|(?:called|call|rang|ring|phoned|reached|reach|dial|dialled)(?:\s\w{1,20}){0,3}\s(?:at|on|under)"
    r"|ean|upc|gtin|isbn|asin|sku|weight|gewicht|poids|peso|zip|postcode"
    r"|case|ticket|claim|ref(?:erence)?|konto|rechnung|facture|factura|fattura)(?:\s(?:no|nr|number|id))?"
    r"(?:\s(?:is|was))?[\s:.#()]*+\Z",
    re.IGNORECASE,
)


class _Speech:
    """Where a text speaks of carriers and of tracking; looked for where a number could be meant."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def named(self) -> Sequence[tuple[int, str]]:
        return carriers().named_in(self._text)

    @cached_property
    def _spoken(self) -> Sequence[tuple[int, int]]:
        return [hit.span() for hit in carriers().spoken.finditer(self._text)]

    def near(self, start: int, end: int) -> bool:
        """Whether the text speaks of one beside these characters."""
        return any(
            (0 <= start - last <= _BEFORE and "\n\n" not in self._text[last:start])
            or (0 <= first - end <= _AFTER and _BY.fullmatch(self._text[end:first]) is not None)
            for first, last in self._spoken
        )


def tracking_numbers(text: str) -> tuple[Found, ...]:
    """The carriers' tracking numbers in `text`, as written, each once. The forms are those of carriers.toml."""
    found: list[Found] = []
    if _DIGIT.search(text) is None:
        return ()
    speech = _Speech(text)

    orders = [hit.span() for other in (_AMAZON_ID, _TELEPHONE) for hit in other.finditer(text)]
    for run in _PIECES.finditer(text):
        pieces = [(run.start() + hit.start(), run.start() + hit.end()) for hit in _PIECE.finditer(run.group())]
        pieces = [piece for piece in pieces if not any(first <= piece[0] < last for first, last in orders)]
        at = 0
        while at < len(pieces):
            taken = _longest(text, pieces, at, speech)
            if taken is None:
                at += 1
                continue
            rule, last = taken
            start, end = pieces[at][0], pieces[last][1]
            found.append(Found(text[start:end], start, end, rule))
            at = last + 1
    return _once(found)


def _longest(
    text: str,
    pieces: Sequence[tuple[int, int]],
    at: int,
    speech: _Speech,
) -> tuple[str, int] | None:
    """The rule and the last piece of the longest tracking number that begins with piece `at`."""
    start = pieces[at][0]
    for last in range(min(at + _MOST_PIECES, len(pieces)) - 1, at - 1, -1):
        end = pieces[last][1]
        if last > at and text[start:end].count("-") and text[start:end].count(" "):
            continue
        number = "".join(text[first:past] for first, past in pieces[at : last + 1]).upper()
        if not (_FEWEST <= len(number) <= _MOST) or not any(char.isdigit() for char in number):
            continue
        rule = _alone(number)
        if rule is not None:
            return rule, last
        if (
            (last == at or number.isdecimal())
            and speech.near(start, end)
            and not _NO_TRACKING.search(text[max(0, start - 40) : start])
        ):
            rule = _beside_its_name(number, [carrier for place, carrier in speech.named if place <= end + _AFTER])
            if rule is not None:
                return rule, last
    return None


def _alone(number: str) -> str | None:
    """The rule that makes `number` a tracking number whatever stands beside it."""
    for form in carriers().forms:
        if form.alone and form.pattern.fullmatch(number) and (form.check is None or form.check(number)):
            return form.rule
    return None


def _beside_its_name(number: str, named: Sequence[str]) -> str | None:
    """The rule that makes `number` a tracking number beside a carrier's name or a word for tracking."""
    forms = [form for form in carriers().forms if form.pattern.fullmatch(number)]
    own = [form for form in forms if form.carrier in named]
    checked = [form for form in own if form.check is not None and form.check(number)]
    best = next(iter(checked or own or [form for form in forms if form.alone]), None)
    if best is not None:
        return best.rule
    return "tracking.labelled" if forms or _UNKNOWN_FORM.fullmatch(number) else None


def numbers(text: str, known: Sequence[str] = ()) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Order numbers and tracking numbers of `text`; characters of a tracking number are no order number."""
    tracking = tracking_numbers(text)
    orders = tuple(
        one
        for one in order_ids(text, known)
        if one.rule == "order_id.known" or not any(one.start < t.end and t.start < one.end for t in tracking)
    )
    return orders, tracking
