"""Message-IDs, base subjects and our own marks."""

import pytest

from supportbot.mail.message import Mailbox
from supportbot.mail.thread import (
    base_subject,
    case_tag,
    message_ids,
    reply_token,
    reply_tokens,
    subject_direction,
    with_case_tag,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a@b> <c@d>", ("<a@b>", "<c@d>")),
        ("<a@b><c@d>\r\n <a@b>", ("<a@b>", "<c@d>")),
        ("<a@\r\n b>", ("<a@b>",)),
        ("a@b c@d", ("<a@b>", "<c@d>")),
        ("<<a b@[c]>>", ("<ab@[c]>",)),
        ("Your message of Monday <a@b> (Jane)", ("<a@b>",)),
        ("", ()),
        ("<>", ()),
    ],
)
def test_message_ids_survive_every_mess(text: str, expected: tuple[str, ...]) -> None:
    assert message_ids(text) == expected


def test_too_many_references_keep_the_first_and_the_newest() -> None:
    found = message_ids(" ".join(f"<{number}@x>" for number in range(1000)))

    assert (len(found), found[0], found[-1]) == (200, "<0@x>", "<999@x>")


@pytest.mark.parametrize(
    "subject",
    [
        "Order 5",
        "Re: Order 5",
        "RE: [EXTERNAL] re[2]: Fwd: order  5",
        "AW: WG: Order 5",
        "Antw: TR: RV: Odp: Order 5",
        "【外部】返信：Order 5",
        "Ｒｅ： Order 5",
        "Order 5 (fwd)",
        "R: I: Order\u200b 5",
    ],
)
def test_a_subject_is_the_same_under_all_its_prefixes(subject: str) -> None:
    assert base_subject(subject) == "order 5"


def test_a_subject_of_prefixes_only_is_kept() -> None:
    assert base_subject("Re: Fwd:") == "fwd:"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [("Re: Fwd: x", "reply"), ("[EXT] Fwd: Re: x", "forward"), ("WG: x", "forward"), ("x: y", None), ("", None)],
)
def test_the_outermost_prefix_says_what_the_sender_did(subject: str, expected: str | None) -> None:
    assert subject_direction(subject) == expected


def test_our_token_is_read_from_a_plus_address_and_peoples_own_tags_are_not() -> None:
    assert (
        reply_token([Mailbox("", "jane+shopping@b.example"), "support+0123456789abcdef0123456789abcdef@acme.example"])
        == "0123456789abcdef0123456789abcdef"
    )
    assert reply_token(["jane+shopping@b.example"]) is None


def test_every_token_that_a_mail_is_addressed_to_is_read_once() -> None:
    one, other = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    addresses = [f"support+{one}@acme.example", "ann@b.example", f"support+{other}@acme.example", f"x+{one}@acme.example"]
    assert reply_tokens(addresses) == (one, other)


def test_a_case_tag_is_read_from_a_subject() -> None:
    assert case_tag("Re: Your order [case K7F2-99]") == "K7F2-99"
    assert case_tag("a case of wine") is None


def test_the_tag_that_we_write_is_the_one_that_is_read_back() -> None:
    subject = with_case_tag("Your order [2 items] [case cold_one-12345678]", "cAb-9_xyzABCDEFGH")
    assert case_tag(f"AW: {subject}") == "cAb-9_xyzABCDEFGH"
    assert with_case_tag(subject, "cAb-9_xyzABCDEFGH") == subject
