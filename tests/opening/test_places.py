"""The places of parallel hashes: in which order they are given, and that no interrupt wears them down."""

import ctypes
import random
import signal
import sys
import threading
import time
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import BusyError
from dcss_core.opening import places
from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.testing.hasher import FakeHasher

WORDS = Secret("otter canoe marble")
SALT = bytes(16)
LONG_SECONDS = 30.0
OURS = [str(Path(places.__file__).with_name(name)) for name in ("capped_hasher.py", "places.py")]

both_interrupts = pytest.mark.parametrize("interrupt", [KeyboardInterrupt, MemoryError])


class Meeting(FakeHasher):
    """A hasher of which as many runs of `spend` wait for each other as `meet` says."""

    def __init__(self):
        super().__init__()
        self.meet, self.met = None, 0

    def spend(self, password):
        if self.meet is not None:
            self.meet.wait(timeout=5.0)
            self.met += 1


def has_places(hasher, number):
    """Whether so many runs can go on at once: each waits for all others."""
    inner = hasher.hasher
    inner.meet, inner.met = Barrier(number), 0

    def run():
        try:
            hasher.spend(WORDS)
        except BrokenBarrierError:
            return

    threads = [Thread(target=run, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    inner.meet = None
    return inner.met == number


class Held(Meeting):
    """A hasher whose `hash` goes on until it may end."""

    def __init__(self):
        super().__init__()
        self.may_end, self.begun = Event(), []

    def hash(self, password, *, salt):
        self.begun.append(salt)
        assert self.may_end.wait(LONG_SECONDS)
        return super().hash(password, salt=salt)


def until(is_so):
    end = time.monotonic() + LONG_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


def in_line(hasher):
    return [each() is None for each in list(hasher._places._line)].count(False)


def started(hasher, salt=SALT):
    """A thread that hashes, or waits to."""
    others = in_line(hasher)
    thread = Thread(target=lambda: hasher.hash(WORDS, salt=salt), daemon=True)
    thread.start()
    until(lambda: in_line(hasher) > others)
    return thread


def test_places_are_given_in_the_order_in_which_they_were_asked_for():
    held = Held()
    hasher = CappedHasher(held, 1)
    salts = [bytes([number] * 16) for number in range(8)]
    threads = [started(hasher, salt) for salt in salts]
    until(lambda: held.begun)
    assert held.begun == salts[:1]
    held.may_end.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert held.begun == salts


def test_who_waits_spends_no_time_of_the_processor():
    held, spent = Held(), []
    hasher = CappedHasher(held, 1)

    def wait():
        begun = time.thread_time()
        hasher.spend(WORDS)
        spent.append(time.thread_time() - begun)

    threads = [started(hasher), Thread(target=wait, daemon=True)]
    threads[1].start()
    time.sleep(0.5)
    held.may_end.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert spent[0] < 0.1


# --- interrupts -----------------------------------------------------------------------------------------
def steps_of(work, interrupt=None, at=0):
    """How many instructions of what gives places are passed; it may be interrupted before one of them."""
    passed = 0

    def follow(frame, happens, argument):
        if frame.f_code.co_filename not in OURS:
            return None
        frame.f_trace = step  # Python 3.13 counts instructions only of a frame that has it already
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return step

    def step(frame, happens, argument):
        nonlocal passed
        if happens == "opcode":
            passed += 1
            if passed == at:
                raise interrupt
        return step

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        work()
    finally:
        sys.settrace(before)
    return passed


def is_interrupted(work, interrupt, at):
    try:
        steps_of(work, interrupt, at)
    except interrupt:
        return True
    return False


@both_interrupts
def test_an_interrupt_at_any_instruction_leaves_the_place_to_the_next(interrupt):
    hasher = CappedHasher(Meeting(), 1)
    steps = steps_of(lambda: hasher.spend(WORDS))
    assert steps > 30
    for step in range(1, steps + 1):
        assert is_interrupted(lambda: hasher.spend(WORDS), interrupt, step)
        assert has_places(hasher, 1), step


@both_interrupts
def test_an_interrupt_at_any_instruction_of_a_wait_leaves_the_place_to_the_next(interrupt):
    class Brief(Meeting):
        def hash(self, password, *, salt):
            begun.set()
            time.sleep(0.002)  # so that whoever comes meanwhile waits
            return super().hash(password, salt=salt)

    hasher, begun, came = CappedHasher(Brief(), 1), Event(), []

    def behind_another(work):
        begun.clear()
        holder = Thread(target=lambda: hasher.hash(WORDS, salt=SALT), daemon=True)
        holder.start()
        assert begun.wait(LONG_SECONDS)
        result = work()
        holder.join(LONG_SECONDS)
        return result

    steps = behind_another(lambda: steps_of(lambda: hasher.spend(WORDS)))
    for step in range(1, steps + 1):
        came.append(
            behind_another(lambda step=step: is_interrupted(lambda: hasher.spend(WORDS), interrupt, step))
        )
        assert has_places(hasher, 1), step
    assert came.count(True) > steps * 0.9  # of the others what they waited for was over sooner


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_who_is_interrupted_in_line_holds_nobody_up_though_somebody_keeps_the_exception():
    def press(*_):
        raise KeyboardInterrupt

    held = Held()
    hasher = CappedHasher(held, 1)
    holder = started(hasher)
    before = signal.signal(signal.SIGALRM, press)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt) as kept:  # with all its frames
            hasher.spend(WORDS)
    finally:
        signal.signal(signal.SIGALRM, before)
    held.may_end.set()
    holder.join(LONG_SECONDS)
    assert has_places(hasher, 1)
    assert kept.value.__traceback__ is not None


def test_threads_that_are_interrupted_again_and_again_wear_no_place_down(monkeypatch):
    hasher, chance, is_over, came = CappedHasher(Meeting(), 3), random.Random(1), Event(), []

    def work():
        while not is_over.is_set():
            try:
                while not is_over.is_set():
                    hasher.spend(WORDS)
            except KeyboardInterrupt:
                came.append(True)

    monkeypatch.setattr(threading, "excepthook", lambda _: came.append(True))  # it came outside the `try`
    threads = [Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(300):
        time.sleep(chance.uniform(0, 0.004))
        interrupted = ctypes.c_ulong(chance.choice(threads).ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(interrupted, ctypes.py_object(KeyboardInterrupt))
    is_over.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert len(came) > 100
    assert has_places(hasher, 3)


def test_whoever_comes_when_too_many_wait_is_told_so_at_once_and_the_others_get_their_turn():
    held = Held()
    hasher = CappedHasher(held, 1, most_waiting=2)
    salts = [bytes([number] * 16) for number in range(3)]  # one at work, two waiting
    threads = [started(hasher, salt) for salt in salts]
    for ask in (lambda: hasher.hash(WORDS, salt=bytes(16)), lambda: hasher.spend(WORDS)):
        with pytest.raises(BusyError) as refused:
            ask()
        assert refused.value.retryable
    held.may_end.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert held.begun == salts
    hasher.spend(WORDS)  # and whoever comes then
