"""People have contact points, and a message says what kind of address it goes to.

Every message that there is goes to an e-mail address. The address that came with a case stays where it is.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table of contact points, and say of each message how it goes."""
    change(revision, filled={"outbox": {"way": "'email'"}})
