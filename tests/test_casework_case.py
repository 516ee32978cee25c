"""The life cycle of a case: every arrow can be reached, everything else is refused, the page says what the table says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.case import (
    CLOSED,
    LIFECYCLE,
    Arrow,
    CaseEvent,
    CaseState,
    Moved,
    Refused,
    advance,
    lifecycle_page,
)

S, E = CaseState, CaseEvent
CONSENT_PROVED = frozenset({S.CHAIN_VERIFIED, S.REBILL_REQUESTED, S.REBILL_CONFIRMED, S.MEMO_ISSUED})


def reachable(without: frozenset[CaseEvent] = frozenset()) -> set[CaseState]:
    """States that a new case can come to; HOLD leads back only to states it was entered from."""
    found = {S.NOTICE_DUE}
    while True:
        more = {a.target for a in LIFECYCLE if a.source in found and a.target and a.event not in without} | found
        if more == found:
            return found
        found = more


def test_every_state_can_be_reached_and_every_arrow_leaves_one() -> None:
    assert reachable() == set(S)
    assert {arrow.source for arrow in LIFECYCLE} <= reachable()


def test_every_event_is_somewhere_in_the_table() -> None:
    assert {arrow.event for arrow in LIFECYCLE} == set(E)


@pytest.mark.parametrize("arrow", LIFECYCLE, ids=lambda arrow: f"{arrow.source}-{arrow.event}")
def test_every_arrow_is_taken_as_the_table_says(arrow: Arrow) -> None:
    origin = S.AWAITING_CHAIN
    expected = Moved(arrow.source, arrow.target or origin, arrow.event, arrow.reason, arrow.by)

    assert advance(arrow.source, arrow.event, held_from=origin) == expected
    assert arrow.reason


@given(st.sampled_from(S), st.sampled_from(E), st.none() | st.sampled_from(S))
def test_whatever_the_table_lacks_is_refused_with_a_reason_and_never_raises(
    state: CaseState, event: CaseEvent, held_from: CaseState | None
) -> None:
    step = advance(state, event, held_from=held_from)

    if any((arrow.source, arrow.event) == (state, event) and (arrow.target or held_from) for arrow in LIFECYCLE):
        assert isinstance(step, Moved)
    else:
        assert isinstance(step, Refused)
        assert (step.state, step.event) == (state, event)
        assert step.reason


def test_a_hold_of_which_nobody_knows_where_it_came_from_cannot_be_released() -> None:
    assert advance(S.HOLD, E.RELEASED) == Refused(
        S.HOLD, E.RELEASED, "nobody knows where this hold came from; close it instead"
    )


def test_entering_a_hold_remembers_where_it_came_from_and_leaving_it_forgets() -> None:
    held = advance(S.REBILL_REQUESTED, E.REVOKED)
    assert isinstance(held, Moved)
    released = advance(S.HOLD, E.RELEASED, held_from=held.held_from)
    assert isinstance(released, Moved)

    assert (held.target, held.held_from) == (S.HOLD, S.REBILL_REQUESTED)
    assert (released.target, released.held_from) == (S.REBILL_REQUESTED, None)


def test_a_memo_is_issued_by_a_second_person_alone_and_only_after_proof_and_re_bill_request() -> None:
    into = [arrow for arrow in LIFECYCLE if arrow.target is S.MEMO_ISSUED]

    assert {(arrow.source, arrow.event, arrow.by) for arrow in into} == {
        (S.REBILL_CONFIRMED, E.MEMO_APPROVED, "second person"),
        (S.REBILL_REQUESTED, E.MEMO_APPROVED, "second person"),
    }


def test_without_proof_no_case_comes_to_money() -> None:
    unproved = reachable(without=frozenset({E.CHAIN_PROVED, E.DIRECT_PROOF_CONFIRMED}))

    assert unproved & CONSENT_PROVED == set()


def test_a_withdrawal_stops_a_case_wherever_consent_was_given() -> None:
    given_consent = reachable() & {
        S.ACK_RECEIVED, S.AWAITING_CHAIN, S.CHAIN_RECEIVED, S.CHAIN_MANUAL, S.CHAIN_REJECTED, S.CHAIN_VERIFIED,
        S.REBILL_REQUESTED, S.REBILL_CONFIRMED, S.REBILL_FAILED,
    }  # fmt: skip

    for state in given_consent:
        step = advance(state, E.REVOKED)
        assert isinstance(step, Moved)
        assert step.target is S.HOLD
    after = advance(S.MEMO_ISSUED, E.REVOKED)
    assert isinstance(after, Moved)
    assert after.target is S.REVERSAL_REVIEW


def test_silence_refusal_and_rejection_end_without_a_memo() -> None:
    ends = [(S.ACK_TIMEOUT, S.CLOSED_NO_MEMO), (S.ACK_REFUSED, S.RETURN_PATH), (S.CHAIN_REJECTED, S.CLOSED_NO_MEMO)]

    for state, end in ends:
        step = advance(state, E.CLOSED)
        assert isinstance(step, Moved)
        assert (step.target, step.closed) == (end, True)
    assert {S.RETURN_PATH, S.CLOSED_NO_MEMO, S.MEMO_ISSUED} == CLOSED


def test_the_page_of_the_life_cycle_is_the_table() -> None:
    page = lifecycle_page()
    rows = [line for line in page.splitlines() if line.startswith("| `")]

    assert (Path(__file__).parent.parent / "docs" / "lifecycle.md").read_text("utf-8").startswith(page)
    assert len(rows) == len(LIFECYCLE)
    for arrow in LIFECYCLE:
        assert any(row.startswith(f"| `{arrow.source}` | {arrow.event} |") and arrow.reason in row for row in rows)
