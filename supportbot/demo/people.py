"""Everybody outside, as one: they read what the bot sends and write back. `buyers` says what; here is who hears what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from supportbot.demo.buyers import chain_from_seller, replies_to
from supportbot.demo.samples import order_rows

STORY_ORDERS = ("771204518", "771204633", "771204790")
"""Orders whose credit-memo flow runs to its end: the buyer accepts both, declines, accepts the item and then both."""

DIRECT_PROOF_ORDER = "771204790"
"""Its seller is slow: the reviewer confirms the buyer's own answer instead of waiting for the chain."""

REVIEWERS = ("robin", "sam")
"""Two people of the support team; a credit memo needs both."""

BILLING = "billing"
"""Who confirms a re-bill."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A mail that comes back. `what` tells a spectator about it."""

    who: str
    what: str
    raw: bytes


@dataclass(slots=True)
class SamplePeople:
    """The sample buyers and sellers, who remember what they were sent and what they wrote."""

    _exchanges: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # by order: our notice, the buyer's last answer

    def answers(self, raw: bytes, now: datetime | None = None) -> Iterator[Answer]:
        """What comes back when this mail of ours is read; nothing from people who have nothing to say."""
        message = message_from_bytes(raw, policy=default)
        order = next((row for row in order_rows() if row["order_id"] in str(message["Subject"])), None)
        if order is None or order["order_id"] not in STORY_ORDERS:
            return
        for answer in replies_to(raw, now):
            self._exchanges[order["order_id"]] = (raw, answer)
            yield Answer(order["buyer"]["name"], f"answers about order {order['order_id']}: “{_first_line(answer)}”", answer)
        if order["order_id"] == DIRECT_PROOF_ORDER:
            return
        if self._asks_for_chain(message, order["seller"]["addresses"]) and order["order_id"] in self._exchanges:
            chain = chain_from_seller(order["order_id"], *self._exchanges[order["order_id"]], now)
            yield Answer(
                order["seller"]["name"], f"sends the buyer's confirmation of order {order['order_id']} as an attachment", chain
            )

    @staticmethod
    def _asks_for_chain(message: EmailMessage, seller: list[str]) -> bool:
        recipients = {address.addr_spec for address in message["To"].addresses}
        return bool(recipients & set(seller)) and "confirmation" in str(message["Subject"]).casefold()


def _first_line(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    return str(body.get_content()).splitlines()[0] if body else ""
