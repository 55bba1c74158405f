from collections.abc import Callable
from datetime import date

import pytest

from dcss_core.base.secret import Secret
from dcss_core.rules.federal import baseline
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import (
    AnswerContext,
    AnswerFault,
    QuestionPolicy,
    enrolment_violations,
)


@pytest.fixture
def placeholders() -> frozenset[str]:
    """The answers that say nothing, by the federal rules."""
    table = baseline().on(date(2026, 11, 30)).table("accounts.security_answer_placeholders")
    return frozenset(map(str, table.column("answer")))


@pytest.fixture
def faults_of(
    questions: QuestionPolicy, placeholders: frozenset[str]
) -> Callable[[str, AnswerContext, str], list[AnswerFault]]:
    """What speaks against an answer to one question, beside good answers to others."""
    policy = QuestionPolicy(questions.count, None, questions.catalogue, {}, placeholders=placeholders)

    def found(text: str, context: AnswerContext, question: str = "dish") -> list[AnswerFault]:
        others = [each.question_id for each in questions.catalogue if each.question_id != question][:2]
        answers = (
            Answer(question, Secret(text)),
            *(Answer(each, Secret(f"grey heron of {each}")) for each in others),
        )
        return [each.fault for each in enrolment_violations(answers, policy, context)]

    return found
