"""The console's words for the names that the product uses inside, and its way of writing ages, times and amounts."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from supportbot.store import CAUSES
from supportbot.web.language import say, translated

KINDS: Mapping[str, str] = {
    "cancel_standard": "Official cancel request",
    "cancel_nonstandard": "Buyer asks to cancel",
    "cancel_retracted": "Cancel request withdrawn",
    "rebill_reply": "Answer to re-bill notice",
    "shipped_cancelled_report": "Cancelled but shipped",
    "confirmation_chain": "Confirmation chain",
    "cancel_outcome": "Outcome of a cancellation",
    "retailer_cancel": "Retailer cancelled",
    "backorder": "Backorder",
    "order_problem": "Order problem",
    "order_status": "Where is my order",
    "return_refund": "Return or refund",
    "seller_inquiry": "Seller asks",
    "auto_reply": "Automatic reply",
    "bounce": "Bounce",
    "unrelated": "Unrelated",
}

ACTIONS: Mapping[str, str] = {
    "advise_cancel": "Advise to cancel",
    "ask_official_request": "Ask for the official request",
    "tell_self_cancel": "Tell how to cancel it oneself",
    "refuse_shipped_return": "Refuse: shipped, return instead",
    "refuse": "Refuse",
    "wait": "Wait",
    "request_warehouse_cancel": "Ask the warehouse to stop it",
    "acknowledge_cancel": "Acknowledge the cancellation",
    "mark_backordered": "Mark as backordered",
    "ask_retailer": "Ask the retailer",
    "contact_marketplace": "Contact the marketplace",
    "upload_adjustment": "Upload an adjustment",
    "enter_tracking": "Enter the tracking",
    "tell_new_order": "Tell to order anew",
    "how_to": "Explain how to",
    "send_rebill_notice": "Send the re-bill notice",
    "clarify_acceptance": "Ask what is accepted",
    "record_acknowledgement": "Record the acknowledgement",
    "close_no_memo": "Close without a memo",
    "ask_for_chain": "Ask for the e-mail chain",
    "open_credit_memo": "Open the credit memo",
    "reject_chain": "Refuse the chain",
    "hold": "Hold for a person",
    "ask_for_facts": "Ask for what is missing",
    "answer": "Answer",
    "none": "Nothing to do",
    "review": "A person decides",
}

FACTS: Mapping[str, str] = {
    "sender_role": "Who writes",
    "scope": "How much of the order",
    "accepts_item": "Accepts the item",
    "accepts_rebill": "Accepts the re-billing",
    "outcome": "Outcome",
    "order_ids": "Order",
    "tracking": "Tracking number",
    "language": "Language",
    "automated": "Sent by a machine",
    "cause": "Cause",
    "topic": "Topic",
    "bare_assent": "Bare assent",
    "near_misses": "Nearly an order of ours",
    "order_lines": "Order lines meant",
    "quantities": "Quantities",
    "dates": "Days",
    "reasons": "Reasons",
    "on_behalf_of": "On behalf of",
    "attachment_missing": "Attachment promised, none there",
    "kind": "Kind of mail",
    "order.order_id": "Which order it is about",
    "asins": "ASINs",
    "asked_by": "Asked by",
    "lines": "Lines: units x price",
    "value": "Value",
}

TICKETS: Mapping[str, str] = {
    "credit_memo": "Credit memo",
    "rebill_request": "Re-bill request",
    "cancel_order": "Cancel the order",
    "warehouse_request": "Warehouse request",
    "acknowledge_cancel": "Acknowledge the cancellation",
    "backorder": "Backorder",
    "marketplace_contact": "Contact the marketplace",
    "adjustment": "Adjustment",
    "other": "Other",
}

STATUSES: Mapping[str, str] = {
    "awaiting_rebill": "Awaiting re-bill",
    "ready_for_approval": "Ready for approval",
    "issued": "Issued",
    "draft": "Waiting for review",
    "approved": "Approved",
    "rejected": "Rejected",
    "superseded": "Replaced",
    "sending": "Being sent",
    "sent": "Sent",
    "uncertain": "Uncertain",
    "failed": "Failed",
    "new": "Not read yet",
    "done": "Worked",
    "quarantined": "In quarantine",
}

CASE_STATES: Mapping[str, str] = {
    "NOTICE_DUE": "Notice due",
    "NOTICE_DRAFTED": "Notice drafted",
    "NOTICE_APPROVED": "Notice approved",
    "NOTICE_SENT": "Notice sent",
    "NOTICE_BOUNCED": "Notice bounced",
    "AWAITING_ACK": "Waiting for the buyer",
    "ACK_PARTIAL": "Buyer accepted one of two",
    "ACK_CONDITIONAL": "Buyer accepts with a condition",
    "CLARIFY_SENT": "Buyer asked again",
    "ACK_REFUSED": "Buyer refused",
    "ACK_TIMEOUT": "Buyer did not answer",
    "ACK_RECEIVED": "Buyer accepted both",
    "AWAITING_CHAIN": "Waiting for the seller's chain",
    "CHAIN_RECEIVED": "Chain received",
    "CHAIN_MANUAL": "A person checks the chain",
    "CHAIN_REJECTED": "Chain refused",
    "CHAIN_VERIFIED": "Chain proved",
    "REBILL_REQUESTED": "Re-bill requested",
    "REBILL_CONFIRMED": "Buyer re-billed",
    "REBILL_FAILED": "Re-bill failed",
    "MEMO_ISSUED": "Memo issued",
    "HOLD": "On hold",
    "RETURN_PATH": "Buyer returns the item",
    "CLOSED_NO_MEMO": "Closed without a memo",
    "REVERSAL_REVIEW": "Reversal to be checked",
}

CASE_EVENTS: Mapping[str, str] = {"chain_proposed": "One person believes the chain"}
"""Steps that lead to no other state, and so need a name of their own."""

VERDICTS: Mapping[str, str] = {
    "verified": "proved",
    "claimed": "claimed, not proved",
    "rejected": "refused: it contradicts itself or was altered",
    "insufficient": "incomplete",
}

CASE_WAITS: Mapping[str, str] = {
    "NOTICE_DUE": "The notice to the buyer is to be written",
    "NOTICE_DRAFTED": "A reviewer approves the notice to the buyer",
    "NOTICE_APPROVED": "The notice is on its way out",
    "NOTICE_BOUNCED": "Find another way to reach the buyer",
    "AWAITING_ACK": "The buyer answers",
    "ACK_PARTIAL": "A reviewer approves the question to the buyer",
    "ACK_CONDITIONAL": "A reviewer approves the question to the buyer",
    "CLARIFY_SENT": "The buyer answers",
    "ACK_RECEIVED": "The seller sends the chain, or you confirm the answer in our own mailbox",
    "AWAITING_CHAIN": "The seller sends the chain, or you confirm the answer in our own mailbox",
    "CHAIN_MANUAL": "Two people believe the chain, one refuses it, or better proof comes",
    "CHAIN_REJECTED": "Better proof comes, or you close the case",
    "REBILL_REQUESTED": "Billing re-bills the buyer",
    "REBILL_CONFIRMED": "Two people enter and issue the credit memo",
    "HOLD": "You say how it goes on",
}

MARKETPLACES: Mapping[str, str] = {
    "member_club": "Member club",
    "brick_market": "Brick market",
    "retail_platform": "Retail platform",
    "fulfilment": "Fulfilment",
    "amazon": "Amazon",
}

QUARANTINE_CAUSES: Mapping[str, str] = CAUSES

SNOOZES: Mapping[str, str] = {
    "hour": "for 1 hour",
    "four": "for 4 hours",
    "tomorrow": "until tomorrow, 08:00 UTC",
    "monday": "until Monday, 08:00 UTC",
}

QUOTE_MARKS: Mapping[str, str] = {"X": "public original", "P": "product default"}


ROLES: Mapping[str, str] = {"viewer": "viewer", "reviewer": "reviewer", "approver": "approver", "admin": "admin"}

PROOFS: Mapping[str, str] = {
    "password": "password",
    "password and second factor": "password and second factor",
    "identity provider": "identity provider",
    "first link": "first link",
    "demo": "demo",
}
"""How a person has proved who they are."""

WAITED: Mapping[str, str] = {
    name: name for name in ("under 1 h", "1 to 4 h", "4 to 24 h", "1 to 3 days", "over 3 days")
}  # as the store counts them

VALUES: Mapping[str, str] = {
    name: name
    for name in (
        "yes", "no", "whole", "partial", "conditional", "unclear", "cancelled", "too late", "buyer", "seller", "marketplace",
        "billing", "not said", "only under a condition", "the whole order", "a part of it", "certain", "likely",
    )
}  # fmt: skip
"""What a fact can be, where its words are few."""

_INSIDE_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")
_RULE_ID = re.compile(r"^[A-Z0-9][A-Z0-9.]{0,3}(?:-[A-Za-z0-9]{1,3})?: ")
_SOURCE_WORDS = re.compile(r" \(“[^“]*”(?:, (?:a product default|a public original))?\)(?=\.?$)")


def _plain(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def kind_name(kind: str | None) -> str:
    """A message kind in words."""
    return say("Kind unknown") if not kind else translated(KINDS.get(kind, _plain(kind)))


def action_name(action: str | None) -> str:
    """An action in words."""
    return say("Not decided") if not action else translated(ACTIONS.get(action, _plain(action)))


def fact_name(fact: str) -> str:
    """A fact in words."""
    return translated(FACTS.get(fact, _plain(fact)))


def ticket_name(type_: str) -> str:
    """A ticket type in words."""
    return translated(TICKETS.get(type_, _plain(type_)))


def ticket_title(type_: str, title: str) -> str:
    """A ticket's title, beginning with its type in words."""
    inside = f"{type_.replace('_', ' ')}: "
    return f"{ticket_name(type_)}: {title.removeprefix(inside)}" if title.startswith(inside) else title


