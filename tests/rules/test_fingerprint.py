"""The fingerprint: the same for the same answers, on every machine; another for any other answer."""

import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from dcss_core.base.dates import DateRange
from dcss_core.errors import UnknownRuleError
from dcss_core.rules.book import Confidence, Declaration, RuleBook, WrittenValue
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.table import RuleKind

FEE = Declaration("support.fee", RuleKind.MONEY, "The fee.")


def law(*values: tuple[date, date | None, str, str]) -> Jurisdiction:
    written = (
        WrittenValue(FEE.key, amount, DateRange(start, end), citation, Confidence.CERTAIN)
        for start, end, amount, citation in values
    )
    return Jurisdiction("X", "X", RuleBook("x", (FEE,), tuple(written)))


def test_it_is_the_sha_256_of_keys_days_and_values_in_canonical_json() -> None:
    text = '{"support.fee":[["2020-01-01",null,["Money","35.00"]]]}'
    assert law((date(2020, 1, 1), None, "35.00", "Act")).fingerprint() == sha256(text.encode()).hexdigest()


def test_it_is_the_same_in_another_process_with_another_hash_seed(state: Jurisdiction) -> None:
    folder = Path(__file__).parent / "good"
    program = (
        "from pathlib import Path\n"
        "from dcss_core.rules.jurisdiction import Jurisdiction\n"
        "from dcss_core.rules.files.loader import load_rules_from\n"
        f"print(Jurisdiction('OTHER', 'Other', load_rules_from(Path({str(folder)!r}))).fingerprint())"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert prints == {state.fingerprint()}


def test_a_new_citation_for_an_old_value_changes_nothing() -> None:
    once = law((date(2020, 1, 1), None, "35.00", "Act"))
    twice = law(
        (date(2020, 1, 1), date(2023, 1, 1), "35.00", "Act"), (date(2023, 1, 1), None, "35.00", "New")
    )
    assert once.fingerprint() == twice.fingerprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"support.fee": "35.01"},
        {"support.limit_days": 6},
        {"support.share": "1/25"},
        {"support.waived": True},
        {"support.methods": ["card", "deposit"]},
        {"support.cutoff": date(2009, 10, 2)},
        {"support.order": [{"step": 1, "bucket": "arrears"}]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_change_that_starts_later_changes_it_but_not_through_the_day_before(
    state: Jurisdiction, changes: dict[str, object]
) -> None:
    reform = state.amended(changes, effective=date(2027, 1, 1), citation="HB", key="REFORM")
    assert reform.fingerprint() != state.fingerprint()
    assert reform.fingerprint(through=date(2026, 12, 31)) == state.fingerprint(through=date(2026, 12, 31))
    assert reform.fingerprint(through=date(2027, 1, 1)) != state.fingerprint(through=date(2027, 1, 1))


def test_through_includes_its_own_day() -> None:
    start, change = date(2020, 1, 1), date(2023, 1, 1)
    raised = law((start, change, "35.00", "Act"), (change, None, "40.00", "Act"))
    lowered = law((start, change, "35.00", "Act"), (change, None, "30.00", "Act"))
    ended = law((start, change, "35.00", "Act"))
    for through, different in ((date(2022, 12, 31), 1), (change, 3)):
        assert len({each.fingerprint(through=through) for each in (raised, lowered, ended)}) == different


def test_a_rule_that_ended_is_not_one_that_goes_on() -> None:
    start, end = date(2020, 1, 1), date(2023, 1, 1)
    ended, goes_on = law((start, end, "35.00", "Act")), law((start, None, "35.00", "Act"))
    assert ended.fingerprint(through=date(2022, 12, 31)) == goes_on.fingerprint(through=date(2022, 12, 31))
    assert ended.fingerprint(through=end) != goes_on.fingerprint(through=end)


def test_rules_that_begin_later_count_only_from_then_on(state: Jurisdiction, county: Jurisdiction) -> None:
    assert county.fingerprint(through=date(2020, 12, 31)) == state.fingerprint(through=date(2020, 12, 31))
    assert county.fingerprint(through=date(2021, 1, 1)) != state.fingerprint(through=date(2021, 1, 1))


def test_one_topic_can_be_taken_alone(state: Jurisdiction) -> None:
    assert state.fingerprint("support") == state.fingerprint()
    with pytest.raises(UnknownRuleError, match="'STATE' has no topic 'suport'; expected 'support'"):
        state.fingerprint("suport")
