"""People, cases and the orders for support.

The names below are what a front end passes and is given; everything deeper is private.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.base.people.contact_kind import ContactKind as ContactKind
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
    from dcss_core.cases.people.contacts.change import (
        ContactChangeBegun as ContactChangeBegun,
        ContactChanged as ContactChanged,
        ContactChangeRefused as ContactChangeRefused,
        ContactCodeRefused as ContactCodeRefused,
        ContactConfirmOutcome as ContactConfirmOutcome,
        ContactTakenBack as ContactTakenBack,
    )
    from dcss_core.cases.people.contacts.on_file import ContactOnFile as ContactOnFile
    from dcss_core.cases.people.contacts.point import (
        ContactSource as ContactSource,
        ContactState as ContactState,
    )
    from dcss_core.cases.people.person import PersonName as PersonName
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "case": "Assistance Case CaseStatus Role",
            "opening": "CaseApplication KnownParticipant NewObligation NewParticipant OpeningArrears",
            "own_case": "OwnCase",
            "people.contacts.change": (
                "ContactChangeBegun ContactChanged ContactChangeRefused ContactCodeRefused "
                "ContactConfirmOutcome ContactTakenBack"
            ),
            "people.contacts.on_file": "ContactOnFile",
            "people.contacts.point": "ContactSource ContactState",
            "people.person": "PersonName",
            ".base.people.contact_kind": "ContactKind",
        },
    )
