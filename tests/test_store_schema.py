"""The migrations make what the tables say, once, and a database of another version is refused."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, inspect, text

from supportbot.errors import StoreError
from supportbot.store import Store, migrate
from supportbot.store.guards import GUARDS
from supportbot.store.search_index import TRIGGERS, is_index
from supportbot.store.tables import metadata
from tests.databases import MovableClock, PostgresqlCluster


def test_the_migrations_and_the_tables_say_the_same(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        options = {"include_name": lambda name, kind, _parents: kind != "table" or not is_index(name)}
        difference = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    assert difference == []


def test_every_check_of_the_tables_is_in_the_database(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        made = {
            (table.name, str(check["name"]))
            for table in metadata.sorted_tables
            for check in inspect(connection).get_check_constraints(table.name)
        }
    engine.dispose()
    said = {
        (table.name, str(check.name))
        for table in metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert made == said


def test_every_guard_is_in_the_database(database_url: str) -> None:
    names, kept_by = "SELECT name FROM sqlite_master WHERE type = 'trigger'", TRIGGERS
    if database_url.startswith("postgresql"):
        kept_by = TRIGGERS - {"messages_words_delete"}  # a key that cascades does it there
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE '%truncate_guard'"
    engine = create_engine(database_url)
    with engine.connect() as connection:
        made = set(connection.execute(text(names)).scalars())
    engine.dispose()
    assert made == {guard.name for guard in GUARDS} | {"credit_memos_follow"} | kept_by


def test_the_revisions_named_in_the_code_are_those_of_the_folder() -> None:
    folder = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert folder.get_heads() == [migrate.HEAD]
    assert [script.revision for script in folder.walk_revisions()] == list(reversed(migrate.REVISIONS))


def test_a_newer_schema_is_refused(database_url: str, clock: MovableClock) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    newer = rf"written by a newer supportbot \(schema 9999, this one knows {migrate.HEAD}\)"
    with pytest.raises(StoreError, match=newer):
        Store.open(database_url, clock=clock)


def test_an_empty_database_is_not_filled_unless_asked(postgresql: PostgresqlCluster, clock: MovableClock) -> None:
    url = postgresql.url(postgresql.new_database(template="template0"))
    with pytest.raises(StoreError, match="the database is empty; run `supportbot db upgrade`"):
        Store.open(url, clock=clock, create=False)
    Store.open(url, clock=clock).close()
    Store.open(url, clock=clock, create=False).close()


def test_a_missing_file_is_not_made_unless_asked(tmp_path: Path, clock: MovableClock) -> None:
    url = f"sqlite:///{tmp_path}/data/supportbot.db"
    with pytest.raises(StoreError, match=r"there is no database .*supportbot\.db; run `supportbot db upgrade`"):
        Store.open(url, clock=clock, create=False)
    Store.open(url, clock=clock).close()
    assert (tmp_path / "data" / "supportbot.db").exists()


def test_a_migration_that_dies_leaves_nothing_behind(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(dialect: str) -> list[str]:
        return ["CREATE TABLE half_way (id INTEGER)", "this is no SQL"]

    monkeypatch.setattr("supportbot.store.guards.statements", die)
    url = f"sqlite:///{tmp_path}/supportbot.db"
    with pytest.raises(StoreError):
        Store.open(url, clock=clock)
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
