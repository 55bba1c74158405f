"""Conversions: how the rows of a collection of version 1 are written in the present version.

Decides the shape of rows and nothing else: no value is made anew but the ids of audit entries, which had
none. Invariants: each collection of version 1 has one conversion; rows keep their order; what can't be
written as it was is an error and is never left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import attrs

from dcss_core.agency.work.records import Records
from dcss_core.command.upgrade.shapes import FormerCollection
from dcss_core.moving.every_record import records_of
from dcss_core.ports.storage import SEQUENCE, Row, Scalar

PresentRows: TypeAlias = Iterable[tuple[Records[Any], Sequence[dict[str, Scalar]]]]

"""Rows to write, and where each of them is kept; each group is saved on its own."""


class Conversion(Protocol):
    """Makes rows of the present version of rows of one former collection, page by page and in order."""

    @property
    def former(self) -> FormerCollection:
        """The collection whose rows it takes."""
        ...

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """The rows to write, by where they are kept; what was sealed is open in both.

        A row of a log may say which number it has to get.
        """
        ...

    def at_the_end(self) -> PresentRows:
        """What is written when every page was converted."""
        ...


@attrs.frozen
class AsItWas:
    """Rows whose collection has the same name in the present version, and its fields.

    `begun` is what fields hold that the former version did not have.
    """

    former: FormerCollection
    begun: Mapping[str, Scalar] = attrs.field(factory=dict)

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """The same rows, with what begins."""
        records = records_of(self.former.name)
        names = [field.name for field in self.former.collection.fields]
        if records.collection.log and records.collection.stream is None:
            names.append(SEQUENCE)
        return [(records, [{name: row[name] for name in names} | dict(self.begun) for row in page])]

    def at_the_end(self) -> PresentRows:
        """Nothing more."""
        return ()
