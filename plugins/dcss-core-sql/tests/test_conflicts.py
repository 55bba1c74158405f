"""Verbs on PostgreSQL do what they promise when every third commit meets a conflict."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
# These count the transactions or the pauses of a verb, and an attempt anew is one more.
_COUNTING = (
    "tests/agency/audit/test_sequencing.py::test_reading_an_idle_log_waits_for_no_writer[postgresql]",
    "tests/agency/payments/test_receive_in_steps.py::test_an_interrupt_between_two_steps_loses_nothing[postgresql]",
    "tests/agency/payments/test_receive_in_steps.py::test_others_have_a_pause_between_two_steps[postgresql]",
)


def run(*tests: str) -> int:
    pytest.importorskip("psycopg", reason="install dcss-core-sql[testing] to test on PostgreSQL")
    conflicting = ["-p", "dcss_core_sql.testing.conflicting"]
    left_out = [f"--deselect={test}" for test in _COUNTING]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *conflicting, *left_out]
    done = subprocess.run(
        [*command, *tests, "-k", "postgresql"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return int(re.findall(r"(\d+) passed", done.stdout)[-1])


def test_payments_bear_every_third_commit_failing() -> None:
    assert run("tests/agency/payments/test_receive_again.py", "tests/agency/payments/test_charge.py") > 10


@pytest.mark.campaign
def test_everything_bears_every_third_commit_failing() -> None:
    assert run("tests/agency") > 400
