"""Appending: whoever writes at once, and whatever fails, the log is one tree without a gap."""

from collections import Counter
from contextlib import suppress

import pytest

from dcss_core import Actor
from dcss_core.agency.audit.log import AuditLog
from dcss_core.errors import BackendError, InvalidInputError

pytestmark = pytest.mark.on_every_storage

AUDITOR = Actor.system("audit")


def test_eight_threads_write_one_log(agency, opened_case, clerk, at_once):
    def look():
        for _ in range(10):
            agency.cases.find(opened_case, by=clerk)

    at_once(8, look)
    assert [seq for seq, _ in agency.audit.entries(by=AUDITOR)] == list(range(1, 82))
    report = AuditLog(agency.audit._resources, agency.audit._door).verify(by=AUDITOR)
    assert (report.is_sound, report.size) == (True, 81)


def test_threads_that_publish_while_others_write_sign_no_contradiction(agency, opened_case, clerk, at_once):
    log = AuditLog(agency.audit._resources, agency.audit._door)
    notes = []

    def look_and_publish():
        for _ in range(5):
            agency.cases.find(opened_case, by=clerk)
            notes.append(log.publish(by=AUDITOR).checkpoint)

    at_once(4, look_and_publish)
    report = log.verify(notes, by=AUDITOR)
    assert report.is_sound
    assert report.signed_size == report.size == 21
    assert report.checkpoints == len({note.split("\n")[1] for note in notes})


def test_a_verification_beside_writers_is_sound(agency, opened_case, clerk, at_once):
    log = AuditLog(agency.audit._resources, agency.audit._door)
    for _ in range(20):
        agency.cases.find(opened_case, by=clerk)
    turns = iter(range(4))

    def work():
        if next(turns) % 2:
            return [log.verify([log.publish(by=AUDITOR).checkpoint], by=AUDITOR).is_sound for _ in range(5)]
        return [agency.cases.find(opened_case, by=clerk) is not None for _ in range(20)]

    assert Counter(outcome for outcomes in at_once(4, work) for outcome in outcomes) == {True: 50}


@pytest.mark.parametrize("calls", range(1, 8))
def test_an_append_that_fails_leaves_the_tree_as_it_was(fragile, case_application, clerk_of, calls):
    agency, storage = fragile
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    storage.fail_at = storage.calls + calls
    with suppress(BackendError):
        agency.cases.find(case_application.case_number, by=clerk)
    storage.fail_at = None
    agency.cases.find(case_application.case_number, by=clerk)
    report = agency.audit.verify(by=AUDITOR)
    assert report.is_sound
    assert report.size == len(list(agency.audit.entries(by=AUDITOR)))


def test_the_entries_of_one_verb_have_salts_of_their_own(agency, janes_account, jane):
    before = len(list(agency.audit.entries(by=AUDITOR)))
    agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    after = len(list(agency.audit.entries(by=AUDITOR)))
    salts = {agency.audit.inclusion_proof(seq, by=AUDITOR).salt for seq in range(before + 1, after + 1)}
    assert len(salts) == after - before > 1
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_a_verb_that_is_refused_leaves_the_tree_as_it_was(agency, case_application, intake):
    agency.cases.open(case_application, by=intake)
    proof = agency.audit.inclusion_proof(1, by=AUDITOR)
    with pytest.raises(InvalidInputError):
        agency.cases.open(case_application, by=intake)  # it exists already
    assert agency.audit.inclusion_proof(1, by=AUDITOR) == proof
