"""Places: what stands for a value in the template of a request, as `{text}`.

Decides what is put where. Invariants: a value is put in once and as it is, so that a text which looks
like a place stays a text; a secret is revealed where a request is written, and nowhere else.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from dcss_core import Secret
from dcss_core_sms_http.file.table import Table

_PLACE: Final = re.compile(r"\{([^{}]*)\}")

Put = Callable[[str], str]


def note_faults_of_text(table: Table, key: str, text: str, known: Collection[str]) -> None:
    """Note each place in a text that is unknown there, and a brace that is none."""
    expected = f"one of {', '.join(f'{{{name}}}' for name in known)}"
    if not set(places_in(text)) <= set(known):
        table.fault(key, "a place that is unknown here", expected)
    if set("{}") & set(_PLACE.sub("", text)):
        table.fault(key, "a brace without its fellow", expected)


def places_in(text: str) -> list[str]:
    """The names of the places in a text."""
    return _PLACE.findall(text)


def filled(template: str, values: Mapping[str, Secret]) -> str:
    """The text with a value in each of its places."""
    return _PLACE.sub(lambda place: values[place[1]].reveal(), template)


def mapped(template: Any, put: Put) -> Any:
    """A template of tables, lists and texts with each of its texts put anew; other values as they are."""
    match template:
        case dict():
            return {key: mapped(value, put) for key, value in template.items()}
        case list():
            return [mapped(value, put) for value in template]
        case str():
            return put(template)
    return template
