"""Who really sent a message: Authentication-Results (RFC 8601) read with distrust; the predicate of docs/spec/safety.md 2.1.

Text proposes; authority comes from here. Every failed check is a reason, an absent verdict is a failed one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from supportbot.mail.addresses import normal_domain, read_addresses
from supportbot.mail.message import Authentication, DkimVerdict, InboundMessage, same_address
from supportbot.mail.signature import organisational_domain

# Defects of the words, not of the header block: they make a message doubtful to read, not doubtful to attribute.
CONTENT_DEFECTS = frozenset(
    {
        "invisible-characters",
        "control-characters",
        "charset-unknown",
        "charset-missing",
        "charset-wrong",
        "base64-damaged",
        "transfer-encoding-unknown",
        "plain-html-differ",
        "hidden-text",
        "html-too-large",
        "html-too-deep",
        "text-truncated",
        "multipart-not-closed",
    }
)
MAX_RESULTS = 50
PRIVATE_ENDS = frozenset({"internal", "local", "lan", "home", "corp", "intranet", "intern", "private", "localdomain", "arpa"})
"""Ends of names that the public DNS does not have, and that inner hosts bear."""

_METHOD = re.compile(r"([a-z0-9_-]{1,40})(?:\s{0,4}/\s{0,4}\d{1,4})?\s{0,4}=\s{0,4}([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z0-9_-]{1,40})\s{0,4}\.\s{0,4}([a-z0-9_-]{1,40})\s{0,4}=\s{0,4}([^\s;]{1,500})", re.IGNORECASE)
_AUTHSERV_ID = re.compile(r"([^\s=;]{1,255})(?:\s{1,4}\d{1,4})?")
_BY_HOST = re.compile(r"\bby\s{1,4}([A-Za-z0-9.-]{1,255})")


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One `method=result` with its properties, e.g. dmarc, pass, {"header.from": "example.org"}."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, name: str) -> str | None:
        """The value of `ptype.property`, None where it stands never or more than once."""
        values = [value for key, value in self.properties if key == name]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One Authentication-Results field. `authserv_id` is None where the writer left it out, as Outlook.com does."""

    authserv_id: str | None
    results: tuple[MethodResult, ...]

    def of(self, method: str) -> tuple[MethodResult, ...]:
        """All results of a method."""
        return tuple(result for result in self.results if result.method == method)


def read_authentication_results(value: str) -> AuthenticationResults | None:
    """A field's value, comments and quoted strings taken out properly; None where these do not balance.

    Reads what receivers really write: no authserv-id (Outlook.com), no blank before a comment and a trailing `;` (Yahoo).
    """
    pieces = _pieces(value)
    if pieces is None:
        return None
    head = pieces[0].strip()
    match = _AUTHSERV_ID.fullmatch(head)
    authserv_id = match.group(1).lower() if match else None
    results: list[MethodResult] = []
    for piece in pieces[:1] * (match is None) + pieces[1:]:
        found = _METHOD.match(piece.strip())
        if not found:
            continue
        rest = piece.strip()[found.end() :]
        properties = tuple((f"{kind}.{name}".lower(), text) for kind, name, text in _PROPERTY.findall(rest))
        results.append(MethodResult(found.group(1).lower(), found.group(2).lower(), properties))
        if len(results) >= MAX_RESULTS:
            return None
    return AuthenticationResults(authserv_id, tuple(results))


def _pieces(value: str) -> list[str] | None:
    """The value cut at `;`, comments dropped, quoted strings kept as one word without blanks or semicolons."""
    pieces: list[list[str]] = [[]]
    depth, quoted, index = 0, False, 0
    while index < len(value):
        char = value[index]
        if char == "\\" and (depth or quoted):
            index += 2
            continue
        if quoted:
            if char == '"':
                quoted = False
            elif char in " \t;=":
                pieces[-1].append("_")
            else:
                pieces[-1].append(char)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                return None
            pieces[-1].append(" ")
        elif depth:
            pass
        elif char == '"':
            quoted = True
        elif char == ";":
            pieces.append([])
        else:
            pieces[-1].append(char)
        index += 1
    return None if depth or quoted else ["".join(piece) for piece in pieces]


