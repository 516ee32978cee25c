"""Where a message belongs, decided from the marks it bears; whatever marks there are, and in whatever order they are found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.linking import MARKS, Candidate, Linking, LinkOutcome, Mark, Refusal, link
from supportbot.casework.order import bare_order_id

ANN, BOB, EVE = "ann@buyers.example", "bob@shop.example", "eve@evil.example"
START = datetime(2026, 3, 1, tzinfo=UTC)
BINDING = {rule.mark for rule in MARKS if rule.binding}
CERTAIN = {rule.mark for rule in MARKS if rule.certain}
PEOPLE = st.lists(st.sampled_from([ANN, BOB, EVE]), unique=True, max_size=3).map(tuple)
ORDERS = st.lists(st.sampled_from(["PO-1", "PO-2", "3"]), unique=True, max_size=2).map(tuple)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    """Threads as a store has them: what is said of a thread is the same whatever mark names it."""
    threads = [
        Candidate(
            thread_id=f"t{number}",
            title="Your order",
            mark=Mark.ORDER,
            latest=START + timedelta(days=draw(st.integers(0, 2))),
            case_id=draw(st.sampled_from([None, f"c{number}", "c0"])),
            order_ids=draw(ORDERS),
            participants=draw(PEOPLE),
            voices=draw(PEOPLE),
            open=draw(st.booleans()),
        )
        for number in range(3)
    ]
    marks = st.tuples(st.sampled_from(threads), st.sampled_from(list(Mark)), st.integers(0, 2))
    return [
        replace(thread, mark=mark, distance=distance if "message_id" in mark else 0)
        for thread, mark, distance in draw(st.lists(marks, max_size=6))
    ]


def thread(number: int = 0, mark: Mark = Mark.OUR_MESSAGE_ID, **changes: object) -> Candidate:
    """A thread of Ann's about an order of its own."""
    known = Candidate(f"t{number}", f"Order {number}", mark, START, f"c{number}", (f"PO-{number}",), (ANN, BOB), (ANN,))
    return replace(known, **changes)  # type: ignore[arg-type]  # the keywords are a candidate's own fields


def linked(*found: Candidate, sender: str | None = ANN, proved: bool = True, named: tuple[str, ...] = ()) -> Linking:
    return link(sender, found, proved=proved, named=named)


def joined(linking: Linking) -> tuple[str, Mark] | None:
    return (linking.joined.thread_id, linking.joined.mark) if linking.joined else None


SENDER = st.sampled_from([ANN, BOB, EVE, None])


