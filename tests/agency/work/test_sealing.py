"""Sealing: what protects a field once it is in a database."""

import pytest
from hypothesis import given, strategies as st

from dcss_core import Actor, KeyRing, Secret, Ssn
from dcss_core.agency.work.sealing import Sealer
from dcss_core.errors import BackendError, ConfigurationError, DcssError
from dcss_core.opening.machine import SystemRandomness
from dcss_core.ports.keys import MasterKey
from dcss_core.users import SignedIn

pytestmark = pytest.mark.on_every_storage

K1, K2 = MasterKey("k1", Secret("1" * 64)), MasterKey("k2", Secret("2" * 64))
OLD, NEW = (
    Sealer(KeyRing((K1,)), SystemRandomness()),
    Sealer(KeyRing((K2, K1)), SystemRandomness()),
)
PLACE = "people/ssn/p-1/1"
SSN = Ssn("900-01-0001", accept_never_issued=True)


@given(st.text())
def test_what_is_sealed_opens_in_its_place(plain):
    assert OLD.open(OLD.seal(plain, PLACE), PLACE) == plain


def test_sealing_twice_never_gives_the_same_bytes():
    assert len({OLD.seal("hush", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "place", ["people/ssn/p-2/1", "people/email/p-1/1", "cases/ssn/p-1/1", "people/ssn/p-1/2"]
)
def test_what_is_sealed_opens_nowhere_else(place):
    with pytest.raises(BackendError, match="changed or moved"):
        OLD.open(OLD.seal("hush", PLACE), place)


def test_after_a_change_of_any_bit_nothing_opens():
    envelope = OLD.seal("hush", PLACE)
    for at in range(len(envelope)):
        for bit in range(8):
            changed = bytearray(envelope)
            changed[at] ^= 1 << bit
            with pytest.raises(DcssError) as caught:
                OLD.open(bytes(changed), PLACE)
            assert isinstance(caught.value, BackendError | ConfigurationError)


@given(st.binary(max_size=60))
def test_any_other_bytes_are_a_typed_error(envelope):
    with pytest.raises((BackendError, ConfigurationError)):
        NEW.open(envelope, PLACE)


def test_a_shortened_or_lengthened_value_does_not_open():
    envelope = OLD.seal("hush", PLACE)
    for changed in (*(envelope[:size] for size in range(len(envelope))), envelope + b"\0"):
        with pytest.raises(BackendError, match="changed or moved"):
            OLD.open(changed, PLACE)


# --- a new key -----------------------------------------------------------------------------------------


def test_a_ring_with_a_new_first_key_opens_what_the_old_one_sealed():
    assert NEW.open(OLD.seal("hush", PLACE), PLACE) == "hush"


def test_a_ring_without_the_old_key_says_which_key_it_lacks():
    with pytest.raises(ConfigurationError, match="'k1'"):
        Sealer(KeyRing((K2,)), SystemRandomness()).open(OLD.seal("hush", PLACE), PLACE)


def test_an_ssn_indexed_by_the_old_key_is_found_with_the_new_one():
    assert OLD.index_of(SSN) in NEW.indexes_of(SSN)
    assert NEW.indexes_of(SSN)[0] == NEW.index_of(SSN) != OLD.index_of(SSN)


def test_an_index_tells_nothing_of_the_number_without_the_key():
    other = Sealer(KeyRing((MasterKey("k1", Secret("3" * 64)),)), SystemRandomness())
    assert other.index_of(SSN) != OLD.index_of(SSN)
    assert SSN.reveal() not in OLD.index_of(SSN)


def test_keys_for_each_purpose_differ_from_each_other_and_from_the_master_key():
    derived = {
        OLD.peppers()["k1"].hex(),
        OLD.index_of(SSN).partition(":")[2],
        OLD.decoys_of_oldest().reveal(),
    }
    assert len(derived) == 3
    assert "1" * 64 not in derived


def test_after_a_new_key_everything_on_file_is_still_found_and_read(
    opener, sqlite_url, keys, case_application, intake, jane, john, register, reset, mail
):
    before = opener(sqlite_url)
    before.cases.open(case_application, by=intake)
    register(before, jane)
    before.close()
    after = opener(sqlite_url, keys=KeyRing((K2, *keys.keys)))
    assert isinstance(
        after.accounts.sign_in(jane.user_id, jane.password, banner=after.accounts.banner().version), SignedIn
    )
    asked = after.recovery.questions(jane.ssn)  # found by the SSN
    outcome = after.recovery.reset_password(full_name="Jane Roe", ssn=jane.ssn, answers=jane.answers(asked))
    assert outcome.sentence == "Your password has been reset."
    after.outbox.dispatch(by=Actor.system("dispatch"))  # the letter sealed by the old key, and the new one's
    assert {each.address.reveal() for each in mail.delivered} == {jane.email.reveal()}
    register(after, john)


def test_a_known_ssn_is_on_file_under_every_key(opener, sqlite_url, keys, case_application, intake):
    import attrs

    from dcss_core import CaseNumber
    from dcss_core.errors import InvalidInputError

    before = opener(sqlite_url)
    before.cases.open(case_application, by=intake)
    before.close()
    after = opener(sqlite_url, keys=KeyRing((K2, *keys.keys)))
    people = [attrs.evolve(each, irn=None) for each in case_application.participants]
    again = attrs.evolve(case_application, case_number=CaseNumber("0004567899"), participants=tuple(people))
    with pytest.raises(InvalidInputError) as caught:
        after.cases.open(again, by=intake)
    assert [fault.where for fault in caught.value.faults] == ["participant 1", "participant 2"]
