"""No memo opens or is issued while mail of the buyer, or about the order, lies in quarantine."""

from alembic import op

from supportbot.store import guards

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    connection = op.get_bind()
    for statement in guards.renewal(connection.dialect.name, frozenset({"credit_memos"})):
        connection.exec_driver_sql(statement)
