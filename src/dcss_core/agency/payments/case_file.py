"""Case files: the cases one verb works on, each read once and saved once.

Decides nothing; it brings a case, its people, obligations and account together for the decisions and
keeps the account between two entries for the same case. Invariant: an account is saved at the version
it was read at, so that two verbs working on one case can't both be saved.
"""

from datetime import date

import attrs

from dcss_core.agency.filing.cases import CASES, OBLIGATIONS, PARTICIPATIONS, PEOPLE
from dcss_core.agency.filing.payments import CASE_ACCOUNTS, DISTRIBUTION_LINES, POSTINGS
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.dates import Month
from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.cases.case import Assistance, Case, Role
from dcss_core.cases.order import Obligation
from dcss_core.cases.people.person import Person
from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.payments.collection.receipt import PostedReceipt
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Posting
from dcss_core.payments.obligations.charging import charge
from dcss_core.rules.jurisdiction import Jurisdiction


@attrs.define
class CaseFile:
    """A case being worked on; `account` moves on as money is posted."""

    case: Case
    noncustodial_parent: Person
    obligations: tuple[Obligation, ...]
    account: CaseAccount
    kept: Kept[CaseAccount]


@attrs.define
class CaseFiles:
    """The cases of one unit of work, with the postings, lines and events that were made so far."""

    work: UnitOfWork
    jurisdiction: Jurisdiction
    postings: list[Posting] = attrs.field(factory=list)
    lines: list[DistributionLine] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)
    _open: dict[CaseNumber, CaseFile | None] = attrs.field(factory=dict)
    _policies: dict[tuple[date, Assistance], DistributionPolicy | None] = attrs.field(factory=dict)

    def find(self, case_number: str | CaseNumber) -> CaseFile | None:
        """The file of a case by its number as somebody gave it; None when it is not one of ours."""
        try:
            number = CaseNumber(str(case_number))
        except InvalidInputError:
            return None
        if number not in self._open:
            self._open[number] = self._read(number)
        return self._open[number]

    def policy(self, case: Case, on: date) -> DistributionPolicy | None:
        """The distribution policy in force for a case; None when the jurisdiction states no order for it."""
        wanted = (on, case.assistance)
        if wanted not in self._policies:
            rules = self.jurisdiction.on(on)
            self._policies[wanted] = DistributionPolicy.from_rules(rules, case.assistance)
        return self._policies[wanted]

    def charge(self, file: CaseFile, through: Month) -> None:
        """Charge a case's account through a month and keep what that made."""
        charging = charge(
            file.account,
            file.obligations,
            through=through,
            policy_in=lambda month: self.policy(file.case, month.first_day),
            at=self.work.now,
        )
        file.account = charging.account
        self.postings += charging.postings
        self.lines += charging.lines
        self.events += charging.events

    def keep(self, posted: PostedReceipt, file: CaseFile | None) -> None:
        """Keep what the posting of a receipt made, to a case or, without a file, held."""
        if file is not None and posted.account is not None:
            file.account = posted.account
        self.postings += posted.postings
        self.lines += posted.lines
        self.events += posted.events

    def save(self) -> None:
        """Save every account that changed, and append what was posted."""
        for file in self._open.values():
            if file is not None:
                self.work.replace(CASE_ACCOUNTS, file.kept, file.account)
        self.work.append(POSTINGS, self.postings)
        self.work.append(DISTRIBUTION_LINES, self.lines)

    def _read(self, number: CaseNumber) -> CaseFile | None:
        case = self.work.get(CASES, number)
        if case is None:
            return None
        account = self.work.get(CASE_ACCOUNTS, number)
        if account is None:
            raise InvariantError(f"case {number} has no account")
        obligations = self.work.find(OBLIGATIONS, ("case_number",), (number,))
        return CaseFile(
            case=case.record,
            noncustodial_parent=participant(self.work, number, Role.NONCUSTODIAL_PARENT),
            obligations=tuple(each.record for each in obligations),
            account=account.record,
            kept=account,
        )


def participant(work: UnitOfWork, case_number: CaseNumber, role: Role) -> Person:
    """The one person with a role that every case has once."""
    found = work.find(PARTICIPATIONS, ("case_number", "role"), (case_number, role), limit=1)
    person = work.get(PEOPLE, found[0].record.person_id) if found else None
    if person is None:
        raise InvariantError(f"case {case_number} has no {role.value}")
    return person.record
