"""Alembic's entry: it runs on the connection that `upgrade` hands over, inside that one transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=True,
    compare_type=False,
    **context.config.attributes.get("more", {}),
)
with context.begin_transaction():
    context.run_migrations()
