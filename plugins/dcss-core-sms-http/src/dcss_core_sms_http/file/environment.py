"""Secrets, from the variables of the environment that the file names.

Decides which values can be one. Invariants: a secret never stands in the file; no fault shows one, only
the name of its variable; a line break at its end, which shells and editors add, is told when the file is
read and not by a gateway's refusal.
"""

import os
import re
from typing import Final

from dcss_core import Secret
from dcss_core_sms_http.file.table import Table

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_A_NAME: Final = "the name of a variable of the environment, as DCSS_SMS_TOKEN"


def secret_named(table: Table, key: str) -> Secret:
    """The secret in the variable that a key of the file names; what is wrong is noted."""
    name = table.text(key, expected=_A_NAME)
    if not name:
        return Secret("")
    if not _NAME.fullmatch(name):
        table.fault(key, "no name of a variable", _A_NAME)
        return Secret("")
    text = Secret(os.environ.get(name, ""))  # noqa: TID251 - a plugin has no settings but its URL and these
    if not text:
        table.fault(key, f"the variable {name}, which is not set, or empty", "one that holds the secret")
    elif not _is_plain(text):
        table.fault(
            key,
            f"a line break or another sign than ASCII in the variable {name}",
            "the secret and nothing else",
        )
    return text


def _is_plain(text: Secret) -> bool:
    return text.reveal().isascii() and text.reveal().isprintable()
