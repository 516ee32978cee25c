"""`supportbot run` as an operator starts it: a process of its own, over a real mailbox, until it is told to stop."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.servers import PASSWORD, PrivateDovecot, ScriptedSmtp, free_port
from tests.stories.office import rebill_order

REPORT = (
    "From: The Shop <post@shop.example>\r\nTo: support@example.test\r\nSubject: Order PO-771200 cancelled but shipped\r\n"
    "Message-ID: <r1@shop.example>\r\nDate: Mon, 04 May 2026 12:00:00 +0000\r\n\r\n"
    "Order PO-771200 shows as cancelled, but we had already shipped it with UPS 1Z999AA10123456784. How do we get paid?\r\n"
)


def write_config(folder: Path, dovecot: PrivateDovecot, smtp: ScriptedSmtp, user: str, port: int) -> Path:
    config = folder / "config.yaml"
    config.write_text(
        f"""database: sqlite:///{folder / "run.db"}
mailboxes:
  - name: support
    address: {user}
    host: 127.0.0.1
    port: {dovecot.port}
    security: none
    user: {user}
    password: env:MAILBOX_PASSWORD
smtp: {{host: 127.0.0.1, port: {smtp.port}, security: none}}
console: {{port: {port}}}
""",
        encoding="utf-8",
    )
    return config


@contextmanager
def running(config: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "supportbot", "run", "--config", str(config)]
    with (config.parent / "run.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "MAILBOX_PASSWORD": PASSWORD})
    try:
        until(lambda: answers(port), 20, config)
        yield process
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(done: Callable[[], bool], seconds: float, config: Path) -> float:
    """Wait until it is done; how long that took."""
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < seconds, (config.parent / "run.log").read_text()
        time.sleep(0.02)
    return time.monotonic() - begun


def drafts(config: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{config.parent / 'run.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("select template, state from drafts").fetchall()


def test_the_service_answers_a_fresh_mail_at_once_and_ends_when_told(
    tmp_path: Path, private_dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp
) -> None:
    user, port = private_dovecot.fresh_user(), free_port()
    config = write_config(tmp_path, private_dovecot, smtp_sink, user, port)
    orders = tmp_path / "orders.json"
    orders.write_text(json.dumps([rebill_order()]))
    environment = {**os.environ, "MAILBOX_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "supportbot", "orders", "import", str(orders), "--config", str(config)]
    subprocess.run(command, check=True, capture_output=True, env=environment)

    with running(config, port) as process:
        private_dovecot.append(REPORT.encode(), user=user)
        until(lambda: bool(drafts(config)), 10, config)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            assert response.status == 200
        second = subprocess.run(
            [sys.executable, "-m", "supportbot", "poll", "--config", str(config)],
            capture_output=True,
            text=True,
            env=environment,
        )
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        status = process.wait(timeout=10)

    assert drafts(config) == [("m_rebill_notice", "draft")]
    assert (second.returncode, "another supportbot" in second.stderr) == (3, True)
    assert status == 0, f"after {time.monotonic() - began:.1f} s"
    assert all("\\Seen" in flags for flags in private_dovecot.flags(user=user).values())


def test_the_service_survives_a_mailbox_that_is_down_and_says_so(
    tmp_path: Path, private_dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp
) -> None:
    user, port = private_dovecot.fresh_user(), free_port()
    config = write_config(tmp_path, private_dovecot, smtp_sink, user, port)
    config.write_text(config.read_text().replace(f"port: {private_dovecot.port}", f"port: {free_port()}"))

    with running(config, port) as process:
        until(lambda: "fault; trying again" in (tmp_path / "run.log").read_text(), 10, config)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0

    log = (tmp_path / "run.log").read_text()
    assert PASSWORD not in log
    assert "Traceback" not in log
