"""In which order the acts of one process began, whatever its threads do and its clock says."""

import sys
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from dcss_core.agency.work import turns
from dcss_core.agency.work.turns import Turns

NOON = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
NOON_MILLISECONDS = 1_767_787_200_000  # date -d 2026-01-07T12:00Z +%s


def test_a_turn_is_the_time_in_milliseconds_above_sixteen_bits_that_count():
    given = Turns()
    assert given.next(NOON) == NOON_MILLISECONDS * 65_536
    assert given.next(NOON) == NOON_MILLISECONDS * 65_536 + 1


def test_a_clock_that_goes_back_takes_no_turn_back():
    given = Turns()
    first = given.next(NOON)
    assert given.next(NOON - timedelta(hours=1)) == first + 1
    assert given.next(NOON + timedelta(milliseconds=1)) == first + 65_536


def test_whoever_begins_after_another_has_a_later_turn_in_whichever_threads():
    given, begun, late = Turns(), [0], []

    def begin():
        for _ in range(3_000):
            before = max(begun[-20:])
            turn = given.next(NOON)
            begun.append(turn)
            if turn <= before:
                late.append((before, turn))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [Thread(target=begin) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert late == []
    assert len({*begun}) > 3_000


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_at_any_instruction_keeps_nobody_waiting_and_takes_no_turn_back(interrupt):
    given = Turns()
    last, at, came = given.next(NOON), 0, True
    while came:
        at += 1
        came = is_interrupted(given, interrupt, at)
        before, last = last, given.next(NOON)
        assert last > before
    assert at > 30


def is_interrupted(given, interrupt, at):
    passed = 0

    def follow(frame, happens, argument):
        nonlocal passed
        if frame.f_code.co_filename != turns.__file__:
            return None
        frame.f_trace = follow  # Python 3.13 counts instructions only of a frame that has it already
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if happens == "opcode":
            passed += 1
            if passed == at:
                raise interrupt
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        given.next(NOON)
    except interrupt:
        return True
    finally:
        sys.settrace(before)
    return False
