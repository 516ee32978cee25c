"""Reading a message: whatever the octets are, no word and no address is lost, and faults have names."""

import base64
import email
import email.policy
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import supportbot.mail
from supportbot.mail.addresses import read_addresses
from supportbot.mail.charsets import decode_text
from supportbot.mail.headers import read_parameters
from supportbot.mail.hypertext import VisibleText, visible_text
from supportbot.mail.message import Attachment, InboundMessage, Mailbox
from supportbot.mail.parse import parse_mailbox, read_message, relabel
from supportbot.mail.textforms import unflow

HEAD = b"From: Jane <jane@buyer.example>\r\nTo: s@shop.example\r\nSubject: Re: order\r\nMessage-ID: <1@buyer.example>\r\n"


def mail(body: bytes, extra: bytes = b"", head: bytes = HEAD) -> InboundMessage:
    return read_message(head + extra + b"\r\n" + body)


def assert_tiled(message: InboundMessage) -> None:
    assert "".join(message.body[part.start : part.end] for part in message.segments) == message.body


def test_a_plain_message_is_read_whole() -> None:
    message = read_message(
        b"From: Jane Buyer <jane@Buyer.Example>\r\nTo: a@x.example, B <b@x.example>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n"
        b"Date: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@b>\r\nIn-Reply-To: <0@x>\r\n"
        b"References: <r@x>\r\n <0@x>\r\n\r\nYes.\r\n"
    )

    assert message.sender == Mailbox("Jane Buyer", "jane@buyer.example")
    assert [mailbox.address for mailbox in message.to] == ["a@x.example", "b@x.example"]
    assert message.subject == "café"
    assert message.date == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert (message.message_id, message.in_reply_to, message.references) == ("<1@b>", "<0@x>", ("<r@x>", "<0@x>"))
    assert (message.new_text, message.defects) == ("Yes.", ())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Shop, Inc. [X] <a@b.example>", [("Shop, Inc. [X]", "a@b.example")]),
        ('"Doe, Jane" <j@b.example>, k@c.example', [("Doe, Jane", "j@b.example"), ("", "k@c.example")]),
        ("j@b.example (Jane (the buyer) Doe)", [("Jane (the buyer) Doe", "j@b.example")]),
        ("Team: a@b.example, b@b.example;", [("", "a@b.example"), ("", "b@b.example")]),
        ("<@relay.example,@x.example:j@b.example>", [("", "j@b.example")]),
        ('"unclosed <j@b.example>', [("unclosed", "j@b.example")]),
        ("RE: Jane <j@b.example>", [("RE: Jane", "j@b.example")]),
        ("'Jane' <j@B.EXAMPLE.>", [("Jane", "j@b.example")]),
        ("=?utf-8?q?J=C3=BCrgen?= <j@b.example>", [("Jürgen", "j@b.example")]),
        ("Jane j@b.example", [("Jane", "j@b.example")]),
        ("j@bücher.example".encode().decode("latin-1"), [("", "j@xn--bcher-kva.example")]),
        ("jürgen@b.example".encode().decode("latin-1"), [("", "jürgen@b.example")]),
        ('"a, \\"b\\" <c"@b.example', [("", '"a, \\"b\\" <c"@b.example')]),
        ('J <"a>b"@c.example>', [("J", '"a>b"@c.example')]),
        ("jane . doe @ b.example", [("", "jane.doe@b.example")]),
        ("Pete(A \\) chap) <pete(his account)@silly.example(his host)>", [("Pete", "pete@silly.example")]),
        ('"Doe \\"J\\" Jane" <j@b.example>', [('Doe "J" Jane', "j@b.example")]),
        ("=?utf-8?q?Doe,_Jane?= <j@b.example>", [("Doe, Jane", "j@b.example")]),
        ('"=?utf-8?q?J=C3=BCrgen?=" <j@b.example>', [("Jürgen", "j@b.example")]),
        ("a@b.example c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("x@[IPv6:2001:db8::1], y@z.example;", [("", "x@[ipv6:2001:db8::1]"), ("", "y@z.example")]),
    ],
)
def test_no_address_is_lost(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(mailbox.name, mailbox.address) for mailbox in read_addresses(value).mailboxes] == expected


