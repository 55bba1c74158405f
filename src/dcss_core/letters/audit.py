"""Letters about the audit log: none is written.

Decides that nobody is told what stands in the log alone: who looked at what, what was refused, and what was
done to the log itself.
"""

from typing import Final

from dcss_core.audit.events import (
    AuditLogExported,
    AuditLogPruned,
    CommitUnanswered,
    KeyRetired,
    RecordsDeleted,
    RecordsResealed,
)
from dcss_core.audit.reads import (
    AccessDenied,
    ActRefused,
    CaseSeen,
    ListSeen,
    NothingFound,
    NothingToDo,
    ReceiptSeen,
    RefusalsLeftOut,
    StaffActRefused,
)
from dcss_core.base.events import Event

AUDIT_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # They are about the log, and about nobody.
        AuditLogExported,
        AuditLogPruned,
        # What was not saved happened to nobody, and what was deleted served nobody any more.
        CommitUnanswered,
        RecordsDeleted,
        # What is under another key reads as before; whose password ended with one learns it at sign-in.
        KeyRetired,
        RecordsResealed,
        # A look changes nothing; that is what the log is for.
        CaseSeen,
        ListSeen,
        ReceiptSeen,
        # Nothing was shown and nothing changed; whoever asked was told so at once.
        AccessDenied,
        ActRefused,
        NothingFound,
        NothingToDo,
        RefusalsLeftOut,
        StaffActRefused,
    }
)
