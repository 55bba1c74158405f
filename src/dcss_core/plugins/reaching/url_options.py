"""UrlOptions: the options after the `?` of a plugin's URL.

Decides which options a URL may have and what they say: `name=value`, with `&` between; percent-escapes are
decoded, and `+` stays `+`, for it is common in addresses. An option without a value is empty text, which the
plugin judges. Invariants: every fault of the options is found at once; no fault repeats a part of a URL, for
a password with an unescaped `?` or `&` turns up as the name or the value of an option.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Self
from urllib.parse import unquote

import attrs

from dcss_core.errors import Fault

_WHERE: Final = "options"


@attrs.frozen
class UrlOptions:
    """The options that were given, by name, and what is wrong with them.

    A plugin reads them so::

        options = UrlOptions.read(urlsplit(url).query, known=("timeout_seconds", "ca_file"))
        faults = [*options.faults, *options.faults_of_number("timeout_seconds", largest=300)]
        if faults:
            raise ConfigurationError("mail can't be sent with this URL", faults=faults)
        seconds = options.number("timeout_seconds", default=10)
    """

    given: Mapping[str, str] = attrs.field(repr=False)
    faults: tuple[Fault, ...] = ()

    @classmethod
    def read(cls, query: str, *, known: Sequence[str]) -> Self:
        """Read what stands between `?` and `#`; `known` are the names a URL may have."""
        pairs = list(_pairs(query))
        given = dict(
            reversed(pairs)
        )  # of an option that stands there twice the first counts, and it is a fault
        return cls(given, tuple(_faults(pairs, known)))

    def text(self, name: str, default: str = "") -> str:
        """What an option says; the default where it was left out."""
        return self.given.get(name, default)

    def number(self, name: str, *, default: int) -> int:
        """The number an option says, once `faults_of_number` found no fault; the default where left out."""
        return int(self.given.get(name, default))

    def faults_of_number(self, name: str, *, largest: int, smallest: int = 1) -> Iterator[Fault]:
        """A fault where an option was given and is no whole number from the smallest to the largest."""
        text = self.given.get(name)
        if text is not None and not _is_number(text, smallest, largest):
            yield Fault(name, "other text", f"a whole number from {smallest} to {largest}")


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for option in filter(None, query.split("&")):
        name, _, value = option.partition("=")
        yield unquote(name), unquote(value)


def _faults(pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> Iterator[Fault]:
    names = [name for name, _ in pairs]
    for name in dict.fromkeys(names):
        if name not in known:
            yield Fault(_WHERE, "an unknown option", _expected(name, known))
    if len(set(names)) < len(names):
        yield Fault(_WHERE, "an option twice", "each option once")


def _expected(name: str, known: Sequence[str]) -> str:
    nearest = get_close_matches(name, known, n=1)
    listed = ", ".join(known) or "none"
    return f"perhaps '{nearest[0]}'; one of {listed}" if nearest else listed


def _is_number(text: str, smallest: int, largest: int) -> bool:
    readable = text.isascii() and text.isdigit() and len(text) <= len(str(largest))
    return readable and smallest <= int(text) <= largest
