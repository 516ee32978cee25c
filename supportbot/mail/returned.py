"""The mail that came back: which of ours it is, from the part that returns it, or from its header quoted in the text.

Servers return the whole mail (RFC 3462 section 2), its header alone, or a few of its lines, indented or marked with ">".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from supportbot.mail.addresses import normal_address, read_addresses
from supportbot.mail.charsets import decode_text
from supportbot.mail.headers import HeaderBlock, read_header_block
from supportbot.mail.mime import Part, Tree, decode_body
from supportbot.mail.thread import message_ids, reply_token

CASE_FIELD = "x-supportbot-case"

_MAX_HEADER = 128 * 1024  # octets of a returned header that are read
_MAX_ADDRESSES = 200
_RETURNED_TYPES = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
    "text/rfc822",
    "message/partial",
)
_RECIPIENT_FIELDS = ("to", "cc", "x-original-to", "apparently-to")
_OUR_FIELDS = ("reply-to", "return-path", "from", "sender", "errors-to")
_BOUNCED_ID_FIELDS = ("x-original-message-id", "original-message-id", "x-ms-exchange-parent-message-id", "in-reply-to")

# What may stand before a header line that is quoted in text.
_MARGIN = r"^[>|* \t]{0,16}"
_INLINE_ID = re.compile(
    r"\bmessage[- ]?id(?:entifier)?\b[ \t]{0,4}(?:is)?[:=][ \t]{0,8}(?:\n[>|* \t]{1,16})?"
    r"(<[^<>\s]{3,500}>|[^\s<>\[\](),;:\"@]{3,250}@[^\s<>\[\](),;:\"@]{3,250})",
    re.IGNORECASE,
)
_INLINE_CASE = re.compile(_MARGIN + r"x-supportbot-case:[ \t]{0,8}([!-~]{1,100})", re.IGNORECASE | re.MULTILINE)
_INLINE_FIELD = re.compile(
    _MARGIN + r"(to|cc|x-original-to|reply-to|return-path|from|sender|errors-to):[ \t]{0,8}([^\n]{1,1000})",
    re.IGNORECASE | re.MULTILINE,
)
# Where the words about a failure end and the copy of the failed mail begins.
_COPY_BEGINS = re.compile(
    r"^[ \t>*]{0,8}(?:[-=_]{2,80}[ \t]{0,4}(?:below this line|this is a copy|the (?:body|header|unsent|following)|"
    r"(?:start of )?(?:the )?original m|message (?:header|follows|contents|text)|unsent m|returned m|enclosed is|forwarded m|"
    r"begin (?:of )?(?:returned|original|forwarded)|ursprüngliche|original(?:nachricht|meddelande)|message d.origine|"
    r"mensaje original|messaggio originale|oorspronkelijk|mensagem original|oryginalna|元の|オリジナル|原文)"
    r"|(?:original m(?:essage|ail)|the original message|message headers?|unsent message|a copy of (?:the|your) (?:original )?"
    r"message|"
    r"die kopfzeilen|ursprüngliche nachrichtenkopf|en-têtes de message|encabezados de mensajes?|"
    r"intestazioni)\b[^\n]{0,60}:?[ \t]{0,4}$"
    r"|(?:received: (?:from|by|\()|return-path: ?<|x-mailer: |mime-version: |message-id: ?<|dkim-signature: |arc-seal: ))",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a returned mail says of itself; everything unread is None or empty."""

    message_id: str | None = None
    recipients: tuple[str, ...] = ()
    token: str | None = None
    case_id: str | None = None


