"""`dcss keys reseal`: everything that can be is brought under the current key.

Invariant: stopped at any moment, the next run goes on with what is left.
"""

from contextlib import closing
from pathlib import Path

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.keys.opened import opened, with_key_file
from dcss_core.command.options import at_storage, with_answer
from dcss_core.command.progress import ProgressLine


@click.command()
@at_storage
@with_key_file
@with_answer
def reseal(url: str, keys: str | Path, is_json: bool, quiet: bool) -> ExitCode:
    """Bring what is sealed in the database at URL under the current key, while the agency goes on working.

    Exit code 3 says that something did not open; it is left as it is, and named.
    """
    with opened(url, keys) as (agency, job), closing(ProgressLine.unless(quiet)) as line:
        done = agency.keys.reseal(by=job, progress=lambda so_many, of: line("resealing", so_many, of))
    document = {"resealed": dict(done.resealed), "unopened": list(done.unopened), "left": done.left}
    Answer(is_json).give(document, str(done))
    return ExitCode.FOUND if done.left else ExitCode.DONE
