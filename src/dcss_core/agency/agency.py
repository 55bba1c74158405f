"""Agency: a jurisdiction's rules, a storage and channels, with the verbs of each area."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import attrs

from dcss_core.agency.accounts.accounts import Accounts
from dcss_core.agency.accounts.credentials import Credentials
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.accounts.second_factors import SecondFactors
from dcss_core.agency.accounts.sessions import Sessions
from dcss_core.agency.audit.log import AuditLog
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
from dcss_core.base.html_table import html_table
from dcss_core.ports.channel import Channel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.loaded_plugins import LoadedPlugins
from dcss_core.ports.subscriber import Subscriber
from dcss_core.rules.jurisdiction import Jurisdiction
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
        channels: Sequence[Channel],
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
        passwords, audit = PasswordChecks(resources), AuditLog(resources, dict(sinks))
        if sinks:
            opened.callback(audit.publish)
        return cls(
            accounts=Accounts(resources, passwords),
            credentials=Credentials(resources, passwords),
            sessions=Sessions(resources, passwords),
            second_factors=SecondFactors(resources, passwords, second_factor),
            recovery=Recovery(resources, passwords),
            staff_resets=StaffResets(resources, passwords),
            cases=Cases(resources),
            payments=Payments(resources),
            oversight=Oversight(resources),
            staff=Staff(resources, passwords),
            outbox=Outbox(resources, tuple(channels)),
            subscriptions=Subscriptions(resources, dict(subscribers)),
            audit=audit,
            jurisdiction=resources.jurisdiction,
            plugins=plugins,
            name=resources.rules().text("agency.name"),
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


_EVERY_RECORD = (
    *cases.EVERY_RECORD,
    *payments.EVERY_RECORD,
    *accounts.EVERY_RECORD,
    AGENCY_IDENTITY,
    AUDIT_LOG,
    OUTBOX,
    SUBSCRIBER_POSITIONS,
)
