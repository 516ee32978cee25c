"""A second, far simpler reading, for a mail that the parser could not read: enough for a person to find it and to look at it.

It is bounded whatever the octets are, so it may run in the service's own process: it looks at 96 KB, knows no parts, no HTML
and no codec of the sender's choice, never recurses, and every expression below is anchored or has bounded repeats.
"""

import re

from supportbot.mail.addresses import normal_address
from supportbot.mail.headers import HeaderBlock, read_header_block, remove_invisible, structural_defects
from supportbot.mail.message import InboundMessage, Label, Mailbox, Segment

READ_PLAINLY = "read-plainly"
"""The defect of every message read here: a person looks at it, and no machine reads consent from it."""

MAX_HEADER_BLOCK = 32 * 1024  # octets
MAX_FIELDS = 200
MAX_VALUE = 4096  # characters of one field
MAX_BODY = 64 * 1024  # octets
MAX_ADDRESSES = 50

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}"
_ADDRESSES = re.compile(_ADDRESS)
_ONE_MAILBOX = re.compile(rf"[^<>@]{{0,200}}<({_ADDRESS})>|({_ADDRESS})")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def read_plainly(raw: bytes, defect: str) -> InboundMessage:
    """The header fields and the octets below them as text, all of it NEW; `defect` says why the parser could not do more.

    Encoded words, parts and transfer encodings stay as they stand. There is no date, attachment or forwarded message.
    """
    window = raw[: MAX_HEADER_BLOCK + MAX_BODY]
    if b"\n" not in window:
        window = window.replace(b"\r", b"\n")
    block = read_header_block(window, 0, min(len(window), MAX_HEADER_BLOCK))
    fields = tuple((name, value[:MAX_VALUE]) for name, value in block.fields[:MAX_FIELDS])
    body = _text(window[block.body_start : block.body_start + MAX_BODY])
    references = _message_ids(block, "references")
    return InboundMessage(
        sender=_sender(block),
        to=_mailboxes(block, "to"),
        cc=_mailboxes(block, "cc"),
        reply_to=None,
        subject=" ".join(_text((block.first("subject") or "")[:MAX_VALUE].encode("latin-1")).split()),
        date=None,
        message_id=next(iter(_message_ids(block, "message-id")), None),
        in_reply_to=next(iter(_message_ids(block, "in-reply-to")), None),
        references=references,
        body=body,
        segments=(Segment(0, len(body), Label.NEW, READ_PLAINLY),) if body else (),
        boundary_certain=False,
        headers=fields,
        defects=tuple(dict.fromkeys((defect, READ_PLAINLY, *block.defects, *structural_defects(block)))),
        size=len(raw),
    )


def _text(octets: bytes) -> str:
    """As UTF-8 where it is that, the last character perhaps cut off; else windows-1252, which reads every octet."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_off = error.start > len(octets) - 4 and error.end == len(octets)
        text = octets[: error.start].decode("utf-8") if cut_off else octets.decode("cp1252", "replace")
    return remove_invisible(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _sender(block: HeaderBlock) -> Mailbox | None:
    """From, where it stands once and holds one address that every reader reads alike; its name stays undecoded, so unread."""
    values = [value for name, value in block.fields if name.lower() == "from"]
    found = _ONE_MAILBOX.fullmatch(values[0].strip()) if len(values) == 1 else None
    return Mailbox("", normal_address(found.group(1) or found.group(2))) if found else None


def _mailboxes(block: HeaderBlock, name: str) -> tuple[Mailbox, ...]:
    found = _ADDRESSES.findall((block.first(name) or "")[:MAX_VALUE])[:MAX_ADDRESSES]
    return tuple(Mailbox("", normal_address(address)) for address in found)


def _message_ids(block: HeaderBlock, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_MESSAGE_ID.findall((block.first(name) or "")[:MAX_VALUE])))
