"""The tables of proof: keys and verdicts of DKIM signatures as they were at receipt, and what people must look at first."""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

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

memo_flags = Table(
    "memo_flags",
    metadata,
    Column("id", Text, primary_key=True),
    Column("memo_id", ForeignKey("credit_memos.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("evidence", Words, nullable=False),
    Column("raised_at", Timestamp, nullable=False),
    Column("cleared_by", ForeignKey("users.name")),
    Column("cleared_at", Timestamp),
    Column("reason", Words, nullable=False),
    UniqueConstraint("memo_id", "code", name="memo_flags_once"),
    CheckConstraint(
        "(cleared_by IS NULL) = (cleared_at IS NULL) AND (cleared_by IS NULL OR length(trim(reason)) > 0)",
        name="memo_flags_cleared_with_a_reason",
    ),
)
