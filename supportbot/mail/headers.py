"""Header fields as they stand on the wire: the block, encoded words, parameters.

Everything here is linear and takes any input. The block is read once, by this module; nobody reads headers in another way.
"""

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from supportbot.mail.charsets import decode_text

# spec: at least 1.3 times the largest seen in real mail that is no attack
MAX_HEADER_BLOCK = 128 * 1024
MAX_HEADER = 32 * 1024
MAX_HEADER_LINES = 1000
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
# RFC 2047 section 2, and what is written instead: no charset, blanks and question marks in the text. A payload ends before
# the next word's opening, so that words which never close cost nothing.
_ENCODED_WORD = re.compile(r"=\?([^?\s]{0,64})\?([bBqQ])\?((?:[^?=]|\?(?!=)|=(?!\?(?!=)))*+)\?=")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PADDING = re.compile(rb"=[= \t\r\n]*+")
_NOT_BASE64 = bytes(octet for octet in range(256) if not (chr(octet).isascii() and chr(octet).isalnum()) and octet not in b"+/")
_MAX_PIECES = 10_000  # of base64 put together; the rest is read as one
_PARAMETER = re.compile(r';[ \t\r\n]*+([^\s=;"]++)[ \t\r\n]*+=[ \t\r\n]*+("(?:[^"\\]|\\.)*+"|[^;]*+)', re.DOTALL)


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


def conflicting_fields(block: HeaderBlock) -> Iterator[str]:
    """A `conflicting-<field>` for every field that may stand once and stands with two different values.

    The same field twice is a fault; two values are two messages, and each reader shows another one.
    """
    values: dict[str, set[str]] = {}
    for name, value in block.fields:
        values.setdefault(name.lower(), set()).add(" ".join(value.split()))
    for name in SINGLE_FIELDS:
        if len(values.get(name, ())) > 1:
            yield f"conflicting-{name}"


def remove_invisible(text: str) -> str:
    """`text` without zero-width characters, bidi controls, tag characters and soft hyphens (Unicode TR 36)."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def without_comments(value: str) -> str:
    """RFC 5322 comments, nested or not closed, taken out."""
    if "(" not in value:
        return value
    kept: list[str] = []
    depth = 0
    for char in value:
        depth += char == "("
        if not depth:
            kept.append(char)
        depth -= char == ")" and depth > 0
    return "".join(kept)


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
        _raw_text(data.decode("latin-1")) if charset is None else decode_text(data, charset, mend=False)[0]
        for data, charset in pieces
    )
    return _tidy(text)


def _word_octets(encoding: str, payload: str) -> bytes:
    data = payload.encode("latin-1", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "))
    return lenient_base64(data)[0]


def lenient_base64(data: bytes) -> tuple[bytes, str | None]:
    """Base64 with missing padding and foreign characters forgiven; the second value is a defect name or None."""
    padding = data.find(b"=")
    if padding < 0 or not data[padding:].strip(b"= \t\r\n"):
        with suppress(binascii.Error):
            return binascii.a2b_base64(data), None
    # Encoded pieces that were put together are padded in the middle, where the standard decoder stops.
    return b"".join(_one_base64(piece) for piece in _PADDING.split(data, _MAX_PIECES)), "base64-damaged"


def _one_base64(data: bytes) -> bytes:
    alphabet = data.translate(None, _NOT_BASE64)
    if len(alphabet) % 4 == 1:
        alphabet = alphabet[:-1]
    return binascii.a2b_base64(alphabet + b"=" * (-len(alphabet) % 4))


def _raw_text(value: str) -> str:
    return value if value.isascii() else decode_text(value.encode("latin-1", "replace"), None)[0]


def _tidy(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _CONTROL.sub(" ", text.replace("\n", " ").replace("\t", " ").replace("\x85", " "))
    return remove_invisible(text.replace("\u2028", " ").replace("\u2029", " ")).strip()


def read_parameters(value: str) -> tuple[str, dict[str, str], str | None]:
    """(leading token in lower case, parameters by lower-case name with RFC 2231 undone, defect or None).

    An encoded word in a parameter is against RFC 2047 section 5 and written all the same, so it is decoded; a boundary is not.
    Where a parameter stands both plain and extended, the extended one holds the true name (RFC 6266 section 4.3).
    """
    main, _, parameters = value.partition(";")
    if "=" in main:  # "text/plain charset=utf-8", without the semicolon
        value = ";".join((*main.split(None, 1), parameters))
        main = value.partition(";")[0]
    main = main.strip().lower()
    if ";" not in value:
        return main, {}, None
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    defect = None
    for count, match in enumerate(_PARAMETER.finditer(value, value.index(";"))):
        if count >= MAX_PARAMETERS:
            defect = "too-many-parameters"
            break
        name, text = match.group(1).lower(), match.group(2).strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = _ESCAPED.sub(r"\1", text[1:-1])
        base, star, tail = name.partition("*")
        if star:
            digits = tail.rstrip("*")
            number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
            sections.setdefault(base, {}).setdefault(number, (name.endswith("*"), text))
        elif name not in plain:
            plain[name] = text if name == "boundary" else decode_words(text) if "=?" in text or not text.isascii() else text
    for base, parts in sections.items():
        plain[base] = _join_sections([parts[number] for number in sorted(parts)])
    return main, plain, defect


def _join_sections(parts: list[tuple[bool, str]]) -> str:
    """RFC 2231 sections in the order of their numbers, joined before they are decoded: a cut may split a character."""
    if not any(extended for extended, _ in parts):
        return decode_words("".join(text for _, text in parts))
    charset = ""
    octets = bytearray()
    for index, (extended, text) in enumerate(parts):
        if extended and index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if extended else text.encode("latin-1", "replace")
    return _tidy(decode_text(bytes(octets), charset or None)[0])
