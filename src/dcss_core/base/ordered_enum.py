"""OrderedEnum: an enum whose members have an order, that of their definition.

Decides that they can be sorted, which tables and data frames need to group by them. Invariant: members of
two enums are never compared.
"""

from enum import Enum

from dcss_core.base.records.ordering import Ordered


class OrderedEnum(Ordered, Enum):
    """An enum to be sorted; the first member that is written down is the least."""

    @staticmethod
    def ordered_by(member: "OrderedEnum") -> int:
        """The place of a member among all."""
        return list(type(member)).index(member)
