"""ChannelConformance: the tests every notification channel passes.

A channel's whole test file:

    from dcss_core.testing import Arrived, ChannelConformance

    class TestMyChannel(ChannelConformance):
        @pytest.fixture
        def channel(self, far_side):
            return MyChannel(far_side.url)

        @pytest.fixture
        def delivered(self, far_side):
            return lambda: [Arrived(each.id, each.to, each.text) for each in far_side.inbox]

A channel over a network shows besides that it ends in time, whatever the far side does:

        def channel_to(self, port):
            return MyChannel(f"mine://127.0.0.1:{port}?timeout_seconds=1")

Decides what a channel owes the outbox: the same id at every attempt, the text unchanged, a value for
every failure, in time, and no secret in a reason, a repr or a log.
"""

import logging
from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.ports.channel import Channel, Delivered, DeliveryFailed, Message
from dcss_core.testing.scripted.dripping_server import DrippingServer


@attrs.frozen
class Arrived:
    """What the far side got: the idempotency id as it sees it, the address and the text."""

    idempotency_id: str
    address: str
    body: str


Inbox: TypeAlias = Callable[[], Sequence[Arrived]]

_WORDS_OF_THE_TEXT = "walrus-in-the-text"


class ChannelConformance:
    """Subclass it and override the fixtures `channel` and `delivered`, and the addresses if need be."""

    good_address: ClassVar[str] = "parent@example.org"
    impossible_address: ClassVar[str | None] = "walrus-at-no-address"
    """An address that can never be reached; None for a channel that takes any text."""
    far_side_loggers: ClassVar[tuple[str, ...]] = ()
    """Loggers of a far side that runs in the same process; what they write is not the channel's."""

    longest_delivery_seconds: ClassVar[int] = 60
    """How long a delivery may take at most; a dispatcher has two minutes for all channels of a message."""

    def channel_to(self, port: int) -> Channel | None:
        """A channel whose far side is a port of this machine, as impatient as it can be.

        None for a channel that speaks with nobody.
        """
        return None

    @pytest.fixture
    def channel(self) -> Channel:
        """A channel whose far side is up and accepts `good_address`."""
        raise NotImplementedError("override the fixture `channel`: a channel whose far side is up")

    @pytest.fixture
    def delivered(self) -> Inbox:
        """A function that gives all that arrived at the far side, in order."""
        raise NotImplementedError("override the fixture `delivered`: a function that gives all that arrived")

    def message(
        self,
        message_id: str = "notice-1",
        *,
        address: str | None = None,
        subject: str = "A notice is waiting",
        body: str = f"Please sign in to read it. {_WORDS_OF_THE_TEXT}",
    ) -> Message:
        """A message to the good address, unless told otherwise."""
        return Message(message_id, Secret(address or self.good_address), subject, Secret(body))

    def test_a_message_arrives_once_at_its_address(self, channel: Channel, delivered: Inbox) -> None:
        """One delivery is one message at the far side."""
        assert isinstance(channel.deliver(self.message()), Delivered)
        (arrived,) = delivered()
        assert arrived.address == self.good_address
        assert _WORDS_OF_THE_TEXT in arrived.body

    def test_every_attempt_bears_the_same_id(self, channel: Channel, delivered: Inbox) -> None:
        """The outbox may try again after a success it did not hear of; the far side must be able to tell.

        It may then keep one of the two, as a folder does where the id names the file.
        """
        for _attempt in range(2):
            assert isinstance(channel.deliver(self.message("notice-1")), Delivered)
        ids = [arrived.idempotency_id for arrived in delivered()]
        assert len(ids) in (1, 2)
        assert ids[0]
        assert ids[0] == ids[-1]

    def test_ids_of_different_messages_differ_whatever_they_hold(
        self, channel: Channel, delivered: Inbox
    ) -> None:
        """An id is any text; two of them never become one."""
        awkward = [
            "notice-1",
            "notice-2",
            "notice 1",
            "notice-1\r\nX: y",
            "nötice-1",
            "n" * 300,
            "n" * 301,
            "<@>",
        ]
        for message_id in awkward:
            assert isinstance(channel.deliver(self.message(message_id)), Delivered), message_id
        assert len({arrived.idempotency_id for arrived in delivered()}) == len(awkward)

    @pytest.mark.parametrize(
        "body",
        [
            "Señora Peña: ¿recibió el aviso? – 通知 😀 Å…",
            "a long line " * 200,
            ".\r\n..\r\n.a leading dot\r\n",
            "one\n\ntwo\n",
            "From the agency\nSubject: not a header",
            " spaces before and after ",
        ],
        ids=[
            "letters of the world",
            "a long line",
            "leading dots",
            "an empty line",
            "header look-alikes",
            "spaces",
        ],
    )
    def test_a_text_arrives_as_it_was_written(self, channel: Channel, delivered: Inbox, body: str) -> None:
        """No letter, line or dot is lost or added on the way."""
        assert isinstance(channel.deliver(self.message(body=body)), Delivered)
        (arrived,) = delivered()
        assert arrived.body.splitlines() == body.splitlines()

    def test_an_impossible_address_is_a_failure_that_trying_again_can_not_mend(
        self, channel: Channel, delivered: Inbox
    ) -> None:
        """Such a message goes to the dead letters at once, and its reason may be logged."""
        if self.impossible_address is None:
            pytest.skip("this channel takes any text for an address")
        delivery = channel.deliver(self.message(address=self.impossible_address))
        assert isinstance(delivery, DeliveryFailed)
        assert delivery.reason
        assert not delivery.retryable
        assert self.impossible_address not in f"{delivery!r} {delivery}"
        assert _WORDS_OF_THE_TEXT not in f"{delivery!r} {delivery}"
        assert not delivered()

    @pytest.mark.parametrize(
        "tail", ["\r\nBcc: thief@example.net", "\n", "\r\n\r\nhello", ",thief@example.net", "\0"]
    )
    def test_an_address_never_reaches_anybody_else(
        self, channel: Channel, delivered: Inbox, tail: str
    ) -> None:
        """An address is one address, whatever was typed after it."""
        channel.deliver(self.message(address=self.good_address + tail))
        assert all(
            arrived.address in (self.good_address, self.good_address + tail) for arrived in delivered()
        )

    @pytest.mark.parametrize(
        "subject", ["one\r\nBcc: thief@example.net", "one\n", "\r", "a\x00b", "a\u2028b", "\ud800"]
    )
    def test_a_hostile_subject_is_answered_with_a_value_and_reaches_nobody_else(
        self, channel: Channel, delivered: Inbox, subject: str
    ) -> None:
        """A line break in a subject is no header, and no exception."""
        assert isinstance(channel.deliver(self.message(subject=subject)), Delivered | DeliveryFailed)
        assert all(arrived.address == self.good_address for arrived in delivered())

    def test_a_text_that_is_not_unicode_is_answered_with_a_value(self, channel: Channel) -> None:
        """Half a character in a text is no exception, and the text is not shown."""
        delivery = channel.deliver(self.message(body=f"{_WORDS_OF_THE_TEXT} \ud800"))
        assert isinstance(delivery, Delivered | DeliveryFailed)
        assert _WORDS_OF_THE_TEXT not in f"{delivery!r}"

    def test_a_failure_does_not_stop_the_next_message(self, channel: Channel, delivered: Inbox) -> None:
        """Messages have nothing to do with each other."""
        channel.deliver(self.message("notice-1", body="\ud800", address=self.impossible_address))
        assert isinstance(channel.deliver(self.message("notice-2")), Delivered)
        assert _WORDS_OF_THE_TEXT in delivered()[-1].body

    def test_a_far_side_that_says_a_byte_again_and_again_is_given_up(self) -> None:
        """A deadline holds for a whole delivery, or one far side holds up everybody's letters."""
        with DrippingServer() as far_side:
            channel = self.channel_to(far_side.port)
            if channel is None:
                pytest.skip("this channel speaks with nobody")
            delivery = far_side.answered(
                lambda: channel.deliver(self.message()), within_seconds=self.longest_delivery_seconds
            )
            channel.close()
        assert isinstance(delivery, DeliveryFailed)
        assert delivery.retryable

    def test_neither_address_nor_text_shows_in_a_repr_a_receipt_or_a_log(
        self, channel: Channel, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What operators see holds nothing of the person."""
        with caplog.at_level(logging.DEBUG):
            delivery = channel.deliver(self.message())
        logged = [
            record.getMessage() for record in caplog.records if record.name not in self.far_side_loggers
        ]
        shown = f"{channel!r} {channel} {delivery!r} {logged}"
        assert self.good_address not in shown
        assert _WORDS_OF_THE_TEXT not in shown

    def test_closing_twice_does_nothing(self, channel: Channel) -> None:
        """An agency that is closed twice closes its channels twice."""
        channel.deliver(self.message())
        channel.close()
        channel.close()
