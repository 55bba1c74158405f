"""Which text is a host name."""

import re
from typing import Final

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def is_host_name(text: str) -> bool:
    """Whether the text is a host name, as `mail.example.gov`, or an IPv4 address."""
    return len(text) <= 253 and _HOST.fullmatch(text) is not None
