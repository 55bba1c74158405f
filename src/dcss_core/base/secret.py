"""Secret: text that must not get out by accident.

Decides how passwords, answers, tokens, Social Security and account numbers are carried. Invariants:
`repr`, `str`, `format` and logging show a mask; it can't be hashed, pickled, copied into another
process or compared in variable time; only `reveal()` gives the text, so that every place that uses
it can be found by searching for that word; a class made from Secret decides what it is made from, and
none of this.
"""

import hmac
from typing import Final, NoReturn, Self

from dcss_core.errors import Fault, InvalidInputError, InvariantError

MASK: Final = "•••"


class Secret:
    """A piece of text that shows itself only through `reveal()`."""

    __slots__ = ("_text",)
    _text: str

    def __init_subclass__(cls) -> None:
        own = {name for name, each in vars(Secret).items() if callable(each)} - {"__init__"}
        changed = sorted(vars(cls).keys() & (own | {"_text", "__getattribute__", "__getattr__"}))
        if changed:
            raise InvariantError(f"a class made from Secret leaves {', '.join(changed)} as it is")

    def __init__(self, text: str) -> None:
        if type(text) is not str:  # a subclass may answer otherwise the second time
            fault = Fault(type(self).__name__, type(text).__name__, "a str")  # never what was given
            raise InvalidInputError(f"a {type(self).__name__} is made from text", faults=[fault])
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """Give the text itself. Everything after this call is the caller's responsibility."""
        return self._text

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret can't be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Secret can't be changed")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self._text, other._text
        return hmac.compare_digest(
            mine.encode("utf-8", "surrogatepass"), theirs.encode("utf-8", "surrogatepass")
        )

    __hash__ = None  # type: ignore[assignment]  # a hash in a set or dict is a fingerprint that leaks

    def __repr__(self) -> str:
        return f"{type(self).__name__}({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} can't be pickled")

    def __getstate__(self) -> NoReturn:  # object's own would hand out the slots
        raise TypeError(f"a {type(self).__name__} can't be pickled")
