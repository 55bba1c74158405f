"""The revision mark: the table in which a database says of which revision its schema is.

Decides when a database is marked, and what is refused by its mark. Invariants: Alembic reads and writes the
same table; it is marked when the last of its tables is made, and in the transaction that changes them; what
a later version marked is left alone.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dcss_core import errors
from dcss_core_sql.migrations import history

TABLE: Final = "dcss_revision"
CREATION: Final = f"""CREATE TABLE IF NOT EXISTS "{TABLE}" (
\t"version_num" VARCHAR(32) NOT NULL,
\tCONSTRAINT "pk_{TABLE}" PRIMARY KEY ("version_num")
)"""
_READ: Final = f'SELECT "version_num" FROM "{TABLE}"'
_EMPTIED: Final = f'DELETE FROM "{TABLE}"'
_NUMBER: Final = re.compile(r"[0-9a-z_]{1,32}", re.ASCII)
_OTHER: Final = "of another form"


def statements_marking(number: str) -> list[str]:
    """What marks a database that has the table."""
    return [_EMPTIED, f'INSERT INTO "{TABLE}" ("version_num") VALUES (\'{number}\')']


def mark_of(cursor: Any) -> str | None:
    """The mark of a database that has the table; None where it is empty."""
    cursor.execute(_READ)
    found = [str(number) for (number,) in cursor.fetchall()]
    if not found:
        return None
    return found[0] if len(found) == 1 and _NUMBER.fullmatch(found[0]) else _OTHER


def is_of_later_version(mark: str | None) -> bool:
    """Whether a version that is not known here made, or changed, the database."""
    return mark is not None and history.revision(mark) is None


def of_later_version(url: str, mark: str | None) -> errors.ConfigurationError:
    """The refusal of what a later version made."""
    return errors.ConfigurationError(
        f"a newer version of this library made the database {url}: its revision is {mark}, and the last one "
        f"that is known here is {history.head().number}. Install that newer version; nothing was changed"
    )


def refusal(
    url: str, shapes: Mapping[str, str], mark: str | None, differing: Sequence[errors.Fault]
) -> errors.ConfigurationError:
    """The refusal of collections that are of another shape than declared."""
    if is_of_later_version(mark):
        return of_later_version(url, mark)
    held = history.held_by(shapes)
    if held is not None and held is not history.head():
        return errors.ConfigurationError(
            f"the database is of the version before, revision {held.number}, and this version needs "
            f"{history.head().number}; convert it with `dcss db upgrade {url}`",
            faults=differing,
        )
    return errors.ConfigurationError(
        "the database holds collections of another shape than declared; if it was made by another "
        f"version, convert it with `dcss db upgrade {url}`",
        faults=differing,
    )