@pytest.mark.parametrize(
    "value", ["<a@good.example><b@evil.example>", "a@good.example, b@evil.example", "=?utf-8?q?a=40b.example?="]
)
def test_a_from_that_two_readers_could_read_differently_names_nobody(value: str) -> None:
    message = read_message(f"From: {value}\r\n\r\nx".encode())

    assert message.sender is None
    assert message.defects != ()


def test_fields_that_may_stand_once_and_stand_twice_are_defects() -> None:
    message = read_message(b"From: a@b.example\r\nSubject: one\r\nfrom: c@d.example\r\nSubject: two\r\n\r\nx")

    assert {"duplicate-from", "duplicate-subject", "conflicting-from", "conflicting-subject"} <= set(message.defects)
    assert message.header("subject") == ("one", "two")


def test_the_same_field_twice_is_not_two_that_disagree() -> None:
    assert read_message(b"From: a@b.example\r\nSubject: one\r\nSubject:  one\r\n\r\nx").defects == ("duplicate-subject",)


def test_two_content_types_leave_nobody_sure_what_was_written() -> None:
    message = read_message(b"From: a@b.example\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>yes</p>")

    assert "conflicting-content-type" in message.defects
    assert not message.boundary_certain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?q?What?_yes?=", "What? yes"),
        ("=?utf-8?b?w7w=?==?utf-8?q?x?=", "üx"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
        ("=?utf-8*de?q?x y?=", "x y"),
        ("=?iso-8859-1?q?J=C3=BCrgen?=", "Jürgen"),
        ("=?x-nothing?q?caf=E9?=", "café"),
        ("=?iso-2022-jp?B?GyRCJE8kJBsoQg==?= =?iso-2022-jp?B?GyRCJE8kJBsoQg==?=", "はいはい"),
        ("=?utf-8?q?abc =?utf-8?q?def?=", "=?utf-8?q?abc def"),
        ("Größe".encode().decode("latin-1"), "Größe"),
    ],
)
def test_a_subject_is_what_its_writer_meant(value: str, expected: str) -> None:
    assert read_message(b"From: a@b.example\r\nSubject: " + value.encode("latin-1") + b"\r\n\r\nx").subject == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<a@b><c@d>", ("<a@b>", "<c@d>")),
        ("<a@b> c@d, e@f", ("<a@b>", "<c@d>", "<e@f>")),
        ("<a@b>\r\n <c@\r\n\td>", ("<a@b>", "<c@d>")),
        ("<<a b@[c]>", ("<ab@[c]>",)),
        ("<a@b> (comment <x@y>)", ("<a@b>",)),
        ('Your message of "Mon, 2 Nov" <a@b>', ("<a@b>",)),
        ("=?utf-8?q?=3Cabc=40x=3E?=", ("<abc@x>",)),
        ("a@b", ("<a@b>",)),
        ("20261102", ("<20261102>",)),
        ("(not closed <a@b>", ("<a@b>",)),
        ("<>", ()),
        ("words without any", ()),
    ],
)
def test_message_ids_are_found_in_every_mess(value: str, expected: tuple[str, ...]) -> None:
    message = read_message(b"From: a@b.example\r\nReferences: " + value.encode() + b"\r\n\r\nx")

    assert message.references == expected


NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 2 Nov 2026 13:00:00 +0100 (CET)",
        "2 Nov 2026 12:00 GMT",
        "Mon, 02 Nov 26 07:00:00 EST",
        "Mon (first), 2 (x(y)) Nov 2026 12 : 00 : 00 -0000",
        "Mon Nov  2 12:00:00 2026",
        "Mon Nov  2 13:00:00 CET 2026",
        "2026-11-02T12:00:00Z",
        "2026-11-02 13:00:00.25+01:00",
        "Mo, 2 Nov 2026 13:00:00 +0100",
        "lun., 2 nov. 2026 13:00:00 +0100",
        "=?utf-8?q?pon=2E=2C?= 2 listopada 2026 12:00",
        "Mon, 2-Nov-2026 12:00:00 UT",
        "Nov 2, 2026 1:00 PM +0100",
        "Mon, 2 Nov 2026 13:00:00 GMT+1",
        "Fri, 2 Nov 2026 12:00:00 Z",
        "Mon, 2 Nov 2026 12.00.00",
        "Mon Nov 2 13:00:00 2026 +0100",
        "Mon, Nov 02 26 12:00:00",
    ],
)
def test_a_date_is_read_however_it_is_written(value: str) -> None:
    assert read_message(b"From: a@b.example\r\nDate: " + value.encode() + b"\r\n\r\nx").date == NOON


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 31 Feb 2026 10:00:00 +0000",
        "Mon, 2 Nov 2026 25:00:00 +0000",
        "Mon, 2 Nov 2026 10:00:00 +0199",
        "02/11/2026",
        "yesterday",
    ],
)
def test_a_date_that_no_calendar_has_is_none_and_its_words_are_kept(value: str) -> None:
    message = read_message(b"From: a@b.example\r\nDate: " + value.encode() + b"\r\n\r\nx")

    assert message.date is None
    assert message.header("date") == (value,)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("attachment; filename*1*=%BCro.pdf; filename*0*=utf-8''b%C3", "büro.pdf"),
        ('attachment; filename="=?utf-8?q?b=C3=BCro.pdf?="', "büro.pdf"),
        ('attachment; filename*0="=?utf-8?q?b=C3=BC"; filename*1="ro.pdf?="', "büro.pdf"),
        ("attachment; filename=x.pdf; filename*=utf-8''y.pdf", "y.pdf"),
        ("attachment; filename*=iso-8859-1'de'b%FCro.pdf", "büro.pdf"),
        ('attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'),
        ("attachment; filename=büro.pdf", "büro.pdf"),
        ("attachment; filename=report (1).pdf", "report (1).pdf"),
    ],
)
def test_the_name_of_an_attachment_is_read_as_it_was_meant(header: str, name: str) -> None:
    message = attached(b"x", b"Content-Type: application/pdf\r\nContent-Disposition: " + header.encode() + b"\r\n")

    assert [item.name for item in message.attachments] == [name]


@pytest.mark.parametrize(
    ("header", "defect"),
    [
        (b"From : a@good.example\r\nFrom: b@evil.example\r\n", "space-before-colon"),
        (b" From: a@good.example\r\nFrom: b@evil.example\r\n", "continuation-without-field"),
        (b"From\0: a@good.example\r\nFrom: b@evil.example\r\n", "malformed-header-line"),
        (b"From: a@good.example\0\r\n", "nul-in-header"),
        (b"From: a@good.example\rX: y\r\n", "bare-cr-in-header"),
        (b"From: a@b.example\r\n" + b"X: y\r\n" * 1200, "too-many-header-lines"),
        (b"From: a@b.example\r\nX: " + b"y" * 40_000 + b"\r\n", "header-too-large"),
        (
            b"From: a@b.example\r\n" + b"X: " + b"y" * 900 + b"\r\n" + (b"Y: " + b"z" * 900 + b"\r\n") * 200,
            "header-block-too-large",
        ),
        (b"From: a@b.example\r\nContent-Type: text/plain" + b"; a=b" * 60 + b"\r\n", "too-many-parameters"),
        (b"From: a@b.example\r\nTo: " + b"a@b.example," * 900 + b"\r\n", "too-many-addresses"),
    ],
)
def test_a_header_block_that_readers_would_disagree_on_has_a_defect(header: bytes, defect: str) -> None:
    assert defect in read_message(header + b"\r\nbody").defects


