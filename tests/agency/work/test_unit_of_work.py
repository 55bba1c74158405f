"""The unit of work: a verb happens whole or not at all, and anew when somebody was faster."""

import json
from itertools import count

import attrs
import pytest

from dcss_core import Actor, KeyRing, Month, Secret
from dcss_core.agency.work import transactions
from dcss_core.agency.work.backoff import Backoff
from dcss_core.agency.work.deadline import Deadline
from dcss_core.agency.work.records import keep
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_QUEUE
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import NothingFound
from dcss_core.errors import (
    BackendError,
    ConflictError,
    DuplicateKeyError,
    InvalidInputError,
    InvariantError,
    NotFoundError,
    NotPermittedError,
    StaleVersionError,
)
from dcss_core.memory import MemoryStorage
from dcss_core.memory.transaction import MemoryTransaction
from dcss_core.opening.machine import SystemRandomness, pause
from dcss_core.ports.keys import MasterKey
from dcss_core.rules.federal import baseline

pytestmark = pytest.mark.on_every_storage


@attrs.frozen
class Counter:
    name: str
    count: int
    secret: Secret


COUNTERS = keep(Counter, "counters", key="name", unique=(("count",),))
IN_ORDER = ("act", "seq")
ZERO = Counter("zero", 0, Secret("hush"))


@pytest.fixture
def work(clock):
    """Runs verbs on a storage of their own: `work.write(verb)`, `work.read(verb)`."""
    storage = MemoryStorage()
    storage.prepare([each.collection for each in (COUNTERS, AUDIT_ENTRIES, AUDIT_QUEUE)])
    sealer = Sealer(KeyRing((MasterKey("k1", Secret("1" * 64)),)), SystemRandomness())

    def begin(transaction):
        return UnitOfWork(transaction, sealer, baseline(), clock.now())

    def patience():
        return Backoff(Deadline.after(5), SystemRandomness(), pause, lambda error, attempt: None)

    class Work:
        @staticmethod
        def write(verb):
            return transactions.write(storage, begin, verb, patience())

        @staticmethod
        def read(verb):
            return transactions.read(storage, begin, verb, patience())

    Work.write(lambda work: work.insert(COUNTERS, [ZERO]))
    return Work


def test_a_record_is_replaced_at_the_version_it_was_read_at(work):
    def count(unit):
        kept = unit.get(COUNTERS, "zero")
        unit.replace(COUNTERS, kept, attrs.evolve(kept.record, count=kept.record.count + 1))
        return kept.version

    assert [work.write(count) for _ in range(3)] == [1, 2, 3]
    assert work.read(lambda unit: unit.get(COUNTERS, "zero")) == Kept(attrs.evolve(ZERO, count=3), 4)


def test_an_unchanged_record_is_not_written(work):
    work.write(lambda unit: unit.replace(COUNTERS, unit.get(COUNTERS, "zero"), attrs.evolve(ZERO)))
    assert work.read(lambda unit: unit.get(COUNTERS, "zero")).version == 1


def test_a_record_read_in_an_earlier_unit_of_work_is_stale(work):
    kept = work.read(lambda unit: unit.get(COUNTERS, "zero"))
    work.write(lambda unit: unit.replace(COUNTERS, kept, attrs.evolve(ZERO, count=1)))
    with pytest.raises(StaleVersionError):
        work.write(lambda unit: unit.replace(COUNTERS, kept, attrs.evolve(ZERO, count=2)))


def test_records_are_counted_by_the_records_own_names_and_none_is_read(work, monkeypatch):
    work.write(lambda unit: unit.insert(COUNTERS, [Counter(str(n), n, Secret("hush")) for n in (1, 2, 3)]))
    monkeypatch.setattr(MemoryTransaction, "_found", None)
    assert work.read(lambda unit: unit.count(COUNTERS, ("count",))) == 4
    assert work.read(lambda unit: unit.count(COUNTERS, ("count",), (2,))) == 1
    assert work.read(lambda unit: unit.count(COUNTERS, ("count",), at_most=2)) == 3


def test_an_exception_leaves_nothing_behind(work):
    def verb(unit):
        unit.insert(COUNTERS, [Counter("one", 1, Secret("hush"))])
        raise RuntimeError("the verb failed")

    with pytest.raises(RuntimeError):
        work.write(verb)
    assert work.read(lambda unit: unit.get(COUNTERS, "one")) is None


