"""Finding and saving what a recovery leaves behind, for the verbs of recovery."""

import attrs

from dcss_core.agency.account_filing import OUTSTANDING_CODES, RECOVERY_LETTERS, RECOVERY_THROTTLES
from dcss_core.agency.records import R, Records
from dcss_core.agency.resources import Resources
from dcss_core.agency.unit_of_work import Kept, UnitOfWork
from dcss_core.base.ssn import Ssn
from dcss_core.users.issued_code import OutstandingCode
from dcss_core.users.recovery_letters import LetterSort, RecoveryLetters, letters_key
from dcss_core.users.recovery_throttle import RecoveryThrottle


@attrs.frozen
class ThrottleOfSsn:
    """The throttle of an SSN; `kept` is None while it is not stored."""

    record: RecoveryThrottle
    kept: Kept[RecoveryThrottle] | None


def throttle_of(work: UnitOfWork, resources: Resources, ssn: Ssn) -> ThrottleOfSsn:
    """The throttle of an SSN, under an older key's index too: a new key must not forget the failures."""
    for index in resources.sealer.indexes_of(ssn):
        kept = work.get(RECOVERY_THROTTLES, index)
        if kept is not None:
            return ThrottleOfSsn(kept.record, kept)
    return ThrottleOfSsn(RecoveryThrottle(resources.sealer.index_of(ssn)), None)


def save_throttle(work: UnitOfWork, throttle: ThrottleOfSsn, changed: RecoveryThrottle) -> None:
    """Save what has become of the throttle of an SSN."""
    put(work, RECOVERY_THROTTLES, throttle.kept, changed)


def outstanding_code(work: UnitOfWork, account_id: str) -> Kept[OutstandingCode] | None:
    """The code issued last to an account."""
    return work.get(OUTSTANDING_CODES, account_id)


def letters_of(work: UnitOfWork, sort: LetterSort, account_id: str) -> RecoveryLetters:
    """The letters of a sort that went to an account."""
    key = letters_key(sort, account_id)
    kept = work.get(RECOVERY_LETTERS, key)
    return kept.record if kept else RecoveryLetters(key)


def save_letters(work: UnitOfWork, letters: RecoveryLetters) -> None:
    """Save the count of letters."""
    put(work, RECOVERY_LETTERS, work.get(RECOVERY_LETTERS, letters.key), letters)


def put(work: UnitOfWork, records: Records[R], kept: Kept[R] | None, record: R) -> None:
    """Insert a record, or replace the one that was read."""
    if kept is None:
        work.insert(records, [record])
    else:
        work.replace(records, kept, record)
