"""The deadline of a verb: however many transactions it has, it waits as long as its storage is patient."""

import threading
import time

import pytest

from dcss_core import Actor
from dcss_core.agency.work import deadline
from dcss_core.agency.work.deadline import AtWork, Deadline, verb
from dcss_core.errors import BackendError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl

AUDITOR = Actor.system("audit")
BUSY_SECONDS = 3.0


class SlowStorage(MemoryStorage):
    """A storage in memory at which each transaction waits its turn for so many seconds of a made-up clock."""

    def __init__(self, clock):
        super().__init__(busy_timeout_seconds=BUSY_SECONDS)
        self.clock = clock
        self.each_takes = 0.0
        self.asked = []
        self.is_busy = False

    def transaction(self, *, writes, wait_seconds=None):
        self.asked.append(wait_seconds)
        if writes and self.is_busy:
            self.clock.now += min(wait_seconds, self.each_takes)
            raise BackendError("another transaction is writing", retryable=True)
        self.clock.now += self.each_takes
        return super().transaction(writes=writes, wait_seconds=wait_seconds)


class SteadyClock:
    """The machine's steady clock, as a test moves it."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def steady(monkeypatch):
    made = SteadyClock()
    monkeypatch.setattr(deadline, "monotonic", made)
    monkeypatch.setattr(deadline, "AtWork", lambda: AtWork(made()))
    return made


@pytest.fixture
def slow(opener, outside, steady):
    """An agency on a slow storage, and the storage."""
    storage = SlowStorage(steady)

    class Plugin:
        @hookimpl
        def dcss_storage_backends(self):
            return [StorageBackend("slow", "In memory, slow", lambda url: storage)]

    agency = opener("slow:", plugins=[outside, Plugin()])
    storage.asked.clear()
    return agency, storage


def test_each_transaction_of_a_verb_may_wait_for_what_the_ones_before_it_left(slow):
    agency, storage = slow
    storage.each_takes = 0.75
    agency.audit.publish_if_due(by=AUDITOR)
    waits = list(storage.asked)
    assert len(waits) >= 3
    assert waits == [max(BUSY_SECONDS - place * 0.75, 0) for place in range(len(waits))]


def test_the_next_verb_has_its_own_patience(slow):
    agency, storage = slow
    storage.each_takes = 0.75
    agency.audit.publish_if_due(by=AUDITOR)
    storage.asked.clear()
    agency.audit.publish_if_due(by=AUDITOR)
    assert storage.asked[0] == BUSY_SECONDS


def test_a_verb_that_meets_others_again_and_again_gives_up_when_its_time_is_over(
    slow, case_application, intake, steady
):
    agency, storage = slow
    storage.is_busy, storage.each_takes = True, 1.25
    begun = steady.now
    with pytest.raises(BackendError) as busy:
        agency.cases.open(case_application, by=intake)
    assert busy.value.retryable
    assert steady.now - begun == BUSY_SECONDS
    assert storage.asked == [3.0, 1.75, 0.5]


def test_a_verb_within_a_verb_shares_its_deadline(steady):
    left = []

    @verb
    def inner():
        left.append(Deadline.after(5).left)

    @verb
    def outer():
        steady.now += 2
        inner()
        steady.now += 2
        inner()

    outer()
    inner()
    assert left == [3, 1, 5]


def test_each_thread_has_a_deadline_of_its_own(steady):
    left = []

    @verb
    def other():
        left.append(Deadline.after(5).left)

    @verb
    def outer():
        steady.now += 4
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    outer()
    assert left == [5]


def test_a_verb_that_was_interrupted_leaves_no_deadline_behind(steady):
    @verb
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    steady.now += 100
    assert Deadline.after(5).left == 5


def test_what_is_over_has_nothing_left():
    assert Deadline.over().left == 0
    assert Deadline.after(0).left == 0


# --- a storage without patience --------------------------------------------------------------------------


@pytest.fixture(params=["memory", "sqlite"])
def impatient(request, opener, outside, sqlite_url):
    """An agency on a storage that waits for nobody."""

    class Plugin:
        @hookimpl
        def dcss_storage_backends(self):
            return [
                StorageBackend("impatient", "In memory", lambda url: MemoryStorage(busy_timeout_seconds=0))
            ]

    url = f"{sqlite_url}?busy_seconds=0" if request.param == "sqlite" else "impatient:"
    return opener(url, plugins=[outside, Plugin()])


def test_without_patience_a_verb_that_meets_nobody_is_done(impatient, case_application, intake):
    opened = impatient.cases.open(case_application, by=intake)
    assert [entry.kind for _, entry in impatient.audit.entries(by=AUDITOR)] == ["case_opened"]
    assert opened.case_number == case_application.case_number


def test_without_patience_a_verb_that_meets_another_gives_up_at_once_and_says_that_it_may_be_tried_again(
    impatient, case_application, intake
):
    begun = time.monotonic()
    with (
        impatient.audit._resources.storage.transaction(writes=True),
        pytest.raises(BackendError) as busy,
    ):
        impatient.cases.open(case_application, by=intake)
    assert busy.value.retryable
    assert time.monotonic() - begun < 2
    impatient.cases.open(case_application, by=intake)


def test_without_patience_reading_goes_on_beside_a_writer(impatient, case_application, intake):
    impatient.cases.open(case_application, by=intake)
    impatient.audit.sequence(by=AUDITOR)
    with impatient.audit._resources.storage.transaction(writes=True):
        assert len(list(impatient.audit.entries(by=AUDITOR))) == 1
