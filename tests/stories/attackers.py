"""What attackers write: mails as they lie in our mailbox, with whatever the sender can forge and what the provider adds."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import dkim  # type: ignore[import-untyped]
from nacl.signing import SigningKey

from tests.stories.office import AUTHSERV, SELLER, Office, rebill_order

YES = "I accept the item and the re-billing."
NO = "No, I do not accept the item and I do not agree to the re-billing."
EVIL = "mallory@evil.example"
KEY = SigningKey(b"\7" * 32)
PRIVATE = base64.b64encode(bytes(KEY))
RECORD = "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(KEY.verify_key)).decode()
SIGNED = [
    b"from",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"content-type",
    b"mime-version",
    b"in-reply-to",
    b"references",
]


@dataclass
class Target:
    """An order, its buyer, and our notice to that buyer."""

    order_id: str
    buyer: str
    tracking: str
    mailbox: str
    notice: EmailMessage | None = None
    twin: "Target | None" = None  # another order of the same buyer and seller

    @property
    def sent(self) -> EmailMessage:
        assert self.notice is not None
        return self.notice


def results(domain: str = "example.com", verdict: str = "pass", authserv: str = AUTHSERV) -> str:
    return f"Authentication-Results: {authserv}; dmarc={verdict} header.from={domain}\r\n"


def letter(
    target: Target,
    sender: str,
    text: str,
    *,
    top: str | None = None,
    subject: str | None = None,
    to: str | None = None,
    linked: bool = True,
    quote: bool = True,
    extra: str = "",
    html: str | None = None,
    identifier: str | None = None,
    date: datetime | None = None,
) -> bytes:
    """A mail as it lies in our mailbox. `top` is what the receiving server wrote; None: what it writes for an honest sender."""
    notice = target.notice
    if top is None:
        top = results(sender.rpartition("@")[2].rstrip(">"))
    linked = linked and notice is not None
    if quote and linked:
        text += f"\n\nOn Monday, 4 May 2026, Seller Support wrote:\n{quoted(target)}\n"
    seed = hashlib.sha256(repr((sender, text, target.order_id, extra, top)).encode()).hexdigest()[:16]
    fields = [
        f"From: {sender}",
        f"To: {to or (notice['Reply-To'] if linked and notice is not None else target.mailbox)}",
        f"Subject: {subject or ('Re: ' + str(notice['Subject']) if notice is not None else target.order_id)}",
        f"Date: {format_datetime(date or datetime.now(UTC))}",
        f"Message-ID: {identifier or f'<{seed}@mail.example>'}",
        "MIME-Version: 1.0",
    ]
    if linked and notice is not None:
        fields += [f"In-Reply-To: {notice['Message-ID']}", f"References: {notice['Message-ID']}"]
    if html is None:
        body = "Content-Type: text/plain; charset=utf-8\n\n" + text.replace("\r\n", "\n")
    elif not text:
        body = "Content-Type: text/html; charset=utf-8\n\n" + html
    else:
        body = (
            'Content-Type: multipart/alternative; boundary="alt"\n\n--alt\nContent-Type: text/plain; charset=utf-8\n\n'
            f"{text}\n--alt\nContent-Type: text/html; charset=utf-8\n\n{html}\n--alt--\n"
        )
    block = "".join(f"{field}\r\n" for field in fields)
    return (top + extra + block + body.replace("\n", "\r\n") + "\r\n").encode()


def quoted(target: Target) -> str:
    return "\n".join(f"> {line}" for line in target.sent.get_content().splitlines())


def original(target: Target, text: str = YES, *, domain: str = "example.com", length: bool = False, **said: Any) -> bytes:
    """The buyer's own mail as its provider signed it: to us, with a copy to the seller."""
    given = {"to": f"{target.sent['Reply-To']}, {SELLER}", "top": "", **said}
    raw = letter(target, given.pop("sender", target.buyer), text, **given)
    present = [name for name in SIGNED if b"\r\n" + name + b":" in b"\r\n" + raw.lower().partition(b"\r\n\r\n")[0]]
    signature = dkim.DKIM(raw).sign(
        b"s1", domain.encode(), PRIVATE, signature_algorithm=b"ed25519-sha256",
        canonicalize=(b"relaxed", b"relaxed"), include_headers=present, length=length,
    )  # fmt: skip
    return bytes(signature) + raw


