"""Alembic's entry: runs the migrations on the connection that `migrate.upgrade` (or a developer's command) hands in."""

from alembic import context

from supportbot.store import proof_tables  # noqa: F401  they register themselves
from supportbot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
