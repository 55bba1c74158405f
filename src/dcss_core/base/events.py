"""Event: what a decision says has happened.

Decides how a domain event is written down for the audit log and for subscribers. Invariants: events
are frozen and named in the past tense; they hold ids, amounts and dates, never a name, an address or
a secret; `kind` is stable once published.
"""

from datetime import date, datetime
from enum import Enum
from typing import ClassVar, Final, TypeAlias

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError

Detail: TypeAlias = "str | int | bool | list[Detail] | None"
_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})
_SPELLED: Final = frozenset({Money, Month, CaseNumber, date})
_NAMES: Final[dict[type, tuple[str, ...]]] = {}


@attrs.frozen
class Event:
    """The root of every event.

    `kind` names what happened; `about` says what sort of record it is about and in which field its id stands.
    """

    kind: ClassVar[str]
    about: ClassVar[tuple[str, str]]

    @property
    def subject(self) -> str:
        """The record the event is about, as `account:…` or `case:…`; `unknown` where there is none."""
        sort, field = self.about
        return f"{sort}:{getattr(self, field) or 'unknown'}"

    def details(self) -> dict[str, Detail]:
        """The event's fields as plain values, ready for canonical JSON.

        Raises InvariantError for a field of any other type, a float or a Secret above all.
        """
        return {
            name: value if type(value := getattr(self, name)) in _AS_THEY_ARE else _plain(self, name, value)
            for name in _names(type(self))
        }


def _names(event: type[Event]) -> tuple[str, ...]:
    names = _NAMES.get(event)
    if names is None:
        names = _NAMES[event] = tuple(field.name for field in attrs.fields(event))
    return names


def _plain(event: Event, field: str, value: object) -> Detail:
    if type(value) in _SPELLED:
        return str(value)
    if isinstance(value, Enum):  # before str and int: a StrEnum is both
        return str(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(event, field, each) for each in value]
    raise InvariantError(f"{event.kind}.{field}: an event can't hold a {type(value).__name__}")
