"""Source: where a request comes from, as it is written down."""

from typing import Final

from dcss_core.base.printable import printable

_LONGEST: Final = 200


def written_source(source: str | None) -> str | None:
    """The source as it is counted by and kept: a front end may have it from a stranger. None when blank."""
    return printable(source, _LONGEST) if source and source.strip() else None
