"""Running: the steps are run by Alembic, on a connection or as SQL for somebody else.

Decides that all steps are one transaction. Invariant: Alembic is imported here, in `env.py` and by the steps,
and nowhere else, so that who opens an agency needs none of it.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dcss_core import errors
from dcss_core_sql.migrations import history, revision_mark
from dcss_core_sql.shapes import written
from dcss_core_sql.tables import creation_of

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER: Final = Path(__file__).parent
_MISSING: Final = (
    "the steps are written and run by Alembic, which is not installed; install dcss-core-sql[migrations], "
    "or, on a machine that has it, print the SQL by `dcss db sql` and apply that here"
)


def run_steps(connection: Any, begin_at: history.Revision, *, up_to: str = "head") -> None:
    """Run the steps from one revision to another, in the transaction that this connection is in."""
    config, command = _alembic()
    for statement in (revision_mark.CREATION, *revision_mark.statements_marking(begin_at.number)):
        connection.exec_driver_sql(statement)
    config.attributes["connection"] = connection
    command.upgrade(config, up_to)


def steps_as_sql(begin_at: history.Revision, database: str, *, first: Sequence[str]) -> str:
    """The steps from a revision on as SQL, in one transaction that begins with the `first` statements."""
    config, command = _alembic()
    printed = io.StringIO()
    config.attributes["dialect"] = database
    config.output_buffer = printed
    marking = (revision_mark.CREATION, *revision_mark.statements_marking(begin_at.number))
    if history.steps_from(begin_at.number):
        command.upgrade(config, f"{begin_at.number}:head", sql=True)
    return transaction([*first, *marking, printed.getvalue().strip().removesuffix(";")])


def whole_as_sql(database: str) -> str:
    """All that a new database needs, as SQL, in one transaction."""
    from dcss_core_sql.migrations.spelling import noting, spelling_of

    dialect, creation = spelling_of(database)
    present = history.head()
    statements = [creation, revision_mark.CREATION]
    for collection in present.collections.values():
        statements += creation_of(collection, dialect)
    statements += [noting(each.name, written(each), database) for each in present.collections.values()]
    return transaction([*statements, *revision_mark.statements_marking(present.number)])


def check_installed() -> None:
    """Refuse where Alembic is not installed; raises ConfigurationError."""
    _alembic()


def transaction(statements: list[str]) -> str:
    """Statements as one transaction, for somebody else to apply."""
    return "\n\n".join(["BEGIN;", *(f"{each};" for each in statements if each), "COMMIT;"]) + "\n"


def _alembic() -> "tuple[Config, Any]":
    try:
        from alembic import command
        from alembic.config import Config
    except ImportError as error:
        raise errors.ConfigurationError(_MISSING) from error
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config, command
