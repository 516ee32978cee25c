"""Who may come in, and who looked: the first link, second factors, tokens, views, people of an identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TIME = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "first_links",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("digest", name="first_links_pk"),
    )
    op.create_table(
        "second_factors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", TIME),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="second_factors_name_fk"),
        sa.PrimaryKeyConstraint("name", name="second_factors_pk"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", TIME),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="recovery_codes_name_fk"),
        sa.PrimaryKeyConstraint("name", "digest", name="recovery_codes_pk"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_by", sa.Text()),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="api_tokens_revoked_by_somebody"),
        sa.ForeignKeyConstraint(["owner"], ["users.name"], name="api_tokens_owner_fk"),
        sa.PrimaryKeyConstraint("id", name="api_tokens_pk"),
        sa.UniqueConstraint("digest", name="api_tokens_digest_key"),
    )
    op.create_index("api_tokens_owner", "api_tokens", ["owner"])
    op.create_table(
        "views_seen",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.CheckConstraint("what IN ('view', 'file', 'export', 'list')", name="views_seen_what"),
        sa.PrimaryKeyConstraint("id", name="views_seen_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("views_seen_at", "views_seen", ["at"])
    op.create_index("views_seen_subject", "views_seen", ["subject"])
    op.create_table(
        "openid_people",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["users.name"], name="openid_people_name_fk"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="openid_people_pk"),
        sa.UniqueConstraint("name", name="openid_people_name_key"),
    )
