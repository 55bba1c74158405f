"""Since when an account is idle, and when it was closed; codes are found by when they expire.

Nothing of it is known of the accounts there are: the jobs begin to count.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for it."""
    change(revision)
