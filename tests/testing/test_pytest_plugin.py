"""The pytest plugin in a project of somebody else: its fixtures, its option, and what it leaves alone."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest

REPOSITORY = Path(__file__).parents[2]
PLUGIN = "dcss_core.testing.pytest_plugin"
FIXTURES = ("agency", "clock", "mailbox", "parent", "scripted_plugin", "signed_in", "staff")


@pytest.fixture
def project(tmp_path):
    """Writes files and runs pytest over them, with this plugin and no other; every warning is an error."""

    def run(*arguments, files, code=0):
        for name, text in files.items():
            (tmp_path / name).write_text(dedent(text))
        done = subprocess.run(
            [
                sys.executable,
                "-W",
                "error",
                "-m",
                "pytest",
                "-p",
                PLUGIN,
                "-p",
                "no:cacheprovider",
                *arguments,
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


def modules_after(statement):
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name for name in json.loads(done.stdout) if name.split(".")[0] not in sys.stdlib_module_names}


def test_the_wheel_names_the_plugin_where_pytest_looks_for_it():
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["entry-points"]["pytest11"] == {"dcss_core": PLUGIN}
    assert import_module(PLUGIN).__doc__


def test_loading_it_imports_pytest_and_where_the_librarys_names_stand():
    assert modules_after(f"import {PLUGIN}") - modules_after("import pytest") == {
        "dcss_core",
        "dcss_core.base",
        "dcss_core.base.lazy_names",
        "dcss_core.testing",
        PLUGIN,
    }


def test_each_fixture_is_what_its_docstring_says(project):
    project(
        "-q",
        files={
            "test_portal.py": """
            from datetime import UTC, datetime

            from dcss_core import Actor
            from dcss_core.testing import SentPayment, remittance_file
            from dcss_core.users import StaffRole


            def test_it(agency, clock, mailbox, parent, scripted_plugin, signed_in, staff):
                assert clock.now() == datetime(2026, 1, 7, 15, 0, tzinfo=UTC)
                assert agency.jurisdiction.key == "US-XX"
                assert agency.accounts.display_name(signed_in) == "Jane Roe"
                assert [each.case_number for each in agency.cases.own(by=signed_in)] == [parent.case_number]
                clerk, desk = staff(StaffRole.PAYMENT_CLERK), staff(StaffRole.HELP_DESK)
                agency.payments.receive(remittance_file(SentPayment("10.00")), by=clerk)
                (line,) = agency.payments.history(parent.case_number, by=signed_in)
                assert "$10.00" in str(line)
                assert agency.oversight.status(parent.account_id, by=desk)
                assert agency.staff.roles(clerk.actor_id, by=staff()) == (StaffRole.PAYMENT_CLERK,)
                assert mailbox.subjects == []
                agency.outbox.dispatch(by=Actor.system("dispatch"))
                assert "Your online account" in mailbox.subjects
                assert scripted_plugin.channel() is mailbox


            def test_the_next_one_begins_anew(agency, mailbox):
                assert agency.audit.verify(by=Actor.system("audit"))
                assert mailbox.attempts == []
            """
        },
    )


def test_the_jurisdiction_is_the_projects_choice(project):
    files = {
        "pytest.ini": "[pytest]\ndcss_jurisdiction = US-GA\n",
        "test_portal.py": """
        def test_it(agency, signed_in):
            assert agency.jurisdiction.key == "US-GA"
            assert agency.accounts.display_name(signed_in) == "Jane Roe"
        """,
    }
    project("-q", "--strict-config", files=files)
    files["pytest.ini"] = "[pytest]\ndcss_jurisdiction = US-NOWHERE\n"
    assert "US-NOWHERE" in project("-q", files=files, code=1)


def test_a_projects_own_fixture_takes_the_place_also_for_the_others(project):
    project(
        "-q",
        files={
            "conftest.py": """
            from datetime import UTC, datetime

            import pytest

            from dcss_core.testing import FrozenClock


            @pytest.fixture
            def clock():
                return FrozenClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


            @pytest.fixture
            def staff():
                return "the project's own"
            """,
            "test_portal.py": """
            from dcss_core import Actor


            def test_it(agency, parent, clock, staff):
                assert staff == "the project's own"
                entries = agency.audit.entries(by=Actor.system("audit"))
                assert {entry.at for _, entry in entries} == {clock.now()}
            """,
        },
    )


def test_a_project_that_uses_none_of_it_is_left_alone(project):
    project(
        "-q",
        files={
            "test_other.py": """
            import sys


            def test_it():
                assert "dcss_core.agency" not in sys.modules
                assert "dcss_core.plugins" not in sys.modules
                assert "attrs" not in sys.modules
            """
        },
    )


def test_pytest_lists_each_fixture_with_what_it_is(project):
    lines = project("--fixtures", "-q", files={}).splitlines()
    for fixture in FIXTURES:
        (place,) = [number for number, line in enumerate(lines) if line.startswith(f"{fixture} -- ")]
        assert "pytest_plugin.py" in lines[place]
        assert lines[place + 1].startswith("    ")
        assert lines[place + 1].strip() != "no docstring available"


def test_the_tests_that_the_how_to_shows_pass(project):
    page = (REPOSITORY / "docs" / "how-to" / "test-your-portal.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    told = project("-q", files={"test_portal.py": "\n\n".join(blocks)})
    assert f"{''.join(blocks).count('def test_')} passed" in told


def test_a_kit_that_fails_shows_the_values(project):
    told = project(
        "-q",
        files={
            "test_hasher.py": """
            import pytest

            from dcss_core.testing import FakeHasher, HasherConformance


            class AlwaysAnew(FakeHasher):
                def needs_rehash(self, stored):
                    return "always"


            class TestIt(HasherConformance):
                hasher = pytest.fixture(lambda self: AlwaysAnew())
            """
        },
        code=1,
    )
    assert "assert 'always' is False" in told
