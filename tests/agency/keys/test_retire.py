"""`agency.keys.retire`: a key that nothing needs any more goes for good."""

import json

import pytest

from dcss_core import Actor, KeyRing, Secret, Ssn
from dcss_core.audit import VerifierKey
from dcss_core.errors import ConflictError, InvalidInputError
from dcss_core.running import KeyStanding
from dcss_core.users import PasswordChangeAccepted, SignInRefused

from .conftest import K2

AUDIT = Actor.system("audit")


@pytest.fixture
def resealed(lived, opened_with, job):
    """The agency with everything under k2 but what only its owner can bring there."""
    agency = opened_with(lived("21"))
    agency.keys.reseal(by=job)
    return agency


def test_it_waits_for_everything_that_opens_with_the_key_alone(lived, opened_with, job):
    agency = opened_with(lived("21"))
    with pytest.raises(ConflictError, match="'k1' can't be retired yet") as caught:
        agency.keys.retire("k1", by=job, ends_passwords=True)
    assert {fault.where for fault in caught.value.faults} >= {"people/ssn", "people/ssn_index"}
    assert all("agency.keys.reseal" in fault.expected for fault in caught.value.faults)


def test_it_waits_for_passwords_and_answers_unless_they_may_end(resealed, job):
    with pytest.raises(ConflictError) as caught:
        resealed.keys.retire("k1", by=job)
    found = {fault.where: fault.found for fault in caught.value.faults}
    assert found == {
        "accounts/password_hash": "2 passwords",
        "security_answers/answers_hash": "2 answer sets",
    }
    assert resealed.keys.retire("k1", by=job, ends_passwords=True).key_id == "k1"


def test_a_retired_key_opens_nothing_and_everything_is_read_without_it(
    resealed, opened_with, job, jane, sign_in
):
    sign_in(resealed, jane)  # her password comes under k2
    retired = resealed.keys.retire("k1", by=job, ends_passwords=True)
    resealed.close()
    agency = opened_with(KeyRing((K2,), (retired,)))
    sign_in(agency, jane)
    assert agency.keys.report(by=job).of("k1").standing is KeyStanding.RETIRED
    assert agency.keys.report(by=job).opens_all


def test_whose_password_ended_with_it_is_refused_as_for_a_wrong_one_and_recovers(
    resealed, opened_with, job, john, jane, attempt, hasher, mail
):
    retired = resealed.keys.retire("k1", by=job, ends_passwords=True)
    resealed.close()
    agency = opened_with(KeyRing((K2,), (retired,)))
    hashing = agency._resources.hasher.hasher
    hashing.runs = 0
    assert isinstance(attempt(agency, john.user_id, john.password), SignInRefused)
    of_ended, hashing.runs = hashing.runs, 0
    assert isinstance(attempt(agency, "nobody", john.password), SignInRefused)
    assert of_ended == hashing.runs == 1
    agency.recovery.request_code(john.user_id)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert mail.delivered  # the code is on its way


def test_answers_that_ended_with_it_reset_nothing(resealed, opened_with, job, jane):
    retired = resealed.keys.retire("k1", by=job, ends_passwords=True)
    resealed.close()
    agency = opened_with(KeyRing((K2,), (retired,)))
    asked = agency.recovery.questions(jane.ssn)
    outcome = agency.recovery.reset_password(full_name="Jane Roe", ssn=jane.ssn, answers=jane.answers(asked))
    assert "has been reset" not in outcome.sentence


def test_earlier_passwords_that_ended_with_it_stand_in_nobodys_way(resealed, opened_with, job, jane, sign_in):
    sign_in(resealed, jane)
    retired = resealed.keys.retire("k1", by=job, ends_passwords=True)
    resealed.close()
    agency = opened_with(KeyRing((K2,), (retired,)))
    token = sign_in(agency, jane)
    new = Secret("nine quiet herons by the marsh")
    outcome = agency.credentials.change_password(token, current=jane.password, new=new)
    assert isinstance(outcome, PasswordChangeAccepted)


@pytest.mark.parametrize(
    ("key_id", "bound", "where", "expected"),
    [
        ("k2", None, "key_id", "one of k1"),
        ("k9", None, "key_id", "one of k1"),
        ("", None, "key_id", "one of k1"),
        ("k1", -1, "signs_nothing_after", "0 to "),
        ("k1", 10**9, "signs_nothing_after", "0 to "),
    ],
)
def test_what_can_not_be_retired_is_said(resealed, job, key_id, bound, where, expected):
    with pytest.raises(InvalidInputError) as caught:
        resealed.keys.retire(key_id, by=job, signs_nothing_after=bound, ends_passwords=True)
    [fault] = caught.value.faults
    assert fault.where == where
    assert expected in fault.expected


