"""`dcss db sql`: the steps as SQL, for somebody who applies them by hand.

Invariant: nothing is changed, and no URL is shown.
"""

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.options import at_storage, with_answer


@click.command()
@at_storage
@click.option(
    "--from",
    "begin_at",
    metavar="REVISION",
    help="The revision that the database is of, or `new` for one to be made; it is not looked at then.",
)
@with_answer
def sql(url: str, begin_at: str | None, is_json: bool, quiet: bool) -> ExitCode:
    """Print the SQL that makes the database at URL one of the present version.

    It is what `dcss db upgrade` would do, in one transaction. For an empty database it is all that a new one
    needs.
    """
    from dcss_core.command.schema.opening import needed_schema_of  # not for those who ask for help

    printed = needed_schema_of(url).script(begin_at)
    Answer(is_json).give({"sql": printed}, printed.rstrip("\n"))
    return ExitCode.DONE
