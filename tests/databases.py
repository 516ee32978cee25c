"""Real databases for tests, as a pytest plugin: every test gets one of its own, with the tables already made.

    store           test       a Store, once on SQLite and once on PostgreSQL
    sqlite_store    test       a Store on SQLite only, for what does not depend on the dialect
    database_url    test       the URL under `store`, for tests that open it themselves or write raw SQL
    postgresql      session    PostgresqlCluster: a private server in a folder of its own, without fsync
    raw_sql         test       RawSql: somebody with a database client on the database of `store`
    clock           test       MovableClock: the clock of `store`, which the test moves

Without PostgreSQL its tests are skipped; with CI=true they fail.
"""

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from supportbot.store import Store

HOST = "127.0.0.1"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_START_SECONDS = 30.0
_MEMORY = "/dev/shm"
_TEMPLATE = "supportbot_template"
_SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB", "max_connections=80")


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, step: timedelta) -> None:
        """Let time pass."""
        self._now += step


def missing(reason: str) -> NoReturn:
    """Skip, saying why; fail where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true allows no skipping: {reason}", pytrace=False)
    pytest.skip(f"NOT TESTED: {reason}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not installed:
        missing(f"{name} is not installed (package postgresql)")
    return str(installed[-1])


class PostgresqlCluster:
    """A PostgreSQL server of our own on a free loopback port; ended with the process that started it.

    The user `supportbot` needs no password, the user `guarded` has one: "secret".
    """

    def __init__(self) -> None:
        # Not pytest's folder: the path of a Unix socket must be short, and the server may not run as root. In memory if may be.
        self._home = Path(tempfile.mkdtemp(prefix="supportbot-pg-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
        self._rights: list[str] = []
        if os.geteuid() == 0:
            setpriv = shutil.which("setpriv") or missing("setpriv is not installed (package util-linux)")
            nobody = pwd.getpwnam("nobody")
            self._rights = [setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            os.chown(self._home, nobody.pw_uid, nobody.pw_gid)
        with socket.create_server((HOST, 0)) as free:
            self.port = int(free.getsockname()[1])
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        data = self._home / "data"
        make = [_program("initdb"), "-D", str(data), "-U", "supportbot", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run([*self._rights, *make], cwd=self._home, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.fail(f"initdb failed: {made.stderr}", pytrace=False)
        rules = f"host all guarded {HOST}/32 scram-sha-256\nhost all all {HOST}/32 trust\nlocal all all trust\n"
        (data / "pg_hba.conf").write_text(rules, "utf-8")
        settings = [f"listen_addresses={HOST}", f"port={self.port}", f"unix_socket_directories={self._home}", *_SETTINGS]
        options = [word for setting in settings for word in ("-c", setting)]
        last_wish = ["--pdeathsig=TERM"] if self._rights else []
        self._command = [*self._rights, *last_wish, _program("postgres"), "-D", str(data), *options]
        self._log = (self._home / "log").open("wb")
        self.go_on()
        self.execute("CREATE ROLE guarded LOGIN PASSWORD 'secret'")
        self.execute(f"CREATE DATABASE {_TEMPLATE}")
        Store.open(self.url(_TEMPLATE), clock=MovableClock()).close()

    @property
    def folder(self) -> Path:
        """Where the server keeps its files."""
        return self._home / "data"

    def go_on(self) -> None:
        """Start the server upon the data that is there."""
        self._server = subprocess.Popen(self._command, cwd=self._home, stdout=self._log, stderr=subprocess.STDOUT)
        self._wait()

    def pause(self) -> None:
        """Stop the server as an administrator does in a hurry; its data stays."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(10)

    def _wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while True:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            if self._server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"PostgreSQL did not start: {(self._home / 'log').read_text('utf-8')}", pytrace=False)
            time.sleep(0.05)

    def url(self, database: str, user: str = "supportbot") -> str:
        """How a program connects to one of the databases."""
        return f"postgresql://{user}@{HOST}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """One statement, committed by itself, outside every database of a test."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self, *, template: str = _TEMPLATE) -> str:
        """A database with the tables made, or an empty one from `template0`; its name."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self.execute(f"DROP DATABASE {database} WITH (FORCE)")

    def stop(self) -> None:
        """End the server and remove its folder."""
        server = getattr(self, "_server", None)
        if server is not None:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlCluster]:
    cluster = PostgresqlCluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    Store.open(f"sqlite:///{path}", clock=MovableClock()).close()
    return path


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "supportbot.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql: PostgresqlCluster) -> Iterator[str]:
    name = postgresql.new_database()
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database_url: str, clock: MovableClock) -> Iterator[Store]:
    store = Store.open(database_url, clock=clock)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url: str, clock: MovableClock) -> Iterator[Store]:
    store = Store.open(sqlite_url, clock=clock)
    yield store
    store.close()


class RawSql:
    """Somebody with a database client: statements straight to the driver, each its own transaction."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def run(self, statement: str, **values: Any) -> list[Any]:
        """Execute and commit; the rows, where there are any."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def insert(self, table: str, **values: Any) -> list[Any]:
        """One row."""
        return self.run(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})", **values
        )

    def row(self, table: str, key: str) -> dict[str, Any]:
        """The row with this id, as it is stored."""
        (found,) = self.run(f"SELECT * FROM {table} WHERE id = :key", key=key)
        return {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in found._mapping.items()}

    def refusal(self, statement: str, **values: Any) -> str:
        """The database's words when it refuses; the test fails when it does not."""
        try:
            self.run(statement, **values)
        except IntegrityError as error:
            return str(error.orig)
        pytest.fail(f"the database accepted: {statement}", pytrace=False)

    def insert_refusal(self, table: str, **values: Any) -> str:
        """The same for a row."""
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        return self.refusal(f"INSERT INTO {table} ({columns}) VALUES ({places})", **values)

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()


@pytest.fixture
def raw_sql(database_url: str) -> Iterator[RawSql]:
    raw = RawSql(database_url)
    yield raw
    raw.close()
