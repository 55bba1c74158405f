"""strict_json(): JSON from outside, read so that a text means one thing only.

Decides which texts are refused though Python's reader takes them: a key that stands twice in one object,
of which Python keeps the last and other readers the first; NaN and Infinity, which are not JSON; numbers with
a fraction or an exponent, which this library never writes; nests too deep to be read. Invariant: no refusal
repeats the text, which may be a secret.
"""

from json import JSONDecoder
from typing import Any, Final, NoReturn

from dcss_core.errors import Fault, InvalidInputError


def strict_json(text: str) -> Any:
    """Read JSON; raises InvalidInputError for any other text, and for what is no text."""
    try:
        return _STRICT.decode(_text(text))
    except (ValueError, RecursionError):
        fault = Fault("text", "another text", "JSON that can be read in one way only")
        raise InvalidInputError("this is not JSON", faults=[fault]) from None  # the cause holds the text


def _text(given: object) -> str:
    if type(given) is not str:
        raise ValueError("no text")
    return given


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("the same key twice")
    return read


def _refuse(_number: str) -> NoReturn:
    raise ValueError("no whole number")


_STRICT: Final = JSONDecoder(object_pairs_hook=_each_key_once, parse_constant=_refuse, parse_float=_refuse)
