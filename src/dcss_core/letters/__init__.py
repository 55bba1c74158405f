"""What the agency writes to people, and what became of it.

The names below are what a caller is given; everything deeper is private.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.letters.outgoing.dead_letter import (
        DeadLetter as DeadLetter,
        GivenUpReason as GivenUpReason,
        SendAgainOutcome as SendAgainOutcome,
    )
    from dcss_core.letters.outgoing.dispatch_report import (
        DispatchReport as DispatchReport,
        FailedDeliveries as FailedDeliveries,
        WaitReason as WaitReason,
    )
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "outgoing.dead_letter": "DeadLetter GivenUpReason SendAgainOutcome",
            "outgoing.dispatch_report": "DispatchReport FailedDeliveries WaitReason",
        },
    )
