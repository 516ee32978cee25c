"""The facts of one message about one order, as the rules may ask for them.

`FACTS` is the whole vocabulary: each fact's type, and whom to ask, and how, when it is unknown. `situation_facts` fills it from
the reading, the order and the records. What is not known is left out: absent means unknown, never false (policy 0.1).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from supportbot.casework.facts import Answer, Kind, Reading, Role
from supportbot.casework.order import Alert, Marketplace, Order, OrderLine
from supportbot.casework.policy import FactSpec, FactValue

Maybe = FactValue | None

KINDS = tuple(kind.value for kind in Kind)
ANSWERS = tuple(answer.value for answer in Answer)
TOPICS = (
    "how_to_cancel",
    "cancel_request",
    "bulk_cancel",
    "reinstate",
    "partial_cancel",
    "auto_cancel",
    "fees",
    "inventory_return",
    "edit_items",
    "item_removal",
    "cancel_reasons",
    "npb_rules",
    "ocr_agreed",
    "ocr_declined",
    "buyer_terminated",
    "backorder",
    "credit_memo",
    "request_status",
    "ask_buyer_to_cancel",
    "other",
)
"""What a seller's question or a problem order may be about, as far as a rule tells them apart."""

FACTS: Mapping[str, FactSpec] = {
    "message.kind": FactSpec("word", "the kind of message", KINDS),
    "message.abstained": FactSpec("flag", "whether the kind is too unsure to route", always=True),
    "message.needs_person": FactSpec("flag", "whether an acceptance was read but not proved", always=True),
    "message.accepts_item": FactSpec("word", "whether the buyer keeps the item", ANSWERS),
    "message.accepts_rebill": FactSpec("word", "whether the buyer accepts to be re-billed", ANSWERS),
    "message.bare_assent": FactSpec("flag", "whether the answer is a bare yes", always=True),
    "message.outcome": FactSpec("word", "how the cancellation ended", ("cancelled", "too_late", "unclear")),
    "message.topic": FactSpec("word", "what the question is about", TOPICS),
    "message.language": FactSpec("text", "the language of the message"),
    "message.tracking": FactSpec("texts", "the tracking numbers that the message names"),
    "sender.role": FactSpec("word", "who writes", tuple(role.value for role in Role if role is not Role.UNKNOWN)),
    "sender.verified": FactSpec("flag", "whether the sender's address is proved"),
    "sender.is_buyer": FactSpec(
        "flag",
        "whether the message comes from an address of the order's buyer",
        question="Please reply from the address that you ordered with, so that we know it is you. Did you write to us?",
        ask="buyer",
    ),
    "sender.standard": FactSpec("flag", "whether the marketplace's own relay is proved to have sent the message"),
    "request.by": FactSpec(
        "word", "who asks to cancel", ("buyer", "seller", "retailer", "marketplace"), "Who asks to cancel: the buyer or you?"
    ),
    "request.official": FactSpec("flag", "whether this is the marketplace's official request"),
    "request.standard_subject": FactSpec("flag", "whether the thread began with the official subject line"),
    "request.verify_first": FactSpec("flag", "whether the request must first be looked up in Manage Orders"),
    "request.cause": FactSpec(
        "word", "why the order is to be cancelled", ("no_inventory", "mistake"), "Why is the order to be cancelled?"
    ),
    "request.scope": FactSpec(
        "word", "whether the whole order is meant", ("whole", "partial"), "Is the whole order to be cancelled, or which items?"
    ),
    "request.part_of_line": FactSpec(
        "flag",
        "whether only a part of one item's quantity is meant",
        question="Are whole items to be cancelled, or only a part of the quantity of one item?",
    ),
    "order.known": FactSpec("flag", "whether the order is known", always=True),
    "order.order_id": FactSpec("text", "which order this is", question="Which order is this about? Please send us its number."),
    "order.marketplace": FactSpec("word", "the marketplace", tuple(m.value for m in Marketplace)),
    "order.channel": FactSpec(
        "word",
        "who fulfils the order",
        ("seller", "fba", "mcf"),
        "Is this order fulfilled by you, by Amazon (FBA) or as a multi-channel order (MCF)?",
        "seller",
    ),
    "order.status": FactSpec("text", "the status of the order", question="Which status does the order show?", ask="seller"),
    "order.previous_status": FactSpec("text", "the status before this one"),
    "order.payment_verified": FactSpec("flag", "whether the payment is verified"),
    "order.label_generated": FactSpec(
        "flag", "whether a shipping label was made", question="Has a shipping label been made for this order?", ask="seller"
    ),
    "order.sent_to_warehouse": FactSpec(
        "flag",
        "whether the order was sent to the warehouse",
        question="Has this order been sent to the warehouse?",
        ask="seller",
    ),
    "order.picked_packed": FactSpec(
        "flag", "whether the order is picked and packed", question="Has this order been picked and packed?", ask="warehouse"
    ),
    "order.in_collection_area": FactSpec("flag", "whether the parcel waits in the courier's collection area"),
    "order.shipped": FactSpec(
        "flag",
        "whether the order has shipped",
        question="Has this order already shipped from your warehouse?",
        ask="seller",
    ),
    "order.ship_confirmed": FactSpec("flag", "whether the shipment is confirmed"),
    "order.cancelled": FactSpec(
        "flag",
        "whether the order or a part of it was cancelled",
        question="Was this order, or a part of it, cancelled in the portal?",
        ask="seller",
    ),
    "order.cancelled_by": FactSpec("word", "who cancelled the order", ("buyer", "seller", "retailer", "marketplace")),
    "order.seller_can_cancel": FactSpec("flag", "whether the seller can still cancel the order", always=True),
    "order.buyer_requested_cancel": FactSpec("flag", "whether the order shows the buyer's cancellation request"),
    "order.supports_backorder": FactSpec(
        "flag",
        "whether the retailer supports backorders",
        question="Do you support backorders for this order?",
        ask="retailer",
    ),
    "order.cancelled_and_shipped": FactSpec("count", "the units that were cancelled and have gone"),
    "order.asn_partial": FactSpec("flag", "whether the ship notice covers only part of a line"),
    "order.age_minutes": FactSpec("number", "the minutes since the order was placed"),
    "order.age_days": FactSpec("number", "the days since the order was placed"),
    "order.placed_at": FactSpec("time", "when the order was placed"),
    "order.expected_ship_at": FactSpec(
        "time", "when the order is due to ship", question="On which day is this order due to ship?", ask="seller"
    ),
    "order.auto_cancel_at": FactSpec("time", "when the marketplace cancels the late order by itself"),
    "order.auto_cancel_due": FactSpec("flag", "whether the marketplace's own cancellation of the late order is due"),
    "order.days_past_expected_ship": FactSpec("number", "the days since the order was due to ship; negative before"),
    "order.minutes_since_cancelled": FactSpec("number", "the minutes since the order was cancelled"),
    "order.cancelled_in_another_month": FactSpec("flag", "whether the order was cancelled in another month than it was placed"),
    "order.asins": FactSpec(
        "texts", "the ASIN of every item", question="Which ASINs are to be cancelled, and how many units of each?", ask="seller"
    ),
    "order.quantities": FactSpec(
        "texts", "the quantity of every item", question="How many units of each ASIN are to be cancelled?", ask="seller"
    ),
    "order.seller_account": FactSpec("word", "the state of the seller's account", ("active", "terminated")),
    "shipment.carrier": FactSpec("text", "the carrier", question="Which carrier has the parcel?", ask="seller"),
    "shipment.tracking_number": FactSpec(
        "text", "the tracking number", question="Which carrier has the parcel, and what is its tracking number?", ask="seller"
    ),
    "alert.type": FactSpec("word", "which alert was filed", ("OCR", "NPB", "NPX", "NSS", "NRS")),
    "alert.filed_by": FactSpec(
        "word", "who filed the alert", ("buyer", "seller"), "Who filed the request: the buyer or you?", "seller"
    ),
    "alert.filed_at": FactSpec("time", "when the alert was filed"),
    "alert.days_since_filed": FactSpec(
        "number", "the days since the alert was filed", question="On which day was the alert filed?", ask="seller"
    ),
    "alert.responded": FactSpec(
        "flag",
        "whether the buyer responded to the alert",
        question="Has the buyer responded to the Non-Paying Buyer alert?",
        ask="seller",
    ),
    "case.state": FactSpec("text", "where the case stands; none where there is no case", always=True),
    "chain.verdict": FactSpec("word", "the verdict on the chain", ("verified", "claimed", "rejected", "insufficient")),
    "chain.grade": FactSpec("word", "the grade of the buyer's message", ("A", "B", "C", "D", "E")),
    "settings.bare_assent": FactSpec("word", "what a bare yes counts for", ("review", "accept"), always=True),
    "settings.notice_sender": FactSpec("word", "who sends the notice", ("support", "seller"), always=True),
    "settings.retailer_ack_hours": FactSpec("number", "hours before an alert about an unacknowledged cancel", always=True),
    "settings.warehouse_chase_hours": FactSpec("number", "hours before the warehouse is chased", always=True),
    "settings.auto_cancel_days": FactSpec("number", "days after which the marketplace cancels a late order", always=True),
}

