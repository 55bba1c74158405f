"""Remitters, who signs in for them and who is invited to; a receipt keeps under what it was sent.

Of a receipt from before that is not known, and its remitter does not see it.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make room for them."""
    change(revision)
