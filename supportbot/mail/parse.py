"""Reading a received mail: octets in, an `InboundMessage` out, whatever the octets are.

    caps -> header block -> parts (mime) -> text (charsets, hypertext) -> labels (quote) -> machine marks (screen, bounce)

Faults become `defects`; nothing is raised. Attached messages are read the same way, one budget for all of them.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supportbot.mail.bounce import read_bounce
from supportbot.mail.chain import deeper
from supportbot.mail.charsets import decode_text
from supportbot.mail.headers import (
    AddressList,
    HeaderBlock,
    decode_words,
    read_addresses,
    read_date,
    remove_invisible,
    structural_defects,
)
from supportbot.mail.hypertext import visible_text
from supportbot.mail.message import Attachment, Forwarded, InboundMessage, Label, Mailbox
from supportbot.mail.mime import MAX_DEPTH, MAX_PARTS, Part, Tree, decode_body, read_tree
from supportbot.mail.ours import words_of
from supportbot.mail.quote import Surroundings, split
from supportbot.mail.screen import automated_reason, part_reason
from supportbot.mail.thread import message_ids

MAX_SIZE = 25 * 1024 * 1024  # octets of a whole message
MAX_TEXT = 400_000  # characters of readable text; what is beyond is left out, with a defect and an unsure boundary
_TEXT_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
_MAX_PART_TEXT = 2_000_000  # octets of one text part that are decoded at all

# Defects after which nobody can say for sure what the sender wrote, so that no machine reads consent from it.
UNSURE = frozenset(
    {"plain-html-differ", "text-truncated", "html-too-deep", "html-too-large", "too-deep", "too-many-parts", "too-large"}
)

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
_LINK = re.compile(r"<?(?:https?|mailto|tel):[^\s>]{1,2000}>?|\[(?:image|cid):[^\]\n]{0,300}\]|www\.\S{1,500}", re.IGNORECASE)


@dataclass(slots=True)
class _Budget:
    """What one message and all messages attached to it may still cost."""

    parts: int = MAX_PARTS
    depth: int = MAX_DEPTH


def read_message(raw: bytes, *, ours: Sequence[str] = ()) -> InboundMessage:
    """What a received mail says. Never raises; every fault is named in `defects`.

    `ours` are texts of mails we sent: their words are labelled OURS wherever the sender's program left them.
    """
    return _read(raw, ours, _Budget())


def relabel(message: InboundMessage, ours: Sequence[str]) -> InboundMessage:
    """The same message with our words subtracted; for when the thread, and so what we sent, is known only after reading."""
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
    if b"\n" not in raw[:MAX_TEXT] and b"\r" in raw:
        defects.append("cr-line-ends")
        raw = raw.replace(b"\r", b"\n")
    tree = read_tree(raw, max_parts=budget.parts, max_depth=budget.depth)
    budget.parts -= len(tree.leaves)
    header = tree.header
    defects += [*header.defects, *structural_defects(header), *tree.defects]
    parts = _Content(raw, tree, defects, ours, budget)
    parts.read()
    sender, sender_defects = _sender(header)
    defects += sender_defects
    subject = decode_words(header.first("subject") or "")
    body = parts.body()
    date = read_date(header.first("date"))
    in_reply_to = next(iter(message_ids(header.first("in-reply-to") or "")), None)
    to, cc = (_addresses(header, name, defects).mailboxes for name in ("to", "cc"))
    around = _surroundings(in_reply_to, date, sender, (*to, *cc))
    result = split(body, ours=ours, subject=subject, around=around)
    bounce = read_bounce(raw, header.fields, tree, body)
    own_new = "".join(body[segment.start : segment.end] for segment in result.segments if segment.label is Label.NEW)
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
        forwarded=(*result.forwarded, *parts.forwarded),
        attachments=tuple(parts.attachments),
        bounce=bounce,
        automated_reason="bounce"
        if bounce
        else part_reason(raw, tree) or automated_reason(header.fields, sender, subject, own_new),
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


class _Content:
    """Gathers the readable text, the attachments and the attached messages of one tree."""

    def __init__(self, raw: bytes, tree: Tree, defects: list[str], ours: Sequence[str], budget: _Budget) -> None:
        self._raw = raw
        self._tree = tree
        self._defects = defects
        self._ours = ours
        self._budget = budget
        self._texts: list[tuple[tuple[int, ...], str, str]] = []  # (alternative it stands in, "plain" or "html", text)
        self.attachments: list[Attachment] = []
        self.forwarded: list[Forwarded] = []

    def read(self) -> None:
        """Looks at every leaf once."""
        for part in self._tree.leaves:
            disposition, name = part.disposition
            if part.type in ("message/rfc822", "message/global") or _is_message_file(part, name):
                self._attached_message(part, name)
            elif self._is_body(part, disposition, name):
                self._text(part)
            elif not (part.type.startswith(("message/", "text/rfc822")) and disposition != "attachment"):
                self._attachment(part, name)

    def _is_body(self, part: Part, disposition: str, name: str) -> bool:
        """Whether a part is read as the sender's words. A named text beside a body is an attachment, however it is disposed."""
        if part.type.startswith("multipart/"):
            return True  # its boundary is missing or never occurs: the words in it are kept as text
        return part.type in _TEXT_TYPES and disposition != "attachment" and not (name and self._texts)

    def _text(self, part: Part) -> None:
        data = decode_body(self._raw, part, self._defects)
        if len(data) > _MAX_PART_TEXT:
            self._defects.append("text-truncated")
            data = data[:_MAX_PART_TEXT]
        text, defect = decode_text(data, part.parameters.get("charset"))
        if defect:
            self._defects.append(defect)
        kind = "html" if part.type == "text/html" else "plain"
        if kind == "html":
            seen = visible_text(text)
            self._defects += seen.defects
            text = seen.text
        elif part.type in ("text/enriched", "text/richtext"):
            text = visible_text(text).text
        elif part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        self._texts.append((_alternative(part), kind, self._clean(text)))

    def _clean(self, text: str) -> str:
        """Lines end with \\n; what no reader sees is taken out and flagged (docs/spec/safety.md 2.3 row 22)."""
        text = _LINE_ENDS.sub("\n", text.removeprefix("\ufeff")).replace("\u00a0", " ")
        if _CONTROL.search(text):
            self._defects.append("control-characters")
            text = _CONTROL.sub("", text)
        visible = remove_invisible(text)
        if visible != text:
            self._defects.append("invisible-characters")
        return visible

    def _attachment(self, part: Part, name: str) -> None:
        size = len(decode_body(self._raw, part, []))
        self.attachments.append(Attachment(_file_name(name), part.type, size))

    def _attached_message(self, part: Part, name: str) -> None:
        raw = self._raw[part.start : part.end]
        if part.encoding in ("base64", "quoted-printable"):
            raw = decode_body(self._raw, part, self._defects)
        self.attachments.append(Attachment(_file_name(name), part.type, len(raw)))
        if self._budget.depth <= part.depth + 1 or self._budget.parts <= 0:
            self._defects.append("too-deep" if self._budget.parts > 0 else "too-many-parts")
            return
        self._budget.depth -= part.depth + 1
        message = _read(raw, self._ours, self._budget)
        self._budget.depth += part.depth + 1
        for limit in ("too-deep", "too-many-parts"):
            if limit in message.defects:
                self._defects.append(limit)
        self.forwarded.append(
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
                raw=raw,
            )
        )
        self.forwarded += deeper(message.forwarded, by=1)

    def body(self) -> str:
        """The readable text: of each alternative its plain part, or the HTML one where the plain part says nothing."""
        chosen: list[str] = []
        done: set[tuple[int, ...]] = set()
        for place, _, text in self._texts:
            if not place:
                chosen.append(text)
            elif place not in done:
                done.add(place)
                plain = "\n".join(other for at, kind, other in self._texts if at == place and kind == "plain")
                html = "\n".join(other for at, kind, other in self._texts if at == place and kind == "html")
                chosen.append(self._choose(plain, html))
        body = "\n\n".join(text.strip("\n") for text in chosen if text.strip())
        if len(body) > MAX_TEXT:
            self._defects.append("text-truncated")
            body = body[:MAX_TEXT]
        return body

    def _choose(self, plain: str, html: str) -> str:
        plain_words, html_words = _meaning(plain), _meaning(html)
        if not html_words:
            return plain or html
        if not plain_words or (len(plain_words) < 40 and len(html_words) > 4 * len(plain_words) and "html" in plain_words):
            return html
        if plain_words != html_words and _differ(plain, html, self._ours):
            self._defects.append("plain-html-differ")
        return plain


