"""What became of a mail of ours: delivery status notifications (RFC 3464), then the many formats of older servers."""

import email
import re
from collections.abc import Sequence
from contextlib import suppress

from flufl.bounce import all_failures

from supportbot.mail.headers import read_header_block
from supportbot.mail.message import Bounce
from supportbot.mail.mime import Part, Tree, decode_body
from supportbot.mail.thread import message_ids

_MAX_SCANNED = 256 * 1024  # octets shown to the pattern detectors
_MAX_STATUS = 64 * 1024
_MAX_DEPTH_SCANNED = 8

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>;,\"()]{1,64}@[^\s<>;,\"()]{1,255}")
_ORIGINAL_ID = re.compile(r"^[> \t]{0,8}message-id:[ \t]{0,4}(<[^<>\s]{3,500}>)", re.IGNORECASE | re.MULTILINE)
_DAEMONS = (
    "mailer-daemon@",
    "postmaster@",
    "mail-daemon@",
    "mailerdaemon@",
    "mdaemon@",
    "mailadmin@",
    "double-bounce@",
    "bounce@",
    "bounces@",
)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|fail|problem|has failed|notification)|failure notice|returned mail|mail delivery|"
    r"non[- ]?deliver|delayed mail|"
    r"could not be delivered|unzustellbar|nicht zustellbar|zustellung|non remis|échec de|non distribu|"
    r"no se ha podido entregar|no entregado|"
    r"mancato recapito|impossibile recapitare|onbestelbaar|niet bezorgd|não entregue|falha na entrega|niedostarcz|"
    r"nie dostarczono|配信|返送|配達不能",
    re.IGNORECASE,
)


def read_bounce(raw: bytes, fields: Sequence[tuple[str, str]], tree: Tree, body: str) -> Bounce | None:
    """The bounce in a message, or None. A delivery receipt (`Action: delivered`) is no bounce."""
    for part in tree.leaves:
        if part.type in ("message/delivery-status", "message/global-delivery-status"):
            found = _status_report(raw, part, tree, body)
            if found is not None:
                return found
    if not _looks_returned(fields):
        return None
    return _by_patterns(raw, tree, body)


def _status_report(raw: bytes, part: Part, tree: Tree, body: str) -> Bounce | None:
    text = decode_body(raw, part, [])[:_MAX_STATUS].replace(b"\r\n", b"\n").decode("utf-8", "replace")
    worst: Bounce | None = None
    for group in text.split("\n\n"):
        values: dict[str, str] = {}
        for line in re.sub(r"\n[ \t]+", " ", group).split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                values.setdefault(name.strip().lower(), value.strip())
        action = values.get("action", "").partition(" ")[0].lower()
        status = _STATUS.search(values.get("status", "")) or _STATUS.search(values.get("diagnostic-code", ""))
        code = status.group(1) if status else None
        if action in ("delivered", "relayed", "expanded") or not (action or code):
            continue
        address = _ADDRESS.search(values.get("final-recipient", "")) or _ADDRESS.search(values.get("original-recipient", ""))
        permanent = action == "failed" or (action != "delayed" and bool(code) and str(code).startswith("5"))
        found = Bounce(address.group() if address else None, code, permanent, _original_id(raw, tree, body))
        if worst is None or (permanent and not worst.permanent):
            worst = found
    return worst


def _original_id(raw: bytes, tree: Tree, body: str) -> str | None:
    """The Message-ID of the mail that came back: from the part that returns it, else from the text."""
    for part in tree.leaves:
        if part.type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global",
            "message/global-headers",
        ):
            block = read_header_block(decode_body(raw, part, [])[: 256 * 1024])
            if ids := message_ids(block.first("message-id") or ""):
                return ids[0]
    match = _ORIGINAL_ID.search(body)
    return match.group(1) if match else None


def _looks_returned(fields: Sequence[tuple[str, str]]) -> bool:
    """Whether the pattern detectors are worth their cost, and their guesses worth anything."""
    values = {name.lower(): value for name, value in reversed(fields)}
    sender = values.get("from", "").lower()
    return (
        values.get("return-path", "").strip() in ("<>", "<MAILER-DAEMON>")
        or any(daemon in sender for daemon in _DAEMONS)
        or "x-failed-recipients" in values
        or "mailer-daemon" in sender
        or "mail delivery" in sender
        or "multipart/report" in values.get("content-type", "").lower()
        or bool(_SUBJECT.search(values.get("subject", "")[:500]))
    )


def _by_patterns(raw: bytes, tree: Tree, body: str) -> Bounce | None:
    if any(part.depth > _MAX_DEPTH_SCANNED for part in tree.leaves) or tree.header.defects:
        return None
    temporary: Sequence[bytes] = ()
    permanent: Sequence[bytes] = ()
    with suppress(Exception):  # the detectors are many small scrapers; one that trips over a mail has found nothing in it
        temporary, permanent = (sorted(found) for found in all_failures(email.message_from_bytes(raw[:_MAX_SCANNED])))
    if not temporary and not permanent:
        return None
    address = (permanent or temporary)[0].decode("utf-8", "replace")
    status = _STATUS.search(body[:20_000])
    return Bounce(address, status.group(1) if status else None, bool(permanent), _original_id(raw, tree, body))
