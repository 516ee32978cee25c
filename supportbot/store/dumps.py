"""Copies of a PostgreSQL database by its own tools: pg_dump while supportbot runs, pg_restore and psql in one transaction.

The tools of the server's major version, or of a newer one, have to be on this machine. A password travels in their environment,
where other users do not see it.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import URL

from supportbot.errors import StoreError, UsageError


def dump(url: URL, target: Path) -> None:
    """Write all of a database into a new file, in PostgreSQL's custom format. Raises `StoreError`."""
    _run(url, "pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={_place(url)}")


def load(url: URL, source: Path) -> None:
    """Put a dump in the place of everything in the database: all of it, or nothing. Raises `StoreError`."""
    with tempfile.TemporaryDirectory(prefix="supportbot-restore-") as folder:
        script = Path(folder) / "restore.sql"
        _run(url, "pg_restore", "--no-owner", f"--file={script}", str(source))
        anew = ("--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public", f"--file={script}")
        quiet = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction")
        _run(url, "psql", *quiet, *anew, f"--dbname={_place(url)}")


def check(url: URL, source: Path) -> None:
    """Raises `UsageError` where the file is no dump of supportbot."""
    try:
        listed = _run(url, "pg_restore", "--list", str(source))
    except StoreError as error:
        raise UsageError(f"{source} is no backup of supportbot: {error}") from None
    if " alembic_version " not in listed:
        raise UsageError(f"{source} is no backup of supportbot: it has none of its tables")


def _place(url: URL) -> str:
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(url: URL, tool: str, *arguments: str) -> str:
    program = shutil.which(tool)
    if program is None:
        raise StoreError(f"{tool} is not installed here; it comes with PostgreSQL's client programs (postgresql-client)")
    secret = {"PGPASSWORD": url.password} if url.password else {}
    environment = {**os.environ, **secret, "PGOPTIONS": "-c client_min_messages=warning"}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, found by its name, without a shell
        [program, *arguments], env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[:300]
        raise StoreError(f"{tool} failed: {said}")
    return done.stdout
