"""An office with two account administrators, for tests of what takes two people."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dcss_core import Actor, Agency, Secret
from dcss_core.testing import FakeHasher
from dcss_core.users import Appointed, ApprovalDue, StaffRole

T = TypeVar("T")


class Office:
    """Appoints staff. The first administers accounts besides; what takes two a colleague asks for first."""

    def __init__(self, agency: Agency, hasher: FakeHasher) -> None:
        self._agency, self._hasher = agency, hasher
        self._appointed: list[Actor] = []
        self._colleague: Actor | None = None

    def __call__(self, *roles: StaffRole, user_id: str = "") -> Actor:
        is_first = not self._appointed
        held = (*roles, StaffRole.ACCOUNT_ADMINISTRATOR) if is_first else roles
        chosen = user_id or f"worker-{len(self._appointed) + 1}"
        made = self._by(Actor.system("set-up"), chosen, held) if is_first else self._by_both(chosen, held)
        self._appointed.append(made)
        self._hasher.runs = 0
        return made

    @property
    def colleague(self) -> Actor:
        """Another account administrator than the first member of staff."""
        if self._colleague is None:
            only = (StaffRole.ACCOUNT_ADMINISTRATOR,)
            self._colleague = self._by(Actor.system("set-up"), "colleague", only)
            self._hasher.runs = 0
        return self._colleague

    @property
    def first(self) -> Actor:
        """The first member of staff, who administers accounts."""
        return self._appointed[0] if self._appointed else self()

    def by_two(self, call: Callable[[Actor], T]) -> T:
        """The second person's result: the colleague asks, and the first member of staff has it done."""
        first = self.first
        due = call(self.colleague)
        assert isinstance(due, ApprovalDue), due
        return call(first)

    def _by_both(self, user_id: str, roles: Sequence[StaffRole]) -> Actor:
        return self.by_two(lambda by: self._by(by, user_id, roles))

    def _by(self, by: Actor, user_id: str, roles: Sequence[StaffRole]) -> Any:
        email = Secret(f"{user_id}@dcss.example.gov")
        made = self._agency.staff.appoint(user_id, email=email, roles=roles, by=by)
        return Actor.staff(made.account_id) if isinstance(made, Appointed) else made
