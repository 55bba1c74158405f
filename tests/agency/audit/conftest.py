"""Storages that number the log by a job, as those do where many write at once; and acts of many entries."""

import pytest

from dcss_core import Actor
from dcss_core.audit.reads import NothingFound
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core_sql.opening import open_storage


class NumberedByAJob:
    """A storage that says its writers do not queue, so nothing is numbered along with the writing."""

    writes_one_at_a_time = False

    def __init__(self, storage):
        self._storage = storage

    def __getattr__(self, name):
        return getattr(self._storage, name)


class ByJobPlugin:
    """An in-process plugin: the storages above, as `byjob-sqlite:///path` and `byjob-memory:`."""

    @hookimpl
    def dcss_storage_backends(self):
        return [
            StorageBackend(
                "byjob-memory", "In memory, numbered by a job", lambda url: NumberedByAJob(MemoryStorage())
            ),
            StorageBackend(
                "byjob-sqlite", "SQLite, numbered by a job", lambda url: NumberedByAJob(sqlite(url))
            ),
        ]


def sqlite(url):
    return open_storage(url.removeprefix("byjob-"))


@pytest.fixture
def by_job(opener, outside):
    """Opens an agency whose log a job numbers; in memory, or in the file of a URL of SQLite."""

    def opened(url="memory:", *, plugins=(), **changes):
        return opener(f"byjob-{url}", plugins=[*(plugins or [outside]), ByJobPlugin()], **changes)

    return opened


@pytest.fixture
def note_down():
    """Writes so many entries down as one act, as a verb does that has much to say; gives the act."""

    def noted(agency, entries=1, by=None):
        made = []

        def act(work):
            made.append(work)
            work.audit([NothingFound(f"{number}") for number in range(entries)], by or Actor.system("intake"))

        agency.audit._resources.write(act)
        return made[-1].trace.act

    return noted
