"""A policy made of several rules: all that is wrong with it at once, by the names of the rules."""

from datetime import date, timedelta

import attrs
import pytest

from dcss_core.errors import Fault, RuleNotInForceError, RulesError, UnknownRuleError
from dcss_core.rules.gathering import Gathering, policy_of_rules
from dcss_core.rules.jurisdiction import Jurisdiction

KEYS = {"low": "support.low", "high": "support.high"}


@attrs.frozen
class Bounds:
    """A policy of two figures, the lower one first."""

    low: int
    high: int

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(name, str(getattr(self, name)), "1 or more")
            for name in ("low", "high")
            if getattr(self, name) < 1
        ]
        if self.low > self.high:
            faults.append(Fault("high, the upper bound", str(self.high), "the lower one or more"))
        if faults:
            raise RulesError("these bounds hold nothing", faults=faults)


def bad() -> int:
    raise RulesError("unreadable", faults=[Fault("support.low", "'x'", "a figure")])


def faults_of(make, **options) -> list[tuple[str, str]]:
    with pytest.raises(RulesError) as refused:
        policy_of_rules(make, keys=KEYS, **options)
    return [(fault.where, fault.found) for fault in refused.value.faults]


def test_a_sound_policy_is_given_as_it_was_made() -> None:
    assert policy_of_rules(lambda read: Bounds(read.value(lambda: 1, 0), 2), keys=KEYS) == Bounds(1, 2)


def test_a_fault_of_the_policy_names_the_rule_and_keeps_its_sentence() -> None:
    assert faults_of(lambda read: Bounds(0, -1)) == [
        ("support.low", "0"),
        ("support.high", "-1"),
        ("support.high, the upper bound", "-1"),
    ]
    with pytest.raises(RulesError, match="these bounds hold nothing"):
        policy_of_rules(lambda read: Bounds(0, 1), keys=KEYS)


def test_a_value_that_cannot_be_read_hides_no_fault_of_another() -> None:
    assert faults_of(lambda read: Bounds(read.value(bad, 1), 0)) == [
        ("support.low", "'x'"),
        ("support.high", "0"),
        ("support.high, the upper bound", "0"),
    ]


def test_what_only_follows_from_an_unread_value_is_not_told() -> None:
    follows = ("high, the upper bound",)
    assert faults_of(lambda read: Bounds(read.value(bad, 5), 3), follows=follows) == [("support.low", "'x'")]
    assert faults_of(lambda read: Bounds(5, 3), follows=follows) == [("support.high, the upper bound", "3")]


def test_a_rule_without_a_value_stays_the_error_it_is(state: Jurisdiction) -> None:
    rules = state.on(date(2024, 5, 1))
    with pytest.raises(UnknownRuleError):
        policy_of_rules(lambda read: read.value(lambda: rules.text("support.by_county"), ""), keys=KEYS)
    early = state.on(date(1999, 1, 1))
    with pytest.raises(RuleNotInForceError):
        policy_of_rules(lambda read: early.money("support.fee"), keys=KEYS)


def test_a_time_that_cannot_be_read_is_a_minute_until_it_is_mended(state: Jurisdiction) -> None:
    law = state.amended(
        {"support.limit_days": 999_999_999}, effective=date(2023, 1, 1), citation="a test", key="LAW"
    )
    gathering = Gathering()
    assert gathering.span(law.on(date(2024, 5, 1)), "support.limit_days") == timedelta(minutes=1)
    assert [fault.where for fault in gathering.faults] == ["support.limit_days"]


def test_a_value_that_cannot_be_read_makes_no_policy_however_sound_its_stand_in_is() -> None:
    assert faults_of(lambda read: Bounds(read.value(bad, 1), 2)) == [("support.low", "'x'")]


def test_a_fault_of_no_field_keeps_its_own_words() -> None:
    def make(read: Gathering) -> Bounds:
        raise RulesError("these bounds hold nothing", faults=[Fault("the whole", "nothing", "something")])

    assert faults_of(make) == [("the whole", "nothing")]
