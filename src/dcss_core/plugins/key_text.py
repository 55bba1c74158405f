"""Key text: master keys as they are written, in a key file, a variable or what a vault gives back.

Decides the one form that keys are written in, wherever they are kept. Invariants: what is written reads as
the same ring; no error and no traceback shows a key.
"""

import json
from typing import Any, Final, TypeAlias

from dcss_core.base.json.strict_json import strict_json
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvalidInputError
from dcss_core.ports.keys import KeyRing, MasterKey, RetiredKey

_VERSION: Final = 1
_BOUND: Final = "signs_nothing_after"
_Read: TypeAlias = tuple[list[tuple[str, Secret, int | None]], list[tuple[str, bytes, int]]]


def read_key_text(text: Secret, *, where: str) -> KeyRing:
    """Read a key ring from the text of a key file; the first key is current.

    `where` is what the error calls the place it was read from, as "the file keys.json". Raises
    ConfigurationError, which shows no key.
    """
    written = _written_in(text)
    if written is None:
        raise ConfigurationError(
            f"{where} does not hold the text of a key file of version {_VERSION}; make one with "
            "create_key_file(path) and keep it apart from the database"
        )
    keys, retired = written
    return KeyRing(tuple(MasterKey(*each) for each in keys), tuple(RetiredKey(*each) for each in retired))


def write_key_text(ring: KeyRing) -> Secret:
    """Write a key ring as the text of a key file."""
    keys: list[dict[str, Any]] = []
    for key in ring.keys:
        bound = {} if key.signs_nothing_after is None else {_BOUND: key.signs_nothing_after}
        keys.append({"id": key.key_id, "key": key.key_hex.reveal(), **bound})
    retired = [written_retired(key) for key in ring.retired]
    written = {"dcss_core_keys": _VERSION, "keys": keys, **({"retired": retired} if retired else {})}
    return Secret(json.dumps(written, indent=2))


def written_retired(key: RetiredKey) -> dict[str, str | int]:
    """What stands under `retired` for a key that is: nothing secret."""
    return {"id": key.key_id, "public_key": key.public_key.hex(), _BOUND: key.signs_nothing_after}


def _written_in(text: Secret) -> _Read | None:
    # Nothing is raised from here, so that no traceback that shows variables shows the keys as they were read.
    try:
        content = strict_json(text.reveal())
        keys = [(key.pop("id"), Secret(key.pop("key")), key.pop(_BOUND, None)) for key in content["keys"]]
        written_as_retired = content.pop("retired", [])
        retired = [
            (key.pop("id"), bytes.fromhex(key.pop("public_key")), key.pop(_BOUND))
            for key in written_as_retired
        ]
        known = content.pop("dcss_core_keys") == _VERSION
        unknown = [key for key in (*content.pop("keys"), *written_as_retired, content) if key]
    except (KeyError, TypeError, ValueError, AttributeError, InvalidInputError):
        return None
    ids = [each[0] for each in (*keys, *retired)]
    bounds = [each[2] for each in (*keys, *retired) if each[2] is not None]
    are_as_written = all(type(key_id) is str for key_id in ids) and all(type(each) is int for each in bounds)
    return (keys, retired) if known and not unknown and are_as_written else None
