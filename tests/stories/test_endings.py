"""How work ends that the program cannot end: who stands in the record, mail read by hand, tickets, chains that people judge."""

from datetime import UTC, datetime, timedelta

from tests.stories.office import BUYER, ORDER, SELLER, Office
from tests.stories.test_credit_memo import notice_goes_out

CONSENT = "I accept the item and the re-billing."


def the_case(office: Office) -> str:
    """The only case's id."""
    return str(office.sql("select id from cases")[0][0])


def record(office: Office) -> list[tuple[str, str]]:
    """Who did what in the only case, oldest first."""
    return [(event, actor) for event, actor in office.sql("select event, actor from case_events order by number")]


def seller_sends_a_chain_as_text(office: Office) -> None:
    """A buyer's yes that the seller typed or pasted: a chain that is claimed and not proved."""
    sent = f"{datetime.now(UTC) + timedelta(minutes=1):%A, %B %d, %Y %I:%M %p}"
    chain = (
        f"Please create the credit memo for {ORDER}.\n\n-----Original Message-----\nFrom: Ann Buyer <{BUYER}>\n"
        f"Sent: {sent}\nTo: The Shop <{SELLER}>\nSubject: RE: {ORDER}\n\n{CONSENT}\n"
    )
    office.write(SELLER, f"FW: {ORDER} rebill accepted", chain)
    office.work()


# -- who stands in the record


def test_the_record_names_whom_the_table_gives_each_step_to(office: Office) -> None:
    notice = notice_goes_out(office)
    office.write(BUYER, f"Re: {notice['Subject']}", "No, I do not accept the re-billing.", answers=notice)
    office.work()

    assert record(office) == [
        ("open", "program"),
        ("notice_drafted", "program"),
        ("notice_approved", "alice"),
        ("notice_sent", "program"),
        ("wait_for_buyer", "program"),
        ("refused", "buyer"),
        ("closed", "program"),
    ]


def test_a_chain_arrives_by_the_seller_and_is_doubted_by_the_program(office: Office) -> None:
    notice_goes_out(office)
    seller_sends_a_chain_as_text(office)

    assert record(office)[-2:] == [("chain_arrived", "seller"), ("chain_doubted", "program")]
