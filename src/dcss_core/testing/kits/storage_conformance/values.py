"""What is stored comes back as it was: every kind of value, to the last bit."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import pytest

from dcss_core.errors import InvariantError
from dcss_core.ports.storage import Collection, Field, FieldKind, Row, Scalar, Storage
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    fresh,
    own_fields,
    person,
    refused,
)

_MEGABYTE: Final = 2**20
_ROUND_TRIP: Final = "the port promises that a value comes back equal and of the same type"

_VALUES: Final[dict[FieldKind, tuple[Scalar, ...]]] = {
    FieldKind.TEXT: (
        "",
        " spaces around ",
        "007",
        "1e5",
        "a\x00b",
        "\x00",
        "'; DROP TABLE people; --",
        "José e\u0301",
        "😀\U0010ffff",
        "line\r\nline\n",
        "x" * _MEGABYTE,
        None,
    ),
    FieldKind.INTEGER: (0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63), None),
    FieldKind.BOOLEAN: (True, False, None),
    FieldKind.DATE: (date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31), None),
    FieldKind.INSTANT: (
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 31, 13, 45, tzinfo=UTC),
        datetime(2026, 1, 31, 13, 45, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        None,
    ),
    FieldKind.BYTES: (b"", b"\x00", b"\xff\xfe text", bytes(range(256)) * (_MEGABYTE // 256), None),
}
_EACH_VALUE: Final = [
    pytest.param(kind, value, id=f"{kind.value}-{value!r:.24}")
    for kind, values in _VALUES.items()
    for value in values
]
_KEYS: Final = ("a", "A", "a ", "a\x00", "a\x00b", "\u00e9", "e\u0301", "", "ss", "ß")
_EASTERN: Final = timezone(timedelta(hours=-5))


def _one_of_each(name: str) -> Collection:
    fields = [Field(kind.value, kind, optional=True) for kind in FieldKind]
    return Collection(name=name, fields=(Field("row_id", FieldKind.INTEGER), *fields), key="row_id")


def _row(**given: Scalar) -> dict[str, Scalar]:
    return {"row_id": 1, **{kind.value: None for kind in FieldKind}, **given}


class Values(OnAShelf):
    """Round trips, and rows that do not fit."""

    @pytest.mark.parametrize(("kind", "value"), _EACH_VALUE)
    def test_a_value_comes_back_as_it_was(self, storage: Storage, kind: FieldKind, value: Scalar) -> None:
        """A value is read in the same and in another transaction."""
        collection = _one_of_each(fresh("kinds"))
        storage.prepare([collection])
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, [_row(**{kind.value: value})])
            inside = transaction.get(collection, 1)
        with storage.transaction(writes=False) as transaction:
            outside = transaction.get(collection, 1)
            [found] = transaction.find(collection, ("row_id",))
        for row in (inside, outside, found):
            assert row is not None, "the port promises that an inserted record can be read"
            back = row[kind.value]
            assert type(back) is type(value), _ROUND_TRIP
            assert back == value, _ROUND_TRIP
            if isinstance(back, datetime):
                assert back.utcoffset() == timedelta(0), "the port promises that instants come back in UTC"

    @pytest.mark.parametrize("kind", list(FieldKind), ids=lambda kind: kind.value)
    def test_a_record_is_found_by_a_key_of_any_kind(self, storage: Storage, kind: FieldKind) -> None:
        """Keys need not be text."""
        keys = [value for value in _VALUES[kind] if value is not None and len(str(value)) < 1000]
        collection = Collection(
            fresh("keys"), (Field("key", kind), Field("place", FieldKind.INTEGER)), key="key"
        )
        storage.prepare([collection])
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, [{"key": key, "place": place} for place, key in enumerate(keys)])
            places = [row["place"] for key in keys if (row := transaction.get(collection, key))]
        assert places == list(range(len(keys))), f"the port promises that a key can be {kind.value}"

    def test_keys_differ_by_every_character(self, shelf: Shelf) -> None:
        """No case folding, no padding, no normalisation, no end at U+0000."""
        promise = "the port promises that text is compared by code point"
        with allowed(promise):
            shelf.insert(*(person(key, balance_cents=place) for place, key in enumerate(_KEYS)))
        read = [row["balance_cents"] for key in _KEYS if (row := shelf.get(key))]
        assert read == list(range(len(_KEYS))), promise

    def test_a_row_given_back_is_read_only(self, shelf: Shelf) -> None:
        """A row is a view, not a handle."""
        shelf.insert(person("a"))
        row = shelf.get("a")
        with refused(TypeError, "the port promises that rows given back are read-only"):
            row["balance_cents"] = 1  # type: ignore[index]

    def test_changing_a_row_after_giving_it_changes_nothing(self, shelf: Shelf) -> None:
        """The storage keeps values, not the caller's mapping."""
        given = person("a")
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [given])
            given["balance_cents"] = 99
        row = shelf.get("a")
        assert row is not None, "the port promises that an inserted record can be read"
        assert own_fields(row) == person("a"), (
            "the port promises to store what the row held when it was given"
        )

    @pytest.mark.parametrize(
        ("field", "row"),
        [
            pytest.param("text", _row(text=1), id="an integer as text"),
            pytest.param("text", _row(text="\ud800"), id="a lone surrogate"),
            pytest.param("integer", _row(integer=True), id="a bool as integer"),
            pytest.param("integer", _row(integer=2**63), id="more than 64 bits"),
            pytest.param("boolean", _row(boolean=1), id="an integer as bool"),
            pytest.param("date", _row(date=datetime(2026, 1, 1, tzinfo=UTC)), id="an instant as date"),
            pytest.param("instant", _row(instant=date(2026, 1, 1)), id="a date as instant"),
            pytest.param("instant", _row(instant=datetime(2026, 1, 1)), id="a naive instant"),
            pytest.param("instant", _row(instant=datetime(2026, 1, 1, tzinfo=_EASTERN)), id="not in UTC"),
            pytest.param("bytes", _row(bytes="text"), id="text as bytes"),
            pytest.param("row_id", _row(row_id=None), id="None in a required field"),
            pytest.param("walrus", _row(walrus=1), id="a field that is not declared"),
            pytest.param("version", _row(version=1), id="the backend's own field"),
            pytest.param("date", {"row_id": 1, "text": "x"}, id="fields missing"),
        ],
    )
    def test_a_row_that_does_not_fit_is_refused(self, storage: Storage, field: str, row: Row) -> None:
        """A defect of the caller is caught before it is stored."""
        collection = _one_of_each(fresh("kinds"))
        storage.prepare([collection])
        promise = "the port promises InvariantError for a row that does not hold exactly the declared fields"
        with refused(InvariantError, promise) as refusal, storage.transaction(writes=True) as transaction:
            transaction.insert(collection, [_row(row_id=2), row])
        assert f".{field}" in str(refusal.error), "the port promises that the error names the field"
        with storage.transaction(writes=False) as transaction:
            assert transaction.find(collection, ("row_id",)) == [], "the port promises that nothing is saved"

    def test_the_refusal_of_a_row_never_shows_the_value(self, shelf: Shelf) -> None:
        """Errors reach logs; values may be personal."""
        promise = "the port promises InvariantError for a value of another type"
        with (
            refused(InvariantError, promise) as refusal,
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.insert(shelf.people, [person("a", number="walrus")])
        assert "walrus" not in str(refusal.error), "the port promises never to show a refused value"
