"""A day in the life: what breaks around a running service is named in plain words within a minute, and heals by itself.

The parts are real: a Dovecot of its own over TLS, a mail server, SQLite on a small disk, a PostgreSQL of its own, the console
over HTTP, `doctor`, `/metrics`. Minutes long, so `make soak` runs it.
"""

import ipaddress
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine

from supportbot.app import build_app, open_store
from supportbot.cli.doctor import examine_surroundings
from supportbot.clock import SystemClock
from supportbot.config import load_settings
from supportbot.console import open_console
from supportbot.errors import StoreError
from supportbot.jobs import Engine
from supportbot.store import migrate
from tests.databases import PostgresqlCluster
from tests.servers import HOST, PASSWORD, FaultProxy, PrivateDovecot, ScriptedSmtp, missing
from tests.stories.office import shipped_house

pytestmark = pytest.mark.soak
A_MINUTE = 60.0


class ShiftedClock:
    """The machine's clock, and what somebody set it ahead by."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


@dataclass
class Service:
    """A running service and the three places where an operator looks."""

    config: Path
    dovecot: PrivateDovecot
    proxy: FaultProxy
    user: str
    port: int
    engine: Engine
    clock: ShiftedClock
    browser: httpx.Client  # of somebody who has signed in
    seen: list[str] = field(default_factory=list)

    def mail(self, subject: str) -> None:
        self.dovecot.append(f"From: a@b.example\r\nSubject: {subject}\r\n\r\nWhere is my money?\r\n".encode(), user=self.user)

    def reconnect(self) -> None:
        """The line to the mailbox breaks once."""
        self.proxy.fault = lambda *_: "reset"
        time.sleep(2.5)
        self.proxy.fault = lambda *_: "pass"

    def console(self) -> str:
        return self.browser.get("/overview").text

    def metrics(self) -> str:
        return httpx.get(f"http://{HOST}:{self.port}/metrics", timeout=40).text

    def doctor(self) -> dict[str, str]:
        """What fails, with its remedy."""
        return {
            one.check: f"{one.detail}; {one.remedy}"
            for one in examine_surroundings(load_settings(self.config), None)
            if not one.ok
        }

    def shows(self, cause: str, words: str, *, doctor: tuple[str, str] | None = None, figure: str = "") -> None:
        """Within a minute the console and the metrics name the cause, and so does `doctor`."""
        self._within_a_minute(lambda: words in self.console(), f"the console says `{words}`")
        self._within_a_minute(
            lambda: (figure or f'supportbot_trouble{{cause="{cause}"}} 1.0') in self.metrics(), "the metrics do"
        )
        if doctor:
            check, said = doctor
            found = self.doctor()
            assert said in found.get(check, ""), found

    def heals(self, *causes: str) -> None:
        """Within a minute nothing of it is left."""

        def well() -> bool:
            return not {f'cause="{one}"' for one in causes if f'cause="{one}"' in self.metrics()}

        self._within_a_minute(well, f"{causes} heal")
        assert "What is wrong now" not in self.console() or not any(one in self.console() for one in causes)
        assert not set(causes) & self.doctor().keys()

    def works(self, subject: str) -> None:
        """A fresh mail is fetched and worked."""
        self.mail(subject)

        def worked() -> bool:
            with suppress(StoreError), closing(open_store(load_settings(self.config))) as store, store.snapshot() as tx:
                return any(row.subject == subject and row.state == "done" for row in tx.messages())
            return False

        self._within_a_minute(worked, f"the mail {subject} is worked")

    def _within_a_minute(self, holds: Callable[[], bool], what: str) -> None:
        begun = time.monotonic()
        while not holds():
            assert time.monotonic() - begun < A_MINUTE, f"not within a minute: {what}; faults: {self.engine.health.faults}"
            time.sleep(0.5)
        self.seen.append(f"{time.monotonic() - begun:5.1f} s  {what}")


@pytest.fixture
def dovecot() -> Iterator[PrivateDovecot]:
    found = PrivateDovecot()
    yield found
    found.stop()


def write_config(folder: Path, database: str, dovecot: PrivateDovecot, smtp: ScriptedSmtp, user: str, port: int) -> Path:
    (folder / "password").write_text(PASSWORD)
    (folder / "ca.pem").write_bytes(dovecot.ca_file.read_bytes())
    box = {"name": "support", "address": user, "user": user, "host": HOST, "port": port, "password": "file:password"}
    given = {
        "database": database,
        "mailboxes": [{**box, "ca_file": "ca.pem"}],
        "smtp": {"host": HOST, "port": smtp.port, "security": "none"},
        "limits": {"free_megabytes": 3, "reserve_megabytes": 2},
        "schedule": {"poll_seconds": 1, "deliver_seconds": 0.5, "timer_seconds": 1},
    }
    config = folder / "config.yaml"
    config.write_text(json.dumps(given))
    return config


@contextmanager
def a_service(folder: Path, database: str, dovecot: PrivateDovecot, smtp: ScriptedSmtp) -> Iterator[Service]:
    user, proxy = dovecot.fresh_user(), FaultProxy(dovecot.tls_port)
    config = write_config(folder, database, dovecot, smtp, user, proxy.port)
    settings, clock = load_settings(config), ShiftedClock()
    app = build_app(settings, house=replace(shipped_house(), settings=settings), clock=clock, key_of=lambda _: None)
    engine = app.engine()
    with engine.claim():
        console = open_console(app, HOST, 0, demo_users=("alice",), engine=engine)
        engine.start()
        url = f"http://{HOST}:{console.port}"
        browser = httpx.Client(base_url=url, follow_redirects=True, headers={"origin": url}, timeout=40)
        browser.post("/login/demo", data={"name": "alice"})
        try:
            yield Service(config, dovecot, proxy, user, console.port, engine, clock, browser)
        finally:
            browser.close()
            console.stop()
            engine.stop()
            proxy.stop()
    app.close()


def change_password(dovecot: PrivateDovecot, password: str) -> None:
    file = dovecot.home / "dovecot.conf"
    before = next(line for line in file.read_text().splitlines() if "args = password=" in line)
    file.write_text(file.read_text().replace(before, f"  args = password={password}"))
    dovecot.password = password
    reload(dovecot)


def reload(dovecot: PrivateDovecot) -> None:
    dovecot._process.send_signal(signal.SIGHUP)
    time.sleep(1)


def certificate(days: int) -> tuple[bytes, bytes]:
    """A certificate for this machine that ends in so many days, or has ended; and its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"localhost {days}")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(_local())]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), private


