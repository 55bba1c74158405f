"""CheckpointSinkConformance: the tests every checkpoint sink passes.

A checkpoint sink's whole test file:

    from dcss_core.testing import CheckpointSinkConformance

    class TestMySink(CheckpointSinkConformance):
        @pytest.fixture
        def reopen(self, place):
            return lambda: MySink(place)

Decides what a sink owes whoever verifies the log: every checkpoint letter for letter, in order, still there
when the process that wrote it is not. That nobody on the writer's machine can edit what it took, no test
that runs there can show.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TypeAlias

import pytest

from dcss_core.ports.checkpoint_sink import CheckpointSink

Reopen: TypeAlias = Callable[[], CheckpointSink]


def checkpoint(size: int, *, more: str = "") -> str:
    """A note in the form of a C2SP checkpoint; its signature is none, for a sink does not verify."""
    body = f"log.example.gov/dcss\n{size}\nqN9k8tWjVwS4F3o5VvxQH3k2yFZq3vEF0oJ9wq8a1bY=\n{more}"
    return f"{body}\n— log.example.gov/dcss c2lnbmF0dXJl\n"


class CheckpointSinkConformance:
    """Subclass it and override the fixture `reopen`."""

    @pytest.fixture
    def reopen(self) -> Reopen:
        """A function that opens a sink on one and the same place, which is empty at first."""
        raise NotImplementedError("override the fixture `reopen`: a function that opens a sink on one place")

    @pytest.fixture
    def sink(self, reopen: Reopen) -> Iterator[CheckpointSink]:
        """A sink that has taken nothing yet."""
        sink = reopen()
        yield sink
        sink.close()

    def test_at_first_nothing_is_published(self, sink: CheckpointSink) -> None:
        """An empty place is no failure."""
        assert list(sink.published()) == []

    def test_checkpoints_come_back_in_the_order_they_came(self, sink: CheckpointSink) -> None:
        """Whatever their text would sort like."""
        notes = [checkpoint(size) for size in (9, 10, 11, 100, 99)]
        for note in notes:
            sink.publish(note)
        assert list(sink.published()) == notes

    @pytest.mark.parametrize(
        "more",
        [
            "an extension line\n",
            "\n\nlines of nothing\n\n",
            "— log.example.gov/other c2lnbmF0dXJl\n",
            'quotes " and \\ and %0A and {} and <&>\n',
            "letters of the world: Señora Peña 通知 😀 \u2028\u0085\n",
            " blanks before and after \n",
            "a long line " * 5_000 + "\n",
        ],
        ids=["extension", "empty lines", "a signature", "signs", "letters of the world", "blanks", "long"],
    )
    def test_a_checkpoint_comes_back_letter_for_letter(self, sink: CheckpointSink, more: str) -> None:
        """Its signature covers each of them, line ends included."""
        notes = [checkpoint(1, more=more), checkpoint(2), checkpoint(3, more=more)]
        for note in notes:
            sink.publish(note)
        assert list(sink.published()) == notes

    def test_the_same_checkpoint_again_adds_no_other(self, sink: CheckpointSink) -> None:
        """It comes again when the writer did not hear that it was kept; it may then stand there twice."""
        for size in (1, 1, 2, 2, 2):
            sink.publish(checkpoint(size))
        assert [note for note, _same in groupby(sink.published())] == [checkpoint(1), checkpoint(2)]

    def test_what_was_published_outlives_the_sink(self, reopen: Reopen) -> None:
        """And what comes after a start stands after it."""
        for size in (1, 2, 3):
            sink = reopen()
            sink.publish(checkpoint(size))
            sink.close()
        again = reopen()
        assert list(again.published()) == [checkpoint(1), checkpoint(2), checkpoint(3)]
        again.close()

    def test_two_sinks_on_one_place_lose_nothing_of_each_other(
        self, sink: CheckpointSink, reopen: Reopen
    ) -> None:
        """As two processes of a portal have it."""
        other = reopen()
        for size in range(1, 7):
            (sink, other)[size % 2].publish(checkpoint(size))
        assert list(sink.published()) == list(other.published()) == [checkpoint(size) for size in range(1, 7)]
        other.close()

    def test_what_is_handed_out_is_no_way_to_change_what_is_kept(self, sink: CheckpointSink) -> None:
        """A verifier may sort it or leave out what it has seen."""
        sink.publish(checkpoint(1))
        handed_out = sink.published()
        if isinstance(handed_out, list):
            handed_out.clear()
        assert list(sink.published()) == [checkpoint(1)]

    def test_closing_twice_does_nothing(self, sink: CheckpointSink) -> None:
        """An agency that is closed twice closes its sinks twice."""
        sink.publish(checkpoint(1))
        sink.close()
        sink.close()
