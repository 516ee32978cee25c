"""The tables of errands: each can be opened, moved and ended, and what is not in a table is refused with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.case import Actor
from supportbot.casework.errand import ENDS, ON_RING, STEPS, Errand, NoStep, Stepped, step

EVENTS = sorted({one.event for one in STEPS})


@pytest.mark.parametrize("errand", Errand)
def test_every_errand_can_be_opened_and_every_state_can_be_left_for_an_end(errand: Errand) -> None:
    steps = [one for one in STEPS if one.errand is errand]
    opened = {one.target for one in steps if one.source is None}
    reached = set(opened)
    while more := {one.target for one in steps if one.source in reached} - reached:
        reached |= more
    waiting = {one.source for one in steps if one.source}

    assert opened
    assert reached - ENDS == waiting  # nothing is a dead end, and nothing cannot be reached
    for state in waiting:
        assert {one.event for one in steps if one.source == state} >= {"settled", "timed_out"}


def test_nothing_leaves_an_end() -> None:
    assert [one for one in STEPS if one.source in ENDS] == []


@given(st.sampled_from(sorted(Errand)), st.sampled_from(sorted({o.target for o in STEPS})), st.sampled_from(EVENTS))
def test_a_step_is_taken_or_refused_with_a_reason(errand: Errand, state: str, event: str) -> None:
    taken = step(errand, state, event)

    assert taken.reason
    assert isinstance(taken, Stepped) == any((o.errand, o.source, o.event) == (errand, state, event) for o in STEPS)
    if isinstance(taken, NoStep):
        assert event in taken.reason


def test_the_clock_takes_only_its_own_steps() -> None:
    rung = set(ON_RING.values())

    assert {one.event for one in STEPS if one.by is Actor.CLOCK} == rung
