"""What is odd about a credit memo is shown beside it, and cleared there with a reason; a seller's user sees nothing of it."""

from supportbot.casework.anomalies import FLAGS, Flag
from tests.test_web_console import open_memo, post, world
from tests.web_world import World

__all__ = ["world"]  # a fixture


def test_a_flag_stands_beside_the_memo_until_a_person_clears_it_with_a_reason(world: World) -> None:
    ticket = open_memo(world)
    page = f"/tickets/{ticket}"
    with world.store.transaction() as tx:
        memo = tx.memo(ticket_id=ticket)
        assert memo is not None
        tx.raise_flags(memo.id, [Flag("WORDS_TWICE", "cases c7 <b>")])
    with world.signed_in("alice") as alice, world.signed_in("vera") as vera:
        shown = alice.get(page).text
        watched = vera.get(page).text
        without = post(alice, page, f"{page}/clear", flag="WORDS_TWICE", reason=" ")
        cleared = post(alice, page, f"{page}/clear", flag="WORDS_TWICE", reason="Two of one family")
        again = post(alice, page, f"{page}/clear", flag="WORDS_TWICE", reason="once more")

    assert FLAGS["WORDS_TWICE"] in shown
    assert "cases c7 &lt;b&gt;" in shown
    assert FLAGS["WORDS_TWICE"] not in watched
    assert without.status_code == again.status_code == 409
    assert "Cleared by alice: Two of one family" in cleared.text
