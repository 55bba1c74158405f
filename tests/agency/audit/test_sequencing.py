"""Sequencing: whatever waits gets its number once, in order, whoever numbers it and whatever stops them."""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from itertools import count

import pytest

from dcss_core import Actor
from dcss_core.agency.audit import sequencing as job
from dcss_core.agency.work.lease import LEASES, Lease
from dcss_core.agency.work.trail.act import AUDIT_LOG, AUDIT_QUEUE, write_act
from dcss_core.audit import ExportReason
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.entry_id import next_turn
from dcss_core.audit.reads import NothingFound
from dcss_core.base.dates import DateRange
from dcss_core.errors import BackendError, ConflictError
from dcss_core.testing import FrozenClock
from dcss_core.users.staff.member import StaffRole

pytestmark = pytest.mark.on_every_storage
WHERE_WRITERS_QUEUE = pytest.mark.parametrize("storage_url", ["memory", "sqlite"], indirect=True)

AUDITOR = Actor.system("audit")


def numbered(agency):
    """Which entries are numbered, by their ids, in order; nobody numbers anything meanwhile."""

    def ids(work):
        return [
            f"{kept.record.act.hex()}-{kept.record.line}"
            for kept in work.entries_after(AUDIT_LOG, 0, limit=9_999)
        ]

    return agency.audit._resources.read(ids)


def waiting(agency):
    return agency.audit._resources.read(lambda work: work.count(AUDIT_QUEUE, ("act",)))


def ids_of(acts):
    """The ids of acts, each with how many entries it has."""
    return [f"{act.hex()}-{line}" for act, entries in acts for line in range(1, entries + 1)]


# --- along with the writing -----------------------------------------------------------------------------


@WHERE_WRITERS_QUEUE
def test_sixty_four_entries_are_numbered_along_with_the_writing(agency, note_down):
    acts = [(note_down(agency), 1) for _ in range(63)]
    assert numbered(agency) == []
    acts.append((note_down(agency), 1))
    assert numbered(agency) == ids_of(acts)


@WHERE_WRITERS_QUEUE
def test_an_entry_that_waited_for_a_second_is_numbered_along_with_the_next_writing(agency, note_down, clock):
    acts = [(note_down(agency), 1)]
    clock.instant += timedelta(milliseconds=999)
    acts.append((note_down(agency), 1))
    assert numbered(agency) == []
    clock.instant += timedelta(milliseconds=1)
    acts.append((note_down(agency), 1))
    assert numbered(agency) == ids_of(acts)


def test_an_act_of_a_thousand_entries_is_numbered_whole(agency, note_down):
    acts = [(note_down(agency), 1), (note_down(agency, 1_000), 1_000), (note_down(agency), 1)]
    agency.audit.sequence(by=AUDITOR)
    assert numbered(agency) == ids_of(acts)
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_what_one_process_left_is_numbered_along_by_another(opener, sqlite_url, note_down):
    first = opener(sqlite_url)
    acts = [(note_down(first), 1) for _ in range(3)]
    first.close()
    second = opener(sqlite_url)
    acts += [(note_down(second), 1) for _ in range(64)]
    assert sorted(numbered(second)) == sorted(ids_of(acts))


def test_reading_an_idle_log_waits_for_no_writer(agency, note_down):
    note_down(agency)
    agency.audit.sequence(by=AUDITOR)
    with agency.audit._resources.storage.transaction(writes=True, wait_seconds=0):
        assert len(list(agency.audit.entries(by=AUDITOR))) == 1
        assert agency.audit.merge_delay(by=AUDITOR).is_kept


