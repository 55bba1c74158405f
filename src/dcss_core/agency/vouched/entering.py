"""Entering: one assertion, from what the issuer says to what is saved.

Invariants: an assertion counts once, whatever came of it; whoever is vouched for is let in as if they had
given the password, and no further; an account that somebody made themselves is opened by nobody else's word
until its owner has said so; where two persons could be meant, nobody is let in.
"""

from typing import TypeAlias

import attrs

from dcss_core.agency.accounts.agreeing import banner_accepted
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.callers.found import account_of_person, existing, on_file, owner, person_with
from dcss_core.agency.filing.accounts import ACCOUNTS, SECOND_FACTORS, SESSIONS
from dcss_core.agency.filing.vouched import DUE_LINKS, IDENTITY_LINKS, USED_ASSERTIONS
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.secret import Secret
from dcss_core.cases.people.person import Person
from dcss_core.users.account import ACCOUNT_STATES, Account, AccountAct, AccountKind, ChangeReason
from dcss_core.users.events import AccountRegistered
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.second_factor.factor import factor_standing
from dcss_core.users.sign_in.session import Assurance, FactorStanding
from dcss_core.users.sign_in.sign_in import (
    SignInOutcome,
    SignInRequest,
    Upkeep,
    let_in,
    what_keeps_out,
)
from dcss_core.users.user_id import UserId
from dcss_core.users.vouched.events import (
    IdentityLinkDue,
    IdentityLinked,
    VouchedRefused,
    VouchingRefusal,
)
from dcss_core.users.vouched.identity import VouchedIdentity
from dcss_core.users.vouched.link import (
    TICKET_FOR,
    DueLink,
    IdentityLink,
    LinkDue,
    UsedAssertion,
    VouchingNotAccepted,
    digest_of,
)
from dcss_core.users.vouched.policy import TrustedIssuer

EnteringOutcome: TypeAlias = SignInOutcome | LinkDue | VouchingNotAccepted

_OF_THE_PASSWORD_ALONE = (ChangeReason.EXPIRED, ChangeReason.AGAINST_POLICY)