def test_a_body_that_follows_the_header_without_a_blank_line_is_kept() -> None:
    assert read_message(b"From: a@b.example\nSubject: x\nHello there\nYes I accept").new_text == "Hello there\nYes I accept"


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße “x”".encode("cp1252"), "iso-8859-1", "Grüße “x”"),
        ("Grüße".encode("cp1252"), "x-unknown", "Grüße"),
        ("Grüße".encode(), "utf8mb4", "Grüße"),
        ("はい、①了承します".encode("cp932"), "shift_jis", "はい、①了承します"),
        (b"\x1b$B$O$$-!\x1b(B ok", "iso-2022-jp", "はい① ok"),
        ("好的，同意".encode("gb18030"), "gb2312", "好的，同意"),
        (b"abc-\xe9", "punycode", "abc-é"),
    ],
)
def test_text_is_what_its_writer_meant_whatever_the_label_says(data: bytes, charset: str, expected: str) -> None:
    assert decode_text(data, charset)[0] == expected


def test_base64_with_a_list_footer_keeps_both() -> None:
    body = base64.encodebytes(b"Yes, I accept.\n") + b"_______\nlist mailing list - see the web page\n"

    message = mail(body, b"Content-Transfer-Encoding: base64\r\n")

    assert message.body.startswith("Yes, I accept.")
    assert "list mailing list" in message.body
    assert "base64-damaged" in message.defects


def alternative(plain: str, html: str) -> InboundMessage:
    return mail(
        (
            f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--b\r\nContent-Type: "
            f"text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
        ).encode(),
        b'Content-Type: multipart/alternative; boundary="b"\r\n',
    )


def test_html_speaks_where_the_plain_part_is_empty() -> None:
    assert alternative(" ", "<p>I <b>accept</b></p>").new_text == "I accept"


def test_alternatives_that_say_different_things_are_flagged_and_read_by_nobody() -> None:
    message = alternative("I do not accept it.", "<p>I accept it.</p>")

    assert "plain-html-differ" in message.defects
    assert not message.boundary_certain


def test_alternatives_that_differ_in_markup_only_are_alike() -> None:
    message = alternative(
        "Yes, *I accept*: <https://x.example/>\r\n\r\n- one",
        '<p>Yes, <b>I accept</b>: <a href="https://x.example/">https://x.example/</a></p><ul><li>one</ul>',
    )

    assert message.defects == ()
    assert message.boundary_certain


HIDING = [
    "display:none",
    "DISPLAY : NONE !important",
    "display:/* */none",
    "d\\69 splay:none",
    "visibility: hidden",
    "font-size:0px",
    "font-size:1px",
    "font-size:.5pt",
    "line-height:0",
    "max-height:0;overflow:hidden",
    "height:0;overflow:hidden",
    "width:0px;overflow:hidden",
    "opacity: 0",
    "mso-hide:all",
    "color:#FFFFFF",
    "color:#fefefe",
    "color:rgb(250, 250, 250)",
    "color:hsl(0,0%,100%)",
    "color:transparent",
    "color:rgba(0,0,0,0)",
    "color:red;background:#ff0000",
    "background-color:black;color:#000",
    "text-indent:-9999px",
    "position:absolute;left:-9999px",
    "position:absolute; clip: rect(0 0 0 0)",
    "clip-path:inset(50%)",
]


@pytest.mark.parametrize("style", HIDING)
def test_text_that_no_reader_sees_is_not_read(style: str) -> None:
    by_attribute = f'<body>Hello<div style="{style}">I accept</div><p>Bye'
    by_sheet = f"<style>p.y, .x {{ {style} }}</style><body>Hello<div class=x>I accept</div><p>Bye"

    for html in (by_attribute, by_sheet):
        seen = visible_text(html)
        assert seen.text.split() == ["Hello", "Bye"]
        assert seen.defects == ("hidden-text",)


@pytest.mark.parametrize(
    "style",
    [
        "color:#ccc",
        "opacity:.5",
        "background:#000;color:#fff",
        "background:rgb(0, 0, 0) none;color:#fff",
        "background:url(x);color:#fff",
        "color:var(--ink)",
        "max-width:0",
        "width:1%;overflow:hidden",
        "height:auto;overflow:hidden",
        "position:absolute;left:auto;top:10px",
        "text-indent:20px",
    ],
)
def test_text_that_a_reader_sees_is_read(style: str) -> None:
    assert visible_text(f'<body>Hello<div style="{style}">I accept</div><p>Bye').text.split() == ["Hello", "I", "accept", "Bye"]


