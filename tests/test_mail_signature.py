"""DKIM: only a signature that covers what the reader sees counts."""

import base64
import time
from datetime import UTC, datetime, timedelta

import dkim  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from supportbot.mail.message import DkimVerdict
from supportbot.mail.signature import organisational_domain, verify_signature

NOW = datetime.now(UTC)  # dkimpy stamps t= with the real time
KEY = SigningKey(b"\7" * 32)
PRIVATE = base64.b64encode(bytes(KEY))
RECORD = "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(KEY.verify_key)).decode()
HEADERS = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type", b"mime-version"]
PLAIN = (
    b"From: Buyer <buyer@buyer.example>\r\nTo: s@shop.example\r\nSubject: Re: order\r\nDate: "
    b"Mon, 02 Nov 2026 11:15:00 +0000\r\n"
    b"Message-ID: <1@buyer.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nYes,  I accept.\r\n"
)


def sign(
    raw: bytes = PLAIN,
    *,
    headers: list[bytes] | None = None,
    domain: bytes = b"buyer.example",
    mode: bytes = b"relaxed",
    length: bool = False,
) -> bytes:
    signer = dkim.DKIM(raw)
    signature = signer.sign(
        b"s1",
        domain,
        PRIVATE,
        signature_algorithm=b"ed25519-sha256",
        canonicalize=(mode, mode),
        include_headers=headers or HEADERS,
        length=length,
    )
    return bytes(signature) + raw


def verify(raw: bytes, *, record: str | None = RECORD, received: datetime = NOW) -> DkimVerdict:
    return verify_signature(raw, key_of=lambda _name: record, received=received)


def test_the_key_is_asked_for_by_selector_and_domain() -> None:
    asked: list[str] = []

    verify_signature(sign(), key_of=lambda name: asked.append(name), received=NOW)

    assert asked == ["s1._domainkey.buyer.example"]


@pytest.mark.parametrize("mode", [b"relaxed", b"simple"])
def test_an_untouched_message_passes_and_is_aligned(mode: bytes) -> None:
    verdict = verify(sign(mode=mode))

    assert (verdict.result, verdict.domain, verdict.aligned, verdict.reasons) == ("pass", "buyer.example", True, ())
    assert verdict.signature_sha256 is not None


MUTATIONS = [
    ("lf only", lambda b: b.replace(b"\r\n", b"\n"), "pass", "pass"),
    ("blank lines below", lambda b: b + b"\r\n\r\n", "pass", "pass"),
    ("received added", lambda b: b"Received: from x by y\r\n" + b, "pass", "pass"),
    ("subject refolded", lambda b: b.replace(b"Subject: Re: order", b"Subject: Re:\r\n order"), "pass", "fail"),
    ("double space collapsed", lambda b: b.replace(b"Yes,  I", b"Yes, I"), "pass", "fail"),
    ("footer added", lambda b: b + b"--\r\nfooter\r\n", "fail", "fail"),
    ("subject tagged", lambda b: b.replace(b"Subject: ", b"Subject: [EXT] "), "fail", "fail"),
    ("word changed", lambda b: b.replace(b"accept", b"refuse"), "fail", "fail"),
    ("second from", lambda b: b"From: evil@evil.example\r\n" + b, "fail", "fail"),
    ("second subject", lambda b: b"Subject: I accept\r\n" + b, "fail", "fail"),
    ("second date", lambda b: b"Date: Mon, 02 Nov 2026 11:15:00 +0000\r\n" + b, "fail", "fail"),
    ("second content type", lambda b: b"Content-Type: text/html\r\n" + b, "fail", "fail"),
    ("reply-to added", lambda b: b"Reply-To: evil@evil.example\r\n" + b, "pass", "pass"),
]


@pytest.mark.parametrize(("name", "change", "relaxed", "simple"), MUTATIONS, ids=[row[0] for row in MUTATIONS])
def test_a_changed_message_passes_only_where_nothing_the_reader_sees_changed(
    name: str, change: object, relaxed: str, simple: str
) -> None:
    assert callable(change)
    assert (verify(change(sign())).result, verify(change(sign(mode=b"simple"))).result) == (relaxed, simple)


def test_a_body_length_limit_never_counts() -> None:
    raw = sign(length=True)

    assert verify(raw).reasons == ("body-length-limit",)
    assert verify(raw + b"I also accept everything.\r\n").result == "fail"


@pytest.mark.parametrize("missing", [b"subject", b"date", b"to", b"message-id", b"content-type", b"mime-version"])
def test_a_field_left_unsigned_never_counts(missing: bytes) -> None:
    verdict = verify(sign(headers=[name for name in HEADERS if name != missing]))

    assert (verdict.result, verdict.reasons) == ("fail", (f"unsigned-{missing.decode()}",))


def test_times_are_judged_against_receipt_and_not_against_this_machine() -> None:
    raw = sign()

    assert verify(raw, received=NOW + timedelta(days=13)).result == "pass"
    assert verify(raw, received=NOW + timedelta(days=15)).reasons == ("signed-too-long-ago",)
    assert verify(raw, received=NOW - timedelta(hours=1)).reasons == ("signed-in-the-future",)


def test_a_signature_long_expired_by_the_clock_of_today_was_good_when_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    past = NOW - timedelta(days=3000)
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", past.timestamp)
        raw = sign()

    assert verify(raw, received=past + timedelta(hours=1)).result == "pass"


def test_the_domain_must_align_with_the_author() -> None:
    assert verify(sign(domain=b"mail.buyer.example")).aligned
    other = verify(sign(domain=b"evil.example"))
    assert (other.result, other.aligned, other.reasons) == ("pass", False, ("not-aligned",))


def test_any_aligned_signature_that_passes_decides() -> None:
    two = (
        dkim.DKIM(sign()).sign(b"s1", b"evil.example", PRIVATE, signature_algorithm=b"ed25519-sha256", include_headers=HEADERS)
        + sign()
    )

    verdict = verify(two)

    assert (verdict.result, verdict.domain, verdict.aligned) == ("pass", "buyer.example", True)


@pytest.mark.parametrize(
    ("record", "result", "reason"),
    [
        (None, "key_unavailable", "key-unavailable"),
        ("", "fail", "key-missing"),
        ("v=DKIM1; p=", "fail", "key-revoked"),
        (RECORD + "; t=y", "fail", "key-testing"),
        ("v=DKIM1; p=!!!", "fail", "signature-wrong"),
        ("nonsense", "fail", "key-malformed"),
    ],
)
def test_what_the_key_record_says_is_told_apart(record: str | None, result: str, reason: str) -> None:
    verdict = verify(sign(), record=record)

    assert (verdict.result, verdict.reasons) == (result, (reason,))


def test_a_message_without_a_signature_has_none() -> None:
    assert verify(PLAIN).result == "none"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 600))
def test_no_octets_raise_and_no_foreign_octets_in_the_words_pass(noise: bytes, place: int) -> None:
    signed = sign()
    verify(signed[:place] + noise + signed[place:])
    verify(b"DKIM-Signature: " + noise + b"\r\n" + PLAIN)

    body_changed = signed + noise
    if noise.strip():
        assert verify(body_changed).result != "pass"


def test_organisational_domains_follow_the_public_suffix_list() -> None:
    assert organisational_domain("a.b.example.co.uk") == "example.co.uk"
    assert organisational_domain("co.uk") is None
