"""Names as people type them, against names on file: registering, and recovering by questions."""

import attrs
import pytest

from dcss_core import Secret
from dcss_core.agency.filing.accounts import SECURITY_ANSWERS
from dcss_core.cases import PersonName
from dcss_core.testing import case_application as built_application
from dcss_core.users import Registered, RegistrationRefused, ResetConfirmed, ResetRefused
from dcss_core.users.recovery.answers import answers_secret


def opened_for(agency, jane, name, intake):
    parent = attrs.evolve(jane, name=name)
    agency.cases.open(built_application(payee=parent), by=intake)
    return parent


@pytest.mark.parametrize(
    ("name", "registered_as", "recovered_as"),
    [
        (PersonName("Lukasz", "Walesa"), "Łukasz Wałęsa", "Lukasz Walesa"),
        (PersonName("Łukasz", "Wałęsa"), "Lukasz Walesa", "ŁUKASZ WAŁĘSA"),
        (PersonName("Bodil", "Sorensen"), "Bodil Sørensen", "Bodil Sorensen"),
        (PersonName("Bodil", "Sørensen"), "Bodil Soerensen", "Bodil Sorensen"),
        (PersonName("MARIA", "GARCIALOPEZ"), "Maria García-López", "Maria Garcialopez"),
        (PersonName("John", "Smith", suffix="V"), "John Smith", "John Smith V"),
        (PersonName("John", "Smith Jr"), "John Smith", "John Smith, Jr."),
        (PersonName("", "Sukarno"), "Sukarno", "SUKARNO"),
        (PersonName("Sukarno", ""), "Sukarno", "Sukarno"),
    ],
)
def test_a_parent_registers_and_recovers_with_their_name_however_they_type_it(
    agency, intake, jane, form_of, reset, sign_in, name, registered_as, recovered_as
):
    parent = opened_for(agency, jane, name, intake)
    form = form_of(agency, parent, full_name=registered_as)
    assert isinstance(agency.accounts.register(form), Registered)
    assert agency.accounts.display_name(sign_in(agency, parent)) == name.full
    assert reset(agency, parent, full_name=recovered_as) == ResetConfirmed()


@pytest.mark.parametrize("wrong", ["Jane Row", "Jane", "Roe", "", "Jane " + "x" * 400])
def test_another_name_neither_registers_nor_recovers(
    agency, opened_case, jane, form_of, register, reset, wrong
):
    refused = agency.accounts.register(form_of(agency, jane, full_name=wrong))
    assert not isinstance(refused, Registered)
    register(agency, jane)
    assert reset(agency, jane, full_name=wrong) == ResetRefused()


def test_answers_chosen_anew_are_good_with_the_name_however_it_is_typed(
    agency, intake, jane, form_of, sign_in, reset
):
    parent = opened_for(agency, jane, PersonName("Łukasz", "Wałęsa"), intake)
    agency.accounts.register(form_of(agency, parent, full_name="Lukasz Walesa"))
    token = sign_in(agency, parent)
    chosen = parent.answers(agency.accounts.policies().questions.catalogue[3:6])
    agency.credentials.change_answers(token, password=parent.password, answers=chosen)
    assert reset(agency, parent, full_name="Lukasz Walesa") == ResetConfirmed()


# --- answers enrolled while the name was hashed with them -----------------------------------------------


@pytest.fixture
def enrolled_before(agency, intake, jane, register, hasher):
    """Registers a parent, with answers as they were stored before, under the name they typed then."""

    def enrolled(name, typed_then):
        parent = opened_for(agency, jane, name, intake)
        account_id = register(agency, parent)
        given = parent.answers(agency.recovery.questions(parent.ssn))
        stored = hasher.hash(answers_secret(typed_then, given), salt=bytes(16))

        def replace(work):
            kept = work.get(SECURITY_ANSWERS, account_id)
            work.replace(
                SECURITY_ANSWERS,
                kept,
                attrs.evolve(kept.record, answers_hash=stored, are_hashed_with_name=True),
            )

        agency.cases._door._resources.write(replace)
        return parent

    return enrolled


@pytest.mark.parametrize(
    ("name", "typed_then", "typed_now"),
    [
        (PersonName("Jane", "Roe"), "Jane Roe", "JANE ROE"),
        (PersonName("MARIA", "GARCIALOPEZ"), "Maria García-López", "Maria Garcia Lopez"),
        (PersonName("Łukasz", "Wałęsa"), "Łukasz Wałęsa", "łukasz wałęsa"),
        (PersonName("John", "Smith", suffix="V"), "John Smith", "John Smith"),
    ],
)
def test_whoever_enrolled_their_answers_with_their_name_recovers_as_before(
    enrolled_before, agency, reset, name, typed_then, typed_now
):
    parent = enrolled_before(name, typed_then)
    assert reset(agency, parent, full_name=typed_now) == ResetConfirmed()


def test_of_answers_enrolled_with_a_name_another_name_or_answer_is_as_wrong_as_before(
    enrolled_before, agency, reset, hasher
):
    parent = enrolled_before(PersonName("Jane", "Roe"), "Jane Roe")
    asked = agency.recovery.questions(parent.ssn)
    other = (attrs.evolve(parent.answers(asked)[0], text=Secret("pizza")), *parent.answers(asked)[1:])
    hasher.runs = 0
    assert reset(agency, parent, full_name="Jane Row") == ResetRefused()
    assert reset(agency, parent, answers=other) == ResetRefused()
    assert hasher.runs == 2 * 2


@pytest.mark.parametrize("typed", ["Lukasz Walesa", "Anna Wałęsa"])
def test_a_user_id_is_sent_to_whoever_types_the_name_on_file_either_way(
    agency, intake, jane, form_of, kinds, typed
):
    parent = opened_for(agency, jane, PersonName("Łukasz", "Wałęsa"), intake)
    agency.accounts.register(form_of(agency, parent))
    agency.recovery.send_user_id(full_name=typed, ssn=parent.ssn)
    expected = "user_id_requested" if typed.startswith("Lukasz") else "user_id_not_sent"
    assert kinds(agency)[-1] == expected


def test_registration_is_refused_with_the_last_name_of_one_name_alone(agency, opened_case, jane, form_of):
    assert agency.accounts.register(form_of(agency, jane, full_name="Roe")) == RegistrationRefused()
