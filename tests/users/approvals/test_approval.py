"""An act that two people do: what it promises of itself, what ends it, and what is known of it again."""

from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError, InvariantError
from dcss_core.users.approvals.approval import (
    APPROVAL_STATES,
    ApprovalAct,
    ApprovalState,
    AskedAct,
    approve,
    ask,
    error_of,
    lapse_of,
    let_lapse,
    refusal_of_withdrawal,
    withdraw,
)
from dcss_core.users.approvals.events import ApprovalRefusal, LapseReason

NOW = datetime(2026, 1, 7, 15, 0, tzinfo=UTC)
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
CLOSING = AskedAct.of("oversight.close", "account:subject", reason="owner_asked")


@pytest.fixture
def asked():
    approval, _ = ask(CLOSING, "ap-1", waits_as="k1:ab", by="asker", good_for=DAY, now=NOW)
    return approval


def test_approval_abuse_asker_approver_and_account_are_three(asked):
    """OWASP ASVS 5.0.0, 2.3.5; IRS Pub. 1075, AC-5: of 27 ways to place three people, 6 are let."""
    let = []
    for subject, asker, approver in product("abc", repeat=3):
        act = AskedAct.of("oversight.close", f"account:{subject}")
        try:
            approval, _ = ask(act, "ap-1", waits_as="k1:ab", by=asker, good_for=DAY, now=NOW)
            approve(approval, by=approver, now=NOW)
        except InvariantError:
            continue
        let.append({subject, asker, approver})
    assert let == [{"a", "b", "c"}] * 6


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOW - MICROSECOND, ApprovalState.LAPSED),  # a clock that stepped back
        (NOW, ApprovalState.WAITING),
        (NOW + DAY - MICROSECOND, ApprovalState.WAITING),
        (NOW + DAY, ApprovalState.LAPSED),
    ],
)
def test_it_waits_for_its_time_and_no_longer(asked, at, state):
    assert asked.state_at(at) is state
    reason = None if state is ApprovalState.WAITING else LapseReason.EXPIRED
    assert lapse_of(asked, asker_is_entitled=True, now=at) is reason


def test_it_lapses_with_the_right_of_whoever_asked(asked):
    assert lapse_of(asked, asker_is_entitled=False, now=NOW) is LapseReason.ASKER_NOT_ENTITLED


def test_what_was_decided_or_is_over_is_decided_no_more(asked):
    done = (
        approve(asked, by="second", now=NOW)[0],
        withdraw(asked, by="asker", now=NOW)[0],
        let_lapse(asked, LapseReason.EXPIRED, now=NOW + DAY)[0],
    )
    for approval in done:
        assert approval.waits_as is None  # nobody's second word is it any more
        for act in (approve, withdraw):
            with pytest.raises(ConflictError):
                act(approval, by="third", now=NOW)
    with pytest.raises(ConflictError):
        approve(asked, by="second", now=NOW + DAY)


@pytest.mark.parametrize(
    ("by", "is_entitled", "at", "refusal"),
    [
        ("asker", True, NOW, None),
        ("asker", False, NOW, None),  # one's own is always one's to take back
        ("second", True, NOW, None),
        ("second", False, NOW, ApprovalRefusal.NOT_ENTITLED),
        ("subject", True, NOW, ApprovalRefusal.DECIDER_IS_SUBJECT),
        ("asker", True, NOW + DAY, ApprovalRefusal.LAPSED),
    ],
)
def test_who_can_withdraw_it_and_when(asked, by, is_entitled, at, refusal):
    assert refusal_of_withdrawal(asked, by=by, is_entitled=is_entitled, now=at) is refusal


def test_one_that_was_approved_is_not_withdrawn(asked):
    approved, _ = approve(asked, by="second", now=NOW)
    refusal = refusal_of_withdrawal(approved, by="asker", is_entitled=True, now=NOW + DAY)
    assert refusal is ApprovalRefusal.DECIDED_ALREADY


def test_each_refusal_says_what_to_do():
    for refusal in ApprovalRefusal:
        assert len(str(error_of(refusal))) > 30


@pytest.mark.parametrize(
    "changes",
    [
        {"good_until": NOW},
        {"waits_as": None},
        {"decided_by": "second"},
        {"decided_at": NOW},
        {"state": ApprovalState.APPROVED, "waits_as": None, "decided_at": NOW},
        {"state": ApprovalState.APPROVED, "waits_as": None, "decided_at": NOW, "decided_by": "asker"},
        {"state": ApprovalState.WITHDRAWN, "waits_as": None, "decided_at": NOW, "decided_by": "subject"},
        {"state": ApprovalState.LAPSED, "waits_as": None, "decided_at": NOW, "decided_by": "second"},
        {"state": ApprovalState.LAPSED, "decided_at": NOW},
        {"asked_by": "subject"},
    ],
)
def test_one_that_can_not_be_is_not_built(asked, changes):
    with pytest.raises(InvariantError, match="no Approval is like this"):
        attrs.evolve(asked, **changes)


def test_only_one_that_waits_goes_on():
    for state, act in product(ApprovalState, ApprovalAct):
        goes_on = state is ApprovalState.WAITING and act is not ApprovalAct.ASK
        assert APPROVAL_STATES.allows(state, act) is goes_on


said = st.dictionaries(st.sampled_from(["roles", "user_id", "reason"]), st.text(max_size=6), max_size=3)
acts = st.tuples(
    st.sampled_from(["staff.appoint", "staff.set_roles"]),
    st.sampled_from(["account:a", "account:b"]),
    said,
    st.lists(st.text(max_size=6), max_size=2),
)


def in_full(act):
    verb, acts_on, particulars, secrets = act
    return AskedAct.of(verb, acts_on, **particulars).in_full([Secret(each) for each in secrets]).reveal()


@given(acts, acts)
def test_two_acts_are_written_alike_exactly_when_everything_said_is_the_same(one, other):
    """No two lists of texts run together: ("a", "bc") is another act than ("ab", "c")."""
    same = (*one[:2], [*one[2].items()], one[3]) == (*other[:2], [*other[2].items()], other[3])
    assert (in_full(one) == in_full(other)) is same


def test_what_is_secret_of_an_act_is_in_none_of_its_fields(asked):
    secret = Secret("somebody@example.gov")
    assert "somebody" not in repr(CLOSING.in_full([secret]))
    assert CLOSING.in_full([secret]) != CLOSING.in_full([])
