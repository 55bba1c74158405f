"""Finding and saving what recovery and registration leave behind, for their verbs.

Invariant: for whoever names somebody by a number as many reads and writes, whether or not there is anybody.
"""

from typing import Final

import attrs

from dcss_core.agency.callers.found import NOBODY, Subject, account_of_person
from dcss_core.agency.filing.accounts import (
    OUTSTANDING_CODES,
    PARTICULARS_THROTTLES,
    RECOVERY_LETTERS,
    SECURITY_ANSWERS,
)
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.cases.people.person import Person
from dcss_core.users.recovery.issued_code import OutstandingCode
from dcss_core.users.recovery.letter_count import LetterSort, RecoveryLetters, letters_key
from dcss_core.users.recovery.throttle import ParticularsThrottle

_REGISTRATION: Final = "registration"


def subject_read_alike(work: UnitOfWork, number: TaxpayerNumber) -> Subject:
    """Whom a number names, by as many reads for somebody unknown as for somebody with everything on file."""
    indexes = work.sealer.indexes_of(number)
    found = [work.find(PEOPLE, ("ssn_index",), (index,), limit=1) for index in indexes]
    person = next((kept[0].record for kept in found if kept), None)
    account = account_of_person(work, person.person_id if person else NOBODY)
    answers = work.get(SECURITY_ANSWERS, account.record.account_id if account else NOBODY)
    return Subject(person, account, answers.record if answers else None)


@attrs.frozen
class KeptThrottle:
    """A throttle; `kept` is None while it is not stored."""

    record: ParticularsThrottle
    kept: Kept[ParticularsThrottle] | None


def throttle_of(work: UnitOfWork, number: TaxpayerNumber) -> KeptThrottle:
    """The throttle of recovery for an SSN or ITIN."""
    return _throttle_under(work, work.sealer.indexes_of(number))


def throttles_of_registration(
    work: UnitOfWork, number: TaxpayerNumber | Irn | ClientId, person_id: str | None
) -> tuple[KeptThrottle, ...]:
    """The throttles of registration: of a number that was typed, and of the person whom the identifier named.

    The number is the SSN or ITIN, and the identifier itself where neither was typed. Where the identifier
    named nobody, the second throttle is the number's as well, under a key of its own, so that as much is read
    and written; what was typed is not kept, since an SSN is typed into the wrong field now and then.
    """
    indexes = work.sealer.indexes_of(number)
    if person_id is None:
        of_named = tuple(f"{_REGISTRATION}/nobody/{index}" for index in indexes)
    else:
        of_named = (f"{_REGISTRATION}/person/{person_id}",) * len(indexes)
    return _of_number(work, number), _throttle_under(work, of_named)


def every_throttle_of_registration(
    work: UnitOfWork, number: TaxpayerNumber | Irn | ClientId, person: Person | None
) -> tuple[KeptThrottle, ...]:
    """The throttles that close registration for a number or for the person it names, however they come."""
    found = throttles_of_registration(work, number, person.person_id if person else None)
    known = (person.ssn, person.irn, person.client_id) if person else ()
    others = [each for each in known if each is not None and each != number]
    return *found, *(_of_number(work, each) for each in others)


def _of_number(work: UnitOfWork, number: TaxpayerNumber | Irn | ClientId) -> KeptThrottle:
    indexes = work.sealer.indexes_of(number)
    return _throttle_under(work, tuple(f"{_REGISTRATION}/{index}" for index in indexes))


def save_throttle(work: UnitOfWork, throttle: KeptThrottle, changed: ParticularsThrottle) -> None:
    """Save what has become of a throttle, and write as much where nothing has."""
    work.rewrite(PARTICULARS_THROTTLES, throttle.kept, changed)


def reopened(work: UnitOfWork, *throttles: KeptThrottle) -> bool:
    """Forget what throttles have counted, if one of them is closed; whether one was."""
    is_closed = any(throttle.record.is_closed for throttle in throttles)
    for throttle in throttles if is_closed else ():
        save_throttle(work, throttle, ParticularsThrottle(throttle.record.index))
    return is_closed


def _throttle_under(work: UnitOfWork, keys: tuple[str, ...]) -> KeptThrottle:
    # Under an older master key too: a new one must not forget the failures.
    found = [kept for kept in (work.get(PARTICULARS_THROTTLES, key) for key in keys) if kept is not None]
    return (
        KeptThrottle(found[0].record, found[0]) if found else KeptThrottle(ParticularsThrottle(keys[0]), None)
    )


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
    work.put(RECOVERY_LETTERS, work.get(RECOVERY_LETTERS, letters.key), letters)
