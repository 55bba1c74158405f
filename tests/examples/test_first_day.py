"""The example runs as a reader would run it: a process, a SQLite file, a mail server."""

import os
import re
import subprocess
import sys
from datetime import date, time
from pathlib import Path

import pytest

from dcss_core import Money, Secret
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.payments.nacha import (
    BatchHeader,
    Ded,
    DedApplication,
    Entry,
    FileHeader,
    FileLayout,
    MedicalSupport,
    PaymentAddenda,
    ServiceClass,
    StandardEntryClass,
    TransactionCode,
    build_file,
    ded_name,
    write_ded,
    write_file,
)

pytest.importorskip("aiosmtpd", reason="the day has a mail server: pip install aiosmtpd")

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples" / "first_day.py"
SAMPLE = REPOSITORY / "tests" / "payments" / "nacha" / "samples" / "ccdplus-ded-employer-to-sdu.ach"


@pytest.fixture
def run(tmp_path):
    """Runs the example with its arguments, in a time zone of its own, which must not matter."""

    def run_it(*arguments):
        return subprocess.run(
            [sys.executable, "-W", "error", str(EXAMPLE), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env={**os.environ, "TZ": "Asia/Tokyo", "PYTHONIOENCODING": "utf-8"},
        )

    return run_it


def amounts(output, word):
    return re.findall(rf"(\$[\d,]+\.\d\d)\s+{word}", output)


@pytest.mark.parametrize("turn", ["the first time", "again"])
def test_the_day_runs_and_tells_every_cent(run, turn):
    day = run()
    assert (day.returncode, day.stderr) == (0, "")
    assert amounts(day.stdout, "received 2026-01-07") == ["$243.69", "$150.00", "$50.77", "$200.00", "$75.00"]
    # 243.69 = 200.00 + 43.69 of the 50.00 owed from November; 200.00 = 180.00 + 20.00 held
    assert amounts(day.stdout, "current support of 2026-01, to") == [
        "$200.00",
        "$150.00",
        "$50.77",
        "$180.00",
    ]
    assert amounts(day.stdout, "arrears of 2025-11, to") == ["$43.69"]
    assert amounts(day.stdout, "support of months to come, held") == ["$20.00"]
    assert amounts(day.stdout, "held: The case number") == ["$75.00"]
    assert "employment ended: case 0004567893" in day.stdout
    assert "Every balance is as it was." in day.stdout
    assert "record 4 (addenda), DED03 pay date" in day.stdout
    assert "expected a file control (9)" in day.stdout
    # 50.00 + 200.00 - 243.69
    assert re.search(r"total +\$200\.00 +\$243\.69 +\$6\.31", day.stdout)
    assert "Held in January: $95.00. Applied to February: $20.00." in day.stdout
    # 719.46 = 243.69 + 150.00 + 50.77 + 200.00 + 75.00
    for place, amount in (("collected", "-$719.46"), ("held", "$75.00"), ("payable", "$644.46")):
        assert re.search(rf"^ +{place} +{re.escape(amount)}$", day.stdout, re.MULTILINE)
    assert "Both books sum to $0.00" in day.stdout
    assert "to jane.roe@example.com: Your password was reset" in day.stdout


def test_the_day_runs_with_another_employers_file(run):
    day = run(SAMPLE)
    assert (day.returncode, day.stderr) == (0, "")
    assert amounts(day.stdout, "received 2026-01-07") == ["$243.69", "$150.00", "$50.77"]
    assert "employment ended: case 0004567893" in day.stdout
    assert "addressed to 2000000, which is not this state's: 3" in day.stdout
    assert re.search(r"^ +collected +-\$444\.46$", day.stdout, re.MULTILINE)


def test_a_damaged_file_ends_the_day_with_every_fault(run, tmp_path):
    damaged = SAMPLE.read_bytes().replace(b"CCD", b"CXD").replace(b"*260105*15000", b"*261305*15000")
    (tmp_path / "damaged.ach").write_bytes(damaged)
    day = run(tmp_path / "damaged.ach")
    assert (day.returncode, day.stderr) == (1, "")
    assert "The file was refused whole; nothing was posted." in day.stdout
    assert "record 2 (batch header), positions 51-53" in day.stdout
    assert "record 6 (addenda), DED03 pay date" in day.stdout


def test_a_day_that_is_kept_leaves_its_database_and_keys_for_its_owner_alone(run, tmp_path):
    assert run("--keep", tmp_path / "kept").returncode == 0
    for name in ("georgia.db", "keys.json"):
        assert (tmp_path / "kept" / name).stat().st_mode & 0o077 == 0
    again = run("--keep", tmp_path / "kept")
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_a_file_that_is_not_there_is_said_to_be_missing(run):
    day = run("no-such-file.ach")
    assert day.returncode == 2
    assert "there is no file no-such-file.ach" in day.stderr


def test_the_file_of_the_day_is_what_the_builder_makes_of_its_entries():
    """No byte of it is made by hand."""
    header = FileHeader(
        immediate_destination=" 231380104",
        immediate_origin=" 121042882",
        creation_date=date(2026, 1, 6),
        creation_time=time(9, 15),
        destination_name="STATE SDU BANK",
        origin_name="PEACH TREE PAYROLL",
    )
    batch = BatchHeader(
        service_class=ServiceClass.CREDITS,
        company_name="PEACH TREE PAY",
        company_identification="1580000001",
        standard_entry_class=StandardEntryClass.CCD,
        company_entry_description="CHILD SUPP",
        effective_entry_date=date(2026, 1, 7),
        originating_bank="12104288",
    )
    paid = [
        ("243.69", "0004567890", 0, "N", ("Doe", "John"), False),
        ("150.00", "0004567891", 1, "Y", ("Montgomery", "Al"), False),
        ("50.77", "0004567892", 2, "N", ("Rivers", "Pat"), False),
        ("0.00", "0004567893", 3, "N", ("Lee", "Bo"), True),
        ("200.00", "0004567894", 4, "N", ("Hill", "Terry"), False),
        ("75.00", "0009999999", 0, "N", ("Doe", "John"), False),
    ]
    entries = [entry_of(*each) for each in paid]
    built = build_file(header, [(batch, entries)], layout=FileLayout(is_filled=True))
    assert write_file(built) == (REPOSITORY / "examples" / "first_day.ach").read_bytes()


def entry_of(amount, case, person, medical, name, ended):
    segment = write_ded(
        Ded(
            application=DedApplication.INCOME_WITHHOLDING,
            case_identifier=case,
            pay_date=date(2026, 1, 5),
            amount=Money(amount),
            ssn=Secret(f"98765432{person}"),
            medical_support=MedicalSupport(medical),
            ncp_name=ded_name(*name),
            fips=LocatorCode("1300000"),
            is_employment_terminated=ended,
        )
    )
    return Entry(
        transaction_code=TransactionCode("24" if ended else "22"),
        receiving_bank=RoutingNumber("231380104"),
        account_number=Secret("100200300"),
        amount=Money(amount),
        identification_number="580000001",
        receiver_name="GEORGIA FSR",
        addenda=(PaymentAddenda(Secret(segment)),),
    )


def test_what_the_readme_shows_of_the_day_is_what_it_prints(run):
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("## What the day prints")[2].partition("```console\n")[2].partition("```")[0]
    lines = [line for line in shown.splitlines() if line != "…"]
    printed = run().stdout.splitlines()
    assert len(lines) >= 3
    assert [line for line in lines if line not in printed] == []
