"""The cap on parallel hashes, with real threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError, Lock, Thread

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError
from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.testing.hasher import FakeHasher
from dcss_core.users.hashing.password_hash import PasswordHash

WORDS = Secret("otter canoe marble")
SALT = bytes(16)


class Watched(FakeHasher):
    """Notes how many runs go on at once; each waits for as many others as `barrier` says, if they come."""

    def __init__(self, meet):
        super().__init__()
        self.now = self.most = 0
        self.lock, self.barrier = Lock(), Barrier(meet)

    def _run(self):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            self.barrier.wait(timeout=0.2)
        except BrokenBarrierError:
            self.barrier.reset()
        with self.lock:
            self.now -= 1

    def hash(self, password, *, salt):
        self._run()
        return super().hash(password, salt=salt)

    def verify(self, password, stored):
        self._run()
        return super().verify(password, stored)

    def spend(self, password):
        self._run()
        super().spend(password)


def each_verb(hasher):
    stored = FakeHasher().hash(WORDS, salt=SALT)
    return [
        lambda: hasher.hash(WORDS, salt=SALT),
        lambda: hasher.verify(WORDS, stored),
        lambda: hasher.spend(WORDS),
    ] * 4


def test_never_more_runs_at_once_than_places_and_nobody_is_refused():
    watched = Watched(meet=2)
    with ThreadPoolExecutor(12) as pool:
        results = [
            each.result() for each in [pool.submit(verb) for verb in each_verb(CappedHasher(watched, 2))]
        ]
    assert watched.most == 2
    assert len(results) == watched.runs == 12


def test_without_the_cap_there_would_have_been_more():
    watched = Watched(meet=3)
    with ThreadPoolExecutor(12) as pool:
        for each in [pool.submit(verb) for verb in each_verb(watched)]:
            each.result()
    assert watched.most >= 3


class Failing(FakeHasher):
    def hash(self, password, *, salt):
        raise ConfigurationError("no pepper")

    def verify(self, password, stored):
        raise ConfigurationError("no pepper")

    def spend(self, password):
        raise ConfigurationError("no pepper")


def test_a_run_that_fails_gives_its_place_back():
    refused = []

    def run():
        for verb in each_verb(CappedHasher(Failing(), 1)):
            with pytest.raises(ConfigurationError):
                verb()
            refused.append(verb)

    thread = Thread(target=run, daemon=True)  # with the place lost, the second run would wait for ever
    thread.start()
    thread.join(timeout=10)
    assert len(refused) == 12


def test_what_the_hasher_says_goes_through():
    inner = FakeHasher()
    hasher = CappedHasher(inner, 1)
    stored = hasher.hash(WORDS, salt=SALT)
    assert hasher.verify(WORDS, stored)
    assert not hasher.verify(Secret("otter"), stored)
    assert not hasher.needs_rehash(stored)
    assert hasher.needs_rehash(PasswordHash(stored.phc, "older"))
    hasher.spend(WORDS)
    assert inner.runs == 4


def test_no_place_at_all_is_an_error_of_configuration():
    with pytest.raises(ConfigurationError, match="1 or more"):
        CappedHasher(FakeHasher(), 0)
