"""Keys from the environment: `env:DCSS_MASTER_KEYS` names a variable that holds the text of a key file.

Decides which variable is read. Invariants: it is read when an agency is opened and never changed; no error
shows what stands in it. Whoever may read the environment of the process reads the keys, and so does every
program that it starts: a key file for its owner alone is the better place where there is one.
"""

import os
import re
from typing import Final

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, Fault
from dcss_core.plugins.key_text import read_key_text
from dcss_core.ports.keys import KeyRing

SCHEME: Final = "env"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def keys_in_environment(url: str) -> KeyRing:
    """The keys in the variable that `env:NAME` names; raises ConfigurationError."""
    name = url.partition(":")[2]
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            "keys are read from a variable of the environment",
            faults=[Fault("keys", "no name of a variable after 'env:'", "as env:DCSS_MASTER_KEYS")],
        )
    text = Secret(os.environ.get(name, ""))
    if not text:
        raise ConfigurationError(
            f"the variable {name} is not set, or empty; put the text of the agency's key file into it"
        )
    return read_key_text(text, where=f"the variable {name}")
