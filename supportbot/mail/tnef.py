"""Outlook's winmail.dat (TNEF, MS-OXTNEF): the body and the attachments it wraps, read as far as they are whole.

Linear and bounded; never raises. The body comes from attBody, else from MAPI properties: text, HTML, RTF in this order.
"""

import struct
from dataclasses import dataclass, field

from supportbot.mail.charsets import decode_text
from supportbot.mail.hypertext import visible_text
from supportbot.mail.rtf import read_rtf, unpack_rtf

MAX_ATTRIBUTES = 10_000
MAX_ATTACHMENTS = 500
_MAX_BODY = 2_000_000  # octets

_SIGNATURE = 0x223E9F78
_BODY, _CODEPAGE, _MESSAGE_PROPERTIES = 0x0002800C, 0x00069007, 0x00069003
_RENDERING, _TITLE, _DATA, _ATTACHMENT_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005

_PR_BODY, _PR_RTF, _PR_HTML, _PR_CPID = 0x1000, 0x1009, 0x1013, 0x3FDE
_PR_DATA, _PR_NAME, _PR_LONG_NAME, _PR_MIME, _PR_DISPLAY = 0x3701, 0x3704, 0x3707, 0x370E, 0x3001
_FIXED = {0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset((0x0D, 0x1E, 0x1F, 0x102))


@dataclass(slots=True)
class TnefAttachment:
    """A file in winmail.dat."""

    name: str = ""
    type: str = ""  # media type, "" where none is named
    size: int = 0  # octets


@dataclass(slots=True)
class Tnef:
    """What a winmail.dat holds. `whole` is False where it ended early or could not be read to its end."""

    body: str = ""
    attachments: list[TnefAttachment] = field(default_factory=list)
    whole: bool = True


def read_tnef(data: bytes) -> Tnef | None:
    """What the octets of a TNEF stream hold; None where they are not one."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    found = Tnef()
    codepage = ""
    plain: bytes | None = None
    properties: dict[int, tuple[int, bytes]] = {}
    position = 6
    for _ in range(MAX_ATTRIBUTES):
        if position + 9 > len(data):
            break
        attribute, length = struct.unpack_from("<II", data, position + 1)
        start = position + 9
        end = start + length
        if end > len(data):
            found.whole = False
            break
        value = memoryview(data)[start:end]
        position = end + 2
        if attribute == _BODY:
            plain = bytes(value[:_MAX_BODY])
        elif attribute == _CODEPAGE and length >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _MESSAGE_PROPERTIES:
            properties, whole = _read_properties(value)
            found.whole = found.whole and whole
        elif attribute == _RENDERING:
            if len(found.attachments) >= MAX_ATTACHMENTS:
                found.whole = False
                break
            found.attachments.append(TnefAttachment())
        elif attribute in (_TITLE, _DATA, _ATTACHMENT_PROPERTIES) and found.attachments:
            _describe(found.attachments[-1], attribute, value, codepage)
    else:
        found.whole = False
    found.body = _body(plain, properties, codepage)
    return found


def _describe(attachment: TnefAttachment, attribute: int, value: memoryview, codepage: str) -> None:
    if attribute == _TITLE:
        attachment.name = attachment.name or _text(0x1E, bytes(value[:1000]), codepage)
    elif attribute == _DATA:
        attachment.size = len(value)
    else:
        said, _ = _read_properties(value)
        for name in (_PR_LONG_NAME, _PR_NAME, _PR_DISPLAY):
            if name in said and (text := _text(*said[name], codepage)):
                attachment.name = text
                break
        if _PR_MIME in said:
            attachment.type = _text(*said[_PR_MIME], codepage).lower()
        if _PR_DATA in said and not attachment.size:
            attachment.size = max(0, len(said[_PR_DATA][1]) - (16 if said[_PR_DATA][0] == 0x0D else 0))


def _read_properties(value: memoryview) -> tuple[dict[int, tuple[int, bytes]], bool]:
    """(first value of each property by its id, with its type; whether all of them could be read)."""
    if len(value) < 4:
        return {}, False
    count = struct.unpack_from("<I", value)[0]
    properties: dict[int, tuple[int, bytes]] = {}
    position = 4
    for _ in range(min(count, MAX_ATTRIBUTES)):
        if position + 4 > len(value):
            return properties, False
        kind, name = struct.unpack_from("<HH", value, position)
        position += 4
        if name >= 0x8000:
            position = _after_name(value, position)
        several, kind = bool(kind & 0x1000), kind & 0xEFFF
        if kind not in _VARIABLE and kind not in _FIXED:
            return properties, False
        number = 1
        if several or kind in _VARIABLE:
            if position + 4 > len(value):
                return properties, False
            number = struct.unpack_from("<I", value, position)[0]
            position += 4
        for index in range(min(number, MAX_ATTRIBUTES)):
            length = _FIXED.get(kind, 0)
            if kind in _VARIABLE:
                if position + 4 > len(value):
                    return properties, False
                length = struct.unpack_from("<I", value, position)[0]
                position += 4
            if position + length > len(value):
                return properties, False
            if index == 0 and name not in properties:
                properties[name] = (kind, bytes(value[position : position + length]))
            position += length + (-length % 4 if kind in _VARIABLE else 0)
    return properties, count <= MAX_ATTRIBUTES


def _after_name(value: memoryview, position: int) -> int:
    """The place after the identifier of a named property: a GUID, and a number or a name."""
    if position + 24 > len(value):
        return len(value)
    kind, length = struct.unpack_from("<II", value, position + 16)
    return int(position + 24 + (length + -length % 4 if kind else 0))


def _text(kind: int, value: bytes, codepage: str) -> str:
    if kind == 0x1F:
        return value.decode("utf-16-le", "replace").partition("\0")[0]
    return decode_text(value.partition(b"\0")[0], codepage or None)[0]


def _body(plain: bytes | None, properties: dict[int, tuple[int, bytes]], codepage: str) -> str:
    if plain and (text := _text(0x1E, plain, codepage)).strip():
        return text
    if (
        _PR_BODY in properties
        and (text := _text(properties[_PR_BODY][0], properties[_PR_BODY][1][:_MAX_BODY], codepage)).strip()
    ):
        return text
    if _PR_HTML in properties:
        if _PR_CPID in properties and len(properties[_PR_CPID][1]) == 4:
            codepage = f"cp{struct.unpack('<I', properties[_PR_CPID][1])[0]}"
        kind, html = properties[_PR_HTML]
        if text := visible_text(_text(kind, html[:_MAX_BODY], codepage)).text:
            return text
    if _PR_RTF in properties and (rtf := unpack_rtf(properties[_PR_RTF][1], most=_MAX_BODY)) is not None:
        return read_rtf(rtf).rstrip("\0")
    return ""
