"""A collection says what is wrong with its declaration, and where it differs from a stored one."""

import pytest

from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind

TEXT = FieldKind.TEXT
A, B = Field("a", TEXT), Field("b", FieldKind.INTEGER, optional=True)
C = Field("c", FieldKind.BYTES, optional=True)


def log_of_streams(**other: object) -> Collection:
    return Collection(**{"name": "events", "fields": (A, B), "log": True, "stream": "a", **other})


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
        ({"stream": "a"}, "people: stream: found 'a' of records, expected a stream in a log only"),
        (
            {"key": SEQUENCE, "log": True, "stream": "c"},
            "people: stream: found 'c', expected one of the fields",
        ),
        ({"key": SEQUENCE, "log": True, "stream": SEQUENCE}, "people: stream: found 'seq'"),
        ({"key": SEQUENCE, "log": True, "stream": "b"}, "people.b: found an optional key"),
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


def test_an_entry_of_a_stream_is_known_by_its_stream_and_its_number() -> None:
    assert log_of_streams().key_fields == ("a", SEQUENCE)
    assert log_of_streams(stream=None).key_fields == (SEQUENCE,)
    assert Collection("people", (A, B), key="a").key_fields == ("a",)


def test_a_stream_is_found_by_its_numbers_once() -> None:
    assert log_of_streams(indexes=(("b",), ("a", SEQUENCE))).findable == (("b",), ("a", SEQUENCE))
    assert log_of_streams(indexes=(("b",),)).findable == (("b",), ("a", SEQUENCE))


@pytest.mark.parametrize(
    ("index", "order"),
    [
        (("a", SEQUENCE), ("a", SEQUENCE)),
        (("b",), ("b", "a", SEQUENCE)),
        (("a", "b"), ("a", "b", SEQUENCE)),
        (("b", "a"), ("b", "a", SEQUENCE)),
        (("b", SEQUENCE), ("b", SEQUENCE, "a")),
    ],
)
def test_entries_of_streams_are_ordered_by_what_the_index_leaves_of_stream_and_number(
    index: tuple[str, ...], order: tuple[str, ...]
) -> None:
    assert log_of_streams(indexes=(index,)).order_of(index) == order


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


@pytest.mark.parametrize(
    ("stored", "declared", "said"),
    [
        (None, "a", "events: stream: found None, expected 'a'"),
        ("a", None, "events: stream: found 'a', expected None"),
        ("a", "d", "events: stream: found 'a', expected 'd'"),
    ],
)
def test_another_stream_is_a_difference(stored: str | None, declared: str | None, said: str) -> None:
    fields = (A, Field("d", TEXT))
    was, now = (log_of_streams(fields=fields, stream=stream) for stream in (stored, declared))
    assert [str(fault) for fault in now.differences_from(was)] == [said]


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


@pytest.mark.parametrize("limit", [-1, 2**63, True, 1.0, "1", None])
def test_a_deletion_says_how_many_at_most(limit: int) -> None:
    people = Collection("people", (A, B), key="a")
    with pytest.raises(InvalidInputError) as refusal:
        people.check_deletion(("a",), [7], None, limit)
    assert [fault.where for fault in refusal.value.faults] == ["people.a", "limit"]


@pytest.mark.parametrize("limit", [-1, 2**63, True, 1.0, "1"])
def test_a_page_of_no_number_of_rows_is_refused(limit: int) -> None:
    people = Collection("people", (A, B), key="a")
    with pytest.raises(InvalidInputError) as refusal:
        people.check_find(("a",), [], None, limit=limit)
    assert [fault.where for fault in refusal.value.faults] == ["limit"]


def test_a_log_is_not_deleted_from_however_it_is_asked() -> None:
    with pytest.raises(InvariantError):
        log_of_streams().check_deletion(("nothing",), [], None, limit=-1)


def test_all_faults_of_a_sum_are_told_at_once() -> None:
    people = Collection("people", (A, B, C), key="a", indexes=(("b",),))
    with pytest.raises(InvalidInputError) as refusal:
        people.check_sum("c", ("b",), ["walrus"], None, ["a", "d", "a"])
    assert [str(fault) for fault in refusal.value.faults] == [
        "people.b: found a str that does not fit, expected an int of 64 bits or None",
        "field: found 'c', expected b",
        "by: found 'd', expected one of a, b, c",
        "by: found a field twice, expected each field once",
    ]


@pytest.mark.parametrize("field", ["version", SEQUENCE, "a", ""])
def test_only_a_declared_integer_is_summed(field: str) -> None:
    for collection in (Collection("people", (A, B), key="a"), log_of_streams()):
        with pytest.raises(InvalidInputError) as refusal:
            collection.check_sum(field, collection.key_fields, [], None, [])
        assert [fault.where for fault in refusal.value.faults] == ["field"]


@pytest.mark.parametrize(
    "key", [1, "x", ("x",), ("x", 1, 1), (1, "x"), ("x", True), ("x", None), ["x", 1], ()]
)
def test_what_is_no_stream_with_a_number_is_no_key_of_it(key: tuple[str, int]) -> None:
    with pytest.raises(InvalidInputError):
        log_of_streams().check_keys([key])


@pytest.mark.parametrize(("stream", "of_streams"), [(None, True), ("x", False)])
def test_a_redaction_names_the_stream_exactly_where_there_are_some(
    stream: str | None, of_streams: bool
) -> None:
    log = log_of_streams(stream="a" if of_streams else None)
    with pytest.raises(InvariantError) as refusal:
        log.check_redaction(["b"], 1, stream)
    assert [fault.expected for fault in refusal.value.faults] == [
        "a stream exactly where the log has streams"
    ]
