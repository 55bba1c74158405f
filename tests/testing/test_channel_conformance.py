"""The channel kit passes a sound channel and fails every broken one."""

import hashlib
import logging
import re

import attrs
import pytest

from dcss_core.ports.channel import Delivered, DeliveryFailed, Message
from dcss_core.testing.kits.channel_conformance import Arrived, ChannelConformance

_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+", re.ASCII)


@attrs.define
class DeskDrawer:
    """A sound channel: messages lie in a drawer."""

    drawer: list[Arrived] = attrs.field(factory=list, repr=False)

    def deliver(self, message: Message) -> Delivered | DeliveryFailed:
        if not _ADDRESS.fullmatch(message.address.reveal()):
            return DeliveryFailed("no such address", retryable=False)
        self.drawer.append(Arrived(self.id_of(message), message.address.reveal(), self.text_of(message)))
        return Delivered()

    def id_of(self, message: Message) -> str:
        return hashlib.sha256(message.message_id.encode()).hexdigest()

    def text_of(self, message: Message) -> str:
        return message.body.reveal()

    def close(self) -> None:
        self.drawer = []


class TestASoundChannel(ChannelConformance):
    @pytest.fixture
    def channel(self):
        return DeskDrawer()

    @pytest.fixture
    def delivered(self, channel):
        return lambda: channel.drawer


class TestAChannelThatTakesAnyAddress(TestASoundChannel):
    impossible_address = None


class KeepsOneOfTwo(DeskDrawer):
    """A far side that knows an id again."""

    def deliver(self, message):
        self.drawer = [each for each in self.drawer if each.idempotency_id != self.id_of(message)]
        return super().deliver(message)


class TestAChannelWhoseFarSideKeepsOneOfTwo(TestASoundChannel):
    @pytest.fixture
    def channel(self):
        return KeepsOneOfTwo()


class NewIdAtEveryAttempt(DeskDrawer):
    def id_of(self, message):
        return f"{message.message_id}-{len(self.drawer)}"


class NoId(DeskDrawer):
    def id_of(self, message):
        return ""


class ShortId(DeskDrawer):
    def id_of(self, message):
        return re.sub(r"\W+", "-", message.message_id)[:30]


class AsciiOnly(DeskDrawer):
    def text_of(self, message):
        return message.body.reveal().encode("ascii", "replace").decode()


class CutsLongLines(DeskDrawer):
    def text_of(self, message):
        return message.body.reveal()[:998]


class EatsDots(DeskDrawer):
    def text_of(self, message):
        return re.sub(r"(?m)^\.", "", message.body.reveal())


class Twice(DeskDrawer):
    def deliver(self, message):
        super().deliver(message)
        return super().deliver(message)


class LosesEverything(DeskDrawer):
    def deliver(self, message):
        return Delivered()


class Raises(DeskDrawer):
    def deliver(self, message):
        delivery = super().deliver(message)
        if isinstance(delivery, DeliveryFailed):
            raise ConnectionError
        return delivery


class StrictAboutText(DeskDrawer):
    def deliver(self, message):
        message.body.reveal().encode()
        message.subject.encode()
        return super().deliver(message)


class SendsToAllInTheLine(DeskDrawer):
    def deliver(self, message):
        for address in _ADDRESS.findall(message.address.reveal()):
            self.drawer.append(Arrived(self.id_of(message), address, self.text_of(message)))
        return Delivered() if self.drawer else DeliveryFailed("no such address", retryable=False)


class HeadersFromSubjects(DeskDrawer):
    def deliver(self, message):
        for address in _ADDRESS.findall(message.subject):
            self.drawer.append(Arrived(self.id_of(message), address, self.text_of(message)))
        return super().deliver(message)


class RepeatsTheAddress(DeskDrawer):
    def deliver(self, message):
        delivery = super().deliver(message)
        if isinstance(delivery, DeliveryFailed):
            return DeliveryFailed(f"no such address: {message.address.reveal()}", retryable=False)
        return Delivered(receipt=f"handed to {message.address.reveal()}")


