"""Our own check of DKIM signatures (RFC 6376), under the rules that make one count as evidence (docs/spec/safety.md 2.2).

A signature that verifies is not enough: a length limit lets anyone append words, an unsigned second Subject deceives the
reader, and dkimpy compares times with the clock of the machine, not with the time of receipt. Those are checked here.
"""

import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import dkim  # type: ignore[import-untyped]
from dkim.util import InvalidTagValueList, parse_tag_value  # type: ignore[import-untyped]
from publicsuffixlist import PublicSuffixList

from supportbot.mail.addresses import normal_domain, read_addresses
from supportbot.mail.dates import read_date
from supportbot.mail.headers import read_header_block, structural_defects
from supportbot.mail.message import DkimVerdict

MAX_SIGNATURES = 10
_MAX_SIGNATURE_FIELD = 8192  # octets; dkimpy's patterns are not linear in it
_MIN_KEY = 1024  # bits, RFC 8301
_SKEW = timedelta(minutes=10)

# Fields that must be signed where they are present.
REQUIRED = ("from", "to", "subject", "date", "message-id", "content-type", "mime-version")
_ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")  # RFC 8301 rules out rsa-sha1
_LABELS = re.compile(rb"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,126}")  # no empty one: what a name means is then certain
_BOUNDARY_WITH_BLANK = re.compile(rb'\bboundary[ \t]{0,20}=\s{0,20}"[^"\s]{0,100}\s[^"]{0,100}"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NoKey:
    """Why a key cannot be had now, in a word or two, such as "timeout"; another time it may."""

    why: str


KeyOf = Callable[[str], str | NoKey | None]
"""From "selector._domainkey.domain" to its TXT record, "" where there is none; `NoKey` or None where nobody can tell now."""


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """A verdict and the key it rests on, for the record. `place`: 0 is the mail itself, 1, 2, ... what is attached to it."""

    place: int
    verdict: DkimVerdict
    key: str | None
    arc: str  # what ARC says (RFC 8617), as advice: nothing is decided by it


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one signature came to; the best of a message's decides."""

    result: Literal["pass", "fail", "key_unavailable"]
    domain: str | None
    aligned: bool
    reasons: tuple[str, ...]
    digest: str | None
    signed: frozenset[str] = frozenset()
    key_name: str | None = None

    @property
    def rank(self) -> int:
        """Higher is better evidence."""
        return {"fail": 0, "key_unavailable": 1, "pass": 2}[self.result] * 2 + self.aligned


def verify_signature(raw: bytes, *, key_of: KeyOf, received: datetime, max_age_days: int = 14) -> DkimVerdict:
    """The verdict over all signatures of `raw`, exact octets as received. Never raises.

    Times are judged against `received`. "pass" with `aligned` is evidence for the From domain; a pass of another
    domain is not.
    """
    block = read_header_block(raw)
    signatures = [value for name, value in block.fields if name.lower() == "dkim-signature"]
    if not signatures:
        return DkimVerdict("none", None, False)
    faults = [defect for defect in block.defects if defect != "envelope-line"]
    faults += [defect for defect in structural_defects(block) if defect != "duplicate-sender"]
    author = _author_domain([value for name, value in block.fields if name.lower() == "from"])
    if author is None:
        faults.append("from-unreadable")
    if faults or author is None:
        return DkimVerdict("fail", None, False, tuple(dict.fromkeys(faults)))
    present = Counter(name.lower() for name, _ in block.fields)
    signed_date = next((value for name, value in block.fields if name.lower() == "date"), None)
    best: _Outcome | None = None
    for number, value in enumerate(signatures[:MAX_SIGNATURES]):
        outcome = _check(raw, number, value, present, author, signed_date, key_of, received, timedelta(days=max_age_days))
        if best is None or outcome.rank > best.rank:
            best = outcome
        if best.result == "pass" and best.aligned:
            break
    if best is None:
        return DkimVerdict("none", None, False)
    return DkimVerdict(
        best.result,
        best.domain,
        best.aligned,
        best.reasons,
        best.digest,
        best.signed,
        best.key_name,
        "dns" if best.key_name else None,
    )


def _author_domain(fields: Sequence[str]) -> str | None:
    if len(fields) != 1:
        return None
    found = read_addresses(fields[0])
    if len(found.mailboxes) != 1 or found.defects:
        return None
    return found.mailboxes[0].address.rpartition("@")[2]


def _check(
    raw: bytes,
    number: int,
    value: str,
    present: Counter[str],
    author: str,
    date: str | None,
    key_of: KeyOf,
    received: datetime,
    max_age: timedelta,
) -> _Outcome:
    if len(value) > _MAX_SIGNATURE_FIELD:
        return _Outcome("fail", None, False, ("signature-too-long",), None)
    try:
        tags: dict[bytes, bytes] = parse_tag_value(value.encode("latin-1"))
    except InvalidTagValueList:
        return _Outcome("fail", None, False, ("signature-malformed",), None)
    domain = normal_domain(tags.get(b"d", b"").decode("latin-1"))
    aligned = _aligned(domain, author)
    digest = hashlib.sha256(b"".join(tags.get(b"b", b"").split())).hexdigest()
    reasons = [*_tag_faults(tags), *_coverage_faults(tags, present), *_blank_faults(raw, tags)]
    reasons += _time_faults(tags, date, received, max_age)
    if reasons:
        return _Outcome("fail", domain or None, aligned, tuple(reasons), digest)
    selector = tags[b"s"].decode("latin-1")
    name = f"{selector}._domainkey.{domain}"
    record = key_of(name)
    if not isinstance(record, str):
        why = f"key-unavailable: {record.why}" if record else "key-unavailable"
        return _Outcome("key_unavailable", domain, aligned, (why,), digest, key_name=name)
    reasons = _key_faults(record, tags) or _crypto_faults(raw, number, record)
    result: Literal["pass", "fail"] = "fail" if reasons else "pass"
    if not reasons and not aligned:
        reasons = ["not-aligned"]
    return _Outcome(result, domain, aligned, tuple(reasons), digest, frozenset(_signed(tags)), name)


def _tag_faults(tags: dict[bytes, bytes]) -> list[str]:
    faults = [f"tag-missing: {tag.decode()}" for tag in (b"v", b"a", b"b", b"bh", b"d", b"h", b"s") if not tags.get(tag)]
    if b"l" in tags:
        faults.append("body-length-limit")
    if tags.get(b"a", b"").lower() not in _ALGORITHMS:
        faults.append("algorithm-refused")
    if not all(len(tags.get(tag, b"")) <= 253 and _LABELS.fullmatch(tags.get(tag, b"")) for tag in (b"d", b"s")):
        faults.append("domain-or-selector-malformed")
    return faults


def _coverage_faults(tags: dict[bytes, bytes], present: Counter[str]) -> list[str]:
    """Required fields that h= leaves out, and fields that stand more often than they are signed (RFC 6376 section 8.15)."""
    signed = _signed(tags)
    faults = [f"unsigned-{name}" for name in REQUIRED if present[name] and not signed[name]]
    faults += [f"duplicate-{name}" for name in signed if present[name] > signed[name]]
    return faults


def _signed(tags: dict[bytes, bytes]) -> Counter[str]:
    """How often h= names each header field."""
    return Counter(name.strip().lower() for name in tags.get(b"h", b"").decode("latin-1").split(":"))


def _blank_faults(raw: bytes, tags: dict[bytes, bytes]) -> list[str]:
    """Relaxed canonicalisation leaves the number of blanks unsigned (RFC 6376 section 3.4.4), so that whoever passes the mail
    on may double one within a boundary, and a part is no part any more."""
    if b"".join(tags.get(b"c", b"").split()).lower() in (b"", b"simple", b"simple/simple"):
        return []
    return ["boundary-with-blank"] if _BOUNDARY_WITH_BLANK.search(raw) else []


def _time_faults(tags: dict[bytes, bytes], date: str | None, received: datetime, max_age: timedelta) -> list[str]:
    """t= (else the signed Date) must lie within `max_age` before receipt, x= after it."""
    signed_at = _seconds(tags.get(b"t"))
    expires_at = _seconds(tags.get(b"x"))
    if (b"t" in tags and signed_at is None) or (b"x" in tags and expires_at is None):
        return ["time-malformed"]
    if signed_at is None:
        dated = read_date(date)
        if dated is None:
            return ["no-signing-time"]
        signed_at = dated.timestamp()
    now = received.timestamp()
    faults = []
    if signed_at > now + _SKEW.total_seconds():
        faults.append("signed-in-the-future")
    if now - signed_at > max_age.total_seconds():
        faults.append("signed-too-long-ago")
    if expires_at is not None and (expires_at < signed_at or now > expires_at + _SKEW.total_seconds()):
        faults.append("signature-expired")
    return faults


def _seconds(value: bytes | None) -> float | None:
    return float(int(value)) if value and re.fullmatch(rb"\d{1,12}", value) else None


def _key_faults(record: str, tags: dict[bytes, bytes]) -> list[str]:
    if not record.strip():
        return ["key-missing"]
    try:
        key: dict[bytes, bytes] = parse_tag_value(record.encode("ascii", "replace"))
    except InvalidTagValueList:
        return ["key-malformed"]
    faults = []
    if not key.get(b"p", b"").strip():
        faults.append("key-revoked")
    flags = {flag.strip() for flag in key.get(b"t", b"").lower().split(b":")}
    if b"y" in flags:
        faults.append("key-testing")
    if b"s" in flags and tags.get(b"i", b"@" + tags[b"d"]).rpartition(b"@")[2].lower() != tags[b"d"].lower():
        faults.append("identity-not-the-domain")
    if b"h" in key and b"sha256" not in {name.strip() for name in key[b"h"].lower().split(b":")}:
        faults.append("key-for-other-hash")  # RFC 6376 section 3.6.1: a verifier must take no other
    if key.get(b"s", b"*") not in (b"*", b"email") and not {b"*", b"email"} & {kind.strip() for kind in key[b"s"].split(b":")}:
        faults.append("key-for-other-service")
    return faults


class _Verifier(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
    """dkimpy's check of hashes and signature, without its comparison of t= and x= with the clock of this machine."""

    def check(self, number: int, record: bytes) -> bool:
        """Whether signature `number` verifies under the key record."""
        fields = [field for field in self.headers if field[0].lower() == b"dkim-signature"]
        tags: dict[bytes, bytes] = parse_tag_value(fields[number][1])
        dkim.validate_signature_fields({tag: value for tag, value in tags.items() if tag not in (b"t", b"x")})
        self.domain, self.selector = tags[b"d"], tags[b"s"]
        signed = [name.strip().lower() for name in tags[b"h"].split(b":")]

        def record_of(_name: bytes, **_options: Any) -> bytes:
            return record

        return bool(self.verify_sig(tags, signed, fields[number], record_of))


def _crypto_faults(raw: bytes, number: int, record: str) -> list[str]:
    try:
        if _Verifier(raw, minkey=_MIN_KEY).check(number, record.encode("ascii", "replace")):
            return []
    except dkim.ValidationError as error:
        return ["body-changed"] if "body hash" in str(error) else ["signature-invalid"]
    except dkim.KeyFormatError:
        return ["key-refused"]
    except (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError, binascii.Error):
        return ["signature-malformed"]
    return ["signature-wrong"]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=4096)
def organisational_domain(domain: str) -> str | None:
    """The registrable domain above which a host answers to one owner (Public Suffix List); None for a suffix itself."""
    name = normal_domain(domain)
    if not name or len(name) > 253:
        return None
    return _suffixes().privatesuffix(name)


def _aligned(domain: str, author: str) -> bool:
    """Relaxed alignment of RFC 7489 section 3.1.1."""
    if not domain or not author:
        return False
    if domain == author:
        return True
    one, other = organisational_domain(domain), organisational_domain(author)
    return one is not None and one == other
