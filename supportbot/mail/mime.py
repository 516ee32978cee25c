"""The parts of a message as slices of its octets (RFC 2045, 2046): iterative, bounded, nothing copied before it is needed.

The standard library's parser is not used here: it recurses, takes quadratic time on some headers, and regenerates attached
messages, which breaks their DKIM signatures. The tests prove that both read well-formed mail alike.
"""

import binascii
import re
from dataclasses import dataclass

from supportbot.mail.headers import HeaderBlock, lenient_base64, read_header_block, read_parameters
from supportbot.mail.uuencode import take_uuencoded

MAX_DEPTH = 20
MAX_PARTS = 500

UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue", "x-uu"})

_MAX_OTHER_BOUNDARIES = 20_000  # lines that begin like a delimiter and are none
_DELIMITER_END = re.compile(rb"(--)?[ \t\r]*+(?=\n|\Z)")
_PROSE = re.compile(rb"[A-Za-z]{1,20} [a-z]{1,20} [A-Za-z]")
_BASE64_OR_BLANK = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\n\r\f\v"
_BASE64_LINES = re.compile(rb"[A-Za-z0-9+/=\s]*+")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the tree. `start` to `end` are its content in the octets, still transfer-encoded."""

    type: str
    parameters: dict[str, str]
    header: HeaderBlock
    start: int
    end: int
    depth: int
    path: tuple[
        tuple[str, int], ...
    ]  # (subtype, number) of the multiparts around it, outermost first; numbers tell siblings apart

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding in lower case, "" where it is not named."""
        value = self.header.first("content-transfer-encoding") or ""
        return value.partition(";")[0].strip().strip('"').lower()

    @property
    def disposition(self) -> tuple[str, str]:
        """(disposition in lower case or "", file name or "")."""
        value = self.header.first("content-disposition")
        kind, parameters = ("", {}) if value is None else read_parameters(value)[:2]
        return kind, parameters.get("filename") or self.parameters.get("name", "")


@dataclass(frozen=True, slots=True)
class Tree:
    """The top header block and all leaves in order."""

    header: HeaderBlock
    type: str
    parameters: dict[str, str]
    leaves: tuple[Part, ...]
    defects: tuple[str, ...]


def read_tree(raw: bytes, *, max_parts: int = MAX_PARTS, max_depth: int = MAX_DEPTH) -> Tree:
    """The leaves of a message. Never raises; beyond the limits parts are left out, which `defects` names."""
    header = read_header_block(raw)
    defects: list[str] = []
    top_type, top_parameters = _content_type(header, "text/plain", defects)
    leaves: list[Part] = []
    count = 0
    pending = [Part(top_type, top_parameters, header, header.body_start, len(raw), 0, ())]
    while pending:
        part = pending.pop()
        boundary = part.parameters.get("boundary", "")
        if not part.type.startswith("multipart/") or not boundary or len(boundary) > 200:
            if part.type.startswith("multipart/"):
                defects.append("boundary-missing")
            leaves.append(part)
            continue
        if part.depth >= max_depth:
            defects.append("too-deep")
            continue
        slices, faults = _slices(raw, part.start, part.end, boundary.encode("latin-1", "replace"), max_parts)
        defects += faults
        if not slices:
            leaves.append(part)  # no delimiter at all: its words are kept as text
            continue
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        path = (*part.path, (part.type.partition("/")[2], count))
        children: list[Part] = []
        for start, end in slices:
            count += 1
            if count > max_parts:
                defects.append("too-many-parts")
                break
            block = read_header_block(raw, start, end)
            kind, parameters = _content_type(block, default, defects)
            children.append(Part(kind, parameters, block, min(block.body_start, end), end, part.depth + 1, path))
        pending.extend(reversed(children))
    return Tree(header, top_type, top_parameters, tuple(leaves), tuple(dict.fromkeys(defects)))


