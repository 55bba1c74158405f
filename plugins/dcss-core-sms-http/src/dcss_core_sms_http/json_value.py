"""JSON of a far side, and what stands where in it.

Decides what can be read. Invariants: whatever the bytes are, there is a value or none, and no exception;
an object with a key twice is not read, for two readers would read it differently; nothing is guessed: a
path leads to what stands there or nowhere.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

NOTHING: Final = object()
"""What stands where nothing stands."""


def read_json(body: bytes) -> object:
    """The JSON that the bytes are in UTF-8; NOTHING for any others."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return NOTHING


def value_at(path: str, document: object) -> object:
    """What stands at `messages.0.id`: a key of an object or the place in a list, from the outside in.

    NOTHING where nothing stands, or null.
    """
    for step in path.split("."):
        match document:
            case dict() if step in document:
                document = document[step]
            case list() if step.isascii() and step.isdigit() and len(step) <= 6 and int(step) < len(document):
                document = document[int(step)]
            case _:
                return NOTHING
    return NOTHING if document is None else document


def is_same(found: object, wanted: object) -> bool:
    """Whether two values are equal and of one kind: 1 is neither true nor 1.0."""
    return type(found) is type(wanted) and found == wanted


def text_of(found: object) -> str | None:
    """A text or a whole number as text; None for anything else."""
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found) if abs(found) < 10**30 else None
    return found if isinstance(found, str) else None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key twice")
    return made


def _no_number(_constant: str) -> NoReturn:
    raise ValueError("no number of JSON")
