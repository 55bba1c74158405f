"""PHC strings: how a password hash is written down, scheme, cost, salt and tag in one text.

Decides how bytes stand in it: base64 without padding, in the one canonical spelling. Two spellings of one
tag would be two hashes, so only the canonical one is read.
"""

import base64
import binascii


def scheme_of(phc: str) -> str:
    """The name of the scheme a PHC string begins with; empty when it is none."""
    empty, _, rest = phc[:100].partition("$")
    return "" if empty else rest.partition("$")[0]


def bytes_written(content: bytes) -> str:
    """Bytes as a PHC string holds them."""
    return base64.b64encode(content).rstrip(b"=").decode()


def bytes_read(text: str) -> bytes | None:
    """The bytes of a part of a PHC string; None when it is not canonical base64."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
    return content if bytes_written(content) == text else None
