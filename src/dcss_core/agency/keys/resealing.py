"""Resealing on a live agency: a record is opened and sealed anew under the current key.

Invariants: a record is opened and saved in one transaction, at the version it was read at; one that does not
open is left as it is and named; a count of failures goes once its key was retired, for nobody can find it
again, and so it does whether or not it counts for somebody on file.
"""

from collections.abc import Sequence
from typing import Any, Final

import attrs

from dcss_core.agency.filing.accounts import PARTICULARS_THROTTLES
from dcss_core.agency.keys.places import is_settled
from dcss_core.agency.work.records import Records
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork, version_of
from dcss_core.audit.actor import Actor
from dcss_core.audit.events import RecordsDeleted, RecordsResealed
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.cases.people.person import Person
from dcss_core.errors import BackendError, ConfigurationError, InvariantError
from dcss_core.keys.reseal_report import ResealReport
from dcss_core.ports.storage import Row, Scalar
from dcss_core.users.vouched.link import IdentityLink

_UNOPENED: Final = (BackendError, ConfigurationError, InvariantError)


def reseal(work: UnitOfWork, records: Records[Any], keys: Sequence[Scalar], by: Actor) -> ResealReport:
    """Bring those of these records under the current key that are not."""
    ring, report = work.sealer.ring, ResealReport()
    for row in work.transaction.get_each(records.collection, keys):
        if row is not None and not is_settled(records, row, ring):
            report = report.joined(_settled(work, records, row))
    if report.records:
        work.audit([RecordsResealed(records.collection.name, report.records, ring.current.key_id)], by)
    if report.forgotten:
        work.audit([RecordsDeleted(records.collection.name, report.forgotten)], by)
    return report


def _settled(work: UnitOfWork, records: Records[Any], row: Row) -> ResealReport:
    collection = records.collection
    if records is PARTICULARS_THROTTLES:
        work.delete(records, (records.key_attribute,), (row[collection.key],), limit=1)
        return ResealReport(forgotten=1)
    try:
        kept = Kept(records.from_row(row, work.sealer), version_of(row))
    except _UNOPENED as error:
        return ResealReport.of_unopened(f"{collection.name}/{row[collection.key]!s}: {error}")
    record = kept.record
    if isinstance(record, Person) and record.ssn is not None:
        record = attrs.evolve(record, ssn_index=work.sealer.index_of(record.ssn))
    if isinstance(record, ContactPoint) and record.kind is ContactKind.MOBILE:
        record = attrs.evolve(record, number_index=work.sealer.index_of_telephone(record.value))
    if isinstance(record, IdentityLink):
        index = work.sealer.indexes_of_subject(record.issuer, record.subject)[0]
        record = attrs.evolve(record, subject_index=index)
    work.rewrite(records, kept, record)
    return ResealReport.of_one(collection.name)
