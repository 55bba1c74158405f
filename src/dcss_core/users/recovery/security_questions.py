"""Security questions: the catalogue, what counts as a usable set of answers, and decoys.

Decides which answers may be enrolled and which questions are shown. Invariants: questions are the
site's own, never the user's; all of a person's questions are asked, always the same ones; an answer that
many people give is nobody's; somebody unknown is shown a set that looks like anybody else's and changes with
the policy as anybody else's does; a set that does not fit the policy in force resets nothing, but a question
that was withdrawn is still asked for a grace of whoever chose it, so that withdrawing voids nothing at once.
NIST SP 800-63B-4 §4.2.1 does not list this method: it is on only where a jurisdiction has accepted the risk
in writing.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final, Self

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.table import Cell
from dcss_core.users.events import SecurityAnswersDue
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.answers import LONGEST_TYPED, Answer, normalise_answer
from dcss_core.users.recovery.particulars.own_words import is_name, is_password, is_user_id
from dcss_core.users.recovery.particulars.spellings import spoken, squeezed
from dcss_core.users.recovery.policy import RecoveryMethod, recovery_methods
from dcss_core.users.recovery.worthless_answers import (
    AnswerFault as AnswerFault,
    Particulars,
    faults_of_worthless,
)

_KEYS: Final = {
    "security_question_common_answers": "accounts.security_question_common_answers",
    "security_question_count": "accounts.security_question_count",
    "security_question_renewal": "accounts.security_question_renewal_days",
}
_QUESTIONS: Final = "accounts.security_questions"
_COUNT: Final = "accounts.security_question_count"
_GRACE: Final = "accounts.security_question_grace_days"
_PLACEHOLDERS: Final = "accounts.security_answer_placeholders"
_SHORTEST_ANSWER: Final = 2
_LONGEST_ANSWER: Final = 100


@attrs.frozen
class Question:
    """A question of the site's catalogue."""

    question_id: str
    text: str


