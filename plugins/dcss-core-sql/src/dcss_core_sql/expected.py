"""Expected: what a statement that writes has to come to.

Decides nothing about when it is sent: a database may put it off until an answer is needed. Invariant: nothing
is saved unless every writing came to what was expected of it.
"""

from collections.abc import Callable

import attrs

from dcss_core.errors import DcssError


def as_it_is(error: DcssError) -> DcssError:
    """An error means what it says."""
    return error


@attrs.frozen
class Expected:
    """What a writing has to come to, and what its caller is told where it does not."""

    rows: int
    otherwise: Callable[[], DcssError]
    """The error for another number of rows."""
    told: Callable[[DcssError], DcssError] = as_it_is
    """What an error of the database means for the caller."""

    def check(self, rows: int) -> None:
        """Raise unless so many rows were inserted or changed."""
        if rows != self.rows:
            raise self.otherwise()
