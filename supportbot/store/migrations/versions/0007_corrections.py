"""What people say against the program: what a mail really is, and to which thread mail belongs; each can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("was_kind", sa.Text()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", TIME),
        sa.CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", name="corrections_undone_by_somebody"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="corrections_message_id_fk"),
        sa.PrimaryKeyConstraint("id", name="corrections_pk"),
    )
    op.create_index("corrections_message", "corrections", ["message_id"])
    op.create_table(
        "thread_moves",
        sa.Column("id", KEY, nullable=False),
        sa.Column("from_thread", sa.Text(), nullable=False),
        sa.Column("to_thread", sa.Text(), nullable=False),
        sa.Column("header_message_ids", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", TIME),
        sa.CheckConstraint("from_thread <> to_thread", name="thread_moves_go_elsewhere"),
        sa.CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", name="thread_moves_undone_by_somebody"),
        sa.ForeignKeyConstraint(["from_thread"], ["threads.id"], name="thread_moves_from_thread_fk"),
        sa.ForeignKeyConstraint(["to_thread"], ["threads.id"], name="thread_moves_to_thread_fk"),
        sa.PrimaryKeyConstraint("id", name="thread_moves_pk"),
    )
    op.create_index("thread_moves_from", "thread_moves", ["from_thread"])
    op.create_index("thread_moves_to", "thread_moves", ["to_thread"])
    op.create_table(
        "moved_messages",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("move_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["move_id"], ["thread_moves.id"], name="moved_messages_move_id_fk"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="moved_messages_message_id_fk"),
        sa.PrimaryKeyConstraint("message_id", "move_id", name="moved_messages_pk"),
    )