@pytest.mark.parametrize("sheet", ['" >\n<b>x{display:none}', "p:hover::{color:red}", "[[{x:y}", "a:not({x:y}", "\x00{x:y}"])
def test_a_style_sheet_that_is_none_hides_nothing(sheet: str) -> None:
    assert visible_text(f"<style>{sheet}</style><p>words").text == "words"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div hidden>no</div>yes", "yes"),
        ("<p aria-hidden=true>yes", "yes"),
        ("<script>no</script><!-- no --><title>no</title>yes", "yes"),
        ("<!--[if mso]>no<![endif]--><![if !mso]>yes<![endif]>", "yes"),
        ("<style>@media (max-width:1px){.x{display:none}} .x:hover{display:none}</style><p class=x>yes", "yes"),
        ("<style>@media screen{.x{display:none}}</style><p class=x>no</p>yes", "yes"),
        ('<div style="color:#fff">no<a href=x>link</a>', "link"),
        ('<div style="font-size:0">no<span style="font-size:14px">yes', "yes"),
        ('<div style="visibility:hidden">no<b style="visibility:visible">yes', "yes"),
        ('<table bgcolor="#000"><tr><td><font color="#fff">yes', "yes"),
        ("<body bgcolor=black text=white>yes", "yes"),
        ("<font color=white>no</font>yes", "yes"),
        ("<style>p{color:#fff} .d{background:#000}</style><div class=d><p>yes</div><p>no", "yes"),
    ],
)
def test_what_is_seen_depends_on_what_stands_around_it(html: str, expected: str) -> None:
    assert visible_text(html).text == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<div style="white-space:pre-wrap">a\n  b\nc</div>', "a\n  b\nc"),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d"),
        ("<b>From:</b> X &lt;a@b&gt;<br><b>Sent:</b> y<br><b>To:</b> z", "From: X <a@b>\nSent: y\nTo: z"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a b\nc d"),
        ('<span style="display:block">a</span>b', "a\nb"),
        ("<b><i>a</b>b</i> &amp; &euro;&#8364;&bogus;", "ab & €€&bogus;"),
        (
            '<div>Yes</div><div class="gmail_quote"><div class="gmail_attr">On 2 Nov 2026, J wrote:<br></div>'
            '<blockquote class="gmail_quote"><div>q</div></blockquote></div>',
            "Yes\nOn 2 Nov 2026, J wrote:\n> q",
        ),
    ],
)
def test_html_is_laid_out_in_lines(html: str, expected: str) -> None:
    assert visible_text(html).text == expected


def test_an_embedded_picture_does_not_make_a_mail_too_large() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 900_000}">'

    assert visible_text(f"<p>Yes</p>{picture}<p>Bye</p>") == VisibleText("Yes\n\nBye")


def test_beyond_the_bounds_the_words_are_kept_without_scripts_and_comments() -> None:
    seen = visible_text("<style>no</style><!-- no --><script>no</script>" + "<div>" * 300 + "yes")

    assert seen == VisibleText("yes", ("html-too-deep",))


def test_html_keeps_lines_lists_tables_and_quotes() -> None:
    html = (
        "<div>one<br>two</div><ol><li>a<li>b</ol><table><tr><td>1<td>2</table>"
        "<blockquote>q<blockquote>r</blockquote></blockquote>end"
    )

    assert visible_text(html).text == "one\ntwo\n\n1. a\n2. b\n\n1 2\n\n> q\n>> r\n\nend"


def test_zero_width_and_bidi_characters_are_removed_and_flagged() -> None:
    message = mail("I do n\u200bot acc\u202eept".encode(), b"Content-Type: text/plain; charset=utf-8\r\n")

    assert message.new_text == "I do not accept"
    assert message.defects == ("invisible-characters",)


