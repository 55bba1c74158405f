"""Assigned passwords: random, typed once, replaced at once.

Decides their shape: letter groups with at least 20 characters, so 100 random bits and more; where an
upper-case letter is asked for, the first one that is not mistaken as a capital. Invariant: an assigned
password satisfies the policy for the person it is made for (ASVS 5.0.0, 6.4.1).
"""

import hashlib
import re
from typing import Final

import attrs

from dcss_core.errors import InvariantError
from dcss_core.users.letter_groups import letter_groups
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

RANDOM_BYTES: Final = 32
_CLEAR_AS_CAPITAL: Final = re.compile("[a-hj-z]")  # a capital i reads like a small l
_GROUP: Final = 4
_FEWEST_GROUPS: Final = 5
_MOST_TRIES: Final = 100


def assigned_password(random: bytes, policy: PasswordPolicy, context: PasswordContext) -> Password:
    """Make a password from 32 random bytes; raises InvariantError for another number of them."""
    if len(random) != RANDOM_BYTES:
        raise InvariantError(f"an assigned password is made from {RANDOM_BYTES} bytes, not {len(random)}")
    # So many random bits stand in no list, so no list has to answer.
    context = attrs.evolve(context, breach_count=0)
    groups = max(_FEWEST_GROUPS, -(-(policy.min_length + 1) // (_GROUP + 1)))
    for attempt in range(_MOST_TRIES):
        stream = hashlib.shake_256(random + bytes([attempt])).digest(groups * _GROUP)
        grouped = letter_groups(stream)
        if CharacterClass.UPPER_CASE in policy.required_classes:
            grouped = _CLEAR_AS_CAPITAL.sub(lambda letter: letter[0].upper(), grouped, count=1)
        password = Password(grouped[: policy.max_length])
        if not policy.violations(password, context):
            return password
    raise InvariantError("no assigned password satisfies the password policy")
