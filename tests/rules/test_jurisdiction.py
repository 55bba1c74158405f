"""Layers: which of them answers for a day, and what is said when none does."""

import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.dates import DateRange
from dcss_core.base.money import Money
from dcss_core.errors import (
    InvalidInputError,
    InvariantError,
    RuleFileError,
    RuleNotInForceError,
    UnknownRuleError,
)
from dcss_core.rules.book import Confidence, Declaration, RuleBook, WrittenValue
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.table import Column, RuleKind


@pytest.mark.parametrize(
    ("day", "fee"),
    [
        (date(2020, 1, 1), "25.00"),
        (date(2020, 12, 31), "25.00"),
        (date(2021, 1, 1), "10.00"),  # the county's two years begin
        (date(2022, 12, 31), "10.00"),
        (date(2023, 1, 1), "35.00"),  # and end: the state answers again
    ],
)
def test_the_topmost_layer_in_force_answers(county: Jurisdiction, day: date, fee: str) -> None:
    assert county.on(day).money("support.fee") == Money(fee)


def test_a_layer_above_changes_nothing_below(state: Jurisdiction, county: Jurisdiction) -> None:
    assert state.on(date(2021, 1, 1)).money("support.fee") == Money("25.00")
    assert county.on(date(2021, 1, 1)).integer("support.limit_days") == 5


def test_s92_a_past_date_is_answered_as_the_rules_were_then(state: Jurisdiction) -> None:
    assert state.on(date(2020, 12, 31)).integer("support.limit_days") == 2
    assert state.on(date(2021, 1, 1)).integer("support.limit_days") == 5


def test_s92_two_versions_can_be_compared_line_by_line(state: Jurisdiction) -> None:
    reform = state.amended(
        {"support.surplus": "disburse"}, effective=date(2027, 1, 1), citation="proposal 1", key="REFORM"
    )
    changed = set(reform.coverage()) ^ set(state.coverage())
    assert {(line.key, line.layer, str(line.days)) for line in changed} == {
        ("support.surplus", "STATE", "2020-01-01 on"),
        ("support.surplus", "STATE", "2020-01-01 to before 2027-01-01"),
        ("support.surplus", "REFORM", "2027-01-01 on"),
    }


def test_a_day_before_the_known_ones_is_refused_with_the_known_days(county: Jurisdiction) -> None:
    with pytest.raises(RuleNotInForceError) as refused:
        county.on(date(2019, 12, 31)).money("support.fee")
    assert (refused.value.first_known, refused.value.last_known) == (date(2020, 1, 1), None)


def test_a_day_after_the_known_ones_is_refused_with_the_last_of_them(county: Jurisdiction) -> None:
    with pytest.raises(RuleNotInForceError) as refused:
        county.on(date(2023, 1, 1)).text("support.by_county")
    assert (refused.value.first_known, refused.value.last_known) == (date(2021, 1, 1), date(2022, 12, 31))


def test_an_unknown_rule_is_refused_with_the_nearest_key(state: Jurisdiction) -> None:
    expected = "'STATE' has no rule 'support.fees'; expected 'support.fee'"
    with pytest.raises(UnknownRuleError, match=expected):
        state.on(date(2024, 1, 1)).cited("support.fees")
    with pytest.raises(UnknownRuleError, match=expected):
        state.timeline("support.fees")


def test_a_rule_that_no_layer_gives_a_value_says_so(state: Jurisdiction) -> None:
    with pytest.raises(UnknownRuleError, match="is declared, but no layer of this"):
        state.on(date(2024, 1, 1)).text("support.by_county")


def test_asking_for_another_kind_is_a_defect_of_the_caller(state: Jurisdiction) -> None:
    with pytest.raises(InvariantError, match=r"declared as money: ask for it with \.money\(\), not \.text"):
        state.on(date(2024, 1, 1)).text("support.fee")


def test_a_jurisdiction_answers_the_same_after_it_crossed_to_another_process(county: Jurisdiction) -> None:
    crossed = pickle.loads(pickle.dumps(county))
    assert crossed.fingerprint() == county.fingerprint()
    assert crossed.on(date(2021, 1, 1)).money("support.fee") == Money("10.00")


# --- amendments -----------------------------------------------------------------------------------
def test_an_amendment_holds_from_its_first_day_on(state: Jurisdiction) -> None:
    reform = state.amended(
        {"support.fee": Money("100.00")}, effective=date(2027, 1, 1), citation="HB 1", key="REFORM"
    )
    assert reform.on(date(2026, 12, 31)).money("support.fee") == Money("35.00")
    fee = reform.on(date(2027, 1, 1)).cited("support.fee")
    assert (fee.value, fee.citation, fee.in_force) == (
        Money("100.00"),
        "HB 1",
        DateRange(date(2027, 1, 1)),
    )
    assert reform.base is state


def test_a_trial_ends_and_the_rules_below_answer_again(state: Jurisdiction) -> None:
    trial = state.amended(
        {"support.waived": True},
        effective=date(2026, 1, 1),
        until=date(2026, 7, 1),
        citation="pilot",
        key="PILOT",
        confidence=Confidence.UNCERTAIN,
    )
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [trial.on(day).flag("support.waived") for day in days] == [False, True, True, False]
    assert trial.on(date(2026, 1, 1)).cited("support.waived").confidence is Confidence.UNCERTAIN


def test_an_amendment_can_give_a_value_as_a_rule_file_writes_it(state: Jurisdiction) -> None:
    reform = state.amended(
        {
            "support.share": "0.5",
            "support.methods": ["deposit"],
            "support.order": [{"step": 1, "bucket": "arrears", "cap": None}],
        },
        effective=date(2027, 1, 1),
        citation="HB 2",
        key="REFORM",
    )
    rules = reform.on(date(2027, 1, 1))
    assert rules.share("support.share").denominator == 2
    assert rules.texts("support.methods") == ("deposit",)
    assert rules.table("support.order").column("bucket") == ("arrears",)


