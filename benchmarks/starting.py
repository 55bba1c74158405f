"""What it costs to start: an agency opened in a new process, alone and with ten plugins, beside datasette.

Each program runs in a fresh process; the programs take turns, so that a busy moment of the machine falls on
all of them. Wall is the median of the rounds, CPU the least of them, since nothing but its own work is in it.
Ten plugins are ten distributions of one module each, generated in a folder on the path: channels for the
agency, which opens each of them, hooks for datasette. The floor is to import what the library stands on. Then
what one plugin costs in a process that runs: loaded, and installed and chosen by nobody, beside pluggy's own
registration of the same module.

The peer is datasette, in an interpreter of its own: `--peer PYTHON`, or the environment that the first line
of the output names, or this one. Without it the rest is measured.

    python benchmarks/starting.py [ROUNDS] [--peer PYTHON]
"""

import argparse
import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final

import attrs
from pluggy import PluginManager

from dcss_core import create_key_file
from dcss_core.plugins import NotificationChannel, hookspecs, load_plugins

PLUGINS: Final = 10
UNUSED: Final = 100
GOAL_OF_PEER: Final = 5
GOAL_OPENED: Final = 150
GOAL_LOADED: Final = 0.3
GOAL_UNUSED: Final = 0.02
OWN_ENVIRONMENT: Final = Path(tempfile.gettempdir()) / "dcss-core-benchmark-datasette"

FLOOR: Final = """
import attrs, pluggy, tomllib, json, pathlib, zoneinfo
import cryptography.hazmat.primitives.ciphers.aead
"""
OPEN: Final = """
from dcss_core import open_agency
with open_agency({url!r}, jurisdiction="US-GA", keys={keys!r}, channels={channels!r}):
    pass
"""
DATASETTE: Final = """
import asyncio
from datasette.app import Datasette
asyncio.run(Datasette([], memory=True).invoke_startup())
"""
CHANNEL: Final = """
from dcss_core.plugins import NotificationChannel, hookimpl

class Nowhere:
    def deliver(self, message): ...
    def close(self): ...

@hookimpl
def dcss_notification_channels():
    return [NotificationChannel({name!r}, "Mail to nobody", lambda url: Nowhere())]
"""
HOOK: Final = """
from datasette import hookimpl

@hookimpl
def extra_template_vars(datasette):
    return {{{name!r}: 1}}
"""


@attrs.frozen
class Program:
    """Something to run in a fresh process, with the interpreter and the folder it finds plugins in."""

    label: str
    text: str
    python: str = sys.executable
    plugins: Path | None = None

    def run(self) -> tuple[float, float]:
        """Milliseconds by the clock, and of the processor."""
        path = [os.environ.get("PYTHONPATH", "") if self.python == sys.executable else ""]
        path += [str(self.plugins)] if self.plugins else []
        # compiled files are kept, as at a user's
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        used, began = _seconds_of_children(), time.perf_counter()
        subprocess.run([self.python, "-c", self.text], check=True, env=environment)
        return 1000 * (time.perf_counter() - began), 1000 * (_seconds_of_children() - used)


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def install(folder: Path, distribution: str, group: str, key: str, code: str) -> None:
    """Put a distribution of one module into a folder, as an installer leaves it."""
    module = distribution.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{key} = {module}\n")


def folders_of_plugins(folder: Path) -> tuple[Path, Path]:
    """A folder with ten channels for an agency, and one with ten plugins of datasette."""
    ours, theirs = folder / "ours", folder / "theirs"
    ours.mkdir()
    theirs.mkdir()
    for number in range(PLUGINS):
        key = f"nowhere{number}"
        install(ours, f"dcss-core-{key}", "dcss_core.v1", key, CHANNEL.format(name=key))
        install(theirs, f"datasette-{key}", "datasette", key, HOOK.format(name=key))
    return ours, theirs


def peer_found(named: str | None) -> str | None:
    """The interpreter that has datasette."""
    own = OWN_ENVIRONMENT / "bin" / "python"
    if named or own.exists():
        return named or str(own)
    return sys.executable if importlib.util.find_spec("datasette") else None


def programs(folder: Path, peer: str | None) -> Iterator[Program]:
    """What is run, and what it is set beside."""
    keys = str(folder / "keys.json")
    create_key_file(keys)
    ours, theirs = folders_of_plugins(folder)
    channels = [f"nowhere{number}:" for number in range(PLUGINS)]
    new, old = (f"sqlite:///{folder}/{name}.db" for name in ("new", "old"))

    def opened(url: str, channels: list[str]) -> str:
        return OPEN.format(url=url, keys=keys, channels=channels)

    again = Program("agency on SQLite, as it was left", opened(old, []))
    again.run()
    forget = f"import pathlib\nfor each in pathlib.Path({str(folder)!r}).glob('new.db*'): each.unlink()\n"
    yield Program("python alone", "pass")
    yield Program("the floor: what the library stands on", FLOOR)
    yield Program("agency in memory", opened("memory:", []))
    yield Program("agency on SQLite, new file", forget + opened(new, []))
    yield again
    yield Program(f"agency in memory, {PLUGINS} plugins", opened("memory:", channels), plugins=ours)
    yield Program(f"agency on SQLite, {PLUGINS} plugins", opened(old, channels), plugins=ours)
    yield Program(f"agency in memory, {PLUGINS} unused", opened("memory:", []), plugins=ours)
    if peer:
        yield Program("datasette", DATASETTE, peer)
        yield Program(f"datasette, {PLUGINS} plugins", DATASETTE, peer, theirs)