_STANDARD_SUBJECT = re.compile(r"order cancell?ation requests? from amazon customers?\b")
_REPLY_MARKS = re.compile(r"^(?:\s|(?:re|fw|fwd|aw|wg|sv|tr|rv)(?:\[\d+\])?\s*:|\[[^\]]{1,40}\])+")
_CHANGE_OF_FLOW = date(2022, 5, 23)
_CHANGE_OF_FLOW_LATER = date(2022, 6, 6)  # Singapore, Australia, Japan
_LATER_CURRENCIES = frozenset({"SGD", "AUD", "JPY"})
_COLLECTION = frozenset(
    {"awaiting_collection", "ready_for_collection", "in_collection_area", "awaiting_courier", "packed_for_courier"}
)
_CANCELLED = re.compile(r"(?:partially_)?cancell?ed\b")
_RUNNING = frozenset({"new", "open", "pending", "planning", "processing", "unshipped", "unfulfillable", "backordered"})
_LOCKED = frozenset({"closed", "locked", "not_cancellable"})
_PART = re.compile(r"(?<![\w#-])\d{1,3}(?![\d-])|\b(?:one|two|three|four|five|half|some) of\b", re.IGNORECASE)
# Numbers that name a line, which is a whole one.
_LINE_NUMBERS = re.compile(
    r"\b(?:lines?|items?|pos|positions?|zeilen?|artikel|lignes?|líneas?|righe|riga)\W{0,2}\d{1,3}(?:\s?(?:,|&|and|und|et|y|e)\s?\d{1,3}\b)*",
    re.IGNORECASE,
)
_FEWER = re.compile(r"\b(?:few|fewer|less|several|couple|half|some|many|more|reduce|quantity|qty|dozen)\b", re.IGNORECASE)
_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
}
_COUNT = re.compile(rf"(?<![\w#-])(?:\d{{1,3}}(?![\d-])|(?:{'|'.join(_NUMBERS)})\b)", re.IGNORECASE)
_BUYER_ASKS = frozenset({Kind.CANCEL_STANDARD, Kind.CANCEL_NONSTANDARD})


