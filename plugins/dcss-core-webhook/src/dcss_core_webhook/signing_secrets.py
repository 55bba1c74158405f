"""Signing secrets: what signs an event, read from the key file.

Decides which secrets can sign, by Standard Webhooks 1.0: `whsec_` and the Base64 of 24 to 64 bytes. A second
line holds the one that is being replaced. Invariants: every fault of the file is found at once; none repeats
anything of what stands in it.
"""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dcss_core.errors import Fault

_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_MOST: Final = 2
_LARGEST_FILE: Final = 1_000
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-fA-F]{2}){16,}")
_MADE_BY: Final = "printf 'whsec_%s\\n' \"$(openssl rand -base64 32)\""
_EXPECTED: Final = f"whsec_ and the Base64 of {_SHORTEST} to {_LONGEST} random bytes, as made by: {_MADE_BY}"


def read_secrets(path: str) -> tuple[tuple[bytes, ...], tuple[Fault, ...]]:
    """The secrets in a key file, newest first, and what is wrong with it."""
    text = _text_of(path)
    if text is None:
        no_text = "no file that can be read as text"
        return (), (Fault("key_file", no_text, "the file with the signing secret, and nothing else in it"),)
    lines = text.splitlines()
    faults = [*_faults_of_lines(lines)]
    secrets = [_bytes_of(line) for line in lines]
    for place, secret in enumerate(secrets):
        if secret is None:
            faults.append(Fault(f"key_file, line {place + 1}", _what_it_is(lines[place]), _EXPECTED))
    known = tuple(secret for secret in secrets if secret is not None)
    if len(set(known)) < len(known):
        faults.append(Fault("key_file", "a secret twice", "each once"))
    return known, tuple(faults)


def _text_of(path: str) -> str | None:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        return content.decode("ascii").strip() if len(content) <= _LARGEST_FILE else None
    except (OSError, ValueError):
        return None


def _faults_of_lines(lines: list[str]) -> Iterator[Fault]:
    if not lines:
        yield Fault("key_file", "nothing", _EXPECTED)
    if len(lines) > _MOST:
        expected = "one secret, or two while one replaces the other: the new one first"
        yield Fault("key_file", f"{len(lines)} lines", expected)


def _bytes_of(line: str) -> bytes | None:
    encoded = line.strip()
    if not encoded.startswith(_PREFIX):
        return None
    encoded = encoded.removeprefix(_PREFIX).rstrip("=")
    try:
        secret = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        return None
    return secret if _SHORTEST <= len(secret) <= _LONGEST else None


def _what_it_is(line: str) -> str:
    if _HEXADECIMAL.fullmatch(line.strip()):
        return "a hexadecimal key, which Standard Webhooks does not have"
    return "no such secret" if line.strip().startswith(_PREFIX) else "something else"
