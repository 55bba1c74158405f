"""Streams: entries of one log that are numbered from 1 and without a gap within each value of a field."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from dcss_core.errors import ConfigurationError, DuplicateKeyError, InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind, Key, Row, Scalar
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    at_once,
    fresh,
    keep_trying,
    person,
    refused,
)

_NUMBERS: Final = "the port promises that the numbers of each stream start at 1 and have no gap"
_TOLD: Final = "the port promises that append returns the numbers of the entries, in their order"
_BEGINS: Final = "the port promises DuplicateKeyError where a stream that begins has an entry already"
_KEY: Final = "the port promises that an entry's key is its stream and the number in it"
_ORDER: Final = "the port promises that entries are ordered by the index, then by stream and number"
_REDACTED: Final = "the port promises that one stream is redacted and no other"
_BY_NUMBER: Final = ("case_id", SEQUENCE)
_STREAMS: Final[dict[FieldKind, tuple[Scalar, ...]]] = {
    FieldKind.TEXT: ("a", "A", "a ", "a\x00", "", "\u00e9", "e\u0301", "😀"),
    FieldKind.INTEGER: (0, 1, -1, 2**63 - 1, -(2**63)),
    FieldKind.BOOLEAN: (False, True),
    FieldKind.DATE: (date(1, 1, 1), date(2026, 2, 1), date(9999, 12, 31)),
    FieldKind.INSTANT: (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)),
    FieldKind.BYTES: (b"", b"\x00", b"a", b"\xff"),
}


def _postings_declared(name: str, **other: Any) -> Collection:
    fields = (
        Field("case_id", FieldKind.TEXT),
        Field("kind", FieldKind.TEXT),
        Field("receipt_id", FieldKind.TEXT, optional=True),
        Field("note", FieldKind.TEXT, optional=True),
    )
    declared = {"unique": (("receipt_id",),), "indexes": (("kind",), ("note",)), "stream": "case_id", **other}
    return Collection(name, fields, log=True, **declared)


def _posting(case_id: str, kind: str = "debt", **other: Scalar) -> dict[str, Scalar]:
    return {"case_id": case_id, "kind": kind, "receipt_id": None, "note": None, **other}


def _places(rows: list[Row]) -> list[tuple[Scalar, ...]]:
    return [(row["case_id"], row[SEQUENCE]) for row in rows]


def _posted(shelf: Shelf, postings: Collection) -> list[tuple[Scalar, ...]]:
    """Stream, number and note of every entry."""
    with shelf.storage.transaction(writes=False) as transaction:
        rows = transaction.find(postings, _BY_NUMBER)
    return [(row["case_id"], row[SEQUENCE], row["note"]) for row in rows]


def _append(
    shelf: Shelf, postings: Collection, *cases: str, begins: bool = False, **other: str | None
) -> list[int]:
    rows = [{**_posting(case), **other} for case in cases]
    return shelf.write(lambda work: work.append(postings, rows, begins=begins))


class _OfStreams(OnAShelf):
    @pytest.fixture
    def postings(self, shelf: Shelf) -> Collection:
        """A log whose entries are numbered within each case."""
        postings = _postings_declared(fresh("postings"))
        shelf.storage.prepare([postings])
        return postings


class Streams(_OfStreams):
    """How the entries of streams are numbered."""

    def test_each_stream_is_numbered_from_1(self, shelf: Shelf, postings: Collection) -> None:
        """Across calls and transactions, whatever the others do."""
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.append(postings, [_posting("c1"), _posting("c1")]) == [1, 2], _NUMBERS
            assert transaction.append(postings, [_posting("c2")]) == [1], _NUMBERS
            assert transaction.append(postings, [_posting("c1")]) == [3], _NUMBERS
        assert _append(shelf, postings, "c2") == [2], _NUMBERS
        assert _append(shelf, postings, "c3") == [1], _NUMBERS
        expected = [("c1", 1), ("c1", 2), ("c1", 3), ("c2", 1), ("c2", 2), ("c3", 1)]
        assert [place[:2] for place in _posted(shelf, postings)] == expected, _NUMBERS

    def test_numbers_come_in_the_order_of_the_rows(self, shelf: Shelf, postings: Collection) -> None:
        """Rows of several streams may come in any order."""
        _append(shelf, postings, "c2", "c2")
        rows = [_posting(case, note=f"{place}") for place, case in enumerate(("c2", "c1", "c2", "c3", "c1"))]
        assert shelf.write(lambda work: work.append(postings, rows)) == [3, 1, 4, 1, 2], _TOLD
        expected = [
            *(("c1", 1, "1"), ("c1", 2, "4"), ("c2", 1, None), ("c2", 2, None)),
            *(("c2", 3, "0"), ("c2", 4, "2"), ("c3", 1, "3")),
        ]
        assert _posted(shelf, postings) == expected, _TOLD

    @pytest.mark.parametrize("begins", [False, True])
    def test_no_entries_have_no_numbers(self, shelf: Shelf, postings: Collection, begins: bool) -> None:
        """And no stream begins with them."""
        with allowed(_TOLD):
            assert _append(shelf, postings, begins=begins) == [], _TOLD

    def test_a_rollback_leaves_no_gap_in_a_stream(self, shelf: Shelf, postings: Collection) -> None:
        """Neither in one that was there nor in one that would have begun."""
        _append(shelf, postings, "c1")
        with (
            refused(DuplicateKeyError, "the port promises DuplicateKeyError for a taken key"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.append(postings, [_posting("c1"), _posting("c2"), _posting("c2")])
            transaction.insert(shelf.people, [person("x"), person("x")])
        assert _append(shelf, postings, "c1", "c2") == [2, 1], _NUMBERS

    def test_a_stream_that_begins_starts_at_1(self, shelf: Shelf, postings: Collection) -> None:
        """Several streams may begin in one call, each with several entries, and then go on."""
        assert _append(shelf, postings, "c1", "c2", "c1", begins=True) == [1, 1, 2], _NUMBERS
        assert _append(shelf, postings, "c1", "c2") == [3, 2], _NUMBERS

    @pytest.mark.parametrize("beginning", [["c1"], ["new", "c1"], ["c1", "new", "c1"]], ids="+".join)
    def test_a_stream_begins_once(self, shelf: Shelf, postings: Collection, beginning: list[str]) -> None:
        """One that has an entry is refused, and nothing is saved of those that have none."""
        _append(shelf, postings, "c1", "c1")
        with refused(DuplicateKeyError, _BEGINS) as refusal:
            _append(shelf, postings, *beginning, begins=True)
        assert refusal.error.collection == postings.name, (
            "the port promises that the error names the collection"
        )
        assert refusal.error.key_fields == _BY_NUMBER, (
            "the port promises that the error names stream and number, the key's fields"
        )
        assert _posted(shelf, postings) == [("c1", 1, None), ("c1", 2, None)], (
            "the port promises that nothing is saved"
        )

    def test_a_stream_begins_once_in_a_transaction(self, shelf: Shelf, postings: Collection) -> None:
        """Own entries count."""
        with refused(DuplicateKeyError, _BEGINS), shelf.storage.transaction(writes=True) as transaction:
            transaction.append(postings, [_posting("c1")])
            transaction.append(postings, [_posting("c1")], begins=True)
        assert _posted(shelf, postings) == [], "the port promises that nothing is saved"

    def test_a_beginning_that_was_rolled_back_did_not_happen(
        self, shelf: Shelf, postings: Collection
    ) -> None:
        """The stream can begin again."""
        with (
            refused(DuplicateKeyError, "the port promises DuplicateKeyError for a taken key"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.append(postings, [_posting("c1")], begins=True)
            transaction.insert(shelf.people, [person("x"), person("x")])
        with allowed("the port promises that what was rolled back did not begin"):
            assert _append(shelf, postings, "c1", begins=True) == [1], _NUMBERS

    def test_a_unique_key_holds_across_streams(self, shelf: Shelf, postings: Collection) -> None:
        """A stream is no collection of its own."""
        _append(shelf, postings, "c1", receipt_id="r1")
        promise = "the port promises that a unique key is never taken twice, in whichever streams"
        with refused(DuplicateKeyError, promise) as refusal:
            _append(shelf, postings, "c2", receipt_id="r1")
        assert refusal.error.key_fields == ("receipt_id",), (
            "the port promises that the error names the key's fields"
        )

    @pytest.mark.parametrize("kind", list(FieldKind), ids=lambda kind: kind.value)
    def test_a_stream_is_a_value_of_any_kind(self, shelf: Shelf, kind: FieldKind) -> None:
        """And no two values are one stream."""
        log = Collection(fresh("streams"), (Field("stream", kind),), log=True, stream="stream")
        shelf.storage.prepare([log])
        rows = [{"stream": stream} for stream in _STREAMS[kind]]
        with shelf.storage.transaction(writes=True) as transaction:
            numbers = transaction.append(log, [*rows, *rows])
            second = [transaction.get(log, (stream, 2)) for stream in _STREAMS[kind]]
        assert numbers == [1] * len(rows) + [2] * len(rows), _NUMBERS
        assert second == [{**row, SEQUENCE: 2} for row in rows], _KEY

    @pytest.mark.parametrize("streams", [1, 2])
    def test_a_stream_has_no_gap_whoever_appends(
        self, shelf: Shelf, postings: Collection, streams: int
    ) -> None:
        """Threads on one stream and on several; each finds its entries at the numbers it was told."""

        def append(thread: int) -> list[tuple[Scalar, ...]]:
            case = f"c{thread % streams}"
            return [place for turn in range(5) for place in append_two(case, f"{thread}/{turn}")]

        def append_two(case: str, note: str) -> list[tuple[Scalar, ...]]:
            numbers = keep_trying(lambda: _append(shelf, postings, case, case, note=note))
            return [(case, number, note) for number in numbers]

        told = sorted(place for places in at_once(append, threads=4) for place in places)
        each = range(1, 40 // streams + 1)
        assert [place[:2] for place in told] == [
            (f"c{n}", number) for n in range(streams) for number in each
        ], f"{_NUMBERS}, whoever appends"
        assert _posted(shelf, postings) == told, _TOLD

    def test_one_of_many_begins_a_stream(self, shelf: Shelf, postings: Collection) -> None:
        """Whoever comes second is told so."""

        def begin(thread: int) -> bool:
            try:
                keep_trying(lambda: _append(shelf, postings, "c1", begins=True, note=f"{thread}"))
            except DuplicateKeyError:
                return False
            return True

        won = at_once(begin, threads=4)
        assert sum(won) == 1, f"{_BEGINS}, whatever runs beside it"
        assert _posted(shelf, postings) == [("c1", 1, f"{won.index(True)}")], _NUMBERS


class EntriesOfStreams(_OfStreams):
    """How the entries of streams are got, found and redacted."""

    def test_an_entry_is_got_by_its_stream_and_number(self, shelf: Shelf, postings: Collection) -> None:
        """Alone or with others."""
        _append(shelf, postings, "c1", "c2", "c1")
        with shelf.storage.transaction(writes=False) as transaction:
            one = transaction.get(postings, ("c1", 2))
            nothing = [transaction.get(postings, key) for key in (("c2", 2), ("c3", 1), ("c1", 0))]
            several = transaction.get_each(postings, [("c2", 1), ("c2", 2), ("c1", 2)])
        assert one == {**_posting("c1"), SEQUENCE: 2}, _KEY
        assert nothing == [None, None, None], _KEY
        assert several == [{**_posting("c2"), SEQUENCE: 1}, None, one], _KEY

    @pytest.mark.parametrize(
        "key",
        [1, "c1", ("c1",), ("c1", 1, 1), (1, "c1"), ("c1", "1"), ("c1", True), ("c1", None), (None, 1), ()],
    )
    def test_what_is_no_stream_with_a_number_is_no_key(
        self, shelf: Shelf, postings: Collection, key: Key
    ) -> None:
        """A number alone tells no entry."""
        _append(shelf, postings, "c1")
        promise = "the port promises InvalidInputError for a value that can't be a key of a log of streams"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get(postings, key)
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get_each(postings, [("c1", 1), key])

    def test_entries_are_ordered_by_stream_then_number(self, shelf: Shelf, postings: Collection) -> None:
        """Not by when they were appended; `descending` reverses all of it."""
        for case, kind in (("c2", "a"), ("c1", "b"), ("c1", "a"), ("c2", "a"), ("c1", "a"), ("c10", "a")):
            _append(shelf, postings, case, kind=kind)
        with shelf.storage.transaction(writes=False) as transaction:
            of_a = transaction.find(postings, ("kind",), ["a"])
            backwards = transaction.find(postings, ("kind",), descending=True)
        expected = [("c1", 2), ("c1", 3), ("c10", 1), ("c2", 1), ("c2", 2)]
        assert _places(of_a) == expected, _ORDER
        assert _places(backwards) == [("c1", 1), *expected[::-1]], f"{_ORDER}, reversed by descending"

    def test_a_stream_is_read_by_its_numbers(self, shelf: Shelf, postings: Collection) -> None:
        """From the beginning, from the end, up to a number, after one, and counted."""
        _append(shelf, postings, "c1", "c2", "c1", "c1", "c3")
        questions: dict[str, dict[str, Any]] = {
            "all": {},
            "last": {"descending": True, "limit": 1},
            "first two": {"at_most": 2},
            "after the first": {"after": {SEQUENCE: 1}},
        }
        with shelf.storage.transaction(writes=False) as transaction:
            numbers = {
                name: [row[SEQUENCE] for row in transaction.find(postings, _BY_NUMBER, ["c1"], **question)]
                for name, question in questions.items()
            }
            counted = [transaction.count(postings, _BY_NUMBER, ["c1"], at_most=up_to) for up_to in (2, None)]
        assert numbers == {"all": [1, 2, 3], "last": [3], "first two": [1, 2], "after the first": [2, 3]}, (
            _ORDER
        )
        assert counted == [2, 3], "the port promises that count is how many entries find would give"

    @pytest.mark.parametrize("index", [("kind",), _BY_NUMBER], ids="+".join)
    @pytest.mark.parametrize("descending", [False, True])
    def test_pages_over_streams_put_together_are_the_whole(
        self, shelf: Shelf, postings: Collection, index: tuple[str, ...], descending: bool
    ) -> None:
        """A page ends within a stream or between two; the next begins right after it."""
        for kind in "ab":
            _append(shelf, postings, *("c1", "c2", "c1", "c3", "c1"), kind=kind)
        paged: list[Row] = []
        with shelf.storage.transaction(writes=False) as transaction:
            whole = transaction.find(postings, index, descending=descending)
            while page := transaction.find(
                postings, index, descending=descending, after=paged[-1] if paged else None, limit=2
            ):
                paged += page
                assert len(paged) <= len(whole), (
                    "the port promises that a page begins after the last entry of the page before"
                )
        assert len(whole) == 10, _ORDER
        assert paged == whole, "the port promises that pages put together are the whole, in order"

    def test_a_reader_keeps_its_streams(self, shelf: Shelf, postings: Collection) -> None:
        """What others append meanwhile is not seen, in old streams or in new ones."""
        _append(shelf, postings, "c1")
        with shelf.storage.transaction(writes=False) as reading:
            before = _places(reading.find(postings, _BY_NUMBER))
            _append(shelf, postings, "c1", "c2")
            assert _places(reading.find(postings, _BY_NUMBER)) == before, (
                "the port promises a reading transaction one stable snapshot"
            )
            assert reading.get(postings, ("c1", 2)) is None, (
                "the port promises a reading transaction one stable snapshot"
            )
        assert before == [("c1", 1)], _NUMBERS

    def test_one_stream_is_redacted(self, shelf: Shelf, postings: Collection) -> None:
        """Up to its number; the others keep what they have."""
        _append(shelf, postings, "c1", "c2", "c1", "c1", note="n")

        def redact(stream: str, up_to: int) -> int:
            return shelf.write(lambda work: work.redact(postings, ["note"], up_to=up_to, stream=stream))

        counts = [redact("c1", 2), redact("c1", 2), redact("c1", 99), redact("c3", 9)]
        assert counts == [2, 0, 1, 0], "the port promises that redact tells how many entries lost something"
        assert _posted(shelf, postings) == [
            ("c1", 1, None),
            ("c1", 2, None),
            ("c1", 3, None),
            ("c2", 1, "n"),
        ], _REDACTED
        with shelf.storage.transaction(writes=False) as transaction:
            assert _places(transaction.find(postings, ("note",), ["n"])) == [("c2", 1)], _REDACTED

    def test_streams_are_redacted_one_by_one(self, shelf: Shelf, postings: Collection) -> None:
        """A number alone says nothing in a log of streams, and a stream nothing in a log without."""
        _append(shelf, postings, "c1", note="n")
        shelf.append("a")
        promise = (
            "the port promises InvariantError for a redaction without the stream, or with one of no streams"
        )
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.redact(postings, ["note"], up_to=1)
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.redact(shelf.events, ["details"], up_to=1, stream="c1")
        assert _posted(shelf, postings) == [("c1", 1, "n")], promise

    @pytest.mark.parametrize("stream", [1, True, b"c1"])
    def test_what_can_not_be_a_stream_is_not_redacted(
        self, shelf: Shelf, postings: Collection, stream: Scalar
    ) -> None:
        """A mistake is no stream without entries."""
        promise = "the port promises InvalidInputError for a stream of another type"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.redact(postings, ["note"], up_to=1, stream=stream)

    @pytest.mark.parametrize("stream", [None, "kind"])
    def test_a_log_of_other_streams_is_refused(
        self, shelf: Shelf, postings: Collection, stream: str | None
    ) -> None:
        """Its numbers would mean something else."""
        promise = "the port promises ConfigurationError, naming the stream, for a log of other streams"
        with refused(ConfigurationError, promise) as refusal:
            shelf.storage.prepare([_postings_declared(postings.name, stream=stream)])
        assert f"{postings.name}: stream" in str(refusal.error), promise

    def test_streams_go_on_after_reopening(
        self, shelf: Shelf, postings: Collection, open_again: Callable[[], Shelf]
    ) -> None:
        """What a log's streams are is kept with its entries."""
        _append(shelf, postings, "c1", "c2", "c1")
        shelf.storage.close()
        again = open_again()
        again.storage.prepare([postings])
        assert _append(again, postings, "c1", "c2", "c3") == [3, 2, 1], _NUMBERS
        promise = "the port promises ConfigurationError, naming the stream, for a log of other streams"
        with refused(ConfigurationError, promise) as refusal:
            again.storage.prepare([_postings_declared(postings.name, stream=None)])
        assert f"{postings.name}: stream" in str(refusal.error), promise
