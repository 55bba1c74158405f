"""An account has several second factors, and a name that devices know it by.

Both are sealed or not there yet: a factor from before is read as the only one of its owner, and the name is
made when the owner sets up the next one.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for the name."""
    change(revision)
