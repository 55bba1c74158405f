"""Converting: a database of version 1 is written anew in the present version, and proven to be the same.

Decides in which order, and when the new one may be opened. Invariants: nobody writes to the old one
meanwhile, and nothing in it is changed; transactions are bounded; the new one is no agency's, and can't be
opened as one, until everything in it was read back, opened and counted, and its audit log has the root of the
old one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from dcss_core.agency.work.database_mark import AGENCY_IDENTITY
from dcss_core.agency.work.records import Records
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG
from dcss_core.audit.damage import Damage
from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.conversion import AsItWas, Conversion, PresentRows
from dcss_core.command.upgrade.numbered_entries import numbered_entries
from dcss_core.command.upgrade.payments import FilesInParts, PostingsInStreams, ReceiptsAlike
from dcss_core.command.upgrade.proving import LogProof, prove_log, root_of, tally_of
from dcss_core.command.upgrade.seals import Seals
from dcss_core.command.upgrade.sending import LettersToRecipients
from dcss_core.command.upgrade.shapes import MOST_AT_ONCE
from dcss_core.command.upgrade.tally import Tally
from dcss_core.errors import BackendError, ConfigurationError, Fault, InvariantError
from dcss_core.moving.every_record import every_record
from dcss_core.moving.paging import pages
from dcss_core.moving.reports import Progress
from dcss_core.ports.storage import SEQUENCE, VERSION, Collection, Row, Scalar, Storage, Transaction

_AT_ONCE: Final = {former.name: former.at_once for former in version_1.EVERY_COLLECTION}
_UNFINISHED: Final = "an upgrade that was not finished"
_READ_OFTEN: Final = 4  # an entry of the log is copied, read back with its leaf, and hashed


@attrs.frozen
class Converted:
    """What was written: rows by collection, sealed values, and how the audit log was found."""

    rows: Mapping[str, int]
    sealed: int
    log: LogProof


def rows_to_convert(old: Transaction) -> dict[str, int]:
    """How many rows each collection of version 1 has."""
    return {
        former.name: old.count(former.collection, former.collection.key_fields)
        for former in version_1.EVERY_COLLECTION
    }


def identity_of(old: Transaction, seals: Seals) -> dict[str, Scalar]:
    """Whose database it is, its words open; it keeps no decoys yet.

    Raises ConfigurationError when no agency was opened on it, or with other keys; InvariantError when what
    says so was never written by the library.
    """
    former = version_1.AGENCY_IDENTITY
    found = [row for page in pages(old, former.collection, 2) for row in page]
    if len(found) != 1:
        raise ConfigurationError("no agency was ever opened on this database, so there is nothing to convert")
    try:
        return seals.opened(former, found[0]) | {"decoys": None}
    except BackendError:  # the row was read already, so it is the seal that failed
        raise ConfigurationError(
            "the key ring has the right id but not the right key: what was sealed in this database does not "
            "open; use the key file it was made with, unless what says whose database it is was changed"
        ) from None


def conversions(old: Transaction) -> tuple[Conversion, ...]:
    """The conversion of each collection but the audit log, which comes first, and whose database it is."""
    changed: tuple[Conversion, ...] = (
        FilesInParts(old),
        ReceiptsAlike(old),
        PostingsInStreams(),
        LettersToRecipients(),
        AsItWas(version_1.ACCOUNTS, {"idle_since": None, "idle_warned_at": None, "closed_at": None}),
        AsItWas(version_1.SECOND_FACTORS, {"wrong_codes": 0, "handle": None, "asked_alone_at": None}),
        AsItWas(version_1.OUTSTANDING_CODES, {"way": "email"}),
        AsItWas(version_1.SECURITY_ANSWERS, {"are_hashed_with_name": True}),
    )
    others = {version_1.AUDIT_LOG, version_1.AGENCY_IDENTITY, *(each.former for each in changed)}
    return (
        *changed,
        *(AsItWas(former) for former in version_1.EVERY_COLLECTION if former not in others),
    )


@attrs.define
class Converting:
    """One conversion of an old database, which is read in one transaction, into a new one."""

    old: Transaction
    new: Storage
    seals: Seals
    progress: Progress
    keeps_damage: bool = False
    _tallies: dict[str, Tally] = attrs.field(factory=dict, init=False)
    _done: int = attrs.field(default=0, init=False)
    _total: int = attrs.field(default=0, init=False)

    def run(self) -> Converted:
        """Convert everything.

        Raises InvariantError when something can't be written or read as it was, and for a damaged audit log
        unless damage is kept; BackendError for what does not open and whatever the storages raise.
        """
        expected = rows_to_convert(self.old)
        # a little less than it will be: what is written besides is not known yet
        self._total = 2 * sum(expected.values()) + (_READ_OFTEN - 2) * expected[version_1.AUDIT_LOG.name]
        identity = identity_of(self.old, self.seals)
        self.new.prepare([records.collection for records in every_record()])
        self._begin(identity)
        entries = numbered_entries(self.old)
        self._copy(entries, expected[entries.former.name])
        log = self._prove_log(identity)
        for conversion in conversions(self.old):
            self._copy(conversion, expected[conversion.former.name])
        unproven = [
            each for each in every_record() if each not in (AUDIT_ENTRIES, AUDIT_LOG, AGENCY_IDENTITY)
        ]
        self._total = self._done + sum(self._tally_of(each).rows for each in unproven) + 1
        for records in unproven:
            self._prove(records)
        self._finish(identity)
        rows = {name: tally.rows for name, tally in self._tallies.items()}
        return Converted(rows, self.seals.sealed, log)

    def _begin(self, identity: Row) -> None:
        unfinished = {**_without_version(identity), "jurisdiction": _UNFINISHED}
        marked = Seals(self.seals.sealer).closed(AGENCY_IDENTITY, unfinished, 1)
        with self.new.transaction(writes=True) as transaction:
            transaction.insert(AGENCY_IDENTITY.collection, [marked])

    def _finish(self, identity: Row) -> None:
        closed = self.seals.closed(AGENCY_IDENTITY, _without_version(identity), 2)
        with self.new.transaction(writes=True) as transaction:
            transaction.replace(AGENCY_IDENTITY.collection, closed, expected_version=1)
            row = transaction.get(AGENCY_IDENTITY.collection, closed["name"])
            if row is None or self.seals.open_again(AGENCY_IDENTITY, row) != {**identity, VERSION: 2}:
                raise InvariantError("whose database it is was not read back as written; nothing was changed")
        self._tallies[AGENCY_IDENTITY.collection.name] = Tally(1)
        self._step("saying whose it is", 1)

    def _copy(self, conversion: Conversion, expected: int) -> None:
        former, copied = conversion.former, 0
        for page in pages(self.old, former.collection, former.at_once):
            self._write(conversion.converted([self.seals.opened(former, row) for row in page]))
            copied += len(page)
            self._step(f"writing {former.name}", len(page))
        self._write(conversion.at_the_end())
        if copied != expected:
            raise InvariantError(f"{copied} rows of {former.name} were read, and there are {expected}")

    def _write(self, groups: PresentRows) -> None:
        for records, rows in groups:
            if rows:
                with self.new.transaction(writes=True) as transaction:
                    self._save(transaction, records, rows)

    def _save(
        self, transaction: Transaction, records: Records[Any], rows: Sequence[dict[str, Scalar]]
    ) -> None:
        collection = records.collection
        due = [row.pop(SEQUENCE, None) for row in rows]
        closed = [self.seals.closed(records, row, 1) for row in rows]
        written: Sequence[Row] = rows
        if collection.log:
            numbers = transaction.append(collection, closed, begins=records is AUDIT_ENTRIES)
            _check_numbers(collection, due, numbers)
            written = [{**row, SEQUENCE: number} for row, number in zip(rows, numbers, strict=True)]
        else:
            transaction.insert(collection, closed)
        self._tally_of(records).add(written)

    def _prove_log(self, identity: Row) -> LogProof:
        self._prove(AUDIT_ENTRIES)
        self._prove(AUDIT_LOG)
        former = version_1.AUDIT_LOG.collection
        last = self.old.find(former, (SEQUENCE,), descending=True, limit=1)
        with self.new.transaction(writes=False) as transaction:
            proof = prove_log(transaction, self.seals, str(identity["jurisdiction"]), self._step)
        if not proof.damage and proof.root != root_of(last[0] if last else None):
            raise InvariantError("the audit log came out with another root than it had; nothing was changed")
        if proof.damage and not self.keeps_damage:
            raise InvariantError(
                "the audit log was damaged before, and nothing was changed. Keep the database, and run "
                "agency.audit.verify(by=…) with the library before; --keep-damage converts it so",
                faults=[_fault_of(each) for each in proof.damage],
            )
        return proof

    def _prove(self, records: Records[Any]) -> None:
        name = records.collection.name
        with self.new.transaction(writes=False) as transaction:
            found = tally_of(transaction, records, self.seals, _AT_ONCE.get(name, MOST_AT_ONCE), self._step)
        if found != self._tally_of(records):
            raise InvariantError(f"what was read back of {name} is not what was written; nothing was changed")

    def _tally_of(self, records: Records[Any]) -> Tally:
        return self._tallies.setdefault(records.collection.name, Tally())

    def _step(self, what: str, rows: int) -> None:
        self._done += rows
        self.progress(what, self._done, self._total)


def _without_version(row: Row) -> dict[str, Scalar]:
    return {name: value for name, value in row.items() if name != VERSION}


def _fault_of(damage: Damage) -> Fault:
    where = "a record" if damage.seq is None else f"record {damage.seq}"
    return Fault(where, f"{damage.kind.value}; {damage.what}", "what was written")


def _check_numbers(collection: Collection, due: Sequence[Scalar], numbers: Sequence[int]) -> None:
    for expected, number in zip(due, numbers, strict=True):
        if expected is not None and expected != number:
            raise InvariantError(
                f"entry {number} of {collection.name} was deleted by hand, the next one there is "
                f"{expected!r}; nothing was changed. Keep the database, and restore it from a backup"
            )
