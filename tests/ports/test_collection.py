"""A collection says what is wrong with its declaration, and where it differs from a stored one."""

import pytest

from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind

TEXT = FieldKind.TEXT
A, B = Field("a", TEXT), Field("b", FieldKind.INTEGER, optional=True)


@pytest.mark.parametrize(
    ("declared", "where"),
    [
        ({"name": "People"}, "'People'"),
        ({"name": "people; drop table people"}, "'people; drop table people'"),
        ({"name": "x" * 49}, "xxx"),
        ({"name": ""}, "''"),
        ({"fields": (A, Field("b__c", TEXT))}, "'b__c'"),
        ({"fields": (A, Field("_b", TEXT))}, "'_b'"),
        ({"fields": (A, Field("b\n", TEXT))}, "b"),
        ({"fields": (A, Field("version", TEXT))}, "people.version"),
        ({"fields": (A, Field("seq", TEXT))}, "people.seq"),
        ({"fields": (A, A)}, "people.a: found the name twice"),
        ({"key": "c"}, "'c'"),
        ({"key": "b"}, "people.b: found an optional key"),
        ({"key": SEQUENCE}, "'seq'"),
        ({"unique": (("c",),)}, "'c'"),
        ({"indexes": (("a", "c"),)}, "'c'"),
        ({"indexes": ((),)}, "found ()"),
        ({"unique": (("a", "a"),)}, "found ('a', 'a')"),
        ({"key": "a", "log": True}, "which is the key of every log"),
    ],
)
def test_a_declaration_that_can_not_work_is_refused_and_says_where(
    declared: dict[str, object], where: str
) -> None:
    sound = {"name": "people", "fields": (A, B), "key": "a"}
    with pytest.raises(InvalidInputError) as refusal:
        Collection(**{**sound, **declared})
    assert where in str(refusal.value)


def test_all_faults_of_a_declaration_are_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        Collection("People", (Field("version", TEXT),), key="c", indexes=(("d",),))
    assert len(refusal.value.faults) == 4


def test_an_index_of_a_log_may_name_the_number() -> None:
    log = Collection("events", (A,), indexes=(("a", SEQUENCE),), log=True)
    assert log.findable == (("a", SEQUENCE), (SEQUENCE,))
    assert log.order_of(("a", SEQUENCE)) == ("a", SEQUENCE)


def test_rows_are_ordered_by_the_index_and_then_by_the_key() -> None:
    people = Collection("people", (A, B), key="a", indexes=(("b",), ("b", "a")))
    assert people.order_of(("b",)) == ("b", "a")
    assert people.order_of(("b", "a")) == ("b", "a")


def test_a_row_given_back_has_the_declared_fields_and_a_version_or_a_number() -> None:
    assert [field.name for field in Collection("people", (A, B), key="a").stored_fields] == [
        "a",
        "b",
        "version",
    ]
    assert [field.name for field in Collection("events", (A,), log=True).stored_fields] == ["a", "seq"]


def test_the_same_declaration_in_another_order_is_no_difference() -> None:
    one = Collection("people", (A, B), key="a", indexes=(("a", "b"), ("b",)))
    other = Collection("people", (B, A), key="a", indexes=(("b",), ("a", "b")))
    assert one.differences_from(other) == ()


def test_a_difference_says_what_was_stored_and_what_is_declared() -> None:
    stored = Collection("people", (A, B), key="a")
    declared = Collection("people", (A, Field("b", FieldKind.INTEGER), Field("c", TEXT)), key="a")
    assert [str(fault) for fault in declared.differences_from(stored)] == [
        "people.b: found optional integer, expected integer",
        "people.c: found no such field, expected text",
    ]


def test_the_fields_of_an_index_count_in_their_order() -> None:
    stored = Collection("people", (A, B), key="a", indexes=(("a", "b"),))
    declared = Collection("people", (A, B), key="a", indexes=(("b", "a"),))
    [fault] = declared.differences_from(stored)
    assert fault.where == "people: indexes"


def test_every_row_that_does_not_fit_is_told_of_once_per_field() -> None:
    people = Collection("people", (A, B), key="a")
    with pytest.raises(InvariantError) as refusal:
        people.check_rows([{"a": 1, "b": None}, {"a": 2, "b": None}, {"a": "x", "b": "walrus"}])
    assert [fault.where for fault in refusal.value.faults] == ["people.a", "people.b"]
    assert "walrus" not in str(refusal.value)
