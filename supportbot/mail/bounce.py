"""What became of a mail of ours: delivery status notifications (RFC 3464), then the many formats of older servers.

Three readers, in this order: the fields of RFC 3464 wherever they stand, flufl.bounce's detectors, our own weighing of the
words (`undelivered`). Which mail it was is read by `returned`.
"""

import email
import re
from collections.abc import Collection, Iterator, Sequence

from flufl.bounce import all_failures

from supportbot.mail.addresses import read_addresses
from supportbot.mail.headers import decode_words
from supportbot.mail.message import Bounce, InboundMessage
from supportbot.mail.mime import Tree
from supportbot.mail.returned import Returned, clean_address, read_returned, text_of
from supportbot.mail.thread import subject_direction
from supportbot.mail.undelivered import Report, find_reply, find_status, is_returned_subject, read_report

_MAX_SCANNED = 256 * 1024  # octets shown to the pattern detectors
_MAX_STATUS = 64 * 1024
_MAX_DEPTH_SCANNED = 8
_MAX_GROUPS = 500
_MAX_NUMBERED = 300  # characters in which a gateway names a number

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status")
# Reports of other kinds (RFC 5965, 8098, 8460): automatic, and no bounces, whatever words they quote.
_OTHER_REPORTS = ("message/feedback-report", "message/disposition-notification", "application/tlsrpt+gzip")
_GROUP_FIELDS = frozenset({"original-recipient", "final-recipient", "action", "status"})
_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_FIELD = re.compile(r"[ \t]{0,8}([A-Za-z][A-Za-z-]{2,60})[ \t]{0,4}:(.*)")
_PHONE = re.compile(r"(?<![\w.@-])\+?\d{9,15}(?![\w.@-])")
NULL_PATHS = ("<>", "<mailer-daemon>")
_REJECTED = re.compile(r"\brejected\b|abgelehnt|rejeté|rechazad|respint|geweigerd|rejeitad|odrzucon|拒否", re.IGNORECASE)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_ADDRESS = re.compile(r"[^\s<>;,\"()]{1,200}@[^\s<>;,\"()]{1,255}")
_DAEMONS = re.compile(
    r"mailer-?daemon|mail-?daemon|post[ _.-]?master|mdaemon|mailadmin|mail[ _.-]?(?:delivery|system|router|"
    r"administrator|gateway)|"
    r"double-bounce|\bbounces?[+-]|delivery (?:sub)?system|system administrator|systemadministrator|"
    r"administrateur syst|administrador del sistema|systeembeheerder|microsoft outlook|microsoft exchange|"
    r"mailserver|"
    r"email engine|mail-?enable|mail ?marshal|serveur de messagerie|servidor de correo|posta elettronica|"
    r"mailprogramm|"
    r"mailsystem|postsystem",
    re.IGNORECASE,
)
# Senders that servers use besides people: what they write counts as a report only where it says so and names an address.
_SYSTEMS = re.compile(
    r"(?:^|[\s\"'<])(?:(?:mail|post|e-?mail|smtp|mx|sms|web)?-?(?:admin(?:istra\w{2,8})?|system\w{0,2}|"
    r"sistem\w{0,2}|server|"
    r"serwer|serveur|servidor|gateway|"
    r"gate|relay|router|filter|security|guard|robot|agent)|bounces?|poczta|pošta|posta|почта|postmästare|"
    r"hostmaster|noreply|no-reply|"
    r"sms|fax|mimecast|proofpoint|"
    r"barracuda|ironport|sophos|zimbra|iphmx)(?:$|[\s\"'<@>+.-])",
    re.IGNORECASE,
)


def read_bounce(raw: bytes, fields: Sequence[tuple[str, str]], tree: Tree, body: str) -> Bounce | None:
    """The bounce in a message, or None. Receipts (`Action: delivered`), complaints and read receipts are no bounces.

    A bounce whose address or status nobody can read is still one: its `recipient` or `status` is None.
    """
    values = {name.lower(): value for name, value in reversed(fields)}
    subject = decode_words(values.get("subject", "")[:1000])
    daemon = _from_daemon(values)
    if any(part.type in _OTHER_REPORTS for part in tree.leaves) and not (daemon and _rejected_by_receipt(tree, body)):
        return None
    groups = _status_groups(raw, tree)
    if not groups:
        titled = is_returned_subject(subject) and _is_first(subject, values)
        nobody = values.get("return-path", "x").strip().lower() in NULL_PATHS
        if not (daemon or nobody or titled or (_is_from_a_system(values) and subject_direction(subject) is None)):
            return None
        groups = list(_groups(body[:_MAX_STATUS]))
    returned = read_returned(raw, fields, tree, body)
    if groups:
        return _by_fields(groups, returned, body)
    return _by_words(raw, tree, values, subject, body, returned, daemon=daemon, nobody=nobody, titled=titled)