def test_a_verb_whose_numbering_fails_is_done_and_the_merge_delay_says_why(fragile, note_down):
    agency, storage = fragile
    storage.fail_on = ("append", "audit_log")
    for _ in range(70):
        note_down(agency)  # and none of them fails
    delay = agency.audit.merge_delay(by=AUDITOR)
    assert (delay.waiting, delay.failure, delay.is_kept) == (70, "the disk is full", False)
    storage.fail_on = None
    delay = agency.audit.merge_delay(by=AUDITOR)
    assert (delay.waiting, delay.failure, delay.is_kept) == (0, None, True)
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_that_others_write_just_now_is_no_failure(fragile, note_down):
    agency, storage = fragile
    storage.error = BackendError("another transaction is writing", retryable=True)
    storage.fail_on = ("append", "audit_log")
    for _ in range(70):
        note_down(agency)
    storage.fail_on = None
    assert agency.audit._resources.why_not_numbered is None


# --- by a job -------------------------------------------------------------------------------------------


def test_a_run_says_what_it_numbered_and_how_long_the_log_is(by_job, note_down):
    agency = by_job()
    for entries in (3, 1, 2):
        note_down(agency, entries)
    report = agency.audit.sequence(by=AUDITOR)
    assert (report.numbered, report.size, report.is_at_work_elsewhere) == (6, 6, False)
    assert agency.audit.sequence(by=AUDITOR) == job.SequenceReport(0, 6)


def test_a_run_numbers_in_as_many_batches_as_it_needs(by_job, note_down, monkeypatch):
    monkeypatch.setattr(job, "BATCH", 4)
    agency = by_job()
    acts = [(note_down(agency, entries), entries) for entries in (1, 2, 3, 9, 1, 1, 1, 1, 4)]
    assert agency.audit.sequence(by=AUDITOR).numbered == 23
    assert numbered(agency) == ids_of(acts)
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_a_run_ends_with_what_waited_when_it_began_beside_busy_writers(by_job, note_down, monkeypatch):
    monkeypatch.setattr(job, "BATCH", 1)
    agency = by_job()
    for _ in range(5):
        note_down(agency)
    number = job.number_batch

    def busily(work, **options):
        batch = number(work, **options)
        agency.audit._resources._waiting += 1
        write_act(work.transaction, work.sealer, [an_entry(work.now)], work.turn)
        return batch

    monkeypatch.setattr(job, "number_batch", busily)
    assert agency.audit.sequence(by=AUDITOR).numbered == 5
    assert waiting(agency) == 5


def an_entry(at):
    return AuditEntry.of(NothingFound("account"), at=at, actor=Actor.system("intake"))


def test_a_sequencer_that_dies_at_any_call_of_the_storage_loses_and_doubles_nothing(
    fragile, note_down, clock, monkeypatch
):
    monkeypatch.setattr(job, "BATCH", 3)
    agency, storage = fragile
    acts, halves = [], 0
    for calls in count(1):
        acts += [(note_down(agency, entries), entries) for entries in (1, 3, 2, 1, 3, 3)]
        before = len(numbered(agency))
        storage.fail_at = storage.calls + calls
        with suppress(BackendError):
            agency.audit.sequence(by=AUDITOR)
        died, storage.fail_at = storage.calls >= storage.fail_at, None
        reached = numbered(agency)
        assert reached == ids_of(acts)[: len(reached)]
        halves += before < len(reached) < len(ids_of(acts))
        clock.move(seconds=30)  # until the lease of the dead one has ended
        agency.audit.sequence(by=AUDITOR)
        assert numbered(agency) == ids_of(acts)
        assert agency.audit.verify(by=AUDITOR).is_sound
        if not died:
            break
    assert calls > 20
    assert halves > 5  # it died between two batches, and what the first numbered stayed


def test_sequencers_and_writers_at_once_number_each_entry_once(agency, note_down, at_once, monkeypatch):
    monkeypatch.setattr(job, "BATCH", 5)
    turns = count()

    def work():
        if next(turns) % 2:
            return [agency.audit.sequence(by=AUDITOR) for _ in range(10)] and []
        return [note_down(agency, 1 + place % 3) for place in range(30)]

    acts = [act for done in at_once(6, work) for act in done]
    agency.audit.sequence(by=AUDITOR)
    assert Counter(each.partition("-")[0] for each in numbered(agency)).keys() == {act.hex() for act in acts}
    assert len(numbered(agency)) == len(set(numbered(agency))) == 3 * 60
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_sequencers_that_do_not_know_of_each_other_number_each_entry_once(agency, note_down, at_once, clock):
    """As with leases that no clock agrees on: each takes itself for the only one."""
    for entries in range(1, 30):
        note_down(agency, entries % 4 + 1)

    def run():
        while batch(agency).acts:
            pass

    at_once(4, run)
    assert len(numbered(agency)) == len(set(numbered(agency)))
    assert waiting(agency) == 0
    assert agency.audit.verify(by=AUDITOR).is_sound


