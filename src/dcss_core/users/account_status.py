"""AccountStatus: what staff see of an account, counts and instants only."""

from datetime import datetime

import attrs

from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.users.account import AccountKind, AccountState, ChangeReason
from dcss_core.users.second_factor.on_file import FactorOnFile


@attrs.frozen
class AccountStatus:
    """What staff see of an account; counts and instants only, and how its owner calls each second factor.

    `failures` are all since the last finished sign-in; a second factor is disabled after as many wrong codes
    as disable a password; `has_address` says whether letters can go out.
    """

    account_id: str
    user_id: str
    kind: AccountKind
    state: AccountState
    created_at: datetime
    password_set_at: datetime
    locked_until: datetime | None
    failures: int
    is_password_disabled: bool
    change_reason: ChangeReason | None
    has_second_factor: bool
    is_second_factor_disabled: bool
    has_address: bool
    open_sessions: int
    second_factors: tuple[FactorOnFile, ...] = ()


@attrs.frozen
class Identifiers:
    """What a participant registers with."""

    irn: Irn | None
    client_id: ClientId | None
