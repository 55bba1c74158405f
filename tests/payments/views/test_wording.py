"""Every code that a person may be shown has words, and those of a line stay true to its figures."""

from datetime import date

import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket, Payee
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.views.explanation import what_for
from dcss_core.payments.views.hold_reasons import hold_reason_in_words
from dcss_core.payments.views.reasons import figures_in_words, instead_in_words
from dcss_core.payments.views.remarks import remark_in_words

OF_THE_ORDER = (Alternative.ARREARS_FIRST, Alternative.KEPT_THOUGH_DUE, Alternative.HELD_THOUGH_DUE)
ADDRESSED = {"locator": LocatorCode("2000000"), "entries": 2, "own_locator": "1300000"}
SILENT = {"rule": "agency.state_fips", "on": date(2026, 1, 7)}


def line(bucket=Bucket.CURRENT_SUPPORT, inputs=(), not_taken=()):
    return DistributionLine(
        receipt_id="R1",
        line=1,
        case_number=CaseNumber("0004567890"),
        on=date(2026, 1, 7),
        bucket=bucket,
        payee=Payee.FAMILY,
        payee_id="person-cp",
        obligation_id="0004567890/1",
        month=Month(2026, 1),
        amount=Money("1.00"),
        from_held=False,
        rule="distribution.never_assistance_order",
        rules_version="US@1",
        citation="42 USC 657(a)(4)",
        inputs=inputs or (Input(InputName.LEFT_OVER, Money("1.00")),),
        not_taken=not_taken or (NotTaken(Alternative.ARREARS_FIRST),),
    )


def is_told(words):
    """Whether something is said, and no figure in it is missing."""
    return bool(words) and not any(gap in words for gap in ("None", "{", "}"))


@pytest.mark.parametrize("reason", HoldReason)
def test_every_reason_to_hold_money_is_a_sentence(reason):
    words = hold_reason_in_words(reason)
    assert is_told(words)
    assert words.endswith(".")


@pytest.mark.parametrize("name", InputName)
def test_every_figure_has_a_name_in_words(name):
    month = Month(2026, 1) if name is InputName.OWED_FOR_MONTH else None
    debts = 2 if name is InputName.OWED_IN_ALL_THAT_SHARE else None
    words = figures_in_words(line(inputs=(Input(name, Money("12.34"), month, debts),)))
    assert is_told(words)
    assert words.endswith(" $12.34")


@pytest.mark.parametrize("alternative", Alternative)
def test_every_alternative_is_a_sentence_and_a_states_choice_is_cited(alternative):
    citation = None if alternative in OF_THE_ORDER else "O.C.G.A. § 1-1-1"
    words = instead_in_words(line(not_taken=(NotTaken(alternative, citation),)))
    assert is_told(words)
    assert words.endswith(".")
    assert citation is None or words.endswith(f", {citation}).")


def test_two_alternatives_are_told_one_after_the_other():
    both = (
        NotTaken(Alternative.KEPT_THOUGH_DUE),
        NotTaken(Alternative.EQUAL_BETWEEN_OBLIGATIONS, "45 CFR 303.100(a)(5)"),
    )
    assert instead_in_words(line(not_taken=both)) == (
        "2026-01 has fallen due, so that nothing is kept for it any longer. "
        "Equal parts would have taken no account of how much is owed to each "
        "(distribution.between_obligations = pro_rata, 45 CFR 303.100(a)(5))."
    )


@pytest.mark.parametrize("kind", RemarkKind)
def test_every_remark_is_a_sentence(kind):
    figures = ADDRESSED if kind is RemarkKind.ADDRESSED_ELSEWHERE else SILENT
    words = remark_in_words(Remark(kind, **figures))
    assert is_told(words)
    assert words.endswith(".")


def test_a_remark_tells_the_remitter_which_code_was_wrong_and_which_is_right():
    assert remark_in_words(Remark(RemarkKind.ADDRESSED_ELSEWHERE, **ADDRESSED)) == (
        "Entries addressed to 2000000, which is not this state's: 2. Ours is 1300000: tell the remitter."
    )


@pytest.mark.parametrize("bucket", Bucket)
def test_everything_money_goes_toward_has_words(bucket):
    assert is_told(what_for(line(bucket)))
