"""Keys and verdicts of signatures are kept as they were at receipt; no memo opens or is issued on hold, or over unread mail."""

import sqlalchemy as sa
from alembic import op

from supportbot.store import guards

revision = "0006"
down_revision = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
CHANGED = frozenset({"credit_memos", "dkim_keys", "signature_checks", "memo_flags"})


def upgrade() -> None:
    op.create_table(
        "dkim_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value_sha256", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", "value_sha256", name="dkim_keys_pk"),
    )
    op.create_table(
        "signature_checks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("signature_sha256", sa.Text()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text()),
        sa.Column("aligned", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("key_name", sa.Text()),
        sa.Column("key_sha256", sa.Text()),
        sa.Column("key_source", sa.Text()),
        sa.Column("arc", sa.Text(), nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.CheckConstraint("key_source IN ('dns', 'archive')", name="signature_checks_source"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="signature_checks_message_id_fk"),
        sa.PrimaryKeyConstraint("id", name="signature_checks_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("signature_checks_message", "signature_checks", ["message_id"])
    op.create_table(
        "memo_flags",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("memo_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        sa.Column("cleared_by", sa.Text()),
        sa.Column("cleared_at", TIME),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["memo_id"], ["credit_memos.id"], name="memo_flags_memo_id_fk"),
        sa.ForeignKeyConstraint(["cleared_by"], ["users.name"], name="memo_flags_cleared_by_fk"),
        sa.UniqueConstraint("memo_id", "code", name="memo_flags_once"),
        sa.CheckConstraint(
            "(cleared_by IS NULL) = (cleared_at IS NULL) AND (cleared_by IS NULL OR length(trim(reason)) > 0)",
            name="memo_flags_cleared_with_a_reason",
        ),
        sa.PrimaryKeyConstraint("id", name="memo_flags_pk"),
    )
    connection = op.get_bind()
    for statement in guards.renewal(connection.dialect.name, CHANGED):
        connection.exec_driver_sql(statement)
