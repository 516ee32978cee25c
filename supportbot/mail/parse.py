"""Reading a received mail: octets in, an `InboundMessage` out, whatever the octets are.

    caps -> header block -> parts (mime) -> text (content) -> labels (quote) -> machine marks (screen, bounce)

Faults become `defects`; nothing is raised. Attached messages are read the same way, one budget for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supportbot.mail.addresses import AddressList, read_addresses
from supportbot.mail.bounce import read_bounce
from supportbot.mail.chain import deeper
from supportbot.mail.content import Content
from supportbot.mail.dates import read_date
from supportbot.mail.headers import HeaderBlock, conflicting_fields, decode_words, structural_defects
from supportbot.mail.message import Forwarded, InboundMessage, Label, Mailbox
from supportbot.mail.mime import MAX_DEPTH, MAX_PARTS, read_tree
from supportbot.mail.plainly import READ_PLAINLY
from supportbot.mail.quote import Surroundings, split
from supportbot.mail.screen import automated_reason, part_reason
from supportbot.mail.thread import message_ids

MAX_SIZE = 25 * 1024 * 1024  # octets of a whole message
_FIRST = 400_000  # octets in which a line end must stand for the line ends to be known

# Defects after which nobody can say for sure what the sender wrote, so that no machine reads consent from it.
UNSURE = frozenset(
    {
        "conflicting-content-type",
        "conflicting-content-transfer-encoding",
        "plain-html-differ",
        "text-truncated",
        "html-too-deep",
        "html-too-large",
        "style-sheet-too-large",
        "too-deep",
        "too-many-parts",
        "too-large",
    }
)


@dataclass(slots=True)
class _Budget:
    """What one message and all messages attached to it may still cost."""

    parts: int = MAX_PARTS
    depth: int = MAX_DEPTH
    octets: int = 2 * MAX_SIZE  # of attached messages, which stand in one another


def read_message(raw: bytes, *, ours: Sequence[str] = ()) -> InboundMessage:
    """What a received mail says. Never raises; every fault is named in `defects`.

    `ours` are texts of mails we sent: their words are labelled OURS wherever the sender's program left them.
    """
    return _read(raw, ours, _Budget())


def relabel(message: InboundMessage, ours: Sequence[str]) -> InboundMessage:
    """The same message with our words subtracted; for when the thread, and so what we sent, is known only after reading."""
    if READ_PLAINLY in message.defects:
        return message  # its words have brought the parser down once
    around = _surroundings(message.in_reply_to, message.date, message.sender, (*message.to, *message.cc))
    result = split(message.body, ours=ours, subject=message.subject, around=around)
    attached = tuple(
        item for item in message.forwarded if item.how == "attached" or (item.depth > 1 and _follows_attached(message, item))
    )
    return replace(
        message,
        segments=result.segments,
        boundary_certain=result.boundary_certain and not UNSURE.intersection(message.defects),
        answers=result.answers,
        forwarded=(*result.forwarded, *attached),
    )


def _follows_attached(message: InboundMessage, item: Forwarded) -> bool:
    """Whether an inline message stands inside an attached one: its list comes after that one's."""
    at = next(index for index, other in enumerate(message.forwarded) if other is item)
    return any(other.how == "attached" for other in message.forwarded[:at])


def parse_mailbox(text: str) -> Mailbox | None:
    """The one mailbox that `text` names, as in a From field; None where there is none or more than one."""
    found = read_addresses(text if text.isascii() else text.encode("utf-8").decode("latin-1"))
    return found.mailboxes[0] if len(found.mailboxes) == 1 else None


