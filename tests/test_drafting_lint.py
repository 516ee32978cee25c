"""What a draft's final text must say and must not say, also after a person edits it."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.drafting import ANSWERS, links_in, load_templates
from supportbot.drafting.lint import carrier_is_known, tracking_is_well_formed

TEMPLATES = load_templates(Path(__file__).parent.parent / "templates" / "emails")
SAMPLE = TEMPLATES.get("m_rebill_notice").sample
NOTICE = TEMPLATES.render("m_rebill_notice", SAMPLE)

LINKS = r"""
https://ups.com/t
http:\\evil.example
https:/evil.com
HTTPS://EVIL.COM
hxxp://evil.com
ftp://x.y
www.ups.com
www2.ups
UPS.COM/track?x=1
evil.co.uk
visit evil.com
evil dot com
evil . com
evil[.]com
evil(dot)com
bit.ly/abc
müller.de
xn--mller-kva.de
пример.рф
例え.中国
mailto:x@y
tel:+123456
javascript:alert(1)
data:text/html;base64,xxx
a@b.com
user@localhost
user@[10.0.0.1]
name (at) shop.com
name[at]shop
@evil.com
[click](http://x)
[click](/x)
[1]: http://x
<a href=x>
<A HREF='x'>y</A>
<img src=x>
</a>
< a href
href=foo
//evil.com/x
10.0.0.1
http://2130706433
192.168.1.10:8080
[2001:db8::1]
2001:db8::1
track it at ups.com.
(ups.com)
"ups.com"
ups.com:8080
see evil.com.Please
..evil.com
a.a.a.a.a.a.a.a.a.a.a.a.a.evil.com
shop.test
my_shop.com
order.It
x.onion
""".strip().splitlines()
HIDDEN = ("evil。com", "evil．com", "evil․com", "evil｡com", "evil·com", "ev\u200bil.com", "evil.\u200bcom", "ev\u00adil.com",
          "ｅｖｉｌ．ｃｏｍ", "a＠b.com", "ups.cоm", "evil.ⓒom", "ｈttps://x", "www\u2024ups")  # fmt: skip
INNOCENT = """
v1.2
v1.2.3
Inc.
Shop, Inc.
Dr. Smith
J. R. Smith
St.John
e.g. this, i.e. that
a.m.
3.5mm
12.50 EUR
1,299.00
1.000,00
No. 5
Node.js
USB-C 3.1
U.S.A.
Mr.Smith
shipped.Please
10:30:15
12::30
2026-03-12
1Z999AA10123456784
1.2.3
Order: 5
Tel: 555 1234
and/or
24/7
w/o
5 < 6 and 7 > 3
I <3 you
@home
2 @ 5 USD
C++
polka dot dress
dot matrix
[blue] (large)
std::map
Your Account > Your Orders > Request Cancellation
z.B. so
S.p.A.
Co.,Ltd
R+L Carriers
wait...what
data: the facts
00:1A:2B:3C:4D:5E
price $0.00
""".strip().splitlines()


@pytest.mark.parametrize("link", [*LINKS, *HIDDEN])
def test_a_link_of_any_form_is_found(link: str) -> None:
    assert links_in(f"Your parcel: {link}") != ()
    assert links_in(f"{link}\n") != ()


@pytest.mark.parametrize("innocent", INNOCENT)
def test_innocent_words_are_no_links(innocent: str) -> None:
    assert links_in(f"Item: {innocent}\nKind regards") == ()


@given(
    st.from_regex(r"[a-z]{1,12}(-[a-z]{1,5})?\.(com|org|net|de|fr|io|co\.uk)(/[a-z]{0,9})?", fullmatch=True),
    st.text(max_size=30),
)
def test_a_domain_is_found_in_any_surroundings(domain: str, around: str) -> None:
    assert links_in(f"{around} {domain} {around}") != ()


@pytest.mark.parametrize(
    "unit",
    ["a", "a.", "a@", " ", "[", "<", ":", "1.", "www", "/", "](", " .", "a dot ", "a-", "x@[", "http:", "[a]:", "please "],
)
def test_a_long_text_is_read_quickly(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    started = time.perf_counter()
    links_in(text)
    TEMPLATES.lint("m_rebill_notice", "Subject", text, SAMPLE)

    assert time.perf_counter() - started < 1


def edited(old: str, new: str, language: str = "en") -> tuple[str, ...]:
    """The findings after a person changed `old` into `new` in the notice."""
    notice = TEMPLATES.render("m_rebill_notice", SAMPLE, language=language)
    assert old in notice.body
    return TEMPLATES.lint("m_rebill_notice", notice.subject, notice.body.replace(old, new), SAMPLE, language=language)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("UPS", "our carrier", "carrier_and_tracking: the carrier UPS is not named"),
        ("1Z999AA10123456784", "1Z999AA10123456785",
         "carrier_and_tracking: the tracking number 1Z999AA10123456784 is not given"),
        ("UPS", "UPS (ups.com)", "no_links: 'ups.com' is a link; take it out"),
        ("Hello", "Hello {{ name }}", "no_unfilled_braces: '{{' stands in the text, as if a blank had not been filled"),
        ("Hello", "Hel\x07lo", "no_control_characters: U+0007 is a control character"),
        ("Hello", "Hel\u202elo", "no_control_characters: U+202E is a control character"),
        ("If you do not agree", "Do you want it? If you do not agree",
         "asks_both_at_once: it asks a second question; ask only the one"),
        ("I accept the item and the re-billing.", "Yes.",
         f"asks_both_at_once: the sentence to answer with is not given: {ANSWERS['en']}"),
    ],
)  # fmt: skip
def test_an_edit_that_breaks_the_notice_is_found(old: str, new: str, finding: str) -> None:
    assert finding in edited(old, new)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("had already shipped", "are ready", "says_shipped_cancelled_rebilled: it does not say that the order shipped"),
        ("had already shipped", "have not shipped", "says_shipped_cancelled_rebilled: it does not say that the order shipped"),
        ("was cancelled, but", "is special, but",
         "says_shipped_cancelled_rebilled: it does not say that the order was cancelled"),
        ("that you accept the item and the re-billing of your account", "that you accept the item",
         "asks_both_at_once: it does not ask for the item and the re-billing in one sentence"),
        ("that you accept the item and the re-billing of your account",
         "that you accept the item. Please also confirm the re-billing",
         "asks_both_at_once: it does not ask for the item and the re-billing in one sentence"),
    ],
)  # fmt: skip
def test_a_notice_that_says_or_asks_too_little_is_found(old: str, new: str, finding: str) -> None:
    terse = NOTICE.body.replace(
        "Since the order was cancelled, your account will be re-billed for what has shipped", "It is re-billed"
    )
    findings = TEMPLATES.lint("m_rebill_notice", NOTICE.subject, terse.replace(old, new), SAMPLE)

    assert finding in findings


def test_a_notice_that_does_not_announce_the_re_billing_is_found() -> None:
    body = "Your order was cancelled, but it has shipped.\n\nCarrier: UPS\nTracking number: 1Z999AA10123456784\n"

    assert "says_shipped_cancelled_rebilled: it does not say that the order will be re-billed" in TEMPLATES.lint(
        "m_rebill_notice", "Your order", body, SAMPLE
    )
    assert "says_shipped_cancelled_rebilled: it does not say that the order will be re-billed" in TEMPLATES.lint(
        "m_rebill_notice", "Your order", f"{body}You will not be re-billed.\n", SAMPLE
    )


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
@pytest.mark.parametrize("line", range(2, 16))
def test_in_every_language_the_notice_loses_its_approval_with_the_lines_that_matter(language: str, line: int) -> None:
    notice = TEMPLATES.render("m_rebill_notice", SAMPLE, language=language)
    lines = notice.body.splitlines()
    matters = ANSWERS[language] in lines[line] or "UPS" in lines[line] or "1Z999AA10123456784" in lines[line]
    body = "\n".join([*lines[:line], *lines[line + 1 :]])

    assert bool(TEMPLATES.lint("m_rebill_notice", notice.subject, body, SAMPLE, language=language)) or not matters
    assert TEMPLATES.lint("m_rebill_notice", notice.subject, notice.body, SAMPLE, language=language) == ()


@pytest.mark.parametrize("subject", ["", "two\nlines", "a\rb", "x" * 201, "a\u2028b", "a\x00b"])
def test_a_subject_is_one_line(subject: str) -> None:
    assert [f.split(":")[0] for f in TEMPLATES.lint("m_rebill_notice", subject, NOTICE.body, SAMPLE)] == ["single_line_subject"]


@pytest.mark.parametrize(
    ("number", "well_formed"),
    [*((good, True) for good in ("1Z999AA10123456784", "9400 1118 9956 2157 4234 20", "RR123456785DE", "00340434161094027318")),
     *((bad, False) for bad in ("N/A", "TBD", "pending", "see portal", "0000000000", "12345", "", "1" * 60)),
     ("1z999aa10123456784", True), ("https://ups.com/1Z999AA10123456784", False), ("1Z999AA1012345678\n4", False)],
)  # fmt: skip
def test_a_tracking_number_has_a_form(number: str, well_formed: bool) -> None:
    assert tracking_is_well_formed(number) == well_formed


@pytest.mark.parametrize(
    ("carrier", "known"),
    [*((good, True) for good in ("UPS", "ups", "UPS Ground", "UPS 2nd Day Air", "FedEx Home Delivery", "R+L Carriers", "USPS")),
     *((bad, False) for bad in ("Royal", "Upsala Freight", "", "UPS " + "x" * 50, "Acme Couriers"))],
)  # fmt: skip
def test_a_carrier_is_one_of_those_known(carrier: str, known: bool) -> None:
    assert carrier_is_known(carrier) == known


def test_a_carrier_from_the_configuration_is_known() -> None:
    own = load_templates(Path(__file__).parent.parent / "templates" / "emails", carriers=["Acme Couriers"])
    values = {**SAMPLE, "carrier": "Acme Couriers"}

    assert own.render("m_rebill_notice", values).findings == ()
    assert TEMPLATES.render("m_rebill_notice", values).findings == (
        "carrier_and_tracking: 'Acme Couriers' is not a known carrier",
    )


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("Please ask the buyer to submit a cancellation request.", False),
        ("Have the customer cancel it in the account.", False),
        ("Please tell the buyer that they should cancel.", False),
        ("Please do not contact the buyer to have them send a cancellation request.", True),
        ("Cancel the order with the reason No inventory.", True),
    ],
)
def test_the_no_stock_mail_never_makes_the_buyer_cancel(text: str, allowed: bool) -> None:
    sample = TEMPLATES.get("a_no_inventory").sample
    findings = TEMPLATES.lint("a_no_inventory", "Order 5", f"Hello,\n\n{text}\n", sample)

    assert [f.split(":")[0] for f in findings] == ([] if allowed else ["no_cancel_request"])


def test_the_official_request_mail_is_what_the_no_stock_lint_refuses() -> None:
    from supportbot.drafting.lint import Text, lint_text

    for language in TEMPLATES.languages("a_request_official_cancel"):
        rendered = TEMPLATES.render("a_request_official_cancel", {**SAMPLE, "order_id": "112-5"}, language=language)
        text = Text(rendered.subject, rendered.body, "buyer", language, {})

        assert lint_text(text, requires=(), forbids=("cancel_request",)) != ()
