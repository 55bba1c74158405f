"""Generated source: a function written out for one declared shape, in place of a loop over its fields.

Decides how such source becomes a function. Invariants: a traceback through it shows its lines; only names
stand in it, those of fields and of what the caller hands over, and no value.
"""

import linecache
from collections.abc import Mapping
from itertools import count
from typing import Any


def function_of(name: str, source: str, names: Mapping[str, object], *, of: str) -> Any:
    """The function of this name that the source defines.

    `names` are what the source may use besides builtins; `of` says in tracebacks what it was written for.
    """
    defined = dict(names)
    exec(compile(source, _filed(source, f"{name} of {of}"), "exec"), defined)  # noqa: S102  # our own source
    return defined[name]


def _filed(source: str, title: str) -> str:
    """The name under which the source is kept for tracebacks; two sources never share one."""
    lines = source.splitlines(keepends=True)
    for number in count(1):
        place = f"<{title}>" if number == 1 else f"<{title}, {number}>"
        entry = (len(source), None, lines, place)  # None: from no file, so that nobody looks for a newer one
        if linecache.cache.setdefault(place, entry) == entry:
            return place
    raise AssertionError("unreachable")  # pragma: no cover
