"""The tables of what people say against the program; see `corrections`."""

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Table, Text

from supportbot.store.columns import Key, Timestamp, Words
from supportbot.store.tables import metadata

corrections = Table(
    "corrections",
    metadata,
    Column("id", Key, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", JSON, nullable=False),  # by the names of casework.facts.MessageFacts; only those that a person said
    Column("was_kind", Text),
    Column("made_by", Words, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("undone_by", Words),
    Column("undone_at", Timestamp),
    CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", name="corrections_undone_by_somebody"),
    Index("corrections_message", "message_id"),
)

thread_moves = Table(
    "thread_moves",
    metadata,
    Column("id", Key, primary_key=True),
    Column("from_thread", ForeignKey("threads.id"), nullable=False),
    Column("to_thread", ForeignKey("threads.id"), nullable=False),
    Column("header_message_ids", JSON, nullable=False),  # that went with them, so that answers find the new thread
    Column("made_by", Words, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("undone_by", Words),
    Column("undone_at", Timestamp),
    CheckConstraint("from_thread <> to_thread", name="thread_moves_go_elsewhere"),
    CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", name="thread_moves_undone_by_somebody"),
    Index("thread_moves_from", "from_thread"),
    Index("thread_moves_to", "to_thread"),
)

moved_messages = Table(
    "moved_messages",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("move_id", ForeignKey("thread_moves.id"), primary_key=True),
)
