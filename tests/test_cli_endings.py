"""What people end on the command line: mail to be read, tickets, and chains that they do not believe."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from supportbot import app, cli
from supportbot.clock import SystemClock
from supportbot.store import Store
from tests.mail_files import BUYER, mail
from tests.store_world import open_case
from tests.stories.office import shipped_house


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Ran]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs one command in this process, on a database of its own that holds one mail that no rule decides."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(app, "build_house", lambda settings: replace(shipped_house(), settings=settings))
    (tmp_path / "config.yaml").write_text(f"database: sqlite:///{tmp_path}/supportbot.db\n")
    (tmp_path / "a.eml").write_bytes(mail(BUYER, "Can we talk on the phone [tonight] about something else?", subject="Hello"))

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["supportbot", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    run("ingest", "a.eml")
    return run


def test_mail_to_be_read_is_listed_shown_and_handled(command: Command) -> None:
    (waiting,) = command("messages", "list", "--json").rows
    shown = command("messages", "show", waiting["id"])
    handled = command("messages", "done", waiting["id"], "--by", "ada")
    after = command("messages", "show", waiting["id"])

    assert (waiting["subject"], waiting["needs_person"], waiting["handled_by"]) == ("Hello", True, None)
    assert "phone [tonight] about" in shown.out
    assert "waits to be read by a person" in shown.out
    assert (handled.status, handled.out) == (0, f"Message {waiting['id']} is handled.\n")
    assert "handled by ada" in after.out
    assert "No mail waits to be read by a person." in command("messages", "list").out
    assert [row["handled_by"] for row in command("messages", "list", "--state", "done", "--json").rows] == ["ada"]
    assert [row["id"] for row in command("messages", "list", "--state", "all", "--json").rows] == [waiting["id"]]


def test_a_mail_is_shown_with_the_threads_that_it_names(command: Command, tmp_path: Path) -> None:
    first = (tmp_path / "a.eml").read_bytes()
    for name, sender in (("b.eml", BUYER), ("c.eml", "eve@evil.example")):
        (tmp_path / name).write_bytes(mail(sender, "And by the way?", subject="Re: Hello", answers=first))
        command("ingest", name)
    alone, joined, strange = (command("messages", "show", number).out for number in (1, 2, 3))

    assert "It names no thread." in alone
    assert "takes part in that thread" in joined
    assert "eve@evil.example takes no part in the thread that it names." in strange
    assert "Hello" in strange


def test_what_cannot_be_handled_is_said_why(command: Command) -> None:
    command("messages", "done", 1, "--by", "ada")
    again, unknown = command("messages", "done", 1, "--by", "ben"), command("messages", "done", 9)
    hidden, odd = command("messages", "show", 9), command("messages", "list", "--state", "new")

    assert (again.status, again.err) == (2, "ada has handled message 1 already\n")
    assert (unknown.status, unknown.err) == (2, "there is no message 9\n")
    assert (hidden.status, hidden.err) == (2, "there is no message 9; `supportbot messages list --state all` names them\n")
    assert (odd.status, "to-read" in odd.err) == (2, True)


def test_a_ticket_is_closed_with_a_reason(command: Command, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/supportbot.db", clock=SystemClock())
    with store.transaction() as tx:
        ticket = tx.open_ticket(
            type="other", status="open", case_id=None, order_id=None, title="look", fields={}, business_key="x"
        )
    store.close()
    without = command("tickets", "close", ticket)
    closed = command("tickets", "close", ticket, "--reason", "looked at it", "--by", "ada")
    again = command("tickets", "close", ticket, "--reason", "looked at it", "--by", "ada")
    (row,) = command("tickets", "list", "--json").rows

    assert (without.status, "--reason" in without.err) == (2, True)
    assert (closed.status, closed.out) == (0, f"Ticket {ticket} is closed.\n")
    assert (again.status, again.err) == (2, f"ticket {ticket} is closed already: looked at it\n")
    assert (row["status"], row["close_reason"]) == ("closed", "looked at it")


def test_a_chain_is_refused_and_its_case_closed(command: Command, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/supportbot.db", clock=SystemClock())
    with store.transaction() as tx:
        case = tx.case(open_case(tx).case_id)
        assert case is not None
        tx.move_case(case, to_state="CHAIN_MANUAL", event="chain_doubted", actor="program")
    store.close()
    early = command("cases", "close", case.id, "--reason", "no")
    refused = command("cases", "reject-chain", case.id, "--reason", "the dates do not fit", "--by", "ada")
    closed = command("cases", "close", case.id, "--reason", "nothing better comes", "--by", "ada")
    (row,) = command("cases", "list", "--all", "--json").rows

    assert (early.status, "“closed” is not possible now" in early.err) == (2, True)
    assert (refused.status, closed.status) == (0, 0)
    assert closed.out == f"Case {case.id} is closed.\n"
    assert row["state"] == "CLOSED_NO_MEMO"
