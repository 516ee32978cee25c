"""Brings a database to the schema this supportbot knows, in one transaction, and refuses one it does not know."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from supportbot import fault
from supportbot.errors import NoTables, StoreError

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
"""In the order in which they follow each other, as in migrations/versions; a test compares."""
HEAD = REVISIONS[-1]


def revision(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, *, create: bool) -> None:
    """Upgrade to `HEAD` where `create`; the caller's transaction commits, so a killed migration leaves nothing behind.

    Raises `StoreError` for a schema newer than this program, and for an older or missing one where not `create`.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(20160229)"))  # two programs that start at once: one migrates
    found = revision(connection)
    if found == HEAD:
        return
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"the database was written by a newer supportbot (schema {found}, this one knows {HEAD});"
            " install that version, or restore a backup made before the upgrade"
        )
    if not create:
        if found is None:
            raise NoTables("the database is empty; run `supportbot db upgrade` to make its tables")
        raise StoreError(
            f"the database has an older schema ({found}, wanted {HEAD}); make a backup, then run `supportbot db upgrade`"
        )
    _run(connection)


def _run(connection: Connection) -> None:
    from alembic import command  # costs a tenth of a second, and most starts need no migration
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    fault.point("store.migrated")
