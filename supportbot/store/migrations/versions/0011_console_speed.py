"""Indexes for what the console counts and looks for, so that a full house is as quick as an empty one."""

from alembic import op

revision = "0011"
down_revision = "0010"

INDEXES = (
    ("messages_kind", "messages", ["kind", "id"]),
    ("messages_state", "messages", ["state"]),
    ("orders_seller", "orders", ["seller_id", "seller_name"]),
    ("shipments_tracking", "shipments", ["tracking_number"]),
    ("reviews_at", "reviews", ["at"]),
    ("outbox_state", "outbox", ["state", "changed_at"]),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
