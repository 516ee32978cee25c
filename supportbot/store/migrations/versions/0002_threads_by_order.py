"""Threads are found by the order that their mails are about."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("messages_order", "messages", ["order_id"])
    op.create_index("drafts_order", "drafts", ["order_id"])
