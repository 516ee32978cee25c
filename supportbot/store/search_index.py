"""The words of every worked mail, kept to be searched: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL.

Triggers keep the index true, so that no path that writes or erases a message can forget it. What is indexed: subject, sender,
order number, Message-ID and the new words of the mail; not what it quotes.
"""
# ruff: noqa: S608  every part of every statement is a constant of this file

from collections.abc import Iterator

TABLE = "message_words"
TRIGGERS = frozenset({"messages_words_insert", "messages_words_update", "messages_words_delete"})

LONGEST_TEXT = 100_000
"""Characters of one mail that are indexed: PostgreSQL refuses a tsvector over 1 MiB."""


def is_index(name: str | None) -> bool:
    """Whether a table is the index or a part of it that the database made; none of them has a place in `tables`."""
    return name is not None and (name == TABLE or name.startswith(f"{TABLE}_"))


def statements(dialect: str) -> Iterator[str]:
    """The SQL that makes the index, fills it, and keeps it true, for "sqlite" or "postgresql"."""
    yield from (_sqlite() if dialect == "sqlite" else _postgresql())


def readable_json(column: str) -> str:
    """SQL for a JSON column of PostgreSQL that can be looked into: the database refuses to open one with U+0000 or half of a
    surrogate pair in it, which mail may have; those become U+FFFD."""
    return f"(regexp_replace(CAST({column} AS text), '\\\\u(0000|d[89a-f][0-9a-f][0-9a-f])', '\\\\ufffd', 'gi')::json)"


def _sqlite() -> Iterator[str]:
    readable = r"replace({row}.details, '\u0000', '\ufffd')"  # SQLite's words end at U+0000
    text = f"substr(coalesce(json_extract({readable}, '$.new_text'), ''), 1, {LONGEST_TEXT})"
    columns = "{row}.id, {row}.subject, coalesce({row}.sender, ''), coalesce({row}.order_id, ''), " + text
    add = f"INSERT INTO {TABLE}(rowid, subject, sender, order_id, body)"
    new, every = columns.format(row="NEW"), columns.format(row="messages")
    drop = f"DELETE FROM {TABLE} WHERE rowid = OLD.id"
    reading = "tokenize = 'unicode61 remove_diacritics 2'"
    yield f"CREATE VIRTUAL TABLE {TABLE} USING fts5(subject, sender, order_id, body, {reading})"
    yield f"{add} SELECT {every} FROM messages WHERE state <> 'new'"
    yield (
        f"CREATE TRIGGER messages_words_insert AFTER INSERT ON messages WHEN NEW.state <> 'new' BEGIN {add} VALUES ({new}); END"
    )
    yield (
        "CREATE TRIGGER messages_words_update AFTER UPDATE OF state, subject, sender, order_id, details ON messages"
        f" WHEN OLD.state <> 'new' OR NEW.state <> 'new' BEGIN {drop}; {add} VALUES ({new}); END"
    )
    yield f"CREATE TRIGGER messages_words_delete AFTER DELETE ON messages BEGIN {drop}; END"


def _postgresql() -> Iterator[str]:
    words = (  # without punctuation: PostgreSQL's own reading of "113-4417" has a number below zero in it
        "to_tsvector('simple', regexp_replace({row}.subject || ' ' || coalesce({row}.sender, '')"
        " || ' ' || coalesce({row}.order_id, '')"
        f" || ' ' || left(coalesce({readable_json('{row}.details')} ->> 'new_text', ''), {LONGEST_TEXT}),"
        " '[!-/:-@\\[-`\\u007b-\\u007e]+', ' ', 'g'))"
    )
    upsert = "ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
    yield (
        f"CREATE TABLE {TABLE} (message_id bigint PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,"
        " words tsvector NOT NULL)"
    )
    yield f"INSERT INTO {TABLE} SELECT id, {words.format(row='messages')} FROM messages WHERE state <> 'new'"
    yield f"CREATE INDEX {TABLE}_gin ON {TABLE} USING gin (words)"
    yield (
        "CREATE FUNCTION messages_words() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
        f"  INSERT INTO {TABLE} VALUES (NEW.id, {words.format(row='NEW')}) {upsert};\n  RETURN NULL;\nEND $$"
    )
    for name, event in (("insert", "INSERT"), ("update", "UPDATE OF state, subject, sender, order_id, details")):
        yield (
            f"CREATE TRIGGER messages_words_{name} AFTER {event} ON messages"
            " FOR EACH ROW WHEN (NEW.state <> 'new') EXECUTE FUNCTION messages_words()"
        )
