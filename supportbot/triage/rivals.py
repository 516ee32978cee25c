"""Between which kinds a message wavers that is too unsure to be told."""

from collections.abc import Sequence

from supportbot.casework.facts import Kind

_LIKELY = 0.1  # a lesser share is no reading to reckon with
_TOGETHER = 0.75  # where the likely kinds hold less than this, it may be anything


def rivals(ranked: Sequence[tuple[Kind, float]]) -> tuple[Kind, ...]:
    """The likely kinds, the likeliest first; nothing where even together they leave much room for others.

    >>> rivals([(Kind.BACKORDER, 0.5), (Kind.SELLER_INQUIRY, 0.45), (Kind.ORDER_PROBLEM, 0.05)])
    (<Kind.BACKORDER: 'backorder'>, <Kind.SELLER_INQUIRY: 'seller_inquiry'>)
    """
    likely = [(kind, share) for kind, share in ranked if share >= _LIKELY]
    return tuple(kind for kind, _ in likely) if sum(share for _, share in likely) >= _TOGETHER else ()
