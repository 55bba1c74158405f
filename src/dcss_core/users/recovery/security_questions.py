"""Security questions: the catalogue, what counts as a usable set of answers, and decoys.

Decides which answers may be enrolled and which questions are shown. Invariants: questions are the
site's own, never the user's; all of a person's questions are asked, always the same ones; an answer that
many people give is nobody's; somebody unknown is shown a set that looks like anybody else's and changes with
the policy as anybody else's does; a set that does not fit the policy in force resets nothing. NIST SP
800-63B-4 §4.2.1 does not list this method: it is on only where a jurisdiction has accepted the risk in
writing.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final, Self

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.name_words import name_words
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.answers import LONGEST_TYPED, Answer, normalise_answer
from dcss_core.users.recovery.policy import RecoveryMethod, recovery_methods

_KEYS: Final = {
    "security_question_common_answers": "accounts.security_question_common_answers",
    "security_question_count": "accounts.security_question_count",
    "security_question_renewal": "accounts.security_question_renewal_days",
}
_SHORTEST_ANSWER: Final = 2
_LONGEST_ANSWER: Final = 100


@attrs.frozen
class Question:
    """A question of the site's catalogue."""

    question_id: str
    text: str


def _squeezed(answer: str) -> str:
    return "".join(character for character in normalise_answer(answer) if character.isalnum())


