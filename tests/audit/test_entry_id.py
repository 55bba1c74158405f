"""Entry ids: how they are written and read, in which order they sort, and what they do not tell."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from dcss_core.audit.entry_id import ACT_BYTES, EntryId, act_of, next_turn
from dcss_core.errors import InvalidInputError

# 1767798000000 milliseconds since 1970 (`date -u -d 2026-01-07T15:00 +%s`), which is 0x19B98F8C980
NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)
RANDOM = bytes(range(16))


def test_an_act_begins_with_the_millisecond_and_ends_in_what_nobody_can_guess():
    act = act_of(next_turn(-1, NOW), RANDOM)
    assert act.hex() == "019b98f8c980" + "0000" + "000102030405060708090a0b0c0d0e0f"
    assert len(act) == ACT_BYTES == 24


def acts_by(clock):
    """The acts of a process whose clock shows these instants; the later, the lower their random bytes."""
    turn, acts = 0, []
    for place, now in enumerate(clock):
        turn = next_turn(turn, now)
        acts.append(act_of(turn, (len(clock) - place).to_bytes(16, "big")))
    return acts


@given(st.lists(st.integers(-(10**7), 10**7), max_size=50))
def test_acts_of_one_process_sort_as_they_ran_whatever_its_clock_shows(moved):
    acts = acts_by([NOW + timedelta(milliseconds=each) for each in moved])
    assert acts == sorted(acts)
    assert len(set(acts)) == len(acts)


def test_a_clock_that_stands_still_for_longer_than_a_millisecond_has_turns_changes_no_order():
    acts = acts_by([NOW] * 70_000)
    assert acts == sorted(acts)


def test_acts_of_two_processes_sort_by_their_clocks():
    later = NOW + timedelta(milliseconds=1)
    assert act_of(next_turn(0, NOW), b"\xff" * 16) < act_of(next_turn(0, later), bytes(16))


@pytest.mark.parametrize(
    "now",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("last", [0, 2**64 - 1, 2**64])
def test_no_clock_and_no_number_of_turns_makes_an_id_of_another_length(now, last):
    assert len(act_of(next_turn(last, now), RANDOM)) == ACT_BYTES


@given(st.binary(min_size=ACT_BYTES, max_size=ACT_BYTES), st.integers(1, 10**9))
def test_an_id_is_read_as_it_is_written(act, line):
    entry_id = EntryId(act, line)
    assert EntryId.parse(str(entry_id)) == entry_id
    assert str(entry_id) == f"{act.hex()}-{line}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "00" * 24,
        "00" * 24 + "-",
        "00" * 24 + "-0",
        "00" * 24 + "-01",
        "00" * 24 + "--1",
        "00" * 24 + "-1\n",
        "00" * 24 + "-12345678901",
        "00" * 24 + "-\u0661",  # a digit, but none of ours
        "00" * 23 + "-1",
        "00" * 25 + "-1",
        "AA" * 24 + "-1",
        " " + "00" * 24 + "-1",
        "\ud800" * 48 + "-1",
    ],
)
def test_another_text_is_no_id_and_is_not_repeated(text):
    with pytest.raises(InvalidInputError) as refused:
        EntryId.parse(text)
    assert [fault.where for fault in refused.value.faults] == ["entry id"]
    assert len(text) < 2 or text not in str(refused.value)


@pytest.mark.parametrize(
    ("milliseconds", "turn"),
    [(0, 65_541), (1, 65_541), (2, 2 * 65_536)],  # a turn after 65,540; the clock is behind it, then past it
)
def test_a_turn_is_one_more_than_before_or_as_the_clock_says(milliseconds, turn):
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert next_turn(65_540, now) == turn
