"""`agency.keys.reseal`: everything that can be comes under the current key, on a live agency."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import attrs
import pytest

from dcss_core import Actor, CaseNumber, KeyRing, Secret
from dcss_core.agency.filing.cases import CONTACT_POINTS, PEOPLE
from dcss_core.cases import ContactKind, ContactSource, ContactState
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.errors import ConfigurationError, InvalidInputError
from dcss_core.running import KeyPurpose

from .conftest import K2, K3

AUDIT = Actor.system("audit")


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def durable_url(request):
    return request.getfixturevalue(request.param)


def test_afterwards_nothing_needs_the_old_key_but_what_only_its_owner_can_bring(lived, opened_with, job):
    agency = opened_with(lived("21"))
    before = agency.keys.report(by=job).of("k1").needed_for(KeyPurpose.SEALED, KeyPurpose.FOUND)
    agency.keys.reseal(by=job)
    report = agency.keys.report(by=job)
    assert report.is_settled
    assert set(report.of("k1").purposes) <= {KeyPurpose.PASSWORDS, KeyPurpose.ANSWERS, KeyPurpose.COUNTED}
    assert report.of("k2").needed_for(KeyPurpose.SEALED, KeyPurpose.FOUND) == before


def test_everything_is_read_and_everybody_found_with_the_new_key_alone(
    lived, opened_with, job, jane, reset, mail, case_application, intake
):
    first = opened_with(lived("21"))
    first.keys.reseal(by=job)
    first.close()
    alone = opened_with(KeyRing((K2,), (first._resources.sealer.retired("k1", 99),)))
    assert len(alone.recovery.questions(jane.ssn)) == 3
    alone.outbox.dispatch(by=Actor.system("dispatch"))
    assert {each.address.reveal() for each in mail.delivered} >= {jane.email.reveal()}
    again = attrs.evolve(case_application, case_number=CaseNumber("0004567899"))
    with pytest.raises(InvalidInputError, match="on file"):
        alone.cases.open(again, by=intake)


def test_real_questions_and_decoys_stay_as_they_were(lived, opened_with, job, jane, john):
    agency = opened_with(lived("21"))
    numbers = [jane.ssn, john.ssn, type(jane.ssn)("900-01-9001", accept_never_issued=True)]
    before = [agency.recovery.questions(number) for number in numbers]
    agency.keys.reseal(by=job)
    agency.close()
    alone = opened_with(KeyRing((K2,), (agency._resources.sealer.retired("k1", 99),)))
    assert [alone.recovery.questions(number) for number in numbers] == before


def test_a_password_comes_under_the_new_key_when_its_owner_signs_in(
    lived, opened_with, job, jane, john, sign_in
):
    agency = opened_with(lived("21"))
    sign_in(agency, jane)
    assert agency.keys.report(by=job).of("k1").purposes[KeyPurpose.PASSWORDS] == 1  # John's
    sign_in(agency, john)
    assert KeyPurpose.PASSWORDS not in agency.keys.report(by=job).of("k1").purposes


def test_a_second_run_finds_nothing_to_do(lived, opened_with, job):
    agency = opened_with(lived("21"))
    assert agency.keys.reseal(by=job).records > 0
    log = agency.audit.verify(by=AUDIT).size
    assert agency.keys.reseal(by=job).records == 0
    assert agency.audit.verify(by=AUDIT).size == log  # nor is anything said


def test_it_is_done_a_little_at_a_time_and_comes_to_the_same(lived, opened_with, job):
    agency = opened_with(lived("21"))
    runs = 0
    while not agency.keys.reseal(by=job, at_most=1).is_complete:
        runs += 1
    assert runs == 4  # two parents, their letter, and whose database it is
    assert agency.keys.report(by=job).is_settled


@pytest.mark.parametrize("number", [0, -1])
def test_a_run_does_something(lived, opened_with, job, number):
    with pytest.raises(InvalidInputError, match="1 or more"):
        opened_with(lived("21")).keys.reseal(by=job, at_most=number)


def test_the_log_says_how_many_of_what_and_nothing_else(lived, opened_with, job):
    agency = opened_with(lived("21"))
    report = agency.keys.reseal(by=job)
    agency.audit.sequence(by=AUDIT)
    said = [e for _, e in agency.audit.entries(by=AUDIT) if e.kind == "sys_records_resealed"]
    assert {e.subject.partition(":")[2] for e in said} == set(report.resealed)
    assert {name for e in said for name in json.loads(e.details)} == {"collection", "count", "key_id"}


def test_two_at_once_do_the_work_of_one(lived, opened_with, job):
    agencies = [opened_with(lived("21")) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda agency: agency.keys.reseal(by=job), agencies))
    people = sum(report.resealed.get("people", 0) for report in reports)
    assert people == 2
    assert agencies[0].keys.report(by=job).is_settled


def test_people_sign_in_and_change_while_it_runs(lived, opened_with, job, jane, john, sign_in):
    agency = opened_with(lived("21"))

    def signs_in(turn):
        return sign_in(agency, (jane, john)[turn % 2])

    with ThreadPoolExecutor(6) as pool:
        resealing = [pool.submit(agency.keys.reseal, by=job, at_most=1) for _ in range(6)]
        signed_in = [pool.submit(signs_in, turn) for turn in range(20)]
        for each in (*resealing, *signed_in):
            each.result()
    agency.keys.reseal(by=job)
    assert agency.keys.report(by=job).is_settled
    sign_in(agency, jane)


# --- what does not open ----------------------------------------------------------------------------------


def ssn_as_stored(path, person_id=None):
    """The sealed number of a person, and whose it is."""
    where, values = ("person_id = ?", (person_id,)) if person_id else ("ssn IS NOT NULL", ())
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(f"SELECT person_id, ssn FROM people WHERE {where} LIMIT 1", values)
        return found.fetchone()


def store_ssn(path, person_id, sealed):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE people SET ssn = ? WHERE person_id = ?", (sealed, person_id))


@pytest.mark.parametrize("durable_url", ["sqlite_url"], indirect=True)
def test_what_was_sealed_with_a_key_that_is_missing_is_named_and_the_rest_is_done(
    lived, opened_with, job, sqlite_url
):
    path = sqlite_url.removeprefix("sqlite:///")
    person, under_k1 = ssn_as_stored(path)
    first = opened_with(lived("21"))
    everything = first.keys.reseal(by=job).records
    first.close()
    store_ssn(path, person, under_k1)  # as from a backup
    done = opened_with(KeyRing((K3, K2))).keys.reseal(by=job)
    assert (done.records, done.left) == (everything - 1, 1)
    assert (
        f"people/{person}: the data was sealed with key 'k1', which this key ring does not"
        in done.unopened[0]
    )


@pytest.mark.parametrize("durable_url", ["sqlite_url"], indirect=True)
@pytest.mark.parametrize("damage", [b"\x01", b"\x01\x02k1" + b"x" * 40, b""])
def test_a_damaged_value_is_left_as_it_is_and_named(lived, opened_with, job, sqlite_url, damage):
    path = sqlite_url.removeprefix("sqlite:///")
    person, _ = ssn_as_stored(path)
    store_ssn(path, person, damage)
    done = opened_with(lived("21")).keys.reseal(by=job)
    assert done.left == 1
    assert f"people/{person}: " in done.unopened[0]
    assert ssn_as_stored(path, person) == (person, damage)


def test_a_ring_that_opens_nothing_here_opens_no_agency(lived, opened_with):
    with pytest.raises(ConfigurationError):
        opened_with(lived("3"))


def test_counts_under_a_retired_key_are_forgotten(lived, opened_with, job):
    first = opened_with(lived("21"))
    first.keys.reseal(by=job)
    assert KeyPurpose.COUNTED in first.keys.report(by=job).of("k1").purposes
    first.close()
    alone = opened_with(KeyRing((K2,), (first._resources.sealer.retired("k1", 99),)))
    alone.keys.reseal(by=job)
    assert KeyPurpose.COUNTED not in alone.keys.report(by=job).of("k1").purposes


def test_the_records_are_otherwise_the_same(lived, opened_with, job):
    def people(agency):
        read = agency._resources.read(lambda work: work.find(PEOPLE, ("person_id",)))
        return [attrs.evolve(kept.record, ssn_index=None) for kept in read]

    agency = opened_with(lived("21"))
    before = people(agency)
    agency.keys.reseal(by=job)
    assert people(agency) == before


def test_a_telephone_is_found_by_stop_with_the_new_key_alone(lived, opened_with, job):
    agency, number = opened_with(lived("21")), Secret("+14045550100")

    def put_on_file(work):
        at, under_k1 = work.now, work.sealer.indexes_of_telephone(number)[-1]
        kind, source, state = ContactKind.MOBILE, ContactSource.OWNER, ContactState.IN_FORCE
        point = ContactPoint("t-1", "p-1", kind, number, source, state, at, since=at, codes_from=at)
        work.insert(CONTACT_POINTS, [attrs.evolve(point, number_index=under_k1)])

    agency._resources.write(put_on_file)
    agency.keys.reseal(by=job)
    agency.close()
    alone = opened_with(KeyRing((K2,), (agency._resources.sealer.retired("k1", 99),)))
    assert alone.texts.stop(number, by=Actor.system("text-replies")) is True