def _local() -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(HOST)


def present(service: Service, days: int) -> None:
    """The mailbox's server shows another certificate, which this machine would trust."""
    made, key = certificate(days)
    for name, octets in (("cert.pem", made), ("key.pem", key)):
        (service.dovecot.home / name).write_bytes(octets)
    with (service.config.parent / "ca.pem").open("ab") as trusted:
        trusted.write(made)
    reload(service.dovecot)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of sixteen megabytes."""
    place = folder / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", place], check=False)
    if not mounted or mounted.returncode:
        missing("a small disk can be mounted by root alone")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def test_a_day_on_one_machine(tmp_path: Path, dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp) -> None:
    with small_disk(tmp_path) as disk, a_service(tmp_path, f"sqlite:///{disk / 'bot.db'}", dovecot, smtp_sink) as service:
        service.works("a quiet morning")

        change_password(dovecot, "another")
        service.reconnect()
        said = "refused the login"
        service.shows("mailbox support", said, doctor=("mailbox support", said))
        (tmp_path / "password").write_text("another")
        service.works("the password was put right in its file")
        service.heals("mailbox support")
        change_password(dovecot, PASSWORD)
        (tmp_path / "password").write_text(PASSWORD)

        present(service, days=-1)
        service.reconnect()
        service.shows("mailbox support", "certificate has expired", doctor=("mailbox support", "certificate has expired"))
        present(service, days=5)
        service.works("the certificate was renewed")
        service.heals("mailbox support")
        assert "ends in 4 days" in service.doctor()["mailbox support, certificate"]
        present(service, days=90)

        ballast = disk / "ballast"
        with suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(65536))
        service.mail("nobody has room for this")
        service.shows("disk", "0 MB are free", doctor=("disk", "free some space"))
        service.shows("mailbox support", "no mail is fetched until")
        ballast.unlink()
        service.works("there is room again")
        service.heals("disk", "mailbox support")

        with closing(sqlite3.connect(disk / "bot.db", isolation_level=None)) as somebody:
            somebody.execute("begin immediate")
            service.mail("somebody holds the database")
            service.shows("mailbox support", "database")
            somebody.execute("rollback")
        service.works("the database is free again")
        service.heals("mailbox support")

        service.clock.ahead = timedelta(days=3)
        service.shows("clock jumped", "went forward by 3 days")
        service.works("at a wrong time")
        service.clock.ahead = timedelta(0)
        service.heals("clock jumped")
        assert "NTP" in service.doctor()["clock"]

        with closing(sqlite3.connect(disk / "bot.db")) as newer, newer:
            (own,) = newer.execute("select version_num from alembic_version").fetchone()
            newer.execute("update alembic_version set version_num = '9999'")
        service.shows("schema", "9999", doctor=("database and its schema", "newer supportbot"))
        with closing(sqlite3.connect(disk / "bot.db")) as older, older:
            older.execute("update alembic_version set version_num = ?", (own,))
        service.heals("schema", "database and its schema")
        sys.stdout.write("\n".join(service.seen) + "\n")


def test_a_database_server_that_restarts(tmp_path: Path, dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp) -> None:
    cluster = PostgresqlCluster()
    try:
        url = cluster.url(cluster.new_database())
        with a_service(tmp_path, url, dovecot, smtp_sink) as service:
            service.works("before")
            cluster.pause()
            service.mail("nobody can keep this")
            service._within_a_minute(
                lambda: any("PostgreSQL" in one.what for one in service.engine.watch.troubles), "the watch names the database"
            )
            assert "The database could not be used: PostgreSQL" in service.console()
            service._within_a_minute(
                lambda: 'supportbot_trouble{cause="database"} 1.0' in service.metrics(), "the metrics name it"
            )
            assert "supportbot_database_up 0.0" in service.metrics()
            assert "PostgreSQL" in service.doctor()["database and its schema"]
            cluster.go_on()
            service.works("after")
            service.heals("database", "mailbox support", "work", "post", "claim", "database and its schema")
            with (
                closing(open_store(load_settings(service.config))) as second,
                pytest.raises(StoreError, match="another supportbot"),
            ):
                second.exclusive().__enter__()
            sys.stdout.write("\n".join(service.seen) + "\n")
    finally:
        cluster.stop()


def test_an_upgrade_with_a_migration_is_asked_for_and_done_at_the_next_start(
    tmp_path: Path, dovecot: PrivateDovecot, smtp_sink: ScriptedSmtp
) -> None:
    database = f"sqlite:///{tmp_path / 'bot.db'}"
    old = create_engine(database)
    with old.begin() as connection:
        alembic = Config()
        alembic.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "0007")
    old.dispose()

    config = write_config(tmp_path, database, dovecot, smtp_sink, dovecot.fresh_user(), dovecot.tls_port)
    found = {one.check: one for one in examine_surroundings(load_settings(config), None)}
    assert "run `supportbot db upgrade`" in found["database and its schema"].detail
    with a_service(tmp_path, database, dovecot, smtp_sink) as service:
        service.works("after the upgrade")
        assert "database and its schema" not in service.doctor()
