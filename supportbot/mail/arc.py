"""What an Authenticated Received Chain says (RFC 8617), in a line for people: advice, by which nothing is ever decided.

ARC proves what a sealing hop saw, and is worth what that hop is worth; whoever forwards a chain to get paid may seal one too.
"""

import binascii

import dkim  # type: ignore[import-untyped]

from supportbot.mail.headers import read_header_block
from supportbot.mail.signature import KeyOf

MOST_SEALS = 10
_LONGEST = 8192  # octets of one field; dkimpy's patterns are not linear in it


def arc_advice(raw: bytes, *, key_of: KeyOf) -> str:
    """ "none", "pass: sealed by D", or "fail: why" of a mail's exact octets. Never raises."""
    fields = [(name.lower(), value) for name, value in read_header_block(raw).fields if name.lower().startswith("arc-")]
    seals = [value for name, value in fields if name == "arc-seal"]
    if not seals:
        return "none"
    if len(seals) > MOST_SEALS or any(len(value) > _LONGEST for _, value in fields):
        return "fail: too many seals, or too long ones"

    def record_of(name: bytes, **_options: object) -> bytes:
        found = key_of(name.decode("ascii", "replace").rstrip("."))
        return found.encode("ascii", "replace") if isinstance(found, str) else b""

    try:
        outcome, sets, why = dkim.ARC(raw).verify(dnsfunc=record_of)
    except (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError, AttributeError, binascii.Error):
        return "fail: malformed"
    if outcome != dkim.CV_Pass:
        return f"fail: {why or 'the chain is broken'}"[:200]
    newest = max(sets, key=lambda one: int(one["instance"]))
    return f"pass: sealed by {newest['as-domain'].decode('ascii', 'replace')}"[:200]
