"""What an operator is told when something is wrong, and that it goes when its cause has gone."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from supportbot.cli import app
from supportbot.cli.doctor import examine_surroundings
from supportbot.clock import SystemClock
from supportbot.config import load_settings
from supportbot.store import Store
from tests.servers import PASSWORD, PrivateDovecot, ScriptedSmtp, free_port

Doctor = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def doctor(tmp_path: Path, private_dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Asks the doctor of a service whose configuration is changed as given; its findings by check."""
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    user = private_dovecot.fresh_user()
    (tmp_path / "backups").mkdir()

    def ask(*, whole: bool = False, **changes: Any) -> dict[str, dict[str, Any]]:
        box = {"name": "support", "address": user, "user": user, "host": "127.0.0.1", "port": private_dovecot.port}
        box |= {"security": "none", "password": "env:MAIL_PASSWORD"} | changes.pop("mailbox", {})
        smtp = {"host": "127.0.0.1", "port": smtp_sink.port, "security": "none"} | changes.pop("smtp", {})
        given = {"database": f"sqlite:///{tmp_path}/data/bot.db", "mailboxes": [box], "smtp": smtp, **changes}
        file = tmp_path / "config.yaml"
        file.write_text(json.dumps(given))  # JSON is YAML
        if not whole:
            settings = load_settings(file)
            return {one.check: asdict(one) for one in examine_surroundings(settings, None)}
        result = CliRunner().invoke(app, ["doctor", "--json", "--config", str(file)])
        found = {row["check"]: row for row in map(json.loads, result.stdout.splitlines())}
        assert (result.exit_code == 0) == all(row["ok"] for row in found.values()), result.output
        return found

    ask.user = user  # type: ignore[attr-defined]
    return ask


def failing(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: f"{row['detail']} {row['remedy']}" for name, row in found.items() if not row["ok"]}


def test_a_service_that_never_ran_is_well_and_nothing_is_made(doctor: Doctor, tmp_path: Path) -> None:
    found = doctor(whole=True)
    assert failing(found) == {}
    assert "not made yet" in found["database and its schema"]["detail"]
    assert not (tmp_path / "data").exists()


def test_a_wrong_password_a_closed_port_and_a_full_disk_are_named_with_their_remedy(doctor: Doctor) -> None:
    found = failing(
        doctor(
            mailbox={"port": free_port()},
            smtp={"port": free_port()},
            limits={"free_megabytes": 10**9},
        )
    )
    assert found.keys() == {"mailbox support", "outgoing mail", "disk"}
    assert "refused the connection" in found["mailbox support"]
    assert "nothing was sent" in found["outgoing mail"]
    assert "free some space" in found["disk"]
    assert failing(doctor()) == {}


def test_a_certificate_that_ends_soon_is_named_before_it_does(doctor: Doctor, private_dovecot: PrivateDovecot) -> None:
    box = {"security": "tls", "port": private_dovecot.tls_port, "ca_file": str(private_dovecot.ca_file)}
    assert doctor(mailbox=box)["mailbox support, certificate"]["detail"] == "ends in 29 days"


def test_mail_that_nobody_fetches_is_counted(doctor: Doctor, private_dovecot: PrivateDovecot, tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/data/bot.db", clock=SystemClock()).close()
    assert doctor()["mailbox support, read so far"]["detail"] == "0 mails are not fetched yet"
    mails = [b"Subject: %d\r\n\r\n" % number for number in range(101)]
    private_dovecot.append_all(mails, user=doctor.user)  # type: ignore[attr-defined]
    assert "101 mails" in failing(doctor())["mailbox support, read so far"]


def test_a_clock_that_went_back_an_old_backup_and_a_mail_that_may_have_gone_out_wait_for_a_person(
    doctor: Doctor, tmp_path: Path
) -> None:
    from supportbot.testing import FixedClock
    from tests.store_world import send_out

    clock = FixedClock(SystemClock().now())
    clock.advance(days=3)
    store = Store.open(f"sqlite:///{tmp_path}/data/bot.db", clock=clock)
    with store.transaction() as tx:
        send_out(tx)
        tx.claim_outbox(clock.now())
        tx.park_interrupted()
    store.close()
    backup = tmp_path / "backups" / "monday.db"
    backup.touch()
    os.utime(backup, (time.time() - 5 * 86_400,) * 2)

    found = failing(doctor(retention={"backups": str(backup.parent)}))

    assert found.keys() == {"clock", "mails that may have gone out", "backups"}
    assert "NTP" in found["clock"]
    assert "5 days" in found["backups"]


def test_a_schema_of_another_version_is_named_and_left_alone(doctor: Doctor, tmp_path: Path) -> None:
    import sqlite3

    Store.open(f"sqlite:///{tmp_path}/data/bot.db", clock=SystemClock()).close()
    with sqlite3.connect(tmp_path / "data" / "bot.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    assert "newer supportbot" in failing(doctor())["database and its schema"]
