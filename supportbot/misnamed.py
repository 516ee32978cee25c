"""Orders that a message nearly names. Nothing is joined by them: a person, shown both ids, says which order is meant."""

from dataclasses import replace

from supportbot.casework.facts import Evidence, NearMiss, Reading
from supportbot.casework.nearmiss import beside_known
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


def ask_which(decision: Decision, near_misses: tuple[NearMiss, ...]) -> Decision:
    """The decision while nobody knows which order is meant: a person says it; a hold stays one."""
    if not near_misses:
        return decision
    told = "; ".join(map(str, near_misses[:_MOST]))
    why = f"It names an order that is nearly one of ours: {told}. A person says which is meant."
    if decision.action in ("review", "hold", "none"):
        return replace(decision, needs_person=True, why=f"{decision.why} {why}".strip())
    return Decision("review", None, needs_person=True, why=why)
