"""The reader under attack: every limit of docs/spec/safety.md 2.3 row 14, and what the worst mails that are let in may cost."""

import gc
import time
from collections.abc import Callable

import pytest

from supportbot.mail.content import MAX_LINES, MAX_TEXT
from supportbot.mail.headers import MAX_HEADER, MAX_HEADER_BLOCK, MAX_HEADER_LINES, MAX_PARAMETERS
from supportbot.mail.message import InboundMessage
from supportbot.mail.mime import MAX_DEPTH, MAX_PARTS
from supportbot.mail.parse import MAX_SIZE, read_message, relabel

HEAD = b"From: Jane <jane@buyer.example>\r\nTo: s@shop.example\r\nSubject: Re: order\r\n"
SENT = "Dear buyer, your order has shipped but was cancelled. Will you keep it and be charged again?"
SECONDS = 4.0  # of this process, on any machine; on the one this was written on the worst of them takes 1.3


def assert_tiled(message: InboundMessage) -> None:
    assert "".join(message.body[part.start : part.end] for part in message.segments) == message.body


# -- each limit: what is at it is read whole, what is beyond it is named


def with_header(header: bytes) -> bytes:
    return HEAD + header + b"\r\nYes."


def of_size(size: int) -> bytes:
    return with_header(b"").ljust(size, b"x")


