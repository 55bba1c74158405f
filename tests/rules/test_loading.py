"""What a sound folder of rule files gives: a value of each kind, read for a day."""

import zipfile
from datetime import date
from fractions import Fraction
from pathlib import Path

import attrs
import pytest

from dcss_core.base.dates import DateRange
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError, RuleFileError
from dcss_core.rules.book import Confidence
from dcss_core.rules.files.loader import load_rules, load_rules_from
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.table import Column, RuleKind

HERE = Path(__file__).parent


@pytest.fixture
def rules(state: Jurisdiction) -> RulesInForce:
    return state.on(date(2024, 5, 1))


def test_each_kind_is_read_as_its_type(rules: RulesInForce) -> None:
    assert rules.money("support.fee") == Money("35.00")
    assert rules.integer("support.limit_days") == 5
    assert rules.share("support.share") == Fraction(1, 24)
    assert rules.flag("support.waived") is False
    assert rules.text("support.office") == "State office"
    assert rules.texts("support.methods") == ("deposit", "card")
    assert rules.date("support.cutoff") == date(2009, 10, 1)
    assert rules.choice("support.surplus") == "hold"


def test_a_table_written_in_toml_keeps_its_rows_and_empty_cells(rules: RulesInForce) -> None:
    assert list(rules.table("support.order")) == [
        {"step": 1, "bucket": "current", "cap": Money("500.00")},
        {"step": 2, "bucket": "arrears", "cap": None},
    ]


def test_a_table_in_a_csv_file_has_typed_cells(rules: RulesInForce) -> None:
    schedule = rules.table("support.schedule")
    assert len(schedule) == 3
    assert str(schedule) == "table of 3 rows (from_income, children, amount, share, since, court, note)"
    assert list(schedule)[1] == {
        "from_income": Money("800.00"),
        "children": 2,
        "amount": Money("240.00"),
        "share": Fraction(3, 10),
        "since": date(2020, 1, 1),
        "court": False,
        "note": "two, or more",
    }
    assert schedule.column("note") == (None, "two, or more", "x")
    assert str(schedule.columns[0]) == "from_income (money)"
    assert str(Column("note", RuleKind.TEXT, optional=True)) == "note (text, may be empty)"


def test_a_column_that_is_not_there_is_a_defect_of_the_caller(rules: RulesInForce) -> None:
    with pytest.raises(InvariantError, match="no column 'steps', only step, bucket, cap"):
        rules.table("support.order").column("steps")


def test_a_value_comes_with_its_citation_confidence_and_days(state: Jurisdiction) -> None:
    fee = state.on(date(2022, 6, 30)).cited("support.fee")
    assert fee.value == Money("25.00")
    assert fee.citation == "Fee Act 2019 s. 1"
    assert fee.confidence is Confidence.UNCERTAIN
    assert fee.note == "The amount was read in a newspaper."
    assert fee.file == "support.toml"
    # without `to`, a value ends where the next begins
    assert fee.in_force == DateRange(date(2020, 1, 1), date(2022, 7, 1))


def test_a_value_without_an_end_ends_with_the_coverage() -> None:
    book = load_rules_from(Path(__file__).parent / "county")
    assert {value.in_force.end for value in book.values} == {date(2023, 1, 1)}


def test_the_rules_of_an_installed_package_are_read_by_its_name() -> None:
    book = load_rules("dcss_core.rules", "federal")
    assert book.source == "dcss_core.rules"
    assert "distribution.never_assistance_order" in {each.key for each in book.declarations}


# --- how the text is written ------------------------------------------------------------------------
def copy_of_good(folder: Path, *, mark: str = "") -> Path:
    for file in (HERE / "good").iterdir():
        (folder / file.name).write_bytes(mark.encode("utf-8") + file.read_bytes())
    return folder


def test_files_with_a_byte_order_mark_say_the_same_as_without(tmp_path: Path) -> None:
    """Excel saves "CSV UTF-8" with the mark EF BB BF, and some editors save TOML so."""
    marked = load_rules_from(copy_of_good(tmp_path, mark="\ufeff"))
    assert (tmp_path / "schedule.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "support.toml").read_bytes().startswith(b"\xef\xbb\xbf")
    plain = load_rules_from(HERE / "good")
    assert (marked.declarations, marked.values) == (plain.declarations, plain.values)


def test_a_mark_is_taken_away_once_and_only_at_the_beginning(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="broken TOML"):
        load_rules_from(copy_of_good(tmp_path, mark="\ufeff\ufeff"))


DEEP = 100_000


@pytest.mark.parametrize(
    "deep",
    [
        "value = " + "[" * DEEP + "]" * DEEP,
        "value = " + "[" * DEEP,
        "value = " + "{ a = " * DEEP + "1" + " }" * DEEP,
        ".".join(["a"] * DEEP) + " = 1",
        " . ".join(['"a b"'] * DEEP) + " = 1",
        "[" + ".".join(["a"] * DEEP) + "]",
    ],
    ids=["lists", "open lists", "inline tables", "a dotted key", "a dotted key in quotes", "a table's name"],
)
def test_what_is_nested_too_deep_is_a_fault_of_the_file_beside_the_others(tmp_path: Path, deep: str) -> None:
    copy_of_good(tmp_path)
    (tmp_path / "deep.toml").write_text(f'topic = "deep"\n{deep}\n', encoding="utf-8")
    (tmp_path / "broken.toml").write_text("topic", encoding="utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_rules_from(tmp_path)
    assert [fault.where for fault in refused.value.faults] == ["broken.toml", "deep.toml"]
    assert refused.value.faults[1].found == "lists or names nested too deep to be read"


def test_a_package_in_a_zip_file_is_read_as_one_in_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("packed_state/__init__.py", "")
        for file in (HERE / "good").iterdir():
            packed.write(file, f"packed_state/rules/{file.name}")
    monkeypatch.syspath_prepend(str(archive))

    book = load_rules("packed_state")

    assert attrs.evolve(book, source="good") == load_rules_from(HERE / "good")


@pytest.mark.parametrize(
    ("figure", "found"),
    [(10**9, "1000000000"), (-(10**5_000), "a huge number")],
    ids=["ten digits", "thousands"],
)
def test_a_figure_of_more_than_nine_digits_is_told_of_without_writing_it(
    state: Jurisdiction, figure: int, found: str
) -> None:
    with pytest.raises(RuleFileError, match=f"found {found}, expected a whole number, up to 999,999,999"):
        state.amended(
            {"support.limit_days": figure}, effective=date(2023, 1, 1), citation="a test", key="LAW"
        )
