"""The sample world holds together: mails, orders, and people who answer what they are sent."""

import email
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import dkim  # type: ignore[import-untyped]
import pytest

from supportbot.casework.facts import Kind
from supportbot.demo.buyers import chain_from_seller, demo_key_txt, replies_to
from supportbot.demo.people import STORY_ORDERS, WAITING_ORDERS, SamplePeople, rebill_reference
from supportbot.demo.samples import AUTHSERV_ID, BILLING, SUPPORT, order_rows, sample_mails, write_sample_orders
from supportbot.drafting import load_templates
from supportbot.orders import load_orders

NOW = datetime(2026, 3, 12, 10, tzinfo=UTC)
MAILS = sample_mails(NOW)
TEMPLATES = load_templates(Path(__file__).parent.parent / "templates" / "emails")
BUYERS = {"771204518": "nora@hale.test", "771204633": "tom@becker.test", "771204790": "priya@nair.test"}


def sent_by_us(template: str, order_id: str, to: str, **values: object) -> bytes:
    """A mail of ours as it arrives."""
    order = next(one for one in order_rows(NOW) if one["order_id"] == order_id)
    shipment = order["shipments"][0]
    known = {
        **TEMPLATES.get(template).sample,
        "order_id": order_id,
        "carrier": shipment["carrier"],
        "tracking_number": shipment["tracking_number"],
        "cancelled_items": order["lines"],
        **values,
    }
    rendered = TEMPLATES.render(template, known)
    assert rendered.findings == ()
    message = EmailMessage(SMTP.clone(max_line_length=998))
    message["From"], message["To"], message["Subject"] = f"Seller Support <{SUPPORT}>", to, rendered.subject
    message["Reply-To"] = "support+token123@example.com"
    message["Date"], message["Message-ID"] = NOW, f"<{template}-{order_id}@example.com>"
    message.set_content(rendered.body)
    return message.as_bytes()


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def first_words(raw: bytes) -> str:
    body = read(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).splitlines()[0]


def verifies(raw: bytes) -> bool:
    keys = {f"{name}.".encode(): txt.encode() for name, txt in demo_key_txt().items()}
    return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: keys.get(name)))


def test_every_kind_of_mail_is_there() -> None:
    kinds = Counter(mail.expected_kind for mail in MAILS)

    assert set(kinds) == set(Kind)
    assert len(MAILS) >= 36
    assert kinds[Kind.SHIPPED_CANCELLED_REPORT] >= 3


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_mail_is_well_formed_and_stays_in_reserved_domains(mail: object) -> None:
    sample = next(one for one in MAILS if one is mail)
    message = read(sample.raw)

    assert [part.defects for part in message.walk()] == [[] for _ in message.walk()]
    assert message["From"].addresses[0].domain.rpartition(".")[2] in {"test"}
    assert (message["To"].addresses[0].addr_spec, message["Date"].datetime, message["Message-ID"] != "") == (
        SUPPORT,
        sample.received,
        True,
    )
    assert b"\n" not in sample.raw.replace(b"\r\n", b"")
    assert max(map(len, sample.raw.split(b"\r\n"))) <= 998


def test_most_mails_are_authenticated_some_fail_and_some_say_nothing() -> None:
    verdicts = Counter(
        "none" if not (results := read(mail.raw)["Authentication-Results"]) else "pass" if "dmarc=pass" in results else "fail"
        for mail in MAILS
    )

    assert verdicts["pass"] > 30
    assert min(verdicts["fail"], verdicts["none"]) >= 2
    assert all(read(mail.raw).get("Authentication-Results", AUTHSERV_ID).startswith(AUTHSERV_ID) for mail in MAILS)


def test_names_and_message_ids_are_unique() -> None:
    assert len({mail.name for mail in MAILS}) == len(MAILS)
    assert len({read(mail.raw)["Message-ID"] for mail in MAILS}) == len(MAILS)


def test_the_same_moment_gives_the_same_bytes() -> None:
    assert sample_mails(NOW) == MAILS


def test_the_orders_can_be_read_and_cover_every_marketplace(tmp_path: Path) -> None:
    orders = load_orders(write_sample_orders(tmp_path, NOW))

    assert len({order.marketplace for order in orders}) == 5
    assert len(orders) >= 14
    assert {order.channel for order in orders} >= {"seller", "fba", "mcf", None}
    assert {alert.type for order in orders for alert in order.alerts} == {"NPB", "OCR"}
    assert all(order.placed_at is not None and order.placed_at < NOW for order in orders)
    assert {order.order_id: order.cancelled_and_shipped for order in orders if order.cancelled_and_shipped} == {
        "771204518": 1, "771204633": 1, "771204790": 1, "771204811": 7, "771204866": 1,
    }  # fmt: skip


def test_a_shipment_that_was_cancelled_can_be_put_in_a_notice() -> None:
    for order in order_rows(NOW):
        if order["marketplace"] == "member_club" and order.get("cancelled_by"):
            sent_by_us("m_rebill_notice", order["order_id"], order["buyer"]["address"])


