"""Accounts from the command line to the console's door: made, listed, disabled; and the password stays unseen."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from supportbot import cli
from supportbot.cli.service import invite_the_first
from supportbot.clock import SystemClock
from supportbot.store import Store
from supportbot.web import create_console, serve
from tests.web_world import PASSWORD, MovableClock, PlainDesk

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    status: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs one command in this process, on a database of its own; `password` is a file that holds one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(f"database: sqlite:///{tmp_path}/supportbot.db\n")
    (tmp_path / "password").write_text(f"{PASSWORD}\n")

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["supportbot", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def sign_in(tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """`sign_in(name, password)` at the console of the same database: the page that comes of it."""
    store = Store.open(f"sqlite:///{tmp_path}/supportbot.db", clock=SystemClock())
    desk = PlainDesk(store, MovableClock())
    console = serve(create_console(store, desk, team_name="Team", secret=b"0" * 32), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{console.port}"

    def try_it(name: str, password: str) -> str:
        with httpx.Client(base_url=url, headers={"origin": url}, follow_redirects=True, timeout=30) as client:
            return client.post("/login", data={"name": name, "password": password}).text

    yield try_it
    console.stop()
    store.close()


def test_whoever_is_added_signs_in_and_whoever_is_disabled_does_not(
    command: Command, sign_in: Callable[[str, str], str]
) -> None:
    added = command("users", "add", "robin", "--role", "approver", "--password-file", "password", "--by", "ada")
    inside = sign_in("robin", PASSWORD)
    disabled = command("users", "disable", "robin", "--by", "ada")
    outside = sign_in("robin", PASSWORD)
    again = command("users", "disable", "robin")

    assert (added.status, added.out) == (0, "robin can sign in as approver.\n")
    assert (disabled.status, disabled.out) == (0, "robin is disabled.\n")
    assert "<b>robin</b>" in inside
    assert "<b>robin</b>" not in outside
    assert (again.status, again.err) == (2, "robin is disabled already\n")


def test_who_is_there_is_listed_without_passwords(command: Command) -> None:
    empty = command("users", "list")
    command("users", "add", "sam", "--role", "viewer", "--seller", "s-1", "--password-file", "password")
    command("users", "add", "Ann", "--role", "reviewer", "--password-file", "password")
    rows = command("users", "list", "--json")

    assert "Nobody can sign in yet" in empty.out
    assert [json.loads(line) for line in rows.out.splitlines()] == [
        {"name": "Ann", "role": "reviewer", "seller_id": None, "disabled": False},
        {"name": "sam", "role": "viewer", "seller_id": "s-1", "disabled": False},
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ROBIN", "--role", "viewer", "--password-file", "password"), "there is a user ROBIN already"),
        (("zoe", "--role", "king", "--password-file", "password"), "'king' is not one of"),
        (("zoe", "--role", "viewer", "--password-file", "short"), "12 to 256 characters; this one has 5"),
        (("zoe", "--role", "viewer", "--password-file", "missing"), "missing holds no password"),
        (("zoe, robin", "--role", "viewer", "--password-file", "password"), "without a comma"),
        (("Billing", "--role", "viewer", "--password-file", "password"), "stands for something else in the records"),
        (("zoe", "--role", "viewer"), "no terminal to ask for the password on"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_a_reason(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "short").write_text("short\nlong enough, but on the second line")
    command("users", "add", "robin", "--role", "viewer", "--password-file", "password")
    refused = command("users", "add", *arguments)

    assert refused.status == 2
    assert says in refused.err
    assert '"zoe"' not in command("users", "list", "--json").out


@pytest.mark.parametrize(
    ("second", "says"), [(PASSWORD, "zoe can sign in as viewer"), ("another one altogether", "the two passwords differ")]
)
def test_a_password_is_asked_for_twice_and_never_shown(
    command: Command, sign_in: Callable[[str, str], str], second: str, says: str
) -> None:
    """On a real terminal: the echo is the terminal's own, and has to be switched off."""
    command("users", "list")  # the database is made
    terminal, other_end = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "supportbot", "users", "add", "zoe", "--role", "viewer"],
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(other_end)
    seen = b""
    for prompt, answer in ((b"Password: ", PASSWORD), (b"The same again: ", second)):
        seen += read_until(terminal, prompt)
        os.write(terminal, f"{answer}\n".encode())
    seen += read_until(terminal, b"\0")
    program.wait(30)
    os.close(terminal)

    assert says in seen.decode()
    assert PASSWORD not in seen.decode()
    assert ("<b>zoe</b>" in sign_in("zoe", PASSWORD)) is (second == PASSWORD)


def read_until(terminal: int, end: bytes) -> bytes:
    """What a terminal shows up to some bytes, or to its end."""
    seen = b""
    while end not in seen:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # how Linux says that the other side has gone
            break
        if not more:
            break
        seen += more
    return seen


def test_a_token_is_made_listed_and_revoked_from_the_command_line(command: Command) -> None:
    command("users", "add", "robin", "--role", "approver", "--password-file", "password")
    made = command("tokens", "add", "robin", "--for", "the report", "--scope", "read", "--scope", "money", "--days", "7")
    listed = json.loads(command("tokens", "list", "--json").out)
    revoked = command("tokens", "revoke", listed["id"], "--by", "ada")
    again = command("tokens", "revoke", listed["id"])
    nobody = command("tokens", "add", "zoe", "--for", "x")

    assert re.fullmatch(r"sbt_[A-Za-z0-9_-]{43}\n", made.out)
    assert (listed["owner"], listed["label"], listed["scopes"]) == ("robin", "the report", ["read", "money"])
    assert made.out.strip() not in json.dumps(listed)
    assert (revoked.status, again.status, nobody.status) == (0, 2, 2)
    assert json.loads(command("tokens", "list", "--json").out)["revoked_by"] == "ada"


def test_a_lost_second_factor_is_reset_from_the_command_line(command: Command, tmp_path: Path) -> None:
    command("users", "add", "robin", "--role", "approver", "--password-file", "password")
    store = Store.open(f"sqlite:///{tmp_path}/supportbot.db", clock=SystemClock())
    with store.transaction() as tx:
        tx.propose_second_factor("robin", "JBSWY3DPEHPK3PXP")
        tx.confirm_second_factor("robin", 1, ["code"])
    reset = command("users", "reset-second-factor", "robin", "--by", "ada")
    again = command("users", "reset-second-factor", "robin")
    with store.snapshot() as tx:
        assert (tx.second_factor("robin"), tx.recovery_codes_left("robin")) == (None, 0)
    store.close()

    assert (reset.status, again.status) == (0, 2)


def test_the_first_start_prints_a_link_once_more_only_while_nobody_can_sign_in(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`run` prints it before it says where the console is; the rest of that command is the service's own tests'."""
    store = Store.open(f"sqlite:///{tmp_path}/supportbot.db", clock=SystemClock())
    invite_the_first(store, "http://127.0.0.1:8025/")
    printed = capsys.readouterr().err
    command("users", "add", "sam", "--role", "viewer", "--seller", "s-1", "--password-file", "password")
    invite_the_first(store, "http://127.0.0.1:8025/")
    still = capsys.readouterr().err
    command("users", "add", "robin", "--role", "admin", "--password-file", "password")
    invite_the_first(store, "http://127.0.0.1:8025/")
    store.close()

    assert re.search(r"^http://127\.0\.0\.1:8025/first/[A-Za-z0-9_-]{43}$", printed, re.MULTILINE)
    assert "/first/" in still
    assert capsys.readouterr().err == ""
