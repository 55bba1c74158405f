"""Rules that can't serve open no agency: every policy is read, as of today and as of each later change."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from dcss_core import Agency, KeyRing, Money, Secret, open_agency
from dcss_core.base.dates import DateRange
from dcss_core.errors import ConfigurationError, RulesError
from dcss_core.opening.rules_check import check_rules
from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl
from dcss_core.ports.keys import MasterKey
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.rules.federal import federal_rules
from dcss_core.rules.files.loader import load_rules_from
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.testing import FrozenClock
from dcss_core_georgia import georgia_rules

UNABLE = Path(__file__).parent / "unable"
NOW = datetime(2026, 1, 7, 15, 0, tzinfo=UTC)


class Layer:
    """An in-process plugin: one layer of rules."""

    def __init__(self, key: str, book: Callable[[], RuleBook], extends: str = "US-GA") -> None:
        self.declared = JurisdictionRules(key, f"The layer {key}", book, extends=extends)

    @hookimpl
    def dcss_jurisdictions(self) -> list[JurisdictionRules]:
        return [self.declared]


def changed(start: date, end: date | None = None, **values: object) -> RuleBook:
    """A layer with these values from a day on; `accounts__lock_minutes` is `accounts.lock_minutes`."""
    written = tuple(
        WrittenValue(
            key.replace("__", "."),
            value,
            DateRange(start, end),
            "made up for a test",
            Confidence.CERTAIN,
            file="reform.toml",
        )
        for key, value in values.items()
    )
    return RuleBook("a test's reform", values=written)


@pytest.fixture
def opened() -> Iterator[Callable[..., Agency]]:
    """Opens an agency of the topmost of some layers over Georgia; closes it in the end."""
    agencies: list[Agency] = []

    def opened_with(*books: RuleBook, at: datetime = NOW, **options: Any) -> Agency:
        bases = ["US-GA", *(f"US-GA-{number}" for number in range(1, len(books) + 1))]
        layers = [
            Layer(key, lambda book=book: book, below)
            for below, key, book in zip(bases, bases[1:], books, strict=False)
        ]
        ring = KeyRing((MasterKey("k1", Secret("1" * 64)),))
        agencies.append(
            open_agency(
                "memory:",
                jurisdiction=bases[-1],
                keys=ring,
                plugins=layers,
                clock=FrozenClock(at),
                **options,
            )
        )
        return agencies[-1]

    yield opened_with
    for agency in agencies:
        agency.close()


def refusal(opened: Callable[..., Agency], *books: RuleBook, **options: Any) -> list[str]:
    with pytest.raises(RulesError) as refused:
        opened(*books, **options)
    return [str(fault) for fault in refused.value.faults]


# --- all at once ------------------------------------------------------------------------------------------


def test_a_state_that_can_not_work_is_told_every_fault_of_every_file_at_once(
    opened: Callable[..., Agency],
) -> None:
    expected = (UNABLE / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert refusal(opened, load_rules_from(UNABLE / "rules")) == [
        line.replace("US-ZZ", "US-GA-1") for line in expected
    ]


def test_faults_of_several_layers_name_the_layer_each_stands_in(opened: Callable[..., Agency]) -> None:
    state = changed(date(2025, 8, 1), accounts__password_history=-1)
    county = changed(date(2025, 8, 1), agency__state_fips="TX")
    told = refusal(opened, state, county)
    assert [line.partition(" found")[0] for line in told] == [
        "reform.toml of US-GA-1, accounts.password_history, from 2025-08-01:",
        "reform.toml of US-GA-2, agency.state_fips, from 2025-08-01:",
    ]


# --- each by itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("agency__state_fips", "TX", "'TX'"),
        ("agency__state_fips", "03", "'03'"),  # FIPS 5-2 never assigned it
        ("agency__payment_unit_locator", "banana", "'banana'"),
        ("agency__payment_unit_locator", "4800000", "'4800000'"),  # in Texas, and the state is Georgia
        ("agency__time_zone", "America", "'America'"),
        ("agency__name", "A\nSubject: none", r"'A\nSubject: none'"),
        ("agency__contact_telephone", "call us", "'call us'"),
        ("disbursement__family_limit_business_days", 0, "0"),
        ("disbursement__family_limit_business_days", 261, "261"),
        ("permissions__identify_by_two_from", Money("-0.01"), "-0.01"),
        ("audit__retention_years", -7, "-7"),
        ("audit__checkpoint_events", 0, "0"),
        ("audit__checkpoint_minutes", 999_999_999, "999999999"),
        ("accounts__password_min_length", -3, "-3"),
        ("accounts__password_max_age_days", -1, "-1"),
        ("accounts__password_required_classes", ["runes"], "'runes'"),
        ("accounts__password_forbid_containing", ["users_id"], "'users_id'"),
        ("accounts__password_blocklist", [{"word": "abc"}], "'abc'"),
        ("accounts__lock_minutes", 999_999_999, "999999999"),
        ("accounts__session_idle_minutes", 999_999_999, "999999999"),
        ("accounts__assigned_password_hours", 0, "0:00:00"),
        ("accounts__security_question_count", 0, "0"),
        ("accounts__security_question_renewal_days", -1, "-1 day, 0:00:00"),
    ],
)
def test_what_can_not_be_is_refused_whether_it_holds_today_or_years_ahead(
    opened: Callable[..., Agency], key: str, value: object, found: str
) -> None:
    rule = key.replace("__", ".")
    for start in (date(2025, 8, 1), date(2031, 2, 1)):
        told = [
            line
            for line in refusal(opened, changed(start, **{key: value}))
            if line.startswith(f"reform.toml of US-GA-1, {rule}")
        ]
        assert len(told) == 1
        assert f", from {start}: found {found}, expected " in told[0]


def test_a_departure_that_is_not_stated_is_told_of_the_file_that_departs(
    opened: Callable[..., Agency],
) -> None:
    start = date(2026, 1, 1)
    nist = "NIST SP 800-63B-4 §3.1.1.2(1)"
    told = [
        line for line in refusal(opened, changed(start, accounts__password_min_length=12)) if nist in line
    ]
    assert told == [
        f"reform.toml of US-GA-1, accounts.password_min_length, from {start}: found 12, which departs from "
        f"'{nist}', expected \"{nist} (why)\" in password_departs_from of the same file"
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("current_suport", "family"), ("future_support", "family")], "'current_suport'"),
        ([("current_support", "famly"), ("future_support", "family")], "'famly'"),
        ([("future_support", "family"), ("current_support", "family")], "'current_support'"),
        (
            [("current_support", "family"), ("current_support", "family"), ("future_support", "family")],
            "'current_support' again",
        ),
    ],
    ids=["bucket", "payee", "last step", "bucket twice"],
)
def test_an_order_that_can_not_be_followed_on_payday_is_refused_before(
    opened: Callable[..., Agency], rows: list[tuple[str, str]], found: str
) -> None:
    steps = [
        {"step": number, "bucket": bucket, "payee": payee} for number, (bucket, payee) in enumerate(rows, 1)
    ]
    (told,) = refusal(opened, changed(date(2029, 1, 1), distribution__never_assistance_order=steps))
    assert f"from 2029-01-01: found {found}, expected" in told


def test_rules_that_some_day_ask_a_list_of_breached_passwords_need_one(opened: Callable[..., Agency]) -> None:
    closed = changed(date(2028, 7, 1), accounts__password_breach_check="fail_closed")
    with pytest.raises(
        ConfigurationError, match=r"from 2028-07-01 on these rules .* name one as breach_check"
    ):
        opened(closed)
    assert opened(closed, breach_check="hibp:")


# --- what holds nothing up --------------------------------------------------------------------------------


def test_after_the_last_list_of_holidays_an_agency_still_opens(opened: Callable[..., Agency]) -> None:
    assert opened(at=datetime(2031, 5, 5, 15, 0, tzinfo=UTC))  # Georgia's list ends with 2027


def test_a_rule_that_ends_one_day_opens_today(opened: Callable[..., Agency]) -> None:
    order = [{"step": 1, "bucket": "future_support", "payee": "family"}]
    assert opened(
        changed(date(2025, 8, 1), date(2026, 6, 1), distribution__never_assistance_order=order),
        changed(date(2027, 1, 1), accounts__lock_minutes=20),
    )


def test_the_day_is_the_one_at_the_agency(opened: Callable[..., Agency]) -> None:
    """The rules for accounts begin on 2025-08-01, which begins in Atlanta at 04:00 UTC."""
    told = refusal(opened, at=datetime(2025, 8, 1, 3, 59, tzinfo=UTC))
    assert all("no value on 2025-07-31; it is known from 2025-08-01" in line for line in told)
    assert opened(at=datetime(2025, 8, 1, 4, 0, tzinfo=UTC))


# --- nothing is left out ----------------------------------------------------------------------------------

# What a jurisdiction may lack: payments are posted without it, and say so; nobody outside is believed.
MAY_BE_LACKING = {
    "accounts.vouched_issuers",
    "agency.payment_unit_locator",
    "agency.state_fips",
    "calendar.state_holidays",
    "distribution.arrears_order",
    "distribution.between_obligations",
    "distribution.date_of_collection",
    "distribution.future_support",
    "distribution.never_assistance_order",
}


def without(key: str) -> Jurisdiction:
    """Georgia, with one rule of which nobody gives a value."""
    layer: Jurisdiction | None = None
    for name, book in (("US", federal_rules()), ("US-GA", georgia_rules())):
        kept = tuple(value for value in book.values if value.key != key)
        layer = Jurisdiction(name, name, attrs.evolve(book, values=kept), layer)
    assert layer is not None
    return layer


@pytest.mark.parametrize("key", sorted({each.key for each in federal_rules().declarations}))
def test_every_declared_rule_is_read_at_opening(key: str) -> None:
    if key in MAY_BE_LACKING:
        check_rules(without(key), NOW)
        return
    with pytest.raises(RulesError) as refused:
        check_rules(without(key), NOW)
    assert key in {fault.where.partition(", ")[2] for fault in refused.value.faults}
