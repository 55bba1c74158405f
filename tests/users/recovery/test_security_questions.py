from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import (
    AnswerContext,
    AnswerFault,
    AnswersDue,
    Question,
    QuestionPolicy,
    SecurityAnswers,
    enrolment_violations,
    questions_to_show,
)

JANE = AnswerContext("JDoe", "Jane O'Neil", Password("otter canoe marble lamp"))


@pytest.fixture
def faults(questions):
    def found(*texts, ids=("dish", "gift", "story")):
        answers = tuple(Answer(each, Secret(text)) for each, text in zip(ids, texts, strict=False))
        return [violation.fault for violation in enrolment_violations(answers, questions, JANE)]

    return found


def test_s26_good_answers_to_the_number_of_questions_the_policy_asks_are_enrolled(faults):
    assert faults("shakshuka", "red scooter", "Momo") == []


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("", AnswerFault.EMPTY),
        (" \u200b ", AnswerFault.EMPTY),
        ("x", AnswerFault.TOO_SHORT),
        ("x" * 101, AnswerFault.TOO_LONG),
        ("x" + " " * 1000, AnswerFault.TOO_LONG),
        ("jdoe", AnswerFault.IS_USER_ID),
        ("JANE ONEIL", AnswerFault.IS_NAME),
        ("O'Neil", AnswerFault.IS_NAME),
        ("Otter  Canoe Marble Lamp", AnswerFault.IS_PASSWORD),
        ("what was the first dish you learned to cook", AnswerFault.IS_THE_QUESTION),
        ("Red  SCOOTER", AnswerFault.SAME_AS_ANOTHER),
    ],
)
def test_s26_an_answer_that_protects_nothing_is_refused(faults, bad, fault):
    where = {"ids": ("gift", "dish", "story")} if fault is AnswerFault.SAME_AS_ANOTHER else {}
    if where:
        assert faults("red scooter", bad, "Momo", **where) == [fault]
    else:
        assert faults(bad, "red scooter", "Momo") == [fault]


@pytest.mark.parametrize("typed", ["pizza", "PIZZA!", " Pi zza ", "mac 'n' cheese"])
def test_s26_an_answer_that_many_people_give_is_refused_for_its_question_only(questions, typed):
    """19.7 % of English speakers name pizza as their favourite food (Bonneau et al., WWW 2015)."""
    common = attrs.evolve(questions, common_answers={"dish": {"Pizza", "Mac n cheese"}})

    def faults(first, second):
        answers = (Answer("dish", Secret(first)), Answer("gift", Secret(second)))
        found = enrolment_violations((*answers, Answer("story", Secret("Momo"))), common, JANE)
        return [(each.question_id, each.fault) for each in found]

    assert faults(typed, "red scooter") == [("dish", AnswerFault.TOO_COMMON)]
    assert faults("shakshuka", typed) == []


def test_a_list_of_common_answers_to_a_question_that_there_is_not_is_refused(questions):
    with pytest.raises(RulesError, match="first_pet"):
        attrs.evolve(questions, common_answers={"first_pet": {"Rex"}})


def test_s26_only_the_sites_own_questions_each_once_and_in_the_right_number(faults):
    assert faults("shakshuka", "red scooter", "Momo", ids=("dish", "gift", "mine")) == [
        AnswerFault.UNKNOWN_QUESTION
    ]
    assert faults("shakshuka", "red scooter", "Momo", ids=("dish", "gift", "gift")) == [
        AnswerFault.QUESTION_TWICE
    ]
    assert faults("shakshuka", "red scooter") == [AnswerFault.WRONG_NUMBER]


def test_s26_all_reasons_come_at_once_and_show_no_answer(questions):
    answers = (Answer("dish", Secret("JDoe")), Answer("mine", Secret("z")))
    violations = enrolment_violations(answers, questions, JANE)
    assert [(violation.question_id, violation.fault) for violation in violations] == [
        (None, AnswerFault.WRONG_NUMBER),
        ("dish", AnswerFault.IS_USER_ID),
        ("mine", AnswerFault.UNKNOWN_QUESTION),
        ("mine", AnswerFault.TOO_SHORT),
    ]
    assert "JDoe" not in repr(violations)
    assert "Neil" not in repr(JANE)


def test_s26_the_set_is_due_for_renewal_when_the_policy_says_so(questions, now):
    enrolled = SecurityAnswers("a-1", ("dish", "gift", "story"), PasswordHash("$"), now)
    yearly = attrs.evolve(questions, renew_after=timedelta(days=365))
    assert enrolled.due(questions, now + timedelta(days=9999)) is None
    assert enrolled.due(yearly, now + timedelta(days=364)) is None
    assert enrolled.due(yearly, now + timedelta(days=365)) is not None


NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
CATALOGUE = tuple(Question(f"q{number}", f"Question {number}?") for number in range(10))


