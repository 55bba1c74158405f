"""What the first of two is answered: nothing is done yet, until when, and whether there is a second."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dcss_core.users.approvals.approval import AskedAct, ask
from dcss_core.users.approvals.due import ApprovalDue, due_of

NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
END = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=-5), "EST")
CLOSING = AskedAct.of("oversight.close", "account:subject", reason="owner_asked")


def answered(*, has_second):
    approval, _ = ask(CLOSING, "ap-1", waits_as="k1:ab", by="asker", good_for=END - NOW, now=NOW)
    return due_of(approval, local_end=END.astimezone(EASTERN), has_second=has_second)


@pytest.mark.parametrize(
    ("has_second", "sentence"),
    [
        (
            True,
            "Waiting for a second person: somebody else with this right repeats it until "
            "2026-11-03 09:05 EST.",
        ),
        (
            False,
            "Waiting for a second person, and nobody else has this right now: give it to somebody, who "
            "repeats this until 2026-11-03 09:05 EST.",
        ),
    ],
)
def test_what_is_waited_for_is_said_by_the_agencys_own_clock(has_second, sentence):
    assert answered(has_second=has_second) == ApprovalDue("ap-1", "oversight.close", END, sentence)
