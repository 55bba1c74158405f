"""Verbs of the office: cases, payments, and acts on accounts."""

from collections.abc import Callable
from datetime import date
from typing import Final

from dcss_core import Actor, CaseNumber, Irn, Month, Secret
from dcss_core.errors import RemittanceRefusedError
from dcss_core.testing import SentPayment, case_application, remittance_file, synthetic_parent
from dcss_core.users import StaffRole

from .of_accounts import WHY, failed
from .scenario import Scenario, by_two
from .world import CASE, INTAKE, JANE, OTHER_CASE, REMITTANCE, SOURCE, WRONG, World

JANUARY: Final = Month(2026, 1)
SMALL_FILE: Final = remittance_file(
    SentPayment("90.00", pay_date=date(2026, 1, 6)),
    SentPayment("5.00", case="0008888888"),
    SentPayment("0.00", ended=True, pay_date=date(2026, 1, 6)),
)


def _jane_disabled(world: World) -> None:
    world.agency.oversight.disable(world.janes_account, by=world.admin, reason=WHY)


def _closing_asked(world: World) -> None:
    due = world.agency.oversight.close(world.janes_account, by=world.admin, reason=WHY)
    world.things["asked"] = due.approval_id


def _source_closed(world: World) -> None:
    limit = max(each.failures for each in world.agency.accounts.policies().throttles.limits.values())
    for _ in range(limit):
        world.agency.accounts.sign_in(
            "nobody-here", WRONG, banner=world.agency.accounts.banner().version, source=SOURCE
        )


def _months_later(world: World) -> None:
    world.clock.move(days=40)


def _refused(call: Callable[[], object]) -> str:
    try:
        call()
    except RemittanceRefusedError as refused:
        return str(refused)
    raise AssertionError("a damaged file was taken")


_CASES: Final = [
    Scenario(
        "cases.open",
        lambda w: w.agency.cases.open(
            case_application("0004567892", payer=synthetic_parent(3), payee=synthetic_parent(4)), by=INTAKE
        ),
    ),
    Scenario("cases.find", lambda w: w.agency.cases.find(CaseNumber(CASE), by=w.clerk)),
    Scenario("cases.own", lambda w: w.agency.cases.own(w.token)),
]

_PAYMENTS: Final = [
    Scenario(
        "payments.receive",
        lambda w: w.agency.payments.receive(SMALL_FILE, by=REMITTANCE, entries_at_once=2, pause_seconds=0),
    ),
    Scenario("payments.receive", lambda w: w.agency.payments.receive(w.received, by=REMITTANCE), of="again"),
    Scenario(
        "payments.receive",
        lambda w: _refused(lambda: w.agency.payments.receive(SMALL_FILE[:500], by=REMITTANCE)),
        of="a damaged file",
    ),
    Scenario("payments.of_file", lambda w: w.agency.payments.of_file(w.file_id, by=w.clerk)),
    Scenario(
        "payments.identify",
        lambda w: w.agency.payments.identify(w.held_id, CaseNumber(CASE), by=w.clerk),
    ),
    *by_two(
        "payments.identify",
        lambda w, by: w.agency.payments.identify(w.much_held_id, CaseNumber(CASE), by=by),
        people=("other_clerk", "clerk"),
    ),
    Scenario(
        "payments.charge", lambda w: w.agency.payments.charge(Month(2026, 2), by=w.clerk), _months_later
    ),
    Scenario("payments.held", lambda w: w.agency.payments.held(by=w.clerk)),
    Scenario("payments.employment_ends", lambda w: w.agency.payments.employment_ends(by=w.clerk)),
    Scenario("payments.balances", lambda w: w.agency.payments.balances(by=Actor.system("reconciliation"))),
    Scenario("payments.verify", lambda w: w.agency.payments.verify(by=Actor.system("reconciliation"))),
    Scenario("payments.explain", lambda w: w.agency.payments.explain(w.receipt_id, by=w.token)),
    Scenario("payments.history", lambda w: w.agency.payments.history(CaseNumber(CASE), by=w.token)),
    Scenario(
        "payments.history",
        lambda w: w.agency.payments.history(CaseNumber(OTHER_CASE), by=w.clerk),
        of="for staff",
    ),
    Scenario(
        "payments.statement",
        lambda w: w.agency.payments.statement(CaseNumber(CASE), first=JANUARY, last=JANUARY, by=w.token),
    ),
]


def _of_account(verb: str, by: str, *ready: Callable[[World], object], **given: object) -> Scenario:
    return Scenario(
        f"oversight.{verb}",
        lambda w: getattr(w.agency.oversight, verb)(w.janes_account, by=getattr(w, by), **given),
        *ready,
    )


_STAFF: Final = [
    Scenario("oversight.find", lambda w: w.agency.oversight.find(JANE.user_id, by=w.desk)),
    Scenario(
        "oversight.find", lambda w: w.agency.oversight.find(Irn("CP999999"), by=w.desk), of="somebody unknown"
    ),
    _of_account("status", "desk"),
    Scenario("oversight.locked", lambda w: w.agency.oversight.locked(by=w.desk), failed(3)),
    _of_account("lift_lock", "desk", failed(3), reason=WHY),
    _of_account("disable", "admin", reason=WHY),
    _of_account("enable", "admin", _jane_disabled, reason=WHY),
    *by_two("oversight.close", lambda w, by: w.agency.oversight.close(w.janes_account, by=by, reason=WHY)),
    _of_account("demand_password_change", "desk", reason=WHY),
    _of_account("end_sessions", "desk"),
    Scenario(
        "oversight.reopen_source",
        lambda w: w.agency.oversight.reopen_source(SOURCE, by=w.desk),
        _source_closed,
    ),
    Scenario(
        "oversight.disclose_identifiers",
        lambda w: w.agency.oversight.disclose_identifiers(JANE.ssn, by=w.desk, reason=WHY),
    ),
    *by_two(
        "staff.appoint",
        lambda w, by: w.agency.staff.appoint(
            "worker-30", email=Secret("w30@dcss.example.com"), roles=(StaffRole.HELP_DESK,), by=by
        ),
    ),
    Scenario(
        "staff.appoint_shared",
        lambda w: w.agency.staff.appoint_shared(
            "front-desk", email=Secret("desk@dcss.example.com"), by=w.admin
        ),
    ),
    *by_two(
        "staff.set_roles",
        lambda w, by: w.agency.staff.set_roles(w.desk.actor_id, (StaffRole.CASE_WORKER,), by=by),
    ),
    Scenario("approvals.waiting", lambda w: w.agency.approvals.waiting(by=w.colleague), _closing_asked),
    Scenario(
        "approvals.withdraw",
        lambda w: w.agency.approvals.withdraw(w.asked, by=w.colleague),
        _closing_asked,
    ),
    Scenario("staff.roles", lambda w: w.agency.staff.roles(w.desk.actor_id, by=w.admin)),
]

SCENARIOS: Final = (*_CASES, *_PAYMENTS, *_STAFF)
