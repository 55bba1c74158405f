#!/usr/bin/env python3
"""The two commands of this project. They need git and Python 3.11 or newer, nothing else.

    python3 start.py day [FILE]     one day at a child-support agency; FILE is a remittance file
    python3 start.py check [...]    every test and check, as CI runs them; the rest goes to tox
    python3 start.py lock           resolve constraints.txt anew, when a dependency is to change

Decides where things are installed: `.venv` for the day (the library and its reference plugins,
editable), `.tox` for the checks. Both are pinned by constraints.txt, made once, and made again only
when what they depend on changes. Nothing outside the checkout is changed, and an environment this
script did not make is left alone.

Standard library only. The file parses on Python 3.6, so that an old Python gets a sentence to act on.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # this is the check that says so
    sys.exit(
        "start.py: this is Python {}.{}, and dcss_core needs 3.11 or newer. "
        "Run it with a newer one, as in: python3.11 start.py day".format(*sys.version_info[:2])
    )

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
CONSTRAINTS = ROOT / "constraints.txt"
DAY = ROOT / ".venv"
CHECKS = ROOT / ".tox" / "start"
STAMP = "made-by-start.txt"
PLUGINS = [path.parent for path in sorted(ROOT.glob("plugins/dcss-core-*/pyproject.toml"))]
# uv trusts the certificates that pip trusts, unless somebody said otherwise
UV_SETTINGS = {"UV_SYSTEM_CERTS": "1"}
# a user's own pip settings stay in force, but for the two that can't work inside an environment
PIP_SETTINGS = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="start.py", description="Live a day at the agency, or check the code."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    day = commands.add_parser("day", help="set up .venv and live one day at a child-support agency")
    day.add_argument(
        "file", nargs="?", type=Path, help="a remittance file to receive instead of the day's own"
    )
    commands.add_parser(
        "check", help="run every test and check; what follows goes to tox, as in: check -e docs"
    )
    commands.add_parser("lock", help="resolve constraints.txt anew")
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "check":
        parser.error(f"{chosen.command} does not know {' '.join(rest)}")
    if chosen.command == "day":
        return live_the_day(chosen.file)
    return check(rest) if chosen.command == "check" else lock()


def live_the_day(file: Path | None) -> int:
    """Install the library with its reference plugins where needed, and run `examples/first_day.py`."""
    if file is not None and not file.is_file():
        stop(f"there is no file '{file}'; give the path of a remittance file, or none for the day's own")
    manifests = [ROOT / "pyproject.toml", *(plugin / "pyproject.toml" for plugin in PLUGINS)]
    wanted = fingerprint([CONSTRAINTS, *manifests])
    if not is_ready(DAY, wanted):
        create(DAY)
        with step("Installing what builds the packages, and a mail server for the day"):
            install(DAY, "hatchling", "editables", "aiosmtpd")
        with step(f"Installing dcss_core and {len(PLUGINS)} reference plugins, editable"):
            editable = [word for project in [ROOT, *PLUGINS] for word in ("--editable", str(project))]
            install(DAY, "--no-build-isolation", *editable)
        mark_ready(DAY, wanted)
    arguments = [] if file is None else [str(file.resolve())]
    with step("Running examples/first_day.py", shows_output=True):
        return run_visibly(python_of(DAY), str(ROOT / "examples" / "first_day.py"), *arguments)


def check(arguments: Sequence[str]) -> int:
    """Run tox, and make sure that tests ran: tox passes over a Python it can't find."""
    tox = prepare_tox()
    report = CHECKS / "report.json"
    report.unlink(missing_ok=True)
    with step(f"Running {' '.join(['tox', *arguments])}", shows_output=True):
        code = run_visibly(tox, "-m", "tox", "run", "--result-json", str(report), *arguments)
    if code == 0 and not arguments and not tests_ran(report):
        stop(
            "every check passed, but no Python from 3.11 to 3.13 was found to run the tests with; install one"
        )
    return code


