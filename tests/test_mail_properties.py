"""Properties of reading: what is composed or well-formed is read as it was meant; what is damaged is read all the same.

The mutation fuzzer damages every mail that lies among the tests and the training data. `make soak` runs it long.
"""

import email
import email.policy
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.corpus import build_corpus
from supportbot.mail.addresses import MAX_ADDRESSES
from supportbot.mail.compose import compose
from supportbot.mail.content import MAX_TEXT
from supportbot.mail.message import InboundMessage, Mailbox, OutboundMessage
from supportbot.mail.parse import read_message, relabel
from tests.mail_files import NOTICE

ROOT = Path(__file__).parent.parent
OURS = (NOTICE,)


def assert_sound(message: InboundMessage, raw: bytes) -> None:
    """What holds for every octet string."""
    assert "".join(message.body[part.start : part.end] for part in message.segments) == message.body
    assert all(part.start < part.end for part in message.segments)
    assert len(message.body) <= MAX_TEXT
    assert max(len(message.to), len(message.cc)) <= MAX_ADDRESSES
    assert message.size == len(raw)
    assert len(set(message.defects)) == len(message.defects)
    assert not set("\0\r\x1b") & set(message.body + message.subject)
    assert "\n" not in message.subject


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3000))
def test_any_octets_are_read(raw: bytes) -> None:
    assert_sound(read_message(raw), raw)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [
            "text/plain",
            "text/html",
            "text/enriched",
            "multipart/mixed; boundary=b",
            "application/ms-tnef",
            "message/rfc822",
            "application/pkcs7-mime",
            "text/plain; charset=utf-7",
            "text/plain; charset=iso-2022-jp",
            "text/plain; charset=utf-16",
            "text/plain; format=flowed",
            "multipart/alternative; boundary=b",
        ]
    ),
    st.sampled_from(["7bit", "base64", "quoted-printable", "x-uuencode", "nonsense"]),
    st.binary(max_size=2000),
)
def test_any_octets_of_any_type_and_encoding_are_read(kind: str, encoding: str, octets: bytes) -> None:
    if kind.endswith("tnef"):
        octets = b"\x78\x9f\x3e\x22\0\0" + octets
    raw = f"From: a@b.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + octets

    assert_sound(read_message(raw), raw)


# -- what we write is read as we meant it

CHARACTERS = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Mn", "Mc", "Me"))
WORDS = st.text(CHARACTERS, max_size=60)
# Short enough for one encoded word: the standard library puts a blank between two, and `compose` refuses what it spoils.
NAMES = (
    st.text(CHARACTERS, max_size=8)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: not set(text) & set("\"'\\<>()=?,;:@"))
)
LOCALS = st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,20}[a-z0-9]", fullmatch=True).filter(lambda text: ".." not in text)
DOMAINS = st.from_regex(r"[a-z0-9]{1,20}\.example", fullmatch=True)
ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS)
IDS = st.builds("<{}@{}>".format, LOCALS, DOMAINS)
LINES = WORDS.map(lambda text: " ".join(text.replace(">", "").split()))
DATES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))


@settings(max_examples=150, deadline=None)
@given(
    NAMES,
    ADDRESSES,
    st.lists(ADDRESSES, min_size=1, max_size=4, unique=True),
    LINES,
    st.lists(LINES, max_size=8),
    DATES,
    IDS,
    st.lists(IDS, max_size=5, unique=True),
)
def test_a_composed_mail_is_read_as_it_was_meant(
    name: str,
    sender: str,
    to: list[str],
    subject: str,
    lines: list[str],
    date: datetime,
    message_id: str,
    references: list[str],
) -> None:
    sent = OutboundMessage(
        message_id=message_id,
        sender=Mailbox(name, sender),
        to=tuple(to),
        subject=subject or "Your order",
        body="\n".join(lines) or "Hello",
        date=date,
        in_reply_to=references[-1] if references else None,
        references=tuple(references),
    )

    read = read_message(compose(sent))

    assert read.sender == sent.sender
    assert tuple(mailbox.address for mailbox in read.to) == sent.to
    assert (read.subject, read.date, read.message_id) == (sent.subject, sent.date, sent.message_id)
    assert (read.in_reply_to, read.references) == (sent.in_reply_to, sent.references)
    assert read.body.strip("\n") == sent.body.strip("\n")
    assert read.defects == ()


# -- what the standard library writes is read as it reads it itself

CHARSETS = (
    "utf-8",
    "iso-8859-1",
    "windows-1252",
    "iso-8859-15",
    "utf-16",
    "iso-2022-jp",
    "shift_jis",
    "koi8-r",
    "windows-1251",
    "gb18030",
    "big5",
    "euc-kr",
)
SAMPLES = {
    "iso-2022-jp": "はい、了承します。",
    "shift_jis": "はい、了承します。",
    "koi8-r": "Да, согласен.",
    "windows-1251": "Да, согласен.",
    "gb18030": "好的，同意。",
    "big5": "好的，同意。",
    "euc-kr": "네, 동의합니다.",
    "utf-16": "Ja, größer – はい",
    "utf-8": "Ja, größer – はい",
}
FILE_NAMES = (
    "a.pdf",
    "büro – Größe.pdf",
    "x" * 120 + ".pdf",
    "はい.pdf",
    'quo"ted.pdf',
    "semi;colon, and = sign.pdf",
    "a'b'c.pdf",
)