def _squeezed_by_question(answers: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType(
        {question_id: frozenset(map(_squeezed, each)) for question_id, each in answers.items()}
    )


@attrs.frozen
class QuestionPolicy:
    """How many questions are enrolled and asked, and which there are to choose from.

    The set is renewed after `renew_after`; None is never. `common_answers` holds, by question, what so many
    people answer that it protects nobody. Raises RulesError, all faults at once.
    """

    count: int
    renew_after: timedelta | None
    catalogue: tuple[Question, ...]
    common_answers: Mapping[str, frozenset[str]] = attrs.field(hash=False, converter=_squeezed_by_question)

    def __attrs_post_init__(self) -> None:
        known = {question.question_id for question in self.catalogue}
        faults = [
            Fault("security_question_common_answers", f"'{question_id}'", "questions of the catalogue")
            for question_id in sorted(self.common_answers.keys() - known)
        ]
        if not 1 <= self.count <= len(self.catalogue):
            expected = f"1 to the {len(self.catalogue)} of the catalogue"
            faults.append(Fault("security_question_count", str(self.count), expected))
        if self.renew_after is not None and self.renew_after <= timedelta(0):
            faults.append(
                Fault("security_question_renewal", str(self.renew_after), "a positive time, or 0 for never")
            )
        if faults:
            raise RulesError("security questions can't be asked under these rules", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self | None:
        """Read the policy in force; None where passwords are not reset by security questions."""
        if RecoveryMethod.SECURITY_QUESTIONS not in recovery_methods(rules):
            return None
        common: dict[str, set[str]] = {}
        for row in rules.table("accounts.security_question_common_answers"):
            common.setdefault(str(row["question_id"]), set()).add(str(row["answer"]))
        catalogue = tuple(
            Question(str(row["id"]), str(row["question"]))
            for row in rules.table("accounts.security_questions")
        )
        return policy_of_rules(
            lambda read: cls(
                count=rules.integer("accounts.security_question_count"),
                renew_after=read.span(rules, "accounts.security_question_renewal_days") or None,
                catalogue=catalogue,
                common_answers=common,
            ),
            keys=_KEYS,
        )

    def is_common(self, question_id: str, answer: str) -> bool:
        """Whether so many people answer this that it protects nobody; blanks and signs don't count."""
        is_readable = len(answer) <= _LONGEST_ANSWER
        return is_readable and _squeezed(answer) in self.common_answers.get(question_id, frozenset())


@attrs.frozen
class SecurityAnswers:
    """A person's enrolled questions, in order of their ids, and the hash of name and answers together."""

    account_id: str
    question_ids: tuple[str, ...]
    answers_hash: PasswordHash
    enrolled_at: datetime

    def fit(self, policy: QuestionPolicy) -> bool:
        """Whether they are as many as are asked for, to questions that are still in the catalogue."""
        catalogue = {question.question_id for question in policy.catalogue}
        return len(self.question_ids) == policy.count and catalogue.issuperset(self.question_ids)

    def are_due_for_renewal(self, policy: QuestionPolicy, now: datetime) -> bool:
        """Whether they have to be chosen anew by now: their time is over, or they don't fit any more."""
        is_over = policy.renew_after is not None and now >= self.enrolled_at + policy.renew_after
        return is_over or not self.fit(policy)


class AnswerFault(Enum):
    """Why a set of answers can't be enrolled."""

    WRONG_NUMBER = "wrong_number"
    UNKNOWN_QUESTION = "unknown_question"
    QUESTION_TWICE = "question_twice"
    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IS_USER_ID = "is_user_id"
    IS_NAME = "is_name"
    IS_PASSWORD = "is_password"
    IS_THE_QUESTION = "is_the_question"
    SAME_AS_ANOTHER = "same_as_another"
    TOO_COMMON = "too_common"


@attrs.frozen
class AnswerViolation:
    """One reason against a set of answers; `question_id` is None when it is about the set."""

    fault: AnswerFault
    sentence: str
    question_id: str | None = None


@attrs.frozen
class AnswerContext:
    """What an answer may not repeat."""

    user_id: str
    full_name: str = attrs.field(repr=False)
    password: Password | None


def enrolment_violations(
    answers: tuple[Answer, ...], policy: QuestionPolicy, context: AnswerContext
) -> tuple[AnswerViolation, ...]:
    """Every reason why these answers can't be enrolled; none when they can."""
    found = []
    if len(answers) != policy.count:
        sentence = f"Answer {policy.count} questions; {len(answers)} were answered."
        found.append(AnswerViolation(AnswerFault.WRONG_NUMBER, sentence))
    questions = {question.question_id: question.text for question in policy.catalogue}
    asked: set[str] = set()
    given: set[str] = set()
    for answer in answers:
        typed = answer.text.reveal()
        normalised = normalise_answer(typed) if len(typed) <= LONGEST_TYPED else typed
        faults = _faults_of_question(answer.question_id, questions, asked)
        faults += _faults_of_answer(normalised, questions.get(answer.question_id, ""), context)
        if normalised and normalised in given:
            faults.append((AnswerFault.SAME_AS_ANOTHER, "Give each question an answer of its own."))
        if policy.is_common(answer.question_id, normalised):
            faults.append((AnswerFault.TOO_COMMON, "Many people give this answer; give one of your own."))
        found += [AnswerViolation(fault, sentence, answer.question_id) for fault, sentence in faults]
        asked.add(answer.question_id)
        given.add(normalised)
    return tuple(found)


def questions_to_show(
    answers: SecurityAnswers | None, policy: QuestionPolicy, digest: bytes
) -> tuple[Question, ...]:
    """The questions to show: the enrolled ones, filled up with decoys or cut to the number in force.

    `digest` is a keyed hash of the SSN, under a key of its own; it ranks the catalogue. With another number,
    or without one question, an enrolled set changes as a set of decoys does: what fell out is replaced by
    what ranks next.
    """
    enrolled = answers.question_ids if answers else ()

    def rank(question: Question) -> tuple[bool, bytes]:
        chosen = question.question_id in enrolled
        return not chosen, hashlib.sha256(digest + question.question_id.encode()).digest()

    shown = sorted(policy.catalogue, key=rank)[: policy.count]
    return tuple(sorted(shown, key=lambda question: question.question_id))


def _faults_of_question(
    question_id: str, questions: dict[str, str], asked: set[str]
) -> list[tuple[AnswerFault, str]]:
    if question_id not in questions:
        return [(AnswerFault.UNKNOWN_QUESTION, "Choose a question from the list.")]
    if question_id in asked:
        return [(AnswerFault.QUESTION_TWICE, "Choose each question once.")]
    return []


def _faults_of_answer(
    normalised: str, question: str, context: AnswerContext
) -> list[tuple[AnswerFault, str]]:
    if not normalised:
        return [(AnswerFault.EMPTY, "Answer this question.")]
    if len(normalised) < _SHORTEST_ANSWER:
        return [(AnswerFault.TOO_SHORT, f"Use at least {_SHORTEST_ANSWER} characters.")]
    if len(normalised) > _LONGEST_ANSWER:
        return [(AnswerFault.TOO_LONG, f"Use at most {_LONGEST_ANSWER} characters.")]
    password = normalise_answer(context.password.reveal()) if context.password is not None else ""
    repeats = (
        (normalised == normalise_answer(context.user_id), AnswerFault.IS_USER_ID, "your user ID"),
        (_is_name(normalised, context.full_name), AnswerFault.IS_NAME, "your name"),
        (normalised == password, AnswerFault.IS_PASSWORD, "your password"),
        (_is_question(normalised, question), AnswerFault.IS_THE_QUESTION, "the question"),
    )
    return [(fault, f"Don't use {what} as the answer.") for holds, fault, what in repeats if holds]


def _is_name(normalised: str, full_name: str) -> bool:
    answered, names = name_words(normalised), name_words(full_name)
    return bool(answered) and (answered == names or (len(answered) == 1 and answered[0] in names))


def _is_question(normalised: str, question: str) -> bool:
    return normalised.rstrip("?. ") == normalise_answer(question).rstrip("?. ")
