"""Header fields as they stand on the wire: the block, encoded words, addresses, parameters, dates.

Everything here is linear, takes any input, and never decodes an address: an encoded word inside an addr-spec is no
address (RFC 2047 section 5). The block is read once, by this module; nobody reads headers in another way.
"""

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from supportbot.mail.charsets import decode_text
from supportbot.mail.message import Mailbox

# spec: at least 1.3 times the largest seen in real mail that is no attack
MAX_HEADER_BLOCK = 128 * 1024
MAX_HEADER = 32 * 1024
MAX_HEADER_LINES = 1000
MAX_ADDRESSES = 500
MAX_PARAMETERS = 50

# Fields that RFC 5322 section 3.6 allows once (and RFC 2045 likewise): two readers may each believe another one.
SINGLE_FIELDS = (
    "from",
    "subject",
    "date",
    "to",
    "message-id",
    "cc",
    "reply-to",
    "sender",
    "in-reply-to",
    "references",
    "content-type",
    "content-transfer-encoding",
    "mime-version",
)

_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})([ \t]*):(.*)", re.DOTALL)
_HIDDEN_FROM = re.compile(rb"[ \t]++from[ \t]*+:", re.IGNORECASE)  # some readers take it for a field
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';[ \t\r\n]*+([^\s=;"]++)[ \t\r\n]*+=[ \t\r\n]*+("(?:[^"\\]|\\.)*+"|[^;]*+)', re.DOTALL)
_ADDR_SPEC = re.compile(
    r'(?:"[^"<>]{1,64}"|[^\s<>()\[\],;:"@\\]{1,128})@(?:[^\s<>()\[\],;:"@\\]{1,255}|\[[0-9a-fA-F.:IPv]{3,60}\])'
)


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The fields of one message or body part, in order, and where its body begins in the octets read."""

    fields: tuple[tuple[str, str], ...]  # name as written, value unfolded, decoded as latin-1
    body_start: int
    defects: tuple[str, ...]

    def first(self, name: str) -> str | None:
        """The topmost value of a field; `name` in lower case."""
        for field_name, value in self.fields:
            if field_name.lower() == name:
                return value
        return None


def read_header_block(raw: bytes, start: int = 0, end: int | None = None) -> HeaderBlock:
    """The header block at `start`. Never raises; what is beyond the limits is left out and named in `defects`."""
    end = len(raw) if end is None else end
    block_end, body_start, defects = _bounds(raw, start, end)
    lines = raw[start:block_end].split(b"\n")
    if len(lines) > MAX_HEADER_LINES:
        defects.append("too-many-header-lines")
        del lines[MAX_HEADER_LINES:]
    fields: list[tuple[str, bytearray]] = []
    offset = start
    malformed_at: int | None = None  # first line of a run without any field: perhaps the body, with no blank line before it
    for number, whole in enumerate(lines):
        line = whole[:-1] if whole.endswith(b"\r") else whole
        if line[:1] in (b" ", b"\t"):
            if _HIDDEN_FROM.match(line):
                defects.append("folded-from")
            if fields and malformed_at is None:
                fields[-1][1].extend(line)
            elif line.strip():
                defects.append("continuation-without-field")
        elif line and (match := _FIELD.match(line)):
            if match.group(2):
                defects.append("space-before-colon")
            fields.append((match.group(1).decode("latin-1"), bytearray(match.group(3))))
            malformed_at = None
        elif line and not (number == 0 and line.startswith(b"From ")):
            defects.append("malformed-header-line")
            malformed_at = offset if malformed_at is None else malformed_at
        elif line:
            defects.append("envelope-line")
        offset += len(whole) + 1
    if malformed_at is not None:
        defects.append("no-blank-line-after-header")
        body_start = malformed_at
    cleaned = tuple((name, _clean_value(value, defects)) for name, value in fields)
    return HeaderBlock(cleaned, body_start, tuple(dict.fromkeys(defects)))


def _bounds(raw: bytes, start: int, end: int) -> tuple[int, int, list[str]]:
    """(end of the block, start of the body, defects)."""
    for empty in (b"\r\n", b"\n"):
        if raw.startswith(empty, start, end):
            return start, start + len(empty), ["no-header"]
    blank = _BLANK_LINE.search(raw, start, end)
    block_end, body_start = (blank.start(), blank.end()) if blank else (end, end)
    if block_end - start > MAX_HEADER_BLOCK:
        cut = raw.rfind(b"\n", start, start + MAX_HEADER_BLOCK)
        return (cut if cut > start else start + MAX_HEADER_BLOCK), body_start, ["header-block-too-large"]
    return block_end, body_start, []


def _clean_value(value: bytearray, defects: list[str]) -> str:
    if len(value) > MAX_HEADER:
        defects.append("header-too-large")
        del value[MAX_HEADER:]
    if b"\0" in value:
        defects.append("nul-in-header")
        value = value.replace(b"\0", b"")
    if b"\r" in value:
        defects.append("bare-cr-in-header")
        value = value.replace(b"\r", b" ")
    return value.decode("latin-1").strip(" \t")


def structural_defects(block: HeaderBlock) -> Iterator[str]:
    """A `duplicate-<field>` for every field that may stand once and stands more often."""
    seen: dict[str, int] = {}
    for name, _ in block.fields:
        lower = name.lower()
        seen[lower] = seen.get(lower, 0) + 1
    for name in SINGLE_FIELDS:
        if seen.get(name, 0) > 1:
            yield f"duplicate-{name}"


def remove_invisible(text: str) -> str:
    """`text` without zero-width characters, bidi controls, tag characters and soft hyphens (Unicode TR 36)."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def decode_words(value: str) -> str:
    """Unstructured text (RFC 2047) of a raw header value. Control characters become blanks: nothing here starts a line."""
    if "=?" not in value:
        return _tidy(_raw_text(value))
    pieces: list[tuple[bytes, str | None]] = []
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[position : match.start()]
        after_word = bool(pieces) and pieces[-1][1] is not None
        if between and not (after_word and between.isspace()):
            pieces.append((between.encode("latin-1", "replace"), None))
        charset = match.group(1).partition("*")[0]
        data = _word_octets(match.group(2), match.group(3))
        # A character may be cut between two words, against RFC 2047 section 5: octets of one charset are joined first.
        if pieces and pieces[-1][1] is not None and pieces[-1][1].lower() == charset.lower() and not data.startswith(b"\x1b"):
            pieces[-1] = (pieces[-1][0] + data, charset)
        else:
            pieces.append((data, charset))
        position = match.end()
    if rest := value[position:]:
        pieces.append((rest.encode("latin-1", "replace"), None))
    text = "".join(
        _raw_text(data.decode("latin-1")) if charset is None else decode_text(data, charset)[0] for data, charset in pieces
    )
    return _tidy(text)