def test_all_that_is_wrong_is_said_at_once(resealed, job):
    with pytest.raises(InvalidInputError) as caught:
        resealed.keys.retire("k9", by=job, signs_nothing_after=-1)
    assert [fault.where for fault in caught.value.faults] == ["key_id", "signs_nothing_after"]


def test_the_only_key_is_never_retired(agency, job):
    with pytest.raises(InvalidInputError, match="there is none"):
        agency.keys.retire("k1", by=job)


def test_the_log_says_which_key_and_how_far_it_signed(resealed, job):
    retired = resealed.keys.retire("k1", by=job, signs_nothing_after=3, is_leaked=True, ends_passwords=True)
    [said] = [e for _, e in resealed.audit.entries(by=AUDIT) if e.kind == "sys_key_retired"]
    assert said.subject == "key:k1"
    assert json.loads(said.details) == {
        "ended": 4,
        "is_leaked": True,
        "key_id": "k1",
        "signs_nothing_after": 3,
    }
    assert retired.signs_nothing_after == 3


def decoys(agency):
    return [
        agency.recovery.questions(Ssn(f"900-01-90{number:02}", accept_never_issued=True))
        for number in range(1, 9)
    ]


def test_decoys_stay_when_a_key_is_retired_in_the_course_of_things(resealed, job):
    before = decoys(resealed)
    resealed.keys.retire("k1", by=job, ends_passwords=True)
    assert decoys(resealed) == before


def test_decoys_are_drawn_anew_when_somebody_else_may_have_the_key(resealed, job):
    before = decoys(resealed)
    resealed.keys.retire("k1", by=job, is_leaked=True, ends_passwords=True)
    assert decoys(resealed) != before


# --- what it signed ---------------------------------------------------------------------------------------


@pytest.fixture
def signed(lived, opened_with, tmp_path, intake):
    """Checkpoints of the same log, signed with k1: at its present size, and after more was written."""
    agency = opened_with(lived("1"))
    resources = agency._resources

    def checkpoint(log):
        from dcss_core.agency.audit.reading import checkpoint_of
        from dcss_core.agency.work.trail.reading import log_size
        from dcss_core.audit.checkpoint import sign_checkpoint

        resources.number_what_waits(by_job=False)
        at = log._resources.read(lambda work: checkpoint_of(work, "US-GA", log_size(work)))
        return at.size, sign_checkpoint(at, resources.sealer.audit_signing_key())

    return agency, checkpoint


def test_a_leaked_key_is_believed_up_to_its_bound_and_not_after(signed, opened_with, job, ring):
    agency, checkpoint = signed
    size, honest = checkpoint(agency)
    after = opened_with(ring("21").with_bound("k1", size))
    after.keys.reseal(by=job)  # so that the log grows
    longer, forged = checkpoint(after)
    assert longer > size
    assert after.audit.verify(by=AUDIT, checkpoints=[honest]).is_sound
    found = after.audit.verify(by=AUDIT, checkpoints=[honest, forged])
    assert not found.is_sound
    assert f"may sign for no log of {longer} records" in str(found)


def test_a_retired_key_is_believed_up_to_its_bound_and_not_after(signed, opened_with, job, ring):
    agency, checkpoint = signed
    size, honest = checkpoint(agency)
    resealing = opened_with(ring("21"))
    resealing.keys.reseal(by=job)
    longer, forged = checkpoint(resealing)
    retired = resealing.keys.retire("k1", by=job, signs_nothing_after=size, ends_passwords=True)
    after = opened_with(KeyRing((K2,), (retired,)))
    assert after.audit.verify(by=AUDIT, checkpoints=[honest]).is_sound
    assert f"may sign for no log of {longer} records" in str(
        after.audit.verify(by=AUDIT, checkpoints=[forged])
    )


def test_a_key_that_leaked_is_not_believed_further_once_it_is_retired(resealed, opened_with, ring, job):
    bounded = opened_with(ring("21").with_bound("k1", 2))
    with pytest.raises(InvalidInputError) as caught:
        bounded.keys.retire("k1", by=job, signs_nothing_after=3, ends_passwords=True)
    assert [(fault.where, fault.expected) for fault in caught.value.faults] == [
        ("signs_nothing_after", "0 to 2")
    ]
    assert bounded.keys.retire("k1", by=job, ends_passwords=True).signs_nothing_after == 2


def test_the_published_keys_say_how_far_each_counts(resealed, opened_with, job):
    retired = resealed.keys.retire("k1", by=job, signs_nothing_after=3, ends_passwords=True)
    agency = opened_with(KeyRing((K2,), (retired,)))
    current, old = map(VerifierKey.parse, agency.audit.verifier_keys(by=AUDIT))
    assert (current.signs_nothing_after, old.signs_nothing_after) == (None, 3)
