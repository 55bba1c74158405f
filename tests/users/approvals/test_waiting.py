"""What staff see of an act that waits: every part of it in its place, and words without a secret."""

from datetime import UTC, datetime, timedelta

import pytest

from dcss_core.users.approvals.approval import AskedAct, ask
from dcss_core.users.approvals.waiting import WORDS, WaitingApproval, shown_of, words_of

NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ROLES = AskedAct.of("staff.set_roles", "account:subject", user_id="worker-1", roles="records_officer")

IN_WORDS = [
    (
        AskedAct.of("oversight.close", "account:subject", user_id="JDoe", reason="owner_asked"),
        "Close the account JDoe for good (owner_asked)",
    ),
    (
        AskedAct.of("payments.identify", "receipt:r-1", amount="$12.00", case="A1"),
        "Post held money of $12.00 to case A1",
    ),
    (
        AskedAct.of("second_factors.remove_for", "account:subject", user_id="JDoe", reason="owner_asked"),
        "Remove the second factor of JDoe (owner_asked)",
    ),
    (
        AskedAct.of("staff.appoint", "account:unknown", user_id="worker-1", roles="case_worker"),
        "Make an account for staff, user ID worker-1, roles: case_worker",
    ),
    (
        AskedAct.of("remitters.open", "remitter:unknown", name="Peach Tree", sends_as="1580000001"),
        "Open accounts for Peach Tree, sending as: 1580000001",
    ),
    (
        AskedAct.of("remitters.change", "remitter:r-1", name="Peach Tree", sends_as="1580000001"),
        "Call a remitter Peach Tree from now on, sending as: 1580000001",
    ),
    (
        AskedAct.of("remitters.invite_administrator", "remitter:r-1", name="Peach Tree"),
        "Invite another administrator for Peach Tree",
    ),
    (ROLES, "Change the roles of worker-1 to: records_officer"),
]


@pytest.mark.parametrize(("act", "words"), IN_WORDS)
def test_an_act_is_said_in_words_with_its_particulars(act, words):
    assert words_of(act) == words


def test_there_are_words_for_each_act_that_waits():
    assert {act.verb for act, _ in IN_WORDS} == set(WORDS)


def test_an_approval_is_shown_with_who_asked_when_and_until_when():
    approval, _ = ask(ROLES, "ap-1", waits_as="k1:ab", by="asker", good_for=DAY, now=NOW)
    assert shown_of(approval) == WaitingApproval(
        approval_id="ap-1",
        verb="staff.set_roles",
        acts_on="account:subject",
        asked_by="asker",
        asked_at=NOW,
        good_until=NOW + DAY,
        words="Change the roles of worker-1 to: records_officer",
    )
