"""The tables of proof: which key each DKIM signature was checked with, and what came of it, as it was at receipt."""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from supportbot.store.columns import Key, Timestamp, Words
from supportbot.store.tables import metadata

dkim_keys = Table(
    "dkim_keys",
    metadata,
    Column("name", Text, primary_key=True),  # selector._domainkey.domain, folded
    Column("value_sha256", Text, primary_key=True),  # a name may have had several keys
    Column("value", Words, nullable=False),
    Column("first_seen", Timestamp, nullable=False),
    Column("last_seen", Timestamp, nullable=False),
)

signature_checks = Table(
    "signature_checks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("place", Integer, nullable=False),  # 0: the mail itself; 1, 2, ...: a message attached to it
    Column("signature_sha256", Text),
    Column("result", Text, nullable=False),
    Column("domain", Words),
    Column("aligned", Boolean, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("key_name", Text),
    Column("key_sha256", Text),  # of the record in `dkim_keys`
    Column("key_source", Text),
    Column("arc", Text, nullable=False),  # advice only: nothing is decided by it
    Column("checked_at", Timestamp, nullable=False),
    CheckConstraint("key_source IN ('dns', 'archive')", name="signature_checks_source"),
    Index("signature_checks_message", "message_id"),
    sqlite_autoincrement=True,
)
