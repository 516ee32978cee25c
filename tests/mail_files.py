"""Mails as files, for tests: who writes them, what they answer, what is attached, and whether they are signed.

Domains that sign do it with one test key; `KEYS` is the archive that `--dkim-keys` takes.
"""

import base64
import email.policy
import itertools
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import dkim  # type: ignore[import-untyped]
import pytest
from nacl.signing import SigningKey

NOW = datetime.now(UTC).replace(microsecond=0)
BUYER, SELLER, SUPPORT = "ann@buyer.example", "post@shop.example", "support@club.example"
ORDER = "PO-771200"
TRACKING = "1Z999AA10123456784"
BOTH = "I accept the item and the re-billing."

_KEY = SigningKey(b"\7" * 32)
RECORD = "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(_KEY.verify_key)).decode()
SIGNING = ("buyer.example", "shop.example", "marketplace.amazon.com", "attacker.example", "gmail.com")
KEYS = {f"s1._domainkey.{domain}": RECORD for domain in SIGNING}
_SIGNED = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type", b"mime-version", b"in-reply-to", b"references"]
_number = itertools.count(1)

NOTICE = f"""Hello Ann,

Your order {ORDER} was cancelled, but these items had already shipped and are on their way to you:

2 x Reading lamp

Carrier: UPS
Tracking number: {TRACKING}

Since the order was cancelled, your account will be re-billed for what has shipped (99.80 USD).

Please reply to this message and confirm that you accept the item and the re-billing of your account. You can simply
answer with this sentence:

I accept the item and the re-billing.

Kind regards,
Seller Support
"""


def member_order(order_id: str = ORDER, **changes: Any) -> dict[str, Any]:
    """A member-club order of two units, cancelled after both had left, as the orders file writes it."""
    return {
        "marketplace": "member_club",
        "order_id": order_id,
        "status": "cancelled",
        "currency": "USD",
        "placed_at": iso(days=-9),
        "cancelled_by": "buyer",
        "cancelled_at": iso(days=-6),
        "buyer": {"name": "Ann Buyer", "address": BUYER},
        "seller": {"id": "s-1", "name": "The Shop", "addresses": [SELLER], "account": "active"},
        "lines": [
            {
                "line": "1",
                "sku": "LAMP-1",
                "title": "Reading lamp",
                "quantity": 2,
                "unit_price": "49.90",
                "shipped_quantity": 2,
                "cancelled_quantity": 2,
                "left_warehouse_quantity": 2,
            }
        ],
        "shipments": [{"carrier": "UPS", "tracking_number": TRACKING, "shipped_at": iso(days=-5), "confirmed": True}],
        **changes,
    }


def amazon_order(order_id: str = "112-7654321-7654321", **changes: Any) -> dict[str, Any]:
    """An unshipped order of a seller on Amazon, three hours old."""
    return {
        "marketplace": "amazon",
        "order_id": order_id,
        "channel": "seller",
        "status": "Unshipped",
        "placed_at": iso(hours=-3),
        "label_generated": False,
        "buyer": {"name": "Kim", "relay_address": "kim7x@marketplace.amazon.com"},
        "seller": {"id": "s-2", "name": "The Shop", "addresses": [SELLER], "account": "active"},
        "lines": [{"line": "1", "sku": "MUG", "asin": "B0000000M1", "title": "Mug", "quantity": 1, "shipped_quantity": 0}],
        **changes,
    }


def iso(**ago: float) -> str:
    """RFC 3339, by a timedelta's keywords from now."""
    return (NOW + timedelta(**ago)).isoformat()


def mail(
    sender: str,
    text: str,
    *,
    to: str = SUPPORT,
    subject: str = "Your order",
    answers: bytes | None = None,
    quote: str | None = None,
    attach: tuple[bytes, ...] = (),
    signed: bool | str = False,
    at: datetime = NOW,
    headers: dict[str, str] | None = None,
) -> bytes:
    """The octets of a mail. `answers`: the mail it replies to, quoted below unless `quote` says otherwise."""
    built = EmailMessage(policy=email.policy.SMTP)
    built["From"] = sender
    built["To"] = to
    built["Subject"] = subject
    built["Date"] = format_datetime(at)
    address = sender.rpartition("<")[2].rstrip(">")
    built["Message-ID"] = f"<{next(_number)}.test@{address.rpartition('@')[2]}>"
    if answers is not None:
        earlier = email.message_from_bytes(answers, policy=email.policy.default)
        for name in ("In-Reply-To", "References"):
            built[name] = earlier["Message-ID"]
        if quote is None:
            marked = "".join(f"> {line}\n" for line in earlier.get_content().splitlines())
            quote = f"On {earlier['Date']}, {earlier['From']} wrote:\n{marked}"
    for name, value in (headers or {}).items():
        built[name] = value
    built.set_content(f"{text}\n\n{quote}" if quote else text)
    for inner in attach:
        built.add_attachment(email.message_from_bytes(inner, policy=email.policy.SMTP))
    raw = built.as_bytes()
    if not signed:
        return raw
    return sign(raw, signed if isinstance(signed, str) else address.rpartition("@")[2], at=at)


def sign(raw: bytes, domain: str, *, at: datetime = NOW) -> bytes:
    """The same octets with a signature of `domain` on top, made at a time of our choice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", at.timestamp)
        signature = dkim.DKIM(raw).sign(
            b"s1",
            domain.encode(),
            base64.b64encode(bytes(_KEY)),
            signature_algorithm=b"ed25519-sha256",
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name for name in _SIGNED if name + b":" in raw.lower()],
        )
    return bytes(signature) + raw


def notice(text: str = NOTICE, *, token: str | None = "0f" * 16, order_id: str = ORDER, at: datetime | None = None) -> bytes:
    """The shipped-but-cancelled notice as we sent it two days ago."""
    local, _, domain = SUPPORT.partition("@")
    return mail(
        f"Seller Support <{SUPPORT}>",
        text.replace(ORDER, order_id),
        to=BUYER,
        subject=f"Your order {order_id} was cancelled, but it has shipped",
        at=at or NOW - timedelta(days=2),
        headers={"Reply-To": f"{local}+{token}@{domain}"} if token else None,
    )