@attrs.frozen(repr=False)
class Entering:
    """One attempt; `unusable` is a hash that no password fits, for an account that is new."""

    identity: VouchedIdentity
    issuer: TrustedIssuer
    policies: AccountPolicies
    request: SignInRequest
    unusable: PasswordHash
    ticket: Secret

    def outcome(self, work: UnitOfWork, vouching: Actor) -> EnteringOutcome:
        """Judge it, and save what became of it."""
        if not self.issuer.is_in_time(self.identity.at, work.now):
            return self._refused(work, vouching, VouchingRefusal.STALE)
        if not self._is_first(work):
            return self._refused(work, vouching, VouchingRefusal.REPLAYED)
        link = link_of(work, self.identity)
        account = work.get(ACCOUNTS, link.record.account_id) if link else None
        return self._unknown(work, vouching) if account is None else self._known(work, vouching, account)

    def _is_first(self, work: UnitOfWork) -> bool:
        digest = digest_of(f"{self.identity.issuer}\n{self.identity.assertion_id.reveal()}")
        if work.get(USED_ASSERTIONS, digest) is not None:
            return False
        work.insert(USED_ASSERTIONS, [UsedAssertion(digest, work.now + 2 * self.issuer.good_for)])
        return True

    def _known(self, work: UnitOfWork, vouching: Actor, kept: Kept[Account]) -> EnteringOutcome:
        if what_keeps_out(kept.record, self.policies.lockout, work.now) is not None:
            return self._refused(work, vouching, VouchingRefusal.KEPT_OUT)
        return self._let_in(work, kept)

    def _unknown(self, work: UnitOfWork, vouching: Actor) -> EnteringOutcome:
        persons = self._persons(work)
        if len(persons) > 1:
            return self._refused(work, vouching, VouchingRefusal.TWO_PERSONS, persons)
        if not persons:
            return self._refused(work, vouching, VouchingRefusal.NOBODY)
        (person,) = persons
        if not self._is(person):
            return self._refused(work, vouching, VouchingRefusal.OTHER_PARTICULARS, persons)
        account = account_of_person(work, person.person_id)
        if account is not None:
            return self._due(work, account.record)
        if not self.issuer.makes_accounts:
            return self._refused(work, vouching, VouchingRefusal.MAKES_NO_ACCOUNTS, persons)
        return self._let_in(work, self._made(work, person))

    def _persons(self, work: UnitOfWork) -> list[Person]:
        """Whom the number names and whom the identifier names, each once."""
        given = (self.identity.number, self.identity.identifier)
        found = (person_with(work, each) for each in given if each is not None)
        return [*{person.person_id: person for person in found if person is not None}.values()]

    def _is(self, person: Person) -> bool:
        known, number = on_file(person), self.identity.number
        same_number = number is None or number == known.ssn
        same_birth_date = self.identity.birth_date == known.birth_date
        return known.is_named(self.identity.full_name) and same_number and same_birth_date

    def _due(self, work: UnitOfWork, account: Account) -> LinkDue:
        until = work.now + TICKET_FOR
        identity, account_id = self.identity, account.account_id
        due = DueLink(digest_of(self.ticket.reveal()), identity.issuer, identity.subject, account_id, until)
        work.insert(DUE_LINKS, [due])
        event = IdentityLinkDue(account_id, identity.issuer)
        notify(work, account, [event])
        work.audit([event], Actor.public(), self.request.source)
        return LinkDue(self.ticket, until)

    def _made(self, work: UnitOfWork, person: Person) -> Kept[Account]:
        user_id = UserId(f"v-{work.new_id()[:24]}")
        account = Account(
            account_id=work.new_id(),
            user_id=user_id.value,
            user_key=user_id.key,
            person_id=person.person_id,
            kind=AccountKind.PARENT,
            state=ACCOUNT_STATES.next_state(None, AccountAct.REGISTER),
            password_hash=self.unusable,
            created_at=work.now,
            password_set_at=work.now,
            idle_since=work.now,
        )
        work.insert(ACCOUNTS, [account])
        link(work, self.identity.issuer, self.identity.subject, account.account_id)
        events = (
            AccountRegistered(account.account_id, person.person_id),
            IdentityLinked(account.account_id, self.identity.issuer, made_account=True),
        )
        notify(work, account, events)
        work.audit(events, Actor.public(), self.request.source)
        return existing(work, ACCOUNTS, account.account_id)

    def _let_in(self, work: UnitOfWork, kept: Kept[Account]) -> EnteringOutcome:
        account = kept.record
        of_password = account.change_due in _OF_THE_PASSWORD_ALONE
        decision = let_in(
            account,
            self.request,
            lockout=self.policies.lockout,
            sessions=self.policies.sessions,
            now=work.now,
            factor=self._standing(work, account),
            upkeep=Upkeep(
                None if of_password else account.change_due,
                account.judged_under or "",
                self.policies.banner.version,
            ),
        )
        events = (*decision.events, *banner_accepted(work, self.policies.banner, account))
        saved = decision.account or account
        work.replace(ACCOUNTS, kept, attrs.evolve(saved, change_due=account.change_due))
        work.insert(SESSIONS, [decision.session] if decision.session else [])
        notify(work, account, events)
        work.audit(events, owner(account), self.request.source)
        return decision.outcome

    def _standing(self, work: UnitOfWork, account: Account) -> FactorStanding:
        if self.issuer.believed(self.identity.assurance) is Assurance.AAL2:
            return FactorStanding.GIVEN
        factor = work.get(SECOND_FACTORS, account.account_id)
        demanded = self.policies.second_factor_demanded
        return factor_standing(factor.record if factor else None, demanded=demanded)

    def _refused(
        self, work: UnitOfWork, vouching: Actor, reason: VouchingRefusal, persons: list[Person] | None = None
    ) -> VouchingNotAccepted:
        ids = tuple(sorted(person.person_id for person in persons or ()))
        work.audit([VouchedRefused(self.identity.issuer, reason, ids)], vouching, self.request.source)
        return VouchingNotAccepted()


def link_of(work: UnitOfWork, identity: VouchedIdentity) -> Kept[IdentityLink] | None:
    """The link by which an issuer's id of a person opens an account."""
    indexes = work.sealer.indexes_of_subject(identity.issuer, identity.subject)
    found = work.find_each(IDENTITY_LINKS, ("subject_index",), indexes)
    return next((kept for each in found for kept in each), None)


def link(work: UnitOfWork, issuer: str, subject: Secret, account_id: str) -> IdentityLink:
    """Have an issuer's id of a person open an account from now on."""
    index = work.sealer.indexes_of_subject(issuer, subject)[0]
    made = IdentityLink(work.new_id(), index, issuer, subject, account_id, work.now)
    work.insert(IDENTITY_LINKS, [made])
    return made