def batch(agency):
    return agency.audit._resources.write(lambda work: job.number_batch(work, most=3))


# --- the lease ------------------------------------------------------------------------------------------


def held(agency, until, holder="another"):
    """Has a sequencer hold the lease until then."""

    def put(work):
        lease = Lease("sequencer", holder, until)
        work.put(LEASES, work.get(LEASES, "sequencer"), lease)

    agency.audit._resources.write(put)


def lease(agency):
    return agency.audit._resources.read(lambda work: work.get(LEASES, "sequencer")).record


@pytest.mark.parametrize(
    ("ends_in", "is_good"),
    [
        (timedelta(seconds=30), True),
        (timedelta(microseconds=1), True),
        (timedelta(), False),
        (timedelta(seconds=-1), False),
        (timedelta(minutes=-5), False),  # a holder whose clock is behind by minutes, or that died
        (timedelta(seconds=30, microseconds=1), False),  # no lease is given for so long
        (timedelta(minutes=5, seconds=30), False),  # a holder whose clock is ahead by minutes
        (timedelta(days=365_000), False),
    ],
)
def test_a_lease_is_good_until_its_end_and_for_no_longer_than_any_is_given(
    by_job, note_down, clock, ends_in, is_good
):
    agency = by_job()
    note_down(agency)
    held(agency, clock.now() + ends_in)
    report = agency.audit.sequence(by=AUDITOR)
    assert (report.is_at_work_elsewhere, report.numbered) == (is_good, 0 if is_good else 1)


def test_while_a_job_is_at_it_nothing_is_numbered_along_with_the_writing(agency, note_down, clock):
    held(agency, clock.now() + timedelta(seconds=30))
    for _ in range(70):
        note_down(agency)
    assert list(agency.audit.entries(by=AUDITOR)) == []
    clock.move(seconds=30)  # the job died
    assert len(list(agency.audit.entries(by=AUDITOR))) == 70


def test_the_lease_of_another_is_left_as_it_is(by_job, note_down, clock):
    agency = by_job()
    note_down(agency)
    until = clock.now() + timedelta(seconds=20)
    held(agency, until)
    agency.audit.sequence(by=AUDITOR)
    assert lease(agency) == Lease("sequencer", "another", until)


def test_a_run_that_is_done_lets_the_next_one_begin_at_once(by_job, note_down):
    agency = by_job()
    for _ in range(3):
        note_down(agency)
        report = agency.audit.sequence(by=AUDITOR)
        assert (report.numbered, report.is_at_work_elsewhere) == (1, False)


def test_a_run_that_is_long_keeps_its_lease(by_job, note_down, clock, monkeypatch):
    monkeypatch.setattr(job, "BATCH", 1)
    agency = by_job()
    for _ in range(3):
        note_down(agency)
    number, ends = job.number_batch, []

    def slowly(work, **options):
        made = number(work, **options)
        ends.append(work.get(LEASES, "sequencer").record.until - clock.now())
        clock.move(seconds=29)
        return made

    monkeypatch.setattr(job, "number_batch", slowly)
    assert agency.audit.sequence(by=AUDITOR).numbered == 3
    assert ends == [timedelta(seconds=30)] * 3


def test_an_export_that_can_not_be_numbered_now_says_so(by_job, note_down, long_appointed, clock):
    agency = by_job()
    officer = long_appointed(agency, "worker-17", StaffRole.RECORDS_OFFICER)
    note_down(agency)
    held(agency, clock.now() + timedelta(seconds=20))
    with pytest.raises(ConflictError, match="ask again in a moment"):
        agency.audit.export(
            period=DateRange(date(2026, 1, 1)), reason=ExportReason.SUBPOENA, reference="26-1", by=officer
        )


