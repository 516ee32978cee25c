"""Turns what somebody writes into the bytes that his mail program would send and our provider would deliver.

The provider adds `Authentication-Results` (RFC 8601) and `Received` on top, as a real one would.
"""

import hashlib
import html
import textwrap
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

Client = Literal["plain", "gmail", "outlook", "apple", "html"]
Verdict = Literal["pass", "fail", "none"]

_POLICY = SMTP.clone(max_line_length=998)
AUTHSERV_ID = "mx.demo.test"
"""Whose Authentication-Results the demo believes."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The mail that is answered or forwarded."""

    name: str
    address: str
    subject: str
    text: str
    minutes_ago: int
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a person or a machine sends. `raw` stands instead of `text` where the layout is the point."""

    name: str
    kind: str  # of docs/spec/messages.md
    note: str
    sender: str  # display name
    address: str
    subject: str
    text: str
    minutes_ago: int
    client: Client = "plain"
    answers: Earlier | None = None
    forwards: Earlier | None = None
    attached: bytes | None = None  # a whole mail, attached as message/rfc822
    auth: Verdict = "pass"
    headers: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()  # (media type, text) of a multipart/report
    to: str = "support@example.com"


@dataclass(frozen=True, slots=True)
class SampleMail:
    """A mail of the sample mailbox and what the bot should make of it."""

    name: str
    raw: bytes
    expected_kind: str
    note: str
    received: datetime


def write(letter: Letter, now: datetime) -> SampleMail:
    """The letter as it lies in the mailbox when it is `now`."""
    sent = now - timedelta(minutes=letter.minutes_ago)
    message = _headers(letter, sent)
    if letter.parts:
        raw = _report(letter, message)
    elif letter.attached is not None:
        raw = with_attached(message, _body(letter, now), [letter.attached])
    else:
        _fill(message, letter, now)
        raw = message.as_bytes()
    return SampleMail(letter.name, delivered(raw, letter.address, sent, letter.auth), letter.kind, letter.note, sent)


def message_id(seed: str, address: str) -> str:
    """A Message-ID that follows from `seed`, in the sender's domain."""
    return f"<{hashlib.sha256(seed.encode()).hexdigest()[:24]}@{address.rpartition('@')[2]}>"


def headed(sender: str, address: str, to: str, subject: str, sent: datetime, identifier: str) -> EmailMessage:
    """A message with the usual header and no body."""
    message = EmailMessage(_POLICY)
    message["From"] = Address(sender, addr_spec=address)
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = identifier
    return message


def quoted(earlier: Earlier, now: datetime) -> str:
    """The answered text as Gmail quotes it in plain text."""
    sent = now - timedelta(minutes=earlier.minutes_ago)
    attribution = f"On {sent:%a, %b} {sent.day}, {sent.year} at {sent:%I:%M %p} {earlier.name} <{earlier.address}>\nwrote:"
    lines = [row for line in earlier.text.splitlines() for row in (textwrap.wrap(line, 74) or [""])]
    return f"{attribution}\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


def delivered(raw: bytes, address: str, received: datetime, auth: Verdict, *, dkim: str = "none") -> bytes:
    """The bytes with what the receiving server puts on top."""
    domain = address.rpartition("@")[2]
    received_line = (
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.10])\r\n\tby {AUTHSERV_ID} with ESMTPS id"
        f" {hashlib.sha256(raw).hexdigest()[:12]};\r\n\t{format_datetime(received)}\r\n"
    )
    results = (
        f"Authentication-Results: {AUTHSERV_ID};\r\n\tdkim={dkim} header.d={domain};\r\n"
        f"\tspf={auth} smtp.mailfrom={address};\r\n\tdmarc={auth} header.from={domain}\r\n"
    )
    return ("" if auth == "none" else results).encode() + received_line.encode() + raw


def with_attached(message: EmailMessage, text: str, mails: list[bytes]) -> bytes:
    """A multipart/mixed of a text and whole mails, each kept byte for byte so that its signature still verifies."""
    boundary = "=_demo_" + hashlib.sha256(b"".join(mails)).hexdigest()[:20]
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"mime-version", b"content-"))]
    part = EmailMessage(_POLICY)
    part.set_content(text)
    del part["MIME-Version"]
    lines = [
        *kept,
        b"MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"'.encode(),
        b"",
        f"--{boundary}".encode(),
        part.as_bytes().rstrip(b"\r\n"),
    ]
    for number, mail in enumerate(mails, 1):
        name = f"message-{number}.eml"
        lines += [
            f"--{boundary}".encode(),
            f'Content-Type: message/rfc822; name="{name}"'.encode(),
            f'Content-Disposition: attachment; filename="{name}"'.encode(),
            b"",
            mail,
        ]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


