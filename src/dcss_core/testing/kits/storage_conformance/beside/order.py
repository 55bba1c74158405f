"""Order: how the entries of a stream stand that several append to at once."""

from typing import Final

import pytest

from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind
from dcss_core.testing.kits.storage_conformance.shelf import OnAShelf, Shelf, at_once, fresh, keep_trying

_TOGETHER: Final = "the port promises that what one call appends stands together"


class AppendOrder(OnAShelf):
    """The order of a stream follows from who appended when, and is one for everyone."""

    @pytest.fixture
    def jottings(self, shelf: Shelf) -> Collection:
        """A log of streams."""
        fields = (Field("case_id", FieldKind.TEXT), Field("note", FieldKind.TEXT))
        jottings = Collection(fresh("jottings"), fields, log=True, stream="case_id")
        shelf.storage.prepare([jottings])
        return jottings

    def test_what_is_appended_together_stands_together_whoever_appends(
        self, shelf: Shelf, jottings: Collection
    ) -> None:
        """In the order of the call, without a gap; a later call has later numbers."""

        def append(thread: int) -> list[list[int]]:
            return [append_three(f"{thread}/{turn}") for turn in range(3)]

        def append_three(note: str) -> list[int]:
            rows = [{"case_id": "c1", "note": f"{note}/{place}"} for place in range(3)]
            return keep_trying(lambda: shelf.write(lambda transaction: transaction.append(jottings, rows)))

        told = at_once(append, threads=4)
        with shelf.storage.transaction(writes=False) as transaction:
            forwards = transaction.find(jottings, ("case_id", SEQUENCE), ["c1"])
            backwards = transaction.find(jottings, ("case_id", SEQUENCE), ["c1"], descending=True)
        there = {row[SEQUENCE]: row["note"] for row in forwards}
        for thread, calls in enumerate(told):
            for turn, numbers in enumerate(calls):
                assert numbers == [*range(numbers[0], numbers[0] + 3)], f"{_TOGETHER}, without a gap"
                expected = [f"{thread}/{turn}/{place}" for place in range(3)]
                assert [there[number] for number in numbers] == expected, f"{_TOGETHER}, in its order"
            assert sorted(calls) == calls, "the port promises that a later append has later numbers"
        assert backwards == forwards[::-1], "the port promises that a stream has one order for everyone"
