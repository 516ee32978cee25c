"""The console's own tables: who has what in hand, what rests, notes, saved views; and the words of mail, to search."""

import sqlalchemy as sa
from alembic import op

from supportbot.store import search_index

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "desk_marks",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Text()),
        sa.Column("snoozed_until", TIME),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="desk_marks_pk"),
        sa.ForeignKeyConstraint(["assigned_to"], ["users.name"], name="desk_marks_assigned_to_fk"),
    )
    op.create_table(
        "notes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="notes_pk"),
    )
    op.create_index("notes_subject", "notes", ["subject"])
    op.create_table(
        "saved_views",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="saved_views_pk"),
    )
    op.create_table(
        "unsaved_edits",
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("shown_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "editor", name="unsaved_edits_pk"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="unsaved_edits_draft_id_fk"),
    )
    for statement in search_index.statements(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))
