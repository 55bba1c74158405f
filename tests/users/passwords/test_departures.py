"""A policy that departs from a standard says so, and says nothing else."""

from datetime import timedelta

import pytest

from dcss_core.errors import RulesError
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.password import Normalization
from dcss_core.users.passwords.policy import PasswordPolicy

NIST, ASVS = "NIST SP 800-63B-4 §3.1.1.2", "OWASP ASVS 5.0.0,"

# value → the provisions that forbid it: §1.1 and §1.3 of the standards as they are numbered
DEPARTURES = {
    "14 characters alone": ({"min_length": 14}, [f"{NIST}(1)"]),
    "7 beside a second factor": ({"min_length_with_mfa": 7}, [f"{NIST}(1)", f"{ASVS} 6.2.1"]),
    "a mixture": ({"required_classes": (CharacterClass.DIGIT,)}, [f"{NIST}(5)", f"{ASVS} 6.2.5"]),
    "expiry": ({"max_age": timedelta(days=365)}, [f"{NIST}(6)", f"{ASVS} 6.2.10"]),
    "no normalisation": ({"normalize": Normalization.NONE}, [f"{NIST} (NFC)"]),
    "no breach check": ({"breach_check": BreachChecking.OFF}, [f"{ASVS} 6.2.12"]),
}


def made(values, *stated):
    return PasswordPolicy(**{"min_length": 15, "max_length": 256, "history": 0} | values, departs_from=stated)


@pytest.mark.parametrize(("values", "provisions"), DEPARTURES.values(), ids=DEPARTURES)
def test_a_departure_that_is_not_stated_is_refused_by_the_name_of_each_provision(values, provisions):
    with pytest.raises(RulesError) as caught:
        made(values)
    assert [fault.expected for fault in caught.value.faults] == [
        f'"{each} (why)" in password_departs_from of the same file' for each in provisions
    ]
    assert {fault.where for fault in caught.value.faults} == set(values)


def test_a_departure_is_told_with_the_value_that_departs():
    with pytest.raises(RulesError) as caught:
        made({"min_length": 12, "max_age": timedelta(days=90)})
    assert [fault.found for fault in caught.value.faults] == [
        f"12, which departs from '{NIST}(1)'",
        f"90 days, which departs from '{NIST}(6)'",
        f"90 days, which departs from '{ASVS} 6.2.10'",
    ]


@pytest.mark.parametrize(("values", "provisions"), DEPARTURES.values(), ids=DEPARTURES)
def test_a_departure_may_be_stated_with_words_of_explanation(values, provisions):
    stated = [f"{each} (because our auditor asks for it)" for each in provisions]
    assert made(values, *stated).departs_from == tuple(stated)


@pytest.mark.parametrize(("values", "provisions"), DEPARTURES.values(), ids=DEPARTURES)
def test_a_departure_that_is_none_is_not_stated_either(values, provisions):
    with pytest.raises(RulesError) as caught:
        made({}, *provisions)
    assert [fault.found for fault in caught.value.faults] == [f"'{each}'" for each in provisions]


def test_a_longer_number_is_another_provision():
    # 6.2.1 is not stated by 6.2.10, nor §3.1.1.2(1) by §3.1.1.2(10)
    with pytest.raises(RulesError):
        made({"min_length_with_mfa": 7}, f"{NIST}(10)", f"{ASVS} 6.2.10")


def test_what_is_stated_of_other_standards_is_taken_as_it_is():
    other = "IRS Pub. 1075 (Rev. 11-2021), IA-5(1) h2"
    assert made({}, other).departs_from == (other,)