def test_an_amendment_can_take_over_a_table_of_another_day(state: Jurisdiction) -> None:
    order = state.on(date(2024, 1, 1)).table("support.order")
    reform = state.amended(
        {"support.order": order}, effective=date(2027, 1, 1), citation="HB 3", key="REFORM"
    )
    assert reform.on(date(2027, 1, 1)).table("support.order") == order


def test_an_amendment_is_refused_with_every_fault_at_once(state: Jurisdiction) -> None:
    with pytest.raises(RuleFileError) as refused:
        state.amended(
            {"support.fees": "1.00", "support.fee": 0.5, "support.surplus": "keep"},
            effective=date(2027, 1, 1),
            citation="HB 4",
            key="REFORM",
        )
    assert [str(fault) for fault in refused.value.faults] == [
        "amendment REFORM, support.fees: "
        "found a value for a rule that isn't declared, expected 'support.fee'",
        'amendment REFORM, support.fee: found the float 0.5, expected money as text, as "35.00"',
        "amendment REFORM, support.surplus: found the text 'keep', expected one of 'hold', 'disburse'",
    ]


def test_an_amendment_without_a_citation_is_refused(state: Jurisdiction) -> None:
    with pytest.raises(RuleFileError, match="found a blank citation, expected who enacts or proposes"):
        state.amended({"support.fee": "1.00"}, effective=date(2027, 1, 1), citation=" ", key="REFORM")


def test_an_amendment_that_leaves_a_hole_before_it_is_refused(county: Jurisdiction) -> None:
    with pytest.raises(RuleFileError, match="nothing from 2023-01-01 to before 2027-01-01"):
        county.amended({"support.by_county": "Friday"}, effective=date(2027, 1, 1), citation="HB", key="R")


def test_an_amendment_that_ends_before_it_begins_is_refused(state: Jurisdiction) -> None:
    with pytest.raises(InvalidInputError):
        state.amended(
            {"support.fee": "1.00"},
            effective=date(2027, 1, 1),
            until=date(2027, 1, 1),
            citation="HB",
            key="R",
        )


START = date(2020, 1, 1)
BASE = Jurisdiction(
    "BASE",
    "Base",
    RuleBook(
        "base",
        (Declaration("rule.number", RuleKind.INTEGER, "A number."),),
        (WrittenValue("rule.number", 0, DateRange(START), "Rule", Confidence.CERTAIN),),
    ),
)


@given(
    layers=st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(1, 30)), max_size=6),
    offset=st.integers(0, 120),
)
def test_the_last_layer_that_covers_a_day_answers_for_it(
    layers: list[tuple[int, int | None]], offset: int
) -> None:
    law, expected = BASE, 0
    for number, (first, length) in enumerate(layers, start=1):
        effective = START + timedelta(days=first)
        until = None if length is None else effective + timedelta(days=length)
        law = law.amended({"rule.number": number}, effective=effective, until=until, citation="x", key="L")
        if first <= offset and (length is None or offset < first + length):
            expected = number
    assert law.on(START + timedelta(days=offset)).integer("rule.number") == expected
    segments = law.timeline("rule.number").segments
    assert [each.days.end for each in segments[:-1]] == [each.days.start for each in segments[1:]]
    assert segments[-1].days.end is None


def test_a_day_s_rules_tell_which_keys_are_declared_at_all(state: Jurisdiction) -> None:
    rules = state.on(date(2026, 1, 7))

    assert all(rules.declares(key) for key in {line.key for line in state.coverage()})
    assert not rules.declares("fees.nobody_declares_this")


def test_the_tables_of_the_days_before_are_read_latest_first_back_to_a_day() -> None:
    def since(first: date, day: date) -> list[tuple[object, ...]]:
        return [table.column("step") for table in reformed.on(day).tables_since("support.steps", first)]

    declared = Declaration(
        "support.steps",
        RuleKind.TABLE,
        "Steps.",
        columns=(Column("step", RuleKind.INTEGER),),
        key_columns=("step",),
    )
    days = ((1, date(2024, 1, 1)), (2, date(2025, 1, 1)), (3, date(2026, 1, 1)))
    values = tuple(
        WrittenValue(
            "support.steps",
            [{"step": step}],
            DateRange(start, date(start.year + 1, 1, 1)),
            "a test",
            Confidence.CERTAIN,
        )
        for step, start in days
    )
    reformed = Jurisdiction("STEPS", "Steps", RuleBook("a test", (declared,), values))
    assert since(date(2026, 1, 1), date(2026, 6, 1)) == [(3,)]
    assert since(date(2025, 12, 31), date(2026, 6, 1)) == [(3,), (2,)]
    assert since(date(1900, 1, 1), date(2026, 6, 1)) == [(3,), (2,), (1,)]
    assert since(date(1900, 1, 1), date(2025, 6, 1)) == [(2,), (1,)]  # nothing of the days to come
    assert since(date(2026, 9, 1), date(2026, 6, 1)) == [(3,)]


def test_the_whole_numbers_of_the_days_before_are_read_latest_first() -> None:
    law = BASE
    for number, year in ((1, 2024), (2, 2025), (3, 2026)):
        law = law.amended({"rule.number": number}, effective=date(year, 1, 1), citation="x", key="L")
    assert law.on(date(2026, 6, 1)).integers_since("rule.number", date(2025, 12, 31)) == (3, 2)
    assert law.on(date(2025, 6, 1)).integers_since("rule.number", date(2025, 1, 1)) == (2,)
