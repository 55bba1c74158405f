"""Money: obligations, the ledger, distribution, disbursement, and the payment files that carry it.

Nothing here does I/O, reads a clock or makes randomness. Every cent received is at any moment in
exactly one place; postings are never changed. The names below are what a front end passes and is
given; everything deeper is private.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.payments.collection.employment_end import EmploymentEndReport as EmploymentEndReport
    from dcss_core.payments.collection.receipt import Receipt as Receipt, ReceiptStatus as ReceiptStatus
    from dcss_core.payments.collection.remark import Remark as Remark, RemarkKind as RemarkKind
    from dcss_core.payments.distribution.distribution import DistributionLine as DistributionLine
    from dcss_core.payments.distribution.policy import Bucket as Bucket, Payee as Payee
    from dcss_core.payments.distribution.reasons import (
        Alternative as Alternative,
        Input as Input,
        InputName as InputName,
        NotTaken as NotTaken,
    )
    from dcss_core.payments.ledger.ledger import HoldReason as HoldReason, Place as Place
    from dcss_core.payments.nacha.standard_entry_class import StandardEntryClass as StandardEntryClass
    from dcss_core.payments.verification.finding import Finding as Finding, FindingKind as FindingKind
    from dcss_core.payments.views.batch import (
        ReceivedFile as ReceivedFile,
        RemittanceBatch as RemittanceBatch,
    )
    from dcss_core.payments.views.explanation import Explanation as Explanation
    from dcss_core.payments.views.findings import (
        BooksVerification as BooksVerification,
        finding_in_words as finding_in_words,
    )
    from dcss_core.payments.views.frame import frame as frame, to_records as to_records
    from dcss_core.payments.views.held import HeldReceipt as HeldReceipt
    from dcss_core.payments.views.history import (
        Applied as Applied,
        HistoryLine as HistoryLine,
        PaymentHistory as PaymentHistory,
    )
    from dcss_core.payments.views.hold_reasons import hold_reason_in_words as hold_reason_in_words
    from dcss_core.payments.views.remarks import remark_in_words as remark_in_words
    from dcss_core.payments.views.sent import PaymentAsSent as PaymentAsSent
    from dcss_core.payments.views.statement import Statement as Statement, StatementMonth as StatementMonth
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "collection.receipt": "Receipt ReceiptStatus",
            "collection.employment_end": "EmploymentEndReport",
            "collection.remark": "Remark RemarkKind",
            "distribution.distribution": "DistributionLine",
            "distribution.reasons": "Alternative Input InputName NotTaken",
            "views.batch": "ReceivedFile RemittanceBatch",
            "distribution.policy": "Bucket Payee",
            "ledger.ledger": "HoldReason Place",
            "nacha.standard_entry_class": "StandardEntryClass",
            "verification.finding": "Finding FindingKind",
            "views.explanation": "Explanation",
            "views.findings": "BooksVerification finding_in_words",
            "views.held": "HeldReceipt",
            "views.frame": "frame to_records",
            "views.hold_reasons": "hold_reason_in_words",
            "views.remarks": "remark_in_words",
            "views.history": "Applied HistoryLine PaymentHistory",
            "views.sent": "PaymentAsSent",
            "views.statement": "Statement StatementMonth",
        },
    )