# --- order ----------------------------------------------------------------------------------------------


def test_acts_of_one_process_are_numbered_as_they_ran_though_its_clock_stands_still(by_job, note_down):
    agency = by_job()
    acts = [(note_down(agency, entries), entries) for entries in (1, 3, 1, 2) * 50]
    agency.audit.sequence(by=AUDITOR)
    assert numbered(agency) == ids_of(acts)


def test_acts_of_one_process_are_numbered_as_they_ran_though_its_clock_goes_back(by_job, note_down, clock):
    agency = by_job()
    acts = []
    for hours in (0, 5, -10, 1, -3, 0, 24, -24):
        clock.move(hours=hours)
        acts.append((note_down(agency, 2), 2))
    agency.audit.sequence(by=AUDITOR)
    assert numbered(agency) == ids_of(acts)
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_writers_whose_clocks_differ_by_minutes_lose_nothing_and_each_keeps_its_order(
    by_job, opener, sqlite_url, note_down, clock
):
    ahead = FrozenClock(clock.now() + timedelta(minutes=7))
    one, other = by_job(sqlite_url), by_job(sqlite_url, clock=ahead)
    ours, theirs = [], []
    for place in range(12):
        for agency, acts in ((one, ours), (other, theirs)):
            acts.append((note_down(agency, 1 + place % 2), 1 + place % 2))
        clock.move(seconds=1)
        ahead.move(seconds=1)
        if place % 5 == 4:
            (one, other)[place % 2].audit.sequence(by=AUDITOR)
    one.audit.sequence(by=AUDITOR)
    for acts in (ours, theirs):
        assert [each for each in numbered(one) if each in ids_of(acts)] == ids_of(acts)
    assert len(numbered(one)) == len(ids_of(ours + theirs))
    assert one.audit.verify(by=AUDITOR).is_sound


def forged(agency, turn):
    """An act under an id whose beginning somebody chose."""
    return agency.audit._resources.write(
        lambda work: write_act(work.transaction, work.sealer, [an_entry(work.now)], turn)
    )


def test_an_id_that_is_forged_to_sort_first_is_numbered_first_in_its_batch_and_nothing_else_happens(
    by_job, note_down
):
    agency = by_job()
    before = (note_down(agency, 2), 2)
    agency.audit.sequence(by=AUDITOR)
    honest = (note_down(agency, 2), 2)
    first = (forged(agency, turn=0), 1)
    agency.audit.sequence(by=AUDITOR)
    after = (note_down(agency), 1)
    agency.audit.sequence(by=AUDITOR)
    assert numbered(agency) == ids_of([before, first, honest, after])
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_an_id_that_is_forged_with_a_time_to_come_is_numbered_last_in_its_batch_and_nothing_else_happens(
    by_job, note_down, monkeypatch
):
    monkeypatch.setattr(job, "BATCH", 2)
    agency = by_job()
    last = (forged(agency, turn=2**64 - 1), 1)
    honest = [(note_down(agency, 2), 2) for _ in range(3)]
    agency.audit.sequence(by=AUDITOR)
    after = (note_down(agency), 1)
    agency.audit.sequence(by=AUDITOR)
    assert numbered(agency) == ids_of([*honest, last, after])
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_an_act_that_is_committed_late_is_numbered_late_and_not_passed_over(by_job, note_down, clock):
    """It has an id from before those that are numbered already, as where many write at once."""
    agency = by_job()
    early = next_turn(0, clock.now()) - 1
    numbers = [(note_down(agency), 1) for _ in range(3)]
    agency.audit.sequence(by=AUDITOR)
    late = (forged(agency, turn=early), 1)
    agency.audit.sequence(by=AUDITOR)
    assert numbered(agency) == ids_of([*numbers, late])
    assert agency.audit.verify(by=AUDITOR).is_sound
