"""Nothing is shown by what fails on the way: the storage, call by call, and a hasher that is busy."""

from itertools import count

import pytest

from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.testing import FakeHasher

from .flows import FLOWS

EVERY = 5  # so that each run meets another fifth of the calls


class Fragile:
    """An in-process plugin for one scene, and how often its storage failed."""

    def __init__(self, scene, storage):
        self.scene, self.storage, self.failures = scene, storage, 0

    def insistently(self, flow, first, every):
        """Have a call fail at its first call to the storage, or a later one, and so on until it succeeds."""
        watch, storage = self.scene.watch, self.storage
        for number in count(first, every):
            storage.fail_at = storage.calls + number
            watch.call(flow)
            # what is numbered or noted after the verb may fail, and the verb does not
            if storage.calls < storage.fail_at or not watch.last_raised:
                break
            self.failures += 1
        storage.fail_at = None


@pytest.fixture
def fragile_scene(scene_of, fragile_plugin):
    def opened(flows):
        scene = scene_of(flows, "fragile:", plugins=[fragile_plugin])
        return Fragile(scene, fragile_plugin.storage)

    return opened


@pytest.mark.parametrize(
    "every", [pytest.param(EVERY, id="some"), pytest.param(1, id="all", marks=pytest.mark.campaign)]
)
@pytest.mark.parametrize("name", FLOWS)
def test_no_failure_of_the_storage_shows_a_secret(fragile_scene, watch, name, every):
    fragile = fragile_scene(FLOWS[name])
    for turn, flow in enumerate(FLOWS[name].of(fragile.scene)):
        fragile.insistently(flow, 1 + turn % every, every)
    assert fragile.failures > 10


@pytest.mark.parametrize("name", FLOWS)
def test_no_hasher_that_is_busy_shows_a_secret(scene_of, watch, name):
    hasher = CappedHasher(FakeHasher(), 1, most_waiting=0)
    refused = 0
    for flow in FLOWS[name].of(scene_of(FLOWS[name], hasher=hasher)):
        hasher._places.work(lambda flow=flow: watch.call(flow))
        if watch.last_raised:
            refused += 1
            watch.call(flow)
    assert refused > 0
