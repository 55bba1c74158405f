"""A state child-support (Title IV-D) agency as a library.

What a front end imports, each name read from its module when it is first used, so that importing
`dcss_core` costs next to nothing. Plugin authors import `dcss_core.plugins`, testers
`dcss_core.testing`; every error stands in `dcss_core.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcss_core import errors
    from dcss_core.agency.agency import Agency
    from dcss_core.audit.actor import Actor
    from dcss_core.base.dates import Month
    from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
    from dcss_core.base.json_converter import json_converter
    from dcss_core.base.json_schema import json_schema
    from dcss_core.base.money import Money
    from dcss_core.base.secret import Secret
    from dcss_core.base.ssn import Ssn
    from dcss_core.cases.case import Assistance, Role
    from dcss_core.cases.opening import (
        CaseApplication,
        KnownParticipant,
        NewObligation,
        NewParticipant,
        OpeningArrears,
    )
    from dcss_core.cases.people.person import PersonName
    from dcss_core.opening.opening import create_key_file, open_agency, read_key_file
    from dcss_core.ports.keys import KeyRing
    from dcss_core.users.passwords.change import PasswordChangeAccepted, PasswordChangeRefused
    from dcss_core.users.recovery.answers import Answer
    from dcss_core.users.recovery.answers_change import AnswersChangeAccepted, AnswersChangeRefused
    from dcss_core.users.recovery.by_questions import ResetConfirmed, ResetRefused
    from dcss_core.users.registration.form import RegistrationForm, RegistrationIncomplete
    from dcss_core.users.registration.registration import Registered, RegistrationRefused, UserIdTaken
    from dcss_core.users.sign_in.session import SessionToken
    from dcss_core.users.sign_in.sign_in import SignedIn, SignInRefused

_MODULES = {
    "Actor": "audit.actor",
    "Agency": "agency.agency",
    "Answer": "users.recovery.answers",
    "AnswersChangeAccepted": "users.recovery.answers_change",
    "AnswersChangeRefused": "users.recovery.answers_change",
    "Assistance": "cases.case",
    "CaseApplication": "cases.opening",
    "CaseNumber": "base.identifiers",
    "ClientId": "base.identifiers",
    "Irn": "base.identifiers",
    "KeyRing": "ports.keys",
    "KnownParticipant": "cases.opening",
    "Money": "base.money",
    "Month": "base.dates",
    "NewObligation": "cases.opening",
    "NewParticipant": "cases.opening",
    "OpeningArrears": "cases.opening",
    "PasswordChangeAccepted": "users.passwords.change",
    "PasswordChangeRefused": "users.passwords.change",
    "PersonName": "cases.people.person",
    "Registered": "users.registration.registration",
    "RegistrationForm": "users.registration.form",
    "RegistrationIncomplete": "users.registration.form",
    "RegistrationRefused": "users.registration.registration",
    "ResetConfirmed": "users.recovery.by_questions",
    "ResetRefused": "users.recovery.by_questions",
    "Role": "cases.case",
    "Secret": "base.secret",
    "SessionToken": "users.sign_in.session",
    "SignInRefused": "users.sign_in.sign_in",
    "SignedIn": "users.sign_in.sign_in",
    "Ssn": "base.ssn",
    "UserIdTaken": "users.registration.registration",
    "create_key_file": "opening.opening",
    "json_converter": "base.json_converter",
    "json_schema": "base.json_schema",
    "open_agency": "opening.opening",
    "read_key_file": "opening.opening",
}

__all__ = [
    "Actor",
    "Agency",
    "Answer",
    "AnswersChangeAccepted",
    "AnswersChangeRefused",
    "Assistance",
    "CaseApplication",
    "CaseNumber",
    "ClientId",
    "Irn",
    "KeyRing",
    "KnownParticipant",
    "Money",
    "Month",
    "NewObligation",
    "NewParticipant",
    "OpeningArrears",
    "PasswordChangeAccepted",
    "PasswordChangeRefused",
    "PersonName",
    "Registered",
    "RegistrationForm",
    "RegistrationIncomplete",
    "RegistrationRefused",
    "ResetConfirmed",
    "ResetRefused",
    "Role",
    "Secret",
    "SessionToken",
    "SignInRefused",
    "SignedIn",
    "Ssn",
    "UserIdTaken",
    "create_key_file",
    "errors",
    "json_converter",
    "json_schema",
    "open_agency",
    "read_key_file",
]


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("dcss_core.errors")
    if name not in _MODULES:
        raise AttributeError(f"module 'dcss_core' has no attribute '{name}'")
    value = getattr(import_module(f"dcss_core.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
