"""TransactionCode: what an entry does, and to which kind of account.

Decides by the second digit: 1-4 credit, 5-9 debit; and by its place whether the entry moves money,
tests an account (prenote), carries remittance text only, or returns or corrects an earlier entry.
Source: Nacha Operating Rules, App. 3. Codes 81-88 belong to ADV files, which are not read here.
"""

from enum import Enum


class EntryPurpose(Enum):
    """Why an entry was sent."""

    PAYMENT = "payment"
    PRENOTE = "prenote"
    REMITTANCE_ONLY = "zero-dollar remittance"
    RETURN_OR_CHANGE = "return or notification of change"


class AccountKind(Enum):
    """The kind of account an entry goes to."""

    CHECKING = "checking"
    SAVINGS = "savings"
    GENERAL_LEDGER = "general ledger"
    LOAN = "loan"


class TransactionCode(Enum):
    """The two digits of an entry that say what it does; returns stand beside the codes they return."""

    CHECKING_CREDIT_RETURN = "21"
    CHECKING_CREDIT = "22"
    CHECKING_CREDIT_PRENOTE = "23"
    CHECKING_CREDIT_REMITTANCE_ONLY = "24"
    CHECKING_DEBIT_RETURN = "26"
    CHECKING_DEBIT = "27"
    CHECKING_DEBIT_PRENOTE = "28"
    CHECKING_DEBIT_REMITTANCE_ONLY = "29"
    SAVINGS_CREDIT_RETURN = "31"
    SAVINGS_CREDIT = "32"
    SAVINGS_CREDIT_PRENOTE = "33"
    SAVINGS_CREDIT_REMITTANCE_ONLY = "34"
    SAVINGS_DEBIT_RETURN = "36"
    SAVINGS_DEBIT = "37"
    SAVINGS_DEBIT_PRENOTE = "38"
    SAVINGS_DEBIT_REMITTANCE_ONLY = "39"
    LEDGER_CREDIT_RETURN = "41"
    LEDGER_CREDIT = "42"
    LEDGER_CREDIT_PRENOTE = "43"
    LEDGER_CREDIT_REMITTANCE_ONLY = "44"
    LEDGER_DEBIT_RETURN = "46"
    LEDGER_DEBIT = "47"
    LEDGER_DEBIT_PRENOTE = "48"
    LEDGER_DEBIT_REMITTANCE_ONLY = "49"
    LOAN_CREDIT_RETURN = "51"
    LOAN_CREDIT = "52"
    LOAN_CREDIT_PRENOTE = "53"
    LOAN_CREDIT_REMITTANCE_ONLY = "54"
    LOAN_DEBIT = "55"  # only to reverse a loan credit
    LOAN_DEBIT_RETURN = "56"

    @property
    def is_credit(self) -> bool:
        """Whether the entry puts money into the receiver's account; otherwise it takes it out.

        A return has the direction of the entry it returns.
        """
        return self.value[1] < "5"

    @property
    def account(self) -> AccountKind:
        """The kind of the receiver's account."""
        return _ACCOUNTS[self.value[0]]

    @property
    def purpose(self) -> EntryPurpose:
        """Why the entry was sent."""
        return _PURPOSES[self]


_ACCOUNTS = dict(zip("2345", AccountKind, strict=True))
_BY_PLACE = {
    "1": EntryPurpose.RETURN_OR_CHANGE,
    "2": EntryPurpose.PAYMENT,
    "3": EntryPurpose.PRENOTE,
    "4": EntryPurpose.REMITTANCE_ONLY,
    "6": EntryPurpose.RETURN_OR_CHANGE,
    "7": EntryPurpose.PAYMENT,
    "8": EntryPurpose.PRENOTE,
    "9": EntryPurpose.REMITTANCE_ONLY,
}
_PURPOSES = {
    code: EntryPurpose.PAYMENT if code is TransactionCode.LOAN_DEBIT else _BY_PLACE[code.value[1]]
    for code in TransactionCode
}
