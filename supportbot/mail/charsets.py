"""Octets to text: which characters a sender meant, whatever the label says (RFC 2045, 2046, 2047)."""

import codecs
import re
from contextlib import suppress
from functools import lru_cache

import chardet

# What a label means in practice: the wider code page that its writers really use. Keys as `_plain_label` leaves them.
_WIDER = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "646": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-6-e": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "euc-cn": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cp943": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cp65001": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "csunicode11utf7": "utf-7",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "ucs-4": "utf-32",
    "iso-10646-ucs-4": "utf-32",
    "tis-620": "cp874",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "mac-cyrillic": "mac-cyrillic",
    "koi8": "koi8-r",
}
# Where a code page lacks what its writers send, the one that has it: vendor rows of Japanese, old rows of Chinese.
# Octets that ISO 8859 leaves to control characters: the text is really in the Windows page of the same letters.
_WINDOWS = {"iso8859-2": "cp1250", "iso8859-7": "cp1253", "iso8859-13": "cp1257", "iso8859-15": "cp1252"}
_HIGH_CONTROLS = re.compile(rb"[\x80-\x9f]")
_STILL_WIDER = {"euc_jp": "euc_jis_2004", "big5hkscs": "cp950", "koi8_r": "koi8_u"}
# Python "text encodings" that no mail is written in; punycode and idna take quadratic time.
_NEVER = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf_8_sig"})
_MICROSOFT = re.compile(r"(?:windows|win|cp|ibm|ms)[-_ ]?(\d{3,5})(?!\d)")
_ISO = re.compile(r"iso[-_ ]?8859[-_ ]?(\d{1,2})(?!\d)")
_UTF = re.compile(r"utf[-_ ]?(8|16|32|7)(?!\d)[-_ ]?(le|be)?")
# UTF-8 that was taken for windows-1252 and written as UTF-8 again: a lead octet and one that continues it, as characters.
_DOUBLED = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d"
    "\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)
_FEWEST_DOUBLED = 2  # one such pair may be two letters that somebody meant
_PHONETIC = re.compile("[\u0250-\u036f]")
_SINGLE_BYTE = frozenset({"cp1252", "cp1254", "iso8859-15", "cp1250", "iso8859-2", "ascii"})
_OTHER_ALPHABETS = frozenset(
    {
        "cp1251",
        "koi8-r",
        "koi8-u",
        "iso8859-5",
        "cp866",
        "cp1253",
        "iso8859-7",
        "cp1255",
        "iso8859-8",
        "cp1256",
        "iso8859-6",
        "cp874",
    }
)
_CENTRAL_EUROPE = frozenset({"cp1250", "iso8859-2", "cp1254", "iso8859-9", "cp1257", "iso8859-13"})
_ASCII = bytes(range(128))
_NO_LETTERS = bytes(octet for octet in range(128) if not chr(octet).isalpha())
_GUESS_LIMIT = 20_000  # octets that chardet is shown; more does not change its mind
_JIS_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJIH])")


def decode_text(data: bytes, charset: str | None, *, mend: bool = True) -> tuple[str, str | None]:
    """The text of `data`, and a defect name or None.

    The declared charset first; where it is unknown or wrong, strict UTF-8, then a guess, then windows-1252. UTF-8
    sequences under a single-byte label are read as UTF-8: real windows-1252 text hardly ever forms them. `mend`: text whose
    UTF-8 was encoded twice is decoded twice; a short value may only look so.
    """
    if data.isascii() and b"\0" not in data and b"\x1b" not in data and b"~{" not in data and b"+" not in data:
        return data.decode("ascii"), None
    label = _plain_label(charset) if charset else ""
    if label.startswith("iso-2022-jp") or (label in ("", "us-ascii") and data.isascii() and _JIS_ESCAPE.search(data)):
        return _decode_iso_2022_jp(data)
    codec = _codec(label)
    if wide := _wide(data, codec):
        return data.decode(wide, "replace").removeprefix("\ufeff"), None if codec and codec.startswith(
            "utf-"
        ) else "charset-wrong"
    if codec is None:
        text, _ = _decode_unlabelled(data)
        return text, "charset-unknown" if label else None if _is_utf8(data) else "charset-missing"
    if codec in _SINGLE_BYTE and not data.isascii() and _is_utf8(data):
        text, doubled = _undouble(data.decode("utf-8"))
        return text, doubled or "charset-wrong"
    if codec in _WINDOWS and _HIGH_CONTROLS.search(data):
        return data.decode(_WINDOWS[codec], "replace"), "charset-wrong"
    for name in (codec, _STILL_WIDER.get(codec)):
        if name:
            with suppress(UnicodeDecodeError, ValueError):
                text = data.decode(name)
                return _undouble(text) if mend and codec == "utf-8" else (text, None)
    text, certain = _decode_unlabelled(data)
    if not certain and codec not in _SINGLE_BYTE:
        return _decode_leniently(data, codec), "charset-wrong"
    return text, "charset-wrong"


