"""Whether the owner is told that security answers have to be chosen anew, and what of them."""

from datetime import timedelta

import attrs

from dcss_core.users.events import SecurityAnswersDue
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.security_questions import AnswersDue, SecurityAnswers


def test_the_owner_is_told_only_of_what_the_rules_changed_and_not_of_what_their_own_time_did(questions, now):
    enrolled = SecurityAnswers("a-1", ("dish", "gift", "story"), PasswordHash("$"), now)
    yearly = attrs.evolve(questions, renew_after=timedelta(days=365))
    later = now + timedelta(days=365)
    assert enrolled.due(yearly, later) is AnswersDue.EXPIRED
    for policy in (questions, yearly):
        assert enrolled.due_by_rules(policy, later) is None


def test_the_owner_is_told_whether_the_answers_still_work(questions, now):
    dish, *others = questions.catalogue
    enrolled = SecurityAnswers("a-1", ("dish", "gift", "story"), PasswordHash("$"), now)
    gone = attrs.evolve(questions, catalogue=tuple(others))
    still_asked = attrs.evolve(gone, withdrawn=(dish,))
    later = now + timedelta(days=1)
    assert enrolled.due_by_rules(still_asked, later) == SecurityAnswersDue("a-1", True, now)
    assert enrolled.due_by_rules(gone, later) == SecurityAnswersDue("a-1", False, now)
    two = attrs.evolve(questions, count=2)
    assert enrolled.due_by_rules(two, later) == SecurityAnswersDue("a-1", False, now)
