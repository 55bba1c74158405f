"""`dcss verify`: an agency's database is opened with its keys, and what can be proven is.

Decides what is said of it. Invariant: no URL is shown, for one may hold a password.
"""

import time
from contextlib import closing
from pathlib import Path

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.moved import verification_of
from dcss_core.command.options import at_storage, with_answer, with_keys, with_opening
from dcss_core.command.progress import ProgressLine


@click.command()
@at_storage
@with_keys("The agency's key file, to open it with.", required=True)
@click.option(
    "--against",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Compare every row with this export before.",
)
@with_opening
@with_answer
def verify(
    url: str,
    keys: str | Path,
    against: Path | None,
    sinks: tuple[str, ...],
    breach_check: str | None,
    is_json: bool,
    quiet: bool,
) -> ExitCode:
    """Verify the audit log and the books of the database at URL.

    Exit code 3 says that something was found. Checkpoints that were signed elsewhere show, with --sink, that
    the log is the agency's own; without them, that it is in order.
    """
    from dcss_core.moving import verify_agency  # not for those who ask for help

    began = time.monotonic()
    with closing(ProgressLine.unless(quiet)) as progress:
        found = verify_agency(
            url,
            keys=keys,
            against=against,
            checkpoint_sinks=sinks,
            breach_check=breach_check,
            progress=progress,
        )
    seconds = time.monotonic() - began
    document = {
        "jurisdiction": found.jurisdiction,
        **verification_of(found),
        "seconds": round(seconds, 3),
    }
    Answer(is_json).give(document, f"{found}\n  time           {seconds:.1f} s")
    return ExitCode.DONE if found.is_sound else ExitCode.FOUND
