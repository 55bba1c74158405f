"""Pruned contents: whatever was pruned as it should be is accounted for."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from dcss_core.audit.actor import Actor
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.pruned_contents import NotedPrunings, PrunedContents, PrunedDay, counts
from dcss_core.audit.written_entry import PRUNED_FIELDS, WrittenEntry, written

BEGIN = datetime(2026, 1, 7, 15, tzinfo=UTC)
YEARS = 1


class Log:
    """A log that is written and pruned by the letter: contiguous from its first record, nothing too young."""

    def __init__(self):
        self.records = []
        self.now = BEGIN

    def write(self, event=None):
        entry = AuditEntry(self.now, "case_opened", "staff:w-17", "case:1", None, "{}")
        if event is not None:
            entry = AuditEntry.of(event, at=self.now, actor=Actor.system("retention"))
        self.records += [WrittenEntry(**fields) for fields in written(bytes(24), [entry], bytes(16)).entries]

    def prune(self, age, at_most):
        """Erase what is from before a day so many days older than the retention, so many records at most."""
        counted = min(self.now, self.records[-1].at).date()
        before = counted.replace(year=counted.year - YEARS) - timedelta(days=age)
        begin = next(i for i, each in enumerate(self.records) if not each.is_pruned)
        end = begin
        while end < min(len(self.records), begin + at_most) and self.records[end].at.date() < before:
            self.records[end] = attrs.evolve(self.records[end], **dict.fromkeys(PRUNED_FIELDS))
            end += 1
        if end > begin:
            self.write(AuditLogPruned(before, through=end, entries=end - begin))


def read(log):
    contents = PrunedContents(as_of=log.now, years_kept=lambda _: YEARS)
    for seq, record in enumerate(log.records, start=1):
        contents.add(seq, record)
    return contents


# How far the clock moves, in hours (back too, by less than a day), and what is done then.
STEPS = st.lists(
    st.tuples(
        st.integers(-23, 24 * 200), st.one_of(st.none(), st.tuples(st.integers(0, 90), st.integers(1, 4)))
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=100)
@given(STEPS)
def test_whatever_was_pruned_as_permitted_is_accounted_for_whatever_the_clock_did(steps):
    log = Log()
    latest = log.now
    for hours, pruning in steps:
        log.now = max(log.now + timedelta(hours=hours), BEGIN)
        if (log.now.month, log.now.day) == (2, 29):  # a year before there is no such day
            log.now += timedelta(days=1)
        log.write()
        if pruning is not None:
            log.prune(*pruning)
        latest = max(latest, log.now)
    log.now = latest
    contents = read(log)
    assert contents.unaccounted() is None
    assert contents.entries == sum(each.is_pruned for each in log.records)


@settings(max_examples=100)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 29))
def test_contents_of_any_record_that_a_pruning_did_not_reach_are_not(through, young, erased):
    """Thirty records, one a day; a pruning of a year later reached the first `through`, of `young` days."""
    log = Log()
    for _ in range(30):
        log.write()
        log.now += timedelta(days=1)
    log.now += timedelta(days=400)
    log.write()
    before = date(2026, 1, 7) + timedelta(days=young)
    log.write(AuditLogPruned(before, through=through, entries=1))
    log.records[erased] = attrs.evolve(log.records[erased], **dict.fromkeys(PRUNED_FIELDS))
    is_accounted = erased + 1 <= through and erased < young
    assert read(log).unaccounted() == (None if is_accounted else erased + 1)


def thirty_days_a_year_ago():
    """Thirty records, one a day, and one of a year and more later."""
    log = Log()
    for _ in range(30):
        log.write()
        log.now += timedelta(days=1)
    log.now += timedelta(days=400)
    log.write()
    log.records[:30] = [attrs.evolve(each, **dict.fromkeys(PRUNED_FIELDS)) for each in log.records[:30]]
    return log


def test_a_pruning_that_waits_for_its_number_accounts_for_what_it_erased():
    log = thirty_days_a_year_ago()
    log.write(AuditLogPruned(date(2026, 3, 1), through=30, entries=30))
    waiting = log.records.pop()
    contents = read(log)
    assert contents.unaccounted() == 1
    contents.add_waiting(waiting)
    assert contents.unaccounted() is None


@pytest.mark.parametrize(
    ("through", "unaccounted"),
    [
        ((30, 3), None),  # the second one erased nothing that was not gone
        ((3, 30), None),
        ((3, 5), 6),
        ((0,), 1),  # it reached no record, not even the first
    ],
)
def test_of_prunings_of_one_day_the_one_counts_that_reached_farthest(through, unaccounted):
    log = thirty_days_a_year_ago()
    for reached in through:
        log.write(AuditLogPruned(date(2026, 3, 1), through=reached, entries=30))
    assert read(log).unaccounted() == unaccounted


def test_a_pruning_that_waits_is_believed_no_more_than_one_that_is_numbered():
    log = thirty_days_a_year_ago()
    log.write(AuditLogPruned(log.now.date(), through=30, entries=30))  # within the retention
    waiting = log.records.pop()
    contents = read(log)
    contents.add_waiting(waiting)
    assert contents.unaccounted() == 1


@pytest.mark.parametrize(("beyond", "unaccounted"), [(0, None), (1, 1)])
def test_a_pruning_that_waits_comes_behind_all_others_and_reaches_no_further_than_they(beyond, unaccounted):
    """Of 31 records; the next number, 32, would be its own."""
    log = thirty_days_a_year_ago()
    log.write(AuditLogPruned(date(2026, 3, 1), through=31 + beyond, entries=30))
    waiting = log.records.pop()
    contents = read(log)
    contents.add_waiting(waiting)
    assert contents.unaccounted() == unaccounted


LATER = BEGIN + timedelta(days=500)
REACHED = AuditLogPruned(date(2026, 1, 8), through=4, entries=4)


def is_counted(pruning=REACHED, *, seq=5, at=LATER, before=LATER, now=LATER, years_kept=lambda at: YEARS):
    return counts(pruning, seq, at, before, now=now, years_kept=years_kept)


@pytest.mark.parametrize(("ahead", "is_one"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_a_pruning_may_be_dated_a_day_ahead_of_the_clock_and_no_more(ahead, is_one):
    assert is_counted(now=LATER - timedelta(days=1) - ahead) is is_one


def test_a_pruning_is_judged_by_the_retention_of_its_own_instant_and_by_none_where_there_is_none():
    asked = []

    def years_kept(at):
        asked.append(at)
        return YEARS

    assert is_counted(now=LATER + timedelta(days=9), years_kept=years_kept)
    assert asked == [LATER]
    assert not is_counted(years_kept=lambda at: None)
    assert not is_counted(years_kept=lambda at: 2)


def test_a_pruning_reaches_only_what_stands_before_it_and_before_the_log_began_there_is_nothing():
    assert is_counted(seq=5)
    assert not is_counted(seq=4)
    assert is_counted(attrs.evolve(REACHED, through=0, entries=0), seq=1, before=None)


def test_neighbours_of_one_day_are_remembered_together_and_others_apart():
    log = Log()
    for hours in (0, 1, 1, 1, 1, 24, 1, -24):
        log.now += timedelta(hours=hours)
        log.write()
    erased = {1, 2, 3, 5, 6, 7, 8}  # 4 is still there; 6 and 7 are of the next day, and 8 by a late clock
    log.records = [
        attrs.evolve(each, **dict.fromkeys(PRUNED_FIELDS)) if seq in erased else each
        for seq, each in enumerate(log.records, 1)
    ]
    first, second = date(2026, 1, 7), date(2026, 1, 8)
    noted = read(log).noted()
    assert noted.days == (
        PrunedDay(first, 1, 3),
        PrunedDay(first, 5, 5),
        PrunedDay(second, 6, 7),
        PrunedDay(first, 8, 8),
    )
    assert (noted.entries, noted.through, noted.last_at) == (7, 8, log.records[-1].at)


# --- ranges that were read apart ----------------------------------------------------------------------------

FIRST, SECOND, THIRD = date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 9)


def in_ranges(log, bounds):
    """What is known of a log that was read in ranges, which end at these numbers."""
    together, begin = PrunedContents(as_of=log.now, years_kept=lambda _: YEARS), 0
    for end in (*bounds, len(log.records)):
        before = log.records[begin - 1].at if begin else None
        contents = PrunedContents(as_of=log.now, years_kept=lambda _: YEARS, entry_before=before)
        for seq in range(begin + 1, end + 1):
            contents.add(seq, log.records[seq - 1])
        together.add_range(contents.noted(), end)
        begin = end
    return together


@settings(max_examples=100)
@given(st.sets(st.integers(1, 31)), st.integers(0, 30), st.sets(st.integers(1, 30)))
def test_ranges_together_know_what_is_known_of_the_whole(bounds, through, erased):
    log = thirty_days_a_year_ago()
    log.records = [
        each if seq in erased or seq == 31 else attrs.evolve(each, actor="staff:w-17")
        for seq, each in enumerate(log.records, 1)
    ]
    log.write(AuditLogPruned(date(2026, 2, 1), through=through, entries=1))
    whole, together = read(log), in_ranges(log, sorted(bounds))
    assert (together.entries, together.through) == (whole.entries, whole.through)
    assert together.unaccounted() == whole.unaccounted()


def test_what_is_known_of_two_ranges_is_put_together():
    at = datetime(2027, 6, 1, tzinfo=UTC)
    together = PrunedContents(as_of=at, years_kept=lambda _: YEARS)
    one, two = PrunedDay(FIRST, 1, 4), PrunedDay(SECOND, 11, 12)
    together.add_range(NotedPrunings(4, 4, (one,), ((SECOND, 3), (THIRD, 9)), BEGIN), 10)
    together.add_range(NotedPrunings(2, 12, (two,), ((SECOND, 4), (THIRD, 8)), at), 20)
    assert together.noted() == NotedPrunings(6, 12, (one, two), ((SECOND, 4), (THIRD, 9)), at)


def test_a_range_in_which_nothing_is_gone_leaves_how_far_contents_are():
    together = PrunedContents(as_of=BEGIN, years_kept=lambda _: YEARS)
    one = PrunedDay(FIRST, 1, 4)
    together.add_range(NotedPrunings(4, 4, (one,), (), BEGIN), 10)
    together.add_range(NotedPrunings(0, 0, (), (), BEGIN), 20)
    assert together.noted() == NotedPrunings(4, 4, (one,), (), BEGIN)


@pytest.mark.parametrize("through", [0, 1])
def test_a_pruning_that_reached_nothing_accounts_for_nothing_in_a_range_too(through):
    together = PrunedContents(as_of=BEGIN, years_kept=lambda _: YEARS)
    together.add_range(NotedPrunings(1, 1, (PrunedDay(FIRST, 1, 1),), ((SECOND, through),), BEGIN), 10)
    assert together.unaccounted() == (None if through else 1)


def test_a_pruning_that_waits_comes_behind_the_last_range():
    log = thirty_days_a_year_ago()
    contents = in_ranges(log, [10, 20])
    for through, unaccounted in ((32, 1), (31, None)):
        log.write(AuditLogPruned(date(2026, 3, 1), through=through, entries=30))
        contents.add_waiting(log.records.pop())
        assert contents.unaccounted() == unaccounted


@pytest.mark.parametrize(
    ("earlier", "is_accounted"), [(timedelta(days=1), True), (timedelta(days=1, hours=16), False)]
)
def test_an_entry_from_up_to_a_day_before_may_get_its_number_between_the_newest_and_the_pruning(
    earlier, is_accounted
):
    """It was written by a clock that was behind, or was committed late."""
    log = thirty_days_a_year_ago()
    before = log.now.date().replace(year=log.now.year - YEARS)
    now, log.now = log.now, log.now - earlier
    log.write()
    log.now = now
    log.write(AuditLogPruned(before, through=30, entries=30))
    assert (read(log).unaccounted() is None) is is_accounted