def is_standard_subject(subject: str | None) -> bool:
    """Whether a subject, freed from reply marks and tags, is that of Amazon's official request (policy 5.1).

    >>> is_standard_subject("RE: [EXTERNAL] Order cancellation request from Amazon customer Kim")
    True
    """
    folded = " ".join(unicodedata.normalize("NFKC", subject or "").casefold().split())
    return _STANDARD_SUBJECT.match(_REPLY_MARKS.sub("", folded)) is not None


def situation_facts(
    *,
    reading: Reading,
    order: Order | None,
    sender_verified: bool | None = None,
    standard_sender: bool | None = None,
    thread_root_subject: str | None = None,
    subject: str | None = None,
    sender_is_buyer: bool | None = None,
    case_state: str | None = None,
    chain_verdict: str | None = None,
    chain_grade: str | None = None,
    bare_assent: Literal["review", "accept"] = "review",
    notice_sender: Literal["support", "seller"] = "support",
    retailer_ack_hours: int = 4,
    warehouse_chase_hours: int = 2,
    auto_cancel_days: int = 7,
    text: str = "",
    received: datetime,
) -> dict[str, FactValue]:
    """Every known fact. `received` (aware) is when the message reached the mailbox: ages count up to it.

    `standard_sender`: the message is authenticated as the marketplace's relay. `subject`: this message's own, beside the one
    its thread began with. `text`: its new words. `case_state` None: there is no case.
    """
    facts: dict[str, Maybe] = {
        **_message_facts(reading, order, text),
        "sender.verified": sender_verified,
        "sender.standard": standard_sender,
        "sender.is_buyer": sender_is_buyer,
        "order.known": order is not None,
        "case.state": case_state.casefold() if case_state else "none",
        "chain.verdict": chain_verdict,
        "chain.grade": chain_grade,
        "settings.bare_assent": bare_assent,
        "settings.notice_sender": notice_sender,
        "settings.retailer_ack_hours": retailer_ack_hours,
        "settings.warehouse_chase_hours": warehouse_chase_hours,
        "settings.auto_cancel_days": auto_cancel_days,
    }
    subjects = (thread_root_subject, subject if standard_sender else None)
    facts |= _official_request(reading, order, any(map(is_standard_subject, subjects)), standard_sender, received)
    if order is not None:
        facts |= _order_facts(order, received, auto_cancel_days)
        facts |= _alert_facts(order, received)
    return {name: value for name, value in facts.items() if value is not None}


