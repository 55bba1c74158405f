"""JSON Schemas: what is written is valid, and what a schema refuses the converter refuses too."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Optional

import attrs
import pytest

from dcss_core import json_converter, json_schema
from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber, Irn
from dcss_core.base.json.schema import json_schema_of_all
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money, Remainder
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError, InvariantError

jsonschema = pytest.importorskip(
    "jsonschema", reason="schemas are checked by another: pip install jsonschema"
)
Draft202012Validator = jsonschema.Draft202012Validator


class Level(Enum):
    LOW = 1
    HIGH = 2


@attrs.frozen
class Payment:
    """One payment.

    The rest is not for a schema.
    """

    amount: Money
    on: date
    case_number: CaseNumber | None = None


@attrs.frozen
class Refused:
    """It was refused."""


@attrs.frozen
class Account:
    """A made-up account."""

    payments: tuple[Payment, ...]
    outcome: Payment | Refused
    share: Fraction | Money
    limits: Mapping[Remainder, int]
    named: Mapping[str, bool]
    words: frozenset[str]
    pair: tuple[int, str]
    level: Level
    seen_at: datetime


@attrs.frozen
class Node:
    """A value that holds others of its kind."""

    inside: tuple["Node", ...]
    first: Optional["Node"] = None


@attrs.frozen
class Member:
    """Somebody."""

    ssn: Ssn | None = None


@attrs.frozen
class Family:
    """Several."""

    members: tuple[Member, ...]


WRITTEN = {
    "payments": [{"amount": "150.00", "on": "2026-01-31", "case_number": None}],
    "outcome": {"type": "Refused"},
    "share": {"type": "Fraction", "value": "3/13"},
    "limits": {"first": 3},
    "named": {"a": True},
    "words": ["canoe"],
    "pair": [1, "one"],
    "level": 2,
    "seen_at": "2026-01-31T15:00:00Z",
}


def is_valid(given, kind):
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid(given)


def is_read(given, kind):
    try:
        json_converter().structure(given, kind)
    except InvalidInputError:
        return False
    return True


def test_a_class_is_an_object_with_its_fields_and_no_others():
    assert json_schema(Payment) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Payment",
        "$defs": {
            "CaseNumber": json_schema(CaseNumber)["$defs"]["CaseNumber"],
            "Money": json_schema(Money)["$defs"]["Money"],
            "Payment": {
                "description": "One payment.",
                "type": "object",
                "properties": {
                    "amount": {"$ref": "#/$defs/Money"},
                    "on": {
                        "type": "string",
                        "format": "date",
                        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                    },
                    "case_number": {"anyOf": [{"$ref": "#/$defs/CaseNumber"}, {"type": "null"}]},
                },
                "required": ["amount", "on"],
                "additionalProperties": False,
            },
        },
    }


def test_what_is_written_is_valid():
    assert is_valid(WRITTEN, Account)
    value = json_converter().structure(WRITTEN, Account)
    assert json_converter().unstructure(value) == WRITTEN


@pytest.mark.parametrize("field", WRITTEN)
@pytest.mark.parametrize(
    "wrong", [None, 1.5, [[]], {"type": "Otter"}, {"otter": 1}, "otter", [1, "a", 2]], ids=repr
)
def test_the_schema_refuses_what_the_converter_refuses(field, wrong):
    given = WRITTEN | {field: wrong}
    assert not is_valid(given, Account)
    assert not is_read(given, Account)


@pytest.mark.parametrize(
    ("text", "kind", "holds"),
    [
        ("150.00", Money, True),
        ("-0.05", Money, True),
        ("150", Money, False),
        ("150.0", Money, False),
        ("1,500.00", Money, False),
        ("12345678901234.00", Money, False),
        ("2026-12", Month, True),
        ("2026-13", Month, False),
        ("0004567890", CaseNumber, True),
        ("CP 12-3", CaseNumber, True),
        (" 12", CaseNumber, False),
        ("1*2", CaseNumber, False),
        ("1\\2", CaseNumber, False),
        ("1" * 21, CaseNumber, False),
        ("", CaseNumber, False),
        ("AB12", Irn, True),
        ("ab12", Irn, False),
        ("80DEU00", LocatorCode, True),
        ("130000", LocatorCode, False),
    ],
)
def test_a_leaf_is_valid_in_the_spelling_in_which_it_is_read(text, kind, holds):
    assert is_valid(text, kind) is holds
    assert is_read(text, kind) is holds


def test_a_list_of_values_has_a_schema_of_its_own():
    assert is_valid(WRITTEN["payments"], list[Payment])
    assert not is_valid(WRITTEN["payments"][0], list[Payment])


def test_written_inline_nothing_refers_to_the_root():
    schema = json_schema(Account, inline=True)
    assert "$ref" not in str(schema)
    assert "$schema" not in schema
    assert Draft202012Validator(schema).is_valid(WRITTEN)
    assert schema["description"] == "A made-up account."


def test_a_class_that_holds_itself_is_written_with_references_and_not_inline():
    assert is_valid({"inside": [{"inside": [], "first": None}]}, Node)
    with pytest.raises(InvalidInputError, match="holds itself"):
        json_schema(Node, inline=True)


@pytest.mark.parametrize("kind", [Ssn, list[Secret], Member, Family, Payment | Member, object, float, list])
def test_what_is_never_written_has_no_schema(kind):
    with pytest.raises(InvalidInputError):
        json_schema(kind)


def test_many_classes_share_one_document_with_those_they_hold():
    schema = json_schema_of_all([Payment, Refused])
    Draft202012Validator.check_schema(schema)
    assert list(schema["$defs"]) == ["CaseNumber", "Money", "Payment", "Refused"]


def test_two_classes_of_one_name_are_never_one():
    @attrs.frozen
    class Refused:
        """Another."""

    with pytest.raises(InvariantError, match="two public values are called Refused"):
        json_schema_of_all([Refused, Payment, globals()["Refused"]])


@attrs.frozen
class Declined:
    """It was declined."""

    @property
    def sentence(self) -> str:
        return "Not this time."


def test_a_sentence_is_told_and_never_asked_for():
    written = json_converter().unstructure(Declined())
    schema = json_schema(Declined)
    Draft202012Validator(schema).validate(written)
    Draft202012Validator(schema).validate({"type": "Declined"})
    assert schema["$defs"]["Declined"]["properties"]["sentence"] == {"type": "string", "readOnly": True}
    assert not Draft202012Validator(schema).is_valid({"type": "Accepted"})
