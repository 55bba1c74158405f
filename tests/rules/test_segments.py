"""Every day on which a rule changes is looked at, and each fault is told with its place and its day."""

from datetime import date

import pytest

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.segments import PolicyReader, faults_from, first_days

TODAY = date(2024, 5, 1)


def amended(base: Jurisdiction, key: str, start: date, **values: object) -> Jurisdiction:
    changes = {f"support.{name}": value for name, value in values.items()}
    return base.amended(changes, effective=start, citation="a test", key=key)


def limit(rules: RulesInForce) -> None:
    """A reader: the limit is positive."""
    days = rules.integer("support.limit_days")
    if days < 1:
        raise RulesError("no limit", faults=[Fault("support.limit_days", str(days), "1 or more")])


def told(law: Jurisdiction, *readers: PolicyReader, day: date = TODAY) -> list[str]:
    return [str(fault) for fault in faults_from(law, day, readers)]


def test_the_days_are_today_and_the_first_of_each_later_segment_of_any_layer(state: Jurisdiction) -> None:
    # the state's own rules begin in 2020 and change up to 2022-07-01; two reforms lie ahead
    law = amended(state, "LAW-1", date(2027, 1, 1), limit_days=7)
    law = amended(law, "LAW-2", date(2025, 7, 1), fee="40.00")
    assert first_days(law, TODAY) == (TODAY, date(2025, 7, 1), date(2027, 1, 1))
    assert first_days(law, date(2027, 1, 1)) == (date(2027, 1, 1),)


def test_a_fault_of_today_is_told_with_the_file_the_layer_and_the_day_it_began(state: Jurisdiction) -> None:
    law = amended(state, "COUNTY", date(2023, 4, 1), limit_days=0)
    assert told(law, PolicyReader(limit)) == [
        "amendment COUNTY of COUNTY, support.limit_days, from 2023-04-01: found 0, expected 1 or more"
    ]


def test_a_fault_that_lies_ahead_is_told_with_the_day_from_which_it_holds(state: Jurisdiction) -> None:
    law = amended(state, "REFORM", date(2027, 1, 1), limit_days=-3)
    assert told(law, PolicyReader(limit)) == [
        "amendment REFORM of REFORM, support.limit_days, from 2027-01-01: found -3, expected 1 or more"
    ]


def test_a_fault_that_lasts_while_other_rules_change_is_told_once(state: Jurisdiction) -> None:
    law = amended(state, "COUNTY", date(2023, 4, 1), limit_days=0)
    law = amended(law, "FEES", date(2026, 1, 1), fee="40.00")
    assert len(told(law, PolicyReader(limit))) == 1


def test_the_same_fault_in_two_values_is_told_for_each(state: Jurisdiction) -> None:
    law = amended(state, "ONE", date(2023, 4, 1), limit_days=0)
    law = amended(law, "TWO", date(2026, 1, 1), limit_days=0)
    assert [line.partition(" of ")[0] for line in told(law, PolicyReader(limit))] == [
        "amendment ONE",
        "amendment TWO",
    ]


def test_the_faults_of_one_reader_hide_none_of_another(state: Jurisdiction) -> None:
    def fee(rules: RulesInForce) -> None:
        raise RulesError("no fee", faults=[Fault("support.fee", "a fee", "none"), Fault("b", "c", "d")])

    law = amended(state, "COUNTY", date(2023, 4, 1), limit_days=0)
    assert [line.partition(":")[0] for line in told(law, PolicyReader(limit), PolicyReader(fee))] == [
        "amendment COUNTY of COUNTY, support.limit_days, from 2023-04-01",
        "support.toml of STATE, support.fee, from 2022-07-01",
        "COUNTY, b",
    ]


def closing_day(rules: RulesInForce) -> str:
    """A reader of what the county says from 2021 to before 2023 and nobody says later."""
    return rules.text("support.by_county")


def test_what_is_not_known_from_some_day_on_is_no_fault(county: Jurisdiction) -> None:
    law = amended(county, "FEES", date(2026, 3, 1), fee="40.00")
    assert told(law, PolicyReader(closing_day), day=date(2022, 5, 1)) == []


def test_what_is_needed_and_not_known_today_is_a_fault(county: Jurisdiction) -> None:
    assert told(county, PolicyReader(closing_day)) == [
        "STATE-COUNTY, support.by_county: found no value on 2024-05-01; it is known from 2021-01-01 through "
        "2022-12-31, expected a dated, cited value"
    ]


def test_what_no_layer_says_is_a_fault_where_it_is_needed(state: Jurisdiction) -> None:
    (line,) = told(state, PolicyReader(closing_day))
    assert line.startswith("STATE, support.by_county: found no value, expected the dated, cited value")


@pytest.mark.parametrize("layer", ["state", "county"])
def test_what_a_jurisdiction_may_lack_is_no_fault(layer: str, request: pytest.FixtureRequest) -> None:
    law = request.getfixturevalue(layer)
    assert told(law, PolicyReader(closing_day, needed=False)) == []


def test_a_rule_nobody_declares_is_told_in_words(state: Jurisdiction) -> None:
    (line,) = told(state, PolicyReader(lambda rules: rules.text("support.ofice")))
    assert "'STATE' has no rule 'support.ofice'; expected 'support.office'" in line


def test_a_fault_of_no_declared_rule_names_the_jurisdiction(state: Jurisdiction) -> None:
    def read(rules: RulesInForce) -> None:
        raise RulesError("nothing fits", faults=[Fault("support.tolls", "a toll", "no toll")])

    assert told(state, PolicyReader(read)) == ["STATE, support.tolls: found a toll, expected no toll"]
