"""How many entries of a file a transaction takes: what the machine manages in 60 ms, fewer if asked for."""

from datetime import timedelta

import pytest

from dcss_core.payments.posting.pace import Pace


@pytest.mark.parametrize(
    ("at_most", "first"), [(1, 1), (2, 2), (19, 19), (20, 20), (21, 20), (100, 20), (1000, 20)]
)
def test_the_first_transaction_is_a_small_one(at_most, first):
    assert Pace(at_most, 0).entries_at_first == first


@pytest.mark.parametrize(
    ("entries", "milliseconds", "following"),
    [
        (20, 60, 20),
        (20, 30, 40),
        (20, 59, 20),  # 20 x 60 / 59 is 20.3
        (20, 1, 40),  # not more than twice as many
        (20, 0, 40),
        (40, 120, 20),
        (80, 60, 80),
        (90, 30, 100),  # as was asked
        (20, 600, 10),  # 2 in time, and not under ten
        (10, 5000, 10),
    ],
)
def test_a_transaction_takes_what_the_last_one_managed_in_60_ms(entries, milliseconds, following):
    assert Pace(100, 0).entries_next(entries, timedelta(milliseconds=milliseconds)) == following


@pytest.mark.parametrize("at_most", [1, 2, 9])
@pytest.mark.parametrize("milliseconds", [0, 60, 9000])
def test_who_asks_for_few_at_once_has_few_however_fast_or_slow_the_machine_is(at_most, milliseconds):
    assert Pace(at_most, 0).entries_next(at_most, timedelta(milliseconds=milliseconds)) == at_most
