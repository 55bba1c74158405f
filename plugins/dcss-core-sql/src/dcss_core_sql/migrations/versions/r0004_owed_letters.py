"""Letters are owed first, a second factor counts its wrong codes itself, and what takes two people waits.

No factor has counted any by then, and nothing waits. Every set of security answers was hashed together with
its owner's name.
"""

from alembic import op

from dcss_core_sql.migrations.stepping import change

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of debts and of approvals, and begin to count."""
    true = {"sqlite": "1", "postgresql": "TRUE"}[op.get_context().dialect.name]
    filled = {"second_factors": {"wrong_codes": "0"}, "security_answers": {"are_hashed_with_name": true}}
    change(revision, filled=filled)
