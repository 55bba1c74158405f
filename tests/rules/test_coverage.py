"""What a jurisdiction says about what it knows: the uncertain first, nothing hidden."""

from datetime import date

from dcss_core.base.dates import DateRange
from dcss_core.rules.book import Confidence
from dcss_core.rules.jurisdiction import Jurisdiction


def test_uncertain_values_stand_first(county: Jurisdiction) -> None:
    coverage = county.coverage()
    first, *others = coverage
    assert first.key == "support.fee"
    assert first.days == DateRange(date(2020, 1, 1), date(2021, 1, 1))  # cut by the county's layer
    assert (first.confidence, first.layer) == (Confidence.UNCERTAIN, "STATE")
    assert coverage.uncertain == (first,)
    assert {line.confidence for line in others} == {Confidence.CERTAIN}


def test_a_line_names_citation_layer_value_and_note(county: Jurisdiction) -> None:
    line = next(line for line in county.coverage() if line.layer == "STATE-COUNTY")
    assert line.cells() == (
        "certain",
        "support.by_county",
        "2021-01-01 to before 2023-01-01",
        "Monday",
        "County Ordinance 8",
        "STATE-COUNTY",
        "",
        county.timeline("support.by_county").declaration.summary,
    )
    assert line.summary == line.cells()[-1] != ""


def test_a_rule_without_a_value_is_named(state: Jurisdiction, county: Jurisdiction) -> None:
    assert state.coverage().without_value == ("support.by_county",)
    assert county.coverage().without_value == ()


def test_it_prints_as_a_table(state: Jurisdiction) -> None:
    lines = str(state.coverage()).splitlines()
    # ten rules have a value, fee and limit_days two each
    assert lines[0] == "STATE: 12 values, 1 uncertain; rules without a value: support.by_county"
    assert lines[1].split() == ["confidence", "rule", "days", "value", "citation", "layer"]
    assert lines[2].split()[:2] == ["uncertain", "support.fee"]
    assert "deposit, card" in str(state.coverage())
    assert len(lines) == 2 + len(state.coverage())


def test_it_shows_as_html_in_a_notebook_with_every_text_escaped(state: Jurisdiction) -> None:
    reform = state.amended(
        {"support.office": "<b>"}, effective=date(2027, 1, 1), citation="A & B", key="REFORM"
    )
    html = reform.coverage()._repr_html_()
    assert html.count("<tr>") == 1 + len(reform.coverage())
    assert html.count("<th ") == 8
    assert "<td>&lt;b&gt;</td>" in html
    assert "<td>A &amp; B</td>" in html
    assert "<b>" not in html
