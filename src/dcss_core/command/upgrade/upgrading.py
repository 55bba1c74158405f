"""Upgrading: one database, from the question what it holds to the new one in its place.

Decides when a conversion may begin, and what is taken back when it fails. Invariants: nobody writes to the
old database from the first row to the exchange, or nothing is exchanged; what was begun and not finished is
removed, by this run or by the next one; a database that is of the present version is left alone.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path

import attrs

from dcss_core.agency.work.sealing import Sealer
from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.converting import (
    Converted,
    Converting,
    identity_of,
    rows_to_convert,
)
from dcss_core.command.upgrade.database_file import DatabaseFile
from dcss_core.command.upgrade.holding import Version, holding_of
from dcss_core.command.upgrade.seals import Seals
from dcss_core.command.upgrade.stored_values import check_stored_values
from dcss_core.errors import BackendError, ConfigurationError, InvariantError, OutcomeUnknownError
from dcss_core.moving.reports import Progress
from dcss_core.opening.built_in import BUILT_IN
from dcss_core.opening.key_source import ring_from
from dcss_core.opening.machine import SystemRandomness
from dcss_core.plugins.loader import load_plugins
from dcss_core.plugins.registry import PluginRegistry
from dcss_core.ports.storage import Storage, Transaction


@attrs.frozen(repr=False)
class Upgrading:
    """A database that is to be converted: in its place, or into another one (`target`, a URL)."""

    registry: PluginRegistry
    url: str
    sealer: Sealer
    target: str | None = None
    keeps_damage: bool = False

    @property
    def file(self) -> DatabaseFile | None:
        """The file it is in, where it is a SQLite file."""
        return DatabaseFile.of(self.url)

    def planned(self) -> dict[str, int] | None:
        """The rows that would be converted, by collection; None where there is nothing to do.

        Raises what `run` would raise before it begins.
        """
        with self._begun() as is_before:
            if not is_before:
                return None
            with self._old() as old:
                return rows_to_convert(old)

    def run(self, progress: Progress) -> Converted | None:
        """Convert it; None where there was nothing to do.

        Raises ConfigurationError for what can't be converted, or not with these keys or into this place;
        BackendError, retryable, for a database in use; and what `Converting.run` raises.
        """
        with self._begun() as is_before:
            if not is_before:
                return None
            file = self.file if self.target is None else None
            mark = None if file is None else file.mark()
            with self._new() as new:
                with self._old() as old:
                    found = Converting(old, new, Seals(self.sealer), progress, self.keeps_damage).run()
                new.close()
                if file is not None:
                    file.check_closed(since=mark)
                    file.take_its_place()
            return found

    @contextmanager
    def _begun(self) -> Iterator[bool]:
        """Whether the database is of the version before; nobody else has it open, as far as can be told."""
        file = self.file
        if file is None and self.target is None:
            raise ConfigurationError(
                "only a database in a file is converted in its place; say --to and the URL of a new one"
            )
        place = None if self.target is None else DatabaseFile.of(self.target)
        if file is not None:
            file.check_there()
        if place is not None:
            place.check_new(file)
        with nullcontext() if file is None else file.alone():
            is_before = self._is_of_version_before()
            if is_before and file is not None:
                file.check_closed()
                if self.target is None:
                    file.check_replaceable()
            yield is_before

    def _is_of_version_before(self) -> bool:
        with closing(self.registry.storage(self.url)) as storage:
            found = holding_of(storage)
        if found.version is Version.NONE:
            raise ConfigurationError("the database holds nothing of this library; name another one")
        if found.version is Version.UNKNOWN:
            raise ConfigurationError(
                "the database is neither of the version before nor of the present one; a later version made "
                "it, or somebody else, or a table of it was removed. It differs from the present one in this",
                faults=found.differences,
            )
        return found.version is Version.BEFORE

    @contextmanager
    def _old(self) -> Iterator[Transaction]:
        """The old database, looked through, in a transaction that keeps every writer away.

        Nothing is written in it.
        """
        with closing(self.registry.storage(self.url)) as storage, ExitStack() as turn:
            storage.prepare([former.collection for former in version_1.EVERY_COLLECTION])
            try:
                old = turn.enter_context(storage.transaction(writes=True, wait_seconds=0))
            except BackendError as busy:
                if not busy.retryable:
                    raise
                raise BackendError(
                    "the database is in use; stop the portal and every job, and run this again",
                    retryable=True,
                ) from busy
            self._check_contents(storage, old)
            yield old

    def _check_contents(self, storage: Storage, old: Transaction) -> None:
        """Refuse other keys first, for with those nothing opens, and then what version 1 did not write."""
        seals = Seals(self.sealer)
        unreadable: InvariantError | None = None
        try:
            identity_of(old, seals)
        except InvariantError as error:
            unreadable = error  # told with everything else
        check_stored_values(storage, seals)
        if unreadable is not None:
            raise unreadable

    @contextmanager
    def _new(self) -> Iterator[Storage]:
        """The new database, which is removed again unless it is finished."""
        url, place = self._url_of_new()
        is_ours = place is not None and not place.path.exists()
        try:
            with closing(self.registry.storage(url)) as storage:
                if holding_of(storage).version is not Version.NONE:
                    raise ConfigurationError(
                        "the new database holds something already; name an empty one with --to"
                    )
                yield storage
        except BaseException as failure:
            if place is not None and is_ours:
                place.remove()
            if isinstance(failure, OutcomeUnknownError):  # whatever was saved of it, it is gone
                raise BackendError(
                    "the new database can't be written, and nothing was changed; check the disk, and the "
                    "room that is left on it",
                    retryable=False,
                ) from failure
            raise

    def _url_of_new(self) -> tuple[str, DatabaseFile | None]:
        if self.target is not None:
            return self.target, DatabaseFile.of(self.target)
        assert self.file is not None  # or `_begun` had refused
        place = self.file.upgrading
        place.remove()  # what an interrupted run left
        return place.url, place


def prepared(url: str, keys: str | Path, *, target: str | None, keeps_damage: bool) -> Upgrading:
    """An upgrade with the installed plugins and the keys; raises ConfigurationError, PluginError."""
    registry = load_plugins(builtin=BUILT_IN)
    sealer = Sealer(ring_from(keys, registry), SystemRandomness())
    return Upgrading(registry, url, sealer, target, keeps_damage)
