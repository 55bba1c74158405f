"""`dcss keys retire`: a key that nothing needs any more goes, in the audit log and in the key file.

Invariants: the key leaves the file only after the log says so; run again after it was stopped between the
two, it does both; nothing that opens with the key alone is lost. Keys of a provider are changed where it
keeps them, so that what has to stand there is printed.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.keys.opened import opened, with_key_file
from dcss_core.command.options import at_storage, with_answer

if TYPE_CHECKING:
    from dcss_core.ports.keys import RetiredKey


@click.command()
@at_storage
@click.argument("key_id", metavar="ID")
@with_key_file
@click.option("--leaked", is_flag=True, help="Somebody else may have the key.")
@click.option(
    "--signs-nothing-after",
    "bound",
    type=click.IntRange(min=0),
    metavar="RECORDS",
    help="Believe no checkpoint of more records that it signed; else its own bound, or the present size.",
)
@click.option(
    "--end-passwords",
    is_flag=True,
    help="Though passwords or answers need it; their owners choose anew by recovery.",
)
@with_answer
def retire(
    url: str,
    key_id: str,
    keys: str | Path,
    leaked: bool,
    bound: int | None,
    end_passwords: bool,
    is_json: bool,
    quiet: bool,
) -> ExitCode:
    """Retire the key ID of the agency at URL: take it out of the key file for good.

    Bring the file to every machine and restart what has the agency open. Where the keys come from a
    provider, this prints what to put there in the key's place.
    """
    with opened(url, keys) as (agency, job):
        retired = agency.keys.retire(
            key_id, by=job, is_leaked=leaked, signs_nothing_after=bound, ends_passwords=end_passwords
        )
    document = {"retired": key_id, "signs_nothing_after": retired.signs_nothing_after}
    text = f"{key_id} is retired; what it signed counts up to record {retired.signs_nothing_after:,}"
    to_put = _taken_out(keys, retired)
    if to_put is not None:
        document["put_under_retired"] = to_put
        text = (
            f'{text}\nTake it out of the keys where they are kept, and put under "retired" there:\n{to_put}'
        )
    Answer(is_json).give(document, text)
    return ExitCode.DONE


def _taken_out(keys: str | Path, retired: "RetiredKey") -> str | None:
    """Take a key out of its file; what somebody has to write where a provider keeps the keys."""
    from dcss_core.opening.key_source import names_provider  # not for those who ask for help
    from dcss_core.plugins.key_text import written_retired
    from dcss_core.running import retire_key

    if names_provider(keys):
        return json.dumps(written_retired(retired))
    retire_key(keys, retired)
    return None
