"""Running `dcss`: the verbs by name, and an exit code whatever becomes of them."""

from collections.abc import Sequence

import click

from dcss_core import __version__
from dcss_core.command.answer import Answer
from dcss_core.command.db_upgrade import upgrade
from dcss_core.command.exit_codes import ExitCode
from dcss_core.command.export import export
from dcss_core.command.health import health
from dcss_core.command.import_ import import_
from dcss_core.command.jobs.run import run as run_jobs
from dcss_core.command.keys.file import add, bound, use
from dcss_core.command.keys.report import report
from dcss_core.command.keys.reseal import reseal
from dcss_core.command.keys.retire import retire
from dcss_core.command.schema.check import check
from dcss_core.command.schema.sql import sql
from dcss_core.command.schema.views import views
from dcss_core.command.verify import verify
from dcss_core.errors import DcssError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dcss", message="%(prog)s %(version)s")
def dcss() -> None:
    """What is done with an agency's database from a shell.

    With --json a verb prints one JSON document, of an error too. Exit codes: 0 done, 1 refused, 2 wrong
    usage, 3 something is wrong with what was looked at, 4 the storage is busy, full or away.
    """


@dcss.group()
def db() -> None:
    """An agency's database."""


@dcss.group()
def keys() -> None:
    """The keys of an agency: a new one is added, used and resealed to, and an old one retired."""


for _verb in (check, sql, upgrade, views):
    db.add_command(_verb)
for _verb in (add, bound, report, reseal, retire, use):
    keys.add_command(_verb)
for _verb in (export, health, import_, run_jobs, verify):
    dcss.add_command(_verb)


def run(words: Sequence[str]) -> int:
    """Run the verb that the words name; its exit code."""
    answer = Answer(is_json="--json" in words)
    try:
        code = dcss.main(list(words), prog_name="dcss", standalone_mode=False)
    except click.ClickException as misused:
        return answer.misused(misused)
    except DcssError as error:
        return answer.fail(error)
    except (click.Abort, KeyboardInterrupt):
        return answer.interrupted()
    except Exception as defect:
        return answer.broke(defect)
    return code if isinstance(code, int) else ExitCode.DONE
