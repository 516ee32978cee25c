"""Indexes for what the console counts and looks for, so that a full house is as quick as an empty one."""

from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"

INDEXES = (
    ("orders_order_id", "orders", ["order_id_folded", "seller_id"]),
    ("messages_kind", "messages", ["kind", "id"]),
    ("orders_seller", "orders", ["seller_id", "seller_name"]),
    ("shipments_tracking", "shipments", ["tracking_number"]),
    ("reviews_at", "reviews", ["at"]),
    ("outbox_state", "outbox", ["state", "changed_at"]),
)


def upgrade() -> None:
    op.drop_index("orders_order_id", "orders")
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    held = text("state = 'quarantined'")
    op.create_index("messages_quarantined", "messages", ["id"], sqlite_where=held, postgresql_where=held)
