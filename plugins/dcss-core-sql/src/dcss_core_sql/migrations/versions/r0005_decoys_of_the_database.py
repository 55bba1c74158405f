"""What decoys are made with belongs to the database, and no longer to the oldest master key.

It is sealed, so the agency fills it in when it is opened next: with what the decoys were made with before.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room for it."""
    change(revision)