def test_flowed_text_is_joined_within_one_depth_of_quoting() -> None:
    assert (
        unflow("I \r\naccept.\r\n> do \r\n> you?\r\n  stuffed\r\n-- \r\nJane", delete_space=False)
        == "I accept.\n> do you?\n stuffed\n-- \nJane"
    )


INNER = (
    b"From: Jane   <jane@buyer.example>\r\nTo:  s@shop.example\r\nSubject: Re:\r\n order\r\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0000\r\nMessage-ID: <i@buyer.example>\r\n\r\nI accept.\r\n"
)


def attached(inner: bytes, header: bytes) -> InboundMessage:
    return mail(
        b"--bb\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n--bb\r\n" + header + b"\r\n" + inner + b"\r\n--bb--\r\n",
        b"Content-Type: multipart/mixed; boundary=bb\r\n",
    )


@pytest.mark.parametrize(
    ("inner", "header"),
    [
        (INNER, b"Content-Type: message/rfc822\r\n"),
        (base64.encodebytes(INNER), b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n"),
        (
            base64.encodebytes(INNER),
            (b'Content-Type: application/octet-stream; name="chain.eml"\r\nContent-Transfer-Encoding: base64\r\n'),
        ),
    ],
)
def test_an_attached_message_is_kept_as_its_exact_octets(inner: bytes, header: bytes) -> None:
    message = attached(inner, header)

    (found,) = message.forwarded
    assert found.raw == INNER
    assert (found.how, found.depth, found.body, found.subject) == ("attached", 1, "I accept.", "Re: order")
    assert message.new_text == "see attached"


def test_a_message_attached_to_an_attached_message_is_found_deeper() -> None:
    outer = (
        (
            b"From: s@shop.example\r\nContent-Type: multipart/mixed; boundary=cc\r\n\r\n--cc\r\n"
            b"Content-Type: message/rfc822\r\n\r\n"
        )
        + INNER
        + b"\r\n--cc--\r\n"
    )

    assert [(item.depth, item.message_id) for item in attached(outer, b"Content-Type: message/rfc822\r\n").forwarded] == [
        (1, None),
        (2, "<i@buyer.example>"),
    ]


def test_a_boundary_that_begins_like_another_one_is_told_apart() -> None:
    message = mail(
        (b"--n1\r\nContent-Type: multipart/alternative; boundary=n10\r\n\r\n--n10\r\n\r\ninner words\r\n--n10--\r\n--n1--\r\n"),
        b"Content-Type: multipart/mixed; boundary=n1\r\n",
    )

    assert message.new_text == "inner words"


def test_attachments_are_listed_and_their_names_are_only_names() -> None:
    message = attached(
        base64.encodebytes(b"%PDF-1.4 "),
        (b"Content-Type: application/pdf; name*=utf-8''..%2F..%2Fb%C3%BCro.pdf\r\nContent-Transfer-Encoding: base64\r\n"),
    )

    assert message.attachments == (Attachment("büro.pdf", "application/pdf", 9),)


def test_parameters_follow_rfc_2231() -> None:
    value = "text/plain; name*0*=utf-8''a%20; name*1=b; charset=\"x;y\""

    assert read_parameters(value) == ("text/plain", {"name": "a b", "charset": "x;y"}, None)


def test_our_words_are_subtracted_later_when_the_thread_is_known() -> None:
    message = mail(b"Yes, both.\r\n\r\nDear buyer, your order has\r\nshipped but was cancelled. Will you keep it?\r\n")

    later = relabel(message, ["Dear buyer, your order has shipped but was cancelled. Will you keep it?"])

    assert later.new_text == "Yes, both."
    assert later.quoted_text.startswith("Dear buyer")


def test_one_mailbox_is_read_from_text_and_two_are_none() -> None:
    assert parse_mailbox("Jürgen <j@b.example>") == Mailbox("Jürgen", "j@b.example")
    assert parse_mailbox("a@b.example, c@d.example") is None


# -- whatever the octets are ---------------------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        b"From: a@b.example\r\n",
        b"Subject: =?utf-8?q?x",
        b"?=",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"\r\n",
        b"> ",
        b"<div>",
        b"<",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Type: text/html; charset=",
        b"On 1 Nov 2026 x@y.z wrote:\n",
        b"\x1b$B",
        b"From:",
        b"-----Original Message-----\n",
        b"message/rfc822",
        b"\0",
        b"\xff",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(st.one_of(FRAGMENTS, st.binary(max_size=12)), max_size=40).map(b"".join)))