def _message_facts(reading: Reading, order: Order | None, text: str) -> dict[str, Maybe]:
    said = reading.facts
    # A reply that says nothing of one of the two leaves it unclear: silence is not consent (M-24).
    silent = Answer.UNCLEAR if reading.kind is Kind.REBILL_REPLY else None
    item, rebill = said.accepts_item or silent, said.accepts_rebill or silent
    return {
        "message.kind": reading.kind.value,
        "message.abstained": reading.abstained,
        "message.needs_person": reading.needs_person,
        "message.accepts_item": item.value if item else None,
        "message.accepts_rebill": rebill.value if rebill else None,
        "message.bare_assent": said.bare_assent,
        "message.outcome": said.outcome,
        "message.topic": said.topic,
        "message.language": said.language,
        "message.tracking": said.tracking or None,
        "sender.role": None if said.sender_role is Role.UNKNOWN else said.sender_role.value,
        "request.by": _request_by(reading),
        "request.cause": said.cause,
        "request.scope": said.scope,
        "request.part_of_line": _part_of_line(reading, order, text),
    }


def _request_by(reading: Reading) -> str | None:
    """Who asks to cancel. An official request is the buyer's, whoever passes it on."""
    role = reading.facts.sender_role
    match reading.kind:
        case Kind.CANCEL_STANDARD:
            return "buyer"
        case Kind.CANCEL_NONSTANDARD:
            return role.value if role in (Role.SELLER, Role.RETAILER) else "buyer"
        case Kind.SELLER_INQUIRY:
            return "seller"
        case Kind.RETAILER_CANCEL:
            return "retailer"
        case _:
            return None


def _part_of_line(reading: Reading, order: Order | None, text: str) -> bool | None:
    """Whether a partial request means part of one line's quantity: by the words, else by what the order leaves possible."""
    if reading.facts.scope != "partial":
        return None if reading.facts.scope is None else False
    told = [_LINE_NUMBERS.sub("", found.text) for found in reading.evidence if found.fact == "scope"]
    if any(_PART.search(words) for words in told):
        return True
    lines = order.lines if order else ()
    if len(lines) == 1:
        return True
    if lines and all(item.quantity == 1 for item in lines):
        return False
    return False if _names_whole_lines(reading, lines, text) else None


