"""`import dcss_core` brings no library that only a plugin or a test needs."""

import json
import subprocess
import sys

HEAVY = {"httpx", "sqlalchemy", "numpy", "pandas", "pyarrow", "pytest", "hypothesis", "asyncio"}


def modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_the_library_brings_no_heavy_one() -> None:
    assert modules_after("import dcss_core") & HEAVY == set()


def test_importing_what_plugin_authors_need_brings_no_heavy_one() -> None:
    assert modules_after("import dcss_core.plugins") & HEAVY == set()