def authenticated_as(
    message: InboundMessage,
    address: str,
    *,
    trusted_authserv_ids: Sequence[str],
    dkim: DkimVerdict | None,
) -> Authentication:
    """Whether `message` is proved to come from `address`: items 1 to 4 and 7 of docs/spec/safety.md 2.1.

    That the message belongs to the case (item 5) and came after our notice (item 6) the caller checks. Where no authserv-id is
    trusted, our own aligned DKIM check stands in for DMARC.
    """
    reasons = [*_header_faults(message), *_machine(message)]
    if message.sender is None:
        reasons.append("sender-unreadable")
    elif not same_address(message.sender.address, address):
        reasons.append("other-address")
    if trusted_authserv_ids:
        method, missing = "dmarc", _dmarc_faults(message, trusted_authserv_ids)
    else:
        method, missing = "dkim", _dkim_faults(dkim)
    reasons += missing
    return Authentication(address, not reasons, "none" if missing else method, tuple(dict.fromkeys(reasons)))


def _header_faults(message: InboundMessage) -> list[str]:
    """Item 1: one From that all readers read alike."""
    reasons = [f"defect: {defect}" for defect in message.defects if defect not in CONTENT_DEFECTS]
    fields = message.header("from")
    if len(fields) != 1:
        return [*reasons, "from-not-once"]
    found = read_addresses(fields[0])
    if len(found.mailboxes) != 1 or found.defects:
        reasons.append("from-not-one-mailbox")
    if "=?" in fields[0].rpartition("<")[2]:
        reasons.append("encoded-word-in-address")
    return reasons


def _machine(message: InboundMessage) -> list[str]:
    """Item 7."""
    if message.bounce is not None:
        return ["automated: bounce"]
    return [f"automated: {message.automated_reason}"] if message.automated_reason else []


def _dmarc_faults(message: InboundMessage, trusted: Sequence[str]) -> list[str]:
    """Items 2 and 3, from the topmost field only: those below may have come with the mail."""
    names = [name.lower() for name, _ in message.headers]
    if "authentication-results" not in names:
        return ["no-authentication-results"]
    top = names.index("authentication-results")
    found = read_authentication_results(message.headers[top][1])
    if found is None:
        return ["authentication-results-malformed"]
    if found.authserv_id is None or found.authserv_id not in {identity.strip().lower() for identity in trusted}:
        return ["authserv-id-not-trusted"]
    if _below_foreign_hop(message.headers[:top], trusted):
        return ["authentication-results-below-foreign-received"]
    dmarc = found.of("dmarc")
    if not dmarc:
        return ["no-dmarc-result"]
    if len(dmarc) > 1:
        return ["several-dmarc-results"]
    if dmarc[0].result != "pass":
        return [f"dmarc-{dmarc[0].result}"]
    claimed = dmarc[0].property("header.from")
    if claimed is None or message.sender is None:
        return ["dmarc-without-header-from"]
    domain = normal_domain(claimed.rpartition("@")[2])
    return [] if domain == message.sender.address.rpartition("@")[2] else ["dmarc-for-other-domain"]


def _below_foreign_hop(above: Sequence[tuple[str, str]], trusted: Sequence[str]) -> bool:
    """Whether a host that is not our provider's received the mail after this field was written."""
    ours = {organisational_domain(identity) for identity in trusted}
    for name, value in above:
        if name.lower() != "received":
            continue
        host = _BY_HOST.search(value)
        if host and not _inner(host.group(1)) and organisational_domain(host.group(1)) not in ours:
            return True
    return False


def _inner(host: str) -> bool:
    """Whether a name is one that only a provider's own network knows, or an address: hops inside it write such."""
    name = host.strip(".").lower()
    return "." not in name or name.replace(".", "").isdigit() or name.rpartition(".")[2] in PRIVATE_ENDS


def _dkim_faults(dkim: DkimVerdict | None) -> list[str]:
    if dkim is None:
        return ["no-dkim-check"]
    if dkim.result != "pass":
        return [f"dkim-{dkim.result}", *(f"dkim: {reason}" for reason in dkim.reasons)]
    if not dkim.aligned:
        return ["dkim-not-aligned"]
    return ["dkim-by-archived-key"] if dkim.key_source == "archive" else []
