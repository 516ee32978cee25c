"""What an opaque S/MIME signature encloses (RFC 8551 section 3.5.2, CMS RFC 5652): the signed content, read without any check.

Only as much BER as leads to the content; iterative, each octet looked at once, nothing raised.
"""

from typing import NamedTuple

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_MAX_PIECES = 100_000


class _Element(NamedTuple):
    tag: int
    start: int  # of its content
    end: int | None  # None: of indefinite length, ended by two zero octets


def signed_content(data: bytes) -> bytes | None:
    """The MIME entity inside a CMS SignedData; None where there is none (it is encrypted, or damaged)."""
    outer = _element(data, 0)
    if outer is None or outer.tag != 0x30:
        return None
    kind = _element(data, outer.start)
    if kind is None or kind.tag != 0x06 or data[kind.start : kind.end] != _SIGNED_DATA or kind.end is None:
        return None
    position = kind.end
    for tag in (0xA0, 0x30):  # [0] EXPLICIT, SignedData
        wrapper = _element(data, position)
        if wrapper is None or wrapper.tag != tag:
            return None
        position = wrapper.start
    for tag in (0x02, 0x31):  # version, digest algorithms: stepped over
        skipped = _element(data, position)
        if skipped is None or skipped.tag != tag or skipped.end is None:
            return None
        position = skipped.end
    content_info = _element(data, position)
    content_type = _element(data, content_info.start) if content_info and content_info.tag == 0x30 else None
    if content_type is None or content_type.end is None:
        return None
    explicit = _element(data, content_type.end)
    if explicit is None or explicit.tag != 0xA0:
        return None
    return _octets(data, explicit.start)


def _element(data: bytes, position: int) -> _Element | None:
    if position + 2 > len(data):
        return None
    tag, length = data[position], data[position + 1]
    position += 2
    if length == 0x80:
        return _Element(tag, position, None)
    if length & 0x80:
        count = length & 0x7F
        if count > 4 or position + count > len(data):
            return None
        length = int.from_bytes(data[position : position + count])
        position += count
    return _Element(tag, position, min(position + length, len(data)))


def _octets(data: bytes, position: int) -> bytes | None:
    """An OCTET STRING in one piece or in many; pieces may hold pieces, which changes nothing in their order."""
    pieces: list[bytes] = []
    for _ in range(_MAX_PIECES):
        element = _element(data, position)
        if element is None or element.tag not in (0x04, 0x24):
            break
        if element.tag == 0x24:
            position = element.start
            continue
        if element.end is None:
            break
        pieces.append(data[element.start : element.end])
        position = element.end
    return b"".join(pieces) if pieces else None
