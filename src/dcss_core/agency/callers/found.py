"""Finding accounts and people, for the verbs on accounts."""

import attrs

from dcss_core.agency.filing.accounts import ACCOUNTS, SECURITY_ANSWERS, SESSIONS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.ssn import Ssn
from dcss_core.cases.people.person import Person
from dcss_core.errors import NotPermittedError
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.participant_on_file import ParticipantOnFile
from dcss_core.users.recovery.security_questions import SecurityAnswers
from dcss_core.users.sign_in.session import Session, SessionToken, session_fault, touch_session


@attrs.frozen
class Subject:
    """Whom an SSN names: the person, their account and their answers, as far as there are any."""

    person: Person | None = None
    account: Kept[Account] | None = None
    answers: SecurityAnswers | None = None


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


def subject_of(work: UnitOfWork, resources: Resources, ssn: Ssn) -> Subject:
    """The person with this SSN, found by its blind index, with account and answers."""
    for index in resources.sealer.indexes_of(ssn):
        found = work.find(PEOPLE, ("ssn_index",), (index,), limit=1)
        if found:
            person = found[0].record
            account = account_of_person(work, person.person_id)
            answers = work.get(SECURITY_ANSWERS, account.record.account_id) if account else None
            return Subject(person, account, answers.record if answers else None)
    return Subject()


def owner(account: Account) -> Actor:
    """The owner of an account, as the audit log names whoever acts."""
    is_parent = account.kind is AccountKind.PARENT
    return Actor.parent(account.account_id) if is_parent else Actor.staff(account.account_id)


def on_file(person: Person) -> ParticipantOnFile:
    """A person as registration compares them."""
    return ParticipantOnFile(
        person_id=person.person_id,
        first=person.name.first,
        last=person.name.last,
        middle=person.name.middle,
        birth_date=person.birth_date,
        ssn=person.ssn,
    )


def good_session(work: UnitOfWork, token: SessionToken) -> tuple[Kept[Session], Kept[Account]]:
    """The session of a token and its account, the use noted.

    Raises NotPermittedError when the session ended, was idle too long, or the password was changed.
    """
    session, account = _session_and_account(work, token)
    touched = touch_session(session.record, work.now)
    if touched is not session.record:
        work.replace(SESSIONS, session, touched)
        session = Kept(touched, session.version + 1)
    return session, account


def fresh_session(work: UnitOfWork, token: SessionToken) -> Session | None:
    """The session of a token, without a write; None when its use has to be noted.

    Raises NotPermittedError as `good_session` does.
    """
    session, _ = _session_and_account(work, token)
    return session.record if touch_session(session.record, work.now) is session.record else None


def _session_and_account(work: UnitOfWork, token: SessionToken) -> tuple[Kept[Session], Kept[Account]]:
    session = work.get(SESSIONS, token.session_id)
    account = work.get(ACCOUNTS, session.record.account_id) if session else None
    if session is None or account is None or session_fault(session.record, account.record, work.now):
        raise NotPermittedError("the session has ended; sign in again")
    work.asks(owner(account.record))
    return session, account
