"""`dcss health`: how an agency stands, for whoever watches it.

Decides what is said of it, and that a storage which does not answer is an answer. Invariant: no URL is shown,
for one may hold a password.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.options import SecondsOf, with_agency, with_answer
from dcss_core.errors import BackendError

if TYPE_CHECKING:
    from dcss_core.running import Health

_WITHIN: Final = ("outbox", "subscription")


@click.command()
@with_agency
@click.option(
    "--within",
    multiple=True,
    type=SecondsOf(_WITHIN),
    help="How old may be what waits: outbox=900, subscription=900.",
)
@with_answer
def health(
    url: str,
    keys: str | Path,
    subscribers: tuple[str, ...],
    sinks: tuple[str, ...],
    breach_check: str | None,
    within: tuple[tuple[str, int], ...],
    is_json: bool,
    quiet: bool,
) -> ExitCode:
    """Say how the agency at URL stands: storage, audit log, outbox, subscribers, checkpoints.

    Exit code 0 says that all is well, 3 that something is late or failing, 4 that the storage does not
    answer. With --quiet nothing is printed where all is well.
    """
    from dcss_core import json_converter  # not for those who ask for help

    try:
        found = _looked_at(url, keys, subscribers, sinks, breach_check, within)
    except BackendError as error:
        found = _away(error)
    if is_json or not (quiet and found.is_ok):
        Answer(is_json).give(json_converter().unstructure(found), str(found))
    if found.is_ok:
        return ExitCode.DONE
    return ExitCode.BACKEND if _is_away(found) else ExitCode.FOUND


def _looked_at(
    url: str,
    keys: str | Path,
    subscribers: tuple[str, ...],
    sinks: tuple[str, ...],
    breach_check: str | None,
    within: tuple[tuple[str, int], ...],
) -> "Health":
    from dcss_core import open_agency
    from dcss_core.moving.held_agency import jurisdiction_of

    limits = {name: timedelta(seconds=seconds) for name, seconds in within}
    agency = open_agency(
        url,
        jurisdiction=jurisdiction_of(url),
        keys=keys,
        channels=None,
        subscribers=subscribers,
        breach_check=breach_check,
        checkpoint_sinks=sinks,
    )
    try:
        return agency.health(**limits)
    finally:
        agency.close(signs=False)  # else no checkpoint would ever be late


def _away(error: BackendError) -> "Health":
    from dcss_core.health.check import HealthSubject, failing
    from dcss_core.health.report import Health
    from dcss_core.opening.machine import SystemClock

    return Health.of([failing(HealthSubject.STORAGE, error.code)], SystemClock().now())


def _is_away(found: "Health") -> bool:
    from dcss_core.running import HealthStatus, HealthSubject

    return any(
        each.subject is HealthSubject.STORAGE and each.status is HealthStatus.FAILING for each in found.checks
    )
