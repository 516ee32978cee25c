"""One decision where it does not matter how a message is read: every likely reading leads to the same step."""

from collections.abc import Sequence
from dataclasses import replace

from supportbot.casework.facts import Kind
from supportbot.casework.policy import Decision


def agreed(decisions: Sequence[tuple[Kind, Decision]]) -> Decision | None:
    """The first decision, for a person to approve, where all others are the same step; else, or where that is nothing, None.

    Each stands beside the kind that it takes the message for; the likeliest comes first.
    """
    here = [(kind, decision) for kind, decision in decisions if not _foreign(decision)]
    if not here or any(_step(decision) != _step(here[0][1]) for _, decision in here):
        return None
    if here[0][1].action == "none":
        return None  # what nobody is sure of is not laid aside unseen
    kinds = " or ".join(dict.fromkeys(kind.value for kind, _ in here))
    sure = (
        f"Whether this is {kinds} does not matter, each leads here"
        if len(here) > 1
        else f"This is likely {kinds}, though not surely"
    )
    return replace(here[0][1], needs_person=True, why=f"{sure}. {here[0][1].why}")


def _foreign(decision: Decision) -> bool:
    """Whether a kind belongs to another marketplace, so that a mail about an order of this one is hardly that (policy 0.2)."""
    return decision.action == "review" and decision.rule == "0.2"


def _step(decision: Decision) -> tuple[object, ...]:
    """What would be done: what is fired or asked on the way there may differ."""
    rule = decision.rule if decision.action == "review" else None  # a person's look is the same only for the same reason
    return (
        rule, decision.action, decision.template, decision.to, decision.reason, decision.say, decision.missing,
        decision.metric_effect, [ticket.type for ticket in decision.tickets],
    )  # fmt: skip