class TriesForEver(DeskDrawer):
    def deliver(self, message):
        delivery = super().deliver(message)
        return (
            delivery if isinstance(delivery, Delivered) else DeliveryFailed("no such address", retryable=True)
        )


class Chatty(DeskDrawer):
    def deliver(self, message):
        logging.getLogger("chatty").debug("sending %s", message.body.reveal())
        return super().deliver(message)


@attrs.define
class ShowsItsDrawer(DeskDrawer):
    drawer: list[Arrived] = attrs.field(factory=list, repr=True)


class GivesUpAfterAFailure(DeskDrawer):
    failed = False

    def deliver(self, message):
        delivery = DeliveryFailed("gave up", retryable=False) if self.failed else super().deliver(message)
        self.failed = isinstance(delivery, DeliveryFailed)
        return delivery


class ClosesOnce(DeskDrawer):
    closed = False

    def close(self):
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


@pytest.mark.parametrize(
    ("broken", "test", "arguments"),
    [
        (NewIdAtEveryAttempt, "test_every_attempt_bears_the_same_id", {}),
        (NoId, "test_every_attempt_bears_the_same_id", {}),
        (LosesEverything, "test_every_attempt_bears_the_same_id", {}),
        (ShortId, "test_ids_of_different_messages_differ_whatever_they_hold", {}),
        (AsciiOnly, "test_a_text_arrives_as_it_was_written", {"body": "Peña"}),
        (CutsLongLines, "test_a_text_arrives_as_it_was_written", {"body": "a long line " * 200}),
        (EatsDots, "test_a_text_arrives_as_it_was_written", {"body": ".\n.."}),
        (Twice, "test_a_message_arrives_once_at_its_address", {}),
        (LosesEverything, "test_a_message_arrives_once_at_its_address", {}),
        (Raises, "test_an_impossible_address_is_a_failure_that_trying_again_can_not_mend", {}),
        (RepeatsTheAddress, "test_an_impossible_address_is_a_failure_that_trying_again_can_not_mend", {}),
        (TriesForEver, "test_an_impossible_address_is_a_failure_that_trying_again_can_not_mend", {}),
        (
            SendsToAllInTheLine,
            "test_an_address_never_reaches_anybody_else",
            {"tail": "\nBcc: thief@example.net"},
        ),
        (
            HeadersFromSubjects,
            "test_a_hostile_subject_is_answered_with_a_value_and_reaches_nobody_else",
            {"subject": "one\r\nBcc: thief@example.net"},
        ),
        (
            StrictAboutText,
            "test_a_hostile_subject_is_answered_with_a_value_and_reaches_nobody_else",
            {"subject": "\ud800"},
        ),
        (StrictAboutText, "test_a_text_that_is_not_unicode_is_answered_with_a_value", {}),
        (GivesUpAfterAFailure, "test_a_failure_does_not_stop_the_next_message", {}),
        (RepeatsTheAddress, "test_neither_address_nor_text_shows_in_a_repr_a_receipt_or_a_log", {}),
        (ShowsItsDrawer, "test_neither_address_nor_text_shows_in_a_repr_a_receipt_or_a_log", {}),
        (Chatty, "test_neither_address_nor_text_shows_in_a_repr_a_receipt_or_a_log", {}),
        (ClosesOnce, "test_closing_twice_does_nothing", {}),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, arguments, caplog):
    channel = broken()
    given = {"channel": channel, "delivered": lambda: channel.drawer, "caplog": caplog, **arguments}
    check = getattr(ChannelConformance(), test)
    wanted = check.__code__.co_varnames[1 : check.__code__.co_argcount]
    with pytest.raises((AssertionError, ConnectionError, UnicodeError, RuntimeError, ValueError)):
        check(**{name: given[name] for name in wanted})


@pytest.mark.parametrize("fixture", ["channel", "delivered"])
def test_a_fixture_that_was_not_overridden_says_what_to_do(fixture):
    with pytest.raises(NotImplementedError, match=f"override the fixture `{fixture}`"):
        getattr(ChannelConformance, fixture).__wrapped__(ChannelConformance())
