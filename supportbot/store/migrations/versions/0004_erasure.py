"""Words can be taken away where the law asks for it: erasures and legal holds; and quarantine says its cause and its end."""

import sqlalchemy as sa
from alembic import op

from supportbot.store import guards

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)
CHANGED = frozenset({"case_events", "acceptances", "rebills", "tickets", "draft_versions", "reviews", "outbox", "erasures"})


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'retention')", name="erasures_kind"),
        sa.CheckConstraint("(kind = 'person') = (digest IS NOT NULL)", name="erasures_person_has_digest"),
        sa.PrimaryKeyConstraint("id", name="erasures_pk"),
    )
    op.create_index("erasures_started", "erasures", ["started_at"])
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", TIME, nullable=False),
        sa.Column("lifted_by", sa.Text()),
        sa.Column("lifted_at", TIME),
        sa.CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="legal_holds_lifted_by_somebody"),
        sa.PrimaryKeyConstraint("id", name="legal_holds_pk"),
    )
    lifted = sa.text("lifted_at IS NULL")
    op.create_index("legal_holds_once", "legal_holds", ["about"], unique=True, sqlite_where=lifted, postgresql_where=lifted)
    with op.batch_alter_table("quarantine", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("cause", sa.Text(), nullable=False, server_default="fault"))
        batch.add_column(sa.Column("settled_by", sa.Text()))
        batch.add_column(sa.Column("settled_at", TIME))
        batch.add_column(sa.Column("settlement", sa.Text()))
        batch.drop_constraint("quarantine_state", type_="check")
        batch.create_check_constraint("quarantine_state", "state IN ('held', 'retried', 'released')")
    connection = op.get_bind()
    for statement in guards.renewal(connection.dialect.name, CHANGED):
        connection.exec_driver_sql(statement)
