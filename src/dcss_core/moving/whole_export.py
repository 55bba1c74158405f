"""WholeExport: an export that was looked at, file by file and line by line.

Decides what an import takes. Invariants: everything wrong is told at once, by file and line, and no value is
shown; what is read is an ordinary file of the folder, and never what a link leads to; what this version would
not have written is refused before anything is opened to write. A hash finds what changed by accident. Whoever
changes an export on purpose makes its hashes anew: that the audit log is the agency's is seen with the keys
and the checkpoints, by verifying.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

import attrs

from dcss_core.agency.work.database_mark import AGENCY_IDENTITY
from dcss_core.agency.work.trail.act import AUDIT_LOG
from dcss_core.errors import BackendError, ConfigurationError, Fault, InvalidInputError, InvariantError
from dcss_core.moving.every_record import sealed_fields
from dcss_core.moving.exporting import MANIFEST, MANIFEST_HASH, audit_log_with, exported_collections
from dcss_core.moving.manifest import ExportedCollection, Manifest, read_manifest
from dcss_core.moving.reports import Progress
from dcss_core.moving.row_text import LONGEST_LINE, RowText
from dcss_core.ports.storage import Row, Scalar

_LONGEST_MANIFEST: Final = 4 * 1024 * 1024
_MOST_FAULTS: Final = 20
"""Of one file; a wrong one has as many as it has lines."""
_REGULAR: Final = "an ordinary file"


@attrs.frozen
class WholeExport:
    """An export in which nothing wrong was found."""

    folder: Path
    manifest: Manifest

    def rows(
        self, exported: ExportedCollection, after: int = 0
    ) -> Iterator[tuple[dict[str, Scalar], int, int]]:
        """The rows of a collection after so many, each with its seals' version and the length of its line.

        Raises InvariantError for a line that can't be read any more. Any other change since it was looked at
        is found where rows are written, or when they are read back.
        """
        text = RowText(exported.collection, exported.sealed)
        with opened_file(self.folder / exported.file) as file:
            for number, line in enumerate(_lines(file), start=1):
                if number <= after:
                    continue
                try:
                    yield *text.read_again(line.removesuffix(b"\n")), len(line)
                except InvalidInputError as refused:
                    raise InvariantError(
                        f"{exported.file} was changed while it was read; look who writes to it",
                        faults=[_at_line(exported, number, each) for each in refused.faults],
                    ) from None


def looked_through(folder: Path, progress: Progress | None) -> WholeExport:
    """Look at every line of an export.

    Raises ConfigurationError for what is no export, or one of another version; InvariantError for a damaged
    one, with every fault; BackendError for a file that can't be read.
    """
    manifest = _manifest_in(folder)
    _check_shapes(manifest)
    manifest = _as_declared(manifest)
    faults = [*_faults_of_names(folder, manifest)]
    done, total = 0, manifest.rows
    last: dict[str, Row | None] = {}
    for exported in manifest.collections:
        if not _is_regular(folder / exported.file):
            continue  # it is among the faults
        file = _File(folder, exported)
        faults += file.faults()
        last[exported.collection.name] = file.last_row
        done += exported.rows
        if progress is not None:
            progress(f"checking {exported.file}", done, total)
    faults = faults or [*_faults_of_agency(manifest, last)]
    if faults:
        raise InvariantError(
            "the export is damaged, and nothing was done with it; take another copy of it", faults=faults
        )
    return WholeExport(folder, manifest)


def _faults_of_agency(manifest: Manifest, last: Mapping[str, Row | None]) -> Iterator[Fault]:
    """Whether the manifest says of the agency, and of its audit log, what the rows say."""
    identity = last[AGENCY_IDENTITY.collection.name]
    said = (manifest.jurisdiction, manifest.seal)
    if identity is None or (identity["jurisdiction"], identity["sealed"]) != said:
        yield Fault(f"{MANIFEST}: agency", "another agency than the rows'", "the one in agency_identity")
    if audit_log_with(last[AUDIT_LOG.collection.name]) != (manifest.audit_entries, manifest.audit_root):
        yield Fault(f"{MANIFEST}: audit_log", "another size or root", "those of the last row of audit_log")


@contextmanager
def opened_file(path: Path) -> Iterator[IO[bytes]]:
    """An ordinary file, open to be read; raises ConfigurationError for a link or a pipe, BackendError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_LINK_AND_NO_WAIT)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigurationError(f"{path} is no ordinary file")
            yield file
    except OSError as error:
        raise BackendError(f"{path} can't be read: {error.strerror}", retryable=False) from error


# a link at the end of the path is not followed, and a pipe does not make it wait
_NO_LINK_AND_NO_WAIT: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def _manifest_in(folder: Path) -> Manifest:
    if not _is_regular(folder / MANIFEST) or not _is_regular(folder / MANIFEST_HASH):
        raise ConfigurationError(
            f"there is no export in {folder}: {MANIFEST} and {MANIFEST_HASH} are to stand there, as files"
        )
    content, expected = _content(folder / MANIFEST), _content(folder / MANIFEST_HASH)
    is_whole = expected == f"{sha256(content).hexdigest()}  {MANIFEST}\n".encode()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        is_whole = False
    if not is_whole:
        found = "a file with another hash than beside it"
        raise InvariantError(
            "the export is damaged, and nothing was done with it; take another copy of it",
            faults=[Fault(MANIFEST, found, f"the hash that {MANIFEST_HASH} says")],
        )
    return read_manifest(text)