@given(candidates(), SENDER, ORDERS, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_in_which_the_candidates_are_found_does_not_matter(found, sender, named, proved, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [*found, *found]
    random.shuffle(shuffled)
    assert link(sender, shuffled, proved=proved, named=named) == link(sender, found, proved=proved, named=named)


@given(candidates(), SENDER, ORDERS)
def test_a_stranger_is_never_joined(found: list[Candidate], sender: str | None, named: tuple[str, ...]) -> None:
    thread = link(sender, found, proved=True, named=named).joined
    assert thread is None or sender in thread.participants


@given(candidates(), SENDER, ORDERS)
def test_a_message_never_joins_a_thread_about_other_orders_than_it_names(
    found: list[Candidate], sender: str | None, named: tuple[str, ...]
) -> None:
    thread = link(sender, found, proved=True, named=named).joined
    about, said = ({bare_order_id(one) for one in ids} for ids in (thread.order_ids if thread else (), named))
    assert not about or not said or about & said


@given(candidates(), SENDER, ORDERS, st.booleans())
def test_every_candidate_is_shown_with_its_reason_and_one_at_most_is_joined(
    found: list[Candidate], sender: str | None, named: tuple[str, ...], proved: bool
) -> None:
    linking = link(sender, found, proved=proved, named=named)
    assert sorted(map(repr, (one.candidate for one in linking.considered))) == sorted(map(repr, set(found)))
    assert all(one.why for one in linking.considered)
    accepted = [one for one in linking.considered if one.refusal is None]
    assert len(accepted) == (linking.outcome is LinkOutcome.JOINED)
    assert (linking.certainty is not None) == (linking.outcome is LinkOutcome.JOINED)


@given(candidates(), SENDER, ORDERS, st.booleans())
def test_only_a_mark_that_nobody_can_guess_from_a_proved_sender_is_certain(
    found: list[Candidate], sender: str | None, named: tuple[str, ...], proved: bool
) -> None:
    linking = link(sender, found, proved=proved, named=named)
    assert (linking.certainty == "certain") == (linking.joined is not None and linking.joined.mark in CERTAIN and proved)


@given(candidates(), ORDERS)
def test_marks_that_anybody_can_write_take_no_answer_out_of_its_thread(found: list[Candidate], named: tuple[str, ...]) -> None:
    """Eve may give her mails Message-IDs of others, and name orders: Ann's answer to our mail goes where it went."""
    by_eve = [replace(one, participants=(EVE,), voices=(EVE,)) for one in found if one.mark not in BINDING]
    ours = thread(7, distance=0)
    named = tuple(one for one in named if one == "PO-7")
    assert joined(linked(ours, *by_eve, named=named)) == joined(linked(ours, named=named)) == ("t7", Mark.OUR_MESSAGE_ID)


def test_the_stronger_mark_decides_between_threads_about_the_same() -> None:
    ordered = [rule.mark for rule in MARKS]
    for place, mark in enumerate(ordered):
        weaker = [thread(9, mark=other, order_ids=("PO-0",), case_id="c0") for other in ordered[place + 1 :]]
        assert joined(linked(*weaker, thread(0, mark=mark))) == ("t0", mark)


def test_the_mail_that_is_answered_directly_decides_over_older_references() -> None:
    assert joined(linked(thread(0, distance=1), thread(1, distance=0))) == ("t1", Mark.OUR_MESSAGE_ID)
    own = thread(2, mark=Mark.THEIR_MESSAGE_ID, distance=0)
    assert joined(linked(thread(0, distance=1), own)) == ("t2", Mark.THEIR_MESSAGE_ID)
    assert joined(linked(thread(0, distance=1), replace(own, participants=(EVE,)))) == ("t0", Mark.OUR_MESSAGE_ID)


def test_an_older_reference_of_a_thread_that_the_sender_is_no_part_of_does_not_keep_him_from_his_own() -> None:
    assert joined(linked(thread(0, distance=2, participants=(BOB,)), thread(1, distance=0))) == ("t1", Mark.OUR_MESSAGE_ID)


def test_our_marks_of_two_cases_are_linked_to_neither() -> None:
    for mark in (Mark.TOKEN, Mark.CASE_TAG):
        linking = linked(thread(0), thread(1, mark=mark))
        assert (linking.outcome, linking.doubtful) == (LinkOutcome.CONTRADICTION, True)
        assert {one.refusal for one in linking.considered} == {Refusal.CONTRADICTION}
    assert linked(thread(0), thread(1, mark=Mark.TOKEN), named=("PO-1",)).joined == thread(1, mark=Mark.TOKEN)


def test_a_stranger_among_our_marks_is_for_a_person_whatever_else_fits() -> None:
    linking = linked(thread(0, participants=(BOB,)), thread(1, mark=Mark.ORDER), named=("PO-1",))
    assert (linking.outcome, linking.doubtful, linking.joined) == (LinkOutcome.STRANGER, True, None)


def test_a_number_alone_joins_the_newest_open_thread_of_the_participant() -> None:
    old, new = thread(0, mark=Mark.ORDER), thread(1, mark=Mark.ORDER, order_ids=("PO-0",), latest=START + timedelta(days=1))
    closed = replace(new, thread_id="t2", latest=START + timedelta(days=2), open=False)
    sellers = replace(new, thread_id="t3", latest=START + timedelta(days=3), voices=(BOB,))
    linking = linked(old, new, closed, sellers, named=("#0",))
    assert joined(linking) == ("t1", Mark.ORDER)
    assert {one.candidate.thread_id: one.refusal for one in linking.considered} == {
        "t0": Refusal.OLDER,
        "t1": None,
        "t2": Refusal.CLOSED,
        "t3": Refusal.OTHERS,
    }


def test_two_orders_named_alone_are_a_tie_that_no_person_need_settle() -> None:
    linking = linked(thread(0, mark=Mark.ORDER), thread(1, mark=Mark.ORDER), named=("PO-0", "PO-1"))
    assert (linking.outcome, linking.doubtful) == (LinkOutcome.CONTRADICTION, False)


def test_another_order_in_the_words_parts_the_message_and_says_so() -> None:
    alone, taken = linked(thread(0), named=("PO-1",)), linked(thread(0), thread(1, mark=Mark.ORDER), named=("PO-1",))
    assert (alone.outcome, alone.doubtful) == (LinkOutcome.SPLIT, False)
    assert "PO-1" in alone.why
    assert (joined(taken), "parts from that thread" in taken.why) == (("t1", Mark.ORDER), True)


def test_a_message_without_marks_begins_a_thread() -> None:
    assert linked() == Linking(LinkOutcome.NEW, "Nothing in it names a thread that it would go on with.")