def chain(target: Target, *attached: bytes, text: str = "", sender: str = SELLER, top: str | None = None) -> bytes:
    """The seller's cover mail, with messages attached."""
    cover = text or f"Please issue our credit memo for {target.order_id}. The customer accepted the item and the re-billing."
    parts = [b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + cover.replace("\n", "\r\n").encode() + b"\r\n"]
    parts += [b"Content-Type: message/rfc822\r\n\r\n" + raw for raw in attached]
    mark = hashlib.sha256(b"".join(parts)).hexdigest()[:20]
    fields = (
        f"From: The Shop <{sender}>",
        f"To: {target.mailbox}",
        f"Subject: FW: Confirmation of the customer, {target.order_id}",
        f"Date: {format_datetime(datetime.now(UTC))}",
        f"Message-ID: <{mark}@shop.example>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="chain"',
    )
    head = (results(sender.rpartition("@")[2]) if top is None else top) + "".join(f"{field}\r\n" for field in fields) + "\r\n"
    return head.encode() + b"".join(b"--chain\r\n" + part + b"\r\n" for part in parts) + b"--chain--\r\n"


def inline(target: Target, words: str = YES, sender: str | None = None, minutes: int = 1) -> str:
    sent = f"{datetime.now(UTC) + timedelta(minutes=minutes):%A, %B %d, %Y %I:%M %p}"
    return (
        f"Please create the credit memo for {target.order_id}.\n\n-----Original Message-----\n"
        f"From: Ann Buyer <{sender or target.buyer}>\nSent: {sent}\nTo: The Shop <{SELLER}>\n"
        f"Subject: RE: {target.order_id}\n\n{words.replace(chr(13), '')}\n"
    )


def bounce(target: Target, recipient: str, *, path: str = "<>", sender: str = "MAILER-DAEMON@evil.example") -> bytes:
    return (
        f"Return-Path: {path}\r\nFrom: {sender}\r\nTo: {target.mailbox}\r\nSubject: Undelivered Mail\r\n"
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; evil.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {target.sent['Message-ID']}\r\n\r\n--b--\r\n"
    ).encode()


def shop_notice(parcel: Target, order: Target) -> str:
    return (
        f"Your order {order.order_id} was cancelled but it has shipped with UPS, tracking number {parcel.tracking}. "
        "Your account will be re-billed. Please confirm that you accept the item and the re-billing."
    )


def twin(target: Target) -> Target:
    assert target.twin is not None
    return target.twin


def order_of(target: Target, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    order = rebill_order(target.order_id, target.buyer)
    order["shipments"][0]["tracking_number"] = target.tracking
    order |= changes or {}
    order["seller"]["addresses"] = [target.buyer if a == "@buyer" else a for a in order["seller"]["addresses"]]
    return order


def send_notices(office: Office, targets: Sequence[Target]) -> None:
    reports = [
        letter(
            target,
            SELLER,
            f"Order {target.order_id} shows as cancelled in the portal, but we had already shipped it with UPS, tracking "
            f"{target.tracking}. How do we get paid?",
            subject=f"Order {target.order_id} cancelled but already shipped",
        )
        for target in targets
    ]
    office.dovecot.append_all(reports, user=office.user)
    office.work()
    for draft in office.drafts("m_rebill_notice"):
        office.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)
    office.app.desk.deliver_outbox()
    sent = {str(mail["Subject"]): mail for target in targets for mail in office.received_by(target.buyer)}
    for target in targets:
        target.notice = next(mail for subject, mail in sent.items() if target.order_id in subject)
