"""What the transaction codes mean (Nacha Operating Rules, App. 3)."""

import pytest

from dcss_core.payments.nacha import AccountKind, EntryPurpose, ServiceClass, TransactionCode

PURPOSES = {
    EntryPurpose.RETURN_OR_CHANGE: "21 26 31 36 41 46 51 56",
    EntryPurpose.PAYMENT: "22 27 32 37 42 47 52 55",
    EntryPurpose.PRENOTE: "23 28 33 38 43 48 53",
    EntryPurpose.REMITTANCE_ONLY: "24 29 34 39 44 49 54",
}
CREDITS = "21 22 23 24 31 32 33 34 41 42 43 44 51 52 53 54"


def codes(text: str) -> set[TransactionCode]:
    return {TransactionCode(code) for code in text.split()}


@pytest.mark.parametrize("purpose", EntryPurpose)
def test_every_code_has_its_purpose(purpose):
    assert {code for code in TransactionCode if code.purpose is purpose} == codes(PURPOSES[purpose])


def test_credits_put_money_into_the_account_and_the_others_take_it_out():
    assert {code for code in TransactionCode if code.is_credit} == codes(CREDITS)


@pytest.mark.parametrize(
    ("code", "account"),
    [
        ("22", AccountKind.CHECKING),
        ("37", AccountKind.SAVINGS),
        ("42", AccountKind.GENERAL_LEDGER),
        ("55", AccountKind.LOAN),
    ],
)
def test_the_first_digit_names_the_account(code, account):
    assert TransactionCode(code).account is account


@pytest.mark.parametrize(
    ("service_class", "credits", "debits"), [("200", True, True), ("220", True, False), ("225", False, True)]
)
def test_a_service_class_admits_its_directions(service_class, credits, debits):
    batch = ServiceClass(service_class)
    assert (batch.admits(credit=True), batch.admits(credit=False)) == (credits, debits)
