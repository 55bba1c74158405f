"""SecondFactorOnFile: how somebody stands with their second factors, and what they are asked for."""

from datetime import datetime

import attrs

from dcss_core.base.secret import Secret


@attrs.frozen
class FactorOnFile:
    """One factor as its owner sees it; `last_used_at` is None until it was given at a sign-in."""

    factor_id: str
    name: str
    method: str
    enrolled_at: datetime
    last_used_at: datetime | None


@attrs.frozen
class SecondFactorOnFile:
    """How somebody stands with their second factors, the oldest first.

    `enrolled_at` is since when they have one without a break, None when they have none.
    """

    is_demanded: bool
    enrolled_at: datetime | None
    saved_codes_left: int
    factors: tuple[FactorOnFile, ...] = ()


@attrs.frozen
class FactorAsked:
    """One method that the owner can answer with; `shown` goes to the browser, None where a code is typed."""

    method: str
    shown: Secret | None