def header_block(size: int) -> bytes:
    line = b"X-Y: " + b"y" * 993 + b"\r\n"
    room = size - len(HEAD)
    return with_header(line * (room // 1000) + b"X: ".ljust(room % 1000 + 998, b"z")[: room % 1000 - 2] + b"\r\n")


def nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + opening + b"\r\nYes.\r\n" + b"".join(b"--b%d--\r\n" % n for n in reversed(range(depth)))


def parted(count: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nYes.\r\n" * count + b"--b--\r\n"


LIMITS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "too-large": (of_size, MAX_SIZE),
    "header-block-too-large": (header_block, MAX_HEADER_BLOCK),
    "header-too-large": (lambda size: with_header(b"X:" + b"y" * size + b"\r\n"), MAX_HEADER),
    "too-many-header-lines": (lambda count: with_header(b"X: y\r\n" * (count - 3)), MAX_HEADER_LINES),
    "too-deep": (nested, MAX_DEPTH),
    "too-many-parts": (parted, MAX_PARTS),
    "too-many-addresses": (lambda count: with_header(b"Cc: " + b", ".join([b"a@b.example"] * count) + b"\r\n"), 500),
    "too-many-parameters": (lambda n: with_header(b"Content-Type: text/plain" + b"; a=b" * n + b"\r\n"), MAX_PARAMETERS),
}


@pytest.mark.parametrize("defect", LIMITS)
def test_what_is_at_a_limit_is_read_and_what_is_beyond_it_is_named(defect: str) -> None:
    made, limit = LIMITS[defect]

    assert defect not in read_message(made(limit)).defects
    beyond = read_message(made(limit + 1))
    assert defect in beyond.defects
    assert beyond.sender is not None


def test_the_words_of_a_mail_are_bounded_in_characters_and_in_lines() -> None:
    for body, length in ((b"word " * 100_000, MAX_TEXT), (b"word\r\n" * 40_000, MAX_LINES * 5)):
        message = read_message(HEAD + b"\r\n" + body)

        assert len(message.body) <= length
        assert "text-truncated" in message.defects
        assert not message.boundary_certain


def test_messages_in_messages_cost_no_more_than_two_mails() -> None:
    message = read_message(
        b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * 10 + HEAD + b"\r\n" + b"x" * (MAX_SIZE // 3)
    )

    assert sum(len(item.raw or b"") for item in message.forwarded) <= 2 * MAX_SIZE
    assert "too-large" in message.defects


# -- the worst that is let in


def full(unit: bytes, size: int = MAX_SIZE - 4096) -> bytes:
    return unit * (size // len(unit))


def body(kind: bytes, data: bytes, encoding: bytes = b"8bit") -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + data


def alternatives(plain: bytes, html: bytes, count: int = 1) -> bytes:
    both = b"--c%d\r\n\r\n%s\r\n--c%d\r\nContent-Type: text/html\r\n\r\n%s\r\n--c%d--\r\n"
    opened = b"--b\r\nContent-Type: multipart/alternative; boundary=c%d\r\n\r\n"
    return body(b"multipart/mixed; boundary=b", b"".join(opened % n + both % (n, plain, n, html, n) for n in range(count)))


ATTACHED = b"--b\r\n\r\nYes\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
TNEF = b"\x78\x9f\x3e\x22\0\0"
BER = bytes.fromhex("308006092a864886f70d010702a080308002010131003080060101a080")
PLAIN, HTML, MIXED = b"text/plain; charset=utf-8", b"text/html", b"multipart/mixed; boundary=b"
SOME = 1_900_000  # octets of text that are decoded, just below the limit

WORST: dict[str, Callable[[], bytes]] = {
    "one long line": lambda: body(PLAIN, full(b"x")),
    "one long line of words": lambda: body(PLAIN, full(b"word ")),
    "zeros": lambda: body(PLAIN, full(b"\0")),
    "carriage returns": lambda: full(b"From: a@b.example\r"),
    "damaged base64": lambda: body(PLAIN, full(b"AAAA*AAA\r\n"), b"base64"),
    "padded base64": lambda: body(PLAIN, full(b"QQ=="), b"base64"),
    "attached base64": lambda: body(MIXED, ATTACHED + full(b"QUFB" * 19 + b"\r\n")),
    "damaged attached base64": lambda: body(MIXED, ATTACHED + full(b"QUF=B*" * 13 + b"\r\n")),
    "quoted-printable": lambda: body(PLAIN, full(b"=3D= \r\n"), b"quoted-printable"),
    "quoted-printable blanks": lambda: body(PLAIN, full(b" ") + b"= ", b"quoted-printable"),
    "header fields": lambda: HEAD + full(b"X-Y: z\r\n"),
    "header without fields": lambda: HEAD + full(b"words without a colon\r\n"),
    "folded header": lambda: HEAD + b"X: " + full(b"\r\n y"),
    "fields in the body": lambda: body(PLAIN, full(b"From: a@b.example\r\n")),
    "beginnings of boundaries": lambda: body(MIXED, full(b"--bx\r\n")),
    "boundaries in lines": lambda: body(MIXED, full(b"x--b ")),
    "boundary of a dash": lambda: body(b"multipart/mixed; boundary=-", full(b"-")),
    "many parts": lambda: body(MIXED, full(b"--b\r\n\r\nx\r\n")),
    "many messages": lambda: body(b"multipart/digest; boundary=b", full(b"--b\r\n\r\nFrom: a@b\r\n\r\nx\r\n")),
    "large messages": lambda: body(
        b"multipart/digest; boundary=b",
        (b"--b\r\n\r\nFrom: a@b.example\r\nSubject: Fwd: x\r\n\r\n" + b"From: a\r\n" * 4000) * 490,
    ),
    "messages in messages": lambda: (
        b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * 19 + HEAD + b"\r\n" + full(b"w\r\n")
    ),
    "deep parts": lambda: nested(MAX_DEPTH)[:-400] + full(b"--b0 \r\nx\r\n"),
    "one boundary for all": lambda: body(MIXED, full(b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")),
    "many HTML parts": lambda: body(MIXED, (b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<b>x</b>" * 5500) * 490),
    "many alternatives": lambda: alternatives(b"no " * 9000, b"<p>yes " * 7000, 160),
    "long alternatives": lambda: alternatives(b"no yes not " * 35_000, b"<i>yes</i> " * 45_000),
    "many winmail.dat": lambda: body(
        MIXED, (b"--b\r\nContent-Type: application/ms-tnef\r\n\r\n" + TNEF + b"\1\2\0\6\0\0\0\0\0\0\0" * 4000) * 490
    ),
    "uuencode begun": lambda: body(PLAIN, full(b"begin 644 x\nMxxxx\n", SOME)),
    "uuencode without end": lambda: body(PLAIN, full(b"begin 644 x\n#86)C\n", SOME)),
    "opaque signature in pieces": lambda: body(b"application/pkcs7-mime", BER + full(b"\x24\x80\x04\x01x")),
    "UTF-7": lambda: body(b"text/plain; charset=utf-7", full(b"+AGE-", SOME)),
    "ISO-2022-JP escapes": lambda: body(b"text/plain; charset=iso-2022-jp", full(b"\x1b$B\x1b(B", SOME)),
    "damaged UTF-8": lambda: body(PLAIN, full(b"\xc3\x83\xc2\x28", SOME)),
    "damaged UTF-16": lambda: body(b"text/plain; charset=utf-16", full(b"\0a\xd8\0", SOME)),
    "no charset": lambda: body(b"text/plain", full(b"\xe4\xf6 a", SOME)),
    "doubled UTF-8": lambda: body(PLAIN, full("Ã¼".encode(), SOME)),
    "enriched": lambda: body(b"text/enriched", full(b"<<", SOME)),
    "enriched parameters": lambda: body(b"text/enriched", full(b"<param>", SOME)),
    "flowed": lambda: body(b"text/plain; format=flowed", full(b"> x \r\n>> \r\n", SOME)),
    "HTML brackets": lambda: body(HTML, b"<" * 499_000),
    "HTML nest": lambda: body(HTML, (b"<div>" * 250 + b"x" + b"</div>" * 250) * 180),
    "HTML nest behind strange tags": lambda: body(HTML, b"<div></x>" * 50_000),
    "HTML quotes": lambda: body(HTML, b"<blockquote>" * 250 + b"<p>x<br>" * 60_000),
    "HTML open formats": lambda: body(
        HTML, b"<p>" + b"".join(b"<b a=%d>" % n for n in range(250)) + b"</p>" + b"<p>x" * 20_000
    ),
    "HTML attributes": lambda: body(HTML, b"<a " + b" ".join(b"a%d" % n for n in range(60_000)) + b">"),
    "HTML choices": lambda: body(HTML, b"<select>" + b"<option>x" * 50_000),
    "HTML tables": lambda: body(HTML, b"<table>" + b"<tr><td>x<td>y" * 35_000),
    "HTML sheets": lambda: body(
        HTML,
        b"<style>"
        + b"".join(b"div b.x%d i{display:none}" % n for n in range(60))
        + b"</style>"
        + b"<div><b><i>a</i></b></div>" * 15_000,
    ),
    "HTML siblings": lambda: body(HTML, b"<style>" + b"i ~ i ~ i{display:none}" * 60 + b"</style>" + b"<i>x</i>" * 60_000),
    "HTML styles": lambda: body(HTML, b"".join(b'<i style="color:#%06x">x</i>' % n for n in range(17_000))),
    "HTML comments of styles": lambda: body(HTML, b"<style>" + b"/* " * 160_000),
    "HTML pictures": lambda: body(HTML, b"<img src='data:image/png;base64," + full(b"A") + b"'>yes"),
    "HTML beginnings of pictures": lambda: body(HTML, full(b"data:a,")),
    "HTML paragraphs": lambda: body(HTML, full(b"<p>x</p>")),
    "encoded words": lambda: HEAD.replace(b"Re: order", b"=?utf-8?q?a?= " * 2300) + b"\r\nx",
    "encoded words begun": lambda: HEAD.replace(b"Re: order", b"=?u?q?" * 5400) + b"\r\nx",
    "ids begun": lambda: with_header(b"References: " + b"<" * 32_000 + b"\r\n"),
    "bare ids": lambda: with_header(b"References: " + b"a@" * 16_000 + b"\r\n"),
    "quoted addresses begun": lambda: with_header(b"Cc: " + b'<"' * 16_000 + b"\r\n"),
    "addresses begun": lambda: with_header(b"Cc: " + b"a@" * 16_000 + b"\r\n"),
    "spaced addresses": lambda: with_header(b"Cc: " + b"a . " * 8000 + b"@x\r\n"),
    "parameters begun": lambda: with_header(b"Content-Type: text/plain" + b';a="' * 6500 + b"\r\n"),
}
TEXTS = (
    "On ", ">", " ", "From:\n", "From: a@b.example\nTo: x\nDate: y\nSubject: z\n\n", "> a\n", "On 2 Nov 2026 a wrote:\n",
    "On 2 Nov 2026 at\n", "-----Original Message-----\n", "-- \n", "_", "a@", ":", "\n", "www.", "<", "(", "Am 2. ", "1. ",
    "様", "Best regards\nJane\n+49 30 123456\n", "\t \n", "Sent from my ", "yes\nno\n> x\n", "Hello Jane\n", "* ", "[cid:",
    "111", "- ", "Re: ",
)  # fmt: skip


@pytest.mark.parametrize("name", WORST)
def test_the_worst_mails_that_are_let_in_cost_little(name: str) -> None:
    raw = WORST[name]()
    assert len(raw) <= MAX_SIZE
    gc.collect()  # what other tests left behind is none of its cost
    begun = time.process_time()
    message = read_message(raw)

    assert time.process_time() - begun < SECONDS
    assert_tiled(message)
    assert len(message.body) <= MAX_TEXT


@pytest.mark.parametrize("unit", TEXTS)
@pytest.mark.parametrize("prefix", [b"Re: ", b"Fwd: "])
def test_the_worst_words_cost_little(unit: str, prefix: bytes) -> None:
    raw = body(PLAIN, (unit * (MAX_TEXT // len(unit))).encode()).replace(b"Re: ", prefix)
    begun = time.process_time()
    message = read_message(raw)
    later = relabel(message, [SENT])

    assert time.process_time() - begun < 2 * SECONDS
    assert_tiled(message)
    assert_tiled(later)