def _headers(letter: Letter, sent: datetime) -> EmailMessage:
    identifier = message_id(letter.name + sent.isoformat(), letter.address)
    message = headed(letter.sender, letter.address, letter.to, letter.subject, sent, identifier)
    if letter.answers and letter.answers.message_id:
        message["In-Reply-To"] = letter.answers.message_id
        message["References"] = letter.answers.message_id
    for name, value in letter.headers:
        message[name] = value
    return message


def _fill(message: EmailMessage, letter: Letter, now: datetime) -> None:
    text = _body(letter, now)
    if letter.client in {"plain", "apple"}:
        message.set_content(text)
        return
    if letter.client == "html":
        message.set_content(_html(letter, now), subtype="html")
        return
    message.set_content(text)
    message.add_alternative(_html(letter, now), subtype="html")
    message.set_boundary("=_demo_" + hashlib.sha256(letter.name.encode()).hexdigest()[:20])


def _body(letter: Letter, now: datetime) -> str:
    body = letter.text.strip() + "\n"
    if letter.client == "apple":
        body += "\nSent from my iPhone\n"
    if letter.answers:
        body += "\n" + (_outlook_block(letter.answers, now) if letter.client == "outlook" else quoted(letter.answers, now))
    if letter.forwards:
        body += "\n" + _forwarded(letter, letter.forwards, now)
    return body


def _forwarded(letter: Letter, earlier: Earlier, now: datetime) -> str:
    if letter.client == "outlook":
        return _outlook_block(earlier, now)
    sent = now - timedelta(minutes=earlier.minutes_ago)
    return (
        f"---------- Forwarded message ---------\nFrom: {earlier.name} <{earlier.address}>\n"
        f"Date: {sent:%a, %b} {sent.day}, {sent.year} at {sent:%I:%M %p}\nSubject: {earlier.subject}\n"
        f"To: {letter.sender} <{letter.address}>\n\n\n{earlier.text}"
    )


def _outlook_block(earlier: Earlier, now: datetime) -> str:
    sent = now - timedelta(minutes=earlier.minutes_ago)
    return (
        f"________________________________\nFrom: {earlier.name} <{earlier.address}>\n"
        f"Sent: {sent:%A, %B} {sent.day}, {sent.year} {sent:%I:%M %p}\nTo: Seller Support <support@example.com>\n"
        f"Subject: {earlier.subject}\n\n{earlier.text}"
    )


def _html(letter: Letter, now: datetime) -> str:
    own = "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in letter.text.strip().splitlines())
    earlier = letter.answers or letter.forwards
    if not earlier:
        return f'<html><body><div dir="ltr">{own}</div></body></html>\n'
    theirs = "<br>".join(html.escape(line) for line in earlier.text.splitlines())
    if letter.client == "outlook" or letter.forwards:
        block = _outlook_block(earlier, now) if letter.client == "outlook" else _forwarded(letter, earlier, now)
        rows = "<br>".join(html.escape(line) for line in block.splitlines())
        mark = 'id="divRplyFwdMsg"' if letter.client == "outlook" else 'class="gmail_quote"'
        return f'<html><body><div>{own}</div><hr style="width:98%"><div {mark}>{rows}</div></body></html>\n'
    attribution = html.escape(quoted(earlier, now).partition("\n\n")[0].replace("\n", " "))
    return (
        f'<html><body><div dir="ltr">{own}</div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">{attribution}<br></div><blockquote class="gmail_quote" '
        f'style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex">{theirs}</blockquote></div></body></html>\n'
    )


def _report(letter: Letter, message: EmailMessage) -> bytes:
    """A multipart/report (RFC 6522): the text for people, then what the machine adds."""
    boundary = "=_demo_" + hashlib.sha256(letter.name.encode()).hexdigest()[:20]
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{boundary}"'
    rows = [f"--{boundary}", "Content-Type: text/plain; charset=utf-8", "", letter.text.strip(), ""]
    for kind, text in letter.parts:
        rows += [f"--{boundary}", f"Content-Type: {kind}", "", text.strip(), ""]
    body = "\r\n".join([*rows, f"--{boundary}--", ""]).replace("\r\n", "\n").replace("\n", "\r\n")
    return message.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body.encode()