def _content_type(header: HeaderBlock, default: str, defects: list[str]) -> tuple[str, dict[str, str]]:
    value = header.first("content-type")
    if value is None:
        return default, {}
    kind, parameters, defect = read_parameters(value)
    if defect:
        defects.append(defect)
    kind = kind.partition("(")[0].strip()
    if kind.count("/") != 1 or " " in kind:
        kind = {"text": "text/plain", "html": "text/html"}.get(kind, "text/plain" if not kind else "application/octet-stream")
    return kind, parameters


def _slices(raw: bytes, start: int, end: int, boundary: bytes, most: int) -> tuple[list[tuple[int, int]], list[str]]:
    """The contents between the delimiter lines, without the line end before a delimiter, and defects.

    At most `most` and one more. A line that only begins like a delimiter is another boundary's, or text.
    """
    delimiter = b"--" + boundary
    found: list[tuple[int, int]] = []
    content: int | None = None
    others = 0
    line = start if raw.startswith(delimiter, start, end) else _next_line(raw, delimiter, start, end)
    while line is not None and len(found) <= most and others <= _MAX_OTHER_BOUNDARIES:
        position = line + len(delimiter)
        if (tail := _DELIMITER_END.match(raw, position, end)) is not None:
            position = tail.end()
            if content is not None:
                stop = max(line - 1, content)
                stop -= stop > content and raw[stop - 1 : stop] == b"\r"
                found.append((content, stop))
            if tail[1]:
                return found, []
            content = min(position + 1, end)
        else:
            others += 1
        line = _next_line(raw, delimiter, position, end)
    if content is not None:
        found.append((content, end))
    return found, ["multipart-not-closed", *(["too-many-parts"] if line is not None else [])]


def _next_line(raw: bytes, beginning: bytes, start: int, end: int) -> int | None:
    at = raw.find(b"\n" + beginning, start, end)
    return at + 1 if at >= 0 else None


def decode_body(raw: bytes, part: Part, defects: list[str]) -> bytes:
    """The octets of a part with its transfer encoding undone; faults are forgiven and named in `defects`."""
    data = raw[part.start : part.end]
    encoding = part.encoding
    if encoding in ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "none"):
        return data
    if encoding in ("quoted-printable", "quotedprintable", "quoted_printable"):
        return _decode_quoted_printable(data)
    if encoding in ("base64", "base-64", "b64"):
        return _decode_base64(data, defects)
    if encoding in UUENCODED:
        _, files = take_uuencoded(data.decode("latin-1"))
        if len(files) == 1:
            return files[0].content
        return data  # the words around the files are looked for by whoever reads the text
    defects.append("transfer-encoding-unknown")
    return data


def _decode_quoted_printable(data: bytes) -> bytes:
    """RFC 2045 section 6.7, with soft line breaks that transport put blanks behind, or whose line ends it changed."""
    if b"=\r" in data:
        data = data.replace(b"=\r\n", b"=\n").replace(b"=\r", b"=\n")
    if b"= " in data or b"=\t" in data:
        lines = data.split(b"\n")
        for index, line in enumerate(lines):
            bare = line.rstrip(b" \t\r")
            if bare.endswith(b"="):
                lines[index] = bare
        data = b"\n".join(lines)
    return binascii.a2b_qp(data)


def _decode_base64(data: bytes, defects: list[str]) -> bytes:
    if not data.translate(None, _BASE64_OR_BLANK):
        if b" " in data and _PROSE.search(data):
            defects.append("base64-damaged")
            return data  # words that happen to need no other characters: the label lies
        decoded, defect = lenient_base64(data)
        if defect:
            defects.append(defect)
        return decoded
    # A gateway or list added plain words below, or the label lies: decode whole lines, keep prose as it stands.
    defects.append("base64-damaged")
    valid = _BASE64_LINES.match(data)
    clean = data.rfind(b"\n", 0, valid.end() if valid else 0) + 1
    rest = data[clean:].strip()
    if b" " not in rest and len(rest) > 200:
        return lenient_base64(data)[0]
    return lenient_base64(data[:clean])[0] + b"\n" + data[clean:] if data[:clean].strip() else data
