"""What the parts of a mail hold: whatever wraps the words is opened, and what a person saw is what is read."""

import base64
import binascii
import struct
from email.message import EmailMessage

import pytest

from supportbot.mail.message import Attachment, InboundMessage
from supportbot.mail.parse import read_message

HEAD = b"From: Jane <jane@buyer.example>\r\nTo: s@shop.example\r\nSubject: Re: order\r\n"


def mail(content_type: str, body: bytes, *, encoding: str = "8bit") -> InboundMessage:
    header = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return read_message(HEAD + header.encode() + body)


def parts(kind: str, *items: tuple[str, bytes]) -> bytes:
    """A multipart body part with headers; the items are (Content-Type, body) or ("", a part made here)."""
    boundary = f"b{abs(hash((kind, items)))}".encode()
    body = b"".join(
        b"--" + boundary + b"\r\n" + (content if not header else f"Content-Type: {header}\r\n\r\n".encode() + content) + b"\r\n"
        for header, content in items
    )
    return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--\r\n' % (kind.encode(), boundary, body, boundary)


def tree(kind: str, *items: tuple[str, bytes]) -> InboundMessage:
    return read_message(HEAD + parts(kind, *items))


PLAIN, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"


# -- which parts are the words


def test_the_words_are_found_in_nested_parts() -> None:
    alternative = parts(
        "alternative", (PLAIN, b"I accept."), ("", parts("related", (HTML, b"<p>I accept."), ("image/png", b"x")))
    )
    message = tree("signed", ("", parts("mixed", ("", alternative))), ("application/pgp-signature", b"sig"))

    assert message.body == "I accept."
    assert message.defects == ()


def test_words_around_a_picture_are_all_read() -> None:
    message = tree("mixed", (PLAIN, b"See this:"), ("image/png; name=a.png", b"x"), (PLAIN, b"I do not accept it."))

    assert message.body == "See this:\n\nI do not accept it."
    assert [item.name for item in message.attachments] == ["a.png"]


def test_a_list_footer_beside_the_body_is_read_too() -> None:
    assert tree("mixed", (PLAIN, b"Yes."), (PLAIN, b"list footer")).body == "Yes.\n\nlist footer"


def test_a_named_text_is_a_file_beside_a_body_and_the_body_without_one() -> None:
    named = b'Content-Type: text/plain; name="notes.txt"\r\nContent-Disposition: inline; filename="notes.txt"\r\n\r\nnotes'

    assert tree("mixed", (PLAIN, b"Yes."), ("", named)).body == "Yes."
    assert tree("mixed", ("", named)).body == "notes"
    assert tree("mixed", (PLAIN, b" "), ("", named)).body == "notes"


def test_an_alternative_with_a_file_name_is_an_alternative() -> None:
    message = tree("alternative", (PLAIN, b""), ("text/html; name=body.html", b"<p>I accept."))

    assert message.body == "I accept."
    assert message.attachments == ()


def test_other_renderings_of_the_same_words_are_neither_read_nor_attached() -> None:
    message = tree("alternative", (PLAIN, b"Yes"), ("text/x-amp-html", b"<p>No"), (HTML, b"<p>Yes"))

    assert (message.body, message.attachments, message.defects) == ("Yes", (), ())


def test_a_text_type_nobody_knows_is_text_and_one_for_programs_is_not() -> None:
    assert mail("text/markdown", b"I *accept*").body == "I *accept*"
    assert tree("mixed", (PLAIN, b"Yes"), ("text/csv", b"a,b")).body == "Yes"


def test_html_without_its_label_is_read_as_html() -> None:
    assert mail("text/plain", b"<!DOCTYPE html><html><body><p>I accept</body></html>").body == "I accept"


def test_the_same_words_as_plain_text_and_html_beside_each_other_are_read_once() -> None:
    assert tree("mixed", (PLAIN, b"I accept."), (HTML, b"<p>I accept.</p>")).body == "I accept."


def test_an_apple_file_is_one_attachment() -> None:
    double = parts("appledouble", ("application/applefile; name=a.pdf", b"fork"), ("application/pdf; name=a.pdf", b"%PDF"))

    assert tree("mixed", (PLAIN, b"Yes"), ("", double)).attachments == (Attachment("a.pdf", "application/pdf", 4),)


# -- plain text and HTML that say different things

