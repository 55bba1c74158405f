"""What a new process imports to open an agency, and what only the first verb of an area brings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dcss_core import create_key_file

OPEN = """
import json, sys
from dcss_core import Actor, open_agency
from dcss_core.errors import DcssError

with open_agency({url!r}, jurisdiction="US-GA", keys={keys!r}, channels=None) as agency:
    {then}
    print(json.dumps(sorted(sys.modules)))
"""
AREAS = {"accounts", "audit", "cases", "payments", "recovery", "sending", "staff"}
REFERENCE_PLUGINS = {
    *("dcss_core_sql", "dcss_core_georgia", "dcss_core_smtp", "dcss_core_sms_http"),
    *("dcss_core_webhook", "dcss_core_hibp", "dcss_core_checkpoint_file"),
}


@pytest.fixture
def modules_after(tmp_path: Path):
    """The modules that are loaded in a new process once an agency is open there and has done something."""
    keys = tmp_path / "keys.json"
    create_key_file(keys)

    def run(then: str = "pass", url: str = "memory:") -> set[str]:
        program = OPEN.format(url=url, keys=str(keys), then=then)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return set(json.loads(done.stdout))

    return run


def areas_in(modules: set[str]) -> set[str]:
    """The areas of which anything but an empty package is loaded."""
    return {area for area in AREAS for name in modules if name.startswith(f"dcss_core.agency.{area}.")}


def test_an_agency_opens_without_the_verbs_of_any_area(modules_after):
    assert areas_in(modules_after()) == set()


@pytest.mark.parametrize(
    ("verb", "brought"),
    [
        ("agency.accounts.policies()", {"accounts"}),
        ("list(agency.audit.entries(by=Actor.system('audit')))", {"audit"}),
        ("agency.payments.held(by=Actor.system('remittance'))", {"payments"}),
    ],
)
def test_the_first_verb_of_an_area_brings_it_and_what_it_stands_on(modules_after, verb, brought):
    then = f"try: {verb}\n    except DcssError: pass"  # whether it is allowed is no matter here

    assert brought <= areas_in(modules_after(then)) <= brought | {"accounts", "sending"}


def test_an_agency_opens_without_the_plugins_that_nobody_chose(modules_after):
    assert {name for name in modules_after() if name in REFERENCE_PLUGINS} == {"dcss_core_georgia"}


def test_the_plugin_that_a_url_names_is_imported(modules_after, tmp_path):
    modules = modules_after(url=f"sqlite:///{tmp_path}/agency.db")

    assert {name for name in modules if name in REFERENCE_PLUGINS} == {"dcss_core_georgia", "dcss_core_sql"}


def test_an_agency_opens_without_what_only_nested_values_and_other_ways_of_finding_plugins_need(
    modules_after,
):
    assert modules_after() & {"cattrs", "importlib.metadata", "sqlalchemy", "httpx", "asyncio"} == set()
