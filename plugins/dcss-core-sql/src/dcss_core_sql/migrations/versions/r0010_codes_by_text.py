"""A code for recovery goes by one of two ways, and a telephone may have stopped its text messages.

Every code and letter from before goes by mail. The number of a telephone is found by a keyed index, which no
step can make without the keys: one from before has none until its owner gives it anew or it is resealed.
"""

from dcss_core_sql.migrations.stepping import change

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make room for it."""
    change(
        revision,
        filled={"outstanding_codes": {"way": "'email'"}, "owed_letters": {"way": "'email'"}},
    )
