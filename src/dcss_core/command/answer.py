"""Answer: how a verb says what came of it, to a person or to a program.

Invariants: with `--json` exactly one document goes to standard output, of an error too; what people read of
an error goes to standard error; neither holds a secret or a traceback.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import click
from click.exceptions import NoArgsIsHelpError

from dcss_core.command.exit_codes import ExitCode, exit_code_of
from dcss_core.errors import BackendError, DcssError, Fault

_LIBRARY: Final = "dcss_core"


@attrs.frozen
class Answer:
    """Where the answer goes, and in which form."""

    is_json: bool

    def give(self, document: Mapping[str, Any], text: str) -> None:
        """Say what was done."""
        click.echo(json.dumps(document) if self.is_json else _printable(text))

    def fail(self, error: DcssError) -> ExitCode:
        """Say what was refused, or failed."""
        message = str(error).partition("\n  ")[0]
        retryable = error.retryable if isinstance(error, BackendError) else None
        return self._failed(error.code, message, error.faults, exit_code_of(error), retryable=retryable)

    def misused(self, error: click.ClickException) -> ExitCode:
        """Say how the command is called."""
        message = error.format_message()
        if isinstance(error, NoArgsIsHelpError) and not self.is_json:
            click.echo(message, err=True)
            return ExitCode.USAGE
        return self._failed("usage", message, (), ExitCode.USAGE, hint=_hint(error))

    def interrupted(self) -> ExitCode:
        """Say that somebody stopped it."""
        message = "it was interrupted; what was begun is taken back, or the next run goes on with it"
        return self._failed("interrupted", message, (), ExitCode.INTERRUPTED)

    def broke(self, defect: Exception) -> ExitCode:
        """Say where the library broke, and nothing of what it was at, for that may be somebody's."""
        message = f"a defect of dcss-core, please report it: {type(defect).__name__} at {_place_of(defect)}"
        return self._failed("defect", message, (), ExitCode.REFUSED)

    def _failed(
        self,
        code: str,
        message: str,
        faults: Iterable[Fault],
        exit_code: ExitCode,
        *,
        hint: str = "",
        retryable: bool | None = None,
    ) -> ExitCode:
        if self.is_json:
            error = {"code": code, "message": message, "faults": [attrs.asdict(each) for each in faults]}
            more = {} if retryable is None else {"retryable": retryable}
            click.echo(json.dumps({"error": error | more}))
        else:
            lines = [f"dcss: {message}", *(f"  {fault}" for fault in faults), *([hint] if hint else [])]
            click.echo(_printable("\n".join(lines)), err=True)
        return exit_code


def _printable(text: str) -> str:
    """Text for a terminal: the name of a file may hold bytes that no encoding knows."""
    return text.encode("utf-8", "backslashreplace").decode()


def _hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return "" if context is None else f"Say `{context.command_path} --help`."


def _place_of(defect: Exception) -> str:
    """The file and line of the library in which it broke."""
    place, trace = "an unknown place", defect.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if _LIBRARY in file.parts:
            place = f"{'/'.join(file.parts[file.parts.index(_LIBRARY) :])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
