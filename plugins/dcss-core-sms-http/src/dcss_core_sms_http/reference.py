"""The reference of a message: what the gateway is told as its id.

Decides how a message's id is handed on. Invariants: it is the same at every attempt, and no other
message's; it says nothing, where a message's own id names an account and what the letter is about.
"""

from hashlib import sha256
from typing import Final

_DIGITS: Final = 32


def reference_of(message_id: str) -> str:
    """The reference of a message: 32 hexadecimal digits, made of its id alone."""
    return sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
