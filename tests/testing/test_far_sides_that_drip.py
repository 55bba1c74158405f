"""The kits find a plugin that waits for ever for a far side that drips, and pass one that does not."""

import socket

import pytest

from dcss_core.errors import BackendError
from dcss_core.plugins import BreachCheckUnavailable, DeliveryFailed
from dcss_core.testing import (
    BreachCheckConformance,
    ChannelConformance,
    DrippingServer,
    SubscriberConformance,
)

ITS_TEST = "test_a_far_side_that_says_a_byte_again_and_again_is_given_up"


class Impatient:
    """Reads a hundred bytes, and then it has had enough."""

    def __init__(self, port, most_bytes=100):
        self.port, self.most_bytes, self.heard = port, most_bytes, 0

    def deliver(self, _message):
        self.read()
        return DeliveryFailed("it drips", retryable=True)

    def look_up(self, _password):
        self.read()
        return BreachCheckUnavailable("timed_out")

    def receive(self, _event):
        self.read()
        raise BackendError("it drips", retryable=True)

    def read(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            while self.heard < self.most_bytes:  # each byte comes within the five seconds
                said = connection.recv(self.most_bytes - self.heard)
                if not said:
                    return
                self.heard += len(said)

    def close(self):
        pass


class Patient(Impatient):
    """Has a limit for each step, and none for all of them."""

    def __init__(self, port):
        super().__init__(port, most_bytes=10**9)


def kit_of(kit, made):
    class Kit(kit):
        longest_delivery_seconds = longest_look_up_seconds = longest_wait_seconds = (
            1 if made is Patient else 60
        )

        def channel_to(self, port):
            self.plugin = made(port)
            return self.plugin

        breach_check_to = subscriber_to = channel_to

    return Kit()


KITS = (ChannelConformance, BreachCheckConformance, SubscriberConformance)


@pytest.mark.parametrize("kit", KITS)
def test_a_plugin_with_a_deadline_passes(kit):
    its = kit_of(kit, Impatient)
    getattr(its, ITS_TEST)()
    assert its.plugin.heard == 100


@pytest.mark.parametrize("kit", KITS)
def test_a_plugin_with_a_limit_for_each_step_alone_fails(kit):
    with pytest.raises(AssertionError, match=r"still at it after 1 seconds, and \d+ drips"):
        getattr(kit_of(kit, Patient), ITS_TEST)()


@pytest.mark.parametrize("kit", KITS)
def test_a_plugin_that_speaks_with_nobody_is_left_out(kit):
    with pytest.raises(pytest.skip.Exception, match="nobody"):
        getattr(kit(), ITS_TEST)()


def test_what_a_call_raises_itself_is_raised_though_it_is_of_the_kind_of_a_wait_that_was_too_long():
    def call():
        raise TimeoutError("its own")

    with DrippingServer() as far_side, pytest.raises(TimeoutError, match="its own"):
        far_side.answered(call)
