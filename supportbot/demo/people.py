"""Everybody outside, as one: they read what the bot sends and write back. `buyers` says what; here is who hears what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from supportbot.demo.buyers import chain_from_seller, replies_to
from supportbot.demo.samples import BILLING, order_rows


@dataclass(frozen=True, slots=True)
class Story:
    """An order whose credit-memo flow runs to its end in the demo, and how it goes."""

    order_id: str
    plot: str


STORIES = (
    Story("771204518", "the buyer accepts both, and the seller hands on the proof"),
    Story("771204633", "the buyer declines"),
    Story("771204790", "the buyer accepts the item only, is asked again, and then accepts both"),
)
STORY_ORDERS = tuple(story.order_id for story in STORIES)

DIRECT_PROOF_ORDER = "771204790"
"""Its seller is slow: the reviewer confirms the buyer's own answer instead of waiting for the chain."""

FOR_YOU = "771204811"
"""An order of the same kind that is left to the spectator, and can be taken to its credit memo."""

WAITING_ORDERS = (FOR_YOU, "771204866")
"""Orders whose people answer once what is written to them is approved."""

REVIEWERS = ("robin", "sam")
"""Two people of the support team; a credit memo needs both."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody does on a mail of ours, told to a spectator, and the mail that comes back; None: told otherwise."""

    who: str
    order_id: str
    what: str
    raw: bytes | None


@dataclass(slots=True)
class SamplePeople:
    """The sample buyers, sellers and billing, who remember what they were sent and what they wrote."""

    _exchanges: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # by order: our notice, the buyer's last answer

    def answers(self, raw: bytes, now: datetime | None = None) -> Iterator[Answer]:
        """What comes back when this mail of ours is read; nothing from people who have nothing to say."""
        message = message_from_bytes(raw, policy=default)
        order = next((row for row in order_rows() if row["order_id"] in str(message["Subject"])), None)
        if order is None or order["order_id"] not in (*STORY_ORDERS, *WAITING_ORDERS):
            return
        order_id = order["order_id"]
        recipients = {address.addr_spec for address in message["To"].addresses}
        if BILLING in recipients:
            yield Answer(
                "billing", order_id, f"charges the buyer again, and tells its reference: {rebill_reference(order_id)}", None
            )
        for answer in replies_to(raw, now):
            self._exchanges[order_id] = (raw, answer)
            yield Answer(order["buyer"]["name"], order_id, f"answers: “{_first_line(answer)}”", answer)
        if order_id != DIRECT_PROOF_ORDER and order_id in self._exchanges and self._asks_for_chain(message, recipients, order):
            chain = chain_from_seller(order_id, *self._exchanges[order_id], now)
            yield Answer(
                order["seller"]["name"], order_id, "sends our notice and the buyer's answer, attached as received", chain
            )

    @staticmethod
    def _asks_for_chain(message: EmailMessage, recipients: set[str], order: dict[str, dict[str, list[str]]]) -> bool:
        return bool(recipients & set(order["seller"]["addresses"])) and "confirmation" in str(message["Subject"]).casefold()


def rebill_reference(order_id: str) -> str:
    """What billing calls its re-bill of an order."""
    return f"RB-{order_id}"


def _first_line(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    return str(body.get_content()).splitlines()[0] if body else ""
