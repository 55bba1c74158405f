"""Case files: the cases that a verb posts money to, loaded and saved.

Invariant: an account is saved at the version it was read at, so that two verbs that work on one case can't
both be saved.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache

import attrs

from dcss_core.agency.callers.found import existing_each
from dcss_core.agency.filing.books import post_to_books
from dcss_core.agency.filing.cases import CASES, OBLIGATIONS, PARTICIPATIONS, PEOPLE
from dcss_core.agency.filing.payments import CASE_ACCOUNTS, DISTRIBUTION_LINES
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.identifiers import CaseNumber
from dcss_core.cases.case import Assistance, Participation, Role
from dcss_core.errors import InvariantError
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.posting.case_file import CaseFile, PolicyOn
from dcss_core.payments.posting.posted import Posted
from dcss_core.rules.jurisdiction import Jurisdiction


@attrs.frozen
class KeptCaseFile:
    """A case file, and its account as it was read."""

    file: CaseFile
    account: Kept[CaseAccount]


def case_file(work: UnitOfWork, number: CaseNumber) -> KeptCaseFile | None:
    """The file of a case; None when it is not one of ours."""
    return case_files(work, [number]).get(number)


def case_files(work: UnitOfWork, numbers: Iterable[CaseNumber]) -> dict[CaseNumber, KeptCaseFile]:
    """The files of those of these cases that are ours; their records are asked for together."""
    cases = [kept.record for kept in work.each_there(CASES, list(dict.fromkeys(numbers)))]
    ours = [case.case_number for case in cases]
    payers = existing_each(work, PEOPLE, _noncustodial_parents(work, ours))
    accounts = existing_each(work, CASE_ACCOUNTS, ours)
    obligations = work.find_each(OBLIGATIONS, ("case_number",), ours)
    return {
        case.case_number: KeptCaseFile(
            CaseFile(case, payer.record, tuple(each.record for each in owed), account.record), account
        )
        for case, payer, owed, account in zip(cases, payers, obligations, accounts, strict=True)
    }


def policies_of(law: Jurisdiction) -> PolicyOn:
    """The distribution policies of a jurisdiction, each read once."""

    @cache
    def policy_on(assistance: Assistance, day: date) -> DistributionPolicy | None:
        return DistributionPolicy.from_rules(law.on(day), assistance)

    return policy_on


def save_posted(work: UnitOfWork, posted: Posted, kept: Mapping[CaseNumber, KeptCaseFile]) -> None:
    """Save the accounts that changed, and append what was posted."""
    for number, account in posted.accounts.items():
        work.replace(CASE_ACCOUNTS, kept[number].account, account)
    post_to_books(work, posted.postings)
    work.append(DISTRIBUTION_LINES, posted.lines)


def _noncustodial_parents(work: UnitOfWork, numbers: Sequence[CaseNumber]) -> list[str]:
    found = work.find_each(PARTICIPATIONS, ("case_number", "role"), numbers)
    return [_noncustodial_parent(number, each) for number, each in zip(numbers, found, strict=True)]


def _noncustodial_parent(number: CaseNumber, participations: Sequence[Kept[Participation]]) -> str:
    for kept in participations:
        if kept.record.role is Role.NONCUSTODIAL_PARENT:
            return kept.record.person_id
    raise InvariantError(f"case {number} has no {Role.NONCUSTODIAL_PARENT.value}")
