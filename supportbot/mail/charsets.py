"""Octets to text: which characters a sender meant, whatever the label says (RFC 2045, 2046, 2047)."""

import codecs
import re
from functools import lru_cache

import chardet

# What a label means in practice: the wider code page that its writers really use.
_WIDER = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "big5": "big5hkscs",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8n": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "tis-620": "cp874",
    "windows-874": "cp874",
}
# Python "text encodings" that no mail is written in; punycode and idna take quadratic time.
_NEVER = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_SINGLE_BYTE = frozenset({"cp1252", "cp1254", "iso8859-15", "cp1250", "iso8859-2", "ascii"})
_GUESS_LIMIT = 20_000  # octets that chardet is shown; more does not change its mind
_JIS_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJIH])")


def decode_text(data: bytes, charset: str | None) -> tuple[str, str | None]:
    """The text of `data`, and a defect name or None.

    The declared charset first; where it is unknown or wrong, strict UTF-8, then a guess, then windows-1252. UTF-8
    sequences under a single-byte label are read as UTF-8: real windows-1252 text hardly ever forms them.
    """
    if data.isascii() and b"\x1b" not in data and b"~{" not in data and b"+" not in data:
        return data.decode("ascii"), None
    label = (charset or "").strip().strip("\"'").casefold()
    if label.startswith("iso-2022-jp"):
        return _decode_iso_2022_jp(data)
    codec = _codec(label)
    if codec is None:
        text, _ = _decode_unlabelled(data)
        return text, "charset-unknown" if label else None if _is_utf8(data) else "charset-missing"
    if codec in _SINGLE_BYTE and not data.isascii() and _is_utf8(data):
        return data.decode("utf-8"), "charset-wrong"
    try:
        return data.decode(codec), None
    except (UnicodeDecodeError, ValueError):
        text, certain = _decode_unlabelled(data)
        if not certain and codec not in _SINGLE_BYTE:
            return data.decode(codec, "replace"), "charset-wrong"
        return text, "charset-wrong"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _codec(label: str) -> str | None:
    if not label or len(label) > 60 or not label.isascii() or "\0" in label:
        return None
    name = _WIDER.get(label, label)
    try:
        info = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError):
        return None
    return None if info.name.replace("-", "_") in _NEVER else info.name


def _decode_unlabelled(data: bytes) -> tuple[str, bool]:
    """The text, and whether it was read without loss."""
    if _is_utf8(data):
        return data.decode("utf-8"), True
    guess = chardet.detect(data[:_GUESS_LIMIT])
    codec = _codec((guess.get("encoding") or "").casefold())
    if codec is not None and codec not in _SINGLE_BYTE and (guess.get("confidence") or 0.0) >= 0.5:
        try:
            return data.decode(codec), True
        except (UnicodeDecodeError, ValueError):
            pass  # the guess was wrong: windows-1252 below reads every octet
    return data.decode("cp1252", "replace"), False


def _decode_iso_2022_jp(data: bytes) -> tuple[str, str | None]:
    """ISO-2022-JP with the vendor rows that every Japanese mailer writes and no Python codec reads: through cp932."""
    out: list[str] = []
    defect = None
    mode = b"(B"
    position = 0
    for escape in [*_JIS_ESCAPE.finditer(data), None]:
        end = escape.start() if escape else len(data)
        chunk = data[position:end]
        if mode.startswith(b"$"):
            text = b"".join(_jis_to_shift_jis(chunk)).decode("cp932", "replace")
        elif mode == b"(I":
            text = bytes(octet | 0x80 if 0x20 < octet < 0x60 else octet for octet in chunk).decode("cp932", "replace")
        elif chunk.isascii():
            text = chunk.decode("ascii")
        else:
            text, defect = chunk.decode("cp932", "replace"), "charset-wrong"
        if "�" in text:
            defect = "charset-wrong"
        out.append(text)
        if escape:
            mode, position = escape.group(1), escape.end()
    return "".join(out), defect


def _jis_to_shift_jis(chunk: bytes) -> list[bytes]:
    out: list[bytes] = []
    index = 0
    while index < len(chunk):
        high = chunk[index]
        if high <= 0x20 or index + 1 >= len(chunk) or high > 0x7E:
            out.append(chunk[index : index + 1])
            index += 1
            continue
        low = chunk[index + 1]
        row = high - 0x21
        lead = row // 2 + (0x81 if row < 0x3E else 0xC1)
        trail = low + (0x7E if row % 2 else 0x1F if low < 0x60 else 0x20)
        out.append(bytes((lead & 0xFF, trail & 0xFF)))
        index += 2
    return out
