"""A key is retired on an agency whose process dies at many points of the resealing, and run again.

Run as a program, this file does the killing and writes what it found as JSON. Its argument is a folder with
the database of an agency under its old key.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from dcss_core import Actor, Agency, KeyRing, Secret, open_agency
from dcss_core.agency.keys.reading import EVERY_RECORD
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a program, it is in no package

from killing import KILLS_IN_COMMIT, Killed, as_program

OLD, NEW = MasterKey("k1", Secret("1" * 64)), MasterKey("k2", Secret("2" * 64))
JOB = Actor.system("keys")


@pytest.mark.parametrize("points", [12, pytest.param(50, marks=pytest.mark.campaign)])
def test_a_key_is_retired_though_the_process_is_killed_anywhere(points, lived, sqlite_url, tmp_path):
    Path(sqlite_url.removeprefix("sqlite:///")).rename(tmp_path / "before.db")
    runs = as_program(__file__, tmp_path, points)["runs"]
    assert len(runs) >= points + KILLS_IN_COMMIT
    assert sum(run["killed"] for run in runs) >= points
    assert all(run["readable"] for run in runs), runs
    assert all(run["settled"] for run in runs), runs
    assert all(run["readable_without_the_old_key"] for run in runs), runs
    # the deaths came before, between and after the steps
    assert len({run["left"] for run in runs}) > 3


# --- the program ---------------------------------------------------------------------------------------


def kill_at_every_point(folder: Path, points: int) -> dict[str, Any]:
    killed = Killed(folder, opened, reseal, points)
    expected = contents(killed.copied("untouched"))
    killed.done(killed.copied("clean"))  # warms every cache for the children
    runs = []
    for database, was_killed in killed.everywhere():
        run = {"killed": was_killed, "readable": contents(database) == expected, "left": under_old(database)}
        killed.done(database)
        with opened(database) as agency:
            run["settled"] = agency.keys.report(by=JOB).is_settled
            retired = agency.keys.retire("k1", by=JOB, ends_passwords=True)
        alone = KeyRing((NEW,), (retired,))
        runs.append(run | {"readable_without_the_old_key": contents(database, alone) == expected})
    return {"runs": runs}


def reseal(agency: Agency) -> None:
    while not agency.keys.reseal(by=JOB, at_most=1).is_complete:  # a transaction for each record
        pass


def under_old(database: Path) -> int:
    with opened(database) as agency:
        return agency.keys.report(by=JOB).of("k1").needed_for()


def contents(database: Path, ring: KeyRing | None = None) -> list[str]:
    """What every record that a key is at work in says, opened; of numbers and hashes that they are there."""

    def read(work: UnitOfWork) -> list[str]:
        return [
            revealed(kept.record)
            for records in EVERY_RECORD
            for kept in work.find(records, (records.key_attribute,))
            if records.collection.name != "particulars_throttles"  # forgotten with their key
        ]

    with opened(database, ring) as agency:
        return agency._resources.read(read)


def revealed(record: Any) -> str:
    values = {field.name: getattr(record, field.name) for field in attrs.fields(type(record))}
    return repr(
        {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in values.items()
            if name != "ssn_index"
        }
    )


def opened(database: Path, ring: KeyRing | None = None) -> Agency:
    return open_agency(
        f"sqlite:///{database}",
        jurisdiction="US-GA",
        keys=ring or KeyRing((NEW, OLD)),
        channels=None,
        clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
        hasher=FakeHasher("k2"),
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(kill_at_every_point(Path(sys.argv[1]), int(sys.argv[2]))))
