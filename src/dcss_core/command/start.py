"""Where `dcss` starts: what it needs, and what comes out of it whatever happens.

Decides nothing of a verb. Invariants: the library never needs what the command is written with; with `--json`
one document goes to standard output, whatever happens; an exit code is one of `exit_codes`; no error shows a
traceback, for its last line may hold what was stored.
"""

import json
import sys
from collections.abc import Sequence

from dcss_core.command.exit_codes import ExitCode

_NEEDED = "click"
_MISSING = (
    'the command needs click: install the extra "command" of dcss-core, in a clone by: '
    'pip install ".[command]"'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `dcss` with these words, or with those of this process; its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        from dcss_core.command.running import run
    except ModuleNotFoundError as missing:
        if missing.name != _NEEDED:
            raise
        return _say_what_is_missing(is_json="--json" in words)
    return run(words)


def _say_what_is_missing(*, is_json: bool) -> int:
    if is_json:
        error = {"code": "command.not_installed", "message": _MISSING, "faults": []}
        sys.stdout.write(json.dumps({"error": error}) + "\n")
    else:
        sys.stderr.write(f"dcss: {_MISSING}\n")
    return ExitCode.REFUSED