def _is_first(subject: str, values: dict[str, str]) -> bool:
    """Whether a message begins a thread: people forward the reports they get, and answer them."""
    direction = subject_direction(subject)
    if direction == "reply":  # "RE: your order : non remis" is Notes' way; a person's answer names what it answers
        return is_returned_subject(subject.rpartition(":")[2]) and "in-reply-to" not in values and "references" not in values
    return direction is None


def is_from_mail_system(message: InboundMessage) -> bool:
    """Whether a mail system sent it: with the null return path (RFC 5321 section 4.5.5), or by the name it gives itself."""
    values = {name.lower(): value for name, value in reversed(message.headers)}
    return values.get("return-path", "x").strip().lower() in NULL_PATHS or _is_daemon(values.get("from", "x"))


def _is_from_a_system(values: dict[str, str]) -> bool:
    return _SYSTEMS.search(decode_words(values.get("from", "")[:500])) is not None


def _rejected_by_receipt(tree: Tree, body: str) -> bool:
    """Whether a disposition notification says that a filter refused the mail (RFC 5429 section 2.1.1)."""
    kinds = {part.type for part in tree.leaves}
    return "message/disposition-notification" in kinds and bool(_REJECTED.search(body[:2000]))


def _from_daemon(values: dict[str, str]) -> bool:
    """Whether a mail server wrote the message, by its header."""
    return (
        "x-failed-recipients" in values
        or "x-ms-exchange-message-is-ndr" in values
        or "delivery-status" in values.get("content-type", "").lower()
        or _is_daemon(values.get("from", "x"))
    )


def _is_daemon(sender: str) -> bool:
    return sender.strip() == "<>" or _DAEMONS.search(decode_words(sender[:500])) is not None


# -- fields of RFC 3464 --------------------------------------------------------------------------------------------------


def _status_groups(raw: bytes, tree: Tree) -> list[dict[str, str]]:
    """The per-recipient fields of all delivery-status parts."""
    parts = [part for part in tree.leaves if part.type in _STATUS_TYPES]
    return [group for part in parts for group in _groups(text_of(raw, part, _MAX_STATUS))]


def _groups(text: str) -> Iterator[dict[str, str]]:
    """Per-recipient groups (RFC 3464 section 2.3), also where blank lines are missing or doubled."""
    group: dict[str, str] = {}
    last = ""
    count = 0
    for line in [*text.split("\n"), ""]:
        match = _FIELD.match(line)
        if line[:1] in (" ", "\t") and last and not (match and match.group(1).lower() in _GROUP_FIELDS):
            group[last] = f"{group[last]} {line.strip()}"[:4000]
            continue
        last = match.group(1).lower() if match else ""
        ends = (not line.strip() and ("action" in group or "status" in group)) or (last in _GROUP_FIELDS and last in group)
        if ends:
            if _is_group(group):
                yield group
                count += 1
            if count >= _MAX_GROUPS:
                return
            group = {}
        if match:
            group.setdefault(last, match.group(2).strip())
    if _is_group(group):
        yield group


def _is_group(group: dict[str, str]) -> bool:
    return ("action" in group or "status" in group) and ("final-recipient" in group or "original-recipient" in group)


def _by_fields(groups: Sequence[dict[str, str]], returned: Returned, body: str) -> Bounce | None:
    """The failure that concerns us most: a permanent one before a delay, one of our recipients before anybody's."""
    failures = [found for group in groups if (found := _failure(group, returned)) is not None]
    if not failures:
        return None
    ours = {address.lower() for address in returned.recipients}
    best = min(failures, key=lambda item: (not item[2], (item[0] or "").lower() not in ours))
    recipient, status, permanent = best
    if recipient is None and len(ours) == 1:
        recipient = returned.recipients[0]
    return _bounce(recipient, status or find_status(body[:20_000]), permanent, returned)


def _failure(group: dict[str, str], returned: Returned) -> tuple[str | None, str | None, bool] | None:
    """(recipient, status, permanent) of a group, None where it reports a success."""
    action = group.get("action", "").partition(" ")[0].lower()
    diagnostic = group.get("diagnostic-code", "")
    stated = _STATUS.search(group.get("status", ""))
    if action in ("delivered", "relayed", "expanded") or (not action and stated and stated.group(1).startswith("2")):
        return None
    status = stated.group(1) if stated else find_status(diagnostic)
    code = status or find_reply(group.get("status", "")) or find_reply(diagnostic) or "5"
    permanent = action.startswith("fail") or (not action.startswith("delay") and code.startswith("5"))
    return _recipient(group, returned), status, permanent