def test_no_octets_raise_and_the_labels_tile_the_body(raw: bytes) -> None:
    message = read_message(raw)

    assert_tiled(message)
    assert message.size == len(raw)
    assert_tiled(relabel(message, ["a b c d e f g h"]))


BOMBS = {
    "parameters": b"From: a@b.example\r\nContent-Type: text/plain" + b"; a=b" * 32_000 + b"\r\n\r\nx",
    "encoded words": b"From: a@b.example\r\nSubject: " + b" =?utf-8?q?a?=\r\n" * 16_000 + b"\r\n\r\nx",
    "encoded words on one line": b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?a?= " * 16_000 + b"\r\n\r\nx",
    "addresses": b"From: a@b.example\r\nTo: " + b"a@b.example, " * 8_000 + b"\r\n\r\nx",
    "comments": b"From: " + b"(" * 5_000 + b"a@b.example\r\n\r\nx",
    "multiparts": b"From: a@b.example\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000))
    + b"\r\nx",
    "messages": b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * 1000 + b"x",
    "html comments": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 20_000,
    "html anchors": b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
    "html nest": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 50_000,
    "html quotes": b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 50_000,
    "long subject": b"From: a@b.example\r\nSubject: " + b"x" * 1_000_000 + b"\r\n\r\nx",
    "on on on": b"From: a@b.example\r\n\r\n" + b"On " * 300_000,
    "blanks": b"From: a@b.example\r\n\r\n" + b" " * 1_000_000,
    "lines": b"From: a@b.example\r\n\r\n" + b"\n" * 400_000,
    "marks": b"From: a@b.example\r\n\r\n" + b">" * 400_000,
    "header blocks": b"From: a@b.example\r\nSubject: Fwd: x\r\n\r\n" + b"From: a\nDate: b\nTo: c\n" * 20_000,
    "header lines": b"From: a@b.example\r\n\r\n" + b"From: a\n" * 50_000,
    "parts": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 50_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_message_made_to_cost_time_costs_little(name: str) -> None:
    begun = time.process_time()
    message = read_message(BOMBS[name])
    relabel(message, ["some words that we sent to somebody"])

    assert time.process_time() - begun < 10  # what the reader may never take; the bench says what it takes
    assert_tiled(message)


def test_the_reader_agrees_with_the_standard_library_on_well_formed_mail() -> None:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "Jürgen Käufer <j@b.example>"
    message["To"] = "Shop <s@x.example>, t@x.example"
    message["Subject"] = "Bestellung " * 12 + "größer"
    message.set_content("Guten Tag,\n\nja, ich behalte es: 50 €.\n")
    message.add_alternative("<p>Guten Tag,</p><p>ja, ich behalte es: 50 €.</p>", subtype="html")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="pdf", filename="beleg für.pdf")
    raw = message.as_bytes()
    standard = email.message_from_bytes(raw, policy=email.policy.default)
    plain = standard.get_body(("plain",))

    ours = read_message(raw)

    assert plain is not None
    assert ours.body == plain.get_content().replace("\r\n", "\n").strip()
    assert ours.subject == standard["subject"]
    assert [mailbox.address for mailbox in ours.to] == [address.addr_spec for address in standard["to"].addresses]
    assert [item.name for item in ours.attachments] == [part.get_filename() for part in standard.iter_attachments()]
    assert ours.defects == ()


def test_no_module_of_the_floor_reads_addresses_with_the_standard_library() -> None:
    folder = Path(supportbot.mail.__file__).parent

    assert [
        path.name for path in folder.glob("*.py") if "parseaddr" in path.read_text() or "getaddresses" in path.read_text()
    ] == []
