"""RTF as Outlook wraps it: the packed form (MS-OXRTFCP), and its words (MS-OXRTFEX where HTML is put into it).

A last resort for mails that have no other body. Linear, bounded, never raises.
"""

import re
import struct

from supportbot.mail.hypertext import visible_text

_MAX_DEPTH = 500
_PACKED, _UNPACKED = 0x75465A4C, 0x414C454D
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RING = 4096
_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
_WORDS = {
    "par": "\n", "line": "\n", "tab": "\t", "cell": " ", "row": "\n", "emdash": "—", "endash": "–", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "sect": "\n", "page": "\n",
}  # fmt: skip
_LEFT_OUT = frozenset(
    "fonttbl colortbl stylesheet info pict object themedata colorschememapping datastore listtable listoverridetable generator "  # noqa: SIM905
    "header footer headerl headerr footerl footerr latentstyles rsidtbl xmlnstbl mmathpr fldinst".split()
)


def unpack_rtf(data: bytes, *, most: int) -> str | None:
    """The RTF in a PR_RTF_COMPRESSED value, at most `most` octets; None where it is not one."""
    if len(data) < 16:
        return None
    _, raw_size, kind = struct.unpack_from("<III", data)
    if kind == _UNPACKED:
        return data[16 : 16 + min(raw_size, most)].decode("latin-1")
    if kind != _PACKED:
        return None
    ring = bytearray(_DICTIONARY.ljust(_RING, b" "))
    write = len(_DICTIONARY)
    out = bytearray()
    position = 16
    limit = min(raw_size, most)
    while position < len(data) and len(out) < limit:
        control = data[position]
        position += 1
        for bit in range(8):
            if len(out) >= limit or position >= len(data):
                break
            if not control >> bit & 1:
                octets = data[position : position + 1]
                position += 1
            else:
                if position + 2 > len(data):
                    return out.decode("latin-1")
                reference = data[position] << 8 | data[position + 1]
                position += 2
                offset, length = reference >> 4, (reference & 15) + 2
                if offset == write:
                    return out.decode("latin-1")
                copied = bytearray()
                for step in range(length):  # a reference may reach into what it writes itself
                    octet = ring[(offset + step) % _RING]
                    copied.append(octet)
                    ring[(write + step) % _RING] = octet
                out += copied
                write = (write + length) % _RING
                continue
            out += octets
            ring[write] = octets[0]
            write = (write + 1) % _RING
    return out.decode("latin-1")


def read_rtf(rtf: str) -> str:
    """The words of an RTF text, line by line; where it wraps HTML, what a reader of that saw."""
    html = "\\fromhtml" in rtf[:2000]
    out: list[str] = []
    octets = bytearray()  # characters by their number in the code page, which may need two of them
    codepage = "cp1252"
    stack: list[tuple[bool, bool, int]] = []
    shown, tag, skip_after = True, False, 1  # words are read; an HTML tag is; characters to skip after \u
    skip = 0

    def flush() -> None:
        if octets:
            out.append(octets.decode(codepage, "replace"))
            octets.clear()

    for found in _TOKEN.finditer(rtf):
        word, number, code, symbol, brace, text = found.groups()
        if code:
            if skip:
                skip -= 1
            elif shown:
                octets.append(int(code, 16))
            continue
        flush()
        if brace == "{":
            if len(stack) >= _MAX_DEPTH:
                break
            stack.append((shown, tag, skip_after))
        elif brace == "}":
            if stack:
                shown, tag, skip_after = stack.pop()
        elif symbol == "*":
            shown = False
            if html and rtf.startswith("\\htmltag", found.end()):
                shown = tag = True
        elif symbol:
            if shown and symbol in "\\{}":
                out.append(symbol)
            elif shown and symbol == "~":
                out.append("\u00a0")
        elif word == "ansicpg" and number:
            codepage = _codepage(number)
        elif word == "uc" and number:
            skip_after = min(max(int(number), 0), 8)
        elif word == "u" and number:
            if shown:
                out.append(_character(int(number)))
            skip = skip_after
        elif word == "htmlrtf":
            shown = number == "0"
        elif word in _LEFT_OUT:
            shown = False
        elif word in _WORDS:
            if shown and not (html and word == "par" and not tag):
                out.append(_WORDS[word])
            elif shown:
                out.append("\n")
        elif text:
            taken = text[skip:] if skip else text
            skip = max(0, skip - len(text))
            if shown:
                out.append(taken)
    flush()
    words = "".join(out)
    return visible_text(words).text if html else words.strip("\n")


def _codepage(number: str) -> str:
    try:
        b"".decode(f"cp{int(number)}")
    except LookupError:
        return "cp1252"
    return f"cp{int(number)}"


def _character(number: int) -> str:
    number &= 0xFFFF
    return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)
