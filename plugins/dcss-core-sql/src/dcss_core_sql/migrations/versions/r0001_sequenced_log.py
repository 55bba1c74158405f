"""The first schema that steps begin at: the audit log is numbered by a sequencer."""

from dcss_core_sql.migrations.stepping import begin, change

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    begin()
    change(revision)
