"""Assigned passwords: random, typed once, replaced at once.

Decides their shape: groups of four from 32 characters that are not mistaken for one another (no 0, 1,
l, o), at least 20 of them, so 100 random bits and more. Invariant: an assigned password satisfies the
policy for the person it is made for (ASVS 5.0.0, 6.4.1).
"""

import hashlib
from typing import Final

from dcss_core.errors import InvariantError
from dcss_core.users.password import Password
from dcss_core.users.password_policy import PasswordContext, PasswordPolicy

RANDOM_BYTES: Final = 32
_ALPHABET: Final = "23456789abcdefghijkmnpqrstuvwxyz"
_GROUP: Final = 4
_FEWEST_GROUPS: Final = 5
_MOST_TRIES: Final = 100


def assigned_password(random: bytes, policy: PasswordPolicy, context: PasswordContext) -> Password:
    """Make a password from 32 random bytes; raises InvariantError for another number of them."""
    if len(random) != RANDOM_BYTES:
        raise InvariantError(f"an assigned password is made from {RANDOM_BYTES} bytes, not {len(random)}")
    groups = max(_FEWEST_GROUPS, -(-(policy.min_length + 1) // (_GROUP + 1)))
    for attempt in range(_MOST_TRIES):
        stream = hashlib.shake_256(random + bytes([attempt])).digest(groups * _GROUP)
        letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in stream)  # 256 is 8 times 32: no bias
        grouped = "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
        password = Password(grouped[: policy.max_length])
        if not policy.violations(password, context):
            return password
    raise InvariantError("no assigned password satisfies the password policy")
