"""People, cases and the orders for support.

The names below are what a front end passes and is given; everything deeper is private.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.cases.case import (
        Assistance as Assistance,
        Case as Case,
        CaseStatus as CaseStatus,
        Role as Role,
    )
    from dcss_core.cases.opening import (
        CaseApplication as CaseApplication,
        KnownParticipant as KnownParticipant,
        NewObligation as NewObligation,
        NewParticipant as NewParticipant,
        OpeningArrears as OpeningArrears,
    )
    from dcss_core.cases.own_case import OwnCase as OwnCase
    from dcss_core.cases.people.person import PersonName as PersonName
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "case": "Assistance Case CaseStatus Role",
            "opening": "CaseApplication KnownParticipant NewObligation NewParticipant OpeningArrears",
            "own_case": "OwnCase",
            "people.person": "PersonName",
        },
    )