def measure(each: list[Program], rounds: int) -> Mapping[str, tuple[float, float]]:
    """The median by the clock and the least processor time; the first, uncounted round compiles."""
    taken: dict[str, list[tuple[float, float]]] = {program.label: [] for program in each}
    for turn in range(rounds + 1):
        for program in each:
            run = program.run()
            if turn:
                taken[program.label].append(run)
    return {
        label: (statistics.median(wall for wall, _ in runs), min(used for _, used in runs))
        for label, runs in taken.items()
    }


# --- one plugin, in a process that runs -----------------------------------------------------------------


def least_milliseconds(call: Callable[[], object], rounds: int) -> float:
    """The least of the rounds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return 1000 * min(taken)


@contextmanager
def on_the_path(folder: Path) -> Iterator[None]:
    """A folder of plugins that this process finds."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def a_plugin(folder: Path, rounds: int) -> tuple[float, float, float]:
    """Milliseconds for a plugin that is loaded, one that nobody chose, and pluggy's registration alone."""
    used, unused = folder / "used", folder / "unused"
    used.mkdir()
    unused.mkdir()
    for number in range(UNUSED):
        key = f"spare{number}"
        install(unused, f"dcss-core-{key}", "dcss_core.v1", key, CHANNEL.format(name=key))
    keys = [f"busy{number}" for number in range(PLUGINS)]
    for key in keys:
        install(used, f"dcss-core-{key}", "dcss_core.v1", key, CHANNEL.format(name=key))
    chosen = [(NotificationChannel, key) for key in keys]
    nothing = least_milliseconds(lambda: load_plugins(chosen=[]), rounds)
    with on_the_path(used):
        modules = [import_module(f"dcss_core_{key}") for key in keys]  # what an import costs is its author's
        loaded = least_milliseconds(lambda: load_plugins(chosen=chosen), rounds)
    with on_the_path(unused):
        left_alone = least_milliseconds(lambda: load_plugins(chosen=[]), rounds)
    manager = PluginManager("dcss_core")
    manager.add_hookspecs(hookspecs)

    def registered() -> None:
        for module in modules:
            manager.register(module)
        for module in modules:
            manager.unregister(module)

    alone = least_milliseconds(registered, rounds)
    return (loaded - nothing) / PLUGINS, (left_alone - nothing) / UNUSED, alone / PLUGINS


def main() -> None:
    """Print the table, the ratios and whether each goal is met."""
    arguments = argparse.ArgumentParser(description="What it costs to start.")
    arguments.add_argument("rounds", nargs="?", type=int, default=15)
    arguments.add_argument("--peer", help="an interpreter that has datasette")
    asked = arguments.parse_args()
    peer = peer_found(asked.peer)
    if peer is None:
        print(
            f"no datasette: python -m venv {OWN_ENVIRONMENT} && {OWN_ENVIRONMENT}/bin/pip install datasette"
        )
    folder = Path(tempfile.mkdtemp())
    try:
        found = measure(list(programs(folder, peer)), asked.rounds)
        loaded, unused, alone = a_plugin(folder, 20 * asked.rounds)
    finally:
        shutil.rmtree(folder)
    _print_programs(found, asked.rounds)
    print(f"a plugin loaded, its import apart     {loaded:8.4f} ms  {_is_met(loaded, GOAL_LOADED)}")
    print(f"a plugin installed, chosen by nobody  {unused:8.4f} ms  {_is_met(unused, GOAL_UNUSED)}")
    print(f"pluggy alone, register and unregister {alone:8.4f} ms")


def _print_programs(found: Mapping[str, tuple[float, float]], rounds: int) -> None:
    print(f"Python {sys.version.split()[0]}, {rounds} rounds in turn, fresh processes; ms")
    print(f"{'':<40}{'wall':>8}{'CPU':>8}   CPU to the floor")
    floor = found["the floor: what the library stands on"][1]
    for label, (wall, used) in found.items():
        print(f"{label:<40}{wall:>8.0f}{used:>8.0f}   {used / floor:.2f} x")
    opened = found["agency on SQLite, as it was left"][1]
    print(f"agency on SQLite in a new process {_is_met(opened, GOAL_OPENED)}")
    theirs = found.get(f"datasette, {PLUGINS} plugins")
    if theirs:
        for kind in ("in memory", "on SQLite"):
            ratio = theirs[1] / found[f"agency {kind}, {PLUGINS} plugins"][1]
            met = f"{GOAL_OF_PEER} x wanted: {'yes' if ratio >= GOAL_OF_PEER else 'no'}"
            print(f"{PLUGINS} plugins {kind}: datasette takes {ratio:.2f} x as long ({met})")


def _is_met(milliseconds: float, goal: float) -> str:
    return f"({milliseconds:.3g} ms, at most {goal} wanted: {'yes' if milliseconds <= goal else 'no'})"


if __name__ == "__main__":
    main()
