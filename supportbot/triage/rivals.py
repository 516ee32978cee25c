"""Between which kinds a message wavers that is too unsure to be told."""

from collections.abc import Sequence

from supportbot.casework.facts import Kind

_MOST = 3
_NO_OTHER = 0.9  # a share that leaves next to no room for any other kind


def rivals(ranked: Sequence[tuple[Kind, float]]) -> tuple[Kind, ...]:
    """The likeliest kinds that together leave next to no room for another; nothing where that takes more than three.

    >>> rivals([(Kind.BACKORDER, 0.5), (Kind.SELLER_INQUIRY, 0.45), (Kind.ORDER_PROBLEM, 0.05)])
    (<Kind.BACKORDER: 'backorder'>, <Kind.SELLER_INQUIRY: 'seller_inquiry'>)
    """
    total = 0.0
    for place, (_, share) in enumerate(ranked[:_MOST], 1):
        total += share
        if total >= _NO_OTHER:
            return tuple(kind for kind, _ in ranked[:place])
    return ()
