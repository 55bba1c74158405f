"""Many work on one case, or on a hundred, at once: nothing is lost or doubled, and no verb is given up."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .seeds import LONG

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SHORT_SECONDS, LONG_SECONDS = 1, 15
SHORT, LONG_ONE = ((8, 1, 1), (1, 3, 10)), ((32, 1, 1), (1, 8, 1), (32, 1, 100), (1, 8, 100))
"""How many threads, in how many processes, on how many cases."""


@pytest.fixture(scope="module")
def contention() -> Iterator[Any]:
    """The benchmark, which its processes find by its name."""
    sys.path.insert(0, str(BENCHMARKS))
    import contention

    yield contention
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/agency.db"
    server: Server = request.getfixturevalue("postgresql_server")
    from dcss_core_sql.testing import fresh_schema

    return f"{fresh_schema(server.url)}&connections=16"


@pytest.mark.parametrize(
    ("at_work", "seconds"),
    [
        *(pytest.param(each, SHORT_SECONDS, id=f"short {each}") for each in SHORT),
        *(pytest.param(each, LONG_SECONDS, id=f"long {each}", marks=LONG) for each in LONG_ONE),
    ],
)
def test_whoever_works_beside_others_loses_nothing_and_gives_nothing_up(contention, url, at_work, seconds):
    outcome = contention.run(url, contention.Course(*at_work, seconds))
    print(f"\n{url.partition(':')[0]}: {outcome}", flush=True)
    assert outcome.wrong == []
    assert outcome.given_up == 0
    assert outcome.told["post"] > 0
