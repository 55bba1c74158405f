"""Place: where a storage keeps what it keeps, until it is closed."""

from typing import Protocol

from dcss_core.errors import BackendError


class Place(Protocol):
    """What tells whether a storage was closed."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing of it may be used any more."""
        ...


def refuse_if_closed(place: Place) -> None:
    """Raise BackendError, not retryable, once a storage is closed."""
    if place.is_closed:
        raise BackendError("this storage was closed; open another", retryable=False)
