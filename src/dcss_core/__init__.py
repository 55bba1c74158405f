"""A state child-support (Title IV-D) agency as a library.

Here stands what opens an agency, and the words that every area shares; each name is read from its module when
it is first used, so that importing `dcss_core` costs next to nothing. The words of an area stand in
`dcss_core.users`, `dcss_core.cases`, `dcss_core.payments`, `dcss_core.letters` and `dcss_core.audit`. Plugin
authors import `dcss_core.plugins`, testers `dcss_core.testing`; every error stands in `dcss_core.errors`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core import errors as errors
    from dcss_core.agency.agency import Agency as Agency
    from dcss_core.agency.callers.caller import Caller as Caller
    from dcss_core.audit.actor import Actor as Actor, ActorKind as ActorKind
    from dcss_core.base.dates import DateRange as DateRange, Month as Month
    from dcss_core.base.identifiers import CaseNumber as CaseNumber, ClientId as ClientId, Irn as Irn
    from dcss_core.base.json.converter import json_converter as json_converter
    from dcss_core.base.json.schema import json_schema as json_schema
    from dcss_core.base.locator_code import LocatorCode as LocatorCode, LocatorKind as LocatorKind
    from dcss_core.base.money import Money as Money, Remainder as Remainder, TieBreak as TieBreak
    from dcss_core.base.people.itin import Itin as Itin
    from dcss_core.base.secret import Secret as Secret
    from dcss_core.base.ssn import Ssn as Ssn
    from dcss_core.opening.key_file import (
        create_key_file as create_key_file,
        read_key_file as read_key_file,
    )
    from dcss_core.opening.opening import open_agency as open_agency
    from dcss_core.ports.keys import KeyRing as KeyRing, MasterKey as MasterKey
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "": "errors",
            "agency.agency": "Agency",
            "audit.actor": "Actor ActorKind",
            "base.dates": "DateRange Month",
            "base.identifiers": "CaseNumber ClientId Irn",
            "agency.callers.caller": "Caller",
            "base.people.itin": "Itin",
            "base.json.converter": "json_converter",
            "base.json.schema": "json_schema",
            "base.locator_code": "LocatorCode LocatorKind",
            "base.money": "Money Remainder TieBreak",
            "base.secret": "Secret",
            "base.ssn": "Ssn",
            "opening.key_file": "create_key_file read_key_file",
            "opening.opening": "open_agency",
            "ports.keys": "KeyRing MasterKey",
        },
    )

__version__ = "0.1.0"
