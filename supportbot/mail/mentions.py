"""Does a mail name somebody? Looked for in its octets and in every part, decoded (RFC 2045 section 6)."""

from collections.abc import Sequence

from supportbot.mail.mime import decode_body, read_tree

_DEEPEST = 6  # attached messages within each other
_MOST_OCTETS = 60_000_000  # looked through in all, so that nested encodings cost what a mail may cost
_ATTACHED = ("message/rfc822", "message/global")


def mentions(raw: bytes, names: Sequence[str]) -> bool:
    """Whether one of `names` stands in a mail, in whatever case, also in an encoded part or an attached message."""
    wanted = [name.casefold().encode() for name in names if name]
    pending, spent = [(raw, 0)], 0
    while pending and spent <= _MOST_OCTETS:
        octets, depth = pending.pop()
        spent += len(octets)
        if _names(octets, wanted):
            return True
        for part in read_tree(octets).leaves:
            plain = decode_body(octets, part, []) if part.encoding not in ("", "7bit", "8bit", "binary") else None
            if plain is not None:
                spent += len(plain)
                if _names(plain, wanted):
                    return True
            if depth < _DEEPEST and (part.type in _ATTACHED or part.disposition[1].lower().endswith(".eml")):
                pending.append((octets[part.start : part.end] if plain is None else plain, depth + 1))
    return False


def _names(octets: bytes, wanted: Sequence[bytes]) -> bool:
    low = octets.lower()
    if b"\0" in low:  # UTF-16 writes ASCII with a NUL beside each letter
        low = low.replace(b"\0", b"")
    return any(name in low for name in wanted)
