"""What an entry and its addenda owe each other and their batch.

Decides by the entry class and the transaction code which addenda an entry has; that the addenda are
numbered through and name their entry; that prenotes and remittance notices carry no money. Source:
Nacha Operating Rules, App. 3. A field that could not be read is never compared.
"""

from collections.abc import Sequence
from typing import Any, Final

from dcss_core.payments.nacha.addenda import NOTIFICATION_OF_CHANGE, PAYMENT_ADDENDA, RETURN_ADDENDA
from dcss_core.payments.nacha.batch_header import ServiceClass
from dcss_core.payments.nacha.entry import Entry
from dcss_core.payments.nacha.record_layout import Reading, RecordLayout
from dcss_core.payments.nacha.standard_entry_class import StandardEntryClass
from dcss_core.payments.nacha.transaction_code import EntryPurpose, TransactionCode

ADDENDA_LAYOUTS: Final[dict[str, RecordLayout[Any]]] = {
    "05": PAYMENT_ADDENDA,
    "98": NOTIFICATION_OF_CHANGE,
    "99": RETURN_ADDENDA,
}
_WITHOUT_MONEY: Final = frozenset({EntryPurpose.PRENOTE, EntryPurpose.REMITTANCE_ONLY})


def check_entry(
    entry: Reading[Entry],
    addenda: Sequence[Reading[Any] | None],
    entry_class: StandardEntryClass | None,
    service_class: ServiceClass | None,
) -> None:
    """Note what is wrong between an entry, its addenda (None: of unknown type) and its batch."""
    _check_addenda_counts(entry, len(addenda))
    for place, one in enumerate(addenda, 1):
        if one is not None:
            _check_addenda_belongs(one, place, entry)
    code: TransactionCode | None = entry.values.get("transaction_code")
    if code is None:
        return
    if entry_class is not None and None not in addenda:
        _check_addenda_types(entry, [one.layout for one in addenda if one is not None], entry_class, code)
    if service_class is not None and not service_class.admits(credit=code.is_credit):
        direction = "credit" if code.is_credit else "debit"
        entry.fault(
            "transaction_code",
            f"the {direction} {code.value}",
            f"none in a batch of class {service_class.value}",
        )
    amount = entry.values.get("amount")
    if code.purpose in _WITHOUT_MONEY and amount:
        entry.fault("amount", str(amount), f"0.00, since {code.value} is a {code.purpose.value}")


def _check_addenda_counts(entry: Reading[Entry], count: int) -> None:
    entry.expect("addenda_indicator", min(count, 1), why=f"since {count} addenda follow")
    entry.expect("number_of_addenda", count, why="the number of addenda that follow")


def _check_addenda_belongs(addenda: Reading[Any], place: int, entry: Reading[Entry]) -> None:
    addenda.expect("addenda_sequence_number", place, why="its place among the addenda of the entry")
    trace: str | None = entry.values.get("trace_number")
    if trace is None:
        return
    why, is_certain = "the end of the entry's trace number", not entry.is_damaged
    addenda.expect("entry_detail_sequence_number", int(trace[-7:]), why=why, is_certain=is_certain)
    addenda.expect("trace_number", trace, why="the entry's trace number", is_certain=is_certain)


def _check_addenda_types(
    entry: Reading[Entry],
    types: Sequence[RecordLayout[Any]],
    entry_class: StandardEntryClass,
    code: TransactionCode,
) -> None:
    is_change = entry_class is StandardEntryClass.COR
    if code.purpose is EntryPurpose.RETURN_OR_CHANGE:
        needed = NOTIFICATION_OF_CHANGE if is_change else RETURN_ADDENDA
        if list(types) != [needed]:
            entry.fault(
                None, _listed(types), f"one {needed.words}, since {code.value} is a {code.purpose.value}"
            )
    elif is_change:
        entry.fault("transaction_code", repr(code.value), "a code of a notification of change, as 21 or 26")
    elif any(layout is not PAYMENT_ADDENDA for layout in types):
        entry.fault(
            None, _listed(types), f"addenda of type 05 only, since {code.value} is a {code.purpose.value}"
        )
    elif len(types) > entry_class.most_payment_addenda:
        entry.fault(
            None,
            f"{len(types)} addenda",
            f"at most {entry_class.most_payment_addenda} in {entry_class.value}",
        )


def _listed(types: Sequence[RecordLayout[Any]]) -> str:
    if not types:
        return "no addenda"
    kinds = sorted({layout.words for layout in types})
    return f"{len(types)} addenda ({', '.join(kinds)})"
