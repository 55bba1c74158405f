"""`import dcss_core` brings the package's own module and nothing of what it stands on."""

import json
import subprocess
import sys

FOUNDATIONS = {"attr", "attrs", "cattrs", "pluggy", "cryptography"}
HEAVY = {"httpx", "sqlalchemy", "numpy", "pandas", "pyarrow", "pytest", "hypothesis", "asyncio"}


def modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_the_library_reads_where_its_names_stand_and_nothing_it_stands_on() -> None:
    # The bound of 1.25 times `import attrs, cattrs, pluggy`, without a clock: none of it is imported at all.
    loaded = modules_after("import dcss_core")
    assert {name for name in loaded if name.split(".")[0] == "dcss_core"} == {
        "dcss_core",
        "dcss_core.base",
        "dcss_core.base.lazy_names",
    }
    assert {name.split(".")[0] for name in loaded} & (FOUNDATIONS | HEAVY) == set()


def test_the_first_name_that_is_used_brings_what_it_stands_on() -> None:
    assert {"attrs", "cryptography", "dcss_core.opening.opening"} <= modules_after(
        "from dcss_core import open_agency"
    )


def test_importing_what_plugin_authors_need_brings_no_heavy_one() -> None:
    assert modules_after("import dcss_core.plugins") & HEAVY == set()
