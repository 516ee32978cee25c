"""What billing's answer to a re-bill request says: done with a reference, failed with a reason, or nothing certain.

The request asks for one of two plain answers; whatever else billing writes, a person reads. Nothing here tells who wrote it.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from supportbot.casework.amounts import amounts_in

MOST_TEXT = 2000  # characters; an answer that is longer says more than one of two things


@dataclass(frozen=True, slots=True)
class BillingAnswer:
    """ "done" with billing's reference in `words`, or "failed" with its reason there."""

    outcome: Literal["done", "failed"]
    words: str


_START = (
    r"^[^\S\n]*+(?:(?:we|i)(?:'ve| have)? "
    r"|(?:it|this|the buyer|the customer|the order|order \S{1,40}) (?:is|was|has been) (?:now )?)?"
)
_DONE = re.compile(
    _START + r"(?:re-?billed|billed again|charged again|re-?charged|re-?billing (?:is )?(?:done|complete[d]?)|done"
    r"|erneut belastet|neu berechnet|re-?facturé|re-?facturado|rifatturato)\b",
    re.IGNORECASE | re.MULTILINE,
)
_REFERENCE = re.compile(
    r"\b(?:reference|referenz|referencia|référence|riferimento|ref|invoice|transaction|confirmation|rechnung|beleg)"
    r"(?:[ -]?(?:number|nummer|no|nr|id))?(?![\w-])[.:#(\s]{0,4}(?:is |was )?[#(]?"
    r"([A-Z0-9](?:[A-Z0-9._/-]{0,38}[A-Z0-9])?)(?!\w)",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"^[^\S\n]*+(?:not re-?billed|re-?billing (?:has )?failed|failed|unable to (?:re-?bill|charge)"
    r"|(?:we|i) (?:could not|couldn't|cannot|can't|were unable to|was unable to) (?:re-?bill|charge)"
    r"|nicht belastet|belastung fehlgeschlagen|échec|no se pudo|non riuscito)\b",
    re.IGNORECASE | re.MULTILINE,
)
_DOUBT = re.compile(
    r"\?|\b(?:not|never|cannot|\w{2,8}n't|will|shall|going to|tomorrow|later|soon|pending|once|when|if|unless|until"
    r"|but|however|except|partly|partially|part|only|half|instead|retry"
    r"|fail\w{0,3}|declin\w{1,3}|reject\w{0,3}|revers\w{1,3}|refund\w{0,3}"
    r"|nicht|kein\w{0,2}|wird|aber|nur|morgen|falls|wenn|pas|mais|sauf|pero|si|solo|ma|non|domani|mañana|demain)\b",
    re.IGNORECASE,
)


def read_billing(text: str, *, order_id: str, worth: Decimal | None) -> BillingAnswer | None:
    """The answer that billing's new words give about one order; None where a person has to read them.

    `worth`: the amount that was to be billed; an answer that names another one is for a person.
    """
    if not text.strip() or len(text) > MOST_TEXT:
        return None
    failed = _FAILED.search(text)
    if failed and not _DONE.search(text) and "?" not in text:
        return BillingAnswer("failed", " ".join(text[failed.start() :].split())[:200])
    if failed or not _DONE.search(text) or _DOUBT.search(text):
        return None
    if worth is not None and any(amount.value != worth for amount in amounts_in(text)):
        return None
    found = dict.fromkeys(one for one in _REFERENCE.findall(text) if any(char.isdigit() for char in one))
    found.pop(order_id, None)
    return BillingAnswer("done", next(iter(found))) if len(found) == 1 else None