WRITTEN_IN = [  # UTF-16 holds octets of line ends that are none, so nobody can write it as 8bit
    (charset, encoding)
    for charset in CHARSETS
    for encoding in ("base64", "quoted-printable", "8bit")
    if (charset, encoding) != ("utf-16", "8bit")
]


@pytest.mark.parametrize(("charset", "encoding"), WRITTEN_IN)
def test_every_charset_in_every_encoding_is_read(charset: str, encoding: str) -> None:
    text = SAMPLES.get(charset, "Ja, größer: é à ü.")
    body = text.encode(charset)
    built = EmailMessage(policy=email.policy.SMTP)
    built.set_content(body, "text", "plain", cte=encoding)
    built["From"] = "a@b.example"
    built.set_param("charset", charset)

    assert read_message(built.as_bytes()).body == text


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(NAMES, ADDRESSES), min_size=1, max_size=6),
    LINES,
    st.lists(LINES, min_size=1, max_size=6),
    st.sampled_from(FILE_NAMES),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_the_reader_agrees_with_the_standard_library_on_trees(
    people: Sequence[tuple[str, str]], subject: str, lines: Sequence[str], name: str, html: bool, related: bool, attached: bool
) -> None:
    text = "\n".join(lines)
    built = EmailMessage(policy=email.policy.SMTP)
    built["From"] = Address("Jane Buyer", "jane", "buyer.example")
    built["To"] = [Address(who, *address.split("@")) for who, address in people]
    built["Subject"] = subject
    built.set_content(text + "\n")
    if html:
        built.add_alternative(
            "<p>" + "<br>".join(text.replace("&", "&amp;").replace("<", "&lt;").split("\n")) + "</p>", subtype="html"
        )
        if related:
            built.get_payload()[1].add_related(b"png", "image", "png", cid="<1>")  # type: ignore[index,union-attr]
    if attached:
        built.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=name)
    raw = built.as_bytes()
    theirs = email.message_from_bytes(raw, policy=email.policy.default)

    ours = read_message(raw)

    # Its writer may encode the comma between two mailboxes, which then are one to it.
    assume([address.addr_spec for address in theirs["to"].addresses] == [address for _, address in people])
    plain = theirs.get_body(("plain",))
    assert plain is not None
    assert ours.body.split() == plain.get_content().split()
    assert [mailbox.address for mailbox in ours.to] == [address for _, address in people]
    assert [mailbox.name for mailbox in ours.to] == [who for who, _ in people]
    assert ours.subject == subject
    assert [item.name for item in ours.attachments if item.type == "application/pdf"] == ([name] if attached else [])


# -- mails with damage


@lru_cache(maxsize=1)
def seeds() -> tuple[bytes, ...]:
    """The mails below tests/ and training/, and some that are made; small ones first."""
    found = [path.read_bytes() for folder in ("tests", "training") for path in sorted((ROOT / folder).rglob("*.eml"))]
    return tuple(sorted((*found, *build_corpus(60, seed=3).mails), key=len))


def mutated(raw: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """One to six kinds of damage that transport, gateways and attackers do."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(9)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[at : at + chance.choice((1, 10, 200))]
        elif kind == 2:
            data[at:at] = chance.choice(
                (b"\0", b"\r", b"\n\n", b"\xff", b"--", b"=", b"<", b">", b'"', b"(", b"=?utf-8?q?", b"<!--", b"\x1b$B")
            )
        elif kind == 3:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            data[at:at] = other[start : start + 2000]
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            lines = bytes(data).split(b"\n", 12)
            data[:] = b"\n".join((*lines[: chance.randrange(len(lines))], chance.choice(lines), *lines))
        elif kind == 6:
            data[:] = data.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\r\n")))
        elif kind == 7:
            data[:] = data.replace(b"--", b"-", 1) if chance.random() < 0.5 else data.replace(b"boundary", b"boundry", 1)
        else:
            data[at:at] = data[at : at + 300] * chance.choice((2, 20))
    return bytes(data)


def attack(rounds: int, seed: int) -> Iterator[float]:
    """Reads damaged mails; the seconds each took."""
    chance = random.Random(seed)
    mails = seeds()
    for _ in range(rounds):
        raw = mutated(chance.choice(mails[: len(mails) * 9 // 10]), mails, chance)
        begun = time.process_time()
        message = read_message(raw, ours=OURS)
        yield time.process_time() - begun
        assert_sound(message, raw)
        assert_sound(relabel(message, OURS), raw)


def test_damaged_mails_are_read() -> None:
    assert max(attack(400, seed=datetime(2026, 11, 2).toordinal())) < 10


@pytest.mark.soak
def test_damaged_mails_are_read_for_long(soak_minutes: float) -> None:
    end, seed = time.monotonic() + 60 * soak_minutes, 0
    while time.monotonic() < end:
        assert max(attack(500, seed)) < 10, f"seed {seed}"
        seed += 1
    sys.stdout.write(f"{500 * seed} damaged mails\n")
