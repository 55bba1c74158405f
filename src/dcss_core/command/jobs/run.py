"""`dcss run`: the jobs of an agency in one process.

Decides which jobs are run where none are named, and what is said in the end. Invariants: no URL is shown, for
one may hold a password; a job for which the agency lacks something is refused where it is named.
"""

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import click

from dcss_core.command.answer import Answer
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.jobs.logs import FORMS, logging_to_standard_error
from dcss_core.command.jobs.signals import asked_by_signals
from dcss_core.command.options import SecondsOf, with_agency, with_answer

if TYPE_CHECKING:
    from dcss_core import Agency
    from dcss_core.running import JobTotal, Observer

_JOBS: Final = (
    "charging",
    "sequencer",
    "subscriptions",
    "reminders",
    "idleness",
    "outbox",
    "checkpoints",
    "retention",
)
_NEEDED: Final = {"outbox": "--channel", "subscriptions": "--subscriber", "checkpoints": "--sink"}


@click.command()
@with_agency
@click.option(
    "--channel",
    "channels",
    multiple=True,
    metavar="URL",
    envvar="DCSS_CHANNELS",
    show_envvar=True,
    help="How letters go out.",
)
@click.option("--jobs", metavar="NAMES", help=f"Some of {','.join(_JOBS)}; else all that it can do.")
@click.option(
    "--interval",
    "intervals",
    multiple=True,
    type=SecondsOf(_JOBS),
    help="How long a job rests after a round, as outbox=30.",
)
@click.option("--once", is_flag=True, help="Do what there is to do, job by job, and end.")
@click.option(
    "--log", "form", type=click.Choice(FORMS), default="text", help="How standard error is written."
)
@click.option("--telemetry", is_flag=True, help="Tell OpenTelemetry besides, as the host has set it up.")
@with_answer
def run(url: str, keys: str | Path, **said: object) -> ExitCode:
    """Run the jobs of the agency at URL until SIGTERM or Ctrl-C; then end what is at work, with exit code 0.

    Several of these processes can run at once. With --once, exit code 3 says that a job failed. A job that
    fails is logged, and tried again after a pause that grows.
    """
    from dcss_core.running import Job, Stopping, run_jobs  # not for those who ask for help

    call = _Call(url, keys, **said)  # type: ignore[arg-type]  # click gives what the options above name
    chosen = [Job(name) for name in call.chosen()]
    resting = {Job(name): timedelta(seconds=seconds) for name, seconds in call.intervals}
    stopping = Stopping()
    with (
        asked_by_signals(stopping.ask),
        logging_to_standard_error(call.form, logging.WARNING if call.quiet else logging.INFO),
        call.opened() as agency,
    ):
        totals = run_jobs(agency, jobs=chosen, intervals=resting, once=call.once, stopping=stopping)
    return _told(call, totals)


@attrs.frozen
class _Call:
    """What the command was called with."""

    url: str
    keys: str | Path
    channels: tuple[str, ...]
    subscribers: tuple[str, ...]
    sinks: tuple[str, ...]
    breach_check: str | None
    jobs: str | None
    intervals: tuple[tuple[str, int], ...]
    once: bool
    form: str
    telemetry: bool
    is_json: bool
    quiet: bool

    def chosen(self) -> list[str]:
        """The names of the jobs to run; refuses those that are none, and those that something lacks for."""
        given = {"outbox": self.channels, "subscriptions": self.subscribers, "checkpoints": self.sinks}
        if self.jobs is None:
            return [name for name in _JOBS if given.get(name, True)]
        names = [name.strip() for name in self.jobs.split(",")]
        for name in names:
            if name not in _JOBS:
                raise click.BadParameter(f"'{name}' is none of {', '.join(_JOBS)}", param_hint="--jobs")
            if not given.get(name, True):
                option = _NEEDED[name]
                variable = f"DCSS_{option.removeprefix('--').upper()}S"
                raise click.BadParameter(f"{name} needs {option} URL, or {variable}", param_hint="--jobs")
        return names

    def opened(self) -> "Agency":
        """The agency, under the jurisdiction that its database was made for."""
        from dcss_core import open_agency
        from dcss_core.moving.held_agency import jurisdiction_of

        return open_agency(
            self.url,
            jurisdiction=jurisdiction_of(self.url),
            keys=self.keys,
            channels=self.channels or None,
            subscribers=self.subscribers,
            breach_check=self.breach_check,
            checkpoint_sinks=self.sinks,
            observers=self._observers(),
        )

    def _observers(self) -> "list[Observer]":
        from dcss_core.running import LoggingObserver, telemetry_observer

        told: list[Observer] = [LoggingObserver()]
        return [*told, telemetry_observer()] if self.telemetry else told


def _told(call: _Call, totals: "tuple[JobTotal, ...]") -> ExitCode:
    from dcss_core import json_converter

    has_failed = call.once and any(each.failed for each in totals)
    if call.is_json or not call.quiet:
        document = {"jobs": json_converter().unstructure(list(totals))}
        Answer(call.is_json).give(document, "\n".join(map(str, totals)) or "nothing was done")
    return ExitCode.FOUND if has_failed else ExitCode.DONE