def waits_for(state: str) -> str:
    """What a case in this state waits for; "" where that goes without saying."""
    return translated(CASE_WAITS.get(state, ""))


def reason(why: str) -> str:
    """A reason without its rule id and without the words of the source: for where both stand beside it, or space is short."""
    return _SOURCE_WORDS.sub("", _RULE_ID.sub("", why))


def status_name(status: str | None) -> str:
    """A state or status, of a mail, draft, ticket or case, in words."""
    return (
        say("Unknown") if not status else translated(STATUSES.get(status) or CASE_STATES.get(status) or _plain(status.lower()))
    )


def close_reason(said_: str) -> str:
    """Why something was closed: a person's own words as they are, a name that the product uses inside in words."""
    return status_name(said_) if _INSIDE_NAME.fullmatch(said_) else said_


def step_name(event: str, to_state: str) -> str:
    """What happened in a case, in words: the state it led to, or the step itself where it led nowhere else."""
    return translated(CASE_EVENTS[event]) if event in CASE_EVENTS else status_name(to_state)


def verdict_name(verdict: str) -> str:
    """What a chain was found to be, in words."""
    return translated(VERDICTS.get(verdict, _plain(verdict)))


def marketplace_name(marketplace: str) -> str:
    """A marketplace in words."""
    return translated(MARKETPLACES.get(marketplace, _plain(marketplace)))


def said(value: Any) -> str | None:
    """A fact's value in words; None where it is unknown. False is not unknown."""
    if value is None or value == "" or value == [] or value == ():
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value).replace("_", " ")


def age(then: datetime, now: datetime) -> str:
    """How long ago, or how long until, in one unit: "now", "4 min", "3 h", "12 d"."""
    gap = abs(now - then)
    if gap < timedelta(minutes=1):
        return say("now")
    if gap < timedelta(hours=1):
        return f"{int(gap.total_seconds() // 60)} min"
    if gap < timedelta(days=2):
        return f"{int(gap.total_seconds() // 3600)} h"
    return f"{gap.days} d"


def money(amount: Decimal | None, currency: str | None) -> str:
    """An amount with its currency; "unknown" where it is not known."""
    if amount is None:
        return say("unknown")
    return f"{amount:,.2f} {currency or say('(currency unknown)')}"


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(described: str) -> str:
    """A browser and its system, from how it describes itself; enough for its owner to know it again."""
    browser = next((name for mark, name in _BROWSERS if mark in described), say("a browser"))
    system = next((name for mark, name in _SYSTEMS if mark in described), "")
    return f"{browser}, {system}" if system else browser
