"""Peppers: the secret keys that go into every password hash and are kept apart from it.

Decides nothing (NIST SP 800-63B-4 §3.1.1.2: a keyed hash, its key stored apart). Invariant: a pepper that is
not at hand is an error of configuration, never everybody's wrong password.
"""

from collections.abc import Mapping

from dcss_core.errors import ConfigurationError


def pepper_named(peppers: Mapping[str, bytes], pepper_id: str) -> bytes:
    """The pepper with this id; raises ConfigurationError when it is not at hand."""
    if pepper_id not in peppers:
        raise ConfigurationError(
            f"passwords were hashed with pepper '{pepper_id}', which is not at hand; "
            "open the agency with the key ring that was used before"
        )
    return peppers[pepper_id]