def _alternative(part: Part) -> tuple[int, ...]:
    """Which multipart/alternative a part stands in; () for none."""
    return tuple(number for subtype, number in part.path if subtype == "alternative")[-1:]


def _meaning(text: str) -> frozenset[str]:
    return frozenset(words_of(_LINK.sub(" ", text)))


def _differ(plain: str, html: str, ours: Sequence[str]) -> bool:
    """Whether the newly written words of the two alternatives are not the same; marks, links and pictures aside."""
    one, other = (_meaning(_new(text, ours)) for text in (plain, html))
    if one == other:
        return False
    return len(one ^ other) > max(len(one), len(other)) // 50


def _new(text: str, ours: Sequence[str]) -> str:
    return "".join(text[part.start : part.end] for part in split(text, ours=ours).segments if part.label is Label.NEW)


def _is_message_file(part: Part, name: str) -> bool:
    return name.lower().endswith(".eml") and part.type in (
        "application/octet-stream",
        "text/plain",
        "application/eml",
        "message/eml",
    )


def _file_name(name: str) -> str:
    """A file name to show: no path, no control characters; never used to store anything."""
    name = unicodedata.normalize("NFC", remove_invisible(name)).replace("\\", "/").rpartition("/")[2]
    return _CONTROL.sub("", name)[:255]


def unflow(text: str, *, delete_space: bool) -> str:
    """The paragraphs of format=flowed text (RFC 3676): soft breaks joined within one quote depth, stuffed blanks removed."""
    out: list[str] = []
    joining: list[str] = []
    depth = 0
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        content = line[marks:].removeprefix(" ")
        if joining and (marks != depth or content == "-- "):
            out.append(">" * depth + " " * bool(depth) + "".join(joining))
            joining = []
        depth = marks
        soft = content.endswith(" ") and content != "-- "
        joining.append(content[:-1] if soft and delete_space else content)
        if not soft:
            out.append(">" * depth + " " * bool(depth) + "".join(joining))
            joining = []
    if joining:
        out.append(">" * depth + " " * bool(depth) + "".join(joining))
    return "\n".join(out)
