"""Georgia's rules as a caseworker would check them: the golden cases, the calendar, and what is uncertain."""

import csv
from collections import Counter
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import dcss_core_georgia
from dcss_core.errors import RuleNotInForceError
from dcss_core.rules.book import Confidence
from dcss_core.rules.calendar import STATE_HOLIDAYS, business_calendar
from dcss_core.rules.federal import baseline
from dcss_core.rules.jurisdiction import Jurisdiction

GOLDEN = Path(__file__).parents[1] / "golden_cases"


def golden(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def georgia() -> Jurisdiction:
    (declared,) = dcss_core_georgia.dcss_jurisdictions()
    assert declared.extends == "US"
    return Jurisdiction(declared.key, declared.summary, declared.factory(), baseline())


def test_the_package_is_found_by_its_entry_point() -> None:
    (found,) = entry_points(group="dcss_core.v1", name="US-GA")
    assert found.load() is dcss_core_georgia


@pytest.mark.parametrize("case", golden("payment_limits.csv"), ids=lambda case: case["received"])
def test_money_received_is_sent_within_the_limit(georgia: Jurisdiction, case: dict[str, str]) -> None:
    received = date.fromisoformat(case["received"])
    limit = georgia.on(received).integer("disbursement.family_limit_business_days")
    last_day = business_calendar(georgia).add_business_days(received, limit)
    assert last_day == date.fromisoformat(case["sent_by"]), case["why"]


@pytest.mark.parametrize("case", golden("answers.csv"), ids=lambda case: f"{case['rule']} {case['day']}")
def test_a_rule_answers_as_its_source_says(georgia: Jurisdiction, case: dict[str, str]) -> None:
    rule = georgia.on(date.fromisoformat(case["day"])).cited(case["rule"])
    assert (str(rule.value), rule.confidence.value) == (case["answer"], case["confidence"])


def test_the_current_month_comes_before_arrears_and_arrears_before_months_to_come(
    georgia: Jurisdiction,
) -> None:
    order = georgia.on(date(2025, 3, 3)).cited("distribution.never_assistance_order")
    assert "policy 7.0" in order.citation
    table = georgia.on(date(2025, 3, 3)).table("distribution.never_assistance_order")
    assert table.column("bucket") == ("current_support", "never_assigned_arrears", "future_support")


# --- the calendar -----------------------------------------------------------------------------------
def holidays(georgia: Jurisdiction, year: int) -> list[date]:
    table = georgia.on(date(year, 1, 1)).table(STATE_HOLIDAYS)
    return [day for day in table.column("day") if isinstance(day, date) and day.year == year]


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_state_offices_close_on_exactly_13_weekdays_a_year(georgia: Jurisdiction, year: int) -> None:
    days = holidays(georgia, year)
    assert len(days) == 13  # O.C.G.A. § 1-4-1
    assert [day for day in days if day.weekday() > 4] == []


def test_the_published_lists_are_certain_and_the_expected_ones_are_not(georgia: Jurisdiction) -> None:
    years = {
        year: georgia.on(date(year, 12, 31)).cited(STATE_HOLIDAYS).confidence for year in range(2024, 2028)
    }
    assert years == {
        2024: Confidence.CERTAIN,
        2025: Confidence.CERTAIN,
        2026: Confidence.UNCERTAIN,
        2027: Confidence.UNCERTAIN,
    }


@pytest.mark.parametrize(
    ("name", "month", "weekday", "nth"),
    [
        ("Martin Luther King Jr. Birthday", 1, 0, 3),
        ("Labor Day", 9, 0, 1),
        ("Columbus Day", 10, 0, 2),
        ("Thanksgiving Day", 11, 3, 4),
    ],
)
@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_a_holiday_of_a_weekday_falls_on_it(
    georgia: Jurisdiction, year: int, name: str, month: int, weekday: int, nth: int
) -> None:
    rows = list(georgia.on(date(year, 1, 1)).table(STATE_HOLIDAYS))
    (day,) = [row["day"] for row in rows if row["name"] == name and str(row["day"]).startswith(str(year))]
    assert isinstance(day, date)
    assert (day.month, day.weekday(), (day.day - 1) // 7 + 1) == (month, weekday, nth)


@pytest.mark.parametrize(
    ("year", "easter"),  # Gregorian Easter Sundays
    [
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
    ],
)
def test_the_spring_state_holiday_is_good_friday(georgia: Jurisdiction, year: int, easter: date) -> None:
    spring = [day for day in holidays(georgia, year) if day.month in (3, 4)]
    assert [(easter - day).days for day in spring] == [2]


def test_a_year_without_a_list_is_refused_and_never_assumed(georgia: Jurisdiction) -> None:
    calendar = business_calendar(georgia)
    with pytest.raises(RuleNotInForceError) as refused:
        calendar.add_business_days(date(2027, 12, 30), 2)
    assert refused.value.last_known == date(2027, 12, 31)
    with pytest.raises(RuleNotInForceError):
        calendar.is_business_day(date(2023, 12, 29))


# --- what a state has to say ------------------------------------------------------------------------
def test_nothing_that_federal_law_leaves_to_the_state_stays_without_a_value(georgia: Jurisdiction) -> None:
    # no source names an issuer that Georgia's agency believes, and the rules believe none (accounts.vouching)
    assert georgia.coverage().without_value == ("accounts.vouched_issuers",)


def test_every_uncertain_value_of_georgia_says_why(georgia: Jurisdiction) -> None:
    lines = [line for line in georgia.coverage().uncertain if line.layer == "US-GA"]
    assert lines
    assert [line.key for line in lines if not line.note] == []


def test_s96_each_value_is_given_once_a_day_and_cited(georgia: Jurisdiction) -> None:
    answered = Counter((line.key, line.days.start) for line in georgia.coverage())
    assert [key for key, times in answered.items() if times > 1] == []
    assert [line.key for line in georgia.coverage() if not line.citation] == []


def test_s96_the_package_holds_no_value_outside_its_rule_files() -> None:
    package = Path(dcss_core_georgia.__file__).parent
    values = [
        str(line.value)
        for line in Jurisdiction("GA", "Georgia", dcss_core_georgia.georgia_rules(), baseline()).coverage()
        if line.key.startswith("agency.") and line.layer == "GA" and len(str(line.value)) > 2
    ]
    code = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    assert len(values) == 4  # name, telephone, time zone, payment unit
    assert [value for value in values if value in code] == []