def _read(raw: bytes, ours: Sequence[str], budget: _Budget) -> InboundMessage:
    size = len(raw)
    defects: list[str] = []
    if size > MAX_SIZE:
        defects.append("too-large")
        raw = raw[:MAX_SIZE]
    if b"\n" not in raw[:_FIRST] and b"\r" in raw:
        defects.append("cr-line-ends")
        raw = raw.replace(b"\r", b"\n")
    tree = read_tree(raw, max_parts=budget.parts, max_depth=budget.depth)
    budget.parts -= len(tree.leaves)
    header = tree.header
    defects += [*header.defects, *structural_defects(header), *conflicting_fields(header), *tree.defects]
    parts = Content(defects)
    parts.read(raw, tree)
    attached = _attached(parts, ours, budget, defects)
    sender, sender_defects = _sender(header)
    defects += sender_defects
    subject = decode_words(header.first("subject") or "")
    body = parts.body(lambda text: _new_text(text, ours))
    date = read_date(header.first("date"))
    in_reply_to = next(iter(message_ids(header.first("in-reply-to") or "")), None)
    to, cc = (_addresses(header, name, defects).mailboxes for name in ("to", "cc"))
    around = _surroundings(in_reply_to, date, sender, (*to, *cc))
    result = split(body, ours=ours, subject=subject, around=around)
    bounce = read_bounce(raw, header.fields, tree, body)
    own_new, below = (
        "".join(body[segment.start : segment.end] for segment in result.segments if segment.label in labels)
        for labels in ((Label.NEW,), (Label.SIGNATURE, Label.FOOTER))
    )
    defects = list(dict.fromkeys(defects))
    return InboundMessage(
        sender=sender,
        to=to,
        cc=cc,
        reply_to=next(iter(_addresses(header, "reply-to", defects).mailboxes), None),
        subject=subject,
        date=date,
        message_id=next(iter(message_ids(header.first("message-id") or "")), None),
        in_reply_to=in_reply_to,
        references=message_ids(header.first("references") or ""),
        body=body,
        segments=result.segments,
        boundary_certain=result.boundary_certain and not UNSURE.intersection(defects),
        answers=result.answers,
        forwarded=(*result.forwarded, *attached),
        attachments=tuple(parts.attachments),
        bounce=bounce,
        automated_reason="bounce"
        if bounce
        else part_reason(raw, tree) or automated_reason(header.fields, sender, subject, own_new, below),
        headers=header.fields,
        defects=tuple(dict.fromkeys(defects)),
        size=size,
    )


def _surroundings(
    in_reply_to: str | None, date: datetime | None, sender: Mailbox | None, recipients: Sequence[Mailbox]
) -> Surroundings:
    parties = (*recipients, *((sender,) if sender else ()))
    return Surroundings(
        replies=bool(in_reply_to),
        date=date,
        address=sender.address if sender else "",
        author=sender.name if sender else "",
        parties=frozenset(party.address.lower() for party in parties),
    )


def _sender(header: HeaderBlock) -> tuple[Mailbox | None, list[str]]:
    """From, where exactly one mailbox can be read from it, and what is wrong with it."""
    value = header.first("from")
    if value is None:
        return None, ["from-missing"]
    found = read_addresses(value)
    defects = [f"from-{defect}" for defect in found.defects if defect != "null-address"]
    if len(found.mailboxes) == 1:
        return found.mailboxes[0], defects
    return None, [*defects, "from-several" if found.mailboxes else "from-unreadable"]


def _addresses(header: HeaderBlock, name: str, defects: list[str]) -> AddressList:
    """All mailboxes of every instance of a field."""
    values = [value for field, value in header.fields if field.lower() == name]
    found = read_addresses(", ".join(values)) if values else AddressList(())
    if "too-many-addresses" in found.defects:
        defects.append("too-many-addresses")
    return found


def _new_text(text: str, ours: Sequence[str]) -> str:
    return "".join(
        text[part.start : part.end] for part in split(text, ours=ours, judge=False).segments if part.label is Label.NEW
    )


def _attached(parts: Content, ours: Sequence[str], budget: _Budget, defects: list[str]) -> list[Forwarded]:
    """The attached messages and all that were passed on in them, as far as the budget reaches."""
    forwarded: list[Forwarded] = []
    for item in parts.messages:
        if budget.depth <= item.depth + 1 or budget.parts <= 0:
            defects.append("too-deep" if budget.parts > 0 else "too-many-parts")
            continue
        if budget.octets < len(item.raw):
            defects.append("too-large")
            continue
        budget.octets -= len(item.raw)
        budget.depth -= item.depth + 1
        message = _read(item.raw, ours, budget)
        budget.depth += item.depth + 1
        defects += [limit for limit in ("too-deep", "too-many-parts", "too-large") if limit in message.defects]
        forwarded.append(
            Forwarded(
                depth=1,
                how="attached",
                sender=message.sender,
                date=message.date,
                date_raw=next(iter(message.header("date")), ""),
                to=tuple(mailbox.address for mailbox in message.to),
                subject=message.subject,
                body=message.new_text,
                message_id=message.message_id,
                raw=item.raw,
            )
        )
        forwarded += deeper(message.forwarded, by=1)
    return forwarded