def test_the_mails_speak_of_orders_that_exist() -> None:
    known = {order["order_id"] for order in order_rows(NOW)}
    silent = {"memo-question", "donde-esta", "abwesenheit", "ticket-robot", "bounce", "delayed", "spam", "newsletter", "thanks"}
    for mail in MAILS:
        text = str(read(mail.raw)["Subject"]) + mail.raw.decode(errors="replace")
        assert any(order_id in text for order_id in known) != (mail.name in silent), mail.name


@pytest.mark.parametrize(
    ("order_id", "first", "second"),
    [
        ("771204518", "I accept the item and the re-billing.", "I accept the item and the re-billing."),
        ("771204633", "No, I do not accept the item and I do not agree to be re-billed. I cancelled this order.",
         "No. I accept neither."),
        ("771204790", "I will keep the item. Thank you!", "I accept the item and the re-billing."),
    ],
)  # fmt: skip
def test_a_buyer_answers_the_notice_and_the_question_after_it(order_id: str, first: str, second: str) -> None:
    buyer = BUYERS[order_id]
    for template, expected in (("m_rebill_notice", first), ("m_remind", first), ("m_clarify_acceptance", second)):
        notice = sent_by_us(template, order_id, buyer)
        (reply,) = replies_to(notice, NOW)
        message = read(reply)

        assert first_words(reply) == expected
        assert message["From"].addresses[0].addr_spec == buyer
        assert message["To"].addresses[0].addr_spec == "support+token123@example.com"
        assert message["In-Reply-To"] == read(notice)["Message-ID"]
        assert message["References"].split()[-1] == read(notice)["Message-ID"]
        assert message["Date"].datetime > NOW
        assert f"dmarc=pass header.from={buyer.partition('@')[2]}" in message["Authentication-Results"]
        assert "\n> " in reply.decode().replace("\r\n", "\n")
        assert verifies(reply)


def test_nobody_answers_what_asks_nothing() -> None:
    assert replies_to(sent_by_us("m_ack_received", "771204518", "nora@hale.test"), NOW) == []
    assert replies_to(sent_by_us("m_request_billing", "771204518", BILLING), NOW) == []


def test_the_chain_holds_the_buyers_answer_byte_for_byte_so_that_it_verifies() -> None:
    notice = sent_by_us("m_rebill_notice", "771204518", "nora@hale.test")
    (answer,) = replies_to(notice, NOW)
    chain = chain_from_seller("771204518", notice, answer, NOW + timedelta(hours=1))
    attached = [part for part in read(chain).walk() if part.get_content_type() == "message/rfc822"]

    assert answer in chain
    assert notice in chain
    assert [part.get_payload(0)["From"].addresses[0].addr_spec for part in attached] == [SUPPORT, "nora@hale.test"]  # type: ignore[union-attr, index]
    assert read(chain)["From"].addresses[0].addr_spec == "orders@lumen-goods.test"
    assert verifies(answer)
    assert not verifies(answer.replace(b"I accept", b"I refuse", 1))


def test_the_people_outside_answer_and_the_seller_sends_what_the_buyer_wrote() -> None:
    people = SamplePeople()
    (answer,) = people.answers(sent_by_us("m_rebill_notice", "771204518", "nora@hale.test"), NOW)
    (chain,) = people.answers(sent_by_us("m_ask_for_chain", "771204518", "orders@lumen-goods.test"), NOW)

    assert (answer.who, answer.what) == ("Nora Hale", "answers: “I accept the item and the re-billing.”")
    assert chain.who == "Lumen Goods"
    assert answer.raw is not None
    assert chain.raw is not None
    assert answer.raw in chain.raw


def test_billing_tells_its_reference_and_writes_no_mail() -> None:
    (told,) = SamplePeople().answers(sent_by_us("m_request_billing", "771204518", BILLING), NOW)

    assert (told.who, told.raw) == ("billing", None)
    assert rebill_reference("771204518") in told.what


def test_the_people_outside_answer_for_their_own_stories_only() -> None:
    people = SamplePeople()

    assert list(people.answers(sent_by_us("m_ask_for_chain", "771204518", "orders@lumen-goods.test"), NOW)) == []
    assert list(people.answers(sent_by_us("order_status", "771205341", "sofia@conti.test"), NOW)) == []
    assert set(BUYERS) == set(STORY_ORDERS)


@pytest.mark.parametrize(("order_id", "buyer"), [("771204811", "jonas@keller.test"), ("771204866", "marta@ruiz.test")])
def test_the_orders_that_are_left_to_the_spectator_can_be_played_to_their_end(order_id: str, buyer: str) -> None:
    people = SamplePeople()
    (answer,) = people.answers(sent_by_us("m_rebill_notice", order_id, buyer), NOW)
    (chain,) = people.answers(sent_by_us("m_ask_for_chain", order_id, "hello@oak-and-iron.test"), NOW)

    assert order_id in WAITING_ORDERS
    assert answer.raw is not None
    assert verifies(answer.raw)
    assert (chain.raw or b"").count(answer.raw) == 1
