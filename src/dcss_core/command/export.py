"""`dcss export`: everything that a database holds, as files that any backend can be filled from.

Decides what is said of it; what an export is, is `moving`'s. Invariant: no URL is shown, for one may hold a
password.
"""

import time
from contextlib import closing
from pathlib import Path

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.moved import document_of, lines_of
from dcss_core.command.options import from_storage_to_folder, url_and_folder, with_answer, with_keys
from dcss_core.command.progress import ProgressLine


@click.command()
@from_storage_to_folder
@with_keys("The agency's key file; needed for --rewrap only, since what is sealed stays sealed.")
@click.option("--rewrap", metavar="KEY", help="Seal anew what is sealed, under the key of this name.")
@with_answer
def export(
    words: tuple[str, ...],
    stored_at: str | None,
    keys: str | Path | None,
    rewrap: str | None,
    is_json: bool,
    quiet: bool,
) -> ExitCode:
    """Write everything that the database at URL holds into the new FOLDER.

    The portal may go on: all of it is of one instant. As in `dcss export sqlite:///georgia.db
    backup-2026-01-31`.
    """
    from dcss_core.moving import export_agency  # not for those who ask for help

    url, folder = url_and_folder(words, stored_at)
    began = time.monotonic()
    with closing(ProgressLine.unless(quiet)) as progress:
        report = export_agency(url, folder, keys=keys, rewrap=rewrap, progress=progress)
    seconds = time.monotonic() - began
    lines = [f"The database is exported to {report.folder}.", *lines_of(report, seconds)]
    Answer(is_json).give({"exported": True, **document_of(report, seconds)}, "\n".join(lines))
    return ExitCode.DONE
