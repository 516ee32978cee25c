"""What we send says what we meant, or is not sent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.mail.compose import ComposeRefused, compose
from supportbot.mail.message import Mailbox, OutboundMessage
from supportbot.mail.parse import read_message

MESSAGE = OutboundMessage(
    message_id="<20261102.0123456789abcdef0123456789abcdef0123456789abcdef@eur05.prod.outlook.com>",
    sender=Mailbox("Acme Support", "support@acme.example"),
    to=("jane@buyer.example",),
    subject="Your order 112-4455",
    body="Dear Jane,\n\nFrom here on: ü.\n.\nBye\n",
    date=datetime(2026, 11, 2, 10, 0, tzinfo=UTC),
    in_reply_to="<q@buyer.example>",
    references=tuple(f"<{'r' * 80}{number}@eur05.prod.outlook.com>" for number in range(40)),
    reply_to="support+0123456789abcdef0123456789abcdef@acme.example",
    extra=(("X-Supportbot-Case", "K7"),),
)


def test_a_composed_mail_reads_back_as_it_was_meant() -> None:
    found = read_message(compose(MESSAGE))

    assert found.sender == MESSAGE.sender
    assert tuple(mailbox.address for mailbox in found.to) == MESSAGE.to
    assert (found.subject, found.date, found.message_id) == (MESSAGE.subject, MESSAGE.date, MESSAGE.message_id)
    assert (found.in_reply_to, found.references) == (MESSAGE.in_reply_to, MESSAGE.references)
    assert found.reply_to == Mailbox("", MESSAGE.reply_to or "")
    assert (found.body, found.defects) == (MESSAGE.body.rstrip(), ())
    assert found.header("auto-submitted") == ("auto-replied",)
    assert found.header("x-auto-response-suppress") == ("All",)


def test_long_ids_are_never_encoded_and_no_line_is_too_long() -> None:
    raw = compose(MESSAGE)

    assert b"=?" not in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "subject",
    [
        "x\r\nBcc: e@evil.example",
        "x\nBcc: e@evil.example",
        "x =?utf-8?q?=0A?=Bcc: e@evil.example",
        "x=?utf-8?b?Cg==?=",
        "a\x00b",
        "a\x7fb",
        "a\x85b",
        "a\u2028b",
        "a\u2029b",
        "a\ud800b",
    ],
)
def test_control_characters_in_a_field_refuse_the_mail_also_inside_encoded_words(subject: str) -> None:
    with pytest.raises(ComposeRefused):
        compose(replace(MESSAGE, subject=subject))
    with pytest.raises(ComposeRefused):
        compose(replace(MESSAGE, sender=Mailbox(subject, "support@acme.example")))
    with pytest.raises(ComposeRefused):
        compose(replace(MESSAGE, extra=(("X-Supportbot-Case", subject),)))


@pytest.mark.parametrize(
    "address",
    [
        '"x@evil.example x"@good.example',
        "a@good.example(c)evil.example",
        "<a@good.example><b@evil.example>",
        "a@good.example, b@evil.example",
        "a%evil.example@good.example",
        "@relay.example:a@good.example",
        "a b@good.example",
        "a@good..example",
        "ü@good.example",
        "a@gööd.example",
        "a@good.example\r\nBcc: x@y.example",
        "a.@good.example",
        "",
        "a@-good.example",
        "a@good.example\n",
    ],
)
def test_only_plain_addresses_are_sent_to(address: str) -> None:
    for wrong in (
        replace(MESSAGE, to=(address,)),
        replace(MESSAGE, sender=Mailbox("", address)),
        replace(MESSAGE, reply_to=address or "x"),
    ):
        with pytest.raises(ComposeRefused):
            compose(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": ()},
        {"message_id": "no brackets"},
        {"references": ("<a b@c>",)},
        {"in_reply_to": "<a@b>\r\nX: y"},
        {"extra": (("Bcc", "e@evil.example"),)},
        {"extra": (("X-Auto-Response-Suppress", "None"),)},
        {"extra": (("X-A\r\nBcc", "x"),)},
        {"subject": "w" * 500},
        {"body": "a\x00b"},
        {"body": "a\rb"},
        {"date": datetime(2026, 11, 2)},
    ],
)
def test_what_is_not_allowed_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ComposeRefused):
        compose(replace(MESSAGE, **wrong))  # type: ignore[arg-type]


WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co")), max_size=120)
PIECES = st.lists(
    st.sampled_from(["=?utf-8?q?", "=0A", "?=", "Bcc: e@evil.example", " ", "ü", "x" * 30, "=?utf-8?b?Cg==?="]), max_size=8
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(WORDS, PIECES, st.text(max_size=60)), st.one_of(WORDS, st.text(max_size=200)), st.one_of(WORDS, PIECES))
def test_every_mail_that_is_composed_says_what_was_meant_and_no_more(subject: str, body: str, name: str) -> None:
    message = replace(MESSAGE, subject=subject, body=body, sender=Mailbox(name, "support@acme.example"))
    try:
        raw = compose(message)
    except ComposeRefused:
        return

    found = read_message(raw)
    assert [field for field, _ in found.headers] == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Reply-To",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Supportbot-Case",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ]
    assert [mailbox.address for mailbox in found.to] == ["jane@buyer.example"]
    assert found.subject.split() == subject.split()


@settings(max_examples=200, deadline=None)
@given(WORDS, st.lists(WORDS, max_size=5).map("\n".join))
def test_ordinary_words_are_never_refused(subject: str, body: str) -> None:
    message = replace(MESSAGE, subject=subject, body=body)

    assert " ".join(read_message(compose(message)).body.split()) == " ".join(body.split())
