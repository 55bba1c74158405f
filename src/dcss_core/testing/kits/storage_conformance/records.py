"""Records: keys that are unique, versions that count, and many read by their keys at once."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from dcss_core.errors import DuplicateKeyError, InvalidInputError, InvariantError, StaleVersionError
from dcss_core.ports.storage import VERSION, Key, Scalar
from dcss_core.testing.kits.storage_conformance.shelf import OnAShelf, Shelf, allowed, person, refused

_MANY: Final = 2_000  # more than a database takes parameters in one statement, in its oldest versions
_EACH: Final = "the port promises the records of get_each in the order of the keys, None where there is none"
_TAKEN = "the port promises DuplicateKeyError when a key or unique key is taken"
_STALE = "the port promises StaleVersionError when the record has another version or is missing"


class Records(OnAShelf):
    """Insert, get and replace."""

    def test_a_record_that_is_not_there_is_none(self, shelf: Shelf) -> None:
        """Absence is a value."""
        assert shelf.get("nobody") is None, "the port promises None for a key without a record"

    def test_a_new_record_has_version_1(self, shelf: Shelf) -> None:
        """Versions start at 1."""
        shelf.insert(person("a"))
        assert shelf.get("a") == {**person("a"), VERSION: 1}, (
            "the port promises the fields and version 1 after insert"
        )

    def test_many_records_are_inserted_at_once(self, shelf: Shelf) -> None:
        """Bulk insert keeps every row."""
        shelf.insert(*(person(f"p{n}", number=n, county="Fulton") for n in range(2_000)))
        with shelf.storage.transaction(writes=False) as transaction:
            rows = transaction.find(shelf.people, ("county", "number"), ["Fulton"])
        assert [row["number"] for row in rows] == list(range(2_000)), (
            "the port promises that insert stores every row"
        )

    def test_inserting_nothing_does_nothing(self, shelf: Shelf) -> None:
        """An empty sequence is no mistake."""
        shelf.insert()
        assert shelf.get("a") is None, "the port promises that no rows given are no rows stored"

    def test_replace_gives_the_whole_record_and_the_next_version(self, shelf: Shelf) -> None:
        """A replaced record keeps nothing of the old one."""
        shelf.insert(person("a", email="a@example.org", number=7))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a", county="Fulton"), expected_version=1)
            transaction.replace(shelf.people, person("a", balance_cents=5), expected_version=2)
        assert shelf.get("a") == {**person("a", balance_cents=5), VERSION: 3}, (
            "the port promises that replace stores the whole record at expected_version + 1"
        )

    @pytest.mark.parametrize("expected_version", [0, 1, 3])
    def test_a_record_of_another_version_is_not_replaced(self, shelf: Shelf, expected_version: int) -> None:
        """Neither an older nor a newer version will do."""
        shelf.insert(person("a"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a", balance_cents=5), expected_version=1)
        with refused(StaleVersionError, _STALE), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a"), expected_version=expected_version)
        row = shelf.get("a")
        assert row == {**person("a", balance_cents=5), VERSION: 2}, "the port promises that nothing is saved"

    @pytest.mark.parametrize("expected_version", [-1, 2**63 - 1, 2**63, 10**30], ids=repr)
    def test_a_version_that_no_record_has_is_another_one(self, shelf: Shelf, expected_version: int) -> None:
        """However small or large the number is."""
        shelf.insert(person("a"))
        with refused(StaleVersionError, _STALE), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a"), expected_version=expected_version)

    @pytest.mark.parametrize("expected_version", [True, 1.0, "1", None], ids=repr)
    def test_what_is_no_version_is_refused(self, shelf: Shelf, expected_version: Any) -> None:
        """Though 1.0 and True are equal to 1."""
        shelf.insert(person("a"))
        promise = "the port promises InvalidInputError for what is no whole number"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a"), expected_version=expected_version)

    def test_a_missing_record_is_not_replaced(self, shelf: Shelf) -> None:
        """Replace never inserts."""
        with refused(StaleVersionError, _STALE), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("nobody"), expected_version=1)
        assert shelf.get("nobody") is None, "the port promises that replace inserts nothing"

    @pytest.mark.parametrize(
        ("key_fields", "taken"),
        [
            (("person_id",), {"person_id": "a"}),
            (("email",), {"email": "a@example.org"}),
            (("county", "number"), {"county": "Fulton", "number": 7}),
        ],
    )
    def test_a_taken_key_is_refused_by_its_fields(
        self, shelf: Shelf, key_fields: tuple[str, ...], taken: dict[str, Scalar]
    ) -> None:
        """The error says which key, so that the caller can say what exists already."""
        shelf.insert(person("a", email="a@example.org", county="Fulton", number=7))
        with (
            refused(DuplicateKeyError, _TAKEN) as refusal,
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.insert(shelf.people, [person("new"), {**person("b"), **taken}])
        assert refusal.error.collection == shelf.people.name, (
            "the port promises that the error names the collection"
        )
        assert refusal.error.key_fields == key_fields, (
            "the port promises that the error names the key's fields"
        )
        assert shelf.get("new") is None, "the port promises that a refused insert saves none of its rows"

    def test_two_rows_of_one_insert_can_not_share_a_key(self, shelf: Shelf) -> None:
        """Bulk insert checks its own rows too."""
        with refused(DuplicateKeyError, _TAKEN) as refusal:
            shelf.insert(person("a", email="x@example.org"), person("b", email="x@example.org"))
        assert refusal.error.key_fields == ("email",), (
            "the port promises that the error names the key's fields"
        )

    def test_none_takes_no_unique_key(self, shelf: Shelf) -> None:
        """Rows with a None among the fields don't count."""
        shelf.insert(person("a", county="Fulton"))
        with allowed("the port promises that rows with a None in a unique key don't count"):
            shelf.insert(person("b", county="Fulton"), person("c", number=7), person("d", number=7))

    def test_a_unique_key_may_share_some_of_its_fields(self, shelf: Shelf) -> None:
        """Only all fields together are the key."""
        with allowed("the port promises that a key is taken only by all its fields"):
            shelf.insert(person("a", county="Fulton", number=7), person("b", county="Fulton", number=8))
            shelf.insert(person("c", county="DeKalb", number=7))

    def test_replace_can_not_take_the_key_of_another_record(self, shelf: Shelf) -> None:
        """Uniqueness holds for changes as for new records."""
        shelf.insert(person("a", email="a@example.org"), person("b"))
        with (
            refused(DuplicateKeyError, _TAKEN) as refusal,
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.replace(shelf.people, person("b", email="a@example.org"), expected_version=1)
        assert refusal.error.key_fields == ("email",), (
            "the port promises that the error names the key's fields"
        )
        assert shelf.get("b") == {**person("b"), VERSION: 1}, "the port promises that nothing is saved"

    def test_a_record_keeps_its_own_unique_key(self, shelf: Shelf) -> None:
        """A record is no duplicate of itself."""
        richer = person("a", email="a@example.org", balance_cents=1)
        shelf.insert(person("a", email="a@example.org"))
        with (
            allowed("the port promises that a record may keep its unique key"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.replace(shelf.people, richer, expected_version=1)
        assert shelf.get("a") == {**richer, VERSION: 2}, "the port promises that replace stores the record"

    def test_a_unique_key_given_up_can_be_taken(self, shelf: Shelf) -> None:
        """Keys of former versions bind nobody."""
        shelf.insert(person("a", email="a@example.org"))
        promise = "the port promises that a unique key given up by replace is free"
        with allowed(promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a"), expected_version=1)
            transaction.insert(shelf.people, [person("b", email="a@example.org")])
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find(shelf.people, ("email",), ["a@example.org"])
        assert [row["person_id"] for row in found] == ["b"], promise

    @pytest.mark.parametrize("key", [None, 1, b"a", True])
    def test_what_can_not_be_a_key_is_refused(self, shelf: Shelf, key: Scalar) -> None:
        """A key of another type is a mistake, not an absence."""
        promise = "the port promises InvalidInputError for a value that can't be a key"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get(shelf.people, key)

    def test_a_collection_is_not_appended_to(self, shelf: Shelf) -> None:
        """Only logs are."""
        promise = "the port promises InvariantError for append to what is no log"
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.append(shelf.people, [person("a")])


class KeysAtOnce(OnAShelf):
    """What `get_each` gives: what `get` would, key by key."""

    def test_records_come_in_the_order_of_their_keys(self, shelf: Shelf) -> None:
        """Not in that of the storage; what is missing has its place too."""
        shelf.insert(person("a", number=1), person("b", number=2), person("c", number=3))
        with shelf.storage.transaction(writes=False) as transaction:
            rows = transaction.get_each(shelf.people, ["c", "nobody", "a", "b", "no one"])
            alone = [transaction.get(shelf.people, key) for key in ("c", "nobody", "a", "b", "no one")]
        assert [row and row["number"] for row in rows] == [3, None, 1, 2, None], _EACH
        assert rows == alone, "the port promises that get_each gives what get would give for each"

    def test_a_key_asked_twice_is_answered_twice(self, shelf: Shelf) -> None:
        """The answer is as long as the question."""
        shelf.insert(person("a"), person("b"))
        with shelf.storage.transaction(writes=False) as transaction:
            rows = transaction.get_each(shelf.people, ["b", "a", "b", "x", "x"])
        assert [row and row["person_id"] for row in rows] == ["b", "a", "b", None, None], _EACH

    def test_keys_that_can_be_read_once_are_read_once(self, shelf: Shelf) -> None:
        """A generator of keys is as good as a list of them."""
        shelf.insert(person("a"), person("b"))
        with shelf.storage.transaction(writes=False) as transaction:
            rows = transaction.get_each(shelf.people, (key for key in ("b", "a")))  # type: ignore[arg-type]
        assert [row and row["person_id"] for row in rows] == ["b", "a"], _EACH

    def test_no_keys_have_no_records(self, shelf: Shelf) -> None:
        """An empty question is no mistake."""
        shelf.insert(person("a"))
        with shelf.storage.transaction(writes=False) as transaction:
            assert transaction.get_each(shelf.people, []) == [], _EACH

    def test_keys_are_as_many_as_one_likes(self, shelf: Shelf) -> None:
        """No limit of a database shows, and no key is taken for a similar one."""
        shelf.insert(*(person(f"p{number}", number=number) for number in range(_MANY)))
        keys = [f"p{number}" for number in reversed(range(_MANY))] + ["P1", "p1 ", "p01"]
        with shelf.storage.transaction(writes=False) as transaction:
            rows = transaction.get_each(shelf.people, keys)
        assert [row and row["number"] for row in rows] == [*reversed(range(_MANY)), None, None, None], _EACH

    def test_own_writes_are_among_the_records_of_keys(self, shelf: Shelf) -> None:
        """Inserted, replaced and deleted, and not yet committed."""
        shelf.insert(person("a"), person("b"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("c")])
            transaction.replace(shelf.people, person("a", balance_cents=5), expected_version=1)
            transaction.delete(shelf.people, ("person_id",), ["b"], limit=1)
            rows = transaction.get_each(shelf.people, ["a", "b", "c"])
        assert rows == [
            {**person("a", balance_cents=5), VERSION: 2},
            None,
            {**person("c"), VERSION: 1},
        ], "the port promises that a transaction sees its own writes, in get_each too"

    def test_the_records_of_keys_are_those_of_the_snapshot(self, shelf: Shelf) -> None:
        """What others commit meanwhile is not among them."""
        shelf.insert(person("a"))
        with shelf.storage.transaction(writes=False) as reading:
            before = reading.get_each(shelf.people, ["a", "b"])
            shelf.insert(person("b"))
            assert reading.get_each(shelf.people, ["a", "b"]) == before, (
                "the port promises a reading transaction one stable snapshot, in get_each too"
            )

    def test_entries_are_got_by_their_numbers(self, shelf: Shelf) -> None:
        """The number is the key of a log."""
        shelf.append("a", "b", "c")
        with shelf.storage.transaction(writes=False) as transaction:
            rows = transaction.get_each(shelf.events, [3, 1, 9, 0])
        assert [row and row["subject"] for row in rows] == ["c", "a", None, None], _EACH

    @pytest.mark.parametrize("keys", [["a", None], ["a", 1], [True], [("a",)], [b"a", "a"]], ids=repr)
    def test_keys_of_which_one_can_not_be_a_key_are_refused(self, shelf: Shelf, keys: Sequence[Key]) -> None:
        """As get refuses it alone."""
        shelf.insert(person("a"))
        promise = "the port promises InvalidInputError for a value that can't be a key, in get_each too"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get_each(shelf.people, keys)
