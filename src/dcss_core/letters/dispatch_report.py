"""DispatchReport: what one round of dispatch did."""

import attrs


@attrs.frozen
class DispatchReport:
    """What one round of dispatch did; `failed` will be tried again, `dead` will not."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0

    def __str__(self) -> str:
        return f"{self.delivered} delivered, {self.failed} to try again, {self.dead} given up"
