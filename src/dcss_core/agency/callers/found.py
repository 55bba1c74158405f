"""Finding accounts and people, for the verbs on accounts."""

from collections.abc import Sequence
from typing import Final

import attrs

from dcss_core.agency.filing.accounts import ACCOUNTS, SECURITY_ANSWERS
from dcss_core.agency.filing.cases import PARTICIPATIONS, PEOPLE
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.reads import NothingFound
from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.cases.case import Role
from dcss_core.cases.people.person import Person
from dcss_core.errors import InvariantError, NotFoundError, NotPermittedError
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.participant_on_file import ParticipantOnFile
from dcss_core.users.recovery.security_questions import SecurityAnswers

NOBODY: Final = "nobody"
"""A key that no record has: for somebody who is not there as much is looked up."""


@attrs.frozen
class Subject:
    """Whom an SSN or ITIN names: the person, their account and their answers, as far as there are any."""

    person: Person | None = None
    account: Kept[Account] | None = None
    answers: SecurityAnswers | None = None


def existing_account(work: UnitOfWork, account_id: str) -> Kept[Account]:
    """The account that staff named; raises NotFoundError, and that they named nobody's stands in the log."""
    kept = work.get(ACCOUNTS, account_id)
    if kept is None:
        raise nothing_found(work, "account", "no account has this id")
    return kept


def account_of_another(work: UnitOfWork, account_id: str, by: Actor) -> Kept[Account]:
    """The account that staff act on; raises as `existing_account`, and NotPermittedError for their own.

    Separation of duties: IRS Pub. 1075, AC-5. A lock of one's own is lifted, and a factor removed, by others.
    """
    if by.actor_id == account_id:
        refusal = "nobody does this to their own account; ask a colleague"
        raise NotPermittedError(refusal, wanted="own account")
    return existing_account(work, account_id)


def existing(work: UnitOfWork, records: Records[R], key: object) -> Kept[R]:
    """A record that another one says there is; raises InvariantError when it is gone."""
    kept = work.get(records, key)
    if kept is None:
        raise _gone(records)
    return kept


def existing_each(work: UnitOfWork, records: Records[R], keys: Sequence[object]) -> list[Kept[R]]:
    """Records that others say there are, in the order of the keys; raises as `existing` does."""
    there = work.each_there(records, keys)
    if len(there) < len(keys):
        raise _gone(records)
    return there


def _gone(records: Records[R]) -> InvariantError:
    name = records.collection.name
    return InvariantError(f"a record of '{name}' is missing that others refer to; was it deleted by hand?")


def role_in_case(work: UnitOfWork, person_id: str, case_number: CaseNumber) -> Role | None:
    """What a person is in a case as a parent; None for a child, and for somebody who is nobody in it."""
    found = work.find(PARTICIPATIONS, ("person_id", "case_number"), (person_id, case_number))
    return next((kept.record.role for kept in found if kept.record.role is not Role.CHILD), None)


def nothing_found(work: UnitOfWork, sought: str, sentence: str) -> NotFoundError:
    """The error for what staff named and there is not; what they typed stands nowhere."""
    work.leave(NothingFound(sought))
    return NotFoundError(sentence)


def account_of_user(work: UnitOfWork, user_key: str) -> Kept[Account] | None:
    """The account with this user id's key."""
    found = work.find(ACCOUNTS, ("user_key",), (user_key,), limit=1)
    return found[0] if found else None


def account_of_person(work: UnitOfWork, person_id: str) -> Kept[Account] | None:
    """The account of a person."""
    found = work.find(ACCOUNTS, ("person_id",), (person_id,), limit=1)
    return found[0] if found else None


def person_named(work: UnitOfWork, identifier: Irn | ClientId) -> Person | None:
    """The person with this IRN or Client ID."""
    index = ("irn",) if isinstance(identifier, Irn) else ("client_id",)
    found = work.find(PEOPLE, index, (identifier,), limit=1)
    return found[0].record if found else None


def person_with(work: UnitOfWork, number: TaxpayerNumber | Irn | ClientId) -> Person | None:
    """The person with this number or identifier."""
    if isinstance(number, Irn | ClientId):
        return person_named(work, number)
    return subject_of(work, number).person


def subject_of(work: UnitOfWork, number: TaxpayerNumber) -> Subject:
    """The person with this number, found by its blind index, with account and answers."""
    for index in work.sealer.indexes_of(number):
        found = work.find(PEOPLE, ("ssn_index",), (index,), limit=1)
        if found:
            person = found[0].record
            account = account_of_person(work, person.person_id)
            answers = work.get(SECURITY_ANSWERS, account.record.account_id) if account else None
            return Subject(person, account, answers.record if answers else None)
    return Subject()


def owner(account: Account) -> Actor:
    """The owner of an account, as the audit log names whoever acts."""
    match account.kind:
        case AccountKind.PARENT:
            return Actor.parent(account.account_id)
        case AccountKind.REMITTER:
            return Actor.remitter(account.account_id)
        case AccountKind.STAFF | AccountKind.SHARED:
            return Actor.staff(account.account_id)


def on_file(person: Person) -> ParticipantOnFile:
    """A person as registration compares them."""
    return ParticipantOnFile(
        person_id=person.person_id,
        first=person.name.first,
        last=person.name.last,
        middle=person.name.middle,
        suffix=person.name.suffix,
        birth_date=person.birth_date,
        ssn=person.ssn,
    )
