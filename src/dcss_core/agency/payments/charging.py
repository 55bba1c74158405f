"""Charging: what falls due is posted, case by case.

Invariants: a case is charged in one transaction, so that a long run can be stopped and begun again; a clock
that is wrong by months charges nothing, for a run that was not given its month goes no further than one month
beyond the last run.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.cases import CASES
from dcss_core.agency.filing.payments import CHARGING_RUNS
from dcss_core.agency.payments.case_files import case_file, policies_of, save_posted
from dcss_core.agency.payments.payees import tell_payees
from dcss_core.agency.work.deadline import begin_next_step
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.pages import LONGEST_PAGE
from dcss_core.cases.case import Case, CaseStatus
from dcss_core.payments.posting.case_file import PolicyOn
from dcss_core.payments.posting.charges import ChargingRun, charge_case, month_to_charge

_VERB: Final = "payments.charge"


def charge(resources: Resources, door: Door, through: Month | None, by: Caller) -> int:
    """Charge every open case through a month; see the verb."""
    month = door.write(_VERB, by, partial(_begin_run, through=through))
    policy_on = policies_of(resources.jurisdiction)
    return sum(_charge_one(door, number, month, by, policy_on) for number in _open_cases(resources))


def _begin_run(work: UnitOfWork, _: Admitted, *, through: Month | None) -> Month:
    newest = work.find(CHARGING_RUNS, ("through",), descending=True, limit=1)
    month = month_to_charge(through, work.today, newest[0].record.through if newest else None)
    if work.get(CHARGING_RUNS, month) is None:
        work.insert(CHARGING_RUNS, [ChargingRun(month, work.now)])
    return month


def _charge_one(door: Door, case_number: CaseNumber, month: Month, by: Caller, policy_on: PolicyOn) -> bool:
    def act(work: UnitOfWork, caller: Admitted) -> bool:
        found = case_file(work, case_number)
        if found is None:
            return False
        posted = charge_case(found.file, month, policy_on=policy_on, at=work.now)
        if posted is None:
            return False
        save_posted(work, posted, {case_number: found})
        work.audit(posted.events, caller.actor)
        # When held money has to leave once it is applied no provision says; the family is told at once.
        for event in posted.events:
            tell_payees(work, event, posted.lines)
        return True

    begin_next_step()
    return door.write(_VERB, by, act)


def _open_cases(resources: Resources) -> Iterator[CaseNumber]:
    last: Kept[Case] | None = None
    while True:
        page = resources.read(partial(_page_of_open_cases, after=last))
        yield from (kept.record.case_number for kept in page)
        if len(page) < LONGEST_PAGE:
            return
        last = page[-1]


def _page_of_open_cases(work: UnitOfWork, *, after: Kept[Case] | None) -> list[Kept[Case]]:
    index = ("status", "case_number")
    return work.find(CASES, index, (CaseStatus.OPEN,), after=after, limit=LONGEST_PAGE)
