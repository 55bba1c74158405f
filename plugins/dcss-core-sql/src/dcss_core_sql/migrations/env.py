"""What Alembic runs the steps in: a connection that the caller gives, or none, and then it writes SQL.

The caller begins the transaction and saves it, so that all steps are one.
"""

from alembic import context

from dcss_core_sql.migrations.revision_mark import TABLE

_given = context.config.attributes
if context.is_offline_mode():
    context.configure(
        dialect_name=_given["dialect"], version_table=TABLE, literal_binds=True, transactional_ddl=False
    )
else:
    context.configure(connection=_given["connection"], version_table=TABLE)
with context.begin_transaction():
    context.run_migrations()
