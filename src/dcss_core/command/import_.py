"""`dcss import`: an empty database becomes the agency that was exported.

Decides what is said of it; what may be filled, and that nothing is lost, is `moving`'s. Invariant: no URL is
shown, for one may hold a password.
"""

import time
from contextlib import closing
from pathlib import Path

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.moved import document_of, lines_of, verification_of
from dcss_core.command.options import at_storage, with_answer, with_keys, with_opening
from dcss_core.command.progress import ProgressLine


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@at_storage
@with_keys("The agency's key file: open the database afterwards, and verify the audit log and the books.")
@with_opening
@with_answer
def import_(
    folder: Path,
    url: str,
    keys: str | Path | None,
    sinks: tuple[str, ...],
    breach_check: str | None,
    is_json: bool,
    quiet: bool,
) -> ExitCode:
    """Fill the empty database at URL from the export in FOLDER, and read all of it back.

    With --keys it is verified besides, as by `dcss verify`: that is a restore that was proven. Interrupted,
    the same call goes on where it stopped, and no agency opens the database before it is done.
    """
    from dcss_core.moving import import_agency, verify_agency  # not for those who ask for help
    from dcss_core.opening.key_source import read_keys

    if keys is not None:
        read_keys(keys)  # what is wrong with it is told before the database is filled
    began = time.monotonic()
    with closing(ProgressLine.unless(quiet)) as progress:
        report = import_agency(folder, url, progress=progress)
        found = keys and verify_agency(
            url, keys=keys, checkpoint_sinks=sinks, breach_check=breach_check, progress=progress
        )
    seconds = time.monotonic() - began
    what = "is imported, and was read back" if report.is_new else "was there already, to the last byte"
    lines = [f"The export in {folder} {what}.", *lines_of(report, seconds)]
    document = {"imported": report.is_new, **document_of(report, seconds), "verified": None}
    if found:
        lines.append(str(found))
        document["verified"] = verification_of(found)
    else:
        lines.append("Verify it with the agency's keys before it is used: dcss verify URL --keys FILE")
    Answer(is_json).give(document, "\n".join(lines))
    return ExitCode.DONE if not found or found.is_sound else ExitCode.FOUND
