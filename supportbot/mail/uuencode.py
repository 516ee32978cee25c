"""Uuencoded files (POSIX uuencode): in the body of an old mail, or as its Content-Transfer-Encoding.

A block counts only if every line of it is as long as its first character says, so that no sentence is taken for a file.
"""

import binascii
import re
from dataclasses import dataclass

MAX_FILES = 100

_BEGIN = re.compile(r"begin [0-7]{3,4} (\S[^\n]{0,254})")


@dataclass(frozen=True, slots=True)
class UuencodedFile:
    """One file as it was put between `begin` and `end`."""

    name: str
    content: bytes


def take_uuencoded(text: str) -> tuple[str, tuple[UuencodedFile, ...]]:
    """The text around uuencoded files, lines ending with \\n, and the files. Linear; a damaged block stays text."""
    if "begin " not in text:
        return text, ()
    lines = text.replace("\r\n", "\n").split("\n")
    files: list[UuencodedFile] = []
    kept: list[str] = []
    index = 0
    while index < len(lines):
        opening = _BEGIN.fullmatch(lines[index].rstrip()) if lines[index].startswith("begin ") else None
        if opening is None or len(files) >= MAX_FILES:
            kept.append(lines[index])
            index += 1
            continue
        content, after, closed = _read_block(lines, index + 1)
        if closed:
            files.append(UuencodedFile(opening[1].strip(), bytes(content)))
        else:
            kept += lines[index:after]
        index = after
    return "\n".join(kept), tuple(files)


def _read_block(lines: list[str], index: int) -> tuple[bytearray, int, bool]:
    """(octets, the line after the block, whether it was a whole file). Stops at the first line that is not of it."""
    content = bytearray()
    while index < len(lines):
        line = lines[index].rstrip(" \t")
        if line == "end":
            return content, index + 1, bool(content)
        if line and line != "`":
            octets = _decode_line(line)
            if octets is None:
                return content, index, False
            content += octets
        index += 1
    return content, index, False


def _decode_line(line: str) -> bytes | None:
    """None where the line is not as long as it says. Blanks at its end may have been lost, a check character may follow."""
    size = (ord(line[0]) - 32) & 63
    length = 1 + (size + 2) // 3 * 4
    if not line.isascii() or not 1 <= size <= 45 or not length - 3 <= len(line) <= length + 1:
        return None
    try:
        return binascii.a2b_uu(line[:length].ljust(length))
    except (binascii.Error, ValueError):
        return None
