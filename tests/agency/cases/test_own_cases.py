"""`cases.own`: a parent is told which cases are theirs, and nobody else's."""

import attrs
import pytest

from dcss_core import Actor, CaseNumber
from dcss_core.cases import CaseApplication, KnownParticipant, NewParticipant, PersonName, Role
from dcss_core.cases.case import CaseStatus
from dcss_core.errors import InvalidInputError, NotPermittedError, SessionEndedError

pytestmark = pytest.mark.on_every_storage


@pytest.fixture
def token(agency, janes_account, jane, sign_in):
    return sign_in(agency, jane)


@pytest.fixture
def another_case(agency, intake, case_application):
    """Opens a case in which a known person has a role, the others being new."""

    def opened(number: str, person_id: str, role: Role) -> CaseApplication:
        everybody = tuple(
            KnownParticipant(each, person_id)
            if each is role
            else NewParticipant(each, PersonName("Pat", f"Rivers {each.value}"), jane_was_born)
            for each in (Role.NONCUSTODIAL_PARENT, Role.CUSTODIAL_PARENT, Role.CHILD)
        )
        application = attrs.evolve(case_application, case_number=CaseNumber(number), participants=everybody)
        return agency.cases.open(application, by=intake)

    jane_was_born = case_application.participants[1].birth_date
    return opened


@pytest.fixture
def her_id(agency, token):
    return agency.sessions.check(token).person_with_cases()


def test_a_parent_is_told_each_of_their_cases_with_what_they_are_in_it(agency, token, her_id, another_case):
    another_case("0004567895", her_id, Role.NONCUSTODIAL_PARENT)
    seen = agency.cases.own(token)
    assert [(str(each.case_number), each.role, each.status) for each in seen] == [
        ("0004567890", Role.CUSTODIAL_PARENT, CaseStatus.OPEN),
        ("0004567895", Role.NONCUSTODIAL_PARENT, CaseStatus.OPEN),
    ]


def test_a_case_in_which_one_is_the_child_is_not_ones_own(agency, token, her_id, another_case):
    another_case("0004567895", her_id, Role.CHILD)
    assert [str(each.case_number) for each in agency.cases.own(token)] == ["0004567890"]


def test_cases_follow_page_by_page(agency, token, her_id, another_case):
    for number in ("0004567893", "0004567892", "0004567891"):
        another_case(number, her_id, Role.NONCUSTODIAL_PARENT)
    first = agency.cases.own(token, limit=3)
    rest = agency.cases.own(token, after=first[-1].case_number, limit=3)
    assert (*first, *rest) == agency.cases.own(token)
    assert [str(each.case_number)[-1] for each in (*first, *rest)] == ["0", "1", "2", "3"]


def test_a_case_of_somebody_else_is_no_place_to_go_on_from(
    agency, token, john, another_case, register, sign_in
):
    register(agency, john)
    his_id = agency.sessions.check(sign_in(agency, john)).person_with_cases()
    his = another_case("0004567895", his_id, Role.CUSTODIAL_PARENT)
    texts = set()
    for number in (his.case_number, CaseNumber("0004567899")):  # it exists, and there is none
        with pytest.raises(InvalidInputError) as refused:
            agency.cases.own(token, after=number)
        texts.add(str(refused.value))
    assert len(texts) == 1


def test_nobody_without_cases_of_their_own_is_told_any(agency, janes_account, clerk):
    for by in (clerk, Actor.parent(janes_account), Actor.system("intake"), Actor.public()):
        with pytest.raises(NotPermittedError, match="you may not do this"):
            agency.cases.own(by)


def test_a_session_that_has_ended_is_told_none(agency, token):
    agency.accounts.sign_out(token)
    with pytest.raises(SessionEndedError):
        agency.cases.own(token)