LONG = (
    "Dear support, thank you for your letter about my order, which came on Tuesday in a brown box and looks good to me. " * 12
)


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("I do not accept it.", "I do accept it."),
        ("Yes, I accept.", "No, I accept."),
        ("I accept both.", "I accept both if it is blue."),
        ("I accept the lamp for 50 EUR.", "I accept the lamp for 500 EUR."),
        ("Ja, ich behalte es.", "Ja, ich behalte es nicht."),
        ("I accept the item, not the charge.", "I not accept the item, the charge."),
        ("はい、了承します", "いいえ、了承しません"),
    ],
)
def test_one_changed_word_is_another_message_even_in_a_long_one(plain: str, html: str) -> None:
    for around in ("", LONG):
        message = tree("alternative", (PLAIN, (around + plain).encode()), (HTML, f"<p>{around}{html}</p>".encode()))

        assert "plain-html-differ" in message.defects
        assert not message.boundary_certain


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("Yes, *I accept*.", "Yes, <b>I accept</b>."),
        ("Yes: https://x.example/a", 'Yes: <a href="https://x.example/a">https://x.example/a</a>'),
        ("Yes, see <https://x.example/a>", 'Yes, <a href="https://x.example/a">see</a>'),
        ("Yes, at https://x.example/a", 'Yes, at <a href="https://x.example/a">our shop page</a>'),
        ("1. one\r\n2. two", "<ol><li>one<li>two</ol>"),
        ("* one\r\n* two", "<ul><li>one<li>two</ul>"),
        ("Yes\r\n[image: logo]\r\nJane", 'Yes<br><img alt="logo" src="cid:1"><br>Jane'),
        (
            "Yes\r\n\r\nOn 2 Nov 2026, Shop wrote:\r\n> Do you accept?",
            "Yes<div>On 2 Nov 2026, Shop wrote:<blockquote>Do you accept?",
        ),
        ("Yes\r\n________________________________\r\nDo you accept?", "Yes<hr>Do you accept?"),
        ("Total: 49.90 EUR\r\nItem: lamp", "<table><tr><td>Total:<td>49.90 EUR<tr><td>Item:<td>lamp</table>"),
    ],
)
def test_layout_links_pictures_and_quoting_make_no_difference(plain: str, html: str) -> None:
    message = tree("alternative", (PLAIN, plain.encode()), (HTML, html.encode()))

    assert "plain-html-differ" not in message.defects


def test_a_plain_part_that_only_points_to_the_html_gives_way_to_it() -> None:
    message = tree("alternative", (PLAIN, b"Your mail program does not show HTML."), (HTML, f"<p>{LONG} I accept.".encode()))

    assert message.body.endswith("I accept.")


# -- transfer encodings


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"I do =\r\nnot accept", "I do not accept"),
        (b"I do = \t\r\nnot accept", "I do not accept"),
        (b"I do =\rnot accept", "I do not accept"),
        (b"caf=c3=a9 a=b =", "café a=b "),
        (b"x=3D1=", "x=1"),
    ],
)
def test_damaged_quoted_printable_keeps_its_words(encoded: bytes, expected: str) -> None:
    assert mail(PLAIN, encoded, encoding="Quoted-Printable").body == expected


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (base64.b64encode(b"I do not accept"), "I do not accept"),
        (base64.b64encode(b"I do not ") + b"\r\n" + base64.b64encode(b"accept it"), "I do not accept it"),
        (base64.b64encode(b"I do not a") + b"\r\n" + base64.b64encode(b"ccept"), "I do not accept"),
        (base64.b64encode(b"I do not accept").rstrip(b"="), "I do not accept"),
        (b"I do not accept", "I do not accept"),
    ],
)
def test_damaged_base64_keeps_its_words(encoded: bytes, expected: str) -> None:
    assert mail(PLAIN, encoded, encoding="base64").body == expected


def uuencoded(name: str, content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45)]
    return b"begin 644 " + name.encode() + b"\n" + b"".join(lines) + b"`\nend\n"


def test_a_uuencoded_file_between_the_words_is_an_attachment() -> None:
    message = mail(PLAIN, b"See the file:\n" + uuencoded("bill.pdf", b"%PDF" * 40) + b"Yes, I accept.\n")

    assert message.body == "See the file:\nYes, I accept."
    assert message.attachments == (Attachment("bill.pdf", "application/octet-stream", 160),)


@pytest.mark.parametrize(
    "text", ["begin 644 now\nI accept\nend", "begin 644 now\n" + "M" * 20 + "\nI accept", "begin 644 now\nend"]
)
def test_words_that_look_like_a_uuencoded_file_stay_words(text: str) -> None:
    assert mail(PLAIN, text.encode()).body == text


def test_words_that_are_uuencoded_are_read() -> None:
    message = mail(PLAIN, uuencoded("-", b"I do not accept.\n"), encoding="x-uuencode")

    assert (message.body, message.attachments) == ("I do not accept.", ())


# -- flowed and enriched text


