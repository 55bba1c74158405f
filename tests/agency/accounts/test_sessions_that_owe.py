"""A session that owes something allows nothing but that, looking at itself, and signing out."""

import inspect
import typing

import attrs
import pytest

from dcss_core import Actor, Agency, CaseNumber, Month, Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users import SessionToken
from dcss_core.users.account_control import ControlReason
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

RIGHT = {
    Secret: Secret("x"),
    str: "0" * 64,
    CaseNumber: CaseNumber("0004567890"),
    Month: Month(2026, 1),
}
ALLOWED_ALWAYS = {"accounts.sign_out", "sessions.check"}


def verbs_in_a_session():
    """Every verb that a session is shown to, with a caller of it."""
    for area in attrs.fields(Agency):
        if not (inspect.isclass(area.type) and area.type.__module__.startswith("dcss_core.agency.")):
            continue
        for name, verb in vars(area.type).items():
            if name.startswith("_") or not inspect.isfunction(verb):
                continue
            hints = typing.get_type_hints(verb)
            if SessionToken in hints.values():
                yield f"{area.name}.{name}", hints


def called(agency, path, hints, token):
    area, name = path.split(".")
    arguments = {
        argument: token if hint is SessionToken else RIGHT.get(hint, ())
        for argument, hint in hints.items()
        if argument not in ("source", "return")
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


def test_a_token_that_is_nobodys_leaves_no_entry(agency):
    with pytest.raises(NotPermittedError):
        agency.sessions.check(SessionToken("nobody's"))
    assert list(agency.audit.entries(by=Actor.system("audit"))) == []
