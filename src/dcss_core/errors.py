"""Every error the library raises, on one screen.

The first fork says whose fault it is and so what to do about it: the caller's input, the law as
loaded, a conflict with somebody else's change, a missing permission, the outside world, a plugin,
the way the agency was opened, or the library itself. Expected outcomes (a refused sign-in, every
violation of a password) are values and never stand here.

Invariants: each class has a stable dotted `code`; a message says what was found, what was expected
and what to do, and never holds a secret nor says whether a user exists; where several things are
wrong, `faults` lists them all at once, and the text the first fifty.
"""

import copyreg
from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Final

import attrs

__all__ = [
    "BackendError",
    "BusyError",
    "ConfigurationError",
    "ConflictError",
    "DcssError",
    "DuplicateKeyError",
    "Fault",
    "InvalidInputError",
    "InvariantError",
    "NotFoundError",
    "NotPermittedError",
    "OutcomeUnknownError",
    "PluginError",
    "RemittanceRefusedError",
    "RuleFileError",
    "RuleNotInForceError",
    "RuleViolationError",
    "RulesError",
    "SessionEndedError",
    "StaleVersionError",
    "UnknownRuleError",
    "http_status",
]
# A damaged file of megabytes must not become a message of megabytes.
_MOST_SHOWN: Final = 50
_LONGEST_SHOWN: Final = 3_000  # characters, enough to name every rule there is


@attrs.frozen
class Fault:
    """One thing wrong: where it stands, what was found there and what was expected."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}, expected {self.expected}"


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


class DcssError(Exception):
    """The root of every error raised by `dcss_core` and its plugins."""

    code: ClassVar[str] = "dcss"

    def __init__(self, message: str, *, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        shown = [_shortened(str(fault)) for fault in self.faults[:_MOST_SHOWN]]
        if len(self.faults) > _MOST_SHOWN:
            shown.append(f"and {len(self.faults) - _MOST_SHOWN} more, which stand in `faults`")
        super().__init__("\n  ".join([message, *shown]))

    # An error crosses to another process whole; Exception's own way calls __init__ with the message alone.
    def __reduce__(self) -> tuple[object, ...]:
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


# --- the caller's input -----------------------------------------------------------------------
class InvalidInputError(DcssError):
    """What the caller gave can't be used as it stands; `faults` lists every reason."""

    code = "input.invalid"


class NotFoundError(InvalidInputError):
    """The caller named something that does not exist."""

    code = "input.not_found"


class RemittanceRefusedError(InvalidInputError):
    """A payment file is damaged or of the wrong kind; it was refused whole, nothing was posted."""

    code = "input.remittance_refused"


# --- the law as loaded ------------------------------------------------------------------------
class RulesError(DcssError):
    """The rules of a jurisdiction can't be loaded or do not answer."""

    code = "rules"


class RuleFileError(RulesError):
    """A rule file breaks the closed schema; `faults` names file, key and the nearest valid key."""

    code = "rules.file"


class UnknownRuleError(RulesError):
    """No such rule is declared in this jurisdiction or in what it extends."""

    code = "rules.unknown"


class RuleNotInForceError(RulesError):
    """The rule is known, but not for this date; nothing is extrapolated."""

    code = "rules.not_in_force"

    def __init__(self, key: str, on: date, *, first: date | None, last: date | None) -> None:
        self.key, self.on, self.first_known, self.last_known = key, on, first, last
        known = f"known from {first or 'the beginning'} through {last or 'today and on'}"
        super().__init__(
            f"rule '{key}' has no value on {on}; it is {known}. "
            "Nothing is extrapolated: add the dated, cited value to the jurisdiction's rule file."
        )


class RuleViolationError(DcssError):
    """The law forbids what was asked; `citation` names the provision."""

    code = "rule.violated"

    def __init__(self, message: str, *, citation: str) -> None:
        self.citation = citation
        super().__init__(f"{message} ({citation})")


# --- somebody else was faster, or it exists already -----------------------------------------------
class ConflictError(DcssError):
    """The record changed or came into being meanwhile; read it again and decide anew."""

    code = "conflict"


class StaleVersionError(ConflictError):
    """A record was replaced by someone else since it was read."""

    code = "conflict.stale_version"


class DuplicateKeyError(ConflictError):
    """A record with the same unique key exists; `key_fields` names the key, never its value."""

    code = "conflict.duplicate_key"

    def __init__(self, collection: str, key_fields: Iterable[str]) -> None:
        self.collection, self.key_fields = collection, tuple(key_fields)
        super().__init__(
            f"'{collection}' already holds a record with the same {' + '.join(self.key_fields)}; "
            "read that one instead of inserting another"
        )


# --- permission ---------------------------------------------------------------------------------
class NotPermittedError(DcssError):
    """This caller may not do this; sign in, change the assigned password, or ask staff.

    `wanted` says in one word what was asked for, for the audit log.
    """

    code = "not_permitted"

    def __init__(self, message: str, *, wanted: str = "") -> None:
        self.wanted = wanted
        super().__init__(message)


class SessionEndedError(NotPermittedError):
    """The session is not good, or never was; whoever holds it signs in again."""

    code = "not_permitted.session_ended"


# --- the outside world --------------------------------------------------------------------------
class BackendError(DcssError):
    """A storage, channel or other backend failed; `retryable` says whether trying again may help."""

    code = "backend"

    def __init__(self, message: str, *, retryable: bool) -> None:
        self.retryable = retryable
        super().__init__(message)


class BusyError(BackendError):
    """More is asked for at once than this machine can do; nothing was begun, and it can be asked again."""

    code = "backend.busy"

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class OutcomeUnknownError(BackendError):
    """A commit was sent and no answer came: what was written is saved, or will be, or not."""

    code = "backend.outcome_unknown"

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


# --- plugins ------------------------------------------------------------------------------------
class PluginError(DcssError):
    """A plugin breaks the contract; `distribution` names whose it is."""

    code = "plugin"

    def __init__(self, message: str, *, distribution: str, faults: Iterable[Fault] = ()) -> None:
        self.distribution = distribution
        super().__init__(f"plugin '{distribution}': {message}", faults=faults)


# --- how the agency was opened ------------------------------------------------------------------
class ConfigurationError(DcssError):
    """The agency was opened with a URL, key or name that can't work; nothing was started."""

    code = "configuration"


# --- the library itself -------------------------------------------------------------------------
class InvariantError(DcssError):
    """An invariant would break, or what is stored breaks it; nothing was saved.

    Either the library has a defect, which should be reported, or a record was changed by hand.
    """

    code = "invariant"


# --- for a portal --------------------------------------------------------------------------------
_HTTP_STATUS = {
    DcssError: 500,
    InvalidInputError: 422,  # the request was read; what it says can't be used
    NotFoundError: 404,
    RuleViolationError: 422,  # nothing changes by asking again, so no 409
    ConflictError: 409,
    NotPermittedError: 403,
    SessionEndedError: 401,  # whoever holds it signs in again
}


def http_status(error: BaseException) -> int:
    """The HTTP status with which a portal answers an error; docs/reference/errors.md has the table.

    A BackendError that may pass is 503, to be sent with Retry-After. What is not the
    caller's doing is 500, and so is an error of any other library.
    """
    if isinstance(error, BackendError) and error.retryable:
        return 503
    return next((_HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in _HTTP_STATUS), 500)