@pytest.mark.parametrize(
    "passing",
    [
        StaleVersionError("somebody was faster"),
        DuplicateKeyError("receipts", ["receipt_id"]),
        BackendError("busy", retryable=True),
    ],
)
def test_a_verb_is_done_anew_when_somebody_was_faster(work, passing):
    attempts = []

    def verb(unit):
        unit.insert(COUNTERS, [Counter("one", 1, Secret("hush"))])
        attempts.append(unit)
        if len(attempts) < 3:
            raise passing
        return "done"

    assert work.write(verb) == "done"
    assert len(attempts) == 3
    assert work.read(lambda unit: unit.get(COUNTERS, "one")).version == 1


def test_after_eight_attempts_the_conflict_is_raised(work):
    attempts = []

    def verb(unit):
        attempts.append(unit)
        unit.insert(COUNTERS, [ZERO])

    with pytest.raises(DuplicateKeyError):
        work.write(verb)
    assert len(attempts) == 8


@pytest.mark.parametrize("waits", [0, 6, 7, 8, 12])
def test_after_the_first_key_that_was_taken_an_attempt_follows_that_knows_it(work, waits):
    told = [BackendError("busy", retryable=True)] * waits + [DuplicateKeyError("receipts", ["receipt_id"])]
    knew = []

    def verb(unit):
        knew.append(unit.key_was_taken)
        if told:
            raise told.pop(0)
        return "done"

    assert work.write(verb) == "done"
    assert knew == [False] * (waits + 1) + [True]


@pytest.mark.parametrize(
    "final", [BackendError("the disk is full", retryable=False), ConflictError("not held any more")]
)
def test_a_failure_that_will_not_pass_is_raised_at_once(work, final):
    attempts = []

    def verb(unit):
        attempts.append(unit)
        raise final

    with pytest.raises(type(final)):
        work.write(verb)
    assert len(attempts) == 1


def test_each_attempt_has_the_time_at_which_it_began(work, clock):
    instants = []

    def verb(unit):
        instants.append(unit.now)
        clock.move(seconds=1)
        if len(instants) < 2:
            raise StaleVersionError("somebody was faster")

    work.write(verb)
    assert (instants[1] - instants[0]).total_seconds() == 1


def test_what_only_reads_cannot_write(work):
    for verb in (
        lambda unit: unit.insert(COUNTERS, [Counter("one", 1, Secret("hush"))]),
        lambda unit: unit.replace(COUNTERS, Kept(ZERO, 1), attrs.evolve(ZERO, count=1)),
    ):
        with pytest.raises(BackendError):
            work.read(verb)


def test_inserting_appending_and_auditing_nothing_is_nothing(work):
    work.write(lambda unit: unit.insert(COUNTERS, []))
    work.write(lambda unit: unit.audit([], Actor.public()))
    assert work.read(lambda unit: unit.find(AUDIT_ENTRIES, IN_ORDER)) == []


def test_what_nobody_did_is_not_saved(work):
    def verb(unit):
        unit.insert(COUNTERS, [Counter("one", 1, Secret("hush"))])
        unit.audit([], "worker-17")

    with pytest.raises(InvalidInputError, match=r"by: found a str, expected an Actor"):
        work.write(verb)
    assert work.read(lambda unit: unit.get(COUNTERS, "one")) is None


# --- what stays after an error ------------------------------------------------------------------------

ASKING = Actor.staff("worker-17")


def left_after(work, error, *, asking=ASKING, leaves=()):
    """What stands in the audit log after a verb that wrote, left something perhaps, and failed."""

    def verb(unit):
        unit.asking, unit.verb = asking, "cases.find"
        unit.insert(COUNTERS, [Counter("one", 1, Secret("hush"))])
        for event in leaves:
            unit.leave(event)
        raise error

    with pytest.raises(type(error)):
        work.write(verb)
    assert work.read(lambda unit: unit.get(COUNTERS, "one")) is None
    kept = work.read(lambda unit: unit.find(AUDIT_ENTRIES, IN_ORDER))
    entries = [each.record.entry for each in kept]
    return [(entry.kind, entry.actor, json.loads(entry.details)) for entry in entries]


def test_an_error_of_staff_leaves_the_act_and_the_code_and_nothing_of_what_was_given(work):
    assert left_after(work, ConflictError("case 4711 is closed")) == [
        ("staff_act_refused", "staff:worker-17", {"act": "cases.find", "code": "conflict"})
    ]


def test_a_refusal_leaves_what_was_wanted(work):
    assert left_after(work, NotPermittedError("no", wanted="cases.find"), asking=Actor.parent("a-1")) == [
        ("authz_fail", "parent:a-1", {"actor_id": "a-1", "wanted": "cases.find"})
    ]


