"""`dcss db upgrade`: a database of a version before becomes one of the present version.

Decides which way it goes: by the steps of its schema in its place, or, from before the audit log was
sequenced, by a conversion into a new database. What is said of that stands here; how it is done, and that
nothing is lost, is `upgrade/`'s. Invariant: no URL is shown, for one may hold a password.
"""

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.options import at_storage, with_answer, with_keys
from dcss_core.command.progress import ProgressLine
from dcss_core.errors import ConfigurationError

if TYPE_CHECKING:
    from dcss_core.command.upgrade.converting import Converted
    from dcss_core.command.upgrade.upgrading import Upgrading


@click.command()
@at_storage
@with_keys(
    "The agency's key file, for a database from before the sequenced audit log: what is sealed is "
    "opened, and sealed anew."
)
@click.option(
    "--to",
    "target",
    metavar="NEW_URL",
    help="Write into this new database, and leave the old one in its place.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--keep-damage", is_flag=True, help="Convert a damaged audit log as it is.")
@with_answer
def upgrade(
    url: str,
    keys: str | Path | None,
    target: str | None,
    dry_run: bool,
    keep_damage: bool,
    is_json: bool,
    quiet: bool,
) -> ExitCode:
    """Make the database at URL one of the present version.

    Make a backup before, and stop the portal and every job. A database of a version since the audit log is
    sequenced is changed in its place, in one transaction, and needs no keys. One from before that is
    converted with --keys: a SQLite file is exchanged in its place, and the old one kept beside it as
    georgia.db.before-upgrade, whole and unchanged. Interrupted, it can be run again.
    """
    # not for those who ask for help
    from dcss_core.command.schema.steps import check_is_no_step, upgrade_by_steps
    from dcss_core.command.upgrade.database_file import DatabaseFile
    from dcss_core.command.upgrade.upgrading import prepared

    answer = Answer(is_json)
    if target is None:
        stepped = upgrade_by_steps(url, answer, is_dry_run=dry_run)
        if stepped is not None:
            return stepped
    elif (file := DatabaseFile.of(url)) is None or file.path.exists():
        check_is_no_step(url)
    if keys is None:
        raise ConfigurationError(
            "this database is from before the audit log was sequenced, or is to be written into another one; "
            "name the agency's key file with --keys"
        )
    upgrading = prepared(url, keys, target=target, keeps_damage=keep_damage)
    began = time.monotonic()
    if dry_run:
        return _say_what_would_be_done(answer, upgrading)
    with closing(ProgressLine.unless(quiet)) as progress:
        done = upgrading.run(progress)
    return _say_what_was_done(answer, upgrading, done, time.monotonic() - began)


def _say_what_would_be_done(answer: Answer, upgrading: "Upgrading") -> ExitCode:
    rows = upgrading.planned()
    if rows is None:
        return _nothing_to_do(answer, upgrading)
    lines = [f"{_name_of(upgrading)} is from before the audit log was sequenced; nothing was done."]
    lines += [f"  {count:>12,}  {name}" for name, count in rows.items() if count]
    if upgrading.target is None and upgrading.file is not None:
        lines.append(f"The old one would be kept as {upgrading.file.kept}.")
    document = {"upgraded": False, "would_upgrade": True, "rows": rows, **_places(upgrading)}
    answer.give(document, "\n".join(lines))
    return ExitCode.DONE


def _say_what_was_done(
    answer: Answer, upgrading: "Upgrading", done: "Converted | None", seconds: float
) -> ExitCode:
    if done is None:
        return _nothing_to_do(answer, upgrading)
    damage = [str(each) for each in done.log.damage]
    root = done.log.root.hex()
    document = {
        "upgraded": True,
        "rows": done.rows,
        "sealed_values": done.sealed,
        "audit_log": {"entries": done.log.entries, "root": None if damage else root, "damage": damage},
        "seconds": round(seconds, 3),
        **_places(upgrading),
    }
    answer.give(document, "\n".join(_report(upgrading, done, root, seconds)))
    return ExitCode.FOUND if damage else ExitCode.DONE


def _report(upgrading: "Upgrading", done: "Converted", root: str, seconds: float) -> list[str]:
    lines = [
        f"{_name_of(upgrading)} is converted to the present version.",
        f"  rows           {sum(done.rows.values()):,}, each read back by the present version",
        f"  sealed values  {done.sealed:,}, each opened and sealed anew",
        f"  audit log      {done.log.entries:,} entries under the root they had, {root}",
        f"  time           {seconds:.1f} s",
    ]
    if done.log.damage:
        lines[3] = f"  audit log      DAMAGED, as it was: {done.log.damage[0]}"
    if upgrading.target is None and upgrading.file is not None:
        lines.append(f"The old one is kept as {upgrading.file.kept}, as it was.")
    else:
        lines.append("The old one stands where it stood, as it was.")
    return lines


def _nothing_to_do(answer: Answer, upgrading: "Upgrading") -> ExitCode:
    document = {"upgraded": False, "would_upgrade": False, "reason": "present_version", **_places(upgrading)}
    answer.give(document, f"{_name_of(upgrading)} is of the present version; there is nothing to do.")
    return ExitCode.DONE


def _places(upgrading: "Upgrading") -> Mapping[str, Any]:
    file = upgrading.file
    if file is None:
        return {}
    return {"database": str(file.path)} | ({"kept_as": str(file.kept)} if upgrading.target is None else {})


def _name_of(upgrading: "Upgrading") -> str:
    return "The database" if upgrading.file is None else str(upgrading.file.path)
