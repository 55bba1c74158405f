"""Nacha payment files: the records banks, employers and the disbursement unit exchange.

`read_file` and `write_file` are each other's inverse; `build_file` makes a new file. Nothing here
posts money: a file is only understood or refused.
"""

from dcss_core.payments.nacha.addenda import NotificationOfChange, PaymentAddenda, ReturnAddenda
from dcss_core.payments.nacha.batch_control import BatchControl
from dcss_core.payments.nacha.batch_header import BatchHeader, ServiceClass
from dcss_core.payments.nacha.builder import build_file
from dcss_core.payments.nacha.ded import Ded, DedApplication, MedicalSupport, read_ded, write_ded
from dcss_core.payments.nacha.ded_name import ded_name, is_ded_name
from dcss_core.payments.nacha.ded_segments import deds_of
from dcss_core.payments.nacha.entry import Addenda, Entry
from dcss_core.payments.nacha.file_control import FileControl
from dcss_core.payments.nacha.file_header import FileHeader
from dcss_core.payments.nacha.nacha_file import Batch, FileLayout, NachaFile
from dcss_core.payments.nacha.reader import read_file
from dcss_core.payments.nacha.standard_entry_class import StandardEntryClass
from dcss_core.payments.nacha.transaction_code import AccountKind, EntryPurpose, TransactionCode
from dcss_core.payments.nacha.writer import write_file

__all__ = [
    "AccountKind",
    "Addenda",
    "Batch",
    "BatchControl",
    "BatchHeader",
    "Ded",
    "DedApplication",
    "Entry",
    "EntryPurpose",
    "FileControl",
    "FileHeader",
    "FileLayout",
    "MedicalSupport",
    "NachaFile",
    "NotificationOfChange",
    "PaymentAddenda",
    "ReturnAddenda",
    "ServiceClass",
    "StandardEntryClass",
    "TransactionCode",
    "build_file",
    "ded_name",
    "deds_of",
    "is_ded_name",
    "read_ded",
    "read_file",
    "write_ded",
    "write_file",
]
