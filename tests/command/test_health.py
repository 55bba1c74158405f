"""`dcss health`: what it says, and with which exit code."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from dcss_core import Actor, open_agency
from dcss_core.testing import FakeHasher, FrozenClock, case_application

LONG_AGO = FrozenClock(datetime(2026, 1, 7, 15, tzinfo=UTC))


@pytest.fixture
def url(tmp_path, keys):
    """A database with a case that was opened long ago."""
    url = f"sqlite:///{tmp_path}/agency.db"
    with open_agency(url, jurisdiction="US-GA", keys=keys, hasher=FakeHasher(), clock=LONG_AGO) as agency:
        agency.cases.open(case_application(), by=Actor.system("intake"))
    return url


def test_all_is_well(dcss, url, keys):
    said = dcss("health", url, "--keys", keys)
    assert (said.code, said.out.split("\n")[0], said.err) == (0, "ok", "")
    assert dcss("health", url, "--keys", keys, "--quiet").out == ""


def test_json_is_the_value_that_the_library_gives(dcss, url, keys):
    document = dcss("health", url, "--keys", keys, "--json").document
    assert document["status"] == "ok"
    assert [each["subject"] for each in document["checks"]] == ["storage", "audit_log", "outbox"]


def test_what_is_late_is_said_with_exit_code_3(dcss, url, keys, tmp_path):
    sink = f"checkpoint-file://{tmp_path}/checkpoints.txt"
    dcss("health", url, "--keys", keys)  # by which the entry is numbered
    for _ in range(2):  # and looking makes no checkpoint
        said = dcss("health", url, "--keys", keys, "--sink", sink, "--json")
        late = said.document["checks"][-1]
        assert (said.code, said.document["status"]) == (3, "late")
        assert (late["subject"], late["behind"]) == ("checkpoint", 1)
        assert late["age_seconds"] > late["limit_seconds"] == 7200


def test_a_storage_that_does_not_answer_is_told_with_exit_code_4(dcss, url, keys):
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as tool:
        tool.execute("PRAGMA locking_mode=EXCLUSIVE")
        tool.execute("BEGIN EXCLUSIVE")
        said = dcss("health", f"{url}?busy_seconds=0", "--keys", keys, "--json")
    assert said.code == 4
    assert said.document["status"] == "failing"
    assert said.document["checks"][0]["code"] == "backend"


@pytest.mark.parametrize(
    "words", ["outbx=5", "outbox", "outbox=0.5", "outbox=0", "outbox=-3", "outbox=999999999"]
)
def test_a_limit_that_is_none_is_wrong_usage(dcss, url, keys, words):
    said = dcss("health", url, "--keys", keys, "--within", words, "--json")
    assert (said.code, said.error["code"]) == (2, "usage")


def test_a_database_that_is_not_there_is_refused_and_not_made(dcss, keys, tmp_path):
    said = dcss("health", f"sqlite:///{tmp_path}/none.db", "--keys", keys, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert not os.path.lexists(tmp_path / "none.db")
