"""Wait: for how long a transaction may wait for others, as the port takes it.

Decides what is no wait: less than nothing, no number, and what has no end, as far as anybody could tell.
"""

from typing import Final

from dcss_core.errors import Fault, InvalidInputError

_FOR_EVER: Final = 10**12  # more than 30,000 years


def check_wait(wait_seconds: object) -> None:
    """Refuse what can't be a wait in seconds, or None; raises InvalidInputError. For authors of storages."""
    is_number = isinstance(wait_seconds, int | float) and not isinstance(wait_seconds, bool)
    if wait_seconds is None or (is_number and 0 <= wait_seconds < _FOR_EVER):  # type: ignore[operator]
        return
    found = "another number" if is_number else f"a {type(wait_seconds).__name__}"
    fault = Fault("wait_seconds", found, "0 or more seconds that end, or None")
    raise InvalidInputError("a transaction can't wait for so long", faults=[fault])
