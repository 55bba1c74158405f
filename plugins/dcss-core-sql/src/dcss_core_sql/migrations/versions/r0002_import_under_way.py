"""An import says in a table of its own how far it came."""

from dcss_core_sql.migrations.stepping import change

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make that table."""
    change(revision)
