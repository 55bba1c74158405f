"""canonical(): the one JSON text of plain values.

Decides keys in the order of their code points, no spaces, every character as itself. Invariants: equal values
give equal text, on every machine and run; what has no JSON (NaN, an object) is refused by ValueError or
TypeError, as `json` does it.
"""

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any, Final

_ENCODER: Final = JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: object) -> str:
    """Write plain values as JSON: None, bool, int, float, str, and lists, tuples and mappings of them.

    Text is not composed: two spellings of one letter stay two texts.
    """
    return encoder.encode_basestring(value) if type(value) is str else _written(value)


def _kept_encoder() -> Callable[[object], str]:
    # JSONEncoder.encode builds the C encoder anew at each call, which takes as long as a small value does.
    # CPython promises it to nobody: where there is none, or one made otherwise, the slow way is taken.
    make: Any = getattr(encoder, "c_make_encoder", None)
    try:
        # The first argument would hold marks against a value that holds itself, and all threads would share
        # them. Without it such a value is a RecursionError.
        parts = make(None, _ENCODER.default, encoder.encode_basestring, None, ":", ",", True, False, False)
    except TypeError:
        return _ENCODER.encode
    return lambda value: "".join(parts(value, 0))


_written: Final = _kept_encoder()
