"""Who really sent it: every construction that two readers read differently is refused."""

import pytest

from supportbot.mail.auth import authenticated_as, read_authentication_results
from supportbot.mail.message import Authentication, DkimVerdict
from supportbot.mail.parse import read_message

GOOD = "mx.acme.example; dmarc=pass (p=NONE) header.from=b.example"
TRUSTED = ("mx.acme.example",)


def check(
    results: str = GOOD,
    *,
    sender: str = "From: Jane <j@b.example>",
    above: str = "",
    extra: str = "",
    trusted: tuple[str, ...] = TRUSTED,
    dkim: DkimVerdict | None = None,
) -> Authentication:
    field = f"Authentication-Results: {results}\r\n" if results else ""
    raw = f"{above}{field}{sender}\r\nTo: s@acme.example\r\nSubject: Re: x\r\n{extra}\r\nYes, I accept.\r\n"
    return authenticated_as(read_message(raw.encode()), "j@b.example", trusted_authserv_ids=trusted, dkim=dkim)


def test_a_dmarc_pass_by_the_trusted_receiver_is_proof() -> None:
    assert check() == Authentication("j@b.example", passed=True, method="dmarc")


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ("", "no-authentication-results"),
        ("mx.evil.example; dmarc=pass header.from=b.example", "authserv-id-not-trusted"),
        (
            ("spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=b.example; dmarc=pass action=none header.from=b.example"),
            "authserv-id-not-trusted",
        ),
        ("mx.acme.example; dmarc=fail header.from=b.example", "dmarc-fail"),
        ("mx.acme.example; spf=pass smtp.mailfrom=b.example", "no-dmarc-result"),
        ("mx.acme.example; dmarc=pass(p=QUARANTINE)", "dmarc-without-header-from"),
        ("mx.acme.example; dmarc=pass header.from=evil.example", "dmarc-for-other-domain"),
        ("mx.acme.example; dmarc=fail header.from=b.example; dmarc=pass header.from=b.example", "several-dmarc-results"),
        ("mx.acme.example; spf=fail (x; dmarc=pass header.from=b.example)", "no-dmarc-result"),
        ('mx.acme.example; spf=fail smtp.mailfrom="x; dmarc=pass header.from=b.example"', "no-dmarc-result"),
        ("mx.acme.example; spf=fail (x(; dmarc=pass header.from=b.example", "authentication-results-malformed"),
        ("mx.acme.example; none", "no-dmarc-result"),
    ],
)
def test_an_absent_failed_or_forged_verdict_is_no_proof(results: str, reason: str) -> None:
    verdict = check(results)

    assert (verdict.passed, verdict.method) == (False, "none")
    assert reason in verdict.reasons


def test_only_the_topmost_field_is_believed() -> None:
    forged = f"Authentication-Results: {GOOD}\r\n"

    assert not check("mx.acme.example; dmarc=fail header.from=b.example", extra=forged).passed
    assert not check(above="Received: from a by relay.evil.com with SMTP\r\n").passed
    assert check(above="Received: from a by mx2.acme.example with SMTP\r\n").passed


@pytest.mark.parametrize(
    "sender",
    [
        "From: Jane <j@b.example>\r\nFrom: Evil <e@evil.example>",
        "From : Evil <e@evil.example>\r\nFrom: Jane <j@b.example>",
        " From: Evil <e@evil.example>\r\nFrom: Jane <j@b.example>",
        "From: Jane <j@b.example>, Evil <e@evil.example>",
        "From: <j@b.example><e@evil.example>",
        "From: x: j@b.example;",
        "From: Jane <j@b.example>\0",
        "From: Jane <j@b.example>\rX: y",
        "From: =?utf-8?q?j=40b.example?= <e@evil.example>",
        'From: "j@b.example" <e@evil.example>',
        "From: e@evil.example (j@b.example)",
        "From: <@evil.example:j@b.example> <e@evil.example>",
        "From: Jane <j@b.example\r\nX-Y: z",
        "From: Jane <e@evil.example>\r\nReply-To: j@b.example\r\nSender: j@b.example",
        "From\0: Evil <e@evil.example>\r\nFrom: Jane <j@b.example>",
        "From: j@b.example)e@evil.example",
        "From: j@b.example\\,e@evil.example",
        "From: Jane <j@b.examp\u0131e>",
        "X: y",
    ],
)
def test_no_forged_from_is_authenticated_as_its_victim(sender: str) -> None:
    assert not check(sender=sender).passed


@pytest.mark.parametrize("extra", ["Auto-Submitted: auto-replied\r\n", "List-Id: x\r\n", "Precedence: bulk\r\n"])
def test_a_machine_is_never_the_buyer(extra: str) -> None:
    assert any(reason.startswith("automated") for reason in check(extra=extra).reasons)


def test_our_own_dkim_check_stands_in_only_where_no_receiver_is_trusted() -> None:
    good = DkimVerdict("pass", "b.example", aligned=True)

    assert check("", trusted=(), dkim=good) == Authentication("j@b.example", passed=True, method="dkim")
    assert not check("", trusted=TRUSTED, dkim=good).passed
    assert not check(GOOD, trusted=(), dkim=None).passed
    assert not check("", trusted=(), dkim=DkimVerdict("pass", "evil.example", aligned=False)).passed


@pytest.mark.parametrize(
    ("value", "authserv_id", "dmarc"),
    [
        (
            (
                "mx.google.com;\r\n       dkim=pass header.i=@b.example header.s=s1 header.b=AbC/+;\r\n    "
                "   spf=pass (google.com: domain of j@b.example designates 1.2.3.4 as permitted sender) "
                "smtp.mailfrom=j@b.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) "
                "header.from=b.example"
            ),
            "mx.google.com",
            "b.example",
        ),
        (
            (
                "spf=pass (sender IP is 1.2.3.4)\r\n smtp.mailfrom=b.example; dkim=pass (signature was "
                "verified)\r\n header.d=b.example;dmarc=pass action=none\r\n "
                "header.from=b.example;compauth=pass reason=100"
            ),
            None,
            "b.example",
        ),
        (
            (
                "atlas-production.v2-mail-prod1-bf1.omega.yahoo.com;\r\n dkim=pass header.i=@b.example "
                "header.s=s1;\r\n spf=pass smtp.mailfrom=b.example;\r\n dmarc=pass(p=QUARANTINE) "
                "header.from=b.example;"
            ),
            "atlas-production.v2-mail-prod1-bf1.omega.yahoo.com",
            "b.example",
        ),
        (
            (
                "mx1.messagingengine.com;\r\n    dkim=pass (2048-bit rsa key sha256) header.d=b.example "
                "header.i=@b.example header.b=x header.a=rsa-sha256 header.s=s1 x-bits=2048;\r\n    "
                "dmarc=pass policy.published-domain-policy=none\r\n      policy.applied-disposition=none "
                "policy.evaluated-disposition=none\r\n      (p=none,d=none,d.eval=none) "
                "policy.policy-from=p header.from=b.example"
            ),
            "mx1.messagingengine.com",
            "b.example",
        ),
        ("mx.acme.example 1; dmarc/1=pass header.from=b.example", "mx.acme.example", "b.example"),
    ],
)
def test_the_forms_that_receivers_write_are_read(value: str, authserv_id: str | None, dmarc: str) -> None:
    found = read_authentication_results(value)

    assert found is not None
    (result,) = found.of("dmarc")
    assert (found.authserv_id, result.result, result.property("header.from")) == (authserv_id, "pass", dmarc)
