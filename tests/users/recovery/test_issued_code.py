import hashlib
from datetime import timedelta

import attrs
import pytest

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.account import AccountState
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.letter_groups import letters_typed
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.recovery.events import CodeRefusal, CodeRequestRefusal
from dcss_core.users.recovery.issued_code import CodeRequested, IssuedCode, decide_code_request
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.password_choice import (
    ChoiceRefused,
    CodeRefused,
    PasswordChosen,
    code_refusal,
    decide_password_choice,
    violations_of_code,
)

CODE = IssuedCode.from_bytes(bytes(range(28)))
ADDRESS = Secret("jane@example.com")
NEW_HASH = PasswordHash("$new")
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def request_code(recovery, now):
    def requested(account, *, letters=None, address=ADDRESS, waited=timedelta(0), way=ContactKind.EMAIL):
        return decide_code_request(
            account,
            letters or RecoveryLetters("code/a-1"),
            code=CODE,
            way=way,
            address=address,
            requested_at=now - waited,
            policy=recovery,
            now=now,
        )

    return requested


@pytest.fixture
def outstanding(request_code, account):
    return request_code(account).outstanding


@pytest.fixture
def refusal(recovery, account, outstanding, now):
    def judged(typed=CODE, *, account=account, code=outstanding, address=ADDRESS, throttled=False, at=now):
        return code_refusal(
            account, code, typed, address=address, is_throttled=throttled, policy=recovery, now=at
        )

    return judged


@pytest.fixture
def choose(recovery, account, outstanding, now):
    def chosen(*, refusal=None, violations=(), new_hash=NEW_HASH, account=account, code=outstanding):
        return decide_password_choice(
            account,
            code,
            refusal=refusal,
            new=WeighedPassword(violations, new_hash),
            policy=recovery,
            history=3,
            now=now,
        )

    return chosen


# --- issuing --------------------------------------------------------------------------------------------


def test_weak_tokens_a_code_has_128_random_bits_and_shows_none_of_them():
    # 28 characters of 32 kinds: 28 times 5 bits
    assert len(letters_typed(CODE.reveal())) * 5 == 140
    assert CODE.reveal() not in repr(CODE) + str(CODE)
    with pytest.raises(InvariantError):
        IssuedCode.from_bytes(bytes(27))


def test_weak_tokens_only_the_sha256_of_a_code_is_kept(outstanding):
    assert len(bytes.fromhex(outstanding.code_hash)) == 32
    assert CODE.reveal() not in repr(outstanding)
    assert letters_typed(CODE.reveal()) not in repr(outstanding)


def test_a_code_is_bound_to_the_account_the_password_and_the_address(outstanding, account, now):
    assert outstanding.account_id == account.account_id
    assert outstanding.credential_version == account.credential_version
    assert outstanding.address == ADDRESS
    assert outstanding.expires_at == now + timedelta(minutes=10)


def test_enumeration_by_message_whatever_stands_against_a_code_is_told_to_nobody(request_code, account, now):
    full = RecoveryLetters("code/a-1", (now,) * 5)
    cases = {
        CodeRequestRefusal.UNKNOWN_USER: request_code(None),
        CodeRequestRefusal.ACCOUNT_NOT_ACTIVE: request_code(
            attrs.evolve(account, state=AccountState.DISABLED)
        ),
        CodeRequestRefusal.NO_ADDRESS: request_code(account, address=None),
        CodeRequestRefusal.TOO_MANY_LETTERS: request_code(account, letters=full),
        CodeRequestRefusal.TOO_LATE: request_code(account, waited=timedelta(minutes=10)),
    }
    # a source that is closed is turned away before anything is decided
    assert set(cases) == set(CodeRequestRefusal) - {CodeRequestRefusal.SOURCE_THROTTLED}
    for reason, decision in cases.items():
        assert (decision.outstanding, decision.letters, decision.notice) == (None, None, None), reason
        assert decision.event.reason is reason
    assert "not" not in CodeRequested().sentence


def test_what_is_kept_of_a_code_is_the_hash_that_was_always_kept(outstanding, request_code, account):
    """Of purpose, account behind its length, and letters; an id may hold half a character, as ED A0 80."""
    letters = letters_typed(CODE.reveal()).encode()
    expected = hashlib.sha256(b"choose a password 1:3:a-1:" + letters).hexdigest()
    assert outstanding.code_hash == expected
    half = request_code(attrs.evolve(account, account_id="a-\ud800")).outstanding
    expected = hashlib.sha256(b"choose a password 1:3:a-\xed\xa0\x80:" + letters).hexdigest()
    assert half.code_hash == expected


# --- judging --------------------------------------------------------------------------------------------


def test_the_right_code_is_accepted_however_it_is_typed(refusal):
    for typed in (CODE.reveal().upper(), CODE.reveal().replace("-", " "), f"  {CODE.reveal()}\n"):
        assert refusal(Secret(typed)) is None


@pytest.mark.parametrize("typed", ["", "-", "\ud800", "\udfff" * 28, "a" * 1_000_000])
def test_what_is_no_code_is_wrong_and_raises_nothing(refusal, typed):
    assert refusal(Secret(typed)) is CodeRefusal.WRONG_CODE


@pytest.mark.parametrize("place", range(28))
def test_a_code_with_any_one_character_changed_is_wrong(refusal, place):
    letters = letters_typed(CODE.reveal())
    other = "a" if letters[place] != "a" else "b"
    changed = letters[:place] + other + letters[place + 1 :]
    assert refusal(Secret(changed)) is CodeRefusal.WRONG_CODE


