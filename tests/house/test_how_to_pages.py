"""What the how-to pages list is all there is: reasons to hold money, jobs, and what hashing takes."""

import csv
import re
from pathlib import Path

from dcss_core.payments import HoldReason
from dcss_core.users.hashing.argon2id import MEMORY_KIB

REPOSITORY = Path(__file__).parents[2]
PAGES = REPOSITORY / "docs" / "how-to"


def page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def test_every_reason_to_hold_money_says_what_to_do() -> None:
    table = page("take-payments.md").partition("| `HoldReason` |")[2].partition("\n\n")[0]
    told = re.findall(r"`([A-Z_]+)`", table)
    assert sorted(told) == sorted(HoldReason.__members__)


def test_every_job_that_a_page_names_may_use_its_verb() -> None:
    rules = REPOSITORY / "src" / "dcss_core" / "rules" / "federal" / "permissions_verbs.csv"
    with rules.open(encoding="utf-8", newline="") as lines:
        jobs = {row["verb"]: row["jobs"].split() for row in csv.DictReader(lines)}
    named = re.findall(
        r"^\| `(\w+\.\w+)` \| `(\w+)` \| every", page("run-under-gunicorn-uvicorn-celery.md"), re.MULTILINE
    )
    assert len(named) == 11
    assert [(verb, job) for verb, job in named if job not in jobs[verb]] == []


def test_the_memory_of_a_hash_is_the_one_that_the_page_counts_with() -> None:
    text = page("run-under-gunicorn-uvicorn-celery.md")
    assert MEMORY_KIB == 19 * 1024
    counted = re.findall(r"^\| (\d+) \| (\d+) \| ([\d.]+) (MiB|GiB) \|", text, re.MULTILINE)
    assert len(counted) == 4
    for cores, workers, figure, unit in counted:
        mebibytes = int(cores) * int(workers) * 19
        assert figure == (str(mebibytes) if unit == "MiB" else f"{mebibytes / 1024:.1f}")
