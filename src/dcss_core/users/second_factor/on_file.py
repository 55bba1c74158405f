"""SecondFactorOnFile: how somebody stands with their second factor."""

from datetime import datetime

import attrs


@attrs.frozen
class SecondFactorOnFile:
    """How somebody stands with their second factor; `enrolled_at` is None when they have none."""

    is_demanded: bool
    enrolled_at: datetime | None
    saved_codes_left: int
