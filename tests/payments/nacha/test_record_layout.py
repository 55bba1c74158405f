"""The declared layouts against the published positions (Nacha Operating Rules, App. 3)."""

import pytest

from dcss_core.payments.nacha.addenda import NOTIFICATION_OF_CHANGE, PAYMENT_ADDENDA, RETURN_ADDENDA
from dcss_core.payments.nacha.batch_control import BATCH_CONTROL
from dcss_core.payments.nacha.batch_header import BATCH_HEADER
from dcss_core.payments.nacha.entry import CTX_ENTRY, ENTRY
from dcss_core.payments.nacha.file_control import FILE_CONTROL
from dcss_core.payments.nacha.file_header import FILE_HEADER

# Where each field after the first begins; each ends where the next begins, the last at 94.
PUBLISHED = {
    "file header": (FILE_HEADER, [1, 2, 4, 14, 24, 30, 34, 35, 38, 40, 41, 64, 87]),
    "batch header": (BATCH_HEADER, [1, 2, 5, 21, 41, 51, 54, 64, 70, 76, 79, 80, 88]),
    "entry": (ENTRY, [1, 2, 4, 13, 30, 40, 55, 77, 79, 80]),  # 4-12: bank and check digit together
    "CTX entry": (CTX_ENTRY, [1, 2, 4, 13, 30, 40, 55, 59, 75, 77, 79, 80]),
    "addenda 05": (PAYMENT_ADDENDA, [1, 2, 4, 84, 88]),
    "addenda 98": (NOTIFICATION_OF_CHANGE, [1, 2, 4, 7, 22, 28, 36, 65, 80]),
    "addenda 99": (RETURN_ADDENDA, [1, 2, 4, 7, 22, 28, 36, 80]),
    "batch control": (BATCH_CONTROL, [1, 2, 5, 11, 21, 33, 45, 55, 74, 80, 88]),
    "file control": (FILE_CONTROL, [1, 2, 8, 14, 22, 32, 44, 56]),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_fields_begin_where_the_rules_say_and_leave_no_gap(name):
    layout, starts = PUBLISHED[name]
    assert [field.start for field in layout.fields] == starts
    assert [field.end for field in layout.fields] == [start - 1 for start in starts[1:]] + [94]
