"""A mail we mean to send, as octets that say exactly that (RFC 5322, 2045, 2047).

The header is written here, field by field; then the octets are read back by the standard library and by our own reader, and
whatever differs from the intention refuses the mail. So no subject, name or body can add a field, a recipient or a word,
on any interpreter (docs/spec/safety.md finding 2).
"""

import binascii
import email
import email.policy
import re
from base64 import encodebytes
from collections.abc import Iterable
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from typing import ClassVar

from supportbot.errors import SupportbotError
from supportbot.mail.charsets import decode_text
from supportbot.mail.headers import decode_words, read_header_block
from supportbot.mail.message import Mailbox, OutboundMessage
from supportbot.mail.mime import decode_body, read_tree

MAX_LINE = 998  # octets, RFC 5322 section 2.1.1
MAX_SUBJECT = 400  # characters
MAX_RECIPIENTS = 20

_ATOM = r"[A-Za-z0-9!#$&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDR_SPEC = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?=.{{1,255}}\Z){_LABEL}(?:\.{_LABEL})*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-Z\[-~]{1,400}@[!-;=?A-Z\[-~]{1,400}>")
_EXTRA_NAME = re.compile(r"X-[A-Za-z0-9-]{1,70}")
_RESERVED = frozenset({"x-auto-response-suppress"})
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORBIDDEN_IN_BODY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$&'*+/=?^_`{|}~.,-]{1,200}")


class ComposeRefused(SupportbotError):
    """The mail was not composed: its octets would not say what was intended."""

    exit_code: ClassVar[int] = 1


def compose(message: OutboundMessage) -> bytes:
    """The octets of `message`, CRLF line ends. Raises ComposeRefused where a value is not allowed or does not survive."""
    fields = _fields(message)
    encoding, body = _encoded_body(message.body)
    fields += [
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", encoding),
    ]
    raw = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("ascii") + b"\r\n" + body
    _compare(raw, message, [name for name, _ in fields])
    return raw


