"""Agency: a jurisdiction's rules, a storage and channels, with the verbs of each area."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from inspect import isfunction, signature
from types import TracebackType
from typing import Final, Self

import attrs

from dcss_core.agency.accounts.accounts import Accounts
from dcss_core.agency.accounts.asking_again import AskingAgain
from dcss_core.agency.accounts.credentials import Credentials
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.accounts.second_factors import SecondFactors
from dcss_core.agency.accounts.sessions import Sessions
from dcss_core.agency.audit.log import AuditLog
from dcss_core.agency.audit.publishing import publish
from dcss_core.agency.callers.door import Door
from dcss_core.agency.cases.cases import Cases
from dcss_core.agency.filing import accounts, cases, payments
from dcss_core.agency.payments.payments import Payments
from dcss_core.agency.recovery.recovery import Recovery
from dcss_core.agency.sending.outbox import OUTBOX, Outbox
from dcss_core.agency.sending.subscriptions import SUBSCRIBER_POSITIONS, Subscriptions
from dcss_core.agency.staff.account_control import Oversight
from dcss_core.agency.staff.appointments import Staff
from dcss_core.agency.staff.resets import StaffResets
from dcss_core.agency.work.database_mark import AGENCY_IDENTITY, check_identity
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import AUDIT_LOG
from dcss_core.base.html.table import html_table
from dcss_core.errors import RulesError
from dcss_core.ports.channel import Channel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.loaded_plugins import LoadedPlugins
from dcss_core.ports.subscriber import Subscriber
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.permissions import Asks, Permissions
from dcss_core.users.second_factor.factor import SecondFactorMethod


@attrs.frozen(repr=False)
class Agency:
    """An open child-support agency. Close it, or use it in a `with` block."""

    accounts: Accounts
    credentials: Credentials
    sessions: Sessions
    second_factors: SecondFactors
    recovery: Recovery
    staff_resets: StaffResets
    cases: Cases
    payments: Payments
    oversight: Oversight
    staff: Staff
    outbox: Outbox
    subscriptions: Subscriptions
    audit: AuditLog
    jurisdiction: Jurisdiction
    plugins: LoadedPlugins
    _name: str
    _storage_kind: str
    _opened: ExitStack

    @classmethod
    def start(
        cls,
        resources: Resources,
        *,
        channels: Mapping[str, Channel],
        subscribers: Mapping[str, Subscriber],
        sinks: Mapping[str, CheckpointSink],
        second_factor: SecondFactorMethod,
        plugins: LoadedPlugins,
        opened: ExitStack,
    ) -> Self:
        """Prepare the storage, check that it is this agency's, and put the areas together.

        `plugins` is the report of what was loaded, for people to read; `opened` closes everything
        that was opened for this agency. Before it closes, the log is signed for the sinks.
        """
        resources.storage.prepare([records.collection for records in _EVERY_RECORD])
        check_identity(resources)
        door, passwords = Door(resources), PasswordChecks(resources)
        asking = AskingAgain(door, passwords)
        if sinks:
            opened.callback(publish, resources, sinks)
        return cls(
            accounts=Accounts(resources, door, passwords),
            credentials=Credentials(resources, door, passwords, asking),
            sessions=Sessions(resources, door, asking),
            second_factors=SecondFactors(resources, door, asking, second_factor),
            recovery=Recovery(resources, door, passwords),
            staff_resets=StaffResets(resources, door, passwords),
            cases=Cases(door),
            payments=Payments(resources, door),
            oversight=Oversight(resources, door),
            staff=Staff(resources, door, passwords),
            outbox=Outbox(resources, door, dict(channels)),
            subscriptions=Subscriptions(resources, door, dict(subscribers)),
            audit=AuditLog(resources, door, dict(sinks)),
            jurisdiction=resources.jurisdiction,
            plugins=plugins,
            name=resources.jurisdiction.on(resources.today()).text("agency.name"),
            storage_kind=type(resources.storage).__name__,
            opened=opened.pop_all(),
        )

    def close(self) -> None:
        """Sign the log for the sinks, then close everything, even when some of it fails to close."""
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
            ("storage", self._storage_kind),
            *((f"plugin {each.origin}", ", ".join(each.keys)) for each in self.plugins.loaded),
            *((f"plugin {each.origin}", "left out") for each in self.plugins.quarantined),
        ]
        return html_table(self._name, ("part", "in use"), rows, has_row_headings=True)


def permissions_of_every_verb(rules: RulesInForce) -> Permissions:
    """The table of permissions in force; raises RulesError when it lacks a verb or has one too many."""
    permissions = Permissions.from_rules(rules)
    faults = [*permissions.faults(_verbs())]
    if faults:
        raise RulesError(
            f"the permissions of {rules.jurisdiction} do not fit the verbs of an agency; mend the rule file",
            faults=faults,
        )
    return permissions


def _verbs() -> dict[str, Asks]:
    """The verbs of every area, as `payments.receive`, and whom each asks who they are."""
    areas = ((each.name, each.type) for each in attrs.fields(Agency))
    asks = {
        f"{area}.{name}": _asks(verb)
        for area, kind in areas
        if kind.__module__.startswith(_VERBS_STAND_BELOW)
        for name, verb in vars(kind).items()
        if isfunction(verb) and not name.startswith("_")
    }
    return asks | _ASKED_OTHERWISE


def _asks(verb: Callable[..., object]) -> Asks:
    parameters = signature(verb).parameters
    if "token" in parameters:
        return Asks.ACCOUNT
    return Asks.STAFF if "by" in parameters else Asks.NOBODY


_VERBS_STAND_BELOW: Final = "dcss_core.agency."
_ASKED_OTHERWISE: Final = {
    "accounts.sign_out": Asks.NOBODY,  # to end what has ended already is nothing to refuse
    "cases.own": Asks.PARENT,
    "payments.explain": Asks.PARENT_OR_STAFF,
    "payments.history": Asks.PARENT_OR_STAFF,
    "payments.statement": Asks.PARENT_OR_STAFF,
}
_EVERY_RECORD = (
    *cases.EVERY_RECORD,
    *payments.EVERY_RECORD,
    *accounts.EVERY_RECORD,
    AGENCY_IDENTITY,
    AUDIT_LOG,
    OUTBOX,
    SUBSCRIBER_POSITIONS,
)
