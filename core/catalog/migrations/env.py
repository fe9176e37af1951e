"""Run by Alembic: migrations take part in the transaction that ``core.catalog.migrate`` is in."""

from alembic import context

from core.catalog.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