def _squeezed_by_question(answers: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType(
        {question_id: frozenset(squeezed(answer) for answer in each) for question_id, each in answers.items()}
    )


def _spoken(answers: Iterable[str]) -> frozenset[str]:
    return frozenset(map(spoken, answers))


def _question(row: Mapping[str, Cell]) -> Question:
    return Question(str(row["id"]), str(row["question"]))


def _first_day(rules: RulesInForce, grace: timedelta) -> date:
    return rules.day - min(grace, rules.day - date.min)


def _withdrawn(
    rules: RulesInForce, catalogue: tuple[Question, ...], grace: timedelta
) -> tuple[Question, ...]:
    """The questions that were in the catalogue within the grace and are no more, as they were last put."""
    known = {each.question_id for each in catalogue}
    first = _first_day(rules, grace)
    before = {
        each.question_id: each
        for table in reversed(rules.tables_since(_QUESTIONS, first))
        for each in map(_question, table)
    }
    return tuple(each for question_id, each in before.items() if question_id not in known)


@attrs.frozen
class QuestionPolicy:
    """How many questions are enrolled and asked, and which there are to choose from.

    The set is renewed after `renew_after`; None is never. `common_answers` holds, by question, what so many
    people answer that it protects nobody. `withdrawn` and `earlier_counts` are what was asked before, within
    the grace of a withdrawn question. Raises RulesError, all faults at once.
    """

    count: int
    renew_after: timedelta | None
    catalogue: tuple[Question, ...]
    common_answers: Mapping[str, frozenset[str]] = attrs.field(hash=False, converter=_squeezed_by_question)
    placeholders: frozenset[str] = attrs.field(default=frozenset(), converter=_spoken)
    withdrawn: tuple[Question, ...] = ()
    earlier_counts: frozenset[int] = frozenset()

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
        catalogue = tuple(map(_question, rules.table(_QUESTIONS)))
        return policy_of_rules(
            lambda read: cls(
                count=rules.integer("accounts.security_question_count"),
                renew_after=read.span(rules, "accounts.security_question_renewal_days") or None,
                catalogue=catalogue,
                common_answers=common,
                placeholders=frozenset(map(str, rules.table(_PLACEHOLDERS).column("answer"))),
                withdrawn=_withdrawn(rules, catalogue, read.span(rules, _GRACE)),
                earlier_counts=frozenset(
                    rules.integers_since(_COUNT, _first_day(rules, read.span(rules, _GRACE)))
                ),
            ),
            keys=_KEYS,
        )

    @property
    def asked(self) -> tuple[Question, ...]:
        """Every question that may be asked of somebody, the withdrawn ones among them."""
        return (*self.catalogue, *self.withdrawn)

    @property
    def has_changed(self) -> bool:
        """Whether sets were chosen, within the grace, that have to be chosen anew by now."""
        return bool(self.withdrawn) or not self.earlier_counts <= {self.count}

    def is_common(self, question_id: str, answer: str) -> bool:
        """Whether so many people answer this that it protects nobody; blanks and signs don't count."""
        is_readable = len(answer) <= _LONGEST_ANSWER
        return is_readable and squeezed(answer) in self.common_answers.get(question_id, frozenset())


class AnswersDue(Enum):
    """Why security answers have to be chosen anew."""

    NEVER_CHOSEN = "never_chosen"
    NO_LONGER_ASKED = "no_longer_asked"
    QUESTION_WITHDRAWN = "question_withdrawn"
    EXPIRED = "expired"


@attrs.frozen
class SecurityAnswers:
    """A person's enrolled questions, in order of their ids, and the hash of the answers together.

    Those enrolled before names were compared with the file `are_hashed_with_name`.
    """

    account_id: str
    question_ids: tuple[str, ...]
    answers_hash: PasswordHash
    enrolled_at: datetime
    are_hashed_with_name: bool = False

    def fit(self, policy: QuestionPolicy) -> bool:
        """Whether they are as many as are asked for, to questions that are still asked."""
        return len(self.question_ids) == policy.count and self._are_of(policy.asked)

    def due(self, policy: QuestionPolicy, now: datetime) -> AnswersDue | None:
        """Why they have to be chosen anew by now; None while they need not."""
        if not self.fit(policy):
            return AnswersDue.NO_LONGER_ASKED
        if not self._are_of(policy.catalogue):
            return AnswersDue.QUESTION_WITHDRAWN
        is_over = policy.renew_after is not None and now >= self.enrolled_at + policy.renew_after
        return AnswersDue.EXPIRED if is_over else None

    def due_by_rules(self, policy: QuestionPolicy, now: datetime) -> SecurityAnswersDue | None:
        """What the owner is to be told, where other rules have made the set one to choose anew."""
        due = self.due(policy, now)
        if due in (None, AnswersDue.EXPIRED):
            return None
        return SecurityAnswersDue(self.account_id, due is AnswersDue.QUESTION_WITHDRAWN, self.enrolled_at)

    def _are_of(self, questions: Iterable[Question]) -> bool:
        return {question.question_id for question in questions}.issuperset(self.question_ids)


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
    particulars: Particulars = attrs.field(factory=Particulars, repr=False)


def enrolment_violations(
    answers: tuple[Answer, ...], policy: QuestionPolicy, context: AnswerContext
) -> tuple[AnswerViolation, ...]:
    """Every reason why these answers can't be enrolled; none when they can.

    Answers beyond the number that the policy asks for are not looked at.
    """
    found = []
    if len(answers) != policy.count:
        sentence = f"Answer {policy.count} questions; {len(answers)} were answered."
        found.append(AnswerViolation(AnswerFault.WRONG_NUMBER, sentence))
    questions = {question.question_id: question.text for question in policy.catalogue}
    asked: set[str] = set()
    given: set[str] = set()
    for answer in answers[: policy.count]:
        typed = answer.text.reveal()
        normalised = normalise_answer(typed) if len(typed) <= LONGEST_TYPED else typed
        faults = _faults_of_question(answer.question_id, questions, asked)
        faults += _faults_of_answer(normalised, questions.get(answer.question_id, ""), policy, context)
        same = squeezed(normalised) if len(normalised) <= _LONGEST_ANSWER else ""
        if {normalised, same} & given - {""}:
            faults.append((AnswerFault.SAME_AS_ANOTHER, "Give each question an answer of its own."))
        if policy.is_common(answer.question_id, normalised):
            faults.append((AnswerFault.TOO_COMMON, "Many people give this answer; give one of your own."))
        found += [AnswerViolation(fault, sentence, answer.question_id) for fault, sentence in faults]
        asked.add(answer.question_id)
        given |= {normalised, same}
    return tuple(found)


def questions_to_show(
    answers: SecurityAnswers | None, policy: QuestionPolicy, digest: bytes
) -> tuple[Question, ...]:
    """The questions to show: the enrolled ones, filled up with decoys or cut to the number in force.

    `digest` is a keyed hash of the SSN, under a key of its own; it ranks what may be asked, withdrawn
    questions among it: they stay with whoever chose them, and so with decoys. With another number, or without
    one question, an enrolled set changes as a set of decoys does: what fell out is replaced by what ranks
    next.
    """
    enrolled = answers.question_ids if answers else ()

    def rank(question: Question) -> tuple[bool, bytes]:
        chosen = question.question_id in enrolled
        return not chosen, hashlib.sha256(digest + question.question_id.encode()).digest()

    shown = sorted(policy.asked, key=rank)[: policy.count]
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
    normalised: str, question: str, policy: QuestionPolicy, context: AnswerContext
) -> list[tuple[AnswerFault, str]]:
    if not normalised:
        return [(AnswerFault.EMPTY, "Answer this question.")]
    if len(normalised) < _SHORTEST_ANSWER:
        return [(AnswerFault.TOO_SHORT, f"Use at least {_SHORTEST_ANSWER} characters.")]
    if len(normalised) > _LONGEST_ANSWER:
        return [(AnswerFault.TOO_LONG, f"Use at most {_LONGEST_ANSWER} characters.")]
    password = context.password.reveal() if context.password is not None else ""
    repeats = (
        (is_user_id(normalised, context.user_id), AnswerFault.IS_USER_ID, "your user ID"),
        (is_name(normalised, context.full_name), AnswerFault.IS_NAME, "your name"),
        (is_password(normalised, password), AnswerFault.IS_PASSWORD, "your password"),
        (_is_question(normalised, question), AnswerFault.IS_THE_QUESTION, "the question"),
    )
    return [
        *((fault, f"Don't use {what} as the answer.") for holds, fault, what in repeats if holds),
        *faults_of_worthless(normalised, policy.placeholders, context.particulars),
    ]


def _is_question(normalised: str, question: str) -> bool:
    return normalised.rstrip("?. ") == normalise_answer(question).rstrip("?. ")
