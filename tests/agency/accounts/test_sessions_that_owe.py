"""A session that owes something allows nothing but that, looking at itself, and signing out."""

import inspect
import typing
from functools import cached_property

import pytest

from dcss_core import Actor, Agency, CaseNumber, Month, Secret
from dcss_core.agency.callers.caller import Caller
from dcss_core.cases import ContactKind
from dcss_core.errors import NotPermittedError
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.users import SessionToken
from dcss_core.users.account_control import ControlReason
from dcss_core.users.permissions import Whoever
from dcss_core.users.remitters.member import RemitterRights
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

RIGHT = {
    Secret: Secret("x@example.org"),
    ContactKind: ContactKind.EMAIL,
    RemitterRights: RemitterRights(),
    str: "0" * 64,
    CaseNumber: CaseNumber("0004567890"),
    Month: Month(2026, 1),
    Receipt | str: "RNONE",
}
OPEN_TO_PARENTS = {"cases.own", "payments.explain", "payments.history", "payments.statement"}
ALLOWED_ALWAYS = {"accounts.sign_out", "sessions.check"}


def verbs_in_a_session():
    """Every verb that a session is shown to, with a caller of it."""
    for area, each in vars(Agency).items():
        if not isinstance(each, cached_property) or area.startswith("_"):
            continue
        for name, verb in vars(typing.get_type_hints(each.func)["return"]).items():
            if name.startswith("_") or not inspect.isfunction(verb):
                continue
            hints = typing.get_type_hints(verb)
            path, takes = f"{area}.{name}", inspect.signature(verb).parameters
            if SessionToken in hints.values() or path in OPEN_TO_PARENTS:
                yield path, {each: hints[each] for each, how in takes.items() if _is_needed(each, how)}


def _is_needed(name, parameter):
    return name != "self" and parameter.default is inspect.Parameter.empty


def called(agency, path, hints, token):
    area, name = path.split(".")
    arguments = {
        argument: token if hint in (SessionToken, Caller) else RIGHT.get(hint, ())
        for argument, hint in hints.items()
    }
    return getattr(getattr(agency, area), name)(**arguments)


@pytest.mark.parametrize(
    ("path", "hints"), [pytest.param(*each, id=each[0]) for each in verbs_in_a_session()]
)
def test_session_fixation_a_session_that_must_change_the_password_allows_nothing_but_that_and_signing_out(
    agency, janes_account, jane, staff, attempt, opened_case, path, hints
):
    agency.oversight.demand_password_change(
        janes_account, by=staff(StaffRole.HELP_DESK), reason=ControlReason.SUSPECTED_MISUSE
    )
    token = attempt(agency, jane.user_id, jane.password).token
    if path in {"credentials.change_password", *ALLOWED_ALWAYS}:
        called(agency, path, hints, token)
    else:
        with pytest.raises(NotPermittedError, match=r"your own password first|no second factor"):
            called(agency, path, hints, token)


@pytest.mark.parametrize(
    ("path", "hints"), [pytest.param(*each, id=each[0]) for each in verbs_in_a_session()]
)
def test_session_fixation_a_session_that_must_set_up_a_second_factor_allows_nothing_but_that_and_signing_out(
    opener, storage_url, reform, case_application, intake, jane, register, attempt, path, hints
):
    demanding = reform({"accounts.second_factor_demanded": True})
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=demanding)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    token = attempt(agency, jane.user_id, jane.password).token
    assert agency.sessions.check(token).scope is SessionScope.ENROL_SECOND_FACTOR_ONLY
    set_up = {"second_factors.begin", "second_factors.confirm", "second_factors.standing"}
    if path in set_up | ALLOWED_ALWAYS:
        called(agency, path, hints, token)
    else:
        with pytest.raises(NotPermittedError, match="second factor"):
            called(agency, path, hints, token)


def test_the_verbs_in_a_session_are_all_there():
    paths = {path for path, _ in verbs_in_a_session()}
    assert paths >= {"sessions.own", "sessions.end_others", "payments.history", "credentials.change_password"}
    assert len(paths) >= 20


def test_the_verbs_that_are_open_to_parents_are_all_there(agency):
    rows = agency.cases._door._resources.permissions().rows.values()
    assert {row.verb for row in rows if row.whoever is Whoever.PARENT} == OPEN_TO_PARENTS


def test_s25_what_a_session_may_not_do_yet_and_was_asked_for_stands_in_the_audit_log(
    agency, janes_account, jane, staff, attempt, opened_case
):
    agency.oversight.demand_password_change(
        janes_account, by=staff(StaffRole.HELP_DESK), reason=ControlReason.SUSPECTED_MISUSE
    )
    token = attempt(agency, jane.user_id, jane.password).token
    *_, (last, _) = agency.audit.entries(by=Actor.system("audit"))
    with pytest.raises(NotPermittedError):
        agency.payments.history(opened_case, by=token)
    [(_, entry)] = agency.audit.entries(after=last, by=Actor.system("audit"))
    assert (entry.kind, entry.actor) == ("authz_fail", f"parent:{janes_account}")


def test_whoever_owes_a_password_and_tries_for_the_answers_stands_in_the_audit_log(
    agency, janes_account, jane, staff, attempt
):
    agency.oversight.demand_password_change(
        janes_account, by=staff(StaffRole.HELP_DESK), reason=ControlReason.SUSPECTED_MISUSE
    )
    token = attempt(agency, jane.user_id, jane.password).token
    *_, (last, _) = agency.audit.entries(by=Actor.system("audit"))
    with pytest.raises(NotPermittedError):
        agency.credentials.change_answers(token, password=jane.password, answers=())
    [(_, entry)] = agency.audit.entries(after=last, by=Actor.system("audit"))
    assert (entry.kind, entry.actor) == ("authz_fail", f"parent:{janes_account}")


def test_a_token_that_is_nobodys_leaves_no_entry(agency):
    with pytest.raises(NotPermittedError):
        agency.sessions.check(SessionToken("nobody's"))
    assert list(agency.audit.entries(by=Actor.system("audit"))) == []