def lock() -> int:
    """Resolve every direct and transitive dependency for Python 3.11 and later, and write constraints.txt."""
    tox = prepare_tox()
    wanted = "\n".join(["./[testing]", *(f"./{plugin.relative_to(ROOT).as_posix()}" for plugin in PLUGINS)])
    own = [f"--no-emit-package={name}" for name in ["dcss-core", *(plugin.name for plugin in PLUGINS)]]
    command = [
        tox,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version=3.11",
        "--upgrade",
    ]
    options = ["--group=dev", "--no-annotate", "--custom-compile-command=python3 start.py lock"]
    with step("Resolving constraints.txt"):
        run([*command, *options, *own, f"--output-file={CONSTRAINTS}", "-"], given=wanted)
    return 0


def prepare_tox() -> str:
    """The Python that has tox, tox-uv and uv, installed where needed."""
    wanted = fingerprint([CONSTRAINTS])
    if not is_ready(CHECKS, wanted):
        create(CHECKS)
        with step("Installing tox and uv"):
            install(CHECKS, "tox", "tox-uv")
        mark_ready(CHECKS, wanted)
    return python_of(CHECKS)


def tests_ran(report: Path) -> bool:
    """Whether tox's report holds an environment of tests that ran."""
    environments = json.loads(report.read_text(encoding="utf-8"))["testenvs"]
    return any(name.startswith("py3") and outcome.get("test") for name, outcome in environments.items())


# --- environments -----------------------------------------------------------------------------------


def fingerprint(files: Sequence[Path]) -> str:
    """A hash of everything an environment depends on: these files, the Python and the place."""
    digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{ROOT}\n".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_ready(folder: Path, wanted: str) -> bool:
    """Whether the environment is there and was made from the same things."""
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def mark_ready(folder: Path, wanted: str) -> None:
    """Say that the environment is complete."""
    (folder / STAMP).write_text(wanted, encoding="utf-8")


def create(folder: Path) -> None:
    """Make an empty environment, in the place of an older one of ours and of no one else's."""
    if folder.exists() and not (folder / STAMP).is_file():
        stop(f"{folder} was not made by start.py, so it stays as it is; move it away and run this again")
    if Path(sys.prefix) == folder:
        stop(f"{folder} has to be made anew; run this with the Python outside it (after `deactivate`)")
    has_installer = importlib.util.find_spec("ensurepip") is not None
    if not has_installer and importlib.util.find_spec("pip") is None:
        stop("this Python has neither ensurepip nor pip; on Debian and Ubuntu: sudo apt install python3-venv")
    with step(f"Making {folder.relative_to(ROOT)} with Python {sys.version.split()[0]}"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark_ready(
            folder, "unfinished"
        )  # ours from the first moment, so that an interrupted run can begin again
        run([sys.executable, "-m", "venv", *([] if has_installer else ["--without-pip"]), str(folder)])


def python_of(folder: Path) -> str:
    """The environment's interpreter."""
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def install(folder: Path, *requirements: str) -> None:
    """Install into the environment, pinned; by this Python's own pip where the environment has none."""
    python = python_of(folder)
    own_pip = subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    pip = [python, "-m", "pip"] if own_pip else [sys.executable, "-m", "pip", "--python", python]
    run([*pip, "install", "--quiet", "--constraint", str(CONSTRAINTS), *requirements])


# --- running and telling ----------------------------------------------------------------------------


@contextmanager
def step(title: str, *, shows_output: bool = False) -> Iterator[None]:
    """Say what begins and, in the same line unless the step prints lines of its own, how long it took."""
    print(f"-- {title} ...", end="\n" if shows_output else "", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    seconds = f"{time.monotonic() - began:.1f} s"
    print(f"-- {title}: {seconds}" if shows_output else f" {seconds}", flush=True)


def run(command: Sequence[str], given: str = "") -> None:
    """Run a step of the set-up quietly; when it fails, stop and show all it said."""
    settings = {**UV_SETTINGS, **os.environ, **PIP_SETTINGS}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=settings,
        input=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        print(f"\n{done.stdout}")
        stop(f"this step failed with exit code {done.returncode}: {' '.join(command)}")


def run_visibly(*command: str) -> int:
    """Run a command that prints for itself, without standard input; its exit code."""
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def stop(reason: str) -> NoReturn:
    """End with a message and exit code 1."""
    sys.exit(f"start.py: {reason}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
