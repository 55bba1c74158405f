"""What the pages on jobs, health and what is observed show is what there is."""

import json
import re
import shlex
from pathlib import Path

import pytest

from dcss_core.command.jobs.run import _JOBS
from dcss_core.running import HealthSubject, Job
from dcss_core.running.job import INTERVALS

from .jobs_at_hand import LETTERS, inbox, url

__all__ = ["inbox", "url"]  # fixtures

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "run-the-jobs.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def block(kind, containing):
    """The block of this kind that holds a text."""
    [found] = [text for each, text in BLOCK.findall(PAGE) if each == kind and containing in text]
    return found


@pytest.fixture
def placed(url, keys, inbox, tmp_path, monkeypatch):
    """Puts a text of the page where this agency and this mail server are; its variables are set."""
    (tmp_path / "agency.db").rename(tmp_path / "georgia.db")

    def place(text):
        return text.replace("/srv/dcss", str(tmp_path)).replace(
            "smtp://localhost:1025?from=office@example.gov", inbox.url
        )

    for line in place(block("ini", "DCSS_STORAGE")).splitlines():
        if "=" in line:
            monkeypatch.setenv(*line.split("=", 1))
    return place


def test_the_commands_of_the_page_do_what_it_says(dcss, placed, inbox, monkeypatch):
    for name in ("DCSS_STORAGE", "DCSS_KEYS", "DCSS_CHANNELS", "DCSS_SINKS"):
        monkeypatch.delenv(name)
    commands = [
        line[2:]
        for kind, text in BLOCK.findall(PAGE)
        if kind == "console"
        for line in text.splitlines()
        if line.startswith("$ dcss")
    ]
    assert [command.split()[1] for command in commands] == ["run", "health"]
    for command in commands:
        words = shlex.split(placed(command))[1:]
        said = dcss(*words, *(["--once"] if words[0] == "run" else []))
        assert said.code == 0, said
    assert len(inbox.ids) == LETTERS
    assert f"keys.json\n{said.out}```" in PAGE  # of health, the last one


def test_what_the_unit_starts_runs_with_the_variables_of_the_page(dcss, placed, inbox, tmp_path):
    unit = dict(line.split("=", 1) for line in block("ini", "ExecStart").splitlines() if "=" in line)
    said = dcss(*shlex.split(unit["ExecStart"])[1:], "--once", "--json")
    assert said.code == 0
    assert [each["job"] for each in said.document["jobs"]] == [
        "charging",
        "sequencer",
        "reminders",
        "idleness",
        "outbox",
        "checkpoints",
        "retention",
    ]
    assert all(json.loads(line)["logger"] == "dcss_core.jobs" for line in said.err.splitlines())
    assert (tmp_path / "checkpoints.txt").exists()


def test_the_lines_for_cron_run(dcss, placed, inbox):
    lines = [line for line in block("text", "dcss run").splitlines() if "dcss" in line]
    assert len(lines) == 2
    for line in lines:
        said = dcss(*shlex.split(line.rpartition("; ")[2])[1:])
        assert (said.code, said.out, said.err) == (0, "", "")
    assert len(inbox.ids) == LETTERS


def test_what_the_container_starts_and_asks_runs(dcss, placed):
    commands = [
        json.loads(each) for each in re.findall(r"CMD (\[.*\])$", block("dockerfile", "CMD"), re.MULTILINE)
    ]
    assert [command[:2] for command in commands] == [["dcss", "health"], ["dcss", "run"]]
    for command in reversed(commands):
        assert dcss(*command[1:], *(["--once"] if command[1] == "run" else [])).code == 0


def test_the_page_has_every_job_with_its_interval():
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (\d+) (\w+?)s? \| (.*) \|$", PAGE, re.MULTILINE)
    told = {Job(name): int(count) * UNITS[unit] for name, count, unit, _ in rows if name in set(_JOBS)}
    assert told == {job: int(interval.total_seconds()) for job, interval in INTERVALS.items()}
    assert list(_JOBS) == [job.value for job in Job]


def test_the_page_has_every_check():
    table = PAGE.partition("| check | how old")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [each.value for each in HealthSubject]
