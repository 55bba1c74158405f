"""Which text is one mail address that can stand in an envelope and in a header as it is.

Invariant: what is accepted has no space, quote, comma, bracket, line break or character outside ASCII,
so it can neither end a header nor name a second recipient.
"""

import re
from typing import Final

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")  # RFC 5322 3.4.1, dot-atom
_LONGEST_LOCAL_PART: Final = 64  # RFC 5321 4.5.3.1.1
_LONGEST_ADDRESS: Final = 254  # RFC 5321 4.5.3.1.3, less the angle brackets


def is_mail_address(text: str) -> bool:
    """Whether the text is a single address, as `parent@example.org`."""
    local_part = text.partition("@")[0]
    return (
        len(text) <= _LONGEST_ADDRESS
        and len(local_part) <= _LONGEST_LOCAL_PART
        and _ADDRESS.fullmatch(text) is not None
    )