def sendable_ids(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Those Message-IDs of others that may stand in a mail of ours: an odd one costs the thread, never the answer."""
    return tuple(identifier for identifier in identifiers if _MESSAGE_ID.fullmatch(identifier))


def _fields(message: OutboundMessage) -> list[tuple[str, str]]:
    if not message.to or len(message.to) > MAX_RECIPIENTS:
        raise ComposeRefused(f"a mail needs 1 to {MAX_RECIPIENTS} recipients; found {len(message.to)}")
    if message.date.tzinfo is None:
        raise ComposeRefused("the date has no time zone")
    if len(message.subject) > MAX_SUBJECT:
        raise ComposeRefused(f"the subject is longer than {MAX_SUBJECT} characters")
    for identifier in (message.message_id, *message.references, *((message.in_reply_to,) if message.in_reply_to else ())):
        if not _MESSAGE_ID.fullmatch(identifier):
            raise ComposeRefused(f"not a Message-ID: {identifier!r}")
    fields = [
        ("From", _mailbox(message.sender)),
        ("To", ",\r\n ".join(_address(address) for address in message.to)),
        ("Subject", _text("Subject", message.subject)),
        ("Date", format_datetime(message.date)),
        ("Message-ID", message.message_id),
    ]
    if message.reply_to:
        fields.append(("Reply-To", _address(message.reply_to)))
    if message.in_reply_to:
        fields.append(("In-Reply-To", message.in_reply_to))
    if message.references:
        fields.append(("References", "\r\n ".join(message.references)))
    fields += [("Auto-Submitted", message.auto_submitted), ("X-Auto-Response-Suppress", "All")]
    for name, value in message.extra:
        if (
            not _EXTRA_NAME.fullmatch(name)
            or name.lower() in _RESERVED
            or name.lower() in {other.lower() for other, _ in fields}
        ):
            raise ComposeRefused(f"not a field of ours: {name!r}")
        fields.append((name, _text(name, value)))
    return fields


def _address(address: str) -> str:
    """An addr-spec of dot-atoms and letters, digits, hyphens; no quotes, comments, routes or percent signs."""
    if not ADDR_SPEC.fullmatch(address):
        raise ComposeRefused(f"not an address we send to: {address!r}")
    return address


def _mailbox(mailbox: Mailbox) -> str:
    address = _address(mailbox.address)
    if not mailbox.name:
        return address
    _refuse_controls("From", mailbox.name)
    if _PLAIN_NAME.fullmatch(mailbox.name) and "=?" not in mailbox.name and mailbox.name == " ".join(mailbox.name.split()):
        return f'"{mailbox.name}" <{address}>'
    return f"{_encoded('From', mailbox.name)}\r\n <{address}>"


def _text(name: str, value: str) -> str:
    """Unstructured text: as it is where it is plain, else as encoded words of at most 75 characters."""
    _refuse_controls(name, value)
    plain = value.isascii() and "=?" not in value and value == " ".join(value.split())
    if plain and all(len(word) < 70 for word in value.split()):
        return _folded(name, value)
    return _encoded(name, value)


def _encoded(name: str, value: str) -> str:
    return Header(value, "utf-8", header_name=name, maxlinelen=75).encode(splitchars="", linesep="\r\n")


def _folded(name: str, value: str) -> str:
    lines: list[str] = []
    room = 76 - len(name)
    for word in value.split(" "):
        if lines and len(lines[-1]) + len(word) < room:
            lines[-1] += f" {word}"
        else:
            room = room if not lines else 76
            lines.append(word)
    return "\r\n ".join(lines)


def _refuse_controls(name: str, value: str) -> None:
    for text in (value, decode_words_strictly(value)):
        if _FORBIDDEN.search(text) or _SURROGATE.search(text):
            raise ComposeRefused(f"a control character in {name}: {value!r}")


def decode_words_strictly(value: str) -> str:
    """`value` with every encoded word in it opened and nothing cleaned away, to look for what hides inside."""
    out = value
    for match in re.finditer(r"=\?[^?\s]{1,64}\?([bBqQ])\?([^?]*)\?=", value):
        payload = match.group(2).encode("utf-8", "surrogatepass")
        try:
            data = binascii.a2b_qp(payload, header=True) if match.group(1) in "qQ" else binascii.a2b_base64(payload)
        except binascii.Error:
            continue  # no reader can decode it either
        out += data.decode("utf-8", "replace") + data.decode("latin-1")
    return out if out == value else _without_c1_of_utf8(out)


def _without_c1_of_utf8(text: str) -> str:
    """C1 characters here come from reading UTF-8 octets as latin-1; only the C0 ones and line ends are of interest."""
    return re.sub("[\x80-\x84\x86-\x9f]", "", text)


def _encoded_body(body: str) -> tuple[str, bytes]:
    if _FORBIDDEN_IN_BODY.search(body):
        raise ComposeRefused("a control character in the body")
    data = body.replace("\n", "\r\n").encode("utf-8")
    if not body.endswith("\n"):
        data += b"\r\n"
    if sum(octet > 0x7E for octet in data) * 3 > len(data):
        return "base64", encodebytes(data).replace(b"\n", b"\r\n")
    encoded = binascii.b2a_qp(data, istext=True)
    # A gateway may write ">From" and so break the signature: the F is encoded.
    return "quoted-printable", re.sub(rb"(?m)^From ", b"=46rom ", encoded)


def _compare(raw: bytes, message: OutboundMessage, names: list[str]) -> None:
    """Reads the octets back, twice, and refuses what is not exactly the intention."""
    if (
        any(len(line) > MAX_LINE for line in raw.split(b"\r\n"))
        or b"\n" in raw.replace(b"\r\n", b"")
        or b"\r" in raw.replace(b"\r\n", b"")
    ):
        raise ComposeRefused("a line is too long or ends wrongly")
    intended = {
        "from": [(message.sender.name, message.sender.address)],
        "to": [("", address) for address in message.to],
        "reply-to": [("", message.reply_to)] if message.reply_to else [],
    }
    _compare_standard(email.message_from_bytes(raw, policy=email.policy.default), message, names, intended)
    block = read_header_block(raw)
    if [name for name, _ in block.fields] != names or block.defects:
        raise ComposeRefused("other header fields than intended")
    expected = {"subject": message.subject, **{name.lower(): value for name, value in message.extra}}
    for name, value in expected.items():
        read = _squeezed(decode_words(block.first(name) or ""))
        # Our reader mends text that was encoded twice; a value that only looks so has already been compared letter by letter.
        if read not in (_squeezed(value), _squeezed(decode_text(value.encode(), "utf-8")[0])):
            raise ComposeRefused(f"{name} does not survive: {value!r}")
    tree = read_tree(raw)
    text = decode_body(raw, tree.leaves[0], []).decode("utf-8")
    if len(tree.leaves) != 1 or tree.defects or not _same_body(text, message.body):
        raise ComposeRefused("the body does not survive")


def _compare_standard(
    parsed: EmailMessage, message: OutboundMessage, names: list[str], intended: dict[str, list[tuple[str, str]]]
) -> None:
    if parsed.keys() != names or parsed.defects:
        raise ComposeRefused("other header fields than intended")
    for name, addresses in intended.items():
        value = parsed.get(name)
        found = [(item.display_name, item.addr_spec) for item in value.addresses] if value is not None else []
        if found != addresses:
            raise ComposeRefused(f"other addresses than intended in {name}: {found!r}")
    if str(parsed["message-id"]) != message.message_id or _squeezed(str(parsed["subject"])) != _squeezed(message.subject):
        raise ComposeRefused("Message-ID or Subject does not survive")
    if (
        str(parsed["references"] or "").split() != list(message.references)
        or (parsed["in-reply-to"] or None) != message.in_reply_to
    ):
        raise ComposeRefused("References or In-Reply-To do not survive")
    if not _same_body(str(parsed.get_content()), message.body):
        raise ComposeRefused("the body does not survive")


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _same_body(found: str, intended: str) -> bool:
    found = found.replace("\r\n", "\n")
    return found == (intended if intended.endswith("\n") else f"{intended}\n")
