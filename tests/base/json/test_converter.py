"""Values as JSON: one spelling each, strict both ways, every fault with its path, and no secret in either."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from fractions import Fraction

import attrs
import pytest

from dcss_core import json_converter
from dcss_core.base.dates import DateRange, Month
from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money, Remainder
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError, RulesError

NEVER_ISSUED = Ssn("900-01-0001", accept_never_issued=True)
EASTERN = timezone(timedelta(hours=-5))


class Level(Enum):
    LOW = 1
    HIGH = 2


@attrs.frozen
class Payment:
    amount: Money
    on: date
    case_number: CaseNumber | None = None


@attrs.frozen
class Refused:
    sentence: str


@attrs.frozen
class Account:
    """A made-up account, with everything a value can hold."""

    payments: tuple[Payment, ...]
    outcome: Payment | Refused
    share: Fraction | Money | tuple[str, ...]
    limits: Mapping[Remainder, int]
    words: frozenset[str]
    pair: tuple[int, str]
    level: Level
    note: str | int | None = None


@attrs.frozen
class Member:
    name: str
    ssn: Ssn | None = None


@attrs.frozen
class Family:
    members: tuple[Member, ...]


@attrs.frozen
class Hidden:
    phc: str = attrs.field(repr=False)


@attrs.frozen
class Picky:
    days: int

    def __attrs_post_init__(self) -> None:
        if self.days < 1:
            raise RulesError("no such limit")


class Sort(StrEnum):
    CHECK = "check"


class Payments(tuple[Payment, ...]):
    __slots__ = ()


PAYMENT = Payment(Money("150.00"), date(2026, 1, 31), CaseNumber("0004567890"))
ACCOUNT = Account(
    payments=(PAYMENT, Payment(Money("-0.05"), date(2026, 2, 1))),
    outcome=Refused("no"),
    share=Fraction(12, 52),
    limits={Remainder.FIRST: 3},
    words=frozenset({"otter", "canoe"}),
    pair=(1, "one"),
    level=Level.HIGH,
)


@pytest.fixture
def converter():
    return json_converter()


def faults_of(caught):
    return [(fault.where, fault.found) for fault in caught.value.faults]


# --- leaves: ISO 8601, RFC 3339, and the figures as the agency prints them --------------------------------
LEAVES = [
    (Money("150.00"), "150.00"),
    (Money("-0.05"), "-0.05"),
    (Month(2026, 1), "2026-01"),
    (date(2026, 1, 31), "2026-01-31"),
    (datetime(2026, 1, 31, 15, 0, tzinfo=UTC), "2026-01-31T15:00:00Z"),
    (timedelta(minutes=30), "PT1800S"),
    (Fraction(12, 52), "3/13"),
    (b"\x00\xff", "AP8="),
    (CaseNumber("0004567890"), "0004567890"),
    (Irn("AB12"), "AB12"),
    (ClientId("77 12"), "7712"),
    (LocatorCode("1300000"), "1300000"),
    (RoutingNumber("110000000"), "110000000"),
    (Remainder.LARGEST, "largest_remainder"),
    (Level.HIGH, 2),
    (Sort.CHECK, "check"),
    ("text", "text"),
    (7, 7),
    (True, True),
    (None, None),
]


@pytest.mark.parametrize(("value", "written"), LEAVES, ids=repr)
def test_a_leaf_has_one_spelling_and_is_read_back_equal(converter, value, written):
    assert converter.unstructure(value) == written
    assert type(converter.unstructure(value)) is type(written)
    assert converter.structure(written, type(value)) == value


def test_an_instant_of_another_zone_is_written_in_utc_and_read_from_any(converter):
    there = datetime(2026, 1, 31, 10, 0, tzinfo=EASTERN)
    assert converter.unstructure(there) == "2026-01-31T15:00:00Z"
    assert converter.structure("2026-01-31T10:00:00.000-05:00", datetime) == there
    assert converter.structure("2026-01-31T10:00:00-05:00", datetime).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("150", Money),
        ("1,500.00", Money),
        ("-0.00", Money),
        (150, Money),
        (150.0, Money),
        ("2026-1", Month),
        ("20260131", date),
        ("2026-01-31T00:00:00Z", date),
        ("2026-01-31", datetime),
        ("2026-01-31T15:00:00", datetime),
        ("2026-W05-6T15:00:00Z", datetime),
        ("2026-01-31 15:00:00Z", datetime),
        ("PT30M", timedelta),
        ("PT99999999999999S", timedelta),
        ("0001-01-01T00:00:00+05:00", datetime),  # in UTC it is before the first year
        ("12/52", Fraction),  # 3/13 is its one spelling
        ("1/0", Fraction),
        ("AP8", bytes),
        (" 0004567890", CaseNumber),
        ("ab-12", Irn),
        ("weekly", Remainder),
        (3, Level),
        (True, Level),
        (True, int),
        (1.0, int),
        (1, bool),
        (1, str),
        ("", type(None)),
        (None, str),
    ],
)
def test_another_spelling_or_type_is_refused_by_its_path(converter, given, kind):
    with pytest.raises(InvalidInputError) as caught:
        converter.structure(given, kind)
    (fault,) = caught.value.faults
    assert fault.where == "$"
    assert fault.expected


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        object(),
        datetime(2026, 1, 31, 15, 0),
        timedelta(milliseconds=1),
        timedelta(-1),
        {1, 2},
        ValueError("x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_does_not_hold_is_refused_on_the_way_out(converter, value):
    with pytest.raises(InvalidInputError) as caught:
        converter.unstructure(value)
    assert caught.value.faults[0].where == "$"


@pytest.mark.parametrize("kind", [float, object, list, dict, tuple, ValueError])
def test_what_says_nothing_of_its_parts_is_refused_on_the_way_in(converter, kind):
    with pytest.raises(InvalidInputError, match="JSON can't be read as"):
        converter.structure([], kind)


# --- value classes -------------------------------------------------------------------------------------
WRITTEN = {
    "payments": [
        {"amount": "150.00", "on": "2026-01-31", "case_number": "0004567890"},
        {"amount": "-0.05", "on": "2026-02-01", "case_number": None},
    ],
    "outcome": {"type": "Refused", "sentence": "no"},
    "share": {"type": "Fraction", "value": "3/13"},
    "limits": {"first": 3},
    "words": ["canoe", "otter"],
    "pair": [1, "one"],
    "level": 2,
    "note": None,
}


def test_a_value_is_written_field_by_field_and_read_back_equal(converter):
    assert converter.unstructure(ACCOUNT) == WRITTEN
    assert converter.structure(json.loads(json.dumps(WRITTEN)), Account) == ACCOUNT


@pytest.mark.parametrize("share", [Money("1.00"), ("a", "b"), Fraction(1, 3)], ids=repr)
@pytest.mark.parametrize("note", ["text", 7, None])
@pytest.mark.parametrize("outcome", [PAYMENT, Refused("no")], ids=["Payment", "Refused"])
def test_every_member_of_a_union_comes_back_as_itself(converter, share, note, outcome):
    value = attrs.evolve(ACCOUNT, share=share, note=note, outcome=outcome)
    assert converter.structure(converter.unstructure(value), Account) == value


def test_a_field_with_a_default_may_be_left_out(converter):
    assert converter.structure({"amount": "1.00", "on": "2026-01-31"}, Payment).case_number is None


def test_every_fault_is_told_at_once_with_its_path_and_without_what_was_given(converter):
    wrong = {
        "payments": [{"amount": "otter", "on": "2026-13-01", "extra": 1}, 7],
        "outcome": {"type": "Otter"},
        "share": {"type": "Fraction", "value": "otter"},
        "limits": {"otter": 1},
        "words": ["a", "a"],
        "pair": [1],
        "level": "otter",
        "note": 1.5,
        "canoe": 1,
    }
    with pytest.raises(InvalidInputError) as caught:
        converter.structure(wrong, Account)
    assert [where for where, _ in faults_of(caught)] == [
        "$.payments[0].amount",
        "$.payments[0].on",
        "$.payments[0]",
        "$.payments[1]",
        "$.outcome",
        "$.share.value",
        "$.limits",
        "$.words",
        "$.pair",
        "$.level",
        "$.note",
        "$",
    ]
    assert "canoe" not in str(caught.value)
    assert "otter" not in str(caught.value)


def test_a_missing_field_is_told_by_its_path(converter):
    with pytest.raises(InvalidInputError) as caught:
        converter.structure({"on": "2026-01-31"}, Payment)
    assert faults_of(caught) == [("$.amount", "nothing")]


def test_what_a_class_refuses_as_a_whole_is_a_fault_of_the_object(converter):
    with pytest.raises(InvalidInputError) as caught:
        converter.structure({"start": "2026-01-31", "end": "2026-01-01"}, DateRange)
    assert faults_of(caught) == [("$", "2026-01-01")]
    with pytest.raises(InvalidInputError) as caught:
        converter.structure({"days": 0}, Picky)
    assert [fault.expected for fault in caught.value.faults] == ["no such limit"]


@pytest.mark.parametrize("given", [{"type": "Refused"}, {"sentence": "no"}, [], {"type": ["Refused"]}])
def test_an_object_of_a_union_says_which_member_it_is(converter, given):
    with pytest.raises(InvalidInputError):
        converter.structure(given, Payment | Refused)


def test_a_tagged_leaf_has_a_value_and_nothing_else(converter):
    with pytest.raises(InvalidInputError, match="the keys 'type' and 'value'"):
        converter.structure({"type": "Money", "value": "1.00", "more": 1}, Fraction | Money)


def test_a_value_of_another_class_is_refused_where_it_stands(converter):
    strange = attrs.evolve(ACCOUNT, payments=(PAYMENT, Refused("no")), pair=(1, 2, 3), limits=[], words=["a"])
    with pytest.raises(InvalidInputError) as caught:
        converter.unstructure(strange)
    assert faults_of(caught) == [
        ("$.payments[1]", "Refused"),
        ("$.limits", "list"),
        ("$.words", "list"),
        ("$.pair", "tuple"),
    ]


def test_a_value_that_is_no_member_of_the_union_is_refused(converter):
    with pytest.raises(InvalidInputError, match="one of Payment, Refused"):
        converter.unstructure(Money("1.00"), unstructure_as=Payment | Refused)


# --- lists and mappings of a front end's own ---------------------------------------------------------------
def test_lists_and_mappings_of_values_are_written_and_read_by_their_types(converter):
    assert converter.unstructure({"rows": [PAYMENT], "more": (Money("1.00"),)}) == {
        "rows": [WRITTEN["payments"][0]],
        "more": ["1.00"],
    }
    assert converter.structure([WRITTEN["payments"][0]], list[Payment]) == [PAYMENT]
    assert converter.structure({"a": "1.00"}, dict[str, Money]) == {"a": Money("1.00")}


def test_a_tuple_of_a_class_of_its_own_is_a_list_and_comes_back_as_that_class(converter):
    written = converter.unstructure(Payments((PAYMENT,)))
    assert written == [WRITTEN["payments"][0]]
    assert type(converter.structure(written, Payments)) is Payments


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, list[Payment]),
        ([], dict[str, int]),
        ("a", tuple[int, str]),
        ([], Payment),
        ({1: 2}, dict[str, int]),
    ],
)
def test_another_container_is_refused(converter, given, kind):
    with pytest.raises(InvalidInputError):
        converter.structure(given, kind)


def test_a_mapping_with_other_keys_than_text_is_no_json(converter):
    with pytest.raises(InvalidInputError):
        converter.unstructure({1: "a"})
    with pytest.raises(InvalidInputError):
        converter.structure({"1": "a"}, dict[int, str])


def test_a_converter_takes_a_front_ends_own_types_and_no_other_converter_knows_of_it(converter):
    converter.register_unstructure_hook(complex, lambda value: f"{value.real}+{value.imag}i")
    assert converter.unstructure([complex(1, 2)]) == ["1.0+2.0i"]
    with pytest.raises(InvalidInputError):
        json_converter().unstructure(complex(1, 2))


# --- secrets -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "path"),
    [
        (NEVER_ISSUED, "$"),
        ([Secret("otter")], "$[0]"),
        ({"family": Family((Member("Jane", NEVER_ISSUED),))}, "$.family.members[0].ssn"),
        (Member("Jane"), "$.ssn"),  # by what the class declares, so that no test passes by an empty field
        (Payment(Money("1.00"), Secret("otter")), "$.on"),
        (Hidden("otter"), "$.phc"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_secret_is_never_written_and_the_refusal_names_its_path_alone(converter, value, path):
    with pytest.raises(InvalidInputError) as caught:
        converter.unstructure(value)
    assert [fault.where for fault in caught.value.faults] == [path]
    assert "otter" not in str(caught.value)
    assert "900" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kind", "path"),
    [
        ("900-01-0001", Ssn, "$"),
        ({"name": "Jane", "ssn": "900-01-0001"}, Member, "$.ssn"),
        ({"name": "Jane"}, Member, "$.ssn"),
        ({"members": [{"name": "Jane"}]}, Family, "$.members[0].ssn"),
        (["otter"], list[Secret], "$[0]"),
    ],
)
def test_a_secret_is_never_read(converter, given, kind, path):
    with pytest.raises(InvalidInputError) as caught:
        converter.structure(given, kind)
    assert [fault.where for fault in caught.value.faults] == [path]
    assert "900" not in str(caught.value)


def test_a_secret_beside_values_in_a_union_is_refused_whoever_declares_it(converter):
    with pytest.raises(InvalidInputError, match="Secret, a secret"):
        converter.unstructure(Secret("otter"), unstructure_as=Payment | Refused)
    with pytest.raises(InvalidInputError, match="Secret, a secret"):
        converter.unstructure(Secret("otter"), unstructure_as=Secret | str)
    assert converter.unstructure("text", unstructure_as=Secret | str) == "text"


@attrs.frozen
class Branch:
    inner: "Branch | None" = None


def test_a_value_that_holds_itself_or_is_nested_too_deep_is_refused(converter):
    circle, pair, deep, branch = {}, [], [], None
    circle["again"] = circle
    pair.append((pair,))
    for _ in range(50_000):
        deep, branch = [deep], Branch(branch)
    for endless in (circle, pair, deep, branch):
        with pytest.raises(InvalidInputError, match="nested too deep, or one that holds itself"):
            converter.unstructure(endless)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_an_instant_that_utc_has_no_year_for_is_refused(converter, instant):
    with pytest.raises(InvalidInputError, match="datetime of another sort"):
        converter.unstructure(instant)


# --- values without fields -------------------------------------------------------------------------------
@attrs.frozen
class Declined:
    @property
    def sentence(self) -> str:
        return "Not this time."


def test_a_value_without_fields_says_what_it_is_and_what_to_tell(converter):
    written = {"type": "Declined", "sentence": "Not this time."}
    assert converter.unstructure(Declined()) == written
    assert converter.structure(written, Declined) == Declined()


@pytest.mark.parametrize("given", [{}, {"type": "Accepted"}], ids=repr)
def test_a_value_without_fields_is_not_read_from_what_is_called_otherwise(converter, given):
    with pytest.raises(InvalidInputError, match="one whose 'type' is Declined"):
        converter.structure(given, Declined)
