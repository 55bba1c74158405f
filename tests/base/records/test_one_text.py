"""What is shown of a value whose making was refused: a report of the error shows it, with local variables."""

import traceback

import pytest

from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.people.itin import Itin
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError


def report_of(make, text):
    """The report of a refused making, with the local variables of every frame but this module's."""
    with pytest.raises(InvalidInputError) as caught:
        make(text)
    report = traceback.TracebackException(
        caught.type, caught.value, caught.tb.tb_next, capture_locals=True, compact=True
    )
    return "".join(report.format())


@pytest.mark.parametrize("kind", [CaseNumber, ClientId, Irn, LocatorCode, Money, RoutingNumber])
def test_a_refused_value_can_be_shown_in_the_report_of_its_refusal(kind):
    assert kind.__name__ in report_of(kind, "***")


@pytest.mark.parametrize(
    ("kind", "text"), [(Ssn, "900-01-4321"), (Ssn, "666014321"), (Itin, "900-01-4321"), (Itin, "123014321")]
)
def test_the_report_of_a_refused_number_holds_none_of_its_digits(kind, text):
    assert "4321" not in report_of(kind, text)


def test_a_value_is_shown_with_its_text_and_written_as_it():
    assert repr(CaseNumber("0004567890")) == "CaseNumber(value='0004567890')"
    assert str(CaseNumber("0004567890")) == "0004567890"
