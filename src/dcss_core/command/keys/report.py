"""`dcss keys report`: what each key is still needed for.

Decides what is wrong with the keys: that something was sealed with one that is not there. Invariants: nothing
is changed; no URL and no key is shown.
"""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.keys.opened import opened, with_key_file
from dcss_core.command.options import at_storage, with_answer
from dcss_core.command.progress import ProgressLine

if TYPE_CHECKING:
    from dcss_core.running import KeyUse


@click.command()
@at_storage
@with_key_file
@with_answer
def report(url: str, keys: str | Path, is_json: bool, quiet: bool) -> ExitCode:
    """Say what each key is needed for by what is stored in the database at URL.

    Exit code 3 says that something was sealed with a key that the file does not hold, or no longer.
    """
    with opened(url, keys) as (agency, job), closing(ProgressLine.unless(quiet)) as line:
        found = agency.keys.report(by=job, progress=lambda done, of: line("reading", done, of))
    Answer(is_json).give({"keys": [_document(each) for each in found.keys]}, str(found))
    return ExitCode.DONE if found.opens_all else ExitCode.FOUND


def _document(use: "KeyUse") -> dict[str, Any]:
    needed = {purpose.name.lower(): count for purpose, count in use.purposes.items()}
    return {"id": use.key_id, "standing": use.standing.value, "needed": needed}
