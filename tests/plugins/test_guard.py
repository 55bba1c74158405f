"""What a plugin may do to the core through its ports: nothing that does not name it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError, PluginError
from dcss_core.plugins import (
    AuditCheckpointSink,
    BreachCheck,
    BreachCheckUnavailable,
    Channel,
    CheckpointSink,
    Delivered,
    DeliveryFailed,
    EventSubscriber,
    Message,
    NotificationChannel,
    PasswordBreachCheck,
    RecordedEvent,
    SeenInBreaches,
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
        "0a-1",
    )


def leave_alone(given: object) -> None:
    return None


class Port:
    """Every port at once: it does what the test says with what it is given."""

    def __init__(self, do: Callable[[object], object], at_close: Callable[[object], object]) -> None:
        self.deliver = self.receive = self.look_up = self.publish = do
        self.published = lambda: do(self)
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

    @hookimpl
    def dcss_breach_checks(self):
        yield PasswordBreachCheck("one", "One", lambda url: self.port)

    @hookimpl
    def dcss_checkpoint_sinks(self):
        yield AuditCheckpointSink("one", "One", lambda url: self.port)


NAME = f"in-process:{Plugin.__module__}.Plugin"


def channel(do=leave_alone, at_close=leave_alone) -> Channel:
    return load_plugins(extra=[Plugin(Port(do, at_close))], entry_points=[]).channel("one:")


def subscriber(do=leave_alone, at_close=leave_alone) -> Subscriber:
    return load_plugins(extra=[Plugin(Port(do, at_close))], entry_points=[]).subscriber("one:")


def breach_check(do=leave_alone, at_close=leave_alone) -> BreachCheck:
    return load_plugins(extra=[Plugin(Port(do, at_close))], entry_points=[]).breach_check("one:")


def checkpoint_sink(do=leave_alone, at_close=leave_alone) -> CheckpointSink:
    return load_plugins(extra=[Plugin(Port(do, at_close))], entry_points=[]).checkpoint_sink("one:")


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
        (lambda: breach_check(fail).look_up(Secret("letmein")), r"its breach check's look_up\(\)"),
        (lambda: breach_check(at_close=fail).close(), r"its breach check's close\(\)"),
        (lambda: checkpoint_sink(fail).publish("note"), r"its checkpoint sink's publish\(\)"),
        (lambda: checkpoint_sink(fail).published(), r"its checkpoint sink's published\(\)"),
        (lambda: checkpoint_sink(at_close=fail).close(), r"its checkpoint sink's close\(\)"),
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
    breach_check(at_close=closed.append).close()
    checkpoint_sink(at_close=closed.append).close()

    assert len(closed) == 4


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


@pytest.mark.parametrize(
    "answer",
    [SeenInBreaches(0), SeenInBreaches(3), BreachCheckUnavailable("timed_out")],
)
def test_the_answer_of_a_breach_check_is_handed_on(answer):
    assert breach_check(lambda password: answer).look_up(Secret("letmein")) is answer


@pytest.mark.parametrize(
    "answer",
    [
        None,
        0,
        "letmein",
        SeenInBreaches(-1),
        SeenInBreaches(True),
        SeenInBreaches(1.0),
        SeenInBreaches("letmein"),
        BreachCheckUnavailable(""),
        BreachCheckUnavailable(None),
        BreachCheckUnavailable("timed_out\n"),
        BreachCheckUnavailable("no answer for letmein"),
        BreachCheckUnavailable("b7a875fc1ea228b9061041b7cec4bd3c52ab3ce3"),  # SHA-1 of letmein
        BreachCheckUnavailable("a" * 41),
    ],
    ids=repr,
)
def test_a_breach_check_that_answers_something_else_is_named_and_its_answer_not_shown(answer):
    with pytest.raises(PluginError, match=r"look_up\(\) broke the contract") as caught:
        breach_check(lambda password: answer).look_up(Secret("letmein"))

    assert caught.value.distribution == NAME
    assert len(caught.value.faults) == 1
    assert "letmein" not in str(caught.value)
    assert "b7a875fc" not in str(caught.value)


def test_a_breach_check_is_given_the_password_as_a_secret():
    def look_up(password: object) -> SeenInBreaches:
        assert password == Secret("letmein")
        return SeenInBreaches(1)

    assert breach_check(look_up).look_up(Secret("letmein")) == SeenInBreaches(1)


def test_a_checkpoint_reaches_the_sink_as_it_was_given():
    kept: list[object] = []

    checkpoint_sink(kept.append).publish("log.example\n1\nAA==\n")

    assert kept == ["log.example\n1\nAA==\n"]


def test_a_sink_may_say_that_a_checkpoint_was_not_kept():
    def full(checkpoint: object) -> None:
        raise BackendError("no space", retryable=True)

    with pytest.raises(BackendError, match="no space"):
        checkpoint_sink(full).publish("note")


@pytest.mark.parametrize("published", [[], ["one"], ("one", "two")])
def test_the_checkpoints_of_a_sink_are_handed_on_as_a_copy(published):
    assert checkpoint_sink(lambda sink: published).published() == tuple(published)


@pytest.mark.parametrize("published", [None, "one", b"one", {"one"}, ["one", None], [b"one"]], ids=repr)
def test_a_sink_that_answers_something_else_is_named(published):
    with pytest.raises(PluginError, match="expected a list or tuple of texts") as caught:
        checkpoint_sink(lambda sink: published).published()

    assert caught.value.distribution == NAME