def test_flowed_text_is_read_in_paragraphs() -> None:
    body = b">> old \r\n>> words\r\nI do \r\nnot accept\r\n \r\n From here\r\n-- \r\nJane\r\n"

    assert mail("text/plain; format=flowed", body).body == ">> old words\nI do not accept\n\nFrom here\n-- \nJane"
    assert mail("text/plain; format=flowed; delsp=yes", b"not ac \r\ncepted").body == "not accepted"


def test_enriched_text_is_read_without_its_commands() -> None:
    body = b"<bold>I do</bold>\r\nnot <color><param>red</param>accept</color>.\r\n\r\n1 << 2"

    assert mail("text/enriched", body).body == "I do not accept.\n1 < 2"


# -- wrappers


def attribute(number: int, value: bytes, *, level: int = 1) -> bytes:
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*items: tuple[int, int, bytes]) -> bytes:
    packed = struct.pack("<I", len(items))
    for kind, name, value in items:
        packed += struct.pack("<HHII", kind, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return packed


def tnef(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


FILE = (
    attribute(0x00069002, b"\0" * 14, level=2)
    + attribute(0x00018010, b"BILL~1.PDF\0", level=2)
    + attribute(0x0006800F, b"%PDF-1.4", level=2)
    + attribute(
        0x00069005, properties((0x1F, 0x3707, "büro.pdf\0".encode("utf-16-le")), (0x1E, 0x370E, b"application/pdf\0")), level=2
    )
)
CODEPAGE = attribute(0x00069007, struct.pack("<II", 1252, 0))


@pytest.mark.parametrize(
    "body",
    [
        attribute(0x0002800C, "Grüße, ja.\0".encode("cp1252")),
        attribute(0x00069003, properties((0x1F, 0x1000, "Grüße, ja.\0".encode("utf-16-le")))),
        attribute(0x00069003, properties((0x102, 0x1013, b"<p>Gr\xfc\xdfe, <b>ja</b>."), (0x03, 0x3FDE, b""))[:-8]),
        attribute(
            0x00069003,
            properties(
                (
                    0x102,
                    0x1009,
                    struct.pack("<IIII", 0, 200, 0x414C454D, 0)
                    + rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}Gr\'fc\'dfe, ja.\par}",
                )
            ),
        ),
    ],
)
def test_the_words_and_files_in_winmail_dat_are_read(body: bytes) -> None:
    message = tree("mixed", (PLAIN, b" "), ("application/ms-tnef; name=winmail.dat", tnef(CODEPAGE, body, FILE)))

    assert message.body == "Grüße, ja."
    assert message.attachments == (Attachment("büro.pdf", "application/pdf", 8),)


def test_a_body_beside_winmail_dat_is_the_body() -> None:
    message = tree("mixed", (PLAIN, b"Yes."), ("application/ms-tnef", tnef(CODEPAGE, attribute(0x0002800C, b"Yes, rich.\0"))))

    assert message.body == "Yes."


def test_a_damaged_winmail_dat_is_named_and_listed() -> None:
    message = tree("mixed", (PLAIN, b"Yes."), ("application/ms-tnef; name=winmail.dat", tnef(FILE)[:-40]))

    assert "tnef-damaged" in message.defects
    assert [item.name for item in message.attachments] == ["BILL~1.PDF"]
    assert "tnef-damaged" in tree("mixed", ("application/ms-tnef; name=winmail.dat", b"no tnef")).defects


def der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    length = bytes((size,)) if size < 128 else b"\x82" + struct.pack(">H", size)
    return bytes((tag,)) + length + content


SIGNED_DATA, DATA, ENVELOPED = (der(0x06, bytes.fromhex(f"2a864886f70d0107{last}")) for last in ("02", "01", "03"))


def signed(*content: bytes) -> bytes:
    inner = der(0x30, DATA, der(0xA0, *content))
    return der(0x30, SIGNED_DATA, der(0xA0, der(0x30, der(0x02, b"\1"), der(0x31), inner, der(0x31))))


ENTITY = b"Content-Type: text/plain\r\n\r\nI do not accept.\r\n"


@pytest.mark.parametrize(
    "content", [signed(der(0x04, ENTITY)), signed(der(0x24, der(0x04, ENTITY[:20]), der(0x04, ENTITY[20:])))]
)
def test_the_content_of_an_opaque_signature_is_read(content: bytes) -> None:
    message = mail(
        'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', base64.b64encode(content), encoding="base64"
    )

    assert (message.body, message.attachments, message.defects) == ("I do not accept.", (), ())


def test_what_is_encrypted_is_named_and_not_read() -> None:
    enveloped = der(0x30, ENVELOPED, der(0xA0, der(0x30, der(0x02, b"\0"))))
    message = mail('application/pkcs7-mime; name="smime.p7m"', base64.b64encode(enveloped), encoding="base64")

    assert message.defects == ("encrypted",)
    assert message.body == ""
    assert (
        "encrypted"
        in tree("encrypted", ("application/pgp-encrypted", b"Version: 1"), ("application/octet-stream", b"x")).defects
    )


# -- characters


@pytest.mark.parametrize(
    ("charset", "octets", "expected"),
    [
        ("utf-8", "Grüße für €5".encode().decode("cp1252").encode(), "Grüße für €5"),
        ("utf-8", "Привет мир".encode().decode("latin-1").encode(), "Привет мир"),
        ("utf-8", "Да, я согласен с этим заказом".encode("cp1251"), "Да, я согласен с этим заказом"),
        ("utf-8", "Grüße".encode() + b" \xe9t\xe9", "Grüße été"),
        ("utf-8", "Yes".encode("utf-16-le"), "Yes"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        ("utf-16", "Yes".encode("utf-16-be"), "Yes"),
        ("utf-7", b"Gr+APwA3w-e", "Grüße"),
        ("win-1251", "Да, согласен".encode("cp1251"), "Да, согласен"),
        ("koi8-r", "Да, согласен".encode("koi8-r"), "Да, согласен"),
        ("x-big5", "好的，同意".encode("big5"), "好的，同意"),
        ("euc-jp", "①はい".encode("euc_jis_2004"), "①はい"),
        ("us-ascii", b"\x1b$B$O$$\x1b(B ok", "はい ok"),
        ("iso-8859-2", "Tak – „zgadzam się”".encode("cp1250"), "Tak – „zgadzam się”"),
        ("windows-1252http-equiv", "Grüße".encode("cp1252"), "Grüße"),
        ("x-mac-roman", "Grüße".encode("mac-roman"), "Grüße"),
        ("ks_c_5601-1987", "안녕하세요".encode("cp949"), "안녕하세요"),
    ],
)
def test_a_body_is_what_its_writer_meant_whatever_its_label_says(charset: str, octets: bytes, expected: str) -> None:
    assert mail(f"text/plain; charset={charset}", octets).body == expected


QUOTED_HTML = "Hello Ruth,<br><br>your order TT-118 was cancelled but has shipped.<br><br>Tin &amp; Timber"


@pytest.mark.parametrize(
    "holder",
    [
        '<div class="gmail_quote">{}</div>',
        '<div id="ydp1yahoo_quoted_9" class="ydp1yahoo_quoted">{}</div>',
        '<div class="protonmail_quote">{}</div>',
        '<div class="zmail_extra">{}</div>',
        '<div name="quote" style="margin:10px">{}</div>',
        '<div style="border-left:2px solid #1010ff;padding-left:8px">{}</div>',
        '<div id="mail-editor-reference-message-container"><div>{}</div></div>',
        '<div class="freshdesk_quote">{}</div>',
    ],
)
def test_the_element_in_which_a_program_keeps_the_quoted_mail_is_a_quote(holder: str) -> None:
    assert message_of_html(f"<div>Yes, go ahead.</div><br>{holder.format(QUOTED_HTML)}").new_text == "Yes, go ahead."


def test_answers_between_the_block_quotes_of_such_an_element_stay_new() -> None:
    html = (
        '<div class="gmail_quote"><div>On Mon, 2 Nov 2026 at 16:15, Tin &lt;care@tin.example&gt; wrote:</div>'
        "<blockquote>Do you accept the item?</blockquote><div>Yes</div>"
        "<blockquote>And the charge?</blockquote><div>No</div></div>"
    )
    assert message_of_html(html).new_text.split() == ["Yes", "No"]


def test_what_a_person_only_indented_is_their_own() -> None:
    html = '<p>Two things:</p><blockquote style="margin:0 0 0 40px;border:none;padding:0px">the lamp is fine</blockquote>'
    assert "the lamp is fine" in message_of_html(html).new_text


def test_where_only_the_html_part_marks_the_quote_its_marks_are_believed() -> None:
    written = reply()
    written.set_content(f"Yes, go ahead.\n\n{QUOTED_HTML.replace('<br>', chr(10)).replace('&amp;', '&')}\n")
    written.add_alternative(f"<div>Yes, go ahead.</div><blockquote>{QUOTED_HTML}</blockquote>", subtype="html")

    assert read_message(written.as_bytes()).new_text == "Yes, go ahead."


def reply() -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = "R. A. <x@buyer.example>", "care@tin.example", "Re: order"
    written["In-Reply-To"] = "<asked@tin.example>"
    return written


def message_of_html(html: str) -> InboundMessage:
    written = reply()
    written.set_content(html, subtype="html")
    return read_message(written.as_bytes())