def test_what_the_verb_left_stands_instead_of_the_refusal(work):
    assert left_after(work, NotFoundError("none"), leaves=[NothingFound("case")]) == [
        ("sensitive_read", "staff:worker-17", {"sought": "case", "count": 0})
    ]


def test_an_error_about_what_a_parent_asked_is_an_entry(work):
    [(kind, actor, details)] = left_after(work, ConflictError("closed"), asking=Actor.parent("a-1"))
    assert (kind, actor, details["code"]) == ("act_refused", "parent:a-1", "conflict")


def test_an_error_of_the_library_tells_nothing_of_the_parent_who_met_it(work):
    assert left_after(work, InvariantError("a defect"), asking=Actor.parent("a-1")) == []


def test_an_error_of_a_job_leaves_nothing(work):
    assert left_after(work, ConflictError("closed"), asking=Actor.system("remittance")) == []


def test_where_nobody_is_known_to_ask_nothing_is_left(work):
    assert left_after(work, NotPermittedError("no"), asking=None, leaves=[NothingFound("case")]) == []


@pytest.mark.parametrize(
    "passing",
    [StaleVersionError("somebody was faster"), BackendError("the disk is full", retryable=False)],
    ids=lambda error: error.code,
)
def test_what_is_tried_anew_or_failed_in_the_storage_is_no_act_of_staff(work, passing):
    assert left_after(work, passing, leaves=[NothingFound("case")]) == []


def test_a_verb_that_only_reads_leaves_its_entry_all_the_same(work):
    def verb(unit):
        unit.asking, unit.verb = ASKING, "audit.about"
        raise InvalidInputError("no")

    with pytest.raises(InvalidInputError):
        work.read(verb)
    [kept] = work.read(lambda unit: unit.find(AUDIT_ENTRIES, IN_ORDER))
    assert kept.record.entry.kind == "staff_act_refused"


# --- the verbs of an agency ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        ("append", "audit_entries"),
        ("insert", "audit_queue"),
        ("insert", "outbox"),
        ("insert", "accounts"),
        ("insert", "security_answers"),
    ],
)
def test_a_registration_that_fails_anywhere_leaves_nothing(
    fragile, case_application, intake, jane, form_of, place
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    before = list(agency.audit.entries(by=Actor.system("audit")))
    storage.fail_on = place
    with pytest.raises(BackendError, match="disk is full"):
        agency.accounts.register(form_of(agency, jane))
    storage.fail_on = None
    assert list(agency.audit.entries(by=Actor.system("audit"))) == before
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 0
    assert type(agency.accounts.register(form_of(agency, jane))).__name__ == "Registered"


def test_what_cannot_be_audited_does_not_happen(
    fragile, case_application, intake, jane, register, sign_in, reset
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    token, month = sign_in(agency, jane), Month(2026, 1)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    storage.fail_on = ("append", "audit_entries")
    verbs = (
        lambda: agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version),
        lambda: agency.accounts.sign_in(
            jane.user_id, Secret("wrong"), banner=agency.accounts.banner().version
        ),
        lambda: agency.credentials.change_password(token, current=jane.password, new=Secret("k" * 20)),
        lambda: agency.credentials.change_password(token, current=Secret("wrong"), new=Secret("k" * 20)),
        lambda: agency.accounts.sign_out(token),
        lambda: reset(agency, jane),
        lambda: agency.payments.history(case_application.case_number, by=token),
        lambda: agency.payments.statement(case_application.case_number, first=month, last=month, by=token),
    )
    for verb in verbs:
        with pytest.raises(BackendError, match="disk is full"):
            verb()
    storage.fail_on = None
    assert (
        agency.outbox.pending(by=Actor.system("dispatch")) == 0
    )  # no assigned password, no notice of a change
    assert agency.accounts.display_name(token) == "Jane Roe"  # neither signed out nor replaced
    for _ in range(2):  # no failure was counted
        agency.accounts.sign_in(jane.user_id, Secret("wrong"), banner=agency.accounts.banner().version)
    sign_in(agency, jane)


def test_a_password_change_that_fails_at_any_call_leaves_the_old_password(
    fragile, case_application, intake, jane, register, sign_in
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    token, new = sign_in(agency, jane), Secret("eleven copper kettles on a raft")
    for number in count(1):
        storage.fail_at = storage.calls + number
        try:
            agency.credentials.change_password(token, current=jane.password, new=new)
        except BackendError:
            assert agency.accounts.display_name(token) == "Jane Roe"
            sign_in(agency, jane)
        else:
            break
    storage.fail_at = None
    assert number > 10  # the session and the account read twice, then everything that is written
    sign_in(agency, jane, new)
