"""RecordLayout: which field stands where in a record of 94 characters.

One declaration per record; reading and writing are both derived from it, so that they can't
disagree. Invariant: the fields of a layout cover positions 1 to 94 without a gap (a test says so).
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Generic, TypeVar

import attrs

from dcss_core.payments.nacha.fault_log import FaultLog, shape
from dcss_core.payments.nacha.field_kinds import Constant, FieldKind, Misfit

RECORD_LENGTH: Final = 94
Record = TypeVar("Record")


@attrs.frozen
class Field:
    """One field: first and last position counted from 1, its name and its kind.

    `derived` fields (a sequence number, an addenda count) follow from the records around them and
    are no attribute of the record's value.
    """

    start: int
    end: int
    name: str
    kind: FieldKind
    derived: bool = False

    @property
    def place(self) -> str:
        """Position and name as a person reads them."""
        positions = (
            f"position {self.start}" if self.start == self.end else f"positions {self.start}-{self.end}"
        )
        return f"{positions}, {self.name.replace('_', ' ')}"


@attrs.define
class Reading(Generic[Record]):
    """One record as read: the values of the fields that could be read, and where faults go."""

    number: int
    layout: "RecordLayout[Record]"
    log: FaultLog
    values: dict[str, Any] = attrs.Factory(dict)
    derived: dict[str, Any] = attrs.Factory(dict)
    is_damaged: bool = False

    def fault(self, name: str | None, found: str, expected: str) -> None:
        """Note a fault of a field, or of the whole record where `name` is None."""
        self.log.add(self.number, self.layout.where(self.number, name), found, expected)

    def expect(self, name: str, expected: object, *, why: str, is_certain: bool = True) -> None:
        """Note a fault where a readable field holds something else than it should.

        `why` says where the expected value comes from. What a damaged record holds may be any other
        text of the file, so neither is it quoted nor, if not `is_certain`, what was taken from one.
        """
        held = self.values if name in self.values else self.derived
        if name in held and held[name] != expected:
            found = _shown(held[name])
            self.fault(
                name,
                shape(found) if self.is_damaged else found,
                f"{_shown(expected) if is_certain else 'another'}, {why}",
            )

    def make(self, **more: object) -> Record:
        """The record's value; only for a record without faults."""
        return self.layout.make(**self.values, **more)


@attrs.frozen(eq=False)
class RecordLayout(Generic[Record]):
    """The fields of one kind of record, and the class its values become."""

    words: str
    make: Callable[..., Record]
    fields: tuple[Field, ...]
    _plan: tuple[tuple[int, int, Callable[[str], object], Field], ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        plan = tuple((field.start - 1, field.end, field.kind.read, field) for field in self.fields)
        object.__setattr__(self, "_plan", plan)

    def where(self, number: int, name: str | None = None) -> str:
        """Say where a fault stands: record 7 (entry detail), positions 30-39, amount."""
        record = f"record {number} ({self.words})"
        field = next((field for field in self.fields if field.name == name), None)
        return f"{record}, {field.place}" if field else record

    def read(self, text: str, number: int, log: FaultLog) -> Reading[Record]:
        """Read the fields of a record of 94 characters; those that can't be read are noted."""
        reading = Reading(number, self, log)
        values, derived = reading.values, reading.derived
        for begin, end, read, field in self._plan:
            value = read(text[begin:end])
            if isinstance(value, Misfit):
                reading.is_damaged = True
                reading.fault(field.name, value.found, value.expected)
            elif field.derived:
                derived[field.name] = value
            elif value is not None or field.kind.__class__ is not Constant:
                values[field.name] = value
        return reading

    def write(self, record: Record, number: int, log: FaultLog, derived: Mapping[str, object]) -> str:
        """Write a record; fields that can't be written are noted and left blank."""
        parts = []
        for field in self.fields:
            width = field.end - field.start + 1
            if isinstance(field.kind, Constant):
                value: object = None
            else:
                value = derived[field.name] if field.derived else getattr(record, field.name)
            written = field.kind.write(value, width)
            if isinstance(written, Misfit):
                log.add(number, self.where(number, field.name), written.found, written.expected)
                written = " " * width
            parts.append(written)
        return "".join(parts)


def _shown(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)
