"""Which mails may go out without a person: those the owner has named, once people have confirmed them often enough (I9).

A pair of template and rule is listed in the configuration; without that nothing ever goes alone. It opens after so many clean
approvals in a row under the same rule set, and the first correction closes it: the count begins anew. A share of what could go
alone is still shown to a person, picked by the draft's random id. Caps bound a bad day, and a kill switch ends it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportbot.drafting import Templates
from supportbot.judgement import House, Judgement, OrderDecision
from supportbot.rulebook import Rulebook
from supportbot.settings import Settings
from supportbot.store import DraftRow, Transaction

SWITCH = "autopilot"
"""The subject under which the audit log keeps the kill switch; its newest link says how it stands."""
STOPPED, STARTED = "autopilot stopped", "autopilot started"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pair of template and rule stands."""

    pair: str  # `template/rule`
    clean: int  # approvals in a row, unchanged, under the present rules
    needed: int
    gone_today: int  # mails of all pairs that went alone within a day
    closed_because: str | None  # None: its mails go out by themselves


def is_stopped(tx: Transaction) -> bool:
    """Whether a person has thrown the kill switch."""
    newest = tx.audit_rows(subject=SWITCH, limit=1)
    return bool(newest) and newest[0].action == STOPPED


def throw_switch(tx: Transaction, *, stop: bool, by: str, reason: str) -> None:
    """Stop the autopilot for all pairs at once, or let it go on; who did it, and why, stays in the audit log."""
    tx.audit(by, STOPPED if stop else STARTED, SWITCH, {"reason": reason})


def unknown_in(pair: str, rulebook: Rulebook, templates: Templates) -> str | None:
    """What of a configured pair exists nowhere, so that it can never open; None where both its halves do."""
    template, _, rule = pair.partition("/")
    if template not in templates.names:
        return f"there is no template '{template}'"
    if all(rule != one.id for policy in rulebook.policies for one in policy.rules):
        return f"there is no rule '{rule}'"
    return None


def standing(
    tx: Transaction, pair: str, settings: Settings, rules_sha256: str, now: datetime, *, unknown: str | None = None
) -> Standing:
    """How a configured pair stands. `unknown`: what of it exists nowhere (`unknown_in`)."""
    template, _, rule = pair.partition("/")
    needed = settings.autopilot_after
    clean = tx.clean_approvals(template, rule, rules_sha256, needed)
    gone = tx.gone_alone(now - timedelta(days=1))
    because = unknown
    if because is None and is_stopped(tx):
        because = "the kill switch is thrown"
    elif because is None and clean < needed:
        because = f"{clean} of {needed} clean approvals under the present rules"
    elif because is None and gone >= settings.limits.autopilot_per_day:
        because = f"{gone} mails have gone alone within a day, the most allowed"
    return Standing(pair, clean, needed, gone, because)


def refusal(
    tx: Transaction, draft: DraftRow, found: OrderDecision, judgement: Judgement, house: House, now: datetime
) -> str | None:
    """Why this draft waits for a person; None: it may go. Drafts whose pair is not listed are refused with ""."""
    settings = house.settings
    pair = f"{draft.template}/{draft.rule}"
    if pair not in settings.autopilot:
        return ""
    if draft.findings:
        return "the draft has findings"
    if not judgement.letter.sender.passed or found.decision.needs_person or judgement.reading.needs_person:
        return "the sender is not proved, or a person is asked for"  # never by itself then (I8)
    if judgement.message.automated_reason is not None:
        return "a machine wrote: a person answers it, or nobody"
    if tx.answered_alone_since(draft.to, now - timedelta(days=1), case_id=draft.case_id):
        return "one automatic answer a day for one sender and case"
    stands = standing(tx, pair, settings, house.rulebook.sha256, now)
    if stands.closed_because:
        return stands.closed_because
    most, since = settings.limits.autopilot_per_recipient_per_day, now - timedelta(days=1)
    if any(tx.gone_alone(since, recipient) >= most for recipient in draft.to):
        return "the recipient has had the most mails that may go alone within a day"
    if is_audited(draft.id, settings.autopilot_audit_share):
        return "picked at random, so that a person looks at some"
    return None


def is_audited(draft_id: str, share: float) -> bool:
    """Whether a draft is one of the share that a person still sees: ids are random, so nobody who writes can choose."""
    return int.from_bytes(hashlib.sha256(f"audit {draft_id}".encode()).digest()[:6]) < share * 2**48