def test_reset_token_replay_each_reason_against_a_code_is_found(refusal, account, outstanding, now):
    cases = {
        CodeRefusal.SOURCE_THROTTLED: refusal(throttled=True),
        CodeRefusal.UNKNOWN_USER: refusal(account=None),
        CodeRefusal.ACCOUNT_NOT_ACTIVE: refusal(account=attrs.evolve(account, state=AccountState.DISABLED)),
        CodeRefusal.NO_CODE: refusal(code=None),
        CodeRefusal.USED: refusal(code=attrs.evolve(outstanding, used_at=now)),
        CodeRefusal.TOO_MANY_FAILURES: refusal(code=attrs.evolve(outstanding, failures=100)),
        CodeRefusal.EXPIRED: refusal(at=now + timedelta(minutes=10)),
        CodeRefusal.PASSWORD_CHANGED: refusal(account=attrs.evolve(account, credential_version=2)),
        CodeRefusal.ADDRESS_CHANGED: refusal(address=Secret("other@example.com")),
        CodeRefusal.WRONG_CODE: refusal(IssuedCode.from_bytes(bytes(28))),
    }
    for reason, found in cases.items():
        assert found is reason
    assert set(cases) == set(CodeRefusal) - {CodeRefusal.AGAINST_POLICY}  # that is the password's


def test_a_code_is_good_until_the_last_microsecond_and_not_before_it_was_issued(refusal, now):
    assert refusal(at=now + timedelta(minutes=10) - MICROSECOND) is None
    assert refusal(at=now - MICROSECOND) is CodeRefusal.EXPIRED


def test_a_code_whose_address_was_taken_off_the_file_is_worth_nothing(refusal):
    assert refusal(address=None) is CodeRefusal.ADDRESS_CHANGED


def test_the_same_code_is_another_one_for_another_account(account, request_code):
    other = request_code(attrs.evolve(account, account_id="a-2")).outstanding
    assert other.code_hash != request_code(account).outstanding.code_hash


# --- choosing -------------------------------------------------------------------------------------------


def test_a_good_code_renews_the_password_is_used_up_and_leaves_a_lock(choose, account, now):
    locked = attrs.evolve(
        account,
        locked_until=now + timedelta(minutes=15),
        failed_sign_ins=(now,),
        consecutive_failures=7,
    )
    decision = choose(account=locked)
    assert decision.outcome == PasswordChosen()
    assert decision.account.password_hash == NEW_HASH
    assert decision.account.credential_version == account.credential_version + 1
    assert decision.account.assigned_until is None
    assert decision.outstanding.used_at == now
    assert decision.account.locked_until == locked.locked_until
    assert decision.account.failed_sign_ins == (now,)
    assert decision.account.consecutive_failures == 0
    assert [event.kind for event in decision.events] == ["authn_recovery_code_used", "authn_password_change"]


def test_a_password_against_the_policy_uses_up_nothing(choose, account, outstanding):
    violation = PasswordViolation(PasswordFault.TOO_SHORT, "Use at least 15 characters.")
    decision = choose(violations=(violation,), new_hash=None)
    assert decision.outcome == ChoiceRefused((violation,))
    assert (decision.account, decision.outstanding) == (account, outstanding)


def test_violations_are_told_to_nobody_without_a_good_code(choose):
    violation = PasswordViolation(PasswordFault.USED_BEFORE, "You have used this password before.")
    assert choose(refusal=CodeRefusal.EXPIRED, violations=(violation,)).outcome == CodeRefused()


def test_only_a_wrong_code_counts_against_the_code(choose, outstanding):
    for reason in set(CodeRefusal) - {CodeRefusal.WRONG_CODE, CodeRefusal.AGAINST_POLICY}:
        assert choose(refusal=reason).outstanding == outstanding
    assert choose(refusal=CodeRefusal.WRONG_CODE).outstanding.failures == 1


def test_the_hundredth_wrong_code_makes_the_right_one_worthless(choose, outstanding, refusal):
    """NIST SP 800-63B-4 §3.2.2: at most 100 failures in a row."""
    ninety_nine = attrs.evolve(outstanding, failures=99)
    assert refusal(code=ninety_nine) is None
    decision = choose(refusal=CodeRefusal.WRONG_CODE, code=ninety_nine)
    assert [event.kind for event in decision.events][-1] == "excess_rate_limit_exceeded"
    assert refusal(code=decision.outstanding) is CodeRefusal.TOO_MANY_FAILURES


def test_what_stands_in_the_letter_becomes_nobodys_password():
    typed = Secret(f"my {CODE.reveal().upper()}!")
    assert [each.fault for each in violations_of_code(typed, CODE)] == [PasswordFault.SAME_AS_ASSIGNED]
    assert violations_of_code(Secret("nine brass lanterns"), CODE) == ()


def test_a_code_is_good_as_long_as_nothing_stands_against_the_right_one(outstanding, account, recovery, now):
    end = now + timedelta(minutes=10)
    changed = attrs.evolve(account, credential_version=2)
    assert outstanding.is_good(account, ADDRESS, recovery, end - MICROSECOND)
    assert not outstanding.is_good(account, ADDRESS, recovery, end)
    assert not outstanding.is_good(account, None, recovery, now)
    assert not outstanding.is_good(changed, ADDRESS, recovery, now)
    used_up = attrs.evolve(outstanding, failures=100)
    assert not used_up.is_good(account, ADDRESS, recovery, now)