def _content(path: Path) -> bytes:
    with opened_file(path) as file:
        return file.read(_LONGEST_MANIFEST)


def _check_shapes(manifest: Manifest) -> None:
    here = {each.name: each for each in exported_collections()}
    there = {each.collection.name: each for each in manifest.collections}
    faults = [Fault(name, "a collection", "none of this name") for name in sorted(there.keys() - here.keys())]
    faults += [Fault(name, "no such collection", "its rows") for name in sorted(here.keys() - there.keys())]
    for name in sorted(here.keys() & there.keys()):
        faults += here[name].differences_from(there[name].collection)
        if there[name].sealed != sealed_fields(name):
            sealed = ", ".join(sealed_fields(name)) or "none"
            faults.append(Fault(f"{name}: sealed", "other sealed fields", sealed))
    if not faults and [each.collection.name for each in manifest.collections] != sorted(here):
        faults.append(Fault("collections", "another order", "the order of their names"))
    if faults:
        raise ConfigurationError(
            "the export is of another version of the library; import it with that one, and upgrade the "
            "database then",
            faults=faults,
        )


def _as_declared(manifest: Manifest) -> Manifest:
    """The manifest with the collections that a storage is prepared with, which are equal but for an order."""
    declared = zip(manifest.collections, exported_collections(), strict=True)
    return attrs.evolve(
        manifest, collections=tuple(attrs.evolve(each, collection=here) for each, here in declared)
    )


def _faults_of_names(folder: Path, manifest: Manifest) -> Iterator[Fault]:
    expected = {MANIFEST, MANIFEST_HASH, *(each.file for each in manifest.collections)}
    try:
        found = set(os.listdir(folder))
    except OSError as error:
        raise BackendError(f"{folder} can't be read: {error.strerror}", retryable=False) from error
    yield from (Fault(name, "no file", "the rows of the collection") for name in sorted(expected - found))
    for name in sorted(found - expected):
        shown = name.encode("utf-8", "backslashreplace").decode()
        yield Fault(shown, "a file too many", "the files that the manifest names")
    for name in sorted(found & expected):
        if not _is_regular(folder / name):
            yield Fault(name, "a link, a folder or something else that is no file", _REGULAR)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


@attrs.define
class _File:
    """The file of one collection, looked at line by line."""

    folder: Path
    exported: ExportedCollection
    last_row: Row | None = attrs.field(default=None, init=False)
    _faults: list[Fault] = attrs.field(factory=list, init=False)
    _last: tuple[Any, ...] | None = attrs.field(default=None, init=False)
    _is_lost: bool = attrs.field(default=False, init=False)  # which row a line was that can't be read
    _text: RowText = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._text = RowText(self.exported.collection, self.exported.sealed)

    def faults(self) -> list[Fault]:
        """What is wrong with it, up to some number of faults."""
        exported, whole, size, number = self.exported, sha256(), 0, 0
        with opened_file(self.folder / exported.file) as file:
            for number, line in enumerate(_lines(file), start=1):
                whole.update(line)
                size += len(line)
                if len(self._faults) < _MOST_FAULTS:
                    self._look(number, line)
        if number != exported.rows or size != exported.size:
            found, expected = f"{number:,} lines, {size:,} bytes", f"{exported.rows:,}, {exported.size:,}"
            self._faults.append(Fault(exported.file, found, expected))
        elif whole.hexdigest() != exported.sha256:
            self._faults.append(Fault(exported.file, "another content", "the hash in the manifest"))
        return self._faults

    def _look(self, number: int, line: bytes) -> None:
        if not line.endswith(b"\n"):
            end = "no end of the line" if len(line) < LONGEST_LINE else f"more than {LONGEST_LINE:,} bytes"
            self._add(number, Fault("", end, "a line that is whole"))
            return
        try:
            row, _ = self._text.read(line[:-1])
        except InvalidInputError as refused:
            for each in refused.faults:
                self._add(number, each)
            self._last, self._is_lost = None, True
            return
        key, self.last_row = self._text.key_of(row), row
        if not (self._is_lost or self._text.follows(key, self._last)):
            self._add(number, Fault("", "a row that does not follow the one before", "the order of keys"))
        self._last, self._is_lost = key, False

    def _add(self, number: int, fault: Fault) -> None:
        self._faults.append(_at_line(self.exported, number, fault))


def _at_line(exported: ExportedCollection, number: int, fault: Fault) -> Fault:
    where = f"{exported.file}, line {number:,}"
    return attrs.evolve(fault, where=f"{where}: {fault.where}" if fault.where else where)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines with their ends; one that is too long comes in pieces."""
    while line := file.readline(LONGEST_LINE):
        yield line