def read_returned(raw: bytes, fields: Sequence[tuple[str, str]], tree: Tree, body: str) -> Returned:
    """The mail of ours that a report is about: from a returned part first, then from the text, then from the report's "
    "header."""
    blocks = [block for block in (_block(raw, part) for part in tree.leaves) if block is not None]
    identifier = next((ids[0] for block in blocks if (ids := message_ids(block.first("message-id") or ""))), None)
    recipients = [
        address for block in blocks if not _passed_on_by_list(block) for address in _addresses(block.fields, _RECIPIENT_FIELDS)
    ]
    own = [address for block in blocks for address in _addresses(block.fields, _OUR_FIELDS)]
    case_id = next((value for block in blocks if (value := block.first(CASE_FIELD))), None)
    if not blocks or identifier is None:
        copy = body[copy_start(body) :]
        recipients += _addresses(_inline_fields(copy), _RECIPIENT_FIELDS)
        own += _addresses(_inline_fields(body), _OUR_FIELDS)
        found = _INLINE_CASE.search(body)
        case_id = case_id or (found.group(1) if found else None)
        identifier = identifier or _inline_id(copy) or _inline_id(body) or _answered_id(fields)
    return Returned(identifier, tuple(dict.fromkeys(recipients)), reply_token(own), case_id)


def _passed_on_by_list(block: HeaderBlock) -> bool:
    """Whether a mailing list sent the mail on (RFC 2369, RFC 2919): its To field then names the list, not who failed."""
    return any(name.lower() in ("list-id", "list-post", "list-help", "list-subscribe") for name, _ in block.fields)


def copy_start(text: str) -> int:
    """Where in a report's text the copy of the failed mail begins; its length where there is none."""
    match = _COPY_BEGINS.search(text)
    return match.start() if match else len(text)


def _block(raw: bytes, part: Part) -> HeaderBlock | None:
    """The header of the mail that a part returns."""
    if part.type in _RETURNED_TYPES:
        return read_header_block(decode_body(raw, part, [])[:_MAX_HEADER])
    plain = part.type.startswith("text/") and part.type != "text/html"  # HTML is read as text, with the rest of the report
    if not part.depth or not (plain or part.disposition[1].lower().endswith((".eml", ".txt", ".msg"))):
        return None
    data = decode_body(raw, part, [])[:_MAX_HEADER].lstrip(b"\r\n\t ")
    block = read_header_block(data)
    names = {name.lower() for name, _ in block.fields}
    return block if "message-id" in names and len(names & {"from", "to", "subject", "date", "received"}) > 1 else None


def _inline_fields(text: str) -> list[tuple[str, str]]:
    return [(match.group(1).lower(), match.group(2)) for match in islice(_INLINE_FIELD.finditer(text), _MAX_ADDRESSES)]


def _inline_id(text: str) -> str | None:
    match = _INLINE_ID.search(text)
    return message_ids(match.group(1))[0] if match else None


def _answered_id(fields: Sequence[tuple[str, str]]) -> str | None:
    """Which message the report itself says it answers: Gmail, Exchange and others thread their reports with the mail."""
    values = {name.lower(): value for name, value in reversed(fields)}
    for name in _BOUNCED_ID_FIELDS:
        if ids := message_ids(values.get(name, "")):
            return ids[0]
    ids = message_ids(values.get("references", ""))
    return ids[-1] if ids else None


def _addresses(fields: Iterable[tuple[str, str]], names: Sequence[str]) -> list[str]:
    values = [value for name, value in fields if name.lower() in names]
    return [box.address for value in values[:20] for box in read_addresses(value[:4000]).mailboxes][:_MAX_ADDRESSES]


def clean_address(text: str) -> str | None:
    """A failed address as a server wrote it, without the marks around it; None where it is none that mail is sent to."""
    address = text.strip("<>\"'`()[]{}|*,;:=. \t").removeprefix("mailto:").removeprefix("MAILTO:")
    address = address.partition("?")[0].rstrip(".:;,>'\"")
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > 320:
        return None
    return normal_address(address)


def text_of(raw: bytes, part: Part, limit: int) -> str:
    """A part's text with \\n as line end, at most `limit` octets of it."""
    data = decode_body(raw, part, [])[:limit]
    return decode_text(data, part.parameters.get("charset"))[0].replace("\r\n", "\n").replace("\r", "\n")
