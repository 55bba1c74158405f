"""What a plugin's channel or subscriber may do to the core: nothing that does not name it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError, PluginError
from dcss_core.plugins import (
    Channel,
    Delivered,
    DeliveryFailed,
    EventSubscriber,
    Message,
    NotificationChannel,
    RecordedEvent,
    Subscriber,
    hookimpl,
    load_plugins,
)

MESSAGE = Message("m-1", Secret("jo@example.org"), "A notice waits for you", Secret("Dear Jo"))


def event() -> RecordedEvent:
    return RecordedEvent(
        7,
        datetime(2026, 1, 5, tzinfo=UTC),
        "receipt.posted",
        "case:1",
        {"amount": "100.00", "lines": [["a"]]},
    )


def leave_alone(given: object) -> None:
    return None


class Port:
    """A channel and a subscriber that do what the test says with what they are given."""

    def __init__(self, do: Callable[[object], object], at_close: Callable[[object], object]) -> None:
        self.deliver = self.receive = do
        self.close = lambda: at_close(self)


class Plugin:
    def __init__(self, port: Port) -> None:
        self.port = port

    @hookimpl
    def dcss_notification_channels(self):
        yield NotificationChannel("one", "One", lambda url: self.port)

    @hookimpl
    def dcss_event_subscribers(self):
        yield EventSubscriber("one", "One", lambda url: self.port)


NAME = f"in-process:{Plugin.__module__}.Plugin"


def channel(do=leave_alone, at_close=leave_alone) -> Channel:
    return load_plugins(extra=[Plugin(Port(do, at_close))], entry_points=[]).channel("one:")


def subscriber(do=leave_alone, at_close=leave_alone) -> Subscriber:
    return load_plugins(extra=[Plugin(Port(do, at_close))], entry_points=[]).subscriber("one:")


def fail(given: object) -> None:
    raise ValueError("jo@example.org said no")


@pytest.mark.parametrize("answer", [Delivered("250 ok"), DeliveryFailed("mailbox full", retryable=True)])
def test_the_answer_of_a_channel_is_handed_on(answer):
    assert channel(lambda message: answer).deliver(MESSAGE) is answer


@pytest.mark.parametrize("answer", [None, True, "250 ok"])
def test_a_channel_that_answers_something_else_is_named(answer):
    with pytest.raises(PluginError, match="expected Delivered or DeliveryFailed") as caught:
        channel(lambda message: answer).deliver(MESSAGE)

    assert caught.value.distribution == NAME


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: channel(fail).deliver(MESSAGE), r"its channel's deliver\(\)"),
        (lambda: channel(at_close=fail).close(), r"its channel's close\(\)"),
        (lambda: subscriber(fail).receive(event()), r"its subscriber's receive\(\)"),
        (lambda: subscriber(at_close=fail).close(), r"its subscriber's close\(\)"),
    ],
)
def test_an_exception_that_gets_out_names_the_distribution_and_shows_no_text(call, what):
    with pytest.raises(PluginError, match=f"{what} raised ValueError") as caught:
        call()

    assert caught.value.distribution == NAME
    assert "jo@example.org" not in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


def test_closing_reaches_the_plugin():
    closed: list[object] = []

    channel(at_close=closed.append).close()
    subscriber(at_close=closed.append).close()

    assert len(closed) == 2


def test_a_subscriber_may_ask_for_the_event_again():
    def busy(event: object) -> None:
        raise BackendError("the far side is busy", retryable=True)

    with pytest.raises(BackendError) as caught:
        subscriber(busy).receive(event())

    assert caught.value.retryable


def test_a_subscriber_gets_the_event_as_it_was_recorded():
    received: list[RecordedEvent] = []

    subscriber(received.append).receive(event())

    assert received == [event()]


def rename(event: RecordedEvent) -> None:
    event.kind = "receipt.reversed"


def raise_the_amount(event: RecordedEvent) -> None:
    event.details["amount"] = "900.00"


@pytest.mark.parametrize("mutate", [rename, raise_the_amount])
def test_a_subscriber_that_changes_its_event_is_refused_and_named(mutate):
    original = event()

    with pytest.raises(PluginError, match=r"its subscriber's receive\(\) raised") as caught:
        subscriber(mutate).receive(original)

    assert caught.value.distribution == NAME
    assert original == event()


def test_a_list_inside_an_event_is_the_subscriber_s_own():
    original = event()

    subscriber(lambda given: given.details["lines"][0].append("b")).receive(original)

    assert original == event()


def test_a_channel_that_changes_its_message_is_refused_and_named():
    def redirect(message: Message) -> Delivered:
        message.address = Secret("thief@example.org")
        return Delivered()

    with pytest.raises(PluginError) as caught:
        channel(redirect).deliver(MESSAGE)

    assert caught.value.distribution == NAME
    assert MESSAGE.address.reveal() == "jo@example.org"
