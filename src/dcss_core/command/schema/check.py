"""`dcss db check`: whether a database's schema is in order, and keeps what is saved.

Decides what is said of it. Invariants: nothing is changed; every fault is told at once; no URL is shown.
"""

import attrs
import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.options import at_storage, with_answer


@click.command()
@at_storage
@with_answer
def check(url: str, is_json: bool, quiet: bool) -> ExitCode:
    """Check the schema of the database at URL.

    Whether it is of the present revision, whether each table is as declared, whether this role may do what it
    has to, and whether a commit is on disk when it is acknowledged. Nothing is changed. Exit code 3 says that
    something was found.
    """
    from dcss_core.agency.work.shapes import written_collections  # not for those who ask for help
    from dcss_core.command.schema.opening import needed_schema_of

    schema = needed_schema_of(url)
    standing = schema.standing()
    faults = list(schema.faults(list(written_collections().values())))
    document = {
        "sound": not faults,
        "place": standing.place.value,
        "revision": standing.revision,
        "present_revision": standing.present,
        "faults": [attrs.asdict(fault) for fault in faults],
    }
    if faults:
        lines = ["This is not as it should be:", *(f"  {fault}" for fault in faults)]
    else:
        lines = [f"The schema is as it should be, of revision {standing.revision}."]
    Answer(is_json).give(document, "\n".join(lines))
    return ExitCode.FOUND if faults else ExitCode.DONE
