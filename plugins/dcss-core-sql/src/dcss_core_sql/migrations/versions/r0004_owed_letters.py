"""Letters that strangers give cause for are owed first, and each second factor counts the wrong codes itself.

No factor has counted any by then.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of debts, and begin to count."""
    change(revision, filled={"second_factors": {"wrong_codes": "0"}})
