"""Which account an issuer outside opens, what waits for its owner's word, and which assertions came."""

from dcss_core_sql.migrations.stepping import change

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make room for it."""
    change(revision)
