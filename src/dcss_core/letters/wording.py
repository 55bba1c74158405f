"""Wording: how the letter about an event is written.

A wording is a function of the event, of who writes and of what the letter carries; it gives None where this
event of its class is nothing to write about.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dcss_core.base.events import Event
from dcss_core.letters.carried import Carried
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.letters.letterhead import Letterhead

Wording: TypeAlias = Callable[[Any, Letterhead, Carried | None], Letter | None]
Wordings: TypeAlias = Mapping[type[Event], Wording]


def always(subject: str, text: str, occasion: Occasion) -> Wording:
    """The same words, whatever the event holds."""
    return lambda event, letterhead, carried: letterhead.letter(subject, text, occasion)