def _names_whole_lines(reading: Reading, lines: Sequence[OrderLine], text: str) -> bool:
    """Whether lines are named by number or title, and no count is told but such as a line has."""
    rest = _LINE_NUMBERS.sub("", text)
    words = [_words(item.title or "") for item in lines]
    titled = any((own - set().union(*(other for other in words if other is not own))) & _words(rest) for own in words)
    if reading.facts.language != "en" or _FEWER.search(rest) or not (titled or rest != text):
        return False
    counts = {_NUMBERS.get(hit.group().lower()) or int(hit.group()) for hit in _COUNT.finditer(rest)}
    return counts <= {item.quantity for item in lines}


def _words(text: str) -> set[str]:
    """The words of a text that may tell one thing from another, without a plural's s."""
    return {word.removesuffix("s") for word in re.findall(r"[^\W\d_]{4,}", text.casefold())}


def _official_request(
    reading: Reading, order: Order | None, standard_subject: bool, standard_sender: bool | None, received: datetime
) -> dict[str, Maybe]:
    """Whether this is the marketplace's official request: yes, no or unknown (policy 5.1)."""
    if reading.kind not in _BUYER_ASKS:
        return {}
    flag = order.buyer_requested_cancel if order else None
    form = reading.kind is Kind.CANCEL_STANDARD
    foreign = reading.facts.language not in (None, "en")
    found: dict[str, Maybe] = {"request.standard_subject": standard_subject or (form and not foreign)}
    if not (standard_subject or form):
        return found | {"request.official": bool(flag)}
    if not standard_sender:
        return found | {"request.official": None}  # anyone can type the subject
    if not standard_subject and foreign:
        return found | {"request.official": True if flag else None}  # localised subjects are not known (A-m)
    late = order is not None and order.currency in _LATER_CURRENCIES
    changed = received.astimezone(UTC).date() >= (_CHANGE_OF_FLOW_LATER if late else _CHANGE_OF_FLOW)
    return found | {"request.official": True, "request.verify_first": changed and not flag}


def _order_facts(order: Order, received: datetime, auto_cancel_days: int) -> dict[str, Maybe]:
    status = "_".join(re.split(r"[\s_-]+", order.status.strip().casefold())) if order.status else None
    shipment = next((s for s in order.shipments if s.tracking_number), order.shipments[0] if order.shipments else None)
    due = order.expected_ship_at
    asn_partial = _asn_partial(order)
    shipped = order.shipped
    if shipped is None and order.sent_to_warehouse is False:
        shipped = False
    return {
        "order.order_id": order.order_id,
        "order.marketplace": order.marketplace.value,
        "order.channel": order.channel,
        "order.status": status,
        "order.previous_status": order.previous_status,
        "order.payment_verified": order.payment_verified,
        "order.label_generated": order.label_generated,
        "order.sent_to_warehouse": order.sent_to_warehouse,
        "order.picked_packed": order.picked_packed,
        "order.in_collection_area": True if status in _COLLECTION else (False if order.picked_packed is False else None),
        "order.shipped": shipped,
        "order.ship_confirmed": order.ship_confirmed,
        "order.cancelled": _cancelled(order, status, asn_partial),
        "order.cancelled_by": order.cancelled_by,
        "order.seller_can_cancel": _seller_can_cancel(order, status),
        "order.buyer_requested_cancel": order.buyer_requested_cancel,
        "order.supports_backorder": order.supports_backorder,
        "order.cancelled_and_shipped": _cancelled_and_shipped(order),
        "order.asn_partial": asn_partial,
        "order.placed_at": order.placed_at,
        "order.age_minutes": _elapsed(order.placed_at, received, timedelta(minutes=1)),
        "order.age_days": _elapsed(order.placed_at, received, timedelta(days=1)),
        "order.expected_ship_at": due,
        "order.auto_cancel_at": due + timedelta(days=auto_cancel_days) if due else None,
        "order.auto_cancel_due": received >= due + timedelta(days=auto_cancel_days) if due else None,
        "order.days_past_expected_ship": _elapsed(due, received, timedelta(days=1)),
        "order.minutes_since_cancelled": _elapsed(order.cancelled_at, received, timedelta(minutes=1)),
        "order.cancelled_in_another_month": _other_month(order.placed_at, order.cancelled_at),
        "order.asins": _of_every_line(order, lambda item: item.asin),
        "order.quantities": _of_every_line(order, lambda item: str(item.quantity) if item.quantity else None),
        "order.seller_account": order.seller.account,
        "shipment.carrier": shipment.carrier if shipment else None,
        "shipment.tracking_number": shipment.tracking_number if shipment else None,
    }