@pytest.fixture(scope="module")
def ten():
    """A policy that asks three of ten questions."""
    return QuestionPolicy(3, None, CATALOGUE, {})


def ids_shown(policy, digest, *enrolled):
    answers = SecurityAnswers("a-1", enrolled, PasswordHash("$q"), NOW) if enrolled else None
    return [question.question_id for question in questions_to_show(answers, policy, digest)]


@given(st.binary(min_size=32, max_size=32))
def test_decoys_look_like_an_enrolled_set_and_are_always_the_same(ten, digest):
    shown = ids_shown(ten, digest)
    assert len(set(shown)) == 3
    assert shown == sorted(shown)
    assert shown == ids_shown(attrs.evolve(ten, catalogue=CATALOGUE[::-1]), digest)


def test_decoys_differ_from_person_to_person(ten):
    sets = {tuple(ids_shown(ten, bytes([seed]) * 32)) for seed in range(64)}
    assert len(sets) > 20  # of the 120 ways to choose 3 of 10


@given(
    st.binary(min_size=32, max_size=32),
    st.integers(1, 6),
    st.lists(st.sampled_from([each.question_id for each in CATALOGUE]), max_size=5, unique=True),
    st.booleans(),
)
def test_enumeration_by_questions_a_set_of_somebodys_changes_with_the_policy_as_decoys_do(
    ten, digest, count, removed, is_enrolled
):
    """Whatever number is asked for, and whichever questions are struck from the list of ten.

    What a watcher can compare: how many are shown; what of the set of before is still shown, which is all
    that is left of it, or as many of it as are asked for.
    """
    enrolled = [each.question_id for each in CATALOGUE[4:7]] if is_enrolled else []
    before = set(ids_shown(ten, digest, *enrolled))
    left = tuple(each for each in CATALOGUE if each.question_id not in removed)
    count = min(count, len(left))
    after = ids_shown(attrs.evolve(ten, count=count, catalogue=left), digest, *enrolled)
    still_there = before - set(removed)
    assert len(after) == count
    assert after == sorted(after)
    assert len(still_there & set(after)) == min(count, len(still_there))


def test_answers_fit_while_they_are_as_many_as_are_asked_for_and_their_questions_are_asked(questions):
    enrolled = SecurityAnswers("a-1", ("dish", "gift", "story"), PasswordHash("$q"), NOW)
    assert enrolled.fit(questions)
    assert enrolled.due(questions, NOW) is None
    without_gift = tuple(each for each in questions.catalogue if each.question_id != "gift")
    for other in (
        attrs.evolve(questions, count=4),
        attrs.evolve(questions, count=2),
        attrs.evolve(questions, catalogue=without_gift),
    ):
        assert not enrolled.fit(other)
        assert enrolled.due(other, NOW) is not None


@pytest.mark.parametrize("count", [0, 5])
def test_a_policy_that_asks_for_none_or_more_questions_than_there_are_is_refused(questions, count):
    with pytest.raises(RulesError):
        QuestionPolicy(count, None, questions.catalogue, {})


@pytest.mark.parametrize(
    ("length", "fault"), [(1, AnswerFault.TOO_SHORT), (2, None), (100, None), (101, AnswerFault.TOO_LONG)]
)
def test_an_answer_has_two_to_a_hundred_characters(faults, length, fault):
    told = "the wind in the willows, read to me by my grandmother on her porch "
    told += "in one long summer until grandfather read"  # blanks at its end would not count
    assert faults(told[:length], "red scooter", "Momo") == ([fault] if fault else [])


def test_the_last_answer_may_not_be_the_first_one_again(faults):
    assert faults("red scooter", "shakshuka", "Red Scooter") == [AnswerFault.SAME_AS_ANOTHER]


@pytest.mark.parametrize(
    ("renew_after", "is_one"), [(timedelta(0), False), (timedelta(days=-1), False), (timedelta(days=1), True)]
)
def test_answers_are_renewed_after_a_day_at_least_or_never(questions, renew_after, is_one):
    if is_one:
        assert attrs.evolve(questions, renew_after=renew_after).renew_after == renew_after
    else:
        with pytest.raises(RulesError):
            attrs.evolve(questions, renew_after=renew_after)


def test_two_answers_of_a_hundred_characters_may_not_be_the_same(faults):
    told = "the wind in the willows read to me by my grandmother on her porch " * 2
    assert AnswerFault.SAME_AS_ANOTHER in faults(told[:100], told[:100], "Momo")


def test_an_answer_typed_with_many_blanks_is_read_up_to_four_hundred_characters(faults):
    assert faults("tea".ljust(400), "red scooter", "Momo") == []
    assert faults("tea".ljust(401), "red scooter", "Momo") == [AnswerFault.TOO_LONG]


