"""Committed: what everybody who begins sees.

Decides what a commit is: one assignment of tables that never change. Invariants: nobody sees half of a
commit; a snapshot is a reference to the tables of one commit, gone with the last who refers to them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from dcss_core.memory.table import Table
from dcss_core.plugins.storing.place import refuse_if_closed

Tables: TypeAlias = Mapping[str, Table]
NO_TABLES: Final[Tables] = MappingProxyType({})


@attrs.define(eq=False)
class Committed:
    """The tables of the last commit of one storage, by name."""

    tables: Tables = NO_TABLES
    is_closed: bool = False

    def commit(self, tables: Tables) -> None:
        """Let everybody who begins from now on see these tables; raises BackendError once it is closed."""
        refuse_if_closed(self)
        self.tables = tables

    def close(self) -> None:
        """Forget everything."""
        self.is_closed = True
        self.tables = NO_TABLES
