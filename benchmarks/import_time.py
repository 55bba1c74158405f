"""What `import dcss_core` costs, beside the libraries it stands on.

Each figure is the time `python -X importtime` gives the statement in a fresh process; the statements
take turns, so that a busy moment of the machine falls on all of them, and the median of the rounds
is shown. The peer is `import attrs, cattrs, pluggy`: what any library on the same foundations pays.

What opening an agency costs, which is what somebody waits for, is measured by `starting.py`.

    python benchmarks/import_time.py [ROUNDS]
"""

import json
import os
import re
import statistics
import subprocess
import sys
from typing import Final

PEER: Final = "import attrs, cattrs, pluggy"
OURS: Final = "import dcss_core"
STATEMENTS: Final = {
    "the peer": PEER,
    "the library": OURS,
    "the library and open_agency": "import dcss_core; dcss_core.open_agency",
    "the library and every public name": "from dcss_core import *",
    "what a plugin with a storage imports": "from dcss_core.plugins import StorageBackend, hookimpl",
    "every name for plugin authors": "from dcss_core.plugins import *",
}
BOUND: Final = 1.25
NEVER_IMPORTED: Final = ("httpx", "sqlalchemy", "numpy")
_LINE: Final = re.compile(r"import time:\s+(\d+) \|")


def import_milliseconds(statement: str) -> float:
    """The sum of the self times of every module a statement imports, beyond what starting Python does."""
    return (_self_microseconds(statement) - _self_microseconds("pass")) / 1000


def _self_microseconds(statement: str) -> int:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # compiled files are kept, as at a user's
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", statement],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return sum(int(found) for found in _LINE.findall(done.stderr))


def modules_after(statement: str) -> set[str]:
    """The names of every module that is loaded once the statement has run."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def measure(rounds: int) -> dict[str, float]:
    """The median milliseconds of each statement; the first, uncounted round compiles and warms the disk."""
    taken: dict[str, list[float]] = {label: [] for label in STATEMENTS}
    for turn in range(rounds + 1):
        for label, statement in STATEMENTS.items():
            milliseconds = import_milliseconds(statement)
            if turn:
                taken[label].append(milliseconds)
    return {label: statistics.median(values) for label, values in taken.items()}


def main() -> None:
    """Print the table, the ratio, whether it keeps the bound and whether anything heavy was loaded."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    medians = measure(rounds)
    print(f"Python {sys.version.split()[0]}, median of {rounds} interleaved rounds, fresh processes")
    peer = medians["the peer"]
    for label, milliseconds in medians.items():
        ratio = f"{milliseconds / peer:.2f} x the peer"
        print(f"{label:<36}{milliseconds:>8.1f} ms  {ratio:>16}   {STATEMENTS[label]}")
    kept = medians["the library"] <= BOUND * peer
    print(f"`{OURS}` within {BOUND} x: {'yes' if kept else 'no'}")
    loaded = modules_after(OURS)
    for name in NEVER_IMPORTED:
        print(f"{name:<36}{'LOADED' if name in loaded else 'not loaded':>11}")


if __name__ == "__main__":
    main()
