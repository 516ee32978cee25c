"""What the sample buyers answer to the bot's notices, and the seller's mail that hands the chain on as proof.

Buyers' answers are DKIM-signed (RFC 6376, ed25519 of RFC 8463) with one demo key that every buyer's domain publishes, so that a
chain can be verified without a network: `demo_key_txt` is what DNS would say.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

import dkim  # type: ignore[import-untyped]
from nacl.signing import SigningKey

from supportbot.clock import SystemClock
from supportbot.demo.letters import Earlier, delivered, headed, message_id, quoted, with_attached
from supportbot.demo.samples import SUPPORT, order_rows

_SELECTOR = "demo"
# Derived, not secret: it proves nothing outside the sample world.
_SEED = hashlib.sha256(b"supportbot demo key").digest()
_SIGNED = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding")
_SIGNED_IF_THERE = ("in-reply-to", "references")

_ANSWERS: Mapping[str, tuple[str, str]] = {
    # buyer's address: (answer to a notice, answer to a request to be clearer)
    "nora@hale.test": ("I accept the item and the re-billing.\n\nNora Hale", "I accept the item and the re-billing."),
    "tom@becker.test": (
        "No, I do not accept the item and I do not agree to be re-billed. I cancelled this order.\n\nTom Becker",
        "No. I accept neither.",
    ),
    "jonas@keller.test": ("I accept the item and the re-billing.\n\nJonas Keller", "I accept the item and the re-billing."),
    "marta@ruiz.test": ("I accept the item and the re-billing.\n\nMarta Ruiz", "I accept the item and the re-billing."),
    "priya@nair.test": ("I will keep the item. Thank you!\n\nPriya", "I accept the item and the re-billing.\n\nPriya"),
}
_ASKS = "i accept the item and the re-billing."


@dataclass(frozen=True, slots=True)
class _Received:
    """What somebody sees of a mail the bot sent."""

    to: str
    answer_to: str
    subject: str
    text: str
    identifier: str
    references: str
    sent: datetime
    sender: str


def demo_key_txt() -> dict[str, str]:
    """Name to TXT record of every key that signs a demo mail, in the shape of `--dkim-keys`."""
    public = base64.b64encode(bytes(SigningKey(_SEED).verify_key)).decode()
    domains = sorted({address.rpartition("@")[2] for address in _ANSWERS})
    return {f"{_SELECTOR}._domainkey.{domain}": f"v=DKIM1; k=ed25519; p={public}" for domain in domains}


def replies_to(raw_notice: bytes, now: datetime | None = None) -> list[bytes]:
    """What comes back, as delivered to us, when the bot sends this mail; empty where its reader has nothing to say.

    Order 771204518 ends with a yes to both, 771204633 with a no, 771204790 with the item only, and a yes to both when asked
    again; whoever else is asked says yes to both.
    """
    notice = _read(raw_notice)
    sent = max(now or SystemClock().now(), notice.sent + timedelta(seconds=1))
    if notice.to in _ANSWERS and _ASKS in " ".join(notice.text.split()).casefold():
        shown_parcel = any(number in notice.text for number in _tracking_of(notice.to))
        return [_buyer_answer(notice, _ANSWERS[notice.to][0 if shown_parcel else 1], sent)]
    return []


def chain_from_seller(order_id: str, notice: bytes, answer: bytes, now: datetime | None = None) -> bytes:
    """The seller's mail to support with our notice and the buyer's answer, each attached as it was received."""
    order = next(one for one in order_rows() if one["order_id"] == order_id)
    name, address = order["seller"]["name"], order["seller"]["addresses"][0]
    sent = max(now or SystemClock().now(), _read(answer).sent + timedelta(seconds=1))
    subject = f"Confirmation of the buyer, order {order_id}"
    message = headed(name, address, SUPPORT, subject, sent, message_id(f"chain {order_id} {sent.isoformat()}", address))
    text = (
        f"Hello,\n\nthe buyer of order {order_id} has confirmed the item and the re-billing. The notice and the buyer's own"
        f" mail are attached. Please create the credit memo.\n\n{name}\n"
    )
    return delivered(with_attached(message, text, [notice, answer]), address, sent, "pass")


def _read(raw: bytes) -> _Received:
    message = message_from_bytes(raw, policy=default)
    body = message.get_body(("plain",))
    to = message["To"].addresses[0].addr_spec.casefold()
    back = (message["Reply-To"] or message["From"]).addresses[0].addr_spec
    return _Received(
        to=to,
        answer_to=back,
        subject=re.sub(r"(?i)^(?:re: ?)+", "", str(message["Subject"])),
        text=body.get_content() if body else "",
        identifier=str(message["Message-ID"] or ""),
        references=" ".join(str(message["References"] or "").split()),
        sent=parsedate_to_datetime(str(message["Date"])),
        sender=message["From"].addresses[0].display_name or "Seller Support",
    )


def _tracking_of(buyer: str) -> list[str]:
    return [
        shipment["tracking_number"]
        for order in order_rows()
        if order.get("buyer", {}).get("address") == buyer
        for shipment in order.get("shipments", ())
    ]


def _answer(notice: _Received, name: str, address: str, text: str, sent: datetime) -> EmailMessage:
    """A Gmail-style reply: the answer on top, our mail quoted below."""
    identifier = message_id(f"{notice.identifier} {text}", address)
    message = headed(name, address, notice.answer_to, f"Re: {notice.subject}", sent, identifier)
    message["In-Reply-To"] = notice.identifier
    message["References"] = f"{notice.references} {notice.identifier}".strip()
    earlier = Earlier(notice.sender, SUPPORT, notice.subject, notice.text, 0)
    message.set_content(f"{text}\n\n{quoted(earlier, notice.sent)}")
    return message


def _buyer_answer(notice: _Received, text: str, sent: datetime) -> bytes:
    buyer = next(order["buyer"] for order in order_rows() if order.get("buyer", {}).get("address") == notice.to)
    message = _answer(notice, buyer["name"], notice.to, text, sent)
    return delivered(_signed(message), notice.to, sent, "pass", dkim="pass")


def _signed(message: EmailMessage) -> bytes:
    """Its bytes with a signature on top that covers the whole body, and every field once more than it stands there."""
    raw = message.as_bytes()
    domain = message["From"].addresses[0].domain
    names = [*_SIGNED, *(name for name in _SIGNED_IF_THERE if name in message)]
    signature = dkim.sign(
        raw,
        _SELECTOR.encode(),
        domain.encode(),
        base64.b64encode(_SEED),
        signature_algorithm=b"ed25519-sha256",
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.encode() for name in (*names, *names)],
    )
    return bytes(signature) + raw