def _undouble(text: str) -> tuple[str, str | None]:
    """Text whose UTF-8 was encoded twice, decoded twice: only where all of it is such text."""
    if text.isascii() or len(_DOUBLED.findall(text)) < _FEWEST_DOUBLED:
        return text, None
    try:
        once = b"".join(char.encode("latin-1" if char < "\u0100" else "cp1252") for char in text).decode("utf-8")
    except UnicodeError:
        return text, None
    # Two real letters may look like such a pair by chance; read as one, they are then hardly ever a letter of a language.
    return (text, None) if _PHONETIC.search(once) else (once, "charset-doubled")


def _wide(data: bytes, codec: str | None) -> str | None:
    """The UTF-16 or UTF-32 codec that `data` is written in: by its mark, else by the label and where its zeros stand."""
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and (len(data) % 2 == 0 or codec in ("utf-16", "utf-16-le", "utf-16-be")):
        return "utf-16"
    if codec in ("utf-32", "utf-32-le", "utf-32-be"):
        return codec if b"\0" in data else None
    if codec not in ("utf-16", "utf-16-le", "utf-16-be") and b"\0" not in data[:8]:
        return None
    sample = data[: _GUESS_LIMIT & ~1]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 3 < len(sample) // 2:  # few zeros: no Latin letters, so only the label can say
        return (
            {"utf-16": "utf-16-be"}.get(codec, codec)
            if codec in ("utf-16", "utf-16-le", "utf-16-be") and not _is_utf8(data)
            else None
        )
    return "utf-16-be" if even > odd else "utf-16-le"


def _decode_leniently(data: bytes, codec: str) -> str:
    """With U+FFFD for what cannot be read; in UTF-8 text, stray octets of windows-1252 are read as such."""
    if codec != "utf-8":
        return data.decode(codec, "replace")
    return data.decode("utf-8", "supportbot-cp1252")


def _stray_octets(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("supportbot-cp1252", _stray_octets)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _plain_label(charset: str) -> str:
    """A label without quotes, comments, a vendor's `x-` and what was glued to it; families of code pages in one spelling."""
    label = charset.strip().strip("\"'").partition("(")[0].partition(";")[0].strip().casefold()
    label = label.removeprefix("charset=").removeprefix("x-").removeprefix("=").strip("\"' ")
    if (utf := _UTF.match(label)) is not None:
        return f"utf-{utf[1]}" + (f"-{utf[2]}" if utf[2] else "")
    if (iso := _ISO.match(label)) is not None:
        return f"iso-8859-{iso[1]}{label[iso.end() :] if label[iso.end() :] in ('-i', '-e') else ''}"
    if (page := _MICROSOFT.match(label)) is not None:
        return f"cp{page[1]}"
    return label.removeprefix("cs") if label.startswith("csiso") else label


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
    if codec is not None and _believable(codec, guess.get("confidence") or 0.0, data[:_GUESS_LIMIT]):
        try:
            return data.decode(codec), True
        except (UnicodeDecodeError, ValueError):
            pass  # the guess was wrong: windows-1252 below reads every octet
    return data.decode("cp1252", "replace"), False


def _believable(codec: str, confidence: float, data: bytes) -> bool:
    """Whether to believe a guess. In another alphabet most letters are high octets; a few of them are accents in Latin text."""
    if codec in _OTHER_ALPHABETS:
        high = len(data.translate(None, _ASCII))
        letters = len(data.translate(None, _NO_LETTERS))
        return high * 5 >= letters * 2 and confidence >= 0.02
    if codec in _CENTRAL_EUROPE:
        return confidence >= 0.1
    return codec not in _SINGLE_BYTE and not codec.startswith(("mac", "cp4", "cp8")) and confidence >= 0.5


def _decode_iso_2022_jp(data: bytes) -> tuple[str, str | None]:
    """ISO-2022-JP with the vendor rows that every Japanese mailer writes and no Python codec reads: through cp932."""
    out: list[str] = []
    defect = None
    mode = b"(B"
    position = 0
    for escape in [*_JIS_ESCAPE.finditer(data), None]:
        end = escape.start() if escape else len(data)
        chunk = data[position:end]
        if mode == b"$(D":  # JIS X 0212, which cp932 does not have
            text = b"".join(
                b"\x8f" + bytes((chunk[at] | 0x80, chunk[at + 1] | 0x80)) for at in range(0, len(chunk) - 1, 2)
            ).decode("euc_jp", "replace")
        elif mode.startswith(b"$"):
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
