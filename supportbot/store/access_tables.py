"""The tables of access: the first administrator's link, sessions, second factors, tokens, who opened what, who signs in
elsewhere."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text

from supportbot.store.columns import Key, Timestamp, Words
from supportbot.store.tables import metadata

first_links = Table(
    "first_links",
    metadata,
    Column("digest", Text, primary_key=True),  # SHA-256 of the link's token: whoever reads the database cannot open the link
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),  # SHA-256 of what the browser holds: whoever reads the database is nobody
    Column("name", ForeignKey("users.name"), nullable=False),
    Column("began_at", Timestamp, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
    Column("proved_by", Text, nullable=False),  # password, password and second factor, identity provider, first link, demo
    Column("browser", Words, nullable=False),
    Index("sessions_name", "name"),
    Index("sessions_began", "began_at"),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("key", Text, primary_key=True),  # SHA-256 of a name, of an address or of both
    Column("began_at", Timestamp, nullable=False),
    Column("tries", BigInteger, nullable=False),
    Index("sign_in_tries_began", "began_at"),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("name", ForeignKey("users.name"), primary_key=True),
    Column("secret", Text, nullable=False),  # sealed with the console's secret (web/vault.py), which is not in the database
    Column("confirmed_at", Timestamp),  # null: shown, but no code of it was seen yet
    Column("last_step", BigInteger, nullable=False),  # of the newest code that was taken: no code is taken twice
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("name", ForeignKey("users.name"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("used_at", Timestamp),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", ForeignKey("users.name"), nullable=False),
    Column("label", Words, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("last_used_at", Timestamp),
    Column("revoked_at", Timestamp),
    Column("revoked_by", Words),
    CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="api_tokens_revoked_by_somebody"),
    Index("api_tokens_owner", "owner"),
)

views_seen = Table(
    "views_seen",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Timestamp, nullable=False),
    Column("name", Words, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Words, nullable=False),
    CheckConstraint("what IN ('view', 'file', 'export', 'list')", name="views_seen_what"),
    Index("views_seen_at", "at"),
    Index("views_seen_subject", "subject"),
    sqlite_autoincrement=True,  # a number is never given twice, also when the newest rows are gone
)

openid_people = Table(
    "openid_people",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Words, primary_key=True),
    Column("name", ForeignKey("users.name"), nullable=False, unique=True),
)