@pytest.mark.parametrize(
    "typed",
    [
        "What gift do you remember best",
        "what gift do you remember best?? .",
        "What gift do you remember best?",
    ],
)
def test_the_question_is_no_answer_whatever_stands_at_its_end(faults, typed):
    assert faults("shakshuka", typed, "Momo") == [AnswerFault.IS_THE_QUESTION]


def test_a_question_mark_at_the_start_makes_another_answer(faults):
    assert faults("shakshuka", "?What gift do you remember best", "Momo") == []


def test_where_no_password_could_be_read_no_answer_is_compared_with_it(questions):
    answers = tuple(
        Answer(each, Secret(text))
        for each, text in (("dish", "shakshuka"), ("gift", "red scooter"), ("story", "Momo"))
    )
    assert enrolment_violations(answers, questions, attrs.evolve(JANE, password=None)) == ()


def test_a_common_answer_of_a_hundred_characters_is_found(questions):
    policy = attrs.evolve(questions, common_answers={"dish": {"q" * 100}})
    assert policy.is_common("dish", "q" * 100)


# --- a question that is withdrawn --------------------------------------------------------------------------
@pytest.fixture
def without_gift(questions):
    """The policy of the day on which the question about a gift was withdrawn."""
    left = tuple(each for each in questions.catalogue if each.question_id != "gift")
    gone = tuple(each for each in questions.catalogue if each.question_id == "gift")
    return attrs.evolve(questions, catalogue=left, withdrawn=gone)


def test_a_withdrawn_question_voids_no_answers_and_makes_them_due(without_gift):
    chose_it = SecurityAnswers("a-1", ("dish", "gift", "story"), PasswordHash("$q"), NOW)
    assert chose_it.fit(without_gift)
    assert chose_it.due(without_gift, NOW) is AnswersDue.QUESTION_WITHDRAWN
    assert ids_shown(without_gift, bytes(32), *chose_it.question_ids) == ["dish", "gift", "story"]
    others = SecurityAnswers("a-2", ("dish", "story", "thing"), PasswordHash("$q"), NOW)
    assert others.due(without_gift, NOW) is None
    over = attrs.evolve(without_gift, withdrawn=())
    assert not chose_it.fit(over)
    assert chose_it.due(over, NOW) is AnswersDue.NO_LONGER_ASKED


def test_a_withdrawn_question_is_nobodys_choice_any_more(without_gift):
    answers = tuple(
        Answer(each, Secret(text)) for each, text in (("dish", "tea"), ("gift", "a kite"), ("story", "Momo"))
    )
    found = enrolment_violations(answers, without_gift, JANE)
    assert [(each.question_id, each.fault) for each in found] == [("gift", AnswerFault.UNKNOWN_QUESTION)]


@given(st.binary(min_size=32, max_size=32))
def test_enumeration_by_questions_withdrawing_one_changes_neither_decoys_nor_an_enrolled_set(ten, digest):
    left = tuple(each for each in CATALOGUE if each.question_id != "q5")
    gone = tuple(each for each in CATALOGUE if each.question_id == "q5")
    withdrawn = attrs.evolve(ten, catalogue=left, withdrawn=gone)
    assert ids_shown(withdrawn, digest) == ids_shown(ten, digest)
    assert ids_shown(withdrawn, digest, "q4", "q5", "q6") == ["q4", "q5", "q6"]


@pytest.mark.parametrize(
    ("day", "withdrawn"),
    [
        (date(2026, 2, 1), ["gift"]),
        (date(2026, 7, 30), ["gift"]),
        (date(2026, 7, 31), []),  # 180 days after 31 January, the last day on which it could be chosen
        (date(2026, 1, 31), []),
    ],
)
def test_a_question_that_left_the_list_of_a_jurisdiction_is_withdrawn_for_180_days(day, withdrawn):
    rows = [{"id": each, "question": f"What of the {each}?"} for each in ("dish", "gift", "story")]
    asks = {
        "accounts.recovery_methods": ["issued_code", "security_questions"],
        "accounts.security_question_risk_acceptance": "accepted for this test",
        "accounts.security_question_departs_from": ["NIST SP 800-63B-4 §4.2.1", "OWASP ASVS 5.0.0, 6.4.2"],
        "accounts.security_question_count": 2,
        "accounts.security_question_common_answers": [{"question_id": "dish", "answer": "Pizza"}],
        "accounts.security_question_renewal_days": 0,
        "accounts.security_questions": rows,
    }
    asking = baseline().amended(asks, effective=date(2025, 8, 1), citation="a test", key="US-XX")
    fewer = {"accounts.security_questions": [rows[0], rows[2]]}
    reformed = asking.amended(fewer, effective=date(2026, 2, 1), citation="a test", key="US-XX-2")
    policy = QuestionPolicy.from_rules(reformed.on(day))
    assert [each.question_id for each in policy.withdrawn] == withdrawn
    assert policy.earlier_counts == {2}
    assert "none" in policy.placeholders  # of the federal table
