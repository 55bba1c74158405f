"""SubscriberConformance: the tests every subscriber passes.

A subscriber's whole test file:

    from dcss_core.testing import SubscriberConformance

    class TestMySubscriber(SubscriberConformance):
        @pytest.fixture
        def subscriber(self, far_side):
            return MySubscriber(far_side.url)

        @pytest.fixture
        def received(self, far_side):
            return lambda: [RecordedEvent(each.number, …, each.id) for each in far_side.inbox]

        @pytest.fixture
        def unavailable(self, closed_port):
            return MySubscriber(f"mine://127.0.0.1:{closed_port}")

A subscriber over a network shows besides that it ends in time, whatever the far side does:

        def subscriber_to(self, port):
            return MySubscriber(f"mine://127.0.0.1:{port}?timeout_seconds=1")

Decides what a subscriber owes the audit log: every event whole, under its own number at every attempt, in the
order given; an error when it was not taken, never silence; and nothing of an event in an error, a repr or a
log.
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final, TypeAlias

import pytest

from dcss_core.base.events import Detail
from dcss_core.errors import BackendError
from dcss_core.ports.subscriber import RecordedEvent, Subscriber
from dcss_core.testing.scripted.dripping_server import DrippingServer

Received: TypeAlias = Callable[[], Sequence[RecordedEvent]]

_AT: Final = datetime(2026, 1, 31, 12, 30, 5, 250_000, tzinfo=UTC)
_WALRUS: Final = "walrus-of-the-event"
_TRACES: Final = (_WALRUS, "243.69")


class SubscriberConformance:
    """Subclass it and override the fixtures `subscriber`, `received` and `unavailable`."""

    far_side_loggers: ClassVar[tuple[str, ...]] = ()
    """Loggers of a far side that runs in the same process; what they write is not the subscriber's."""

    longest_wait_seconds: ClassVar[int] = 60
    """How long an event may take at most."""

    def subscriber_to(self, port: int) -> Subscriber | None:
        """A subscriber whose far side is a port of this machine, as impatient as it can be.

        None for a subscriber that speaks with nobody.
        """
        return None

    @pytest.fixture
    def subscriber(self) -> Subscriber:
        """A subscriber whose far side is up and takes every event."""
        raise NotImplementedError("override the fixture `subscriber`: one whose far side takes every event")

    @pytest.fixture
    def received(self) -> Received:
        """A function that gives the events that arrived at the far side, in order."""
        raise NotImplementedError("override the fixture `received`: a function that gives all that arrived")

    @pytest.fixture
    def unavailable(self) -> Subscriber:
        """A subscriber whose far side can't be reached."""
        raise NotImplementedError("override the fixture `unavailable`: one whose far side can't be reached")

    def event(
        self, sequence: int = 1, *, kind: str = "receipt_posted", details: Mapping[str, Detail] | None = None
    ) -> RecordedEvent:
        """An event as the audit log holds them."""
        said = {"amount": "243.69", "case": _WALRUS} if details is None else details
        return RecordedEvent(sequence, _AT, kind, f"case:{_WALRUS}", said, f"{sequence:048x}-1")

    @pytest.mark.parametrize(
        "details",
        [
            {},
            {"amount": "243.69", "count": 2, "reversed": False, "by": None},
            {"payees": ["person-1", None, 3, True, ["nested", []]]},
            {"text": "Señora Peña – 通知 😀 \u2028 \\ \" '"},
            {"number": 2**53 - 1, "below": -1, "empty": "", "none of them": []},
        ],
        ids=["none", "each sort", "lists", "letters of the world", "bounds"],
    )
    def test_an_event_arrives_whole(
        self, subscriber: Subscriber, received: Received, details: Mapping[str, Detail]
    ) -> None:
        """Number, id, instant, kind, subject and every detail, each of its own type."""
        event = self.event(4711, details=details)
        subscriber.receive(event)
        (arrived,) = received()
        assert (arrived.sequence, arrived.at) == (event.sequence, event.at)
        assert arrived.entry_id == event.entry_id
        assert (arrived.kind, arrived.subject) == (event.kind, event.subject)
        assert repr(sorted(arrived.details.items())) == repr(sorted(details.items()))  # True is not 1

    def test_events_arrive_in_the_order_they_were_given(
        self, subscriber: Subscriber, received: Received
    ) -> None:
        """Numbers may leave gaps, as an event that is none for subscribers does."""
        for sequence in (9, 10, 11, 100, 1_000_000):
            subscriber.receive(self.event(sequence))
        assert [each.sequence for each in received()] == [9, 10, 11, 100, 1_000_000]

    def test_an_event_has_arrived_when_receive_returns(
        self, subscriber: Subscriber, received: Received
    ) -> None:
        """The log's place moves on then, and the event does not come again."""
        for sequence in (1, 2, 3):
            subscriber.receive(self.event(sequence))
            assert received()[-1].sequence == sequence

    def test_every_attempt_bears_the_same_number(self, subscriber: Subscriber, received: Received) -> None:
        """An event may come again whose success was not heard of; the far side must be able to tell."""
        for _attempt in range(2):
            subscriber.receive(self.event(7))
        subscriber.receive(self.event(8))
        numbers = [each.sequence for each in received()]
        assert numbers in ([7, 7, 8], [7, 8])

    def test_events_that_differ_in_their_number_alone_are_different_events(
        self, subscriber: Subscriber, received: Received
    ) -> None:
        """The same may happen twice."""
        for sequence in (1, 2):
            subscriber.receive(self.event(sequence))
        assert len(received()) == 2

    def test_an_event_that_is_not_taken_raises(self, unavailable: Subscriber) -> None:
        """Silence would be taken for success, and the event would be lost."""
        for _attempt in range(2):
            with pytest.raises(BackendError) as caught:
                unavailable.receive(self.event())
            assert isinstance(caught.value.retryable, bool)
            assert str(caught.value)

    def test_a_far_side_that_says_a_byte_again_and_again_is_given_up(self) -> None:
        """A deadline holds for a whole event, or one far side holds up every event after it."""
        with DrippingServer() as far_side:
            subscriber = self.subscriber_to(far_side.port)
            if subscriber is None:
                pytest.skip("this subscriber speaks with nobody")
            with pytest.raises(BackendError) as caught:
                far_side.answered(
                    lambda: subscriber.receive(self.event()), within_seconds=self.longest_wait_seconds
                )
            subscriber.close()
        assert caught.value.retryable

    def test_nothing_of_an_event_shows_in_an_error_a_repr_or_a_log(
        self, subscriber: Subscriber, unavailable: Subscriber, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What operators see is about the far side, not about people's money."""
        with caplog.at_level(logging.DEBUG):
            subscriber.receive(self.event())
            with pytest.raises(BackendError) as caught:
                unavailable.receive(self.event())
        shown = [repr(subscriber), str(subscriber), repr(unavailable), *_told_by(caught.value)]
        shown += [each.getMessage() for each in caplog.records if each.name not in self.far_side_loggers]
        assert [trace for trace in _TRACES for text in shown if trace in text] == []

    def test_what_is_given_is_left_as_it_was(self, subscriber: Subscriber) -> None:
        """Other subscribers get the same event."""
        event = self.event(details={"payees": ["one", "two"], "amount": "1.00"})
        subscriber.receive(event)
        assert event == self.event(details={"payees": ["one", "two"], "amount": "1.00"})

    def test_closing_twice_does_nothing(self, subscriber: Subscriber, unavailable: Subscriber) -> None:
        """An agency that is closed twice closes its subscribers twice."""
        subscriber.receive(self.event())
        for each in (subscriber, unavailable):
            each.close()
            each.close()


def _told_by(error: BaseException) -> Iterator[str]:
    """What an error tells: its own text and that of every error shown with it."""
    yield repr(error)
    yield from traceback.TracebackException.from_exception(error).format_exception_only()
    for earlier in (error.__cause__, None if error.__suppress_context__ else error.__context__):
        if earlier is not None:
            yield from _told_by(earlier)
