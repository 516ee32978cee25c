"""Where a mail goes: by our marks, for those who take part; and what becomes of one that belongs to no thread it names."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from tests.stories.office import BUYER, ORDER, SELLER, Office, rebill_order

OTHER = "PO-880001"
EVE = "eve@evil.example"
CARL = "carl.buyer@example.org"
LATER = "When will the parcel be here?"


@dataclass(frozen=True)
class Filed:
    """What the desk noted about a mail."""

    thread: str
    case: str | None
    action: str | None
    needs_person: bool
    link: dict[str, Any]
    record: int

    @property
    def refusals(self) -> set[tuple[str, str | None]]:
        return {(candidate["mark"], candidate["refusal"]) for candidate in self.link["candidates"]}


def filed(office: Office, subject: str) -> Filed:
    """The newest mail with a subject."""
    query = "select thread_id, case_id, action, needs_person, details, id from messages where subject = ? order by id desc"
    thread, case, action, needs_person, details, number = office.sql(query, subject)[0]
    return Filed(thread, case, action, bool(needs_person), json.loads(details)["link"], number)


def notice(office: Office, order_id: str, buyer: str = BUYER) -> EmailMessage:
    """The seller reports an order as shipped but cancelled; the notice that its buyer gets."""
    office.write(SELLER, f"Order {order_id}", f"Order {order_id} shows as cancelled, but we had already shipped it with UPS.")
    office.work()
    office.approve("m_rebill_notice")
    return next(mail for mail in office.received_by(buyer) if order_id in mail["Subject"])


def thread_of(office: Office, sent: EmailMessage) -> str:
    """The thread in which a mail of ours stands."""
    ((thread,),) = office.sql("select thread_id from thread_messages where header_message_id = ?", sent["Message-ID"])
    return str(thread)


def case_of(office: Office, order_id: str) -> str:
    ((case,),) = office.sql("select c.id from cases c join orders o on o.key = c.order_key where o.order_id = ?", order_id)
    return str(case)


@pytest.fixture
def orders(open_office: Callable[..., Office]) -> Office:
    """An office with two orders of one buyer, and one of another buyer."""
    office = open_office()
    office.import_orders(rebill_order(), rebill_order(OTHER), rebill_order("PO-990002", CARL))
    office.add_people()
    return office


def test_an_answer_goes_to_the_thread_of_the_mail_it_answers(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(BUYER, "Re: a", LATER, answers=sent)
    orders.work()

    found = filed(orders, "Re: a")
    assert (found.thread, found.case) == (thread_of(orders, sent), case_of(orders, ORDER))
    assert (found.link["outcome"], found.link["certainty"]) == ("joined", "certain")
    assert ("our_message_id", None) in found.refusals


def test_a_stranger_with_the_message_id_and_token_of_our_mail_is_not_joined(orders: Office) -> None:
    sent = notice(orders, ORDER)
    before = orders.sql("select count(*) from drafts")
    for subject, text in (("Re: b", "I accept the item and the re-billing."), ("Re: c", LATER)):
        orders.write(EVE, subject, text, answers=sent)
    orders.work()

    for subject in ("Re: b", "Re: c"):
        found = filed(orders, subject)
        assert found.thread != thread_of(orders, sent)
        assert (found.case, found.action, found.needs_person) == (None, "review", True)
        assert (found.link["outcome"], found.link["doubtful"]) == ("stranger", True)
        assert found.refusals == {("our_message_id", "stranger"), ("token", "stranger")}
        assert found.link["candidates"][0]["case"] == case_of(orders, ORDER)
    assert filed(orders, "Re: b").record in {row[0] for row in orders.sql("select id from messages where case_id is null")}
    assert orders.case_state() == "AWAITING_ACK"
    assert orders.sql("select count(*) from drafts") == before


def test_another_buyer_with_the_message_id_of_our_mail_is_a_stranger_there(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(CARL, "Re: d", "About order PO-990002: when will it come?", answers=sent)
    orders.work()

    found = filed(orders, "Re: d")
    assert (found.thread == thread_of(orders, sent), found.needs_person, found.link["outcome"]) == (False, True, "stranger")


def test_the_token_finds_the_thread_where_the_references_are_lost(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(BUYER, "My answer", LATER, to=sent["Reply-To"])
    orders.work()

    found = filed(orders, "My answer")
    assert (found.thread, found.case) == (thread_of(orders, sent), case_of(orders, ORDER))
    assert (found.link["certainty"], found.refusals) == ("certain", {("token", None)})


def test_the_case_tag_of_our_subject_finds_the_thread_where_all_else_is_lost(orders: Office) -> None:
    sent = notice(orders, ORDER)
    assert sent["Subject"].endswith(f" [case {case_of(orders, ORDER)}]")
    tag = sent["Subject"].partition(" [")[2]
    for sender in (BUYER, EVE):
        orders.write(sender, f"Hello {sender} [{tag}", LATER)
    orders.work()

    mine, strange = (filed(orders, f"Hello {sender} [{tag}") for sender in (BUYER, EVE))
    assert (mine.thread, mine.case, mine.link["certainty"]) == (thread_of(orders, sent), case_of(orders, ORDER), "likely")
    assert (strange.thread == mine.thread, strange.case, strange.action) == (False, None, "review")
    assert {refusal for _, refusal in strange.refusals} == {"stranger"}


def test_the_order_number_finds_the_participants_own_thread(orders: Office) -> None:
    sent = notice(orders, ORDER)
    seller_thread = filed(orders, f"Order {ORDER}").thread
    orders.write(BUYER, "A question", f"When will order {ORDER} be here?")
    orders.write(EVE, "A curious question", f"When will order {ORDER} be here?")
    orders.work()

    found, strange = filed(orders, "A question"), filed(orders, "A curious question")
    assert (found.thread, found.link["certainty"]) == (thread_of(orders, sent), "likely")
    assert found.thread != seller_thread
    assert strange.thread not in (found.thread, seller_thread)
    assert (strange.case, strange.needs_person, strange.link["outcome"]) == (None, True, "stranger")


def test_another_order_number_in_the_new_words_parts_from_the_thread(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(BUYER, "Re: e", f"This is about order {OTHER}: when will it be here?", answers=sent)
    orders.work()

    found = filed(orders, "Re: e")
    assert found.thread != thread_of(orders, sent)
    assert found.link["outcome"] == "split"
    assert found.refusals == {("our_message_id", "other_order"), ("token", "other_order")}
    assert OTHER in found.link["why"]

    sent_about_other = notice(orders, OTHER)
    orders.write(BUYER, "Re: f", f"This is about order {OTHER}: when will it be here?", answers=sent)
    orders.work()
    assert filed(orders, "Re: f").thread in (thread_of(orders, sent_about_other), found.thread)


def test_marks_of_two_cases_in_one_mail_are_linked_to_neither(orders: Office) -> None:
    one, other = notice(orders, ORDER), notice(orders, OTHER)
    marks = {"In-Reply-To": one["Message-ID"], "References": one["Message-ID"]}
    yes = "I accept the item and the re-billing."
    orders.write(BUYER, "Re: g", yes, to=other["Reply-To"], headers=marks)
    orders.work()

    found = filed(orders, "Re: g")
    assert found.thread not in (thread_of(orders, one), thread_of(orders, other))
    assert (found.case, found.action, found.needs_person) == (None, "review", True)
    assert (found.link["outcome"], found.link["doubtful"]) == ("contradiction", True)
    assert {candidate["case"] for candidate in found.link["candidates"]} == {case_of(orders, ORDER), case_of(orders, OTHER)}
    assert (orders.case_state(ORDER), orders.case_state(OTHER)) == ("AWAITING_ACK", "AWAITING_ACK")


def test_the_same_message_id_above_another_body_hides_neither_mail(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(EVE, "First", "Nothing to see here.", message_id="<known@example.com>")
    orders.work()
    orders.write(BUYER, "Re: h", LATER, answers=sent, message_id="<known@example.com>")
    orders.write(BUYER, "Re: i", "And by which carrier?", headers={"In-Reply-To": "<known@example.com>"})
    orders.work()

    first, mine, again = filed(orders, "First"), filed(orders, "Re: h"), filed(orders, "Re: i")
    assert (mine.thread, again.thread) == (thread_of(orders, sent), thread_of(orders, sent))
    assert first.thread != mine.thread
    assert again.refusals == {("their_message_id", None), ("their_message_id", "stranger")}
    assert orders.sql("select count(*) from messages where header_message_id = '<known@example.com>'") == [(2,)]


def test_a_stranger_who_sends_the_message_id_of_our_mail_as_his_own_takes_nothing_from_its_thread(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(EVE, "Mine", "Hello there.", message_id=sent["Message-ID"])
    orders.work()
    orders.write(BUYER, "Re: j", LATER, answers=sent)
    orders.work()

    assert filed(orders, "Re: j").thread == thread_of(orders, sent) != filed(orders, "Mine").thread


def test_a_sender_of_whom_nothing_is_proved_is_joined_as_likely_only(orders: Office) -> None:
    sent = notice(orders, ORDER)
    orders.write(BUYER, "Re: k", LATER, answers=sent, proved=False)
    orders.work()

    found = filed(orders, "Re: k")
    assert (found.thread, found.link["certainty"]) == (thread_of(orders, sent), "likely")
    assert "Nothing proves" in found.link["why"]
