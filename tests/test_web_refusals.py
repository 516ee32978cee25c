"""What a page answers where the database says no, or a number is none that it could have."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.test_web_console import open_memo, tags_of
from tests.web_world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def send(client: httpx.Client, address: str, **fields: str) -> httpx.Response:
    return client.post(address, data={"csrf": tags_of(client.get("/account").text).fields["csrf"], **fields})


def test_a_guards_no_is_a_conflict_with_its_sentence_on_the_page_of_the_form(world: World) -> None:
    ticket = open_memo(world)
    with world.store.transaction() as tx:
        tx._connection.exec_driver_sql("UPDATE cases SET state = 'HOLD'")
        memo = tx.memo(ticket_id=ticket)
        assert memo is not None
        tx.confirm_rebill(memo, by="alice", reference="B-1")
    with world.signed_in() as alice, world.signed_in("bob") as bob:
        send(alice, f"/tickets/{ticket}/enter", amount="129.00")
        refused = send(bob, f"/tickets/{ticket}/issue", shown_amount="129.00")
    assert refused.status_code == 409, refused.text
    assert "no credit memo is issued while its case is on hold" in refused.text


def test_a_guards_no_is_a_conflict_where_no_form_shows_it(world: World) -> None:
    draft_id = world.draft(world.mail("Cancel"))
    with world.store.transaction() as tx:
        tx._connection.exec_driver_sql(
            "CREATE TRIGGER notes_guard BEFORE INSERT ON notes BEGIN SELECT RAISE(ABORT, 'I0: no note today'); END"
        )
    with world.signed_in() as client:
        refused = send(client, "/handling/note", subject=f"draft {draft_id}", note="look")
    assert refused.status_code == 409
    assert "I0: no note today" in refused.text


@pytest.mark.parametrize("number", [str(2**63), "9" * 40, "-1", "0"])
def test_a_number_that_no_mail_can_have_is_not_there(world: World, number: str) -> None:
    with world.signed_in() as client:
        looked = [client.get(f"/messages/{number}").status_code]
        done = [
            send(client, f"{address}", text="x").status_code
            for address in (f"/messages/{number}/handled", f"/quarantine/{number}/retry", f"/quarantine/{number}/release")
        ]
    assert looked + done == [404] * 4
