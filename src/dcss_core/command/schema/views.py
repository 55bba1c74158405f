"""`dcss db views`: views for reports, which a report may rely on.

Invariant: no URL is shown.
"""

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.options import at_storage, with_answer


@click.command()
@at_storage
@click.option("--print", "is_printed", is_flag=True, help="Print the SQL, and do nothing.")
@with_answer
def views(url: str, is_printed: bool, is_json: bool, quiet: bool) -> ExitCode:
    """Make the views for reports in the database at URL, or renew them.

    Their names and columns stay when the tables change. On PostgreSQL they stand in a schema of their own.
    """
    from dcss_core.command.schema.opening import needed_schema_of  # not for those who ask for help

    schema, answer = needed_schema_of(url), Answer(is_json)
    if is_printed:
        printed = schema.views_script()
        answer.give({"sql": printed}, printed.rstrip("\n"))
        return ExitCode.DONE
    names = list(schema.make_views())
    answer.give({"views": names}, "The views for reports are made: " + ", ".join(names) + ".")
    return ExitCode.DONE
