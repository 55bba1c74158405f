"""An account has several second factors, a name that devices know it by, and a time of its last challenge.

The factors are sealed: one from before is read as the only one of its owner. The others are not there yet.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make room for them."""
    change(revision)