def _word_octets(encoding: str, payload: str) -> bytes:
    data = payload.encode("latin-1", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "))
    return lenient_base64(data)[0]


def lenient_base64(data: bytes) -> tuple[bytes, str | None]:
    """Base64 with missing padding and foreign characters forgiven; the second value is a defect name or None."""
    try:
        return binascii.a2b_base64(data), None
    except binascii.Error:
        alphabet = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        if len(alphabet) % 4 == 1:
            alphabet = alphabet[:-1]
        return binascii.a2b_base64(alphabet + b"=" * (-len(alphabet) % 4)), "base64-damaged"


def _raw_text(value: str) -> str:
    return value if value.isascii() else decode_text(value.encode("latin-1", "replace"), None)[0]


def _tidy(text: str) -> str:
    text = _CONTROL.sub(" ", text.replace("\n", " ").replace("\t", " ").replace("\x85", " "))
    return remove_invisible(text.replace("\u2028", " ").replace("\u2029", " ")).strip()


def read_date(value: str | None) -> datetime | None:
    """An RFC 5322 date, aware; None where it cannot be read. No zone is read as UTC."""
    if not value or len(value) > 200:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def read_parameters(value: str) -> tuple[str, dict[str, str], str | None]:
    """(leading token in lower case, parameters by lower-case name with RFC 2231 undone, defect or None)."""
    main = value.partition(";")[0].strip().lower()
    if ";" not in value:
        return main, {}, None
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    defect = None
    for count, match in enumerate(_PARAMETER.finditer(value, value.index(";"))):
        if count >= MAX_PARAMETERS:
            defect = "too-many-parameters"
            break
        name, text = match.group(1).lower(), match.group(2).strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        base, star, tail = name.partition("*")
        if star:
            digits = tail.rstrip("*")
            sections.setdefault(base, []).append(
                (int(digits) if digits.isdecimal() and len(digits) < 4 else 0, name.endswith("*"), text)
            )
        else:
            plain.setdefault(name, text)
    for base, parts in sections.items():
        plain[base] = _join_sections(sorted(parts))
    return main, plain, defect


def _join_sections(parts: list[tuple[int, bool, str]]) -> str:
    charset = ""
    octets = b""
    for index, (_, extended, text) in enumerate(parts):
        if extended and index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if extended else text.encode("latin-1", "replace")
    return _tidy(decode_text(octets, charset or None)[0])


# -- addresses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddressList:
    """The mailboxes of a From, To, Cc or Reply-To field. `defects` says why it should not be trusted."""

    mailboxes: tuple[Mailbox, ...]
    defects: tuple[str, ...] = ()


def read_addresses(value: str) -> AddressList:
    """Every mailbox of an address list (RFC 5322 section 3.4), none lost: `Shop, Inc. [X] <a@b>` is one mailbox.

    The display names are decoded, the addresses never. Comments do not nest by recursion; groups are opened.
    """
    defects: list[str] = []
    mailboxes: list[Mailbox] = []
    pending = ""  # a comma-separated piece without an address: the first half of a name such as "Shop, Inc."
    items, unbalanced, grouped = _split_addresses(value)
    if unbalanced:
        defects.append("address-unbalanced")
    if grouped:
        defects.append("address-group")
    for words, angles, comment in items:
        found, odd = _addresses_of(words, angles)
        if odd:
            defects.append(odd)
        if not found:
            pending = f"{pending}, {words}" if pending else words
            continue
        name = _display_name(f"{pending}, {words}" if pending else words, found, comment, bool(angles))
        pending = ""
        mailboxes.extend(Mailbox(name, address) for address in found)
        if len(mailboxes) > MAX_ADDRESSES:
            del mailboxes[MAX_ADDRESSES:]
            defects.append("too-many-addresses")
            break
    if not mailboxes and (lost := _ADDR_SPEC.search(value)):
        mailboxes.append(Mailbox("", normal_address(lost.group())))
        defects.append("address-recovered")
    if pending.strip() and not mailboxes:
        defects.append("address-missing")
    return AddressList(tuple(mailboxes), tuple(dict.fromkeys(defects)))


def _split_addresses(value: str) -> tuple[list[tuple[str, list[str], str]], bool, bool]:
    """Items of the list as (words outside angles, contents of the angles, comment); unbalanced; a group was opened."""
    items: list[tuple[str, list[str], str]] = []
    words: list[str] = []
    angles: list[str] = []
    comment: list[str] = []
    state, depth, angle_start, grouped = "", 0, 0, False
    index, length = 0, len(value)
    last_semicolon = value.rfind(";")
    closing_quote = value.rfind('"')
    while index < length:
        char = value[index]
        if char == "\\" and state in ('"', "(") and index + 1 < length:
            (words if state == '"' else comment).append(value[index + 1])
            index += 2
            continue
        if state == '"':
            if char == '"':
                state = ""
            words.append(char)
        elif state == "(":
            depth += (char == "(") - (char == ")")
            if depth == 0:
                state = ""
            else:
                comment.append(char)
        elif state == "<":
            if char == ">":
                angles.append(value[angle_start:index])
                state = ""
        elif char == '"' and index < closing_quote:
            state = '"'
            words.append(char)
        elif char == "(":
            state, depth = "(", 1
        elif char == "<":
            state, angle_start = "<", index + 1
        elif char == "," or char == ";":
            items.append(("".join(words).strip(), angles, "".join(comment)))
            words, angles, comment = [], [], []
            if len(items) > MAX_ADDRESSES:
                break
        elif char == ":" and index < last_semicolon and not angles and "@" not in words:
            words, grouped = [], True
        else:
            words.append(char)
        index += 1
    unbalanced = bool(state)
    if state == "<":
        angles.append(value[angle_start:])
    if words or angles:
        items.append(("".join(words).strip(), angles, "".join(comment)))
    return [item for item in items if item[0] or item[1]], unbalanced, grouped


def _addresses_of(words: str, angles: list[str]) -> tuple[list[str], str | None]:
    if angles:
        found = []
        for content in angles:
            text = content.strip().removeprefix("mailto:")
            if text.startswith("@") and ":" in text:  # obsolete route, RFC 5322 section 4.4
                text = text.rpartition(":")[2]
            match = _ADDR_SPEC.fullmatch(text.strip()) or _ADDR_SPEC.search(text)
            if match:
                found.append(normal_address(match.group()))
        if len(found) > 1:
            return found, "several-angle-addresses"
        return found, None if found else "address-malformed" if any(angles) else "null-address"
    if match := _ADDR_SPEC.fullmatch(words):
        return [normal_address(match.group())], None
    if "@" in words and (match := _ADDR_SPEC.search(words)):
        return [normal_address(match.group())], "address-without-angles"
    return [], None


def _display_name(words: str, found: list[str], comment: str, has_angles: bool) -> str:
    if not has_angles:
        words = "" if len(found) == 1 and _ADDR_SPEC.fullmatch(words) else _ADDR_SPEC.sub("", words)
    name = " ".join(decode_words(words.replace('"', "")).split())
    if name.startswith("'") and name.endswith("'"):
        name = name[1:-1]
    return name or " ".join(decode_words(comment).split())


def normal_address(address: str) -> str:
    """The addr-spec with its domain in lower case and as A-labels (RFC 5890); the local part as written."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{normal_domain(domain)}"


def normal_domain(domain: str) -> str:
    """A domain in lower case, as A-labels, without the root's dot; comparable as text."""
    domain = domain.strip().rstrip(".")
    if domain.isascii() or len(domain) > 255:
        return domain.lower()
    with suppress(UnicodeError):  # raw headers come as latin-1, their internationalized domains as UTF-8 (RFC 6532); else text
        domain = domain.encode("latin-1").decode("utf-8")
    try:
        labels = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.lower()
    # IDNA 2003 folds some letters into ASCII (ß to ss), where today's registries keep another name: never the same as it.
    return domain.lower() if _folded_away(domain, labels) else labels


def _folded_away(domain: str, labels: str) -> bool:
    """Whether a label with other letters has become a plain one."""
    pairs = zip(re.split("[.\u3002\uff0e\uff61]", domain), labels.split("."), strict=False)
    return any(not label.isascii() and not plain.startswith("xn--") for label, plain in pairs)
