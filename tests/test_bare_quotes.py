"""Words marked as a quote that quote nobody: the sender may have written them, so no machine reads consent beside them."""

from email.message import EmailMessage

import pytest

from supportbot.casework.facts import ThreadContext
from supportbot.mail.parse import read_message
from tests.triage_support import triage

YES = "I accept the item and the re-billing."
NOTICE = (
    "Hello,\n\nyour order was cancelled, but it had already been shipped.\n"
    "Please confirm that you accept the item and the re-billing of your account.\n\nThe seller"
)


def html(body: str, plain: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada <ada@example.com>", "shop@example.net", "Re: your order"
    mail["In-Reply-To"] = "<notice@example.net>"
    if plain:
        mail.set_content(plain)
    else:
        mail.set_content(f"<html><body>{body}</body></html>", subtype="html")
    return mail.as_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        html(f"<p>{YES}</p><blockquote>if you give me ten percent off</blockquote>"),
        html(f"<p>{YES}</p><blockquote><p>But only for one of them.</p></blockquote>"),
        html("", f"{YES}\n\n> once my refund is here\n"),
    ],
)
def test_a_condition_dressed_as_a_quote_keeps_an_acceptance_from_being_proved(raw: bytes) -> None:
    message = read_message(raw)
    assert not message.boundary_certain
    reading = triage().read(message, ThreadContext(answers_notice=True, notice_asks="one_sentence"))
    assert (reading.tier, reading.needs_person) == (2, True)


def test_our_own_words_in_a_bare_quote_are_no_doubt() -> None:
    raw = html(f"<p>{YES}</p><blockquote>{NOTICE}</blockquote>")
    assert read_message(raw, ours=[NOTICE]).boundary_certain
    assert read_message(raw).boundary_certain  # as long as a mail, where nothing is known that we sent


def test_a_long_quote_of_words_that_are_not_ours_is_one_where_ours_are_known() -> None:
    own = "All of this of course on the understanding that you take ten percent off the price and pay the postage of my order."
    assert not read_message(html(f"<p>{YES}</p><blockquote>{own}</blockquote>"), ours=[NOTICE]).boundary_certain


def test_a_quote_that_names_its_author_is_no_doubt() -> None:
    head = "On Mon, May 4, 2026 at 10:00 AM Shop &lt;shop@example.net&gt; wrote:"
    quote = f'<div>{head}<blockquote class="gmail_quote">Please confirm.</blockquote></div>'
    assert read_message(html(f"<p>{YES}</p>{quote}")).boundary_certain
