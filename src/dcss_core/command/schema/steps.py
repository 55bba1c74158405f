"""Steps: a database of a version since the audit log is sequenced becomes one of the present version.

Decides what is said of it, and that nobody may have a SQLite file open while a step is taken that the version
before does not bear. Invariant: what no step begins at is left to the conversion.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.schema.opening import schema_of
from dcss_core.command.upgrade.database_file import DatabaseFile
from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.ports.stored_schema import SchemaPlace, SchemaStanding

_WAITED_SECONDS: Final = 2
_LOOKING_SECONDS: Final = timedelta(milliseconds=50).total_seconds()


def upgrade_by_steps(url: str, answer: Answer, *, is_dry_run: bool) -> ExitCode | None:
    """Take the steps that are left, and say so; None for a database that has to be converted.

    Raises ConfigurationError for one that is ahead, empty or somebody else's, BackendError for one in use.
    """
    file = DatabaseFile.of(url)
    if file is not None:
        file.check_there()
    schema = schema_of(url)
    if schema is None:
        return None
    standing = schema.standing()
    if standing.place is SchemaPlace.OTHER:
        return None
    name = "The database" if file is None else str(file.path)
    is_behind = standing.place is SchemaPlace.BEHIND
    if is_dry_run and is_behind:
        document = {"upgraded": False, "would_upgrade": True, **_told(standing), **_place(file)}
        answer.give(document, f"{name} {_steps(standing)}; nothing was done.{_listed(standing)}")
        return ExitCode.DONE
    if is_behind and file is not None and not _bears_the_version_before(standing):
        _wait_until_closed(file)
    began = time.monotonic()
    schema.upgrade()
    seconds = time.monotonic() - began
    if not is_behind:
        document = {"upgraded": False, "would_upgrade": False, "reason": "present_version", **_place(file)}
        answer.give(document, f"{name} is of the present version; there is nothing to do.")
        return ExitCode.DONE
    document = {"upgraded": True, **_told(standing), "seconds": round(seconds, 3), **_place(file)}
    answer.give(document, f"{name} is of revision {standing.present} now.{_listed(standing)}")
    return ExitCode.DONE


def _wait_until_closed(file: DatabaseFile) -> None:
    """Wait a moment for whoever has the file open: it may be another upgrade, which takes the same steps."""
    end = time.monotonic() + _WAITED_SECONDS
    while True:
        try:
            file.check_closed()
            return
        except BackendError:
            if time.monotonic() >= end:
                raise
        time.sleep(_LOOKING_SECONDS)


def check_is_no_step(url: str) -> None:
    """Refuse a new place for a database that takes steps where it is; raises ConfigurationError."""
    schema = schema_of(url)
    if schema is not None and schema.standing().place is SchemaPlace.BEHIND:
        raise ConfigurationError(
            "this database takes its steps in its own place, so leave --to out; to leave it as it is, take "
            "them on a copy"
        )


def _told(standing: SchemaStanding) -> Mapping[str, Any]:
    steps = [
        {
            "revision": step.number,
            "summary": step.summary,
            "keeps_the_version_before": step.keeps_the_version_before,
        }
        for step in standing.steps
    ]
    return {"revision": standing.present, "revision_before": standing.revision, "steps": steps}


def _place(file: DatabaseFile | None) -> Mapping[str, str]:
    return {} if file is None else {"database": str(file.path)}


def _steps(standing: SchemaStanding) -> str:
    return f"is of revision {standing.revision}, and the present one is {standing.present}"


def _listed(standing: SchemaStanding) -> str:
    return "".join(
        f"\n  {step.number}  {step.summary}"
        f"{'' if step.keeps_the_version_before else ' (stop the version before)'}"
        for step in standing.steps
    )


def _bears_the_version_before(standing: SchemaStanding) -> bool:
    return all(step.keeps_the_version_before for step in standing.steps)