def _alert_facts(order: Order, received: datetime) -> dict[str, Maybe]:
    """The newest alert; one without a date counts as the oldest."""
    if not order.alerts:
        return {}
    alert = max(order.alerts, key=_filed)
    return {
        "alert.type": alert.type,
        "alert.filed_by": alert.filed_by,
        "alert.filed_at": alert.filed_at,
        "alert.days_since_filed": _elapsed(alert.filed_at, received, timedelta(days=1)),
        "alert.responded": alert.buyer_responded,
    }


def _filed(alert: Alert) -> datetime:
    return alert.filed_at or datetime.min.replace(tzinfo=UTC)


def _elapsed(start: datetime | None, end: datetime, unit: timedelta) -> Decimal | None:
    """The time from `start` to `end` in units, exactly."""
    if start is None:
        return None
    return Decimal((end - start) // timedelta(microseconds=1)) / Decimal(unit // timedelta(microseconds=1))


def _other_month(placed: datetime | None, cancelled: datetime | None) -> bool | None:
    if placed is None or cancelled is None:
        return None
    return (placed.year, placed.month) != (cancelled.year, cancelled.month)


def _of_every_line(order: Order, part: Callable[[OrderLine], str | None]) -> tuple[str, ...] | None:
    found = [part(item) for item in order.lines]
    return tuple(value for value in found if value) if found and all(found) else None


def _line_asn_partial(order: Order, item: OrderLine) -> bool:
    """Fill or kill (M-07): the ship notice covers fewer units than were ordered."""
    shipped, ordered = item.shipped_quantity, item.quantity
    return bool(order.ship_confirmed and shipped is not None and ordered is not None and 0 < shipped < ordered)


def _asn_partial(order: Order) -> bool | None:
    if any(_line_asn_partial(order, item) for item in order.lines):
        return True
    told = all(item.shipped_quantity is not None and item.quantity is not None for item in order.lines)
    return False if order.ship_confirmed is False or (order.lines and told) else None


def _cancelled(order: Order, status: str | None, asn_partial: bool | None) -> bool | None:
    """Whether anything of the order was cancelled; the rest of a short ship notice is, by the platform (M-07)."""
    if order.cancelled_by or order.cancelled_at or (status and _CANCELLED.match(status)):
        return True
    quantities = [item.cancelled_quantity for item in order.lines]
    if any(quantities) or (asn_partial and order.marketplace is Marketplace.MEMBER_CLUB):
        return True
    return False if (quantities and None not in quantities) or status in _RUNNING else None


def _cancelled_and_shipped(order: Order) -> int | None:
    """Units both cancelled and gone, over all lines; what a short ship notice leaves counts as cancelled (M-07, M-20)."""
    if not any(_line_asn_partial(order, item) and item.cancelled_quantity is None for item in order.lines):
        return order.cancelled_and_shipped
    units = 0
    for item in order.lines:
        known = item.cancelled_and_shipped
        if known is None and _line_asn_partial(order, item):
            left = item.left_warehouse_quantity if item.left_warehouse_quantity is not None else item.shipped_quantity
            known = max(0, (left or 0) - (item.shipped_quantity or 0))
        units += known or 0
    return units


def _seller_can_cancel(order: Order, status: str | None) -> bool:
    """Whether the seller still has a cancel button: not for a terminated account, a packed or an already cancelled order."""
    closed = status is not None and (_CANCELLED.match(status) or status in _LOCKED)
    return not (closed or order.picked_packed or order.cancelled_at or order.seller.account == "terminated")
