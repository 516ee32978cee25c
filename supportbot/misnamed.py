"""Orders that a message nearly names. Nothing is joined by them: a person, shown both ids, says which order is meant."""

import re
from collections.abc import Sequence
from dataclasses import replace

from supportbot.casework.facts import Evidence, NearMiss, Reading
from supportbot.casework.nearmiss import beside_known
from supportbot.casework.order import bare_order_id
from supportbot.casework.policy import Decision
from supportbot.proof import Records

_RULE = "order_id.near_miss"
_MOST = 3  # told in one sentence


def with_near_misses(reading: Reading, records: Records) -> Reading:
    """The reading with the ids that are nearly those of orders on record; an id that is on record itself misses nothing."""
    written = reading.facts.order_ids
    if not written:
        return reading
    quoted = tuple(miss for miss in reading.facts.near_misses if not records.orders([miss.written]))
    found = tuple(dict.fromkeys((*quoted, *beside_known(written, records.orders))))
    if found == reading.facts.near_misses:
        return reading
    told = {miss.written for miss in found}
    kept = tuple(one for one in reading.evidence if one.fact != "near_misses")
    places = (one for one in reading.evidence if one.fact == "order_ids" and one.text in told)
    evidence = tuple(Evidence("near_misses", one.text, one.start, one.end, _RULE) for one in places)
    return replace(reading, facts=replace(reading.facts, near_misses=found), evidence=(*kept, *evidence))


def unknown_beside(written: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The ids as written that are none of the known ones, though written like one: of an order that no record holds."""
    right = {bare_order_id(order_id) for order_id in known}
    shapes = {_shape(order_id) for order_id in known}
    return tuple(one for one in written if bare_order_id(one) not in right and _shape(one) in shapes)


def _shape(order_id: str) -> str:
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "A", bare_order_id(order_id)))


def with_unknown_orders(decision: Decision, unknown: Sequence[str]) -> Decision:
    """The decision about the orders that are known, which a person sees where the mail names others, too."""
    if not unknown or decision.action == "none":
        return decision
    why = f"{decision.why} It also names {', '.join(unknown[:_MOST])}, which is on no record: a person looks.".strip()
    return replace(decision, needs_person=True, why=why)


def ask_which(decision: Decision, near_misses: tuple[NearMiss, ...]) -> Decision:
    """The decision while nobody knows which order is meant: a person says it; a hold stays one."""
    if not near_misses:
        return decision
    told = "; ".join(map(str, near_misses[:_MOST]))
    why = f"It names an order that is nearly one of ours: {told}. A person says which is meant."
    if decision.action in ("review", "hold", "none"):
        return replace(decision, needs_person=True, why=f"{decision.why} {why}".strip())
    return Decision("review", None, needs_person=True, why=why)
