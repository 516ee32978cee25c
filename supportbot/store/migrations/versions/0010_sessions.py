"""Sessions as rows, which can be ended from elsewhere; and tries to sign in, counted for all consoles of a database."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("proved_by", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="sessions_name_fk"),
        sa.PrimaryKeyConstraint("digest", name="sessions_pk"),
    )
    op.create_index("sessions_name", "sessions", ["name"])
    op.create_index("sessions_began", "sessions", ["began_at"])
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="sign_in_tries_pk"),
    )
    op.create_index("sign_in_tries_began", "sign_in_tries", ["began_at"])
