"""What is looked at before a costly search changes no reading."""

import pytest

from supportbot.mail.addresses import read_addresses
from supportbot.mail.attribution import VERBS, attribution
from supportbot.mail.hypertext import visible_text
from supportbot.mail.message import Mailbox
from supportbot.mail.parse import read_message


@pytest.mark.parametrize("verb", VERBS)
def test_a_line_that_ends_with_a_verb_is_an_attribution_in_any_case_and_without_its_colon(verb: str) -> None:
    line = f"Jane Doe <jane@example.org> 02.11.2026 10:03 {verb}"
    capitals = verb.upper() if verb.upper().casefold() == verb else verb  # the Turkish "YAZDI" is no known verb
    for form in (line, line[: -len(verb)] + capitals, f"{line})", f"{line}:"):
        found = attribution(form)
        assert found is not None, form
        assert found.who.startswith("Jane Doe")


def test_runs_of_plain_characters_part_addresses_as_single_ones_did() -> None:
    value = (
        r'"Shop \"A\", Inc. <x>" (a (b) c) <a@b.example>, group: c@d.example, e@f.example; '
        r'<"q<r>"@s.example>, T [X] <u@v.example>'
    )
    found = read_addresses(value)
    assert found.mailboxes == (
        Mailbox('Shop "A", Inc. <x>', "a@b.example"),
        Mailbox("", "c@d.example"),
        Mailbox("", "e@f.example"),
        Mailbox("", '"q<r>"@s.example'),
        Mailbox("T [X]", "u@v.example"),
    )


def test_the_same_style_means_something_else_on_a_closed_dialog() -> None:
    seen = visible_text(
        '<div style="color:red">shown</div><dialog style="color:red">hidden</dialog><p style="color:red">too</p>'
    )
    assert "shown" in seen.text
    assert "too" in seen.text
    assert "hidden" not in seen.text


def test_a_style_hides_by_what_stands_around_it() -> None:
    grey = '<span style="color:#ffffff">ghost</span>'
    seen = visible_text(f'<div style="background:#000000">{grey}</div><div>{grey}</div>')
    assert seen.text.split() == ["ghost"]


def test_base64_with_every_kind_of_blank_is_read_without_a_fault() -> None:
    raw = b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\nWWVz\x0b LCBw\x0c\tbGVh\r\nc2Uu\r\n"
    message = read_message(raw)
    assert message.body.strip() == "Yes, please."
    assert "base64-damaged" not in message.defects
