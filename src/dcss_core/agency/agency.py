"""Agency: a jurisdiction's rules, a storage and channels, with the verbs of each area.

Decides when an area is made: with its first verb, which is when its modules are imported. Invariant: what an
area is made of was opened and checked before, so that nothing but the import is left to its first use.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import Final, Self

import attrs

from dcss_core import agency as areas
from dcss_core.agency.work.database_mark import check_identity
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.shapes import written_collections
from dcss_core.base.expected_types import checked
from dcss_core.base.html.table import html_table
from dcss_core.health.report import Health
from dcss_core.ports.channel import OpenedChannel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.loaded_plugins import LoadedPlugins
from dcss_core.ports.observer import Observer
from dcss_core.ports.subscriber import Subscriber
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.second_factor.method import SecondFactorMethod

_PATIENCE: Final = timedelta(minutes=15)


@attrs.frozen(repr=False, eq=False, slots=False)  # what is cached needs a place of its own
class Agency:
    """An open child-support agency. Close it, or use it in a `with` block."""

    jurisdiction: Jurisdiction
    plugins: LoadedPlugins
    _resources: Resources
    _channels: Mapping[str, OpenedChannel]
    _subscribers: Mapping[str, Subscriber]
    _sinks: Mapping[str, CheckpointSink]
    _second_factors: Mapping[str, SecondFactorMethod]
    _name: str
    _signing: ExitStack
    _opened: ExitStack

    @classmethod
    def start(
        cls,
        resources: Resources,
        *,
        channels: Mapping[str, OpenedChannel],
        subscribers: Mapping[str, Subscriber],
        sinks: Mapping[str, CheckpointSink],
        second_factors: Mapping[str, SecondFactorMethod],
        plugins: LoadedPlugins,
        opened: ExitStack,
    ) -> Self:
        """Prepare the storage and check that it is this agency's.

        `plugins` is the report of what was loaded, for people to read; `opened` closes everything
        that was opened for this agency. Before it closes, the log is signed for the sinks.
        """
        resources.storage.prepare(tuple(written_collections().values()))
        check_identity(resources)
        signing = opened.enter_context(ExitStack())
        if sinks:
            signing.callback(areas.publish, resources, sinks)
        return cls(
            jurisdiction=resources.jurisdiction,
            plugins=plugins,
            resources=resources,
            channels=dict(channels),
            subscribers=dict(subscribers),
            sinks=dict(sinks),
            second_factors=dict(second_factors),
            name=resources.jurisdiction.on(resources.today()).text("agency.name"),
            signing=signing,
            opened=opened.pop_all(),
        )

    @cached_property
    def accounts(self) -> "areas.Accounts":
        """Accounts of parents: registration, and the way in and out."""
        return areas.Accounts(
            self._resources, self._door, self._passwords, self._asking, self._second_factors
        )

    @cached_property
    def credentials(self) -> "areas.Credentials":
        """What an account is opened with."""
        return areas.Credentials(self._resources, self._door, self._passwords, self._asking)

    @cached_property
    def sessions(self) -> "areas.Sessions":
        """Who is signed in."""
        return areas.Sessions(self._resources, self._door, self._asking)

    @cached_property
    def contacts(self) -> "areas.Contacts":
        """How a parent is reached."""
        return areas.Contacts(self._resources, self._door, self._asking)

    @cached_property
    def second_factors(self) -> "areas.SecondFactors":
        """The second factors of an account."""
        return areas.SecondFactors(self._resources, self._door, self._asking, self._second_factors)

    @cached_property
    def recovery(self) -> "areas.Recovery":
        """The way back in for whoever lost a password or a user id."""
        return areas.Recovery(self._resources, self._door, self._passwords)

    @cached_property
    def staff_resets(self) -> "areas.StaffResets":
        """Recovery with the help of staff, by two of them."""
        return areas.StaffResets(self._resources, self._door, self._passwords)

    @cached_property
    def approvals(self) -> "areas.Approvals":
        """What waits for a second person."""
        return areas.Approvals(self._door)

    @cached_property
    def cases(self) -> "areas.Cases":
        """Cases and the people in them."""
        return areas.Cases(self._door)

    @cached_property
    def payments(self) -> "areas.Payments":
        """Money: received, divided, explained."""
        return areas.Payments(self._resources, self._door)

    @cached_property
    def oversight(self) -> "areas.Oversight":
        """What staff do about accounts."""
        return areas.Oversight(self._resources, self._door)

    @cached_property
    def staff(self) -> "areas.Staff":
        """Who works here, and in which roles."""
        return areas.Staff(self._resources, self._door, self._passwords)

    @cached_property
    def remitters(self) -> "areas.Remitters":
        """Organisations that send support, opened and ended by staff."""
        return areas.Remitters(self._resources, self._door)

    @cached_property
    def members(self) -> "areas.Members":
        """Who signs in for a remitter, and what it sent."""
        return areas.Members(self._resources, self._door, self._asking)

    @cached_property
    def invitations(self) -> "areas.Invitations":
        """The way to an account for whoever is invited, or pays for a payer."""
        return areas.Invitations(self._resources, self._door, self._passwords)

    @cached_property
    def vouched(self) -> "areas.Vouched":
        """Parents whom somebody outside vouches for."""
        return areas.Vouched(self._resources, self._door, self._asking, self._passwords)

    @cached_property
    def texts(self) -> "areas.Texts":
        """What people ask for by text message."""
        return areas.Texts(self._door)

    @cached_property
    def outbox(self) -> "areas.Outbox":
        """What is to be sent."""
        return areas.Outbox(self._resources, self._door, self._channels, areas.payers(self._resources))

    @cached_property
    def subscriptions(self) -> "areas.Subscriptions":
        """What subscribers are told."""
        return areas.Subscriptions(self._resources, self._door, self._subscribers)

    @cached_property
    def audit(self) -> "areas.AuditLog":
        """The audit log."""
        return areas.AuditLog(self._resources, self._door, self._sinks)

    @cached_property
    def retention(self) -> "areas.Retention":
        """The job that deletes what nobody needs any more."""
        return areas.Retention(self._resources, self._door)

    @cached_property
    def keys(self) -> "areas.Keys":
        """The master keys, and what was made with them."""
        return areas.Keys(self._resources, self._door)

    @property
    def observer(self) -> Observer | None:
        """Who is told how verbs and jobs go."""
        return self._resources.observer

    @cached_property
    def _door(self) -> "areas.Door":
        return areas.Door(self._resources)

    @cached_property
    def _passwords(self) -> "areas.PasswordChecks":
        return areas.PasswordChecks(self._resources)

    @cached_property
    def _asking(self) -> "areas.AskingAgain":
        return areas.AskingAgain(self._door, self._passwords)

    @checked
    def health(self, *, outbox: timedelta = _PATIENCE, subscription: timedelta = _PATIENCE) -> Health:
        """How the agency stands, as a health endpoint asks it; it asks nobody who they are.

        `outbox` is how long a letter that is due may wait, `subscription` how old an event may get that a
        subscriber has not had; for the rest the rules say it. Nothing is raised for a storage that is away:
        that is an answer. Sinks are asked what they hold; where there are none, nothing is said of them, nor
        of subscribers. Nothing in the answer is about a person.
        """
        return areas.health_of(
            self._resources, self._subscribers, self._sinks, outbox=outbox, subscription=subscription
        )

    def close(self, *, signs: bool = True) -> None:
        """Sign the log for the sinks, then close everything, even when some of it fails to close.

        Without `signs` nothing is signed, for whoever only looked.
        """
        if not signs:
            self._signing.pop_all()
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Agency {self.jurisdiction.key}>"

    def _repr_html_(self) -> str:
        rows = [
            ("jurisdiction", self.jurisdiction.key),
            ("storage", type(self._resources.storage).__name__),
            *((f"plugin {each.origin}", ", ".join(each.keys)) for each in self.plugins.loaded),
            *((f"plugin {each.origin}", "left out") for each in self.plugins.quarantined),
        ]
        return html_table(self._name, ("part", "in use"), rows, has_row_headings=True)