def _recipient(group: dict[str, str], returned: Returned) -> str | None:
    """The address we wrote to, not the one that the receiving side forwarded to (RFC 3464 section 2.3.1).

    It is the one of the returned mail's recipients; where that says nothing, the original recipient. A mail that bears our
    marks was written to the one in its To field, whatever address the report names.
    """
    final = _typed_address(group.get("final-recipient", ""))
    original = _typed_address(_XTEXT.sub(lambda m: chr(int(m.group(1), 16)), group.get("original-recipient", "")))
    ours = {address.lower() for address in returned.recipients}
    for address in (original, final):
        if address and address.lower() in ours:
            return address
    if len(ours) == 1 and (returned.token or returned.case_id):
        return returned.recipients[0]
    if original and "." in original.rpartition("@")[2]:
        return original
    return final or original


def _typed_address(value: str) -> str | None:
    """The addr-spec of a typed address (RFC 3464 section 2.1.2): `rfc822; <ann@buyer.example>`."""
    match = _ADDRESS.search(value)
    return clean_address(match.group()) if match else None


# -- words ---------------------------------------------------------------------------------------------------------------


def _by_words(
    raw: bytes,
    tree: Tree,
    values: dict[str, str],
    subject: str,
    body: str,
    returned: Returned,
    *,
    daemon: bool,
    nobody: bool,
    titled: bool,
) -> Bounce | None:
    """`daemon`: a mail server wrote it; `nobody`: it came with the null return path; `titled`: its subject is a report's."""
    own = [
        box.address for name in ("to", "from", "reply-to", "sender") for box in read_addresses(values.get(name, "")).mailboxes
    ]
    failed = [box.address for box in read_addresses(values.get("x-failed-recipients", "")[:4000]).mailboxes]
    report = read_report(subject, body, expected=[*failed, *returned.recipients], not_recipients=own)
    temporary, permanent = _detected(raw, tree)
    number = _PHONE.search(subject) or _PHONE.search(body[:_MAX_NUMBERED])  # gateways to telephones name no address
    named = bool(temporary or permanent or failed or report.recipients or (number and _is_from_a_system(values)))
    if daemon:
        sure = titled or bool(temporary or permanent or failed) or report.says_failure
    elif nobody:
        sure = titled or (named and report.says_failure)
    else:
        sure = (
            report.says_failure and report.by_server and (named or any(part.type == "message/rfc822" for part in tree.leaves))
        )
    if not sure:
        return None
    recipient = _best(permanent or temporary, report, failed, returned)
    final = report.permanent and not (temporary and not permanent)
    return _bounce(recipient, report.status, final, returned)


def _best(detected: Sequence[str], report: Report, failed: Sequence[str], returned: Returned) -> str | None:
    """One failed address of all that the readers found: one that we wrote to, else the first of the best reader."""
    ours = {address.lower() for address in (*failed, *returned.recipients)}
    known = [
        address for address in (*failed, *report.recipients, *detected) if address.lower() in ours
    ]  # as the report has them
    if known:
        return next((address for address in known if address in detected), known[0])
    found = [*detected, *report.recipients]
    if failed:
        return failed[0]
    ranked = [address for address in report.recipients if not detected or address in detected]
    if ranked or found:
        return (ranked or found)[0]
    return returned.recipients[0] if len(returned.recipients) == 1 else None


def _detected(raw: bytes, tree: Tree) -> tuple[list[str], list[str]]:
    """(temporary, permanent) failed addresses by flufl.bounce's detectors."""
    if any(part.depth > _MAX_DEPTH_SCANNED for part in tree.leaves) or set(tree.header.defects) - {"envelope-line"}:
        return [], []  # the standard library's parser takes too long on some of those
    try:
        temporary, permanent = all_failures(email.message_from_bytes(raw[:_MAX_SCANNED]))
    except MemoryError:
        raise  # the guard's limit, not the mail's fault alone
    except Exception:
        return [], []
    return _cleaned(temporary), _cleaned(permanent)


def _cleaned(found: Collection[bytes]) -> list[str]:
    return [address for one in sorted(found) if (address := clean_address(one.decode("utf-8", "replace"))) is not None]


def _bounce(recipient: str | None, status: str | None, permanent: bool, returned: Returned) -> Bounce:
    return Bounce(recipient, status, permanent, returned.message_id, returned.token, returned.case_id)
